"""Whether anything has changed: files by content, reports by what they were made from; pandas is not needed.

What was found is kept in the output folder, so that the next look reads only what may have changed. A kept
digest is used while a file's size, inode and both its times stand, and were older than the look itself;
otherwise the file is read again. Losing what was kept costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from s75lib.report.store import digest_of, fingerprint_of, read_manifest, seal_of, write_whole

FILE = ".s75.json"
PEERS = "peers"
"""Stands among the datasets for what other authorities hold, as `s75lib.loaders.peers` notes it."""

_VERSION = 1
_SURE_AFTER = 2_000_000_000  # nanoseconds: a file written this shortly before a look may change unnoticed


@dataclass(frozen=True)
class Facts:
    """What the plan needs to know of an authority's data, without the data."""

    slug: str
    name: str
    synthetic: bool
    period: str  # the one asked for, or the latest
    period_slug: str
    known_to: str  # day to which the data are known, shown by every report; empty when nothing is dated
    warnings: str  # digest of what is doubtful about the data, which every report may show too
    datasets: Mapping[str, str] = field(hash=False)  # SHA-256 of each that is held
    known_from: str = ""  # day from which they are known
    # Service groups and teams that a report can be cut to
    names: Mapping[str, Sequence[str]] = field(default_factory=dict, hash=False)
    files: bool = True  # whether all of them are files of the authority's folder


class Memory:
    """What earlier looks found, kept in the output folder; without one nothing is kept."""

    def __init__(self, out_dir: Path | None = None) -> None:
        self._file = out_dir / FILE if out_dir else None
        self._known: dict[str, Any] = (read_manifest(self._file) if self._file else None) or {}
        self._made_by = fingerprint_of([_VERSION, code_digest(), environment_versions()])
        if not self._valid():
            self._known = {"made_by": self._made_by, "files": {}, "facts": {}, "reports": {}, "index": []}
        self._changed = False

    def _valid(self) -> bool:
        """Whether what was kept is by this code, and has its shape."""
        parts = ("files", "facts", "reports")
        return (
            self._known.get("made_by") == self._made_by
            and all(isinstance(self._known.get(part), dict) for part in parts)
            and isinstance(self._known.get("index"), list)
        )

    def digest(self, path: Path) -> str:
        """Return the SHA-256 of a file's content, empty when there is no such file."""
        try:
            stat = path.stat()
        except OSError:
            return ""
        key = _key(path)
        marks = [stat.st_size, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns]
        # Only POSIX tells of a change in a time that nobody can set back.
        if os.name == "posix" and (kept := self._kept("files", key, marks)):
            return str(kept)
        looked = time.time_ns()
        found = digest_of(path) or ""
        if looked - max(stat.st_mtime_ns, stat.st_ctime_ns) > _SURE_AFTER:
            self._keep("files", key, [marks, found])
        return found

    def state(self, folder: Path) -> str:
        """Return the digest of all files of an authority's folder, names and contents."""
        files = sorted(Path(top, name) for top, _, names in os.walk(folder) for name in names)
        return fingerprint_of([(path.relative_to(folder).as_posix(), self.digest(path)) for path in files])

    def peers(self, data: Path) -> dict[str, str]:
        """Return, for each authority, a digest of what `s75lib.loaders.peers` may read of the others."""
        folders = sorted(settings.parent for settings in data.glob("*/authority.toml"))
        held = {
            folder.name: fingerprint_of([(path.name, self.digest(path)) for path in _compared(folder)])
            for folder in folders
        }
        return {own: fingerprint_of([item for item in held.items() if item[0] != own]) for own in held}

    def facts(self, folder: Path, period: str, state: str) -> Facts | None:
        """Return what was found of an authority while its folder was in this state."""
        try:
            return Facts(**(self._kept("facts", _key(folder, period), state) or {}))
        except TypeError:
            return None

    def keep_facts(self, folder: Path, period: str, state: str, facts: Facts) -> None:
        """Keep what was found of an authority, where its files tell all that it depends on."""
        if facts.files:
            self._keep("facts", _key(folder, period), [state, asdict(facts)])

    def report(self, manifest: Path) -> dict[str, Any] | None:
        """Return what a manifest says in brief; None when it is not there, was cut or was edited."""
        sha = self.digest(manifest)
        if not sha:
            return None
        kept = self._kept("reports", _key(manifest), sha)
        if isinstance(kept, dict):
            return kept
        whole = read_manifest(manifest)
        if whole is None or whole.get("seal") != seal_of(whole):
            return None
        names = ("status", "fingerprint", "reads", "outputs", "unlinked", "error")
        brief = {name: whole.get(name) for name in names}
        brief["headlines"] = [{"text": headline["text"]} for headline in whole["headlines"]]
        brief["checks"] = [{"passed": check["passed"]} for check in whole["checks"]]
        brief["claims"] = [{"verdict": claim["verdict"]} for claim in whole["claims"]]
        brief["seconds"] = whole["timings"]["seconds"]
        self._keep("reports", _key(manifest), [sha, brief])
        return brief

    def index_stands(self, out_dir: Path) -> bool:
        """Whether the index shows the reports as they are, and is as it was written."""
        return bool(self._known["index"] == self._index(out_dir))

    def keep_index(self, out_dir: Path) -> None:
        """Note that the index has been written."""
        self._known["index"], self._changed = self._index(out_dir), True

    def _index(self, out_dir: Path) -> list[str]:
        manifests = sorted(out_dir.glob("*/*/*.json"))
        shown = [(path.relative_to(out_dir).as_posix(), self.digest(path)) for path in manifests]
        return [fingerprint_of(shown), self.digest(out_dir / "index.html")]

    def save(self) -> None:
        """Write what is known, if anything is new; a folder that cannot be written keeps nothing."""
        if self._file and self._changed and self._file.parent.is_dir():
            try:
                write_whole({self._file: json.dumps(self._known)})
            except OSError:
                return
            self._changed = False

    def _kept(self, part: str, key: str, mark: Any) -> Any:
        kept = self._known[part].get(key)
        return kept[1] if isinstance(kept, list) and len(kept) == 2 and kept[0] == mark else None

    def _keep(self, part: str, key: str, value: Any) -> None:
        self._known[part][key] = value
        self._changed = True


