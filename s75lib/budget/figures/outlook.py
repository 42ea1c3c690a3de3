"""Charts of the outturn and of how the cost is spread over people."""

from __future__ import annotations

__all__ = [
    "concentration",
    "outturn",
]

import math

import pandas as pd

from s75lib.budget import ledger, pressure
from s75lib.budget import outturn as outturns
from s75lib.budget.figures.bridges import write
from s75lib.budget.naming import pounds
from s75lib.budget.position import trend
from s75lib.budget.tables.common import NO_LEDGER
from s75lib.present import Column, Figure, Missing, Need, Table, charts, words


def outturn(budget: pd.DataFrame, *, place: str) -> Figure | Missing:
    """Draw the net commitment of the year with its projection to the year end.

    Parameters
    ----------
    budget : DataFrame
        The contract's `budget`.
    place : str
        Name of the authority.

    Returns
    -------
    Figure or Missing
    """
    rows = trend(budget)
    rows = rows[(rows["scope"] == "all") & (rows["level"] == "net")]
    inside = rows.groupby("financial_year").size().sub(1).sum() if len(rows) else 0
    if inside < 3 or rows["commitment"].isna().any():
        return Missing(
            "A projection needs three movements of the net commitment within a year; fewer are held.",
            (Need("budget", ("as_at", "commitment"), "the outturn, with an interval from past movements"),),
        )
    found = outturns.project(rows)
    if found.as_at == found.year_end:
        return Missing(f"The year ended on {words.day(found.year_end)}: nothing is left to project.")
    here = rows[rows["financial_year"] == rows["financial_year"].iloc[-1]]
    sheet, axis = charts.drawing(8.0, 3.8)
    axis.plot(here["as_at"], here["commitment"], color=charts.BLUE, linewidth=2, marker="o", markersize=5)
    when = [found.as_at, found.year_end]
    band = ([found.commitment, found.lower], [found.commitment, found.upper], "")
    charts.fan(axis, when, [found.commitment, found.projected], [band])
    limit = float(here["budget"].iloc[-1])
    axis.axhline(limit, color=charts.GREY, linewidth=1.2, linestyle=(0, (1, 2)))
    axis.annotate(
        "budget",
        (here["as_at"].iloc[0], limit),
        (0, 4),
        textcoords="offset points",
        fontsize=9,
        color=charts.GREY,
    )
    span = [found.lower, found.upper, limit, float(here["commitment"].min()), float(here["commitment"].max())]
    axis.set_ylim(min(span) - 0.1 * (max(span) - min(span)), max(span) + 0.15 * (max(span) - min(span)))
    label = write(1000.0)
    for value, text, shift in (
        (found.upper, label(found.upper, False), 0),
        (found.projected, label(found.projected, False), 0),
        (found.lower, label(found.lower, False), 0),
    ):
        axis.annotate(
            text,
            (found.year_end, value),
            (5, -3 + shift),
            textcoords="offset points",
            fontsize=9,
            annotation_clip=False,
        )
    axis.set_xticks(
        [*here["as_at"].iloc[[0, -1]], found.year_end], [*here["label"].iloc[[0, -1]], "Year end"], fontsize=9
    )
    charts.thousands(axis, prefix="£", scale=1000, suffix="k")
    over = found.projected - limit
    title = (
        f"If packages go on as before, the year ends near {pounds(found.projected)}, "
        f"{pounds(over)} {'over' if over > 0 else 'under'} budget, in a range from "
        f"{pounds(found.lower)} to {pounds(found.upper)}"
    )
    frame = pd.concat(
        [
            here[["as_at", "commitment"]],
            pd.DataFrame(
                {
                    "as_at": [found.year_end],
                    "commitment": [found.projected],
                    "lower": [found.lower],
                    "upper": [found.upper],
                }
            ),
        ]
    )
    columns = (
        Column("as_at", "Day", "date"),
        Column("commitment", "Net commitment, £", "money", unit="£"),
        Column("lower", "Lower", "money", unit="£"),
        Column("upper", "Upper", "money", unit="£"),
    )
    data = Table("outturn.data", "Net commitment by snapshot, and the projection", frame, columns)
    chance = f"{100 * found.confidence:.0f}%"
    subtitle = (
        f"Net commitment, {place}, with an {chance} prediction interval; other adjustments are left out"
    )
    return Figure("outturn", title, subtitle, f"{title}.", sheet, data, f"{place}, budget monitor")


def concentration(packages: pd.DataFrame, *, place: str) -> Figure | Missing:
    """Draw what share of the net cost the dearest people take.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    place : str
        Name of the authority.

    Returns
    -------
    Figure or Missing
    """
    if packages.empty:
        return NO_LEDGER
    day = ledger.days(packages)[-1]
    found = pressure.concentration(packages, day)
    if math.isnan(found.top_tenth_percent):
        return Missing("No open package has a net cost.")
    sheet, axis = charts.drawing(8.0, 3.8)
    x, y = found.curve["people_percent"], found.curve["cost_percent"]
    axis.plot(x, y, color=charts.BLUE, linewidth=2, marker="o", markersize=4)
    axis.plot([0, 100], [0, 100], color=charts.GREY, linewidth=1.2, linestyle=(0, (4, 3)))
    axis.annotate(
        "equal cost for everybody",
        (60, 60),
        (6, -12),
        textcoords="offset points",
        fontsize=9,
        color=charts.GREY,
    )
    axis.annotate(
        f"dearest tenth: {found.top_tenth_percent:.0f}% of the cost",
        (10, found.top_tenth_percent),
        (1, min(found.top_tenth_percent + 38, 104)),
        fontsize=9.5,
        arrowprops={"arrowstyle": "-", "color": charts.GREY, "shrinkB": 4},
    )
    axis.set_xlabel("share of people, dearest first, %", fontsize=9.5)
    axis.set_ylabel("share of the net cost, %", fontsize=9.5)
    title = f"The dearest tenth of people take {found.top_tenth_percent:.0f}% of the net cost"
    columns = (
        Column("people_percent", "People, dearest first, %", "percent"),
        Column("cost_percent", "Cost, %", "percent", 1),
    )
    data = Table("concentration.data", "Share of the net cost by share of people", found.curve, columns)
    subtitle = (
        f"Net cost a week of {words.count_noun(found.people, 'person', 'people')}, {place}, {words.day(day)}"
    )
    alt = f"{title}; the dearest half take {y.iloc[5]:.0f}%. Gini coefficient {found.gini:.2f}."
    return Figure("concentration", title, subtitle, alt, sheet, data, f"{place}, package ledger")
