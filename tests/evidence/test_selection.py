"""What may be asked of a recording, and where one may be written: said before anything runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Project, Ran
from tests.evidence.conftest import SMALL

REFUSED = {
    "a stage that is not in it": (["--stage=prod"], "evidence.jsonl is a recording of local; give that"),
    "a service that is not in it": (
        ["--stage=local", "--service=product-lambda"],
        "evidence.jsonl does not hold product-lambda; give --service=bg-remover",
    ),
    "all services of a recording of one": (
        ["--stage=local"],
        "evidence.jsonl does not hold opportunity-analysis, product-lambda, zae-limiter; give --service=bg-remover",
    ),
    "a fault": ([*SMALL, "--fault=dlq-backlog"], "asks nobody: leave --fault out"),
    "an endpoint": ([*SMALL, "--endpoint-url=http://127.0.0.1:1"], "asks nobody: leave --endpoint-url out"),
    "a deadline": ([*SMALL, "--deadline=0"], "asks nobody: leave --deadline out"),
    "a ceiling": ([*SMALL, "--max-usd=0"], "asks nobody: leave --max-usd out"),
    "a scan": ([*SMALL, "--allow-scan=recount"], "asks nobody: leave --allow-scan out"),
    "another recording": ([*SMALL, "--record=new.jsonl"], "asks nobody: leave --record out"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_recording_cannot_answer_is_refused(
    run: Callable[..., Ran], evidence: Path, tmp_path: Path, name: str
) -> None:
    """Exit code 4, one message that says what is there, and an old report does not stay."""
    arguments, message = REFUSED[name]
    stale = tmp_path / "reports" / "report.json"
    stale.parent.mkdir()
    stale.write_text("{}")
    ran = run(*arguments, f"--replay={evidence}")
    assert ran.code == 4, ran.output
    assert message in ran.output
    assert len(ran.output.splitlines()) < 4
    assert not stale.exists()


def test_recording_over_what_is_replayed_leaves_it_there(run: Callable[..., Ran], evidence: Path) -> None:
    """Refused, and the only copy of the evidence is not lost for it."""
    assert run(*SMALL, f"--replay={evidence}", f"--record={evidence}").code == 4
    assert evidence.exists()


def test_some_of_the_checks_can_be_judged_again(replay: Callable[..., Ran], evidence: Path) -> None:
    """``-k`` selects as ever."""
    ran = replay(evidence, *SMALL, "-k", "dead_letter_queue_exists")
    assert (ran.code, list(ran.outcomes().values())) == (0, ["passed"])


def test_a_check_that_was_not_recorded_is_unknown(replay: Callable[..., Ran], evidence: Path) -> None:
    """Never passed, and the reason says what to do about it."""
    ran = replay(evidence, "checks/smoke/test_tables.py", "--stage=local", "--service=bg-remover")
    assert ran.code == 6, ran.output
    assert set(ran.outcomes().values()) == {"unknown"}
    assert "the recording does not hold this fact" in ran.report["checks"][0]["reason"]
    assert ran.report["coverage"]["observed"] == 0


def test_a_stage_of_several_is_judged_alone(project: Project, replay: Callable[..., Ran], tmp_path: Path) -> None:
    """Also where stages share an account, so that what was seen of one was seen for the other."""
    stages, service = project.path / "services" / "stages.yaml", project.path / "services" / "bg-remover.yaml"
    local = '  local:\n    account: "123456789012"\n    severity_cap: P1\n    protected: false\n    embedded: true\n'
    stages.write_text(stages.read_text().replace(local, local + local.replace("local:", "twin:")))
    service.write_text(service.read_text().replace("stages: {local: local,", "stages: {local: local, twin: local,"))
    shutil.copytree(Path("checks/smoke").absolute(), project.path / "checks" / "smoke")
    path, given = tmp_path / "evidence.jsonl", ("checks/smoke/test_queues.py", "--service=bg-remover")
    assert project.run_in(*given, "--stage=local", "--stage=twin", f"--record={path}", cwd=project.path).code == 0
    for stage in ("twin", "local"):
        ran = replay(path, *given, f"--stage={stage}", cwd=project.path)
        assert ran.code == 0, ran.output
        assert all(f"[{stage}:" in check for check in ran.outcomes())


NO_PLACES = {
    "a folder": ("", "it is no file"),
    "under a file": ("stages.yaml/evidence.jsonl", "File exists"),
    "a name that is too long": ("e" * 250, "File name too long"),
    "a device": ("/dev/null", "it is no file"),
    "nowhere": ("/proc/none/evidence.jsonl", "cannot be written"),
}


@pytest.mark.parametrize("name", NO_PLACES)
def test_a_place_that_cannot_be_written_is_refused(run: Callable[..., Ran], tmp_path: Path, name: str) -> None:
    """Before anything runs, and nothing that is there is harmed."""
    (tmp_path / "stages.yaml").write_text("")
    place, message = NO_PLACES[name]
    ran = run(*SMALL, f"--record={tmp_path / place}")
    assert ran.code == 4, ran.output
    assert message in ran.output
    assert "name another file" in ran.output
    assert len(ran.output.splitlines()) < 4
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("option", ["--record=", "--replay="])
def test_an_empty_name_is_refused(run: Callable[..., Ran], option: str) -> None:
    """A script's variable that is not set must not turn a replay into a run that asks AWS."""
    ran = run(*SMALL, option)
    assert ran.code == 4, ran.output
    assert f"{option[:-1]}: the name of the file is empty" in ran.output


@pytest.mark.parametrize(
    "mistake", ["--gate=P9", "--fault=none", "--service=none", "--endpoint-url=http://127.0.0.1:1"]
)
def test_an_old_recording_does_not_survive_a_refused_run(run: Callable[..., Ran], evidence: Path, mistake: str) -> None:
    """Whoever replays it afterwards must not judge another day."""
    ran = run(*SMALL, mistake, f"--record={evidence}")
    assert ran.code == 4, ran.output
    assert not evidence.exists()


@pytest.mark.parametrize("question", ["--collect-only", "--help", "--version"])
def test_a_question_records_and_removes_nothing(run: Callable[..., Ran], evidence: Path, question: str) -> None:
    """With these nothing is looked at."""
    before = evidence.read_bytes()
    assert run(*SMALL, question, f"--record={evidence}").code == 0
    assert evidence.read_bytes() == before


def test_what_would_be_judged_is_listed(run: Callable[..., Ran], evidence: Path) -> None:
    """``--collect-only`` with ``--replay`` judges nothing and writes nothing."""
    ran = run(*SMALL, "--collect-only", "-q", f"--replay={evidence}")
    assert ran.code == 0, ran.output
    assert not ran.reports.exists()


def test_a_recording_that_cannot_be_written_after_all_is_told(project: Project, tmp_path: Path) -> None:
    """Exit code 3 and no NO-GO: the recording is lost, that is said, and nothing half written stays."""
    path = tmp_path / "folder" / "evidence.jsonl"
    project.check(
        f"import os\n\n\n@pytest.mark.severity('P1')\ndef test_own(account):\n    '''Healthy.'''\n"
        f"    os.mkdir({str(path)!r})\n"
    )
    ran = project.run(f"--record={path}", "--service=bg-remover")
    assert ran.code == 3, ran.output
    assert "Is a directory" in ran.output
    assert "Traceback" not in ran.output
    assert list(path.parent.iterdir()) == [path]
