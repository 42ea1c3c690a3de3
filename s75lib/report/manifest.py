"""The manifest: what a report found, as JSON that another program can rely on."""

from __future__ import annotations

__all__ = ["NO_TIMINGS", "SCHEMA", "Timings", "build_manifest", "validate_manifest"]

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from s75lib.errors import RunError
from s75lib.report.fingerprint import datasets_part, fingerprint_of
from s75lib.report.outputs import Failure, cells_of, failure_of, never_ran, payloads_of, report_of, results_of
from s75lib.report.page import question_of
from s75lib.report.tasks import Task
from s75lib.report.versions import code_commit, code_digest, environment_versions

SCHEMA = Path(__file__).with_name("manifest.schema.json")


@dataclass(frozen=True)
class Timings:
    """When a report was begun and how many seconds its parts took.

    Parameters
    ----------
    started : str
        ISO 8601, UTC.
    seconds, execute, export : float
        The whole, the notebook, and the HTML.
    """

    started: str
    seconds: float
    execute: float
    export: float


NO_TIMINGS = Timings("", 0.0, 0.0, 0.0)


def build_manifest(
    nb: Mapping[str, Any],
    task: Task,
    timings: Timings,
    outputs: Mapping[str, str],
    since: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Build the manifest of an executed notebook.

    Parameters
    ----------
    nb : mapping
        The executed notebook, complete or not.
    task : Task
        What was asked for.
    timings : Timings
        How long it took.
    outputs : mapping of str to str
        SHA-256 of the files written beside the manifest, by name.
    since : mapping, optional
        What the page says has changed since the last report.

    Returns
    -------
    dict
        Valid by `SCHEMA`.

    Notes
    -----
    The status is judged by what ran (see `failure_of`), not by the notebook's own record. It is
    ``not_applicable`` when the notebook says so by a part of kind ``status``, or when it shows sections
    that could not be done and neither headline, table nor figure.
    """
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
        "period": task.period,
        "period_slug": task.period_slug,
        "notebook": task.notebook,
        "question": question_of(nb, task.notebook),
        "parameters": dict(task.parameters),
        "headlines": _items(nb, "headlines"),
        "results": results_of(nb),
        "checks": _items(nb, "checks"),
        "claims": _items(nb, "claims"),
        "not_applicable": [
            {"reason": part["reason"], "needs": part.get("needs", [])}
            for part in payloads_of(nb, "not_applicable")
        ],
        "inputs": [i for i in report.get("inputs", []) if reads is None or i["dataset"] in reads],
        "reads": reads,
        "versions": environment_versions(),
        "code": {"commit": code_commit(), "sha256": code_digest()},
        "since": dict(since) if since else None,
        "timings": {**asdict(timings), "cells": _seconds(nb)},
        "outputs": dict(outputs),
        "fingerprint": fingerprint_of([task.fingerprint, datasets_part(task.datasets, reads)]),
        "reason": reason,
        "error": asdict(failure) if failure else None,
    }


def validate_manifest(manifest: Mapping[str, Any]) -> None:
    """Check a manifest against its JSON Schema.

    Parameters
    ----------
    manifest : mapping
        As built or as read from a file.

    Raises
    ------
    RunError
        Naming every place that does not fit.
    """
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
    if gaps and not _items(nb, "headlines") and not results_of(nb):
        return "not_applicable", gaps[0]["reason"]
    return "ok", None


def _items(nb: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """All items of the payloads of a kind, in the order shown; one shown twice counts once."""
    found: list[dict[str, Any]] = []
    for item in (dict(item) for part in payloads_of(nb, kind) for item in part["items"]):
        if item not in found:
            found.append(item)
    return found


def _seconds(nb: Mapping[str, Any]) -> list[float | None]:
    """Seconds of each cell by papermill's clock, None for a cell that never ran."""
    return [
        None if never_ran(cell) else cell["metadata"].get("papermill", {}).get("duration")
        for cell in cells_of(nb)
    ]
