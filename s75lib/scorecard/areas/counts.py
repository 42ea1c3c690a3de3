"""What the workload wing knows without its forecast, and twelve months of work against the twelve before."""

from __future__ import annotations

__all__ = ["FIRST", "counted", "number", "without", "without_forecast"]

from dataclasses import replace

import numpy as np
import pandas as pd

from s75lib import workload as wing
from s75lib.loaders import AuthorityData
from s75lib.loaders.data import Frames
from s75lib.stats.comparison import compare_counts, overdispersion_tipping_factor
from s75lib.stats.queueing import dispersion
from s75lib.workload import shown
from s75lib.workload.naming import is_stock

FIRST = (
    "case_allocation_requests", "assessments", "reviews", "mha_assessments", "safeguarding_concerns",
    "safeguarding_enquiries",
)  # fmt: skip
"""Measures of social work, shown before all others."""

_COLUMNS = [
    "measure", "last_month", "latest", "before", "change_percent", "lower", "upper",
    "tipping_factor", "dispersion", "is_clear",
]  # fmt: skip


def without_forecast(data: AuthorityData) -> wing.Study:
    """Compute what the workload wing knows without steps and forecasts, which take their time.

    Parameters
    ----------
    data : AuthorityData

    Returns
    -------
    Study
        As `s75lib.workload.study` gives it for an authority whose activity is not held, but with the monthly
        series.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> found = without_forecast(load("exampleshire"))
    >>> found.ahead.is_empty, found.totals["measure"].nunique()
    (True, 10)
    """
    activity = wing.monthly(data.activity)
    return replace(wing.study(without(data, "activity")), totals=activity.totals, teams=activity.teams)


def without(data: AuthorityData, *datasets: str) -> AuthorityData:
    """Leave datasets empty, so that a wing spends no time on what is not shown.

    Parameters
    ----------
    data : AuthorityData
    *datasets : str

    Returns
    -------
    AuthorityData

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> data = load("cambridgeshire")
    >>> data.has("kpi"), without(data, "kpi").has("kpi")
    (True, False)
    """
    frames = dict(data.frames.untracked())
    return replace(data, frames=Frames({**frames, **{name: frames[name].iloc[:0] for name in datasets}}))


def counted(study: wing.Study, *, confidence: float = 0.95) -> pd.DataFrame:
    """Set the last twelve months of each measure against the twelve before.

    Parameters
    ----------
    study : Study
        As `without_forecast` gives it.
    confidence : float
        Of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        ``measure``, ``last_month`` (such as 2026-03), ``latest`` and ``before`` (events in twelve months; NaN
        where hidden), ``change_percent`` with ``lower`` and ``upper`` (exact, for independent events),
        ``tipping_factor``, ``dispersion`` (how many times as much as independent events the months vary, at
        least 1) and
        ``is_clear``: significant, and still so with that dispersion. Flows alone, of which all 24 months are
        known; measures of social work first.

    Notes
    -----
    Dispersion is the mean of the two years' variance over mean of their months; a season or a trend inside a
    year raises it, which errs on the side of "not clear".

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940) Biometrika 31, 313-323; McCullagh, P. and Nelder, J. A. (1989)
    Generalized Linear Models, 2nd edition, 4.5.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> rows = counted(without_forecast(load("exampleshire")))
    >>> rows.loc[rows["is_clear"], ["measure", "before", "latest"]].values.tolist()
    [['reviews', 2288.0, 1940.0]]
    """
    measures = [str(name) for name in study.totals["measure"].unique() if not is_stock(str(name))]
    made = [_counted(study, measure, confidence) for measure in sorted(measures, key=_order)]
    return pd.DataFrame([row for row in made if row], columns=_COLUMNS)


def number(cell: object) -> float:
    """Read a cell of a protected table: NaN where it is hidden."""
    return float("nan") if pd.isna(cell) else float(str(cell))  # type: ignore[call-overload]


def _counted(study: wing.Study, measure: str, confidence: float) -> dict[str, object]:
    """Compare two years of one measure; nothing where they are not both known."""
    series = study.totals[study.totals["measure"] == measure]
    months = series["count"].to_numpy()[-24:]
    if len(months) < 24 or np.isnan(months).any() or not months.any():
        return {}
    years = shown.monthly(study, measure).table.frame.tail(2)
    before, latest = (number(count) for count in years[shown.ALL])
    last = f"{series['month'].iloc[-1]:%Y-%m}"
    row = {"measure": measure, "last_month": last, "latest": latest, "before": before}
    if np.isnan(before) or np.isnan(latest):
        return {**row, "is_clear": False}
    found = compare_counts(int(before), int(latest), confidence=confidence)
    tipping = overdispersion_tipping_factor(int(before), int(latest), confidence=confidence)
    scatter = _scatter(months)
    return {
        **row,
        "change_percent": found.relative_change,
        "lower": found.relative_change_lower,
        "upper": found.relative_change_upper,
        "tipping_factor": tipping,
        "dispersion": scatter,
        "is_clear": found.significant and tipping > scatter,
    }


def _order(measure: str) -> tuple[int, str]:
    return (FIRST.index(measure) if measure in FIRST else len(FIRST), measure)


def _scatter(counts: np.ndarray) -> float:
    """Mean of two years' dispersion, at least that of independent events."""
    both = [dispersion(year).ratio for year in (counts[:12], counts[12:])]
    known = [ratio for ratio in both if not np.isnan(ratio)]
    return max(1.0, float(np.mean(known))) if known else 1.0
