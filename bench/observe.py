"""``python bench/observe.py``: the suite against the ``aws`` command and against plain boto3, on the same facts.

Every call takes 50 ms at a canned endpoint. All competitors run in turns; medians are printed, with what was aimed at.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from canned.process import CannedEndpoint, canned_endpoint
from measure import Run
from peers import competitors
from peers.agreement import digest_of
from peers.chain import longest_chain
from peers.competitors import Ground
from peers.record import Record
from phases import Phase, phases_of
from table import met, show

ROOT = Path(__file__).parents[1]
SUITE, CLI, PLAIN, PLAIN_8 = "the suite", "aws command, one by one", "plain boto3 suite", "plain boto3 suite -n 8"
AIMS = {CLI: 30.0, PLAIN: 5.0, PLAIN_8: 2.5}
"""How many times faster the suite should be, as a whole process."""
AIM_OBSERVING = 20.0
"""How many times faster observing should be than reading the same facts in sequence."""
AIM_BOUND = 2.0
"""How many times its lower bound observing may take."""


@dataclass
class Results:
    """Everything that was measured."""

    runs: dict[str, list[Run]] = field(default_factory=lambda: defaultdict(list))
    calls: dict[str, int] = field(default_factory=dict)
    endpoint_cpu: dict[str, float] = field(default_factory=dict)
    digests: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    observing: list[float] = field(default_factory=list)
    sequential: list[float] = field(default_factory=list)
    phases: list[list[Phase]] = field(default_factory=list)

    def note(self, name: str, ran: Run, endpoint: CannedEndpoint) -> None:
        """Keep a run, and what the endpoint says of it."""
        usage = endpoint.take_usage()
        self.runs[name].append(ran)
        self.calls[name], self.endpoint_cpu[name] = usage.total, usage.cpu_seconds


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="bench/observe.py", description=__doc__)
    parser.add_argument("--repetitions", type=int, default=3, help="how often each runs")
    parser.add_argument("--cli-repetitions", type=int, default=1, help="how often the aws command runs: it takes long")
    parser.add_argument("--delay-ms", type=float, default=50.0, help="what every call waits")
    given = parser.parse_args()
    with (
        canned_endpoint(ROOT, given.delay_ms) as slow,
        canned_endpoint(ROOT, 0) as fast,
        tempfile.TemporaryDirectory() as folder,
    ):
        ground = Ground(ROOT, Path(folder), slow.url)
        record = competitors.record(ground)
        slow.take_usage()
        results = Results()
        for number in range(given.repetitions):
            measure(ground, slow, record, results, with_cli=number < given.cli_repetitions)
        at_once = competitors.sequential(Ground(ROOT, Path(folder), fast.url), "--shared")
    chain = longest_chain(record, ROOT, "local")
    print(f"{len(record.checks)} checks, {len(record.facts)} distinct facts, {given.delay_ms:g} ms a call")
    show_processes(results)
    show_observing(results, chain, given.delay_ms / 1000, at_once)
    show_phases(results)


def measure(ground: Ground, endpoint: CannedEndpoint, record: Record, results: Results, with_cli: bool) -> None:
    """Every competitor once; each must have seen what the suite saw."""
    ran = competitors.suite(ground)
    results.note(SUITE, ran, endpoint)
    marks = json.loads((ground.folder / "phases.json").read_text())
    results.phases.append(phases_of(marks, ran.started, ran.started + ran.seconds))
    results.observing.append(competitors.report(ground)["own_cost"]["seconds"])
    for name, more in ((PLAIN, ()), (PLAIN_8, ("-n", "8"))):
        ran, answers = competitors.plain(ground, *more)
        results.note(name, ran, endpoint)
        results.digests[name].add(digest_of(record, answers, name))
    said = competitors.sequential(ground)
    endpoint.take_usage()
    results.sequential.append(said["seconds"])
    results.digests["sequential"].add(digest_of(record, said["answers"], "the sequential reading"))
    if with_cli:
        ran, answers = competitors.checklist(ground, list(record.facts.values()))
        results.note(CLI, ran, endpoint)
        results.digests[CLI].add(digest_of(record, answers, CLI))
    print(".", end="", file=sys.stderr, flush=True)


def show_processes(results: Results) -> None:
    """Whole processes, from start to exit."""
    if len(set.union(*results.digests.values())) != 1:
        raise SystemExit(f"the competitors did not see the same: {dict(results.digests)}")
    own = statistics.median(ran.seconds for ran in results.runs[SUITE])
    rows = []
    for name, runs in results.runs.items():
        seconds = sorted(ran.seconds for ran in runs)
        median = statistics.median(seconds)
        ratio = median / own
        aim = f">= {AIMS[name]:g} x: {met(ratio >= AIMS[name])}" if name in AIMS else ""
        cpu = statistics.median(ran.cpu_seconds for ran in runs)
        numbers = [
            f"{statistics.median(seconds):.2f} s",
            f"{seconds[0]:.2f} to {seconds[-1]:.2f}",
            len(runs),
            f"{cpu:.2f} s",
        ]
        rows.append([name, *numbers, results.calls[name], f"{results.endpoint_cpu[name]:.2f} s", f"{ratio:.1f} x", aim])
    header = ["whole process", "median", "range", "runs", "CPU", "calls", "endpoint's CPU", "to the suite", "aim"]
    digest = next(iter(set.union(*results.digests.values())))
    show(f"Whole processes; all saw the same ({digest})", header, rows)


def show_observing(results: Results, chain: int, delay_seconds: float, at_once: dict[str, Any]) -> None:
    """The observation phase alone, against reading in sequence and against what it cannot go below."""
    observing, sequential = statistics.median(results.observing), statistics.median(results.sequential)
    bound = chain * delay_seconds + at_once["cpu"]
    rows = [
        ["observing, as the suite reports it", f"{observing:.3f} s", ""],
        [
            "the same facts in sequence, clients of each check's own",
            f"{sequential:.3f} s",
            f"{sequential / observing:.1f} x; >= {AIM_OBSERVING:g} x: {met(sequential / observing >= AIM_OBSERVING)}",
        ],
        [f"longest chain: {chain} calls of {delay_seconds * 1000:g} ms", f"{chain * delay_seconds:.3f} s", ""],
        ["CPU of signing and parsing, each fact once, no wait", f"{at_once['cpu']:.3f} s", ""],
        [
            "lower bound: both together",
            f"{bound:.3f} s",
            f"{observing / bound:.1f} x; <= {AIM_BOUND:g} x: {met(observing / bound <= AIM_BOUND)}",
        ],
        ["not in the bound: CPU of making each client once", f"{at_once['cpu_clients']:.3f} s", ""],
    ]
    show("Observing alone", ["", "median", "ratio, aim"], rows)


def show_phases(results: Results) -> None:
    """Where the suite's time goes."""
    rows = []
    for runs in zip(*results.phases, strict=True):
        seconds = statistics.median(phase.seconds for phase in runs)
        cpu = statistics.median(phase.cpu_seconds for phase in runs)
        rows.append([runs[0].name, f"{seconds:.3f} s", f"{cpu:.3f} s", f"{runs[0].resident_mb:.0f} MB"])
    show("Where the suite's time goes", ["phase", "median", "CPU", "memory then"], rows)


if __name__ == "__main__":
    main()
