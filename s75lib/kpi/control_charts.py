"""Month by month: control charts of indicators, with variation, assurance, special causes, steps proposed."""

from __future__ import annotations

__all__ = ["charts", "control_summary", "rare_events"]

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from s75lib.kpi import phases
from s75lib.kpi.comparison import history, series
from s75lib.kpi.phases import IndicatorChart
from s75lib.kpi.phrases import (
    ASSURANCE,
    RULES,
    VARIATION,
    Row,
    lacking,
    levels_words,
    name_of,
    title,
    value_words,
    written,
)
from s75lib.kpi.variation import step_from, variations
from s75lib.loaders.indicators import Indicator, find
from s75lib.present import Column, Figure, Headline, Missing, Section, Table, table_of, words
from s75lib.present import charts as drawings
from s75lib.present import section as assemble
from s75lib.stats import control_chart
from s75lib.stats.control_chart import ChartOptions
from s75lib.stats.months import FEWEST_MONTHS, Variation

if TYPE_CHECKING:
    from s75lib.kpi.study import Study

_QUARTERS = 12
# Correlation supposed of a caseload with too few months to measure it; p-value below which a season is said.
_UNJUDGED = 0.8
_SEASON = 0.01
# Stable series whose latest month has a signal (measured: docs/methods.md).
_FALSE_SIGNALS = 0.014
_FIGURES = ("value", "numerator", "denominator", "target")
_SUMMARY = [
    "indicator",
    "group",
    "label",
    "unit",
    "months",
    "period",
    "value",
    "mean",
    "lower",
    "upper",
    "target",
    "variation",
    "variation_rules",
    "assurance",
    "signals",
    "kind",
    "method",
    "note",
    "step_proposed",
    "step_from",
    "step_before",
    "step_after",
]
_RARE_COLUMNS = ["indicator", "group", "label", "events", "months", "method", "variation"]
# Months before anything is said, and the events a month below which gaps between events are charted.
_FEWEST_COUNTED = 12
_RARE = 1.0
# With fewer expected a month, a chart of counts has rough limits.
_SMALL = 5.0
_OPPOSITE = {
    "higher_is_better": "lower_is_better",
    "lower_is_better": "higher_is_better",
    "neither": "neither",
}


def charts(
    kpi: pd.DataFrame,
    registry: Mapping[str, Indicator] | None = None,
    *,
    quarters: pd.DataFrame | None = None,
    months: Mapping[tuple[str, str], Variation] | None = None,
) -> tuple[IndicatorChart, ...]:
    """Chart every indicator that has monthly figures, as they first appear.

    Parameters
    ----------
    quarters : DataFrame, optional
        What stands for the months that are hidden, as `s75lib.kpi.disclosure.suppress` gives it.

    Notes
    -----
    A percentage whose cases and bases are known in every month gets a p chart, a rate per 100,000 and a count
    of events a u chart (for the count with one month as its exposure), with Laney's correction where they
    vary more than chance; everything else an XmR chart, held within 0 to 100 for percentages, if none is
    above 100, and at or above 0 for the rest. Where months are alike (a caseload, autocorrelation or a season
    in 24 months or more), limits rest on all months instead of on neighbours, and runs are no signal. No step
    is proposed that the months' own variation could make. A month without a figure stays a gap. A series with
    a hidden month is charted by quarters, where these are given, with limits from twelve of them on, and else
    left out (see `withheld`). Source: Provost, L. P. and Murray, S. K. (2011) The Health Care Data Guide.
    Jossey-Bass, chapter 4 (trial limits from twelve points).

    Examples
    --------
    >>> kinds = {one.indicator.slug: one.chart.kind for one in charts(load("exampleshire").kpi)}
    >>> kinds["cpa_employment"], kinds["permanent_admissions"], kinds["community_support"]
    ('p_prime', 'u', 'xmr')
    """
    held = history(kpi)
    found = variations(held, registry) if months is None else months
    rows = held[(held["kind"] == "month").to_numpy()]
    told = {name: rows[name].to_numpy() for name in ("unit", "period", *_FIGURES)}
    hidden, made = rows["hidden"].tolist(), []
    by_quarter = {} if quarters is None or quarters.empty else series(quarters)
    trial = ChartOptions(minimum_points=_QUARTERS)
    for (slug, group), places in series(rows).items():
        unit = told["unit"][places[-1]]
        alike = [place for place in places if told["unit"][place] == unit]
        if quarters is not None and (slug, group) in by_quarter:
            added = quarters.iloc[by_quarter[slug, group]]
            part = {name: added[name].to_numpy() for name in told}
            made.append(_charted(part, find(slug, registry), group, trial))
        elif len(alike) > 1 and not any(hidden[place] for place in alike):
            part = {name: values[alike] for name, values in told.items()}
            entry, own = find(slug, registry), found.get((slug, group))
            likeliest = "" if own is None else step_from(own)
            made.append(_noted(_charted(part, entry, group, _allowing(entry, own), likeliest), own))
    return tuple(made)