def _compared(folder: Path) -> list[Path]:
    """List the files of an authority's folder that a comparison with others may read."""
    settings = folder / "authority.toml"
    found = [settings, folder / "indicators.toml", *folder.glob("kpi.*")]
    text = settings.read_text(encoding="utf-8-sig", errors="replace")
    if "[sources" in text:
        with contextlib.suppress(tomllib.TOMLDecodeError, AttributeError):
            path = tomllib.loads(text).get("sources", {}).get("kpi", {}).get("path", "")
            found += [folder / path] if path else []
    return sorted(found)


def _key(path: Path, *more: str) -> str:
    """Name a place without telling where it is: the output folder may be mailed."""
    return hashlib.sha256("\0".join([str(path), *more]).encode()).hexdigest()[:24]


def datasets_part(held: Mapping[str, str], reads: Iterable[str] | None) -> dict[str, str]:
    """Return the datasets that a report depends on, with digests: all but peers where it isn't known."""
    if reads is None:
        return {name: digest for name, digest in held.items() if name != PEERS}
    return {name: held.get(name, "") for name in reads}


_PACKAGES = (
    "s75lib",
    "pandas",
    "numpy",
    "scipy",
    "statsmodels",
    "pandera",
    "matplotlib",
    "seaborn",
    "papermill",
    "nbclient",
    "nbconvert",
    "nbformat",
    "ipykernel",
    "python-calamine",
    "openpyxl",
)
_SOURCES = (".py", ".j2", ".css", ".js", ".json")


@cache
def environment_versions() -> dict[str, str]:
    """Return the version of Python and of every package that can change a report, by name."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


@cache
def code_digest() -> str:
    """Return the SHA-256 of s75lib's own source and templates, the same wherever it is installed."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.suffix in _SOURCES):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()


@cache
def code_commit() -> str:
    """Return the commit of the git checkout that s75lib runs from; empty where there is none."""
    git = Path(__file__).resolve().parents[2] / ".git"
    try:
        head = (git / "HEAD").read_text(encoding="ascii").strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        if (git / name).is_file():
            return (git / name).read_text(encoding="ascii").strip()
        packed = (git / "packed-refs").read_text(encoding="ascii").splitlines()
        return next((line.split()[0] for line in packed if line.endswith(f" {name}")), "")
    except OSError:
        return ""
