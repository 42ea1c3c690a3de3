"""Tables of who pays, and of what was reviewed."""

from __future__ import annotations

__all__ = ["charges", "joint_funding", "reviews"]

import pandas as pd

from s75lib.budget.counts import ALL
from s75lib.budget.naming import group_name
from s75lib.budget.study import Study
from s75lib.budget.tables.common import conceal, no_ledger, two_days
from s75lib.present import Column, Missing, Need, Table, words

_WHY = {"none": "Social care alone", "all": "All packages", "joint": "Joint"}


def joint_funding(study: Study) -> Table | Missing:
    """Set out what the NHS pays, by why it pays, at two days.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    if study.pair is None:
        return no_ledger(study)
    if study.packages["health_weekly"].isna().all():
        need = ("health_weekly", "health_funding_type")
        return Missing(
            "The ledger holds no NHS contributions, so joint funding can't be shown.",
            (Need("packages", need, "the share that the NHS pays, and its movement"),),
        )
    rows = study.joint_funding
    keyed = rows.assign(
        group=rows["service_group"].mask(rows["service_group"] == "", ALL),
        value=rows["funding"].mask(rows["funding"] == "all", ALL),
    )
    rows = study.counts.join(keyed, "funding", "value", "group").assign(
        group=[group_name(code) for code in rows["service_group"]],
        why=[_WHY.get(name, name) for name in rows["funding"]],
    )
    columns = (
        Column("why", "NHS funding"),
        Column("group", "Service group"),
        Column("cases_before", "Cases before", "number"),
        Column("cases_after", "Cases after", "number"),
        Column("health_before", "NHS before", "money", unit="£ a week"),
        Column("health_after", "NHS after", "money", unit="£ a week"),
        Column("health_percent_before", "Share of gross before", "percent", 1, unit="percent"),
        Column("health_percent_after", "Share after", "percent", 1, unit="percent"),
        Column("points", "Change, points", "points", 1, unit="percentage points"),
    )
    strong = tuple(int(i) for i in rows.index[rows["funding"] == "all"])
    title = f"NHS contributions to open packages, {two_days(study)}, £ a week"
    made = Table("joint_funding", title, rows, columns, (), strong)
    gone = {
        f"{name}_{side}": list(rows[f"hidden_{side}"])
        for side in ("before", "after")
        for name in ("cases", "health", "health_percent")
    }
    gone["points"] = list(rows["hidden_before"] | rows["hidden_after"])
    return conceal(made, study.fewest, gone)


def charges(study: Study) -> Table | Missing:
    """Set out how many people are charged for section 117 aftercare.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    found = study.charges
    if found is None:
        return no_ledger(study)
    if not found.known:
        return Missing(
            "Whether anybody is charged for section 117 aftercare can't be told from the ledger.",
            (Need("packages", ("s117", "client_weekly"), "charges for aftercare, which is free"),),
        )
    frame = pd.DataFrame(
        {
            "name": ["With section 117 aftercare", "Of them, charged for it"],
            "people": [found.entitled, found.people],
            "weekly": [float("nan"), found.weekly],
        }
    )
    columns = (
        Column("name", "People with an open package"),
        Column("people", "People", "number"),
        Column("weekly", "Charged, £ a week", "money", unit="£ a week"),
    )
    title = f"Charges for section 117 aftercare, {words.day(found.as_at)}"
    made = Table(
        "charges", title, frame, columns, ("Aftercare is free (Mental Health Act 1983, section 117).",)
    )
    gone = [study.counts.hidden("after", name) for name in ("s117", "charged")]
    return conceal(made, study.fewest, {"people": gone, "weekly": gone})


def reviews(study: Study) -> Table | Missing:
    """Set out cases without a review in twelve months, by team.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    if study.day is None:
        return no_ledger(study)
    rows = study.reviews
    if rows.empty:
        return Missing(
            "The ledger holds no review dates.",
            (Need("packages", ("last_review_date",), "packages without a review in twelve months"),),
        )
    columns = (
        Column("team", "Team"),
        Column("cases", "Cases open for a year or more", "number"),
        Column("overdue", "No review in twelve months", "number"),
        Column("percent", "Share", "percent", 0, unit="percent"),
    )
    made = Table("reviews", f"Reviews of open packages, {words.day(study.day)}", rows, columns)
    due, overdue, reviewed = (
        [study.counts.hidden("after", name, value=str(team)) for team in rows["team"]]
        for name in ("due", "overdue", "reviewed")
    )
    percent = [any(flags) for flags in zip(due, overdue, reviewed, strict=True)]
    return conceal(made, study.fewest, {"cases": due, "overdue": overdue, "percent": percent})
