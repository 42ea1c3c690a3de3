"""The command ``s75``: ``reports`` (run, diff, verify, list) and ``data`` (check, new, pseudonymise)."""

from __future__ import annotations

__all__ = ["app", "main"]

import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the command; every error that s75lib raises on purpose becomes a message and a status.

    >>> from typer.testing import CliRunner
    >>> from s75lib.cli import app
    >>> CliRunner().invoke(app, ["list"]).exit_code
    0
    """
    from rich.markup import escape

    from s75lib.cli.application import called, err
    from s75lib.errors import ConfigError, DataError, S75Error

    try:
        __getattr__("app")()
    except S75Error as error:
        said = str(error).replace("'s75 ", f"'{called()} ")
        err.print(f"[bold red]s75:[/] {escape(said)}")
        sys.exit(2 if isinstance(error, ConfigError | DataError) else 1)
    except OSError as error:
        file = f"{Path(error.filename).name}: " if isinstance(error.filename, str) else ""
        told = f"{file}cannot be read or written ({error.strerror})."
        err.print(f"[bold red]s75:[/] {escape(told)}")
        sys.exit(1)


def __getattr__(name: str) -> Any:
    # Imported when first used: a kernel's parent walks through all packages and wants none of this.
    if name == "app":
        from s75lib.cli import data, reports  # noqa: F401 - they join it
        from s75lib.cli.application import app

        return app
    raise AttributeError(f"module 's75lib.cli' has no attribute {name!r}")
