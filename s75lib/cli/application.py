"""What all commands share: the application that they join, where they write, options that several have."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from s75lib.errors import UNPRINTED, ConfigError

_WIDE = 160  # in a log or a pipe, where no terminal says how wide it is

_QUOTED = re.compile(r"'(?=[^'\n]*[\d@])[^'\n]{5,}'")


def printable(text: str) -> str:
    r"""Take out of a text controls and bidirectional marks, and of its quotations what identifies a person.

    >>> printable("a\x1b[31mb\x00c\u202ed: found '999 000 0018'")
    "a[31mbcd: found '…'"
    """
    return _QUOTED.sub(_unnamed, UNPRINTED.sub("", text))


def _unnamed(quoted: re.Match[str]) -> str:
    from s75lib.loaders.identifiers import find_identifiers  # brings pandas, which few commands need

    return "'…'" if find_identifiers(quoted[0]) else quoted[0]


class _Console(Console):
    """Prints texts that came from data without what could take the terminal over."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Make a text of a string, be it a line or a table's cell."""
        return super().render_str(printable(text), **options)


err = _Console(stderr=True, soft_wrap=True, highlight=False, width=None if sys.stderr.isatty() else _WIDE)
"""Standard error: progress, faults, what went wrong."""

out_ = _Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else _WIDE)
"""Standard output: what was asked for."""


def a_path(given: str | Path) -> Path:
    """Read a path of the call; a blank, as of a variable that isn't set, would be the working folder."""
    if not str(given).strip():
        raise ConfigError("path: found a blank; expected a name. Write it, or leave the option out.")
    return Path(given)


def a_file(name: str, said: str) -> Any:
    """Make an option that takes a file."""
    return typer.Option(name, parser=a_path, metavar="FILE", help=said)


def a_flag(name: str, said: str) -> Any:
    """Make an option that is given or not."""
    return typer.Option(name, help=said)


DataDir = Annotated[
    Path,
    typer.Option(
        "--data", parser=a_path, metavar="PATH", help="Folder that holds a folder for each authority."
    ),
]
"""The option ``--data``."""

app = typer.Typer(
    name="s75",
    help="Reports on mental health social work under a section 75 agreement: budget, workload, KPIs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def called() -> str:
    """Give the command as the user called it: through uv, it is ``uv run s75``."""
    return "uv run s75" if "UV_RUN_RECURSION_DEPTH" in os.environ else "s75"


def _version(asked: bool) -> None:
    if asked:
        out_.print(f"s75 {version('s75lib')}, Python {platform.python_version()}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and leave.")
    ] = False,
) -> None:
    """Answer to options that stand before any command."""


def command(*examples: str, name: str | None = None) -> Callable[[Any], Any]:
    """Have a function join the application, with examples below its help."""
    noun = "Example" if len(examples) == 1 else "Examples"
    shown = "  ·  ".join(f"[bold]{example}[/]" for example in examples)
    return app.command(name, epilog=f"{noun}:  {shown}")


def find_notebooks_folder() -> Path:
    """Find the folder of the notebooks, here or above."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir():
            return folder / "notebooks"
    raise ConfigError(
        "notebooks: found no folder 'notebooks' here or above; call it in the folder of the project."
    )