def withheld(
    kpi: pd.DataFrame, registry: Mapping[str, Indicator] | None = None, quarters: pd.DataFrame | None = None
) -> tuple[str, ...]:
    """Name the monthly series that are not charted, since too few people are behind some of their months."""
    rows = history(kpi)
    hidden = rows[((rows["kind"] == "month") & rows["hidden"]).to_numpy(dtype=bool)]
    told = {} if quarters is None or quarters.empty else series(quarters)
    left = [key for key in series(hidden) if key not in told]
    return tuple(title(find(slug, registry).label, group) for slug, group in left)


def control_summary(charted: tuple[IndicatorChart, ...]) -> pd.DataFrame:
    """Sum up the charts: one row each.

    Parameters
    ----------
    charted : tuple of IndicatorChart
        As `charts` gives it.

    Returns
    -------
    DataFrame
        ``months`` (with a figure), the latest ``period`` with its figures and limits; ``variation`` and
        ``assurance`` as in `s75lib.stats.control_chart.ControlChart`; ``variation_rules`` (those that fire at
        the latest month); ``signals`` (months with any special cause); ``kind``, ``method``,
        ``note``; the step that is proposed, with its means.

    Examples
    --------
    >>> rows = control_summary(charts(load("exampleshire").kpi)).set_index("indicator")
    >>> rows.loc["reviews_in_12_months", ["variation", "step_from"]].tolist()
    ['concerning', '2025-02']
    """
    return pd.DataFrame([_row(one) for one in charted], columns=_SUMMARY)


def _allowing(entry: Indicator, variation: Variation | None) -> ChartOptions:
    """Let limits and rules allow for months that are alike."""
    if variation is None:
        return ChartOptions(correlation=_UNJUDGED if entry.is_caseload else None)
    doubt = 0.1 if entry.kind == "" else 0.5
    if entry.is_caseload or variation.serial > doubt or variation.season_p < _SEASON:
        return ChartOptions(correlation=variation.correlation, spread=variation.spread)
    return ChartOptions()


def _noted(one: IndicatorChart, variation: Variation | None) -> IndicatorChart:
    """Say in the chart's note what its months tell of themselves, or that they are too few to tell."""
    # The page calls a trend a trend: no limits start anew on it.
    if variation is not None and (variation.step.place < 0 or variation.step.p_value >= _SEASON):
        one = replace(one, step=replace(one.step, proposed=False))
    if variation is None:
        said = (
            f"With fewer than {FEWEST_MONTHS} months, or all alike, likeness beyond chance can't be judged."
        )
    elif variation.season_p < _SEASON:
        said = "A yearly season explains part of the variation; limits allow for it, and runs are no signal."
    elif one.chart.options.correlation is not None:
        said = (
            "Neighbouring months are alike, as with the same people: limits allow for it, runs are no signal."
        )
    else:
        return one
    return replace(one, chart=replace(one.chart, note=f"{one.chart.note} {said}".strip()))


