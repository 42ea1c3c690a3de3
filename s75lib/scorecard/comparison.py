"""The authority's place among others: funnels, differences from the rest, positions with their uncertainty.

The index over all reports is drawn from the data of the figure ``between_authorities``.
"""

from __future__ import annotations

__all__ = ["headlines", "section"]

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from s75lib.kpi.phrases import name_of, value_words, written
from s75lib.present import Column, Details, Figure, Headline, Missing, Section, Table, charts, table_of, words
from s75lib.scorecard.benchmarking import SCALES, WHY_UNTESTED, Comparison, Standing

if TYPE_CHECKING:
    from s75lib.scorecard.study import Study

Row = Mapping[Any, Any]

PLACES = {
    "inside": "within the limits",
    "above_95": "above the 95% limits",
    "below_95": "below the 95% limits",
    "above_998": "above the 99.8% limits",
    "below_998": "below the 99.8% limits",
    "": "not tested",
}
_DIFFERENCES = {"percent": "percentage points", "per_100k": "per 100,000"}
_UNITS = {"percent": ("Per cent", "%"), "per_100k": ("Per 100,000", "per 100,000")}
_MOST = 4
_MOST_NAMED = 16
_POINTS = 80


# What is said


def headlines(study: Study) -> list[Headline]:
    """Word how many indicators lie outside the limits of chance, the clearest of these, and the untested."""
    found = study.comparison
    if found is None or not found.standings:
        return []
    rows: list[Row] = list(found.own.to_dict("records"))
    far = [pair for pair in zip(found.standings, rows, strict=True) if outside(pair[1]["place"])]
    far.sort(key=lambda pair: float(pair[1]["p_value"]))
    return [_summary(found), *(_far(*pair) for pair in far[:_MOST]), *_untested(rows)]


def outside(place: str) -> bool:
    """Whether a place is outside the 95% limits."""
    return place not in ("", "inside")


def amount(value: float, unit: str) -> str:
    """Write a figure of the comparison: one decimal, two for what is small.

    >>> amount(69.31, "percent"), amount(0.123, "per_100k")
    ('69.3%', '0.12 per 100,000')
    """
    return value_words(value, unit, 1 if abs(value) >= 1 else 2)


def position_words(row: Row) -> str:
    """Write a position with what is left open.

    >>> position_words({"position": 2.0, "first": 1.0, "last": 4.0, "of": 6.0})
    '2 of 6 (1 to 4)'
    """
    if math.isnan(row["position"]):
        return "–"
    said = f"{row['position']:.0f} of {row['of']:.0f}"
    return said if row["first"] == row["last"] else f"{said} ({row['first']:.0f} to {row['last']:.0f})"


def _name(row: Row) -> str:
    return f"{name_of(row)}, {row['period']}"


def _summary(found: Comparison) -> Headline:
    own = found.own
    tested = own[own["place"] != ""]
    far = sum(map(outside, tested["place"]))
    others = words.count_noun(found.others, "other authority", "other authorities")
    text = f"{words.count_noun(len(own), 'indicator')} can be set beside the same of {others}"
    if tested.empty:
        text += ". None can be tested, since the numbers of people behind them are not held"
    else:
        every = "it" if len(own) == 1 else "all" if len(tested) == len(own) else f"{len(tested)} of them"
        text += f" and {every} tested. {found.peers.name} is within the limits of chance in "
        text += f"{len(tested) - far} and outside the 95% limits in {far}. Chance alone would put "
        text += f"{words.number(0.05 * len(tested), 1)} outside"
    method = "funnel limits about the mean of the group" if len(tested) else None
    unit = "indicators outside the 95% limits"
    return Headline(
        "comparison.summary",
        f"{text}.",
        float(far),
        unit,
        method=method,
        see=(PLACE.id,),
        cell=(PLACE.id, "", "place"),
    )


