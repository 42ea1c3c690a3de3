"""The command ``s75``: run, check, list, new, diff, verify, pseudonymise."""

from __future__ import annotations

__all__ = ["app", "main"]

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
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
_WIDE = 160  # in a log or a pipe, where no terminal says how wide it is
_err = Console(stderr=True, soft_wrap=True, highlight=False, width=None if sys.stderr.isatty() else _WIDE)
_out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else _WIDE)

_NOT_CONTRADICTED = ("consistent", "consistent only through rounding", "untestable")
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
        notebooks_dir=_find_notebooks(),
        out_dir=out,
        parameters=_parameters(parameter or []),
        jobs=jobs,
        force=force,
        limits=Limits(timeout, memory_limit * 1_000_000 if memory_limit else None),
        cluster=cluster,
        quiet=quiet,
        lines=sys.stdout if json_lines else None,
        log=log,
        console=_err,
    )
    for fault in ended.faults:
        _err.print(f"[bold red]{escape(fault.authority)}:[/] no report made. {escape(str(fault.error))}")
    if tables:
        from s75lib.report.workbook import write_workbooks

        write_workbooks(ended.outcomes)
    if ended.outcomes and not (quiet or json_lines):
        _summary(list(ended.outcomes))
        _out.print(f"\nOpen [bold]{escape(str(out / 'index.html'))}[/] in a browser: it lists every report.")
    if ended.stopped:
        _err.print(f"[bold red]s75:[/] {escape(str(ended.stopped))}")
    if ended.status:
        raise typer.Exit(ended.status)


@app.command(
    epilog="Examples:  [bold]s75 check[/]  ·  [bold]s75 check my-council --annotate[/]  ·  "
    "[bold]s75 check --json > faults.json[/]"
)
def check(
    authorities: Annotated[list[str] | None, typer.Argument(help="Authorities; none: all.")] = None,
    data: _DataDir = Path("data"),
    json_: Annotated[bool, typer.Option("--json", help="Print all that was found as JSON.")] = False,
    annotate: Annotated[
        bool,
        typer.Option(
            "--annotate",
            help="Write a copy of each file at fault, <name>.checked.xlsx beside it, "
            "with the cells marked and commented.",
        ),
    ] = False,
) -> None:
    """Say what each authority's data hold, every fault and warning, and what more they would let run."""
    from s75lib.loaders import find_authorities, load
    from s75lib.loaders.checking import annotate as write_copies
    from s75lib.loaders.checking import check_record

    faulty = False
    records: list[dict[str, object]] = []
    for slug in authorities or find_authorities(data):
        try:
            found = load(slug, data_dir=data, allow_faulty=True)
        except ConfigError as error:
            faulty = True
            records.append({"authority": slug, "error": str(error)})
            _err.print(f"[bold red]{escape(slug)}:[/] {escape(str(error))}")
            continue
        faulty = faulty or bool(found.faults)
        records.append(check_record(found))
        if not json_:
            _describe(found)
            _faults(found)
        if annotate:
            for path in write_copies(found.authority.folder, slug, (*found.faults, *found.warnings)):
                _err.print(f"Wrote [bold]{escape(str(path))}[/]")
    if json_:
        typer.echo(json.dumps(records, ensure_ascii=False, indent=1))
    if faulty:
        raise typer.Exit(2)


@app.command(
    epilog="Example:  [bold]s75 diff reports/islington/fy2017-18/kpi_significance.html "
    "reports/islington/fy2018-19/kpi_significance.html[/]"
)
def diff(
    old: Annotated[Path, typer.Argument(help="A report: its page, notebook or manifest.")],
    new: Annotated[Path, typer.Argument(help="A later report of the same notebook.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page.")] = None,
) -> None:
    """Say what changed between two reports: headlines, checks, data, results."""
    from s75lib.report.diff import as_html, as_text, compare, read_report
    from s75lib.report.store import write_whole

    found = compare(read_report(old), read_report(new))
    if html:
        write_whole({html: as_html(found)})
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=1, ensure_ascii=False))
    elif not html:
        typer.echo(as_text(found))


