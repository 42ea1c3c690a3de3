"""The Making Data Count rules: which points show special cause, and which way."""

from __future__ import annotations

__all__ = ["RULES", "BoolArray", "FloatArray", "Lines", "rule_flags", "tolerance"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from s75lib.stats.control_chart.options import ChartOptions

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

# Each rule, upward first: the order of the flag columns and of the words that list them.
RULES = (
    "outside_above",
    "outside_below",
    "shift_above",
    "shift_below",
    "trend_up",
    "trend_down",
    "two_of_three_above",
    "two_of_three_below",
)


@dataclass(frozen=True, eq=False)
class Lines:
    """Mean and limits of each point; NaN where there are none.

    Parameters
    ----------
    mean, lower, upper, near_lower, near_upper : ndarray of float, shape (points,)
        In the units of the values.
    """

    mean: FloatArray
    lower: FloatArray
    upper: FloatArray
    near_lower: FloatArray
    near_upper: FloatArray


def tolerance(values: FloatArray) -> float:
    """Difference below which two values are the same but for rounding in the machine."""
    largest = np.fmax.reduce(np.abs(values), initial=0.0)
    return 1e-12 * float(largest)


def rule_flags(
    values: FloatArray, phase: npt.NDArray[np.intp], lines: Lines, options: ChartOptions
) -> BoolArray:
    """Every rule at every point.

    Parameters
    ----------
    values : ndarray of float, shape (points,)
        NaN where a period is missing.
    phase : ndarray of int, shape (points,)
        Runs do not cross from one phase into the next.
    lines : Lines
        Points without limits take part in no rule.
    options : ChartOptions
        Run lengths and the treatment of points on the mean.

    Returns
    -------
    ndarray of bool, shape (8, points)
        One row per rule in the order of ``RULES``.

    Notes
    -----
    All points of a shift or a trend are flagged, from its first. Of two of three, those near the limit are
    flagged; the third has to lie on the same side of the mean but is not itself a signal. A missing period
    ends every run. A tie ends a trend.

    Examples
    --------
    >>> values = np.array([5.0, 6, 7, 8, 9, 10, 11, 5])
    >>> flat = np.ones(8)
    >>> lines = Lines(8 * flat, 0 * flat, 16 * flat, 2 * flat, 14 * flat)
    >>> flags = rule_flags(values, np.ones(8, dtype=int), lines, ChartOptions())
    >>> dict(zip(RULES, flags.sum(axis=1).tolist()))["trend_up"]
    7
    """
    flags = np.zeros((len(RULES), values.size), dtype=np.bool_)
    usable = np.isfinite(values) & np.isfinite(lines.upper)
    rows = np.flatnonzero(usable)
    if not rows.size:
        return flags
    slack = tolerance(values)
    # A stretch is a set of neighbouring points of one phase; no run leaves it.
    fresh = (np.diff(rows) > 1) | (np.diff(phase[rows]) != 0)
    stretch = np.concatenate(([0], np.cumsum(fresh)))
    value, mean = values[rows], lines.mean[rows]
    distance = value - mean
    side = np.where(distance > slack, 1, np.where(distance < -slack, -1, 0))
    above = value > lines.upper[rows] + slack
    below = value < lines.lower[rows] - slack
    near_above = value > lines.near_upper[rows] + slack
    near_below = value < lines.near_lower[rows] - slack
    if not options.near_includes_outside:
        near_above, near_below = near_above & ~above, near_below & ~below
    found = np.array(
        [
            above,
            below,
            *_shift(side, stretch, options),
            *_trend(value, fresh, slack, options.trend_length),
            _two_of_three(side > 0, near_above, stretch),
            _two_of_three(side < 0, near_below, stretch),
        ]
    )
    flags[:, rows] = found
    return flags


def _run_lengths(marks: IntArray, starts_anew: BoolArray) -> IntArray:
    """Length of the run of equal marks that each place belongs to."""
    fresh = (marks[1:] != marks[:-1]) | starts_anew
    run = np.concatenate(([0], np.cumsum(fresh)))
    lengths: IntArray = np.bincount(run)[run]
    return lengths


def _shift(side: IntArray, stretch: IntArray, options: ChartOptions) -> tuple[BoolArray, BoolArray]:
    """Points of a run above, and of a run below, the mean."""
    long_run = np.zeros(side.size, dtype=np.bool_)
    kept = np.flatnonzero(side != 0) if options.on_mean == "skip" else np.arange(side.size)
    if kept.size:
        lengths = _run_lengths(side[kept], np.diff(stretch[kept]) != 0)
        long_run[kept] = lengths >= options.shift_length
    return long_run & (side > 0), long_run & (side < 0)


def _trend(value: FloatArray, fresh: BoolArray, slack: float, length: int) -> tuple[BoolArray, BoolArray]:
    """Points of a strictly rising, and of a strictly falling, run."""
    up, down = np.zeros(value.size, dtype=np.bool_), np.zeros(value.size, dtype=np.bool_)
    if value.size < length:
        return up, down
    change = np.diff(value)
    step = np.where(change > slack, 1, np.where(change < -slack, -1, 0))
    step[fresh] = 0
    long_run = _run_lengths(step, np.zeros(step.size - 1, dtype=np.bool_)) >= length - 1
    for flag, sign in ((up, 1), (down, -1)):
        part = long_run & (step == sign)
        flag[1:] |= part
        flag[:-1] |= part
    return up, down


def _two_of_three(same_side: BoolArray, near: BoolArray, stretch: IntArray) -> BoolArray:
    """Points near the limit in some three neighbours of one side of which two or more are near it."""
    flagged = np.zeros(near.size, dtype=np.bool_)
    if np.count_nonzero(near) < 2 or near.size < 3:
        return flagged
    three = same_side[:-2] & same_side[1:-1] & same_side[2:] & (stretch[:-2] == stretch[2:])
    enough = near[:-2].astype(np.int64) + near[1:-1] + near[2:] >= 2
    window = three & enough
    for offset in range(3):
        flagged[offset : offset + window.size] |= window
    return flagged & near
