"""Where a headline comes from: its table or figure, where it can be told the very cell, and its checks."""

from __future__ import annotations

__all__ = ["Trace", "anchor_of", "trace"]

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NUMBER = (int, float)
_TELLING = 4  # significant digits; numbers of fewer stand in many tables by chance


@dataclass(frozen=True)
class Trace:
    """Where a headline's number stands in its report.

    Parameters
    ----------
    result : str
        Name of the table or figure in the manifest; empty when none was found.
    title : str
        Its caption.
    row, column : str
        The cell that holds the headline's value; empty when the link is by name alone.
    checks : tuple of (str, str)
        Id and wording of the checks on it.
    """

    result: str = ""
    title: str = ""
    row: str = ""
    column: str = ""
    checks: tuple[tuple[str, str], ...] = ()

    @property
    def anchor(self) -> str:
        """Where the page shows the result."""
        return anchor_of(self.result)


def anchor_of(result: str, prefix: str = "result") -> str:
    """Return the anchor of a result, a headline or a check in the page.

    Parameters
    ----------
    result : str
        Its name in the manifest.
    prefix : str
        What it is.

    Returns
    -------
    str

    Examples
    --------
    >>> anchor_of("where.age_band")
    'result-where.age_band'
    """
    return f"{prefix}-{re.sub(r'[^A-Za-z0-9._-]+', '-', result)}"


def trace(
    headline: Mapping[str, Any],
    results: Mapping[str, Mapping[str, Any]],
    checks: Sequence[Mapping[str, Any]] = (),
) -> Trace:
    """Find the result and the checks that a headline rests on.

    Parameters
    ----------
    headline : mapping
        As in the manifest; ``see``, a list of names of results and checks, settles it.
    results : mapping of str to mapping
        The manifest's results.
    checks : sequence of mapping
        The manifest's checks.

    Returns
    -------
    Trace

    Notes
    -----
    A wrong link is worse than none. Without ``see``, a cell counts when it holds the headline's value and
    either the value has so many digits that chance can't put it there, or the headline names the cell's
    row and the result's name begins with the subject of the headline's id, that is the word after the
    wing. Failing a cell, a result is linked whose name begins so.

    Examples
    --------
    >>> table = {"title": "Position", "columns": [{"name": "line", "label": "Line"},
    ...          {"name": "over", "label": "Variance"}], "records": [{"line": "Total", "over": 373_000.0}]}
    >>> found = trace({"id": "budget.position", "text": "The total is £373k over budget.",
    ...                "value": 373000}, {"position.lines": table})
    >>> found.title, found.row, found.column
    ('Position', 'Total', 'Variance')
    """
    named = [str(name) for name in headline.get("see") or ()]
    words = _words(str(headline["id"]))
    candidates = {name: results[name] for name in named if name in results} or results
    best, score = Trace(), (0, 0, 0)
    for name, result in candidates.items():
        parts = re.split(r"[._-]", name)
        subject = bool(words) and _singular(words[0]) == _singular(parts[0])
        cell = _cell(headline, result, sure=name in named, near=subject)
        found = (int(cell is not None), int(subject or name in named), len(set(words) & set(parts)))
        if max(found[:2]) and found > score:
            row, column = cell or ("", "")
            best, score = Trace(name, str(result["title"]), row, column), found
    about = [c for c in checks if c["id"] in named or (not named and words[:1] == _words(str(c["id"]))[:1])]
    return Trace(
        best.result, best.title, best.row, best.column, tuple((str(c["id"]), str(c["detail"])) for c in about)
    )


def _cell(
    headline: Mapping[str, Any], result: Mapping[str, Any], *, sure: bool, near: bool
) -> tuple[str, str] | None:
    """Give the cell that a headline's number was taken from, where that can be told."""
    value, text = headline.get("value"), str(headline.get("text", "")).lower()
    certain = sure or _tells(value)
    cells = _cells(value, result) if certain or near else []
    named = [cell for cell in cells if cell[0] and cell[0].lower() in text]
    if certain:
        return next(iter(named or cells), None)
    return named[0] if near and named else None


def _words(identifier: str) -> list[str]:
    """Words of an id after its wing, which all share."""
    return re.split(r"[._-]", identifier)[1:]


def _singular(word: str) -> str:
    return word.removesuffix("s")


def _tells(value: Any) -> bool:
    """Whether a number is unlikely to stand in a table by chance."""
    return _is_number(value) and float(f"{value:.{_TELLING - 1}e}") != value


def _is_number(value: Any) -> bool:
    return isinstance(value, _NUMBER) and not isinstance(value, bool) and value != 0


def _cells(value: Any, result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Row and column of each cell that holds a value, whatever its sign."""
    if not _is_number(value):
        return []
    found = []
    labels = {column["name"]: column["label"] for column in result.get("columns", [])}
    header = next(iter(labels), None)
    size = abs(value)
    for record in result["records"]:
        for name, held in record.items():
            if isinstance(held, _NUMBER) and math.isclose(abs(held), size, rel_tol=1e-9):
                found.append((_row(record, header), str(labels.get(name, name))))
    return found


def _row(record: Mapping[str, Any], header: str | None) -> str:
    """Name a row by its header, or else by its first texts."""
    named = record.get(header) if header else None
    if isinstance(named, str):
        return named
    return ", ".join([text for text in record.values() if isinstance(text, str) and text][:2])
