"""Sentences on staff needed, posts, the rota, redeployed people and scenarios."""

from __future__ import annotations

__all__ = ["need", "posts", "redeployed", "rota", "scenarios"]

import math

import pandas as pd

from s75lib.present import Headline, words
from s75lib.workload.naming import month_name
from s75lib.workload.rota import rota_days
from s75lib.workload.study import Study

_WEEKS = 365.25 / 7


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
            "that "
            f"the need exceeds those in post is {words.percent(100 * float((mean > there).mean()), 0)}, "
            f"the funded posts {words.percent(100 * float((mean > funded).mean()), 0)}"
        )
    said = [
        Headline("workload.need", f"{text}.", year["central"], "WTE", year["lower_95"], year["upper_95"],
                 "2,000 joint draws of demand and assumptions; error of the central figure "
                 f"{year['error']:.1f} WTE")
    ]  # fmt: skip
    if len(work.tornado):
        top = work.tornado.iloc[0]
        said.append(
            Headline(
                "workload.need.assumption",
                f"The assumption that matters most is “{top['label']}”: from its low to its high end the "
                "need goes "
                f"from {words.number(top['low'])} to {words.number(top['high'])} WTE.",
                float(top["width"]), "WTE", float(top["low"]), float(top["high"]), "one assumption at a time",
            )
        )  # fmt: skip
    if len(work.pile):
        last = work.pile.iloc[-1]
        said.append(
            Headline(
                "workload.backlog",
                "With the staff now in post, work would be waiting after "
                f"{words.count_noun(len(work.pile), 'month')} "
                f"with a chance of {words.percent(100 * last['p_any'], 0)}; in one case in ten it would be "
                f"{words.number(last['upper_80'], 1)} weeks of the whole staff's work or more.",
                float(last["upper_80"]), "weeks of work", 0.0, float(last["upper_95"]),
                "monthly recursion of work against staff over the draws",
            )
        )  # fmt: skip
    return said


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
                f"{words.percent(here['locum_percent'], 0)} of the "
                f"staff, and cost as much as {words.number(here['locum'] * (1 + premium.central), 1)} WTE of "
                "employees "
                f"({words.interval(here['locum'] * (1 + premium.low), here['locum'] * (1 + premium.high))})"
            )
        said.append(
            Headline(f"workload.vacancy.{pool}", f"{text}.", float(here["vacancy_percent"]), "percent")
        )
    return said


def rota(work: Study) -> list[Headline]:
    """Say whether the AMHP rota holds, and what joiners and leavers do.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    if work.rota is None:
        return _rota_days(work)
    cases = work.rota.cases
    now = cases.iloc[0]
    needed = float(work.rota.cover.loc[work.rota.cover["risk"] == 0.05, "needed"].iloc[0])
    text = (
        f"With {words.number(now['on_duty'])} AMHPs on duty, demand for Mental Health Act assessments would "
        "exceed them "
        f"on {words.percent(100 * now['probability'], 0)} of days, about {words.number(now['days_short'])} a "
        "year; "
        f"a shortfall on no more than 5% of days takes {words.number(needed)}"
    )
    said = [
        Headline("workload.rota", f"{text}.", 100 * float(now["probability"]), "percent",
                 method="negative-binomial daily counts from the months' mean and scatter")
    ]  # fmt: skip
    both = cases[cases["case"].isin(["Both", "Trainees join", "Locums leave"])]
    if len(both):
        parts = [
            f"{row['case'].lower()}: {words.percent(100 * row['probability'], 0)}"
            for row in both.to_dict("records")
        ]
        text = f"Share of days short as the rota changes – {words.join(parts)}"
        last = both.iloc[-1]
        said.append(
            Headline("workload.rota.changes", f"{text}.", 100 * float(last["probability"]), "percent")
        )
    return said


def _rota_days(work: Study) -> list[Headline]:
    """Weigh what trainees bring against what locums take, where demand is not known."""
    trainees, locums = work.facts.get("amhp_trainees", 0.0), work.facts.get("amhp_locums", 0.0)
    if not trainees or not locums:
        return []
    days, weeks = work.held["amhp_rota_days"], work.held.central("weeks_available") / _WEEKS
    brought = [trainees * value * weeks for value in (days.low, days.central, days.high)]
    taken = 7 * rota_days(locums, work.held)
    name = "locum post" if locums == 1 else f"{words.number(locums)} locum posts"
    text = (
        f"The {words.count_noun(trainees, 'AMHP trainee')} would bring about {words.number(brought[1], 1)} "
        "rota days a "
        f"week ({words.interval(brought[0], brought[2])}); the {name} that "
        "is to go "
        f"gives about {words.number(taken, 1)}. Both are assumptions on the share of time spent on the rota"
    )
    net = brought[1] - taken
    return [
        Headline("workload.rota.days", f"{text}.", net, "rota days a week",
                 brought[0] - taken, brought[2] - taken,
                 "people × rota days a week × weeks available; range of the days that a trainee gives")
    ]  # fmt: skip


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
    text = (
        f"The {words.count_noun(found.people, 'member', 'members')} of social care staff who work as care "
        "coordinators "
        f"would bring about {words.number(found.hours, 0)} hours a year for social work if each worked on it "
        "full time "
        f"(95% interval {words.interval(found.hours_low, found.hours_high, 0)}): enough for some "
        f"{words.number(found.reviews)} yearly reviews or {words.number(found.assessments)} assessments. The "
        "same "
        "hours are lost to care coordination"
    )
    return [
        Headline("workload.redeployed", f"{text}.", found.hours, "hours a year",
                 found.hours_low, found.hours_high,
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
    table = work.run.table.iloc[1:].sort_values("gap")
    worst, best = table.iloc[-1], table.iloc[0]
    text = f"Of the scenarios, “{worst['scenario']}” weighs most: {_gap(worst)}"
    if not pd.isna(worst["first_gap"]):
        text += f", from {month_name(worst['first_gap'])}"
    if len(table) > 1:
        text += f"; “{best['scenario']}” least: {_gap(best)}"
    return [
        Headline("workload.scenarios", f"{text}.", float(worst["gap"]), "WTE",
                 method="the forecast's draws with the scenario's changes")
    ]  # fmt: skip


def _gap(row: pd.Series) -> str:
    gap = float(row["gap"])
    side = "short" if gap > 0 else "to spare"
    chance = words.percent(100 * row["p_gap"], 0)
    return f"{words.number(abs(gap), 1)} WTE {side}, with a chance of a gap of {chance}"
