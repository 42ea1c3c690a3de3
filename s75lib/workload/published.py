"""Published: what yearly figures can say of means a month, and of enquiries against safeguarding concerns."""

from __future__ import annotations

__all__ = ["concerns", "concerns_from_activity", "monthly_means"]

import math
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import pandas as pd

from s75lib.loaders.period import Period
from s75lib.present import (
    Check,
    Column,
    Figure,
    Headline,
    Missing,
    Protected,
    Section,
    Table,
    charts,
    table_of,
    words,
)
from s75lib.present.disclosure import as_decided
from s75lib.stats.comparison import compare_counts, overdispersion_tipping_factor
from s75lib.workload.activity import SMALL, last_twelve
from s75lib.workload.disclosure import ALL_TEAMS, YEAR

if TYPE_CHECKING:
    from s75lib.workload.study import Study

_MONTHS = 12
_Row = dict[Hashable, Any]
_CLOSE = 1e-9
_SIDES, _LIMITS = ("before", "after"), ("low", "high")
_INDICATORS = {"reviews_per_month": "Reviews", "assessments_per_month": "Assessments"}
NO_MEANS = Missing.of(
    "No mean a month is held for two years in a row.",
    "kpi",
    ("indicator", "group", "period", "value", "unit", "decimals"),
    "reviews and assessments a month, each year against the last",
)
FEW_CONCERNS = Missing("Safeguarding concerns or enquiries are too few to be compared here.")
NO_CONCERNS = Missing.of(
    "Safeguarding concerns and completed enquiries are not both held for two years in a row.",
    "kpi",
    ("indicator", "group", "period", "value", "unit"),
    "counts named safeguarding_concerns and safeguarding_enquiries_completed, set against each other",
)


def monthly_means(kpi: pd.DataFrame, *, compared: Period | None = None) -> pd.DataFrame:
    """Compare each indicator's printed mean a month with that of the year before.

    A printed mean stands for a range of yearly counts: 15 a month is 174 to 186 a year. The ratio is that of
    the printed means. Its interval is the exact conditional one for two Poisson counts, widest over every
    pair of counts in the two ranges; the p-value and the tipping factor are those of the pair with the least
    change. Of the indicators those per_month and of a financial year are used.

    Returns
    -------
    DataFrame
        indicator, group, before_period, after_period, decimals, before, after (printed means a month),
        before_low, before_high, after_low, after_high (counts of the year that round to them), ratio, lower,
        upper, change_percent, change_lower, change_upper, p_value, tipping_factor. One row for each pair of
        years that follow each other.

    Examples
    --------
    >>> kpi = pd.DataFrame({"indicator": "reviews_per_month", "group": "", "period": ["2017/18", "2018/19"],
    ...                     "value": [34.0, 15.0], "unit": "per_month", "decimals": 0.0,
    ...                     "months_reported": math.nan})
    >>> row = monthly_means(kpi).iloc[0]
    >>> f"{row['after_low']} to {row['after_high']} a year, {row['change_percent']:.0f}%"
    '174 to 186 a year, -56%'
    """
    rows = kpi[(kpi["unit"] == "per_month") & kpi["period"].str.fullmatch(r"\d{4}/\d\d")]
    made = []
    for (indicator, group), part in rows.groupby(["indicator", "group"], sort=False):
        for before, after in _pairs_of_years(part, compared):
            made.append({"indicator": indicator, "group": group} | _compare(before, after))
    return pd.DataFrame(made)


def _pairs_of_years(rows: pd.DataFrame, compared: Period | None) -> list[tuple[_Row, _Row]]:
    """Pair each year's row with that of the year before, or the latest with that of the year asked for."""
    held = {str(row["period"]): row for row in rows.to_dict("records")}
    if compared:
        asked, latest = held.get(compared.label), max(held)
        return [(asked, held[latest])] if asked and latest > compared.label else []
    before = {period: held.get(Period.parse(period).previous().label) for period in held}
    return [(previous, held[period]) for period, previous in before.items() if previous]


