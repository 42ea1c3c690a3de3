"""A control chart as one frozen result, put together from phases, rules and icons."""

from __future__ import annotations

__all__ = ["ControlChart", "Phase", "Series", "as_floats", "assemble", "read_series"]

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import MethodError
from s75lib.stats.control_chart.icons import (
    ASSURANCES,
    VARIATIONS,
    Assurance,
    Variation,
    assurance_codes,
    point_codes,
)
from s75lib.stats.control_chart.limits import PhaseFit
from s75lib.stats.control_chart.notes import chart_note
from s75lib.stats.control_chart.options import ChartOptions, Polarity
from s75lib.stats.control_chart.periods import Grid, PeriodLabel, Periods, grid_of, place_of, spread
from s75lib.stats.control_chart.rules import RULES, BoolArray, FloatArray, Lines, rule_flags

Targets = float | Sequence[float] | npt.NDArray[np.float64] | pd.Series | Mapping[PeriodLabel, float]
Fitter = Callable[[slice], PhaseFit]


@dataclass(frozen=True, eq=False)
class Phase:
    """One stretch between rebasings, with the lines that hold in it.

    Parameters
    ----------
    number : int
        From 1.
    start, end : str or int
        First and last period.
    points : int
        Values observed.
    fit : PhaseFit
        Mean, limits, what they rest on, and why there are none.
    """

    number: int
    start: str | int
    end: str | int
    points: int
    fit: PhaseFit


@dataclass(frozen=True, eq=False)
class Series:
    """Values on their grid of periods, split into phases."""

    grid: Grid
    values: FloatArray
    phase: npt.NDArray[np.intp]
    targets: FloatArray


@dataclass(frozen=True, eq=False)
class Rows:
    """A series with its lines, flags (a row per rule) and codes of the icons."""

    series: Series
    lines: Lines
    flags: BoolArray
    variation: npt.NDArray[np.int8]
    assurance: npt.NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class ControlChart:
    """A control chart: its points, its lines, its signals and its two icons.

    Parameters
    ----------
    kind : str
        xmr, p, p_prime, u, u_prime or g.
    phases : tuple of Phase
    polarity : str
        higher_is_better, lower_is_better or neither.
    variation : str
        Of the latest point: improving, concerning, high or low (a special cause where neither way is
        better), mixed (signals both ways), common_cause or not_assessed.
    variation_rules : tuple of str
        Rules that fire at the latest point.
    assurance : str
        Of the latest point, by the target that holds there: passing, failing, hit_or_miss, no_target or
        not_assessed.
    missing : tuple of str or int
        Periods without a value.
    note : str
        What a reader has to know: too short, constant, periods missing... Empty when there is nothing.
    method : str
        How the limits were computed, in words.
    options : ChartOptions
    rows : Rows
        What ``points`` is built from.
    """

    kind: str
    phases: tuple[Phase, ...]
    polarity: Polarity
    variation: Variation
    variation_rules: tuple[str, ...]
    assurance: Assurance
    missing: tuple[str | int, ...]
    note: str
    method: str
    options: ChartOptions
    rows: Rows = field(repr=False)

    @cached_property
    def points(self) -> pd.DataFrame:
        """One row per period from the first to the last, missing ones included.

        Columns: period, value, phase, mean, lower, upper, near_lower, near_upper, moving_range, target; eight
        flags, each true where that rule fires (outside_above, outside_below, shift_above, shift_below,
        trend_up, trend_down, two_of_three_above, two_of_three_below); variation and assurance (categories) of
        the point. Built when first asked for: a matrix of icons needs none.
        """
        return _points(self.rows)

    @property
    def signals(self) -> pd.DataFrame:
        """One row per point and rule that fires there: period, value, phase, rule."""
        flags = self.points[list(RULES)].to_numpy(dtype=np.bool_)
        row, rule = np.nonzero(flags)
        table = self.points.iloc[row][["period", "value", "phase"]].reset_index(drop=True)
        return table.assign(rule=np.asarray(RULES, dtype=object)[rule])


def as_floats(
    name: str, values: Sequence[float | None] | npt.NDArray[Any] | pd.Series
) -> npt.NDArray[np.float64]:
    """Copy of a series as floats, NaN where missing; MethodError unless it is one row of numbers."""
    try:
        if isinstance(values, pd.Series):
            found: FloatArray = values.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
        else:
            found = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MethodError(
            f"{name}: found what is no number ({error}); expected numbers. Clean the series first."
        ) from error
    if found.ndim != 1:
        raise MethodError(f"{name}: found {found.ndim} dimensions; expected one. Chart one series at a time.")
    return found


def read_series(
    values: FloatArray, periods: Periods | None, rebase: Sequence[PeriodLabel], target: Targets | None
) -> Series:
    """Lay values and targets on a grid and number its phases."""
    grid = grid_of(periods, values.size)
    on_grid = spread(grid, values)
    targets = _targets(grid, target)
    if np.isinf(targets).any():
        raise MethodError(
            "target: found an infinite one; expected finite numbers. Leave out what has no target."
        )
    return Series(grid, on_grid, _phase_numbers(grid, rebase), targets)


