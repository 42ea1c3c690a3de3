"""The options of a control chart, and the mean and limits of one phase: XmR, p and u with Laney's, and g."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from s75lib.errors import MethodError

FloatArray = npt.NDArray[np.float64]
Polarity = Literal["higher_is_better", "lower_is_better", "neither"]
Dispersion = Literal["above_one", "always", "never"]
NoLimits = Literal["", "short", "few_ranges", "constant", "almost_constant", "no_variation"]

_RUN_LENGTHS = (6, 7, 8)
_FEWEST_POINTS = 3

# 3 / d2 and D4 for ranges of two, as Making Data Count prints them; d2 itself for Laney's sigma_z.
_XMR_FACTOR = 2.66
_SCREEN_FACTOR = 3.267
_RANGE_OF_TWO = 1.128
_NEAR_SHARE = 2 / 3

# Tail areas beyond 3 and 2 standard errors of a normal: the g chart's probability limits.
_OUTSIDE = float(ndtr(-3))
_NEAR = float(ndtr(-2))


@dataclass(frozen=True)
class ChartOptions:
    """How limits are computed and rules are read; the defaults follow Making Data Count where it is sound.

    - `shift_length`, `trend_length`: Consecutive points on one side of the mean that make a shift, and points
      that each go further the same way and so make a trend: 6, 7 or 8.
    - `near_includes_outside`: Whether a point outside a limit also counts as one of the two of three near it.
    - `screen_moving_ranges`: Leave moving ranges above 3.267 times their mean out of an XmR chart's limits.
    - `lower_bound`, `upper_bound`: What the values cannot pass, such as 0 and 100 for percentages, 0 for
      counts; limits stop there.
    - `baseline`: Compute each phase's limits from its first so many points; all of them when None.
    - `minimum_points`: Fewest points of a phase, from 3, on which limits are drawn.
    - `almost_constant_share`: Share of zero moving ranges, in (0, 1], above which no limits are drawn.
    - `conflict` in {"mixed", "improving"}: The icon when the latest point has signals both ways.
    - `correlation`: Of neighbouring points, from 0 and below 1: limits then rest on the standard deviation of
      all points, corrected for it, and only points outside them are signals. None: points are independent.
    - `spread`: With a correlation, the standard deviation of a p or u chart's points as a multiple of
      chance's; None: measured from the points. Never below 1.

    >>> ChartOptions(lower_bound=0, upper_bound=100).shift_length
    7
    """

    shift_length: int = 7
    trend_length: int = 7
    near_includes_outside: bool = True
    screen_moving_ranges: bool = False
    lower_bound: float | None = None
    upper_bound: float | None = None
    baseline: int | None = None
    minimum_points: int = 13
    almost_constant_share: float = 0.5
    conflict: Literal["mixed", "improving"] = "mixed"
    correlation: float | None = None
    spread: float | None = None

    def __post_init__(self) -> None:
        for name in ("shift_length", "trend_length"):
            _require(getattr(self, name) in _RUN_LENGTHS, name, getattr(self, name), "6, 7 or 8")
        check_choice("conflict", self.conflict, ("mixed", "improving"))
        _require(
            self.minimum_points >= _FEWEST_POINTS, "minimum_points", self.minimum_points, "3 points or more"
        )
        _require(self.baseline is None or self.baseline >= 2, "baseline", self.baseline, "2 points or more")
        _require(
            0 < self.almost_constant_share <= 1,
            "almost_constant_share",
            self.almost_constant_share,
            "a share above 0 and up to 1",
        )
        alike = self.correlation is None or 0 <= self.correlation < 1
        _require(alike, "correlation", self.correlation, "a number from 0 and below 1")
        if self.lower_bound is not None and self.upper_bound is not None:
            _require(
                self.lower_bound < self.upper_bound,
                "lower_bound",
                self.lower_bound,
                f"a number below upper_bound, {self.upper_bound}",
            )


def check_choice(name: str, found: str, choices: tuple[str, ...]) -> None:
    """Raise MethodError unless an argument is one of its choices."""
    _require(found in choices, name, found, " or ".join(choices))


def _require(holds: bool, name: str, found: object, expected: str) -> None:
    if not holds:
        raise MethodError(f"{name}: found {found!r}; expected {expected}. Correct the argument {name}.")


def tolerance(values: FloatArray) -> float:
    """Difference below which two values are the same but for rounding in the machine."""
    largest = np.fmax.reduce(np.abs(values), initial=0.0)
    return 1e-12 * float(largest)


@dataclass(frozen=True, eq=False)
class PhaseFit:
    """Lines of one phase and what they rest on.

    - `mean`, `lower`, `upper`, `near_lower`, `near_upper`: Centre line and limits, one per phase, or per
      point where limits vary; NaN without values or limits.
    - `limit_points`: Points that the lines are computed from.
    - `reason`: Why there are no limits; empty when there are.
    - `screened`, `zero_ranges`, `ranges`: Moving ranges left out, equal to zero, and in all.
    - `sigma_z`, `prime`: Laney's ratio, NaN outside p and u charts; whether the limits are Laney's.
    """

    mean: float
    lower: float | FloatArray
    upper: float | FloatArray
    near_lower: float | FloatArray
    near_upper: float | FloatArray
    limit_points: int
    reason: NoLimits
    screened: int = 0
    zero_ranges: int = 0
    ranges: int = 0
    sigma_z: float = math.nan
    prime: bool = False


def fit_xmr(values: FloatArray, options: ChartOptions) -> PhaseFit:
    """Mean ± 2.66 mean moving ranges of one phase; see `xmr_chart` for the method."""
    base = _baseline(values, options.baseline)
    observed = base[~np.isnan(base)]
    if not observed.size:
        return _bare(math.nan, 0, "short")
    mean = float(observed.mean())
    ranges = np.abs(np.diff(base))
    ranges = ranges[~np.isnan(ranges)]
    slack = tolerance(observed)
    zeros = int(np.count_nonzero(ranges <= slack))
    reason = _xmr_reason(observed.size, ranges.size, zeros, options)
    if not ranges.size:
        return _bare(mean, observed.size, reason)
    typical, screened = float(ranges.mean()), 0
    if options.screen_moving_ranges:
        kept = ranges[ranges <= _SCREEN_FACTOR * typical]
        # Screening that leaves only zero ranges would make limits of no width: then it is not applied.
        if float(kept.mean()) > slack:
            typical, screened = float(kept.mean()), ranges.size - kept.size
    if reason:
        return _bare(mean, observed.size, reason, zeros, ranges.size)
    width = _XMR_FACTOR * typical
    if options.correlation is not None:
        width = 3 * _marginal_deviation(observed, options.correlation)
    lines = _bounded(mean, width, options)
    return PhaseFit(mean, *lines, observed.size, "", screened, zeros, ranges.size)


def fit_attribute(
    values: FloatArray,
    denominators: FloatArray,
    unit_variance: float,
    mean: float,
    limit_points: int,
    dispersion: Dispersion,
    options: ChartOptions,
) -> PhaseFit:
    """Limits mean ± 3 standard errors of a p or u chart, Laney's where over-dispersed."""
    if limit_points < options.minimum_points:
        return _bare(mean, limit_points, "short")
    if not unit_variance > 0:
        return _bare(mean, limit_points, "no_variation")
    errors = np.sqrt(unit_variance / denominators)
    scores = _baseline((values - mean) / errors, options.baseline)
    ranges = np.abs(np.diff(scores))
    ranges = ranges[~np.isnan(ranges)]
    sigma_z = float(ranges.mean()) / _RANGE_OF_TWO if ranges.size else math.nan
    prime = dispersion != "never" and (sigma_z > 1 or (dispersion == "always" and ranges.size > 0))
    if options.correlation is not None:
        # Laney's ratio comes from neighbours, whose likeness makes it too small.
        measured = float(np.nanstd(scores, ddof=1))
        sigma_z = max(measured if options.spread is None else options.spread, 1.0)
        prime = sigma_z > 1
    if prime and not sigma_z > 0:
        return _bare(mean, limit_points, "no_variation")
    lines = _bounded(mean, 3 * errors * (sigma_z if prime else 1.0), options)
    return PhaseFit(mean, *lines, limit_points, "", sigma_z=sigma_z, prime=prime)


