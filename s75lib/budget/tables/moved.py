"""Tables of what moved in the monitor, and of the printed figures that differ."""

from __future__ import annotations

__all__ = ["ONE_SNAPSHOT", "differences", "movement", "settings"]

from s75lib.budget import movement as moves
from s75lib.budget.naming import group_name, row_name, style
from s75lib.budget.snapshots import Snapshot
from s75lib.budget.study import Study
from s75lib.present import Column, Missing, Need, Table, words

ONE_SNAPSHOT = Missing(
    "Movement needs two snapshots of one financial year; the monitor holds fewer.",
    (Need("budget", ("as_at", "commitment"), "the movement between two snapshots"),),
)


def movement(study: Study, which: str = "year") -> Table | Missing:
    """List what each line and total moved.

    Parameters
    ----------
    study : Study
    which : str
        ``year``: from the year's first snapshot; ``last``: from the one before the latest.

    Returns
    -------
    Table or Missing
    """
    if which not in study.comparisons:
        return ONE_SNAPSHOT
    old, new = study.comparisons[which]
    rows = study.moved[which]
    kept = rows[
        (rows["level"] == "line") | (rows["scope"] == "all") | rows["level"].isin(["expenditure", "net"])
    ]
    kept = kept[(kept["before"] != 0) | (kept["after"] != 0)]
    frame = kept.assign(
        group=[group_name(group) for group in kept["service_group"]],
        row=[row_name(row) for row in kept.itertuples()],
    ).reset_index(drop=True)
    columns, unit = _columns(study, old, new, Column("row", "Line"))
    strong = tuple(int(i) for i in frame.index[frame["level"] != "line"])
    title = f"Commitments from {old.day} to {new.day}, {unit}"
    notes = (
        "Income is negative: a fall below zero is more income.",
        "Lines without any commitment are left out.",
    )
    return Table(f"movement.{which}", title, frame, columns, notes, strong)


def settings(study: Study, which: str = "year") -> Table | Missing:
    """List what bed-based and community care moved, by service group.

    Parameters
    ----------
    study : Study
    which : str
        As for `movement`.

    Returns
    -------
    Table or Missing
    """
    if which not in study.comparisons:
        return ONE_SNAPSHOT
    old, new = study.comparisons[which]
    frame = moves.settings(study.moved[which])
    frame = frame.assign(group=[group_name(group) for group in frame["service_group"]])
    columns, unit = _columns(study, old, new, Column("setting", "Setting"))
    title = f"Gross commitments by setting, {old.day} to {new.day}, {unit}"
    strong = tuple(int(i) for i in frame.index[frame["service_group"] == ""]) if len(frame) > 2 else ()
    notes = ("Bed-based: residential and nursing care. Community: every other care type.",)
    return Table(f"settings.{which}", title, frame, columns, notes, strong)


def differences(study: Study) -> Table | Missing:
    """List the printed figures that differ from their recomputation, with what rounding can explain.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    tables = study.printed[study.printed["in_table"]]
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


def _columns(study: Study, old: Snapshot, new: Snapshot, row: Column) -> tuple[tuple[Column, ...], str]:
    """Give the columns of a movement, and its unit."""
    money, change = style(study.rounded), style(study.rounded, change=True)
    columns = (
        Column("group", "Service group"),
        row,
        Column("before", f"{old.label} commitment", money, unit="£"),
        Column("after", f"{new.label} commitment", money, unit="£"),
        Column("change", "Change", change, unit="£"),
        Column("percent", "Change, %", "points", 1, unit="percent"),
    )
    return columns, "£ thousand" if study.rounded >= 1000 else "£"
