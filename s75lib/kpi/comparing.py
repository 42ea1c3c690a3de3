"""One change, compared by the method that its figures allow."""

from __future__ import annotations

__all__ = ["compare"]

import math

from s75lib.kpi import events, shares
from s75lib.kpi.compared import Compared, Pair, untested
from s75lib.loaders.indicators import Indicator


def compare(
    pair: Pair,
    indicator: Indicator,
    *,
    margin: float,
    confidence: float = 0.95,
    monthly_base: tuple[float, float] | None = None,
) -> Compared:
    """Compare an indicator's latest figure with the one before it.

    Parameters
    ----------
    pair : mapping
        A row of `s75lib.kpi.pairs.pairs`.
    indicator : Indicator
        Its entry in the registry.
    margin : float
        Percentage points below which a change does not matter.
    confidence : float
        In (0, 1).
    monthly_base : tuple of float, optional
        Mean people of a month before and now, where a year adds up or averages months.

    Returns
    -------
    Compared

    Notes
    -----
    A head count on a day and days of the same people are not tested: no test of independent events holds for
    them. The share of a caseload over a year is tested as if the year were one month of mean size, since
    the same people are counted again and again; with the sum of months as the base, p would be far too small.
    """
    if not pair["period_before"]:
        return Compared("one_period", note="One period only.")
    if pair["hidden"] or pair["hidden_before"]:
        return Compared("hidden", note="Rests on a small count of people, which is not shown.")
    unit, has_base = pair["unit"], _has_base(pair)
    if indicator.is_stock and unit == "count":
        note = "People present on a day, mostly the same ones: no test of independent events applies."
        return untested(pair, "stock", note)
    if indicator.is_clustered:
        return events.clustered(pair, has_base, confidence=confidence)
    if unit == "percent":
        if indicator.is_caseload and monthly_base is not None:
            return shares.caseload(pair, monthly_base, margin=margin, confidence=confidence)
        if has_base:
            return shares.proportions(pair, margin=margin, confidence=confidence)
        return shares.bare_percentages(pair, confidence=confidence)
    if unit == "count":
        return events.counts(pair, confidence=confidence)
    if has_base:
        return events.rates(pair, confidence=confidence)
    if unit == "per_month":
        return events.means_of_months(pair, confidence=confidence)
    return untested(pair, "rate_only", "Published as a rate without its counts: no test.")


def _has_base(pair: Pair) -> bool:
    """Whether numerators and denominators of both periods are known."""
    return all(
        pair[f"denominator{end}"] > 0 and not math.isnan(pair[f"numerator{end}"]) for end in ("_before", "")
    )
