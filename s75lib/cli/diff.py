"""``s75 diff``: what changed between two reports."""

from __future__ import annotations

__all__ = ["EXAMPLES", "diff"]

import json
from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = (
    "s75 diff reports/islington/fy2017-18/kpi_significance.html "
    "reports/islington/fy2018-19/kpi_significance.html",
)


def diff(
    old: Annotated[Path, typer.Argument(help="A report: its page, notebook or manifest.")],
    new: Annotated[Path, typer.Argument(help="A later report of the same notebook.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page.")] = None,
) -> None:
    """Say what changed between two reports: headlines, checks, data, results."""
    from s75lib.report.diff import compare, read_report
    from s75lib.report.diff_text import as_html, as_text
    from s75lib.report.store import write_whole

    found = compare(read_report(old), read_report(new))
    if html:
        write_whole({html: as_html(found)})
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=1, ensure_ascii=False))
    elif not html:
        typer.echo(as_text(found))
