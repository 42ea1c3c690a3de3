"""The smoothing family as Gaussian processes, weighed by its evidence into one predictive distribution.

A member is ``z = 1 l + g b + s + L e``: a level l with a flat prior, a slope b with variance 1/400, a
seasonal pattern s with variance `ratio`, and innovations e of variance one whose effects are the columns of L
(Hyndman and others 2008, tables 6.1 and 6.2). All variances are in units of the noise variance. Forecasts,
residual sum of squares and restricted likelihood of such a model are linear algebra on its covariance.

Sources: Hyndman and others (2008) Forecasting with Exponential Smoothing; Rasmussen and Williams (2006)
Gaussian Processes for Machine Learning, 2.7; Hoeting and others (1999) Statistical Science 14, 382-417; the
power of the likelihood: Miller and Dunson (2019) Journal of the American Statistical Association 114,
1113-1125; the square root of counts: Anscombe (1948) Biometrika 35, 246-254.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import special

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

Array = npt.NDArray[np.float64]

FORMS = ("simple exponential smoothing", "drift", "damped trend", "mean reversion")
_SES, _DRIFT, _DAMPED, _REVERTING = range(4)

# Grids over the smoothing parameters: fine enough that a finer one leaves the measured accuracy where it is.
_LEVEL = (0.0, 0.02, 0.08, 0.16, 0.26, 0.40, 0.60, 0.90)
_LEVEL_DRIFT = (0.0, 0.05, 0.16, 0.35, 0.70)
_LEVEL_DAMPED = (0.05, 0.20, 0.45, 0.80)
_SLOPE_SHARE = (0.03, 0.15)
_DAMPING = (0.85, 0.95)
_REVERTING_LEVEL = (0.2, 0.45, 0.8)
_REVERTING_DAMPING = (0.5, 0.75, 0.92)
# Standard deviation of a month's seasonal effect over that of the noise, squared.
_SEASONAL_RATIO = (0.0, 0.15, 0.6, 2.5, 15.0)
_SEASONAL_DRIFT = 0.05
_SLOPE_PRECISION = 400.0
# Prior probability of no season; higher once a step is known, which explains what a season would have had to.
_NO_SEASON, _NO_SEASON_STEPPED = 0.3, 0.6
# Months that one factor serves; a longer series with its horizon has a factor of its own.
_SIZES = (36, 48, 72, 132)
# No member is true, so longer series count as evidence of a year: the likelihood is raised to 12 / months.
_EVIDENCE_MONTHS = 12
# Degrees of freedom of the noise itself: months are heavier-tailed than normal.
_TAIL = 10.0
# Members below this share of the greatest weight are left out of the residuals.
_NEGLIGIBLE = 1e-4
# Anscombe's offset: the variance of twice the root of a Poisson count is then near one.
COUNT_OFFSET = 0.375

T = TypeVar("T")
_KEPT: list[_lru_cache_wrapper[Any]] = []


def kept(most: int) -> Callable[[Callable[..., T]], _lru_cache_wrapper[T]]:
    """Keep what a function gives until `release`: a decorator as `functools.lru_cache`."""

    def keep(make: Callable[..., T]) -> _lru_cache_wrapper[T]:
        _KEPT.append(lru_cache(maxsize=most)(make))
        return _KEPT[-1]

    return keep


def release() -> None:
    """Give back what is kept for further series of the same lengths: some megabytes for each length.

    Examples
    --------
    >>> made = family(12, 6, 12)
    >>> release()
    >>> family(12, 6, 12) is made
    False
    """
    for cached in _KEPT:
        cached.cache_clear()


def to_root(values: Array, integer: bool) -> Array:
    """Twice the square root, of counts plus 3/8: the scale on which models work; NaN stays."""
    return np.asarray(2.0 * np.sqrt(values + (COUNT_OFFSET if integer else 0.0)))


def from_root(z: Array, integer: bool) -> Array:
    """Undo `to_root`; nothing falls below nought, and counts are not rounded."""
    return np.maximum(np.maximum(z, 0.0) ** 2 / 4.0 - (COUNT_OFFSET if integer else 0.0), 0.0)


@dataclass(frozen=True, eq=False)
class Family:
    """Every member's operators for series of one length; the leading axis of each array is the member.

    - `form`, `parameters` (members,) and (members, 4): Index into `FORMS`; alpha, beta, phi and the seasonal
      variance ratio.
    - `whitener` (members, n, n): Lower-triangular W with ``W C W' = I``, C the covariance of the months
      observed about their level.
    - `response` (members, horizon, n): Effect of the whitened months on the months ahead.
    - `spread` (members, horizon, horizon): Covariance of the months ahead given those observed, the level
      being known.
    - `leverage`, `log_determinant` (members, n) and (members,): Diagonal of ``W'W``; of C.
    """

    form: npt.NDArray[np.int64]
    parameters: Array
    whitener: Array
    response: Array
    spread: Array
    leverage: Array
    log_determinant: Array


def _members() -> tuple[npt.NDArray[np.int64], Array]:
    rows = [(_SES, alpha, 0.0, 0.0) for alpha in _LEVEL]
    rows += [(_DRIFT, alpha, 0.0, 1.0) for alpha in _LEVEL_DRIFT]
    rows += [
        (_DAMPED, alpha, alpha * share, phi)
        for alpha in _LEVEL_DAMPED
        for share in _SLOPE_SHARE
        for phi in _DAMPING
    ]
    rows += [(_REVERTING, alpha, 0.0, phi) for alpha in _REVERTING_LEVEL for phi in _REVERTING_DAMPING]
    table = np.array(rows)
    return table[:, 0].astype(np.int64), table[:, 1:]


def _innovation_response(form: int, alpha: float, beta: float, phi: float, length: int) -> Array:
    """Effect of one innovation on this month and the ``length - 1`` that follow (c_0 = 1)."""
    later = np.arange(length - 1)
    if form == _REVERTING:
        return np.concatenate([[1.0], alpha * phi**later])
    return np.concatenate([[1.0], alpha + beta * np.cumsum(phi ** (later + 1.0))])


def _seasonal_covariance(length: int, period: int) -> Array:
    """Covariance of a seasonal pattern that sums to nought over a year and changes slowly."""
    month, year = np.arange(length) % period, np.arange(length) // period
    years_shared = np.minimum(year[:, None], year[None, :])
    same = (month[:, None] == month[None, :]) * (1.0 + _SEASONAL_DRIFT * years_shared)
    return np.asarray(same - 1.0 / period)


@kept(64)
def family(n: int, horizon: int, period: int) -> Family:
    """Operators of every member for `n` months observed and `horizon` ahead; seasonal ones after a `period`.

    Kept, since they do not depend on the values; one Cholesky factor serves every length, as views of it.
    """
    total = n + horizon
    size = next((size for size in _SIZES if size >= total), total)
    form, parameters, factor, inverse = _factors(size, period if n >= period else 1)
    whitener, later = inverse[:, :n, :n], factor[:, n:total, n:total]
    return Family(
        form=form,
        parameters=parameters,
        whitener=whitener,
        response=factor[:, n:total, :n],
        spread=later @ later.transpose(0, 2, 1),
        leverage=np.einsum("gst,gst->gt", whitener, whitener),
        log_determinant=2.0 * np.log(np.einsum("gtt->gt", factor)[:, :n]).sum(axis=1),
    )


@kept(4)
def _factors(size: int, period: int) -> tuple[npt.NDArray[np.int64], Array, Array, Array]:
    form, parameters = _members()
    ratios = np.array(_SEASONAL_RATIO if period > 1 else (0.0,))
    lag = np.arange(size)[:, None] - np.arange(size)[None, :]
    covariance = np.empty((form.size, size, size))
    for k, (kind, (alpha, beta, phi)) in enumerate(zip(form, parameters, strict=True)):
        response = _innovation_response(int(kind), alpha, beta, phi, size)
        effects = np.where(lag >= 0, response[np.maximum(lag, 0)], 0.0)
        is_level = kind in (_SES, _REVERTING)
        slope = np.zeros(size) if is_level else np.cumsum(phi ** np.arange(1.0, size + 1))
        covariance[k] = effects @ effects.T + np.outer(slope, slope) / _SLOPE_PRECISION
    seasonal = ratios[:, None, None] * _seasonal_covariance(size, period)
    joined = (covariance[:, None] + seasonal[None]).reshape(-1, size, size)
    factor = np.asarray(np.linalg.cholesky(joined), dtype=float)
    table = np.column_stack(
        [np.repeat(parameters, ratios.size, axis=0), np.tile(ratios, parameters.shape[0])]
    )
    forms = np.asarray(np.repeat(form, ratios.size), dtype=np.int64)
    return forms, table, factor, _inverse(factor)


def _inverse(lower: Array) -> Array:
    """Inverse of stacked lower-triangular matrices, by halves: a third of the work of a general inverse."""
    n = lower.shape[-1]
    if n <= 12:
        return np.asarray(np.linalg.inv(lower), dtype=float)
    half = n // 2
    made = np.zeros_like(lower)
    made[:, :half, :half] = _inverse(lower[:, :half, :half])
    made[:, half:, half:] = _inverse(lower[:, half:, half:])
    made[:, half:, :half] = -made[:, half:, half:] @ (lower[:, half:, :half] @ made[:, :half, :half])
    return made


def log_prior(members: Family, months: int, undisturbed: int) -> Array:
    """Log prior odds of each member for so many `months`, the last `undisturbed` of them without a step.

    Low alphas are likelier, and more so once a step is known; so is a trend the longer the series has run
    undisturbed, and reversion to the mean the shorter the series.
    """
    seen, is_stepped = months / 24.0, undisturbed < months
    form, alpha, ratio = members.form, members.parameters[:, 0], members.parameters[:, 3]
    trend = seen * (undisturbed / months) ** 3
    odds = np.array([1.0, 0.25 * trend, trend, 0.25 / seen**2])[form]
    # A known step explains what a high alpha would otherwise have had to follow.
    share = odds / np.bincount(form)[form] / (alpha + 0.05) ** (2.0 if is_stepped else 1.0)
    if ratio.max() > 0.0:
        without = _NO_SEASON_STEPPED if is_stepped else _NO_SEASON
        share = share * np.where(ratio > 0.0, (1.0 - without) / (len(_SEASONAL_RATIO) - 1), without)
    return np.asarray(np.log(share))


@dataclass(frozen=True)
class Combination:
    """Predictive distribution of the months ahead on the working scale: multivariate Student-t.

    - `location`, `scale` (horizon,) and (horizon, horizon): Centre and scale matrix; the covariance is
      ``degrees / (degrees - 2)`` times it.
    - `weights`: Weight of each form, and of a seasonal pattern under ``seasonal``.
    - `residuals`, `residuals_sd` (n,): Each month less its prediction from all the other months, NaN where
      the month is missing; and the standard deviation of that prediction's error.
    """

    location: Array
    scale: Array
    degrees: float
    weights: dict[str, float]
    residuals: Array
    residuals_sd: Array
    member_weights: Array


def combine(
    z: Array,
    members: Family,
    *,
    regressors: Array,
    future: Array,
    ridge: Array,
    log_odds: Array,
    floor: float,
) -> Combination:
    """Weigh every member by restricted likelihood and mix their forecasts.

    `regressors` (n, columns) and `future` (horizon, columns) are known columns, such as steps, and `ridge`
    the prior precision of their effects in units of the noise variance, 0 for a flat prior. `floor` is the
    least noise variance. A missing month is a column of its own with a flat prior, which is the same as
    leaving the month out.
    """
    missing = np.flatnonzero(np.isnan(z))
    fit, origin = _fit(z, members, regressors=regressors, future=future, ridge=ridge)
    free = max(int(z.size - missing.size - 1), 0)
    noise = np.maximum(fit.squares / max(free, 1), floor)
    # The floor is for the spread alone; a series too smooth to tell members apart leaves the prior in charge.
    least = max(floor * 1e-8, 1e-300)
    evidence = -0.5 * fit.design.log_determinant - 0.5 * free * np.log(np.maximum(fit.squares, least))
    weight = special.softmax(min(1.0, _EVIDENCE_MONTHS / (free + 1)) * evidence + log_odds)

    location = weight @ fit.mean
    off = fit.mean - location
    # Variance over squared scale of a t with the degrees left, at least three.
    left = max(free, 3)
    within = np.tensordot(weight * noise * (left / (left - 2.0)), fit.design.spread, axes=1)
    covariance = within + (weight[:, None] * off).T @ off
    degrees = max(1.0 / (1.0 / left + 1.0 / _TAIL), 2.5)
    residuals, residuals_sd = _left_out(members, fit, weight, noise)
    residuals[missing] = np.nan
    return Combination(
        location=origin + location,
        scale=covariance * (degrees - 2.0) / degrees,
        degrees=degrees,
        weights=_weights_by_form(weight, members),
        residuals=residuals,
        residuals_sd=residuals_sd,
        member_weights=weight,
    )


def smoothed(
    values: Array, members: Family, weight: Array, *, regressors: Array, future: Array, ridge: Array
) -> Array:
    """Forecast with the members' weights that `combine` found, on whatever scale the values have.

    Every member is linear in the values and follows their level, so that a mean of counts comes without the
    bias of taking a square root and going back.
    """
    fit, origin = _fit(values, members, regressors=regressors, future=future, ridge=ridge)
    return np.asarray(origin + weight @ fit.mean)


@dataclass(frozen=True, eq=False)
class _Design:
    """What fitting takes besides the series; the leading axis of each array is the member."""

    columns: Array  # whitened
    inverse: Array  # of the columns' normal matrix
    log_determinant: Array
    gap: Array  # the columns in the months ahead, less what the whitened months say of them
    spread: Array
    leverage: Array  # of each month, once the columns are taken out


@dataclass(frozen=True)
class _Fit:
    design: _Design
    whitened: Array  # what is left of the series once whitened and the columns taken out
    beta: Array
    squares: Array
    mean: Array


def _design(members: Family, columns: Array, ahead: Array, penalty: Array) -> _Design:
    whitened = members.whitener @ columns
    normal = whitened.transpose(0, 2, 1) @ whitened + np.diag(penalty)
    inverse = np.asarray(np.linalg.inv(normal), dtype=float)
    gap = ahead - members.response @ whitened
    back = members.whitener.transpose(0, 2, 1) @ whitened
    return _Design(
        columns=whitened,
        inverse=inverse,
        log_determinant=members.log_determinant + np.linalg.slogdet(normal)[1],
        gap=gap,
        spread=members.spread + gap @ inverse @ gap.transpose(0, 2, 1),
        leverage=members.leverage - (back @ inverse * back).sum(axis=2),
    )


# Most series have all their months and no step: what they take hangs on their length alone.


@kept(64)
def _level(members: Family) -> _Design:
    months, horizon = members.whitener.shape[1], members.response.shape[1]
    return _design(members, np.ones((months, 1)), np.ones((horizon, 1)), np.zeros(1))


def _fit(z: Array, members: Family, *, regressors: Array, future: Array, ridge: Array) -> tuple[_Fit, float]:
    """Generalised least squares on level, regressors and missing months, and the origin taken off before."""
    missing = np.flatnonzero(np.isnan(z))
    origin = float(z[np.flatnonzero(~np.isnan(z))[-1]])
    centred = np.where(np.isnan(z), 0.0, z - origin)
    if ridge.size == missing.size == 0:
        design = _level(members)
    else:
        absent = np.zeros((z.size, missing.size))
        absent[missing, np.arange(missing.size)] = 1.0
        design = _design(
            members,
            np.column_stack([np.ones(z.size), regressors, absent]),
            np.column_stack([np.ones(len(future)), future, np.zeros((len(future), missing.size))]),
            np.concatenate([[0.0], ridge, np.zeros(missing.size)]),
        )
    series = members.whitener @ centred
    moment = (series[:, None, :] @ design.columns)[:, 0]
    beta = _times(design.inverse, moment)
    fit = _Fit(
        design=design,
        whitened=series - _times(design.columns, beta),
        beta=beta,
        squares=(series * series).sum(axis=1) - (moment * beta).sum(axis=1),
        mean=_times(members.response, series) + _times(design.gap, beta),
    )
    return fit, origin


def _times(matrices: Array, vectors: Array) -> Array:
    return np.asarray((matrices @ vectors[..., None])[..., 0])


def _left_out(members: Family, fit: _Fit, weight: Array, noise: Array) -> tuple[Array, Array]:
    used = weight > _NEGLIGIBLE * weight.max()
    share = weight[used] / weight[used].sum()
    residual = (fit.whitened[:, None, :] @ members.whitener)[used, 0]
    leverage = fit.design.leverage[used]
    with np.errstate(divide="ignore", invalid="ignore"):
        residuals = share @ np.where(leverage > 1e-9, residual / leverage, 0.0)
        spread = np.sqrt(share @ np.where(leverage > 1e-9, noise[used, None] / leverage, np.inf))
    return residuals, spread


def _weights_by_form(weight: Array, members: Family) -> dict[str, float]:
    by_form = np.bincount(members.form, weights=weight, minlength=len(FORMS))
    named = {name: float(share) for name, share in zip(FORMS, by_form, strict=True)}
    named["seasonal"] = float(weight[members.parameters[:, 3] > 0.0].sum())
    return named
