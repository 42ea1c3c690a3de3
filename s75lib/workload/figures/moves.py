"""Charts of the package transfer, the reviews that follow, and the published means."""

from __future__ import annotations

__all__ = ["due", "means", "reviews", "reviews_by_team", "transfers"]

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from s75lib.present import Column, Figure, Missing, Table, charts, words
from s75lib.workload.figures.panels import SMALL, grid, panel_title
from s75lib.workload.hiding import hide
from s75lib.workload.naming import few, month_name
from s75lib.workload.needs import NO_LEDGER, NO_MEANS, NO_TRANSFERS
from s75lib.workload.study import Study
from s75lib.workload.tables.moves import means as means_table
from s75lib.workload.tables.moves import transfers as transfers_table

_DUE_MONTHS = 12


def transfers(work: Study) -> Figure | Missing:
    """Draw the people that each team holds and gains.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    data = transfers_table(work)
    if isinstance(data, Missing):
        return NO_TRANSFERS
    least = work.place.least("package_transfers")
    shown = hide(work.moves, least)
    rows = shown[(shown["level"] == "team") & (work.moves["now"] + work.moves["gains"] > 0)]
    rows = rows.reset_index(drop=True)
    sheet, axis = charts.drawing(8.0, 0.9 + 0.3 * len(rows))
    places = np.arange(len(rows))[::-1]
    now, gains = rows["now"].fillna(0).to_numpy(), rows["gains"].fillna(0).to_numpy()
    axis.barh(places, now, color=charts.BLUE, height=0.66)
    axis.barh(
        places, gains, left=now, color=charts.ORANGE, height=0.66, hatch="///", edgecolor="white", linewidth=0
    )
    for place, row in zip(places, rows.to_dict("records"), strict=True):
        total = np.nansum([row["now"], row["gains"]])
        growth = "" if np.isnan(row["growth_percent"]) else f", {words.signed(row['growth_percent'])}%"
        hidden = np.isnan(row["now"]) or np.isnan(row["gains"])
        label = f"small numbers hidden (below {least})" if hidden else (
            f"{words.number(row['now'])} + {few(row['gains'], least)}{growth}"
        )  # fmt: skip
        axis.annotate(label, (total, place), (5, 0), textcoords="offset points", va="center", fontsize=SMALL)
    names = [f"{g} {t}".strip() for g, t in zip(rows["service_group"], rows["team"], strict=True)]
    axis.set_yticks(places, names, fontsize=SMALL)
    axis.set_xlim(0, float((now + gains).max()) * 1.28 + 1)
    axis.set_xlabel("people with care packages", fontsize=SMALL)
    axis.tick_params(axis="y", length=0)
    whole = work.moves[work.moves["level"] == "all"].iloc[0]
    title = (
        f"{words.count_noun(whole['gains'], 'person', 'people')} would join the "
        f"{words.number(whole['now'])} with social workers"
    )
    if not np.isnan(whole["growth_percent"]):
        title += f", {words.percent(whole['growth_percent'], 0)} more"
    subtitle = (
        f"People held by social workers (solid) and by health staff, to move (hatched), {work.place.name}, "
        f"{words.day(whole['as_at'])}"
    )
    most = rows.sort_values("gains", na_position="first").iloc[-1]
    alt = (
        f"Bars by team: people with social workers, and on top those who would come. {title}. "
        f"The most go to {most['team']}, {words.number(most['gains'])}."
    )
    return Figure("transfers", title, subtitle, alt, sheet, data, f"{work.place.name}, package transfers")


def reviews(work: Study) -> Figure | Missing:
    """Draw the reviews that fall due after the transfer, all teams together.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    if work.moves.empty:
        return NO_TRANSFERS
    rows = work.moved_reviews.groupby("month")[["present", "yearly", "light_touch"]].sum().reset_index()
    rows["month"] += 1
    sheet, axis = charts.drawing(8.0, 3.7)
    bottom = np.zeros(len(rows))
    parts = (("present", charts.LIGHT, "", "yearly reviews of those held now"),
             ("yearly", charts.BLUE, "", "yearly reviews of those who move"),
             ("light_touch", charts.ORANGE, "///", "light-touch reviews after the move"))  # fmt: skip
    for name, colour, hatch, label in parts:
        values = rows[name].to_numpy()
        axis.bar(rows["month"], values, bottom=bottom, color=colour, width=0.8, hatch=hatch,
                 edgecolor="white", linewidth=0, label=label)  # fmt: skip
        bottom = bottom + values
    axis.legend(fontsize=SMALL, frameon=False, loc="upper right")
    axis.set_xticks(range(1, len(rows) + 1, 3))
    axis.set_xlabel("month from the start of the transfer", fontsize=SMALL)
    axis.set_ylabel("reviews due", fontsize=SMALL)
    peak = int(np.argmax(bottom))
    usual = float(rows["present"].iloc[0])
    title = f"Reviews due would peak at {words.number(bottom[peak])} in month {rows['month'].iloc[peak]}"
    if usual > 0:
        title += f", against {words.number(usual)} a month for those held now"
    alt = (
        f"Stacked columns of reviews due in each of {words.number(len(rows))} months. {title}; by month "
        f"{rows['month'].iloc[-1]} they come to {words.number(bottom[-1])}."
    )
    subtitle = f"Expected reviews a month under the assumptions, {work.place.name}"
    columns = (
        Column("month", "Month", "number"),
        Column("present", "Held now", "number", 1, "reviews"),
        Column("yearly", "Yearly, those who move", "number", 1, "reviews"),
        Column("light_touch", "Light touch", "number", 1, "reviews"),
    )
    data = Table("reviews.data", "Reviews due by month from the start of the transfer", rows, columns)
    return Figure(
        "reviews", title, subtitle, alt, sheet, data, f"{work.place.name}, package transfers; assumptions"
    )


