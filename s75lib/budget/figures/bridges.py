"""Bridges of gross commitments between two snapshots, by line and by setting."""

from __future__ import annotations

__all__ = ["bridge", "setting_bridge", "write"]

from collections.abc import Callable

import pandas as pd

from s75lib.budget import movement as moves
from s75lib.budget.naming import in_sentence, pounds, style
from s75lib.budget.picks import largest
from s75lib.budget.study import Study
from s75lib.budget.tables.moved import ONE_SNAPSHOT
from s75lib.present import Column, Figure, Missing, Table, charts, words


def bridge(study: Study, which: str = "year") -> Figure | Missing:
    """Draw how gross commitments went from one snapshot to another, one step for each line.

    Parameters
    ----------
    study : Study
    which : str
        ``year``: from the year's first snapshot; ``last``: from the one before the latest.

    Returns
    -------
    Figure or Missing

    Notes
    -----
    A line is one step for all service groups together. Lines that did not move are left out of the drawing
    and stand in its data.
    """
    if which not in study.comparisons:
        return ONE_SNAPSHOT
    moved = study.moved[which]
    spent = moved[(moved["level"] == "line") & (moved["kind"] == "expenditure")]
    rows = spent.groupby("line", sort=False)[["before", "after", "change"]].sum(min_count=1).reset_index()
    rows = rows.assign(said=rows["line"])
    return _drawn(f"bridge.line.{which}", rows, "line", "Care type", study, which)


def setting_bridge(study: Study, which: str = "year") -> Figure | Missing:
    """Draw how gross commitments went from one snapshot to another, by service group and setting.

    Parameters
    ----------
    study : Study
    which : str
        As for `bridge`.

    Returns
    -------
    Figure or Missing
    """
    if which not in study.comparisons:
        return ONE_SNAPSHOT
    parts = moves.settings(study.moved[which])
    several = (parts["service_group"] != "").any()
    parts = parts[parts["service_group"] != ""] if several else parts
    both = list(zip(parts["service_group"], parts["setting"], strict=True))
    # The codes fit below a step; the written-out names stand in the text.
    rows = parts.assign(
        step=[f"{group} {setting}".strip() for group, setting in both],
        said=[f"{setting} {in_sentence(group) if group else ''}".strip() for group, setting in both],
    ).reset_index(drop=True)
    return _drawn(f"bridge.setting.{which}", rows, "step", "Service group and setting", study, which)


def write(rounded: float) -> Callable[[float, bool], str]:
    """Give the function that labels a bridge's bars.

    Parameters
    ----------
    rounded : float
        Rounding of the source in £.

    Returns
    -------
    callable
        Of a value and whether it is a change.
    """
    scale = 1000 if rounded >= 1000 else 1

    def label(value: float, change: bool) -> str:
        if scale == 1 and abs(value) >= 9_999.5:
            body = f"{words.number(abs(value) / 1000)}k"
        else:
            body = f"{words.number(abs(value) / scale)}{'k' if scale == 1000 and abs(value) >= 500 else ''}"
        sign = "−" if value < 0 else "+" if change and value > 0 else ""
        return f"{sign}£{body}"

    return label


def _drawn(
    figure_id: str, rows: pd.DataFrame, name: str, label: str, study: Study, which: str
) -> Figure | Missing:
    old, new = study.comparisons[which]
    rounded, place = study.rounded, study.place
    if rows["change"].isna().any():
        return Missing("A line without a commitment in one of the snapshots leaves the bridge open.")
    shown = rows[rows["change"] != 0]
    start, end = float(rows["before"].sum()), float(rows["after"].sum())
    sheet, axis = charts.drawing(8.0, 4.0)
    charts.bridge(
        axis,
        list(shown[name]),
        list(shown["change"]),
        start=(old.label, start),
        end=new.label,
        write=write(rounded),
    )
    # Many steps leave each label little room: one word a line.
    axis.set_xticks(
        range(len(shown) + 2), [text.replace(" ", "\n") for text in (old.label, *shown[name], new.label)]
    )
    charts.thousands(axis, prefix="£", scale=1000, suffix="k")
    money, change = style(rounded), style(rounded, change=True)
    columns = (
        Column(name, label),
        Column("before", old.label, money, unit="£"),
        Column("after", new.label, money, unit="£"),
        Column("change", "Change", change, unit="£"),
    )
    unit = "£ thousand" if rounded >= 1000 else "£"
    data = Table(f"{figure_id}.data", f"Gross commitments at {old.day} and {new.day}, {unit}", rows, columns)
    total = end - start
    said = f"Gross commitments {words.rose_fell(total)}"
    said += f" by {pounds(total, rounded)}" if total else ""
    return Figure(
        figure_id,
        f"{said} from {old.label} to {new.label}{_finding(shown)}",
        f"Gross commitments for {new.financial_year} by {label.lower()}, {place}, {old.day} to {new.day}",
        _alt(shown, (old.label, start), (new.label, end), rounded),
        sheet,
        data,
        f"{place}, budget monitor",
    )


def _finding(rows: pd.DataFrame) -> str:
    """Name the largest step each way."""
    parts = []
    for verb, side in (
        ("most added by", rows[rows["change"] > 0]),
        ("most taken off by", rows[rows["change"] < 0]),
    ):
        if len(side):
            parts.append(f"{verb} {largest(side, 'change', by='size')['said']}")
    return f": {words.join(parts)}" if parts else ""


def _alt(rows: pd.DataFrame, start: tuple[str, float], end: tuple[str, float], rounded: float) -> str:
    label = write(rounded)
    steps = [
        f"{step} {label(change, True)}" for step, change in zip(rows["said"], rows["change"], strict=True)
    ]
    return (
        f"Bridge from {label(start[1], False)} at {start[0]} to {label(end[1], False)} at {end[0]}: "
        f"{words.join(steps) or 'no step'}."
    )