@app.command(epilog="Example:  [bold]s75 verify reports/islington/fy2018-19/kpi_significance.html[/]")
def verify(
    report: Annotated[Path, typer.Argument(help="A report: its page, notebook or manifest.")],
    data: _DataDir = Path("data"),
) -> None:
    """Make a report again and say whether every headline still comes out; status 1 if not."""
    from s75lib.report.verify import as_text
    from s75lib.report.verify import verify as make_again

    found = make_again(report, data_dir=data, notebooks_dir=_find_notebooks())
    typer.echo(as_text(found))
    if not found.holds:
        raise typer.Exit(1)


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


@app.command(epilog="Example:  [bold]s75 pseudonymise ledger.xlsx --out data/my-council/packages.csv[/]")
def pseudonymise(
    file: Annotated[Path, typer.Argument(help="CSV or Excel file with a row for each person or package.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="CSV to write; default: <name>.pseudonymised.csv beside it.")
    ] = None,
    person: Annotated[str, typer.Option(help="Column that identifies people.")] = "",
    keep: Annotated[
        list[str] | None, typer.Option("--keep", help="A further column to keep; repeatable.")
    ] = None,
    on: Annotated[str, typer.Option(help="Day of the age bands, 2025-03-31; default: snapshot_date.")] = "",
    sheet: Annotated[str, typer.Option(help="Worksheet of a workbook.")] = "",
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", help="File with the key, readable by its owner alone; default: S75_KEY."),
    ] = None,
) -> None:
    """Turn person identifiers into keyed hashes, drop what names a person, keep age bands."""
    from s75lib.loaders.pseudonyms import day_of, find_key
    from s75lib.loaders.pseudonyms import pseudonymise as write_copy

    target = out or file.with_name(f"{file.stem}.pseudonymised.csv")
    done = write_copy(
        file, target, find_key(key_file), person=person, keep=keep or (), on=day_of(on), sheet=sheet
    )
    _out.print(f"Wrote [bold]{escape(str(done.path))}[/]: {done.rows:,} rows.")
    dropped = ", ".join(done.dropped) or "nothing"
    _out.print(f"Hashed: {escape(', '.join(done.hashed))}. Dropped: {escape(dropped)}.")
    if done.banded:
        _out.print(f"Made age_band from {escape(done.banded)}.")


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


def _summary(outcomes: list) -> None:  # type: ignore[type-arg]
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
    _out.print(table)


def _claims(verdicts: Mapping[str, int]) -> str:
    total = sum(verdicts.values())
    contradicted = total - sum(verdicts.get(verdict, 0) for verdict in _NOT_CONTRADICTED)
    return f"{total} checked, {contradicted} contradicted" if total else "–"


def _describe(data: object) -> None:
    from s75lib.loaders import AuthorityData
    from s75lib.loaders.schemas import DATASETS

    assert isinstance(data, AuthorityData)
    kind = " (synthetic)" if data.authority.synthetic else ""
    known = f", data to {data.known_to}" if data.known_to else ""
    state = "no fault" if not data.faults else "what is sound"
    table = Table("dataset", "rows", "gives", title_justify="left")
    table.title = (
        f"{data.authority.slug}: {escape(data.authority.name)}{kind}, {data.period.label}{known}: {state}"
    )
    rows = {source.dataset: source.rows for source in data.inputs}
    for name, dataset in DATASETS.items():
        here = rows.get(name, 0)
        table.add_row(
            name, str(here) if here else "–", dataset.gives if here else f"[dim]missing: {dataset.gives}[/]"
        )
    _out.print(table)


def _faults(data: object) -> None:
    from s75lib.loaders import AuthorityData

    assert isinstance(data, AuthorityData)
    for noun, faults in (("fault", data.faults), ("warning", data.warnings)):
        if not faults:
            continue
        table = Table("file", "row", "column", "found", "expected", "what to do", title_justify="left")
        table.title = f"{data.authority.slug}: {len(faults)} {noun}{'' if len(faults) == 1 else 's'}"
        for fault in faults:
            place = fault.file + (f" [{fault.sheet}]" if fault.sheet else "")
            row = str(fault.row or "")
            table.add_row(*map(escape, (place, row, fault.column, fault.found, fault.expected, fault.remedy)))
        _err.print(table)
