"""What the reader of a control chart has to be told, in words."""

from __future__ import annotations

__all__ = ["chart_note"]

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from s75lib.stats.control_chart.options import ChartOptions
from s75lib.stats.control_chart.rules import FloatArray

if TYPE_CHECKING:
    from s75lib.stats.control_chart.chart import Phase

_LISTED = 6


def chart_note(
    labels: Sequence[str | int],
    values: FloatArray,
    phases: Sequence[Phase],
    missing: Sequence[str | int],
    options: ChartOptions,
    remarks: Sequence[str],
) -> str:
    """Join what is to be said of the phases, of missing periods and of the method; empty if nothing.

    Parameters
    ----------
    labels : sequence of str or int
        Periods of the chart.
    values : ndarray of float, shape (points,)
    phases : sequence of Phase
    missing : sequence of str or int
        Periods without a value.
    options : ChartOptions
    remarks : sequence of str
        Sentences of the chart's own method.

    Returns
    -------
    str
    """
    if not values.size:
        return "No values."
    sentences = []
    first = 0
    for phase in phases:
        size = labels.index(phase.end) - first + 1
        told = _phase_note(labels[first : first + size], values[first : first + size], phase, options)
        if told and len(phases) > 1:
            told = f"Phase {phase.number}, from {phase.start}: {told[0].lower()}{told[1:]}"
        sentences.append(told)
        first += size
    if missing:
        count = "1 period is" if len(missing) == 1 else f"{len(missing)} periods are"
        sentences.append(f"{count} missing ({_listing(missing)}): runs and moving ranges stop there.")
    if np.isnan(values[-1]) and not np.isnan(values).all():
        sentences.append("The latest period has no value; the icon is that of the latest point before it.")
    return " ".join(sentence for sentence in (*sentences, *remarks) if sentence)


def _phase_note(labels: Sequence[str | int], values: FloatArray, phase: Phase, options: ChartOptions) -> str:
    """Why one phase has no limits, or what was done to its moving ranges."""
    fit = phase.fit
    if fit.reason == "short":
        points = "1 point" if fit.limit_points == 1 else f"{fit.limit_points} points"
        return f"Too short: {points}, {options.minimum_points} needed for limits and rules."
    if fit.reason == "few_ranges":
        return (
            f"Too many gaps: only {fit.ranges} pairs of neighbouring periods, too few for limits and rules."
        )
    if fit.reason == "no_variation":
        return (
            "Every case, or no case, counts in every period: there is no variation, and no limits or rules."
        )
    if fit.reason:
        return _constant_note(labels, values, fit.zero_ranges, fit.ranges)
    if fit.screened:
        ranges = "1 moving range was" if fit.screened == 1 else f"{fit.screened} moving ranges were"
        return f"{ranges} left out of the limits as extreme."
    return ""


def _constant_note(labels: Sequence[str | int], values: FloatArray, zeros: int, ranges: int) -> str:
    """Which value hardly changes, and where it does."""
    kinds, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    usual = kinds[counts.argmax()]
    if kinds.size == 1:
        return f"Constant: every value is {usual:g}, so there is no variation, and no limits or rules."
    others = [
        f"{label} ({value:g})"
        for label, value in zip(labels, values, strict=True)
        if value != usual and not np.isnan(value)
    ]
    return (
        f"Almost constant: {zeros} of {ranges} moving ranges are zero, too many for limits and rules. "
        f"Values other than {usual:g}: {_listing(others)}."
    )


def _listing(items: Sequence[object]) -> str:
    """List the first few items, and how many more there are."""
    shown = ", ".join(str(item) for item in items[:_LISTED])
    rest = len(items) - _LISTED
    return f"{shown} and {rest} more" if rest > 0 else shown
