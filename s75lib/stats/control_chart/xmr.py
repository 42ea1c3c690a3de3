"""The XmR chart: individual values with limits from their moving ranges."""

from __future__ import annotations

__all__ = ["xmr_chart"]

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.stats.control_chart.chart import ControlChart, Targets, as_floats, assemble, read_series
from s75lib.stats.control_chart.limits import fit_xmr
from s75lib.stats.control_chart.options import ChartOptions, Polarity, check_polarity
from s75lib.stats.control_chart.periods import PeriodLabel, Periods

_METHOD = "XmR: mean ± 2.66 × mean moving range"


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
        Months (2018-12, dates), financial years (2018/19) or whole numbers, in any order. None numbers the
        values from 1.
    polarity : {"higher_is_better", "lower_is_better", "neither"}
        Which way is better.
    target : float, sequence of float, mapping or None
        One target; one per value; or, from the period since which each holds, a mapping.
    rebase : sequence of periods
        Where a new phase with its own mean and limits starts.
    options : ChartOptions or None
        Rules, screening, bounds, baseline and shortest series; the defaults when None.

    Returns
    -------
    ControlChart
        In the units of the values.

    Raises
    ------
    MethodError
        If periods, targets, rebasing, bounds or polarity do not fit the values.

    Notes
    -----
    Limits are mean ± 2.66 × mean moving range of the phase, near limits two thirds of the way. A moving range
    joins two neighbouring periods of one phase; none crosses a gap.

    A phase shorter than ``minimum_points`` has a mean and no limits, rules or icons. The same holds for one
    that is constant, or in which more than half of the moving ranges are zero: limits on so little variation
    have hardly any width and call every change special. The note says which. No values give an empty chart.

    The variation icon is that of the latest point. The assurance icon sets the latest target against the
    limits of its own period.

    References
    ----------
    NHS England, Making Data Count: Strengthening your decisions (2019).
    Wheeler, D. J. (2000) Understanding Variation, 2nd ed., SPC Press.
    Nelson, L. S. (1982) Journal of Quality Technology 14, 172-173 (screening).

    Examples
    --------
    >>> chart = xmr_chart([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1],
    ...                   options=ChartOptions(minimum_points=10))
    >>> round(float(chart.points["upper"].iloc[0]), 1), chart.variation
    (55.8, 'common_cause')
    """
    check_polarity(polarity)
    options = options or ChartOptions()
    series = read_series(as_floats("values", values), periods, rebase, target)
    screened = ", extreme moving ranges left out" if options.screen_moving_ranges else ""
    return assemble(
        "xmr",
        series,
        lambda rows: fit_xmr(series.values[rows], options),
        polarity,
        options,
        _METHOD + screened,
    )
