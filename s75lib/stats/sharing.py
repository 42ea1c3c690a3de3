"""Sharing an amount by a rule, to the penny: in proportion, in bands, each his own, up to a cap.

An `amount` is in whole pence, of either sign: above zero a cost to bear, below it a saving to divide.
`weights` are by bearer, each >= 0, together above zero; a `rule` has a last step that takes the rest. Each
function raises MethodError where an argument is outside its stated range.
"""

from __future__ import annotations

__all__ = ["Band", "Cap", "Own", "Rule", "Shared", "pence", "share", "split"]

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from s75lib.errors import MethodError
from s75lib.stats.rounding import Number, exact_fraction

Amounts = dict[str, int]


@dataclass(frozen=True)
class Band:
    """What is left of the amount, or its next part, in proportion to weights.

    - `weights`: 60 and 40 share as 3 and 2 do.
    - `up_to`: Pence that the step takes at most, on either side of zero; None: all that is left.
    - `of`: ``over``: amounts above zero alone; ``under``: those below; ``both``.
    """

    name: str
    weights: Mapping[str, Number]
    up_to: int | None = None
    of: Literal["both", "over", "under"] = "both"


@dataclass(frozen=True)
class Own:
    """Each bears what is known to be his own, pence by bearer, whatever the rest."""

    name: str
    amounts: Mapping[str, int]


@dataclass(frozen=True)
class Cap:
    """The most that one bears of an amount above zero, in pence, and `then` who bears the rest, if any."""

    at_most: int
    then: str = ""


@dataclass(frozen=True)
class Rule:
    """Steps in their order, each of which takes from what the ones before have left; caps come last."""

    steps: tuple[Band | Own, ...]
    caps: Mapping[str, Cap]


@dataclass(frozen=True)
class Shared:
    """An amount shared: each step that moved anything, with pence by bearer; they add up to the amount."""

    amount: int
    steps: tuple[tuple[str, Amounts], ...]

    @property
    def totals(self) -> Amounts:
        """Pence by bearer, over all steps."""
        return _added(part for _, part in self.steps)


def pence(amount: Number) -> int:
    """Turn pounds into whole pence, half a penny away from zero; a float by its shortest decimal form.

    Examples
    --------
    >>> pence(329_443.20), pence("-0.005")
    (32944320, -1)
    """
    exact = 100 * exact_fraction(amount)
    size = int(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


def split(amount: int, weights: Mapping[str, Number]) -> Amounts:
    """Split an amount in proportion to weights, by the largest remainder.

    Each share is cut to whole pence. The pence left over go one by one to those of whom most was cut off;
    where as much was, to the larger weight, and of equal weights to the first name in the alphabet. Source:
    Balinski and Young (2001) Fair Representation, 2nd edition, chapter 2 (Hamilton's method).

    Returns
    -------
    dict of str to int
        Pence by bearer in the order of the weights; they add up to the amount.

    Examples
    --------
    >>> split(54_907_200, {"council": 60, "trust": 40})
    {'council': 32944320, 'trust': 21962880}
    >>> split(-100, {"a": 1, "b": 1, "c": 1})
    {'a': -34, 'b': -33, 'c': -33}
    """
    exact = {name: exact_fraction(weight) for name, weight in weights.items()}
    whole = sum(exact.values(), Fraction(0))
    if whole <= 0 or min(exact.values()) < 0:
        raise MethodError("found weights that are below zero or all zero; expected weights above zero.")
    ideal = {name: abs(amount) * weight / whole for name, weight in exact.items()}
    cut = {name: int(value) for name, value in ideal.items()}
    order = sorted(exact, key=lambda name: (cut[name] - ideal[name], -exact[name], name))
    for name in order[: abs(amount) - sum(cut.values())]:
        cut[name] += 1
    return {name: value if amount >= 0 else -value for name, value in cut.items()}


def share(amount: int, rule: Rule) -> Shared:
    """Share an amount by a `Rule`: its steps, then its caps.

    Steps that add up to the amount exactly. Nothing is shared of nothing, unless someone's own amounts are of
    both signs. Caps bind on costs alone. What is beyond a cap goes to the bearer that the cap names; where
    that one is capped too, on to the next; where all are, nobody is left and the rule is at fault.

    Examples
    --------
    The first £100 by the council, the rest 60 to 40, the trust never above £50:

    >>> rule = Rule((Band("first", {"council": 1}, up_to=10_000), Band("rest", {"council": 60, "trust": 40})),
    ...             {"trust": Cap(5_000, "council")})
    >>> share(30_000, rule).totals
    {'council': 25000, 'trust': 5000}
    >>> share(-30_000, rule).totals
    {'council': -22000, 'trust': -8000}
    """
    left, steps = amount, []
    for step in rule.steps:
        part = dict(step.amounts) if isinstance(step, Own) else _band(left, step)
        if any(part.values()):
            steps.append((step.name, part))
            left -= sum(part.values())
    if left:
        raise MethodError(
            f"found £{left / 100:,.2f} that no step of the rule shares; expected a last step that takes the "
            "rest. Add one without an upper end."
        )
    return Shared(amount, (*steps, *_above_caps(_added(part for _, part in steps), rule.caps)))


def _band(left: int, step: Band) -> Amounts:
    """Split what a step takes of what is left."""
    if (step.of == "over" and left < 0) or (step.of == "under" and left > 0):
        return {}
    size = abs(left) if step.up_to is None else min(abs(left), step.up_to)
    return split(size if left >= 0 else -size, step.weights)


def _above_caps(totals: Amounts, caps: Mapping[str, Cap]) -> list[tuple[str, Amounts]]:
    """Move what is above each cap to the bearer that it names, and on from there."""
    moves = []
    for name in sorted(caps):
        seen, at = {name}, name
        while at in caps and (beyond := totals.get(at, 0) - caps[at].at_most) > 0:
            then = caps[at].then
            if not then or then in seen:
                raise MethodError(
                    f"found £{beyond / 100:,.2f} above the cap of {at} that nobody else may bear; expected "
                    "someone who does. Say in the rule who bears what is above the cap."
                )
            moves.append((f"above the cap of {at}", {at: -beyond, then: beyond}))
            totals = _added([totals, moves[-1][1]])
            seen, at = seen | {then}, then
    return moves


def _added(parts: Iterable[Amounts]) -> Amounts:
    totals: Amounts = {}
    for part in parts:
        for name, amount in part.items():
            totals[name] = totals.get(name, 0) + amount
    return totals
