"""Tables of causes: the decomposition, the bridge by case, the run-rate."""

from __future__ import annotations

__all__ = [
    "causes",
    "causes_by_care_type",
    "cohort",
    "run_rate",
]

import pandas as pd

from s75lib.budget import causes as reasons
from s75lib.budget import cohort as bridges
from s75lib.budget import ledger, outturn
from s75lib.budget.disclosure import protect
from s75lib.budget.naming import group_name
from s75lib.budget.tables.common import HIDDEN, NO_LEDGER, no_pair
from s75lib.present import Column, Missing, Table, words


def causes(packages: pd.DataFrame, basis: str = "weekly") -> Table | Missing:
    """Set out what each cause added to the net cost, by service group.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    basis : str
        As for `s75lib.budget.causes.causes`.

    Returns
    -------
    Table or Missing
    """
    chosen = ledger.pair(packages)
    if chosen is None:
        return no_pair(packages)
    found = reasons.causes(packages, *chosen, basis=basis)
    wide = found.effects.pivot_table(
        index="factor", columns="service_group", values="effect", observed=True
    ).reindex(list(reasons.FACTORS))
    groups = list(wide.columns)
    wide["all"] = wide[groups].sum(axis=1)
    rows = [
        {"name": reasons.FACTORS[str(factor)], **row}
        for factor, row in zip(wide.index, wide.to_dict("records"), strict=True)
    ]
    if basis == "weekly":
        rows = [row for row, factor in zip(rows, wide.index, strict=True) if factor != "weeks"]
    ends = found.groups.set_index("service_group")
    for label, column in (("Change", "change"), ("Before", "before"), ("After", "after")):
        rows.append({"name": label, **ends[column].to_dict(), "all": float(ends[column].sum())})
    unit = "£ a week" if basis == "weekly" else "£ for the year"
    columns = [Column("name", "Cause")]
    columns += [Column(str(group), group_name(str(group)), "money", unit="£") for group in groups]
    columns += [Column("all", "All services", "money", unit="£")] if len(groups) > 1 else []
    frame = pd.DataFrame(rows)
    what = "Net cost of open packages" if basis == "weekly" else "Net commitment"
    title = f"{what}, {words.day(chosen[0])} to {words.day(chosen[1])}, by cause, {unit}"
    notes = ["The effects add up to the change exactly. A case is a person in a care type."]
    if basis != "weekly":
        notes.append(
            f"Items of earlier years changed by {words.money(found.prior_year, sign=True)} beside this."
        )
    if found.priced_as_one:
        notes.append(
            f"{words.count_noun(found.priced_as_one, 'line')} without usable units count as one "
            "placement a week."
        )
    strong = (len(rows) - 3,)
    return Table(f"causes.{basis}", title, frame, tuple(columns), tuple(notes), strong)


def causes_by_care_type(packages: pd.DataFrame, *, fewest: int, by: str = "care_type") -> Table | Missing:
    """Set out the causes by care type or team, in £ a week.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    fewest : int
        Fewest cases that a row may show.
    by : str
        ``care_type`` or ``team``.

    Returns
    -------
    Table or Missing
    """
    chosen = ledger.pair(packages)
    if chosen is None:
        return no_pair(packages)
    found = reasons.causes(packages, *chosen, basis="weekly")
    factors = ["cases", "intensity", "price", "share"]
    wide = found.cells.pivot_table(
        index=["service_group", by], columns="factor", values="effect", aggfunc="sum", observed=True
    ).reset_index()
    wide.columns = pd.Index([str(name) for name in wide.columns])
    wide = wide.reindex(columns=["service_group", by, *factors]).fillna(0.0)
    for side, day in zip(("before", "after"), chosen, strict=True):
        rows = ledger.lines(packages, day).query("open")
        counts = (
            rows.drop_duplicates(["service_group", by, *ledger.CASE]).groupby(["service_group", by]).size()
        )
        wide = wide.merge(counts.rename(f"cases_{side}").reset_index(), how="left", on=["service_group", by])
    wide = wide.fillna({"cases_before": 0, "cases_after": 0})
    wide["change"] = wide[factors].sum(axis=1)
    wide = wide.sort_values("change", ascending=False, kind="stable", ignore_index=True)
    shown = protect(
        wide, ["cases_before", "cases_after"], [*factors, "change"], fewest, within="service_group"
    )
    shown = shown.assign(group=[group_name(g) for g in shown["service_group"]])
    columns = (
        Column(by, "Care type" if by == "care_type" else "Team"),
        Column("group", "Service group"),
        Column("cases_before", "Cases before"),
        Column("cases_after", "Cases after"),
        Column("cases", "Number of cases", "change", unit="£"),
        Column("intensity", "Units a week", "change", unit="£"),
        Column("price", "Price", "change", unit="£"),
        Column("share", "Social care share", "change", unit="£"),
        Column("change", "Change", "change", unit="£"),
    )
    title = (
        f"Net cost of open packages by {columns[0].label.lower()} and cause, {words.day(chosen[0])} to "
        f"{words.day(chosen[1])}, £ a week"
    )
    return Table(f"causes.{by}", title, shown, columns, (HIDDEN,))