def _far(one: Standing, row: Row) -> Headline:
    assert one.funnel is not None, "what lies outside limits has been tested"
    unit = _DIFFERENCES[row["unit"]]
    low, high = row["difference_lower"], row["difference_upper"]
    among = f"; {words.chance(row['p_holm'])} among all {row['tests']} tests" if row["tests"] > 1 else ""
    settled = row["first"] == row["last"]
    left = ", whatever chance has done" if settled else ": the data leave open the positions in brackets"
    text = (
        f"{_name(row)}: {amount(row['value'], row['unit'])} is {PLACES[row['place']]} of chance about the "
        f"{amount(row['target'], row['unit'])} of all {row['of']:.0f} authorities{_better(row)}. Against the "
        f"others together the difference is {words.signed(row['difference'], 1)} {unit} (95% interval "
        f"{words.interval(low, high)}; {words.chance(row['p_value'])}{among}). Position "
        f"{position_words(row)}{left}."
    )
    method = (
        f"{one.funnel.method}; each authority against all others by an exact test; positions by exact tests "
        "of all pairs, Holm"
    )
    name = f"comparison.{row['indicator']}.{row['group'] or 'all'}"
    found = (row["difference"], unit, low, high, method, (PLACE.id,))
    return Headline(name, text, *found, stake="change", about=row["group"])


def _better(row: Row) -> str:
    """Say whether the side on which a figure lies is the better one."""
    if row["polarity"] == "neither":
        return ""
    high = row["place"].startswith("above")
    return f", the {'better' if high == (row['polarity'] == 'higher_is_better') else 'worse'} side"


def _untested(rows: list[Row]) -> list[Headline]:
    rows = [row for row in rows if row["place"] == ""]
    if not rows:
        return []
    named = [
        f"{_name(row)}: {amount(row['value'], row['unit'])}, position {position_words(row)}"
        for row in rows[:_MOST]
    ]
    more = f"; and {len(rows) - _MOST} more" if len(rows) > _MOST else ""
    reasons = " and ".join(dict.fromkeys(WHY_UNTESTED[row["basis"]] for row in rows))
    text = f"As printed, without a test. {'; '.join(named)}{more}. {reasons}"
    text = ". ".join(words.capital(part) for part in text.split(". "))
    text += ": no difference from other authorities can be told from chance."
    position, first, last = (rows[0][name] for name in ("position", "first", "last"))
    method = "order of the printed figures, with what their rounding leaves open"
    cell = (PLACE.id, _name(rows[0]), "position")
    return [Headline("comparison.untested", text, position, "position", first, last, method, cell=cell)]


# What is drawn


def _figure_positions(study: Study, found: Comparison) -> Figure:
    """Draw the authority's position in each indicator, with the positions that the data leave open."""
    own = found.own.to_dict("records")
    most = int(found.own["of"].max())
    sheet, axis = charts.drawing(1.1 + 0.4 * len(own))
    heights = charts.name_rows(axis, [_name(row) for row in own])
    for at, row in zip(heights, own, strict=True):
        colour = charts.BLUE if outside(row["place"]) else charts.GREY
        face = colour if row["place"] else "white"
        axis.plot([1, row["of"]], [at, at], color=charts.LIGHT, linewidth=6, solid_capstyle="round", zorder=1)
        axis.plot([row["first"], row["last"]], [at, at], color=colour, linewidth=2.4, zorder=2)
        dot = {"marker": "o", "markersize": 8, "markerfacecolor": face}
        axis.plot([row["position"]], [at], color=colour, zorder=3, **dot)
    axis.set_xlim(0.5, most + 0.5)
    axis.set_xticks(range(1, most + 1) if most <= _MOST_NAMED else np.unique(np.linspace(1, most, 8).round()))
    axis.set_xlabel("Position; 1: the better end, or the highest where neither end is better", fontsize=9.5)
    finding = _positions_finding(found.own, study.place)
    said = "; ".join(f"{name_of(row)} {position_words(row)}" for row in own)
    alt = f"Dots on bars from the first to the last position, an indicator each. {finding}. {said}."
    subtitle = (
        f"{study.place} among {found.others + 1} authorities; line: positions left open with 95% "
        "confidence, all at once, hollow: not tested, blue: outside the 95% limits of chance"
    )
    data = _table_all(found)
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


