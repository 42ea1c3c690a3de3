"""The command ``s75``: run, check, list, new."""

from __future__ import annotations

__all__ = ["app", "main"]

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from s75lib.errors import ConfigError, DataError, S75Error

app = typer.Typer(
    name="s75",
    help="Reports on mental health social work under a section 75 agreement: budget, workload, KPIs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
_err = Console(stderr=True, soft_wrap=True, highlight=False)
_out = Console(soft_wrap=True, highlight=False)

_STATUS = {"ok": "made", "unchanged": "unchanged", "not_applicable": "nothing to report", "failed": "FAILED"}

_DataDir = Annotated[Path, typer.Option("--data", help="Folder that holds a folder for each authority.")]


def main() -> None:
    """Run the command; every error that s75lib raises on purpose becomes a message and a status."""
    try:
        app()
    except (ConfigError, DataError) as error:
        _err.print(f"[bold red]s75:[/] {escape(str(error))}")
        sys.exit(2)
    except S75Error as error:
        _err.print(f"[bold red]s75:[/] {escape(str(error))}")
        sys.exit(1)


@app.command(
    epilog="Examples:  [bold]s75 run[/]  ·  [bold]s75 run islington --notebook kpi_significance[/]  ·  "
    "[bold]s75 run cambridgeshire --period 2019/20 --out board[/]"
)
def run(
    authorities: Annotated[list[str] | None, typer.Argument(help="Authorities; none: all.")] = None,
    notebook: Annotated[
        list[str] | None, typer.Option("--notebook", "-n", help="Only this notebook; repeatable.")
    ] = None,
    period: Annotated[str, typer.Option(help="2018/19 or 2018-12; default: each authority's latest.")] = "",
    data: _DataDir = Path("data"),
    out: Annotated[Path, typer.Option("--out", help="Folder for the reports.")] = Path("reports"),
    jobs: Annotated[int | None, typer.Option(min=1, help="Reports made at once; default: the cores.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Make reports again that are current.")] = False,
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="Set a notebook's parameter."),
    ] = None,
) -> None:
    """Make the reports, and an index of them all."""
    from s75lib.report.batch import run as run_plan
    from s75lib.report.plan import make_plan
    from s75lib.report.tasks import Event, Finished, Outcome

    plan = make_plan(
        authorities or (),
        notebooks=notebook or (),
        period=period,
        data_dir=data,
        notebooks_dir=_find_notebooks(),
        parameters=_parameters(parameter or []),
    )
    for fault in plan.faults:
        _err.print(f"[bold red]{escape(fault.authority)}:[/] no report made. {escape(str(fault.error))}")
    outcomes: list[Outcome] = []
    if plan.tasks:
        with _progress(len(plan.tasks)) as progress:

            def on_event(event: Event) -> None:
                if isinstance(event, Finished):
                    _say(progress, event)

            outcomes = run_plan(plan, out, jobs=jobs, force=force, on_event=on_event)
        _summary(outcomes)
        _out.print(f"\nOpen [bold]{escape(str(out / 'index.html'))}[/] in a browser: it lists every report.")
    if plan.faults:
        raise typer.Exit(2)
    if any(outcome.status == "failed" for outcome in outcomes):
        raise typer.Exit(1)


@app.command(epilog="Examples:  [bold]s75 check[/]  ·  [bold]s75 check my-council[/]")
def check(
    authorities: Annotated[list[str] | None, typer.Argument(help="Authorities; none: all.")] = None,
    data: _DataDir = Path("data"),
) -> None:
    """Say what each authority's data hold, every fault in them, and what more they would let run."""
    from s75lib.loaders import find_authorities, load

    faulty = False
    for slug in authorities or find_authorities(data):
        try:
            _describe(load(slug, data_dir=data))
        except DataError as error:
            faulty = True
            _faults(slug, error)
        except ConfigError as error:
            faulty = True
            _err.print(f"[bold red]{escape(slug)}:[/] {escape(str(error))}")
    if faulty:
        raise typer.Exit(2)


@app.command("list", epilog="Example:  [bold]s75 list[/]")
def list_(data: _DataDir = Path("data")) -> None:
    """List the authorities and the notebooks."""
    from s75lib.loaders import find_authorities, read_authority
    from s75lib.report.notebooks import find_notebooks, read_notebook

    table = Table("authority", "name", "datasets", title="Authorities", title_justify="left")
    for slug in find_authorities(data):
        who = read_authority(slug, data)
        kind = " (synthetic)" if who.synthetic else ""
        table.add_row(slug, escape(who.name) + kind, ", ".join(_datasets_of(who.folder, tuple(who.sources))))
    _out.print(table)
    table = Table("notebook", "asks", title="Notebooks", title_justify="left")
    for name, path in find_notebooks(_find_notebooks()).items():
        table.add_row(name, escape(read_notebook(path).title))
    _out.print(table)


