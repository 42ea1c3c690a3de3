"""``s75 new``: the folder of an authority."""

from __future__ import annotations

__all__ = ["EXAMPLES", "new"]

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from s75lib.cli.console import DataDir, out_
from s75lib.errors import ConfigError

EXAMPLES = ("s75 new my-council", "s75 new my-example --example", "s75 new my-council --from-cld return.csv")


def new(
    name: Annotated[str, typer.Argument(help="Folder name: lower-case letters, digits, hyphens.")],
    example: Annotated[
        bool, typer.Option("--example", help="Fill it with the synthetic example's data.")
    ] = False,
    from_cld: Annotated[
        Path | None,
        typer.Option("--from-cld", metavar="FILE", help="Fill its ledger from a Client Level Data return."),
    ] = None,
    data: DataDir = Path("data"),
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
        out_.print(f"Wrote synthetic data to [bold]{escape(str(folder))}[/].")
        out_.print(f"Next: [bold]s75 run {name}[/]")
        return
    for path in start_authority(name, data):
        out_.print(f"Wrote [bold]{escape(str(path))}[/]")
    out_.print(
        "Fill in the sheets that you have figures for; the sheet 'guidance' says what each column holds. "
        f"Then: [bold]s75 check {name}[/]"
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
    out_.print(f"Next: [bold]s75 check {name}[/]; client_level_data.md in the folder says all this again.")
