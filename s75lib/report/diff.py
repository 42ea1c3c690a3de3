"""Two runs of a report compared: headlines and results that moved, checks that turned, data revised."""

from __future__ import annotations

__all__ = ["Comparison", "Move", "compare", "read_report"]

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from s75lib.errors import ConfigError
from s75lib.report.store import read_manifest

_SAME = 1e-9  # relative: summing in another order moves the last digits and nothing else


@dataclass(frozen=True)
class Move:
    """One thing that differs between two reports.

    Parameters
    ----------
    id : str
        Of the headline, the check or the cell (``result / row / column``), or the input's path.
    change : str
        ``moved``, ``new`` or ``gone``.
    before, after : str
        As each report has it; empty where it has none.
    difference : float or None
        After less before, of numbers.
    unit : str
        Of the difference.
    """

    id: str
    change: Literal["moved", "new", "gone"]
    before: str = ""
    after: str = ""
    difference: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Comparison:
    """What changed from one report to another.

    Parameters
    ----------
    old, new : dict
        Of each report: authority, period, notebook, known_to.
    headlines, results, checks, inputs, parameters, versions : tuple of Move
    """

    old: dict[str, str]
    new: dict[str, str]
    headlines: tuple[Move, ...]
    results: tuple[Move, ...]
    checks: tuple[Move, ...]
    inputs: tuple[Move, ...]
    parameters: tuple[Move, ...]
    versions: tuple[Move, ...]

    @property
    def same_findings(self) -> bool:
        """Whether no headline and no check differs."""
        return not (self.headlines or self.checks)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it."""
        return asdict(self)


def read_report(path: str | Path) -> dict[str, Any]:
    """Read the manifest of a report named by any of its files.

    Parameters
    ----------
    path : str or Path
        The ``.html``, ``.ipynb`` or ``.json`` of a report.

    Returns
    -------
    dict

    Raises
    ------
    ConfigError
        If there is no whole manifest beside it.
    """
    given = Path(path)
    manifest = read_manifest(given.with_suffix(".json"))
    if manifest is None or "headlines" not in manifest:
        raise ConfigError(
            f"report: found no manifest {given.with_suffix('.json').name!r} in {given.parent.name or '.'}; "
            "expected the file that 's75 run' writes beside the page. Name a report of an output folder."
        )
    return manifest


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """Compare two manifests.

    Parameters
    ----------
    old, new : mapping
        As `read_report` gives them.

    Returns
    -------
    Comparison

    Notes
    -----
    Numbers count as moved beyond a relative difference of 1e-9. A headline is matched by its id, a result by
    its name and the text in its rows, rows alike being told apart by their order.

    Examples
    --------
    >>> old = {"headlines": [{"id": "kpi.reviews", "text": "60% were reviewed.", "value": 60, "unit": "%"}]}
    >>> new = {"headlines": [{"id": "kpi.reviews", "text": "63% were reviewed.", "value": 63, "unit": "%"}]}
    >>> compare(old, new).headlines[0].difference
    3.0
    """
    units = {h["id"]: h.get("unit") or "" for m in (old, new) for h in m.get("headlines", [])}
    headlines = _moves(_headlines(old), _headlines(new))
    return Comparison(
        old=_named(old),
        new=_named(new),
        headlines=tuple(
            Move(m.id, m.change, m.before, m.after, _difference(old, new, m.id), units.get(m.id, ""))
            for m in headlines
        ),
        results=tuple(_results(old, new)),
        checks=tuple(_moves(_checks(old), _checks(new))),
        inputs=tuple(_moves(_inputs(old), _inputs(new))),
        parameters=tuple(_moves(_texts(old, "parameters"), _texts(new, "parameters"))),
        versions=tuple(_moves(_texts(old, "versions"), _texts(new, "versions"))),
    )


def _named(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Name a report by whose it is."""
    return {name: str(manifest.get(name, "")) for name in ("authority_name", "period", "notebook")}


def _headlines(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {item["id"]: item["text"] for item in manifest.get("headlines", [])}


def _checks(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Give checks by id, with what they found; the wording of one that still passes is no turn."""
    return {
        item["id"]: "passed" if item["passed"] else f"failed: {item['detail']}"
        for item in manifest.get("checks", [])
    }


def _inputs(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {
        item["path"]: f"{item['rows']:,} rows, SHA-256 {item['sha256'][:16]}"
        for item in manifest.get("inputs", [])
    }


def _texts(manifest: Mapping[str, Any], name: str) -> dict[str, str]:
    return {key: str(value) for key, value in manifest.get(name, {}).items()}


def _moves(old: Mapping[str, str], new: Mapping[str, str]) -> list[Move]:
    """Find what differs between two sets of texts, in the order of the new one."""
    found = []
    for key in [*new, *(key for key in old if key not in new)]:
        if key not in old:
            found.append(Move(key, "new", after=new[key]))
        elif key not in new:
            found.append(Move(key, "gone", before=old[key]))
        elif old[key] != new[key]:
            found.append(Move(key, "moved", old[key], new[key]))
    return found


def _difference(old: Mapping[str, Any], new: Mapping[str, Any], headline: str) -> float | None:
    """After less before, where both are numbers."""
    values = [
        next((h.get("value") for h in manifest.get("headlines", []) if h["id"] == headline), None)
        for manifest in (old, new)
    ]
    if any(not isinstance(value, int | float) or isinstance(value, bool) for value in values):
        return None
    before, after = (float(value) for value in values if value is not None)
    return None if _alike(before, after) else after - before


def _results(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Move]:
    """Cells that differ, by result, row and column."""
    before, after = (_cells(manifest) for manifest in (old, new))
    found = []
    for key in [*after, *(key for key in before if key not in after)]:
        name = " / ".join(filter(None, key[:3])) + (f" ({key[3]})" if key[3] > 1 else "")
        if key not in before:
            found.append(Move(name, "new", after=_shown(after[key])))
        elif key not in after:
            found.append(Move(name, "gone", before=_shown(before[key])))
        elif not _alike(before[key], after[key]):
            values = before[key], after[key]
            numbers = all(isinstance(value, int | float) for value in values)
            difference = values[1] - values[0] if numbers else None
            found.append(Move(name, "moved", _shown(values[0]), _shown(values[1]), difference))
    return found


def _cells(manifest: Mapping[str, Any]) -> dict[tuple[str, str, str, int], Any]:
    """Values of all results by result, text of the row, column, and which row of that text it is."""
    cells: dict[tuple[str, str, str, int], Any] = {}
    for name, result in manifest.get("results", {}).items():
        seen: dict[str, int] = {}
        for record in result["records"]:
            # By name: a manifest that went through a notebook has its fields in another order.
            row = ", ".join(value for _, value in sorted(record.items()) if isinstance(value, str) and value)
            seen[row] = seen.get(row, 0) + 1
            for column, value in record.items():
                if not isinstance(value, str):
                    cells[name, row, column, seen[row]] = value
    return cells


def _alike(before: Any, after: Any) -> bool:
    """Whether two values are the same but for the last digits."""
    if isinstance(before, int | float) and isinstance(after, int | float):
        return math.isclose(before, after, rel_tol=_SAME, abs_tol=1e-9)
    return bool(before == after)


def _shown(value: Any) -> str:
    """Write a cell."""
    if value is None:
        return "nothing"
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
