"""Tables of causes: the decomposition, the bridge by case, the run-rate."""

from __future__ import annotations

__all__ = ["averages", "causes", "causes_by", "cohort", "run_rate"]

import pandas as pd

from s75lib.budget import causes as reasons
from s75lib.budget.naming import group_name
from s75lib.budget.study import Study
from s75lib.budget.tables.common import conceal, no_ledger, two_days
from s75lib.present import Column, Missing, Table, words


def causes(study: Study, basis: str = "weekly") -> Table | Missing:
    """Set out what each cause added to the net cost, by service group.

    Parameters
    ----------
    study : Study
    basis : str
        ``weekly`` or ``commitment``: as for `s75lib.budget.causes.causes`.

    Returns
    -------
    Table or Missing
    """
    if study.pair is None:
        return no_ledger(study)
    found = study.causes[basis]
    factors = [name for name in reasons.FACTORS if not (basis == "weekly" and name == "weeks")]
    wide = found.effects.pivot_table(
        index="factor", columns="service_group", values="effect", observed=True
    ).reindex(factors)
    groups = [str(name) for name in wide.columns]
    ends = found.groups.set_index("service_group")[["change", "before", "after"]].T.reindex(columns=groups)
    rows = pd.concat([wide, ends])
    rows["all"] = rows[groups].sum(axis=1)
    labels = reasons.FACTORS | {"change": "Change", "before": "Before", "after": "After"}
    frame = rows.assign(name=[labels[str(name)] for name in rows.index]).reset_index(drop=True)
    columns = [Column("name", "Cause")]
    columns += [Column(group, group_name(group), "money", unit="£") for group in groups]
    columns += [Column("all", "All services", "money", unit="£")] if len(groups) > 1 else []
    what, unit = (
        ("Net cost of open packages", "£ a week")
        if basis == "weekly"
        else ("Net commitment", "£ for the year")
    )
    notes = ["The effects add up to the change exactly. A case is a person in a care type."]
    if basis != "weekly":
        prior = words.money(found.prior_year, sign=True)
        notes.append(f"Items of earlier years changed by {prior} beside this.")
    if found.priced_as_one:
        lines = words.count_noun(found.priced_as_one, "line")
        notes.append(f"{lines} without usable units count as one placement a week.")
    title = f"{what}, {two_days(study)}, by cause, {unit}"
    return Table(f"causes.{basis}", title, frame, tuple(columns), tuple(notes), (len(factors),))


def causes_by(study: Study, by: str) -> Table | Missing:
    """Set out the causes by care type or team, in £ a week.

    Parameters
    ----------
    study : Study
    by : str
        ``care_type`` or ``team``.

    Returns
    -------
    Table or Missing
    """
    if study.pair is None:
        return no_ledger(study)
    factors = ["cases", "intensity", "price", "share"]
    wide = study.causes["weekly"].cells.pivot_table(
        index=["service_group", by], columns="factor", values="effect", aggfunc="sum", observed=True
    )
    wide.columns = pd.Index([str(name) for name in wide.columns])
    rows = wide.reindex(columns=factors).fillna(0.0).reset_index()
    rows["change"] = rows[factors].sum(axis=1)
    rows = rows.sort_values("change", ascending=False, kind="stable", ignore_index=True)
    rows = study.counts.join(rows, by, by, "service_group")
    name = "Care type" if by == "care_type" else "Team"
    columns = (
        Column(by, name),
        Column("group", "Service group"),
        Column("cases_before", "Cases before", "number"),
        Column("cases_after", "Cases after", "number"),
        Column("cases", "Number of cases", "change", unit="£"),
        Column("intensity", "Units a week", "change", unit="£"),
        Column("price", "Price", "change", unit="£"),
        Column("share", "Social care share", "change", unit="£"),
        Column("change", "Change", "change", unit="£"),
    )
    title = f"Net cost of open packages by {name.lower()} and cause, {two_days(study)}, £ a week"
    frame = rows.assign(group=[group_name(code) for code in rows["service_group"]])
    either = list(rows["hidden_before"] | rows["hidden_after"])
    gone = {f"cases_{side}": list(rows[f"hidden_{side}"]) for side in ("before", "after")}
    gone |= dict.fromkeys((*factors, "change"), either)
    return conceal(Table(f"causes.{by}", title, frame, columns), study.fewest, gone)