def _charted(
    part: Mapping[str, NDArray[Any]],
    indicator: Indicator,
    group: str,
    options: ChartOptions,
    likeliest: str = "",
) -> IndicatorChart:
    unit, periods = str(part["unit"][-1]), part["period"].tolist()
    value, cases, base, target = (part[name] for name in _FIGURES)
    rebase = sorted(phases.starts(indicator, [str(period) for period in periods]))
    counted = bool((~np.isnan(cases) & (base > 0)).all())
    rolling = pd.Series(dtype=float)
    shared: dict[str, Any] = {"polarity": indicator.polarity, "target": target, "rebase": rebase}
    shared["options"] = options
    per = 0.0  # how cases over bases become the figure, where both are held
    if unit == "percent" and counted and bool((cases <= base).all()):
        per, chart = 100.0, control_chart.p_chart(cases, base, periods, **shared)
        if not indicator.is_caseload and span_of(str(periods[-1])) == "month":
            rolling = _rolling(cases, base, periods)
    elif unit == "per_100k" and counted:
        per, chart = 1e5, control_chart.u_chart(cases, base, periods, multiplier=1e5, **shared)
    elif unit == "count" and not indicator.is_stock and bool((value % 1 == 0).all()):
        chart = control_chart.u_chart(value, np.ones(len(value)), periods, **shared)
    else:
        highest = 100.0 if unit == "percent" and not (value > 100).any() else None
        shared["options"] = replace(options, lower_bound=0.0, upper_bound=highest)
        chart = control_chart.xmr_chart(value, periods, **shared)
    # A further step is sought only in what follows the last rebase.
    since = [at for at, period in enumerate(periods) if not rebase or str(period) >= rebase[-1]]
    step = control_chart.propose_rebase(value[since], [periods[at] for at in since])
    places = [at for at in since if str(periods[at]) == likeliest and at > since[0]]
    if step.proposed and (per or places):
        # In the month that the rest of the page names; cases and bases added up, as everywhere on it.
        split = since.index(places[0]) if places else step.points_before
        top, whole = (per * cases, base) if per else (value, np.ones(len(value)))
        sides = np.split(np.array(since), [split])
        before, after = (float(top[side].sum() / whole[side].sum()) for side in sides)
        step = replace(step, period=periods[since[split]], before=before, after=after, change=after - before)
    return IndicatorChart(indicator, group, unit, chart, step, rolling)


def _rolling(cases: NDArray[Any], base: NDArray[Any], periods: Sequence[Any]) -> pd.Series:
    """Percentage of the twelve months up to each, cases and bases added up; none where one is not held."""
    months = pd.PeriodIndex([str(period) for period in periods], freq="M")
    held = pd.DataFrame({"cases": cases, "base": base}, index=months)
    held = held.reindex(pd.period_range(months.min(), months.max(), freq="M"))
    sums = held.rolling(12).sum()
    return (100 * sums["cases"] / sums["base"]).round(1).rename(index=str).dropna()


def _row(one: IndicatorChart) -> dict[str, object]:
    rows = one.chart.rows  # the frame of points is built for those who show it
    own, lines, labels = rows.series, rows.lines, rows.series.grid.labels
    seen = np.flatnonzero(~np.isnan(own.values))
    latest = seen[-1]
    return one.named | {
        "months": len(seen),
        "period": labels[latest],
        "value": own.values[latest],
        "mean": lines.mean[latest],
        "lower": lines.lower[latest],
        "upper": lines.upper[latest],
        "target": own.targets[latest],
        "variation": one.chart.variation,
        "variation_rules": ", ".join(one.chart.variation_rules),
        "assurance": one.chart.assurance,
        "signals": int(rows.flags[:, seen].any(axis=0).sum()),
        "kind": one.chart.kind,
        "method": one.chart.method,
        "note": one.chart.note,
        "step_proposed": one.step.proposed,
        "step_from": one.step.period if one.step.proposed else "",
        "step_before": one.step.before,
        "step_after": one.step.after,
    }


