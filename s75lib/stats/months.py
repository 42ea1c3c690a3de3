"""What the months of a `series` tell of its variation: dispersion, autocorrelation, season, and one step."""

from __future__ import annotations

__all__ = ["FEWEST_MONTHS", "Kind", "Step", "Variation", "learnt", "vary"]

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

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
# What is held before the months are seen: that they are independent and chance alone moves them; else, that
# they are independent all the same, and that their variance is chance's. What is left is shared out evenly.
_PRIOR: dict[Kind, tuple[float, float, float]] = {
    "flow": (0.85, 0.9, 0.0),
    "": (0.8, 0.2, 0.3),
    "caseload": (0.0, 0.0, 0.9),
}
# Of values without a base: that they are independent.
_INDEPENDENT: dict[Kind, float] = {"flow": 0.8, "": 0.5, "caseload": 0.0}
# How much of what is plausible a test allows for, alone and among others, where its level is smaller. Of
# values the scale itself is estimated.
_ALLOWED: dict[Model, tuple[float, float]] = {
    "share": (0.95, 0.98),
    "count": (0.95, 0.98),
    "value": (0.75, 0.75),
}
# How many series the start is worth beside those of a page, and the rounds in which these learn.
_WORTH = 0.5
_ROUNDS = 25
# Chance, before the months are seen, that the latest two years hold a step or a trend.
_CHANGE = 0.3
# From this autocorrelation on, months are hardly more than one look at the same people.
_NEARLY_ONE = 0.9
_LOWEST = 1e-300


class _Fits(NamedTuple):
    """What each mean leaves and explains, by correlation: a level a year first, then each step or trend.

    The squares left with their log determinants and degrees of freedom; the squares that each step or trend
    explains; how little each is correlated with its neighbour, as Owen's T takes it; the season's squares.
    """

    squares: FloatArray
    log_dets: FloatArray
    free: IntArray
    explained: FloatArray
    apart: FloatArray
    season: FloatArray


