"""Several units beside each other: funnel limits, over-dispersion, difference from the rest, positions.

`events` are whole, >= 0, `bases` the cases of proportions (whole) or the exposures of rates, >= 0; a unit
with a base of 0 is not judged. `kind` is proportion (binomial) or rate (Poisson), `target` a share or events
per unit of exposure, by default all events over all bases, `between` the variance of the units' true figures
that is no one unit's doing, >= 0. `tails` say how the upper limit is interpolated: mirrored or as_published.
Position 1 is the highest where `highest_first`, at a `confidence` that all sets hold the true positions at
once. `values`, `lower` and `upper` are figures as printed and the ends of what they may stand for.
"""

from __future__ import annotations

__all__ = [
    "FEWEST_FOR_SPREAD",
    "Dispersion",
    "Funnel",
    "Kind",
    "Overdispersion",
    "Tails",
    "differences_from_rest",
    "funnel",
    "funnel_limits",
    "overdispersion",
    "positions",
    "positions_of_ranges",
]

import math
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special, stats

from s75lib.errors import MethodError
from s75lib.stats.comparison import benjamini_hochberg, compare_counts, holm
from s75lib.stats.intervals import (
    FloatArray,
    byar_bounds,
    check_confidence,
    newcombe_bounds,
    wilson_bounds,
)

Kind = Literal["proportion", "rate"]
Tails = Literal["mirrored", "as_published"]
Dispersion = Literal["additive", "multiplicative", "none"]

FEWEST_FOR_SPREAD = 5
"""Units below which their spread beyond chance is not estimated."""

_LEVELS = (("998", 0.998), ("95", 0.95))
# With this many cases a share that varies between units is continuous for all purposes.
_MANY = 20_000
_ROUNDING = 1e-9

