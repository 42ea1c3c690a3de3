"""Commands on data: ``check``, ``new`` and ``pseudonymise``."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from s75lib.cli.application import (
    DataDir,
    a_file,
    a_flag,
    a_path,
    called,
    command,
    err,
    find_notebooks_folder,
    out_,
    printable,
)
from s75lib.errors import ConfigError, DataError, causes

if TYPE_CHECKING:
    from s75lib.loaders import AuthorityData
    from s75lib.loaders.mapping import Mapping
    from s75lib.loaders.pseudonyms import Pseudonymised

_NOT_SHOWN = "a file, or a sheet of one, whose name is not shown, for it identifies a person"
_KEEP = "Keep it, and give it to nobody: the same key gives a person the same pseudonym next month."
_FIRST = ("budget", "kpi", "activity")
_ANNOTATE = (
    "Write a copy of each file at fault, <name>.checked.xlsx beside it, with the cells marked and commented."
)
_MAKE_KEY = "First make a key for pseudonyms, drawn by chance, in the authority's folder."


@command("s75 check", "s75 check my-council --annotate", "s75 check --json > faults.json")
def check(
    authorities: Annotated[list[str] | None, typer.Argument(help="Authorities; none: all.")] = None,
    data: DataDir = Path("data"),
    json_: Annotated[bool, typer.Option("--json", help="Print all that was found as JSON.")] = False,
    annotate: Annotated[bool, a_flag("--annotate", _ANNOTATE)] = False,
    make_key: Annotated[bool, a_flag("--make-key", _MAKE_KEY)] = False,
) -> None:
    """Say what each authority's data hold, every fault and warning, and what more they would let run."""
    from s75lib.loaders import find_authorities, find_data_dir, pseudonyms
    from s75lib.loaders.check import annotate as write_copies
    from s75lib.loaders.check import check_record
    from s75lib.loaders.indicators import read_indicators

    for ending in ("SIGTERM", "SIGHUP"):  # what was fetched goes with us; Windows has no SIGHUP
        signal.signal(getattr(signal, ending, signal.SIGTERM), lambda signum, _: sys.exit(128 + signum))
    faulty = False
    records: list[dict[str, object]] = []
    if make_key and not authorities:
        raise ConfigError("--make-key: found no authority; expected the one that the key is for.")
    for slug in authorities or find_authorities(data):
        try:
            if make_key:
                file = find_data_dir(data) / slug / pseudonyms.KEY_FILE
                pseudonyms.make_key(file)
                err.print(f"Made a key in [bold]{escape(str(file))}[/], which is used from now on. {_KEEP}")
            found = _load(slug, data)
        except ConfigError as error:
            faulty = True
            told = printable(f"'{slug}'")[1:-1]
            records.append({"authority": told, "error": printable(str(error))})
            err.print(f"[bold red]{escape(told)}:[/] {escape(str(error))}")
            continue
        asked: list[Callable[[], object]] = [partial(read_indicators, Path(found.authority.folder))]
        if found.authority.report.template:
            from s75lib.report.word_template import from_template

            asked.append(partial(from_template, found.authority))
        settings: list[str] = []
        for read in asked:
            try:
                read()
            except ConfigError as error:
                settings.append(str(error))
                err.print(f"[bold red]{escape(slug)}:[/] {escape(str(error))}")
        sound = not (found.faults or settings)
        faulty = faulty or not sound
        records.append(check_record(found) | ({"error": printable("\n".join(settings))} if settings else {}))
        if not json_:
            _describe(found, sound=sound)
            _faults(found)
            _to_read(found)
            _guide(found, data, sound=sound)
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
    from s75lib.loaders.commentary import COMMENTARY_FILE
    from s75lib.loaders.load import NothingDatedError
    from s75lib.report.commentary import section_faults

    try:
        held = load(slug, data_dir=data, allow_faulty=True)
    except NothingDatedError:
        held = load(slug, financial_year_of(date.today()).label, data_dir=data, allow_faulty=True)
    if not held.noted:
        return held
    faults = section_faults(held.noted, f"{slug}/{COMMENTARY_FILE}", find_notebooks_folder())
    return replace(held, left_out=(*held.left_out, *faults))


