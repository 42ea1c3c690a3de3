"""``s75 pseudonymise``: a copy of a file that names no person."""

from __future__ import annotations

__all__ = ["EXAMPLES", "pseudonymise"]

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from s75lib.cli.console import out_

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
) -> None:
    """Turn person identifiers into keyed hashes, drop what names a person, keep age bands."""
    from s75lib.loaders.pseudonyms import day_of, find_key
    from s75lib.loaders.pseudonyms import pseudonymise as write_copy

    target = out or file.with_name(f"{file.stem}.pseudonymised.csv")
    done = write_copy(
        file, target, find_key(key_file), person=person, keep=keep or (), on=day_of(on), sheet=sheet
    )
    out_.print(f"Wrote [bold]{escape(str(done.path))}[/]: {done.rows:,} rows.")
    dropped = ", ".join(done.dropped) or "nothing"
    out_.print(f"Hashed: {escape(', '.join(done.hashed))}. Dropped: {escape(dropped)}.")
    if done.banded:
        out_.print(f"Made age_band from {escape(done.banded)}.")
