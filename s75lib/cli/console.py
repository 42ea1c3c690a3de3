"""What all commands share: where they write, and options that several have."""

from __future__ import annotations

__all__ = ["DataDir", "err", "find_notebooks_folder", "out_"]

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from s75lib.errors import ConfigError

_WIDE = 160  # in a log or a pipe, where no terminal says how wide it is

err = Console(stderr=True, soft_wrap=True, highlight=False, width=None if sys.stderr.isatty() else _WIDE)
"""Standard error: progress, faults, what went wrong."""

out_ = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else _WIDE)
"""Standard output: what was asked for."""

DataDir = Annotated[Path, typer.Option("--data", help="Folder that holds a folder for each authority.")]
"""The option ``--data``."""


def find_notebooks_folder() -> Path:
    """Find the folder of the notebooks, here or above.

    Returns
    -------
    Path

    Raises
    ------
    ConfigError
        If there is none.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir():
            return folder / "notebooks"
    raise ConfigError(
        "notebooks: found no folder 'notebooks' here or above; run s75 in the folder of the project."
    )
