"""Charts of the package transfer, and of the reviews that fall due."""

from __future__ import annotations

__all__ = ["due", "reviews", "reviews_by_team", "transfers"]

from collections.abc import Hashable

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from s75lib.present import Column, Figure, Missing, Table, charts, words
from s75lib.workload import shown
from s75lib.workload.figures.panels import SMALL, grid, panel_title
from s75lib.workload.naming import capital, month_name
from s75lib.workload.needs import NO_LEDGER, NO_TRANSFERS
from s75lib.workload.shown import due_in_words
from s75lib.workload.study import Study


def transfers(work: Study) -> Figure | Missing:
    """Draw the people that each team holds and gains.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    if work.moves.empty:
        return NO_TRANSFERS
    data = shown.moves(work).table
    has_people = work.moves.reset_index(drop=True)[["now", "gains"]].sum(axis=1) > 0
    rows = data.frame[(data.frame["level"] == "team") & has_people].reset_index(drop=True)
    sheet, axis = charts.drawing(8.0, 0.9 + 0.3 * len(rows))
    places = np.arange(len(rows))[::-1]
    known = rows[["now", "gains", "growth_percent"]].astype(float)
    now, gains = known["now"].fillna(0).to_numpy(), known["gains"].fillna(0).to_numpy()
    axis.barh(places, now, color=charts.BLUE, height=0.66)
    axis.barh(
        places, gains, left=now, color=charts.ORANGE, height=0.66, hatch="///", edgecolor="white", linewidth=0
    )
    for place, total, row in zip(places, now + gains, known.to_dict("records"), strict=True):
        axis.annotate(_sum_of(row), (total, place), (5, 0), textcoords="offset points", va="center",
                      fontsize=SMALL)  # fmt: skip
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
    alt = f"Bars by team: people with social workers, and on top those who would come. {title}."
    if gains.any():
        most = int(gains.argmax())
        alt += f" Of the numbers shown the most go to {rows['team'][most]}, {words.number(gains[most])}."
    return Figure("transfers", title, subtitle, alt, sheet, data, f"{work.place.name}, package transfers")


def _sum_of(row: dict[Hashable, float]) -> str:
    """Label a bar with what adds up to it, as far as it may be shown."""
    parts = ["c" if np.isnan(row[name]) else words.number(row[name]) for name in ("now", "gains")]
    growth = row["growth_percent"]
    more = "" if np.isnan(growth) else f", {words.signed(growth)}%"
    hidden = "c" in parts
    return f"{parts[0]} + {parts[1]}{more}{' (c: hidden)' if hidden else ''}"


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
    people = shown.moves(work).table.frame
    # A line for those held now, and an area for those who come: both must be known.
    gains = people[(people["level"] == "team") & (people["gains"] > 0) & people["now"].notna()]
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
        f"line marks a month's yearly reviews of the people held now. {title}."
    )
    subtitle = (
        "Reviews due a month from those who move (filled) and from those held now (dashed line), months "
        f"from the start of the transfer, {work.place.name}"
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
    data = shown.due(work).table
    table = data.frame.astype({"in_time": float, "overdue": float, "due": float})
    rows, whole = table.iloc[:-1], table.iloc[-1]
    sheet, axis = charts.drawing(8.0, 3.2)
    places = np.arange(len(rows))
    on_time, overdue = rows["in_time"].fillna(0), rows["overdue"].fillna(0)
    axis.bar(places, on_time, color=charts.BLUE, width=0.75)
    axis.bar(places, overdue, bottom=on_time, color=charts.ORANGE, width=0.75, hatch="///",
             edgecolor="white", linewidth=0)  # fmt: skip
    if overdue.any():
        axis.annotate("overdue (hatched)", (0.45, float(on_time[0] + overdue[0])), (4, -8),
                      textcoords="offset points", fontsize=SMALL)  # fmt: skip
    axis.set_xticks(places[::2], [f"{m:%b %y}" for m in rows["month"]][::2], fontsize=SMALL)
    axis.set_ylabel("yearly reviews", fontsize=SMALL)
    title = capital(due_in_words(whole["in_time"], whole["overdue"], len(rows)))
    alt = f"Columns of reviews due by month from {month_name(rows['month'].iloc[0])}. {title}."
    subtitle = f"Packages open at the latest snapshot, by their last review, {work.place.name}"
    return Figure("due", title, subtitle, alt, sheet, data, f"{work.place.name}, package ledger")
