"""Run charts: a median and two counts of runs, for series too short or too uneven for limits.

`values` are in order of time, in any unit; missing ones are passed over.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from s75lib.stats.control_chart.charts import as_floats

FEWEST_USEFUL = 10


@dataclass(frozen=True)
class RunChart:
    """A median with its runs: how long the longest is, and how often the series crosses the median.

    - `median`: In the unit of the values; NaN without any.
    - `useful`: Values that don't lie on the median.
    - `longest`, `longest_allowed`: Longest run on one side, and how long chance lets it be.
    - `crossings`, `fewest_allowed`: Crossings of the median, and how few chance leaves.
    - `signal`: Whether either count lies outside; False with fewer than 10 useful values, and `note` says so.
    """

    median: float
    useful: int
    longest: int
    longest_allowed: int
    crossings: int
    fewest_allowed: int
    signal: bool
    note: str = ""


def run_chart(values: Sequence[float | None] | npt.NDArray[np.float64] | pd.Series) -> RunChart:
    """Judge a short series by its runs about the median.

    The longest run is allowed log2(n) + 3 values, rounded, and crossings the 5% quantile of the binomial with
    n − 1 trials and probability ½, n being the values off the median. Source: Anhøj and Olesen (2014) PLoS
    ONE 9, e113825.

    Examples
    --------
    >>> found = run_chart([70, 71, 69, 72, 70, 71, 60, 61, 59, 62, 60, 58])
    >>> found.longest, found.crossings, found.fewest_allowed, found.signal
    (6, 1, 3, True)
    """
    given = as_floats("values", values)
    observed = given[~np.isnan(given)]
    if not observed.size:
        return RunChart(math.nan, 0, 0, 0, 0, 0, False, "no values")
    median = float(np.median(observed))
    sides = np.sign(observed - median)
    sides = sides[sides != 0]
    if not sides.size:
        return RunChart(median, 0, 0, 0, 0, 0, False, "every value is on the median")
    turns = np.flatnonzero(np.diff(sides))
    lengths = np.diff(np.concatenate(([0], turns + 1, [sides.size])))
    allowed = round(math.log2(sides.size)) + 3
    fewest = int(stats.binom.ppf(0.05, sides.size - 1, 0.5)) if sides.size > 1 else 0
    longest, crossings = int(lengths.max()), len(turns)
    enough = sides.size >= FEWEST_USEFUL
    note = "" if enough else f"fewer than {FEWEST_USEFUL} values off the median: runs are not judged"
    signal = enough and (longest > allowed or crossings < fewest)
    return RunChart(median, sides.size, longest, allowed, crossings, fewest, signal, note)