def _figure_funnel(one: Standing) -> Figure:
    made, own = one.funnel, one.own
    assert made is not None, "a funnel is drawn of what has been tested"
    scale, (unit, behind) = SCALES[own["unit"]], _UNITS[own["unit"]]
    held = one.frame[one.frame["place"] != ""]
    sizes = held["base"].to_numpy()
    sheet, axis = charts.drawing(4.6)
    reach = float(sizes.max()) * 1.12
    drawn = np.unique(np.round(np.geomspace(max(float(sizes.min()) * 0.55, 1.0), reach, _POINTS)))
    for confidence, dash, label in ((0.95, (0, (5, 3)), "95%"), (0.998, "-", "99.8%")):
        below, above = (limit * scale for limit in made.limits(drawn, confidence))
        for limit in (below, above):
            axis.plot(drawn, limit, color=charts.GREY, linewidth=1.1, linestyle=dash)
        grey = {"fontsize": 8.5, "color": charts.GREY, "annotation_clip": False}
        charts.note(axis, label, (drawn[-1], above[-1]), (4, -3), **grey)
    axis.axhline(made.target * scale, color="#222222", linewidth=1)
    _room(axis, held, [limit * scale for limit in made.limits(sizes, 0.998)])
    axis.set_xlim(0, reach)
    _dots(axis, held)
    charts.thousands(axis, "x")
    counted = "Cases behind the figure" if own["unit"] == "percent" else "What is counted over"
    axis.set_xlabel(counted, fontsize=9.5)
    axis.set_ylabel(unit, fontsize=9.5)
    finding = f"{name_of(own)}: {own['name']} is {PLACES[own['place']]} of chance"
    subtitle = (
        f"{own['period']}; line: all {len(held)} authorities together, {amount(own['target'], own['unit'])}; "
        f"dashed: 95% limits, solid: 99.8%, {made.method}"
    )
    far = [f"{name} {PLACES[at]}" for name, at in held[["name", "place"]].to_numpy()[1:] if outside(at)]
    others = f"Also outside: {words.join(far)}." if far else "No other authority is outside them."
    alt = (
        "Dots, one for each authority, by size and figure, between lines that narrow to the right. "
        f"{finding}, at {amount(own['value'], own['unit'])}. {others}"
    )
    slug = f"funnel.{own['indicator']}{'.' if own['group'] else ''}{own['group']}"
    columns = (*FUNNEL.columns, *(replace(one, unit=behind) for one in _NUMBERS))
    table = replace(FUNNEL, id=f"{slug}.data", columns=columns)
    data = _marked(table.of(one.frame, f"{_name(own)}, by authority"))
    return Figure(slug, finding, subtitle, alt, sheet, data, "Indicators of the authorities named")


def _dots(axis: Axes, held: pd.DataFrame) -> None:
    """Draw the authorities, the one asked for on top and in colour, and name them."""
    others = held.iloc[1:]
    axis.scatter(others["base"], others["value"], s=34, color=charts.GREY, zorder=3)
    axis.scatter(held["base"].iloc[:1], held["value"].iloc[:1], s=80, color=charts.BLUE, zorder=4)
    named = others if len(held) <= _MOST_NAMED else others[others["place"].map(outside)]
    dots = axis.transData.transform(held[["base", "value"]].to_numpy())
    taken = [Bbox.from_bounds(x - 4, y - 4, 8, 8) for x, y in dots]
    for row in [held.iloc[0].to_dict(), *named.to_dict("records")]:
        _label(axis, row, taken)


