"""What moved between the snapshots of the budget monitor: by line, by setting, and snapshot by snapshot."""

from __future__ import annotations

__all__ = ["movement", "settings", "steps"]

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from s75lib.budget.naming import (
    bar_label,
    group_name,
    in_sentence,
    largest,
    line_name,
    no_finer,
    pounds,
    rose_fell_by,
    unit_of,
)
from s75lib.budget.position import TOTAL_NAMES, joint_note, of_latest_year, row_names
from s75lib.loaders.schemas import CARE_TYPES
from s75lib.present import Column, Figure, Headline, Missing, Section, Table, TableOf, charts, table_of, words

if TYPE_CHECKING:
    from s75lib.budget.study import Study

UNCLASSIFIED, _OTHER = "not classified", "other lines"

_KEYS = ["scope", "service_group", "line", "kind", "level"]
_DIVERGING = LinearSegmentedColormap.from_list("movement", [charts.GOOD, "#FFFFFF", charts.BAD])


def movement(trend: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Compare the commitments of two snapshots, line by line and in total.

    A line that stands in one snapshot alone counts as zero in the other; a blank amount stays unknown.
    The changes of the lines add up to those of the totals.

    Returns
    -------
    DataFrame
        ``scope``, ``service_group``, ``line``, ``kind``, ``level`` as `trend` has them, ``setting``
        (bed-based, community or not classified for a line of expenditure, else blank), ``before``, ``after``,
        ``change`` (£) and ``percent`` (of the size before; NaN where that is zero).

    Examples
    --------
    >>> rows = pd.DataFrame({"as_at": pd.to_datetime(["2019-04-30", "2019-12-31"]), "scope": "group",
    ...     "service_group": "OPMH", "line": "Residential", "kind": "expenditure", "level": "line",
    ...     "commitment": [1293.0, 1660.0]})
    >>> movement(rows, *rows["as_at"])[["setting", "change"]].to_numpy().tolist()
    [['bed-based', 367.0]]
    """
    # The order of the later snapshot first, then what only the earlier one holds.
    sides = [trend[trend["as_at"] == day] for day in (end, start)]
    both = pd.concat(sides)
    rows, place = _places(both, _KEYS)
    money = np.zeros((2, len(rows)))
    money[np.repeat([0, 1], [len(side) for side in sides]), place] = both["commitment"]
    after, before = money
    change = after - before
    together = rows["line"].str.split(", | and ", regex=True)  # of lines that are put together
    known = [
        {CARE_TYPES[one] for one in line if one in CARE_TYPES and line[0] in CARE_TYPES} for line in together
    ]
    setting = pd.Series([one.pop() if len(one) == 1 else UNCLASSIFIED for one in known], index=rows.index)
    setting = setting.where(rows["kind"] == "expenditure", "")
    return rows.assign(
        setting=setting,
        before=before,
        after=after,
        change=change,
        percent=100 * change / np.where(before == 0, np.nan, np.abs(before)),
    )


def settings(moved: pd.DataFrame) -> pd.DataFrame:
    """Gather a movement of gross expenditure into bed-based and community care.

    Returns
    -------
    DataFrame
        ``service_group`` (blank: all), ``setting``, ``before``, ``after``, ``change`` (£), ``percent``.

    Examples
    --------
    >>> moved = pd.DataFrame({"level": "line", "kind": "expenditure", "service_group": "OPMH",
    ...     "setting": "bed-based", "before": [1293.0, 3814.0], "after": [1660.0, 3902.0],
    ...     "change": [367.0, 88.0]})
    >>> settings(moved)["change"].item()
    455.0
    """
    spent = moved[(moved["level"] == "line") & (moved["kind"] == "expenditure")]
    money = ["before", "after", "change"]
    sums = spent.groupby(["service_group", "setting"], sort=False)[money].sum(min_count=1).reset_index()
    if len(sums["service_group"].unique()) > 1:
        overall = spent.groupby("setting", sort=False)[money].sum(min_count=1).reset_index()
        sums = pd.concat([sums, overall.assign(service_group="")], ignore_index=True)
    return sums.assign(percent=100 * sums["change"] / sums["before"].abs().where(sums["before"] != 0))


def steps(budget: pd.DataFrame) -> pd.DataFrame:
    """Follow the lines of gross commitments from each snapshot of the latest year to the next.

    Returns
    -------
    DataFrame
        ``service_group``, ``line``, ``start``, ``end`` (labels of the snapshots), ``as_at`` (of the later
        one), ``change`` (£). No rows for fewer than two snapshots.

    Examples
    --------
    >>> rows = steps(load("cambridgeshire").budget)
    >>> rows.loc[rows["line"] == "Live In", ["end", "change"]].to_numpy().tolist()[:2]
    [['Q1', 0.0], ['Q1', 133000.0]]
    """
    here = of_latest_year(budget)
    columns = ["service_group", "line", "start", "end", "as_at", "change"]
    if len(here) < 2:
        return pd.DataFrame(columns=columns)
    spent = budget[budget["as_at"].isin([s.as_at for s in here]) & (budget["kind"] == "expenditure")]
    lines, place = _places(spent, ["service_group", "line"])
    days = pd.DatetimeIndex([s.as_at for s in here])
    cells = days.get_indexer(pd.DatetimeIndex(spent["as_at"])), place
    # A line that a snapshot does not hold is nought there, and a blank amount stays unknown.
    held, amounts = np.zeros((len(days), len(lines)), dtype=bool), np.zeros((len(days), len(lines)))
    held[cells], amounts[cells] = True, spent["commitment"]
    step, line = np.nonzero(held[1:] | held[:-1])
    labels = pd.Index([s.label for s in here], dtype="str")
    return (
        lines.take(line)
        .reset_index(drop=True)
        .assign(
            start=labels[step],
            end=labels[step + 1],
            as_at=days[step + 1],
            change=np.diff(amounts, axis=0)[step, line],
        )
    )


def _places(rows: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, npt.NDArray[np.integer[Any]]]:
    """Give the distinct keys in the order in which they come, and the place of each row's among them."""
    return rows[keys].drop_duplicates(ignore_index=True), rows.groupby(keys, sort=False).ngroup().to_numpy()


def headlines(study: Study) -> Iterator[Headline]:
    """Say what moved in gross commitments since the year's first snapshot and since the one before."""
    rounded = study.rounded
    for key, (old, new) in study.comparisons.items():
        moved = study.moved[key]
        gross = moved[(moved["scope"] == "all") & (moved["level"] == "expenditure")].iloc[0]
        if pd.isna(gross["change"]):
            continue
        percent, within = gross["percent"], old.financial_year == new.financial_year
        share = "" if pd.isna(percent) or abs(percent) < 0.05 else f" ({words.percent(abs(percent))})"
        yield Headline(
            f"budget.movement.{key}",
            f"Commitments for care before income {rose_fell_by(gross['change'], rounded)}{share} between "
            f"{old.day} and {new.day}, by the budget monitor.{_largest_line(moved, rounded)}",
            float(gross["change"]),
            "£",
            method="change in commitment summed over the lines of expenditure",
            see=(f"bridge.line.{key}",),
            stake="money" if key == "year" else "context",
            cell=(f"movement.{key}", f"{group_name('')}, {TOTAL_NAMES['expenditure']}", "change")
            if key == "year"
            else (f"bridge.line.{key}", "", "change"),
            course=study.course("expenditure", "commitment") if key == "year" and within else (),
        )
        if key == "year":
            beds = settings(moved).query("service_group != '' and setting == 'bed-based'")
            yield from [
                _bed_based(str(group), float(change), moved, rounded)
                for group, change in zip(beds["service_group"], beds["change"], strict=True)
            ]


def _largest_line(moved: pd.DataFrame, rounded: float) -> str:
    lines = moved[(moved["level"] == "line") & (moved["kind"] == "expenditure")]
    lines = lines[lines["change"].notna() & (lines["change"] != 0)]
    if lines.empty:
        return ""
    most = largest(lines, lines["change"].abs())
    return (
        f" The line that moved most is {line_name(most['line'])} in {in_sentence(most['service_group'])}, "
        f"which {rose_fell_by(most['change'], rounded)}."
    )


def _bed_based(group: str, beds: float, moved: pd.DataFrame, rounded: float) -> Headline:
    """Say what bed-based care did beside the group's gross movement."""
    here = (moved["scope"] == "group") & (moved["service_group"] == group) & (moved["level"] == "expenditure")
    gross = float(moved.loc[here, "change"].iloc[0])
    part, whole = rose_fell_by(beds, rounded), rose_fell_by(gross, rounded)
    said = f"bed-based commitments {part}, while those for all care {whole}"
    if beds * gross > 0 and abs(beds) <= abs(gross):
        said = f"commitments for all care {whole}, {pounds(beds, rounded)} of it bed-based"
    where = f"In {in_sentence(group)} alone" if group else "In all services"
    return Headline(
        f"budget.bed_based.{group.lower() or 'all'}",
        f"{where}, {said}. Both are before income.",
        beds,
        "£",
        method="change in residential and nursing commitments",
        see=("settings.year",),
        stake="money",
        cell=("settings.year", f"{group_name(group)}, bed-based", "change"),
        about=group,
    )


ONE_SNAPSHOT = Missing.of(
    "Movement needs two snapshots of one financial year; the monitor holds fewer.",
    "budget",
    ("as_at", "commitment"),
    "the movement between two snapshots",
)
_BEFORE_AFTER = (
    Column("before", "{old} commitment", "money", unit="£"),
    Column("after", "{new} commitment", "money", unit="£"),
    Column("change", "Change", "change", unit="£"),
    Column("percent", "Change, %", "points", 1, unit="percent"),
)
_MOVEMENT = table_of(
    "movement",
    Column("group", "Service group"),
    Column("row", "Line"),
    *_BEFORE_AFTER,
    notes=(
        "Income is negative: a fall below zero is more income.",
        "Lines without any commitment are left out.",
    ),
)
_SETTINGS = table_of(
    "settings",
    Column("group", "Service group"),
    Column("setting", "Setting"),
    *_BEFORE_AFTER,
    notes=("Bed-based: residential and nursing care. Community: every other care type.",),
)
_BRIDGE = table_of(
    "bridge",
    Column("step", "Step"),
    Column("before", "{old}", "money", unit="£"),
    Column("after", "{new}", "money", unit="£"),
    Column("change", "Change", "change", unit="£"),
)
_TREND = table_of(
    "trend.data",
    Column("group", "Service group"),
    Column("label", "Snapshot"),
    Column("as_at", "Day", "date"),
    Column("budget", "Budget", "money", unit="£"),
    Column("commitment", "Gross commitment", "money", unit="£"),
)
_HEAT_MAP = table_of(
    "heat_map.data",
    Column("group", "Service group"),
    Column("line", "Line"),
    Column("start", "From"),
    Column("end", "To"),
    Column("change", "Change", "change", unit="£"),
)


def _between(study: Study, table: TableOf, which: str) -> TableOf:
    """Name a table and its columns after the two snapshots compared."""
    old, new = study.comparisons[which]
    columns = [replace(c, label=c.label.format(old=old.label, new=new.label)) for c in table.columns]
    return no_finer(replace(table, id=f"{table.id}.{which}", columns=tuple(columns)), study.rounded)


def _movement_table(study: Study) -> Table:
    old, new = study.comparisons["year"]
    rows = study.moved["year"]
    rows = rows[(rows["scope"] == "all") | rows["level"].isin(["line", "expenditure", "net"])]
    rows = rows[(rows["before"] != 0) | (rows["after"] != 0)].reset_index(drop=True)
    frame = rows.assign(group=rows["service_group"].map(group_name), row=row_names(rows))
    title = f"Commitments from {old.day} to {new.day}, {unit_of(study.rounded)}"
    strong = rows.index[rows["level"] != "line"].tolist()
    return _between(study, _MOVEMENT, "year").of(frame, title, strong=strong, notes=[joint_note(study)])


def _settings_table(study: Study) -> Table:
    """List what bed-based and community care moved, by service group."""
    old, new = study.comparisons["year"]
    rows = settings(study.moved["year"])
    frame = rows.assign(group=rows["service_group"].map(group_name))
    title = f"Gross commitments by setting, {old.day} to {new.day}, {unit_of(study.rounded)}"
    strong = frame.index[frame["service_group"] == ""].tolist() if len(frame) > 2 else []
    return _between(study, _SETTINGS, "year").of(frame, title, strong=strong)


def _figure_lines(study: Study, which: str) -> Figure | Missing:
    """Draw how gross commitments went from one snapshot to another, a step a line, all groups together."""
    moved = study.moved[which]
    spent = moved[(moved["level"] == "line") & (moved["kind"] == "expenditure")]
    rows = spent.groupby("line", sort=False)[["before", "after", "change"]].sum(min_count=1).reset_index()
    return _bridge(study, which, "line", "Care type", rows.assign(said=rows["line"].map(line_name)))


def _figure_settings(study: Study) -> Figure | Missing:
    parts = settings(study.moved["year"])
    if (parts["service_group"] != "").any():
        parts = parts[parts["service_group"] != ""]
    # Lines of an authority's own names are lines; they have no setting to be told apart by.
    own = "" if (parts["setting"] == UNCLASSIFIED).all() and parts["service_group"].any() else _OTHER
    both = list(zip(parts["service_group"], parts["setting"].replace(UNCLASSIFIED, own), strict=True))
    # The codes fit below a step; the written-out names stand in the text.
    rows = parts.assign(
        step=[f"{group} {setting}".strip() for group, setting in both],
        said=[
            f"{setting}{' of' * (setting == _OTHER)} {in_sentence(group)}".strip() if group else setting
            for group, setting in both
        ],
    )
    return _bridge(study, "year", "setting", "Service group and setting", rows)


def _bridge(study: Study, which: str, by: str, label: str, rows: pd.DataFrame) -> Figure | Missing:
    """Draw a bridge; steps of nothing are left out of the drawing and stand in its data."""
    old, new = study.comparisons[which]
    rounded, place = study.rounded, study.place
    if rows["change"].isna().any():
        return Missing("A line without a commitment in one of the snapshots leaves the bridge open.")
    name = "line" if by == "line" else "step"
    years = words.join(sorted({old.financial_year, new.financial_year}))
    shown = rows[rows["change"] != 0]
    start, end = float(rows["before"].sum()), float(rows["after"].sum())
    write, labels = bar_label(rounded), list(map(line_name, shown[name]))
    sheet = charts.bridge(labels, list(shown["change"]), start=(old.label, start), end=new.label, write=write)
    changes = shown["change"]
    most = [
        f"{largest(shown, size)['said']} {word} most"
        for word, size in (("added", changes), ("took off", -changes))
        if (size > 0).any()
    ]
    steps = [f"{step} {write(change, True)}" for step, change in zip(shown["said"], changes, strict=True)]
    table = _between(study, replace(_BRIDGE, id=f"bridge.{by}"), which)
    columns = (replace(table.columns[0], name=name, label=label), *table.columns[1:])
    return Figure(
        table.id,
        f"Gross commitments {rose_fell_by(end - start, rounded)} from {old.label} to {new.label}"
        f"{f': {words.join(most)}' if most else ''}",
        f"Gross commitments for {years} by {label.lower()}, {place}, {old.day} to {new.day}",
        f"Bridge from {write(start, False)} at {old.label} to {write(end, False)} at {new.label}: "
        f"{words.join(steps) or 'no step'}.",
        sheet,
        replace(table, id=f"{table.id}.data", columns=columns).of(
            rows, f"Gross commitments at {old.day} and {new.day}, {unit_of(rounded)}"
        ),
        f"{place}, budget monitor",
    )


def _figure_trend(study: Study) -> Figure | Missing:
    """Draw gross commitments through the latest year's snapshots, by service group, beside the budget."""
    here = study.snapshots
    if len(here) < 2:
        return ONE_SNAPSHOT
    rounded, place, year = study.rounded, study.place, here[-1].financial_year
    rows = study.trend[(study.trend["financial_year"] == year) & (study.trend["level"] == "expenditure")]
    whole = rows[rows["scope"] == "all"]
    panels = {group_name(g): part for g, part in rows.drop(whole.index).groupby("service_group", sort=False)}
    panels |= {"All services": whole} if len(panels) > 1 else {}
    sheet, axes = charts.drawing(0.3 + 1.8 * len(panels), rows=len(panels), squeeze=False)
    for axis, (name, part) in zip(axes[:, 0], panels.items(), strict=True):
        _line_panel(axis, part, rounded)
        charts.panel_title(axis, name)
    first, last = float(whole["commitment"].iloc[0]), float(whole["commitment"].iloc[-1])
    peak = largest(whole, whole["commitment"])
    title = (
        f"Gross commitments {rose_fell_by(last - first, rounded)} from {here[0].label} to {here[-1].label}"
    )
    if peak["label"] != here[-1].label and peak["commitment"] > last:
        title += f", after a peak at {peak['label']}"
    frame = rows.assign(group=rows["service_group"].map(group_name))
    points = [
        f"{label} {bar_label(rounded)(value, False)}"
        for label, value in zip(whole["label"], whole["commitment"], strict=True)
    ]
    return Figure(
        "trend",
        title,
        f"Gross commitments for {year} by service group, {place}; axes do not start at zero",
        f"{title}. All services: {words.join(points)}. Dashed lines mark the gross budget.",
        sheet,
        no_finer(_TREND, rounded).of(frame, f"Gross commitments by snapshot, {year}"),
        f"{place}, budget monitor",
    )


def _line_panel(axis: Axes, part: pd.DataFrame, rounded: float) -> None:
    when, values, limit = part["as_at"], part["commitment"].to_numpy(), part["budget"].to_numpy()
    axis.plot(when, values, color=charts.BLUE, linewidth=2, marker="o", markersize=5)
    axis.plot(when, limit, color=charts.GREY, linewidth=1.3, linestyle=(0, (4, 3)))
    low, high = float(np.nanmin([values, limit])), float(np.nanmax([values, limit]))
    room = (high - low) or abs(high) or 1.0
    axis.set_ylim(low - 0.35 * room, high + 0.35 * room)
    for i, side in ((0, "left"), (len(values) - 1, "right")):
        shift = 0, -14 if values[i] < limit[i] else 7
        text = bar_label(rounded)(values[i], False)
        charts.note(axis, text, (when.iloc[i], values[i]), shift, ha=side, color=charts.BLUE)
    far = int(np.nanargmax(np.abs(values - limit)))
    shift = 0, -12 if limit[far] < values[far] else 4
    charts.note(axis, "budget", (when.iloc[far], limit[far]), shift, color=charts.GREY, ha="center")
    days = (when - when.iloc[0]).dt.days.to_numpy()
    wanted = [len(days) - 1]
    for i in range(len(days) - 2, -1, -1):
        if days[wanted[-1]] - days[i] >= 0.2 * days[-1]:
            wanted.append(i)
    axis.set_xticks(when.iloc[wanted], part["label"].iloc[wanted], fontsize=9)
    charts.thousands(axis, prefix="£", scale=1000, suffix="k")
    axis.tick_params(axis="y", labelsize=9)


def _figure_heat_map(study: Study) -> Figure | Missing:
    """Draw each line's change from snapshot to snapshot as a heat map with the figures written in."""
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
    sheet, axis = charts.drawing(0.9 + 0.28 * len(grid))
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
    most = largest(rows, rows["change"].abs())
    title = (
        f"The largest single movement is {most['line']} in {in_sentence(most['service_group'])}, "
        f"{bar_label(rounded)(most['change'], True)} from {most['start']} to {most['end']}"
    )
    size = f"{words.count_noun(len(grid), 'line')} by {words.count_noun(len(labels), 'step')}"
    frame = rows.assign(group=rows["service_group"].map(group_name))
    return Figure(
        "heat_map",
        title,
        f"Change in gross commitment since the snapshot before, {unit_of(scale)}, {place}; orange is a rise, "
        "green a fall",
        f"Heat map of {size}. {title}.",
        sheet,
        no_finer(_HEAT_MAP, rounded).of(
            frame, "Change of gross commitments from snapshot to snapshot", notes=[joint_note(study)]
        ),
        f"{place}, budget monitor",
    )


def section(study: Study) -> Section:
    """Show what moved since the year's first snapshot, and since the one before the latest."""
    if not study.comparisons:
        return Section.of(ONE_SNAPSHOT)
    whole = "year" in study.comparisons  # but for a period of which no snapshot is held
    return Section.of(
        headlines(study),
        [_figure_settings(study), _settings_table(study)] if whole else None,
        [_figure_lines(study, which) for which in study.comparisons],
        _movement_table(study) if whole else None,
    )


def snapshot_by_snapshot(study: Study) -> Section:
    """Show the year's course: gross commitments by group, and each line's change at every snapshot."""
    return Section.of(_figure_trend(study), _figure_heat_map(study))
