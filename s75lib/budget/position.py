"""Commitment and forecast against budget: every line, and the totals that follow from the lines."""

from __future__ import annotations

__all__ = ["ADJUSTMENTS", "EXPENDITURE", "INCOME", "NET", "position", "trend"]

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
_GROUP_TOTALS = (("expenditure", EXPENDITURE), ("income", INCOME), ("net", NET))
_ALL_TOTALS = (*_GROUP_TOTALS, ("adjustments", ADJUSTMENTS), ("adjusted", (*NET, *ADJUSTMENTS)))


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
    lines = rows[~adjusting]
    blocks = [rows, *(_totals(lines, "group", *total) for total in _GROUP_TOTALS)]
    blocks += [_totals(rows, "all", *total) for total in _ALL_TOTALS]
    columns = ["as_at", "scope", "service_group", "line", "kind", "level", "addends", *_MONEY, "row"]
    whole = _in_order(pd.concat([block[columns] for block in blocks], ignore_index=True), lines)
    named = {s.as_at: s for s in snapshots(budget)}
    whole = whole.assign(
        label=[named[day].label for day in whole["as_at"]],
        financial_year=[named[day].financial_year for day in whole["as_at"]],
    )
    return _variances(whole[[*_SNAPSHOT, *columns[1:-1]]])


def _totals(rows: pd.DataFrame, scope: str, level: str, kinds: tuple[str, ...]) -> pd.DataFrame:
    """Sum the lines of a total's kinds at each snapshot; unknown addends make an unknown total."""
    keys = ["as_at", "service_group"] if scope == "group" else ["as_at"]
    part = rows[rows["kind"].isin(kinds)]
    wanted = part if level in ("adjustments", "adjusted") else rows
    by_key = part.groupby(keys)
    sums = by_key[_MONEY].sum(skipna=False).assign(addends=by_key.size())
    # A group without lines of these kinds has a total of nought.
    every = wanted.groupby(keys).size().index
    sums = sums.reindex(every, fill_value=0).reset_index()
    blank = {name: "" for name in ("service_group", "line", "kind") if name not in sums}
    return sums.assign(**blank, scope=scope, level=level, row=len(rows))


def _in_order(rows: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Put each total after its lines, groups in the order of the monitor, those of all groups last."""
    places = {group: place for place, group in enumerate(lines["service_group"].unique())}
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
