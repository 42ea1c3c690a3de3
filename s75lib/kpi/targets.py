"""Targets: met or not, surely or not, and in how many months."""

from __future__ import annotations

__all__ = ["months_recounted", "targets"]

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from s75lib.kpi import year_end
from s75lib.kpi.comparison import MONTHS, history, series
from s75lib.kpi.disclosure import WIDENED_NOTE, widened
from s75lib.kpi.phrases import figure_words, lacking, name_of, value_words, written
from s75lib.loaders.indicators import Indicator, find
from s75lib.loaders.period import Period, financial_year_of
from s75lib.present import Check, Column, Figure, Headline, Missing, Section, Table, charts, table_of, words
from s75lib.present import section as assemble
from s75lib.stats.intervals import clopper_pearson, wilson

if TYPE_CHECKING:
    from s75lib.kpi.study import Study

NAN = math.nan
Row = Mapping[Any, Any]
_SIGNS = {"higher_is_better": 1.0, "lower_is_better": -1.0}
_COLUMNS = [
    "indicator",
    "group",
    "label",
    "polarity",
    "unit",
    "period",
    "hidden",
    "value",
    "denominator",
    "decimals",
    "target",
    "distance",
    "met",
    "near",
    "value_lower",
    "value_upper",
    "against",
    "months_on_target",
    "months_reported",
    "months_share",
    "months_lower",
    "months_upper",
    "others_limit",
    "compatible",
]
_PRINTED = ["indicator", "group", "period", "months_on_target", "months_reported"]


def targets(
    kpi: pd.DataFrame, registry: Mapping[str, Indicator] | None = None, *, fewest: int = 1
) -> pd.DataFrame:
    """Set each indicator's latest figure that has a target against it.

    The interval on months takes months as independent; where one month resembles the next it is too narrow.
    A share of a caseload counted over months has no Wilson interval here.

    Parameters
    ----------
    fewest : int
        Fewest people that a count may show: from 2 on, intervals of small bases are widened.

    Returns
    -------
    DataFrame
        One row for each indicator and group with a target: the latest year with one (of a flow's percentage
        the whole year's cases added up, where no year is held), else the latest month.
        ``distance`` (value less target), ``met`` (None where nobody has said which way is better), ``near``
        (missed by no more than the indicator's tolerance), ``value_lower``, ``value_upper`` (Wilson, where
        the base is known) and ``against`` (met or missed where the whole interval lies on one side, either,
        or unknown); ``months_share``, ``months_lower``, ``months_upper`` (months on target, percent, exact);
        ``others_limit`` (for a mean of months: the mean of the months off target at most, or at least where
        lower is better) and ``compatible`` (whether months on target and the year's figure can both be
        right; None without months).

    Examples
    --------
    >>> row = targets(load("islington", "2018/19").kpi).set_index("indicator").loc["cpa_employment"]
    >>> row["met"], int(row["months_on_target"]), round(row["months_lower"]), round(row["months_upper"])
    (False, 7, 28, 85)
    """
    rows = history(kpi)
    rows = rows[rows["target"].notna()]
    rows = pd.concat([rows, _added_years(rows, registry)], ignore_index=True)
    length = [MONTHS[kind] for kind in rows["kind"]]
    latest = [max(places, key=lambda place: (length[place], place)) for places in series(rows).values()]
    made = [_against(row, find(row["indicator"], registry)) for row in rows.iloc[latest].to_dict("records")]
    frame = pd.DataFrame(made, columns=_COLUMNS)
    frame = widened(frame, ("value_lower", "value_upper"), frame["denominator"], fewest)
    sides = np.array([_side(row) for row in frame.to_dict("records")], dtype=object)
    told = {name: frame[name].astype(object) for name in ("met", "compatible")}
    return frame.assign(against=sides, **told)


