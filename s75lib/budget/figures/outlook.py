"""The chart of the outturn."""

from __future__ import annotations

__all__ = ["outturn"]

import pandas as pd

from s75lib.budget.figures.bridges import write
from s75lib.budget.naming import pounds
from s75lib.budget.study import Study
from s75lib.present import Column, Figure, Missing, Need, Table, charts, words


def outturn(study: Study) -> Figure | Missing:
    """Draw the net commitment of the year with its projection to the year end.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Figure or Missing
    """
    found, rows, place = study.outturn, study.net, study.place
    if found is None:
        return Missing(
            "A projection needs three movements of the net commitment within a year; fewer are held.",
            (Need("budget", ("as_at", "commitment"), "the outturn, with an interval from past movements"),),
        )
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
