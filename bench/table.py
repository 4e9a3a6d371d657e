"""Tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def show(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table: the first column to the left, the others to the right."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    print(f"\n{title}\n")
    for number, row in enumerate(cells):
        print(
            "  ".join(
                _aligned(cell, width, place == 0) for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        )
        if number == 0:
            print("  ".join("-" * width for width in widths))


def _aligned(cell: str, width: int, is_first: bool) -> str:
    return cell.ljust(width) if is_first else cell.rjust(width)


def met(is_met: bool) -> str:
    """How an aim is shown."""
    return "met" if is_met else "NOT MET"