# --- limits --------------------------------------------------------------------------------------------


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
    between : float
        Variance of the units' true shares or rates about the target, >= 0 (additive over-dispersion).
    factor : float
        Variance as a multiple of chance's, > 0 (multiplicative over-dispersion).

    Returns
    -------
    lower, upper : ndarray, shape (k,)
        In the unit of the target, never outside what is possible; NaN where the base is 0. A target of 0, or
        of 1 for proportions, leaves no room for chance: both limits are the target.

    The lower limit is Spiegelhalter's: the smallest count whose cumulated probability reaches the tail's,
    less the part of that count's own probability by which it is exceeded. ``mirrored`` counts from the upper
    end likewise, so that a point outside a limit and an exact one-sided test are the same; ``as_published``
    applies the same formula there, up to one event below the exact limit. With `between`, counts are
    beta-binomial or negative binomial, and the limits stay exact; with `factor`, the distance from the target
    is stretched by its root. Source: Spiegelhalter (2005) Statistics in Medicine 24, 1185-1202, appendix A.1.

    Examples
    --------
    >>> lower, upper = funnel_limits([50, 500], 0.1, kind="proportion")
    >>> lower.round(3).tolist(), upper.round(3).tolist()
    ([0.014, 0.073], [0.2, 0.128])
    """
    return _Chances(bases, target, kind=kind, between=between, factor=factor).limits(confidence, tails)


class _Chances:
    """What chance makes of the events of units that share a target; parameters as for `funnel_limits`."""

    def __init__(
        self, bases: ArrayLike, target: float, *, kind: Kind, between: float = 0.0, factor: float = 1.0
    ) -> None:
        self.sizes = _checked_bases(bases, target, kind, between, factor)
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
        """Chance of as few events as seen, and of as many, both with the count itself; NaN without a base.

        A unit lies outside the mirrored limits exactly where one of the two is below half of what the
        confidence leaves over. With a `factor`, the count is drawn in towards the target by its root, and the
        chance interpolated between whole counts.
        """
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


def _laws(sizes: FloatArray, target: float, kind: Kind, between: float) -> list[tuple[Any, Any]]:
    held = sizes > 0
    if kind == "rate" and between:
        shape = target**2 / between
        return [(held, stats.nbinom(shape, shape / (shape + sizes[held] * target)))]
    if kind == "rate":
        return [(held, stats.poisson(sizes[held] * target))]
    if not between:
        return [(held, stats.binom(sizes[held], target))]
    many = sizes >= _MANY
    # Shares cannot vary more than all being 0 or 1.
    total = max(target * (1 - target) / between - 1, 1e-6)
    few = held & ~many
    return [(few, _Tabled(sizes[few], target, total)), (many, _Continuous(sizes[many], target, between))]


class _Continuous:
    """Beta distributions of counts among so many cases that whole numbers hardly matter any more."""

    def __init__(self, sizes: FloatArray, target: float, between: float) -> None:
        total = target * (1 - target) / (between + target * (1 - target) / sizes) - 1
        self.sizes, self.law = sizes, stats.beta(target * total, (1 - target) * total)

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


def _checked_units(events: ArrayLike, bases: ArrayLike, kind: Kind) -> tuple[FloatArray, FloatArray]:
    """Give counts and bases of several units as floats, or raise MethodError that says which is at fault."""
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


def _check_bases(sizes: FloatArray, kind: Kind) -> None:
    if kind not in ("proportion", "rate"):
        raise MethodError(f"kind is {kind!r}; expected 'proportion' or 'rate'.")
    if not (np.isfinite(sizes) & (sizes >= 0)).all():
        raise MethodError("bases: expected numbers of 0 or more. Leave out units without one.")
    if kind == "proportion" and (sizes != np.round(sizes)).any():
        raise MethodError("bases: expected whole numbers of cases. Compare events over an exposure as rates.")


def _checked_bases(bases: ArrayLike, target: float, kind: Kind, between: float, factor: float) -> FloatArray:
    sizes = np.atleast_1d(np.asarray(bases, dtype=float))
    _check_bases(sizes, kind)
    if not (np.isfinite(target) and target >= 0 and (kind == "rate" or target <= 1)):
        raise MethodError(f"target is {target}; expected a share from 0 to 1, or a rate of 0 or more.")
    if not (np.isfinite(between) and between >= 0):
        raise MethodError(f"between is {between}; expected a variance of 0 or more.")
    if not (np.isfinite(factor) and factor > 0):
        raise MethodError(f"factor is {factor}; expected a number above 0.")
    return sizes


# --- the group -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Overdispersion:
    """How much units vary, against what chance allows.

    - `units`: Units that have a base.
    - `q`, `p_value`: Sum of squared z-scores, not winsorised, and its p-value from chi-squared with one
      degree of freedom less than units (none less where the target came from elsewhere); NaN where it cannot
      be tested.
    - `phi`, `between`: Mean of the squared winsorised z-scores: variance in multiples of chance's; variance
      of the units' true shares or rates, tau squared, in the squared unit of the target.
    - `found`: Whether chance alone is rejected at 5% and `between` is above 0.
    """

    units: int
    q: float
    p_value: float
    phi: float
    between: float
    found: bool
    note: str = ""


def overdispersion(
    events: ArrayLike,
    bases: ArrayLike,
    *,
    kind: Kind,
    target: float | None = None,
    winsorised: float = 0.1,
) -> Overdispersion:
    """Test whether units vary more than chance allows, and estimate how much.

    With fewer than 5 units, or no events, or nothing but events, none is estimated; `note` says so. The test
    uses all z-scores; phi and tau squared use the winsorised ones, so that a few outlying units do not widen
    the limits that should show them. Of ten or fewer, at least one at either end is drawn in. Phi is about
    0.68 where nothing is over-dispersed. Sources: Spiegelhalter (2005) Statistics in Medicine 24, 1185-1202,
    appendix A.3; DerSimonian and Laird (1986) Controlled Clinical Trials 7, 177-188.

    Parameters
    ----------
    winsorised : float
        Share of z-scores at either end that are drawn in to the next ones, in [0, 0.5).

    Examples
    --------
    >>> shares = overdispersion([10, 30, 12, 31, 9, 28], [100] * 6, kind="proportion")
    >>> shares.found, round(shares.phi, 1)
    (True, 5.5)
    """
    counts, sizes = _checked_units(events, bases, kind)
    if not 0 <= winsorised < 0.5:
        raise MethodError(f"winsorised is {winsorised}; expected a share of 0 or more and below a half.")
    counts, sizes = counts[sizes > 0], sizes[sizes > 0]
    centre = target if target is not None else counts.sum() / sizes.sum() if len(sizes) else math.nan
    units = len(sizes)
    unit_variance = centre * (1 - centre) if kind == "proportion" else centre
    note = "" if unit_variance > 0 else "no events, or nothing but events: nothing varies"
    if units < FEWEST_FOR_SPREAD:
        note = f"fewer than {FEWEST_FOR_SPREAD} units: whether they vary more than by chance is not estimated"
    if note:
        return Overdispersion(units, math.nan, math.nan, math.nan, 0.0, False, note)
    scores = (counts / sizes - centre) / np.sqrt(unit_variance / sizes)
    q = float((scores**2).sum())
    p_value = float(stats.chi2.sf(q, units - (target is None)))
    drawn_in = _winsorised(scores, winsorised)
    phi = float((drawn_in**2).mean())
    weights = sizes / unit_variance
    spare = weights.sum() - (weights**2).sum() / weights.sum()
    between = max(0.0, float((units * phi - (units - 1)) / spare))
    return Overdispersion(units, q, p_value, phi, between, p_value < 0.05 and between > 0)


def _winsorised(scores: FloatArray, share: float) -> FloatArray:
    least = max(share, 1 / (len(scores) - 1)) if share else 0.0
    low, high = np.quantile(scores, [least, 1 - least])
    return np.clip(scores, low, high)


@dataclass(frozen=True, eq=False)
class Funnel:
    """A group of units about their target.

    - `target`: NaN where there is none.
    - `frame`: One row per unit in the order given: ``events``, ``base``, ``estimate``, ``lower`` and
      ``upper`` (its own 95% interval), ``lower_95``, ``upper_95``, ``lower_998``, ``upper_998`` (limits),
      ``p_value`` (of a unit that shares the target, two-sided), ``place``: inside, above_95, below_95,
      above_998, below_998, or empty where nothing can be said.
    - `dispersion` in {"additive", "multiplicative", "none"}: What the limits allow for besides chance.
    """

    kind: Kind
    target: float
    frame: pd.DataFrame = field(repr=False)
    overdispersion: Overdispersion
    dispersion: Dispersion
    tails: Tails = "mirrored"
    note: str = ""

    @property
    def between(self) -> float:
        """Variance between units that the limits allow for; 0 without additive over-dispersion."""
        return self.overdispersion.between if self.dispersion == "additive" else 0.0

    @property
    def factor(self) -> float:
        """Variance in multiples of chance's that the limits allow for; 1 without multiplicative."""
        return self.overdispersion.phi if self.dispersion == "multiplicative" else 1.0

    @property
    def method(self) -> str:
        """Name of the limits, as a report prints it."""
        law = "binomial" if self.kind == "proportion" else "Poisson"
        if self.dispersion == "additive":
            law = "beta-binomial" if self.kind == "proportion" else "negative binomial"
        stretched = ", widened by the root of phi" if self.dispersion == "multiplicative" else ""
        return f"exact {law} limits{stretched}"

    def limits(self, bases: ArrayLike, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Give the limits at other sizes, for the lines of a chart; NaN where the funnel has no target."""
        if math.isnan(self.target):
            blank = np.full(np.shape(np.atleast_1d(bases)), math.nan)
            return blank, blank.copy()
        return funnel_limits(
            bases,
            self.target,
            kind=self.kind,
            confidence=confidence,
            between=self.between,
            factor=self.factor,
            tails=self.tails,
        )


def funnel(
    events: ArrayLike,
    bases: ArrayLike,
    *,
    kind: Kind,
    target: float | None = None,
    dispersion: Dispersion = "additive",
    winsorised: float = 0.1,
    tails: Tails = "mirrored",
) -> Funnel:
    """Set units about their common target, with the limits that chance leaves them.

    One unit without a target from elsewhere has no limits, said in `note`. A unit that makes up much of the
    group draws the target to itself: `differences_from_rest` sets each against the others alone. Limits widen
    only where over-dispersion is found. Source: Spiegelhalter (2005) Statistics in Medicine 24, 1185-1202.

    Parameters
    ----------
    dispersion : {"additive", "multiplicative", "none"}
        What limits allow for where units are found to vary more than by chance; else they allow for nothing.

    Examples
    --------
    Deaths after open-heart surgery of children under one in three of twelve English centres, 1991 to 1995:

    >>> centres = funnel([41, 24, 58], [143, 323, 581], kind="proportion", target=0.12)
    >>> centres.frame["place"].tolist()
    ['above_998', 'below_95', 'inside']
    """
    counts, sizes = _checked_units(events, bases, kind)
    if dispersion not in ("additive", "multiplicative", "none"):
        raise MethodError(f"dispersion is {dispersion!r}; expected additive, multiplicative or none.")
    held = sizes > 0
    spread = overdispersion(counts, sizes, kind=kind, target=target, winsorised=winsorised)
    notes = [spread.note]
    centre = target
    if centre is None:
        alone = held.sum() < 2
        centre = math.nan if alone else float(counts.sum() / sizes.sum())
        if alone:
            notes = ["one unit or none: there is nothing to compare with"]
    applied: Dispersion = dispersion if spread.found else "none"
    if not held.all():
        notes.append("units without a base are not judged")
    note = "; ".join(filter(None, notes))
    made = Funnel(kind, centre, pd.DataFrame(), spread, applied, tails, note)
    return replace(made, frame=_units_of(made, counts, sizes))


def _units_of(made: Funnel, counts: FloatArray, sizes: FloatArray) -> pd.DataFrame:
    held = sizes > 0
    safe = np.where(held, sizes, 1.0)
    own = wilson_bounds(counts, safe) if made.kind == "proportion" else byar_bounds(counts)
    scale = 1.0 if made.kind == "proportion" else safe
    blank = np.full(len(sizes), math.nan)
    fewer = more = blank
    ends = {f"{end}_{name}": blank for name, _ in _LEVELS for end in ("lower", "upper")}
    if not math.isnan(made.target):
        chances = _Chances(sizes, made.target, kind=made.kind, between=made.between, factor=made.factor)
        fewer, more = chances.tails(counts)
        for name, confidence in _LEVELS:
            ends[f"lower_{name}"], ends[f"upper_{name}"] = chances.limits(confidence, made.tails)
    return pd.DataFrame(
        {
            "events": counts,
            "base": sizes,
            "estimate": np.where(held, counts / safe, math.nan),
            "lower": np.where(held, own[0] / scale, math.nan),
            "upper": np.where(held, own[1] / scale, math.nan),
            **ends,
            "p_value": np.minimum(2 * np.fmin(fewer, more), 1.0),
            "place": [_place(*pair) for pair in zip(fewer.tolist(), more.tolist(), strict=True)],
        }
    )


def _place(fewer: float, more: float) -> str:
    if math.isnan(fewer):
        return ""
    for name, confidence in _LEVELS:
        tail = (1 - confidence) / 2
        if fewer < tail:
            return f"below_{name}"
        if more < tail:
            return f"above_{name}"
    return "inside"


# --- each against the rest -----------------------------------------------------------------------------


def differences_from_rest(
    events: ArrayLike,
    bases: ArrayLike,
    *,
    kind: Kind,
    between: float = 0.0,
    confidence: float = 0.95,
    units: ArrayLike | None = None,
) -> pd.DataFrame:
    """Difference of each unit from all others together, with interval and exact test.

    Shares: Fisher's exact test and Newcombe's interval. Rates: the exact conditional test and the hybrid
    score interval of `compare_counts`. With `between`, interval and test are widened. Sources: Newcombe
    (1998) Statistics in Medicine 17, 873-890, method 10; Spiegelhalter (2005) Quality and Safety in Health
    Care 14, 347-351 (over-dispersion).

    Parameters
    ----------
    units : array-like of int, optional
        Positions of the units asked about, all by default; the others have NaN, and no part in the adjusted
        p-values.

    Returns
    -------
    DataFrame
        One row per unit in the order given: ``estimate``, ``rest`` (the others' share or rate),
        ``difference`` (estimate less rest) with ``lower`` and ``upper``, ``widened`` (variance in multiples
        of chance's), ``p_value``, ``p_holm``, ``p_bh`` (adjusted for all units), ``method``. NaN without a
        base or without others that have one.

    Examples
    --------
    >>> found = differences_from_rest([48, 56, 50], [80, 70, 80], kind="proportion")
    >>> found[["difference", "p_value"]].round(3).to_numpy().tolist()
    [[-0.107, 0.108], [0.188, 0.006], [-0.068, 0.306]]
    """
    counts, sizes = _checked_units(events, bases, kind)
    if not (math.isfinite(between) and between >= 0):
        raise MethodError(f"between is {between}; expected a variance of 0 or more.")
    others, rest = counts.sum() - counts, sizes.sum() - sizes
    asked = np.ones(len(sizes), dtype=bool) if units is None else np.isin(np.arange(len(sizes)), units)
    both = np.flatnonzero((sizes > 0) & (rest > 0) & asked)
    compared = _shares if kind == "proportion" else _rates
    difference, low, high, p_value = compared(others[both], rest[both], counts[both], sizes[both], confidence)
    widened = np.array([_widened(at, counts, sizes, kind, between) for at in both.tolist()], dtype=np.float64)
    root, most = np.sqrt(widened), 1.0 if kind == "proportion" else math.inf
    low, high = difference - root * (difference - low), difference + root * (high - difference)
    # The p-value of the normal score that has it, over the root: of chance alone it stays as it is.
    wider = (widened > 1) & (p_value < 1)
    p_value[wider] = 2 * special.ndtr(special.ndtri(p_value[wider] / 2) / root[wider])
    found = np.full((5, len(sizes)), np.nan)
    found[:, both] = [difference, np.maximum(low, -most), np.minimum(high, most), widened, p_value]
    names = ("difference", "lower", "upper", "widened", "p_value")
    test = "Fisher exact, Newcombe interval" if kind == "proportion" else "exact conditional, hybrid score"
    with np.errstate(invalid="ignore"):
        estimate, of_others = counts / sizes, others / rest
    return pd.DataFrame(
        {
            "estimate": estimate,
            "rest": of_others,
            **dict(zip(names, found, strict=True)),
            "p_holm": holm(found[-1]),
            "p_bh": benjamini_hochberg(found[-1]),
            "method": test + (", widened for over-dispersion" if between else ""),
        }
    )


def _shares(
    others: FloatArray, rest: FloatArray, own: FloatArray, sizes: FloatArray, confidence: float
) -> tuple[FloatArray, ...]:
    limits = newcombe_bounds(others, rest, own, sizes, confidence)
    tables = np.array([[own, sizes - own], [others, rest - others]]).transpose(2, 0, 1).astype(int)
    p_values = [min(float(stats.fisher_exact(table).pvalue), 1.0) for table in tables]
    return own / sizes - others / rest, *limits, np.array(p_values, dtype=float)


def _rates(
    others: FloatArray, rest: FloatArray, own: FloatArray, sizes: FloatArray, confidence: float
) -> tuple[FloatArray, ...]:
    found = [
        compare_counts(
            int(before), int(after), exposure_before=whole, exposure_after=part, confidence=confidence
        )
        for before, whole, after, part in zip(*(x.tolist() for x in (others, rest, own, sizes)), strict=True)
    ]
    names = ("difference", "difference_lower", "difference_upper", "p_value")
    return tuple(np.array([getattr(one, name) for one in found], dtype=float) for name in names)


def _widened(at: int, counts: FloatArray, sizes: FloatArray, kind: Kind, between: float) -> float:
    mean = counts.sum() / sizes.sum()
    unit_variance = mean * (1 - mean) if kind == "proportion" else mean
    if not (between and unit_variance > 0):
        return 1.0
    others = np.delete(sizes, at)
    chance = unit_variance * (1 / sizes[at] + 1 / others.sum())
    return float(1 + between * (1 + (others**2).sum() / others.sum() ** 2) / chance)


# --- positions -----------------------------------------------------------------------------------------


def positions(
    events: ArrayLike,
    bases: ArrayLike,
    *,
    kind: Kind,
    highest_first: bool = True,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Order units by share or rate and say which positions each could have.

    Returns
    -------
    DataFrame
        One row per unit in the order given: ``position`` as printed (equal estimates share the first of
        theirs), ``first`` and ``last``: the positions that the data leave open. NaN without a base.

    All pairs are compared by exact tests with Holm's adjustment. A unit's first position is one after those
    surely ahead of it, its last the number of units less those surely behind it. Source: Mogstad, Romano,
    Shaikh and Wilhelm (2024) Review of Economic Studies 91, 476-518.

    Examples
    --------
    >>> positions([48, 50, 20], [80, 70, 80], kind="proportion").astype(int).to_numpy().tolist()
    [[2, 1, 2], [1, 1, 2], [3, 3, 3]]
    """
    counts, sizes = _checked_units(events, bases, kind)
    check_confidence(confidence)
    held = np.flatnonzero(sizes > 0)
    frame = pd.DataFrame(np.nan, index=range(len(sizes)), columns=["position", "first", "last"])
    if not len(held):
        return frame
    shares = counts[held] / sizes[held] * (1 if highest_first else -1)
    one, other = np.triu_indices(len(held), k=1)
    p_values = _p_values_of_pairs(counts[held], sizes[held], one, other, kind)
    clear = holm(p_values) < 1 - confidence
    ahead = np.zeros((len(held), len(held)), dtype=bool)
    ahead[one, other] = clear & (shares[one] > shares[other])
    ahead[other, one] = clear & (shares[other] > shares[one])
    frame.loc[held] = _positions_left_open(shares, ahead)
    return frame


def positions_of_ranges(
    values: ArrayLike, lower: ArrayLike, upper: ArrayLike, *, highest_first: bool = True
) -> pd.DataFrame:
    """Order units by figures that are known within a range, such as rounded ones.

    Returns
    -------
    DataFrame
        As `positions` gives it; a unit is ahead of another where their ranges do not touch.

    Examples
    --------
    >>> found = positions_of_ranges([5.6, 5.6, 13.4], [5.55, 5.55, 13.35], [5.65, 5.65, 13.45])
    >>> found.astype(int).to_numpy().tolist()
    [[2, 2, 3], [2, 2, 3], [1, 1, 1]]
    """
    printed, low, high = (np.asarray(ends, dtype=float) for ends in (values, lower, upper))
    if not ((low <= printed) & (printed <= high)).all():
        raise MethodError("a figure lies outside its range; expected lower <= value <= upper.")
    sign = 1 if highest_first else -1
    ends = (low, high) if highest_first else (-high, -low)
    return pd.DataFrame(
        _positions_left_open(sign * printed, ends[0][:, None] > ends[1][None, :]),
        columns=["position", "first", "last"],
        dtype="float64",
    )


def _p_values_of_pairs(
    counts: FloatArray, sizes: FloatArray, one: np.ndarray, other: np.ndarray, kind: Kind
) -> FloatArray:
    seen, total = counts[one], counts[one] + counts[other]
    law = (
        stats.hypergeom(sizes[one] + sizes[other], total, sizes[one])
        if kind == "proportion"
        else stats.binom(total, sizes[one] / (sizes[one] + sizes[other]))
    )
    return np.asarray(np.minimum(2 * np.minimum(law.cdf(seen), law.sf(seen - 1)), 1.0), dtype=float)


def _positions_left_open(shares: FloatArray, ahead: np.ndarray) -> FloatArray:
    """Position as printed, first and last possible, from who is surely ahead of whom."""
    printed = 1 + (shares[None, :] > shares[:, None]).sum(axis=1)
    first, last = 1 + ahead.sum(axis=0), len(shares) - ahead.sum(axis=1)
    return np.column_stack([printed, first, last]).astype(float)