def concerns(kpi: pd.DataFrame, *, compared: Period | None = None) -> pd.DataFrame:
    """Set safeguarding enquiries against the concerns raised, year by year.

    An enquiry completed in one year may follow a concern of the year before, so this is a rate, not a share.
    The counts safeguarding_concerns and safeguarding_enquiries_completed of financial years are used.

    Returns
    -------
    DataFrame
        group, before_period, after_period, concerns_before, concerns_after, enquiries_before,
        enquiries_after, per_100_before, per_100_after (enquiries for each 100 concerns), ratio, lower,
        upper, p_value of the two rates, tipping_factor. One row for each group and pair of years with all
        four counts and a concern in each year.

    Examples
    --------
    >>> names = ["safeguarding_concerns", "safeguarding_enquiries_completed"]
    >>> kpi = pd.DataFrame({"indicator": names * 2, "group": "", "unit": "count",
    ...                     "period": ["2017/18"] * 2 + ["2018/19"] * 2, "value": [400.0, 60.0, 500.0, 50.0]})
    >>> concerns(kpi)[["per_100_before", "per_100_after"]].values.tolist()
    [[15.0, 10.0]]
    """
    names = ["safeguarding_concerns", "safeguarding_enquiries_completed"]
    counts = kpi[
        (kpi["unit"] == "count") & kpi["period"].str.fullmatch(r"\d{4}/\d\d") & kpi["indicator"].isin(names)
    ]
    wide = counts.pivot_table(index=["group", "period"], columns="indicator", values="value", aggfunc="first")
    made = []
    for group, part in wide.reindex(columns=names).dropna().groupby(level="group"):
        for before, after in _pairs_of_years(part.reset_index(), compared):
            if rates := _rates(before, after):
                made.append({"group": group} | rates)
    return pd.DataFrame(made)


def concerns_from_activity(totals: pd.DataFrame, *, compared: Period | None = None) -> pd.DataFrame:
    """Set safeguarding enquiries against concerns in the last twelve months known and the twelve before.

    Returns
    -------
    DataFrame
        As `concerns`, with one row; empty unless both measures are known for all 24 months.

    Examples
    --------
    >>> months = pd.date_range("2023-04-01", periods=24, freq="MS")
    >>> totals = pd.concat(pd.DataFrame({"measure": f"safeguarding_{name}", "month": months, "count": count})
    ...                    for name, count in [("concerns", 10.0), ("enquiries", 2.0)])
    >>> concerns_from_activity(totals)[["after_period", "per_100_after"]].values.tolist()
    [['12 months to March 2025', 20.0]]
    """
    names = ("safeguarding_concerns", "safeguarding_enquiries")
    parts = [totals[totals["measure"] == name].set_index("month")["count"] for name in names]
    if any(part.empty for part in parts):
        return pd.DataFrame()
    last = min(part.index[-1] for part in parts)
    back = compared.months_back(last) if compared else 12
    if back < 12:
        return pd.DataFrame()
    counts = [[last_twelve(part, ending=last, back=gone) for part in parts] for gone in (back, 0)]
    if any(math.isnan(count) for pair in counts for count in pair):
        return pd.DataFrame()
    keys = ("period", "safeguarding_concerns", "safeguarding_enquiries_completed")
    ends = [f"12 months to {last - pd.DateOffset(months=gone):%B %Y}" for gone in (back, 0)]
    before, after = (
        _Row(zip(keys, (end, *pair), strict=True)) for end, pair in zip(ends, counts, strict=True)
    )
    rates = _rates(before, after)
    return pd.DataFrame([{"group": ""} | rates] if rates else [])


