"""Money and outcomes together: cost by service group beside the indicators of the same group and years."""

from __future__ import annotations

__all__ = ["side_by_side"]

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from s75lib.budget.naming import group_name, in_sentence
from s75lib.kpi.phrases import value_words
from s75lib.loaders import Period
from s75lib.loaders.indicators import find
from s75lib.present import Column, Headline, Missing, Need, Section, Table, table_of, words

if TYPE_CHECKING:
    from s75lib.account.study import Study


_LONG = ["service_group", "indicator", "unit", "period", "value"]


def side_by_side(
    trend: pd.DataFrame, indicators: pd.DataFrame, compared: Period | None = None
) -> pd.DataFrame:
    """Set the net cost of each service group beside its indicators, over the same two financial years.

    No ratio is formed: a cost pays for all that a group does, and no indicator measures all of it.

    Returns
    -------
    DataFrame
        ``service_group``, ``indicator`` (empty: the net forecast, £), ``unit``, ``before_period``,
        ``before``, ``period``, ``value``; a group's cost comes first. Groups without cost in both years, or
        without an indicator of the same two years, are left out.

    Examples
    --------
    >>> from s75lib import budget, kpi, load
    >>> data = load("exampleshire")
    >>> found = side_by_side(budget.study(data).trend, kpi.study(data).kpi)
    >>> sorted(found["service_group"].unique())
    ['AMH', 'OPMH']
    """
    net = trend[(trend["scope"] == "group") & (trend["level"] == "net")].sort_values("as_at")
    cost = net.drop_duplicates(["financial_year", "service_group"], keep="last")
    years = sorted(cost["financial_year"].unique())[-2:]
    if compared and years:
        years = [compared.label, years[-1]]
    money = cost.assign(indicator="", unit="gbp", period=cost["financial_year"], value=cost["forecast"])
    whole = pd.concat(
        [money[_LONG], indicators.rename(columns={"group": "service_group"})[_LONG]], ignore_index=True
    )
    keys = ["service_group", "indicator", "unit"]
    first, last = (whole[whole["period"].isin(years[at : at + 1])].dropna() for at in (0, 1))
    both = first.merge(last, on=keys, suffixes=("_before", ""))
    both = both.rename(columns={"period_before": "before_period", "value_before": "before"})
    paid = set(both.loc[both["indicator"] == "", "service_group"])
    measured = set(both.loc[both["indicator"] != "", "service_group"])
    kept = both[both["service_group"].isin(paid & measured)]
    return kept.sort_values(["service_group", "indicator"], kind="stable", ignore_index=True)


def headlines(study: Study) -> Iterator[Headline]:
    """Say how each group's cost moved, and how many of its indicators stand beside it."""
    for group, rows in study.beside.groupby("service_group"):
        cost = rows[rows["indicator"] == ""].iloc[0]
        change = float(cost["value"] - cost["before"])
        count = len(rows) - 1
        set_beside = f"{'is' if count == 1 else 'are'} set beside it"
        yield Headline(
            f"account.beside.{str(group).lower()}",
            f"The net cost of {in_sentence(group)} went from {words.amount(cost['before'])} "
            f"({cost['before_period']}) to {words.amount(cost['value'])} ({cost['period']}). "
            f"{words.count_noun(count, 'indicator')} of this group {set_beside}.",
            change,
            "£",
            method="last forecast of each year, net of income",
            see=("outcomes",),
            cell=("outcomes", group_name(group), "change"),
            about=str(group),
        )


NOTHING_BESIDE = Missing(
    "Cost and indicators of the same service group over the same two years are not held.",
    (
        Need("budget", ("financial_year", "service_group", "forecast"), "cost by service group, two years"),
        Need("kpi", ("group", "period", "value"), "indicators by service group, the same two years"),
    ),
)
_OUTCOMES = table_of(
    "outcomes",
    Column("group", "Service group"),
    Column("what", "What"),
    Column("before_said", "Year before"),
    Column("said", "Year"),
    Column("change", "Change"),
    notes=(
        "No ratio is formed of money and outcomes: a cost pays for all that a group does.",
        "Whether a change of an indicator is more than chance stands in the notebook on KPI significance.",
    ),
)


def _said(value: float, unit: str, *, change: bool = False) -> str:
    said = words.amount(value) if unit == "gbp" else value_words(value, unit)
    if not change:
        return said
    if unit == "percent":
        return f"{words.signed(value, 1)} points"
    return f"+{said}" if value > 0 else said


def _table(study: Study) -> Table:
    rows = study.beside.to_dict("records")
    made = [
        {
            "group": group_name(row["service_group"]),
            "what": find(row["indicator"], study.kpi.registry).name
            if row["indicator"]
            else "Net cost of care packages",
            "before_said": _said(row["before"], row["unit"]),
            "said": _said(row["value"], row["unit"]),
            "change": _said(row["value"] - row["before"], row["unit"], change=True),
        }
        for row in rows
    ]
    years = f"{rows[0]['before_period']} and {rows[0]['period']}"
    strong = [at for at, row in enumerate(rows) if row["indicator"] == ""]
    return _OUTCOMES.of(pd.DataFrame(made), f"Money and outcomes by service group, {years}", strong=strong)


def section(study: Study) -> Section:
    """Show each service group's cost beside its indicators."""
    if study.beside.empty:
        return Section.of(NOTHING_BESIDE)
    return Section.of(headlines(study), _table(study))
