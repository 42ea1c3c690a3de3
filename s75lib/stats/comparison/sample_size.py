"""How many cases a wanted precision needs."""

from __future__ import annotations

__all__ = ["sample_size_for_precision"]

import math

from s75lib.errors import MethodError
from s75lib.stats.intervals.result import check_count, critical_value


def sample_size_for_precision(
    p: float, half_width: float, population: int | None = None, *, confidence: float = 0.95
) -> int:
    """Smallest simple random sample that gives a proportion to within a half-width.

    Parameters
    ----------
    p : float
        Share expected, in (0, 1); 0.5 is the cautious choice and needs the most cases.
    half_width : float
        Half the interval wanted, as a share in (0, 1): 0.05 for plus or minus five percentage points.
    population : int, optional
        Cases to draw from, >= 1; left out, the population is taken as without end.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    int
        Cases, rounded up, at most the population.

    Raises
    ------
    MethodError
        If an input is out of range.

    Notes
    -----
    From the normal approximation, n0 = z^2 p(1 - p) / h^2, then n0 / (1 + (n0 - 1) / N). Where fewer than
    about five events or non-events would be seen the interval is lopsided: take more. It is the number of
    cases read or answers received, not of those drawn.

    References
    ----------
    Cochran, W. G. (1977) Sampling Techniques, 3rd edition, Wiley, sections 4.4 and 4.5.

    Examples
    --------
    >>> sample_size_for_precision(0.5, 0.05), sample_size_for_precision(0.5, 0.05, population=1000)
    (385, 278)
    """
    for name, share in (("p", p), ("half_width", half_width)):
        if not 0 < share < 1:
            raise MethodError(f"{name} is {share}; expected a share between 0 and 1, not a percentage.")
    z = critical_value(confidence)
    cases = z**2 * p * (1 - p) / half_width**2
    if population is None:
        return math.ceil(cases)
    check_count("population", population)
    if population < 1:
        raise MethodError(f"population is {population}; expected 1 or more, or none at all.")
    return min(math.ceil(cases / (1 + (cases - 1) / population)), int(population))
