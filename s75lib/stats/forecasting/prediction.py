"""Forecast one monthly series, with a predictive distribution from which sample paths can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from s75lib.errors import MethodError
from s75lib.stats.forecasting.smoothing import (
    COUNT_OFFSET,
    FORMS,
    Array,
    Combination,
    combine,
    family,
    from_root,
    log_prior,
    smoothed,
    to_root,
)

_LONGEST, _YEAR = 120, 12
# Coverage of the intervals.
_LEVELS = (0.8, 0.95)
# Known steps: the prior standard deviation of the change, relative to the level on the root scale.
_STEP_SPREAD = 0.25
# Measured over the evaluation set: the mixture alone is a little too wide for counts.
_CALIBRATION = 0.96
# Share of the correlation between any two months that no member sees: measured on totals over months.
_TOGETHER = 0.1
# Expected count a month below which its square root is far from normal.
_RARE = 2.0
# Standard errors beyond which a month counts as an outlier.
_SURPRISE = 3.0


@dataclass(frozen=True)
class Predictive:
    """Joint distribution of the months ahead, in the units of the series.

    Student-t on the scale of `to_root`, taken back and rounded for counts; rare counts are negative-binomial
    in each month (Cameron and Trivedi 2013, 3.3), and move together over months as the Student-t does.

    - `location`, `scale` (horizon,) and (horizon, horizon): Centre and scale matrix of the multivariate
      Student-t on the root scale.
    - `rare_mean` (horizon,): Expected counts, for counts so few that their square root is far from normal.

    >>> law = Predictive(np.array([20.0]), np.array([[1.0]]), 30.0, True)
    >>> law.quantile(0.025), law.quantile(0.975)
    (array([80.]), array([121.]))
    """

    location: Array
    scale: Array
    degrees: float
    integer: bool
    rare_mean: Array | None = None

    @cached_property
    def spread(self) -> Array:
        """Scale of each month on the root scale, (horizon,)."""
        return np.asarray(np.sqrt(np.diag(self.scale)))

    @cached_property
    def _root_variance(self) -> Array:
        return self.spread**2 * self.degrees / (self.degrees - 2.0)

    @cached_property
    def mean(self) -> Array:
        """Expected value of each month, (horizon,)."""
        if self.rare_mean is not None:
            return self.rare_mean
        square = np.maximum(self.location, 0.0) ** 2 + self._root_variance
        return np.maximum(square / 4.0 - (COUNT_OFFSET if self.integer else 0.0), 0.0)

    @property
    def is_rare(self) -> bool:
        """Whether these are rare counts, which are negative-binomial."""
        return self.rare_mean is not None

    @property
    def centre(self) -> Array:
        """Median of each month, (horizon,); a whole number for rare counts alone."""
        return self.quantile(0.5) if self.is_rare else from_root(self.location, self.integer)

    def quantile(self, probability: float) -> Array:
        """Quantile of each month, (horizon,); whole numbers for counts."""
        if self.is_rare:
            return np.asarray((self._distribution < probability).sum(axis=1), dtype=float)
        z = self.location + float(special.stdtrit(self.degrees, probability)) * self.spread
        return self._rounded(from_root(z, self.integer))

    def months(self) -> dict[str, npt.NDArray[Any]]:
        """Give step (1..horizon), mean, central (median), and lower_80, upper_80, lower_95 and upper_95."""
        step = np.arange(1, self.location.size + 1)
        told: dict[str, npt.NDArray[Any]] = {"step": step, "mean": self.mean, "central": self.centre}
        for level in _LEVELS:
            told[f"lower_{100 * level:g}"] = self.quantile(0.5 - level / 2.0)
            told[f"upper_{100 * level:g}"] = self.quantile(0.5 + level / 2.0)
        return told

    def draw(self, normal: Array, rng: np.random.Generator) -> Array:
        """Draw joint paths from normal draws, (n, horizon); `rng` gives the heavy tail that a path shares."""
        mixing = np.sqrt(self.degrees / rng.chisquare(self.degrees, size=(len(normal), 1)))
        z = (normal @ _symmetric_root(self.scale).T) * mixing
        if not self.is_rare:
            return self._rounded(from_root(self.location + z, self.integer))
        # Where the t passes the probability of each count: far fewer than there are draws.
        ends = special.stdtrit(self.degrees, self._distribution)
        columns = zip(ends, (z / self.spread).T, strict=True)
        return np.column_stack([np.searchsorted(known, wanted) for known, wanted in columns]).astype(float)

    @cached_property
    def _distribution(self) -> Array:
        """P(count <= k) of each month, k from nought to where nothing is left; negative-binomial."""
        mean = self.mean
        root_mean = np.maximum(self.location, 0.0)
        variance = (2.0 * root_mean**2 + self._root_variance) * self._root_variance / 8.0
        # Never less scattered than Poisson, which is the limit as the excess goes to nought.
        excess = np.maximum(variance - mean, 1e-6 * mean)
        most = int(np.max(mean + 12.0 * np.sqrt(mean + excess))) + 10
        size, success = mean**2 / excess, mean / (mean + excess)
        return np.asarray(special.betainc(size[:, None], np.arange(1.0, most + 2.0), success[:, None]))

    def _rounded(self, values: Array) -> Array:
        return np.rint(values) if self.integer else values


def _symmetric_root(scale: Array) -> Array:
    # Symmetric, so that equal draws mean equal surprises in every series that moves together.
    values, vectors = np.linalg.eigh(scale)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


@dataclass(frozen=True)
class Forecast:
    """A forecast of one series.

    `law` is the predictive distribution, `mixed` the weighed family that it came of; `residuals` (n,) are
    each month less its prediction from all the other months, in the units of the series.
    """

    law: Predictive = field(repr=False)
    mixed: Combination = field(repr=False)
    residuals: Array

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per month ahead, with the columns of `Predictive.months`, in the units of the series.

        For rare counts `central` is often 0: their `mean` adds up.
        """
        return pd.DataFrame(self.law.months())

    @property
    def method(self) -> str:
        """How it was made, in words."""
        weights, law = self.mixed.weights, self.law
        shares = ", ".join(f"{name} {100 * weights[name]:.0f}%" for name in FORMS)
        root = f"Student-t intervals on the square root{' of counts' if law.integer else ''}"
        return (
            f"combination of smoothing models ({shares}); a seasonal pattern has weight "
            f"{100 * weights['seasonal']:.0f}%; {'negative-binomial intervals' if law.is_rare else root}"
        )

    @property
    def horizon(self) -> int:
        """Months ahead."""
        return self.law.location.size

    def simulate(self, n: int, rng: np.random.Generator, *, normal: Array | None = None) -> Array:
        """Draw `n` joint sample paths, (n, horizon): a month's quantiles over the paths are those of `table`.

        `normal`, of the same shape, takes the place of new standard normal draws, for series that move
        together.
        """
        draws = rng.standard_normal((n, self.horizon)) if normal is None else normal
        return self.law.draw(draws, rng)


