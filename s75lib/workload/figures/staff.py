"""Charts of staff: need against posts, in all and by team, which assumption matters, scenarios."""

from __future__ import annotations

__all__ = ["need", "scenarios", "team_need", "tornado"]

import numpy as np
import pandas as pd

from s75lib.present import Column, Figure, Missing, Table, charts, words
from s75lib.workload.figures.panels import SMALL, fan, fan_columns, grid, month_ticks, panel_title
from s75lib.workload.needs import NO_STAFFING, NO_WORKFORCE
from s75lib.workload.study import Study
from s75lib.workload.tables.gaps import scenarios as scenarios_table
from s75lib.workload.tables.gaps import team_need as team_need_table

_MOST_BARS, _MOST_NAMED = 8, 3


def need(work: Study) -> Figure | Missing:
    """Draw the casework staff that the work takes against the posts.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    if "casework" not in work.needed.draws:
        return NO_STAFFING
    rows = work.needed.months[work.needed.months["pool"] == "casework"]
    year = work.needed.year("casework")
    sheet, axis = charts.drawing(8.0, 3.6)
    fan(axis, rows)
    here = work.now("casework")
    last = rows["month"].iloc[-1]
    ends = [(last, float(rows["central"].iloc[-1]), "needed", charts.BLUE)]
    title = f"The expected work takes {words.number(year['central'])} WTE of casework staff"
    if here is not None:
        for name, label, colour, dash in (
            ("establishment", "funded", charts.PURPLE, "-"),
            ("staffed", "in post, with locums", charts.ORANGE, (0, (2, 2))),
        ):  # fmt: skip
            level = [float(here[name])] * len(rows)
            axis.plot(rows["month"], level, color=colour, linewidth=1.6, linestyle=dash)
            ends.append((last, float(here[name]), label, "#B3400B" if name == "staffed" else colour))
        funded, there = float(here["establishment"]), float(here["staffed"])
        title += f"; {words.number(funded)} are funded and {words.number(there)} in post with locums"
    low = min(float(rows["lower_95"].min()), *(end[1] for end in ends))
    high = max(float(rows["upper_95"].max()), *(end[1] for end in ends))
    axis.set_ylim(max(0.0, low - 0.15 * (high - low)), high + 0.1 * (high - low))
    month_ticks(axis, rows["month"], most=4)
    axis.set_xlim(rows["month"].iloc[0], last + pd.Timedelta(days=95))
    charts.label_line_ends(axis, ends)
    axis.set_ylabel("WTE (axis does not start at 0)", fontsize=SMALL)
    alt = (
        f"Line of the WTE needed by month with 80% and 95% bands. {title}. The 95% interval of the year's "
        f"mean is {words.interval(year['lower_95'], year['upper_95'], 0)} WTE."
    )
    data = Table("need.data", "Casework WTE needed by month", rows, fan_columns("Needed", "WTE"))
    subtitle = (
        f"Casework WTE by month with 80% and 95% intervals from demand and assumptions, {work.place.name}"
    )
    return Figure(
        "need", title, subtitle, alt, sheet, data, f"{work.place.name}, activity, assumptions, workforce"
    )


def team_need(work: Study) -> Figure | list[Figure]:
    """Draw the casework staff that each team needs beside its posts and people.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or list
        An empty list where no work is held by team, of which the table tells.
    """
    tables = team_need_table(work)
    if isinstance(tables, Missing) or work.team_need is None:
        return []
    rows = work.team_need.table.iloc[::-1].reset_index(drop=True)
    sheet, axis = charts.drawing(8.0, 1.2 + 0.42 * len(rows))
    places = np.arange(len(rows))
    axis.hlines(places, rows["lower_95"], rows["upper_95"], color=charts.BLUE, alpha=0.35, linewidth=7)
    axis.hlines(places, rows["lower_80"], rows["upper_80"], color=charts.BLUE, alpha=0.55, linewidth=7)
    axis.plot(rows["central"], places, "o", color=charts.BLUE, markersize=7, label="needed")
    axis.plot(rows["establishment"], places, "|", color=charts.PURPLE, markersize=18, markeredgewidth=2.5,
              label="funded posts")  # fmt: skip
    axis.plot(rows["staffed"], places, "D", color=charts.ORANGE, markersize=6,
              label="in post, with locums")  # fmt: skip
    axis.set_yticks(places, list(rows["team"]), fontsize=SMALL)
    axis.set_xlim(left=0)
    axis.set_ylim(-0.7, len(rows) - 0.3)
    axis.set_xlabel("casework WTE", fontsize=SMALL)
    axis.tick_params(axis="y", length=0)
    axis.legend(fontsize=SMALL, frameon=False, ncols=3, loc="lower left", bbox_to_anchor=(0, 1))
    title = _likeliest(rows)
    alt = (
        "One row a team: a dot with 80% and 95% intervals for the WTE needed, an upright mark for the funded "
        f"posts and a diamond for those in post with locums. {title}."
    )
    subtitle = f"Casework WTE needed by team, mean of the months forecast, {work.place.name}"
    return Figure("team_need", title, subtitle, alt, sheet, tables[0],
                  f"{work.place.name}, activity, assumptions, workforce")  # fmt: skip


def _likeliest(rows: pd.DataFrame) -> str:
    """Say where a gap is likeliest."""
    known = rows[rows["staffed"].notna()]
    if known.empty:
        most = rows.sort_values("central").iloc[-1]
        return f"{most['team']} needs the most staff, {words.number(most['central'], 1)} WTE"
    short = known[known["gap_to_staffed"] > 0].sort_values("p_gap_to_staffed", ascending=False)
    if short.empty:
        return "Every team has the people in post that the expected work takes"
    said = [
        f"{team} ({words.number(gap, 1)} WTE)"
        for team, gap in zip(short["team"], short["gap_to_staffed"], strict=True)
    ][:_MOST_NAMED]
    more = f" and {words.number(len(short) - _MOST_NAMED)} more" if len(short) > _MOST_NAMED else ""
    return f"Too few in post for the expected work: {words.join(said) if not more else ', '.join(said)}{more}"


def tornado(work: Study) -> Figure | Missing:
    """Draw which assumption matters most for the staff needed.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    if work.tornado.empty:
        return NO_STAFFING
    rows = work.tornado.head(_MOST_BARS)
    sheet, axis = charts.drawing(8.0, 0.9 + 0.36 * len(rows))
    places = np.arange(len(rows))[::-1]
    central = float(rows["central"].iloc[0])
    low, high = rows["low"].to_numpy(), rows["high"].to_numpy()
    axis.barh(places, low - central, left=central, color=charts.TEAL, height=0.62, hatch="///",
              edgecolor="white", linewidth=0)  # fmt: skip
    axis.barh(places, high - central, left=central, color=charts.BLUE, height=0.62)
    for place, start, end in zip(places, low, high, strict=True):
        axis.annotate(words.number(start), (start, place), (-4, 0), textcoords="offset points", ha="right",
                      va="center", fontsize=SMALL)  # fmt: skip
        axis.annotate(
            words.number(end), (end, place), (4, 0), textcoords="offset points", va="center", fontsize=SMALL
        )
    axis.axvline(central, color="#222222", linewidth=1)
    room = 0.12 * (high.max() - low.min())
    axis.set_xlim(low.min() - room, high.max() + room)
    axis.set_yticks(places, list(rows["label"]), fontsize=SMALL)
    axis.set_xlabel("casework WTE needed", fontsize=SMALL)
    axis.tick_params(axis="y", length=0)
    top = rows.iloc[0]
    what = f"{top['label'][:1].lower()}{top['label'][1:]}"
    title = f"What matters most: {what}, {words.number(top['low'])} to {words.number(top['high'])} WTE"
    alt = (
        f"Bars of the WTE needed with one assumption at its low and high end and the others central. {title}."
    )
    subtitle = (
        f"One assumption from low to high, the rest central ({words.number(central)} WTE), {work.place.name}"
    )
    columns = (
        Column("label", "Assumption"),
        Column("low", "Lowest WTE", "number", 1, "WTE"),
        Column("high", "Highest WTE", "number", 1, "WTE"),
        Column("width", "Distance", "number", 1, "WTE"),
    )
    data = Table("tornado.data", "WTE needed as each assumption moves", work.tornado, columns)
    return Figure("tornado", title, subtitle, alt, sheet, data, f"{work.place.name}, assumptions")


