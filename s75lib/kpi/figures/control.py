"""An indicator's control chart."""

from __future__ import annotations

__all__ = ["control"]

from typing import Any

import numpy as np
import pandas as pd

from s75lib.kpi.control import Charted
from s75lib.kpi.wording.phrases import title, value_words
from s75lib.present import Column, Figure, Table, charts, words
from s75lib.stats.control_chart import RULES

_UP = [rule for rule in RULES if rule.endswith(("above", "up"))]
_DOWN = [rule for rule in RULES if rule.endswith(("below", "down"))]
_SAID = {
    "improving": "the latest month is out of routine, for the better",
    "concerning": "the latest month is out of routine, for the worse",
    "high": "the latest month is unusually high",
    "low": "the latest month is unusually low",
    "mixed": "the latest month is out of routine both ways",
    "common_cause": "nothing but routine variation in the latest month",
    "not_assessed": "too few months for limits",
}
_KEY = "Solid line: mean; dashed: limits; dotted: target; triangles: special cause, up or down"


def control(one: Charted, *, place: str) -> Figure:
    """Draw a control chart.

    Parameters
    ----------
    one : Charted
        One of those that `s75lib.kpi.control.charts` gives.
    place : str
        Name of the authority.

    Returns
    -------
    Figure
    """
    name = title(one.indicator.label, one.group)
    finding = f"{name}: {_SAID[one.chart.variation]}"
    points = one.chart.points
    sheet, axis = charts.drawing(8.0, 2.6)
    _draw(axis, points)
    axis.set_ylabel({"percent": "Per cent", "per_100k": "Per 100,000"}.get(one.unit, ""), fontsize=9.5)
    id = f"control.{one.indicator.slug}.{one.group or 'all'}"
    data = Table(f"{id}.data", f"Months of the chart: {name}", _written(one), _columns(one.unit), _means(one))
    seen = points[points["value"].notna()]
    latest = seen.iloc[-1]
    alt = (
        f"A line of {words.count_noun(len(seen), 'month')} to {latest['period']}, the latest "
        f"{value_words(round(latest['value'], 1), one.unit)}. {finding}."
    )
    subtitle = f"Month by month, {place}. {_KEY}"
    return Figure(id, finding, subtitle, alt, sheet, data, f"{place}, performance indicators")


def _draw(axis: Any, points: pd.DataFrame) -> None:
    x, value = np.arange(len(points)), points["value"].to_numpy()
    axis.plot(x, value, color=charts.GREY, linewidth=1.4)
    axis.plot(x, points["mean"], color="#222222", linewidth=1)
    for name in ("lower", "upper"):
        axis.plot(x, points[name], color="#222222", linewidth=0.8, linestyle=(0, (5, 3)))
    axis.plot(x, points["target"], color=charts.PURPLE, linewidth=1.1, linestyle=(0, (1, 1.5)))
    for rules, marker, colour in ((_UP, "^", charts.BLUE), (_DOWN, "v", charts.ORANGE)):
        fires = _fires(points, rules)
        axis.plot(x[fires], value[fires], linestyle="", marker=marker, markersize=7, color=colour)
    labels = points["period"].astype(str).tolist()
    ticks = [place for place, label in enumerate(labels) if label.endswith(("-04", "-10"))] or [0]
    months = {"04": "Apr", "10": "Oct"}
    axis.set_xticks(ticks, [f"{months.get(labels[at][5:], labels[at][5:])} {labels[at][:4]}" for at in ticks])
    axis.tick_params(labelsize=9)
    axis.locator_params(axis="y", nbins=5)


def _fires(points: pd.DataFrame, rules: list[str]) -> Any:
    return points[rules].to_numpy(dtype=bool).any(axis=1)


def _written(one: Charted) -> pd.DataFrame:
    """Give the chart's points with what fires."""
    points = one.chart.points
    marks = np.where(_fires(points, _UP), "▲", "") + np.where(_fires(points, _DOWN), "▼", "").astype(object)
    names = ["period", "value", "lower", "upper", "target"]
    frame = points[names].assign(period=points["period"].astype(str), special=marks)
    return frame.round(dict.fromkeys(names[1:], 2))


def _means(one: Charted) -> tuple[str, ...]:
    """Say the mean of each stretch with limits of its own."""
    means = one.chart.points["mean"].dropna().round(2).drop_duplicates()
    return (f"Mean: {words.join([words.number(mean, 1) for mean in means], 'then')}.",) if len(means) else ()


def _columns(unit: str) -> tuple[Column, ...]:
    numbers = {
        "value": "Value",
        "lower": "Lower limit",
        "upper": "Upper limit",
        "target": "Target",
    }
    said = {"percent": "%", "per_100k": "per 100,000", "per_month": "a month"}.get(unit, "")
    return (
        Column("period", "Month"),
        *(Column(name, label, "number", 1, said) for name, label in numbers.items()),
        Column("special", "Special cause"),
    )
