"""Lanes: every job once, the urgent first, and no more at once than AWS takes."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.observer.lanes import HOPELESS, NARROWEST, THREADS, WIDTH, Job, Lane, Lanes, Pace, Turn

SOON = 20.0
"""Seconds after which something that should have happened by itself did not."""


@dataclass
class Jobs:
    """Jobs that wait until they are let go, and what became of them."""

    gate: threading.Event = field(default_factory=threading.Event)
    ran: list[str] = field(default_factory=list)
    running: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def job(self, lane: str, name: str = "", pace: Pace = Pace.FREE, gate: threading.Event | None = None) -> Job:
        """A job of a lane that ends when its gate opens."""

        def work(turn: Turn) -> Pace:
            with self._changed:
                self.running[lane] += 1
                self.most[lane] = max(self.most[lane], self.running[lane])
                self._changed.notify_all()
            assert (gate or self.gate).wait(SOON)
            with self._changed:
                self.running[lane] -= 1
                self.ran.append(name or lane)
                self._changed.notify_all()
            return pace

        return work

    def wait_for_settling(self, is_so: Callable[[], bool]) -> None:
        """Until a lane has learnt what it should from jobs that have ended."""
        ends = time.monotonic() + SOON
        while not is_so():
            assert time.monotonic() < ends
            time.sleep(0.001)

    def wait(self, is_so: Callable[[], object]) -> None:
        """Until something is so."""
        with self._changed:
            assert self._changed.wait_for(is_so, SOON), (self.ran, self.running)


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


@settings(deadline=None, max_examples=30)
@given(
    st.integers(1, 8),
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.sampled_from(Pace)),
        max_size=60,
    ),
)
def test_every_job_runs_exactly_once(threads: int, wanted: list[tuple[str, int, Pace]]) -> None:
    """However many threads and lanes there are, and whatever the jobs say of their lane."""
    lanes, jobs = Lanes(threads), Jobs()
    jobs.gate.set()
    for number, (lane, urgency, pace) in enumerate(wanted):
        lanes.submit(lane, urgency, jobs.job(lane, str(number), pace))
    jobs.wait(lambda: len(jobs.ran) == len(wanted))
    assert sorted(map(int, jobs.ran)) == list(range(len(wanted)))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=30))
def test_one_thread_takes_the_most_urgent_of_all_lanes(wanted: list[tuple[str, int]]) -> None:
    """And of those that are as urgent, the one that came first."""
    lanes, jobs, first = Lanes(threads=1), Jobs(), threading.Event()
    lanes.submit("first", 0, jobs.job("first", gate=first))
    jobs.wait(lambda: jobs.running["first"])
    for number, (lane, urgency) in enumerate(wanted):
        lanes.submit(lane, urgency, jobs.job(lane, str(number)))
    jobs.gate.set()
    first.set()
    jobs.wait(lambda: len(jobs.ran) == len(wanted) + 1)
    numbers = sorted(range(len(wanted)), key=lambda number: wanted[number][1])
    assert jobs.ran == ["first", *map(str, numbers)]


def test_a_lane_is_no_wider_than_its_width(jobs: Jobs) -> None:
    """What is over waits, although threads are free."""
    lanes = Lanes()
    for number in range(THREADS):
        lanes.submit("a", 0, jobs.job("a", str(number)))
    jobs.wait(lambda: jobs.running["a"] == WIDTH)
    lanes.submit("b", 0, jobs.job("b"))
    jobs.wait(lambda: jobs.running["b"] == 1)
    jobs.gate.set()
    jobs.wait(lambda: len(jobs.ran) == THREADS + 1)
    assert jobs.most["a"] == WIDTH


def test_a_lane_that_stands_still_holds_no_other_up(jobs: Jobs) -> None:
    """A service that does not answer keeps its own width of threads, and no more."""
    lanes, others = Lanes(), threading.Event()
    others.set()
    for number in range(200):
        lanes.submit("still", 0, jobs.job("still", f"still {number}"))
    for number in range(200):
        lanes.submit(f"other {number % 3}", 5, jobs.job("other", f"other {number}", gate=others))
    jobs.wait(lambda: len(jobs.ran) == 200)
    assert jobs.running["still"] == WIDTH
    jobs.gate.set()
    jobs.wait(lambda: len(jobs.ran) == 400)


@settings(deadline=None)
@given(st.lists(st.sampled_from(Pace), max_size=80))
def test_a_lane_halves_where_it_is_throttled_and_grows_with_every_answer(paces: list[Pace]) -> None:
    """Never wider than it began, and never so narrow that nobody learns when it can be wider again."""
    lane = Lane()
    for pace in paces:
        before = lane.width
        lane.settle(Turn("a"), pace)
        if pace is Pace.FREE:
            assert lane.width == min(WIDTH, before + 1 / before)
        else:
            assert lane.width == max(NARROWEST, before / 2)


@settings(deadline=None)
@given(st.integers(int(NARROWEST), int(WIDTH) - 2))
def test_as_many_answers_as_run_at_once_make_a_lane_about_one_wider(width: int) -> None:
    """So it grows as fast whatever its width."""
    lane = Lane(width=float(width))
    for _ in range(width):
        lane.settle(Turn("a"), Pace.FREE)
    assert width + 0.7 < lane.width <= width + 1


def test_a_lane_is_hopeless_when_the_slowest_asking_got_nothing(jobs: Jobs) -> None:
    """Many that began at once and were throttled say nothing yet: a few at a time may be answered."""
    lanes = Lanes()
    for _ in range(int(WIDTH)):
        lanes.submit("a", 0, jobs.job("a", pace=Pace.BLOCKED))
    jobs.wait(lambda: jobs.running["a"] == WIDTH)
    jobs.gate.set()
    jobs.wait(lambda: len(jobs.ran) == WIDTH)
    assert not lanes.is_hopeless("a")
    for paces, hopeless in (((HOPELESS - 1) * [Pace.BLOCKED], False), ([Pace.SLOW], False)):
        _one_by_one(lanes, jobs, paces)
        assert lanes.is_hopeless("a") is hopeless
    _one_by_one(lanes, jobs, (HOPELESS + 1) * [Pace.BLOCKED])
    jobs.wait_for_settling(lambda: lanes.is_hopeless("a"))


def _one_by_one(lanes: Lanes, jobs: Jobs, paces: list[Pace]) -> None:
    """Jobs of lane ``a``, each after the one before has left the lane."""
    for pace in paces:
        done = len(jobs.ran)
        lanes.submit("a", 0, jobs.job("a", pace=pace))
        jobs.wait(lambda done=done: len(jobs.ran) > done)


def test_an_abandoned_job_gives_its_place_to_others(jobs: Jobs) -> None:
    """A lane full of jobs that hang goes on when nobody waits for them any more, and their ends change nothing."""
    lanes, hung, turns = Lanes(threads=int(WIDTH)), threading.Event(), []

    def hang(turn: Turn) -> Pace:
        turns.append(turn)
        return jobs.job("hung", gate=hung)(turn)

    for _ in range(int(WIDTH)):
        lanes.submit("a", 0, hang)
    jobs.wait(lambda: jobs.running["hung"] == WIDTH)
    for _ in range(int(WIDTH)):
        lanes.submit("a", 0, jobs.job("a"))
    for turn in turns:
        lanes.abandon(turn)
        lanes.abandon(turn)
    jobs.wait(lambda: jobs.running["a"] == WIDTH)
    hung.set()
    jobs.wait(lambda: jobs.ran.count("hung") == WIDTH)
    for _ in range(int(WIDTH)):
        lanes.submit("a", 0, jobs.job("a"))
    jobs.gate.set()
    jobs.wait(lambda: jobs.ran.count("a") == 2 * WIDTH)
    assert jobs.most["a"] == WIDTH