def rare_events(kpi: pd.DataFrame, registry: Mapping[str, Indicator] | None = None) -> pd.DataFrame:
    """Judge monthly counts that are too small for limits month by month.

    With less than one event a month, a g chart of the months without one between events: longer gaps are
    better where fewer events are. Otherwise a u chart of the counts. A series with a hidden month is left
    out, for even a verdict would rest on what may not be shown.

    Returns
    -------
    DataFrame
        A row for each count of separate events with a mean below 5 a month over 12 months or more:
        ``events`` in all, ``months``, ``method``, and ``variation`` of the latest month or gap.

    Examples
    --------
    >>> months = pd.period_range("2023-04", periods=24, freq="M").astype(str)
    >>> rows = pd.DataFrame({"indicator": "serious_incidents", "group": "", "period": months, "unit": "count",
    ...                      "value": [0, 0, 1] * 8, "numerator": np.nan, "denominator": np.nan})
    >>> rare_events(rows)[["events", "months", "variation"]].values.tolist()
    [[8, 24, 'not_assessed']]
    """
    rows = history(kpi)
    rows = rows[((rows["kind"] == "month") & (rows["unit"] == "count")).to_numpy()].reset_index(drop=True)
    made = []
    for (slug, group), places in series(rows).items():
        one, counts = find(slug, registry), rows["value"].to_numpy(dtype=float)[places]
        shown = not rows["hidden"].to_numpy(dtype=bool)[places].any()
        whole = shown and np.isfinite(counts).all() and (counts % 1 == 0).all()
        if one.is_caseload or one.is_clustered or not whole or len(counts) < _FEWEST_COUNTED:
            continue
        events = int(counts.sum())
        if counts.mean() >= _SMALL or not events:
            continue
        made.append((slug, group, one.label, events, len(counts), *_judged(counts, one)))
    return pd.DataFrame(made, columns=_RARE_COLUMNS)


def _judged(counts: np.ndarray, one: Indicator) -> tuple[str, str]:
    if counts.mean() >= _RARE:
        made = control_chart.u_chart(counts, np.ones(len(counts)), polarity=one.polarity)
        return "counts a month", made.variation
    with_event = np.flatnonzero(counts)
    gaps = control_chart.gaps_between([int(month) for month in with_event])
    made = control_chart.g_chart(gaps, polarity=_OPPOSITE[one.polarity])  # type: ignore[arg-type]
    return "months between events", made.variation


# What is said

_WAYS = {
    "For the worse": ["concerning"],
    "For the better": ["improving"],
    "Neither way better": ["high", "low", "mixed"],
}


def headlines(study: Study) -> list[Headline]:
    """Word which series are unusual in their latest month, and which steps are proposed."""
    summary = study.control_summary
    judged = summary[summary["variation"] != "not_assessed"]
    if judged.empty:
        return []
    special = int(judged["variation"].ne("common_cause").sum())
    by_month = all(span_of(period) == "month" for period in judged["period"])
    span = "month" if by_month else "month or quarter"
    text = f"The latest {span} is unusual for {special or 'none'} of {len(judged)} indicators charted"
    if len(judged) == 1:
        text = f"The latest {span} of the one indicator charted is {'unusual' if special else 'routine'}"
    rows = judged.to_dict("records")
    ways = {way: [name_of(row) for row in rows if row["variation"] in kinds] for way, kinds in _WAYS.items()}
    told = [f"{way}: {words.join(names)}" for way, names in ways.items() if names]
    if told and words.one_sentence(f"{text} {told[0]}"):
        text += f"; {told[0][:1].lower()}{told.pop(0)[1:]}"
    text += "".join(f". {one}" for one in told)
    for row in judged[judged["step_proposed"].astype(bool)].to_dict("records"):
        text += (
            f". {name_of(row)} steps from {ends_words(row)} in {words.when(row['step_from'])}; new limits "
            "from there are proposed, not applied"
        )
    text += f". By chance alone one chart in about {round(1 / _FALSE_SIGNALS, -1):.0f} would be unusual"
    method = "control charts with the Making Data Count rules; Pettitt's test for steps"
    cell = ("control", "", "variation")
    found = Headline("kpi.special_causes", f"{text}.", float(special), "series", method=method, cell=cell)
    return [replace(found, stake="change", figure=f"{special} unusual") if special else found]


