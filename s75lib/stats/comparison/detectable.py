"""The smallest change that the data could have shown."""

from __future__ import annotations

__all__ = ["SmallestChange", "smallest_detectable_count_change", "smallest_detectable_proportion_change"]

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from scipy import optimize

from s75lib.errors import MethodError
from s75lib.stats.comparison.power import count_power, proportion_power
from s75lib.stats.comparison.proportions import SMALL_EXPECTED
from s75lib.stats.intervals.result import check_confidence, check_count, check_events, check_positive


@dataclass(frozen=True)
class SmallestChange:
    """The smallest true changes that a comparison of this size shows with the power wanted.

    Parameters
    ----------
    fall_to, rise_to : float
        True level after: a share from 0 to 1, or an expected count. NaN when no such change could be shown.
    fall, rise : float
        The change itself: percentage points, or events against the count expected without change.
    power : float
        Chance of a significant result, in (0, 1).
    confidence : float
        One less the significance level, in (0, 1).
    method : str
        Name of the method.
    note : str
        What a reader must know besides; empty when there is nothing.
    """

    fall_to: float
    rise_to: float
    fall: float
    rise: float
    power: float
    confidence: float
    method: str
    note: str = ""


def smallest_detectable_proportion_change(
    events_before: int, n_before: int, n_after: int, *, power: float = 0.8, confidence: float = 0.95
) -> SmallestChange:
    """Smallest change of a proportion that two samples of this size would show.

    Parameters
    ----------
    events_before, n_before : int
        Events among cases before; their share is taken as the true one.
    n_after : int
        Cases after, >= 1.
    power : float
        Chance of a significant result wanted, in (0, 1).
    confidence : float
        One less the significance level, in (0, 1).

    Returns
    -------
    SmallestChange
        Levels as shares from 0 to 1, changes in percentage points.

    Raises
    ------
    MethodError
        If a count, the power or the confidence is out of range.

    Notes
    -----
    It answers "what could these data have shown", from the earlier level and the two bases; the later
    result is not used, since power worked out from a result repeats its p-value in other words.
    See `proportion_power` for the approximation; `note` says where counts are too small for it.

    References
    ----------
    Fleiss, J. L., Levin, B. and Paik, M. C. (2003) Statistical Methods for Rates and Proportions,
    3rd edition, Wiley, chapter 4.

    Examples
    --------
    Three of four carers assessed, with a hundred carers a year:

    >>> result = smallest_detectable_proportion_change(75, 100, 100)
    >>> round(result.fall, 1), round(result.rise, 1)
    (-18.7, 15.0)
    """
    check_events(events_before, n_before)
    check_positive("n_before", n_before)
    check_count("n_after", n_after)
    check_positive("n_after", n_after)
    _check_power(power, confidence)
    share = events_before / n_before

    def shortfall(after: float) -> float:
        return proportion_power(share, after, n_before, n_after, confidence=confidence) - power

    fall_to = _crossing(shortfall, share, 0.0, 0.0)
    rise_to = _crossing(shortfall, share, 1.0, 1.0)
    pooled = [(events_before + level * n_after) / (n_before + n_after) for level in (fall_to, rise_to)]
    small = any(min(p, 1 - p) * min(n_before, n_after) < SMALL_EXPECTED for p in pooled if not math.isnan(p))
    approximate = "fewer than five cases expected in a cell: a larger change would be needed than stated"
    notes = [approximate if small else "", _unseen(fall_to, rise_to)]
    return SmallestChange(
        fall_to=fall_to,
        rise_to=rise_to,
        fall=(fall_to - share) * 100,
        rise=(rise_to - share) * 100,
        power=power,
        confidence=confidence,
        method="pooled score test, normal approximation",
        note="; ".join(note for note in notes if note),
    )


def smallest_detectable_count_change(
    before: int,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    power: float = 0.8,
    confidence: float = 0.95,
) -> SmallestChange:
    """Smallest change of a count that a comparison of this size would show.

    Parameters
    ----------
    before : int
        Events before, >= 0, taken as the expected count.
    exposure_before, exposure_after : float
        What the events are counted over, in one unit, > 0.
    power : float
        Chance of a significant result wanted, in (0, 1).
    confidence : float
        One less the significance level, in (0, 1).

    Returns
    -------
    SmallestChange
        Levels as expected counts after, changes in events against the count expected without change.

    Raises
    ------
    MethodError
        If the count is negative, missing or not whole, or another input is out of range.

    Notes
    -----
    See `count_power`. Few events before: not even a fall to none may be significant, then `fall` is NaN.

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940) Biometrika 31, 313-323.

    Examples
    --------
    >>> result = smallest_detectable_count_change(17)
    >>> round(result.fall_to, 1), round(result.rise_to, 1)
    (3.9, 38.4)
    """
    check_count("before", before)
    check_positive("exposure_before", exposure_before)
    check_positive("exposure_after", exposure_after)
    _check_power(power, confidence)
    unchanged = before * exposure_after / exposure_before

    @cache
    def shortfall(after: float) -> float:
        found = count_power(
            before,
            after,
            exposure_before=exposure_before,
            exposure_after=exposure_after,
            confidence=confidence,
        )
        return found - power

    # Four standard errors are more than most searches need: power costs as much as the counts are large.
    step = 4 * math.sqrt((unchanged + 1) * (1 + exposure_after / exposure_before))
    fall_to = _crossing(shortfall, unchanged, unchanged - step, 0.0)
    rise_to = _crossing(shortfall, unchanged, unchanged + step, math.inf)
    return SmallestChange(
        fall_to=fall_to,
        rise_to=rise_to,
        fall=fall_to - unchanged,
        rise=rise_to - unchanged,
        power=power,
        confidence=confidence,
        method="exact conditional test",
        note=_unseen(fall_to, rise_to),
    )


def _check_power(power: float, confidence: float) -> None:
    """Raise MethodError unless the power exceeds the level, as it must to be asked for."""
    check_confidence(confidence)
    if not 1 - confidence < power < 1:
        raise MethodError(
            f"power is {power}; expected more than {1 - confidence:g} and below 1, such as 0.8."
        )


def _crossing(shortfall: Callable[[float], float], unchanged: float, first: float, end: float) -> float:
    """Find the level, from no change to the end, where the shortfall of power vanishes; NaN if none does.

    It lies short of the `first` level that is tried, or of one twice as far.
    """
    if unchanged == end:
        return math.nan
    near, far, step = unchanged, first, first - unchanged
    while True:
        far = max(far, end) if end < unchanged else min(far, end)
        if shortfall(far) >= 0:
            return float(optimize.brentq(shortfall, near, far, xtol=1e-9))
        if far == end:
            return math.nan
        step *= 2
        near, far = far, unchanged + step


def _unseen(fall_to: float, rise_to: float) -> str:
    """Say which direction no change could be shown in."""
    unseen = [word for word, level in (("fall", fall_to), ("rise", rise_to)) if math.isnan(level)]
    return f"no {' and no '.join(unseen)}, however large, would be shown with this power" if unseen else ""
