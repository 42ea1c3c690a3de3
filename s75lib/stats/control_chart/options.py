"""The choices that shape a control chart, checked once."""

from __future__ import annotations

__all__ = ["ChartOptions", "Polarity", "check_choice", "check_polarity"]

from dataclasses import dataclass
from typing import Literal, get_args

from s75lib.errors import MethodError

Polarity = Literal["higher_is_better", "lower_is_better", "neither"]

_RUN_LENGTHS = (6, 7, 8)
_FEWEST_POINTS = 3


@dataclass(frozen=True)
class ChartOptions:
    """How limits are computed and rules are read; the defaults follow Making Data Count where it is sound.

    Parameters
    ----------
    shift_length : int
        Consecutive points on one side of the mean that make a shift: 6, 7 or 8.
    trend_length : int
        Points that each go further the same way and so make a trend: 6, 7 or 8.
    on_mean : {"break", "skip"}
        A point exactly on the mean ends a run (``break``), or is passed over (``skip``).
    near_includes_outside : bool
        Whether a point outside a limit also counts as one of the two of three near it.
    screen_moving_ranges : bool
        Leave moving ranges above 3.267 times their mean out of an XmR chart's limits. The official workbook
        does not.
    lower_bound, upper_bound : float or None
        What the values cannot pass, such as 0 and 100 for percentages, 0 for counts; limits stop there.
    baseline : int or None
        Compute each phase's limits from its first so many points; all of them when None.
    minimum_points : int
        Fewest points of a phase, from 3, on which limits are drawn; the official single-chart tool draws
        limits and icons from 13.
    almost_constant_share : float
        Share of zero moving ranges, in (0, 1], above which no limits are drawn. 1 draws them whenever any
        moving range is above zero, as the official workbook does.
    conflict : {"mixed", "improving"}
        The icon when the latest point has signals both ways; the official workbook shows improvement.

    Raises
    ------
    MethodError
        If an option is outside its range.

    Examples
    --------
    >>> ChartOptions(lower_bound=0, upper_bound=100).shift_length
    7
    """

    shift_length: int = 7
    trend_length: int = 7
    on_mean: Literal["break", "skip"] = "break"
    near_includes_outside: bool = True
    screen_moving_ranges: bool = False
    lower_bound: float | None = None
    upper_bound: float | None = None
    baseline: int | None = None
    minimum_points: int = 13
    almost_constant_share: float = 0.5
    conflict: Literal["mixed", "improving"] = "mixed"

    def __post_init__(self) -> None:
        for name in ("shift_length", "trend_length"):
            _require(getattr(self, name) in _RUN_LENGTHS, name, getattr(self, name), "6, 7 or 8")
        check_choice("on_mean", self.on_mean, ("break", "skip"))
        check_choice("conflict", self.conflict, ("mixed", "improving"))
        _require(
            self.minimum_points >= _FEWEST_POINTS, "minimum_points", self.minimum_points, "3 points or more"
        )
        _require(self.baseline is None or self.baseline >= 2, "baseline", self.baseline, "2 points or more")
        _require(
            0 < self.almost_constant_share <= 1,
            "almost_constant_share",
            self.almost_constant_share,
            "a share above 0 and up to 1",
        )
        if self.lower_bound is not None and self.upper_bound is not None:
            _require(
                self.lower_bound < self.upper_bound,
                "lower_bound",
                self.lower_bound,
                f"a number below upper_bound, {self.upper_bound}",
            )


def check_polarity(polarity: str) -> None:
    """Raise MethodError unless the polarity is one of the three known."""
    check_choice("polarity", polarity, get_args(Polarity))


def check_choice(name: str, found: str, choices: tuple[str, ...]) -> None:
    """Raise MethodError unless an argument is one of its choices."""
    _require(found in choices, name, found, " or ".join(choices))


def _require(holds: bool, name: str, found: object, expected: str) -> None:
    """Raise MethodError that names the argument at fault."""
    if not holds:
        raise MethodError(f"{name}: found {found!r}; expected {expected}. Correct the argument {name}.")