class _Family(NamedTuple):
    """Steps that are tried beside the same levels, by correlation, as `_Fits` takes them."""

    log_det: FloatArray
    explained: FloatArray
    log_dets: FloatArray
    alike: FloatArray
    season: FloatArray
    seasons: FloatArray


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
    """How a monthly series varies, as far as its months can tell; model to exposure are as `vary` takes them.

    - `unit_variance`: Variance of one unit of exposure if chance alone moves the months.
    - `candidates`: First month, first one after the step (−1: a trend) and end of each stretch that is tried.
    - `likelihood` (1 + candidates, correlations, dispersions): Of each mean and pair, the chance of a change
      beforehand included.
    - `start` (correlations, dispersions): How plausible each pair is before the months are seen.
    - `allowed`: How much of what is plausible a test allows for, 0 to 1.
    """

    model: Model
    kind: Kind
    months: IntArray
    events: FloatArray
    exposure: FloatArray
    unit_variance: float
    candidates: tuple[tuple[int, int, int], ...]
    fits: _Fits
    likelihood: FloatArray
    start: FloatArray
    allowed: float

    @cached_property
    def plausible(self) -> FloatArray:
        """How plausible each mean with each pair of correlation and dispersion is; they add up to 1."""
        found: FloatArray = self.likelihood * self.start
        found /= found.sum()
        return found

    @cached_property
    def weights(self) -> FloatArray:
        """How plausible each pair of correlation and dispersion is; they add up to 1."""
        share: FloatArray = self.plausible.sum(axis=0)
        return share

    @cached_property
    def step(self) -> Step:
        """The likeliest step or trend, its p-value corrected for all that were tried."""
        weights, grid = self.plausible[1:], _grid(self.model)
        likely = weights.sum(axis=(1, 2)) + _LOWEST
        scores = (weights * (self.fits.explained[..., None] / grid)).sum(axis=(1, 2)) / likely
        best = int(scores.argmax())
        first, place, end = self.candidates[best]
        score = np.sqrt(self.fits.explained[best][:, None] / grid)
        owen = special.owens_t(score[..., None], self.fits.apart[:, None]).sum(axis=-1)
        chance = np.minimum(2 * special.ndtr(-score) + 4 * owen, 1.0)
        sides = (slice(_SIDE), slice(-_SIDE, None)) if place < 0 else (slice(first, place), slice(place, end))
        before, after = (float(self.events[side].sum() / self.exposure[side].sum()) for side in sides)
        # The same people all along make two stretches no more than two months of them.
        error = math.sqrt(2 * self.unit_variance / float(np.median(self.exposure)))
        once = 2 * special.ndtr(-abs(after - before) / (error * np.sqrt(grid)))
        chance = np.where(_CORRELATIONS[:, None] >= _NEARLY_ONE, np.maximum(chance, once), chance)
        return Step(place, before, after, _allowed(chance, weights[best], _ALLOWED[self.model][0]))

    @property
    def correlation(self) -> float:
        """Autocorrelation of neighbouring months, season and level set aside; 0 to 1."""
        return float(self.weights.sum(axis=1) @ _CORRELATIONS)

    @property
    def dispersion(self) -> float:
        """Variance of the months as a multiple of what chance alone would give."""
        return float(self.weights.sum(axis=0) @ _grid(self.model))

    @property
    def serial(self) -> float:
        """How plausible an autocorrelation of 0.2 or more is, 0 to 1."""
        return float(self.weights[_CORRELATIONS >= 0.2].sum())

    @cached_property
    def season_p(self) -> float:
        """P-value of no yearly season (one wave a year), two-sided."""
        waves = self.fits.season[..., None] / _grid(self.model)
        return float((self.plausible * np.exp(-waves / 2)).sum())

    @property
    def spread(self) -> float:
        """Standard deviation of the months as a multiple of chance's, a season that is found included."""
        of_mean = self.plausible.sum(axis=(1, 2))
        season = float(of_mean @ self.fits.season[:, 0]) if self.season_p < 0.01 else 0.0
        return math.sqrt(self.dispersion + season / len(self.months))

    @property
    def looks_like(self) -> Kind:
        """The kind that the months themselves suggest; empty where they leave it open."""
        if self.weights[_CORRELATIONS >= 0.4].sum() > 0.8:
            return "caseload"
        return "flow" if self.serial < 0.2 else ""

    def taken_as(self, kind: Kind) -> Variation:
        """Judge the same months as those of another kind."""
        return replace(self, kind=kind, start=_start(kind, self.model))

    def widened(self, p_value: float, later: Sequence[int], earlier: Sequence[int]) -> float:
        """Widen the p-value of a comparison of added months, taken as independent, by how the months vary."""
        z = -special.ndtri(max(p_value, _LOWEST) / 2)
        return max(float(2 * special.ndtr(-z / math.sqrt(self._inflation(later, earlier)))), p_value)

    def stretch(self, later: Sequence[int], earlier: Sequence[int]) -> float:
        """By what an interval that takes cases as independent has to be widened, 1 or more."""
        return max(math.sqrt(self._inflation(later, earlier)), 1.0)

    def stretched_ratio(
        self, ratio: float, ends: tuple[float, float], later: Sequence[int], earlier: Sequence[int]
    ) -> tuple[float, float]:
        """Widen the interval of a ratio of added months, on its logarithm; of a ratio of 0 the upper end."""
        wider = self.stretch(later, earlier)
        low, high = (ratio * (end / ratio) ** wider if ratio else wider * end for end in ends)
        return low, high

    def standard_error(self, later: Sequence[int], earlier: Sequence[int]) -> float:
        """Give the standard error of a difference of added months' rates, if chance alone moves them."""
        return float(np.sqrt(self.unit_variance * (self._contrast(later, earlier) ** 2).sum()))

    def _contrast(self, later: Sequence[int], earlier: Sequence[int]) -> FloatArray:
        exposure, signs = self.exposure, np.zeros(len(self.months))
        for months, sign in ((later, 1.0), (earlier, -1.0)):
            inside = np.isin(self.months, months)
            signs[inside] += sign / exposure[inside].sum()
        return signs * np.sqrt(exposure)

    def _inflation(self, later: Sequence[int], earlier: Sequence[int]) -> float:
        """Variance of the comparison that has to be allowed for, as a multiple of chance's."""
        contrast = self._contrast(later, earlier)
        apart = np.abs(self.months[:, None] - self.months)
        inflation = [contrast @ (np.power(r, apart) @ contrast) for r in _CORRELATIONS]
        times = np.array(inflation)[:, None] / (contrast @ contrast) * _grid(self.model)
        return _allowed(times, self.weights, self.allowed)