def reviews_by_team(work: Study) -> Figure | Missing:
    """Draw the reviews that the transfer brings to each team.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    if work.moves.empty:
        return NO_TRANSFERS
    shown = hide(work.moves, work.place.least("package_transfers"))
    gains = shown[(shown["level"] == "team") & (shown["gains"] > 0)]
    keys = list(zip(gains["service_group"], gains["team"], strict=True))
    if not keys:
        return NO_TRANSFERS
    sheet, axes = grid(len(keys), columns=4, height=1.4)
    tops = []
    frames = []
    for axis, (group, team) in zip(axes, keys, strict=True):
        rows = work.moved_reviews
        rows = rows[(rows["service_group"] == group) & (rows["team"] == team)].assign(
            after=lambda f: f["month"] + 1
        )
        axis.fill_between(rows["after"], rows["due"], step="mid", color=charts.BLUE, linewidth=0)
        axis.axhline(
            float(rows["present"].iloc[0]), color=charts.ORANGE, linewidth=1.4, linestyle=(0, (3, 2))
        )
        panel_title(axis, team)
        axis.set_xticks([1, 12, 24], ["1", "12", "24"], fontsize=SMALL)
        tops.append(max(float(rows["due"].max()), float(rows["present"].iloc[0])))
        frames.append(rows)
    for axis in axes:
        axis.set_ylim(0, max(tops) * 1.08)
        axis.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    data = pd.concat(frames, ignore_index=True)
    peaks = data.groupby(["service_group", "team"], sort=False)["due"].max()
    top_team = peaks.idxmax()[1]
    title = (
        f"{top_team} would have the highest month, {words.number(peaks.max())} reviews from those who move"
    )
    alt = (
        f"{words.count_noun(len(keys), 'small chart')}, one a team, of reviews due over 24 months; a dashed "
        "line marks "
        f"a month's yearly reviews of the people held now. {title}."
    )
    subtitle = (
        "Reviews due a month from those who move (filled) and from those held now (dashed line), months "
        "from the "
        f"start of the transfer, {work.place.name}"
    )
    data["name"] = (data["service_group"] + " " + data["team"]).str.strip()
    data["due"] = data["due"].round(1)
    wide = data.pivot_table(index="after", columns="name", values="due", sort=False).reset_index()
    columns = (
        Column("after", "Month", "number"),
        *(Column(str(name), str(name), "number", 1, "reviews") for name in wide.columns if name != "after"),
    )
    held = Table("reviews_by_team.data", "Reviews due from those who move, by month and team", wide, columns)
    return Figure(
        "reviews_by_team",
        title,
        subtitle,
        alt,
        sheet,
        held,
        f"{work.place.name}, package transfers; assumptions",
    )


def due(work: Study) -> Figure | Missing:
    """Draw the yearly reviews that fall due from the ledger's own dates.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    if work.ledger.empty:
        return NO_LEDGER
    rows = work.ledger.groupby("month")[["due", "overdue"]].sum().reset_index().head(_DUE_MONTHS)
    rows["in_time"] = rows["due"] - rows["overdue"]
    sheet, axis = charts.drawing(8.0, 3.2)
    places = np.arange(len(rows))
    axis.bar(places, rows["in_time"], color=charts.BLUE, width=0.75)
    axis.bar(places, rows["overdue"], bottom=rows["in_time"], color=charts.ORANGE, width=0.75, hatch="///",
             edgecolor="white", linewidth=0)  # fmt: skip
    late = int(rows["overdue"].sum())
    if late:
        axis.annotate("overdue (hatched)", (0.45, float(rows["due"].iloc[0])), (4, -8),
                      textcoords="offset points", fontsize=SMALL)  # fmt: skip
    axis.set_xticks(places[::2], [f"{m:%b %y}" for m in rows["month"]][::2], fontsize=SMALL)
    axis.set_ylabel("yearly reviews", fontsize=SMALL)
    usual = rows["in_time"].sum()
    title = (
        f"{words.count_noun(usual, 'yearly review')} fall due in the next {words.number(len(rows))} months"
    )
    title += f", and {words.number(late)} are overdue already" if late else "; none is overdue"
    alt = f"Columns of reviews due by month from {month_name(rows['month'].iloc[0])}. {title}."
    columns = (
        Column("month", "Month", "date"),
        Column("in_time", "Due", "number", unit="reviews"),
        Column("overdue", "Overdue at the start", "number", unit="reviews"),
    )
    data = Table("due.data", "Yearly reviews by month in which they fall due", rows, columns)
    subtitle = f"Packages open at the latest snapshot, by their last review, {work.place.name}"
    return Figure("due", title, subtitle, alt, sheet, data, f"{work.place.name}, package ledger")


