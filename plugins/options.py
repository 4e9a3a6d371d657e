"""The command line: one group of options, checked before anything runs."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import pytest

from fixtures.catalogue import Catalogue, CatalogueError, Severity, load_catalogue
from fixtures.embedded.faults import UnknownFault, describe_faults, parse_faults
from fixtures.observations import CLOCK, STARTED, utc_now
from fixtures.selection import SELECTION, Selection
from plugins.reports.place import remove_old_reports

PARTS = ("judge", "judgement", "run", "checks", "notes", "observing", "slimming")
"""Plugins that a verification cannot do without, by the names that ``-p no:`` takes."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a verification run."""
    group = parser.getgroup("verification", "operational verification")
    group.addoption("--stage", action="append", default=[], metavar="NAME", help="stage to verify; repeatable")
    group.addoption("--service", action="append", default=[], metavar="NAME", help="only this service; repeatable")
    group.addoption(
        "--endpoint-url", metavar="URL", help="ask this endpoint instead of AWS's own (default: $AWS_ENDPOINT_URL)"
    )
    group.addoption("--fault", action="append", default=[], metavar="NAME", help="break the embedded cloud; repeatable")
    group.addoption("--list-faults", action="store_true", help="list the faults that --fault takes, and exit")
    group.addoption(
        "--gate", default="P3", metavar="SEVERITY", help="lowest severity that blocks: P1, P2, P3 (default) or P4"
    )
    group.addoption("--report-dir", metavar="DIR", help="where the reports go (default: reports/<stage>)")
    group.addoption("--record", metavar="FILE", help="write down what was seen, as evidence that --replay judges again")
    group.addoption("--replay", metavar="FILE", help="judge what --record has written: no network, no credentials")
    group.addoption("--max-usd", metavar="X", help="spend at most so much on asking AWS, in USD")
    group.addoption("--deadline", metavar="SECONDS", help="look no longer than so many seconds")
    group.addoption(
        "--emit-iam-policy", metavar="FILE", help="write the policy that allows what the selected checks read, and exit"
    )
    group.addoption("--allow-scan", metavar="REASON", help="let checks scan DynamoDB tables in this run, and say why")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Answer ``--list-faults``."""
    if not config.getoption("list_faults"):
        return None
    print(describe_faults())
    return 0


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Load the catalogue and check every option.

    Raises:
        pytest.UsageError: on the first option that makes no sense, or with every mistake in the catalogue.
    """
    config.stash[STARTED] = config.stash.setdefault(CLOCK, utc_now)()
    if _only_asks_pytest(config):
        return
    remove_old_reports(config)
    _refuse_plain_asserts(config)
    _refuse_missing_parts(config)
    try:
        catalogue = load_catalogue(config.rootpath)
    except CatalogueError as error:
        raise pytest.UsageError(f"the catalogue has mistakes:\n{error}") from None
    stages = _stages(config.getoption("stage"), catalogue)
    services = _services(config.getoption("service"), stages, catalogue)
    _check_gate(config.getoption("gate"))
    _take_amounts(config)
    _check_guards(config, stages, catalogue)
    _check_replay(config)
    is_told_otherwise = config.getoption("replay") or hasattr(config, "workerinput")
    from_environment = None if is_told_otherwise else os.environ.get("AWS_ENDPOINT_URL")
    config.option.endpoint_url = config.option.endpoint_url or from_environment or None
    _check_endpoint(config.option.endpoint_url)
    _check_faults(config, stages, catalogue)
    config.stash[SELECTION] = Selection(catalogue, stages, services)


def gate(config: pytest.Config) -> Severity:
    """The lowest severity that blocks."""
    return Severity(config.getoption("gate").upper())


def _only_asks_pytest(config: pytest.Config) -> bool:
    option = config.option
    asks = ("help", "version", "markers", "showfixtures", "show_fixtures_per_test", "list_faults", "cacheshow")
    return any(getattr(option, name, False) for name in asks)


def _refuse_plain_asserts(config: pytest.Config) -> None:
    """Plain asserts lose what was compared with what, and ``python -O`` drops them: every check would be green."""
    if config.getoption("assertmode") == "plain":
        raise pytest.UsageError("--assert=plain: severities are read from rewritten asserts. Leave the option out.")
    if sys.flags.optimize:
        raise pytest.UsageError("Python runs with -O or PYTHONOPTIMIZE, which removes asserts. Leave it out.")


def _refuse_missing_parts(config: pytest.Config) -> None:
    """Without the parts that judge and conclude, pytest would end with its own 0."""
    for name in PARTS:
        if config.pluginmanager.is_blocked(name) or config.pluginmanager.is_blocked(f"plugins.{name}"):
            raise pytest.UsageError(f"-p no:{name}: a run without that part has no verdict. Leave the option out.")


