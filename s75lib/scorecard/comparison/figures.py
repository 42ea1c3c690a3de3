"""Charts of the comparison: a funnel an indicator, and the authority's positions with what is left open."""

from __future__ import annotations

__all__ = ["funnel", "positions"]

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from s75lib.present import Column, Figure, Table, charts, words
from s75lib.scorecard.comparison.findings import Findings
from s75lib.scorecard.comparison.standing import SCALES, Standing
from s75lib.scorecard.comparison.wording import PLACES, amount, outside, position_words, title

_UNITS = {"percent": "Per cent", "per_100k": "Per 100,000"}
_SAID = {"percent": "%", "per_100k": "per 100,000"}
_MOST_NAMED = 16
_POINTS = 80
_NUMBERS = (
    ("value", "Value"), ("lower", "Lower, own 95%"), ("upper", "Upper, own 95%"), ("target", "All together"),
    ("lower_95", "Lower limit, 95%"), ("upper_95", "Upper limit, 95%"), ("lower_998", "Lower limit, 99.8%"),
    ("upper_998", "Upper limit, 99.8%"),
)  # fmt: skip


def funnel(one: Standing, *, name: str) -> Figure:
    """Draw one indicator's authorities by size, about the group, with the limits of chance.

    Parameters
    ----------
    one : Standing
        Tested.
    name : str
        The authority whose place is asked for.

    Returns
    -------
    Figure
    """
    made = one.funnel
    assert made is not None, "a funnel is drawn of what has been tested"
    scale = SCALES[one.unit]
    held = one.frame[one.frame["place"] != ""]
    sheet, axis = charts.drawing(8.0, 4.6)
    bases = held["base"].to_numpy()
    reach = float(bases.max()) * 1.12
    sizes = np.unique(np.round(np.geomspace(max(float(bases.min()) * 0.55, 1.0), reach, _POINTS)))
    for confidence, dash, label in ((0.95, (0, (5, 3)), "95%"), (0.998, "-", "99.8%")):
        for end, limit in zip(("below", "above"), made.limits(sizes, confidence), strict=True):
            axis.plot(sizes, limit * scale, color=charts.GREY, linewidth=1.1, linestyle=dash)
            if end == "above":
                axis.annotate(label, (sizes[-1], limit[-1] * scale), (4, -3), textcoords="offset points",
                              fontsize=8.5, color=charts.GREY, annotation_clip=False)  # fmt: skip
    axis.axhline(made.target * scale, color="#222222", linewidth=1)
    _room(axis, held, made.limits(bases, 0.998), scale, one.unit)
    axis.set_xlim(0, reach)
    _dots(axis, held)
    charts.thousands(axis, "x")
    axis.set_xlabel(
        "Cases behind the figure" if one.unit == "percent" else "What is counted over", fontsize=9.5
    )
    axis.set_ylabel(_UNITS[one.unit], fontsize=9.5)
    own = one.own
    finding = f"{title(one.indicator.label, one.group)}: {name} is {PLACES[own['place']]} of chance"
    subtitle = (
        f"{one.period}; line: all {len(held)} authorities together, {amount(own['target'], one.unit)}; "
        f"dashed: 95% limits, solid: 99.8%, {made.method}"
    )
    others = held.iloc[1:]
    far = [
        f"{row['name']} {PLACES[row['place']]}" for row in others.to_dict("records") if outside(row["place"])
    ]
    alt = (
        "Dots, one for each authority, by size and figure, between lines that narrow to the right. "
        f"{finding}, at {amount(own['value'], one.unit)}. "
        + (f"Also outside: {words.join(far)}." if far else "No other authority is outside them.")
    )
    slug = f"{one.indicator.slug}.{one.group}" if one.group else one.indicator.slug
    return Figure(
        f"funnel.{slug}", finding, subtitle, alt, sheet, _data(one, f"funnel.{slug}.data"),
        "Indicators of the authorities named",
    )  # fmt: skip


def positions(found: Findings) -> Figure:
    """Draw the authority's position in each indicator, with the positions that the data leave open.

    Parameters
    ----------
    found : Findings
        With at least one standing.

    Returns
    -------
    Figure
        Its data are all authorities in all indicators: the index is drawn from them.
    """
    own = found.own.assign(
        shown=[f"{title(*pair)}" for pair in zip(found.own["label"], found.own["group"], strict=True)]
    )
    most = int(own["of"].max())
    sheet, axis = charts.drawing(8.0, 1.1 + 0.4 * len(own))
    places = np.arange(len(own))[::-1]
    for at, row in zip(places, own.to_dict("records"), strict=True):
        tested = row["place"] != ""
        colour = charts.BLUE if outside(row["place"]) else charts.GREY
        axis.plot([1, row["of"]], [at, at], color=charts.LIGHT, linewidth=6, solid_capstyle="round", zorder=1)
        axis.plot([row["first"], row["last"]], [at, at], color=colour, linewidth=2.4, zorder=2)
        axis.plot([row["position"]], [at], marker="o", markersize=8, color=colour, zorder=3,
                  markerfacecolor=colour if tested else "white")  # fmt: skip
    axis.set_yticks(
        places, [f"{row['shown']}, {row['period']}" for row in own.to_dict("records")], fontsize=9.5
    )
    axis.set_ylim(-0.6, len(own) - 0.3)
    axis.set_xlim(0.5, most + 0.5)
    axis.set_xticks(range(1, most + 1) if most <= _MOST_NAMED else np.unique(np.linspace(1, most, 8).round()))
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0)
    axis.set_xlabel("Position; 1: the better end, or the highest where neither end is better", fontsize=9.5)
    finding = _positions_finding(own, found.peers.name)
    said = [f"{row['shown']} {position_words(row)}" for row in own.to_dict("records")]
    alt = (
        f"Dots on bars from the first to the last position, an indicator each. {finding}. {'; '.join(said)}."
    )
    subtitle = (
        f"{found.peers.name} among {found.others + 1} authorities; line: positions left open with 95% "
        "confidence, all at once, hollow: not tested, blue: outside the 95% limits of chance"
    )
    data = _together(found)
    return Figure("between_authorities", finding, subtitle, alt, sheet, data, "Indicators of all authorities")


