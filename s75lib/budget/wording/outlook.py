"""Sentences on the outturn, on where the cost sits and on who pays."""

from __future__ import annotations

__all__ = [
    "funding",
    "outturn",
    "pressure",
]

import pandas as pd

from s75lib.budget import funding as payers
from s75lib.budget import ledger
from s75lib.budget import outturn as outturns
from s75lib.budget import pressure as places
from s75lib.budget.disclosure import small
from s75lib.budget.naming import pounds
from s75lib.budget.picks import record
from s75lib.budget.position import trend
from s75lib.budget.wording.reasons import moved
from s75lib.present import Headline, words


def outturn(budget: pd.DataFrame, packages: pd.DataFrame) -> list[Headline]:
    """Say where the year is heading: the projection, last year's course as a scenario, the full-year effect.

    Parameters
    ----------
    budget, packages : DataFrame
        The contract's datasets.

    Returns
    -------
    list of Headline
        Empty where none of it can be had.
    """
    said: list[Headline] = []
    rows = trend(budget)
    rows = rows[(rows["scope"] == "all") & (rows["level"] == "net")]
    inside = int(rows.groupby("financial_year").size().sub(1).sum()) if len(rows) else 0
    if inside >= 3 and rows["commitment"].notna().all():
        found = outturns.project(rows)
        if found.as_at < found.year_end:
            said.append(
                Headline(
                    "budget.outturn",
                    "If packages go on starting, stopping and changing price as before, the net "
                    "commitment of "
                    f"{pounds(found.commitment)} ends the year near {pounds(found.projected)} "
                    f"({100 * found.confidence:.0f}% prediction interval {pounds(found.lower)} to "
                    f"{pounds(found.upper)}, from "
                    f"{words.count_noun(found.movements, 'past movement')}), other adjustments left out.",
                    found.projected,
                    "£",
                    found.lower,
                    found.upper,
                    found.method,
                )
            )
            said += _scenarios(rows, found)
    if len(packages):
        rate = outturns.run_rate(packages)
        word = "more" if rate.full_year_effect >= 0 else "less"
        said.append(
            Headline(
                "budget.full_year",
                f"The packages that will be open at the end of {rate.year} cost "
                f"{pounds(rate.full_year)} net in a full "
                f"{rate.next_year} at today's prices, {pounds(rate.full_year_effect)} {word} than "
                "this year's commitment.",
                rate.full_year_effect,
                "£",
                method="open packages × days of the next year, less the commitment",
            )
        )
    return said


def pressure(packages: pd.DataFrame, *, fewest: int) -> list[Headline]:
    """Say in which setting the net cost moved, how concentrated it is, and where prices stand out.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    fewest : int
        Fewest people that a sentence may count.

    Returns
    -------
    list of Headline
    """
    chosen = ledger.pair(packages)
    if chosen is None:
        return []
    settings = places.by(packages, "setting", *chosen).set_index("setting")["change"]
    said = []
    if "bed-based" in settings.index:
        beds, whole = float(settings["bed-based"]), float(settings.sum())
        said.append(
            Headline(
                "budget.setting",
                f"Bed-based care {moved(beds, 'a week')} net; all care {moved(whole, 'a week')}.",
                beds,
                "£ a week",
                method="net cost of open packages",
            )
        )
    spread = places.concentration(packages, chosen[1])
    if spread.people >= 10 * fewest:
        said.append(
            Headline(
                "budget.concentration",
                f"The dearest tenth of the {words.number(spread.people)} people take "
                f"{words.percent(spread.top_tenth_percent, 0)} of the net cost.",
                spread.top_tenth_percent,
                "percent",
                method="Lorenz curve of net weekly cost",
            )
        )
    far = int(places.unit_costs(packages, chosen[1])["outliers"].sum())
    if far:
        said.append(
            Headline(
                "budget.outliers",
                f"{_sentence(small(far, fewest))} open "
                f"{'package stands' if far == 1 else 'packages stand'} far above "
                "the usual price of their care type.",
                float(far) if far >= fewest else None,
                "packages",
                method="Tukey's upper fence",
            )
        )
    return said


