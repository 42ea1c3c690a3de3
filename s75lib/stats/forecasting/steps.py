"""Level shifts: found in a series with the evidence for each, or measured at a known month.

`values` are counts or amounts, oldest first, >= 0; `step_at` is the position (0-based) of the first month
after a change, `least_evidence` the Bayes factor from which a step is stated, > 1.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from s75lib.errors import MethodError
from s75lib.stats.forecasting.smoothing import Array, Family, family, kept, log_prior, to_root

_LEAST_MONTHS = 12
# Months on either side of a step and between steps, and most steps stated.
_LEAST_APART, _MOST_STEPS = 4, 3
_YEAR = 12
# Column of the change of level in a segmented regression.
_LEVEL = 2
# Prior precision of a step in units of the noise variance: a standard deviation of about three months' noise.
_RIDGE = 0.1
# The same of a steady climb or fall (a standard deviation of a tenth of the noise each month), and its odds.
_SLOPE_RIDGE, _SLOPE_PRIOR = 100.0, 0.1

# --- steps that are found --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A level shift.

    - `position`: 0-based, the first month at the new level.
    - `earliest`, `latest`: The shortest run of positions with 90% of the probability.
    - `evidence`: Bayes factor for a step against none.
    """

    position: int
    earliest: int
    latest: int
    evidence: float


def find_steps(values: npt.ArrayLike, *, least_evidence: float = 6.0) -> tuple[Step, ...]:
    """Search a series for level shifts, at most three, given by position.

    The smoothing family with a step at an unknown position is weighed against the same family without one; a
    wandering level, a trend and a season are members, so that none of them readily passes for a step. Below
    12 months, or when all values are equal, nothing is searched; none may be missing. Moderate steps are
    missed more often than found. Sources: Kass and Raftery (1995) Journal of the American Statistical
    Association 90, 773-795; Grünwald, de Heide and Koolen (2024) Journal of the Royal Statistical Society B
    86, 1091-1128.

    Examples
    --------
    >>> quiet = [20, 22, 19, 21, 20, 18, 22, 20, 21, 19, 20, 22]
    >>> [step.position for step in find_steps(quiet + [v + 15 for v in quiet])]
    [12]
    """
    y = np.asarray(values, dtype=float)
    if y.ndim != 1 or not np.isfinite(y).all() or (y < 0).any():
        raise MethodError("found a missing, infinite or negative value; expected one series of values >= 0.")
    if y.size < _LEAST_MONTHS or np.ptp(y) == 0.0:
        return ()
    z = to_root(y, integer=True)
    found: list[Step] = []
    while len(found) < _MOST_STEPS:
        known = tuple(step.position for step in found)
        positions = _positions(y.size, known)
        if positions.size == 0:
            break
        log_factors = _log_factors(z, _search(y.size, known))
        evidence = math.exp(min(float(_log_sum(log_factors)) - math.log(positions.size), 700.0))
        if evidence < least_evidence:
            break
        position = int(positions[np.argmax(log_factors)])
        found.append(Step(position, *_run(positions, special.softmax(log_factors)), evidence))
    return tuple(sorted(found, key=lambda step: step.position))


def _positions(n: int, found: tuple[int, ...]) -> npt.NDArray[np.int64]:
    ends = np.array([0, n, *found])
    candidates = np.arange(_LEAST_APART, n - _LEAST_APART + 1)
    return np.asarray(candidates[np.abs(candidates[:, None] - ends).min(axis=1) >= _LEAST_APART])


def _columns(n: int, positions: npt.ArrayLike) -> Array:
    return np.asarray((np.arange(n)[:, None] >= np.asarray(positions, dtype=int)).astype(float))


@dataclass(frozen=True)
class _Model:
    """What the evidence takes besides the series and the steps: the columns in both models."""

    known: Array  # the level and what else is in both models, whitened
    normal: Array
    information: Array  # on each step, given what is known
    without: Array  # log evidence without a step, but for the sum of squares
    gain: Array  # of log evidence by a step, but for the same


@dataclass(frozen=True)
class _Search:
    """The search for a further step, without a slope and with one; the leading axis is the member."""

    whitener: Array
    extra: Array  # the steps one at a time, whitened
    models: tuple[_Model, _Model]


# Series are searched one after the other, and most are of one length: what two searches take is kept.


