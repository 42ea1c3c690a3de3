"""Weigh the smoothing family by its evidence and join it into one predictive distribution."""

from __future__ import annotations

__all__ = ["Combination", "combine", "smoothed"]

from dataclasses import dataclass

import numpy as np

from s75lib.stats.forecasting.smoothing import FORMS, Array, Family, kept

# No member is true, so longer series count as evidence of a year: the likelihood is raised to 12 / months.
_EVIDENCE_MONTHS = 12
# Degrees of freedom of the noise itself: months are heavier-tailed than normal.
_TAIL = 10.0
# Members below this share of the greatest weight are left out of the residuals.
_NEGLIGIBLE = 1e-4


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
    member_weights : array, (members,)
        Weight of each member.
    """

    location: Array
    scale: Array
    degrees: float
    weights: dict[str, float]
    residuals: Array
    residuals_sd: Array
    effects: Array
    effects_sd: Array
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
    Miller, J. W. and Dunson, D. B. (2019) Robust Bayesian inference via coarsening, Journal of the American
    Statistical Association 114, 1113-1125 (the power of the likelihood).
    """
    missing = np.flatnonzero(np.isnan(z))
    fit, origin = _fit(z, members, regressors=regressors, future=future, ridge=ridge)
    free = max(int(z.size - missing.size - 1), 0)
    noise = np.maximum(fit.squares / max(free, 1), floor)
    # The floor is for the spread alone; a series too smooth to tell members apart leaves the prior in charge.
    least = max(floor * 1e-8, 1e-300)
    evidence = -0.5 * fit.design.log_determinant - 0.5 * free * np.log(np.maximum(fit.squares, least))
    weight = _normalise(min(1.0, _EVIDENCE_MONTHS / (free + 1)) * evidence + log_odds)

    location = weight @ fit.mean
    off = fit.mean - location
    within = np.tensordot(weight * noise * _variance_ratio(free), fit.design.spread, axes=1)
    covariance = within + (weight[:, None] * off).T @ off
    degrees = max(1.0 / (1.0 / max(free, 3) + 1.0 / _TAIL), 2.5)
    residuals, residuals_sd = _left_out(members, fit, weight, noise)
    residuals[missing] = np.nan
    asked = slice(1, 1 + regressors.shape[1])
    effects = weight @ fit.beta[:, asked]
    precise = np.einsum("gii->gi", fit.design.inverse)[:, asked]
    variance = weight @ (noise[:, None] * precise + (fit.beta[:, asked] - effects) ** 2)
    return Combination(
        location=origin + location,
        scale=covariance * (degrees - 2.0) / degrees,
        degrees=degrees,
        weights=_weights_by_form(weight, members),
        residuals=residuals,
        residuals_sd=residuals_sd,
        effects=effects,
        effects_sd=np.sqrt(variance),
        member_weights=weight,
    )


def smoothed(
    values: Array, members: Family, weight: Array, *, regressors: Array, future: Array, ridge: Array
) -> Array:
    """Forecast with weights that are known, on whatever scale the values have.

    Parameters
    ----------
    values : array, (n,)
        NaN is a missing month.
    members : Family
        Operators for this length.
    weight : array, (members,)
        Of each member, as `combine` found them.
    regressors, future, ridge : array
        As in `combine`.

    Returns
    -------
    array, (horizon,)

    Notes
    -----
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
    """Every member fitted to one series; the leading axis is the member."""

    design: _Design
    whitened: Array  # what is left of the series once whitened and the columns taken out
    beta: Array
    squares: Array
    mean: Array


def _design(members: Family, columns: Array, ahead: Array, penalty: Array) -> _Design:
    """Set up generalised least squares on columns in the months observed and ahead."""
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
    """Set up the fit of a level alone."""
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
    """Multiply each member's matrix with its vector."""
    return np.asarray((matrices @ vectors[..., None])[..., 0])


def _left_out(members: Family, fit: _Fit, weight: Array, noise: Array) -> tuple[Array, Array]:
    """Each month less its prediction from all the others, and that error's standard deviation."""
    used = weight > _NEGLIGIBLE * weight.max()
    share = weight[used] / weight[used].sum()
    residual = (fit.whitened[:, None, :] @ members.whitener)[used, 0]
    leverage = fit.design.leverage[used]
    with np.errstate(divide="ignore", invalid="ignore"):
        residuals = share @ np.where(leverage > 1e-9, residual / leverage, 0.0)
        spread = np.sqrt(share @ np.where(leverage > 1e-9, noise[used, None] / leverage, np.inf))
    return residuals, spread


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
