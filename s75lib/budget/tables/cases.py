"""Tables of where the cost sits and of who pays."""

from __future__ import annotations

__all__ = [
    "bands",
    "joint_funding",
    "length_of_stay",
    "live_in",
    "reviews",
    "unit_costs",
    "where",
]

import pandas as pd

from s75lib.budget import funding, ledger, pressure
from s75lib.budget.disclosure import protect
from s75lib.budget.naming import group_name
from s75lib.budget.tables.common import HIDDEN, NO_LEDGER, no_pair
from s75lib.present import Column, Missing, Need, Table, words


def where(packages: pd.DataFrame, column: str, *, fewest: int) -> Table | Missing:
    """Set out the net cost of open packages a year apart by one description.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    column : str
        As for `s75lib.budget.pressure.by`.
    fewest : int
        Fewest people that a row may show.

    Returns
    -------
    Table or Missing
    """
    chosen = ledger.pair(packages)
    if chosen is None:
        return no_pair(packages)
    names = {"setting": "Setting", "team": "Team", "provider": "Provider", "age_band": "Age band"}
    if column != "setting" and (packages[column] == "").all():
        what = names[column].lower()
        return Missing(
            f"The ledger names no {what}.", (Need("packages", (column,), f"where the cost sits by {what}"),)
        )
    rows = pressure.by(packages, column, *chosen)
    shown = protect(
        rows, ["people_before", "people_after"], ["before", "after", "change", "percent", "average"], fewest
    )
    columns = (
        Column(column, names.get(column, column)),
        Column("people_before", "People before"),
        Column("people_after", "People after"),
        Column("before", "Net before", "money", unit="£ a week"),
        Column("after", "Net after", "money", unit="£ a week"),
        Column("change", "Change", "change", unit="£ a week"),
        Column("percent", "Change, %", "points", 1, unit="percent"),
        Column("average", "Net a person after", "money", unit="£ a week"),
    )
    title = (
        f"Net cost of open packages by {names.get(column, column).lower()}, {words.day(chosen[0])} and "
        f"{words.day(chosen[1])}, £ a week"
    )
    notes = ("A person with packages in two rows counts in both.", HIDDEN)
    return Table(f"where.{column}", title, shown, columns, notes)


def bands(packages: pd.DataFrame, *, fewest: int) -> Table | Missing:
    """Set out people by what they cost a week, the dearest first.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    fewest : int
        Fewest people that a band may hold.

    Returns
    -------
    Table or Missing
    """
    if packages.empty:
        return NO_LEDGER
    day = ledger.days(packages)[-1]
    rows = pressure.bands(packages, day, threshold=fewest)
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
    return Table(
        "bands", f"People by net cost a week, {words.day(day)}", rows.assign(name=names), columns, notes
    )