def _rates(before: _Row, after: _Row) -> dict[str, Any]:
    """Compare the enquiries of two years with the concerns as their exposure."""
    raised = [year["safeguarding_concerns"] for year in (before, after)]
    done = [int(year["safeguarding_enquiries_completed"]) for year in (before, after)]
    if not min(raised) > 0:
        return {}
    exposure: dict[str, float] = {"exposure_before": float(raised[0]), "exposure_after": float(raised[1])}
    found = compare_counts(done[0], done[1], **exposure)
    pairs = {
        "concerns": raised,
        "enquiries": done,
        "per_100": [100 * count / concerns for count, concerns in zip(done, raised, strict=True)],
    }
    return {
        "before_period": before["period"],
        "after_period": after["period"],
        **{f"{name}_{side}": pair[at] for name, pair in pairs.items() for at, side in enumerate(_SIDES)},
        **{name: getattr(found, name) for name in ("ratio", "lower", "upper", "p_value")},
        "tipping_factor": overdispersion_tipping_factor(done[0], done[1], **exposure),
    }


def _compare(before: _Row, after: _Row) -> dict[str, Any]:
    """Compare the printed means of two years over every count that is printed so."""
    ends = {"before": _year_counts(before), "after": _year_counts(after)}
    smallest = compare_counts(ends["before"][1], ends["after"][0])
    largest = compare_counts(ends["before"][0], ends["after"][1])
    nearest = _nearest(ends["before"], ends["after"])
    ratio = after["value"] / before["value"] if before["value"] > 0 else math.nan
    return {
        "before_period": before["period"],
        "after_period": after["period"],
        "decimals": max(_decimals(before), _decimals(after)),
        "before": before["value"],
        "after": after["value"],
        **{f"{side}_{end}": pair[at] for side, pair in ends.items() for at, end in enumerate(_LIMITS)},
        "ratio": ratio,
        "lower": smallest.lower,
        "upper": largest.upper,
        "change_percent": 100 * (ratio - 1),
        "change_lower": smallest.relative_change_lower,
        "change_upper": largest.relative_change_upper,
        "p_value": compare_counts(*nearest).p_value,
        "tipping_factor": overdispersion_tipping_factor(*nearest),
    }


def _year_counts(row: _Row) -> tuple[int, int]:
    """Fewest and most events of a year whose mean a month is printed so."""
    half = 0.5 * 10.0 ** -_decimals(row)
    months = row["months_reported"] if row["months_reported"] > 0 else _MONTHS
    low = math.ceil(months * (row["value"] - half) - _CLOSE)
    return max(low, 0), math.floor(months * (row["value"] + half) + _CLOSE)


def _decimals(row: _Row) -> int:
    return 0 if math.isnan(row["decimals"]) else int(row["decimals"])


def _nearest(before: tuple[int, int], after: tuple[int, int]) -> tuple[int, int]:
    if before[0] > after[1]:
        return before[0], after[1]
    if after[0] > before[1]:
        return before[1], after[0]
    shared = max(before[0], after[0])
    return shared, shared


CONCERNS = table_of(
    "concerns",
    Column("group", "Group"),
    Column("year", "Year"),
    Column("concerns", "Concerns raised", "number"),
    Column("enquiries", "Enquiries completed", "number"),
    Column("per_100", "Enquiries for each 100 concerns", "number", 1),
    notes=(
        "An enquiry completed in one year may follow a concern of the year before, and concerns may be "
        "counted or screened in another way: the rate shows a change, not its cause.",
    ),
)


def protected_concerns(study: Study) -> Protected:
    """Set completed enquiries against the concerns raised, in two years."""
    rows = [
        {
            "group": row["group"] or "All",
            "year": row[f"{side}_period"],
            **{name: row[f"{name}_{side}"] for name in ("concerns", "enquiries", "per_100")},
        }
        for row in study.concerns.to_dict("records")
        for side in ("before", "after")
    ]
    table = CONCERNS.of(pd.DataFrame(rows), f"Safeguarding concerns and enquiries, {study.place}")
    if study.concerns_are_published:  # what may not be shown is not among them
        return Protected(table)
    ends = [pd.Timestamp(row["year"].removeprefix("12 months to ")) for row in rows]
    counts = {"concerns": "safeguarding_concerns", "enquiries": "safeguarding_enquiries"}
    return as_decided(
        table,
        {name: [(measure, ALL_TEAMS, end, YEAR) for end in ends] for name, measure in counts.items()},
        study.decided_years,
        study.fewest("activity"),
        with_counts={"per_100": ("concerns", "enquiries")},
        rounded=study.data.rounds("activity"),
    )


