"""Commitment and forecast against budget: every line, and the totals that follow from the lines."""

from __future__ import annotations

__all__ = ["ADJUSTMENTS", "EXPENDITURE", "INCOME", "NET", "position", "trend"]

import pandas as pd

from s75lib.budget.snapshots import snapshots

EXPENDITURE = ("expenditure",)
INCOME = ("health_income", "client_income")
NET = (*EXPENDITURE, *INCOME)
ADJUSTMENTS = ("adjustment",)

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
    if as_at is None:
        as_at = budget["as_at"].max()
    here = budget[budget["as_at"] == as_at]
    blocks = [
        _lines(here[(here["kind"] != "adjustment") & (here["service_group"] == group)], group)
        for group in here.loc[here["kind"] != "adjustment", "service_group"].unique()
    ]
    everything = here.assign(scope="all", level="line", addends=1)
    blocks += [everything[everything["kind"] == "adjustment"], *_totals(here, "all", "", _ALL_TOTALS)]
    columns = ["scope", "service_group", "line", "kind", "level", "addends", *_MONEY]
    rows = pd.concat([block[columns] for block in blocks], ignore_index=True)
    if here.empty:
        rows = rows.iloc[:0]
    return _variances(rows)


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
    every = snapshots(budget)
    frames = [
        position(budget, s.as_at).assign(as_at=s.as_at, label=s.label, financial_year=s.financial_year)
        for s in every
    ]
    if not frames:
        frames = [position(budget).assign(as_at=pd.to_datetime([]), label="", financial_year="")]
    whole = pd.concat(frames, ignore_index=True)
    first = ["as_at", "label", "financial_year"]
    return whole[[*first, *(name for name in whole.columns if name not in first)]]


def _lines(rows: pd.DataFrame, group: str) -> pd.DataFrame:
    """One group's lines and its totals."""
    lines = rows.assign(scope="group", level="line", addends=1)
    spent, received, net = _totals(rows, "group", group, _GROUP_TOTALS)
    is_spent = lines["kind"] == "expenditure"
    return pd.concat([lines[is_spent], spent, lines[~is_spent], received, net], ignore_index=True)


def _totals(
    rows: pd.DataFrame, scope: str, group: str, totals: tuple[tuple[str, tuple[str, ...]], ...]
) -> list[pd.DataFrame]:
    """Sum the lines of each total's kinds; unknown addends make an unknown total."""
    made = []
    for level, kinds in totals:
        chosen = rows[rows["kind"].isin(kinds)]
        if chosen.empty and level in ("adjustments", "adjusted"):
            continue
        sums = chosen[_MONEY].sum(skipna=False).to_dict()
        made.append(
            pd.DataFrame(
                [
                    {
                        "scope": scope,
                        "service_group": group,
                        "line": "",
                        "kind": "",
                        "level": level,
                        "addends": len(chosen),
                        **sums,
                    }
                ]
            )
        )
    return made


def _variances(rows: pd.DataFrame) -> pd.DataFrame:
    size = rows["budget"].abs().where(rows["budget"] != 0)
    variances = {f"{name}_variance": rows[name] - rows["budget"] for name in ("commitment", "forecast")}
    percents = {
        f"{name}_percent": 100 * variances[f"{name}_variance"] / size for name in ("commitment", "forecast")
    }
    return rows.assign(**variances, **percents)
