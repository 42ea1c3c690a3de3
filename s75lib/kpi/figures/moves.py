"""Charts of what moved: points with intervals, bare percentages as pairs, counts as relative changes."""

from __future__ import annotations

__all__ = ["changes"]

import numpy as np
import pandas as pd

from s75lib.kpi.tables.indicators import NO_INDICATORS
from s75lib.kpi.wording.phrases import title, value_words
from s75lib.present import Column, Figure, Missing, Table, charts, words

_TESTED = ("proportions", "caseload")
_COUNTED = ("counts", "mean_of_counts", "rates")
_ROW = 0.36
_FURTHEST = 200.0


def changes(changed: pd.DataFrame, *, place: str) -> list[Figure | Missing]:
    """Draw the changes, one chart for each way of comparing them.

    Parameters
    ----------
    changed : DataFrame
        As `s75lib.kpi.changes.changes` gives it.
    place : str
        Name of the authority.

    Returns
    -------
    list of Figure or Missing
        Percentages with a base as changes in points with intervals; percentages without one as before and
        after; counts, means of months and rates as relative changes with intervals.
    """
    if changed.empty:
        return [NO_INDICATORS]
    rows = changed[changed["period_before"] != ""]
    if rows.empty:
        return [Missing("Every indicator is published for one period only: there is no change to draw.")]
    rows = rows.assign(shown=[title(*pair) for pair in zip(rows["label"], rows["group"], strict=True)])
    points, bare = rows[rows["basis"].isin(_TESTED)], rows[rows["basis"] == "percentage_only"]
    counted = rows[rows["basis"].isin(_COUNTED) & rows["relative_lower"].notna()]
    made: list[Figure | Missing] = []
    if len(points):
        made.append(_points(points, place))
    if len(counted):
        made.append(_relative(counted, place))
    if len(bare):
        made.append(_pairs(bare, place))
    return made or [Missing("No change can be drawn: see the table for what is known of each.")]


def _span(rows: pd.DataFrame) -> str:
    """Name the periods compared; they can differ between indicators."""
    spans = [f"{b} to {a}" for b, a in zip(rows["period_before"], rows["period"], strict=True)]
    return spans[0] if len(set(spans)) == 1 else "latest period against the one before"


def _points(rows: pd.DataFrame, place: str) -> Figure:
    ordered = rows.sort_values("change", ascending=False)
    sheet, axis = charts.drawing(8.0, 0.9 + _ROW * len(ordered))
    charts.dots_with_intervals(
        axis,
        list(ordered["shown"]),
        list(ordered["change"]),
        list(ordered["lower"]),
        list(ordered["upper"]),
    )
    axis.set_xlabel("Change in percentage points, with 95% interval", fontsize=9.5)
    clear = ordered[ordered["p_holm"] < 0.05]
    finding = _named(
        clear, len(ordered), "percentage", lambda row: f"{words.signed(row['change'], 1)} points"
    )
    columns = (
        Column("shown", "Indicator"),
        Column("value_before", "Before", "percent", 1, "%"),
        Column("value", "Latest", "percent", 1, "%"),
        Column("change", "Change, points", "points", 1, "percentage points"),
        Column("lower", "Lower", "points", 1, "percentage points"),
        Column("upper", "Upper", "points", 1, "percentage points"),
    )
    data = Table("changes_in_points.data", "Changes of percentages", ordered, columns)
    alt = f"Dots with intervals on both sides of a line at no change, one for each percentage. {finding}."
    subtitle = (
        f"Change in percentage points, {place}, {_span(ordered)}; blue: its interval leaves out no change"
    )
    return Figure(
        "changes_in_points", finding, subtitle, alt, sheet, data, f"{place}, performance indicators"
    )


def _relative(rows: pd.DataFrame, place: str) -> Figure:
    filled = rows.assign(
        relative_upper=rows["relative_upper"].fillna(np.inf),
        reach=rows["relative_upper"].clip(upper=_FURTHEST),
    )
    ordered = filled.sort_values("relative", ascending=False)
    labels = [f"{row['shown']}: {_levels(row)}" for row in ordered.to_dict("records")]
    sheet, axis = charts.drawing(8.0, 0.9 + _ROW * len(ordered))
    charts.dots_with_intervals(
        axis,
        labels,
        list(ordered["relative"]),
        list(ordered["relative_lower"]),
        list(ordered["reach"].fillna(_FURTHEST)),
    )
    beyond = ordered["relative_upper"].to_numpy() > _FURTHEST
    for place_on_axis, goes_on in zip(np.arange(len(ordered))[::-1], beyond, strict=True):
        if goes_on:
            axis.plot([_FURTHEST], [place_on_axis], marker=">", markersize=6, color=charts.GREY)
    axis.set_xlim(
        -108, max(float(ordered["reach"].fillna(_FURTHEST).max()), float(ordered["relative"].max())) + 10
    )
    axis.set_xlabel("Relative change in per cent, with 95% interval", fontsize=9.5)
    clear = ordered[ordered["p_holm"] < 0.05]
    finding = _named(clear, len(ordered), "count or rate", lambda row: f"{words.signed(row['relative'])}%")
    finding = finding.replace("count or rates", "counts and rates")
    columns = (
        Column("shown", "Indicator"),
        Column("before", "Before"),
        Column("latest", "Latest"),
        Column("relative", "Relative change", "change", 0, "%"),
        Column("relative_lower", "Lower", "change", 0, "%"),
        Column("relative_upper", "Upper", "change", 0, "%"),
    )
    written = ordered.assign(before=_written(ordered, "_before"), latest=_written(ordered, ""))
    data = Table("changes_of_counts.data", "Relative changes of counts and rates", written, columns)
    alt = f"Dots with intervals on both sides of a line at no change, one for each count or rate. {finding}."
    subtitle = f"Relative change, {place}, {_span(ordered)}; blue: its interval leaves out no change"
    if beyond.any():
        subtitle += "; an arrow: the interval goes on"
    return Figure(
        "changes_of_counts", finding, subtitle, alt, sheet, data, f"{place}, performance indicators"
    )


