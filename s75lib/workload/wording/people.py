"""Sentences on staff needed, posts, recruiting, redeployed people and scenarios."""

from __future__ import annotations

__all__ = [
    "assumption",
    "need",
    "posts",
    "recruitment",
    "redeployed",
    "scenarios",
    "teams",
]

import math

import pandas as pd

from s75lib.present import Headline, words
from s75lib.workload.naming import month_name
from s75lib.workload.study import Study

_LIKELY = 0.5


def need(work: Study) -> list[Headline]:
    """Say what staff the work takes, against those funded and there.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    if "casework" not in work.needed.draws:
        return []
    year = work.needed.year("casework")
    text = (
        f"The expected casework takes {words.number(year['central'])} WTE "
        f"(95% interval {words.interval(year['lower_95'], year['upper_95'], 0)})"
    )
    here = work.now("casework")
    if here is not None:
        mean = work.needed.draws["casework"].mean(axis=1)
        funded, there = float(here["establishment"]), float(here["staffed"])
        text += (
            f": {words.number(funded)} are funded and {words.number(there)} in post with locums. The chance "
            f"that the need exceeds those in post is {words.percent(100 * float((mean > there).mean()), 0)}, "
            f"the funded posts {words.percent(100 * float((mean > funded).mean()), 0)}"
        )
    draws = words.number(len(work.needed.draws["casework"]))
    return [
        Headline("workload.need", f"{text}.", year["central"], "WTE", year["lower_95"], year["upper_95"],
                 f"{draws} joint draws of demand and assumptions; error of the central figure "
                 f"{year['error']:.1f} WTE")
    ]  # fmt: skip


def assumption(work: Study) -> list[Headline]:
    """Say which assumption matters most for the staff needed.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    if work.tornado.empty:
        return []
    top = work.tornado.iloc[0]
    text = (
        f"The assumption that matters most is “{top['label']}”: from its low to its high end the need goes "
        f"from {words.number(top['low'])} to {words.number(top['high'])} WTE."
    )
    return [
        Headline("workload.need.assumption", text, float(top["width"]), "WTE", float(top["low"]),
                 float(top["high"]), "one assumption at a time")
    ]  # fmt: skip


def teams(work: Study) -> list[Headline]:
    """Say which teams have too few in post for the work to be expected.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    if work.team_need is None:
        return []
    table = work.team_need.table
    known = table[table["staffed"].notna()]
    if known.empty:
        return []
    short = known[known["p_gap_to_staffed"] > _LIKELY].sort_values("p_gap_to_staffed", ascending=False)
    if short.empty:
        text = "No team is more likely than not to have too few in post for the work to be expected"
    else:
        said = []
        for row in short.to_dict("records"):
            first = row["first_gap_to_staffed"]
            since = "" if pd.isna(first) else f", from {month_name(first)}"
            chance = words.percent(100 * row["p_gap_to_staffed"], 0)
            said.append(
                f"{row['team']} ({words.number(row['gap_to_staffed'], 1)} WTE, chance {chance}{since})"
            )
        text = f"More likely than not to have too few in post for the expected work: {words.join(said)}"
    return [
        Headline("workload.need.teams", f"{text}.", float(len(short)), "teams",
                 method="the draws of demand and assumptions by team, against casework staff in post")
    ]  # fmt: skip


def recruitment(work: Study) -> list[Headline]:
    """Say what recruiting to every vacancy would bring, and how many posts stay vacant even so.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    found = work.recruitment
    if found is None or found.establishment <= found.in_post:
        return []
    last = found.months.iloc[-1]
    text = (
        f"With every casework vacancy advertised now, {words.number(last['central'], 1)} of "
        f"{words.number(found.establishment, 1)} WTE would be in post in "
        f"{words.count_noun(len(found.months), 'month')} (95% interval "
        f"{words.interval(last['lower_95'], last['upper_95'])}): as people leave, about "
        f"{words.number(found.standing, 1)} WTE stay vacant for the time that it takes to recruit"
    )
    return [
        Headline("workload.recruitment", f"{text}.", float(last["central"]), "WTE",
                 float(last["lower_95"]), float(last["upper_95"]),
                 "vacancies and leavers through the time to recruit; Little's law for those that stay vacant")
    ]  # fmt: skip


def posts(work: Study) -> list[Headline]:
    """Say how many posts are vacant and how many staff are locums.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    said = []
    for pool, name in (("casework", "casework"), ("amhp", "AMHP")):
        here = work.now(pool)
        if here is None or math.isnan(here["vacancy_percent"]):
            continue
        text = (
            f"At {words.day(here['as_at'])}, {words.number(here['vacancy'], 1)} of "
            f"{words.number(here['establishment'], 1)} WTE of {name} posts were vacant "
            f"({words.percent(here['vacancy_percent'], 0)})"
        )
        if here["locum"] > 0:
            premium = work.held["locum_premium"]
            text += (
                f"; locums were {words.number(here['locum'], 1)} WTE, "
                f"{words.percent(here['locum_percent'], 0)} of the staff, and cost as much as "
                f"{words.number(here['locum'] * (1 + premium.central), 1)} WTE of employees "
                f"({words.interval(here['locum'] * (1 + premium.low), here['locum'] * (1 + premium.high))})"
            )
        said.append(
            Headline(f"workload.vacancy.{pool}", f"{text}.", float(here["vacancy_percent"]), "percent")
        )
    return said


def redeployed(work: Study) -> list[Headline]:
    """Say what time redeployed staff bring.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    found = work.redeployed
    if found is None:
        return []
    hours, reviews, assessments = found.table.to_dict("records")
    text = (
        f"The {words.count_noun(found.people, 'member', 'members')} of social care staff who work as care "
        f"coordinators would bring about {words.number(hours['central'])} hours a year for social work if "
        f"each worked on it full time (95% interval "
        f"{words.interval(hours['lower_95'], hours['upper_95'], 0)}): enough for some "
        f"{words.number(reviews['central'])} yearly reviews or {words.number(assessments['central'])} "
        "assessments. The same hours are lost to care coordination"
    )
    return [
        Headline("workload.redeployed", f"{text}.", float(hours["central"]), "hours a year",
                 float(hours["lower_95"]), float(hours["upper_95"]),
                 "people × hours a week × weeks × share with contact, drawn from their ranges")
    ]  # fmt: skip


def scenarios(work: Study) -> list[Headline]:
    """Say what the scenarios change.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    if work.run is None or len(work.run.table) < 2:
        return []
    table = work.run.table.iloc[1:].sort_values("gap_to_staffed")
    worst, best = table.iloc[-1], table.iloc[0]
    text = f"Of the scenarios, “{worst['scenario']}” weighs most: {_gap(worst)}"
    if not pd.isna(worst["first_gap_to_staffed"]):
        text += f", from {month_name(worst['first_gap_to_staffed'])}"
    if len(table) > 1:
        text += f"; “{best['scenario']}” least: {_gap(best)}"
    return [
        Headline("workload.scenarios", f"{text}.", float(worst["gap_to_staffed"]), "WTE",
                 float(worst["gap_lower_to_staffed"]), float(worst["gap_upper_to_staffed"]),
                 "the forecast's draws with the scenario's changes, against those in post with locums")
    ]  # fmt: skip


def _gap(row: pd.Series) -> str:
    gap = float(row["gap_to_staffed"])
    side = "short" if gap > 0 else "to spare"
    chance = words.percent(100 * row["p_gap_to_staffed"], 0)
    return f"{words.number(abs(gap), 1)} WTE {side}, with a chance of a gap of {chance}"
