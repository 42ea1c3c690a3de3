"""What is asked of a run, what comes of it, and how it is told while the run goes."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TextIO

from s75lib.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

SAID = {"ok": "made", "unchanged": "unchanged", "not_applicable": "nothing to report", "failed": "FAILED"}
"""Statuses as the command line words them."""

_FAULT = re.compile(r"cell (\d+)(?:, “[^”]*”)?: (\w+)")


CUTS = ("service_group", "team", "compare_with")
_LONGEST = 60  # letters of a name that a file's bears


def cut_of(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Give the parameters that cut a report, as far as they are set."""
    return {name: str(parameters[name]) for name in CUTS if parameters.get(name)}


@dataclass(frozen=True)
class Task:
    """One report to make."""

    authority: str  # its slug
    authority_name: str
    synthetic: bool
    period: str
    period_slug: str
    notebook: str  # file name without ending
    source: Path
    folder: Path  # where it runs: the folder that holds the data folder, so that no parameter is absolute
    parameters: Mapping[str, Any] = field(hash=False)
    fingerprint: str  # of everything that can change the report, its datasets aside
    # SHA-256 of each dataset that the authority holds; under `peers`, of what others can be compared by
    datasets: Mapping[str, str] = field(default_factory=dict, hash=False)
    beside: tuple[str, ...] = field(
        default=(), compare=False
    )  # reports that the run makes in the same folder

    @property
    def report(self) -> str:
        """Name of the report's files without ending: the notebook's, and what it is cut to."""
        cuts = cut_of(self.parameters)
        if "compare_with" in cuts:  # a period's own sign needs no hash
            cuts["compare_with"] = re.sub(r"[/-]", " ", cuts["compare_with"])
        return "-".join(
            [self.notebook, *(f"{name.replace('_', '-')}-{_slug(value)}" for name, value in cuts.items())]
        )


def _slug(value: str) -> str:
    """Write a name as part of a file's; a long one, or one with other signs, gets a hash."""
    slug = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")[:_LONGEST].strip("-")
    if slug.replace("-", " ") == value.lower():
        return slug
    return "-".join(filter(None, [slug, hashlib.sha256(value.encode()).hexdigest()[:6]]))


@dataclass(frozen=True)
class Limits:
    """What a report may take: seconds for its notebook, bytes that its kernel may add to its first ones."""

    seconds: float | None = None
    memory: int | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True)
class Outcome:
    """What came of a task."""

    task: Task
    status: Literal["ok", "failed", "not_applicable", "unchanged"]
    seconds: float
    headlines: tuple[str, ...] = ()  # the sentences
    checks_passed: int = 0
    checks_failed: int = 0
    claims: Mapping[str, int] = field(default_factory=dict)  # published statements by verdict
    error: str = ""
    path: Path | None = None  # the page: the report, or the partial one of a failure


@dataclass(frozen=True)
class Finished:
    """A report is done, whatever came of it: the `done`-th of `total`."""

    outcome: Outcome
    done: int
    total: int


def outcome_of(
    manifest: Mapping[str, Any], task: Task, path: Path, seconds: float, *, unchanged: bool = False
) -> Outcome:
    """Return the outcome that a manifest tells of."""
    passed = [check["passed"] for check in manifest["checks"]]
    return Outcome(
        task=task,
        status="unchanged" if unchanged else manifest["status"],
        seconds=seconds,
        headlines=tuple(headline["text"] for headline in manifest["headlines"]),
        checks_passed=passed.count(True),
        checks_failed=passed.count(False),
        claims=dict(Counter(claim["verdict"] for claim in manifest["claims"])),
        error=error_text(manifest["error"]),
        path=path,
    )


def error_text(error: Mapping[str, Any] | None) -> str:
    """Write a manifest's error as one line: cell, section, name, message."""
    if not error:
        return ""
    where = f"cell {error['cell']}" + (f", “{error['section']}”" if error["section"] else "")
    return f"{where}: {error['name']}" + (f": {error['message']}" if error["message"] else "")


class Progress:
    """Tells of a run as its events come: by lines and a bar, JSON objects, or failures alone."""

    def __init__(
        self,
        console: Console,
        total: int,
        *,
        quiet: bool = False,
        lines: TextIO | None = None,
        log: Path | None = None,
    ) -> None:
        from rich import progress as bars

        self._lines, self._silent = lines, quiet or lines is not None
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

    def __call__(self, event: Finished) -> None:
        """Tell of a report that is done."""
        if self._lines is not None:
            print(json.dumps(_object(event), ensure_ascii=False), file=self._lines, flush=True)
        elif not self._silent or event.outcome.status == "failed":
            self._bar.console.print(_line(event), markup=False)
        if self._log:
            print(_log_line(event.outcome, datetime.now(UTC)), file=self._log, flush=True)
        self._bar.update(self._task, completed=event.done)


def _line(event: Finished) -> str:
    outcome, task = event.outcome, event.outcome.task
    parts = [f"{event.done:>3}/{event.total}", task.authority, task.report, task.period]
    parts += [SAID[outcome.status]]
    parts += [f"{outcome.seconds:.1f} s"] if outcome.seconds else []
    if outcome.status in ("ok", "unchanged"):
        counted = ((len(outcome.headlines), "headline", ""), (outcome.checks_failed, "check", " failed"))
        parts += [", ".join(f"{many} {noun}{'s' * (many != 1)}{how}" for many, noun, how in counted)]
    return "  ".join(parts) + (f"\n       {outcome.error}" if outcome.error else "")


def _object(event: Finished) -> dict[str, Any]:
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


def _log_line(outcome: Outcome, now: datetime) -> str:
    """One report for the log file; an error's cell and kind alone, since its message may quote data."""
    task = outcome.task
    found = _FAULT.match(outcome.error)
    fault = f" cell {found[1]} {found[2]}" if found else " not written" if outcome.error else ""
    what = f"{task.authority} {task.period} {task.report} {outcome.status} {outcome.seconds:.1f}s"
    return f"{now.isoformat(timespec='seconds')} {what}{fault}"