def _added_years(rows: pd.DataFrame, registry: Mapping[str, Indicator] | None) -> pd.DataFrame:
    # The latest year's months of new cases, added up where no year with a target reaches as far.
    made = []
    for (slug, _), places in series(rows).items():
        entry, own = find(slug, registry), rows.iloc[places]
        months = own[own["kind"].eq("month") & own["unit"].eq("percent") & ~own["hidden"]]
        months = months[(months["numerator"] <= months["denominator"]) & (months["denominator"] > 0)]
        sign = _SIGNS.get(entry.polarity)
        if entry.kind != "flow" or entry.is_clustered or not sign or months.empty:
            continue
        year = financial_year_of(months["end"].iloc[-1])
        months = months[months["end"] > pd.Timestamp(year.start)]
        newest = own.loc[own["kind"] == "year", "end"].max()
        if len(months) < MONTHS["year"] or newest == months["end"].iloc[-1]:
            continue
        cases, base = months["numerator"].sum(), months["denominator"].sum()
        reached = (sign * (months["value"] - months["target"]) >= -1e-9).sum()
        made.append(
            months.iloc[-1].to_dict()
            | {"kind": "year", "period": year.label, "numerator": cases, "denominator": base}
            | {"value": 100 * cases / base, "decimals": 1.0}
            | {"months_on_target": float(reached), "months_reported": float(len(months))}
        )
    return pd.DataFrame(made, columns=rows.columns).astype(rows.dtypes.to_dict())


def months_recounted(kpi: pd.DataFrame, registry: Mapping[str, Indicator] | None = None) -> pd.DataFrame:
    """Count the months on target again from the monthly figures.

    Returns
    -------
    DataFrame
        ``indicator``, ``group``, ``period``, ``published`` and ``recounted`` months on target, for each year
        or quarter that prints them and has all its months with a target; none where which way is better is
        not known.

    Examples
    --------
    >>> rows = months_recounted(load("exampleshire").kpi).set_index(["indicator", "period"])
    >>> rows.loc[("carers_assessed", "2023/24"), ["published", "recounted"]].tolist()
    [8, 8]
    """
    rows = history(kpi)
    month = (rows["kind"] == "month").to_numpy(dtype=bool)
    months = rows[month & rows["target"].notna()]
    ends, distance = months["end"].tolist(), (months["value"] - months["target"]).tolist()
    of_series, made = series(months), []
    printed = rows.loc[~month & rows["months_on_target"].notna(), _PRINTED]
    for slug, group, period, reached, reported in printed.itertuples(index=False):
        sign, span = _SIGNS.get(find(slug, registry).polarity), Period.parse(period)
        own = [distance[at] for at in of_series.get((slug, group), []) if span.includes(ends[at])]
        if sign and len(own) == reported:
            count = sum(sign * gap >= -1e-9 for gap in own)
            made.append((slug, group, period, int(reached), count))
    return pd.DataFrame(made, columns=["indicator", "group", "period", "published", "recounted"])


def _against(row: Row, indicator: Indicator) -> dict[str, Any]:
    sign = _SIGNS.get(indicator.polarity, 0.0)
    distance = round(row["value"] - row["target"], 10)
    met = bool(sign * distance >= 0) if sign and not row["hidden"] else None
    lower, upper = _interval(row, indicator)
    reported, reached = row["months_reported"], row["months_on_target"]
    has_months = reported > 0 and not math.isnan(reached) and not row["hidden"]
    made = dict(row) | {
        "label": indicator.label,
        "polarity": indicator.polarity,
        "value_lower": lower,
        "value_upper": upper,
        "distance": distance,
        "met": met,
        "near": met is False and abs(distance) <= (indicator.tolerance or 0),
        "compatible": None,
    }
    if not has_months:
        return made
    share = clopper_pearson(int(reached), int(reported)).scaled(100)
    others = _others(row, sign) if indicator.is_mean_of_months else NAN
    return made | {
        "months_share": share.estimate,
        "months_lower": share.lower,
        "months_upper": share.upper,
        "others_limit": others,
        "compatible": _compatible(met, reached, reported, others, row["unit"]),
    }


def _interval(row: Row, indicator: Indicator) -> tuple[float, float]:
    """Wilson limits in percent, where the base is one of separate cases."""
    cases, base = float(row["numerator"]), float(row["denominator"])
    separate = not (indicator.is_clustered or (indicator.is_caseload and row["kind"] != "month"))
    whole = cases.is_integer() and base.is_integer() and base > 0 and 0 <= cases <= base
    if row["unit"] != "percent" or not (separate and whole):
        return NAN, NAN
    found = wilson(int(cases), int(base)).scaled(100)
    return found.lower, found.upper


