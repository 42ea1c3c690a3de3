"""The smoothing family as Gaussian processes: for a length, the operators that forecast with each member."""

from __future__ import annotations

__all__ = ["FORMS", "Family", "family", "innovation_response", "kept", "log_prior", "members", "release"]

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

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


T = TypeVar("T")
_KEPT: list[_lru_cache_wrapper[Any]] = []


def kept(most: int) -> Callable[[Callable[..., T]], _lru_cache_wrapper[T]]:
    """Keep what a function gives, for as many arguments, until `release`.

    Parameters
    ----------
    most : int

    Returns
    -------
    callable
        A decorator, as `functools.lru_cache`.
    """

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


@dataclass(frozen=True, eq=False)
class Family:
    """Every member's operators for series of one length; the leading axis of each array is the member.

    Parameters
    ----------
    form : array of int, (members,)
        Index into `FORMS`.
    parameters : array, (members, 4)
        Alpha, beta, phi and the seasonal variance ratio.
    whitener : array, (members, n, n)
        Lower-triangular W with ``W C W' = I``, C the covariance of the months observed about their level.
    response : array, (members, horizon, n)
        Effect of the whitened months on the months ahead.
    spread : array, (members, horizon, horizon)
        Covariance of the months ahead given those observed, the level being known.
    leverage : array, (members, n)
        Diagonal of ``W'W``.
    log_determinant : array, (members,)
        Of C.

    Notes
    -----
    All variances are in units of the noise variance.
    """

    form: npt.NDArray[np.int64]
    parameters: Array
    whitener: Array
    response: Array
    spread: Array
    leverage: Array
    log_determinant: Array


def members() -> tuple[npt.NDArray[np.int64], Array]:
    """Form and (alpha, beta, phi) of each non-seasonal member.

    Returns
    -------
    form : array of int, (members,)
    parameters : array, (members, 3)

    Examples
    --------
    >>> form, parameters = members()
    >>> form.shape[0] == parameters.shape[0]
    True
    """
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


def innovation_response(form: int, alpha: float, beta: float, phi: float, length: int) -> Array:
    """Effect of one innovation on this month and the ``length - 1`` that follow (c_0 = 1).

    Parameters
    ----------
    form : int
        Index into `FORMS`.
    alpha, beta, phi : float
        Smoothing of the level, of the slope, and damping.
    length : int
        Months.

    Returns
    -------
    array, (length,)
        ``1, alpha + beta phi, alpha + beta (phi + phi^2), ...``; for mean reversion ``1, alpha, alpha phi,
        ...``.

    References
    ----------
    Hyndman, R. J. and others (2008) Forecasting with Exponential Smoothing, Springer, tables 6.1 and 6.2.

    Examples
    --------
    >>> innovation_response(0, 0.3, 0.0, 0.0, 3)
    array([1. , 0.3, 0.3])
    """
    later = np.arange(length - 1)
    if form == _REVERTING:
        return np.concatenate([[1.0], alpha * phi**later])
    return np.concatenate([[1.0], alpha + beta * np.cumsum(phi ** (later + 1.0))])


def _slope_path(form: int, phi: float, length: int) -> Array:
    """Effect of an initial slope of one on each month."""
    if form in (_SES, _REVERTING):
        return np.zeros(length)
    return np.asarray(np.cumsum(phi ** np.arange(1.0, length + 1)))


def _seasonal_covariance(length: int, period: int) -> Array:
    """Covariance of a seasonal pattern that sums to nought over a year and changes slowly."""
    month, year = np.arange(length) % period, np.arange(length) // period
    years_shared = np.minimum(year[:, None], year[None, :])
    same = (month[:, None] == month[None, :]) * (1.0 + _SEASONAL_DRIFT * years_shared)
    return np.asarray(same - 1.0 / period)


@kept(64)
def family(n: int, horizon: int, period: int) -> Family:
    """Operators of every member for series of length `n`; kept, since they do not depend on the values.

    Parameters
    ----------
    n, horizon : int
        Months observed and ahead.
    period : int
        Months in a seasonal cycle; 1 for none. Seasonal members enter when ``n >= period``.

    Returns
    -------
    Family

    Notes
    -----
    A member is ``z = 1 l + g b + s + L e``: a level l with a flat prior, a slope b with variance 1/400, a
    seasonal pattern s with variance `ratio`, and innovations e of variance one whose effects are the
    columns of L. All variances are in units of the noise variance. Forecasts, residual sum of squares and
    restricted likelihood of such a model are linear algebra on its covariance. A leading block of a
    covariance has the leading block of its Cholesky factor, and of that factor's inverse, so one factor
    serves every length: the operators of a length are views of it.

    References
    ----------
    Rasmussen, C. E. and Williams, C. K. I. (2006) Gaussian Processes for Machine Learning, section 2.7.

    Examples
    --------
    >>> family(12, 6, 12).response.shape[1:]
    (6, 12)
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
    """Form, parameters, Cholesky factor of the covariance over `size` months and its inverse, by member."""
    form, parameters = members()
    ratios = np.array(_SEASONAL_RATIO if period > 1 else (0.0,))
    lag = np.arange(size)[:, None] - np.arange(size)[None, :]
    covariance = np.empty((form.size, size, size))
    for k, (kind, (alpha, beta, phi)) in enumerate(zip(form, parameters, strict=True)):
        response = innovation_response(int(kind), alpha, beta, phi, size)
        effects = np.where(lag >= 0, response[np.maximum(lag, 0)], 0.0)
        slope = _slope_path(int(kind), phi, size)
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
    """Log prior odds of each member.

    Parameters
    ----------
    members : Family
        Of the series' length.
    months, undisturbed : int
        Months in the series, and since its last known step.

    Returns
    -------
    array, (members,)

    Notes
    -----
    Low alphas are likelier, and more so once a step is known; so is a trend the longer the series has run
    undisturbed, and reversion to the mean the shorter the series. The odds of simple smoothing, drift,
    damped trend and reversion are 1, r/4, r and 1/(4 t^2), t being the months over 24 and r = t s^3 with s
    the share of the months that is undisturbed. No season has prior probability 0.3, or 0.6 once a step is
    known.
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