def forecast(
    values: npt.ArrayLike,
    horizon: int,
    *,
    integer: bool | None = None,
    steps: Sequence[int] = (),
) -> Forecast:
    """Forecast a monthly series by a combination of smoothing models.

    Works on twice the square root, which steadies the variance of counts and keeps forecasts non-negative.
    The noise variance has a floor, so that even one value, a constant or an all-zero series has an honest
    interval. Outlying months are drawn in. Counts expected below two a month are
    negative-binomial. Source: Hyndman and others (2008) Forecasting with Exponential Smoothing, Springer.

    Parameters
    ----------
    values : array-like, (n,)
        The series, oldest first, >= 0; NaN is a missing month. Of more than 120 months the last 120 are used.
    horizon : int
        Months ahead, >= 1.
    integer : bool, optional
        Whether the values are counts; by default, whether all of them are whole.
    steps : sequence of int
        Known steps: position (0-based) of the first month at each new level.

    Examples
    --------
    >>> table = forecast([20, 22, 19, 21, 20, 18, 22, 20], 3).table
    >>> table[["lower_95", "upper_95"]].iloc[0].tolist()
    [14.0, 27.0]
    """
    series = _checked(values, horizon)
    dropped = max(series.size - _LONGEST, 0)
    starts = [p - dropped for p in _checked_steps(steps, series.size) if p > dropped]
    series = series[dropped:]
    known = series[~np.isnan(series)]
    counts = bool((known == np.round(known)).all()) if integer is None else integer
    z = to_root(series, counts)

    columns = (np.arange(series.size)[:, None] >= np.array(starts, dtype=int)).astype(float)
    members = family(series.size, horizon, _YEAR)
    future = np.ones((horizon, len(starts)))
    ridge = _step_ridge(z, columns, counts)
    log_odds = log_prior(members, series.size, series.size - max(starts, default=0))
    floor = _noise_floor(series, counts)

    def weigh(root: Array) -> Combination:
        return combine(
            root, members, regressors=columns, future=future, ridge=ridge, log_odds=log_odds, floor=floor
        )

    mixed = weigh(z)
    tamed = _tamed(z, mixed)
    mixed = weigh(tamed) if tamed is not z else mixed
    law = Predictive(mixed.location, _widened(mixed.scale), mixed.degrees, counts)
    if counts and law.mean.mean() < _RARE and np.nansum(series) > 0.0:
        weight = mixed.member_weights
        plain = smoothed(series, members, weight, regressors=columns, future=future, ridge=ridge)
        # Where smoothing leaves nothing: half an event over the months seen, the mean under Jeffreys' prior.
        law = replace(law, rare_mean=np.maximum(plain, 0.5 / np.sum(~np.isnan(series))))
    return Forecast(
        law=law,
        mixed=mixed,
        residuals=series - from_root(z - mixed.residuals, counts),
    )


