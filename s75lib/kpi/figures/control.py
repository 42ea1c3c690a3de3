"""Control charts as small multiples: six to a figure, special causes first."""

from __future__ import annotations

__all__ = ["control"]

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from s75lib.kpi.control import Charted
from s75lib.kpi.tables.samples import NO_MONTHS
from s75lib.kpi.wording.phrases import title
from s75lib.present import Column, Figure, Missing, Table, charts, words
from s75lib.stats.control_chart import RULES

_A_PAGE = 6
_COLUMNS = 2
_ORDER = ("concerning", "mixed", "high", "low", "improving", "common_cause", "not_assessed")
_UP = [rule for rule in RULES if rule.endswith(("above", "up"))]
_DOWN = [rule for rule in RULES if rule.endswith(("below", "down"))]
_SHORT = {
    "improving": "special cause, better", "concerning": "special cause, worse", "high": "special cause, high",
    "low": "special cause, low", "mixed": "special causes both ways", "common_cause": "routine variation",
    "not_assessed": "too little data",
}  # fmt: skip


def control(charted: Sequence[Charted], *, place: str, threshold: int = 0) -> list[Figure | Missing]:
    """Draw the control charts, six to a figure, those with special causes first.

    Parameters
    ----------
    charted : sequence of Charted
        As `s75lib.kpi.control.charts` gives it.
    place : str
        Name of the authority.
    threshold : int
        Series of counts of people with a month below it are not drawn; 0 draws all.

    Returns
    -------
    list of Figure or Missing
    """
    if not charted:
        return [NO_MONTHS]
    open_ones = [one for one in charted if not _small(one, threshold)]
    ordered = sorted(open_ones, key=lambda one: _ORDER.index(one.chart.variation))
    pages = [ordered[start : start + _A_PAGE] for start in range(0, len(ordered), _A_PAGE)]
    made: list[Figure | Missing] = [_page(page, number, place) for number, page in enumerate(pages, start=1)]
    if left := [title(one.indicator.label, one.group) for one in charted if _small(one, threshold)]:
        verb = "is" if len(left) == 1 else "are"
        made.append(
            Missing(
                f"{words.join(left)} {verb} not drawn: some months count fewer than {threshold} people, "
                f"which may "
                "not be shown."
            )
        )
    return made


def _small(one: Charted, threshold: int) -> bool:
    values = one.chart.points["value"]
    return one.unit == "count" and bool(((values > 0) & (values < threshold)).any())


def _page(page: Sequence[Charted], number: int, place: str) -> Figure:
    rows = math.ceil(len(page) / _COLUMNS)
    sheet, axes = charts.drawing(8.0, 0.3 + 1.95 * rows, rows=rows, columns=_COLUMNS, squeeze=False)
    for axis, one in zip(axes.ravel(), page, strict=False):
        _panel(axis, one)
    for axis in axes.ravel()[len(page) :]:
        axis.set_visible(False)
    finding = _finding(page)
    names = [f"{title(one.indicator.label, one.group)}{_unit(one.unit)}" for one in page]
    columns = (Column("period", "Month"), *(Column(name, name, unit=_unit(one.unit)) for name, one in
               zip(names, page, strict=True)))  # fmt: skip
    notes = (
        "▲ and ▼: special cause, up and down. Limits of the latest month stand in the table of all series.",
    )
    data = Table(
        f"control_charts_{number}.data", "Points of the control charts", _wide(page, names), columns, notes
    )
    said = [f"{title(one.indicator.label, one.group)}: {_SHORT[one.chart.variation]}" for one in page]
    alt = f"{words.count_noun(len(page), 'control chart')} of monthly figures. {'; '.join(said)}."
    subtitle = (
        f"Monthly figures, {place}. Solid line: mean; dashed: limits; dotted: target; "
        "triangles: special cause, up or down"
    )
    return Figure(
        f"control_charts_{number}", finding, subtitle, alt, sheet, data, f"{place}, performance indicators"
    )


def _finding(page: Sequence[Charted]) -> str:
    special = [one for one in page if one.chart.variation not in ("common_cause", "not_assessed")]
    if not special:
        judged = [one for one in page if one.chart.variation != "not_assessed"]
        if not judged:
            return "These series are too short for limits"
        return (
            f"{words.join([one.indicator.label for one in page])}: nothing but routine variation in the "
            f"latest month"
        )
    named = [f"{title(one.indicator.label, one.group)} ({_SHORT[one.chart.variation]})" for one in special]
    return f"The latest month is out of routine for {words.join(named)}"


def _panel(axis: Any, one: Charted) -> None:
    points = one.chart.points
    x = np.arange(len(points))
    value = points["value"].to_numpy()
    axis.plot(x, value, color=charts.GREY, linewidth=1.3)
    axis.plot(x, points["mean"], color="#222222", linewidth=1)
    for name in ("lower", "upper"):
        axis.plot(x, points[name], color="#222222", linewidth=0.8, linestyle=(0, (5, 3)))
    axis.plot(x, points["target"], color=charts.PURPLE, linewidth=1.1, linestyle=(0, (1, 1.5)))
    for rules, marker, colour in ((_UP, "^", charts.BLUE), (_DOWN, "v", charts.ORANGE)):
        fires = points[rules].to_numpy(dtype=bool).any(axis=1)
        axis.plot(x[fires], value[fires], linestyle="", marker=marker, markersize=5.5, color=colour)
    name = title(one.indicator.label, one.group)
    axis.set_title(f"{name}{_unit(one.unit)}\n{_SHORT[one.chart.variation]}", loc="left", fontsize=9.5)
    labels = points["period"].astype(str).tolist()
    ticks = [place for place, label in enumerate(labels) if label.endswith("-04")] or [0]
    axis.set_xticks(ticks, [f"Apr {labels[place][:4]}" if labels[place].endswith("-04") else labels[place]
                            for place in ticks])  # fmt: skip
    axis.tick_params(labelsize=9)
    axis.locator_params(axis="y", nbins=4)


def _unit(unit: str) -> str:
    return {"percent": ", %", "per_100k": ", per 100,000", "per_month": ", a month"}.get(unit, "")


def _wide(page: Sequence[Charted], names: Sequence[str]) -> pd.DataFrame:
    """Lay out one row a month and one column an indicator, special causes marked."""
    cells = {}
    for name, one in zip(names, page, strict=True):
        points = one.chart.points
        up, down = (points[rules].to_numpy(dtype=bool).any(axis=1) for rules in (_UP, _DOWN))
        marks = np.where(up, " ▲", "") + np.where(down, " ▼", "")
        written = [words.number(value, 1) for value in points["value"]]
        cells[name] = pd.Series(np.array(written, dtype=object) + marks, index=points["period"].astype(str))
    return pd.DataFrame(cells).sort_index().fillna("–").rename_axis("period").reset_index()