def _label(axis: Axes, row: Row, taken: list[Bbox]) -> None:
    """Write a name beside its dot where it covers no other name or dot, or at the right."""
    size = 9.5 if row["own"] else 8.5
    x, y = axis.transData.transform((row["base"], row["value"]))
    to_pixels = axis.figure.dpi / 72
    width, height, gap = 0.62 * size * len(row["name"]) * to_pixels, 1.2 * size * to_pixels, 7 * to_pixels
    boxes = [
        (right, up, Bbox.from_bounds(x + (gap if right else -gap - width), y + lift, width, height))
        for up, lift in ((3, 1 * to_pixels), (-11, -height - to_pixels))
        for right in (True, False)
    ]
    free = [found for found in boxes if found[2].count_overlaps(taken) == 0]
    right, up, box = (free or boxes)[0]
    taken.append(box)
    charts.note(
        axis,
        row["name"],
        (row["base"], row["value"]),
        (7 if right else -7, up),
        ha="left" if right else "right",
        fontsize=size,
        fontweight="bold" if row["own"] else "normal",
        color=charts.BLUE if row["own"] else charts.GREY,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
        annotation_clip=False,
        zorder=5,
    )


def _room(axis: Axes, held: pd.DataFrame, limits: Sequence[np.ndarray]) -> None:
    """Leave room for the limits at the sizes that are there, not for those of the smallest drawn."""
    values = np.concatenate([held["value"].to_numpy(dtype=float), *limits])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = 0.12 * (high - low or 1.0)
    most = 101.0 if held["unit"].iloc[0] == "percent" else math.inf
    axis.set_ylim(max(low - margin, 0.0), min(high + margin, most))


# What is tabled


_NUMBERS = (
    Column("value", "Value", "number", 1),
    Column("lower", "Lower, own 95%", "number", 1),
    Column("upper", "Upper, own 95%", "number", 1),
    Column("target", "All together", "number", 1),
    Column("lower_95", "Lower limit, 95%", "number", 1),
    Column("upper_95", "Upper limit, 95%", "number", 1),
    Column("lower_998", "Lower limit, 99.8%", "number", 1),
    Column("upper_998", "Upper limit, 99.8%", "number", 1),
)


