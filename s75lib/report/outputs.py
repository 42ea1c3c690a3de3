"""What an executed notebook shows and whether all of it ran, read from the notebook itself."""

from __future__ import annotations

__all__ = [
    "MIME",
    "Failure",
    "cells_of",
    "failure_of",
    "free_name",
    "lost_of",
    "never_ran",
    "payloads_of",
    "record_failure",
    "report_of",
    "results_of",
]

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from s75lib.report.tasks import error_text
from s75lib.report.text import without_paths

MIME = "application/vnd.s75+json"

_MARKER = "papermill-error-cell-tag"


@dataclass(frozen=True)
class Failure:
    """Where and why a notebook stopped.

    Parameters
    ----------
    cell : int
        Number of the cell in the executed notebook, 1 is the first.
    section : str
        The heading above that cell.
    name, message : str
        The error's class and text, without the machine's paths.
    """

    cell: int
    section: str
    name: str
    message: str

    def __str__(self) -> str:
        return error_text(asdict(self))


def cells_of(nb: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the cells that the author or the parameters put there, without papermill's error notes."""
    return [cell for cell in nb["cells"] if _MARKER not in cell["metadata"].get("tags", [])]


def payloads_of(nb: Mapping[str, Any], kind: str | None = None) -> list[dict[str, Any]]:
    """Return the payloads of our MIME type in the order shown, all or those of one kind."""
    found = []
    for cell in cells_of(nb):
        for output in cell.get("outputs", []):
            payload = output.get("data", {}).get(MIME)
            if isinstance(payload, Mapping) and kind in (None, payload.get("kind")):
                found.append(dict(payload))
    return found


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: a second one of the same name gets ``-2``, and so on.

    Examples
    --------
    >>> free_name("trend", {"trend", "trend-2"})
    'trend-3'
    """
    free, number = name, 2
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def report_of(nb: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload of kind ``report``, empty when the notebook shows none."""
    return next(iter(payloads_of(nb, "report")), {})


def results_of(nb: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the tables and figures by name, in the order shown; a second one of an id gets a number."""
    found: dict[str, dict[str, Any]] = {}
    for part in payloads_of(nb):
        if part["kind"] in ("table", "figure"):
            found[free_name(part["id"], found)] = {
                "kind": part["kind"],
                "title": part["title"],
                "columns": part.get("columns", []),
                "records": part["records"],
                **{name: part[name] for name in ("notes", "hidden") if part.get(name)},
            }
    return found


def never_ran(cell: Mapping[str, Any]) -> bool:
    """Whether a cell holds code that was never executed: no number and no error."""
    return (
        cell["cell_type"] == "code"
        and bool(cell["source"].strip())
        and cell.get("execution_count") is None
        and not any(output["output_type"] == "error" for output in cell.get("outputs", []))
        and "skip-execution" not in cell["metadata"].get("tags", [])
    )


def failure_of(nb: Mapping[str, Any]) -> Failure | None:
    """Judge an executed notebook by what ran, whatever its own record says.

    Parameters
    ----------
    nb : mapping
        The executed notebook.

    Returns
    -------
    Failure or None
        The first cell that raised; else the first that never ran; None when every code cell ran.

    Notes
    -----
    An error in a cell tagged ``raises-exception`` is expected and no failure.
    """
    for number, section, cell in _numbered(nb):
        if "raises-exception" in cell["metadata"].get("tags", []):
            continue
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                return Failure(number, section, output["ename"], without_paths(output["evalue"]).strip())
    for number, section, cell in _numbered(nb):
        if never_ran(cell):
            return Failure(number, section, "NotRun", "The notebook stopped before this cell ran.")
    return None


def lost_of(nb: Mapping[str, Any], earlier: Mapping[str, Any] | None) -> str:
    """Say what a report would lose if it took an earlier one's place.

    Parameters
    ----------
    nb : mapping
        The executed notebook.
    earlier : mapping or None
        Manifest of the report that stands there.

    Returns
    -------
    str
        The datasets that are at fault now and were not then; empty where nothing would be lost.
    """
    if not earlier or earlier.get("status") == "failed":
        return ""
    checks = [check for part in payloads_of(nb, "checks") for check in part["items"]]
    lost = sorted(_left_out(checks) - _left_out(earlier["checks"]))
    if not lost:
        return ""
    return f"{', '.join(lost)} left out for faults; the earlier report, made while sound, is kept."


def _left_out(checks: Iterable[Mapping[str, Any]]) -> set[str]:
    """Find the datasets that a report needed and did not have, for their faults."""
    from s75lib.loaders.data import LEFT_OUT

    return {check["id"].removeprefix(LEFT_OUT) for check in checks if check["id"].startswith(LEFT_OUT)}


def record_failure(nb: Any, error: BaseException) -> None:
    """Show what ended a run from outside, such as a kernel that died, as the error of the cell then running.

    Parameters
    ----------
    nb : NotebookNode
        Changed in place; the error goes when the cell is run again.
    error : exception
        What ended the run.

    Notes
    -----
    The cell is the last one that began, or the first with code when none did. A notebook that already
    shows an error stays as it is.
    """
    from nbformat.v4 import new_output

    if (failure := failure_of(nb)) is not None and failure.name != "NotRun":
        return
    code = [cell for cell in cells_of(nb) if cell["cell_type"] == "code" and cell["source"].strip()]
    # By papermill's start time: a kernel killed at once never sends the cell's number.
    begun = [cell for cell in code if cell["metadata"].get("papermill", {}).get("start_time")]
    shown = new_output(  # type: ignore[no-untyped-call]
        "error", ename=type(error).__name__, evalue=str(error), traceback=[]
    )
    (begun[-1] if begun else code[0])["outputs"].append(shown)


def _numbered(nb: Mapping[str, Any]) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """Each cell with its number and the heading above it."""
    section = ""
    for number, cell in enumerate(cells_of(nb), start=1):
        if cell["cell_type"] == "markdown":
            titles = re.findall(r"^#{1,6}\s+(.+?)\s*#*$", cell["source"], flags=re.MULTILINE)
            section = titles[-1] if titles else section
        yield number, section, cell
