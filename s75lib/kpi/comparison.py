"""Which figures of an indicator are compared with which, and by the method that they allow."""

from __future__ import annotations

__all__ = [
    "MARGIN_OF_COUNTS",
    "Change",
    "compare",
    "history",
    "pairs",
]

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from s75lib.loaders.agreement import contradicted
from s75lib.loaders.indicators import Indicator
from s75lib.loaders.period import Period
from s75lib.stats.comparison import (
    CountComparison,
    ProportionComparison,
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
from s75lib.stats.rounding import attainable, difference, tipping_base

MARGIN_OF_COUNTS = 10.0
"""Percent of the earlier count or rate below which a change is taken not to matter."""

NAN = math.nan
MONTHS = {"month": 1, "quarter": 3, "year": 12}
ENDS = ("_before", "")
Pair = Mapping[Any, Any]

_CARRIED = ("value", "numerator", "denominator", "decimals", "target", "months_on_target", "months_reported")
_COLUMNS = [
    "indicator", "group", "unit", "kind", "period", "period_before", "skipped", "other_kind", "hidden",
    "hidden_before", "contradicted", "contradicted_before",
    *_CARRIED, *(f"{name}_before" for name in _CARRIED),
]  # fmt: skip


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
    length = np.array([period.days for period in periods], dtype=int)[codes]
    end = pd.to_datetime([period.end for period in periods])[codes]
    value, numerator, base = (
        kpi[name].to_numpy(dtype=float) for name in ("value", "numerator", "denominator")
    )
    unit = kpi["unit"].to_numpy(dtype=object)
    per = np.select([unit == "percent", unit == "per_100k"], [100.0, 100_000.0], np.nan)
    filled = np.where(np.isnan(value), per * numerator / np.where(base > 0, base, np.nan), value)
    hidden = kpi["hidden"] if "hidden" in kpi else np.zeros(len(kpi), dtype=bool)
    wrong = contradicted(kpi, "value", "numerator", "denominator")
    rows = kpi.assign(value=filled, kind=kind, end=end, hidden=hidden, contradicted=wrong)
    place = np.empty(len(kpi), dtype=int)
    for at, places in enumerate(series(kpi).values()):
        place[places] = at
    order = np.lexsort((length, end, place))
    told = ~np.isnan(filled) | rows["hidden"].to_numpy(dtype=bool)
    return rows.take(order[told[order]]).reset_index(drop=True)


def series(rows: pd.DataFrame) -> dict[tuple[str, str], list[int]]:
    """Find the positions of each indicator's and group's rows, as these first appear.

    >>> series(pd.DataFrame({"indicator": ["a", "b", "a"], "group": ""}))
    {('a', ''): [0, 2], ('b', ''): [1]}
    """
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, key in enumerate(zip(rows["indicator"].tolist(), rows["group"].tolist(), strict=True)):
        found[key].append(place)
    return dict(found)


def within(ends: NDArray[np.datetime64], period: str) -> NDArray[np.bool_]:
    """Tell which months, by their last days, lie in a year or a quarter.

    >>> within(np.array(["2018-03-31", "2018-04-30"], dtype="datetime64[s]"), "2018/19").tolist()
    [False, True]
    """
    span = Period.parse(period)
    return (ends >= np.datetime64(span.start)) & (ends <= np.datetime64(span.end))


def pairs(kpi: pd.DataFrame) -> pd.DataFrame:
    """Set each indicator's latest figure beside the one before it.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi`, or as `history` gives it.

    Returns
    -------
    DataFrame
        One row for each indicator and group: ``unit``, ``kind`` (year, quarter or month), ``period``,
        ``period_before`` (empty where there is none), ``skipped`` (periods between the two without a figure),
        ``other_kind`` (a figure of another kind that was not compared, in words), ``hidden`` and
        ``hidden_before`` (small counts of people), then the published columns of the latest period, and those
        of the one before it with the ending ``_before``.

    Notes
    -----
    Years are compared where there are two of them, else quarters, else months; where none has two, the latest
    figure stands alone. None is ever set against one of another kind, nor a percentage against a count.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> rows = pairs(load("islington", "2018/19").kpi)
    >>> rows.loc[rows["indicator"] == "cpa_employment", ["period_before", "period"]].values.tolist()
    [['2017/18', '2018/19']]
    """
    rows = history(kpi)
    names = ("indicator", "group", "unit", "kind", "period", "hidden", "contradicted", *_CARRIED)
    told = {name: rows[name].tolist() for name in names}
    frame = pd.DataFrame([_pair(told, places) for places in series(rows).values()], columns=_COLUMNS)
    numbers = [name for name in _COLUMNS if name.removesuffix("_before") in _CARRIED]
    return frame.astype({**dict.fromkeys(numbers, "float64"), "skipped": "int64"})


def _pair(told: Mapping[str, list[Any]], places: Sequence[int]) -> dict[str, Any]:
    kinds, units, periods = told["kind"], told["unit"], told["period"]
    of_kind = Counter(kinds[place] for place in places)
    kind = next((k for k in ("year", "quarter", "month") if of_kind[k] > 1), kinds[places[-1]])
    *earlier, latest = [place for place in places if kinds[place] == kind]
    before = next((place for place in reversed(earlier) if units[place] == units[latest]), None)
    others = [place for place in places if kinds[place] != kind]
    made = {name: values[latest] for name, values in told.items()}
    made["hidden_before"] = before is not None and told["hidden"][before]
    made["contradicted_before"] = before is not None and told["contradicted"][before]
    made["period_before"] = "" if before is None else periods[before]
    made["skipped"] = 0 if before is None else _periods_skipped(periods[before], periods[latest])
    made |= {f"{name}_before": np.nan if before is None else told[name][before] for name in _CARRIED}
    made["other_kind"] = periods[others[-1]] if before is None and others else ""
    return made


def _periods_skipped(before: str, after: str) -> int:
    step, wanted, count = Period.parse(after).previous(), Period.parse(before), 0
    while step > wanted:
        step, count = step.previous(), count + 1
    return count


# One change, by the method that its figures allow


@dataclass(frozen=True)
class Change:
    """What can be said of one change; in the unit of the change unless stated.

    Parameters
    ----------
    basis : str
        proportions, caseload (the same people month by month, an approximation), counts, mean_of_counts,
        rates, percentage_only, rate_only, stock, clustered, hidden, contradicted or one_period.
    change, lower, upper : float
        Latest less before, with its interval; NaN where no interval is possible.
    relative, relative_lower, relative_upper : float
        In percent of the earlier figure; NaN where that was zero.
    p_value, method : float, str
        Two-sided, of no change, and the method of interval and test; NaN and empty without a test.
    note : str
        What a reader must know besides.
    rounding_low, rounding_high : float
        The change that the unrounded figures may have made.
    base_least, base_central, base_most : float
        People a period from which a change of bare percentages would be significant.
    tipping_factor : float
        Variance, in multiples of Poisson's, at which a significant count stops being so.
    detectable_fall, detectable_rise : float
        Smallest true changes that data of this size show in four cases of five.
    steady : bool
        Whether the change is shown to be smaller than the margin.
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
    rounding_low: float = NAN
    rounding_high: float = NAN
    base_least: float = NAN
    base_central: float = NAN
    base_most: float = NAN
    tipping_factor: float = NAN
    detectable_fall: float = NAN
    detectable_rise: float = NAN
    steady: bool = False


def compare(
    pair: Pair,
    indicator: Indicator,
    *,
    margin: float,
    confidence: float = 0.95,
    monthly_base: tuple[float, float] | None = None,
) -> Change:
    """Compare an indicator's latest figure with the one before it.

    Parameters
    ----------
    pair : mapping
        A row of `pairs`.
    indicator : Indicator
        Its entry in the registry.
    margin : float
        Percentage points below which a change does not matter, > 0.
    confidence : float
        Of intervals, and one less the level of tests, in (0, 1).
    monthly_base : tuple of float, optional
        Mean people of a month before and now, where a year adds up or averages months.

    Returns
    -------
    Change

    Notes
    -----
    A head count on a day and days of the same people are not tested: no test of independent events holds for
    them. The share of a caseload over a year is tested as if the year were one month of mean size, since
    the same people are counted again and again; with the sum of months as the base, p would be far too small.
    Means of months are tested as the counts of the year that they stand for, with the largest p-value among
    all counts that print as these means. A leap day, and the unequal lengths of months, are neglected.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> from s75lib.loaders.indicators import find
    >>> rows = pairs(load("islington", "2018/19").kpi).query("indicator == 'cpa_employment'")
    >>> compare(rows.iloc[0], find("cpa_employment"), margin=3).basis
    'percentage_only'
    """
    if not pair["period_before"]:
        return Change("one_period", note="One period only.")
    if pair["hidden"] or pair["hidden_before"]:
        return Change("hidden", note="Rests on a small count of people, which is not shown.")
    if pair["contradicted"] or pair["contradicted_before"]:
        note = "Not compared: the figures contradict each other (value against numerator and denominator)."
        return Change("contradicted", note=note)
    unit, has_base = pair["unit"], _has_base(pair)
    if indicator.is_stock and unit == "count":
        note = "People present on a day, mostly the same ones: no test of independent events applies."
        return _untested(pair, "stock", note)
    if indicator.is_clustered:
        return _clustered(pair, has_base, confidence)
    if unit == "percent":
        if indicator.is_caseload and monthly_base is not None:
            return _caseload(pair, monthly_base, margin, confidence)
        return _proportions(pair, margin, confidence) if has_base else _bare_percentages(pair, confidence)
    if unit == "count":
        counts = (float(pair["value_before"]), float(pair["value"]))
        return _with_test_of_counts(_untested(pair, "counts"), counts, (1.0, 1.0), 1.0, confidence)
    if has_base:
        return _rates(pair, confidence)
    if unit == "per_month":
        return _means_of_months(pair, confidence)
    return _untested(pair, "rate_only", "Published as a rate without its counts: no test.")


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
    """Add to each ``p_value`` of a frame its p adjusted for all tests: ``p_holm``, ``p_bh``; and ``tests``.

    >>> with_adjusted_p(pd.DataFrame({"p_value": [0.01, np.nan, 0.04]}))[["p_holm", "tests"]].values.tolist()
    [[0.02, 2.0], [nan, 2.0], [0.04, 2.0]]
    """
    p_values = tests["p_value"].to_numpy(dtype=float)
    known = int((~np.isnan(p_values)).sum())
    return tests.assign(
        p_value=p_values, p_holm=holm(p_values), p_bh=benjamini_hochberg(p_values), tests=known
    )


def _has_base(pair: Pair) -> bool:
    """Whether numerators and denominators of both periods are known."""
    return all(pair[f"denominator{end}"] > 0 and not math.isnan(pair[f"numerator{end}"]) for end in ENDS)


def _untested(pair: Pair, basis: str, note: str = "") -> Change:
    """State the change without a test; where the decimals are known, also what rounding leaves open."""
    before, after = float(pair["value_before"]), float(pair["value"])
    low = high = NAN
    decimals = float(pair["decimals_before"]), float(pair["decimals"])
    if pair["unit"] != "count" and not any(math.isnan(number) for number in decimals):
        span = difference(
            attainable(round(before, 6), decimal_places(before, decimals[0])),
            attainable(round(after, 6), decimal_places(after, decimals[1])),
        )
        low, high = float(span.low), float(span.high)
    return Change(
        basis,
        change=round(after - before, 10),
        relative=100 * (after / before - 1) if before else NAN,
        note=note,
        rounding_low=low,
        rounding_high=high,
    )


def _proportions(pair: Pair, margin: float, confidence: float) -> Change:
    """Compare two percentages of which numerators and denominators are known."""
    counts = [float(pair[f"{name}{end}"]) for end in ENDS for name in ("numerator", "denominator")]
    sound = all(count.is_integer() for count in counts) and counts[0] <= counts[1] and counts[2] <= counts[3]
    if not sound:
        return _untested(pair, "rate_only", "Numerator and denominator are not cases among cases: no test.")
    whole = (int(counts[0]), int(counts[1]), int(counts[2]), int(counts[3]))
    found = _with_test_of_shares(_untested(pair, "proportions"), whole, margin, confidence)
    before, after = 100 * counts[0] / counts[1], 100 * counts[2] / counts[3]
    return replace(found, change=after - before, relative=100 * (after / before - 1) if before else NAN)


def _caseload(pair: Pair, base: tuple[float, float], margin: float, confidence: float) -> Change:
    """Compare the share of a caseload over a year or a quarter as if each were one month of mean size."""
    n_before, n_after = round(base[0]), round(base[1])
    met_before, met_after = (
        round(pair[f"value{end}"] * people / 100)
        for end, people in zip(ENDS, (n_before, n_after), strict=True)
    )
    note = (
        "An approximation: the same people are counted month by month, so a "
        f"{pair['kind']} is taken as one month of mean size ({n_before:,} and {n_after:,} people)."
    )
    counts = (met_before, n_before, met_after, n_after)
    return _with_test_of_shares(_untested(pair, "caseload", note), counts, margin, confidence)


def _bare_percentages(pair: Pair, confidence: float) -> Change:
    """Say from which base a change of percentages without bases would be significant."""
    decimals = max(decimal_places(pair[f"value{end}"], pair[f"decimals{end}"]) for end in ENDS)
    tipping = tipping_base(
        round(pair["value_before"], 6), round(pair["value"], 6), decimals, confidence=confidence
    )
    bases = [NAN if base is None else float(base) for base in (tipping.least, tipping.central, tipping.most)]
    note = "Published as a percentage only: without its base no test and no interval."
    return replace(
        _untested(pair, "percentage_only", note),
        base_least=bases[0],
        base_central=bases[1],
        base_most=bases[2],
    )


def _rates(pair: Pair, confidence: float) -> Change:
    """Compare two rates of which events and exposures are known."""
    events = (float(pair["numerator_before"]), float(pair["numerator"]))
    exposures = (float(pair["denominator_before"]), float(pair["denominator"]))
    per = 100_000.0 if pair["unit"] == "per_100k" else 1.0
    return _with_test_of_counts(_untested(pair, "rates"), events, exposures, per, confidence)


def _means_of_months(pair: Pair, confidence: float) -> Change:
    """Compare means of months as the counts of the year that they stand for."""
    months, likely, possible = [], [], []
    for end in ENDS:
        value, length = float(pair[f"value{end}"]), _months(pair["kind"], pair[f"months_reported{end}"])
        printed = attainable(round(value, 6), decimal_places(value, pair[f"decimals{end}"]))
        low, high = max(math.ceil(printed.low * length), 0), math.floor(printed.high * length)
        nearest = round(value * length)
        months.append(length)
        likely.append(nearest)
        possible.append((low, high) if low <= high else (nearest, nearest))
    exposures = (float(months[0]), float(months[1]))
    note = (
        f"Published as means of months: taken as about {likely[0]:,} and {likely[1]:,} in the "
        f"{pair['kind']}; p is the largest that rounding allows."
    )
    start = _untested(pair, "mean_of_counts", note)
    found = _with_test_of_counts(start, (float(likely[0]), float(likely[1])), exposures, 1.0, confidence)
    alike = months[0] == months[1] and possible[0][0] <= possible[1][1] and possible[1][0] <= possible[0][1]
    ends = [
        compare_counts(b, a, exposure_before=exposures[0], exposure_after=exposures[1], confidence=confidence)
        for b, a in product(*possible)
    ]
    largest = 1.0 if alike else max(test.p_value for test in ends)
    # Whether the change is small is known of the counts, and these only stand for what was printed.
    return replace(found, change=start.change, relative=start.relative, p_value=largest, steady=False)


def _months(kind: str, reported: float) -> int:
    return int(reported) if reported > 0 and kind != "month" else MONTHS[kind]


def _clustered(pair: Pair, has_base: bool, confidence: float) -> Change:
    """State the change of what one person gives many of, with the clustering that would undo it; no test."""
    note = "One person gives many of these events, so no test of independent events applies."
    start = _untested(pair, "clustered", note)
    events = [float(pair[f"numerator{end}"]) for end in ENDS]
    if not has_base or pair["unit"] == "percent" or not all(count.is_integer() for count in events):
        return start
    factor = overdispersion_tipping_factor(
        int(events[0]),
        int(events[1]),
        exposure_before=float(pair["denominator_before"]),
        exposure_after=float(pair["denominator"]),
        confidence=confidence,
    )
    return replace(start, tipping_factor=factor)


def _with_test_of_shares(
    start: Change, counts: tuple[int, int, int, int], margin: float, confidence: float
) -> Change:
    """Add interval, test, equivalence and the smallest change that would show."""
    found = compare_proportions(*counts, confidence=confidence)
    even = equivalence_of_proportions(*counts, margin, confidence=confidence)
    power = smallest_detectable_proportion_change(*counts[:2], counts[3], confidence=confidence)
    start = replace(start, detectable_fall=power.fall, detectable_rise=power.rise, steady=even.equivalent)
    return _tested(start, found)


def _with_test_of_counts(
    start: Change, events: tuple[float, float], exposures: tuple[float, float], per: float, confidence: float
) -> Change:
    """Add the exact test; `per` turns rates into the unit of the change."""
    if not all(count.is_integer() and count >= 0 for count in events):
        return replace(start, note=f"{start.note} The counts are not whole numbers: no test.".strip())
    before, after = int(events[0]), int(events[1])
    over = {"exposure_before": exposures[0], "exposure_after": exposures[1]}
    found = compare_counts(before, after, **over, confidence=confidence)
    even = equivalence_of_counts(before, after, MARGIN_OF_COUNTS, **over, confidence=confidence)
    power = smallest_detectable_count_change(before, **over, confidence=confidence)
    factor = NAN
    if found.significant:
        factor = overdispersion_tipping_factor(before, after, **over, confidence=confidence)
    start = replace(
        start,
        change=found.difference * per,
        relative=_finite(found.relative_change),
        tipping_factor=factor,
        detectable_fall=power.fall * per / exposures[1],
        detectable_rise=power.rise * per / exposures[1],
        steady=even.equivalent,
    )
    return _tested(start, found, per)


def _tested(start: Change, found: CountComparison | ProportionComparison, per: float = 1.0) -> Change:
    """Add interval, p-value, method and, as a sentence, the method's note."""
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
