"""The charts: XmR, p and u with Laney's correction, and g; each a frozen result with its rules and icons.

The `events` of a g chart are running numbers of the cases, in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import MethodError
from s75lib.stats.control_chart.limits import (
    ChartOptions,
    Dispersion,
    FloatArray,
    PhaseFit,
    Polarity,
    check_choice,
    fit_attribute,
    fit_geometric,
    fit_xmr,
)
from s75lib.stats.control_chart.periods import Grid, PeriodLabel, Periods, grid_of, place_of, spread
from s75lib.stats.control_chart.rules import (
    ASSURANCES,
    RULES,
    VARIATIONS,
    Assurance,
    BoolArray,
    Lines,
    Variation,
    assurance_codes,
    rule_flags,
    variation_codes,
)

Targets = float | Sequence[float] | npt.NDArray[np.float64] | pd.Series
Numbers = Sequence[float] | npt.NDArray[Any] | pd.Series

_VARIATION_TYPE = pd.CategoricalDtype(list(VARIATIONS))
_ASSURANCE_TYPE = pd.CategoricalDtype(list(ASSURANCES))
# Below this many expected cases a normal limit is a rough one (Cochran's rule of thumb).
_EXPECTED = 5
# Items that a note lists before it counts the rest.
_LISTED = 6


@dataclass(frozen=True, eq=False)
class Phase:
    """One stretch between rebasings: its number from 1, first and last period, values observed, and lines."""

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

    - `kind`: xmr, p, p_prime, u, u_prime or g.
    - `polarity`: higher_is_better, lower_is_better or neither.
    - `variation`: Of the latest point: improving, concerning, high or low (a special cause where neither way
      is better), mixed (signals both ways), common_cause or not_assessed.
    - `variation_rules`: Names in `RULES` of those that fire at the latest point.
    - `assurance`: Of the latest point, by the target that holds there: passing, failing, hit_or_miss,
      no_target or not_assessed.
    - `note`: What a reader has to know (too short, constant, periods missing), mostly empty.
    - `options`, `rows`: As given; what ``points`` is built from.
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
        """One row per period from the first to the last, missing ones included; built when first asked for.

        Columns: period, value, phase, mean, lower, upper, near_lower, near_upper, moving_range, target; a
        flag for each of `RULES`, true where it fires; variation and assurance (categories) of the point.
        """
        return _points(self.rows)


# --- the charts ----------------------------------------------------------------------------------------


def xmr_chart(
    values: Sequence[float | None] | npt.NDArray[np.float64] | pd.Series,
    periods: Periods | None = None,
    *,
    polarity: Polarity = "neither",
    target: Targets | None = None,
    rebase: Sequence[PeriodLabel] = (),
    options: ChartOptions | None = None,
) -> ControlChart:
    """XmR chart with the Making Data Count rules and icons.

    Parameters
    ----------
    values : sequence of float, shape (n,)
        One per period, in any unit; NaN or None where missing.
    periods : sequence or None
        Months (2018-12), quarters (2018-10 to 2018-12) or whole numbers, in any order. None numbers the
        values from 1.
    polarity : {"higher_is_better", "lower_is_better", "neither"}
        Which way is better.
    target : float, sequence of float or None
        One target, or one per value, NaN where none holds.
    rebase : sequence of periods
        Where a new phase with its own mean and limits starts.
    options : ChartOptions or None
        Rules, screening, bounds, baseline and shortest series; the defaults when None.

    No limits, hence no rules, in a phase with fewer than `minimum_points`, with moving ranges for fewer than
    half of its pairs, or with more than `almost_constant_share` of them zero; `note` says which. A gap ends
    every run. The icons are those of the latest point, by the target of its own period. Sources: NHS England
    (2019) Making Data Count; Wheeler (2000) Understanding Variation; screening: Nelson (1982) Journal of
    Quality Technology 14, 172-173.

    Examples
    --------
    >>> chart = xmr_chart([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1],
    ...                   options=ChartOptions(minimum_points=10))
    >>> round(float(chart.points["upper"].iloc[0]), 1), chart.variation
    (55.8, 'common_cause')
    """
    options = options or ChartOptions()
    series = _read_series(as_floats("values", values), periods, rebase, target)
    screened = ", extreme moving ranges left out" if options.screen_moving_ranges else ""
    method = "XmR: mean ± 2.66 × mean moving range" + screened
    if options.correlation is not None:
        method = "mean ± 3 standard deviations of all points, widened for their correlation; no runs"
    return _assemble(
        "xmr",
        series,
        lambda rows: fit_xmr(series.values[rows], options),
        polarity,
        options,
        method,
    )


def p_chart(
    numerators: Numbers,
    denominators: Numbers,
    periods: Periods | None = None,
    *,
    polarity: Polarity = "neither",
    target: Targets | None = None,
    rebase: Sequence[PeriodLabel] = (),
    dispersion: Dispersion = "above_one",
    options: ChartOptions | None = None,
) -> ControlChart:
    """Chart of a percentage from its numerator and denominator: p, or Laney's p′ when over-dispersed.

    In percent, as are targets; limits stay within 0 and 100. ``kind`` is p_prime when any phase has Laney's
    limits: mean ± 3 sigma_z × standard error of the period's denominator, where sigma_z is 1 when the
    binomial explains the variation. All cases or none counting: no limits. Where a count expected is below 5
    the note says that limits are rough. Sources: Laney (2002) Quality Engineering 14, 531-537; Mohammed and
    Laney (2006) Quality and Safety in Health Care 15, 383-384.

    Parameters
    ----------
    numerators, denominators : sequence of float, shape (n,)
        Cases that count, and all cases; 0 <= numerator <= denominator. NaN or a denominator of 0 is a missing
        period.
    dispersion : {"above_one", "always", "never"}
        Limits are multiplied by Laney's sigma_z where it is above 1, always, which may narrow them, or never.

    Examples
    --------
    >>> chart = p_chart([12, 13, 10] * 5, [50] * 15)
    >>> chart.kind, round(float(chart.points["mean"].iloc[0]), 2)
    ('p', 23.33)
    """
    return _attribute_chart(
        "p", numerators, denominators, periods, polarity, target, rebase, dispersion, options, 100.0
    )


def u_chart(
    numerators: Numbers,
    denominators: Numbers,
    periods: Periods | None = None,
    *,
    multiplier: float = 1.0,
    polarity: Polarity = "neither",
    target: Targets | None = None,
    rebase: Sequence[PeriodLabel] = (),
    dispersion: Dispersion = "above_one",
    options: ChartOptions | None = None,
) -> ControlChart:
    """Chart of a rate from its events and its exposure: u, or Laney's u′ when over-dispersed.

    Rates per ``multiplier``, as are targets. ``kind`` is u_prime when any phase has Laney's limits. As
    `p_chart`, with the Poisson's standard error: the root of mean rate over exposure.

    Parameters
    ----------
    numerators, denominators : sequence of float, shape (n,)
        Events, >= 0, and exposure (people, days, pounds), >= 0; an exposure of 0 is a missing period.
    multiplier : float
        Rate per so many units of exposure, > 0, such as 100000.

    Examples
    --------
    >>> chart = u_chart([4, 6, 5] * 5, [1000] * 15, multiplier=1000)
    >>> round(float(chart.points["upper"].iloc[0]), 2)
    11.71
    """
    if not multiplier > 0:
        raise MethodError(f"multiplier: found {multiplier}; expected above 0. Give a rate per 1000, say.")
    return _attribute_chart(
        "u", numerators, denominators, periods, polarity, target, rebase, dispersion, options, multiplier
    )


def g_chart(
    gaps: Numbers,
    *,
    polarity: Polarity = "higher_is_better",
    limits: Literal["probability", "three_sigma"] = "probability",
) -> ControlChart:
    """Chart of the gaps between rare events, in cases or days.

    The column ``mean`` holds the geometric distribution's median, ``period`` numbers the gaps. The gap still
    open at the end is left out. The lower limit is above 0 only for means above some 740: more frequent
    events show by their runs. Gaps all 0: no limits. Sources: Benneyan (2001) Health Care Management Science
    4, 305-318; Provost and Murray (2011) The Health Care Data Guide, 228-229 (median as the centre).

    Parameters
    ----------
    gaps : sequence of float, shape (n,)
        Whole numbers >= 0, in order of the events; `gaps_between` makes them.
    polarity : Polarity
        Longer gaps are better where the event is unwanted.
    limits : {"probability", "three_sigma"}
        Tails of the geometric distribution as small as a normal's beyond 3 (near limits: 2) standard
        deviations; or Benneyan's mean ± 3 standard deviations.

    Examples
    --------
    >>> chart = g_chart([9] * 20)
    >>> float(chart.points["upper"].iloc[0])
    62.0
    """
    check_choice("limits", limits, ("probability", "three_sigma"))
    options = ChartOptions(lower_bound=0.0)
    values = as_floats("gaps", gaps)
    if np.any(values < 0) or np.any(values != np.floor(values)):
        raise MethodError(
            "gaps: found a negative or broken number; expected whole numbers from 0. Count cases."
        )
    series = _read_series(values, None, (), None)
    words = "probability limits" if limits == "probability" else "mean ± 3 standard deviations"
    return _assemble(
        "g",
        series,
        lambda rows: fit_geometric(series.values[rows], limits, options),
        polarity,
        options,
        f"g chart: {words} of the geometric distribution",
    )


def gaps_between(events: Sequence[int]) -> npt.NDArray[np.float64]:
    """Gaps for `g_chart` between `events`, running numbers of their cases in any order.

    Returns
    -------
    ndarray of float, shape (events - 1,)
        Cases between one event and the next.

    Examples
    --------
    >>> gaps_between([3, 10, 11]).tolist()
    [6.0, 0.0]
    """
    gaps = np.diff(np.array(sorted(events), dtype=np.float64)) - 1
    if np.any(gaps < 0):
        raise MethodError("events: found a case number twice; expected one event a case. Remove repeats.")
    return gaps


def _attribute_chart(
    kind: Literal["p", "u"],
    numerators: Numbers,
    denominators: Numbers,
    periods: Periods | None,
    polarity: Polarity,
    target: Targets | None,
    rebase: Sequence[PeriodLabel],
    dispersion: Dispersion,
    options: ChartOptions | None,
    multiplier: float,
) -> ControlChart:
    check_choice("dispersion", dispersion, get_args(Dispersion))
    options = replace(options or ChartOptions(), lower_bound=0.0, upper_bound=100.0 if kind == "p" else None)
    cases, base = _counts(kind, numerators, denominators)
    present = base > 0
    values = np.full(cases.size, np.nan)
    values[present] = multiplier * cases[present] / base[present]
    series = _read_series(values, periods, rebase, target)
    gridded = np.where(np.isnan(series.values), np.nan, spread(series.grid, cases))
    exposure = np.where(np.isnan(series.values), np.nan, spread(series.grid, base))
    fit = _phase_fitter(kind, series, gridded, exposure, multiplier, dispersion, options)
    chart = _assemble(
        kind, series, fit, polarity, options, "", _rough_limits(kind, series, gridded, exposure)
    )
    primed = [phase.fit for phase in chart.phases if phase.fit.prime]
    if not primed:
        runs = "; no runs" if options.correlation is not None else ""
        return replace(chart, method=f"{kind} chart: mean ± 3 standard errors{runs}")
    ratios = ", ".join(f"{fit.sigma_z:.2f}" for fit in primed)
    if options.correlation is not None:
        method = f"{kind} chart: mean ± 3 standard errors × {ratios}, the spread of all points; no runs"
        return replace(chart, kind=f"{kind}_prime", method=method)
    return replace(
        chart, kind=f"{kind}_prime", method=f"Laney's {kind}′ chart: mean ± 3 standard errors × {ratios}"
    )


def _phase_fitter(
    kind: str,
    series: Series,
    cases: FloatArray,
    exposure: FloatArray,
    multiplier: float,
    dispersion: Dispersion,
    options: ChartOptions,
) -> Callable[[slice], PhaseFit]:
    def fit(rows: slice) -> PhaseFit:
        observed = np.flatnonzero(~np.isnan(series.values[rows]))[: options.baseline]
        if not observed.size:
            return fit_attribute(cases[rows], exposure[rows], 0.0, np.nan, 0, dispersion, options)
        rate = float(cases[rows][observed].sum() / exposure[rows][observed].sum())
        variance = rate * (1 - rate) if kind == "p" else rate
        return fit_attribute(
            series.values[rows],
            exposure[rows],
            variance * multiplier**2,
            rate * multiplier,
            observed.size,
            dispersion,
            options,
        )

    return fit


def _rough_limits(kind: str, series: Series, cases: FloatArray, exposure: FloatArray) -> list[str]:
    total = float(np.nansum(exposure))
    if not total:
        return []
    rate = float(np.nansum(cases)) / total
    expected = exposure * (min(rate, 1 - rate) if kind == "p" else rate)
    few = int(np.count_nonzero(expected < _EXPECTED))
    if not few:
        return []
    return [f"Limits are rough: fewer than {_EXPECTED} cases are expected in {few} of the periods."]


def _counts(kind: str, numerators: Numbers, denominators: Numbers) -> tuple[FloatArray, FloatArray]:
    cases = as_floats("numerators", numerators)
    base = as_floats("denominators", denominators)
    if cases.shape != base.shape:
        raise MethodError(
            f"denominators: found {base.size} for {cases.size} numerators; expected one each. Pair them up."
        )
    if np.any(cases < 0) or np.any(base < 0):
        raise MethodError("counts: found one below 0; expected 0 or more. Correct the count.")
    if np.any(np.isinf(cases)) or np.any(np.isinf(base)):
        raise MethodError("counts: found an infinite one; expected finite numbers. Correct the count.")
    if kind == "p" and np.any(cases > base):
        raise MethodError(
            "numerators: found one above its denominator; expected a part of the whole. "
            "Correct it, or chart a rate with u_chart."
        )
    return cases, base


# --- how a chart is put together -------------------------------------------------------------------------


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


def _read_series(
    values: FloatArray, periods: Periods | None, rebase: Sequence[PeriodLabel], target: Targets | None
) -> Series:
    grid = grid_of(periods, values.size)
    on_grid = spread(grid, values)
    targets = _targets(grid, target)
    if np.isinf(targets).any():
        raise MethodError(
            "target: found an infinite one; expected finite numbers. Leave out what has no target."
        )
    return Series(grid, on_grid, _phase_numbers(grid, rebase), targets)


def _phase_numbers(grid: Grid, rebase: Sequence[PeriodLabel]) -> npt.NDArray[np.intp]:
    phase = np.ones(len(grid.labels), dtype=np.intp)
    for period in rebase:
        place = place_of(grid, period)
        if not 0 < place < phase.size:
            raise MethodError(
                f"rebase: found {period!r}; expected a period after the first, {grid.labels[0]}, and up to "
                f"the last, {grid.labels[-1]}. Rebase within the series."
            )
        phase[place:] += 1
    return phase


def _targets(grid: Grid, target: Targets | None) -> FloatArray:
    size = len(grid.labels)
    if target is None:
        return np.full(size, np.nan)
    if isinstance(target, (int, float)):
        return np.full(size, float(target))
    given = np.asarray(target, dtype=np.float64)
    if given.shape != grid.places.shape:
        raise MethodError(
            f"target: found {given.size} for {grid.places.size} values; expected one each. Give one target, "
            "or one per value."
        )
    return spread(grid, given)


def _assemble(
    kind: str,
    series: Series,
    fit: Callable[[slice], PhaseFit],
    polarity: Polarity,
    options: ChartOptions,
    method: str,
    remarks: Sequence[str] = (),
) -> ControlChart:
    check_choice("polarity", polarity, get_args(Polarity))
    _check_bounds(series, options)
    labels, values = series.grid.labels, series.values
    lines, phases = _fit_phases(series, fit)
    flags = rule_flags(values, series.phase, lines, options)
    variation = variation_codes(flags, values, lines, polarity, options)
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
        note=_chart_note(labels, values, phases, missing, options, remarks),
        method=method,
        options=options,
        rows=Rows(series, lines, flags, variation, assurance),
    )


def _fit_phases(series: Series, fit: Callable[[slice], PhaseFit]) -> tuple[Lines, tuple[Phase, ...]]:
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
    series, lines = rows.series, rows.lines
    ranges = np.full(series.values.size, np.nan)
    if ranges.size:
        ranges[1:] = np.where(np.diff(series.phase) == 0, np.abs(np.diff(series.values)), np.nan)
    return pd.DataFrame(
        {
            "period": pd.Index(series.grid.labels),
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


def _check_bounds(series: Series, options: ChartOptions) -> None:
    low = -np.inf if options.lower_bound is None else options.lower_bound
    high = np.inf if options.upper_bound is None else options.upper_bound
    wrong = np.flatnonzero((series.values < low) | (series.values > high) | np.isinf(series.values))
    if wrong.size:
        row = wrong[0]
        raise MethodError(
            f"values: found {series.values[row]:g} at {series.grid.labels[row]}; expected a finite number "
            f"from {low:g} to {high:g}. Correct the value or the bounds."
        )


# --- what the reader has to be told ------------------------------------------------------------------------


def _chart_note(
    labels: Sequence[str | int],
    values: FloatArray,
    phases: Sequence[Phase],
    missing: Sequence[str | int],
    options: ChartOptions,
    remarks: Sequence[str],
) -> str:
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
    shown = ", ".join(str(item) for item in items[:_LISTED])
    rest = len(items) - _LISTED
    return f"{shown} and {rest} more" if rest > 0 else shown
