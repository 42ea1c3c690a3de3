"""Level shifts: found in a series with the evidence for each, or measured at a known month."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from s75lib.errors import MethodError
from s75lib.stats.forecasting.smoothing import Array, Family, combine, family, kept, log_prior, to_root

_LEAST_MONTHS = 12
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
    - `ratio`, `lower`, `upper`: Level after over level before, with its 95% interval, given the positions.
    - `evidence`: Bayes factor for a step against none.
    """

    position: int
    earliest: int
    latest: int
    ratio: float
    lower: float
    upper: float
    evidence: float


@dataclass(frozen=True)
class FoundSteps:
    """Level shifts found, by position, with what was searched, or why nothing could be, in `note`.

    `strongest` is the evidence for the next step, which was not enough, or for the last one stated when the
    search ended there; NaN when nothing was searched.
    """

    steps: tuple[Step, ...]
    strongest: float
    note: str


def find_steps(
    values: npt.ArrayLike,
    *,
    least_evidence: float = 6.0,
    least_months: int = 4,
    most_steps: int = 3,
    seasonal_period: int = 12,
) -> FoundSteps:
    """Search a series for level shifts.

    The smoothing family with a step at an unknown position is weighed against the same family without one; a
    wandering level, a trend and a season are members, so that none of them readily passes for a step. Below
    12 months, or when all values are equal, nothing is searched, and the note says so. Moderate steps are
    missed more often than found. Sources: Kass and Raftery (1995) Journal of the American Statistical
    Association 90, 773-795; Grünwald, de Heide and Koolen (2024) Journal of the Royal Statistical Society B
    86, 1091-1128.

    Parameters
    ----------
    values : array-like, (n,)
        Counts or amounts, oldest first, >= 0, none missing.
    least_evidence : float
        Bayes factor from which a step is stated, > 1.
    least_months : int
        Fewest months on either side of a step, and between steps.
    most_steps : int
        Most steps stated.

    Examples
    --------
    >>> quiet = [20, 22, 19, 21, 20, 18, 22, 20, 21, 19, 20, 22]
    >>> [step.position for step in find_steps(quiet + [v + 15 for v in quiet]).steps]
    [12]
    """
    y = np.asarray(values, dtype=float)
    if y.ndim != 1 or not np.isfinite(y).all() or (y < 0).any():
        raise MethodError("found a missing, infinite or negative value; expected one series of values >= 0.")
    if y.size < max(_LEAST_MONTHS, 2 * least_months) or np.ptp(y) == 0.0:
        note = f"Not searched: {y.size} months, and {_LEAST_MONTHS} that are not all equal are needed."
        return FoundSteps((), float("nan"), note)
    z = to_root(y, integer=True)
    found: dict[int, tuple[int, int, float]] = {}
    strongest = float("nan")
    while len(found) < most_steps:
        positions = _positions(y.size, least_months, tuple(found))
        if positions.size == 0:
            break
        log_factors = _log_factors(z, _search(y.size, seasonal_period, least_months, tuple(found)))
        strongest = math.exp(min(float(_log_sum(log_factors)) - math.log(positions.size), 700.0))
        if strongest < least_evidence:
            break
        position = int(positions[np.argmax(log_factors)])
        found[position] = (*_run(positions, special.softmax(log_factors)), strongest)
    ratios = _ratios(z, family(y.size, 12, seasonal_period), sorted(found))
    steps = tuple(
        Step(position, earliest, latest, *ratios[position], evidence)
        for position, (earliest, latest, evidence) in sorted(found.items())
    )
    note = f"Searched from month {least_months} to {y.size - least_months}: {len(found)} found."
    return FoundSteps(steps, strongest, note)


def _positions(n: int, least_months: int, found: tuple[int, ...]) -> npt.NDArray[np.int64]:
    ends = np.array([0, n, *found])
    candidates = np.arange(least_months, n - least_months + 1)
    return np.asarray(candidates[np.abs(candidates[:, None] - ends).min(axis=1) >= least_months])


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
def _search(n: int, period: int, least_months: int, found: tuple[int, ...]) -> _Search:
    members = family(n, 12, period)
    base, ridge = _columns(n, found), [_RIDGE] * len(found)
    slope = np.arange(n) - (n - 1) / 2.0
    extra = members.whitener @ _columns(n, _positions(n, least_months, found))
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


def _ratios(z: Array, members: Family, found: list[int]) -> dict[int, tuple[float, float, float]]:
    """Ratio of the level after each step to that before, with its 95% interval, all steps fitted at once."""
    if not found:
        return {}
    law = combine(
        z,
        members,
        regressors=_columns(z.size, found),
        future=np.ones((12, len(found))),
        ridge=np.full(len(found), _RIDGE),
        log_odds=log_prior(members, z.size, z.size - max(found)),
        floor=1e-9,
    )
    reach = law.effects_sd * float(special.stdtrit(law.degrees, 0.975))
    ratios = {}
    for k, position in enumerate(found):
        start = max([0, *[p for p in found if p < position]])
        before = float(z[start:position].mean())

        def level(change: float, before: float = before) -> float:
            return max(before + change, 0.0) ** 2 / max(before, 1e-9) ** 2

        change, spread = float(law.effects[k]), float(reach[k])
        ratios[position] = level(change), level(change - spread), level(change + spread)
    return ratios


