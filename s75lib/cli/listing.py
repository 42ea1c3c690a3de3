"""``s75 list``: the authorities and the notebooks."""

from __future__ import annotations

__all__ = ["EXAMPLES", "list_"]

from pathlib import Path

from rich.markup import escape
from rich.table import Table

from s75lib.cli.console import DataDir, find_notebooks_folder, out_

EXAMPLES = ("s75 list",)


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