def means(work: Study) -> Figure | Missing:
    """Draw the change of each printed mean a month with its interval.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    data = means_table(work)
    if isinstance(data, Missing):
        return NO_MEANS
    rows = data.frame
    latest = rows[rows["after_period"] == rows["after_period"].max()].reset_index(drop=True)
    sheet, axis = charts.drawing(8.0, 1.0 + 0.6 * len(latest))
    labels = [f"{row['name']}: {row['before_printed']} to {row['after_printed']}" for row in
              latest.to_dict("records")]  # fmt: skip
    charts.dots_with_intervals(
        axis, labels, latest["change_percent"].to_list(), latest["change_lower"].to_list(),
        latest["change_upper"].to_list(), write=lambda value: f"{words.signed(value)}%",
    )  # fmt: skip
    axis.set_xlabel("change, %", fontsize=SMALL)
    clear = latest[(latest["change_lower"] > 0) | (latest["change_upper"] < 0)]
    said = [f"{n[:1].lower()}{n[1:]} {words.rose_fell(c)} by {words.percent(abs(c), 0)}"
            for n, c in zip(clear["name"], clear["change_percent"], strict=True)]  # fmt: skip
    title = words.join(said) if said else "no published mean a month changed by more than chance can explain"
    title = title[:1].upper() + title[1:]
    years = latest["years"].iloc[0]
    alt = f"Dots with 95% intervals of the change of each mean a month, {years}. {title}."
    subtitle = f"Change of the mean a month, {years}, {work.place.name}; 95% interval, rounding allowed for"
    return Figure("means", title, subtitle, alt, sheet, data, f"{work.place.name}, published indicators")
