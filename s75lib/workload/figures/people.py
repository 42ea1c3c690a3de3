"""Charts of staff: need against posts, which assumption matters, the rota, scenarios."""

from __future__ import annotations

__all__ = ["need", "rota", "scenarios", "tornado"]

import numpy as np
import pandas as pd

from s75lib.present import Column, Figure, Missing, Table, charts, words
from s75lib.workload.figures.panels import SMALL, grid, month_ticks, panel_title
from s75lib.workload.needs import NO_ROTA, NO_STAFFING, NO_WORKFORCE
from s75lib.workload.study import Study
from s75lib.workload.tables.people import scenarios as scenarios_table

_MOST_BARS = 8


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
    bands = [(rows["lower_95"], rows["upper_95"], ""), (rows["lower_80"], rows["upper_80"], "")]
    charts.fan(axis, rows["month"], rows["central"], bands)
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
        "mean is "
        f"{words.interval(year['lower_95'], year['upper_95'], 0)} WTE."
    )
    columns = (
        Column("month", "Month", "date"),
        *(Column(name, label, "number", 1, "WTE") for name, label in (
            ("central", "Needed"), ("lower_80", "80% from"), ("upper_80", "80% to"),
            ("lower_95", "95% from"), ("upper_95", "95% to"))),
    )  # fmt: skip
    data = Table("need.data", "Casework WTE needed by month", rows, columns)
    subtitle = (
        f"Casework WTE by month with 80% and 95% intervals from demand and assumptions, {work.place.name}"
    )
    return Figure(
        "need", title, subtitle, alt, sheet, data, f"{work.place.name}, activity, assumptions, workforce"
    )


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
    axis.barh(
        places,
        low - central,
        left=central,
        color=charts.TEAL,
        height=0.62,
        hatch="///",
        edgecolor="white",
        linewidth=0,
    )
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


def rota(work: Study) -> Figure | Missing:
    """Draw how often a day's demand exceeds the people on duty.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    found = work.rota
    if found is None:
        return NO_ROTA
    rows = found.chances.assign(percent=100 * found.chances["probability"])
    sheet, axis = charts.drawing(8.0, 3.0)
    here = rows["on_duty"] == round(found.on_duty)
    colours = [charts.BLUE if mine else charts.LIGHT for mine in here]
    axis.bar(rows["on_duty"], rows["percent"], color=colours, width=0.7)
    for people, share in zip(rows["on_duty"], rows["percent"], strict=True):
        axis.annotate(words.percent(share, 1 if share < 10 else 0), (people, share), (0, 3),
                      textcoords="offset points", ha="center", fontsize=SMALL)  # fmt: skip
    ticks = [f"{n}\nas now" if mine else f"{n}" for n, mine in zip(rows["on_duty"], here, strict=True)]
    axis.set_xticks(rows["on_duty"], ticks, fontsize=SMALL)
    axis.set_xlabel("AMHPs on duty", fontsize=SMALL)
    axis.set_ylabel("% of days short", fontsize=SMALL)
    axis.set_ylim(0, float(rows["percent"].max()) * 1.12)
    now = found.cases.iloc[0]
    title = (
        f"With {words.number(found.on_duty)} AMHPs on duty, demand would exceed them on "
        f"{words.percent(100 * now['probability'], 0)} of days"
    )
    alt = f"Columns of the share of days on which assessments exceed AMHPs on duty, by their number. {title}."
    columns = (
        Column("on_duty", "On duty", "number", unit="people"),
        Column("percent", "Days short", "percent", 1, "percent"),
    )
    data = Table("rota.data", "Days on which demand exceeds those on duty", rows, columns)
    subtitle = (
        f"{words.number(found.daily_mean, 2)} Mental Health Act assessments a day expected, {work.place.name}"
    )
    return Figure("rota", title, subtitle, alt, sheet, data, f"{work.place.name}, activity; assumptions")


def scenarios(work: Study) -> Figure | Missing:
    """Draw the scenarios side by side as fans with the staff there.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    data = scenarios_table(work)
    if isinstance(data, Missing) or work.run is None:
        return NO_STAFFING if work.needed.is_empty else NO_WORKFORCE
    names = list(work.run.table["scenario"])
    sheet, axes = grid(len(names), columns=3, height=1.9)
    rows = work.run.months
    low, high = float(rows["lower_95"].min()), float(rows["upper_95"].max())
    funded = float(work.run.table["establishment"].iloc[0])
    for position, (axis, name) in enumerate(zip(axes, names, strict=True)):
        part = rows[rows["scenario"] == name]
        bands = [(part["lower_95"], part["upper_95"], ""), (part["lower_80"], part["upper_80"], "")]
        charts.fan(axis, part["month"], part["central"], bands)
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
    worst = work.run.table.sort_values("p_gap").iloc[-1]
    title = f"A gap is likeliest with “{worst['scenario']}”: {words.percent(100 * worst['p_gap'], 0)}"
    alt = (
        f"{words.count_noun(len(names), 'small chart')}, one a scenario, of the WTE needed with 80% and 95% "
        "bands, the "
        f"staff there as a solid line and the funded posts as a dotted one. {title}."
    )
    subtitle = (
        f"Casework WTE needed (dashed, with intervals), there (solid) and funded (dotted), {work.place.name}"
    )
    return Figure(
        "scenarios", title, subtitle, alt, sheet, data, f"{work.place.name}, activity, assumptions, workforce"
    )