def unit_costs(packages: pd.DataFrame, *, fewest: int) -> Table | Missing:
    """Set out unit prices by care type and the packages far above them.

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
    if packages.empty:
        return NO_LEDGER
    day = ledger.days(packages)[-1]
    rows = pressure.unit_costs(packages, day)
    prices = ["lower_quartile", "median", "upper_quartile", "fence"]
    shown = protect(rows, ["outliers"], ["excess"], fewest)
    shown[prices] = shown[prices].mask(rows["packages"] < max(fewest, 5), axis=0)
    columns = (
        Column("care_type", "Care type"),
        Column("packages", "Open packages", "number"),
        Column("lower_quartile", "Lower quartile, £ a unit", "money_p", unit="£"),
        Column("median", "Median", "money_p", unit="£"),
        Column("upper_quartile", "Upper quartile", "money_p", unit="£"),
        Column("fence", "Outlier above", "money_p", unit="£"),
        Column("outliers", "Outliers"),
        Column("excess", "Outliers beyond the median, £ a week", "money", unit="£ a week"),
    )
    notes = (
        "An outlier lies above the upper quartile by more than one and a half times the distance "
        "between the quartiles.",
    )
    return Table("unit_costs", f"Price of a unit by care type, {words.day(day)}", shown, columns, notes)


def length_of_stay(packages: pd.DataFrame, *, fewest: int) -> Table | Missing:
    """Set out how long open packages have run.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    fewest : int
        Fewest cases that a row may show.

    Returns
    -------
    Table or Missing
    """
    if packages.empty:
        return NO_LEDGER
    day = ledger.days(packages)[-1]
    rows = pressure.length_of_stay(packages, day)
    shown = protect(rows, ["cases", "over_two_years"], ["median_months"], fewest)
    columns = (
        Column("care_type", "Care type"),
        Column("cases", "Open cases"),
        Column("median_months", "Median months so far", "number", 1, unit="months"),
        Column("over_two_years", "Over two years"),
    )
    return Table(
        "length_of_stay",
        f"How long open packages have run, {words.day(day)}",
        shown,
        columns,
        ("Months so far, not months until the end: open packages over-represent long stays.",),
    )


def joint_funding(packages: pd.DataFrame, *, fewest: int) -> Table | Missing:
    """Set out what the NHS pays, by why it pays, a year apart.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    fewest : int
        Fewest cases that a row may show.

    Returns
    -------
    Table or Missing
    """
    chosen = ledger.pair(packages)
    if chosen is None:
        return no_pair(packages)
    if packages["health_weekly"].isna().all():
        return Missing(
            "The ledger holds no NHS contributions, so joint funding can't be shown.",
            (
                Need(
                    "packages",
                    ("health_weekly", "health_funding_type"),
                    "the share that the NHS pays, and its movement",
                ),
            ),
        )
    rows = funding.joint_funding(packages, *chosen)
    money = ["health_before", "health_after", "health_percent_before", "health_percent_after", "points"]
    parts = rows[rows["funding"] != "all"]
    few = (
        parts[["cases_before", "cases_after"]].lt(fewest) & parts[["cases_before", "cases_after"]].gt(0)
    ).any(axis=1)
    # A total over the groups would give a group's hidden row by subtraction.
    linked = rows["funding"].isin(parts.loc[few & (parts["service_group"] != ""), "funding"]) & (
        rows["service_group"] == ""
    )
    shown = pd.concat(
        [
            protect(parts, ["cases_before", "cases_after"], money, fewest, within="service_group"),
            protect(rows[rows["funding"] == "all"], ["cases_before", "cases_after"], money, fewest),
        ]
    )
    shown = shown.sort_index().reset_index(drop=True)
    shown[money] = shown[money].mask(linked)
    shown[["cases_before", "cases_after"]] = shown[["cases_before", "cases_after"]].mask(linked, "not shown")
    shown = shown.assign(
        group=[group_name(g) for g in shown["service_group"]],
        why=shown["funding"]
        .map({"none": "Social care alone", "all": "All packages", "joint": "Joint"})
        .fillna(shown["funding"]),
    )
    columns = (
        Column("why", "NHS funding"),
        Column("group", "Service group"),
        Column("cases_before", "Cases before"),
        Column("cases_after", "Cases after"),
        Column("health_before", "NHS before", "money", unit="£ a week"),
        Column("health_after", "NHS after", "money", unit="£ a week"),
        Column("health_percent_before", "Share of gross before", "percent", 1, unit="percent"),
        Column("health_percent_after", "Share after", "percent", 1, unit="percent"),
        Column("points", "Change, points", "points", 1, unit="percentage points"),
    )
    strong = tuple(int(i) for i in shown.index[shown["funding"] == "all"])
    title = f"NHS contributions to open packages, {words.day(chosen[0])} and {words.day(chosen[1])}, £ a week"
    return Table("joint_funding", title, shown, columns, (HIDDEN,), strong)


def live_in(packages: pd.DataFrame, *, fewest: int) -> Table | Missing:
    """Set out live-in care a year apart.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    fewest : int
        Fewest cases that a row may show.

    Returns
    -------
    Table or Missing
    """
    chosen = ledger.pair(packages)
    if chosen is None:
        return no_pair(packages)
    rows = funding.live_in(packages, *chosen)
    shown = protect(rows, ["cases_before", "cases_after", "new"], ["net_after"], fewest)
    shown = shown.assign(group=[group_name(g) for g in shown["service_group"]])
    columns = (
        Column("group", "Service group"),
        Column("cases_before", "Cases before"),
        Column("cases_after", "Cases after"),
        Column("new", "New since"),
        Column("net_after", "Net after", "money", unit="£ a week"),
    )
    notes = ("The ledger marks no one-to-one care, so it can't be told from long hours.", HIDDEN)
    return Table(
        "live_in", f"Live-in care, {words.day(chosen[0])} and {words.day(chosen[1])}", shown, columns, notes
    )


def reviews(packages: pd.DataFrame, *, fewest: int) -> Table | Missing:
    """Set out cases without a review in twelve months, by team.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    fewest : int
        Fewest cases that a row may show.

    Returns
    -------
    Table or Missing
    """
    if packages.empty:
        return NO_LEDGER
    day = ledger.days(packages)[-1]
    rows = funding.reviews(packages, day)
    if rows.empty:
        return Missing(
            "The ledger holds no review dates.",
            (Need("packages", ("last_review_date",), "packages without a review in twelve months"),),
        )
    shown = protect(rows, ["cases", "overdue"], ["percent"], fewest)
    columns = (
        Column("team", "Team"),
        Column("cases", "Cases open for a year or more"),
        Column("overdue", "No review in twelve months"),
        Column("percent", "Share", "percent", 0, unit="percent"),
    )
    return Table("reviews", f"Reviews of open packages, {words.day(day)}", shown, columns, (HIDDEN,))