@kept(2)
def _search(n: int, found: tuple[int, ...]) -> _Search:
    members = family(n, 12, _YEAR)
    base, ridge = _columns(n, found), [_RIDGE] * len(found)
    slope = np.arange(n) - (n - 1) / 2.0
    extra = members.whitener @ _columns(n, _positions(n, found))
    squares = (extra * extra).sum(axis=1)
    # A steady slope in both models, with some prior probability, so that a trend does not pass for a step.
    level = _model(members, base, ridge, extra, squares, 1.0 - _SLOPE_PRIOR)
    columns = np.column_stack([base, slope])
    sloping = _model(members, columns, [*ridge, _SLOPE_RIDGE], extra, squares, _SLOPE_PRIOR)
    return _Search(members.whitener, extra, (level, sloping))


def _model(
    members: Family, base: Array, ridge: list[float], extra: Array, squares: Array, prior: float
) -> _Model:
    n = len(base)
    known = members.whitener @ np.column_stack([np.ones(n), base])
    normal = known.transpose(0, 2, 1) @ known + np.diag([0.0, *ridge])
    shared = known.transpose(0, 2, 1) @ extra
    information = squares - (shared * np.linalg.solve(normal, shared)).sum(axis=1)
    log_determinant = members.log_determinant + np.linalg.slogdet(normal)[1] - np.log(ridge).sum()
    return _Model(
        known=known,
        normal=normal,
        information=information,
        # As once a step is known: a level that could wander as it likes would need no step at all.
        without=log_prior(members, n, n - 1) - 0.5 * log_determinant + math.log(prior),
        gain=-0.5 * np.log1p(information / _RIDGE),
    )


def _log_factors(z: Array, search: _Search) -> Array:
    """Log Bayes factor of a further step at each position, the steps found so far being in both models."""
    series = search.whitener @ (z - z.mean())
    fits = [_left(series, model) for model in search.models]
    shared = np.stack([left for left, _ in fits], axis=1) @ search.extra
    half = 0.5 * (z.size - 1)
    without, gain = [], []
    for at, (model, (_, squares)) in enumerate(zip(search.models, fits, strict=True)):
        explained = shared[:, at] ** 2 / ((model.information + _RIDGE) * squares[:, None])
        without.append(model.without - half * np.log(squares))
        gain.append(model.gain - half * np.log(np.maximum(1.0 - explained, 1e-9)))
    alone = np.concatenate(without)
    return _log_sum(alone[:, None] + np.concatenate(gain)) - _log_sum(alone)


def _left(series: Array, model: _Model) -> tuple[Array, Array]:
    moment = (series[:, None, :] @ model.known)[:, 0, :]
    beta = np.linalg.solve(model.normal, moment[..., None])
    squares = np.maximum((series * series).sum(axis=1) - (moment * beta[..., 0]).sum(axis=1), 1e-9)
    return series - (model.known @ beta)[..., 0], squares


def _log_sum(logs: Array) -> Array:
    top = logs.max(axis=0)
    return np.asarray(top + np.log(np.exp(logs - top).sum(axis=0)))


def _run(positions: npt.NDArray[np.int64], probability: Array) -> tuple[int, int]:
    total = np.concatenate([[0.0], np.cumsum(probability)])
    runs = [
        (stop - start, start, stop)
        for start in range(positions.size)
        for stop in range(start + 1, positions.size + 1)
        if total[stop] - total[start] >= 0.9 - 1e-12
    ]
    _, start, stop = min(runs)
    return int(positions[start]), int(positions[stop - 1])


# --- a step at a known month -----------------------------------------------------------------------------


@dataclass(frozen=True)
class InterruptedSeries:
    """Level change at a known month; figures are NaN where one side has no rate to compare.

    - `level_ratio`, `level_lower`, `level_upper`: Rate just after over the rate that would have been, with
      its 95% interval.
    - `excess`: Total since the step less the total that would have been.
    - `table`: One row per month: actual, fitted, counterfactual, counterfactual_lower, counterfactual_upper
      (interval of the mean; before the step the counterfactual is the fitted value).
    """

    level_ratio: float
    level_lower: float
    level_upper: float
    excess: float
    table: pd.DataFrame


