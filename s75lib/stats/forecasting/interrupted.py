"""Did the series change at a known month: segmented count regression with autocorrelation-robust errors."""

from __future__ import annotations

__all__ = ["InterruptedSeries", "interrupted_time_series"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from s75lib.errors import MethodError

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class InterruptedSeries:
    """Level and slope change at a known month.

    Parameters
    ----------
    level_ratio, level_lower, level_upper, level_p : float
        Rate just after over the rate that would have been; its interval and two-sided p-value.
    slope_ratio, slope_lower, slope_upper, slope_p : float
        Change of the monthly trend, as a ratio a month; 1 with no interval when no slope was fitted.
    excess, excess_lower, excess_upper : float
        Total since the step less the total that would have been.
    dispersion : float
        Pearson chi-squared over degrees of freedom of the Poisson fit; 1 for Poisson counts.
    table : DataFrame
        One row per month: position, actual, fitted, counterfactual, counterfactual_lower,
        counterfactual_upper (interval of the mean; before the step the counterfactual is the fitted value).
    confidence : float
    method, note : str
        `note` says why the figures are NaN, when they are.
    """

    level_ratio: float
    level_lower: float
    level_upper: float
    level_p: float
    slope_ratio: float
    slope_lower: float
    slope_upper: float
    slope_p: float
    excess: float
    excess_lower: float
    excess_upper: float
    dispersion: float
    table: pd.DataFrame
    confidence: float
    method: str
    note: str = ""


def interrupted_time_series(
    values: npt.ArrayLike,
    step_at: int,
    *,
    exposure: npt.ArrayLike | None = None,
    slope: bool = True,
    harmonics: int | None = None,
    seasonal_period: int = 12,
    confidence: float = 0.95,
) -> InterruptedSeries:
    """Level and slope change of a count series at a known month.

    Parameters
    ----------
    values : array-like, (n,)
        Counts, oldest first, >= 0; NaN is a missing month and is left out.
    step_at : int
        Position (0-based) of the first month after the change.
    exposure : array-like, (n,), optional
        Population or working days; the rates are per unit of it.
    slope : bool
        Whether the trend may change too; without it the change is of level alone.
    harmonics : int, optional
        Pairs of sine and cosine for the season; by default one from two cycles on, else none.
    seasonal_period : int
        Months in a cycle.
    confidence : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    InterruptedSeries

    Raises
    ------
    MethodError
        If a value is negative or there are too few months for the terms fitted: three on either side, and
        three more in all than there are terms.

    Notes
    -----
    ``log mean = a + b t + c after + d after (t - step_at) + season``. Poisson when the Pearson dispersion
    is at most 1.5, otherwise negative-binomial with the dispersion parameter from moments. The standard
    error is the larger of the robust (Newey-West, Bartlett weights, small-sample factor) and the
    quasi-likelihood one, since the robust one is too small in short series; the interval is Student-t. A
    side with nothing but noughts has no rate to compare: figures are NaN, and the note says so.

    References
    ----------
    Bernal, J. L., Cummins, S. and Gasparrini, A. (2017) International Journal of Epidemiology 46, 348-355.
    Newey, W. K. and West, K. D. (1987) Econometrica 55, 703-708.

    Examples
    --------
    >>> before = [20, 22, 19, 21, 20, 18, 22, 20, 21, 19]
    >>> after = [40, 42, 39, 41, 40, 38, 42, 40, 41, 39]
    >>> found = interrupted_time_series(before + after, 10, slope=False)
    >>> found.level_lower > 1.0
    True
    """
    y = np.asarray(values, dtype=float)
    units = np.ones(y.size) if exposure is None else np.asarray(exposure, dtype=float)
    pairs = (1 if y.size >= 2 * seasonal_period > 2 else 0) if harmonics is None else harmonics
    design = _design(y.size, step_at, slope=slope, pairs=pairs, period=seasonal_period)
    seen = ~np.isnan(y)
    _check(y, units, step_at, design.shape[1], confidence)
    if y[:step_at][seen[:step_at]].sum() == 0 or y[step_at:][seen[step_at:]].sum() == 0:
        return _nothing(y, confidence)
    fit = _fit(y[seen], units[seen], design[seen])
    return _result(y, units, step_at, design, fit, slope=slope, confidence=confidence)


@dataclass(frozen=True)
class _Fit:
    """Coefficients, their covariance and how they were had."""

    beta: Array
    covariance: Array
    degrees: int
    dispersion: float
    family: str


def _design(n: int, step_at: int, *, slope: bool, pairs: int, period: int) -> Array:
    """Columns: one, trend, level change, slope change (when asked), season."""
    t = np.arange(n, dtype=float)
    after = (t >= step_at).astype(float)
    columns = [np.ones(n), (t - step_at) / 12.0, after]
    if slope:
        columns.append(after * (t - step_at) / 12.0)
    for k in range(1, pairs + 1):
        angle = 2.0 * np.pi * k * t / period
        columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns)


