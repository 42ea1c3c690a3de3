"""Charts of the monitor: variances by line, the trend of gross commitments, the heat map, staffing."""

from __future__ import annotations

__all__ = [
    "heat_map",
    "staffing",
    "trend",
    "variances",
]

import numpy as np
import seaborn
from matplotlib.colors import LinearSegmentedColormap

from s75lib.budget.figures.bridges import write
from s75lib.budget.figures.marks import bars, line_panel, room
from s75lib.budget.naming import direction, group_name, in_sentence, pounds, style
from s75lib.budget.picks import largest
from s75lib.budget.study import Study
from s75lib.budget.tables.layout import NO_MONITOR
from s75lib.budget.tables.moved import ONE_SNAPSHOT
from s75lib.budget.tables.posts import NO_STAFFING
from s75lib.present import Column, Figure, Missing, Table, charts, words

_DIVERGING = LinearSegmentedColormap.from_list("movement", ["#28A197", "#FFFFFF", "#F46A25"])


def variances(study: Study) -> Figure | Missing:
    """Draw the forecast variance of every line, one panel for each service group.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Figure or Missing
    """
    if study.budget.empty:
        return NO_MONITOR
    latest, rounded, place = study.issues[-1], study.rounded, study.place
    rows = study.position
    lines = rows[(rows["scope"] == "group") & (rows["level"] == "line") & rows["forecast_variance"].notna()]
    if lines.empty:
        return Missing("The monitor holds no forecast.")
    groups = list(lines["service_group"].unique())
    most = lines.groupby("service_group").size().max()
    sheet, axes = charts.drawing(8.0, 0.9 + 0.34 * most, columns=len(groups), sharex=True, squeeze=False)
    for axis, group in zip(axes[0], groups, strict=True):
        part = lines[lines["service_group"] == group]
        bars(axis, list(part["line"]), part["forecast_variance"].to_numpy(), rounded)
        charts.panel_title(axis, group_name(group))
    room(axes[0][0], lines["forecast_variance"].to_numpy())
    worst = largest(lines, "forecast_variance")
    best = largest(lines, "forecast_variance", by="least")
    title = (
        f"{worst['line']} in {in_sentence(worst['service_group'])} is forecast "
        f"{pounds(worst['forecast_variance'], rounded)} "
        f"{direction(worst['forecast_variance'])} budget, the largest pressure; {best['line']} in "
        f"{in_sentence(best['service_group'])} is {pounds(best['forecast_variance'], rounded)} "
        f"{direction(best['forecast_variance'])}"
    )
    frame = lines.assign(group=[group_name(g) for g in lines["service_group"]]).reset_index(drop=True)
    columns = (
        Column("group", "Service group"),
        Column("line", "Line"),
        Column("budget", "Budget", style(rounded), unit="£"),
        Column("forecast", "Forecast", style(rounded), unit="£"),
        Column("forecast_variance", "Variance", style(rounded, change=True), unit="£"),
    )
    data = Table("variances.data", f"Forecast against budget by line, {latest.day}", frame, columns)
    alt = f"Bars of the forecast less the budget for {words.count_noun(len(lines), 'line')}. {title}."
    subtitle = (
        f"Forecast less budget for {latest.financial_year}, {place}, {latest.day}; right of zero is pressure"
    )
    return Figure("variances", title, subtitle, alt, sheet, data, f"{place}, budget monitor")


def trend(study: Study) -> Figure | Missing:
    """Draw gross commitments through the snapshots of the latest year, by service group, beside the budget.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Figure or Missing
    """
    here = study.issues
    if len(here) < 2:
        return ONE_SNAPSHOT
    rounded, place = study.rounded, study.place
    rows = study.trend[study.trend["financial_year"] == here[-1].financial_year]
    rows = rows[rows["level"] == "expenditure"]
    panels = [*rows.loc[rows["scope"] == "group", "service_group"].unique()]
    panels = [*panels, None] if len(panels) > 1 else panels
    sheet, axes = charts.drawing(8.0, 3.4, columns=len(panels), squeeze=False)
    for axis, group in zip(axes[0], panels, strict=True):
        part = (
            rows[rows["scope"] == "all"]
            if group is None
            else rows[(rows["scope"] == "group") & (rows["service_group"] == group)]
        )
        line_panel(axis, part, rounded)
        charts.panel_title(axis, "All services" if group is None else group_name(group))
    whole = rows[rows["scope"] == "all"]
    first, last = float(whole["commitment"].iloc[0]), float(whole["commitment"].iloc[-1])
    peak = largest(whole, "commitment")
    change = last - first
    title = f"Gross commitments {words.rose_fell(change)}" + (
        f" by {pounds(change, rounded)}" if change else ""
    )
    title += f" from {here[0].label} to {here[-1].label}"
    if peak["label"] != here[-1].label and peak["commitment"] > last:
        title += f", after a peak at {peak['label']}"
    frame = rows.assign(group=[group_name(g) for g in rows["service_group"]]).reset_index(drop=True)
    columns = (
        Column("group", "Service group"),
        Column("label", "Snapshot"),
        Column("as_at", "Day", "date"),
        Column("budget", "Budget", style(rounded), unit="£"),
        Column("commitment", "Gross commitment", style(rounded), unit="£"),
    )
    data = Table("trend.data", f"Gross commitments by snapshot, {here[-1].financial_year}", frame, columns)
    points = [
        f"{label} {write(rounded)(value, False)}"
        for label, value in zip(whole["label"], whole["commitment"], strict=True)
    ]
    alt = f"{title}. All services: {words.join(points)}. Dashed lines mark the gross budget."
    subtitle = (
        f"Gross commitments for {here[-1].financial_year} by service group, {place}; axes do not start at "
        "zero"
    )
    return Figure("trend", title, subtitle, alt, sheet, data, f"{place}, budget monitor")