def fit_geometric(
    values: FloatArray, limits: Literal["probability", "three_sigma"], options: ChartOptions
) -> PhaseFit:
    """Lines of a g chart from the geometric distribution with the gaps' mean."""
    base = _baseline(values, options.baseline)
    observed = base[~np.isnan(base)]
    if not observed.size:
        return _bare(math.nan, 0, "short")
    gap = float(observed.mean())
    if gap == 0:
        return _bare(0.0, observed.size, "short" if observed.size < options.minimum_points else "constant")
    log_miss = math.log1p(-1 / (1 + gap))
    centre = max(0.0, -math.log(2) / log_miss - 0.5)
    if observed.size < options.minimum_points:
        return _bare(centre, observed.size, "short")
    if limits == "three_sigma":
        spread = math.sqrt(gap * (gap + 1))
        lines = (max(0.0, gap - 3 * spread), gap + 3 * spread, max(0.0, gap - 2 * spread), gap + 2 * spread)
    else:
        lines = (
            _largest_below(_OUTSIDE, log_miss),
            _smallest_above(_OUTSIDE, log_miss),
            _largest_below(_NEAR, log_miss),
            _smallest_above(_NEAR, log_miss),
        )
    return PhaseFit(centre, *lines, observed.size, "")


def _marginal_deviation(observed: FloatArray, correlation: float) -> float:
    """Give an autoregressive series' standard deviation: that of few points alike is too small."""
    size = observed.size
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    shared = float(np.power(correlation, apart).sum()) / size
    return float(observed.std(ddof=1)) * math.sqrt((size - 1) / (size - shared))