def _stages(given: Sequence[str], catalogue: Catalogue) -> tuple[str, ...]:
    known = list(catalogue.stages)
    if not given:
        raise pytest.UsageError(f"--stage is missing: say which stage to verify, one of {', '.join(known)}")
    for name in given:
        if name not in known:
            raise pytest.UsageError(f"--stage={name}: there is no such stage; known are {_known(name, known)}")
    return tuple(dict.fromkeys(given))


def _services(given: Sequence[str], stages: Iterable[str], catalogue: Catalogue) -> tuple[str, ...]:
    for name in given:
        if name not in catalogue.services:
            known = list(catalogue.services)
            raise pytest.UsageError(f"--service={name}: there is no such service; known are {_known(name, known)}")
    for stage in stages:
        here = catalogue.services_on(stage)
        if not here:
            raise pytest.UsageError(f"--stage={stage}: no service is declared on this stage")
        for name in sorted(set(given) - set(here)):
            raise pytest.UsageError(
                f"--stage={stage} --service={name}: not declared on this stage; there are {', '.join(here)}"
            )
    return tuple(dict.fromkeys(given))


def _known(given: str, known: list[str]) -> str:
    near = get_close_matches(given, known, 1)
    return ", ".join(known) + (f" (did you mean {near[0]}?)" if near else "")


def _check_gate(given: str) -> None:
    if given.upper() not in set(Severity):
        raise pytest.UsageError(f"--gate={given}: allowed are {', '.join(Severity)}; P3 blocks on P1, P2 and P3")


def _check_endpoint(url: str | None) -> None:
    parts = urlsplit(url or "http://none")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise pytest.UsageError(f"--endpoint-url={url}: give a full address such as http://127.0.0.1:5000")
    if parts.username or parts.password:
        raise pytest.UsageError("--endpoint-url: leave user and password out, they would stand in every report")


def _check_guards(config: pytest.Config, stages: Iterable[str], catalogue: Catalogue) -> None:
    """Options that lift a guard need a reason, and are refused where the stage is protected."""
    reason = config.getoption("allow_scan")
    if reason is None:
        return
    if not reason.strip():
        raise pytest.UsageError("--allow-scan: say why, such as --allow-scan='recount after the incident of 3 May'")
    for name in stages:
        if catalogue.stages[name].protected:
            raise pytest.UsageError(
                f"--allow-scan: stage {name} is protected, and a scan reads and bills whole tables; leave it out here"
            )


def _take_amounts(config: pytest.Config) -> None:
    """Ceilings are numbers from 0 up. If argparse checked them, a mistake would leave old reports in place."""
    examples = {"max_usd": "USD as a plain number, such as 0.01", "deadline": "seconds as a plain number, such as 60"}
    for name, example in examples.items():
        given = config.getoption(name)
        if given is None or hasattr(config, "workerinput"):
            continue
        try:
            number = float(given)
        except ValueError:
            number = math.nan
        if not 0 <= number < math.inf:
            raise pytest.UsageError(f"--{name.replace('_', '-')}={given}: give {example}")
        setattr(config.option, name, number)


def _check_replay(config: pytest.Config) -> None:
    """A replay asks nobody, so options that say whom and how to ask make no sense with it."""
    if not config.getoption("replay"):
        return
    pairs = {"--record": "record", "--fault": "fault", "--endpoint-url": "endpoint_url", "--deadline": "deadline"}
    pairs.update({"--max-usd": "max_usd", "--allow-scan": "allow_scan"})
    for option, name in pairs.items():
        if config.getoption(name) not in (None, []):
            raise pytest.UsageError(f"--replay judges what was recorded and asks nobody: leave {option} out")


def _check_faults(config: pytest.Config, stages: Iterable[str], catalogue: Catalogue) -> None:
    given = config.getoption("fault")
    if not given:
        return
    if any(not catalogue.stages[stage].embedded for stage in stages):
        raise pytest.UsageError("--fault breaks the embedded cloud and nothing else: use it with --stage=local alone")
    if config.getoption("endpoint_url"):
        raise pytest.UsageError(
            "--fault goes with the embedded cloud that the run starts, and --endpoint-url or AWS_ENDPOINT_URL names "
            "another: leave one out, or start that one with 'python -m fixtures.embedded --port N --fault NAME'"
        )
    try:
        faults = parse_faults(given)
    except UnknownFault as error:
        raise pytest.UsageError(str(error)) from None
    services = config.getoption("service")
    for fault in faults:
        broken = PurePosixPath(fault.runbook.partition("#")[0]).stem
        if services and fault.runbook and broken not in services:
            raise pytest.UsageError(
                f"--fault {fault.name} breaks {broken}, which --service leaves out: it would be GO for nothing. Add "
                f"--service={broken}, or leave the fault out"
            )
