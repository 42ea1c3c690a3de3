"""What the months of a series tell of its variation: dispersion, autocorrelation, season, and one step.

Each function raises MethodError where an argument is outside the range stated for it.
"""

from __future__ import annotations

__all__ = ["FEWEST_MONTHS", "Kind", "MonthlySeries", "Step", "Variation", "judge", "monthly_series"]

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from s75lib.errors import MethodError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Kind = Literal["flow", "caseload", ""]
Model = Literal["share", "count", "value"]

FEWEST_MONTHS = 24
"""Months below which neither dispersion nor autocorrelation is judged."""

_YEAR = 12
# Months that must lie on each side of a step, and the latest months in which one is looked for.
_SIDE = 3
_RECENT = 24
# The autocorrelations and dispersions that are weighed against each other. Values without a base have no
# chance variation to set theirs against: it is measured in multiples of their own variance.
_CORRELATIONS = np.array([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98])
_DISPERSIONS = np.geomspace(1, 16, 15)
_SCALES = np.geomspace(0.02, 4, 25)
# What is held before the months are seen: that neighbours are independent; that chance alone moves them.
_PRIOR: dict[tuple[Kind, Model], tuple[float, float]] = {
    ("flow", "share"): (0.95, 0.9), ("flow", "count"): (0.95, 0.7), ("flow", "value"): (0.8, 0.0),
    ("", "share"): (0.5, 0.5), ("", "count"): (0.5, 0.5), ("", "value"): (0.5, 0.0),
    ("caseload", "share"): (0.0, 0.8), ("caseload", "count"): (0.0, 0.5), ("caseload", "value"): (0.0, 0.0),
}  # fmt: skip
# How many series that prior knowledge is worth beside the series judged with it, and rounds of learning.
_WORTH = 3.0
_ROUNDS = 25
# Chance, before the months are seen, that the latest two years hold a step or a trend, and how much of it,
# and of the level of their tests, is the trend's.
_CHANGE = 0.3
_OF_TREND = 0.3
# From this autocorrelation on, months are hardly more than one look at the same people.
_NEARLY_ONE = 0.9
_LOWEST = 1e-300


@dataclass(frozen=True, eq=False)
class MonthlySeries:
    """A monthly series in standard scores, with how likely each way of varying makes it.

    - `kind`: flow (each month's cases are new), caseload (mostly the same people each month) or empty: not
      known.
    - `model`: share (events among cases), count (events by exposure) or value (no base).
    - `months`: Running numbers of the months held.
    - `events`, `exposure`: As given; of a value, the value and 1.
    - `unit_variance`: Variance of one unit of exposure if chance alone moves the months.
    - `likelihood` (1 + candidates, correlations, dispersions): Restricted log likelihood: without change
      inside a year, then with each step or trend.
    - `squares` (2 + candidates, correlations): Residual sums of squares: without any change, then as
      `likelihood`.
    - `season` (correlations,): What the season takes off the sum of squares.
    - `candidates`: Place of the first month after each step that is tried; −1 the trend.
    """

    kind: Kind
    model: Model
    months: IntArray
    events: FloatArray
    exposure: FloatArray
    unit_variance: float
    likelihood: FloatArray
    squares: FloatArray
    season: FloatArray
    candidates: tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """The one step or trend that explains a series best.

    - `place`: Place of the first month after the step; −1 for a trend over all months.
    - `before`, `after`: Rates (or mean values) on each side; of a trend, of the first and the last three
      months.
    - `p_value`: Two-sided, of no such change anywhere.
    """

    place: int
    before: float
    after: float
    p_value: float


