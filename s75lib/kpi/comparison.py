"""Which figures of an indicator are compared with which, and by the method that they allow."""

from __future__ import annotations

__all__ = ["compare", "history", "pairs"]

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from s75lib.loaders.agreement import contradicted
from s75lib.loaders.indicators import Indicator
from s75lib.loaders.period import Period, financial_year_of
from s75lib.stats.comparison import (
    Comparison,
    benjamini_hochberg,
    compare_counts,
    compare_proportions,
    equivalence_of_counts,
    equivalence_of_proportions,
    holm,
    overdispersion_tipping_factor,
    smallest_detectable_count_change,
    smallest_detectable_proportion_change,
)
from s75lib.stats.months import FEWEST_MONTHS, Variation
from s75lib.stats.rounding import attainable, tipping_base

MARGIN_OF_COUNTS = 10.0
"""Percent of the earlier count or rate below which a change is taken not to matter."""

COMPARISONS: Mapping[str, str] = {
    "year": "year on year, months added",
    "years": "year on year",
    "year_to_date": "year to date, same months",
    "twelve_months": "twelve months on the twelve before",
    "year_apart": "latest month, a year apart",
    "asked_years": "year on the year asked for",
    "asked_months": "same months of the year asked for",
    "asked_month": "latest month on that asked for",
    "asked_period": "latest months on those asked for",
    "asked_none": "nothing of the period asked for",
    "": "none",
}
"""Which figures are set against which, in words."""

NAN = math.nan
MONTHS = {"month": 1, "quarter": 3, "year": 12}
YEAR = 12
_APRIL = 3
# Months below which a year to date says too little to open with.
_FEWEST_TO_DATE = 3
_ONE_FIGURE = ("years", "year_apart", "asked_years", "asked_month")
# An interval hardly wider than without the months' variation is left as it is.
_HARDLY = 1.02
_SHARE_OF_STEP = 0.15
ENDS = ("_before", "")
Pair = Mapping[Any, Any]

_CARRIED = ("value", "numerator", "denominator", "decimals", "target", "months_on_target", "months_reported")
_COLUMNS = [
    "indicator",
    "group",
    "comparison",
    "unit",
    "kind",
    "period",
    "period_before",
    "other_kind",
    "later",
    "earlier",
    *(name + end for name in ("mean", "hidden", "contradicted", *_CARRIED) for end in ("", "_before")),
]


def earlier(comparison: str) -> str:
    """Say what a comparison looks back to."""
    return "the period asked for" if comparison.startswith("asked") else "a year earlier"


# Figures in order of time, and the two of each indicator that are compared


def history(kpi: pd.DataFrame) -> pd.DataFrame:
    """Put each indicator's figures in order of time.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi`; with a column ``hidden``, as `s75lib.kpi.disclosure.suppress` gives it, what is
        hidden keeps its place. What this has given already is given back as it is.

    Returns
    -------
    DataFrame
        The rows that have a value or are hidden, with ``hidden``, ``kind`` (year, quarter or month) and
        ``end`` (last day); a percentage or a rate per 100,000 that is left out is computed from its numerator
        and denominator. Sorted by indicator and group as they first appear, then by time.

    Examples
    --------
    >>> row = {"indicator": "calls", "group": "", "period": "2023/24", "unit": "percent", "value": np.nan}
    >>> history(pd.DataFrame([row | {"numerator": 1, "denominator": 8}]))[["value", "kind"]].values.tolist()
    [[12.5, 'year']]
    """
    if "end" in kpi:
        return kpi
    codes, texts = pd.factorize(kpi["period"])
    periods = [Period.parse(text) for text in texts]
    kind = np.array([period.kind for period in periods], dtype=object)[codes]
    end = pd.to_datetime([period.end for period in periods])[codes]
    value, numerator, base = (
        kpi[name].to_numpy(dtype=float) for name in ("value", "numerator", "denominator")
    )
    unit = kpi["unit"].to_numpy(dtype=object)
    per = np.select([unit == "percent", unit == "per_100k"], [100.0, 100_000.0], np.nan)
    filled = np.where(np.isnan(value), per * numerator / np.where(base > 0, base, np.nan), value)
    wrong = contradicted(kpi, "value", "numerator", "denominator")
    rows = kpi.assign(value=filled, kind=kind, end=end, hidden=hidden_rows(kpi), contradicted=wrong)
    place = kpi.groupby(["indicator", "group"], sort=False, dropna=False).ngroup().to_numpy()
    length = np.array([period.days for period in periods], dtype=int)[codes]
    order = np.lexsort((length, end, place))
    told = ~np.isnan(filled) | rows["hidden"].to_numpy(dtype=bool)
    return rows.take(order[told[order]]).reset_index(drop=True)


