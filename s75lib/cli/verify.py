"""``s75 verify``: whether a report still comes out as it was made."""

from __future__ import annotations

__all__ = ["EXAMPLES", "verify"]

from pathlib import Path
from typing import Annotated

import typer

from s75lib.cli.console import DataDir, find_notebooks_folder

EXAMPLES = ("s75 verify reports/islington/fy2018-19/kpi_significance.html",)


def verify(
    report: Annotated[Path, typer.Argument(help="A report: its page, notebook or manifest.")],
    data: DataDir = Path("data"),
) -> None:
    """Make a report again and say whether every headline still comes out; status 1 if not."""
    from s75lib.report.verify import as_text
    from s75lib.report.verify import verify as make_again

    found = make_again(report, data_dir=data, notebooks_dir=find_notebooks_folder())
    typer.echo(as_text(found))
    if not found.holds:
        raise typer.Exit(1)