def _side(row: Row) -> str:
    """Say on which side of the target the interval lies, as it is printed."""
    sign = _SIGNS.get(row["polarity"], 0.0)
    lower, upper, target = row["value_lower"], row["value_upper"], row["target"]
    if not sign or math.isnan(lower):
        return "unknown"
    worst, best = (lower, upper) if sign > 0 else (-upper, -lower)
    return "met" if worst >= sign * target else "missed" if best < sign * target else "either"


def _others(row: Row, sign: float) -> float:
    """Bound the mean of the months off target, from the mean of all as printed and the target as a floor."""
    off = row["months_reported"] - row["months_on_target"]
    if not sign or off <= 0:
        return NAN
    half = 0.5 * 10 ** -(0 if math.isnan(row["decimals"]) else row["decimals"])
    total = (row["value"] + sign * half) * row["months_reported"]
    return float((total - row["months_on_target"] * row["target"]) / off)


def _compatible(met: bool | None, reached: float, reported: float, others: float, unit: str) -> bool | None:
    """Whether the months on target leave room for the year's figure."""
    if met is None:
        return None
    if reached == reported:
        return met
    if reached == 0:
        return not met
    if not np.isnan(others):
        return bool(others >= 0 and (unit != "percent" or others <= 100))
    return True


# What is said and checked


def headlines(study: Study) -> list[Headline]:
    """Word how many targets were met and which were not, then the months on target."""
    return [
        *_met_and_missed(study.targets),
        *year_end.headlines(study),
        *_months_on_target(study.targets),
    ]


def _met_and_missed(found: pd.DataFrame) -> list[Headline]:
    known = found[found["met"].notna()]
    if known.empty:
        return []
    is_met = known["met"].astype(bool)
    met, missed = known[is_met], known[~is_met]
    text = _opening(len(met), len(known))
    both = (missed, "miss", "misses"), (met, "hit", "hits")
    by_chance = [
        f"{chance} of the {words.count_noun(len(side), one, many)}"
        for side, one, many in both
        if (chance := int(side["against"].eq("either").sum()))
    ]
    text += f"; {words.join(by_chance)} could be chance" if by_chance and len(known) > 1 else ""
    if len(missed):
        far = missed.assign(share=(missed["distance"] / missed["target"]).abs())
        named = [_one(row) for row in far.sort_values("share", ascending=False).head(3).to_dict("records")]
        more = len(missed) - len(named)
        text += f". Missed: {words.join(named)}" + (f", and {more} more" if more else "")
    elif len(met) <= 3:
        text += f". Met: {words.join([_one(row) for row in met.to_dict('records')])}"
    sides = known["against"].value_counts()
    unsure, sure = int(sides.get("either", 0)), int(sides.reindex(["met", "missed"]).sum())
    if sure + unsure:
        firm = f"{sure or 'none'} {'are' if sure > 1 else 'is'} surely met or missed"
        text += f". Of those with a base, {firm}; chance leaves {unsure} open"
    large = (
        f"{len(met)} of {len(known)}" if len(met) and len(missed) else "All met" if len(met) else "None met"
    )
    if len(known) == 1:
        large = "Met" if len(met) else "Missed"
    finding = Headline(
        "kpi.targets",
        f"{text}.",
        float(len(met)),
        "targets met",
        method="as published",
        cell=("targets", "", "met"),
    )
    return [dataclasses.replace(finding, stake="target", figure=large)]


def _opening(met: int, known: int) -> str:
    if known == 1:
        return f"The one indicator with a target {'met' if met else 'missed'} it"
    if known == 2 and met != 1:
        return f"{'Both indicators' if met else 'Neither indicator'} with a target met it"
    if met == known:
        return f"All {known} indicators with a target met it"
    return f"{met or 'None'} of the {known} indicators with a target met it"


def _one(row: Row) -> str:
    value = value_words(row["value"], row["unit"], row["decimals"])
    return f"{name_of(row)} {value} (target {value_words(row['target'], row['unit'])})"