def _check(y: Array, units: Array, step_at: int, terms: int, confidence: float) -> None:
    """Raise when the series cannot bear the regression."""
    seen = ~np.isnan(y)
    before, after = int(seen[: max(step_at, 0)].sum()), int(seen[max(step_at, 0) :].sum())
    if min(before, after) < 3 or before + after < terms + 3:
        raise MethodError(
            f"found {before} months before the step and {after} after it for {terms} terms; expected at "
            f"least three on either side and {terms + 3} in all. Leave out the slope change or the season."
        )
    if (y[seen] < 0).any() or units.shape != y.shape or not (units > 0).all():
        raise MethodError("found a negative count, or an exposure that is not positive for every month.")
    if not 0.0 < confidence < 1.0:
        raise MethodError(f"found confidence {confidence}; expected a share between 0 and 1, such as 0.95.")


def _fit(y: Array, units: Array, design: Array) -> _Fit:
    """Poisson or negative-binomial regression with the more cautious covariance."""
    # Slow to import, and only this method needs them; statsmodels.api would bring everything.
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    offset = np.log(units)
    poisson = GLM(y, design, family=families.Poisson(), offset=offset).fit()
    degrees = int(y.size - design.shape[1])
    dispersion = float(poisson.pearson_chi2) / degrees
    family, kind = families.Poisson(), "Poisson"
    if dispersion > 1.5:
        mu = np.asarray(poisson.fittedvalues)
        alpha = max(float(np.sum(((y - mu) ** 2 - mu) / mu) / np.sum(mu)), 1e-6)
        family, kind = families.NegativeBinomial(alpha=alpha), "negative-binomial"
    lags = max(1, int(np.floor(4.0 * (y.size / 100.0) ** (2.0 / 9.0))))
    fit = GLM(y, design, family=family, offset=offset).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}
    )
    robust = np.asarray(fit.cov_params())
    scale = max(float(fit.pearson_chi2) / degrees, 1.0)
    plain = np.asarray(fit.normalized_cov_params) * scale
    # One factor for each coefficient, so that the covariance stays a covariance.
    ratio = np.sqrt(np.maximum(np.diag(plain) / np.diag(robust), 1.0))
    return _Fit(np.asarray(fit.params), robust * np.outer(ratio, ratio), degrees, dispersion, kind)


def _result(
    y: Array, units: Array, step_at: int, design: Array, fit: _Fit, *, slope: bool, confidence: float
) -> InterruptedSeries:
    """Ratios, the counterfactual and the excess, with intervals."""
    t = float(stats.t.ppf(0.5 + confidence / 2.0, fit.degrees))
    level = _ratio(fit, 2, t, 1.0)
    trend = _ratio(fit, 3, t, 12.0) if slope else (1.0, float("nan"), float("nan"), float("nan"))
    without = design.copy()
    without[:, 2 : 4 if slope else 3] = 0.0
    linear = without @ fit.beta
    spread = np.sqrt(np.einsum("ti,ij,tj->t", without, fit.covariance, without))
    counterfactual = units * np.exp(linear)
    table = pd.DataFrame(
        {
            "position": np.arange(y.size),
            "actual": y,
            "fitted": units * np.exp(design @ fit.beta),
            "counterfactual": counterfactual,
            "counterfactual_lower": counterfactual * np.exp(-t * spread),
            "counterfactual_upper": counterfactual * np.exp(t * spread),
        }
    )
    since = (np.arange(y.size) >= step_at) & ~np.isnan(y)
    total = float(counterfactual[since].sum())
    gradient = counterfactual[since] @ without[since] / total
    # The interval of the total that would have been is formed on the log scale, where it cannot cross nought.
    reach = t * float(np.sqrt(gradient @ fit.covariance @ gradient))
    actual = float(y[since].sum())
    return InterruptedSeries(
        *level,
        *trend,
        excess=actual - total,
        excess_lower=actual - total * float(np.exp(reach)),
        excess_upper=actual - total * float(np.exp(-reach)),
        dispersion=fit.dispersion,
        table=table,
        confidence=confidence,
        method=f"interrupted time series: {fit.family} regression, autocorrelation-robust standard errors",
    )


def _ratio(fit: _Fit, column: int, t: float, per: float) -> tuple[float, float, float, float]:
    """Ratio, interval and p-value of one coefficient, per `per`-th of its unit."""
    centre, error = float(fit.beta[column]) / per, float(np.sqrt(fit.covariance[column, column])) / per
    p_value = 2.0 * float(stats.t.sf(abs(centre) / error, fit.degrees)) if error > 0 else float("nan")
    return (
        float(np.exp(centre)),
        float(np.exp(centre - t * error)),
        float(np.exp(centre + t * error)),
        p_value,
    )


def _nothing(y: Array, confidence: float) -> InterruptedSeries:
    """Give the result when one side holds nothing but noughts."""
    blank = np.full(y.size, np.nan)
    names = ("fitted", "counterfactual", "counterfactual_lower", "counterfactual_upper")
    table = pd.DataFrame({"position": np.arange(y.size), "actual": y, **dict.fromkeys(names, blank)})
    nan = float("nan")
    return InterruptedSeries(
        *(nan, nan, nan, nan),
        *(nan, nan, nan, nan),
        *(nan, nan, nan, nan),
        table=table,
        confidence=confidence,
        method="interrupted time series",
        note="One side of the step holds nothing but noughts: a ratio is not defined.",
    )
