"""Tables of the staff: the position in money, the posts, and what locums cost."""

from __future__ import annotations

__all__ = ["NO_STAFFING", "locums", "posts", "staffing"]

import math

import pandas as pd

from s75lib.budget.study import Study
from s75lib.present import Column, Missing, Need, Table, words

NO_STAFFING = Missing(
    "No staffing position is held.",
    (
        Need(
            "staffing",
            (
                "as_at",
                "organisation",
                "group",
                "budget",
                "adjusted_budget",
                "adjusted_budget_to_date",
                "actual_to_date",
                "forecast",
            ),
            "variance by organisation and staff group, and the phasing",
        ),
    ),
)
_NO_POSTS = Missing(
    "Vacancies can't be told from money alone: an underspend may be empty posts, cheaper staff or late "
    "bills.",
    (
        Need(
            "workforce",
            ("as_at", "team", "role", "wte_establishment", "wte_in_post"),
            "vacancies: the establishment less the people in post, in posts and priced at the budget",
        ),
    ),
)
_NO_PREMIUM = Missing(
    "What a locum costs beyond an employee can't be told: that takes the money spent on locums, the posts "
    "that "
    "they and employees filled over the same months, and a budget to date phased to its day.",
    (
        Need("staffing", ("locum_to_date", "actual_to_date"), "the money spent on locums and on employees"),
        Need("workforce", ("wte_locum", "wte_in_post"), "the locums and employees whom it paid for"),
    ),
)


def staffing(study: Study) -> Table | Missing:
    """Set out the staffing position with each organisation's total and the printed totals.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    frame = study.staffing
    if frame.empty:
        return NO_STAFFING
    rows = study.position_of_staff.rename(columns={"variance": "forecast_variance"})
    tables = study.printed[study.printed["in_table"] & (study.printed["dataset"] == "staffing")]
    money = [
        "budget",
        "adjusted_budget",
        "adjusted_budget_to_date",
        "actual_to_date",
        "forecast",
        "forecast_variance",
    ]
    labels = (
        "Budget",
        "Adjusted budget",
        "Adjusted budget to date",
        "Actual to date",
        "Forecast",
        "Variance",
    )
    records, strong = [], []
    for row in rows.to_dict("records"):
        if row["level"] == "line":
            records.append({"name": f"{row['organisation']} {row['group']}", **row})
            continue
        strong.append(len(records))
        name = "Grand total" if row["level"] == "all" else f"{row['organisation']} total"
        records.append({"name": name, **row})
        same = tables[(tables["organisation"] == row["organisation"]) & (tables["group"] == "")]
        printed_values = dict(zip(same["column"], same["published"].astype(float), strict=True))
        if printed_values:
            records.append({"name": "as printed", **printed_values})
            gaps = {column: row[column] - value for column, value in printed_values.items() if column in row}
            if any(gaps.values()):
                records.append({"name": "recomputed less printed", **gaps})
    columns = [Column("name", "Organisation and group")]
    columns += [
        Column(name, label, "change" if name == "forecast_variance" else "money", unit="£")
        for name, label in zip(money, labels, strict=True)
    ]
    columns.append(Column("variance_percent", "Variance, %", "points", 1, unit="percent"))
    if frame["locum_to_date"].notna().any():
        columns.append(Column("locum_to_date", "Of it locum", "money", unit="£"))
    shown = pd.DataFrame(records, columns=[c.name for c in columns])
    notes = ("Variance: forecast less adjusted budget; below zero is an underspend.",)
    day = frame["as_at"].max()
    return Table(
        "staffing", f"Staffing position at {words.day(day)}, £", shown, tuple(columns), notes, tuple(strong)
    )


def posts(study: Study) -> Table | Missing:
    """Set out posts, people in post, vacancies and locums by role, and the vacancies in money.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    found = study.posts
    if found is None:
        return _NO_POSTS
    names = ["wte_establishment", "wte_in_post", "wte_vacant", "wte_locum"]
    total = {"role": "All roles"} | {name: found.roles[name].sum(skipna=False) for name in names}
    frame = pd.concat([found.roles, pd.DataFrame([total])], ignore_index=True)
    frame["percent"] = (
        100 * frame["wte_vacant"] / frame["wte_establishment"].where(frame["wte_establishment"] > 0)
    )
    frame["money"] = frame["wte_vacant"] * found.post_year
    columns = [
        Column("role", "Role"),
        Column("wte_establishment", "Posts, WTE", "number", 1, unit="WTE"),
        Column("wte_in_post", "In post", "number", 1, unit="WTE"),
        Column("wte_vacant", "Vacant", "number", 1, unit="WTE"),
        Column("percent", "Vacant, %", "percent", 0, unit="percent"),
        Column("wte_locum", "Locums", "number", 1, unit="WTE"),
    ]
    notes = ["WTE: whole-time equivalent. Vacant: the establishment less the people in post."]
    if not math.isnan(found.post_year):
        columns.append(Column("money", "Vacancies, £ a year", "money", unit="£"))
        notes.append(
            f"Every vacancy is priced at the mean: the adjusted budget over the establishment, "
            f"£{words.number(found.post_year)} a post and year, whatever the role."
        )
    title = f"Posts and people at {words.day(found.as_at)}"
    return Table("posts", title, frame, tuple(columns), tuple(notes), (len(frame) - 1,))


def locums(study: Study) -> Table | Missing:
    """Set out what a locum costs beyond an employee.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    found = study.posts
    if found is None or found.position is None or math.isnan(found.premium):
        return _NO_PREMIUM
    rows = [
        ("Spending on employees for each one in post, a year", found.employee_year),
        ("Spending on locums for each locum, a year", found.locum_year),
        ("Premium for each locum, a year", found.locum_year - found.employee_year),
        (f"Premium in the {found.months} months to {words.day(found.position)}", found.premium),
    ]
    columns = (Column("name", "For a whole-time equivalent"), Column("value", "£", "money", unit="£"))
    notes = (
        "Spending to date over the mean of the posts filled since April. The staffing position and the "
        "posts are "
        "taken to cover the same staff; the mix of roles differs between locums and employees.",
    )
    frame = pd.DataFrame(rows, columns=["name", "value"])
    return Table("locums", "What locums cost beyond employees, £", frame, columns, notes, (3,))