@dataclass(frozen=True, eq=False)
class Variation:
    """How a monthly series varies, as far as its months can tell.

    - `series`: The series.
    - `weights` (correlations, dispersions): How plausible each pair is; they add up to 1.
    - `step`: The likeliest step or trend.
    """

    series: MonthlySeries
    weights: FloatArray
    step: Step

    @property
    def correlation(self) -> float:
        """Autocorrelation of neighbouring months, season and level set aside; 0 to 1."""
        return float(self.weights.sum(axis=1) @ _CORRELATIONS)

    @property
    def dispersion(self) -> float:
        """Variance of the months as a multiple of what chance alone would give."""
        return float(self.weights.sum(axis=0) @ _grid(self.series.model))

    @property
    def serial(self) -> float:
        """How plausible an autocorrelation of 0.2 or more is, 0 to 1."""
        return float(self.weights[_CORRELATIONS >= 0.2].sum())

    @cached_property
    def season_p(self) -> float:
        """P-value of no yearly season (one wave a year), two-sided."""
        waves = self.series.season[:, None] / _grid(self.series.model)
        return float((self.weights * np.exp(-waves / 2)).sum())

    @property
    def spread(self) -> float:
        """Standard deviation of the months as a multiple of chance's, a season that is found included."""
        season = float(self.series.season[0]) / len(self.series.months) if self.season_p < 0.01 else 0.0
        return math.sqrt(self.dispersion + season)

    @property
    def looks_like(self) -> Kind:
        """The kind that the months themselves suggest; empty where they leave it open."""
        if self.weights[_CORRELATIONS >= 0.4].sum() > 0.8:
            return "caseload"
        return "flow" if self.serial < 0.2 else ""

    def widened(self, p_value: float, later: Sequence[int], earlier: Sequence[int]) -> float:
        """Give the p-value of a comparison of added months that allows for how the months vary.

        - `p_value`: Of a test that takes cases as independent.
        - `later`, `earlier`: Running numbers of the months added together.

        Never below `p_value`.
        """
        z = -special.ndtri(max(p_value, _LOWEST) / 2)
        return max(self._tail(z, self._inflation(later, earlier)), p_value)

    def stretch(self, later: Sequence[int], earlier: Sequence[int], confidence: float) -> float:
        """By what an interval that takes cases as independent has to be widened, 1 or more."""
        inflation, z = self._inflation(later, earlier), -special.ndtri((1 - confidence) / 2)
        top = z * math.sqrt(float(inflation.max()) * 1.01)
        wanted = optimize.brentq(lambda q: self._tail(q, inflation) - (1 - confidence), 0.0, top)
        return max(float(wanted) / z, 1.0)

    def standard_error(self, later: Sequence[int], earlier: Sequence[int]) -> float:
        """Give the standard error of a difference of added months' rates, if chance alone moves them."""
        return float(np.sqrt(self.series.unit_variance * (self._contrast(later, earlier) ** 2).sum()))

    def _contrast(self, later: Sequence[int], earlier: Sequence[int]) -> FloatArray:
        exposure, signs = self.series.exposure, np.zeros(len(self.series.months))
        for months, sign in ((later, 1.0), (earlier, -1.0)):
            inside = np.isin(self.series.months, months)
            signs[inside] += sign / exposure[inside].sum()
        return signs * np.sqrt(exposure)

    def _inflation(self, later: Sequence[int], earlier: Sequence[int]) -> FloatArray:
        """Variance of the comparison, as a multiple of chance's, for each pair of the grid."""
        contrast = self._contrast(later, earlier)
        apart = np.abs(self.series.months[:, None] - self.series.months)
        inflation = [contrast @ (np.power(r, apart) @ contrast) for r in _CORRELATIONS]
        return np.array(inflation)[:, None] / (contrast @ contrast) * _grid(self.series.model)

    def _tail(self, z: float, inflation: FloatArray) -> float:
        return min(float((self.weights * 2 * special.ndtr(-z / np.sqrt(inflation))).sum()), 1.0)


def monthly_series(
    events: npt.ArrayLike,
    exposure: npt.ArrayLike,
    months: npt.ArrayLike,
    *,
    model: Model,
    kind: Kind = "",
    year_starts: int = 3,
) -> MonthlySeries | None:
    """Put a monthly series into standard scores and work out how likely each way of varying makes it.

    Parameters
    ----------
    events, exposure : array of float, shape (n,)
        Events among cases (share), events and exposure (count), or values and ones (value); exposure > 0.
    months : array of int, shape (n,)
        Running numbers of the months, each once, in order; months without a figure are left out.
    model, kind : str
        As in `MonthlySeries`.
    year_starts : int
        Remainder by 12 of the running number of a year's first month.

    Returns
    -------
    MonthlySeries or None
        None with fewer than `FEWEST_MONTHS` months, or where nothing varies.

    Notes
    -----
    The scores are (events − rate × exposure)/√(unit variance × exposure). Around a level for each year, or
    one level with a step or a straight line, and one wave a year, they are taken as normal and autoregressive
    of order one: correlation r to the power of the months between, variance phi. The likelihood is
    restricted, so that the levels fitted do not make r and phi too small.

    References
    ----------
    McCullagh, P. and Nelder, J. A. (1989) Generalized Linear Models, 2nd ed., chapter 9 (dispersion).
    Patterson, H. D. and Thompson, R. (1971) Biometrika 58, 545-554 (restricted likelihood).

    Examples
    --------
    >>> found = monthly_series([48, 50] * 12, [60] * 24, range(24), model="share", kind="flow")
    >>> found.likelihood.shape, monthly_series([1] * 12, [9] * 12, range(12), model="share")
    ((21, 12, 15), None)
    """
    counted, base = np.asarray(events, dtype=float), np.asarray(exposure, dtype=float)
    held = np.asarray(months, dtype=np.intp)
    if counted.shape != base.shape or counted.shape != held.shape or not (base > 0).all():
        raise MethodError(
            "months: found series of unequal length or an exposure of 0; expected pairs above 0."
        )
    if len(held) < FEWEST_MONTHS:
        return None
    rate = counted.sum() / base.sum()
    variance = {"share": rate * (1 - rate), "count": rate, "value": float(counted.var())}[model]
    if not variance > 1e-12 * max(rate**2, 1e-12):
        return None
    scores = (counted - rate * base) / np.sqrt(variance * base)
    splits = np.flatnonzero(held > held[-1] - _RECENT)
    splits = splits[(splits >= _SIDE) & (splits <= len(held) - _SIDE)]
    candidates = (-1, *splits.tolist())
    likelihood, squares, season = _likelihood(scores, np.sqrt(base), held, candidates, year_starts, model)
    return MonthlySeries(kind, model, held, counted, base, variance, likelihood, squares, season, candidates)


