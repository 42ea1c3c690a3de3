"""Find level shifts in a series, with the evidence for each."""

from __future__ import annotations

__all__ = ["FoundSteps", "find_steps"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from s75lib.errors import MethodError
from s75lib.stats.forecasting.combination import combine
from s75lib.stats.forecasting.smoothing import Array, Family, family, log_prior

_LEAST_MONTHS = 12
# Prior precision of a step in units of the noise variance: a standard deviation of about three months' noise.
_RIDGE = 0.1
# The same of a steady climb or fall (a standard deviation of a tenth of the noise each month), and its odds.
_SLOPE_RIDGE, _SLOPE_PRIOR = 100.0, 0.1


@dataclass(frozen=True)
class FoundSteps:
    """Level shifts found.

    Parameters
    ----------
    table : DataFrame
        One row per step, by position: position (0-based, the first month at the new level), earliest,
        latest (the shortest run of positions with 90% of the probability), ratio (level after over level
        before), lower, upper (95%, given the positions), evidence (Bayes factor for a step against none).
    strongest : float
        Evidence for the next step, which was not enough, or the last one stated when the search ended
        there; NaN when nothing was searched.
    note : str
        What was searched, or why nothing could be.
    """

    table: pd.DataFrame
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
        return FoundSteps(_table([]), float("nan"), note)
    z = 2.0 * np.sqrt(y + 0.375)
    members = family(y.size, 12, seasonal_period)
    found: list[int] = []
    rows: list[dict[str, float]] = []
    strongest = float("nan")
    while len(found) < most_steps:
        positions = _positions(y.size, least_months, found)
        if positions.size == 0:
            break
        log_factors = _log_factors(z, members, positions, found)
        strongest = float(np.exp(min(special.logsumexp(log_factors) - np.log(positions.size), 700.0)))
        if strongest < least_evidence:
            break
        position = int(positions[np.argmax(log_factors)])
        earliest, latest = _run(positions, special.softmax(log_factors))
        rows.append({"position": position, "earliest": earliest, "latest": latest, "evidence": strongest})
        found.append(position)
    ratios = _ratios(z, members, sorted(found))
    table = _table([{**row, **ratios[int(row["position"])]} for row in rows])
    note = f"Searched from month {least_months} to {y.size - least_months}: {len(found)} found."
    return FoundSteps(table, strongest, note)


def _table(rows: list[dict[str, float]]) -> pd.DataFrame:
    """Tabulate steps by position, with columns even when there are none."""
    columns = ["position", "earliest", "latest", "ratio", "lower", "upper", "evidence"]
    table = pd.DataFrame(rows, columns=columns).astype({"position": int, "earliest": int, "latest": int})
    return table.sort_values("position", ignore_index=True)


def _positions(n: int, least_months: int, found: list[int]) -> npt.NDArray[np.int64]:
    """Where a further step could be."""
    ends = np.array([0, n, *found])
    candidates = np.arange(least_months, n - least_months + 1)
    return np.asarray(candidates[np.abs(candidates[:, None] - ends).min(axis=1) >= least_months])


def _columns(n: int, positions: npt.ArrayLike) -> Array:
    """One column of noughts and ones for each step."""
    return np.asarray((np.arange(n)[:, None] >= np.asarray(positions, dtype=int)).astype(float))


def _log_factors(z: Array, members: Family, positions: npt.NDArray[np.int64], found: list[int]) -> Array:
    """Log Bayes factor of a further step at each position, the steps found so far being in both models."""
    base, ridge = _columns(z.size, found), [_RIDGE] * len(found)
    slope = np.arange(z.size) - (z.size - 1) / 2.0
    steps = _columns(z.size, positions)
    # A steady slope in both models, with some prior probability, so that a trend does not pass for a step.
    level = _log_evidence(z, members, base, ridge, steps)
    sloping = _log_evidence(z, members, np.column_stack([base, slope]), [*ridge, _SLOPE_RIDGE], steps)
    without = np.concatenate([level[0] + np.log1p(-_SLOPE_PRIOR), sloping[0] + np.log(_SLOPE_PRIOR)])
    gain = np.concatenate([level[1], sloping[1]])
    return np.asarray(special.logsumexp(without[:, None] + gain, axis=0) - special.logsumexp(without))


def _log_evidence(
    z: Array, members: Family, base: Array, ridge: list[float], steps: Array
) -> tuple[Array, Array]:
    """Log evidence of each member with the columns in `base`, and what each single step adds to it."""
    whiten = members.whitener
    known, extra = whiten @ np.column_stack([np.ones(z.size), base]), whiten @ steps
    series = whiten @ (z - z.mean())
    normal = known.transpose(0, 2, 1) @ known + np.diag([0.0, *ridge])
    moment = np.einsum("gti,gt->gi", known, series)
    beta = np.linalg.solve(normal, moment[..., None])[..., 0]
    squares = np.maximum(np.einsum("gt,gt->g", series, series) - np.einsum("gi,gi->g", moment, beta), 1e-9)
    shared = known.transpose(0, 2, 1) @ extra
    information = np.einsum("gtk,gtk->gk", extra, extra)
    information = information - np.einsum("gik,gik->gk", shared, np.linalg.solve(normal, shared))
    left = series - np.einsum("gti,gi->gt", known, beta)
    explained = np.einsum("gtk,gt->gk", extra, left) ** 2 / (information + _RIDGE)
    half = 0.5 * (z.size - 1)
    log_determinant = members.log_determinant + np.linalg.slogdet(normal)[1] - np.log(ridge).sum()
    # As once a step is known: a level that could wander as it likes would need no step at all.
    without = log_prior(members, z.size, z.size - 1) - 0.5 * log_determinant - half * np.log(squares)
    gain = -0.5 * np.log1p(information / _RIDGE)
    return without, gain - half * np.log(np.maximum(1.0 - explained / squares[:, None], 1e-9))


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


def _ratios(z: Array, members: Family, found: list[int]) -> dict[int, dict[str, float]]:
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
        ratios[position] = {
            "ratio": level(change),
            "lower": level(change - spread),
            "upper": level(change + spread),
        }
    return ratios
