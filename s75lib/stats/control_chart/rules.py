"""The Making Data Count rules as one table of records, and the icons that follow from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from s75lib.errors import MethodError
from s75lib.stats.control_chart.limits import ChartOptions, FloatArray, Polarity, tolerance

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
Direction = Literal["up", "down"]
Variation = Literal["improving", "concerning", "high", "low", "mixed", "common_cause", "not_assessed"]
Assurance = Literal["passing", "failing", "hit_or_miss", "no_target", "not_assessed"]

VARIATIONS: tuple[Variation, ...] = get_args(Variation)
ASSURANCES: tuple[Assurance, ...] = get_args(Assurance)

_ICONS: dict[Polarity, dict[Direction, Variation]] = {
    "higher_is_better": {"up": "improving", "down": "concerning"},
    "lower_is_better": {"up": "concerning", "down": "improving"},
    "neither": {"up": "high", "down": "low"},
}


@dataclass(frozen=True, eq=False)
class Lines:
    """Mean and limits of each point, in the units of the values; NaN where there are none."""

    mean: FloatArray
    lower: FloatArray
    upper: FloatArray
    near_lower: FloatArray
    near_upper: FloatArray

    def at(self, rows: npt.NDArray[np.intp]) -> Lines:
        """Take some of the points."""
        return Lines(*(line[rows] for line in vars(self).values()))


@dataclass(frozen=True, eq=False)
class Seen:
    """The points that have limits: what a rule's test looks at.

    `fresh` is true where a point does not follow on the one before it, since a period is missing between them
    or a phase begins: no run crosses it. `slack` is the difference below which two values are the same.
    """

    value: FloatArray
    lines: Lines
    fresh: BoolArray
    slack: float
    options: ChartOptions

    @cached_property
    def stretch(self) -> IntArray:
        """Number of the stretch of neighbouring points of one phase that each belongs to."""
        return np.concatenate(([0], np.cumsum(self.fresh)))

    @cached_property
    def side(self) -> IntArray:
        """1 above the mean, -1 below it, 0 on it."""
        distance = self.value - self.lines.mean
        return np.where(distance > self.slack, 1, np.where(distance < -self.slack, -1, 0))

    @cached_property
    def above(self) -> BoolArray:
        """Points above the upper limit."""
        return self.value > self.lines.upper + self.slack

    @cached_property
    def below(self) -> BoolArray:
        """Points below the lower limit."""
        return self.value < self.lines.lower - self.slack

    @cached_property
    def shifted(self) -> BoolArray:
        """Points of a run on one side of the mean that is long enough, from its first."""
        lengths = _run_lengths(self.side, self.fresh)
        return np.asarray(lengths >= self.options.shift_length)

    @cached_property
    def climbs(self) -> IntArray:
        """Steps between neighbours in a run that rises (1) or falls (-1) for long enough; 0 elsewhere.

        A tie ends a run, as a missing period does.
        """
        change = np.diff(self.value)
        step = np.where(change > self.slack, 1, np.where(change < -self.slack, -1, 0))
        step[self.fresh] = 0
        if self.value.size < self.options.trend_length:
            return np.zeros_like(step)
        long_run = _run_lengths(step, np.zeros(step.size - 1, dtype=np.bool_))
        return np.where(long_run >= self.options.trend_length - 1, step, 0)


@dataclass(frozen=True)
class Rule:
    """One sign of special cause, with all that charts, icons and reports need to know of it.

    - `name`: Column of ``ControlChart.points`` that says where it fires.
    - `direction` in {"up", "down"}: Which way it says that the values went: with the polarity this makes the
      icon.
    - `test`: Takes the points that have limits (`Seen`), gives a flag for each.
    - `words`: What is seen, as a report says it, such as "a run above the mean".

    >>> RULES["shift_above"].icon("lower_is_better")
    'concerning'
    """

    name: str
    direction: Direction
    test: Callable[[Seen], BoolArray]
    words: str

    def __post_init__(self) -> None:
        whole = {
            "a name that can be a column": self.name.isidentifier(),
            "the direction up or down": self.direction in get_args(Direction),
            "a test to call": callable(self.test),
            "words for a report": bool(self.words.strip()),
        }
        lacking = [part for part, there in whole.items() if not there]
        if lacking:
            raise MethodError(f"rule {self.name!r}: expected {', '.join(lacking)}. Complete its record.")

    def icon(self, polarity: Polarity) -> Variation:
        """Variation icon of a point at which this rule alone fires."""
        return _ICONS[polarity][self.direction]


def _trend(seen: Seen, sign: int) -> BoolArray:
    part, flagged = seen.climbs == sign, np.zeros(seen.value.size, dtype=np.bool_)
    flagged[1:] = part
    flagged[:-1] |= part
    return flagged


def _two_of_three(seen: Seen, near: BoolArray, outside: BoolArray, sign: int) -> BoolArray:
    """Points near a limit in some three neighbours of one side of which two or more are near it.

    The third has to lie on the same side of the mean but is no signal itself.
    """
    if not seen.options.near_includes_outside:
        near = near & ~outside
    flagged = np.zeros(near.size, dtype=np.bool_)
    if np.count_nonzero(near) < 2 or near.size < 3:
        return flagged
    side = seen.side == sign
    three = side[:-2] & side[1:-1] & side[2:] & (seen.stretch[:-2] == seen.stretch[2:])
    window = three & (near[:-2].astype(np.int64) + near[1:-1] + near[2:] >= 2)
    for offset in range(3):
        flagged[offset : offset + window.size] |= window
    return flagged & near


def _two_of_three_above(seen: Seen) -> BoolArray:
    return _two_of_three(seen, seen.value > seen.lines.near_upper + seen.slack, seen.above, 1)


def _two_of_three_below(seen: Seen) -> BoolArray:
    return _two_of_three(seen, seen.value < seen.lines.near_lower - seen.slack, seen.below, -1)


def _table(*rules: Rule) -> dict[str, Rule]:
    table = {rule.name: rule for rule in rules}
    if len(table) < len(rules):
        raise MethodError(f"rules {[rule.name for rule in rules]}: expected distinct names. Rename one.")
    return table


RULES = _table(
    Rule("outside_above", "up", lambda seen: seen.above, "above the upper limit"),
    Rule("outside_below", "down", lambda seen: seen.below, "below the lower limit"),
    Rule("shift_above", "up", lambda seen: seen.shifted & (seen.side > 0), "a run above the mean"),
    Rule("shift_below", "down", lambda seen: seen.shifted & (seen.side < 0), "a run below the mean"),
    Rule("trend_up", "up", lambda seen: _trend(seen, 1), "a rising run"),
    Rule("trend_down", "down", lambda seen: _trend(seen, -1), "a falling run"),
    Rule("two_of_three_above", "up", _two_of_three_above, "two of three near the upper limit"),
    Rule("two_of_three_below", "down", _two_of_three_below, "two of three near the lower limit"),
)
"""Every rule by its name, in the order of the flag columns and of the words that list them."""


def rule_flags(
    values: FloatArray, phase: npt.NDArray[np.intp], lines: Lines, options: ChartOptions
) -> BoolArray:
    """Every rule, one a row in the order of `RULES`, at every point; those without limits take no part."""
    flags = np.zeros((len(RULES), values.size), dtype=np.bool_)
    rows = np.flatnonzero(np.isfinite(values) & np.isfinite(lines.upper))
    if not rows.size:
        return flags
    seen = Seen(
        value=values[rows],
        lines=lines.at(rows),
        fresh=(np.diff(rows) > 1) | (np.diff(phase[rows]) != 0),
        slack=tolerance(values),
        options=options,
    )
    flags[:, rows] = [rule.test(seen) for rule in RULES.values()]
    if options.correlation is not None:
        flags[[not rule.startswith("outside") for rule in RULES]] = False
    return flags


def _run_lengths(marks: IntArray, starts_anew: BoolArray) -> IntArray:
    fresh = (marks[1:] != marks[:-1]) | starts_anew
    run = np.concatenate(([0], np.cumsum(fresh)))
    lengths: IntArray = np.bincount(run)[run]
    return lengths


def variation_codes(
    flags: BoolArray, values: FloatArray, lines: Lines, polarity: Polarity, options: ChartOptions
) -> npt.NDArray[np.int8]:
    """Variation icon of each point, as an index into `VARIATIONS`, by the rules that fire there."""
    icons, whole = _ICONS[polarity], [rule.direction for rule in RULES.values()]
    up = flags[[at for at, way in enumerate(whole) if way == "up"]].any(axis=0)
    down = flags[[at for at, way in enumerate(whole) if way == "down"]].any(axis=0)
    both: Variation = "improving" if options.conflict == "improving" and polarity != "neither" else "mixed"
    # By whether a point has a signal up (1) and one down (2).
    found: tuple[Variation, ...] = ("common_cause", icons["up"], icons["down"], both)
    codes = np.array([VARIATIONS.index(icon) for icon in found], dtype=np.int8)[up + 2 * down]
    codes[~(np.isfinite(values) & np.isfinite(lines.upper))] = VARIATIONS.index("not_assessed")
    return codes


def assurance_codes(targets: FloatArray, lines: Lines, polarity: Polarity) -> npt.NDArray[np.int8]:
    """Assurance of each period against its own target, as an index into `ASSURANCES`.

    Passing means that every value within the limits meets the target, failing that none does. A value equal
    to the target meets it, so a target equal to the limit on the worse side is passed.
    """
    passing, failing, either, no_target, not_assessed = range(len(ASSURANCES))
    if polarity == "neither":
        codes = np.full(targets.size, not_assessed)
    else:
        slack = max(tolerance(targets), tolerance(lines.upper))
        worse, better = lines.lower, lines.upper
        sign = 1.0
        if polarity == "lower_is_better":
            worse, better, sign = lines.upper, lines.lower, -1.0
        # Comparisons with NaN are false, so periods without limits fall through to the last line.
        codes = np.where(
            sign * (worse - targets) >= -slack,
            passing,
            np.where(sign * (targets - better) > slack, failing, either),
        )
        codes[~np.isfinite(lines.upper)] = not_assessed
    codes[np.isnan(targets)] = no_target
    return codes.astype(np.int8)