def ends_words(row: Row) -> str:
    """Write the figures before and after the step that is proposed."""
    return words.join(levels_words(row["step_before"], row["step_after"], row["unit"]), "to")


# What is drawn

_UP = [name for name, rule in control_chart.RULES.items() if rule.direction == "up"]
_DOWN = [name for name, rule in control_chart.RULES.items() if rule.direction == "down"]
_SAID = {
    "improving": "the latest month is unusual, for the better",
    "concerning": "the latest month is unusual, for the worse",
    "high": "the latest month is unusually high",
    "low": "the latest month is unusually low",
    "mixed": "the latest month is unusual both ways",
    "common_cause": "nothing unusual in the latest month",
    "not_assessed": "too few months for limits",
}
_RUNS = {
    False: "no shift shown by its runs about the median; too few months for limits",
    True: "its months shifted, by their runs about the median; too few months for limits",
}
_KEY = "Solid line: mean; dashed: limits; dotted: target; triangles: unusual, up or down"
_LABELS = {"04": "Apr", "10": "Oct"}
_AXIS = {"percent": "Per cent", "per_100k": "Per 100,000"}
_UNITS = {"percent": "%", "per_100k": "per 100,000", "per_month": "a month"}
_BY_QUARTER = "By quarter, where a month rests on so few people that its figure would tell how many."
POINTS = table_of(
    "control.data",
    Column("period", "Month"),
    Column("value", "Value", "number", 1),
    Column("lower", "Lower limit", "number", 1),
    Column("upper", "Upper limit", "number", 1),
    Column("target", "Target", "number", 1),
    Column("special", "Out of routine"),
    Column("rolling", "Twelve months", "number", 1),
)


def figure(one: IndicatorChart, place: str) -> Figure:
    """Draw an indicator's control chart."""
    name = title(one.indicator.label, one.group)
    points = one.chart.points
    said = _SAID[one.chart.variation]
    run = control_chart.run_chart(points["value"])
    judged_by_runs = one.chart.variation == "not_assessed" and not run.note
    if judged_by_runs:
        said = _RUNS[run.signal]
    span = span_of(str(points["period"].iloc[-1]))
    finding = f"{name}: {said.replace('month', span)}"
    sheet, axis = drawings.drawing(2.6)
    _draw(axis, points)
    if judged_by_runs:
        axis.axhline(run.median, color="#222222", linewidth=1)
    marked = _mark(axis, one)
    if len(one.rolling):
        twelve = points["period"].astype(str).map(one.rolling).round(1)
        axis.plot(np.arange(len(points)), twelve, color=drawings.BLUE, linewidth=1.6, alpha=0.6)
        marked += " Blue line: the twelve months up to each, added up."
    axis.set_ylabel(_AXIS.get(one.unit, ""), fontsize=9.5)
    seen = points[points["value"].notna()]
    latest = seen.iloc[-1]
    alt = (
        f"A line of {words.count_noun(len(seen), span)} to {words.when(latest['period'])}, the latest "
        f"{value_words(round(latest['value'], 1), one.unit)}. {finding}.{marked}"
    )
    id = f"control.{one.indicator.slug}.{one.group or 'all'}"
    subtitle = f"{span.capitalize()} by {span}, {place}. {_KEY}" + (f".{marked}" if marked else "")
    data = _points(one, f"{id}.data", f"{span.capitalize()}s of the chart: {name}")
    source = f"{place}, performance indicators"
    return Figure(id, finding, subtitle, alt, sheet, data, source, about=one.group)


