"""Who pays, and what was reviewed: joint funding, charges for aftercare, overdue reviews."""

from __future__ import annotations

__all__ = ["Charges", "charges", "joint_funding", "reviews"]

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from s75lib.budget.disclosure import ALL
from s75lib.budget.ledger import CASE, funded, reviewed_cases
from s75lib.budget.naming import group_name, pounds
from s75lib.present import Column, Headline, Missing, Section, Table, table_of, words

if TYPE_CHECKING:
    from s75lib.budget.study import Study


@dataclass(frozen=True)
class Charges:
    """Open section 117 packages with a client contribution (£ a week), as far as the ledger marks them."""

    as_at: pd.Timestamp
    known: bool
    people: int
    weekly: float


def joint_funding(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Compare what the NHS pays towards open packages at two snapshots, by why it pays.

    Returns
    -------
    DataFrame
        ``service_group``, ``funding`` (type as recorded, ``none``, or ``all``), and for each side ``cases``,
        ``gross``, ``health`` (£ a week) and ``health_percent`` (of gross), and ``points`` (their difference
        in percentage points). Blank service group: all.

    Examples
    --------
    >>> found = joint_funding(**held.sides)
    >>> round(found.iloc[-1]["health_percent_after"]), found.iloc[-1]["funding"]
    (18, 'all')
    """
    sides = [_by_funding(funded(rows[rows["open"]])) for rows in (before, after)]
    keys = ["service_group", "funding"]
    both = sides[0].merge(sides[1], how="outer", on=keys, suffixes=("_before", "_after"), sort=False)
    numbers = [name for name in both.columns if name not in keys]
    both[numbers] = both[numbers].fillna(0.0)
    for side in ("before", "after"):
        both[f"health_percent_{side}"] = (
            100 * both[f"health_{side}"] / both[f"gross_{side}"].where(both[f"gross_{side}"] > 0)
        )
    both = both.assign(
        points=both["health_percent_after"] - both["health_percent_before"],
        last=(both["funding"] == "all").astype(int),
        whole=(both["service_group"] == "").astype(int),
    )
    ordered = both.sort_values(
        ["whole", "service_group", "last", "funding"], kind="stable", ignore_index=True
    )
    return ordered.drop(columns=["last", "whole"]).astype({"cases_before": int, "cases_after": int})


def charges(packages: pd.DataFrame, rows: pd.DataFrame) -> Charges:
    """Find client contributions on section 117 aftercare, for which no one may be charged.

    Of the packages open on the snapshot's day. Source: Mental Health Act 1983, section 117; R v Manchester
    City Council ex parte Stennett [2002] UKHL 34.

    Examples
    --------
    >>> found = charges(held.data.packages, held.sides["after"])
    >>> found.known, found.people > 0
    (True, True)
    """
    known = bool(packages["s117"].notna().any() and packages["client_weekly"].notna().any())
    free = rows["open"] & rows["s117"].fillna(False).astype(bool)
    charged = rows[free & (rows["client"] > 0)]
    people, weekly = charged["person_key"].nunique(), float(charged["client"].sum())
    return Charges(rows["snapshot_date"].iloc[0], known, people, weekly)


def reviews(packages: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Count cases that have run for a year without a review in it, by team.

    A case that is younger than a year is not yet due under the rule of a yearly review (Care and Support
    Statutory Guidance, 13.32); see `s75lib.budget.ledger.reviewed_cases`.

    Returns
    -------
    DataFrame
        ``team``, ``cases`` (open for twelve months or more), ``overdue`` (of these, no review in the last
        twelve months) and ``percent``; no rows where the ledger holds no review date at all.

    Examples
    --------
    >>> found = reviews(held.data.packages, held.sides["after"])
    >>> bool((found["overdue"] <= found["cases"]).all())
    True
    """
    if packages["last_review_date"].isna().all():
        return pd.DataFrame(columns=["team", "cases", "overdue", "percent"])
    cases = reviewed_cases(packages, rows)
    table = cases[cases["due"]].groupby("team").agg(cases=("due", "size"), overdue=("overdue", "sum"))
    return table.assign(percent=100 * table["overdue"] / table["cases"]).reset_index()


def _by_funding(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum by service group and funding type, with totals over either."""
    rows = rows[["service_group", "funding", *CASE, "gross", "health"]]
    either = rows.assign(funding="all"), rows.assign(service_group="")
    parts = pd.concat([rows, *either, either[0].assign(service_group="")], keys=range(4), names=["total"])
    parts = parts.reset_index("total")
    keys = ["total", "service_group", "funding"]
    sums = parts.groupby(keys)[["gross", "health"]].sum()
    sums["cases"] = parts.drop_duplicates([*keys, *CASE]).groupby(keys).size()
    # Blank means all groups: where a line's group is blank, that total takes the place of its own sum.
    return sums.reset_index(keys[1:]).drop_duplicates(keys[1:], keep="last")


_METHOD = "NHS contributions over gross cost a week"


def headlines(study: Study) -> Iterator[Headline]:
    """Say how the NHS share moved, whether aftercare is charged for, and how many cases lack a review."""
    if study.pair is None:
        return
    shares = _shares(study) if study.data.packages["health_weekly"].notna().any() else []
    yield from shares
    yield from _charged(study)
    yield from _overdue(study)


def _shares(study: Study) -> Iterator[Headline]:
    """Say what the NHS pays, in all and by why it pays, where it moved by a point or more."""
    rows = study.joint_funding
    rows = rows[(rows["service_group"] == "") & (rows["funding"] != "none")].set_index("funding")

    points = rows["points"]

    def paid(kind: str) -> str:
        before, after = (float(rows[f"health_percent_{side}"][kind]) for side in ("before", "after"))
        cost = "gross cost of open packages" if kind == "all" else "gross cost"
        return (
            f"he NHS pays {words.percent(after)} of the {cost}, {'down' if points[kind] < 0 else 'up'} "
            f"{words.number(abs(points[kind]), 1)} percentage points from {words.percent(before)}."
        )

    yield Headline(
        "budget.nhs_share",
        f"T{paid('all')}",
        float(points["all"]),
        "percentage points",
        method=_METHOD,
        see=("joint_funding",),
        cell=("joint_funding", f"{_WHY['all']}, {group_name('')}", "points"),
    )
    for kind in points.index[points.abs() >= 1].drop("all", errors="ignore"):
        if study.hidden_either_day("funding", kind, money=True):
            continue
        why = {"joint": "jointly funded", "s117": "section 117", "unsaid": "NHS-funded"}.get(
            kind, f"{kind}-funded"
        )
        yield Headline(
            f"budget.nhs_share.{kind.lower()}",
            f"Of {why} packages t{paid(kind)}",
            float(points[kind]),
            "percentage points",
            method=_METHOD,
            see=("joint_funding",),
            cell=("joint_funding", f"{_WHY.get(kind, kind)}, {group_name('')}", "points"),
        )


def _charged(study: Study) -> Iterator[Headline]:
    found = study.charges
    if found is None or not found.known or not found.people:
        return
    told = not study.counts.hidden("after", "charged")
    people = study.counts.of("after", "charged")
    who = words.count_noun(people, "person", "people") if told else "some people"
    verb = "is" if told and found.people == 1 else "are"
    money = f" {pounds(found.weekly)} a week" if told else ""
    hidden = "" if told else "; their number is withheld to protect them"
    yield Headline(
        "budget.s117_charges",
        f"By the ledger, {who} {verb} charged{money} for section 117 aftercare (free by law after detention "
        f"in hospital){hidden}. It records charges at {words.day(found.as_at)}. Examine each, stop it where "
        "it is wrong, and pay back what was taken.",
        float(people) if told else None,
        "people",
        method="open section 117 packages with a client contribution",
        see=("charges",),
        stake="law",
        figure=f"{words.amount(found.weekly * _WEEKS)} a year" if told else "Unlawful",
    )


def _overdue(study: Study) -> Iterator[Headline]:
    if study.reviews.empty:
        return
    counts = study.counts
    cases, late = (counts.of("after", name) for name in ("due", "overdue"))
    told = not any(counts.hidden("after", name) for name in ("due", "overdue", "reviewed"))
    share = f" ({words.percent(100 * late / cases, 0)})" if told and cases else ""
    yield Headline(
        "budget.reviews",
        f"Of {counts.said('after', 'due').replace('some', 'the')} cases open for a year or more, "
        f"{counts.said('after', 'overdue')} had no review in the last twelve months{share}.",
        float(late) if told else None,
        "cases",
        method="latest review date of a case",
        see=("reviews",),
        cell=("reviews", "", "overdue"),
        stake="people" if late else "context",
        against=float(cases) if told else None,
    )


_WEEKS = 365.25 / 7
_WHY = {
    "none": "Social care alone",
    "unsaid": "NHS pays, why is not recorded",
    "all": "All packages",
    "joint": "Joint",
}
_JOINT_FUNDING = table_of(
    "joint_funding",
    Column("why", "NHS funding"),
    Column("group", "Service group"),
    Column("cases_before", "Cases before", "number", hides=("hidden_before",)),
    Column("cases_after", "Cases after", "number", hides=("hidden_after",)),
    Column("health_before", "NHS before", "money", unit="£ a week", hides=("bare_before",)),
    Column("health_after", "NHS after", "money", unit="£ a week", hides=("bare_after",)),
    Column("health_percent_before", "Share of gross before", "percent", 1, "percent", ("bare_before",)),
    Column("health_percent_after", "Share after", "percent", 1, "percent", ("bare_after",)),
    Column("points", "Change, points", "points", 1, "percentage points", ("bare_before", "bare_after")),
    counted="cases",
)
_CHARGES = table_of(
    "charges",
    Column("name", "People with an open package"),
    Column("people", "People", "number", hides=("hidden",)),
    Column("weekly", "Charged, £ a week", "money", unit="£ a week", hides=("hidden",)),
    notes=("Aftercare is free (Mental Health Act 1983, section 117).",),
    counted="cases",
)
_DUE = {"cases": "due", "overdue": "overdue", "reviewed": "reviewed"}
_REVIEWS = table_of(
    "reviews",
    Column("team", "Team"),
    Column("cases", "Cases open for a year or more", "number", hides=("hidden_cases",)),
    Column("overdue", "No review in twelve months", "number", hides=("hidden_overdue",)),
    Column(
        "percent", "Share", "percent", 0, "percent", ("hidden_cases", "hidden_overdue", "hidden_reviewed")
    ),
    counted="cases",
)


def _joint_funding_table(study: Study) -> Table | Missing:
    if study.pair is None:
        return study.no_ledger
    if study.data.packages["health_weekly"].isna().all():
        need = ("health_weekly", "health_funding_type")
        return Missing.of(
            "The ledger holds no NHS contributions, so joint funding can't be shown.",
            "packages",
            need,
            "the share that the NHS pays, and its movement",
        )
    rows = study.joint_funding
    keyed = rows.assign(
        counted_group=rows["service_group"].mask(rows["service_group"] == "", ALL),
        counted_funding=rows["funding"].mask(rows["funding"] == "all", ALL),
        group=rows["service_group"].map(group_name),
        why=rows["funding"].replace(_WHY),
    )
    counted = study.counts.join(keyed, "funding", "counted_funding", "counted_group")
    # Of a hidden number of cases for which the NHS pays nothing, that nothing may be shown.
    paid = rows["funding"].ne("none") | rows[["health_before", "health_after"]].ne(0).any(axis=1)
    return _JOINT_FUNDING.of(
        counted.assign(**{name: counted[name] & paid for name in ("bare_before", "bare_after")}),
        f"NHS contributions to open packages, {study.days_compared}, £ a week",
        strong=rows.index[rows["funding"] == "all"].tolist(),
        fewest=study.fewest_cases,
    )


def _charges_table(study: Study) -> Table | Missing:
    """Set out how many people are charged for section 117 aftercare."""
    found = study.charges
    if found is None:
        return study.no_ledger
    if not found.known:
        return Missing.of(
            "Whether anybody is charged for section 117 aftercare can't be told from the ledger.",
            "packages",
            ("s117", "client_weekly"),
            "charges for aftercare, which is free",
        )
    rows = pd.DataFrame(
        {
            "name": ["With section 117 aftercare", "Of them, charged for it"],
            "people": [study.counts.of("after", name) for name in ("s117", "charged")],
            "weekly": [float("nan"), found.weekly],
            "hidden": [study.counts.hidden("after", name) for name in ("s117", "charged")],
        }
    )
    title = f"Charges for section 117 aftercare, {words.day(found.as_at)}"
    return _CHARGES.of(rows, title, fewest=study.fewest_cases)


def _reviews_table(study: Study) -> Table | Missing:
    if study.day is None:
        return study.no_ledger
    if study.reviews.empty:
        return Missing.of(
            "The ledger holds no review dates.",
            "packages",
            ("last_review_date",),
            "packages without a review in twelve months",
        )
    rows = study.counts.beside(study.reviews, "team", **_DUE)
    rows = rows.assign(percent=100 * rows["overdue"] / rows["cases"].where(rows["cases"] > 0))
    title = f"Reviews of open packages, {words.day(study.day)}"
    return _REVIEWS.of(rows, title, fewest=study.fewest_cases)


def section(study: Study) -> Section:
    """Show who pays for open packages, who is charged for free aftercare, and what was reviewed."""
    return Section.of(
        headlines(study), _joint_funding_table(study), _charges_table(study), _reviews_table(study)
    )
