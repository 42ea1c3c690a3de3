"""Changes of counts, of rates, and of means that stand for counts."""

from __future__ import annotations

__all__ = ["MARGIN_OF_COUNTS", "clustered", "counts", "means_of_months", "rates"]

import math
from dataclasses import replace
from itertools import product

from s75lib.kpi.compared import NAN, Compared, Pair, places, stated, untested
from s75lib.stats.comparison import (
    compare_counts,
    equivalence_of_counts,
    overdispersion_tipping_factor,
    smallest_detectable_count_change,
)
from s75lib.stats.rounding import attainable

MARGIN_OF_COUNTS = 10.0
"""Percent of the earlier count or rate below which a change is taken not to matter."""

ENDS = ("_before", "")
MONTHS = 12
_PER = {"per_100k": 100_000.0}


def counts(pair: Pair, *, confidence: float) -> Compared:
    """Compare two counts of periods of one length.

    Parameters
    ----------
    pair : mapping
        A row of `s75lib.kpi.pairs.pairs`.
    confidence : float
        In (0, 1).

    Returns
    -------
    Compared

    Notes
    -----
    A leap day, and the unequal lengths of months, are neglected.
    """
    found = (float(pair["value_before"]), float(pair["value"]))
    return _tested(untested(pair, "counts"), found, (1.0, 1.0), 1.0, confidence)


def rates(pair: Pair, *, confidence: float) -> Compared:
    """Compare two rates of which events and exposures are known.

    Parameters
    ----------
    pair : mapping
        A row of `s75lib.kpi.pairs.pairs`, with numerators and denominators.
    confidence : float
        In (0, 1).

    Returns
    -------
    Compared
    """
    events = (float(pair["numerator_before"]), float(pair["numerator"]))
    exposures = (float(pair["denominator_before"]), float(pair["denominator"]))
    return _tested(untested(pair, "rates"), events, exposures, _PER.get(pair["unit"], 1.0), confidence)


def means_of_months(pair: Pair, *, confidence: float) -> Compared:
    """Compare means of months as the counts of the year that they stand for.

    Parameters
    ----------
    pair : mapping
        A row of `s75lib.kpi.pairs.pairs`.
    confidence : float
        In (0, 1).

    Returns
    -------
    Compared
        The p-value is the largest among all counts that print as these means.
    """
    months, likely, possible = [], [], []
    for end in ENDS:
        value, length = float(pair[f"value{end}"]), _months(pair["kind"], pair[f"months_reported{end}"])
        printed = attainable(round(value, 6), places(value, stated(pair[f"decimals{end}"])))
        low, high = max(math.ceil(printed.low * length), 0), math.floor(printed.high * length)
        nearest = round(value * length)
        months.append(length)
        likely.append(nearest)
        possible.append((low, high) if low <= high else (nearest, nearest))
    exposures = (float(months[0]), float(months[1]))
    note = (
        f"Published as means of months: taken as about {likely[0]:,} and {likely[1]:,} in the year; p is the "
        "largest that rounding allows."
    )
    start = untested(pair, "mean_of_counts", note)
    found = _tested(start, (float(likely[0]), float(likely[1])), exposures, 1.0, confidence)
    alike = months[0] == months[1] and possible[0][0] <= possible[1][1] and possible[1][0] <= possible[0][1]
    ends = [
        compare_counts(b, a, exposure_before=exposures[0], exposure_after=exposures[1], confidence=confidence)
        for b, a in product(*possible)
    ]
    largest = 1.0 if alike else max(test.p_value for test in ends)
    # Whether the change is small is known of the counts, and these only stand for what was printed.
    return replace(found, change=start.change, relative=start.relative, p_value=largest, steady=False)


def clustered(pair: Pair, has_base: bool, *, confidence: float) -> Compared:
    """State the change of what one person gives many of; no test.

    Parameters
    ----------
    pair : mapping
        A row of `s75lib.kpi.pairs.pairs`.
    has_base : bool
        Whether events and exposures are known.
    confidence : float
        In (0, 1).

    Returns
    -------
    Compared
        With events and exposures, the clustering at which the change would stop being significant.
    """
    note = "One person gives many of these events, so no test of independent events applies."
    start = untested(pair, "clustered", note)
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


def _tested(
    start: Compared,
    events: tuple[float, float],
    exposures: tuple[float, float],
    per: float,
    confidence: float,
) -> Compared:
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
    note = f"{found.note[0].upper()}{found.note[1:]}." if found.note else ""
    return replace(
        start,
        change=found.difference * per,
        lower=found.difference_lower * per,
        upper=found.difference_upper * per,
        relative=_finite(found.relative_change),
        relative_lower=_finite(found.relative_change_lower),
        relative_upper=_finite(found.relative_change_upper),
        p_value=found.p_value,
        method=found.method,
        note=" ".join(filter(None, (start.note, note))),
        tipping_factor=factor,
        detectable_fall=power.fall * per / exposures[1],
        detectable_rise=power.rise * per / exposures[1],
        steady=even.equivalent,
    )


def _finite(value: float) -> float:
    return value if math.isfinite(value) else NAN


def _months(kind: str, reported: float) -> int:
    if kind == "month":
        return 1
    return MONTHS if math.isnan(reported) or reported == 0 else int(reported)
