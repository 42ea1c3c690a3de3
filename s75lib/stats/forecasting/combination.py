"""Weigh the smoothing family by its evidence and join it into one predictive distribution."""

from __future__ import annotations

__all__ = ["Combination", "combine"]

from dataclasses import dataclass

import numpy as np

from s75lib.stats.forecasting.smoothing import FORMS, Array, Family

# A power of the likelihood below one: no member is true, so evidence is counted with caution.
_TEMPER = 0.5
# Degrees of freedom of the noise itself: months are heavier-tailed than normal.
_TAIL = 10.0


@dataclass(frozen=True)
class Combination:
    """Predictive distribution of the months ahead on the working scale: multivariate Student-t.

    Parameters
    ----------
    location : array, (horizon,)
        Centre.
    scale : array, (horizon, horizon)
        Scale matrix; the covariance is ``degrees / (degrees - 2)`` times it.
    degrees : float
        Degrees of freedom.
    weights : dict of str to float
        Weight of each form, and of a seasonal pattern under ``seasonal``.
    residuals : array, (n,)
        Each month less its prediction from all the other months; NaN where the month is missing.
    residuals_sd : array, (n,)
        Standard deviation of that prediction's error.
    effects, effects_sd : array, (columns,)
        Estimated effect of each regressor that was asked for, and its standard error.
    """

    location: Array
    scale: Array
    degrees: float
    weights: dict[str, float]
    residuals: Array
    residuals_sd: Array
    effects: Array
    effects_sd: Array


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

    Parameters
    ----------
    z : array, (n,)
        Series on the working scale; NaN is a missing month.
    members : Family
        Operators for this length.
    regressors, future : array, (n, columns) and (horizon, columns)
        Known columns, such as steps, in the months observed and ahead.
    ridge : array, (columns,)
        Prior precision of each column's effect, in units of the noise variance; 0 for a flat prior.
    log_odds : array, (members,)
        Log prior odds of each member.
    floor : float
        Least noise variance.

    Returns
    -------
    Combination

    Notes
    -----
    A missing month is a column of its own with a flat prior, which is the same as leaving the month out.

    References
    ----------
    Hoeting, J. A. and others (1999) Bayesian model averaging, Statistical Science 14, 382-417.
    """
    missing = np.flatnonzero(np.isnan(z))
    absent = np.zeros((z.size, missing.size))
    absent[missing, np.arange(missing.size)] = 1.0
    origin = z[np.flatnonzero(~np.isnan(z))[-1]]
    centred = np.where(np.isnan(z), 0.0, z - origin)
    columns = np.hstack([regressors, absent])
    ahead = np.vstack([future.T, np.zeros((missing.size, future.shape[0]))]).T
    penalty = np.concatenate([ridge, np.zeros(missing.size)])

    whitened = members.precision @ centred
    squares = whitened @ centred
    mean = members.projection @ centred
    spread = members.spread
    log_determinant = members.log_determinant
    beta = np.zeros((squares.size, 0))
    inverse: Array = np.zeros((squares.size, 0, 0))
    if columns.shape[1]:
        response = members.precision @ columns
        normal = columns.T @ response + np.diag(penalty)
        inverse = np.asarray(np.linalg.inv(normal), dtype=float)
        moment = whitened @ columns
        beta = np.einsum("gij,gj->gi", inverse, moment)
        squares = squares - np.einsum("gi,gi->g", moment, beta)
        gap = ahead - members.projection @ columns
        mean = mean + np.einsum("ghi,gi->gh", gap, beta)
        spread = spread + gap @ inverse @ gap.transpose(0, 2, 1)
        log_determinant = log_determinant + np.linalg.slogdet(normal)[1]
        whitened = whitened - np.einsum("gti,gi->gt", response, beta)

    free = max(int(z.size - missing.size - 1), 0)
    noise = np.maximum(squares / max(free, 1), floor)
    # The floor is for the spread alone; a series too smooth to tell members apart leaves the prior in charge.
    least = max(floor * 1e-8, 1e-300)
    evidence = -0.5 * log_determinant - 0.5 * free * np.log(np.maximum(squares, least))
    weight = _normalise(_TEMPER * evidence + log_odds)

    location = weight @ mean
    off = mean - location
    within = np.tensordot(weight * noise * _variance_ratio(free), spread, axes=1)
    covariance = within + (weight[:, None] * off).T @ off
    degrees = 1.0 / (1.0 / max(free, 3) + 1.0 / _TAIL)
    degrees = max(degrees, 2.5)
    scale = covariance * (degrees - 2.0) / degrees

    leverage = np.einsum("gtt->gt", members.precision)
    with np.errstate(divide="ignore", invalid="ignore"):
        residuals = weight @ np.where(leverage > 1e-12, whitened / leverage, 0.0)
        residuals_sd = np.sqrt(weight @ np.where(leverage > 1e-12, noise[:, None] / leverage, np.inf))
    residuals[missing] = np.nan
    kept = regressors.shape[1]
    effects = weight @ beta[:, :kept]
    variance = weight @ (
        noise[:, None] * np.einsum("gii->gi", inverse)[:, :kept] + (beta[:, :kept] - effects) ** 2
    )
    return Combination(
        location=origin + location,
        scale=scale,
        degrees=degrees,
        weights=_weights_by_form(weight, members),
        residuals=residuals,
        residuals_sd=residuals_sd,
        effects=effects,
        effects_sd=np.sqrt(variance),
    )


def _variance_ratio(free: int) -> float:
    """Variance over squared scale of a t with the degrees left, at least three."""
    degrees = max(free, 3)
    return degrees / (degrees - 2.0)


def _normalise(log_weight: Array) -> Array:
    """Weights that sum to one."""
    weight = np.exp(log_weight - log_weight.max())
    return np.asarray(weight / weight.sum())


def _weights_by_form(weight: Array, members: Family) -> dict[str, float]:
    """Weight of each form over its parameters, and of a seasonal pattern."""
    by_form = np.bincount(members.form, weights=weight, minlength=len(FORMS))
    named = {name: float(share) for name, share in zip(FORMS, by_form, strict=True)}
    named["seasonal"] = float(weight[members.parameters[:, 3] > 0.0].sum())
    return named
