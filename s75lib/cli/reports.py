"""Commands on reports: ``run``, ``diff``, ``verify`` and ``list``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from s75lib.cli.application import DataDir, a_path, command, err, find_notebooks_folder, out_, printable
from s75lib.errors import ConfigError, S75Error

if TYPE_CHECKING:
    from s75lib.report.tasks import Outcome

_NOT_CONTRADICTED = ("consistent", "consistent only through rounding", "untestable")


@command(
    "s75 run",
    "s75 run islington --notebook kpi_significance",
    "s75 run cambridgeshire --period 2019/20 --out board",
)
def run(
    authorities: Annotated[list[str] | None, typer.Argument(help="Authorities; none: all.")] = None,
    notebook: Annotated[
        list[str] | None, typer.Option("--notebook", "-n", help="Only this notebook; repeatable.")
    ] = None,
    period: Annotated[
        str, typer.Option(help="2018/19, 2018/19-Q3 or 2018-12; default: each authority's latest.")
    ] = "",
    data: DataDir = Path("data"),
    out: Annotated[
        Path, typer.Option("--out", parser=a_path, metavar="PATH", help="Folder for the reports.")
    ] = Path("reports"),
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
    log: Annotated[
        Path | None, typer.Option(parser=a_path, metavar="FILE", help="Add a line for each report.")
    ] = None,
    cluster: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Make the reports on a dask.distributed scheduler.")
    ] = "",
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="Set a notebook's parameter."),
    ] = None,
    service_group: Annotated[str, typer.Option(help="Only what the reports say of this group.")] = "",
    team: Annotated[str, typer.Option(help="Only what the reports say of this team.")] = "",
    compare_with: Annotated[
        str, typer.Option(metavar="PERIOD", help="Compare with this earlier period, such as 2017/18.")
    ] = "",
    tables: Annotated[
        bool, typer.Option("--tables", help="Write each report's tables as an Excel workbook too.")
    ] = False,
    docx: Annotated[bool, typer.Option("--docx", help="Write each report as a Word document too.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Write each report as a tagged PDF too.")] = False,
) -> None:
    """Make the reports, and an index of them all."""
    from s75lib.report.batch import run_command
    from s75lib.report.tasks import Limits

    named = {"service_group": service_group, "team": team, "compare_with": compare_with}
    cuts = {name: value for name, value in named.items() if value}
    ended = run_command(
        authorities or (),
        notebooks=notebook or (),
        period=period,
        data_dir=data,
        notebooks_dir=find_notebooks_folder(),
        out_dir=out,
        parameters=_parameters(parameter or []) | cuts,
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
    status = max(ended.status, _write_beside(ended.outcomes, out, tables, docx, pdf, jobs))
    if ended.outcomes and not (quiet or json_lines):
        _summary(ended.outcomes)
        out_.print(f"\nOpen [bold]{escape(str(out / 'index.html'))}[/] in a browser: it lists every report.")
    if ended.stopped:
        err.print(f"[bold red]s75:[/] {escape(str(ended.stopped))}")
    if status:
        raise typer.Exit(status)


def _write_beside(
    outcomes: Sequence[Outcome], out: Path, tables: bool, docx: bool, pdf: bool, jobs: int | None
) -> int:
    """Write what was asked for beside the pages, lead to it from the index, and give the exit status."""
    from s75lib.report.index import write_index

    written, faults = list[Path](), list[S75Error]()
    if tables:
        from s75lib.report.workbook import write_workbooks

        written += write_workbooks(outcomes)
    if docx or pdf:
        from s75lib.report.documents import write_documents

        made, faults = write_documents(outcomes, [*["docx"] * docx, *["pdf"] * pdf], jobs)
        written += made
    if written:
        write_index(out)
    for fault in faults:
        err.print(f"[bold red]Not written:[/] {escape(str(fault))}")
    return 2 if faults else 0


def _parameters(pairs: list[str]) -> dict[str, str]:
    bad = [pair for pair in pairs if "=" not in pair or not pair.split("=", 1)[0].strip()]
    if bad:
        raise ConfigError(
            f"parameter: found {', '.join(map(repr, bad))}; expected name=value, such as -p horizon=12."
        )
    return {name.strip(): value for name, value in (pair.split("=", 1) for pair in pairs)}


def _summary(outcomes: Sequence[Outcome]) -> None:
    from s75lib.report.tasks import SAID

    table = Table("authority", "notebook", "period", "status", "headlines", "checks", title_justify="left")
    table.title = "Reports"
    table.add_column("published statements")
    for outcome in outcomes:
        failed = f", {outcome.checks_failed} failed" if outcome.checks_failed else ""
        status, task = SAID[outcome.status], outcome.task
        table.add_row(
            task.authority,
            task.report,
            task.period,
            f"[bold red]{status}[/]" if outcome.status == "failed" else status,
            str(len(outcome.headlines)),
            f"{outcome.checks_passed} passed{failed}",
            _claims(outcome.claims),
        )
    out_.print(table)


def _claims(verdicts: Mapping[str, int]) -> str:
    total = sum(verdicts.values())
    contradicted = total - sum(verdicts.get(verdict, 0) for verdict in _NOT_CONTRADICTED)
    return f"{total} checked, {contradicted} contradicted" if total else "–"


@command(
    "s75 diff reports/islington/fy2017-18/kpi_significance.html "
    "reports/islington/fy2018-19/kpi_significance.html"
)
def diff(
    old: Annotated[Path, typer.Argument(parser=a_path, help="A report: its page, notebook or manifest.")],
    new: Annotated[Path, typer.Argument(parser=a_path, help="A later report of the same notebook.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", parser=a_path, metavar="FILE", help="Write a page.")
    ] = None,
) -> None:
    """Say what changed between two reports: headlines, checks, data, results."""
    from s75lib.report.diff import compare, read_report
    from s75lib.report.store import write_whole

    found = compare(read_report(old), read_report(new))
    if html:
        write_whole({html: found.as_html()})
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=1, ensure_ascii=False))
    elif not html:
        typer.echo(printable(found.as_text()))


@command("s75 verify reports/islington/fy2018-19/kpi_significance.html")
def verify(
    report: Annotated[Path, typer.Argument(parser=a_path, help="A report: its page, notebook or manifest.")],
    data: DataDir = Path("data"),
) -> None:
    """Make a report again and say whether every headline still comes out; status 1 if not."""
    from s75lib.report.diff import verify as make_again

    found = make_again(report, data_dir=data, notebooks_dir=find_notebooks_folder())
    typer.echo(printable(found.as_text()))
    if not found.holds:
        raise typer.Exit(1)


@command("s75 list", name="list")
def list_(data: DataDir = Path("data")) -> None:
    """List the authorities and the notebooks."""
    from s75lib.loaders import find_authorities, read_authority
    from s75lib.report.notebooks import find_notebooks, read_notebook

    table = Table("authority", "name", "datasets", title="Authorities", title_justify="left")
    for slug in find_authorities(data):
        who = read_authority(slug, data)
        kind = " (synthetic)" if who.synthetic else ""
        table.add_row(slug, escape(who.name) + kind, ", ".join(_datasets_of(who.folder, tuple(who.sources))))
    out_.print(table)
    table = Table("notebook", "asks", title="Notebooks", title_justify="left")
    for name, path in find_notebooks(find_notebooks_folder()).items():
        table.add_row(name, escape(read_notebook(path).title))
    out_.print(table)


def _datasets_of(folder: Path, named: tuple[str, ...]) -> list[str]:
    from s75lib.loaders.schemas import DATASETS

    stems = {path.stem for path in folder.iterdir()}
    return [name for name in DATASETS if name in stems or name in named]
