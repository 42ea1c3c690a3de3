"""``s75 check``: what is held, what is wrong with it, and what more would let run."""

from __future__ import annotations

__all__ = ["EXAMPLES", "check"]

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from s75lib.cli.console import DataDir, err, out_
from s75lib.errors import ConfigError

if TYPE_CHECKING:
    from s75lib.loaders import AuthorityData

_FIRST = ("budget", "kpi", "activity")
EXAMPLES = ("s75 check", "s75 check my-council --annotate", "s75 check --json > faults.json")


def check(
    authorities: Annotated[list[str] | None, typer.Argument(help="Authorities; none: all.")] = None,
    data: DataDir = Path("data"),
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
    from s75lib.loaders import find_authorities
    from s75lib.loaders.check import annotate as write_copies
    from s75lib.loaders.check import check_record

    faulty = False
    records: list[dict[str, object]] = []
    for slug in authorities or find_authorities(data):
        try:
            found = _load(slug, data)
        except ConfigError as error:
            faulty = True
            records.append({"authority": slug, "error": str(error)})
            err.print(f"[bold red]{escape(slug)}:[/] {escape(str(error))}")
            continue
        faulty = faulty or bool(found.faults)
        records.append(check_record(found))
        if not json_:
            _describe(found)
            _faults(found)
            _guide(found)
        if annotate:
            for path in write_copies(found.authority.folder, slug, (*found.faults, *found.warnings)):
                err.print(f"Wrote [bold]{escape(str(path))}[/]")
    if json_:
        typer.echo(json.dumps(records, ensure_ascii=False, indent=1))
    if faulty:
        raise typer.Exit(2)


def _load(slug: str, data: Path) -> AuthorityData:
    """Load what is sound; where nothing is dated yet, as of this year."""
    from s75lib.loaders import financial_year_of, load
    from s75lib.loaders.load import NothingDatedError

    try:
        return load(slug, data_dir=data, allow_faulty=True)
    except NothingDatedError:
        return load(slug, financial_year_of(date.today()).label, data_dir=data, allow_faulty=True)


def _guide(data: AuthorityData) -> None:
    """Say what to do next."""
    slug = data.authority.slug
    if data.faults:
        out_.print(f"Next: correct what is listed, then [bold]s75 check {slug}[/] again.")
    elif any(source.rows for source in data.inputs):
        out_.print(f"Next: [bold]s75 run {slug}[/]")
    else:
        out_.print(
            "Nothing is filled in yet. One dataset is enough to begin with: "
            f"{', '.join(_FIRST)} say most. Then [bold]s75 check {slug}[/] again."
        )


def _describe(data: AuthorityData) -> None:
    from s75lib.loaders.schemas import DATASETS

    kind = " (synthetic)" if data.authority.synthetic else ""
    known = f", data to {data.known_to}" if data.known_to else ""
    state = "no fault" if not data.faults else "what is sound"
    table = Table("dataset", "rows", "gives", title_justify="left")
    table.title = (
        f"{data.authority.slug}: {escape(data.authority.name)}{kind}, {data.period.label}{known}: {state}"
    )
    rows = {source.dataset: source.rows for source in data.inputs}
    for name, dataset in DATASETS.items():
        if name in data.faulty:
            table.add_row(name, "–", f"[bold red]{data.count_faults(name)}, not used:[/] {dataset.gives}")
        elif here := rows.get(name, 0):
            table.add_row(name, str(here), dataset.gives)
        else:
            table.add_row(name, "–", f"[dim]missing: {dataset.gives}[/]")
    out_.print(table)


def _faults(data: AuthorityData) -> None:
    for noun, faults in (("fault", data.faults), ("warning", data.warnings)):
        if not faults:
            continue
        table = Table(
            "file", "sheet", "row", "column", "found", "expected", "what to do", title_justify="left"
        )
        table.title = f"{data.authority.slug}: {len(faults)} {noun}{'' if len(faults) == 1 else 's'}"
        for fault in faults:
            place = (fault.file, fault.sheet, str(fault.row or ""), fault.column)
            table.add_row(*map(escape, (*place, fault.found, fault.expected, fault.remedy)))
        err.print(table)
