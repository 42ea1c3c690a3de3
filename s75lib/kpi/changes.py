"""What moved: the change of every indicator, in its right unit, with interval, test and verdict."""

from __future__ import annotations

__all__ = ["changes"]

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from s75lib.kpi.comparison import (
    ENDS,
    MARGIN_OF_COUNTS,
    Change,
    compare,
    earlier,
    history,
    pairs,
    series,
    with_adjusted_p,
)
from s75lib.kpi.disclosure import WIDENED_NOTE, by_quarter
from s75lib.kpi.phrases import (
    NO_INDICATORS,
    against_words,
    base_words,
    change_words,
    compared_words,
    figure_words,
    levels_words,
    name_of,
    step_words,
    written,
)
from s75lib.kpi.variation import Key, step_from, variations
from s75lib.loaders import Period
from s75lib.loaders.indicators import REGISTRY, Indicator, find
from s75lib.present import Column, Figure, Headline, Missing, Section, Table, charts, table_of, words
from s75lib.present import section as assemble
from s75lib.stats.months import Variation, learnt

if TYPE_CHECKING:
    from s75lib.kpi.study import Study

MARGIN = 3.0
"""Percentage points below which a change is taken not to matter, unless the caller says otherwise."""

_CHANGE_UNITS = {"percent": "percentage points", "per_month": "a month", "per_100k": "per 100,000"}
_LEVEL = 0.05

Row = Mapping[Any, Any]
_STEP = ["shift_from", "shift_before", "shift_after", "shift_p"]
_RESULT = [field.name for field in dataclasses.fields(Change)]


