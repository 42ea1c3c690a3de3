"""Sentences on work that waits and on the rota of approved mental health professionals."""

from __future__ import annotations

__all__ = ["backlog", "rota", "rota_changes"]

import math

from s75lib.present import Headline, words
from s75lib.workload.rota import rota_days
from s75lib.workload.study import Study

_WEEKS = 365.25 / 7


def backlog(work: Study) -> list[Headline]:
    """Say what would wait with the staff of now, and how long it would take to clear.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    if work.piles.empty:
        return []
    now = work.piles.iloc[0]
    months = words.count_noun(len(work.pile), "month")
    text = (
        f"With the staff now in post, work would be waiting after {months} with a chance of "
        f"{words.percent(100 * now['p_any'], 0)}; in one case in ten it would be "
        f"{words.number(now['upper_80'], 1)} weeks of the whole staff's work or more"
    )
    if now["upper_80"] > 0 and math.isfinite(now["clear"]):
        text += f", which every funded post filled would clear in {words.number(now['clear'], 1)} months"
    return [
        Headline("workload.backlog", f"{text}.", float(now["upper_80"]), "weeks of work", 0.0,
                 float(now["upper_95"]), "monthly recursion of work against staff over the draws")
    ]  # fmt: skip


def rota(work: Study) -> list[Headline]:
    """Say whether the AMHP rota holds, or what joiners and leavers bring where demand is not known.

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
    ends = words.interval(100 * now["lower"], 100 * now["upper"], 0, "%")
    text = (
        f"With {words.number(now['on_duty'])} AMHPs on duty, demand for Mental Health Act assessments would "
        f"exceed them on {words.percent(100 * now['probability'], 0)} of days (95% interval {ends}), about "
        f"{words.number(now['days_short'])} a year; a shortfall on no more than 5% of days takes "
        f"{words.number(needed)}"
    )
    return [
        Headline("workload.rota", f"{text}.", 100 * float(now["probability"]), "percent",
                 100 * float(now["lower"]), 100 * float(now["upper"]),
                 "negative-binomial daily counts from the months' mean and scatter; interval from the "
                 "forecast of demand")
    ]  # fmt: skip


def rota_changes(work: Study) -> list[Headline]:
    """Say what trainees, leaving locums and a holiday period do to the rota.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    if work.rota is None:
        return []
    changes = work.rota.cases.iloc[1:]
    parts = [
        f"{row['case'][:1].lower()}{row['case'][1:]}: {words.percent(100 * row['probability'], 0)}"
        for row in changes.to_dict("records")
    ]
    text = f"Share of days short as the rota changes – {words.join(parts)}"
    last = float(changes["probability"].iloc[-1])
    return [Headline("workload.rota.changes", f"{text}.", 100 * last, "percent")]


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
        f"rota days a week ({words.interval(brought[0], brought[2])}); the {name} that is to go gives about "
        f"{words.number(taken, 1)}. Both are assumptions on the share of time spent on the rota"
    )
    net = brought[1] - taken
    return [
        Headline("workload.rota.days", f"{text}.", net, "rota days a week",
                 brought[0] - taken, brought[2] - taken,
                 "people × rota days a week × weeks available; range of the days that a trainee gives")
    ]  # fmt: skip
