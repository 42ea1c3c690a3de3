"""Whether anything has changed: files by content, reports by what they were made from; pandas is not needed.

What was found is kept in the output folder, so that the next look reads only what may have changed. A kept
digest is used while a file's size, inode and both its times stand, and were older than the look itself;
otherwise the file is read again. Losing what was kept costs time and nothing else.
"""

from __future__ import annotations

__all__ = ["PEERS", "Facts", "Memory", "datasets_part", "fingerprint_of"]

import contextlib
import hashlib
import json
import os
import time
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from s75lib.report.store import digest_of, read_manifest, sealed, write_whole
from s75lib.report.versions import code_digest, environment_versions

FILE = ".s75.json"
PEERS = "peers"
"""Stands among the datasets for what other authorities hold, as `s75lib.loaders.peers` notes it."""

_VERSION = 1
_SURE_AFTER = 2_000_000_000  # nanoseconds: a file written this shortly before a look may change unnoticed


@dataclass(frozen=True)
class Facts:
    """What the plan needs to know of an authority's data, without the data.

    Parameters
    ----------
    slug, name : str
    synthetic : bool
    period, period_slug : str
        The one asked for, or the latest.
    known_to : str
        Day to which the data are known, which every report shows; empty when nothing is dated.
    warnings : str
        Digest of what is doubtful about the data, which every report may show too.
    datasets : dict of str to str
        SHA-256 of each dataset that is held.
    files : bool
        Whether all of them are files of the authority's folder.
    """

    slug: str
    name: str
    synthetic: bool
    period: str
    period_slug: str
    known_to: str
    warnings: str
    datasets: Mapping[str, str] = field(hash=False)
    files: bool = True


def fingerprint_of(parts: Any) -> str:
    """Return the SHA-256 of anything that JSON can hold, whatever the order of its keys.

    Examples
    --------
    >>> fingerprint_of({"a": 1, "b": [2]}) == fingerprint_of({"b": [2], "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Memory:
    """What earlier looks found, kept in the output folder.

    Parameters
    ----------
    out_dir : Path, optional
        None keeps nothing.
    """

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
        kept = self._known["files"].get(key)
        # Only POSIX tells of a change in a time that nobody can set back.
        if os.name == "posix" and isinstance(kept, list) and len(kept) == 2 and kept[0] == marks:
            return str(kept[1])
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
        """Return, for each authority of a data folder, the digest of all that the others can be compared by.

        That is whatever `s75lib.loaders.peers` may read: their settings, definitions and indicators.
        """
        folders = sorted(settings.parent for settings in data.glob("*/authority.toml"))
        held = {
            folder.name: fingerprint_of([(path.name, self.digest(path)) for path in _compared(folder)])
            for folder in folders
        }
        return {own: fingerprint_of([item for item in held.items() if item[0] != own]) for own in held}

    def facts(self, folder: Path, period: str, state: str) -> Facts | None:
        """Return what was found of an authority while its folder was in this state."""
        kept = self._known["facts"].get(_key(folder, period))
        try:
            return Facts(**kept[1]) if kept and kept[0] == state else None
        except (TypeError, IndexError, KeyError):
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
        kept = self._known["reports"].get(_key(manifest))
        if isinstance(kept, list) and len(kept) == 2 and kept[0] == sha and isinstance(kept[1], dict):
            return kept[1]
        whole = read_manifest(manifest)
        if whole is None or not sealed(whole):
            return None
        names = ("status", "fingerprint", "reads", "outputs", "error")
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
    """Return the datasets that a report depends on, with their digests.

    Parameters
    ----------
    held : mapping of str to str
        Digest of each dataset that the authority holds.
    reads : iterable of str, optional
        Those that its notebook looked at, held or not; None when that is not known, and counts as all.

    Returns
    -------
    dict of str to str
        A dataset that was looked at and is not held has an empty digest. What other authorities hold counts
        only where it is known that the notebook looked at it.
    """
    if reads is None:
        return {name: digest for name, digest in held.items() if name != PEERS}
    return {name: held.get(name, "") for name in reads}