# --- a step at a known month -----------------------------------------------------------------------------


@dataclass(frozen=True)
class InterruptedSeries:
    """Level and slope change at a known month.

    - `level_ratio`, `level_lower`, `level_upper`, `level_p`: Rate just after over the rate that would have
      been; its interval and two-sided p-value.
    - `slope_ratio`, `slope_lower`, `slope_upper`, `slope_p`: Change of the monthly trend, as a ratio a month;
      1 with no interval when no slope was fitted.
    - `excess`, `excess_lower`, `excess_upper`: Total since the step less the total that would have been.
    - `dispersion`: Pearson chi-squared over degrees of freedom of the Poisson fit; 1 for Poisson counts.
    - `table`: One row per month: position, actual, fitted, counterfactual, counterfactual_lower,
      counterfactual_upper (interval of the mean; before the step the counterfactual is the fitted value).
    - `method`, `note`: In words; `note` says why the figures are NaN, when they are.
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

    Poisson when the Pearson dispersion is at most 1.5, otherwise negative-binomial. The standard error is the
    larger of the robust (Newey-West) and the quasi-likelihood one, since the robust one is too small in short
    series; the interval is Student-t. A side with nothing but noughts has no rate to compare: figures are
    NaN, and the note says so. Sources: Bernal, Cummins and Gasparrini (2017) International Journal of
    Epidemiology 46, 348-355; Newey and West (1987) Econometrica 55, 703-708.

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

    Examples
    --------
    >>> before = [20, 22, 19, 21, 20, 18, 22, 20, 21, 19]
    >>> after = [40, 42, 39, 41, 40, 38, 42, 40, 41, 39]
    >>> interrupted_time_series(before + after, 10, slope=False).level_lower > 1.0
    True
    """
    y = np.asarray(values, dtype=float)
    units = np.ones(y.size) if exposure is None else np.asarray(exposure, dtype=float)
    pairs = (1 if y.size >= 2 * seasonal_period > 2 else 0) if harmonics is None else harmonics
    design = _design(y.size, step_at, slope=slope, pairs=pairs, period=seasonal_period)
    seen = ~np.isnan(y)
    _check_counts(y, units, step_at, design.shape[1], confidence)
    if y[:step_at][seen[:step_at]].sum() == 0 or y[step_at:][seen[step_at:]].sum() == 0:
        return _nothing(
            y, confidence, "One side of the step holds nothing but noughts: a ratio is not defined."
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the fit; the interval tells of it
        try:
            fit = _regression(y[seen], units[seen], design[seen])
            return _result(y, units, step_at, design, fit, slope=slope, confidence=confidence)
        except (ValueError, np.linalg.LinAlgError):  # no weights, or terms that can't be told apart
            return _nothing(y, confidence, "The numbers are too far apart for a regression.")


@dataclass(frozen=True)
class _Regression:
    beta: Array
    covariance: Array
    degrees: int
    dispersion: float
    family: str


def _design(n: int, step_at: int, *, slope: bool, pairs: int, period: int) -> Array:
    t = np.arange(n, dtype=float)
    after = (t >= step_at).astype(float)
    columns = [np.ones(n), (t - step_at) / 12.0, after]
    if slope:
        columns.append(after * (t - step_at) / 12.0)
    for k in range(1, pairs + 1):
        angle = 2.0 * np.pi * k * t / period
        columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns)


def _check_counts(y: Array, units: Array, step_at: int, terms: int, confidence: float) -> None:
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


def _regression(y: Array, units: Array, design: Array) -> _Regression:
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
    return _Regression(np.asarray(fit.params), robust * np.outer(ratio, ratio), degrees, dispersion, kind)


def _result(
    y: Array, units: Array, step_at: int, design: Array, fit: _Regression, *, slope: bool, confidence: float
) -> InterruptedSeries:
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


def _ratio(fit: _Regression, column: int, t: float, per: float) -> tuple[float, float, float, float]:
    centre, error = float(fit.beta[column]) / per, float(np.sqrt(fit.covariance[column, column])) / per
    p_value = 2.0 * float(stats.t.sf(abs(centre) / error, fit.degrees)) if error > 0 else float("nan")
    return (
        float(np.exp(centre)),
        float(np.exp(centre - t * error)),
        float(np.exp(centre + t * error)),
        p_value,
    )


def _nothing(y: Array, confidence: float, note: str) -> InterruptedSeries:
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
        note=note,
    )
