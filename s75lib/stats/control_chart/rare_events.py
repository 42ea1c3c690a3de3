"""The g chart of gaps between rare events."""

from __future__ import annotations

__all__ = ["g_chart", "gaps_between"]

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import MethodError
from s75lib.stats.control_chart.chart import ControlChart, Targets, as_floats, assemble, read_series
from s75lib.stats.control_chart.limits import fit_geometric
from s75lib.stats.control_chart.options import ChartOptions, Polarity, check_choice, check_polarity
from s75lib.stats.control_chart.periods import PeriodLabel

Gaps = Sequence[float] | npt.NDArray[Any] | pd.Series


def g_chart(
    gaps: Gaps,
    *,
    polarity: Polarity = "higher_is_better",
    target: Targets | None = None,
    rebase: Sequence[PeriodLabel] = (),
    limits: Literal["probability", "three_sigma"] = "probability",
    options: ChartOptions | None = None,
) -> ControlChart:
    """Chart of the gaps between rare events, in cases or days.

    Parameters
    ----------
    gaps : sequence of float, shape (n,)
        Whole numbers >= 0, in order of the events; `gaps_between` makes them.
    polarity : Polarity
        Longer gaps are better where the event is unwanted.
    target : as in `xmr_chart`
        A gap.
    rebase : sequence of int
        Number of the gap, from 1, at which a new phase starts.
    limits : {"probability", "three_sigma"}
        Tails of the geometric distribution as small as a normal's beyond 3 (near limits: 2) standard
        deviations; or Benneyan's mean ± 3 standard deviations.
    options : ChartOptions or None
        As in `xmr_chart`.

    Returns
    -------
    ControlChart
        The column ``mean`` holds the centre line, the geometric distribution's median, so that half of the
        gaps are expected on each side. ``period`` numbers the gaps.

    Raises
    ------
    MethodError
        If a gap is negative or no whole number.

    Notes
    -----
    The gap still open at the end belongs to no event yet and is left out. For mean gap m the chance of an
    event is 1/(1 + m). The lower limit is above 0 only for means above some 740, so a chart of this kind
    shows more frequent events by its runs. Gaps all 0: no limits.

    References
    ----------
    Benneyan, J. C. (2001) Health Care Management Science 4, 305-318.
    Provost, L. P. and Murray, S. K. (2011) The Health Care Data Guide, 228-229 (median as the centre).

    Examples
    --------
    >>> chart = g_chart([9] * 20)
    >>> float(chart.points["upper"].iloc[0])
    62.0
    """
    check_polarity(polarity)
    check_choice("limits", limits, ("probability", "three_sigma"))
    options = replace(options or ChartOptions(), lower_bound=0.0, upper_bound=None)
    values = as_floats("gaps", gaps)
    if np.any(values < 0) or np.any(values != np.floor(values)):
        raise MethodError(
            "gaps: found a negative or broken number; expected whole numbers from 0. Count cases."
        )
    series = read_series(values, None, rebase, target)
    words = "probability limits" if limits == "probability" else "mean ± 3 standard deviations"
    return assemble(
        "g",
        series,
        lambda rows: fit_geometric(series.values[rows], limits, options),
        polarity,
        options,
        f"g chart: {words} of the geometric distribution",
    )


def gaps_between(events: Sequence[int] | Sequence[date] | pd.Series | pd.Index) -> npt.NDArray[np.float64]:
    """Gaps between events, for `g_chart`.

    Parameters
    ----------
    events : sequence of int or of date
        Running number of the case at each event, or its date, in any order.

    Returns
    -------
    ndarray of float, shape (events - 1,)
        Cases between one event and the next, or days from one to the next (0 on the same day).

    Raises
    ------
    MethodError
        If two events bear the same case number.

    Examples
    --------
    >>> gaps_between([3, 10, 11]).tolist()
    [6.0, 0.0]
    >>> gaps_between([date(2019, 4, 1), date(2019, 4, 8)]).tolist()
    [7.0]
    """
    ordered = sorted(events)
    if ordered and not isinstance(ordered[0], (int, np.integer)):
        days = pd.DatetimeIndex(ordered).normalize().to_numpy()
        return (np.diff(days) / np.timedelta64(1, "D")).astype(np.float64)
    gaps = np.diff(np.array(ordered, dtype=np.float64)) - 1
    if np.any(gaps < 0):
        raise MethodError("events: found a case number twice; expected one event a case. Remove repeats.")
    return gaps