def _phase_numbers(grid: Grid, rebase: Sequence[PeriodLabel]) -> npt.NDArray[np.intp]:
    """Phase of each row, from 1: a new one starts at every period of ``rebase``."""
    phase = np.ones(len(grid.labels), dtype=np.intp)
    for period in rebase:
        place = place_of(grid, period, "rebase")
        if not 0 < place < phase.size:
            raise MethodError(
                f"rebase: found {period!r}; expected a period after the first, {grid.labels[0]}, and up to "
                f"the last, {grid.labels[-1]}. Rebase within the series."
            )
        phase[place:] += 1
    return phase


def assemble(
    kind: str,
    series: Series,
    fit: Fitter,
    polarity: Polarity,
    options: ChartOptions,
    method: str,
    remarks: Sequence[str] = (),
) -> ControlChart:
    """Fit every phase, apply the rules, set the icons and say what needs saying."""
    _check_bounds(series, options)
    labels, values = series.grid.labels, series.values
    lines, phases = _fit_phases(series, fit)
    flags = rule_flags(values, series.phase, lines, options)
    variation = point_codes(flags, values, lines, polarity, options)
    assurance = assurance_codes(series.targets, lines, polarity)
    observed = np.flatnonzero(~np.isnan(values))
    latest = int(observed[-1]) if observed.size else None
    missing = tuple(labels[row] for row in np.flatnonzero(np.isnan(values)))
    return ControlChart(
        kind=kind,
        phases=phases,
        polarity=polarity,
        variation="not_assessed" if latest is None else VARIATIONS[variation[latest]],
        variation_rules=()
        if latest is None
        else tuple(rule for rule, fires in zip(RULES, flags[:, latest], strict=True) if fires),
        assurance="not_assessed" if latest is None else ASSURANCES[assurance[latest]],
        missing=missing,
        note=chart_note(labels, values, phases, missing, options, remarks),
        method=method,
        options=options,
        rows=Rows(series, lines, flags, variation, assurance),
    )


def _fit_phases(series: Series, fit: Fitter) -> tuple[Lines, tuple[Phase, ...]]:
    """Lines of every row, and the phases that they come from."""
    size = series.values.size
    lines = Lines(*(np.full(size, np.nan) for _ in range(5)))
    phases = []
    edges = [0, *(np.flatnonzero(np.diff(series.phase)) + 1).tolist(), size] if size else []
    for number, (first, end) in enumerate(pairwise(edges), start=1):
        rows = slice(first, end)
        found = fit(rows)
        lines.mean[rows], lines.lower[rows], lines.upper[rows] = found.mean, found.lower, found.upper
        lines.near_lower[rows], lines.near_upper[rows] = found.near_lower, found.near_upper
        points = int(np.count_nonzero(~np.isnan(series.values[rows])))
        phases.append(Phase(number, series.grid.labels[first], series.grid.labels[end - 1], points, found))
    return lines, tuple(phases)


def _points(rows: Rows) -> pd.DataFrame:
    """Put the long table of points together."""
    series, lines = rows.series, rows.lines
    ranges = np.full(series.values.size, np.nan)
    if ranges.size:
        ranges[1:] = np.where(np.diff(series.phase) == 0, np.abs(np.diff(series.values)), np.nan)
    return pd.DataFrame(
        {
            "period": series.grid.index,
            "value": series.values,
            "phase": series.phase,
            "mean": lines.mean,
            "lower": lines.lower,
            "upper": lines.upper,
            "near_lower": lines.near_lower,
            "near_upper": lines.near_upper,
            "moving_range": ranges,
            "target": series.targets,
            **dict(zip(RULES, rows.flags, strict=True)),
            "variation": pd.Categorical.from_codes(rows.variation, dtype=_VARIATION_TYPE),
            "assurance": pd.Categorical.from_codes(rows.assurance, dtype=_ASSURANCE_TYPE),
        }
    )


_VARIATION_TYPE = pd.CategoricalDtype(list(VARIATIONS))
_ASSURANCE_TYPE = pd.CategoricalDtype(list(ASSURANCES))


def _targets(grid: Grid, target: Targets | None) -> FloatArray:
    """Target of each row; a mapping says from which period each holds."""
    size = len(grid.labels)
    if target is None:
        return np.full(size, np.nan)
    if isinstance(target, Mapping):
        targets = np.full(size, np.nan)
        starts = sorted((place_of(grid, period, "target"), value) for period, value in target.items())
        for place, value in starts:
            targets[max(place, 0) :] = value
        return targets
    if isinstance(target, (int, float)):
        return np.full(size, float(target))
    given = np.asarray(target, dtype=np.float64)
    if given.shape != grid.places.shape:
        raise MethodError(
            f"target: found {given.size} for {grid.places.size} values; expected one each. Give one target, "
            "one per value, or a mapping from the period since which each holds."
        )
    return spread(grid, given)


def _check_bounds(series: Series, options: ChartOptions) -> None:
    """Raise MethodError for values that are infinite or past their bounds."""
    low = -np.inf if options.lower_bound is None else options.lower_bound
    high = np.inf if options.upper_bound is None else options.upper_bound
    wrong = np.flatnonzero((series.values < low) | (series.values > high) | np.isinf(series.values))
    if wrong.size:
        row = wrong[0]
        raise MethodError(
            f"values: found {series.values[row]:g} at {series.grid.labels[row]}; expected a finite number "
            f"from {low:g} to {high:g}. Correct the value or the bounds."
        )
