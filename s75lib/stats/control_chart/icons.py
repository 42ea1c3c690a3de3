"""From rules and limits to the two icons: variation and assurance."""

from __future__ import annotations

__all__ = ["Assurance", "Variation", "assurance_codes", "point_codes"]

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from s75lib.stats.control_chart.options import ChartOptions, Polarity
from s75lib.stats.control_chart.rules import BoolArray, FloatArray, Lines, tolerance

Variation = Literal["improving", "concerning", "high", "low", "mixed", "common_cause", "not_assessed"]
Assurance = Literal["passing", "failing", "hit_or_miss", "no_target", "not_assessed"]

VARIATIONS: tuple[Variation, ...] = get_args(Variation)
ASSURANCES: tuple[Assurance, ...] = get_args(Assurance)

_UPWARD = (0, 2, 4, 6)
_DOWNWARD = (1, 3, 5, 7)

# Indices into VARIATIONS of (upward, downward, both ways).
_MEANING: dict[str, tuple[int, int, int]] = {
    "higher_is_better": (0, 1, 4),
    "lower_is_better": (1, 0, 4),
    "neither": (2, 3, 4),
}


def point_codes(
    flags: BoolArray, values: FloatArray, lines: Lines, polarity: Polarity, options: ChartOptions
) -> npt.NDArray[np.int8]:
    """Variation of each point, as an index into ``VARIATIONS``.

    Parameters
    ----------
    flags : ndarray of bool, shape (8, points)
        From `rule_flags`.
    values : ndarray of float, shape (points,)
    lines : Lines
    polarity : Polarity
        Which way is better; signals are high or low where neither is.
    options : ChartOptions
        What a point with signals both ways is called.

    Returns
    -------
    ndarray of int8, shape (points,)
    """
    up, down, both = _MEANING[polarity]
    if options.conflict == "improving" and polarity != "neither":
        both = 0
    upward = flags[_UPWARD, :].any(axis=0)
    downward = flags[_DOWNWARD, :].any(axis=0)
    codes = np.where(
        upward & downward,
        both,
        np.where(upward, up, np.where(downward, down, VARIATIONS.index("common_cause"))),
    )
    codes[~(np.isfinite(values) & np.isfinite(lines.upper))] = VARIATIONS.index("not_assessed")
    return codes.astype(np.int8)


def assurance_codes(targets: FloatArray, lines: Lines, polarity: Polarity) -> npt.NDArray[np.int8]:
    """Assurance of each period against its own target, as an index into ``ASSURANCES``.

    Parameters
    ----------
    targets : ndarray of float, shape (points,)
        NaN where no target stands.
    lines : Lines
    polarity : Polarity
        With ``neither``, no period is assessed.

    Returns
    -------
    ndarray of int8, shape (points,)

    Notes
    -----
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