def judge(series: Sequence[MonthlySeries]) -> list[Variation]:
    """Judge how monthly series vary, those of one kind and model together.

    Parameters
    ----------
    series : sequence of MonthlySeries
        All series of a page.

    Returns
    -------
    list of Variation
        In the same order.

    Notes
    -----
    What 24 months tell of an autocorrelation is little: a test that trusts an estimate is wrong too often,
    and one that fears the worst finds nothing. So each pair of correlation and dispersion keeps the weight
    that the months leave it, and p-values are averaged over the pairs. The weights begin with what the kind
    makes plausible (a flow: independent in 95 of 100 cases, and autocorrelated only with over-dispersion, as
    its cases are new each month; a caseload: never independent) and learn from the other series of that kind
    (empirical Bayes, the start worth three series). docs/methods.md has the false alarms and the power.

    References
    ----------
    Meng, X.-L. (1994) Annals of Statistics 22, 1142-1160 (p-values averaged over what is not known).
    Robbins, H. (1956) Proceedings of the Third Berkeley Symposium 1, 157-163 (empirical Bayes).

    Examples
    --------
    Twenty-four months that all but repeat the one before, as with the same people:

    >>> same = [48, 48, 48, 49, 49, 49, 49, 48, 48, 47, 47, 47, 48, 48, 48, 48, 49, 49, 50, 50, 50, 49, 49]
    >>> [found] = judge([monthly_series([*same, 49], [60] * 24, range(24), model="share")])
    >>> found.looks_like
    'caseload'
    """
    pools: dict[tuple[Kind, Model], list[int]] = defaultdict(list)
    for at, one in enumerate(series):
        pools[one.kind, one.model].append(at)
    found: dict[int, Variation] = {}
    for pool, places in pools.items():
        scaled = [series[at].likelihood - series[at].likelihood.max() for at in places]
        among = [
            (1 - _CHANGE) * np.exp(one[0])
            + _CHANGE * np.tensordot(_shares(len(one) - 1), np.exp(one[1:]), axes=1)
            for one in scaled
        ]
        start = prior = _start(*pool)
        for _ in range(_ROUNDS):
            learnt = sum((_weighed(one, prior) for one in among), _WORTH * start)
            prior = learnt / learnt.sum()
        for at, own, one in zip(places, among, scaled, strict=True):
            found[at] = Variation(series[at], _weighed(own, prior), _step(series[at], one, prior))
    return [found[at] for at in range(len(series))]


def _grid(model: Model) -> FloatArray:
    return _SCALES if model == "value" else _DISPERSIONS


def _start(kind: Kind, model: Model) -> FloatArray:
    independent, plain = _PRIOR[kind, model]
    grid = _grid(model)
    by_correlation = np.full(len(_CORRELATIONS), (1 - independent) / (len(_CORRELATIONS) - 1))
    by_correlation[0] = independent
    by_dispersion = np.full((len(_CORRELATIONS), len(grid)), (1 - plain) / (len(grid) - 1))
    by_dispersion[:, 0] = plain or by_dispersion[0, 0]
    if kind == "flow" and model != "value":
        # New cases each month can resemble the last only as far as their level wanders beyond chance.
        allowed = grid * (1 - _CORRELATIONS[:, None]) >= 1 - 1e-9
        allowed[:, -1] = True
        by_dispersion = np.where(allowed, by_dispersion, 0.0)
    by_dispersion /= by_dispersion.sum(axis=1, keepdims=True)
    prior: FloatArray = by_correlation[:, None] * by_dispersion
    return prior


def _shares(candidates: int) -> FloatArray:
    """Share the level out between the trend, which stands first, and the steps."""
    steps = candidates - 1
    return np.array([_OF_TREND, *[(1 - _OF_TREND) / steps] * steps])


