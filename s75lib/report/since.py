"""What has changed since the last report, for the page to say."""

from __future__ import annotations

__all__ = ["since_last"]

from collections.abc import Mapping, Sequence
from typing import Any

from s75lib.report.diff import Move, compare
from s75lib.report.store import Place, read_manifest

_MOST = 12  # lines on the page; s75 diff shows all


def since_last(place: Place, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
    """Compare a new report with the one before it.

    Parameters
    ----------
    place : Place
        Where the new report will be.
    manifest : mapping
        Of the new report.

    Returns
    -------
    dict or None
        ``last`` (which one it was), ``moved``, ``turned`` and ``revised``: lines to show. None when there is
        no report before it.

    Notes
    -----
    The last report is the one that the new one replaces, or else that of the latest earlier period of the
    same kind. A report made again from the same input repeats what it said, so that it is the same page.
    """
    replaced = read_manifest(place.file("json"))
    if replaced and replaced.get("status") == "ok":
        if replaced.get("fingerprint") == manifest["fingerprint"]:
            return replaced.get("since")
        return _said(replaced, manifest, f"on {manifest['period']}, before data, notebook or methods changed")
    earlier = _earlier(place, str(manifest["period_slug"]))
    return _said(earlier, manifest, f"on {earlier['period']}") if earlier else None


def _earlier(place: Place, slug: str) -> dict[str, Any] | None:
    """Read the good report of the latest earlier period of the same kind."""
    folders = sorted((path for path in place.folder.parent.glob("*/") if path.name < slug), reverse=True)
    for folder in folders:
        if folder.name.startswith("fy") == slug.startswith("fy"):
            manifest = read_manifest(folder / f"{place.notebook}.json")
            if manifest and manifest.get("status") == "ok":
                return manifest
    return None


def _said(old: Mapping[str, Any], new: Mapping[str, Any], last: str) -> dict[str, Any]:
    """Put a comparison into lines."""
    found = compare(old, new)
    return {
        "last": last,
        "moved": _lines(found.headlines),
        "turned": _lines(found.checks),
        "revised": [move.id for move in found.inputs],
    }


def _lines(moves: Sequence[Move]) -> list[str]:
    """Write moves, the first of them where they are many."""
    lines = []
    for move in moves[:_MOST]:
        match move.change:
            case "new":
                lines.append(f"New: {move.after}")
            case "gone":
                lines.append(f"No longer there: {move.before}")
            case _:
                lines.append(f"{move.after} Before: {move.before}")
    if len(moves) > _MOST:
        lines.append(f"And {len(moves) - _MOST} more: s75 diff shows them all.")
    return lines
