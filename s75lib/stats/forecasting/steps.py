"""Find level shifts in a series, with the evidence for each."""

from __future__ import annotations

__all__ = ["FoundSteps", "Step", "find_steps"]

import math
from dataclasses import astuple, dataclass, fields
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from s75lib.errors import MethodError
from s75lib.stats.forecasting.combination import combine
from s75lib.stats.forecasting.smoothing import Array, Family, family, kept, log_prior

_LEAST_MONTHS = 12
# Prior precision of a step in units of the noise variance: a standard deviation of about three months' noise.
_RIDGE = 0.1
# The same of a steady climb or fall (a standard deviation of a tenth of the noise each month), and its odds.
_SLOPE_RIDGE, _SLOPE_PRIOR = 100.0, 0.1


@dataclass(frozen=True)
class Step:
    """A level shift.

    Parameters
    ----------
    position : int
        0-based, the first month at the new level.
    earliest, latest : int
        The shortest run of positions with 90% of the probability.
    ratio, lower, upper : float
        Level after over level before, with its 95% interval, given the positions.
    evidence : float
        Bayes factor for a step against none.
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
    """Level shifts found.

    Parameters
    ----------
    steps : tuple of Step
        By position.
    strongest : float
        Evidence for the next step, which was not enough, or the last one stated when the search ended
        there; NaN when nothing was searched.
    note : str
        What was searched, or why nothing could be.
    """

    steps: tuple[Step, ...]
    strongest: float
    note: str

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per step, with the columns of `Step`."""
        columns = [column.name for column in fields(Step)]
        table = pd.DataFrame([astuple(step) for step in self.steps], columns=columns)
        return table.astype({"position": int, "earliest": int, "latest": int})


def find_steps(
    values: npt.ArrayLike,
    *,
    least_evidence: float = 6.0,
    least_months: int = 4,
    most_steps: int = 3,
    seasonal_period: int = 12,
) -> FoundSteps:
    """Search a series for level shifts.

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
    seasonal_period : int
        Months in a cycle.

    Returns
    -------
    FoundSteps

    Raises
    ------
    MethodError
        If a value is missing, negative or infinite.

    Notes
    -----
    The smoothing family with a step at an unknown position, each position as likely, is weighed against the
    same family without one. A wandering level, a trend and a season are members of the family, and both
    models may have a steady slope besides, so that none of them readily passes for a step. A Bayes factor of
    b or more comes by chance in at most 1 of b series that the family describes (Markov's inequality); 6 was
    chosen by simulation: the table of false and true steps is in the methods notes. Moderate steps are
    missed more often than found. Below 12 months, or when all values are equal, nothing is searched.

    References
    ----------
    Kass, R. E. and Raftery, A. E. (1995) Journal of the American Statistical Association 90, 773-795.
    Grunwald, P., de Heide, R. and Koolen, W. (2024) Journal of the Royal Statistical Society B 86, 1091-1128.

    Examples
    --------
    >>> quiet = [20, 22, 19, 21, 20, 18, 22, 20, 21, 19, 20, 22]
    >>> find_steps(quiet + [v + 15 for v in quiet]).table.position.tolist()
    [12]
    """
    y = np.asarray(values, dtype=float)
    if y.ndim != 1 or not np.isfinite(y).all() or (y < 0).any():
        raise MethodError("found a missing, infinite or negative value; expected one series of values >= 0.")
    if y.size < max(_LEAST_MONTHS, 2 * least_months) or np.ptp(y) == 0.0:
        note = f"Not searched: {y.size} months, and {_LEAST_MONTHS} that are not all equal are needed."
        return FoundSteps((), float("nan"), note)
    z = 2.0 * np.sqrt(y + 0.375)
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
    """Where a further step could be."""
    ends = np.array([0, n, *found])
    candidates = np.arange(least_months, n - least_months + 1)
    return np.asarray(candidates[np.abs(candidates[:, None] - ends).min(axis=1) >= least_months])


def _columns(n: int, positions: npt.ArrayLike) -> Array:
    """One column of noughts and ones for each step."""
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
    """Set up the search for a further step."""
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
    """Set up the evidence of each member with the columns in `base`, and that of each single step."""
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
    """Find what the columns in both models leave of the whitened series, and its sum of squares."""
    moment = (series[:, None, :] @ model.known)[:, 0, :]
    beta = np.linalg.solve(model.normal, moment[..., None])
    squares = np.maximum((series * series).sum(axis=1) - (moment * beta[..., 0]).sum(axis=1), 1e-9)
    return series - (model.known @ beta)[..., 0], squares


def _log_sum(logs: Array) -> Array:
    """Log of the sum over the first axis of numbers given by their logs."""
    top = logs.max(axis=0)
    return np.asarray(top + np.log(np.exp(logs - top).sum(axis=0)))


def _run(positions: npt.NDArray[np.int64], probability: Array) -> tuple[int, int]:
    """Shortest run of positions with at least 90% of the probability."""
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