NOBODY = Missing.of(
    "No other authority here has the same indicator for the same period.",
    "kpi",
    ("indicator", "group", "period", "value", "unit", "numerator", "denominator"),
    "the place among authorities, once two of them hold the same indicator for a period",
)
NOT_READ = Missing("Other authorities were not read: the study was given no peers.")
FUNNEL = table_of("funnel", Column("name", "Authority"), Column("base", "Cases", "number"))
TOGETHER = table_of(
    "between_authorities.data",
    Column("label", "Indicator"),
    Column("group", "Group"),
    Column("period", "Period"),
    Column("name", "Authority"),
    *_NUMBERS,
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
PLACE = table_of(
    "place_among_others",
    Column("indicator", "Indicator"),
    Column("value", "Value"),
    Column("group", "All together"),
    Column("place", "Limits of chance"),
    Column("difference", "Difference", "change", 1),
    Column("difference_lower", "Lower", "change", 1),
    Column("difference_upper", "Upper", "change", 1),
    Column("p_value", "p", "p"),
    Column("p_holm", "p, Holm", "p"),
    Column("position", "Position (left open)"),
    notes=(
        "Limits of chance: where a figure of this size lies 95 or 99.8 times in a hundred if all authorities "
        "are alike. Difference: from all others together, in percentage points or per "
        "100,000, so that no authority is compared with itself.",
        "Position: as the figures stand, and in brackets the positions that chance, or rounding where "
        "nothing is tested, leaves open. Authorities differ in whom they serve and how they record: a place "
        "is where to ask, not a judgement.",
    ),
)
BASIS = table_of(
    "basis_of_comparison",
    Column("indicator", "Indicator"),
    Column("basis", "Basis"),
    Column("order", "Position 1"),
    Column("variation", "Variation among the authorities"),
)
NOT_COMPARED = table_of(
    "not_compared", Column("what", "Indicator or authority"), Column("why", "Why it is not compared")
)
FILES = table_of(
    "compared_files",
    Column("name", "Authority"),
    Column("path", "File"),
    Column("rows", "Rows known by then", "number"),
    Column("sha256", "SHA-256, first 16 digits"),
)
_BASES = {
    "proportions": "numerators and denominators",
    "caseload": "caseload: a year counts as one mean month",
    "rates": "counts and what they are counted over",
} | WHY_UNTESTED
_ENDS = {
    "higher_is_better": "the highest",
    "lower_is_better": "the lowest",
    "neither": "the highest; neither end is better",
}


def _marked(table: Table) -> Table:
    """Mark the figures that an authority may not show; its numbers hold none of them."""
    hidden = tuple((at, "value") for at, gone in enumerate(table.frame["hidden"]) if gone)
    return replace(table, hidden=hidden)


def _table_all(found: Comparison) -> Table:
    frame = pd.concat([one.frame for one in found.standings], ignore_index=True)
    frame = frame.assign(shown=frame["place"].map(PLACES))
    return _marked(TOGETHER.of(frame, "Every authority in every indicator compared"))


def _table_place(study: Study, found: Comparison) -> Table:
    frame = written(
        found.own,
        indicator=_name,
        value=lambda row: amount(row["value"], row["unit"]),
        group=lambda row: amount(row["target"], row["unit"]),
        place=lambda row: PLACES[row["place"]],
        position=position_words,
    )
    first, value, *rest = PLACE.columns
    shown = replace(PLACE, columns=(first, replace(value, label=study.place), *rest))
    return shown.of(frame, f"{study.place} among other authorities")


def _table_basis(found: Comparison) -> Table:
    frame = written(
        found.own.assign(variation=list(map(_variation, found.standings))),
        indicator=_name,
        basis=lambda row: _BASES[row["basis"]],
        order=lambda row: _ENDS[row["polarity"]],
    )
    return BASIS.of(frame, "What each comparison rests on")


def _variation(one: Standing) -> str:
    made = one.funnel
    if made is None:
        return "–"
    spread = made.overdispersion
    if made.dispersion != "none":
        return (
            f"The authorities vary more than by chance ({words.chance(spread.p_value)}; variance "
            f"{words.number(spread.phi, 1)} times chance's): the limits allow for that"
        )
    if not np.isnan(spread.p_value):
        return f"No more variation among authorities than by chance ({words.chance(spread.p_value)})"
    return words.capital(made.note).replace("units", "authorities")


def _table_not_compared(found: Comparison) -> Table | None:
    rows = [(name_of(row), str(row["reason"])) for row in found.left.to_dict("records")]
    rows += [(peer.name, peer.reason) for peer in found.peers.left_out]
    rows += [
        (f"{name_of(one.own)}, {name}", "hidden by that authority: too few people")
        for one in found.standings
        for name in one.frame.loc[one.frame["hidden"], "name"]
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=["what", "why"])
    frame["why"] = frame["why"].map(words.capital)
    return NOT_COMPARED.of(frame, "What is not compared")


def _table_files(found: Comparison) -> Table:
    rows = [(file.name, file.path, file.rows, file.sha256[:16] or "not told") for file in found.peers.files]
    frame = pd.DataFrame(rows, columns=[column.name for column in FILES.columns])
    return FILES.of(frame, "Files that the compared figures come from")


def section(study: Study) -> Section:
    """Show the place among others: findings, positions, the clearest funnels, what is not compared, files."""
    found = study.comparison
    if found is None:
        return Section.of(NOT_READ)
    if not found.standings:
        return Section.of(NOBODY, _table_not_compared(found))
    tested = [one for one in found.standings if one.funnel is not None]
    tested.sort(key=lambda one: float(one.own["p_value"]))
    return Section.of(
        headlines(study),
        Details(),
        _figure_positions(study, found),
        _table_place(study, found),
        [_figure_funnel(one) for one in tested[:_MOST]],
        _table_basis(found),
        _table_not_compared(found),
        _table_files(found),
    )
