"""Authorities beside each other on the index, from what their reports' manifests say."""

from __future__ import annotations

__all__ = ["Compared", "compared"]

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

RESULT = "between_authorities"
_TEXTS = ("indicator", "label", "group", "period", "unit", "name", "authority", "shown", "place")
_NUMBERS = (
    "value", "lower", "upper", "target", "lower_95", "upper_95", "lower_998", "upper_998",
    "position", "first", "last", "of",
)  # fmt: skip
_UNITS = {"percent": "%", "per_100k": " per 100,000"}
_IN_CELLS = {"percent": "%", "per_100k": ""}
_MARGIN = 4.0  # of a hundred, on either side of a drawing

Record = Mapping[str, Any]


@dataclass(frozen=True)
class _Row:
    """One authority: what the table says, and where its marks stand, in hundredths of the drawing's width."""

    name: str
    figure: str
    place: str
    position: str
    outside: bool
    marks: Mapping[str, float]
    drawn: str


@dataclass(frozen=True)
class Compared:
    """One indicator of several authorities in one period.

    Parameters
    ----------
    anchor, label, period : str
    unit : str
        What the caption adds where the cells do not say it.
    together : str
        The figure of all of them together; empty where nothing is tested.
    target : float or None
        Where it stands, in hundredths of the drawing's width.
    synthetic : bool
    rows : tuple
        In the order of names: positions are told with what is left open, not by the order of rows.
    """

    anchor: str
    label: str
    period: str
    unit: str
    together: str
    target: float | None
    synthetic: bool
    rows: tuple[_Row, ...]


def compared(manifests: Iterable[Mapping[str, Any]]) -> list[Compared]:
    """Gather what reports say of authorities beside each other.

    Parameters
    ----------
    manifests : iterable of mapping
        Of sound reports.

    Returns
    -------
    list of Compared
        By indicator, then by period, the latest first. Where several reports compare the same, the one with
        the most authorities is taken, of these the one made last. Reports for internal use are left out.
    """
    best: dict[tuple[Any, ...], tuple[tuple[int, str], list[Record]]] = {}
    for manifest in manifests:
        if manifest.get("internal"):
            continue
        made = str((manifest.get("timings") or {}).get("started", ""))
        for key, records in _by_indicator(manifest).items():
            shown = sum(record["value"] is not None for record in records)
            weight = (len(records), made)
            if shown > 1 and weight > best.get(key, ((0, ""), []))[0]:
                best[key] = (weight, records)
    found = [_compared(key, records) for key, (_, records) in best.items()]
    found.sort(key=lambda one: re.sub(r"\D", "", one.period), reverse=True)
    return sorted(found, key=lambda one: one.label)


def _by_indicator(manifest: Mapping[str, Any]) -> dict[tuple[Any, ...], list[Record]]:
    """Sort a report's records by what they are about."""
    result = (manifest.get("results") or {}).get(RESULT)
    found: dict[tuple[Any, ...], list[Record]] = {}
    for record in result.get("records", []) if isinstance(result, Mapping) else []:
        if _sound(record):
            key = (bool(manifest.get("synthetic")), record["indicator"], record["group"], record["unit"])
            found.setdefault((*key, record["period"]), []).append(record)
    return found


def _sound(record: Any) -> bool:
    """Whether a record has what is shown of it."""
    return (
        isinstance(record, Mapping)
        and all(isinstance(record.get(name), str) for name in _TEXTS)
        and all(record.get(name) is None or isinstance(record[name], int | float) for name in _NUMBERS)
        and record["unit"] in _UNITS
    )


def _compared(key: tuple[Any, ...], records: list[Record]) -> Compared:
    """Set out one indicator."""
    synthetic, indicator, group, unit, period = key
    numbers = [record.get(name) for record in records for name in _NUMBERS[:8]]
    ends = [float(number) for number in numbers if number is not None]
    low, high = min(ends), max(ends)
    spread = (high - low) or 1.0

    def at(value: float) -> float:
        return round(_MARGIN + (value - low) / spread * (100 - 2 * _MARGIN), 2)

    target = next((record["target"] for record in records if record.get("target") is not None), None)
    words = [indicator, group, period, unit, "synthetic" if synthetic else ""]
    return Compared(
        anchor="between-" + "-".join(filter(None, map(_word, words))),
        label=records[0]["label"] + (f", {group}" if group else ""),
        period=period,
        unit=", per 100,000" if unit == "per_100k" else "",
        together="" if target is None else _figure(target, _UNITS[unit]),
        target=None if target is None else at(target),
        synthetic=synthetic,
        rows=tuple(_row(record, unit, at) for record in sorted(records, key=lambda one: one["name"])),
    )


def _row(record: Record, unit: str, at: Any) -> _Row:
    """Set out one authority."""
    if record.get("value") is None:
        return _Row(record["name"], "c", "hidden by the authority", "–", False, {}, "")
    figure = _figure(record["value"], _IN_CELLS[unit])
    if record.get("lower") is not None:
        figure += f" ({_figure(record['lower'], '')} to {_figure(record['upper'], '')})"
    drawn = f"{record['name']}: {figure}"
    if record.get("lower_95") is not None:
        limits = (_figure(record[name], "") for name in ("lower_95", "upper_95", "lower_998", "upper_998"))
        drawn += "; 95% limits {} to {}, 99.8% limits {} to {}".format(*limits)
    marks = {name: at(record[name]) for name in _NUMBERS[:8] if record.get(name) is not None}
    return _Row(
        name=record["name"],
        figure=figure,
        place=record["shown"],
        position=_position(record),
        outside=record["place"] not in ("", "inside"),
        marks=marks,
        drawn=drawn,
    )


def _position(record: Record) -> str:
    """Write a position with the positions that the data leave open."""
    if any(record.get(name) is None for name in ("position", "first", "last", "of")):
        return "–"
    position, first, last, of = (int(record[name]) for name in ("position", "first", "last", "of"))
    said = f"{position} of {of}"
    return said if first == last else f"{said} ({first} to {last})"


def _figure(value: float, ending: str) -> str:
    """Write a figure with one decimal, two where it is small."""
    return f"{value:,.{1 if value >= 1 else 2}f}{ending}"


def _word(text: str) -> str:
    """Reduce a text to what may stand in an address."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
