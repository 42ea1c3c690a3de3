"""What an executed notebook shows, whether all of it ran, and its manifest, which other programs rely on."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from s75lib.errors import RunError
from s75lib.report.fingerprint import code_commit, code_digest, datasets_part, environment_versions
from s75lib.report.store import fingerprint_of
from s75lib.report.tasks import Task, error_text

MIME = "application/vnd.s75+json"
SCHEMA = Path(__file__).with_name("manifest.schema.json")

_MARKER = "papermill-error-cell-tag"
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_START = r"(?:file:(?=/))?(?:[A-Za-z]:[\\/]+|\\\\|/{1,3}|~[\\/])"
_QUOTED = re.compile(rf"""(['"])(?<![\w.]['"]){_START}(?:[^'"\n\\/]+[\\/]+)+([^'"\n\\/]*)\1""")
_BARE = re.compile(rf"""(?<![\w.:/\\~-]){_START}(?:[^\s'"<>|:*?\\/]+[\\/]+)+([^\s'"<>|:*?\\/,;)\]]*)""")


def without_paths(text: str) -> str:
    r"""Shorten every absolute path in a text to its last part, and take terminal colours out."""
    return _BARE.sub(r"\1", _QUOTED.sub(r"\1\2\1", _COLOURS.sub("", text)))


@dataclass(frozen=True)
class Failure:
    """Where and why a notebook stopped; the message is without the machine's paths."""

    cell: int  # in the executed notebook, 1 is the first
    section: str  # the heading above it
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
    """Return a name that is not taken: a second one of the same name gets ``-2``, and so on."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def report_of(nb: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload of kind ``report``, empty when the notebook shows none."""
    return next(iter(payloads_of(nb, "report")), {})


def items_of(nb: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return all items of the payloads of a kind, in the order shown; one shown twice counts once."""
    found: list[dict[str, Any]] = []
    for item in (dict(item) for part in payloads_of(nb, kind) for item in part["items"]):
        if item not in found:
            found.append(item)
    return found


def headlines_of(nb: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the headlines, those of the summary first; these stand in their sections too, and count once."""
    first = items_of(nb, "summary")
    ids = {item["id"] for item in first}
    return first + [item for item in items_of(nb, "headlines") if item["id"] not in ids]


def question_of(nb: Mapping[str, Any], name: str = "") -> str:
    """Return a notebook's question: its first level-1 heading, what its report part says, or its name."""
    from s75lib.report.sanitise import Outline

    outline = Outline()
    for cell in cells_of(nb):
        if cell["cell_type"] == "markdown" and not outline.title:
            outline.render(cell["source"], cell.get("attachments"))
    said = report_of(nb).get("question") or name.replace("_", " ").capitalize() or "Report"
    return outline.title or str(said)


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
    """Judge a notebook by what ran, whatever it records; an error tagged ``raises-exception`` is none."""
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
    """Name the datasets that are at fault now and were not in the earlier report, which then stays."""
    if not earlier or earlier.get("status") == "failed":
        return ""
    lost = ", ".join(sorted(_left_out(items_of(nb, "checks")) - _left_out(earlier["checks"])))
    return f"{lost} left out for faults; the earlier report, made while sound, is kept." if lost else ""


def _left_out(checks: Iterable[Mapping[str, Any]]) -> set[str]:
    """Find the datasets that a report needed and did not have, for their faults."""
    from s75lib.loaders.data import LEFT_OUT

    return {check["id"].removeprefix(LEFT_OUT) for check in checks if check["id"].startswith(LEFT_OUT)}


def record_failure(nb: Any, error: BaseException) -> None:
    """Show what ended a run from outside as the error of the cell then running, if it shows none."""
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
    section = ""
    for number, cell in enumerate(cells_of(nb), start=1):
        if cell["cell_type"] == "markdown":
            titles = re.findall(r"^#{1,6}\s+(.+?)\s*#*$", cell["source"], flags=re.MULTILINE)
            section = titles[-1] if titles else section
        yield number, section, cell


def mark_what_ran(nb: Any) -> Failure | None:
    """Set papermill's record by what ran: it marks cells that never ran completed, and exits a success."""
    failure = failure_of(nb)
    nb.metadata.setdefault("papermill", {})["exception"] = failure is not None
    cells: list[Any] = list(cells_of(nb))
    for number, cell in enumerate(cells, start=1):
        if failure is not None and number == failure.cell and not never_ran(cell):
            cell.metadata.setdefault("papermill", {}).update({"status": "failed", "exception": True})
        elif never_ran(cell):
            nothing = dict.fromkeys(("exception", "start_time", "end_time", "duration"))
            cell.metadata["papermill"] = {"status": "pending", **nothing}
    return failure


_INJECTED = "injected-parameters"


def without_machine(nb: Any, name: str) -> None:
    """Take the machine's paths out of an executed notebook, and what it drew by chance."""
    nb.cells = list(cells_of(nb))
    record = nb.metadata.setdefault("papermill", {})
    record["input_path"] = record["output_path"] = f"{name}.ipynb"
    for cell in nb.cells:
        # Papermill names the cell of the parameters at random, which can read as a number: 45380e05.
        if _INJECTED in cell.metadata.get("tags", []):
            cell.id = _INJECTED
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.evalue = without_paths(output.evalue)
                output.traceback = [without_paths(line) for line in output.traceback]
            elif output.output_type == "stream":
                output.text = without_paths(output.text)


def build_manifest(nb: Mapping[str, Any], task: Task) -> dict[str, Any]:
    """Build the manifest of a notebook, complete or not; ``since``, timings and outputs come later."""
    failure = failure_of(nb)
    report = report_of(nb)
    reads = nb["metadata"].get("s75", {}).get("reads")
    status, reason = _status(nb, failure)
    return {
        "manifest_version": 1,
        "status": status,
        "authority": task.authority,
        "authority_name": report.get("name", task.authority_name),
        "synthetic": task.synthetic or bool(report.get("synthetic")),
        "internal": bool(report.get("internal")),
        "approved": bool(report.get("approved", True)),
        "period": task.period,
        "period_slug": task.period_slug,
        "notebook": task.notebook,
        "question": question_of(nb, task.notebook),
        "parameters": dict(task.parameters),
        "headlines": headlines_of(nb),
        "results": results_of(nb),
        "checks": items_of(nb, "checks"),
        "claims": items_of(nb, "claims"),
        "not_applicable": [
            {"reason": part["reason"], "needs": part.get("needs", [])}
            for part in payloads_of(nb, "not_applicable")
        ],
        "commentary": [
            {name: said for name, said in note.items() if name != "kind"} for note in payloads_of(nb, "note")
        ],
        "inputs": [i for i in report.get("inputs", []) if reads is None or i["dataset"] in reads],
        "reads": reads,
        "versions": environment_versions(),
        "code": {"commit": code_commit(), "sha256": code_digest()},
        "since": None,
        "timings": {"started": "", "seconds": 0.0, "execute": 0.0, "export": 0.0, "cells": _seconds(nb)},
        "outputs": {},
        "unlinked": [],
        "fingerprint": fingerprint_of([task.fingerprint, datasets_part(task.datasets, reads)]),
        "reason": reason,
        "error": asdict(failure) if failure else None,
    }


def validate_manifest(manifest: Mapping[str, Any]) -> None:
    """Check a manifest against its JSON Schema; RunError names every place that does not fit."""
    from jsonschema import Draft202012Validator

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    faults = sorted(Draft202012Validator(schema).iter_errors(manifest), key=lambda fault: fault.json_path)
    if faults:
        lines = [f"  {fault.json_path}: {fault.message[:300]}" for fault in faults]
        raise RunError("\n".join([f"The manifest does not fit its schema in {len(faults)} places:", *lines]))


def _status(nb: Mapping[str, Any], failure: Failure | None) -> tuple[str, str | None]:
    """Status and, where the data do not allow the analysis, the reason."""
    if failure is not None:
        return "failed", None
    for part in payloads_of(nb, "status"):
        if part["status"] == "not_applicable":
            return "not_applicable", part["reason"]
    gaps = payloads_of(nb, "not_applicable")
    if gaps and not headlines_of(nb) and not results_of(nb):
        return "not_applicable", gaps[0]["reason"]
    return "ok", None


def _seconds(nb: Mapping[str, Any]) -> list[float | None]:
    return [
        None if never_ran(cell) else cell["metadata"].get("papermill", {}).get("duration")
        for cell in cells_of(nb)
    ]