def hidden_rows(rows: pd.DataFrame) -> pd.Series:
    """Tell which rows are hidden; none of a dataset as the contract has it."""
    return rows["hidden"] if "hidden" in rows else pd.Series(False, index=rows.index)


def month_number(ends: pd.Series) -> NDArray[np.intp]:
    """Give the months in which periods end as running numbers, from January of the year 0."""
    return np.asarray(ends.dt.year * YEAR + ends.dt.month - 1, dtype=np.intp)


def series(rows: pd.DataFrame) -> dict[tuple[str, str], list[int]]:
    """Find the positions of each indicator's and group's rows, as these first appear."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, key in enumerate(zip(rows["indicator"].tolist(), rows["group"].tolist(), strict=True)):
        found[key].append(place)
    return dict(found)


def pairs(
    kpi: pd.DataFrame, caseloads: Collection[tuple[str, str]] = (), compared: Period | None = None
) -> pd.DataFrame:
    """Choose for each indicator the comparison of years that its figures allow.

    In this order: the year to date (three months or more) or the latest whole year against the same months of
    the year before, with counts added; the latest twelve months against the twelve before; published years
    where no months reach further. A caseload's months count the same people, so its latest month is set
    against the same month a year before, unless its years have bases of their own (each person once). A month
    is never set against the one before it: that is a point of the control chart.

    Parameters
    ----------
    caseloads : collection of tuple of str
        Indicators and groups whose months count mostly the same people.
    compared : Period, optional
        An earlier period to compare with. A year: this year to date against the same months of that year; a
        quarter or a month: the latest three months, or the latest one, against it. Left out: see the notes.

    Returns
    -------
    DataFrame
        One row for each indicator and group: ``comparison`` (one of `COMPARISONS`), ``unit``, ``kind`` (year,
        quarter or month; months or quarters where several are added), ``period``, ``period_before`` (empty
        where there is none), ``other_kind`` (a figure of the other kind that was not compared, in words),
        ``later`` and ``earlier`` (numbers of the months behind the two), ``mean`` and ``mean_before`` (of a
        caseload's months), ``hidden`` and ``hidden_before``, then the figures, and those before with the
        ending ``_before``.

    Examples
    --------
    >>> rows = pairs(load("islington", "2018/19").kpi)
    >>> rows = rows[rows["indicator"] == "cpa_employment"]
    >>> rows[["comparison", "period_before", "period"]].values.tolist()
    [['years', '2017/18', '2018/19']]
    """
    rows = history(kpi)
    rows = rows.assign(at=month_number(rows["end"]))
    names = ("indicator", "group", "unit", "kind", "period", "at", "hidden", "contradicted", *_CARRIED)
    told = {name: rows[name].tolist() for name in names}
    made = [_pair(told, places, key in caseloads, compared) for key, places in series(rows).items()]
    frame = pd.DataFrame(made, columns=_COLUMNS)
    numbers = [name for name in _COLUMNS if name.removesuffix("_before") in (*_CARRIED, "mean")]
    return frame.astype(dict.fromkeys(numbers, "float64"))


def _pair(
    told: Mapping[str, list[Any]], places: Sequence[int], caseload: bool, compared: Period | None
) -> dict[str, Any]:
    kinds, units, at = told["kind"], told["unit"], told["at"]
    unit = units[places[-1]]
    years = [place for place in places if kinds[place] == "year"]
    alike = [place for place in years if units[place] == units[years[-1]]]
    held = [
        {at[place]: place for place in places if kinds[place] == kind and units[place] == unit}
        for kind in ("month", "quarter")
    ]
    chosen = [
        _asked(parts, length, caseload, compared) if compared else _year_apart(parts, length, caseload)
        for length, parts in zip((1, 3), held, strict=True)
    ]
    # Months where they reach a year back, else quarters that do, else whatever is held.
    used = next((one for one in (0, 1) if chosen[one][0]), 0 if held[0] else 1)
    parts, (later, back, name) = held[used], chosen[used]
    asked = [place for place in alike[:-1] if compared is None or told["period"][place] == compared.label]
    whole = bool(asked) and (not later or at[alike[-1]] >= max(later))
    # Years printed without their bases give way to months that have them: these can be tested.
    base = told["denominator"]
    if whole and later and unit in ("percent", "per_100k") and math.isnan(base[asked[-1]] + base[alike[-1]]):
        whole = not all(base[parts[number - gone]] > 0 for number in later for gone in (0, back))
    if whole and not (caseload and later and _adds_months(told, [asked[-1], alike[-1]], parts)):
        newer = max(parts, default=0) > at[alike[-1]]
        return _of_places(told, [asked[-1]], [alike[-1]]) | {
            "comparison": "asked_years" if compared else "years",
            "other_kind": told["period"][parts[max(parts)]] if newer else "",
            "later": _year_of(at[alike[-1]]),
            "earlier": _year_of(at[asked[-1]]),
        }
    if later:
        then, now = ([parts[number - gone] for number in later] for gone in (back, 0))
        made = _of_places(told, then, now) | {"comparison": name}
        made |= {"later": later, "earlier": [number - back for number in later]}
        made |= {"period_before": _span(told, then, name), "period": _span(told, now, name)}
        if caseload and back % YEAR == 0:
            year = [number for number in _year_of(later[-1]) if number in parts and number - back in parts]
            for end, gone in zip(ENDS, (back, 0), strict=True):
                values = [told["value"][parts[number - gone]] for number in year if number <= later[-1]]
                made[f"mean{end}"] = float(np.mean(values))
        return made
    latest = places[-1] if years == [] or not parts else max(parts.values(), key=lambda place: at[place])
    others = [place for place in places if kinds[place] != kinds[latest]]
    made = _of_places(told, [], [latest])
    if compared:
        return made | {"comparison": "asked_none"}
    return made | {"other_kind": told["period"][others[-1]] if others else ""}


def _asked(
    parts: Mapping[int, int], length: int, caseload: bool, compared: Period
) -> tuple[list[int], int, str]:
    """Choose this year's months to date, or as many of the latest as the period asked for has."""
    if not parts:
        return [], 0, ""
    last, is_year = max(parts), compared.kind == "year"
    first = _year_of(last)[0] if is_year else last - MONTHS[compared.kind] + 1
    back = compared.months_back(date(last // YEAR, last % YEAR + 1, 1))
    later = [number for number in range(first, last + 1) if number in parts and number - back in parts]
    whole = is_year or len(later) * length == MONTHS[compared.kind]
    if not whole or back < last - first + 1 or not later:
        return [], 0, ""
    if caseload:
        return later[-1:], back, "asked_month"
    return later, back, "asked_months" if is_year else "asked_period"


def _year_apart(parts: Mapping[int, int], length: int, caseload: bool) -> tuple[list[int], int, str]:
    """Choose the months or quarters that are set against the same ones a year before."""
    matched = sorted(number for number in parts if number - YEAR in parts)
    if not matched or matched[-1] < max(parts) - YEAR:
        return [], 0, ""
    if caseload:
        return matched[-1:], YEAR, "year_apart"
    first = _year_of(max(parts))[0]
    to_date = [number for number in matched if number >= first]
    before = [number for number in matched if first - YEAR <= number < first]
    twelve = [number for number in matched if number > max(parts) - YEAR]
    whole = YEAR // length
    if len(to_date) * length >= _FEWEST_TO_DATE:
        return to_date, YEAR, "year" if len(to_date) == whole else "year_to_date"
    if len(before) == whole:
        return before, YEAR, "year"
    if len(twelve) == whole:
        return twelve, YEAR, "twelve_months"
    return before or to_date, YEAR, "year_to_date"


def _year_of(number: int) -> list[int]:
    """Give the months of the financial year that a month lies in."""
    return [(number - _APRIL) // YEAR * YEAR + _APRIL + month for month in range(YEAR)]


def _adds_months(told: Mapping[str, list[Any]], years: Sequence[int], parts: Mapping[int, int]) -> bool:
    """Whether the last two years are sums or means of their months; a base of its own counts each once."""
    for place in years:
        inside = [parts[number] for number in _year_of(told["at"][place]) if number in parts]
        total = sum(told["denominator"][part] for part in inside)
        if not inside or told["denominator"][place] < 0.99 * total:
            return False
    return True


def _span(told: Mapping[str, list[Any]], places: Sequence[int], name: str) -> str:
    first, last = told["period"][places[0]], told["period"][places[-1]]
    end = Period.parse(last).end
    if name == "year" or (name == "asked_months" and (end - Period.parse(first).start).days > 363):
        return financial_year_of(end).label
    if name == "twelve_months":
        return f"the 12 months to {last}"
    return str(last) if len(places) == 1 else f"{first} to {last}"


def _of_places(told: Mapping[str, list[Any]], then: Sequence[int], now: Sequence[int]) -> dict[str, Any]:
    """Take the figures of the two sides, added where they are of several months."""
    made = {name: told[name][now[-1]] for name in ("indicator", "group", "unit", "kind", "period")}
    made |= {"comparison": "", "later": [], "earlier": [], "other_kind": ""}
    made["period_before"] = told["period"][then[-1]] if then else ""
    for end, places in zip(ENDS, (then, now), strict=True):
        made[f"mean{end}"] = NAN
        for name in ("hidden", "contradicted"):
            made[name + end] = any(told[name][place] for place in places)
        figures = {name: told[name][places[0]] if places else NAN for name in _CARRIED}
        figures |= _added(told, places) if len(places) > 1 else {}
        made |= {name + end: value for name, value in figures.items()}
    if len(now) > 1:
        made["kind"] += "s"
    return made


def _added(told: Mapping[str, list[Any]], places: Sequence[int]) -> dict[str, float]:
    """Add the months of a flow up: counts to counts, and numerators over denominators."""
    value, numerator, base = (
        np.array([told[name][place] for place in places], dtype=float)
        for name in ("value", "numerator", "denominator")
    )
    unit, made = told["unit"][places[-1]], dict.fromkeys(_CARRIED, NAN)
    made["target"], made["months_reported"] = told["target"][places[-1]], float(len(places))
    made["decimals"] = 0.0 if unit == "count" else 1.0
    made["value"] = float(value.sum() if unit == "count" else value.mean())
    per = {"percent": 100.0, "per_100k": 100_000.0}.get(unit)
    if per and (base > 0).all() and not np.isnan(numerator).any():
        made["numerator"], made["denominator"] = float(numerator.sum()), float(base.sum())
        made["value"] = per * made["numerator"] / made["denominator"]
    return made


# One change, by the method that its figures allow


@dataclass(frozen=True)
class Change:
    """What can be said of one change; in the unit of the change unless stated.

    - `basis`: proportions, caseload (one month, a year apart), counts, mean_of_counts, rates,
      monthly_values, percentage_only, rate_only, stock, clustered, hidden, contradicted or one_period.
    - `relative`, `relative_lower`, `relative_upper`: In percent of the earlier figure; NaN where it was zero.
    - `p_value`: Two-sided, of no change.
    - `base_least`, `base_central`, `base_most`: People a period from which a change of bare percentages would
      be significant.
    - `tipping_factor`: Variance, in multiples of Poisson's, at which a significant count stops being so.
    - `detectable_fall`, `detectable_rise`: Smallest true changes that such data show in four cases of five.
    - `steady`: Whether the change is shown to be smaller than the margin.
    """

    basis: str
    change: float = NAN
    lower: float = NAN
    upper: float = NAN
    relative: float = NAN
    relative_lower: float = NAN
    relative_upper: float = NAN
    p_value: float = NAN
    method: str = ""
    note: str = ""
    base_least: float = NAN
    base_central: float = NAN
    base_most: float = NAN
    tipping_factor: float = NAN
    detectable_fall: float = NAN
    detectable_rise: float = NAN
    steady: bool = False


def compare(pair: Pair, indicator: Indicator, *, margin: float, variation: Variation | None = None) -> Change:
    """Compare an indicator's latest figure with the one before it, with intervals of 95%.

    A head count on a day and days of the same people are not tested: no test of independent events holds for
    them. Of a caseload the latest month is tested against the same month a year before as if all people were
    others: those who are in both make the difference smaller, never larger, so this errs to caution. Where
    months were judged, p-values and intervals allow for their dispersion and autocorrelation. Means of months
    are tested as the counts of the year that they stand for, with the largest p-value among all counts that
    print as these means. A leap day, and the unequal lengths of months, are neglected.

    Parameters
    ----------
    pair : mapping
        A row of `pairs`.
    indicator : Indicator
        Its entry in the registry.
    margin : float
        Change that does not matter, > 0: percentage points, of counts and rates percent of the earlier one.
    variation : Variation, optional
        How its months vary, where 24 or more are held.

    Examples
    --------
    >>> from s75lib.loaders.indicators import find
    >>> rows = pairs(load("islington", "2018/19").kpi).query("indicator == 'cpa_employment'")
    >>> compare(rows.iloc[0], find("cpa_employment"), margin=3).basis
    'percentage_only'
    """
    if not pair["period_before"]:
        return Change("one_period", note=f"No figure of {earlier(pair['comparison'])} to compare with.")
    if any(_ends(pair, "hidden")):
        return Change("hidden", note="Rests on a small count of people, which is not shown.")
    if any(_ends(pair, "contradicted")):
        note = "Not compared: the figures contradict each other (value against numerator and denominator)."
        return Change("contradicted", note=note)
    if indicator.is_stock:
        note = "People present on a day, mostly the same ones: no test of independent events applies."
        return _untested(pair, "stock", note)
    if indicator.is_clustered:
        return _clustered(pair)
    of_months = pair["comparison"] not in _ONE_FIGURE
    made, note = _by_unit(pair, margin, variation), ""
    if pair["comparison"] in ("year_apart", "asked_month"):
        note = "Mostly the same people in both months: a test for separate people errs to caution. "
        if indicator.kind == "":
            note = "Nobody has said whether its months count new cases or the same people: the latest stands "
            note += f"for all. If new, {_kind_line(pair)} in indicators.toml adds up a year's months. "
        made = replace(made, basis=made.basis.replace("proportions", "caseload"))
        note += _means(pair)
    elif of_months and variation is None:
        note = f"With fewer than {FEWEST_MONTHS} months shown, or all alike, variation can't be judged. "
    elif of_months and variation is not None and variation.kind == "":
        note = (
            "Nobody has said whether months count new cases or the same people. The test allows for both: "
            f"if they are new, {_kind_line(pair)} in indicators.toml lets smaller changes show. "
        )
    made = replace(made, note=f"{note}{made.note}".strip())
    if variation is None or variation.model == "value" or math.isnan(made.p_value):
        return made
    return _allowed_for(made, pair, variation, margin)


def _kind_line(pair: Pair) -> str:
    return f'kind = "flow" under [{pair["indicator"]}]'


def _by_unit(pair: Pair, margin: float, variation: Variation | None) -> Change:
    unit, has_base = pair["unit"], _has_base(pair)
    if unit == "percent":
        if has_base:
            return _proportions(pair, margin)
        if pair["comparison"] in _ONE_FIGURE:
            return _bare_percentages(pair)
        return _monthly_values(pair, variation)
    if unit == "count":
        return _counts(_untested(pair, "counts"), _ends(pair, "value"), margin)
    if has_base:
        per = 100_000.0 if unit == "per_100k" else 1.0
        events, exposures = _ends(pair, "numerator"), _ends(pair, "denominator")
        return _counts(_untested(pair, "rates"), events, margin, exposures, per)
    if unit == "per_month":
        return _means_of_months(pair, margin)
    return _untested(pair, "rate_only", "Published as a rate without its counts: no test.")


def _monthly_values(pair: Pair, variation: Variation | None) -> Change:
    """Compare means of bare monthly percentages, by how much the months themselves vary."""
    start = _untested(pair, "monthly_values", "Months without a base: tested by how much they vary.")
    if variation is None:
        return replace(start, note="Months without a base, too few to tell how much they vary: no test.")
    error = variation.standard_error(pair["later"], pair["earlier"])
    half = error * variation.stretch(pair["later"], pair["earlier"]) * float(special.ndtri(0.975))
    p_value = float(2 * special.ndtr(-abs(start.change) / error))
    return replace(
        start,
        lower=start.change - half,
        upper=start.change + half,
        p_value=variation.widened(p_value, pair["later"], pair["earlier"]),
        method="difference of monthly means, by the variation of the months",
    )


def _means(pair: Pair) -> str:
    means = [f"{mean:.1f}{'%' * (pair['unit'] == 'percent')}" for mean in _ends(pair, "mean")]
    return "" if "nan" in means[0] + means[1] else f"Mean of the year's months: {', then '.join(means)}. "


def _allowed_for(made: Change, pair: Pair, variation: Variation, margin: float) -> Change:
    """Widen p-value, interval and what would show by how the months vary."""
    p_value = variation.widened(made.p_value, pair["later"], pair["earlier"])
    wider = variation.stretch(pair["later"], pair["earlier"])
    if wider < _HARDLY:
        return replace(made, p_value=p_value)
    note = f"The months' variance is about {variation.dispersion:.1f} times chance's, "
    note += f"their autocorrelation about {variation.correlation:.1f}. With what they leave open, "
    note += f"the interval is {wider:.1f} times as wide."
    low, high = (made.change + wider * (end - made.change) for end in (made.lower, made.upper))
    ratio, *ends = (1 + each / 100 for each in (made.relative, made.relative_lower, made.relative_upper))
    ratios = variation.stretched_ratio(ratio, (ends[0], ends[1]), pair["later"], pair["earlier"])
    least, most = (100 * (end - 1) for end in ratios)
    within = (low, high) if pair["unit"] == "percent" else (least, most)
    return replace(
        made,
        p_value=p_value,
        lower=low,
        upper=high,
        relative_lower=least,
        relative_upper=most,
        detectable_fall=made.detectable_fall * wider,
        detectable_rise=made.detectable_rise * wider,
        steady=made.steady and -margin <= within[0] and within[1] <= margin,
        note=f"{made.note} {note}".strip(),
        method=f"{made.method}; allowing for dispersion and autocorrelation of the months",
    )


def decimal_places(value: float, stated: float) -> int:
    """Count a figure's decimals: those stated (NaN: none), or more where it has more.

    >>> decimal_places(5.25, 1), decimal_places(34.0, float("nan"))
    (2, 0)
    """
    found = 0 if math.isnan(stated) else int(stated)
    while abs(round(value, found) - value) > 1e-9 and found < 6:
        found += 1
    return found


def with_adjusted_p(tests: pd.DataFrame) -> pd.DataFrame:
    """Add to each ``p_value`` its p adjusted for the whole family: ``p_holm``, ``p_bh``; and ``tests``.

    With a column ``shift_p``, a step in the months belongs to the family too, with 15% of its indicator's
    share of the level: ``shift_holm``.

    >>> with_adjusted_p(pd.DataFrame({"p_value": [0.01, np.nan, 0.04]}))[["p_holm", "tests"]].values.tolist()
    [[0.02, 2.0], [nan, 2.0], [0.04, 2.0]]
    """
    p_values = tests["p_value"].to_numpy(dtype=float)
    known = int((~np.isnan(p_values)).sum())
    made = tests.assign(p_value=p_values, p_bh=benjamini_hochberg(p_values), tests=known)
    if "shift_p" not in tests:
        return made.assign(p_holm=holm(p_values))
    steps = tests["shift_p"].to_numpy(dtype=float)
    of_step = np.where(np.isnan(steps), 0.0, np.where(np.isnan(p_values), 1.0, _SHARE_OF_STEP))
    shares = np.concatenate([1 - np.where(of_step < 1, of_step, 0.0), np.where(of_step > 0, of_step, 1.0)])
    adjusted = holm(np.concatenate([p_values, steps]), shares)
    return made.assign(p_holm=adjusted[: len(tests)], shift_holm=adjusted[len(tests) :])


def change_of_shares(before: Pair, after: Pair, cases: str, base: str) -> dict[str, float]:
    """Compare two shares by their columns of cases and base: change in points, its interval, ``p_value``."""
    counts = [int(row[name]) for row in (before, after) for name in (cases, base)]
    found = compare_proportions(*counts)
    ends = {"lower": found.difference_lower, "upper": found.difference_upper}
    return {"change": found.difference, **ends, "p_value": found.p_value}


def _ends(pair: Pair, name: str) -> tuple[float, float]:
    """Give a figure of the period before and of the latest."""
    return float(pair[f"{name}_before"]), float(pair[name])


def _has_base(pair: Pair) -> bool:
    return all(pair[f"denominator{end}"] > 0 and not math.isnan(pair[f"numerator{end}"]) for end in ENDS)


def _untested(pair: Pair, basis: str, note: str = "") -> Change:
    before, after = _ends(pair, "value")
    return Change(basis, change=round(after - before, 10), relative=_relative(before, after), note=note)


def _relative(before: float, after: float) -> float:
    return 100 * (after / before - 1) if before else NAN


def _proportions(pair: Pair, margin: float) -> Change:
    """Compare two percentages of which numerators and denominators are known."""
    counts = [float(pair[f"{name}{end}"]) for end in ENDS for name in ("numerator", "denominator")]
    sound = all(count.is_integer() for count in counts) and counts[0] <= counts[1] and counts[2] <= counts[3]
    if not sound:
        return _untested(pair, "rate_only", "Numerator and denominator are not cases among cases: no test.")
    cases_before, base_before, cases, base = map(int, counts)
    power = smallest_detectable_proportion_change(cases_before, base_before, base)
    before, after = 100 * cases_before / base_before, 100 * cases / base
    return replace(
        _tested(_untested(pair, "proportions"), compare_proportions(cases_before, base_before, cases, base)),
        change=after - before,
        relative=_relative(before, after),
        detectable_fall=power.fall,
        detectable_rise=power.rise,
        steady=equivalence_of_proportions(cases_before, base_before, cases, base, margin).equivalent,
    )


def _bare_percentages(pair: Pair) -> Change:
    values = _ends(pair, "value")
    decimals = max(map(decimal_places, values, _ends(pair, "decimals")))
    tipping = tipping_base(round(values[0], 6), round(values[1], 6), decimals)
    least, central, most = (
        NAN if base is None else float(base) for base in (tipping.least, tipping.central, tipping.most)
    )
    note = "Published as a percentage only: without its base no test and no interval."
    start = _untested(pair, "percentage_only", note)
    return replace(start, base_least=least, base_central=central, base_most=most)


def _means_of_months(pair: Pair, margin: float) -> Change:
    """Compare means of months as the counts of the year that they stand for."""
    values = _ends(pair, "value")
    months = tuple(_months(pair["kind"], reported) for reported in _ends(pair, "months_reported"))
    likely = tuple(float(round(value * length)) for value, length in zip(values, months, strict=True))
    possible = []
    for value, decimals, length, nearest in zip(values, _ends(pair, "decimals"), months, likely, strict=True):
        printed = attainable(round(value, 6), decimal_places(value, decimals))
        low, high = max(math.ceil(printed.low * length), 0), math.floor(printed.high * length)
        possible.append((low, high) if low <= high else (int(nearest), int(nearest)))
    note = (
        f"Published as means of months: taken as about {likely[0]:,.0f} and {likely[1]:,.0f} in the "
        f"{pair['kind']}; p is the largest that rounding allows."
    )
    start = _untested(pair, "mean_of_counts", note)
    alike = months[0] == months[1] and possible[0][0] <= possible[1][1] and possible[1][0] <= possible[0][1]
    tests = (
        compare_counts(before, after, exposure_before=months[0], exposure_after=months[1])
        for before, after in product(*possible)
    )
    largest = 1.0 if alike else max(test.p_value for test in tests)
    # Whether the change is small is known of the counts, and these only stand for what was printed.
    found = _counts(start, likely, margin, months)
    return replace(found, change=start.change, relative=start.relative, p_value=largest, steady=False)


def _months(kind: str, reported: float) -> float:
    if kind in ("month", "quarter"):
        return 1.0
    return float(YEAR) if math.isnan(reported) or reported == 0 else float(int(reported))


def _clustered(pair: Pair) -> Change:
    """State the change of what one person gives many of, with the clustering that would undo it; no test."""
    note = "One person gives many of these events: no test of independent events applies."
    start, events = _untested(pair, "clustered", note), _ends(pair, "numerator")
    if not _has_base(pair) or pair["unit"] == "percent" or not all(count.is_integer() for count in events):
        return start
    over = dict(zip(("exposure_before", "exposure_after"), _ends(pair, "denominator"), strict=True))
    before, after = map(int, events)
    factor = overdispersion_tipping_factor(before, after, **over)
    return replace(start, tipping_factor=factor if factor > 1 else NAN)  # below, chance alone explains it


def _counts(
    start: Change,
    events: tuple[float, ...],
    margin: float,
    exposures: tuple[float, ...] = (1.0, 1.0),
    per: float = 1.0,
) -> Change:
    """Add the exact test; `per` turns rates into the unit of the change."""
    if not all(count.is_integer() and count >= 0 for count in events):
        return replace(start, note=f"{start.note} The counts are not whole numbers: no test.".strip())
    before, after = map(int, events)
    over = {"exposure_before": exposures[0], "exposure_after": exposures[1]}
    found = compare_counts(before, after, **over)
    power = smallest_detectable_count_change(before, **over)
    return replace(
        _tested(start, found, per),
        change=found.difference * per,
        relative=_finite(found.relative_change),
        tipping_factor=overdispersion_tipping_factor(before, after, **over) if found.significant else NAN,
        detectable_fall=power.fall * per / exposures[1],
        detectable_rise=power.rise * per / exposures[1],
        steady=equivalence_of_counts(before, after, margin, **over).equivalent,
    )


def _tested(start: Change, found: Comparison, per: float = 1.0) -> Change:
    note = f"{found.note[0].upper()}{found.note[1:]}." if found.note else ""
    return replace(
        start,
        lower=found.difference_lower * per,
        upper=found.difference_upper * per,
        relative_lower=_finite(found.relative_change_lower),
        relative_upper=_finite(found.relative_change_upper),
        p_value=found.p_value,
        method=found.method,
        note=" ".join(filter(None, (start.note, note))),
    )


def _finite(value: float) -> float:
    return value if math.isfinite(value) else NAN
