"""Small multiples: the cost of open packages beside their number, a panel for each care type."""

from __future__ import annotations

__all__ = ["cost_and_packages", "cost_and_packages_by_group"]

from s75lib.budget.counts import ALL
from s75lib.budget.naming import group_name
from s75lib.budget.study import Study
from s75lib.budget.tables.common import SIDES, no_ledger
from s75lib.present import Column, Figure, Missing, Table, charts, words


def cost_and_packages(study: Study, service_group: str = "") -> Figure | Missing:
    """Draw the cost of open packages beside their number, one panel for each care type.

    Parameters
    ----------
    study : Study
    service_group : str
        Blank: all.

    Returns
    -------
    Figure or Missing

    Notes
    -----
    Both lines are indices with the first snapshot at 100, so that cost above numbers means dearer care. Care
    types with few packages at any snapshot are left out, and those whose count is hidden elsewhere.
    """
    if study.pair is None:
        return no_ledger(study)
    place, group = study.place, service_group or ALL
    rows = study.by_care_type
    rows = rows[rows["service_group"] == service_group] if service_group else rows
    rows = rows.groupby(["care_type", "snapshot_date"])[["weekly_gross", "packages"]].sum().reset_index()
    span = rows.groupby("care_type").agg(low=("packages", "min"), count=("packages", "size"))
    many = span[(span["low"] >= max(study.fewest, 1)) & (span["count"] == span["count"].max())].index
    kept = [kind for kind in many if not any(study.counts.hidden(s, "care_type", group, kind) for s in SIDES)]
    rows = rows[rows["care_type"].isin(kept)]
    if rows.empty:
        return Missing("Too few packages of each care type are open to be shown by number.")
    first = rows.groupby("care_type")[["weekly_gross", "packages"]].transform("first")
    rows = rows.assign(
        cost=100 * rows["weekly_gross"] / first["weekly_gross"],
        number=100 * rows["packages"] / first["packages"],
    )
    types = kept
    wide = min(4, len(types))
    high = -(-len(types) // wide)
    sheet, axes = charts.drawing(
        8.0, 0.5 + 2.0 * high, rows=high, columns=wide, sharey=True, sharex=True, squeeze=False
    )
    for axis, care_type in zip(axes.ravel(), types, strict=False):
        part = rows[rows["care_type"] == care_type]
        axis.plot(part["snapshot_date"], part["cost"], color=charts.ORANGE, linewidth=2)
        axis.plot(
            part["snapshot_date"], part["number"], color=charts.BLUE, linewidth=1.6, linestyle=(0, (4, 2))
        )
        axis.axhline(100, color=charts.LIGHT, linewidth=0.8, zorder=0)
        charts.panel_title(axis, care_type)
        ends = part.iloc[-1]
        for place_y, text, colour in (
            (0.11, f"cost {ends['cost']:.0f}", "#A8470F"),
            (0.0, f"number {ends['number']:.0f}", charts.BLUE),
        ):
            axis.text(
                0.98,
                place_y,
                text,
                transform=axis.transAxes,
                ha="right",
                va="bottom",
                fontsize=9,
                color=colour,
            )
        when = part["snapshot_date"]
        axis.set_xticks(
            [when.iloc[0], when.iloc[-1]], [f"{when.iloc[0]:%b %y}", f"{when.iloc[-1]:%b %y}"], fontsize=9
        )
    for axis in axes.ravel()[len(types) :]:
        axis.set_visible(False)
    for axis in axes.ravel()[len(types) - wide : len(types)]:
        axis.tick_params(labelbottom=True)  # the lowest of its column, though others share its axis
    low, top = rows[["cost", "number"]].min().min(), rows[["cost", "number"]].max().max()
    axes[0][0].set_ylim(low - 0.32 * (top - low + 1), top + 0.05 * (top - low + 1))
    last = rows[rows["snapshot_date"] == rows["snapshot_date"].max()].set_index("care_type")
    name = group_name(service_group)
    moved = last["weekly_gross"] - rows.groupby("care_type")["weekly_gross"].first()
    top_type = moved.abs().idxmax()
    cost, number = last.loc[top_type, "cost"] - 100, last.loc[top_type, "number"] - 100
    title = (
        f"{name}: the cost that moved most is {top_type}, {words.signed(cost)}%, with "
        f"{words.signed(number)}% packages"
        if abs(moved[top_type]) >= 0.5
        else f"{name}: costs did not move"
    )
    columns = (
        Column("care_type", "Care type"),
        Column("snapshot_date", "Snapshot", "date"),
        Column("packages", "Open packages", "number"),
        Column("weekly_gross", "Gross, £ a week", "money", unit="£"),
    )
    data = Table(
        "cost_and_packages.data", f"{name}: open packages and their gross cost a week", rows, columns
    )
    parts = [f"{t}: cost {last.loc[t, 'cost']:.0f}, number {last.loc[t, 'number']:.0f}" for t in types]
    alt = (
        f"Two lines for each of {words.count_noun(len(types), 'care type')}, first snapshot = 100. At the "
        f"end, {'; '.join(parts)}."
    )
    subtitle = (
        f"Gross cost a week (solid) and number (dashed) of open packages, first snapshot = 100, {place}"
    )
    return Figure(
        f"cost_and_packages.{service_group.lower() or 'all'}",
        title,
        subtitle,
        alt,
        sheet,
        data,
        f"{place}, package ledger",
    )


def cost_and_packages_by_group(study: Study) -> list[Figure | Missing]:
    """Draw `cost_and_packages` for each service group.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Figure or Missing
    """
    return [
        cost_and_packages(study, group) for group in sorted(study.ledger["service_group"].unique()) or [""]
    ]