def _positions_finding(own: pd.DataFrame, name: str) -> str:
    """State in how many of the indicators tested the position is settled."""
    tested = own[own["place"] != ""]
    if tested.empty:
        return f"{name} has positions as printed, none of them tested"
    settled = int((tested["first"] == tested["last"]).sum())
    if len(tested) == 1:
        return f"{name}’s position is {'settled' if settled else 'open'} in the one indicator tested"
    return f"{name}’s position is settled in {settled} of {len(tested)} indicators tested"


def _dots(axis: Axes, held: pd.DataFrame) -> None:
    """Draw the authorities, the one asked for on top and in colour, and name them."""
    others = held.iloc[1:]
    far = others["place"].map(outside)
    axis.scatter(others["base"], others["value"], s=34, color=charts.GREY, zorder=3)
    axis.scatter(held["base"].iloc[:1], held["value"].iloc[:1], s=80, color=charts.BLUE, zorder=4)
    named = others if len(held) <= _MOST_NAMED else others[far]
    taken: list[Bbox] = [
        Bbox.from_bounds(x - 4, y - 4, 8, 8)
        for x, y in axis.transData.transform(held[["base", "value"]].to_numpy())
    ]
    for row in [held.iloc[0].to_dict(), *named.to_dict("records")]:
        _named(axis, row, taken)


def _named(axis: Axes, row: dict[Any, Any], taken: list[Bbox]) -> None:
    """Write a name beside its dot where it covers no other name or dot, or at the right."""
    size = 9.5 if row["own"] else 8.5
    x, y = axis.transData.transform((row["base"], row["value"]))
    to_pixels = axis.figure.dpi / 72
    width, height = 0.62 * size * len(row["name"]) * to_pixels, 1.2 * size * to_pixels
    boxes = [
        (right, up, Bbox.from_bounds(x + (gap if right else -gap - width), y + lift, width, height))
        for gap in (7 * to_pixels,)
        for up, lift in ((3, 1 * to_pixels), (-11, -height - to_pixels))
        for right in (True, False)
    ]
    free = [found for found in boxes if found[2].count_overlaps(taken) == 0]
    right, up, box = (free or boxes)[0]
    taken.append(box)
    axis.annotate(
        row["name"],
        (row["base"], row["value"]),
        (7 if right else -7, up),
        textcoords="offset points",
        ha="left" if right else "right",
        fontsize=size,
        fontweight="bold" if row["own"] else "normal",
        color=charts.BLUE if row["own"] else charts.GREY,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
        annotation_clip=False,
        zorder=5,
    )


def _room(axis: Axes, held: pd.DataFrame, limits: tuple[Any, Any], scale: float, unit: str) -> None:
    """Leave room for the limits at the sizes that are there, not for those of the smallest drawn."""
    low = min(float(held["value"].min()), float(np.nanmin(limits[0]) * scale))
    high = max(float(held["value"].max()), float(np.nanmax(limits[1]) * scale))
    margin = 0.12 * (high - low or 1.0)
    top = min(high + margin, 101.0) if unit == "percent" else high + margin
    axis.set_ylim(max(low - margin, 0.0), top)


def _data(one: Standing, name: str) -> Table:
    """Set out the numbers of one indicator."""
    columns = (
        Column("name", "Authority"),
        Column("base", "Cases", "number"),
        *(Column(key, label, "number", 1, _SAID[one.unit]) for key, label in _NUMBERS),
    )
    caption = f"{title(one.indicator.label, one.group)}, {one.period}, by authority"
    return Table(name, caption, one.frame, columns, hidden=_hidden(one.frame))


def _together(found: Findings) -> Table:
    """Set out all authorities in all indicators."""
    frames = [
        one.frame.assign(
            indicator=one.indicator.slug,
            label=one.indicator.label,
            group=one.group,
            period=one.period,
            unit=one.unit,
            basis=one.basis,
            shown=[PLACES[place] for place in one.frame["place"]],
        )
        for one in found.standings
    ]
    columns = (
        Column("label", "Indicator"),
        Column("group", "Group"),
        Column("period", "Period"),
        Column("name", "Authority"),
        *(Column(key, label, "number", 1) for key, label in _NUMBERS),
        Column("shown", "Limits of chance"),
        Column("position", "Position", "number"),
        Column("first", "First left open", "number"),
        Column("last", "Last left open", "number"),
        Column("of", "Of", "number"),
        Column("unit", "Unit"),
        Column("basis", "Basis"),
        Column("place", "Place"),
        Column("indicator", "Name of the indicator"),
        Column("authority", "Folder"),
    )
    caption = "Every authority in every indicator compared"
    frame = pd.concat(frames, ignore_index=True)
    return Table("between_authorities.data", caption, frame, columns, hidden=_hidden(frame))


def _hidden(frame: pd.DataFrame) -> tuple[tuple[int, str], ...]:
    """Say which figures an authority may not show."""
    return tuple((at, "value") for at, hidden in enumerate(frame["hidden"]) if hidden)