def headlines(study: Study) -> list[Headline]:
    """Say which published means a month changed beyond chance, and how enquiries stand against concerns."""
    return [*means_headlines(study), *_concerns(study)]


def means_headlines(study: Study) -> list[Headline]:
    """Say of each published mean a month whether it changed by more than chance explains."""
    return [_mean(row) for row in _latest(study.monthly_means).to_dict("records")]


def _latest(means: pd.DataFrame) -> pd.DataFrame:
    return means if means.empty else means[means["after_period"] == means["after_period"].max()]


def _mean(row: dict[Hashable, Any]) -> Headline:
    places, group = int(row["decimals"]), f" by {row['group']}" if row["group"] else ""
    before, after, low, high, change = (
        float(row[name]) for name in ("before", "after", "change_lower", "change_upper", "change_percent")
    )
    years = f"between {row['before_period']} and {row['after_period']}"
    text = f"{_indicator(row)}{group} {words.rose_fell(after - before)} from {words.number(before, places)}"
    if after != before:
        more = "more" if change > 0 else "less"
        size = words.percent(abs(change), 0)
        text += f" to {words.number(after, places)} a month {years}, {size} {more}"
    else:
        text += f" a month {years}"
    text += f" (95% interval {words.signed(low)}% to {words.signed(high)}%)"
    is_clear = low > 0 or high < 0
    if is_clear:
        times = words.number(row["tipping_factor"])
        text += (
            f". Chance would explain it only if counts were {times} times as scattered as chance makes them"
        )
    else:
        text += f". Chance can explain it ({words.chance(row['p_value'])})"
    return Headline(
        f"workload.means.{row['indicator']}.{row['group'] or 'all'}",
        f"{text}.",
        change,
        "percent",
        low,
        high,
        "exact conditional interval on twelve times the printed mean, widest over its rounding",
        stake="change" if is_clear else "context",
        cell=(
            "means",
            f"{_row_name(row)}, {row['before_period']} to {row['after_period']}",
            "change_percent",
        ),
        about=row["group"],
    )


def _indicator(row: dict[Hashable, Any]) -> str:
    name = str(row["indicator"])
    return _INDICATORS.get(name, name.replace("_", " ").capitalize())


def _concerns(study: Study) -> list[Headline]:
    if study.concerns.empty:
        return []
    if study.concerns_table.table.hidden:
        text = "Safeguarding concerns and enquiries are too few to be compared here."
        return [Headline("workload.enquiries", text)]
    return [_enquiries(row) for row in study.concerns.to_dict("records")]


def _enquiries(row: dict[Hashable, Any]) -> Headline:
    group = f" ({row['group']})" if row["group"] else ""
    is_clear = row["lower"] > 1 or row["upper"] < 1
    beyond = "a change beyond chance" if is_clear else "a change that chance can explain"
    text = (
        f"Completed safeguarding enquiries{group} went from {words.number(row['per_100_before'], 1)} to "
        f"{words.number(row['per_100_after'], 1)} for each 100 concerns, {beyond}. Concerns "
        f"{words.rose_fell(row['concerns_after'] - row['concerns_before'])} from "
        f"{words.number(row['concerns_before'])} to {words.number(row['concerns_after'])} and completed "
        f"enquiries went from {words.number(row['enquiries_before'])} to "
        f"{words.number(row['enquiries_after'])} ({row['before_period']} to {row['after_period']}). The "
        f"ratio is {words.number(row['ratio'], 2)} (95% interval "
        f"{words.interval(row['lower'], row['upper'], 2)})."
    )
    return Headline(
        f"workload.enquiries.{row['group'] or 'all'}",
        text,
        row["ratio"],
        "ratio",
        row["lower"],
        row["upper"],
        "exact conditional, concerns as exposure",
        stake="change" if is_clear else "context",
        figure=f"{words.number(row['per_100_after'], 1)} per 100",
        cell=("concerns", "", "per_100"),
        about=row["group"],
    )