def _xmr_reason(points: int, ranges: int, zeros: int, options: ChartOptions) -> NoLimits:
    if points < options.minimum_points:
        return "short"
    # Gaps may leave too few pairs of neighbours to say how much the values vary.
    if 2 * ranges < options.minimum_points - 1:
        return "few_ranges"
    if zeros == ranges:
        return "constant"
    if zeros > options.almost_constant_share * ranges:
        return "almost_constant"
    return ""


def _baseline(values: FloatArray, points: int | None) -> FloatArray:
    if points is None:
        return values
    observed = np.flatnonzero(~np.isnan(values))
    return values if observed.size <= points else values[: observed[points - 1] + 1]


def _smallest_above(tail: float, log_miss: float) -> float:
    """Smallest whole gap that a longer one exceeds with at most this probability."""
    return max(0.0, math.ceil(math.log(tail) / log_miss) - 1.0)


def _largest_below(tail: float, log_miss: float) -> float:
    """Largest whole gap that a shorter one falls below with at most this probability."""
    return float(math.floor(math.log1p(-tail) / log_miss))


def _bounded(
    mean: float, width: float | FloatArray, options: ChartOptions
) -> tuple[float | FloatArray, float | FloatArray, float | FloatArray, float | FloatArray]:
    low = -math.inf if options.lower_bound is None else options.lower_bound
    high = math.inf if options.upper_bound is None else options.upper_bound
    near = _NEAR_SHARE * width
    return (
        np.maximum(mean - width, low),
        np.minimum(mean + width, high),
        np.maximum(mean - near, low),
        np.minimum(mean + near, high),
    )


def _bare(mean: float, points: int, reason: NoLimits, zeros: int = 0, ranges: int = 0) -> PhaseFit:
    nan = math.nan
    return PhaseFit(mean, nan, nan, nan, nan, points, reason, zero_ranges=zeros, ranges=ranges)
