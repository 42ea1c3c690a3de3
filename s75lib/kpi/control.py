"""Control charts of monthly indicators: variation, assurance, special causes, steps proposed."""

from __future__ import annotations

__all__ = ["Charted", "charts", "control_summary", "withheld"]

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from s75lib.kpi.pairs import history, series
from s75lib.loaders.indicators import Indicator, find
from s75lib.stats.control_chart import (
    ChartOptions,
    ControlChart,
    RebaseProposal,
    p_chart,
    propose_rebase,
    u_chart,
    xmr_chart,
)

_FIGURES = ("value", "numerator", "denominator", "target")
_SUMMARY = [
    "indicator", "group", "label", "unit", "months", "period", "value", "mean", "lower", "upper", "target",
    "variation", "variation_rules", "assurance", "signal_months", "first_signal", "kind", "method", "note",
    "step_proposed", "step_from", "step_before", "step_after", "step_p", "step_evidence",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Charted:
    """One indicator's control chart.

    Parameters
    ----------
    indicator : Indicator
    group, unit : str
    chart : ControlChart
    step : RebaseProposal
        Proposed, never applied.
    """

    indicator: Indicator
    group: str
    unit: str
    chart: ControlChart
    step: RebaseProposal


def charts(
    kpi: pd.DataFrame,
    registry: Mapping[str, Indicator] | None = None,
    *,
    options: ChartOptions | None = None,
    fewest: int = 2,
) -> tuple[Charted, ...]:
    """Chart every indicator that has monthly figures.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi`.
    registry : mapping of str to Indicator, optional
        As `s75lib.loaders.indicators.read_indicators` gives it.
    options : ChartOptions, optional
        Rules and switches; bounds are set from the unit.
    fewest : int
        Months below which there is nothing to chart.

    Returns
    -------
    tuple of Charted
        As the indicators first appear.

    Notes
    -----
    A percentage whose cases and bases are known in every month gets a p chart, a rate per 100,000 and a count
    of events a u chart (for the count with one month as its exposure), with Laney's correction where they
    vary
    more than chance; everything else an XmR chart, held within 0 to 100 for percentages and at or above 0 for
    the rest. A month without a figure stays a gap. A series with a hidden month is left out (see `withheld`).

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> kinds = {one.indicator.slug: one.chart.kind for one in charts(load("exampleshire").kpi)}
    >>> kinds["cpa_employment"], kinds["permanent_admissions"], kinds["community_support"]
    ('p', 'u', 'xmr')
    """
    rows = history(kpi)
    rows = rows[(rows["kind"] == "month").to_numpy()]
    told = {name: rows[name].to_numpy() for name in ("unit", "period", *_FIGURES)}
    hidden, made = rows["hidden"].tolist(), []
    for (slug, group), places in series(rows).items():
        unit = told["unit"][places[-1]]
        alike = [place for place in places if told["unit"][place] == unit]
        if len(alike) >= fewest and not any(hidden[place] for place in alike):
            part = {name: values[alike] for name, values in told.items()}
            made.append(_charted(part, find(slug, registry), group, options))
    return tuple(made)


def withheld(kpi: pd.DataFrame, registry: Mapping[str, Indicator] | None = None) -> tuple[str, ...]:
    """Name the monthly series that are not charted, since too few people are behind some of their months.

    Parameters
    ----------
    kpi : DataFrame
        As `s75lib.kpi.disclosure.held_back` gives it.
    registry : mapping of str to Indicator, optional
        As `s75lib.loaders.indicators.read_indicators` gives it.

    Returns
    -------
    tuple of str
        Labels, with the group where there is one.
    """
    rows = history(kpi)
    hidden = rows[((rows["kind"] == "month") & rows["hidden"]).to_numpy(dtype=bool)]
    labels = ((find(slug, registry).label, group) for slug, group in series(hidden))
    return tuple(f"{label}, {group}" if group else label for label, group in labels)


def control_summary(charted: tuple[Charted, ...]) -> pd.DataFrame:
    """Sum up the charts: one row each.

    Parameters
    ----------
    charted : tuple of Charted
        As `charts` gives it.

    Returns
    -------
    DataFrame
        ``months`` (with a figure), the latest ``period``, ``value``, ``mean``, ``lower``, ``upper`` and
        ``target``; ``variation`` and ``assurance`` as in `s75lib.stats.control_chart.ControlChart`;
        ``variation_rules`` (those that fire at the latest month); ``signal_months`` (months with any special
        cause), ``first_signal``; ``kind``, ``method``, ``note``; the step that is proposed, with its means,
        p-value and evidence.

    Examples
    --------
    The made-up authority's reviews fall in February 2025:

    >>> from s75lib.loaders import load
    >>> rows = control_summary(charts(load("exampleshire").kpi)).set_index("indicator")
    >>> rows.loc["reviews_in_12_months", ["variation", "step_from"]].tolist()
    ['concerning', '2025-02']
    """
    return pd.DataFrame([_row(one) for one in charted], columns=_SUMMARY)


def _charted(
    part: Mapping[str, NDArray[Any]], indicator: Indicator, group: str, options: ChartOptions | None
) -> Charted:
    unit, periods, polarity = str(part["unit"][-1]), part["period"].tolist(), indicator.polarity
    value, cases, base, target = (part[name] for name in _FIGURES)
    counted = bool((~np.isnan(cases) & (base > 0)).all())
    if unit == "percent" and counted and bool((cases <= base).all()):
        chart = p_chart(cases, base, periods, polarity=polarity, target=target, options=options)
    elif unit == "per_100k" and counted:
        chart = u_chart(
            cases, base, periods, multiplier=1e5, polarity=polarity, target=target, options=options
        )
    elif unit == "count" and not indicator.is_stock and bool((value % 1 == 0).all()):
        chart = u_chart(
            value, np.ones(len(value)), periods, polarity=polarity, target=target, options=options
        )
    else:
        bounded = replace(
            options or ChartOptions(), lower_bound=0.0, upper_bound=100.0 if unit == "percent" else None
        )
        chart = xmr_chart(value, periods, polarity=polarity, target=target, options=bounded)
    return Charted(indicator, group, unit, chart, propose_rebase(value, periods))


def _row(one: Charted) -> dict[str, object]:
    rows = one.chart.rows  # the frame of points is built for those who show it
    own, lines, labels = rows.series, rows.lines, rows.series.grid.labels
    seen = np.flatnonzero(~np.isnan(own.values))
    latest, flagged = seen[-1], seen[rows.flags[:, seen].any(axis=0)]
    return {
        "indicator": one.indicator.slug,
        "group": one.group,
        "label": one.indicator.label,
        "unit": one.unit,
        "months": len(seen),
        "period": labels[latest],
        "value": own.values[latest],
        "mean": lines.mean[latest],
        "lower": lines.lower[latest],
        "upper": lines.upper[latest],
        "target": own.targets[latest],
        "variation": one.chart.variation,
        "variation_rules": ", ".join(one.chart.variation_rules),
        "assurance": one.chart.assurance,
        "signal_months": len(flagged),
        "first_signal": labels[flagged[0]] if len(flagged) else "",
        "kind": one.chart.kind,
        "method": one.chart.method,
        "note": one.chart.note,
        "step_proposed": one.step.proposed,
        "step_from": one.step.period if one.step.proposed else "",
        "step_before": one.step.before,
        "step_after": one.step.after,
        "step_p": one.step.p_value,
        "step_evidence": one.step.evidence,
    }
