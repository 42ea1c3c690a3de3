"""Money and outcomes together: cost by service group beside the indicators of the same group and years."""

from __future__ import annotations

__all__ = ["headlines", "section", "side_by_side"]

from typing import TYPE_CHECKING

import pandas as pd

from s75lib.budget.naming import group_name, in_sentence
from s75lib.kpi.phrases import value_words
from s75lib.loaders.indicators import find
from s75lib.present import Column, Headline, Missing, Need, Section, Table, TableOf, words
from s75lib.present import section as section_of

if TYPE_CHECKING:
    from s75lib.account.study import Study


def side_by_side(trend: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Set the net cost of each service group beside its indicators, over the same two financial years.

    Parameters
    ----------
    trend : DataFrame
        The monitor's lines and totals at every snapshot, as `s75lib.budget.position.trend` gives them.
    changes : DataFrame
        Indicators that may be shown: ``indicator``, ``group``, ``period``, ``value``, ``unit``.

    Returns
    -------
    DataFrame
        ``service_group``, ``indicator`` (empty: the net forecast, £), ``unit``, ``before_period``,
        ``period``, ``before``, ``value``; a group's cost comes first. Groups without cost in both years, or
        without an indicator of the same two years, are left out.

    Notes
    -----
    No ratio is formed: a cost pays for all that a group does, and no indicator measures all of it.

    Examples
    --------
    >>> from s75lib import budget, kpi, load
    >>> data = load("exampleshire")
    >>> found = side_by_side(budget.study(data).trend, kpi.study(data).kpi)
    >>> sorted(found["service_group"].unique())
    ['AMH', 'OPMH']
    """
    net = trend[(trend["scope"] == "group") & (trend["level"] == "net")]
    last = net.sort_values("as_at").groupby(["financial_year", "service_group"]).tail(1)
    years = sorted(last["financial_year"].unique())[-2:]
    columns = ["service_group", "indicator", "unit", "before_period", "period", "before", "value"]
    if len(years) < 2:
        return pd.DataFrame(columns=columns)
    cost = last.pivot(index="service_group", columns="financial_year", values="forecast")[years].dropna()
    yearly = changes[changes["period"].isin(years) & changes["group"].isin(cost.index)]
    measured = yearly.pivot_table(
        index=["group", "indicator", "unit"], columns="period", values="value", observed=True
    )
    measured = measured.reindex(columns=years).dropna().reset_index()
    blocks = []
    for group in cost.index.intersection(measured["group"].unique()):
        rows = measured[measured["group"] == group]
        money = pd.DataFrame({"indicator": [""], "unit": ["gbp"], **{y: [cost.loc[group, y]] for y in years}})
        both = pd.concat([money, rows[["indicator", "unit", *years]]], ignore_index=True)
        blocks.append(
            both.assign(service_group=group, before_period=years[0], period=years[1]).rename(
                columns={years[0]: "before", years[1]: "value"}
            )
        )
    return pd.concat(blocks, ignore_index=True)[columns] if blocks else pd.DataFrame(columns=columns)


def headlines(study: Study) -> list[Headline]:
    """Say how each group's cost moved, and how many of its indicators stand beside it."""
    said = []
    for group, rows in study.beside.groupby("service_group"):
        cost = rows[rows["indicator"] == ""].iloc[0]
        change = float(cost["value"] - cost["before"])
        count = len(rows) - 1
        said.append(
            Headline(
                f"account.beside.{str(group).lower()}",
                f"The net cost of {in_sentence(group)} went from {words.amount(cost['before'])} "
                f"({cost['before_period']}) to {words.amount(cost['value'])} ({cost['period']}); "
                f"{words.count_noun(count, 'indicator')} of the same group and years "
                f"{'stands' if count == 1 else 'stand'} beside it.",
                change,
                "£",
                method="last forecast of each year, net of income",
                see=("outcomes",),
            )
        )
    return said


NOTHING_BESIDE = Missing(
    "Cost and indicators of the same service group over the same two years are not held.",
    (
        Need("budget", ("financial_year", "service_group", "forecast"), "cost by service group, two years"),
        Need("kpi", ("group", "period", "value"), "indicators by service group, the same two years"),
    ),
)
_OUTCOMES = TableOf(
    "outcomes",
    (
        Column("group", "Service group"),
        Column("what", "What"),
        Column("before_said", "Year before"),
        Column("said", "Year"),
        Column("change", "Change"),
    ),
    (
        "No ratio is formed of money and outcomes: a cost pays for all that a group does. Whether a change of "
        "an indicator is more than chance stands in the notebook on KPI significance.",
    ),
)


def _table(study: Study) -> Table:
    """Set the costs of each group beside its indicators."""
    rows = study.beside.to_dict("records")
    made = []
    for row in rows:
        money = row["indicator"] == ""
        change = row["value"] - row["before"]
        made.append(
            {
                "group": group_name(row["service_group"]),
                "what": "Net cost of care packages"
                if money
                else find(study.kpi.registry, row["indicator"]).name,
                "before_said": words.amount(row["before"])
                if money
                else value_words(row["before"], row["unit"]),
                "said": words.amount(row["value"]) if money else value_words(row["value"], row["unit"]),
                "change": f"{'+' if change > 0 else ''}{words.amount(change)}"
                if money
                else words.signed(change, 1),
            }
        )
    years = f"{rows[0]['before_period']} and {rows[0]['period']}"
    strong = [at for at, row in enumerate(rows) if row["indicator"] == ""]
    return _OUTCOMES.of(pd.DataFrame(made), f"Money and outcomes by service group, {years}", strong=strong)


def section(study: Study) -> Section:
    """Show each service group's cost beside its indicators."""
    if study.beside.empty:
        return section_of(NOTHING_BESIDE)
    return section_of(headlines(study), _table(study))