def checks(study: Study) -> list[Check]:
    """Check that hidden counts can't be worked out."""
    return list(study.concerns_table.checks) if len(study.concerns) else []


MEANS = table_of(
    "means",
    Column("name", "Indicator"),
    Column("years", "Years"),
    Column("before_printed", "Before, a month"),
    Column("after_printed", "After, a month"),
    Column("before_count", "Year's count before"),
    Column("after_count", "Year's count after"),
    Column("change_percent", "Change, %", "change", 0, "percent"),
    Column("change_lower", "95% from", "change", 0, "percent"),
    Column("change_upper", "95% to", "change", 0, "percent"),
    Column("p_value", "p", "p"),
    Column("tipping_factor", "Scatter that would undo it, times Poisson's", "number", 1),
    notes=(
        "Only the mean a month is held. Twelve times the mean is taken as the year's count, with every "
        "whole count that would have been printed so. The interval is the widest of the exact conditional "
        "intervals over those counts, and the p-value the largest. It supposes that events come one by one. "
        "The last column says how many times more scattered they would have to be for the change to pass for "
        "chance. Below 1, it does already.",
    ),
)


def _means_table(study: Study) -> Table:
    rows = study.monthly_means.to_dict("records")
    frame = study.monthly_means.copy()
    frame["name"] = [_row_name(row) for row in rows]
    frame["years"] = frame["before_period"] + " to " + frame["after_period"]
    for side in ("before", "after"):
        frame[f"{side}_printed"] = [words.number(row[side], row["decimals"]) for row in rows]
        ends = [dict.fromkeys((row[f"{side}_low"], row[f"{side}_high"])) for row in rows]
        frame[f"{side}_count"] = [" to ".join(map(words.number, counts)) for counts in ends]
    return MEANS.of(frame, f"Published means a month, year against year, {study.place}")


def _row_name(row: dict[Hashable, Any]) -> str:
    a_month = " a month" if row["indicator"] in _INDICATORS else ""
    return f"{_indicator(row)}{a_month}{', ' if row['group'] else ''}{row['group']}"


def _means_figure(study: Study, data: Table) -> Figure:
    """Draw the change of each printed mean a month with its interval."""
    latest = _latest(data.frame).reset_index(drop=True)
    sheet, axis = charts.drawing(1.0 + 0.6 * len(latest))
    charts.dots_with_intervals(
        axis,
        [f"{r['name']}: {r['before_printed']} to {r['after_printed']}" for r in latest.to_dict("records")],
        latest["change_percent"].to_list(),
        latest["change_lower"].to_list(),
        latest["change_upper"].to_list(),
        write=lambda value: f"{words.signed(value)}%",
    )
    axis.set_xlabel("change, %", fontsize=SMALL)
    clear = latest[(latest["change_lower"] > 0) | (latest["change_upper"] < 0)]
    said = [
        f"{name[:1].lower()}{name[1:]} {words.rose_fell(change)} by {words.percent(abs(change), 0)}"
        for name, change in zip(clear["name"], clear["change_percent"], strict=True)
    ]
    none = "no published mean a month changed by more than chance can explain"
    title = words.capital(words.join(said) if said else none)
    years = latest["years"].iloc[0]
    alt = f"Dots with 95% intervals of the change of each mean a month, {years}. {title}."
    subtitle = f"Change of the mean a month, {years}, {study.place}; 95% interval, rounding allowed for"
    return Figure("means", title, subtitle, alt, sheet, data, f"{study.place}, published indicators")


def section(study: Study) -> Section:
    """Show what yearly published figures can say."""
    means: list[Any] = [NO_MEANS]
    if len(study.monthly_means):
        table = _means_table(study)
        means = [_means_figure(study, table), table]
    none = FEW_CONCERNS if study.concerns_are_published else NO_CONCERNS
    concerns = none if study.concerns.empty else study.concerns_table
    return Section.of(headlines(study), means, concerns)
