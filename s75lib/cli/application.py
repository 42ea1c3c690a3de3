"""The commands put together, and what becomes of errors."""

from __future__ import annotations

__all__ = ["app", "call"]

import sys

import typer
from rich.markup import escape

from s75lib.cli import check, diff, listing, new, pseudonymise, run, verify
from s75lib.cli.console import err
from s75lib.errors import ConfigError, DataError, S75Error

app = typer.Typer(
    name="s75",
    help="Reports on mental health social work under a section 75 agreement: budget, workload, KPIs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _epilog(examples: tuple[str, ...]) -> str:
    noun = "Example" if len(examples) == 1 else "Examples"
    return f"{noun}:  " + "  ·  ".join(f"[bold]{example}[/]" for example in examples)


app.command(epilog=_epilog(run.EXAMPLES))(run.run)
app.command(epilog=_epilog(check.EXAMPLES))(check.check)
app.command(epilog=_epilog(diff.EXAMPLES))(diff.diff)
app.command(epilog=_epilog(verify.EXAMPLES))(verify.verify)
app.command("list", epilog=_epilog(listing.EXAMPLES))(listing.list_)
app.command(epilog=_epilog(new.EXAMPLES))(new.new)
app.command(epilog=_epilog(pseudonymise.EXAMPLES))(pseudonymise.pseudonymise)


def call() -> None:
    """Run the command that the arguments name, and end the process with its status."""
    try:
        app()
    except S75Error as error:
        err.print(f"[bold red]s75:[/] {escape(str(error))}")
        sys.exit(2 if isinstance(error, ConfigError | DataError) else 1)
