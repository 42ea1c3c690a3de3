"""What is asked of a run, what it says while it runs, and what comes of it."""

from __future__ import annotations

__all__ = [
    "NO_LIMITS",
    "Event",
    "Finished",
    "Limits",
    "Outcome",
    "Started",
    "Task",
    "error_text",
    "outcome_of",
]

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Task:
    """One report to make.

    Parameters
    ----------
    authority, authority_name, synthetic
        Whose: slug, name, and whether the data are invented.
    period, period_slug : str
        ``2018/19`` and ``fy2018-19``, or a month.
    notebook : str
        File name without ending.
    source : Path
        The notebook file.
    folder : Path
        Working folder of the run: the one that holds the data folder, so that no parameter is absolute.
    parameters : dict
        All that the run sets, checked by name and type.
    fingerprint : str
        Of everything that can change the report, its datasets aside.
    datasets : dict of str to str
        SHA-256 of each dataset that the authority holds; under ``peers``, of what others can be compared by.
    """

    authority: str
    authority_name: str
    synthetic: bool
    period: str
    period_slug: str
    notebook: str
    source: Path
    folder: Path
    parameters: Mapping[str, Any] = field(hash=False)
    fingerprint: str
    datasets: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Limits:
    """What a report may take.

    Parameters
    ----------
    seconds : float, optional
        For its whole notebook.
    memory : int, optional
        Bytes of data that its kernel may add to what it begins with.
    """

    seconds: float | None = None
    memory: int | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True)
class Outcome:
    """What came of a task.

    Parameters
    ----------
    task : Task
    status : str
        As in the manifest, or ``unchanged`` when the report was current and left alone.
    seconds : float
        Time taken; 0 when unchanged.
    headlines : tuple of str
        The sentences.
    checks_passed, checks_failed : int
        Checks of the report.
    claims : mapping of str to int
        Published statements checked, by verdict.
    error : str
        Where and why it failed; empty otherwise.
    path : Path or None
        The HTML page: the report, or the partial one of a failure; None when nothing could be written.
    """

    task: Task
    status: Literal["ok", "failed", "not_applicable", "unchanged"]
    seconds: float
    headlines: tuple[str, ...] = ()
    checks_passed: int = 0
    checks_failed: int = 0
    claims: Mapping[str, int] = field(default_factory=dict)
    error: str = ""
    path: Path | None = None


@dataclass(frozen=True)
class Started:
    """A report was given to a worker."""

    task: Task


@dataclass(frozen=True)
class Finished:
    """A report is done, whatever came of it: the `done`-th of `total`."""

    outcome: Outcome
    done: int
    total: int


Event = Started | Finished


def outcome_of(
    manifest: Mapping[str, Any], task: Task, path: Path, seconds: float, *, unchanged: bool = False
) -> Outcome:
    """Return the outcome that a manifest tells of.

    Parameters
    ----------
    manifest : mapping
    task : Task
    path : Path
        The HTML page.
    seconds : float
        Time taken.
    unchanged : bool
        Whether the report was current and left alone.

    Returns
    -------
    Outcome
    """
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