def changes(
    kpi: pd.DataFrame,
    registry: Mapping[str, Indicator] | None = None,
    *,
    margin: float = MARGIN,
    months: Mapping[tuple[str, str], Variation] | None = None,
    compared: Period | None = None,
    quarters: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compare every indicator's latest year with the one before it, and look for a step in its months.

    A verdict is of the indicator alone; ``clear`` tells whether it holds for the family.

    Parameters
    ----------
    margin : float
        Percentage points below which a change does not matter, > 0; an indicator's own comes first.
    compared : Period, optional
        An earlier period to compare with, as `s75lib.kpi.comparison.pairs` does.
    quarters : DataFrame, optional
        What stands for the months that are hidden, as `s75lib.kpi.disclosure.suppress` gives it.

    Returns
    -------
    DataFrame
        The columns of `s75lib.kpi.comparison.pairs`; ``label``, ``polarity`` (empty: not said), ``margin``;
        the fields of `s75lib.kpi.comparison.Change`; ``change_unit``; the likeliest step or trend of the
        latest two years (``shift_from``: month or ``trend``; ``shift_before``, ``shift_after``, ``shift_p``;
        empty or NaN where fewer than 24 months are held); ``p_holm``, ``shift_holm`` and ``p_bh`` (adjusted
        for the family: every comparison and every step looked for), ``tests`` (comparisons tested);
        ``verdict``; ``clear`` and ``stepped`` (whether comparison and step hold for the whole family), and
        ``direction`` (better, worse, or empty) of what is clear, or else of the step; ``flow_before`` and
        ``flow_after`` of what moves only if its months count new cases (not said, and not unlikely).

        Verdicts: ``changed`` (p below its level), ``steady`` (shown to be smaller than the margin),
        ``unclear`` (neither), ``no_base`` (a bare percentage), ``untested`` (no test applies),
        ``contradicted`` (by numerator and denominator), ``hidden`` (a small count of people),
        ``one_period``.

    Examples
    --------
    >>> found = changes(load("islington", "2018/19").kpi).set_index(["indicator", "group"])
    >>> print(round(found.loc[("permanent_admissions", "ACMHT"), "p_value"], 4))
    0.1686
    >>> found.loc[("cpa_employment", ""), ["change_unit", "verdict"]].tolist()
    ['percentage points', 'no_base']
    """
    held = history(kpi)
    found = variations(held, registry) if months is None else months
    entries = {key: _told(find(key[0], registry), found.get(key)) for key in series(held)}
    # Where nobody has said the kind and the months can't tell it, the test must hold for a caseload too.
    alike = {key for key, one in entries.items() if one.is_caseload or (one.kind == "" and key not in found)}
    rows = pairs(held if quarters is None else by_quarter(held, quarters, alike), alike, compared)
    keys = list(zip(rows["indicator"], rows["group"], strict=True))
    margins = [_margin(entries[key], unit, margin) for key, unit in zip(keys, rows["unit"], strict=True)]
    told = list(zip(rows.to_dict("records"), keys, margins, strict=True))
    results = [compare(pair, entries[key], margin=own, variation=found.get(key)) for pair, key, own in told]
    made = pd.DataFrame([vars(result) for result in results], columns=_RESULT)
    floats = [name for name in _RESULT if name not in ("basis", "method", "note", "steady")]
    made = made.astype({**dict.fromkeys(floats, "float64"), "steady": "bool"})
    # For the family each is judged again, from what the others of its kind make plausible.
    among = dict(zip(found, learnt(list(found.values())), strict=True))
    steps, shared = (_steps(entries, keys, results, judged) for judged in (found, among))
    again = [
        compare(pair, entries[key], margin=own, variation=among[key]).p_value
        if key in among and result.p_value < _LEVEL
        else result.p_value
        for (pair, key, own), result in zip(told, results, strict=True)
    ]
    family = with_adjusted_p(shared.assign(p_value=np.array(again, dtype=float)))
    frame = pd.concat([rows, made, steps, family[["tests"]]], axis=1).assign(
        p_holm=family["p_holm"].clip(lower=made["p_value"]),
        shift_holm=family["shift_holm"].clip(lower=steps["shift_p"]),
        p_bh=family["p_bh"].clip(lower=made["p_value"]),
        label=[entries[key].label for key in keys],
        polarity=[entries[key].polarity if entries[key].is_known else "" for key in keys],
        margin=np.array(margins, dtype=float),
        change_unit=[_CHANGE_UNITS.get(unit, "") for unit in rows["unit"]],
        verdict=np.array([_verdict(result) for result in results], dtype=object),
    )
    frame["clear"] = frame["verdict"].eq("changed") & (frame["p_holm"] < _LEVEL)
    frame["stepped"] = frame["shift_holm"] < _LEVEL
    moved = frame["change"].where(
        frame["clear"], (frame["shift_after"] - frame["shift_before"]).where(frame["stepped"])
    )
    directions = [_direction(*pair) for pair in zip(moved, frame["polarity"], strict=True)]
    frame = frame.assign(direction=np.array(directions, dtype=object), flow_before=np.nan, flow_after=np.nan)
    doubtful = {key for key in keys if _may_be_new(find(key[0], registry), found.get(key))}
    if not doubtful:
        return frame
    # Each may count new cases: what is more than chance then must not be passed over.
    said = {slug: dataclasses.replace(find(slug, registry), kind="flow") for slug, _ in doubtful}
    taken = {key: one.taken_as("flow") if key[0] in said else one for key, one in found.items()}
    known = {**(REGISTRY if registry is None else registry), **said}
    flows = changes(kpi, known, margin=margin, months=taken, compared=compared, quarters=quarters)
    only_so = ~(frame["clear"] | frame["stepped"]) & np.array([key in doubtful for key in keys])
    for end, of_step in zip(ENDS, ("before", "after"), strict=True):
        figure = flows[f"value{end}"].where(flows["clear"], flows[f"shift_{of_step}"].where(flows["stepped"]))
        frame[f"flow_{of_step}"] = figure.where(only_so)
    return frame


def _may_be_new(entry: Indicator, variation: Variation | None) -> bool:
    """Whether months may count new cases though nobody says so, or though they are declared not to."""
    if entry.is_stock or entry.kind == "flow":
        return False
    if variation is None:
        return entry.kind == ""
    return variation.taken_as("").looks_like != "caseload"


def _told(entry: Indicator, variation: Variation | None) -> Indicator:
    """Take the kind that the months suggest where nobody has said it."""
    return dataclasses.replace(entry, kind=entry.kind or (variation.looks_like if variation else ""))


def _margin(entry: Indicator, unit: str, margin: float) -> float:
    if entry.margin is not None:
        return entry.margin
    return margin if unit == "percent" else MARGIN_OF_COUNTS


def _steps(
    entries: Mapping[Key, Indicator], keys: list[Key], results: list[Change], found: Mapping[Key, Variation]
) -> pd.DataFrame:
    made = [
        _step(entries[key], None if result.basis in ("hidden", "contradicted") else found.get(key))
        for key, result in zip(keys, results, strict=True)
    ]
    return pd.DataFrame(made, columns=_STEP).astype(dict.fromkeys(_STEP[1:], "float64"))


def _step(entry: Indicator, variation: Variation | None) -> tuple[str, float, float, float]:
    """Give the likeliest step, in the unit of the values; none of head counts and of many events a person."""
    if variation is None or entry.is_stock or entry.is_clustered:
        return "", math.nan, math.nan, math.nan
    own, step = variation, variation.step
    per = 100.0 if own.model == "share" else 1e5 if own.model == "count" and own.exposure.max() > 1 else 1.0
    return step_from(own), per * step.before, per * step.after, step.p_value


def _verdict(result: Change) -> str:
    if result.basis in ("one_period", "hidden", "contradicted"):
        return result.basis
    if result.basis == "percentage_only":
        return "no_base"
    if np.isnan(result.p_value):
        return "untested"
    if result.p_value < _LEVEL:
        return "changed"
    return "steady" if result.steady else "unclear"


def _direction(change: float, polarity: str) -> str:
    if np.isnan(change) or change == 0 or polarity in ("", "neither"):
        return ""
    return "better" if (change > 0) == (polarity == "higher_is_better") else "worse"


# What is said

_MOST = 5
# Clustering that multiplies the variance by more than this is rare among counts of events.
_ORDINARY = 5.0
_WAY = {"": "That is", "better": "That is better, and", "worse": "That is worse, and"}


def headlines(study: Study) -> list[Headline]:
    """Word the clear changes, then the percentages that moved without a base."""
    return [*top_changes(study.changes, _MOST), *_bare(study.changes)]


def top_changes(changes: pd.DataFrame, most: int) -> list[Headline]:
    """Word the changes and steps that hold for the whole family, the worse ones first, then by size."""
    clear = changes[changes["clear"] | changes["stepped"]]
    order = {"worse": 0, "": 1, "better": 2}
    step = 100 * (clear["shift_after"] / clear["shift_before"] - 1)
    size = clear["relative"].where(clear["clear"], step).abs().fillna(np.inf)
    ranked = clear.assign(rank=clear["direction"].map(order), size=-size)
    ranked = ranked.sort_values(["rank", "size"], kind="stable")
    return [_moved(row) if row["clear"] else _stepped(row) for row in ranked.head(most).to_dict("records")]


def _moved(row: Row) -> Headline:
    name, before = name_of(row), figure_words(row, "_before").removesuffix(" a month")
    text = (
        f"{name}: {words.rose_fell(row['change'])} from {before} in {words.when(row['period_before'])} "
        f"to {figure_words(row)} in {words.when(row['period'])}, {change_words(row)}"
    )
    text += f". {_WAY[row['direction']]} more than chance explains, with all comparisons taken together"
    if row["tipping_factor"] <= _ORDINARY:
        text += f". Events that come in clusters, varying {words.number(row['tipping_factor'], 1)} times "
        text += "as much as chance, could still make it"
    rise = row["shift_after"] - row["shift_before"]
    if row["stepped"] and rise * row["change"] < 0:
        text += f". But the months say otherwise: {step_words(row)}"
    id = f"kpi.change.{row['indicator']}.{row['group'] or 'all'}"
    found = (row["change"], row["change_unit"] or "count", _known(row["lower"]), _known(row["upper"]))
    cell = ("changes", name, "change")
    return Headline(id, f"{text}.", *found, row["method"], stake="change", cell=cell, about=row["group"])


def _stepped(row: Row) -> Headline:
    """Word a step within the months that the comparison of years does not show."""
    text = f"{name_of(row)}: {step_words(row)}"
    compared = f"from {row['period_before']} to {row['period']}" if row["period_before"] else "of years"
    shown = "can't be tested" if math.isnan(row["p_value"]) else "is not shown to be more than chance"
    text += f". {_WAY[row['direction']]} more than chance explains. The change {words.when(compared)} {shown}"
    id = f"kpi.step.{row['indicator']}.{row['group'] or 'all'}"
    method = "likeliest step or trend in the months; Worsley's bound over all months tried"
    before, after = row["shift_before"], row["shift_after"]
    rise, unit, said = after - before, row["change_unit"] or "count", levels_words(before, after, row["unit"])
    about = row["group"]
    return Headline(
        id,
        f"{text}.",
        rise,
        unit,
        method=method,
        stake="change",
        about=about,
        figure=said[1],
        cell=("matrix", name_of(row), "step"),
    )


def _bare(changes: pd.DataFrame) -> list[Headline]:
    """Word the percentages without a base: which change would need the fewest people, and which the most."""
    rows = changes[(changes["verdict"] == "no_base") & (changes["change"] != 0)]
    rows = rows[rows["base_central"].notna()].sort_values("base_central")
    if rows.empty:
        return []
    least = rows.iloc[0].to_dict()
    text = _needs(least)
    if len(rows) > 1:
        # Beside the change that is easiest to show, the hardest one that has a target tells most.
        aimed = rows.iloc[1:][rows["target"].iloc[1:].notna()]
        hardest = (aimed if len(aimed) else rows).iloc[-1].to_dict()
        noun = words.count_noun(len(rows), "percentage")
        lead = f"{noun} moved but were published without the number of people behind them."
        text = f"{lead} {text} {_needs(hardest)}"
    bases = (least["base_central"], "people a period", least["base_least"], _known(least["base_most"]))
    method = "pooled score test over all bases and counts that print as these percentages"
    return [Headline("kpi.bare", text, *bases, method, cell=("bare_percentages", "", "base_least"))]


def _needs(row: Row) -> str:
    moved = f"{figure_words(row, '_before')} to {figure_words(row)}: {change_words(row)}"
    return f"{name_of(row)}, {moved}. {words.capital(base_words(row))}."


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


# What is drawn

_TESTED = ("proportions", "caseload", "monthly_values")
_COUNTED = ("counts", "mean_of_counts", "rates")
_ROW = 0.36
_BLUE = "blue: more than chance explains, with all comparisons taken together"
_FURTHEST = 200.0
_IN_POINTS = (
    Column("change", "Change, points", "points", 1, "percentage points"),
    Column("lower", "Lower", "points", 1, "percentage points"),
    Column("upper", "Upper", "points", 1, "percentage points"),
)
_PERCENTAGES = (
    Column("shown", "Indicator"),
    Column("value_before", "Before", "percent", 1, "%"),
    Column("value", "Latest", "percent", 1, "%"),
)
POINTS = table_of("changes_in_points.data", *_PERCENTAGES, *_IN_POINTS)
COUNTS = table_of(
    "changes_of_counts.data",
    Column("shown", "Indicator"),
    Column("before", "Before"),
    Column("latest", "Latest"),
    Column("relative", "Relative change", "change", 0, "%"),
    Column("relative_lower", "Lower", "change", 0, "%"),
    Column("relative_upper", "Upper", "change", 0, "%"),
)
BARE = table_of(
    "bare_percentages.data",
    *_PERCENTAGES,
    _IN_POINTS[0],
    Column("base_least", "Fewest people that could show it", "number", 0, "people"),
    Column("base_most", "Most people that could hide it", "number", 0, "people"),
)


def _figures(study: Study) -> list[Figure | Missing]:
    """Draw the changes, one chart for each way of comparing them."""
    if study.changes.empty:
        return [NO_INDICATORS]
    rows = study.changes[study.changes["period_before"] != ""]
    if rows.empty:
        return [Missing("Every indicator is published for one period only: there is no change to draw.")]
    rows = written(rows, shown=name_of)
    counted = rows["basis"].isin(_COUNTED) & rows["relative_lower"].notna()
    ways: tuple[tuple[Callable[[pd.DataFrame, str], Figure], pd.Series], ...] = (
        (_figure_in_points, rows["basis"].isin(_TESTED) & rows["lower"].notna()),
        (_figure_of_counts, counted),
        (_figure_of_bare_percentages, rows["basis"] == "percentage_only"),
    )
    made: list[Figure | Missing] = [draw(rows[own], study.place) for draw, own in ways if own.any()]
    return made or [Missing("No change can be drawn: see the table for what is known of each.")]


def _figure_in_points(rows: pd.DataFrame, place: str) -> Figure:
    ordered = rows.sort_values("change", ascending=False)
    sheet, axis = charts.drawing(0.9 + _ROW * len(ordered))
    named = [list(ordered[name]) for name in ("shown", "change", "lower", "upper")]
    charts.dots_with_intervals(axis, *named, stand_out=list(ordered["clear"]))
    axis.set_xlabel("Change in percentage points, with 95% interval", fontsize=9.5)
    finding = _clearest(ordered, "percentage", lambda row: f"{words.signed(row['change'], 1)} points")
    data = POINTS.of(ordered, "Changes of percentages")
    alt = f"Dots with intervals on both sides of a line at no change, one for each percentage. {finding}."
    subtitle = f"Change in percentage points, {place}, {_span(ordered)}; {_BLUE}"
    source = f"{place}, performance indicators"
    return Figure("changes_in_points", finding, subtitle, alt, sheet, data, source)


def _figure_of_counts(rows: pd.DataFrame, place: str) -> Figure:
    upper = rows["relative_upper"].fillna(np.inf)
    filled = rows.assign(relative_upper=upper, reach=upper.clip(upper=_FURTHEST))
    ordered = filled.sort_values("relative", ascending=False)
    sheet, axis = charts.drawing(0.9 + _ROW * len(ordered))
    ordered = written(
        ordered,
        named=lambda row: f"{row['shown']}: {_levels(row)}",
        before=lambda row: figure_words(row, "_before"),
        latest=figure_words,
    )
    limits = [list(ordered[name]) for name in ("named", "relative", "relative_lower", "reach")]
    charts.dots_with_intervals(axis, *limits, stand_out=list(ordered["clear"]))
    beyond = ordered["relative_upper"].to_numpy() > _FURTHEST
    for at in np.flatnonzero(beyond):
        axis.plot([_FURTHEST], [at], marker=">", markersize=6, color=charts.GREY)
    axis.set_xlim(-108, float(ordered[["reach", "relative"]].max().max()) + 10)
    axis.set_xlabel("Relative change in per cent, with 95% interval", fontsize=9.5)
    finding = _clearest(ordered, "count or rate", lambda row: f"{words.signed(row['relative'])}%")
    finding = finding.replace("count or rates", "counts and rates")
    data = COUNTS.of(ordered, "Relative changes of counts and rates")
    alt = f"Dots with intervals on both sides of a line at no change, one for each count or rate. {finding}."
    subtitle = f"Relative change, {place}, {_span(ordered)}; {_BLUE}"
    if beyond.any():
        subtitle += "; an arrow: the interval goes on"
    source = f"{place}, performance indicators"
    return Figure("changes_of_counts", finding, subtitle, alt, sheet, data, source)


def _figure_of_bare_percentages(rows: pd.DataFrame, place: str) -> Figure:
    ordered = rows.sort_values("change", ascending=False)
    sheet, axis = charts.drawing(1.0 + _ROW * 1.25 * len(ordered))
    places = charts.name_rows(axis, list(ordered["shown"]))
    for at, row in zip(places, ordered.to_dict("records"), strict=True):
        _draw_pair(axis, at, row)
    low = float(ordered[["value_before", "value"]].min().min())
    axis.set_xlim(-9 if low < 14 else 0, 112)
    axis.set_xticks(range(0, 101, 20))
    axis.grid(axis="x", color=charts.LIGHT, linewidth=0.6)
    axis.set_xlabel("Per cent; hollow: before, filled: latest", fontsize=9.5)
    finding = _furthest(ordered)
    data = BARE.of(ordered, "Percentages published without their base")
    moves = [f"{row['shown']} {words.signed(row['change'], 1)} points" for row in ordered.to_dict("records")]
    alt = f"Pairs of dots joined by lines, one for each percentage. {finding}. {words.join(moves)}."
    subtitle = f"Percentages published without a base, {place}, {_span(ordered)}: no interval, no test"
    source = f"{place}, performance indicators"
    return Figure("bare_percentages", finding, subtitle, alt, sheet, data, source)


def _draw_pair(axis: Any, at: int, row: Row) -> None:
    """Draw before and latest as joined dots, each with its value on the outer side."""
    before, after = row["value_before"], row["value"]
    axis.plot([before, after], [at, at], color=charts.GREY, linewidth=1.6, zorder=1)
    axis.plot([before], [at], marker="o", markersize=8, color=charts.BLUE, markerfacecolor="white", zorder=2)
    axis.plot([after], [at], marker="o", markersize=8, color=charts.BLUE, zorder=3)
    ends = {before: row["decimals_before"], after: row["decimals"]}
    sides = ((min(ends), -8, "right"), (max(ends), 8, "left"))
    for value, side, align in sides if len(ends) > 1 else sides[1:]:
        axis.annotate(
            words.percent(value, 1 if math.isnan(ends[value]) else int(ends[value])),
            (value, at),
            (side, -3.5),
            textcoords="offset points",
            ha=align,
            fontsize=9,
            color=charts.BLUE if value == after else charts.GREY,
        )


def _span(rows: pd.DataFrame) -> str:
    """Name the periods compared; they can differ between indicators."""
    spans = {words.when(f"{b} to {a}") for b, a in zip(rows["period_before"], rows["period"], strict=True)}
    return spans.pop() if len(spans) == 1 else f"latest period against {earlier(rows['comparison'].iloc[0])}"


def _levels(row: Row) -> str:
    ends = (float(row[f"value{end}"]) for end in ("_before", ""))
    return words.join([words.number(end, 0 if end.is_integer() else 1) for end in ends], "to")


def _clearest(rows: pd.DataFrame, noun: str, size: Callable[[Row], str]) -> str:
    """State the finding: which changes are clear of chance, the largest first."""
    clear = rows[rows["clear"]]
    all_of, one = f"the {words.count_noun(len(rows), noun)} that can be tested", f"The one {noun} that can be"
    if clear.empty:
        only = f"{one} tested is not shown to have changed"
        return only if len(rows) == 1 else f"None of {all_of} is shown to have changed"
    by_size = clear.assign(size=clear["relative"].abs().fillna(np.inf)).sort_values("size", ascending=False)
    named = [f"{row['shown']} {size(row)}" for row in by_size.head(2).to_dict("records")]
    link = ", most of all" if len(clear) > 2 else ":"
    opening = f"{one} tested" if len(rows) == 1 else f"{len(clear)} of {all_of}"
    return f"{opening} clearly changed{link} {words.join(named)}"


def _furthest(ordered: pd.DataFrame) -> str:
    """State the largest rise and the largest fall in points."""
    top, bottom = ordered.iloc[0], ordered.iloc[-1]
    rise = f"{top['shown']} rose most, by {words.number(top['change'], 1)} points"
    fall = f"{bottom['shown']} fell most, by {words.number(-bottom['change'], 1)}"
    if bottom["change"] >= 0:
        return rise if top["change"] > 0 else "No percentage without a base changed as printed"
    return f"{rise}; {fall}" if top["change"] > 0 else f"{fall} points"


# What is tabled

_FEW = ("few",)
CHANGES = table_of(
    "changes",
    Column("indicator", "Indicator"),
    Column("periods", "Periods"),
    Column("compared", "Comparison"),
    Column("before", "Before", hides=("hidden_before",)),
    Column("latest", "Latest", hides=("hidden",)),
    Column("change", "Change", "change", 1, hides=_FEW),
    Column("unit", "Unit of the change"),
    Column("lower", "95% interval: lower", "change", 1, hides=_FEW),
    Column("upper", "Upper", "change", 1, hides=_FEW),
    Column("relative", "Relative change, %", "change", 0, "%", hides=_FEW),
    Column("p_value", "p", "p", hides=_FEW),
    Column("p_holm", "p, Holm", "p", hides=_FEW),
    Column("p_bh", "p, Benjamini–Hochberg", "p", hides=_FEW),
    Column("step", "Step in the months"),
    Column("shift_holm", "p of the step, Holm", "p", hides=_FEW),
    Column("tipping_factor", "Over-dispersion that would undo it", "number", 1, hides=_FEW),
    Column("detectable_fall", "Smallest fall that would show", "change", 1, hides=_FEW),
    Column("detectable_rise", "Smallest rise that would show", "change", 1, hides=_FEW),
    Column("basis", "Basis"),
    notes=(
        "Holm: over one family, every comparison in this table and every step looked for in months. A step "
        "has 15% of its indicator's share. Survey, audit, enquiries and charts are outside it.",
        "Each p before Holm is worked out from its own indicator alone. Holm's also allows for how much the "
        "months of the others vary.",
        "Percentages are compared in percentage points, counts and rates in their own unit. Changes with a "
        "base are worked out from the counts and can differ from the printed figures by rounding.",
        WIDENED_NOTE,
        "Of counts, the interval of the change is that of a difference. The relative one, in the chart and "
        "on the scorecard, is that of a ratio; divided by the figure before, the first is near it.",
        "Smallest fall or rise that would show: what a comparison of this size finds in four cases of five. "
        "A dash: none could be shown.",
        "Over-dispersion that would undo it: with events in clusters that vary so many times as much as "
        "chance, the change could be chance.",
    ),
)
_BASIS = {
    "proportions": "numerator and denominator",
    "caseload": "one month, a year apart",
    "monthly_values": "variation of the months",
    "counts": "counts",
    "mean_of_counts": "means of months as counts",
    "rates": "counts and exposure",
    "percentage_only": "percentage only",
    "rate_only": "rate only",
    "stock": "head count on a day",
    "clustered": "many events a person",
    "hidden": "too few people",
    "contradicted": "figures that contradict each other",
    "one_period": "one period",
}


def _table(study: Study) -> Table | Missing:
    found = study.changes
    if found.empty:
        return NO_INDICATORS
    rows = written(
        found,
        indicator=name_of,
        before=lambda row: figure_words(row, "_before"),
        latest=figure_words,
        periods=against_words,
        compared=compared_words,
        step=lambda row: step_words(row) if row["stepped"] else "–",
    )
    rows = rows.assign(
        unit=found["change_unit"].replace("", "count"),
        basis=found["basis"].map(_BASIS),
        few=found["verdict"].eq("hidden"),
    )
    table = CHANGES if found["p_value"].notna().any() else dataclasses.replace(CHANGES, notes=())
    return table.of(rows, "Change of each indicator, with interval and test", fewest=study.fewest("kpi"))


def section(study: Study) -> Section:
    """Show what moved: the clear changes in words, charts, then every change with its test."""
    return assemble(headlines(study), _figures(study), _table(study))
