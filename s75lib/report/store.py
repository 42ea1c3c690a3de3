"""The output folder: where a report's files are, how they are written whole, and one run at a time in it."""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import json
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from s75lib.errors import ConfigError
from s75lib.report.tasks import Task

_ENDINGS = ("ipynb", "html", "json")  # the manifest last: it vouches for the others
MADE_FROM_IT = {"xlsx": "Tables as an Excel workbook", "docx": "Word document", "pdf": "PDF"}
"""What can be written beside a report, by ending, as the index calls it."""

_LOCK = ".s75.lock"


@dataclass(frozen=True)
class Place:
    """The files of one report: in ``<out>/<authority>/<period>``, named after notebook and cut."""

    folder: Path
    notebook: str

    @classmethod
    def of(cls, task: Task, out_dir: Path) -> Place:
        """Return the place of a task's report."""
        return cls(out_dir / task.authority / task.period_slug, task.report)

    def file(self, ending: str, *, failed: bool = False) -> Path:
        """Return the path of the report's ``html``, ``ipynb`` or ``json``, or of its failure's."""
        return self.folder / f"{self.notebook}{'.failed' if failed else ''}.{ending}"

    def beside(self, task: Task) -> set[str]:
        """Name the reports that lie in the folder, or that the run makes there."""
        return {*task.beside, *(page.stem for page in self.folder.glob("*.html"))}

    def write(self, files: Mapping[str, str], *, failed: bool = False) -> None:
        """Write notebook, page and manifest, a failure beside the last good report; clear what is stale."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole({self.file(ending, failed=failed): files[ending] for ending in _ENDINGS})
        if not failed:
            for ending in MADE_FROM_IT:
                self.file(ending).unlink(missing_ok=True)
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


def fingerprint_of(parts: Any) -> str:
    """Return the SHA-256 of anything that JSON can hold, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def seal_of(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all that a manifest says, its seal aside."""
    return fingerprint_of({name: value for name, value in manifest.items() if name != "seal"})


def digest_of(content: Path | str) -> str | None:
    """Return the SHA-256 of a text or of a file's bytes; None when there is no such file."""
    if isinstance(content, str):
        return hashlib.sha256(content.encode()).hexdigest()
    try:
        return hashlib.sha256(content.read_bytes()).hexdigest()
    except OSError:
        return None


def write_whole(files: Mapping[Path, str | bytes]) -> None:
    """Write files in order, each wholly or not at all: none is replaced before all are written aside."""
    aside: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            temporary = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
            aside[temporary] = path
            with temporary.open("xb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
        for temporary, path in aside.items():
            temporary.replace(path)
        for folder in {path.parent for path in files}:
            _synchronise(folder)
    finally:
        for temporary in aside:
            temporary.unlink(missing_ok=True)


def _synchronise(folder: Path) -> None:
    """Have the names in a folder on the disk, where folders can be synchronised."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep(out_dir: Path) -> None:
    """Remove what a killed run had written aside; no other run may be at work in the folder."""
    for pattern in (".*.tmp", "*/*/.*.tmp"):
        for path in out_dir.glob(pattern):
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(out_dir: Path) -> Iterator[None]:
    """Hold an output folder by a lock that ends with its process; ConfigError says who else holds it."""
    path = out_dir / _LOCK
    try:
        handle = _open_locked(path)
    except OSError as error:
        raise _unwritable(out_dir, error) from error
    try:
        try:
            os.truncate(handle, 0)
            os.write(handle, _holder().encode())
        except OSError as error:
            raise _unwritable(out_dir, error) from error
        yield
    finally:
        with contextlib.suppress(OSError):
            if os.name == "posix":
                path.unlink(missing_ok=True)  # while it is held: whoever waits for it looks again
        os.close(handle)


def _unwritable(out_dir: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"output folder: found {out_dir.name!r}, which cannot be written ({error.strerror}); "
        "expected a folder that may be written. Make room, or choose another with --out."
    )


def _open_locked(path: Path) -> int:
    """Open the lock file, never through a link, and take the lock."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
        try:
            _take_lock(handle)
        except OSError:
            holder = os.read(handle, 200).decode(errors="replace").strip() or "another run"
            os.close(handle)
            raise ConfigError(
                f"output folder: found it in use by {holder}; expected one run at a time. "
                "Wait for that run, or choose another folder with --out."
            ) from None
        with contextlib.suppress(FileNotFoundError):
            if os.name != "posix" or os.fstat(handle).st_ino == path.stat().st_ino:
                return handle
        os.close(handle)  # its holder removed it in the meantime


def _take_lock(handle: int) -> None:
    if os.name == "posix":
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        import msvcrt

        os.lseek(handle, 1000, os.SEEK_SET)  # beyond the text, which others read
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        finally:
            os.lseek(handle, 0, os.SEEK_SET)


def _holder() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "an unnamed user"
    begun = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{user} on {platform.node()}, process {os.getpid()}, since {begun}\n"
