"""The benchmark's results as Markdown: tables of cells, and their place in a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pitrainer.sim.calibration import Calibration

BEGIN = "<!-- begin: written by `pitrainer bench controllers --write` -->"
END = "<!-- end -->"


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with aligned columns."""
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    lines = [heads, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def put_between_marks(page: Path, text: str) -> None:
    """Replace what stands between the marks; without marks, add them at the end. The rest stays as it is."""
    old = page.read_text() if page.exists() else ""
    before, begun, rest = old.partition(BEGIN)
    after = rest.partition(END)[2] if begun else ""
    gap = "" if begun or not before else "\n"
    page.write_text(f"{before}{gap}{BEGIN}\n\n{text.strip()}\n\n{END}{after or chr(10)}")


def calibration_table(found: Calibration) -> str:
    """The simulated runners beside published ones (Hunt et al. 2015-2019, Wang & Hunt 2021-2023)."""

    def both(pair: tuple[float, float], digits: int) -> str:
        return f"{pair[0]:.{digits}f} +- {pair[1]:.{digits}f}"

    rows = [
        ["first-order gain, bpm/(m/s)", both(found.gain, 1), "24.2 +- 8.3; 26.2 +- 11.1; nominal 28.6"],
        ["first-order time constant, s", both(found.tau_s, 0), "57.6 +- 23.6; 62.5 +- 18.5; nominal 70.6"],
        ["first-order residual, bpm", both(found.residual_bpm, 2), "2.27 +- 0.36"],
        ["Hunt C1, closed loop RMSE, bpm", both(found.rmse_bpm, 2), "2.13"],
        ["its power, 1e-4 m2/s2", f"{found.power:.1f}", "20.0"],
    ]
    return markdown(["quantity", "simulated runners", "published"], rows)
