"""Funnel limits: where a share or rate may lie by chance alone, by inverting the exact distribution."""

from __future__ import annotations

__all__ = ["Chances", "Kind", "Tails", "check_units", "funnel_limits", "tail_probabilities"]

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from s75lib.errors import MethodError
from s75lib.stats.intervals.result import FloatArray, check_confidence

Kind = Literal["proportion", "rate"]
Tails = Literal["mirrored", "as_published"]

# With this many cases a share that varies between units is continuous for all purposes.
_MANY = 20_000
_ROUNDING = 1e-9


def funnel_limits(
    bases: ArrayLike,
    target: float,
    *,
    kind: Kind,
    confidence: float = 0.95,
    between: float = 0.0,
    factor: float = 1.0,
    tails: Tails = "mirrored",
) -> tuple[FloatArray, FloatArray]:
    """Limits within which units of given sizes lie with the confidence, if all share the target.

    Parameters
    ----------
    bases : array-like, shape (k,)
        Cases (whole numbers) of proportions, exposures of rates; >= 0.
    target : float
        Share from 0 to 1, or events per unit of exposure.
    kind : {"proportion", "rate"}
        Binomial or Poisson.
    confidence : float
        Between both limits, in (0, 1); half of the rest lies on either side.
    between : float
        Variance of the units' true shares or rates about the target, >= 0 (additive over-dispersion).
    factor : float
        Variance as a multiple of chance's, > 0 (multiplicative over-dispersion).
    tails : {"mirrored", "as_published"}
        How the upper limit is interpolated.

    Returns
    -------
    lower, upper : ndarray, shape (k,)
        In the unit of the target, never outside what is possible; NaN where the base is 0.

    Raises
    ------
    MethodError
        If a base, the target, the confidence or a variance is out of range.

    Notes
    -----
    The lower limit is Spiegelhalter's: the smallest count whose cumulated probability reaches the tail's,
    less the part of that count's own probability by which it is exceeded. Applied to the upper tail the same
    formula lies up to one event below the exact limit, so that a unit can lie above it that is within: with
    one case and a target of 90%, success would. ``mirrored`` counts from the upper end instead, which makes a
    point outside a limit and an exact one-sided test the same thing; ``as_published`` is the paper's.

    With `between`, true shares follow a beta distribution and true rates a gamma distribution, so counts are
    beta-binomial or negative binomial, and the limits stay exact; from 20,000 cases on, a beta distribution
    of the same variance stands in. With `factor`, the distance from the target is stretched by its root. A
    target of 0, or of 1 for proportions, leaves no room for chance: both limits are the target.

    References
    ----------
    Spiegelhalter, D. J. (2005) Funnel plots for comparing institutional performance, Statistics in Medicine
    24, 1185-1202, appendix A.1.

    Examples
    --------
    >>> lower, upper = funnel_limits([50, 500], 0.1, kind="proportion")
    >>> lower.round(3).tolist(), upper.round(3).tolist()
    ([0.014, 0.073], [0.2, 0.128])
    """
    return Chances(bases, target, kind=kind, between=between, factor=factor).limits(confidence, tails)


def tail_probabilities(
    events: ArrayLike,
    bases: ArrayLike,
    target: float,
    *,
    kind: Kind,
    between: float = 0.0,
    factor: float = 1.0,
) -> tuple[FloatArray, FloatArray]:
    """Chance of as few events as seen, and of as many, if the unit shared the target.

    Parameters
    ----------
    events, bases : array-like, shape (k,)
        As for `funnel_limits`, with the events of each unit.
    target : float
        Share or rate.
    kind, between, factor
        As for `funnel_limits`.

    Returns
    -------
    fewer, more : ndarray, shape (k,)
        Both include the count itself; NaN where the base is 0.

    Raises
    ------
    MethodError
        If a base, the target or a variance is out of range.

    Notes
    -----
    A unit lies outside the mirrored limits of a confidence exactly where one of the two is below half of what
    the confidence leaves over. With a `factor`, the count is drawn in towards the target by its square root
    and the probability interpolated between whole counts.

    Examples
    --------
    >>> fewer, more = tail_probabilities([41], [143], 0.12, kind="proportion")
    >>> bool(more[0] < 0.001), bool(fewer[0] > 0.999)
    (True, True)
    """
    return Chances(bases, target, kind=kind, between=between, factor=factor).tails(events)


