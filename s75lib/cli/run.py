"""``s75 run``: the reports, and an index of them all."""

from __future__ import annotations

__all__ = ["EXAMPLES", "run"]

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from s75lib.cli.console import DataDir, err, find_notebooks_folder, out_
from s75lib.errors import ConfigError

if TYPE_CHECKING:
    from s75lib.report.tasks import Outcome

EXAMPLES = (
    "s75 run",
    "s75 run islington --notebook kpi_significance",
    "s75 run cambridgeshire --period 2019/20 --out board",
)

_NOT_CONTRADICTED = ("consistent", "consistent only through rounding", "untestable")
_STATUS = {"ok": "made", "unchanged": "unchanged", "not_applicable": "nothing to report", "failed": "FAILED"}


def run(
    authorities: Annotated[list[str] | None, typer.Argument(help="Authorities; none: all.")] = None,
    notebook: Annotated[
        list[str] | None, typer.Option("--notebook", "-n", help="Only this notebook; repeatable.")
    ] = None,
    period: Annotated[str, typer.Option(help="2018/19 or 2018-12; default: each authority's latest.")] = "",
    data: DataDir = Path("data"),
    out: Annotated[Path, typer.Option("--out", help="Folder for the reports.")] = Path("reports"),
    jobs: Annotated[int | None, typer.Option(min=1, help="Reports made at once; default: the cores.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Make reports again that are current.")] = False,
    timeout: Annotated[
        float | None, typer.Option(min=0.1, metavar="SECONDS", help="Most that a report may take.")
    ] = None,
    memory_limit: Annotated[
        int | None, typer.Option(min=1, metavar="MB", help="Most memory that a report may add.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but what is wrong.")] = False,
    json_lines: Annotated[
        bool, typer.Option("--json-lines", help="A JSON object for each report, on standard output.")
    ] = False,
    log: Annotated[Path | None, typer.Option(metavar="FILE", help="Add a line for each report.")] = None,
    cluster: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Make the reports on a dask.distributed scheduler.")
    ] = "",
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="Set a notebook's parameter."),
    ] = None,
    tables: Annotated[
        bool, typer.Option("--tables", help="Write each report's tables as an Excel workbook too.")
    ] = False,
) -> None:
    """Make the reports, and an index of them all."""
    from s75lib.report.command import run_command
    from s75lib.report.tasks import Limits

    ended = run_command(
        authorities or (),
        notebooks=notebook or (),
        period=period,
        data_dir=data,
        notebooks_dir=find_notebooks_folder(),
        out_dir=out,
        parameters=_parameters(parameter or []),
        jobs=jobs,
        force=force,
        limits=Limits(timeout, memory_limit * 1_000_000 if memory_limit else None),
        cluster=cluster,
        quiet=quiet,
        lines=sys.stdout if json_lines else None,
        log=log,
        console=err,
    )
    for fault in ended.faults:
        made = "made without what is at fault" if fault.sound else "no report made"
        err.print(f"[bold red]{escape(fault.authority)}:[/] {made}. {escape(str(fault.error))}")
    if tables:
        from s75lib.report.workbook import write_workbooks

        write_workbooks(ended.outcomes)
    if ended.outcomes and not (quiet or json_lines):
        _summary(ended.outcomes)
        out_.print(f"\nOpen [bold]{escape(str(out / 'index.html'))}[/] in a browser: it lists every report.")
    if ended.stopped:
        err.print(f"[bold red]s75:[/] {escape(str(ended.stopped))}")
    if ended.status:
        raise typer.Exit(ended.status)


def _parameters(pairs: list[str]) -> dict[str, str]:
    bad = [pair for pair in pairs if "=" not in pair or not pair.split("=", 1)[0].strip()]
    if bad:
        raise ConfigError(
            f"parameter: found {', '.join(map(repr, bad))}; expected name=value, such as -p horizon=12."
        )
    return {name.strip(): value for name, value in (pair.split("=", 1) for pair in pairs)}


def _summary(outcomes: Sequence[Outcome]) -> None:
    table = Table(
        "authority",
        "notebook",
        "period",
        "status",
        "headlines",
        "checks",
        "published statements",
        title="Reports",
        title_justify="left",
    )
    for outcome in outcomes:
        checks = f"{outcome.checks_passed} passed" + (
            f", {outcome.checks_failed} failed" if outcome.checks_failed else ""
        )
        status = _STATUS[outcome.status]
        task = outcome.task
        table.add_row(
            task.authority,
            task.notebook,
            task.period,
            f"[bold red]{status}[/]" if outcome.status == "failed" else status,
            str(len(outcome.headlines)),
            checks,
            _claims(outcome.claims),
        )
    out_.print(table)


def _claims(verdicts: Mapping[str, int]) -> str:
    total = sum(verdicts.values())
    contradicted = total - sum(verdicts.get(verdict, 0) for verdict in _NOT_CONTRADICTED)
    return f"{total} checked, {contradicted} contradicted" if total else "–"