def _weighed(likelihood: FloatArray, prior: FloatArray) -> FloatArray:
    weights = likelihood * prior
    shares: FloatArray = weights / weights.sum()
    return shares


def _whitened(columns: FloatArray, months: IntArray, correlation: float) -> tuple[FloatArray, float]:
    """Take the autocorrelation out of columns, and give the log determinant of its matrix."""
    passed = np.power(correlation, np.diff(months))[:, None]
    left = np.sqrt(1 - passed**2)
    rest = (columns[1:] - passed * columns[:-1]) / left
    return np.vstack([columns[:1], rest]), 2 * float(np.log(left).sum())


def _likelihood(
    scores: FloatArray,
    roots: FloatArray,
    months: IntArray,
    candidates: tuple[int, ...],
    year_starts: int,
    model: Model,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    size, grid = len(scores), _grid(model)
    angle, place = 2 * np.pi * months / _YEAR, np.arange(size)
    years = (months - year_starts) // _YEAR
    level = np.ones((size, 1))
    waves = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    levels = (years[:, None] == np.unique(years)[1:]).astype(float)
    tried = np.stack([months - months.mean() if at < 0 else place >= at for at in candidates], axis=1)
    blocks = [block * roots[:, None] for block in (level, waves, levels, tried.astype(float))]
    blocks = [block / np.linalg.norm(block, axis=0) for block in blocks]
    likelihood = np.empty((1 + len(candidates), len(_CORRELATIONS), len(grid)))
    squares, season = np.empty((2 + len(candidates), len(_CORRELATIONS))), np.empty(len(_CORRELATIONS))
    for at, correlation in enumerate(_CORRELATIONS):
        white, log_det = _whitened(np.hstack([scores[:, None], *blocks]), months, correlation)
        own, ones, wave, year, each = np.split(white, np.cumsum([1, 1, 2, levels.shape[1]]), axis=1)
        season[at] = _left(own, ones, year)[0] - _left(own, ones, year, wave)[0]
        squares[1, at], year_det = _left(own, ones, wave, year)
        squares[0, at], plain_det = _left(own, ones, wave)
        axes = np.linalg.qr(np.hstack([ones, wave]))[0]
        rest, each = own - axes @ (axes.T @ own), each - axes @ (axes.T @ each)
        length = (each**2).sum(axis=0)
        squares[2:, at] = squares[0, at] - (each.T @ rest)[:, 0] ** 2 / length
        dets = np.array([year_det, *(plain_det + np.log(length))])
        free = size - np.array([3 + levels.shape[1], *[4] * len(candidates)])
        fit = free[:, None] * np.log(grid) + squares[1:, at][:, None] / grid
        likelihood[:, at] = -0.5 * (log_det + dets[:, None] + fit)
    return likelihood, squares, season


def _left(own: FloatArray, *blocks: FloatArray) -> tuple[float, float]:
    """Give the residual sum of squares, and the log determinant of the columns' cross products."""
    axes, triangle = np.linalg.qr(np.hstack(blocks))
    rest = own - axes @ (axes.T @ own)
    return float((rest**2).sum()), 2 * float(np.log(np.abs(np.diag(triangle))).sum())


def _step(series: MonthlySeries, scaled: FloatArray, prior: FloatArray) -> Step:
    """Find the likeliest step or trend, its p-value corrected for all that were tried (Bonferroni)."""
    shares = _shares(len(series.candidates))
    weights = np.exp(scaled[1:]) * prior * shares[:, None, None]
    best = int(weights.sum(axis=(1, 2)).argmax())
    own = weights[best] / weights[best].sum()
    explained = np.maximum(series.squares[0] - series.squares[2 + best], 0.0)
    grid, place = _grid(series.model), series.candidates[best]
    tail = 2 * special.ndtr(-np.sqrt(explained[:, None] / grid))
    chance = np.minimum(tail / shares[best], 1.0)
    events, exposure = series.events, series.exposure
    sides = (slice(_SIDE), slice(-_SIDE, None)) if place < 0 else (slice(place), slice(place, None))
    before, after = (float(events[side].sum() / exposure[side].sum()) for side in sides)
    # The same people all along make two stretches no more than two months of them: a bound for any overlap.
    error = math.sqrt(2 * series.unit_variance / float(np.median(exposure)))
    once = 2 * special.ndtr(-abs(after - before) / (error * np.sqrt(grid)))
    chance = np.where(_CORRELATIONS[:, None] >= _NEARLY_ONE, np.maximum(chance, once), chance)
    return Step(place, before, after, min(float((own * chance).sum()), 1.0))