def scenarios(work: Study) -> Figure | Missing:
    """Draw the scenarios side by side as fans with the staff there.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    tables = scenarios_table(work)
    if isinstance(tables, Missing) or work.run is None:
        return NO_STAFFING if work.needed.is_empty else NO_WORKFORCE
    names = list(work.run.table["scenario"])
    sheet, axes = grid(len(names), columns=2, height=1.9)
    rows = work.run.months
    low, high = float(rows["lower_95"].min()), float(rows["upper_95"].max())
    funded = float(work.run.table["establishment"].iloc[0])
    for position, (axis, name) in enumerate(zip(axes, names, strict=True)):
        part = rows[rows["scenario"] == name]
        fan(axis, part)
        axis.plot(part["month"], part["staffed"], color=charts.ORANGE, linewidth=1.8)
        axis.axhline(funded, color=charts.PURPLE, linewidth=1.1, linestyle=(0, (1, 2)))
        axis.set_ylim(max(0, low - 3), max(high, funded) + 3)
        month_ticks(axis, part["month"], most=3)
        panel_title(axis, name)
        if position == 0:
            end = (part["month"].iloc[-1], float(part["staffed"].iloc[-1]))
            axis.annotate("in post", end, (0, 3), textcoords="offset points", ha="right",
                          fontsize=SMALL, color="#B3400B")  # fmt: skip
            axis.annotate("funded", (part["month"].iloc[0], funded), (0, 3), textcoords="offset points",
                          fontsize=SMALL, color=charts.PURPLE)  # fmt: skip
    worst = work.run.table.sort_values("p_gap_to_staffed").iloc[-1]
    chance = words.percent(100 * worst["p_gap_to_staffed"], 0)
    title = f"Too few in post is likeliest with “{worst['scenario']}”: {chance}"
    alt = (
        f"{words.count_noun(len(names), 'small chart')}, one a scenario, of the WTE needed with 80% and 95% "
        f"bands, those in post with locums as a solid line and the funded posts as a dotted one. {title}."
    )
    subtitle = (
        "Casework WTE needed (dashed, with intervals), in post with locums (solid) and funded (dotted), "
        f"{work.place.name}"
    )
    named = (Column("scenario", "Scenario"), *fan_columns("Needed", "WTE"))
    data = Table(
        "scenarios.data", "Casework WTE needed and in post by scenario and month", rows,
        (*named, Column("staffed", "In post", "number", 1, "WTE")),
    )  # fmt: skip
    return Figure(
        "scenarios", title, subtitle, alt, sheet, data, f"{work.place.name}, activity, assumptions, workforce"
    )