@app.command(
    epilog="Examples:  [bold]s75 new my-council[/]  ·  [bold]s75 new my-example --example[/]  ·  "
    "[bold]s75 new my-council --from-cld return.csv[/]"
)
def new(
    name: Annotated[str, typer.Argument(help="Folder name: lower-case letters, digits, hyphens.")],
    example: Annotated[
        bool, typer.Option("--example", help="Fill it with the synthetic example's data.")
    ] = False,
    from_cld: Annotated[
        Path | None,
        typer.Option("--from-cld", metavar="FILE", help="Fill its ledger from a Client Level Data return."),
    ] = None,
    data: _DataDir = Path("data"),
) -> None:
    """Start an authority: a folder with a commented authority.toml and one workbook to fill in."""
    if example and from_cld:
        raise ConfigError("new: found --example and --from-cld together; expected one of them.")
    if from_cld:
        _new_from_cld(name, from_cld, data)
        return
    from s75lib.loaders.starter import new_folder, start_authority
    from s75lib.loaders.synthetic import write_example

    if example:
        folder = new_folder(name, data)
        write_example(folder, name=name.replace("-", " ").title())
        _out.print(f"Wrote synthetic data to [bold]{escape(str(folder))}[/].")
        _out.print(f"Next: [bold]s75 run {name}[/]")
        return
    for path in start_authority(name, data):
        _out.print(f"Wrote [bold]{escape(str(path))}[/]")
    _out.print(
        "Fill in the sheets that you have figures for; the sheet 'guidance' says what each column holds. "
        f"Then: [bold]s75 check {name}[/]"
    )


def _new_from_cld(name: str, file: Path, data: Path) -> None:
    from s75lib.loaders.client_level_data import start_from_client_level_data

    made = start_from_client_level_data(name, file, data)
    _out.print(f"Wrote [bold]{escape(str(data / name))}[/].")
    _out.print(f"{made.kept:,} of {made.services:,} service events are in the ledger:")
    for row in made.counts.itertuples():
        what = "kept, to be looked at" if row.kept else "left out"
        _out.print(f"  {row.rows:,} {what}: {escape(str(row.reason))}")
    for sentence in made.limits:
        _out.print(f"- {escape(sentence)}")
    _out.print(f"Next: [bold]s75 check {name}[/]; client_level_data.md in the folder says all this again.")


def _parameters(pairs: list[str]) -> dict[str, str]:
    bad = [pair for pair in pairs if "=" not in pair or not pair.split("=", 1)[0].strip()]
    if bad:
        raise ConfigError(
            f"parameter: found {', '.join(map(repr, bad))}; expected name=value, such as -p horizon=12."
        )
    return {name.strip(): value for name, value in (pair.split("=", 1) for pair in pairs)}


def _find_notebooks() -> Path:
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir():
            return folder / "notebooks"
    raise ConfigError(
        "notebooks: found no folder 'notebooks' here or above; run s75 in the folder of the project."
    )


def _datasets_of(folder: Path, named: tuple[str, ...]) -> list[str]:
    from s75lib.loaders.schemas import DATASETS

    stems = {path.stem for path in folder.iterdir()}
    return [name for name in DATASETS if name in stems or name in named]


@contextmanager
def _progress(total: int) -> Iterator[Progress]:
    columns = (TextColumn("[bold]{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_err, disable=not _err.is_terminal) as progress:
        progress.add_task("reports", total=total)
        yield progress


def _say(progress: Progress, event: object) -> None:
    from s75lib.report.tasks import Finished

    assert isinstance(event, Finished)
    outcome, task = event.outcome, event.outcome.task
    line = f"{event.done:>3}/{event.total}  {task.authority}  {task.notebook}  {task.period}  {_STATUS[outcome.status]}"
    if outcome.seconds:
        line += f"  {outcome.seconds:.1f} s"
    if outcome.status in ("ok", "unchanged"):
        line += f"  {len(outcome.headlines)} headlines, {outcome.checks_failed} checks failed"
    progress.console.print(escape(line + (f"\n       {outcome.error}" if outcome.error else "")))
    progress.update(progress.task_ids[0], completed=event.done)


def _summary(outcomes: list) -> None:  # type: ignore[type-arg]
    table = Table(
        "authority",
        "notebook",
        "period",
        "status",
        "headlines",
        "checks",
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
        )
    _out.print(table)


def _describe(data: object) -> None:
    from s75lib.loaders import AuthorityData
    from s75lib.loaders.schemas import DATASETS

    assert isinstance(data, AuthorityData)
    kind = " (synthetic)" if data.authority.synthetic else ""
    known = f", data to {data.known_to}" if data.known_to else ""
    table = Table("dataset", "rows", "gives", title_justify="left")
    table.title = (
        f"{data.authority.slug}: {escape(data.authority.name)}{kind}, {data.period.label}{known}: no fault"
    )
    rows = {source.dataset: source.rows for source in data.inputs}
    for name, dataset in DATASETS.items():
        here = rows.get(name, 0)
        table.add_row(
            name, str(here) if here else "–", dataset.gives if here else f"[dim]missing: {dataset.gives}[/]"
        )
    _out.print(table)


def _faults(slug: str, error: DataError) -> None:
    count = len(error.faults)
    table = Table("file", "row", "column", "found", "expected", "what to do", title_justify="left")
    table.title = f"{slug}: {count} {'fault' if count == 1 else 'faults'}"
    for fault in error.faults:
        place = fault.file + (f" [{fault.sheet}]" if fault.sheet else "")
        row = str(fault.row or "")
        table.add_row(*map(escape, (place, row, fault.column, fault.found, fault.expected, fault.remedy)))
    _err.print(table)
