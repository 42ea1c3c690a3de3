"""Charts of causes: effects by service group, and the bridge by case."""

from __future__ import annotations

__all__ = ["causes", "cohort"]

from s75lib.budget import causes as reasons
from s75lib.budget import cohort as bridges
from s75lib.budget.figures.bridges import write
from s75lib.budget.figures.marks import bars, room
from s75lib.budget.naming import group_name, in_sentence, pounds
from s75lib.budget.picks import largest
from s75lib.budget.study import Study
from s75lib.budget.tables.common import no_ledger, two_days
from s75lib.present import Column, Figure, Missing, Table, charts, words

_SHORT = {
    "cases": "Number of cases",
    "mix": "Mix",
    "weeks": "Weeks",
    "intensity": "Units a week",
    "price": "Price of a unit",
    "share": "Social care's share",
}


_STEPS = {
    bridges.COMPONENTS[name]: label
    for name, label in {
        "starters": "Started",
        "leavers": "Left",
        "switches": "New care type",
        "quantity": "Stayed: units",
        "price": "Stayed: price",
        "funding": "Stayed: NHS share",
        "client": "Stayed: client pays",
    }.items()
}


def causes(study: Study, basis: str = "weekly") -> Figure | Missing:
    """Draw what each cause added to the net cost, one panel for each service group.

    Parameters
    ----------
    study : Study
    basis : str
        As for `s75lib.budget.causes.causes`.

    Returns
    -------
    Figure or Missing
    """
    if study.pair is None:
        return no_ledger(study)
    found, place = study.causes[basis], study.place
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
        charts.panel_title(axis, f"{group_name(group)}\n{write(1.0)(change, True)}")
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
    subtitle = f"Effects on the net cost of {what}, £ {per}, {place}, {two_days(study)}"
    return Figure(
        f"causes.{basis}",
        title,
        subtitle,
        ". ".join([title, *parts]) + ".",
        sheet,
        data,
        f"{place}, package ledger",
    )


def cohort(study: Study) -> Figure | Missing:
    """Draw the bridge by case between two ledger snapshots.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Figure or Missing
    """
    if study.cohort is None:
        return no_ledger(study)
    found, steps, place = study.cohort, study.cohort_steps, study.place
    steps = steps[steps["effect"] != 0]
    sheet, axis = charts.drawing(8.0, 4.0)
    ends = (f"{found.before_day:%b %Y}", f"{found.after_day:%b %Y}")
    charts.bridge(
        axis,
        [_STEPS.get(name, "Other") for name in steps["name"]],
        list(steps["effect"]),
        start=(ends[0], found.before),
        end=ends[1],
        write=write(1.0),
    )
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
    subtitle = f"Net cost a week of open packages, case by case, {place}, {two_days(study)}"
    return Figure("cohort", title, subtitle, alt, sheet, data, f"{place}, package ledger")