def vary(
    events: npt.ArrayLike,
    exposure: npt.ArrayLike,
    months: npt.ArrayLike,
    *,
    model: Model,
    kind: Kind = "",
    year_starts: int = 3,
) -> Variation | None:
    """Judge from its months alone how a series varies.

    None with fewer than `FEWEST_MONTHS` months, or where nothing varies.

    Parameters
    ----------
    events, exposure : array of float, shape (n,)
        Events among cases (share), events and exposure (count), or values and ones (value); exposure > 0.
    months : array of int, shape (n,)
        Running numbers of the months, each once, in order; months without a figure are left out.
    model : str
        share, count or value.
    kind : str
        flow (each month's cases are new), caseload (mostly the same people each month) or empty: not known.
    year_starts : int
        Remainder by 12 of the running number of a year's first month.

    The scores are normal and autoregressive of order one, correlation r and variance phi, around a level for
    each year, or one level with a step or a straight line, and one wave a year. Each pair (r, phi) keeps the
    weight that the months leave it, by restricted likelihood, and a test takes the variance that is large
    enough with a plausibility of 95%. docs/methods.md, “How months vary”, has the formulae. Sources: Berger
    and Boos (1994) Journal of the American Statistical Association 89, 1012-1016; Worsley (1982) Biometrika
    69, 297-302 (a step at an unknown place).

    Examples
    --------
    Twenty-four months that all but repeat the one before, as with the same people:

    >>> same = [48, 48, 48, 49, 49, 49, 49, 48, 48, 47, 47, 47, 48, 48, 48, 48, 49, 49, 50, 50, 50, 49, 49]
    >>> found = vary([*same, 49], [60] * 24, range(24), model="share")
    >>> found.looks_like, vary([1] * 12, [9] * 12, range(12), model="share")
    ('caseload', None)
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
    splits = np.flatnonzero(held > held[-1] - _RECENT)
    splits = splits[(splits >= _SIDE) & (splits <= len(held) - _SIDE)]
    years = (held - year_starts) // _YEAR
    firsts, ends = (np.searchsorted(years, years[splits], side) for side in ("left", "right"))
    inside = np.minimum(splits - firsts, ends - splits) >= _SIDE
    within = np.column_stack([firsts, splits, ends])[inside].tolist()
    candidates = (
        (0, -1, len(held)),
        *((0, at, len(held)) for at in splits.tolist()),
        *((first, at, end) for first, at, end in within),
    )
    fits = _fits((counted - rate * base) / np.sqrt(variance * base), np.sqrt(base), held, candidates, years)
    grid = _grid(model)
    likelihood = -0.5 * (
        fits.log_dets[..., None] + fits.free[:, None, None] * np.log(grid) + fits.squares[..., None] / grid
    )
    beforehand = np.array([1 - _CHANGE, *[_CHANGE / len(candidates)] * len(candidates)])
    likelihood = np.exp(likelihood - likelihood.max()) * beforehand[:, None, None]
    start = _start(kind, model)
    return Variation(
        model,
        kind,
        held,
        counted,
        base,
        variance,
        candidates,
        fits,
        likelihood,
        start,
        _ALLOWED[model][0],
    )


def learnt(series: Sequence[Variation]) -> list[Variation]:
    """Judge each `series` of a page again, from what the others of its kind and model make plausible.

    In the same order; one alone of its kind and model as it was. How many series are independent with
    chance's variance, and how the others vary, are learnt one after the other, the start counting as half
    a series, until they settle (empirical Bayes). What a series adds itself is taken out of its own
    start. Source: Robbins (1956) Proceedings of the Third Berkeley Symposium 1, 157-163.

    Examples
    --------
    How plausible independent months with chance's variance are beforehand, alone and among wilder series:

    >>> alone = vary([56, 40] * 12, [60] * 24, range(24), model="share", kind="flow")
    >>> among = learnt([alone] * 9)[0]
    >>> [round(float(one.start[0, 0]), 2) for one in (alone, among)]
    [0.85, 0.05]
    """
    pools: dict[tuple[Kind, Model], list[int]] = defaultdict(list)
    for at, one in enumerate(series):
        pools[one.kind, one.model].append(at)
    found = list(series)
    for places in pools.values():
        likelihood = np.array([series[at].likelihood.sum(axis=0) for at in places])
        start = prior = series[places[0]].start
        for _ in range(_ROUNDS):
            each = likelihood * prior
            each /= each.sum(axis=(1, 2), keepdims=True)
            prior = _among(start, each.sum(axis=0), len(places))
        allowed = _ALLOWED[series[places[0]].model][len(places) > 1]
        for at, own in zip(places, each, strict=True):
            beforehand = _among(start, each.sum(axis=0) - own, len(places) - 1)
            found[at] = replace(series[at], start=beforehand, allowed=allowed)
    return found


def _among(start: FloatArray, weights: FloatArray, series: int) -> FloatArray:
    """Add what series show to the start: first how many are plain, then how the others vary."""
    plain = (_WORTH * start[0, 0] + weights[0, 0]) / (_WORTH + series)
    beside, shown = start.copy(), weights.copy()
    beside[0, 0] = shown[0, 0] = 0.0
    made: FloatArray = _WORTH * beside / beside.sum() + shown
    made *= (1 - plain) / made.sum()
    made[0, 0] = plain
    return made


def _allowed(figures: FloatArray, weights: FloatArray, share: float) -> float:
    """Give the largest figure that has to be allowed for, by how plausible each is."""
    order = figures.ravel().argsort()
    below = weights.ravel()[order].cumsum()
    return float(figures.ravel()[order][np.searchsorted(below, share * below[-1])])


def _grid(model: Model) -> FloatArray:
    return _SCALES if model == "value" else _DISPERSIONS


def _start(kind: Kind, model: Model) -> FloatArray:
    """Weigh the pairs as the kind makes them plausible, before the months are seen."""
    plain, independent, even = _PRIOR[kind]
    if model == "value":
        plain, independent, even = 0.0, _INDEPENDENT[kind], 1 / len(_SCALES)
    correlation, dispersion = (
        np.array([first, *[(1 - first) / (size - 1)] * (size - 1)])
        for first, size in ((independent, len(_CORRELATIONS)), (even, len(_grid(model))))
    )
    prior: FloatArray = (1 - plain) * np.outer(correlation, dispersion)
    prior[0, 0] += plain
    return prior


def _fits(
    scores: FloatArray,
    roots: FloatArray,
    months: IntArray,
    candidates: tuple[tuple[int, int, int], ...],
    years: IntArray,
) -> _Fits:
    """Fit every mean that is tried, at all correlations at once."""
    size, at = len(scores), np.arange(len(scores))
    angle = 2 * np.pi * months / _YEAR
    whole = [one for one in candidates if one[2] - one[0] == size]
    within = candidates[len(whole) :]
    columns = [
        scores,
        roots,
        roots * np.cos(angle),
        roots * np.sin(angle),
        *(roots * (years == year) for year in np.unique(years)[1:]),
        *(roots * (months - months.mean() if place < 0 else at >= place) for _, place, _ in whole),
        *(roots * ((at >= place) & (at < end)) for _, place, end in within),
    ]
    stacked = np.stack([scores, *(column / np.linalg.norm(column) for column in columns[1:])], axis=1)
    # Whitening: the autocorrelation is taken out of every column.
    passed = np.power(_CORRELATIONS[:, None], np.diff(months))[..., None]
    left = np.sqrt(1 - passed**2)
    first = np.broadcast_to(stacked[:1], (len(_CORRELATIONS), 1, stacked.shape[1]))
    white = np.concatenate([first, (stacked[1:] - passed * stacked[:-1]) / left], axis=1)
    levels = len(np.unique(years)) - 1
    own, level, wave, year, each, inner = np.split(white, np.cumsum([1, 1, 2, levels, len(whole)]), axis=2)
    steady, one_level = _family([level], wave, [own, each])
    yearly, by_year = _family([level, year], wave, [own, inner])
    log_det = 2 * np.log(left).sum(axis=(1, 2))
    apart = [_apart(one_level.alike, linked=True), _apart(by_year.alike, linked=False)]
    return _Fits(
        squares=np.vstack([yearly, steady - one_level.explained.T, yearly - by_year.explained.T]),
        log_dets=log_det + np.vstack([by_year.log_det, one_level.log_dets.T, by_year.log_dets.T]),
        free=size - np.array([3 + levels, *[4] * len(whole), *[4 + levels] * len(within)]),
        explained=np.vstack([one_level.explained.T, by_year.explained.T]),
        apart=np.concatenate(apart, axis=1),
        season=np.vstack([by_year.season, one_level.seasons.T, by_year.seasons.T]),
    )


def _family(
    levels: list[FloatArray], wave: FloatArray, columns: list[FloatArray]
) -> tuple[FloatArray, _Family]:
    """Fit levels with a wave, then each step beside them: the squares left, and what the steps explain."""
    stacked = np.concatenate(columns, axis=2)
    left, log_det = _parted(np.concatenate([*levels, wave], axis=2), stacked)
    squares, explained, length, alike = _explained(left)
    # Without the wave: what a step would explain must not pass for a season.
    still, without, *_ = _explained(_parted(np.concatenate(levels, axis=2), stacked)[0])
    seasons = (still - squares)[:, None] - without + explained
    return squares, _Family(
        log_det, explained, log_det[:, None] + np.log(length), alike, still - squares, seasons
    )


def _explained(left: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Give the squares of the first column, what each other explains, its squares, and how alike they are."""
    own, each = left[..., :1], left[..., 1:]
    length = (each**2).sum(axis=1)
    axes = each / np.sqrt(length)[:, None]
    turned = np.swapaxes(axes, 1, 2)
    return (own**2).sum(axis=(1, 2)), (turned @ own)[..., 0] ** 2, length, np.abs(turned @ axes)


def _apart(alike: FloatArray, *, linked: bool) -> FloatArray:
    """Link each score with its neighbour, and the first, if a trend, with the one it is most like."""
    at = int(linked)
    chain = np.diagonal(alike[:, at:-1, at + 1 :], axis1=1, axis2=2)
    first = alike[:, 0, 1:].max(axis=1, keepdims=True) if linked else np.zeros((len(alike), 1))
    neighbours = np.concatenate([first, chain], axis=1)[:, : alike.shape[1]]
    owen: FloatArray = np.sqrt((1 - np.minimum(neighbours, 1)) / (1 + neighbours))
    return owen


def _parted(blocks: FloatArray, rest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Take blocks of columns out of others, and give the log determinant of their cross products."""
    axes, triangle = np.linalg.qr(blocks)
    diagonal = np.abs(np.diagonal(triangle, axis1=1, axis2=2))
    return rest - axes @ (np.swapaxes(axes, 1, 2) @ rest), 2 * np.log(diagonal).sum(axis=1)
