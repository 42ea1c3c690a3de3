"""Where a series stepped: proposed with its evidence, never applied.

`values` and `periods` are as `s75lib.stats.control_chart.xmr_chart` takes them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from s75lib.stats.control_chart.charts import as_floats
from s75lib.stats.control_chart.limits import FloatArray
from s75lib.stats.control_chart.periods import Periods, grid_of, spread

# Largest p-value at which a step is proposed, and points needed on each side of it.
_SIGNIFICANT, _FEWEST = 0.01, 8


@dataclass(frozen=True)
class RebaseProposal:
    """A step found in a series, or why none is proposed.

    - `proposed`, `period`: Whether to consider rebasing; first period after the step, None when no split was
      possible.
    - `before`, `after`, `change`: Means on each side, and after minus before, in the units of the values.
    - `p_value`, `step_share`, `drift_share`: Pettitt's test of no step; share of the variance that the step,
      and that a straight line, explains.
    """

    proposed: bool
    period: str | int | None
    before: float
    after: float
    change: float
    points_before: int
    points_after: int
    p_value: float
    step_share: float
    drift_share: float
    evidence: str


def propose_rebase(
    values: Sequence[float | None] | npt.NDArray[np.float64] | pd.Series,
    periods: Periods | None = None,
) -> RebaseProposal:
    """Find the one step that best divides a series, and say whether it is worth rebasing at.

    Nothing is applied: pass its period to ``xmr_chart(..., rebase=[period])`` once a cause is known. The
    p-value supposes independent values; a season or a slow cycle makes it too small. A step is proposed at p
    <= 0.01, with eight points on each side, and only where it explains more variance than a straight line
    does. Missing values are passed over. Source: Pettitt (1979) Applied Statistics 28, 126-135.

    Examples
    --------
    >>> found = propose_rebase([4, 5, 6, 5, 4, 6, 5, 5, 4, 6, 9, 8, 10, 9, 8, 10, 9, 9, 8, 10])
    >>> found.proposed, found.period, found.change
    (True, 11, 4.0)
    """
    grid = grid_of(periods, len(values))
    on_grid = spread(grid, as_floats("values", values))
    rows = np.flatnonzero(~np.isnan(on_grid))
    observed = on_grid[rows]
    if observed.size < 2 * _FEWEST:
        return _none(f"Too short: {observed.size} points, {2 * _FEWEST} needed to look for a step.")
    if np.ptp(observed) == 0:
        return _none("Constant: every value is the same.")
    split, statistic = _pettitt(observed)
    size = observed.size
    p_value = min(1.0, 2 * math.exp(-6 * statistic**2 / (size**3 + size**2)))
    before, after = float(observed[:split].mean()), float(observed[split:].mean())
    step = _share(observed, np.where(np.arange(size) < split, before, after))
    slope, level = np.polyfit(rows, observed, 1)
    drift = _share(observed, level + slope * rows)
    found = RebaseProposal(
        p_value <= _SIGNIFICANT and step > drift,
        grid.labels[rows[split]],
        before,
        after,
        after - before,
        split,
        size - split,
        p_value,
        step,
        drift,
        evidence="",
    )
    return replace(found, evidence=_evidence(found))


def _pettitt(observed: FloatArray) -> tuple[int, float]:
    """Points before the likeliest step, and Pettitt's statistic there."""
    size = observed.size
    before = np.arange(1, size)
    balance = np.abs(2 * np.cumsum(rankdata(observed))[:-1] - before * (size + 1))
    allowed = balance[_FEWEST - 1 : size - _FEWEST]
    place = int(allowed.argmax())
    return place + _FEWEST, float(allowed[place])


def _share(observed: FloatArray, fitted: FloatArray) -> float:
    return 1 - float(((observed - fitted) ** 2).sum() / ((observed - observed.mean()) ** 2).sum())


def _evidence(found: RebaseProposal) -> str:
    probability = "p < 0.001" if found.p_value < 0.001 else f"p = {found.p_value:.3f}"
    finding = (
        f"mean {found.before:.4g} over {found.points_before} points before {found.period}, "
        f"{found.after:.4g} over {found.points_after} from then (Pettitt's test, {probability}); "
        f"the step explains {found.step_share:.0%} of the variance, a straight line {found.drift_share:.0%}"
    )
    if found.proposed:
        return f"A step: {finding}. Rebase only if a lasting change in the process is known to explain it."
    if found.p_value <= _SIGNIFICANT:
        return f"A drift rather than a step: {finding}. Do not rebase."
    return f"No step that chance could not make: {finding}. Do not rebase."


def _none(evidence: str) -> RebaseProposal:
    nan = math.nan
    return RebaseProposal(False, None, nan, nan, nan, 0, 0, nan, nan, nan, evidence)