def interrupted_time_series(values: npt.ArrayLike, step_at: int) -> InterruptedSeries:
    """Level change of a count series at a known month, with a trend, and a season from two years on.

    Poisson when the Pearson dispersion is at most 1.5, otherwise negative-binomial. The standard error is the
    larger of the robust (Newey-West) and the quasi-likelihood one, since the robust one is too small in short
    series; the interval is Student-t. NaN is a missing month and is left out. A side with nothing but noughts
    has no rate to compare. Sources: Bernal, Cummins and Gasparrini (2017) International Journal of
    Epidemiology 46, 348-355; Newey and West (1987) Econometrica 55, 703-708.

    Examples
    --------
    >>> before = [20, 22, 19, 21, 20, 18, 22, 20, 21, 19]
    >>> after = [40, 42, 39, 41, 40, 38, 42, 40, 41, 39]
    >>> interrupted_time_series(before + after, 10).level_lower > 1.0
    True
    """
    y = np.asarray(values, dtype=float)
    design, seen = _design(y.size, step_at), ~np.isnan(y)
    is_before = np.arange(y.size) < step_at
    before, after = y[seen & is_before], y[seen & ~is_before]
    if min(before.size, after.size) < 3 or before.size + after.size < design.shape[1] + 3:
        raise MethodError(
            f"found {before.size} months before the step and {after.size} after it for {design.shape[1]} "
            f"terms; expected at least three on either side and {design.shape[1] + 3} in all."
        )
    if (y[seen] < 0).any():
        raise MethodError("found a negative count; expected counts of 0 or more.")
    if before.any() and after.any():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the fit; the interval tells of it
            try:
                return _result(y, step_at, design, *_regression(y[seen], design[seen]))
            except (ValueError, np.linalg.LinAlgError):  # no weights, or terms that can't be told apart
                pass
    names = ("fitted", "counterfactual", "counterfactual_lower", "counterfactual_upper")
    table = pd.DataFrame({"actual": y, **dict.fromkeys(names, math.nan)})
    return InterruptedSeries(math.nan, math.nan, math.nan, math.nan, table)


def _design(n: int, step_at: int) -> Array:
    t = np.arange(n, dtype=float)
    columns = [np.ones(n), (t - step_at) / 12.0, (t >= step_at).astype(float)]
    if n >= 2 * _YEAR:
        angle = 2.0 * np.pi * t / _YEAR
        columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns)


def _regression(y: Array, design: Array) -> tuple[Array, Array]:
    """Fit a series, and give coefficients with their covariance."""
    # Slow to import, and only this method needs them; statsmodels.api would bring everything.
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    poisson = GLM(y, design, family=families.Poisson()).fit()
    degrees = int(y.size - design.shape[1])
    family = families.Poisson()
    if float(poisson.pearson_chi2) / degrees > 1.5:
        mu = np.asarray(poisson.fittedvalues)
        alpha = max(float(np.sum(((y - mu) ** 2 - mu) / mu) / np.sum(mu)), 1e-6)
        family = families.NegativeBinomial(alpha=alpha)
    lags = max(1, int(np.floor(4.0 * (y.size / 100.0) ** (2.0 / 9.0))))
    fit = GLM(y, design, family=family).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}
    )
    robust = np.asarray(fit.cov_params())
    scale = max(float(fit.pearson_chi2) / degrees, 1.0)
    plain = np.asarray(fit.normalized_cov_params) * scale
    # One factor for each coefficient, so that the covariance stays a covariance.
    ratio = np.sqrt(np.maximum(np.diag(plain) / np.diag(robust), 1.0))
    return np.asarray(fit.params), robust * np.outer(ratio, ratio)


def _result(y: Array, step_at: int, design: Array, beta: Array, covariance: Array) -> InterruptedSeries:
    t = float(stats.t.ppf(0.975, np.count_nonzero(~np.isnan(y)) - beta.size))
    without = design.copy()
    without[:, _LEVEL] = 0.0
    counterfactual = np.exp(without @ beta)
    spread = np.sqrt(np.einsum("ti,ij,tj->t", without, covariance, without))
    table = pd.DataFrame(
        {
            "actual": y,
            "fitted": np.exp(design @ beta),
            "counterfactual": counterfactual,
            "counterfactual_lower": counterfactual * np.exp(-t * spread),
            "counterfactual_upper": counterfactual * np.exp(t * spread),
        }
    )
    since = (np.arange(y.size) >= step_at) & ~np.isnan(y)
    level, reach = beta[_LEVEL], t * np.sqrt(covariance[_LEVEL, _LEVEL])
    ratio, lower, upper = np.exp([level, level - reach, level + reach]).tolist()
    excess = float(y[since].sum() - counterfactual[since].sum())
    return InterruptedSeries(ratio, lower, upper, excess, table)