def _months_on_target(found: pd.DataFrame) -> list[Headline]:
    """Word the months on target of means of months, and of months that can't go with their year."""
    telling = found["others_limit"].notna() | found["compatible"].eq(False)
    rows = found[found["months_share"].notna() & telling]
    made = []
    for row in rows.to_dict("records"):
        id = f"kpi.months.{row['indicator']}.{row['group'] or 'all'}"
        share = (row["months_share"], "percent of months", row["months_lower"], row["months_upper"])
        cell = ("targets", name_of(row), "months")
        text, method = _months_in_words(row), "Clopper-Pearson exact"
        one = Headline(id, text, *share, method, cell=cell, about=row["group"])
        made.append(dataclasses.replace(one, stake="certainty") if row["compatible"] is False else one)
    return made


def _months_in_words(row: Row) -> str:
    """Word the months on target, with the interval and whether they can go with the year's figure."""
    reached, reported = int(row["months_on_target"]), int(row["months_reported"])
    span, whole = Period.parse(row["period"]).kind, value_words(row["value"], row["unit"], row["decimals"])
    higher = row["polarity"] == "higher_is_better"
    name, target = name_of(row), value_words(row["target"], row["unit"])
    text = (
        f"{name}: target of {target} reached in {reached} of {reported} months ({row['months_share']:.0f}%, "
        f"95% interval {words.interval(row['months_lower'], row['months_upper'], 0, '%')})"
    )
    if row["compatible"] is False:
        text += f". That can't go with the {span}'s {whole}"
    elif row["compatible"] and row["met"] is False and 0 < reached < reported:
        text += f". The {span}'s {whole} is still {'below' if higher else 'above'} target"
        if not math.isnan(row["others_limit"]):
            off = words.count_noun(reported - reached, "other month")
            verb = "was" if reported - reached == 1 else "averaged"
            limit = value_words(round(row["others_limit"], 2), row["unit"])
            side = "at most" if higher else "at least"
            text += f": both can be right if the {off} {verb} {side} {limit}"
    return f"{text}."


def checks(study: Study) -> list[Check]:
    """Check the published months on target against the monthly figures."""
    recounted = study.months_recounted
    if recounted.empty:
        return []
    off = int((recounted["published"] != recounted["recounted"]).sum())
    years = words.count_noun(len(recounted), "published count")
    detail = f"{years} of months on target against the monthly figures: {off} that differ."
    return [Check("kpi.months", off == 0, detail)]


# What is drawn

_ROW = 0.27  # inches
_MARKS = {
    True: ("o", charts.GOOD, "circle: met"),
    False: ("s", charts.BAD, "square: missed"),
    None: ("D", charts.GREY, "diamond: not judged"),
}
DRAWN = table_of(
    "targets_met.data",
    Column("name", "Indicator"),
    Column("period", "Period"),
    Column("value", "Latest", "percent", 1, "%"),
    Column("value_lower", "Lower", "percent", 1, "%"),
    Column("value_upper", "Upper", "percent", 1, "%"),
    Column("target", "Target", "percent", 1, "%"),
)


def figure(study: Study) -> Figure | Missing:
    """Draw each percentage with its interval beside its target."""
    found = study.targets
    if found.empty:
        return NO_TARGETS
    percentages = found[(found["unit"] == "percent") & ~found["hidden"].astype(bool) & found["value"].notna()]
    if percentages.empty:
        return Missing("No percentage has a target.")
    rows = written(percentages.sort_values("distance", ascending=False), name=_named)
    sheet, axis = charts.drawing(1.0 + _ROW * len(rows))
    places = charts.name_rows(axis, list(rows["name"]))
    for at, row in zip(places, rows.to_dict("records"), strict=True):
        marker, colour, _ = _MARKS[row["met"]]
        if np.isfinite(row["value_lower"]):
            axis.plot([row["value_lower"], row["value_upper"]], [at, at], color=colour, linewidth=2.2)
        axis.plot([row["target"]] * 2, [at - 0.28, at + 0.28], color="#222222", linewidth=2)
        axis.plot([row["value"]], [at], marker=marker, markersize=7, color=colour)
    axis.set_xlim(0, 104)
    axis.grid(axis="x", color=charts.LIGHT, linewidth=0.6)
    axis.set_xlabel("Per cent", fontsize=9.5)
    finding = _finding(rows[rows["met"].notna()])
    data = DRAWN.of(rows, "Percentages and their targets")
    alt = f"Dots beside short lines that mark the targets, one row for each indicator. {finding}."
    seen = set(rows["met"])
    key = "; ".join(["line: target", *(told for met, (_, _, told) in _MARKS.items() if met in seen)])
    if rows["value_lower"].notna().any():
        key += "; bar: 95% interval"
    spans = set(rows["period"])
    which = f"Percentages of {words.when(spans.pop())}" if len(spans) == 1 else "Latest percentages"
    subtitle = f"{which} against their targets, {study.place}. {words.capital(key)}"
    source = f"{study.place}, performance indicators"
    return Figure("targets_met", finding, subtitle, alt, sheet, data, source)


