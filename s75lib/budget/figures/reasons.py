"""Charts of causes: effects by service group, the bridge by case, cost beside numbers."""

from __future__ import annotations

__all__ = [
    "causes",
    "cohort",
    "cost_and_packages",
    "cost_and_packages_by_group",
]

import numpy as np
import pandas as pd

from s75lib.budget import causes as reasons
from s75lib.budget import cohort as bridges
from s75lib.budget import ledger
from s75lib.budget.figures.bridges import write
from s75lib.budget.figures.marks import bars, room
from s75lib.budget.naming import group_name, in_sentence, pounds
from s75lib.budget.picks import largest
from s75lib.budget.tables.common import no_pair
from s75lib.present import Column, Figure, Missing, Table, charts, words

_SHORT = {
    "cases": "Number of cases",
    "mix": "Mix",
    "weeks": "Weeks",
    "intensity": "Units a week",
    "price": "Price of a unit",
    "share": "Social care's share",
}


def causes(packages: pd.DataFrame, basis: str = "weekly", *, place: str) -> Figure | Missing:
    """Draw what each cause added to the net cost, one panel for each service group.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    basis : str
        As for `s75lib.budget.causes.causes`.
    place : str
        Name of the authority.

    Returns
    -------
    Figure or Missing
    """
    chosen = ledger.pair(packages)
    if chosen is None:
        return no_pair(packages)
    found = reasons.causes(packages, *chosen, basis=basis)
    effects = found.effects
    if basis == "weekly":
        effects = effects[effects["factor"] != "weeks"]
    groups = list(effects["service_group"].unique())
    sheet, axes = charts.drawing(8.0, 3.0, columns=max(len(groups), 1), sharex=True, squeeze=False)
    said = []
    for axis, group in zip(axes[0], groups, strict=False):
        part = effects[effects["service_group"] == group]
        bars(axis, [_SHORT[str(f)] for f in part["factor"]], part["effect"].to_numpy(), 1.0)
        change = float(found.groups.set_index("service_group").loc[group, "change"])
        axis.set_title(f"{group_name(group)}\n{write(1.0)(change, True)}", loc="left", fontsize=10)
        top = part.loc[part["effect"].idxmax()]
        if top["effect"] > 0:
            said.append(f"{_SHORT[str(top['factor'])].lower()} in {in_sentence(group)}")
    room(axes[0][0], effects["effect"].to_numpy(), 0.42)
    per = "a week" if basis == "weekly" else "for the year"
    title = f"Net cost {words.rose_fell(found.change)}" + (
        f" by {pounds(found.change)} {per}" if found.change else ""
    )
    title += (
        f": the largest pushes are {words.join(said)}"
        if len(said) > 1
        else f": the largest push is {said[0]}"
        if said
        else ""
    )
    frame = effects.assign(
        group=[group_name(g) for g in effects["service_group"]],
        cause=effects["factor"].astype("str").map(reasons.FACTORS),
    )
    columns = (
        Column("group", "Service group"),
        Column("cause", "Cause"),
        Column("effect", f"Effect, £ {per}", "change", unit="£"),
    )
    data = Table(f"causes.{basis}.data", f"Effects on the net cost, £ {per}", frame, columns)
    parts = [
        f"{group_name(g)}: "
        + words.join(
            [
                f"{_SHORT[str(r.factor)].lower()} {write(1.0)(float(r.effect), True)}"
                for r in effects[effects["service_group"] == g].itertuples()
            ]
        )
        for g in groups
    ]
    what = "open packages" if basis == "weekly" else "the year's commitments"
    subtitle = (
        f"Effects on the net cost of {what}, £ {per}, {place}, {words.day(chosen[0])} to "
        f"{words.day(chosen[1])}"
    )
    return Figure(
        f"causes.{basis}",
        title,
        subtitle,
        ". ".join([title, *parts]) + ".",
        sheet,
        data,
        f"{place}, package ledger",
    )


