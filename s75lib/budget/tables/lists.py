"""Tables of what moved in the monitor, of the printed figures that differ, and of staffing."""

from __future__ import annotations

__all__ = ["differences", "movement", "settings", "staffing"]

import pandas as pd

from s75lib.budget import movement as moves
from s75lib.budget import staffing as positions
from s75lib.budget.naming import group_name, row_name, style
from s75lib.budget.snapshots import Snapshot, comparisons, rounding
from s75lib.present import Column, Missing, Need, Table, words

NO_STAFFING = Missing(
    "No staffing position is held.",
    (
        Need(
            "staffing",
            (
                "as_at",
                "organisation",
                "group",
                "budget",
                "adjusted_budget",
                "adjusted_budget_to_date",
                "actual_to_date",
                "forecast",
            ),
            "variance by organisation and staff group, and the phasing",
        ),
    ),
)
ONE_SNAPSHOT = Missing(
    "Movement needs two snapshots of one financial year; the monitor holds fewer.",
    (Need("budget", ("as_at", "commitment"), "the movement between two snapshots"),),
)


def movement(budget: pd.DataFrame, which: str = "year") -> Table | Missing:
    """List what each line and total moved.

    Parameters
    ----------
    budget : DataFrame
        The contract's `budget`.
    which : str
        ``year``: from the year's first snapshot; ``last``: from the one before the latest.

    Returns
    -------
    Table or Missing
    """
    pair = _pair(budget, which)
    if pair is None:
        return ONE_SNAPSHOT
    old, new = pair
    rows = moves.movement(budget, old.as_at, new.as_at)
    kept = rows[
        (rows["level"] == "line") | (rows["scope"] == "all") | rows["level"].isin(["expenditure", "net"])
    ]
    kept = kept[(kept["before"] != 0) | (kept["after"] != 0)]
    frame = kept.assign(
        group=[group_name(group) for group in kept["service_group"]],
        row=[row_name(row) for row in kept.itertuples()],
    ).reset_index(drop=True)
    money, change = style(rounding(budget)), style(rounding(budget), change=True)
    columns = (
        Column("group", "Service group"),
        Column("row", "Line"),
        Column("before", f"{old.label} commitment", money, unit="£"),
        Column("after", f"{new.label} commitment", money, unit="£"),
        Column("change", "Change", change, unit="£"),
        Column("percent", "Change, %", "points", 1, unit="percent"),
    )
    unit = "£ thousand" if rounding(budget) >= 1000 else "£"
    strong = tuple(int(i) for i in frame.index[frame["level"] != "line"])
    title = f"Commitments from {old.day} to {new.day}, {unit}"
    notes = (
        "Income is negative: a fall below zero is more income.",
        "Lines without any commitment are left out.",
    )
    return Table(f"movement.{which}", title, frame, columns, notes, strong)


def settings(budget: pd.DataFrame, which: str = "year") -> Table | Missing:
    """List what bed-based and community care moved, by service group.

    Parameters
    ----------
    budget : DataFrame
        The contract's `budget`.
    which : str
        As for `movement`.

    Returns
    -------
    Table or Missing
    """
    pair = _pair(budget, which)
    if pair is None:
        return ONE_SNAPSHOT
    old, new = pair
    frame = moves.settings(moves.movement(budget, old.as_at, new.as_at))
    frame = frame.assign(group=[group_name(group) for group in frame["service_group"]])
    money, change = style(rounding(budget)), style(rounding(budget), change=True)
    columns = (
        Column("group", "Service group"),
        Column("setting", "Setting"),
        Column("before", f"{old.label} commitment", money, unit="£"),
        Column("after", f"{new.label} commitment", money, unit="£"),
        Column("change", "Change", change, unit="£"),
        Column("percent", "Change, %", "points", 1, unit="percent"),
    )
    unit = "£ thousand" if rounding(budget) >= 1000 else "£"
    title = f"Gross commitments by setting, {old.day} to {new.day}, {unit}"
    strong = tuple(int(i) for i in frame.index[frame["service_group"] == ""]) if len(frame) > 2 else ()
    notes = ("Bed-based: residential and nursing care. Community: every other care type.",)
    return Table(f"settings.{which}", title, frame, columns, notes, strong)


