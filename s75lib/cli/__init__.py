"""The command ``s75``: run, check, diff, verify, list, new, pseudonymise; a module for each."""

from __future__ import annotations

__all__ = ["app", "main"]

from typing import Any


def main() -> None:
    """Run the command; every error that s75lib raises on purpose becomes a message and a status.

    Examples
    --------
    >>> from typer.testing import CliRunner
    >>> from s75lib.cli import app
    >>> CliRunner().invoke(app, ["list"]).exit_code
    0
    """
    from s75lib.cli.application import call

    call()


def __getattr__(name: str) -> Any:
    # Imported when first used: a kernel's parent walks through all packages and wants none of this.
    if name == "app":
        from s75lib.cli.application import app

        return app
    raise AttributeError(f"module 's75lib.cli' has no attribute {name!r}")
