"""Rare events: monthly counts too small for limits, judged by the gaps between events or by a chart."""

from __future__ import annotations

__all__ = ["rare_events"]

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from s75lib.kpi.comparison import history, series
from s75lib.kpi.phrases import VARIATION, name_of, written
from s75lib.loaders.indicators import Indicator, find
from s75lib.present import Column, Table, TableOf
from s75lib.stats.control_chart import g_chart, gaps_between, u_chart

if TYPE_CHECKING:
    from s75lib.kpi.study import Study

_COLUMNS = ["indicator", "group", "label", "events", "months", "method", "variation"]
# Months before anything is said, and the events a month below which gaps between events are charted.
_FEWEST_MONTHS = 12
_RARE = 1.0
# With fewer expected a month, a chart of counts has rough limits.
_SMALL = 5.0
_OPPOSITE = {
    "higher_is_better": "lower_is_better",
    "lower_is_better": "higher_is_better",
    "neither": "neither",
}


def rare_events(kpi: pd.DataFrame, registry: Mapping[str, Indicator] | None = None) -> pd.DataFrame:
    """Judge monthly counts that are too small for limits month by month.

    With less than one event a month, a g chart of the months without one between events: longer gaps are
    better where fewer events are. Otherwise a u chart of the counts. A series with a hidden month is left
    out, for even a verdict would rest on what may not be shown.

    Returns
    -------
    DataFrame
        A row for each count of separate events with a mean below 5 a month over 12 months or more:
        ``events`` in all, ``months``, ``method``, and ``variation`` of the latest month or gap.

    Examples
    --------
    >>> months = pd.period_range("2023-04", periods=24, freq="M").astype(str)
    >>> rows = pd.DataFrame({"indicator": "serious_incidents", "group": "", "period": months, "unit": "count",
    ...                      "value": [0, 0, 1] * 8, "numerator": np.nan, "denominator": np.nan})
    >>> rare_events(rows)[["events", "months", "variation"]].values.tolist()
    [[8, 24, 'not_assessed']]
    """
    rows = history(kpi)
    rows = rows[((rows["kind"] == "month") & (rows["unit"] == "count")).to_numpy()].reset_index(drop=True)
    made = []
    for (slug, group), places in series(rows).items():
        one, counts = find(slug, registry), rows["value"].to_numpy(dtype=float)[places]
        shown = not rows["hidden"].to_numpy(dtype=bool)[places].any()
        whole = shown and np.isfinite(counts).all() and (counts % 1 == 0).all()
        if one.is_caseload or one.is_clustered or not whole or len(counts) < _FEWEST_MONTHS:
            continue
        events = int(counts.sum())
        if counts.mean() >= _SMALL or not events:
            continue
        made.append((slug, group, one.label, events, len(counts), *_judged(counts, one)))
    return pd.DataFrame(made, columns=_COLUMNS)


def _judged(counts: np.ndarray, one: Indicator) -> tuple[str, str]:
    """Name the chart and the variation of its latest point."""
    if counts.mean() >= _RARE:
        made = u_chart(counts, np.ones(len(counts)), polarity=one.polarity)
        return "counts a month", made.variation
    with_event = np.flatnonzero(counts)
    gaps = gaps_between([int(month) for month in with_event])
    made = g_chart(gaps, polarity=_OPPOSITE[one.polarity])  # type: ignore[arg-type]
    return "months between events", made.variation


RARE = TableOf(
    "rare_events",
    (
        Column("indicator", "Indicator"),
        Column("events", "Events in all", "number"),
        Column("months", "Months", "number"),
        Column("method", "Judged by"),
        Column("latest", "Lately"),
    ),
    notes=("Counts with a mean below five a month: limits month by month would be rough.",),
)


def table(study: Study) -> Table | None:
    """Set out the verdict on counts that are too small for limits."""
    found = study.rare_events
    if found.empty:
        return None
    rows = written(found, indicator=name_of, latest=lambda row: VARIATION[row["variation"]])
    return RARE.of(rows, "Rare events: do they come more or less often than before?")
