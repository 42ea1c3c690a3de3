"""What a run says while it goes: a bar with a line a report, plain lines, JSON lines, nothing; and a log."""

from __future__ import annotations

__all__ = ["Progress", "log_line"]

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from rich import progress as bars
from rich.console import Console
from rich.markup import escape

from s75lib.errors import ConfigError
from s75lib.report.tasks import Event, Finished, Outcome

_SAID = {"ok": "made", "unchanged": "unchanged", "not_applicable": "nothing to report", "failed": "FAILED"}
_FAULT = re.compile(r"cell (\d+)(?:, “[^”]*”)?: (\w+)")


class Progress:
    """Tells of a run as its events come; a context manager, to be called with each event.

    Parameters
    ----------
    console : Console
        Where lines and the bar go; the bar only to a terminal.
    total : int
        Reports in the plan.
    quiet : bool
        Say nothing.
    lines : file, optional
        Where one JSON object for each report goes, in place of lines for people.
    log : Path, optional
        File to which a line for each report is added; see `log_line`.
    """

    def __init__(
        self,
        console: Console,
        total: int,
        *,
        quiet: bool = False,
        lines: TextIO | None = None,
        log: Path | None = None,
    ) -> None:
        self._console, self._lines = console, lines
        self._silent = quiet or lines is not None
        try:
            self._log = log.open("a", encoding="utf-8") if log else None
        except OSError as error:
            raise ConfigError(
                f"log: found a file that cannot be written ({error.strerror}); choose another."
            ) from error
        self._bar = bars.Progress(
            bars.TextColumn("reports"),
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TimeElapsedColumn(),
            bars.TextColumn("left"),
            bars.TimeRemainingColumn(),
            console=console,
            disable=self._silent or not console.is_terminal,
        )
        self._task = self._bar.add_task("reports", total=total)

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        if self._log:
            self._log.close()

    def __call__(self, event: Event) -> None:
        """Tell of a report that is done."""
        if not isinstance(event, Finished):
            return
        if self._lines is not None:
            print(json.dumps(_object(event), ensure_ascii=False), file=self._lines, flush=True)
        elif not self._silent:
            self._bar.console.print(escape(_line(event)))
        if self._log:
            print(log_line(event.outcome, datetime.now(UTC)), file=self._log, flush=True)
        self._bar.update(self._task, completed=event.done)


def _line(event: Finished) -> str:
    """One report for people."""
    outcome, task = event.outcome, event.outcome.task
    parts = [f"{event.done:>3}/{event.total}", task.authority, task.notebook, task.period]
    parts.append(_SAID[outcome.status])
    if outcome.seconds:
        parts.append(f"{outcome.seconds:.1f} s")
    if outcome.status in ("ok", "unchanged"):
        parts.append(f"{len(outcome.headlines)} headlines, {outcome.checks_failed} checks failed")
    return "  ".join(parts) + (f"\n       {outcome.error}" if outcome.error else "")


def _object(event: Finished) -> dict[str, Any]:
    """One report for programs."""
    outcome, task = event.outcome, event.outcome.task
    return {
        "done": event.done,
        "total": event.total,
        "authority": task.authority,
        "notebook": task.notebook,
        "period": task.period,
        "status": outcome.status,
        "seconds": round(outcome.seconds, 3),
        "headlines": len(outcome.headlines),
        "checks_passed": outcome.checks_passed,
        "checks_failed": outcome.checks_failed,
        "error": outcome.error,
    }


def log_line(outcome: Outcome, now: datetime) -> str:
    """Write one report for the log file, with nothing personal in it.

    Parameters
    ----------
    outcome : Outcome
    now : datetime

    Returns
    -------
    str
        No message of an error, which may quote data: its cell and kind alone; no user, machine or path.
    """
    task = outcome.task
    found = _FAULT.match(outcome.error)
    fault = f" cell {found[1]} {found[2]}" if found else " not written" if outcome.error else ""
    what = f"{task.authority} {task.period} {task.notebook} {outcome.status} {outcome.seconds:.1f}s"
    return f"{now.isoformat(timespec='seconds')} {what}{fault}"