def funding(packages: pd.DataFrame, *, fewest: int) -> list[Headline]:
    """Say how the NHS share moved, whether aftercare is charged for, and how many cases lack a review.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    fewest : int
        Fewest people that a sentence may count.

    Returns
    -------
    list of Headline
    """
    chosen = ledger.pair(packages)
    if chosen is None:
        return []
    said: list[Headline] = []
    if packages["health_weekly"].notna().any():
        rows = payers.joint_funding(packages, *chosen)
        rows = rows[(rows["service_group"] == "") & (rows["funding"] != "none")]
        whole = record(rows, funding="all")
        said.append(
            Headline(
                "budget.nhs_share",
                f"The NHS pays {words.percent(whole['health_percent_after'])} of the gross cost of "
                "open packages, "
                f"{words.percent(whole['health_percent_before'])} before: {words.points(whole['points'])}.",
                float(whole["points"]),
                "percentage points",
                method="NHS contributions over gross cost a week",
            )
        )
        known = rows[
            (rows["cases_before"] >= fewest) & (rows["cases_after"] >= fewest) & (rows["funding"] != "all")
        ]
        for row in known.to_dict("records"):
            name = str(row["funding"])
            if abs(row["points"]) >= 1:
                why = "jointly funded" if name == "joint" else f"{name}-funded"
                said.append(
                    Headline(
                        f"budget.nhs_share.{str(name).lower()}",
                        f"Of {why} packages the NHS pays {words.percent(row['health_percent_after'])} "
                        "of the gross cost, "
                        f"{words.percent(row['health_percent_before'])} before: "
                        f"{words.points(row['points'])}.",
                        float(row["points"]),
                        "percentage points",
                        method="NHS contributions over gross cost a week",
                    )
                )
    charged = payers.charges(packages, chosen[1])
    if charged.known and charged.people:
        who = small(charged.people, fewest)
        money = f", {pounds(charged.weekly)} a week together" if charged.people >= fewest else ""
        said.append(
            Headline(
                "budget.s117_charges",
                f"{_sentence(who)} {'person' if charged.people == 1 and fewest == 1 else 'people'} "
                "with section 117 "
                f"aftercare are charged for it{money}. Aftercare is free: each such charge should be "
                "examined.",
                float(charged.people) if charged.people >= fewest else None,
                "people",
                method="open section 117 packages with a client contribution",
            )
        )
    reviews = payers.reviews(packages, chosen[1])
    if len(reviews):
        cases, overdue = int(reviews["cases"].sum()), int(reviews["overdue"].sum())
        said.append(
            Headline(
                "budget.reviews",
                f"Of {small(cases, fewest)} cases open for a year or more, {small(overdue, fewest)} "
                "had no review in the last "
                f"twelve months"
                + (f" ({words.percent(100 * overdue / cases, 0)})." if overdue >= fewest else "."),
                float(overdue) if overdue >= fewest or overdue == 0 else None,
                "cases",
                method="latest review date of a case",
            )
        )
    return said


def _scenarios(rows: pd.DataFrame, found: outturns.Outturn) -> list[Headline]:
    """State what earlier years' last months would mean, or that none is held."""
    repeated = outturns.scenario(rows)
    if not repeated:
        return [
            Headline(
                "budget.scenario",
                "Whether last year's course to the year end would repeat can't be computed: last "
                "year's snapshots are "
                "not held.",
            )
        ]
    return [
        Headline(
            f"budget.scenario.{year}",
            f"If the commitment moved to the year end as in {year}, it would end at {pounds(value)}, "
            f"{pounds(value - found.commitment)} {'more' if value > found.commitment else 'less'} than now.",
            value,
            "£",
            method="relative movement from the same month to the year end",
        )
        for year, value in repeated.items()
    ]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