def _guide(data: AuthorityData, folder: Path, *, sound: bool) -> None:
    slug = data.authority.slug
    again = f"[bold]{_call('check', slug, folder)}[/] again."
    if not sound:
        out_.print(f"Next: correct what is listed, then {again}")
    elif any(source.rows for source in data.inputs):
        out_.print(f"Next: [bold]{_call('run', slug, folder)}[/]")
    else:
        out_.print(
            "Nothing is filled in yet. One dataset is enough to begin with: "
            f"{', '.join(_FIRST)} say most. Then {again}"
        )


def _call(name: str, authority: str, data: Path) -> str:
    """Write a command on an authority, with its data folder where that was named."""
    where = "" if data == Path("data") else f" --data {shlex.quote(str(data))}"
    return escape(f"{called()} {name} {authority}{where}")


def _to_read(data: AuthorityData) -> None:
    """List what only a person can judge: choices of the mapping, and free text that may name somebody."""
    from s75lib.kpi.phrases import misdeclared_words
    from s75lib.kpi.variation import misdeclared, variations
    from s75lib.loaders.indicators import read_indicators
    from s75lib.loaders.mapping import read_mapping
    from s75lib.loaders.measures import UNDECLARED, measure_as_toml
    from s75lib.loaders.personal_data import free_text_cells
    from s75lib.loaders.quality import as_toml, undescribed

    folder, kpi = Path(data.authority.folder), dict(data.frames.untracked())["kpi"]
    if mapping := read_mapping(data.authority.folder):
        _to_decide(mapping, "mapping.toml ({})")
    measures = [measure_as_toml(told) for told in data.warnings if told.found.startswith(UNDECLARED)]
    indicators = [as_toml(one, kpi) for one in undescribed(kpi, folder, data.labels)]
    for file, entries in (("authority.toml", measures), ("indicators.toml", indicators)):
        if entries:
            place = escape(f"{folder / file} ({len(entries)})")
            out_.print(f"To decide in {place}: paste this there, and correct the guesses")
            out_.print(escape("\n" + "\n\n".join(entries) + "\n"))
    with suppress(ConfigError):  # a fault of its own
        known = read_indicators(folder)
        if contradicted := misdeclared_words(misdeclared(variations(kpi, known), known)):
            out_.print(escape(f"Kind in doubt. {contradicted}"))
    if data.noted:
        out_.print(f"Read before publishing: the analyst's notes in commentary.md ({len(data.noted)}).")
    texts = free_text_cells(dict(data.frames.untracked()))
    if len(texts):
        where = (texts["dataset"] + " " + texts["column"]).value_counts(sort=False).to_dict()
        named = ", ".join(f"{place} {count}" for place, count in where.items())
        out_.print(
            f"Read before publishing, for names of people that no program recognises: {len(texts)} cells of "
            f"free text ({escape(named)})."
        )


def _describe(data: AuthorityData, *, sound: bool) -> None:
    from s75lib.loaders.schemas import DATASETS

    kind = " (synthetic)" if data.authority.synthetic else ""
    known = f", data to {data.known_to}" if data.known_to else ""
    state = "no fault" if sound else "what is sound"
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
        told = causes(faults)
        counted = f"{len(faults):,} {noun}{'' if len(faults) == 1 else 's'}"
        of = f" of {len(told)} cause{'' if len(told) == 1 else 's'}" if len(told) < len(faults) else ""
        table.title = f"{data.authority.slug}: {counted}{of}"
        for cause in told:
            fault = cause.fault
            place = (fault.file, fault.sheet, cause.rows_named, fault.column)
            table.add_row(*map(escape, (*place, fault.found, fault.expected, fault.remedy)))
        err.print(table)