def span_of(period: str) -> str:
    """Name what a point of a chart stands for: a month, or a quarter where a month would tell too much."""
    return "quarter" if " to " in period else "month"


def _draw(axis: Any, points: pd.DataFrame) -> None:
    points = points.round(1)  # as its table prints them: a mark must tell no more
    x, value = np.arange(len(points)), points["value"].to_numpy()
    axis.plot(x, value, color=drawings.GREY, linewidth=1.4)
    axis.plot(x, points["mean"], color="#222222", linewidth=1)
    for name in ("lower", "upper"):
        axis.plot(x, points[name], color="#222222", linewidth=0.8, linestyle=(0, (5, 3)))
    axis.plot(x, points["target"], color=drawings.PURPLE, linewidth=1.1, linestyle=(0, (1, 1.5)))
    for rules, marker, colour in ((_UP, "^", drawings.BLUE), (_DOWN, "v", drawings.PURPLE)):
        fires = _fires(points, rules)
        axis.plot(x[fires], value[fires], linestyle="", marker=marker, markersize=7, color=colour)
    labels = [label[:7] for label in points["period"].astype(str)]
    ticks = [at for at, label in enumerate(labels) if label.endswith(("-04", "-10"))] or [0]
    axis.set_xticks(
        ticks, [f"{_LABELS.get(labels[at][5:], labels[at][5:])} {labels[at][:4]}" for at in ticks]
    )
    axis.tick_params(labelsize=9)
    axis.locator_params(axis="y", nbins=5)


def _mark(axis: Any, one: IndicatorChart) -> str:
    """Draw a line where limits start anew or something happened, and say what each line is."""
    at = {str(period): place for place, period in enumerate(one.chart.points["period"])}
    starts = phases.starts(one.indicator, list(at))
    marks = [(start, f"limits anew, {why.reason}") for start, why in starts.items()]
    marks += [(event.month, event.what) for event in one.indicator.events if event.month in at]
    said = []
    for number, (month, what) in enumerate(sorted(marks), start=1):
        axis.axvline(at[month] - 0.5, color=drawings.GREY, linewidth=0.9, linestyle=(0, (2, 2)))
        axis.text(
            at[month] - 0.35, 0.97, str(number), fontsize=9, va="top", transform=axis.get_xaxis_transform()
        )
        said.append(f"{number}: {month}, {what}")
    return f" Marked: {'; '.join(said)}." if said else ""


def _fires(points: pd.DataFrame, rules: list[str]) -> Any:
    return points[rules].to_numpy(dtype=bool).any(axis=1)


def _points(one: IndicatorChart, id: str, caption: str) -> Table:
    """Give the points with what fires, and below them the mean of each stretch with its own limits."""
    points, unit = one.chart.points, _UNITS.get(one.unit, "")
    marks = np.where(_fires(points, _UP), "▲", "") + np.where(_fires(points, _DOWN), "▼", "").astype(object)
    numbers = ["value", "lower", "upper", "target"]
    months = points["period"].astype(str)
    rows = points.assign(period=months, special=marks, rolling=months.map(one.rolling))
    rows = rows.round(dict.fromkeys(numbers, 2))
    means = points["mean"].dropna().round(2).drop_duplicates()
    quarters = "" if span_of(rows["period"].iloc[-1]) == "month" else _BY_QUARTER
    note = f"Mean: {words.join([words.number(mean, 1) for mean in means], 'then')}." if len(means) else ""
    columns = tuple(replace(c, unit=unit) if c.name in [*numbers, "rolling"] else c for c in POINTS.columns)
    if one.rolling.empty:
        columns = columns[:-1]
    return replace(POINTS, id=id, columns=columns).of(rows, caption, notes=(note, quarters))