def cohort(packages: pd.DataFrame, *, fewest: int) -> Table | Missing:
    """Set out the bridge by case.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    fewest : int
        Fewest people that a row may show.

    Returns
    -------
    Table or Missing
    """
    chosen = ledger.pair(packages)
    if chosen is None:
        return no_pair(packages)
    found = bridges.cohort(packages, *chosen)
    steps = protect(found.steps, ["people", "cases"], ["effect"], fewest)
    steps = steps.assign(name=steps["component"].map(bridges.COMPONENTS))
    ends = pd.DataFrame(
        {
            "name": [f"Open at {words.day(chosen[0])}", f"Open at {words.day(chosen[1])}"],
            "cases": "",
            "people": "",
            "effect": [found.before, found.after],
        }
    )
    frame = pd.concat([ends.iloc[:1], steps, ends.iloc[1:]], ignore_index=True)
    columns = (
        Column("name", "Step"),
        Column("cases", "Cases"),
        Column("people", "People"),
        Column("effect", "Net cost, £ a week", "money", unit="£"),
    )
    notes = (
        f"{words.number(found.stayers)} cases stayed; {words.number(found.reissued)} of them have new "
        "references only, "
        "and are matched on person and care type.",
        f"Beside the bridge, {words.count_noun(found.short_cases, 'case')} began and ended between "
        "the two days"
        + (
            f", at a net cost of £{words.number(found.short_cost)} in all."
            if found.short_cases >= fewest
            else "."
        ),
    )
    return Table(
        "cohort",
        f"Net cost of open packages, case by case, {words.day(chosen[0])} to {words.day(chosen[1])}",
        frame,
        columns,
        notes,
        (0, len(frame) - 1),
    )


def run_rate(packages: pd.DataFrame) -> Table | Missing:
    """Set out the latest commitment to date and to come, and the full-year effect.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.

    Returns
    -------
    Table or Missing
    """
    if packages.empty:
        return NO_LEDGER
    found = outturn.run_rate(packages)
    rows = [
        (f"Net commitment from 1 April to {words.day(found.as_at)}", found.to_date),
        (f"Net commitment from then to the end of {found.year}", found.to_come),
        (f"Net commitment for {found.year}", found.commitment),
        (f"The packages open at the end of {found.year}, for all of {found.next_year}", found.full_year),
        ("Full-year effect: more than this year's commitment", found.full_year_effect),
    ]
    frame = pd.DataFrame(rows, columns=["name", "value"])
    columns = (Column("name", "Amount"), Column("value", "£", "money", unit="£"))
    notes = (
        "Days are counted with both ends. Next year's prices, starters and leavers are not in the "
        "full-year effect.",
    )
    return Table(
        "run_rate",
        f"Commitment at {words.day(found.as_at)} and what it costs in a full year, £",
        frame,
        columns,
        notes,
        (2,),
    )