def differences(printed: pd.DataFrame) -> Table | Missing:
    """List the printed figures that differ from their recomputation, with what rounding can explain.

    Parameters
    ----------
    printed : DataFrame
        As `s75lib.budget.printed.printed` gives it.

    Returns
    -------
    Table or Missing
    """
    tables = printed[printed["in_table"]]
    if tables.empty:
        return Missing(
            "No published totals are held to compare with.",
            (
                Need(
                    "claims",
                    ("reference", "published", "dataset", "filter", "measure", "operation"),
                    "each printed total beside the recomputed one",
                ),
            ),
        )
    frame = tables[tables["reading"] != "exact"].sort_values("reading", kind="stable").reset_index(drop=True)
    frame = frame.assign(
        recomputed_less_printed=-frame["difference"],
        says=frame["reading"].map({"rounding": "can explain it", "beyond rounding": "cannot explain it"}),
    )
    columns = (
        Column("statement", "Printed figure"),
        Column("reference", "Where"),
        Column("published", "Printed, £", "money", unit="£"),
        Column("recomputed", "Recomputed, £", "money", unit="£"),
        Column("recomputed_less_printed", "Difference, £", "change", unit="£"),
        Column("addends", "Rounded amounts added", "number"),
        Column("bound", "Most that rounding can make, £", "money", unit="£"),
        Column("says", "Rounding"),
    )
    exact = len(tables) - len(frame)
    notes = (
        f"{words.count_noun(exact, 'printed figure')} of {len(tables)} come out exactly and are not listed.",
        "Each amount rounded to r is off by at most r/2, and so is the printed total, which was "
        "rounded on its own.",
    )
    return Table(
        "printed.differences",
        "Printed totals, variances and changes that differ from the recomputed",
        frame,
        columns,
        notes,
    )


def staffing(frame: pd.DataFrame, printed: pd.DataFrame) -> Table | Missing:
    """Set out the staffing position with each organisation's total and the printed totals.

    Parameters
    ----------
    frame : DataFrame
        The contract's `staffing`.
    printed : DataFrame
        As `s75lib.budget.printed.printed` gives it.

    Returns
    -------
    Table or Missing
    """
    if frame.empty:
        return NO_STAFFING
    rows = positions.staffing(frame).rename(columns={"variance": "forecast_variance"})
    tables = printed[printed["in_table"] & (printed["dataset"] == "staffing")]
    money = [
        "budget",
        "adjusted_budget",
        "adjusted_budget_to_date",
        "actual_to_date",
        "forecast",
        "forecast_variance",
    ]
    labels = (
        "Budget",
        "Adjusted budget",
        "Adjusted budget to date",
        "Actual to date",
        "Forecast",
        "Variance",
    )
    records, strong = [], []
    for row in rows.to_dict("records"):
        if row["level"] == "line":
            records.append({"name": f"{row['organisation']} {row['group']}", **row})
            continue
        strong.append(len(records))
        name = "Grand total" if row["level"] == "all" else f"{row['organisation']} total"
        records.append({"name": name, **row})
        same = tables[(tables["organisation"] == row["organisation"]) & (tables["group"] == "")]
        printed_values = dict(zip(same["column"], same["published"].astype(float), strict=True))
        if printed_values:
            records.append({"name": "as printed", **printed_values})
            gaps = {column: row[column] - value for column, value in printed_values.items() if column in row}
            if any(gaps.values()):
                records.append({"name": "recomputed less printed", **gaps})
    columns = [Column("name", "Organisation and group")]
    columns += [
        Column(name, label, "change" if name == "forecast_variance" else "money", unit="£")
        for name, label in zip(money, labels, strict=True)
    ]
    columns.append(Column("variance_percent", "Variance, %", "points", 1, unit="percent"))
    if frame["locum_to_date"].notna().any():
        columns.append(Column("locum_to_date", "Of it locum", "money", unit="£"))
    shown = pd.DataFrame(records, columns=[c.name for c in columns])
    notes = (
        "Variance: forecast less adjusted budget; below zero is an underspend.",
        "Money for vacancies is budget not spent; posts in post are not part of this table.",
    )
    day = frame["as_at"].max()
    return Table(
        "staffing", f"Staffing position at {words.day(day)}, £", shown, tuple(columns), notes, tuple(strong)
    )


def _pair(budget: pd.DataFrame, which: str) -> tuple[Snapshot, Snapshot] | None:
    pairs = comparisons(budget)
    return pairs.get(which)