def _named(row: Row) -> str:
    """Name an indicator, and say where its mark should lie left of its target."""
    return name_of(row) + (" (lower is better)" if row["polarity"] == "lower_is_better" else "")


def _finding(known: pd.DataFrame) -> str:
    """Count the percentages whose target was met, and name the one furthest off."""
    if known.empty:
        return "No percentage target can be judged: nobody has said which way is better"
    met = known["met"].astype(bool)
    finding = f"{int(met.sum()) or 'None'} of {words.count_noun(len(known), 'percentage target')} met"
    if len(known) == 1:
        finding = f"The one percentage target is {'met' if met.all() else 'missed'}"
    if met.all():
        return finding
    far = known[~met].sort_values("distance", key=abs).iloc[-1]
    side = "below" if far["distance"] < 0 else "above"
    off = words.number(abs(far["distance"]), 1)
    name = name_of(far.to_dict())
    own = f"{value_words(far['value'], far['unit'], far['decimals'])} in {words.when(far['period'])}"
    return f"{finding}; {name} is furthest off: {own}, {off} points {side}"


# What is tabled

NO_TARGETS = lacking(
    "No indicator has a target.",
    "kpi",
    ("target", "months_on_target", "months_reported"),
    "whether targets are met, and surely",
)
TARGETS = table_of(
    "targets",
    Column("indicator", "Indicator"),
    Column("period", "Period"),
    Column("value", "Latest", hides=("hidden",)),
    Column("target", "Target"),
    Column("distance", "Distance from target", "change", 1, hides=("hidden",)),
    Column("met", "As published", hides=("hidden",)),
    Column("interval", "95% interval of the latest"),
    Column("against", "With its interval"),
    Column("months", "Months on target"),
    Column("months_interval", "Interval of that share"),
    notes=(
        "Surely met or missed: the whole 95% interval lies on one side of the target. The share of a "
        "caseload over a year has no interval here, since the same people are counted every month.",
        "The interval of months on target takes months as independent. Where one month resembles the next it "
        "is too narrow.",
        WIDENED_NOTE,
    ),
)
_SIDES = {"met": "surely met", "missed": "surely missed", "either": "can't tell", "unknown": "not known"}
_NEAR = "missed, within the tolerance set"
_MET = {True: "met", False: "missed", None: "better way not known"}


def _table(study: Study) -> Table | Missing:
    found = study.targets
    if found.empty:
        return NO_TARGETS
    rows = written(
        found,
        indicator=name_of,
        value=figure_words,
        target=lambda row: value_words(row["target"], row["unit"]),
        met=lambda row: _NEAR if row["near"] else _MET[row["met"]],
        interval=lambda row: _interval_words(row, "value", 1),
        against=lambda row: _SIDES[row["against"]],
        months=lambda row: "–" if math.isnan(row["months_share"]) else months_words(row),
        months_interval=lambda row: _interval_words(row, "months", 0),
    )
    return TARGETS.of(rows, "Targets: met or missed, and in how many months", fewest=study.fewest("kpi"))


def months_words(row: Row) -> str:
    """Write in how many of its months a target was met."""
    return f"{row['months_on_target']:.0f} of {row['months_reported']:.0f}"


def _interval_words(row: Row, of: str, decimals: int) -> str:
    lower, upper = row[f"{of}_lower"], row[f"{of}_upper"]
    return "–" if math.isnan(lower) else words.interval(lower, upper, decimals, "%")


def section(study: Study) -> Section:
    """Show targets: met and missed and the months on target in words, chart, table."""
    drawn = study.unless_opening(figure(study))
    return assemble(headlines(study), drawn, _table(study), year_end.table(study))
