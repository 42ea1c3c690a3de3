"""The p and u charts of numerators and denominators, with Laney's correction."""

from __future__ import annotations

__all__ = ["p_chart", "u_chart"]

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import MethodError
from s75lib.stats.control_chart.chart import ControlChart, Series, Targets, as_floats, assemble, read_series
from s75lib.stats.control_chart.limits import Dispersion, PhaseFit, fit_attribute
from s75lib.stats.control_chart.options import ChartOptions, Polarity, check_choice, check_polarity
from s75lib.stats.control_chart.periods import PeriodLabel, Periods, spread
from s75lib.stats.control_chart.rules import FloatArray

Counts = Sequence[float] | npt.NDArray[Any] | pd.Series

# Below this many expected cases a normal limit is a rough one (Cochran's rule of thumb).
_EXPECTED = 5


def p_chart(
    numerators: Counts,
    denominators: Counts,
    periods: Periods | None = None,
    *,
    polarity: Polarity = "neither",
    target: Targets | None = None,
    rebase: Sequence[PeriodLabel] = (),
    dispersion: Dispersion = "above_one",
    options: ChartOptions | None = None,
) -> ControlChart:
    """Chart of a percentage from its numerator and denominator: p, or Laney's p′ when over-dispersed.

    Parameters
    ----------
    numerators, denominators : sequence of float, shape (n,)
        Cases that count, and all cases; 0 <= numerator <= denominator. NaN or a denominator of 0 is a missing
        period.
    periods, polarity, target, rebase, options
        As in `xmr_chart`; targets are percentages. Limits stay within 0 and 100.
    dispersion : {"above_one", "significant", "always", "never"}
        When limits are multiplied by Laney's sigma_z: where it is above 1; where it is so significantly
        (one-sided p < 0.05); always, which may narrow them; never.

    Returns
    -------
    ControlChart
        Percentages 0-100. ``kind`` is p_prime when any phase has Laney's limits, and the phases' fits carry
        sigma_z and its p-value.

    Raises
    ------
    MethodError
        If counts are negative, a numerator exceeds its denominator, or an argument does not fit.

    Notes
    -----
    The mean is all numerators over all denominators of the phase. The limits are mean ± 3 sigma_z × standard
    error of that period's denominator. sigma_z is the mean moving range of (value − mean) / standard error,
    over 1.128: 1 when the binomial explains the variation. All cases or none counting leaves no variation:
    no limits. Where a count expected is below 5 the note says that limits are rough.

    References
    ----------
    Laney, D. B. (2002) Quality Engineering 14, 531-537.
    Mohammed, M. A. and Laney, D. (2006) Quality and Safety in Health Care 15, 383-384.

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
    numerators: Counts,
    denominators: Counts,
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

    Parameters
    ----------
    numerators, denominators : sequence of float, shape (n,)
        Events, >= 0, and exposure (people, days, pounds), >= 0; an exposure of 0 is a missing period.
    multiplier : float
        Rate per so many units of exposure, > 0, such as 100000.
    periods, polarity, target, rebase, dispersion, options
        As in `p_chart`; targets are rates. Limits stay at or above 0.

    Returns
    -------
    ControlChart
        Rates per ``multiplier``. ``kind`` is u_prime when any phase has Laney's limits.

    Raises
    ------
    MethodError
        If counts are negative, the multiplier is not positive, or an argument does not fit.

    Notes
    -----
    As `p_chart`, with the Poisson's standard error: the root of mean rate over exposure.

    References
    ----------
    Laney, D. B. (2002) Quality Engineering 14, 531-537.

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


def _attribute_chart(
    kind: Literal["p", "u"],
    numerators: Counts,
    denominators: Counts,
    periods: Periods | None,
    polarity: Polarity,
    target: Targets | None,
    rebase: Sequence[PeriodLabel],
    dispersion: Dispersion,
    options: ChartOptions | None,
    multiplier: float,
) -> ControlChart:
    """Make a p or a u chart: they differ in bounds and in the standard error."""
    check_polarity(polarity)
    check_choice("dispersion", dispersion, get_args(Dispersion))
    options = replace(options or ChartOptions(), lower_bound=0.0, upper_bound=100.0 if kind == "p" else None)
    cases, base = _counts(kind, numerators, denominators)
    present = base > 0
    values = np.full(cases.size, np.nan)
    values[present] = multiplier * cases[present] / base[present]
    series = read_series(values, periods, rebase, target)
    gridded = np.where(np.isnan(series.values), np.nan, spread(series.grid, cases))
    exposure = np.where(np.isnan(series.values), np.nan, spread(series.grid, base))
    fit = _phase_fitter(kind, series, gridded, exposure, multiplier, dispersion, options)
    chart = assemble(kind, series, fit, polarity, options, "", _rough_limits(kind, series, gridded, exposure))
    primed = [phase.fit for phase in chart.phases if phase.fit.prime]
    if not primed:
        return replace(chart, method=f"{kind} chart: mean ± 3 standard errors")
    ratios = ", ".join(f"{fit.sigma_z:.2f}" for fit in primed)
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
    """Make the function that fits one phase of a p or u chart."""

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
    """Remark on periods with so few cases expected that a normal limit is rough."""
    total = float(np.nansum(exposure))
    if not total:
        return []
    rate = float(np.nansum(cases)) / total
    expected = exposure * (min(rate, 1 - rate) if kind == "p" else rate)
    few = int(np.count_nonzero(expected < _EXPECTED))
    if not few:
        return []
    return [f"Limits are rough: fewer than {_EXPECTED} cases are expected in {few} of the periods."]


def _counts(kind: str, numerators: Counts, denominators: Counts) -> tuple[FloatArray, FloatArray]:
    """Check counts and return them as arrays."""
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