def cohort(packages: pd.DataFrame, *, place: str, fewest: int) -> Figure | Missing:
    """Draw the bridge by case between two ledger snapshots.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    place : str
        Name of the authority.
    fewest : int
        Fewest people behind a step; smaller steps are drawn together.

    Returns
    -------
    Figure or Missing
    """
    chosen = ledger.pair(packages)
    if chosen is None:
        return no_pair(packages)
    found = bridges.cohort(packages, *chosen)
    steps = found.steps.assign(name=found.steps["component"].map(bridges.COMPONENTS))
    few = (steps["people"] > 0) & (steps["people"] < fewest)
    if few.any():
        if few.sum() == 1:
            # One step alone would stand open beside the total: the next smallest joins it.
            few |= steps["people"] == steps.loc[~few & (steps["people"] > 0), "people"].min()
        rest = pd.DataFrame([{"name": "Other", "effect": steps.loc[few, "effect"].sum(), "people": np.nan}])
        steps = pd.concat([steps[~few], rest], ignore_index=True)
    steps = steps[steps["effect"] != 0]
    sheet, axis = charts.drawing(8.0, 4.0)
    ends = (f"{chosen[0]:%b %Y}", f"{chosen[1]:%b %Y}")
    charts.bridge(
        axis,
        list(steps["name"]),
        list(steps["effect"]),
        start=(ends[0], found.before),
        end=ends[1],
        write=write(1.0),
    )
    short = [name.replace("Stayed: ", "stayed: ") for name in steps["name"]]
    axis.set_xticks(range(len(short) + 2), [_wrap(text) for text in (ends[0], *short, ends[1])], fontsize=9)
    charts.thousands(axis, prefix="£", scale=1000, suffix="k")
    columns = (Column("name", "Step"), Column("effect", "Net cost, £ a week", "change", unit="£"))
    data = Table("cohort.data", "Steps of the bridge, £ a week", steps, columns)
    top = largest(steps, "effect", by="size")["name"] if len(steps) else "none"
    title = f"Net cost of open packages {words.rose_fell(found.change)}" + (
        f" by {pounds(found.change)} a week" if found.change else ""
    )
    title += f" to {pounds(found.after)}; the largest step is: {str(top)[:1].lower()}{str(top)[1:]}"
    parts = [f"{n} {write(1.0)(float(e), True)}" for n, e in zip(steps["name"], steps["effect"], strict=True)]
    alt = f"Bridge from {pounds(found.before)} to {pounds(found.after)} a week: {words.join(parts)}."
    subtitle = (
        f"Net cost a week of open packages, case by case, {place}, {words.day(chosen[0])} to "
        f"{words.day(chosen[1])}"
    )
    return Figure("cohort", title, subtitle, alt, sheet, data, f"{place}, package ledger")


def cost_and_packages(
    packages: pd.DataFrame, service_group: str = "", *, place: str, fewest: int
) -> Figure | Missing:
    """Draw the cost of open packages beside their number, one panel for each care type.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    service_group : str
        Blank: all.
    place : str
        Name of the authority.
    fewest : int
        Care types with fewer packages at any snapshot are left out.

    Returns
    -------
    Figure or Missing

    Notes
    -----
    Both lines are indices with the first snapshot at 100, so that cost above numbers means dearer care.
    """
    chosen = packages if service_group == "" else packages[packages["service_group"] == service_group]
    if len(ledger.days(chosen)) < 2:
        return no_pair(packages)
    rows = ledger.commitments(chosen, by=("care_type",))
    span = rows.groupby("care_type").agg(low=("packages", "min"), count=("packages", "size"))
    kept = span[(span["low"] >= max(fewest, 1)) & (span["count"] == span["count"].max())].index
    rows = rows[rows["care_type"].isin(kept)]
    if rows.empty:
        return Missing("Too few packages of each care type are open to be shown by number.")
    first = rows.groupby("care_type")[["weekly_gross", "packages"]].transform("first")
    rows = rows.assign(
        cost=100 * rows["weekly_gross"] / first["weekly_gross"],
        number=100 * rows["packages"] / first["packages"],
    )
    types = list(kept)
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
        axis.set_title(care_type, loc="left", fontsize=10)
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


def cost_and_packages_by_group(packages: pd.DataFrame, *, place: str, fewest: int) -> list[Figure | Missing]:
    """Draw `cost_and_packages` for each service group.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    place : str
        Name of the authority.
    fewest : int
        As for `cost_and_packages`.

    Returns
    -------
    list of Figure or Missing
    """
    groups = sorted(packages["service_group"].unique()) or [""]
    return [cost_and_packages(packages, group, place=place, fewest=fewest) for group in groups]


def _wrap(text: str, width: int = 11) -> str:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