def averages(study: Study) -> Table | Missing:
    """Set out how the average cost of a case moved, by its care types' own costs and by their mix.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    if study.pair is None:
        return no_ledger(study)
    rows = study.reversals
    said = {True: "Yes: read the care types, not the average", False: "No"}
    frame = rows.assign(
        group=[group_name(code) for code in rows["service_group"]],
        against=[said[bool(flag)] for flag in rows["reversal"]],
    )
    columns = (
        Column("group", "Service group"),
        Column("average_before", "Average before", "money", unit="£ a week"),
        Column("average_after", "Average after", "money", unit="£ a week"),
        Column("change", "Change", "change", unit="£ a week"),
        Column("price_effect", "By the care types' own costs", "change", unit="£ a week"),
        Column("mix_effect", "By people in dearer or cheaper types", "change", unit="£ a week"),
        Column("risen", "Care types dearer", "number"),
        Column("fallen", "Care types cheaper", "number"),
        Column("against", "Average against all its parts"),
    )
    title = f"Average gross cost of a case, {two_days(study)}, £ a week"
    return Table("averages", title, frame, columns)


def cohort(study: Study) -> Table | Missing:
    """Set out the bridge by case.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    if study.pair is None or study.cohort is None:
        return no_ledger(study)
    found, steps = study.cohort, study.cohort_steps
    frame = pd.DataFrame(
        {
            "name": [
                f"Open at {words.day(found.before_day)}",
                *steps["name"],
                f"Open at {words.day(found.after_day)}",
            ],
            "cases": [
                study.counts.of("bridge", "before"),
                *steps["cases"],
                study.counts.of("bridge", "after"),
            ],
            "effect": [found.before, *steps["effect"], found.after],
        }
    )
    columns = (
        Column("name", "Step"),
        Column("cases", "Cases", "number"),
        Column("effect", "Net cost, £ a week", "money", unit="£"),
    )
    said = {name: study.counts.said("bridge", name) for name in ("stayers", "reissued", "short")}
    money = (
        ""
        if study.counts.hidden("bridge", "short")
        else f", at a net cost of {words.amount(found.short_cost)}"
    )
    notes = (
        f"Cases that stayed: {said['stayers']}; of them, {said['reissued']} have new references only and are "
        "matched on person and care type. Steps of those who stayed count the cases whose part changed.",
        f"Beside the bridge, cases that began and ended between the two days: {said['short']}{money}.",
    )
    title = f"Net cost of open packages, case by case, {two_days(study)}"
    return Table("cohort", title, frame, columns, notes, (0, len(frame) - 1))


def run_rate(study: Study) -> Table | Missing:
    """Set out the latest commitment to date and to come, and the full-year effect.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    found = study.run_rate
    if found is None:
        return no_ledger(study)
    rows = [
        (f"Net commitment from 1 April to {words.day(found.as_at)}", found.to_date),
        (f"Net commitment from then to the end of {found.year}", found.to_come),
        (f"Net commitment for {found.year}", found.commitment),
        (f"The packages open at the end of {found.year}, for all of {found.next_year}", found.full_year),
        ("Full-year effect: more than this year's commitment", found.full_year_effect),
    ]
    columns = (Column("name", "Amount"), Column("value", "£", "money", unit="£"))
    notes = (
        "Days are counted with both ends. Next year's prices, starters and leavers are not in the "
        "full-year effect.",
    )
    title = f"Commitment at {words.day(found.as_at)} and what it costs in a full year, £"
    return Table("run_rate", title, pd.DataFrame(rows, columns=["name", "value"]), columns, notes, (2,))
