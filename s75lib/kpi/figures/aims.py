"""Chart of the latest percentages against their targets."""

from __future__ import annotations

__all__ = ["targets"]

import numpy as np
import pandas as pd

from s75lib.kpi.tables.aims import NO_TARGETS
from s75lib.kpi.wording.phrases import title
from s75lib.present import Column, Figure, Missing, Table, charts, words

_ROW = 0.36
_KEY = "Line: target; circle: met; square: missed; diamond: not judged; bar: 95% interval"


def targets(found: pd.DataFrame, *, place: str) -> Figure | Missing:
    """Draw each percentage with its interval beside its target.

    Parameters
    ----------
    found : DataFrame
        As `s75lib.kpi.targets.targets` gives it.
    place : str
        Name of the authority.

    Returns
    -------
    Figure or Missing
    """
    if found.empty:
        return NO_TARGETS
    rows = found[(found["unit"] == "percent") & ~found["hidden"].astype(bool)].sort_values(
        "distance", ascending=False
    )
    if rows.empty:
        return Missing("No percentage has a target.")
    sheet, axis = charts.drawing(8.0, 1.0 + _ROW * len(rows))
    places = np.arange(len(rows))[::-1]
    for at, row in zip(places, rows.to_dict("records"), strict=True):
        colour = charts.GREY if row["met"] is None else charts.TEAL if row["met"] else charts.ORANGE
        if np.isfinite(row["value_lower"]):
            axis.plot([row["value_lower"], row["value_upper"]], [at, at], color=colour, linewidth=2.2)
        axis.plot([row["target"]] * 2, [at - 0.28, at + 0.28], color="#222222", linewidth=2)
        axis.plot(
            [row["value"]],
            [at],
            marker="D" if row["met"] is None else "o" if row["met"] else "s",
            markersize=7,
            color=colour,
        )
    names = [title(row["label"], row["group"]) for row in rows.to_dict("records")]
    axis.set_yticks(places, names, fontsize=9.5)
    axis.set_ylim(-0.6, len(rows) - 0.4)
    axis.set_xlim(0, 104)
    axis.grid(axis="x", color=charts.LIGHT, linewidth=0.6)
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0)
    axis.set_xlabel("Per cent", fontsize=9.5)
    known = rows[rows["met"].notna()]
    met = int(known["met"].astype(bool).sum())
    finding = f"{met or 'None'} of {words.count_noun(len(known), 'percentage target')} met"
    if len(known) and met < len(known):
        far = known[~known["met"].astype(bool)].sort_values("distance", key=abs).iloc[-1]
        side = "below" if far["distance"] < 0 else "above"
        name = title(far["label"], far["group"])
        finding += f"; {name} is furthest off, {words.number(abs(far['distance']), 1)} points {side}"
    columns = (
        Column("name", "Indicator"),
        Column("period", "Period"),
        Column("value", "Latest", "percent", 1, "%"),
        Column("value_lower", "Lower", "percent", 1, "%"),
        Column("value_upper", "Upper", "percent", 1, "%"),
        Column("target", "Target", "percent", 1, "%"),
    )
    data = Table("targets_met.data", "Percentages and their targets", rows.assign(name=names), columns)
    alt = f"Dots beside short lines that mark the targets, one row for each indicator. {finding}."
    subtitle = f"Latest percentages against their targets, {place}. {_KEY}"
    return Figure("targets_met", finding, subtitle, alt, sheet, data, f"{place}, performance indicators")