# What is tabled

CONTROL = table_of(
    "control",
    Column("indicator", "Indicator"),
    Column("latest", "Latest month"),
    Column("mean", "Mean", "number", 1),
    Column("lower", "Lower limit", "number", 1),
    Column("upper", "Upper limit", "number", 1),
    Column("variation", "Variation"),
    Column("rules", "Rules that fire in the latest month"),
    Column("assurance", "Target, month by month"),
    Column("signals", "Unusual months", "number"),
    Column("step", "Step, proposed only"),
    notes=(
        "Routine (common cause): the month lies within the variation of its own series. Unusual (special "
        "cause): it does not, by at least one rule of Making Data Count.",
        "The rules: outside the limits; 7 on one side of the mean; 7 rising or falling; 2 of 3 near a limit.",
        "Reliably met: every value within the limits meets the target. Reliably missed: none does. Hit or "
        "miss: it is met or missed by routine variation.",
        "A step is proposed where Pettitt's test finds one at p below 0.01 and it explains more than a "
        "straight line does. Limits are not moved before somebody can name the cause.",
    ),
)
NO_MONTHS = lacking(
    "No indicator has monthly figures, so there is no control chart.",
    "kpi",
    ("indicator", "group", "period", "value", "numerator", "denominator", "target"),
    "with a month as the period, 13 or more: routine variation, months beyond it, reliability",
)


def _table(study: Study) -> Table | Missing:
    summary = study.control_summary
    if summary.empty:
        return NO_MONTHS
    rows = written(
        summary,
        indicator=name_of,
        latest=lambda row: (
            f"{value_words(round(row['value'], 1), row['unit'])} ({words.when(row['period'], '%b')})"
        ),
        variation=lambda row: VARIATION[row["variation"]],
        rules=lambda row: ", ".join(rules_words(row)) or "none",
        assurance=lambda row: ASSURANCE[row["assurance"]],
        step=lambda row: f"{row['step_from']}: {ends_words(row)}" if row["step_proposed"] else "none",
    )
    steps = summary[summary["step_proposed"].astype(bool)]
    proposed = [
        f'under [{slug}], rebase = [{{ from = "{month}", reason = "…", who = "…" }}]'
        for slug, month in zip(steps["indicator"], steps["step_from"], strict=True)
    ]
    paste = f"Once its cause is known, a step is applied in indicators.toml: {words.join(proposed)}."
    note = _BY_QUARTER if any(span_of(period) == "quarter" for period in summary["period"]) else ""
    notes = (note, paste if proposed else "")
    return CONTROL.of(rows, "Monthly series: routine or unusual", notes=notes)


def rules_words(row: Row) -> list[str]:
    """Say which rules fire in the latest month."""
    return [RULES[name] for name in row["variation_rules"].split(", ") if name]


RARE = table_of(
    "rare_events",
    Column("indicator", "Indicator"),
    Column("events", "Events in all", "number"),
    Column("months", "Months", "number"),
    Column("method", "Judged by"),
    Column("latest", "Lately"),
    notes=("Counts with a mean below five a month: limits month by month would be rough.",),
)


def _rare_table(study: Study) -> Table | None:
    found = study.rare_events
    if found.empty:
        return None
    rows = written(found, indicator=name_of, latest=lambda row: VARIATION[row["variation"]])
    return RARE.of(rows, "Rare events: do they come more or less often than before?")


def section(study: Study) -> Section:
    """Show special causes in words and all charts in one table, and name the series that are not charted."""
    left = study.withheld
    table = _table(study) if study.charts or not left else None
    reason = f"Too few people are behind some of the months to chart {words.join(left)}. A row of kpi for "
    reason += "the whole year can be shown and compared, if it rests on people enough."
    gap = Missing(reason) if left else None
    return assemble(headlines(study), table, phases.table(study), gap, _rare_table(study))
