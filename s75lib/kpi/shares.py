"""Changes of percentages: with their bases, of a caseload, or published bare."""

from __future__ import annotations

__all__ = ["bare_percentages", "caseload", "proportions"]

from dataclasses import replace

from s75lib.kpi.compared import NAN, Compared, Pair, places, stated, untested
from s75lib.stats.comparison import (
    compare_proportions,
    equivalence_of_proportions,
    smallest_detectable_proportion_change,
)
from s75lib.stats.rounding import tipping_base

ENDS = ("_before", "")


def proportions(pair: Pair, *, margin: float, confidence: float) -> Compared:
    """Compare two percentages of which numerators and denominators are known.

    Parameters
    ----------
    pair : mapping
        A row of `s75lib.kpi.pairs.pairs`.
    margin : float
        Percentage points below which a change does not matter.
    confidence : float
        In (0, 1).

    Returns
    -------
    Compared
    """
    counts = [float(pair[f"{name}{end}"]) for end in ENDS for name in ("numerator", "denominator")]
    sound = all(count.is_integer() for count in counts) and counts[0] <= counts[1] and counts[2] <= counts[3]
    if not sound:
        return untested(pair, "rate_only", "Numerator and denominator are not cases among cases: no test.")
    start = untested(pair, "proportions")
    found = _tested(
        start, (int(counts[0]), int(counts[1]), int(counts[2]), int(counts[3])), margin, confidence
    )
    before, after = 100 * counts[0] / counts[1], 100 * counts[2] / counts[3]
    return replace(found, change=after - before, relative=100 * (after / before - 1) if before else NAN)


def caseload(pair: Pair, base: tuple[float, float], *, margin: float, confidence: float) -> Compared:
    """Compare a year's share of a caseload as if each year were one month of mean size.

    Parameters
    ----------
    pair : mapping
        A row of `s75lib.kpi.pairs.pairs`.
    base : tuple of float
        Mean people of a month, before and now.
    margin, confidence : float
        As in `proportions`.

    Returns
    -------
    Compared
        The change is that of the printed figures; interval and test are of the approximation.
    """
    n_before, n_after = round(base[0]), round(base[1])
    counts = (
        round(pair["value_before"] * n_before / 100),
        n_before,
        round(pair["value"] * n_after / 100),
        n_after,
    )
    note = (
        "An approximation: the same people are counted month by month, so a year is taken as one month of "
        f"mean size ({n_before:,} and {n_after:,} people)."
    )
    return _tested(untested(pair, "caseload", note), counts, margin, confidence)


def bare_percentages(pair: Pair, *, confidence: float) -> Compared:
    """Say from which base a change of percentages without bases would be significant.

    Parameters
    ----------
    pair : mapping
        A row of `s75lib.kpi.pairs.pairs`.
    confidence : float
        In (0, 1).

    Returns
    -------
    Compared
    """
    decimals = max(places(pair[f"value{end}"], stated(pair[f"decimals{end}"])) for end in ENDS)
    tipping = tipping_base(
        round(pair["value_before"], 6), round(pair["value"], 6), decimals, confidence=confidence
    )
    bases = [NAN if base is None else float(base) for base in (tipping.least, tipping.central, tipping.most)]
    note = "Published as a percentage only: without its base no test and no interval."
    return replace(
        untested(pair, "percentage_only", note),
        base_least=bases[0],
        base_central=bases[1],
        base_most=bases[2],
    )


def _tested(start: Compared, counts: tuple[int, int, int, int], margin: float, confidence: float) -> Compared:
    """Add interval, test, equivalence and the smallest change that would show."""
    found = compare_proportions(*counts, confidence=confidence)
    even = equivalence_of_proportions(*counts, margin, confidence=confidence)
    power = smallest_detectable_proportion_change(*counts[:2], counts[3], confidence=confidence)
    note = f"{found.note[0].upper()}{found.note[1:]}." if found.note else ""
    return replace(
        start,
        lower=found.difference_lower,
        upper=found.difference_upper,
        relative_lower=found.relative_change_lower,
        relative_upper=found.relative_change_upper,
        p_value=found.p_value,
        method=found.method,
        note=" ".join(filter(None, (start.note, note))),
        detectable_fall=power.fall,
        detectable_rise=power.rise,
        steady=even.equivalent,
    )
