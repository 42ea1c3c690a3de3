"""Tables of where the cost sits: by setting, team, age and provider, by cost, for constant care."""

from __future__ import annotations

__all__ = ["bands", "constant_care", "where"]

import pandas as pd

from s75lib.budget import pressure
from s75lib.budget.counts import ALL
from s75lib.budget.naming import group_name
from s75lib.budget.study import Study
from s75lib.budget.tables.common import conceal, no_ledger, two_days
from s75lib.present import Column, Missing, Need, Table, words

_NAMES = {"setting": "Setting", "team": "Team", "provider": "Provider", "age_band": "Age band"}
_SEVERAL = ("team", "provider")
_COLUMNS = (
    Column("cases_before", "Cases before", "number"),
    Column("cases_after", "Cases after", "number"),
    Column("before", "Net before", "money", unit="£ a week"),
    Column("after", "Net after", "money", unit="£ a week"),
    Column("change", "Change", "change", unit="£ a week"),
)
# One worker for one person: a table's name and its title for each care type.
_CONSTANT_CARE = {"Live In": ("live_in", "Live-in care"), "One To One": ("one_to_one", "One-to-one care")}


def where(study: Study, column: str) -> Table | Missing:
    """Set out the net cost of open packages at two days by one description.

    Parameters
    ----------
    study : Study
    column : str
        ``setting``, ``team``, ``age_band`` or ``provider``.

    Returns
    -------
    Table or Missing
    """
    if study.pair is None:
        return no_ledger(study)
    name = _NAMES[column]
    if column != "setting" and (study.packages[column] == "").all():
        return Missing(
            f"The ledger names no {name.lower()}.",
            (Need("packages", (column,), f"where the cost sits by {name.lower()}"),),
        )
    rows = study.by[column]
    # Small providers are put together beforehand, so that there is nothing left to hide.
    rows = study.counts.join(rows, column, column) if column != "provider" else rows
    columns = (
        Column(column, name),
        *_COLUMNS,
        Column("percent", "Change, %", "points", 1, unit="percent"),
        Column("average", "Net a case after", "money", unit="£ a week"),
    )
    title = f"Net cost of open packages by {name.lower()}, {two_days(study)}, £ a week"
    notes = [f"A case with packages of two {name.lower()}s counts in both."] if column in _SEVERAL else []
    if column == "provider" and (rows["provider"] == pressure.OTHERS).any():
        notes.append(f"{pressure.OTHERS}: providers with few cases, and those beyond the twenty dearest.")
    made = Table(f"where.{column}", title, rows, columns, tuple(notes))
    return made if column == "provider" else conceal(made, study.fewest, _gone(rows))


def bands(study: Study) -> Table | Missing:
    """Set out people by what they cost a week, the dearest first.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    if study.day is None:
        return no_ledger(study)
    rows = pressure.bands(study.sides["after"], threshold=study.fewest)
    names = [
        f"£{words.number(low)} or more"
        if pd.isna(high)
        else f"£{words.number(low)} to under £{words.number(high)}"
        for low, high in zip(rows["from_weekly"], rows["to_weekly"], strict=True)
    ]
    columns = (
        Column("name", "Net cost a week"),
        Column("people", "People", "number"),
        Column("net", "Together, £ a week", "money", unit="£ a week"),
        Column("percent", "Share of the cost", "percent", 1, unit="percent"),
    )
    notes = ("Bands are joined until none is so small that it could disclose a person.",)
    title = f"People by net cost a week, {words.day(study.day)}"
    return Table("bands", title, rows.assign(name=names), columns, notes)


def constant_care(study: Study) -> list[Table | Missing]:
    """Set out live-in and one-to-one care at two days.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Table or Missing
        A care type that the ledger does not name is missing: long hours alone may be shared with others.
    """
    if study.pair is None:
        return [no_ledger(study)]
    return [_constant(study, care_type) for care_type in _CONSTANT_CARE]


def _constant(study: Study, care_type: str) -> Table | Missing:
    name, title = _CONSTANT_CARE[care_type]
    sides = [
        lines[lines["open"] & (lines["care_type"] == care_type)].groupby("service_group")["net"].sum()
        for lines in study.sides.values()
    ]
    rows = pd.DataFrame({"before": sides[0], "after": sides[1]}).fillna(0.0)
    if rows.empty:
        return Missing(
            f"{title} can't be told apart: no open package has the care type {care_type}.",
            (Need("packages", ("care_type",), f"{title.lower()}, once it is a care type of its own"),),
        )
    groups = len(rows)
    if groups > 1:
        rows.loc[ALL] = rows.sum()
    rows = rows.rename_axis("service_group").reset_index().assign(care_type=care_type)
    rows = study.counts.join(rows, "care_type", "care_type", "service_group")
    rows["change"] = rows["after"] - rows["before"]
    rows["group"] = ["All services" if code == ALL else group_name(code) for code in rows["service_group"]]
    columns = (Column("group", "Service group"), *_COLUMNS)
    strong = (groups,) if groups > 1 else ()
    made = Table(name, f"{title}, {two_days(study)}, £ a week", rows, columns, (), strong)
    return conceal(made, study.fewest, {key: flags for key, flags in _gone(rows).items() if key in rows})


def _gone(rows: pd.DataFrame) -> dict[str, list[bool]]:
    """Hide the money of a day with its count, and what compares the days with either."""
    before, after = (rows[f"hidden_{side}"].to_numpy() for side in ("before", "after"))
    gone = {"cases_before": before, "before": before, "cases_after": after, "after": after, "average": after}
    gone |= {"change": before | after, "percent": before | after}
    return {name: list(flags) for name, flags in gone.items()}
