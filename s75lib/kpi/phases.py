"""A monthly series with its chart, and its stretches: where limits start anew, why, before and since."""

from __future__ import annotations

__all__ = ["rebased"]

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from s75lib.kpi.comparison import change_of_shares, history
from s75lib.kpi.phrases import Row, name_of, value_words, written
from s75lib.loaders.indicators import Indicator, Rebase
from s75lib.present import Column, Table, table_of, words
from s75lib.stats.control_chart import ControlChart, RebaseProposal

if TYPE_CHECKING:
    from s75lib.kpi.study import Study

_COLUMNS = [
    "indicator",
    "group",
    "label",
    "unit",
    "month",
    "reason",
    "who",
    "before",
    "after",
    "months_before",
    "months_after",
    "change",
    "lower",
    "upper",
    "p_value",
    "untested",
]


@dataclass(frozen=True, eq=False)
class IndicatorChart:
    """One indicator's chart, the step that is proposed for it, and its rolling twelve months in percent."""

    indicator: Indicator
    group: str
    unit: str
    chart: ControlChart
    step: RebaseProposal
    rolling: pd.Series

    @property
    def named(self) -> dict[str, Any]:
        """Which indicator it is of, as columns of a frame."""
        own = self.indicator
        return {"indicator": own.slug, "group": self.group, "label": own.label, "unit": self.unit}


def rebased(kpi: pd.DataFrame, charted: Iterable[IndicatorChart]) -> pd.DataFrame:
    """Set the stretch after each rebase against the one before it.

    The month was chosen with the figures in sight, so the p-value is smaller than that of a month named
    beforehand: it shows how large the step is, and does not prove its cause.

    Parameters
    ----------
    charted : iterable of IndicatorChart
        As `s75lib.kpi.control_charts.charts` gives them.

    Returns
    -------
    DataFrame
        A row a rebase: ``month``, ``reason``, ``who``; ``before`` and ``after`` (means of the two stretches,
        in the unit of the indicator) and their months; ``change`` with Newcombe's ``lower`` and ``upper`` and
        the ``p_value`` of the counts added up, in percentage points; ``untested`` says why there are none.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from s75lib.kpi.control_charts import charts
    >>> from s75lib.loaders import indicators
    >>> kpi = load("exampleshire").kpi
    >>> own = replace(indicators.REGISTRY["assessments_in_28_days"],
    ...                 rebase=indicators.rebases_of("", [{"from": "2025-02", "reason": "New team"}]))
    >>> found = rebased(kpi, charts(kpi, {**indicators.REGISTRY, "assessments_in_28_days": own}))
    >>> found[["indicator", "month", "months_before", "months_after"]].values.tolist()
    [['assessments_in_28_days', '2025-02', 22, 14]]
    """
    rows = history(kpi)
    rows = rows[rows["kind"] == "month"]
    made = []
    for one in charted:
        own = rows[(rows["indicator"] == one.indicator.slug) & (rows["group"].fillna("") == one.group)]
        named = starts(one.indicator, [str(label) for label in one.chart.rows.series.grid.labels])
        for earlier, later in zip(one.chart.phases, one.chart.phases[1:], strict=False):
            why = named[str(later.start)]
            period = own["period"].astype(str)
            halves = [
                own[period.between(str(phase.start), str(phase.end))][["numerator", "denominator"]]
                for phase in (earlier, later)
            ]
            known = one.named | {
                "month": why.month,
                "reason": why.reason,
                "who": why.who,
                "before": earlier.fit.mean,
                "after": later.fit.mean,
                "months_before": earlier.points,
                "months_after": later.points,
            }
            made.append(known | _test(one, halves, later.fit.mean - earlier.fit.mean))
    return pd.DataFrame(made, columns=_COLUMNS)


def starts(indicator: Indicator, periods: Sequence[str]) -> dict[str, Rebase]:
    """Find the month or quarter of a series from which each rebase holds: the first no earlier."""
    ordered = sorted(periods)
    found = {}  # one before the series or after its end starts nothing
    for why in indicator.rebase:
        later = [period for period in ordered if period[:7] >= why.month]
        if later and later[0] != ordered[0]:
            found[later[0]] = why
    return found


def _test(one: IndicatorChart, halves: list[pd.DataFrame], change: float) -> dict[str, Any]:
    """Compare two stretches of separate cases; say why where they are none."""
    if one.unit != "percent" or any(half.isna().any(axis=None) for half in halves):
        return {"change": change, "untested": "no cases and base in every month"}
    if one.indicator.is_caseload or one.indicator.is_stock or one.indicator.is_clustered:
        return {"change": change, "untested": "mostly the same people each month"}
    before, after = (half.sum().to_dict() for half in halves)
    return change_of_shares(before, after, "numerator", "denominator") | {"untested": ""}


REBASED = table_of(
    "rebased",
    Column("indicator", "Indicator"),
    Column("month", "Limits start anew in"),
    Column("reason", "Because"),
    Column("who", "Decided by"),
    Column("before", "Mean before"),
    Column("after", "Mean since"),
    Column("tested", "Change between the two stretches"),
    notes=(
        "The month was chosen with the figures in sight: the interval shows how large the step is, and does "
        "not prove its cause.",
    ),
)


def table(study: Study) -> Table | None:
    """Set out where limits start anew, why, and what the figures were before and since."""
    found = study.rebased
    if found.empty:
        return None
    rows = written(
        found,
        indicator=name_of,
        who=lambda row: row["who"] or "not said",
        before=lambda row: value_words(round(row["before"], 1), row["unit"]),
        after=lambda row: value_words(round(row["after"], 1), row["unit"]),
        tested=_tested,
    )
    return REBASED.of(rows, "Where the limits were set anew")


def _tested(row: Row) -> str:
    change = words.signed(row["change"], 1) + (" points" if row["unit"] == "percent" else "")
    if row["untested"]:
        return f"{change}; not tested: {row['untested']}"
    return f"{change} ({words.signed(row['lower'], 1)} to {words.signed(row['upper'], 1)})"