@command("s75 map my-council", 's75 map my-council "Budget Monitor 2025-26.xlsx" ledger.csv', name="map")
def map_files(
    authority: Annotated[str, typer.Argument(help="Folder of the authority; made where there is none.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            parser=a_path, help="Files or folders, copied into the authority's folder; none: those in it."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a mapping.toml that is there.")] = False,
    data: DataDir = Path("data"),
) -> None:
    """Propose how an authority's own files give the datasets, as a mapping.toml for you to keep."""
    from s75lib.loaders.identifiers import find_identifiers
    from s75lib.loaders.mapping import MAPPING_FILE, gathered, mapped, propose, read_mapping, written
    from s75lib.loaders.personal_data import unnamed
    from s75lib.loaders.schemas import DATASETS
    from s75lib.loaders.starter import new_folder

    folder = data / authority
    if not (folder / "authority.toml").is_file():
        from s75lib.loaders.starter import write_authority

        write_authority(new_folder(authority, data))
        out_.print(f"Wrote [bold]{escape(str(folder / 'authority.toml'))}[/]: fill in who you are.")
    target = folder / MAPPING_FILE
    if target.is_file() and not force:
        raise ConfigError(
            f"{authority}: found a {MAPPING_FILE}; expected none. Edit it, or call again with --force."
        )
    proposals, unused = propose(gathered(folder, files or ()), folder)
    unused = [_NOT_SHOWN if find_identifiers(one) else one for one in unused]
    if not proposals:
        raise ConfigError(f"{authority}: found no file that holds a dataset. {'; '.join(unused)}")
    if kinds := find_identifiers(proposed := written(proposals)):
        raise ConfigError(
            f"{authority}: found in the name of a file, a sheet or a column, or in a label, what may be a "
            f"{next(iter(kinds))}; expected none there. Rename it, then call again."
        )
    target.write_text(proposed, encoding="utf-8")
    mapping = read_mapping(folder)
    assert mapping is not None
    table = Table("dataset", "rows", "from", "first and last", title_justify="left")
    table.title = f"{authority}: what {MAPPING_FILE} would give"
    for name, layouts in mapping.datasets.items():
        try:
            held = mapped(folder, layouts, DATASETS[name])
        except DataError as error:
            held, fault = None, unnamed(error.faults[0])
            table.add_row(name, "–", escape(fault.file), escape(fault.found))
        if held is not None:
            dated = DATASETS[name].dated_by
            days = sorted(set(held.frame[dated])) if dated in held.frame else []
            span = f"{days[0]} to {days[-1]}" if days else ""
            table.add_row(
                name, f"{len(held.frame):,}", escape(_named([p.name for p in held.files[:3]])), escape(span)
            )
    out_.print(table)
    for proposal in proposals:
        for (_, name, *_), why in proposal.remarks.items():
            if why.startswith("left out"):
                out_.print(f"Not used: the column “{escape(name)}”, for {proposal.dataset}: {escape(why)}")
    for sheet in unused:
        out_.print(f"Not used: {escape(sheet)}")
    _to_decide(mapping, f"[bold]{escape(str(target))}[/], {{}} with a question mark")
    out_.print(f"Next: [bold]{_call('check', authority, data)}[/]")


def _to_decide(mapping: Mapping, place: str) -> None:
    """List the choices that a mapping leaves to the analyst."""
    if undecided := list(mapping.undecided()):
        out_.print(f"To decide in {place.format(len(undecided))}:")
        for one in undecided:
            out_.print(f"  {escape(one)}")


@command("s75 new my-council", "s75 new my-example --example", "s75 new my-council --from-cld return.csv")
def new(
    name: Annotated[str, typer.Argument(help="Folder name: lower-case letters, digits, hyphens.")],
    example: Annotated[bool, a_flag("--example", "Fill it with the synthetic example's data.")] = False,
    from_cld: Annotated[
        Path | None, a_file("--from-cld", "Fill its ledger from a Client Level Data file.")
    ] = None,
    data: DataDir = Path("data"),
) -> None:
    """Start an authority: a folder with a commented authority.toml and one workbook to fill in."""
    if example and from_cld:
        raise ConfigError("new: found --example and --from-cld together; expected one of them.")
    if from_cld:
        _new_from_cld(name, from_cld, data)
        return
    from s75lib.loaders.starter import copy_example, start_authority

    if example:
        folder = copy_example(name, data)
        out_.print(f"Wrote synthetic data to [bold]{escape(str(folder))}[/].")
        out_.print(f"Next: [bold]{_call('run', name, data)}[/]")
        return
    for path in start_authority(name, data):
        out_.print(f"Wrote [bold]{escape(str(path))}[/]")
    out_.print(
        "Fill in the sheets that you have figures for; the sheet 'guidance' says what each column holds. "
        f"Then: [bold]{_call('check', name, data)}[/]"
    )


def _new_from_cld(name: str, file: Path, data: Path) -> None:
    from s75lib.loaders.client_level_data import start_from_client_level_data

    made = start_from_client_level_data(name, file, data)
    out_.print(f"Wrote [bold]{escape(str(data / name))}[/].")
    out_.print(f"{made.kept:,} of {made.services:,} service events are in the ledger:")
    for row in made.counts.itertuples():
        what = "kept, to be looked at" if row.kept else "left out"
        out_.print(f"  {row.rows:,} {what}: {escape(str(row.reason))}")
    for sentence in made.limits:
        out_.print(f"- {escape(sentence)}")
    out_.print(
        f"Next: [bold]{_call('check', name, data)}[/]; client_level_data.md in the folder says this again."
    )


@command("s75 pseudonymise ledger.xlsx --out data/my-council/packages.csv")
def pseudonymise(
    file: Annotated[
        Path, typer.Argument(parser=a_path, help="CSV or Excel file with a row for each person or package.")
    ],
    out: Annotated[
        Path | None, a_file("--out", "CSV to write; default: <name>.pseudonymised.csv beside it.")
    ] = None,
    person: Annotated[str, typer.Option(help="Column that identifies people.")] = "",
    keep: Annotated[
        list[str] | None, typer.Option("--keep", help="A further column to keep; repeatable.")
    ] = None,
    on: Annotated[str, typer.Option(help="Day of the age bands, 2025-03-31; default: snapshot_date.")] = "",
    sheet: Annotated[str, typer.Option(help="Worksheet of a workbook.")] = "",
    key_file: Annotated[
        Path | None, a_file("--key-file", "File with the key, readable by its owner alone; default: S75_KEY.")
    ] = None,
    make_key: Annotated[
        Path | None, a_file("--make-key", "Make a key drawn by chance in a new file, and use it.")
    ] = None,
) -> None:
    """Turn person identifiers into keyed hashes, drop what names a person, keep age bands."""
    from s75lib.loaders import pseudonyms

    if make_key and key_file:
        raise ConfigError("key: found --make-key and --key-file together; expected one of them.")
    if make_key:
        pseudonyms.make_key(make_key)
        out_.print(f"Made a key in [bold]{escape(str(make_key))}[/]. {_KEEP}")
    target = out or file.with_name(f"{file.stem}.pseudonymised.csv")
    key, day = pseudonyms.find_key(key_file or make_key), pseudonyms.day_of(on)
    done = pseudonyms.pseudonymise(
        file, target, key, person=person, keep=keep or (), on=day, sheet=sheet, announce=_announce
    )
    counts = f"{_counted(done.rows, 'row')}, {_counted(done.people, 'person')}"
    out_.print(f"Wrote [bold]{escape(str(done.path))}[/]: {counts}.")


def _announce(plan: Pseudonymised) -> None:
    """Say what is about to be written, and what is not."""
    dropped = _named(plan.dropped) or "nothing"
    out_.print(f"Hashing {escape(_named(plan.hashed))}. Dropping {escape(dropped)}.")
    if plan.banded:
        out_.print(f"Making age_band from {escape(_named([plan.banded]))}.")
    if plan.totals:
        out_.print(f"Leaving out {_counted(plan.totals, 'total row')}.")


def _named(names: Sequence[str]) -> str:
    """Name columns, but for those whose names identify a person."""
    from s75lib.loaders.identifiers import find_identifiers

    return ", ".join("…" if find_identifiers(name.replace("_", " ")) else name for name in names)


def _counted(count: int, noun: str) -> str:
    many = "people" if noun == "person" else f"{noun}s"
    return f"{count:,} {noun if count == 1 else many}"
