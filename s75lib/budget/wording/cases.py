"""Sentences on where the cost sits and on who pays."""

from __future__ import annotations

__all__ = ["funding", "pressure"]

from s75lib.budget.naming import pounds
from s75lib.budget.picks import record
from s75lib.budget.study import Study
from s75lib.budget.wording.reasons import moved
from s75lib.present import Headline, words

_NHS = "NHS contributions over gross cost a week"


def pressure(study: Study) -> list[Headline]:
    """Say in which setting the net cost moved, how concentrated it is, and where prices stand out.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Headline
        Empty for fewer than two snapshots.
    """
    if study.pair is None or study.concentration is None:
        return []
    said: list[Headline] = []
    settings = study.by["setting"].set_index("setting")["change"]
    gone = any(study.counts.hidden(side, "setting", value="bed-based") for side in ("before", "after"))
    if "bed-based" in settings.index and not gone:
        beds, whole = float(settings["bed-based"]), float(settings.sum())
        said.append(
            Headline(
                "budget.setting",
                f"Bed-based care {moved(beds, 'a week')} net; all care {moved(whole, 'a week')}.",
                beds,
                "£ a week",
                method="net cost of open packages",
                see=("where.setting",),
            )
        )
    spread = study.concentration
    if spread.people >= 10 * study.fewest:
        said.append(
            Headline(
                "budget.concentration",
                f"The dearest tenth of the {words.number(spread.people)} people take "
                f"{words.percent(spread.top_tenth_percent, 0)} of the net cost.",
                spread.top_tenth_percent,
                "percent",
                method="Lorenz curve of net weekly cost",
                see=("concentration",),
            )
        )
    far = int(study.unit_costs["outliers"].sum())
    if far:
        told = far >= study.fewest
        who = words.count_noun(far, "case") if told else f"Fewer than {study.fewest} cases"
        verb = "is" if told and far == 1 else "are"
        said.append(
            Headline(
                "budget.outliers",
                f"{who} {verb} priced far above the usual price of the care type.",
                float(far) if told else None,
                "cases",
                method="Tukey's upper fence",
                see=("outliers", "unit_costs"),
            )
        )
    return said


def funding(study: Study) -> list[Headline]:
    """Say how the NHS share moved, whether aftercare is charged for, and how many cases lack a review.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Headline
        Empty for fewer than two snapshots.
    """
    if study.pair is None:
        return []
    said = _shares(study) if study.packages["health_weekly"].notna().any() else []
    charged = study.charges
    if charged is not None and charged.known and charged.people:
        told = not study.counts.hidden("after", "charged")
        who = words.count_noun(charged.people, "person", "people") if told else "Some people"
        verb = "is" if told and charged.people == 1 else "are"
        money = f", {pounds(charged.weekly)} a week together" if told else ""
        said.append(
            Headline(
                "budget.s117_charges",
                f"{who} with section 117 aftercare {verb} charged for it{money}. Aftercare is free: each "
                "such "
                "charge should be examined.",
                float(charged.people) if told else None,
                "people",
                method="open section 117 packages with a client contribution",
                see=("charges",),
            )
        )
    return said + _reviews(study)


def _shares(study: Study) -> list[Headline]:
    """Say what the NHS pays, in all and by why it pays, where it moved by a point or more."""
    rows = study.joint_funding
    rows = rows[(rows["service_group"] == "") & (rows["funding"] != "none")]
    whole = record(rows, funding="all")
    said = [
        Headline(
            "budget.nhs_share",
            f"The NHS pays {words.percent(whole['health_percent_after'])} of the gross cost of open "
            "packages, "
            f"{words.percent(whole['health_percent_before'])} before: {words.points(whole['points'])}.",
            float(whole["points"]),
            "percentage points",
            method=_NHS,
            see=("joint_funding",),
        )
    ]
    for row in rows[rows["funding"] != "all"].to_dict("records"):
        name = str(row["funding"])
        hidden = any(study.counts.hidden(side, "funding", value=name) for side in ("before", "after"))
        if hidden or not abs(row["points"]) >= 1:
            continue
        why = "jointly funded" if name == "joint" else f"{name}-funded"
        said.append(
            Headline(
                f"budget.nhs_share.{name.lower()}",
                f"Of {why} packages the NHS pays {words.percent(row['health_percent_after'])} of the gross "
                "cost, "
                f"{words.percent(row['health_percent_before'])} before: {words.points(row['points'])}.",
                float(row["points"]),
                "percentage points",
                method=_NHS,
                see=("joint_funding",),
            )
        )
    return said


def _reviews(study: Study) -> list[Headline]:
    if study.reviews.empty:
        return []
    due, overdue = (study.counts.said("after", name) for name in ("due", "overdue"))
    cases, late = (study.counts.of("after", name) for name in ("due", "overdue"))
    told = not any(study.counts.hidden("after", name) for name in ("due", "overdue", "reviewed"))
    share = f" ({words.percent(100 * late / cases, 0)})" if told and cases else ""
    return [
        Headline(
            "budget.reviews",
            f"Of {due} cases open for a year or more, {overdue} had no review in the last twelve "
            f"months{share}.",
            float(late) if told else None,
            "cases",
            method="latest review date of a case",
            see=("reviews",),
        )
    ]