def heat_map(study: Study) -> Figure | Missing:
    """Draw each line's change from snapshot to snapshot as a heat map with the figures written in.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Figure or Missing
    """
    rows = study.steps
    if rows.empty:
        return ONE_SNAPSHOT
    rounded, place = study.rounded, study.place
    grid = rows.pivot_table(
        index=["service_group", "line"], columns="as_at", values="change", sort=False, dropna=False
    )
    labels = list(rows.drop_duplicates("as_at")["end"])
    limit = float(np.nanmax(np.abs(grid.to_numpy()))) or 1.0
    scale = 1000 if limit >= 10_000 else 1
    sheet, axis = charts.drawing(8.0, 0.9 + 0.28 * len(grid))
    seaborn.heatmap(
        grid,
        ax=axis,
        annot=grid.map(lambda value: "" if np.isnan(value) else words.signed(value / scale)),
        fmt="",
        annot_kws={"fontsize": 9, "color": "#222222"},
        cmap=_DIVERGING,
        vmin=-limit,
        vmax=limit,
        cbar=False,
        xticklabels=False,  # seaborn would draw its labels to see whether they overlap
        yticklabels=False,
    )
    across, down = (np.arange(count) + 0.5 for count in reversed(grid.shape))
    axis.set_xticks(across, labels)
    axis.set_yticks(down, [f"{group} {line}".strip() for group, line in grid.index], va="center")
    axis.set(xlabel="", ylabel="")
    axis.tick_params(length=0, labelsize=9, labeltop=True, labelbottom=False, rotation=0)
    biggest = largest(rows, "change", by="size")
    title = (
        f"The largest single movement is {biggest['line']} in {in_sentence(biggest['service_group'])}, "
        f"{write(rounded)(biggest['change'], True)} from {biggest['start']} to {biggest['end']}"
    )
    frame = rows.assign(group=[group_name(g) for g in rows["service_group"]])
    columns = (
        Column("group", "Service group"),
        Column("line", "Line"),
        Column("start", "From"),
        Column("end", "To"),
        Column("change", "Change", style(rounded, change=True), unit="£"),
    )
    data = Table("heat_map.data", "Change of gross commitments from snapshot to snapshot", frame, columns)
    unit = "£ thousand" if scale == 1000 else "£"
    alt = (
        f"Heat map of {words.count_noun(len(grid), 'line')} by {words.count_noun(len(labels), 'step')}. "
        f"{title}."
    )
    subtitle = (
        f"Change in gross commitment since the snapshot before, {unit}, {place}; orange is a rise, green "
        "a fall"
    )
    return Figure("heat_map", title, subtitle, alt, sheet, data, f"{place}, budget monitor")


def staffing(study: Study) -> Figure | Missing:
    """Draw the staffing variance of every organisation and group.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Figure or Missing
    """
    place, rows = study.place, study.position_of_staff
    if rows.empty:
        return NO_STAFFING
    lines = rows[(rows["level"] == "line") & rows["variance"].notna()].reset_index(drop=True)
    if lines.empty:
        return Missing("The staffing position holds no forecast.")
    name = lines["organisation"].where(
        lines["organisation"] == lines["group"], lines["organisation"] + " " + lines["group"]
    )
    total = float(lines["variance"].sum())
    sheet, axis = charts.drawing(8.0, 0.8 + 0.34 * len(lines))
    bars(axis, list(name), lines["variance"].to_numpy(), 1000.0)
    room(axis, lines["variance"].to_numpy())
    day = words.day(study.staffing["as_at"].max())
    side = "over" if total > 0 else "under"
    title = (
        f"Staffing is forecast {pounds(total)} {side} its adjusted budget"
        if total
        else "Staffing is forecast on budget"
    )
    columns = (
        Column("name", "Organisation and group"),
        Column("adjusted_budget", "Adjusted budget", "money", unit="£"),
        Column("forecast", "Forecast", "money", unit="£"),
        Column("variance", "Variance", "change", unit="£"),
    )
    data = Table(
        "staffing.data", f"Staffing forecast against adjusted budget, {day}", lines.assign(name=name), columns
    )
    parts = [f"{n} {write(1.0)(v, True)}" for n, v in zip(name, lines["variance"], strict=True)]
    subtitle = f"Forecast less adjusted budget, {place}, {day}; right of zero is an overspend"
    return Figure(
        "staffing",
        title,
        subtitle,
        f"{title}: {words.join(parts)}.",
        sheet,
        data,
        f"{place}, staffing position",
    )