def _written(rows: pd.DataFrame, end: str) -> list[str]:
    return [value_words(r[f"value{end}"], r["unit"], r[f"decimals{end}"]) for r in rows.to_dict("records")]


def _levels(row: dict[object, object]) -> str:
    ends = []
    for end in ("_before", ""):
        value = float(str(row[f"value{end}"]))
        ends.append(words.number(value, 0 if value.is_integer() else 1))
    return f"{ends[0]} to {ends[1]}"


def _named(clear: pd.DataFrame, total: int, noun: str, size: object) -> str:
    """State the finding: which changes are clear of chance, the largest first."""
    all_of = words.count_noun(total, noun)
    if clear.empty:
        only = f"The one {noun} that can be tested did not clearly change"
        return only if total == 1 else f"None of {all_of} clearly changed"
    by_size = clear.assign(size=clear["relative"].abs().fillna(np.inf)).sort_values("size", ascending=False)
    named = [f"{row['shown']} {size(row)}" for row in by_size.head(2).to_dict("records")]  # type: ignore[operator]
    verb = "clearly changed"
    lead = f"{len(clear)} of {all_of} {verb}"
    return f"{lead}, most of all {words.join(named)}" if len(clear) > 2 else f"{lead}: {words.join(named)}"


def _pairs(rows: pd.DataFrame, place: str) -> Figure:
    ordered = rows.sort_values("change", ascending=False)
    sheet, axis = charts.drawing(8.0, 1.0 + _ROW * 1.25 * len(ordered))
    places = np.arange(len(ordered))[::-1]
    for at, row in zip(places, ordered.to_dict("records"), strict=True):
        before, after = row["value_before"], row["value"]
        axis.plot([before, after], [at, at], color=charts.GREY, linewidth=1.6, zorder=1)
        axis.plot(
            [before], [at], marker="o", markersize=8, color=charts.BLUE, markerfacecolor="white", zorder=2
        )
        axis.plot([after], [at], marker="o", markersize=8, color=charts.BLUE, zorder=3)
        _beside(axis, at, row)
    axis.set_yticks(places, list(ordered["shown"]), fontsize=9.5)
    axis.set_ylim(-0.6, len(ordered) - 0.4)
    low = float(ordered[["value_before", "value"]].min().min())
    axis.set_xlim(-9 if low < 14 else 0, 112)
    axis.set_xticks(range(0, 101, 20))
    axis.grid(axis="x", color=charts.LIGHT, linewidth=0.6)
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0)
    axis.set_xlabel("Per cent; hollow: before, filled: latest", fontsize=9.5)
    finding = _pairs_title(ordered)
    columns = (
        Column("shown", "Indicator"),
        Column("value_before", "Before", "percent", 1, "%"),
        Column("value", "Latest", "percent", 1, "%"),
        Column("change", "Change, points", "points", 1, "percentage points"),
        Column("base_least", "Fewest people that could show it", "number", 0, "people"),
        Column("base_most", "Most people that could hide it", "number", 0, "people"),
    )
    data = Table("bare_percentages.data", "Percentages published without their base", ordered, columns)
    moves = [f"{row['shown']} {words.signed(row['change'], 1)} points" for row in ordered.to_dict("records")]
    alt = f"Pairs of dots joined by lines, one for each percentage. {finding}. {words.join(moves)}."
    subtitle = f"Percentages published without a base, {place}, {_span(ordered)}: no interval, no test"
    return Figure("bare_percentages", finding, subtitle, alt, sheet, data, f"{place}, performance indicators")


def _beside(axis: object, at: int, row: dict[object, object]) -> None:
    """Write both values on the outer sides of their dots, and the change at the right."""
    before, after = float(str(row["value_before"])), float(str(row["value"]))
    ends = {before: row["decimals_before"], after: row["decimals"]}
    low, high = min(ends), max(ends)
    for value, side, align in ((low, -8, "right"), (high, 8, "left")):
        if value == high and low == high and side < 0:
            continue
        places = int(float(str(ends[value]))) if ends[value] == ends[value] else 1
        axis.annotate(  # type: ignore[attr-defined]
            words.percent(value, places), (value, at), (side, -3.5), textcoords="offset points", ha=align,
            fontsize=9, color=charts.BLUE if value == after else charts.GREY,
        )  # fmt: skip


def _pairs_title(ordered: pd.DataFrame) -> str:
    """State the largest rise and the largest fall in points."""
    top, bottom = ordered.iloc[0], ordered.iloc[-1]
    parts = []
    if top["change"] > 0:
        parts.append(f"{top['shown']} rose most, by {words.number(top['change'], 1)} points")
    if bottom["change"] < 0:
        parts.append(f"{bottom['shown']} fell most, by {words.number(-bottom['change'], 1)}")
        if len(parts) == 1:
            parts[0] += " points"
    return "; ".join(parts) if parts else "No percentage without a base changed as printed"
