"""``python bench/fleet.py``: the suite on generated catalogues of 10, 100 and 1,000 services.

Every call takes 50 ms at a canned endpoint. Calls per service, time and memory are printed, with what was aimed at.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from canned.process import Usage, canned_endpoint
from fleets import write_project
from measure import Run, run
from phases import Phase, phases_of
from table import met, show

BENCH = Path(__file__).parent
ROOT = BENCH.parent
AIM_PEAK_MB = 600
"""Memory of the whole process tree at the largest size, in 10^6 bytes."""


@dataclass(frozen=True)
class Fleet:
    """One size of a fleet, verified."""

    services: int
    ran: Run
    usage: Usage
    report: dict[str, Any]
    phases: list[Phase]

    @property
    def calls_a_service(self) -> float:
        """How many calls it took for each service."""
        return self.usage.total / self.services

    @property
    def seconds_a_service(self) -> float:
        """Wall time for each service."""
        return self.ran.seconds / self.services

    @property
    def peak_mb(self) -> float:
        """Memory at the worst moment, in 10^6 bytes."""
        return self.ran.peak_bytes / 1e6


def main() -> None:
    """Measure each size, and print."""
    parser = argparse.ArgumentParser(prog="bench/fleet.py", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000], help="how many services, ascending")
    parser.add_argument("--delay-ms", type=float, default=50.0, help="what every call waits")
    parser.add_argument("--with", dest="more", nargs="*", default=[], help="more for pytest, such as n=2 for -n 2")
    given = parser.parse_args()
    more = [f"-{word.replace('=', '')}" for word in given.more]
    fleets = [verify(size, given.delay_ms, more) for size in given.sizes]
    show_fleets(fleets, given.delay_ms)
    show_phases(fleets)


def verify(services: int, delay_ms: float, more: list[str]) -> Fleet:
    """A run of the suite on a fleet; it must be GO with every check passed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder, ROOT, services)
        with canned_endpoint(folder, delay_ms) as endpoint:
            endpoint.take_usage()
            command = [sys.executable, "-m", "pytest", "checks/", "--stage=local", "--endpoint-url", endpoint.url]
            extra = {
                "PYTHONPATH": os.pathsep.join(map(str, (BENCH, ROOT))),
                "BENCH_PHASES": str(folder / "phases.json"),
            }
            ran = run([*command, "-q", "-p", "phases", *more], folder, extra)
            if ran.exit_code:
                raise SystemExit(f"{services} services: exit code {ran.exit_code}, expected 0\n{ran.output[-3000:]}")
            phases = phases_of(json.loads((folder / "phases.json").read_text()), ran.started, ran.started + ran.seconds)
            report = json.loads((folder / "reports" / "local" / "report.json").read_text())
            if {check["outcome"] for check in report["checks"]} != {"passed"}:
                raise SystemExit(f"{services} services: expected GO with every check passed\n{ran.output[-3000:]}")
            return Fleet(services, ran, endpoint.take_usage(), report, phases)


def show_fleets(fleets: list[Fleet], delay_ms: float) -> None:
    """Every size, and what was aimed at."""
    header = ["services", "checks", "facts", "calls", "calls/service", "wall", "ms/service", "CPU", "peak"]
    header.append("endpoint's CPU")
    rows = [
        [
            fleet.services,
            len(fleet.report["checks"]),
            fleet.report["coverage"]["observed"],
            fleet.usage.total,
            f"{fleet.calls_a_service:.2f}",
            f"{fleet.ran.seconds:.1f} s",
            f"{fleet.seconds_a_service * 1000:.0f}",
            f"{fleet.ran.cpu_seconds:.1f} s",
            f"{fleet.peak_mb:.0f} MB",
            f"{fleet.usage.cpu_seconds:.1f} s",
        ]
        for fleet in fleets
    ]
    show(f"Fleets, {delay_ms:g} ms a call", header, rows)
    pairs = list(pairwise(fleets))
    falls = all(after.calls_a_service < before.calls_a_service for before, after in pairs)
    linear = all(after.seconds_a_service <= before.seconds_a_service for before, after in pairs)
    print(f"\ncalls per service fall with size: {met(falls)}")
    print(f"wall time no worse than linear: {met(linear)}")
    last = fleets[-1]
    print(f"under {AIM_PEAK_MB} MB at {last.services} services: {met(last.peak_mb < AIM_PEAK_MB)}")


def show_phases(fleets: list[Fleet]) -> None:
    """Where time and memory go at each size: wall time, CPU of pytest's own process, memory at the phase's end."""
    rows = []
    for phases in zip(*(fleet.phases for fleet in fleets), strict=True):
        cells = [f"{one.seconds:.2f} s {one.cpu_seconds:7.2f} s {one.resident_mb:4.0f} MB" for one in phases]
        rows.append([phases[0].name, *cells])
    observing = [f"{fleet.report['own_cost']['seconds']:.2f} s                  " for fleet in fleets]
    rows.append(["observing, as the suite reports it", *observing])
    sizes = [f"{fleet.services} services" for fleet in fleets]
    show("Where it goes: wall time, CPU, memory at the end of the phase", ["phase", *sizes], rows)


if __name__ == "__main__":
    main()
