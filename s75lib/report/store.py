"""Where a report's files are, and how they are written: aside first, so that a file is whole or not there."""

from __future__ import annotations

__all__ = ["Place", "digest_of", "read_manifest", "seal_of", "sealed", "sweep", "write_whole"]

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from s75lib.report.tasks import Task

_ENDINGS = ("ipynb", "html", "json")  # the manifest last: it vouches for the others


@dataclass(frozen=True)
class Place:
    """The files of one report in the output folder.

    Parameters
    ----------
    folder : Path
        ``<out>/<authority>/<period>``.
    notebook : str
    """

    folder: Path
    notebook: str

    @classmethod
    def of(cls, task: Task, out_dir: Path) -> Place:
        """Return the place of a task's report."""
        return cls(out_dir / task.authority / task.period_slug, task.notebook)

    def file(self, ending: str, *, failed: bool = False) -> Path:
        """Return the path of the report's ``html``, ``ipynb`` or ``json``, or of its failure's."""
        return self.folder / f"{self.notebook}{'.failed' if failed else ''}.{ending}"

    def write(self, files: Mapping[str, str], *, failed: bool = False) -> None:
        """Write the notebook, the page and the manifest in this order.

        Parameters
        ----------
        files : mapping of str to str
            Text by ending: ipynb, html, json.
        failed : bool
            Beside the last good report, which stays; otherwise in its place, and what is left of an
            earlier failure goes.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole({self.file(ending, failed=failed): files[ending] for ending in _ENDINGS})
        if not failed:
            self.clear_failure()

    def clear_failure(self) -> None:
        """Remove the files of an earlier failure."""
        for ending in _ENDINGS:
            self.file(ending, failed=True).unlink(missing_ok=True)


def read_manifest(path: Path) -> dict[str, Any] | None:
    """Return a manifest as it stands in a file; None when there is none or it was cut."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def seal_of(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all that a manifest says, its seal aside."""
    content = {name: value for name, value in manifest.items() if name != "seal"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def sealed(manifest: Mapping[str, Any]) -> bool:
    """Whether a manifest says what it said when it was written."""
    return manifest.get("seal") == seal_of(manifest)


def digest_of(content: Path | str) -> str | None:
    """Return the SHA-256 of a text or of a file's bytes; None when there is no such file."""
    if isinstance(content, str):
        return hashlib.sha256(content.encode()).hexdigest()
    try:
        return hashlib.sha256(content.read_bytes()).hexdigest()
    except OSError:
        return None


def write_whole(files: Mapping[Path, str]) -> None:
    """Write texts so that each file holds all of its new content or all of its old.

    Parameters
    ----------
    files : mapping of Path to str
        UTF-8, written in this order. Nothing is replaced before all are written aside.

    Raises
    ------
    OSError
        If a file cannot be written; no temporary file is left.
    """
    aside: dict[Path, Path] = {}
    try:
        for path, text in files.items():
            temporary = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
            aside[temporary] = path
            with temporary.open("xb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
        for temporary, path in aside.items():
            temporary.replace(path)
        for folder in {path.parent for path in files}:
            _settle(folder)
    finally:
        for temporary in aside:
            temporary.unlink(missing_ok=True)


def sweep(out_dir: Path) -> None:
    """Remove what a killed run had written aside; no other run may be at work in the folder."""
    for pattern in (".*.tmp", "*/*/.*.tmp"):
        for path in out_dir.glob(pattern):
            path.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Have the names in a folder on the disk, where folders can be synchronised."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