def _checked(values: npt.ArrayLike, horizon: int) -> Array:
    series = np.asarray(values, dtype=float)
    if series.ndim != 1 or np.isnan(series).all():
        raise MethodError(
            f"found values of shape {series.shape}, {int(np.sum(~np.isnan(series)))} of them present; "
            "expected one dimension with at least one value. Pass one series at a time."
        )
    present = series[~np.isnan(series)]
    if (present < 0).any() or np.isinf(present).any():
        raise MethodError(
            f"found {present.min():g} to {present.max():g}; expected finite values of nought or more. "
            "Forecast the gains and the losses as two series."
        )
    if horizon < 1:
        raise MethodError(f"found horizon {horizon}; expected 1 month or more.")
    return series


def _checked_steps(steps: Sequence[int], n: int) -> list[int]:
    found = sorted(set(steps))
    if any(p < 1 or p >= n for p in found):
        raise MethodError(
            f"found steps at {found} in a series of {n}; expected positions from 1 to {n - 1}, "
            "the first month at the new level. A step that no month has yet seen belongs in a scenario."
        )
    return [int(p) for p in found]


def _noise_floor(series: Array, counts: bool) -> float:
    present = series[~np.isnan(series)]
    # A value alone says nothing of spread: 20% of it, less as values agree; for counts Poisson, one here.
    relative = (0.2 / present.size) ** 2 * float(present.mean())
    return max(relative, min(1.0, 3.0 / present.size)) if counts else max(relative, 1e-12)


def _step_ridge(z: Array, columns: Array, counts: bool) -> Array:
    """Prior precision of each step's effect, in units of the noise variance."""
    if columns.shape[1] == 0:
        return np.zeros(0)
    # Differences across a step are left out, so that the step does not pass for noise.
    across = np.diff(columns, axis=0).any(axis=1)
    moves = np.diff(z)[~across]
    moves = moves[~np.isnan(moves)]
    noise = float(np.mean(moves**2)) / 2.0 if moves.size else 1.0
    noise = max(noise, 1.0) if counts else noise  # counts are at least Poisson
    spread = _STEP_SPREAD * float(np.nanmean(z))
    return np.full(columns.shape[1], noise / spread**2 if spread > 0.0 else 1.0)


def _tamed(z: Array, mixed: Combination) -> Array:
    """Draw months beyond the surprise limit in to it; the same object when there are none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        score = mixed.residuals / mixed.residuals_sd
    score = np.nan_to_num(score)  # a month that is missing surprises nobody
    excess = np.sign(score) * np.maximum(np.abs(score) - _SURPRISE, 0.0)
    return np.where(excess != 0.0, z - excess * mixed.residuals_sd, z) if excess.any() else z


def _widened(scale: Array) -> Array:
    """Calibrate the months' spread, and their correlation, on which totals depend."""
    spread = np.sqrt(np.diag(scale))
    return _CALIBRATION * ((1.0 - _TOGETHER) * scale + _TOGETHER * np.outer(spread, spread))
