"""Commitment and forecast against budget: every line, and the totals that follow from the lines."""

from __future__ import annotations

__all__ = ["ADJUSTMENTS", "EXPENDITURE", "INCOME", "NET", "position", "trend"]

from collections.abc import Iterable

import numpy as np
import pandas as pd

from s75lib.budget.snapshots import snapshots

EXPENDITURE = ("expenditure",)
INCOME = ("health_income", "client_income")
NET = (*EXPENDITURE, *INCOME)
ADJUSTMENTS = ("adjustment",)

_STEPS = {"line": 0, "expenditure": 1, "income": 3, "net": 4, "adjustments": 5, "adjusted": 6}
_SNAPSHOT = ["as_at", "label", "financial_year"]
_MONEY = ["budget", "commitment", "forecast"]
_TOTALS = {"expenditure": EXPENDITURE, "income": INCOME, "net": NET}
_WITH_ADJUSTMENTS = _TOTALS | {"adjustments": ADJUSTMENTS, "adjusted": (*NET, *ADJUSTMENTS)}
# The totals that a line of each kind is an addend of.
_ADDEND_OF = pd.DataFrame(
    [
        (kind, scope, level)
        for scope, totals in (("group", _TOTALS), ("all", _WITH_ADJUSTMENTS))
        for level, kinds in totals.items()
        for kind in kinds
    ],
    columns=["kind", "scope", "level"],
    dtype="str",
)


def position(budget: pd.DataFrame, as_at: pd.Timestamp | None = None) -> pd.DataFrame:
    """Set commitment and forecast against the budget, line by line and in total.

    Parameters
    ----------
    budget : DataFrame
        The contract's `budget`; money in £, income and adjustments with their printed sign.
    as_at : Timestamp, optional
        The snapshot; default: the latest.

    Returns
    -------
    DataFrame
        ``scope`` (group or all), ``service_group``, ``line``, ``kind``, ``level`` (line, expenditure, income,
        net, adjustments or adjusted), ``addends`` (lines in the row), ``budget``, ``commitment``,
        ``forecast``, ``commitment_variance``, ``forecast_variance`` (less the budget, £),
        ``commitment_percent``, ``forecast_percent`` (of the budget's size; NaN for a budget of zero).
        Lines in the order of the monitor, each total after its lines, those of all groups last.

    Notes
    -----
    A variance above zero is an overspend, or income short of its budget. ``net`` leaves the adjustments out,
    ``adjusted`` takes them in. A total with an unknown addend is unknown. An empty monitor gives no rows.

    Examples
    --------
    >>> monitor = pd.DataFrame({"as_at": pd.to_datetime(["2019-12-31"] * 2), "snapshot_label": "Q3",
    ...     "financial_year": "2019/20", "service_group": "AMH", "line": ["Residential", "Client Conts"],
    ...     "kind": ["expenditure", "client_income"], "budget": [2178.0, -396.0],
    ...     "commitment": [2329.0, -476.0], "forecast": [2327.0, -406.0]})
    >>> rows = position(monitor)
    >>> rows.loc[(rows["scope"] == "group") & (rows["level"] == "net"), "commitment_variance"].item()
    71.0
    """
    here = budget[budget["as_at"] == (budget["as_at"].max() if as_at is None else as_at)]
    return trend(here).drop(columns=_SNAPSHOT)


def trend(budget: pd.DataFrame) -> pd.DataFrame:
    """Follow each line and total through the snapshots.

    Parameters
    ----------
    budget : DataFrame
        The contract's `budget`.

    Returns
    -------
    DataFrame
        The columns of `position` after ``as_at``, ``label`` and ``financial_year``; earliest snapshot first.
    """
    rows = budget.assign(scope="group", level="line", addends=1, row=np.arange(len(budget)))
    adjusting = rows["kind"] == "adjustment"
    rows["scope"] = rows["scope"].mask(adjusting, "all")
    columns = ["as_at", "scope", "service_group", "line", "kind", "level", "addends", *_MONEY, "row"]
    blocks = [rows[columns], _totals(rows)[columns]]
    whole = _in_order(pd.concat(blocks, ignore_index=True), rows.loc[~adjusting, "service_group"].unique())
    named = {s.as_at: s for s in snapshots(budget)}
    seen = [named[day] for day in whole["as_at"]]
    whole = whole.assign(label=[s.label for s in seen], financial_year=[s.financial_year for s in seen])
    return _variances(whole[[*_SNAPSHOT, *columns[1:-1]]])


def _totals(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum the lines of each total's kinds at each snapshot; unknown addends make an unknown total."""
    keys = ["as_at", "scope", "service_group", "level"]
    addends = rows[["as_at", "service_group", "kind", "addends", *_MONEY]].merge(_ADDEND_OF, on="kind")
    addends["service_group"] = addends["service_group"].where(addends["scope"] == "group", "")
    sums = addends.groupby(keys)[[*_MONEY, "addends"]].sum(skipna=False)
    # A group without lines of these kinds has a total of nought, and so have all groups together.
    held = pd.concat(
        [rows.loc[rows["scope"] == "group", keys[:3]], rows[keys[:3]].assign(scope="all", service_group="")]
    )
    least = held.drop_duplicates().merge(pd.DataFrame({"level": list(_TOTALS)}, dtype="str"), how="cross")
    every = sums.index.union(pd.MultiIndex.from_frame(least))
    return sums.reindex(every, fill_value=0).reset_index().assign(line="", kind="", row=len(rows))


def _in_order(rows: pd.DataFrame, groups: Iterable[str]) -> pd.DataFrame:
    """Put each total after its lines, groups in the order of the monitor, those of all groups last."""
    places = {group: place for place, group in enumerate(groups)}
    received = (rows["level"] == "line") & rows["kind"].isin(INCOME)
    order = rows.assign(
        block=rows["service_group"].map(places).where(rows["scope"] == "group", len(places)),
        step=rows["level"].map(_STEPS).mask(received, _STEPS["expenditure"] + 1),
    )
    ordered = order.sort_values(["as_at", "block", "step", "row"], kind="stable", ignore_index=True)
    return ordered[rows.columns]


def _variances(rows: pd.DataFrame) -> pd.DataFrame:
    size = rows["budget"].abs().where(rows["budget"] != 0)
    variances = {f"{name}_variance": rows[name] - rows["budget"] for name in ("commitment", "forecast")}
    percents = {
        f"{name}_percent": 100 * variances[f"{name}_variance"] / size for name in ("commitment", "forecast")
    }
    return rows.assign(**variances, **percents)
