"""``s75 pseudonymise``: a copy of a file that names no person."""

from __future__ import annotations

__all__ = ["EXAMPLES", "pseudonymise"]

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from s75lib.cli.console import out_
from s75lib.errors import ConfigError

if TYPE_CHECKING:
    from s75lib.loaders.pseudonyms import Pseudonymised

EXAMPLES = ("s75 pseudonymise ledger.xlsx --out data/my-council/packages.csv",)


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
    make_key: Annotated[
        Path | None,
        typer.Option(
            "--make-key", metavar="FILE", help="Make a key drawn by chance in a new file, and use it."
        ),
    ] = None,
) -> None:
    """Turn person identifiers into keyed hashes, drop what names a person, keep age bands."""
    from s75lib.loaders import pseudonyms

    if make_key and key_file:
        raise ConfigError("key: found --make-key and --key-file together; expected one of them.")
    if make_key:
        pseudonyms.make_key(make_key)
        out_.print(f"Made a key in [bold]{escape(str(make_key))}[/]. Keep it for the next file.")
    target = out or file.with_name(f"{file.stem}.pseudonymised.csv")
    key, day = pseudonyms.find_key(key_file or make_key), pseudonyms.day_of(on)
    done = pseudonyms.pseudonymise(
        file, target, key, person=person, keep=keep or (), on=day, sheet=sheet, announce=_announce
    )
    counts = f"{_count(done.rows, 'row')}, {_count(done.people, 'person')}"
    out_.print(f"Wrote [bold]{escape(str(done.path))}[/]: {counts}.")


def _announce(plan: Pseudonymised) -> None:
    """Say what is about to be written, and what is not."""
    dropped = ", ".join(plan.dropped) or "nothing"
    out_.print(f"Hashing {escape(', '.join(plan.hashed))}. Dropping {escape(dropped)}.")
    if plan.banded:
        out_.print(f"Making age_band from {escape(plan.banded)}.")
    if plan.totals:
        out_.print(f"Leaving out {_count(plan.totals, 'total row')}.")


def _count(count: int, noun: str) -> str:
    many = "people" if noun == "person" else f"{noun}s"
    return f"{count:,} {noun if count == 1 else many}"