class Chances:
    """What chance makes of the events of units that share a target; parameters as for `funnel_limits`."""

    def __init__(
        self, bases: ArrayLike, target: float, *, kind: Kind, between: float = 0.0, factor: float = 1.0
    ) -> None:
        self.sizes = _checked(bases, target, kind, between, factor)
        self.target, self.root = target, math.sqrt(factor)
        self.most = 1.0 if kind == "proportion" else np.inf
        # A target of none or of all leaves no room for chance.
        self.laws = [] if target in (0.0, self.most) else _laws(self.sizes, target, kind, between)

    def limits(self, confidence: float, tails: Tails = "mirrored") -> tuple[FloatArray, FloatArray]:
        """Give what `funnel_limits` gives."""
        check_confidence(confidence)
        if not self.laws:
            flat = np.where(self.sizes > 0, self.target, np.nan)
            return flat, flat.copy()
        tail = (1 - confidence) / 2
        lower, upper = (np.full(self.sizes.shape, np.nan) for _ in range(2))
        for where, law in self.laws:
            low = _from_below(law, tail)
            high = _from_below(law, 1 - tail) if tails == "as_published" else _from_above(law, tail)
            lower[where], upper[where] = np.maximum(low, 0.0) / self.sizes[where], high / self.sizes[where]
        stretched = (self.target + self.root * (limit - self.target) for limit in (lower, upper))
        low, high = (np.clip(limit, 0.0, self.most) for limit in stretched)
        return low, high

    def tails(self, events: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Give what `tail_probabilities` gives."""
        counts, expected = np.asarray(events, dtype=float), self.sizes * self.target
        if not self.laws:
            few, many = counts >= expected, counts <= expected
            return np.where(self.sizes > 0, few, np.nan), np.where(self.sizes > 0, many, np.nan)
        fewer, more = (np.full(self.sizes.shape, np.nan) for _ in range(2))
        seen = expected + (counts - expected) / self.root
        whole = np.floor(seen + _ROUNDING)
        part = np.where(np.abs(seen - whole) > _ROUNDING, seen - whole, 0.0)
        for where, law in self.laws:
            first, share = whole[where], part[where]
            below, above = law.cdf(first), law.sf(first - 1)
            fewer[where] = below + share * (law.cdf(first + 1) - below)
            more[where] = above - share * (above - law.sf(first))
        return fewer, more


def check_units(events: ArrayLike, bases: ArrayLike, kind: Kind) -> tuple[FloatArray, FloatArray]:
    """Check counts and bases of several units and give them as floats.

    Parameters
    ----------
    events, bases : array-like, shape (k,)
        Events >= 0 and whole; bases >= 0, whole and no smaller than the events for proportions.
    kind : {"proportion", "rate"}

    Returns
    -------
    events, bases : ndarray, shape (k,)

    Raises
    ------
    MethodError
        Saying which of them is at fault.
    """
    counts, sizes = np.asarray(events, dtype=float), np.asarray(bases, dtype=float)
    if counts.ndim != 1 or counts.shape != sizes.shape:
        raise MethodError(
            f"events and bases have the shapes {counts.shape} and {sizes.shape}; expected two lists of one "
            "length. Give one of each for every unit."
        )
    if not (np.isfinite(counts) & (counts >= 0) & (counts == np.round(counts))).all():
        raise MethodError("events: expected whole numbers of 0 or more. Leave out units without a count.")
    _check_bases(sizes, kind)
    if kind == "proportion" and (counts > sizes).any():
        raise MethodError("events exceed cases; expected at most as many. Compare them as rates.")
    if kind == "rate" and (counts[sizes == 0] > 0).any():
        raise MethodError("events without an exposure; expected exposures above 0. Leave out such units.")
    return counts, sizes


def _laws(sizes: FloatArray, target: float, kind: Kind, between: float) -> list[tuple[Any, Any]]:
    """Distributions of the events: which units each is of, and the distribution."""
    held = sizes > 0
    if kind == "rate" and between:
        shape = target**2 / between
        return [(held, _Law(stats.nbinom, shape, shape / (shape + sizes[held] * target)))]
    if kind == "rate":
        return [(held, _Law(stats.poisson, sizes[held] * target))]
    if not between:
        return [(held, _Law(stats.binom, sizes[held], target))]
    many = sizes >= _MANY
    # Shares cannot vary more than all being 0 or 1.
    total = max(target * (1 - target) / between - 1, 1e-6)
    few = held & ~many
    return [(few, _Tabled(sizes[few], target, total)), (many, _Continuous(sizes[many], target, between))]


class _Law:
    """A distribution of scipy's with its parameters: scipy's own way to join them costs more than to ask."""

    def __init__(self, law: Any, *parameters: Any) -> None:
        self.law, self.parameters = law, parameters

    def cdf(self, count: FloatArray) -> Any:
        return self.law.cdf(count, *self.parameters)

    def sf(self, count: FloatArray) -> Any:
        return self.law.sf(count, *self.parameters)

    def ppf(self, share: float) -> Any:
        return self.law.ppf(share, *self.parameters)

    def isf(self, share: float) -> Any:
        return self.law.isf(share, *self.parameters)


class _Continuous:
    """Beta distributions of counts among so many cases that whole numbers hardly matter any more."""

    def __init__(self, sizes: FloatArray, target: float, between: float) -> None:
        total = target * (1 - target) / (between + target * (1 - target) / sizes) - 1
        self.sizes, self.law = sizes, _Law(stats.beta, target * total, (1 - target) * total)

    def cdf(self, count: FloatArray) -> Any:
        return self.law.cdf((count + 0.5) / self.sizes)

    def sf(self, count: FloatArray) -> Any:
        return self.law.sf((count + 0.5) / self.sizes)

    def ppf(self, share: float) -> Any:
        return np.ceil(self.sizes * self.law.ppf(share) - 0.5)

    def isf(self, share: float) -> Any:
        return np.ceil(self.sizes * self.law.isf(share) - 0.5)


class _Tabled:
    """Beta-binomial distributions whose probabilities are added up once, from either end."""

    def __init__(self, sizes: FloatArray, target: float, total: float) -> None:
        shape = (target * total, (1 - target) * total)
        chances = [stats.betabinom.pmf(np.arange(int(n) + 1), int(n), *shape) for n in sizes]
        # Chance of fewer than each count from 0 to n + 1, and of as many or more.
        self.fewer = [np.append(0.0, np.minimum(np.cumsum(part), 1.0)) for part in chances]
        self.more = [np.append(np.minimum(np.cumsum(part[::-1])[::-1], 1.0), 0.0) for part in chances]

    def _at(self, tables: list[FloatArray], count: FloatArray) -> FloatArray:
        return np.array(
            [table[min(max(int(c), 0), len(table) - 1)] for table, c in zip(tables, count, strict=True)]
        )

    def cdf(self, count: FloatArray) -> FloatArray:
        return self._at(self.fewer, count + 1)

    def sf(self, count: FloatArray) -> FloatArray:
        return self._at(self.more, count + 1)

    def ppf(self, share: float) -> FloatArray:
        return np.array([float(np.searchsorted(table[1:], share)) for table in self.fewer])

    def isf(self, share: float) -> FloatArray:
        return np.array([float((table > share).sum() - 1) for table in self.more])


def _from_below(law: Any, share: float) -> FloatArray:
    """Count at which the cumulated probability reaches a share, between whole numbers."""
    first = law.ppf(share)
    reached = law.cdf(first)
    return np.asarray(first - (reached - share) / (reached - law.cdf(first - 1)), dtype=float)


def _from_above(law: Any, tail: float) -> FloatArray:
    """Count at which the probability of as many reaches a tail's, between whole numbers."""
    first = law.isf(tail)
    reached = law.sf(first - 1)
    return np.asarray(first + (reached - tail) / (reached - law.sf(first)), dtype=float)


def _check_bases(sizes: FloatArray, kind: Kind) -> None:
    """Bases are sizes; those of proportions are whole."""
    if kind not in ("proportion", "rate"):
        raise MethodError(f"kind is {kind!r}; expected 'proportion' or 'rate'.")
    if not (np.isfinite(sizes) & (sizes >= 0)).all():
        raise MethodError("bases: expected numbers of 0 or more. Leave out units without one.")
    if kind == "proportion" and (sizes != np.round(sizes)).any():
        raise MethodError("bases: expected whole numbers of cases. Compare events over an exposure as rates.")


def _checked(bases: ArrayLike, target: float, kind: Kind, between: float, factor: float) -> FloatArray:
    """Check everything that limits are made from and give the bases."""
    sizes = np.atleast_1d(np.asarray(bases, dtype=float))
    _check_bases(sizes, kind)
    if not (np.isfinite(target) and target >= 0 and (kind == "rate" or target <= 1)):
        raise MethodError(f"target is {target}; expected a share from 0 to 1, or a rate of 0 or more.")
    if not (np.isfinite(between) and between >= 0):
        raise MethodError(f"between is {between}; expected a variance of 0 or more.")
    if not (np.isfinite(factor) and factor > 0):
        raise MethodError(f"factor is {factor}; expected a number above 0.")
    return sizes
