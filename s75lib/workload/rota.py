"""Rota: approved mental health professionals (AMHPs) on duty against a day's demand.

`on_duty` are people on duty in a day (NaN takes the assumption), `locums` the WTE of AMHPs who may leave,
`trainees` people who qualify and join; 0 for none, or NaN.
"""

from __future__ import annotations

__all__ = ["Rota", "rota_cover"]

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from s75lib.present import Column, Figure, Headline, Missing, Need, Section, Table, charts, table_of, words
from s75lib.stats.queueing import Desk, cover_needed, dispersion, exceedance, servers_needed
from s75lib.workload.activity import SMALL, ranges
from s75lib.workload.assumptions import Assumptions
from s75lib.workload.demand import Outlook

if TYPE_CHECKING:
    from s75lib.workload.study import Study

_WEEKS = 365.25 / 7
_DAYS_A_MONTH = 365.25 / 12
_TARGETS = (0.10, 0.05, 0.01)
_AIM = 5.0  # % of days
_MONTHS_FOR_SCATTER = 24
NO_ROTA = Missing(
    "Whether the rota of approved mental health professionals holds can't be tested: the number of Mental "
    "Health Act assessments is not held.",
    (
        Need("activity", ("month", "measure", "count"), "rows with measure mha_assessments"),
        Need("workforce", ("role", "wte_in_post", "wte_locum"), "rows for AMHPs: who joins and leaves"),
    ),
)


@dataclass(frozen=True)
class Rota:
    """Demand of a day (assessments) against the people on duty.

    - `variance_ratio`: Variance of counts as a multiple of their mean, >= 1.
    - `chances`: on_duty (0, 1, 2 …), probability (that a day's demand exceeds them, each taking one
      assessment).
    - `cover`: People on duty by the accepted probability of a shortfall.
    - `cases`: case, on_duty (mean people a day), demand, days, probability (of a shortfall), lower, upper
      (with demand at the ends of its interval), days_short: as now, with trainees, without locums, over a
      holiday period.
    - `desk`, `desk_needed`: The duty as a queue (M/M/c) over the hours on duty: on_duty, utilisation, p_wait
      (probability that a referral waits), mean_wait (hours; infinite where the queue never settles), p_long
      (probability of more than the wait accepted); and people by the accepted share that waits longer.
    """

    daily_mean: float
    variance_ratio: float
    chances: pd.DataFrame
    cover: dict[float, int]
    cases: pd.DataFrame
    desk: pd.DataFrame
    desk_needed: dict[float, int]


def shortfall(on_duty: float, mean: float, variance_ratio: float = 1.0) -> float:
    """Probability that a day's demand exceeds those on duty; 2.4 are two on six days in ten, else three."""
    low = math.floor(on_duty)
    part = on_duty - low
    fewer, more = (exceedance(people, mean, variance_ratio) for people in (low, low + 1))
    return (1 - part) * fewer + part * more


def _rota_share(wte: float, assumptions: Assumptions) -> float:
    """People on duty a day, over all days of the year, that some WTE of staff give to the rota."""
    days = wte * 5 / 7 * assumptions.central("weeks_available") / _WEEKS
    return days * assumptions.central("amhp_rota_share")


def rota_cover(
    outlook: Outlook,
    totals: pd.DataFrame,
    assumptions: Assumptions,
    *,
    on_duty: float = math.nan,
    locums: float = 0.0,
    trainees: float = 0.0,
) -> Rota | None:
    """Set a day's demand for Mental Health Act assessments against the people on duty.

    None without a forecast of mha_assessments. Demand of a day is negative binomial. Only monthly counts are
    known, so days are supposed independent with the months' ratio of variance to mean; a bad week is then
    rarer here than in life. Each person on duty takes one assessment a day; the desk shows the same as a
    queue over the hours on duty, with referrals at random and in a steady state. The scatter is that of the
    last two years.

    Examples
    --------
    About one assessment a day, and the three people on duty that are assumed:

    >>> months = pd.date_range("2024-08-01", periods=8, freq="MS")
    >>> activity = pd.DataFrame({"month": months, "measure": "mha_assessments", "count": 30.0})
    >>> series = monthly(activity.assign(service_group="", team=""))
    >>> found = rota_cover(expected_demand(series), series.totals, in_force())
    >>> round(found.daily_mean), found.cases["case"].tolist()
    (1, ['As now', 'Holiday period, 1 fewer on duty'])
    """
    if "mha_assessments" not in outlook.paths:
        return None
    days = outlook.paths["mha_assessments"].mean(axis=1) / _DAYS_A_MONTH
    mean = float(days.mean())
    low, high = (float(end) for end in np.quantile(days, [0.025, 0.975]))
    counts = totals.loc[totals["measure"] == "mha_assessments", "count"]
    ratio = dispersion(counts.tail(_MONTHS_FOR_SCATTER))
    duty = assumptions.central("amhp_on_shift") if math.isnan(on_duty) else on_duty
    levels = range(math.ceil(max(duty, mean)) + 4)
    chances = [exceedance(people, mean, ratio) for people in levels]
    desk, desk_needed = _desk(mean, max(round(duty), 1), assumptions)
    return Rota(
        daily_mean=mean,
        variance_ratio=ratio,
        chances=pd.DataFrame({"on_duty": levels, "probability": chances}),
        cover={risk: cover_needed(mean, risk, ratio) for risk in _TARGETS},
        cases=_cases((mean, low, high), duty, ratio, assumptions, locums, trainees),
        desk=desk,
        desk_needed=desk_needed,
    )


def _desk(mean: float, duty: int, assumptions: Assumptions) -> tuple[pd.DataFrame, dict[float, int]]:
    """See the duty as a queue over its hours, from one person to some more than are needed."""
    arrivals = mean / assumptions.central("amhp_hours_on_shift")
    service, accepted = map(assumptions.central, ("hours_per_mha_assessment", "amhp_wait_hours"))
    needed = {risk: servers_needed(arrivals, service, risk, within=accepted) for risk in _TARGETS}
    desks = [Desk(arrivals, service, people) for people in range(1, max(duty, *needed.values()) + 2)]
    rows = [
        (desk.servers, desk.utilisation, desk.p_wait, desk.mean_wait, desk.p_wait_longer(accepted))
        for desk in desks
    ]
    return pd.DataFrame(rows, columns=["on_duty", "utilisation", "p_wait", "mean_wait", "p_long"]), needed


def _cases(
    demand: tuple[float, float, float],
    duty: float,
    ratio: float,
    assumptions: Assumptions,
    locums: float,
    trainees: float,
) -> pd.DataFrame:
    central = assumptions.central
    joining = trainees * central("amhp_rota_days") / 7 * central("weeks_available") / _WEEKS
    leaving = _rota_share(locums, assumptions) if locums > 0 else 0.0
    fewer = central("holiday_fewer_on_duty")
    holiday = f"Holiday period, {fewer:g} fewer on duty"
    rows = [
        ("As now", True, duty, 1.0, 365.25),
        ("Trainees join", joining, duty + joining, 1.0, 365.25),
        ("Locums leave", leaving, duty - leaving, 1.0, 365.25),
        ("Both", joining and leaving, duty + joining - leaving, 1.0, 365.25),
        (holiday, True, duty - fewer, central("holiday_demand"), central("holiday_days")),
    ]
    cases = [(case, max(there, 0.0), factor, days) for case, applies, there, factor, days in rows if applies]
    table = pd.DataFrame(cases, columns=["case", "on_duty", "factor", "days"])
    for name, mean in zip(("probability", "lower", "upper"), demand, strict=True):
        there = zip(table["on_duty"], table["factor"], strict=True)
        table[name] = [shortfall(people, mean * factor, ratio) for people, factor in there]
    table["demand"] = demand[0] * table["factor"]
    table["days_short"] = table["probability"] * table["days"]
    return table.drop(columns="factor")


def headlines(study: Study) -> list[Headline]:
    """Say whether the rota holds and what changes it, or what comes and goes where demand is not known."""
    found = study.rota
    if found is None:
        return _rota_days(study)
    now, changes = found.cases.iloc[0], found.cases.iloc[1:]
    chance, low, high = (100 * float(now[name]) for name in ("probability", "lower", "upper"))
    needed = found.cover[_AIM / 100]
    unsure = " At the low end of the demand expected the aim is met." if low <= _AIM < chance else ""
    text = (
        f"With {words.number(now['on_duty'])} approved mental health professionals (AMHPs) on duty, "
        f"{words.percent(chance, 0)} of days fall short (95% interval {words.interval(low, high, 0, '%')}), "
        f"{'missing' if chance > _AIM else 'within'} the aim of {_AIM:.0f}%.{unsure} "
        f"That is about {words.number(now['days_short'])} days a year. "
        f"It takes {words.number(needed)} on duty to be short on no more than {_AIM:.0f}% of days."
    )
    method = (
        "negative-binomial daily counts from the months' mean and scatter; interval from the forecast of "
        "demand"
    )
    parts = [
        f"{row['case'][:1].lower()}{row['case'][1:]}: {words.percent(100 * row['probability'], 0)}"
        for row in changes.to_dict("records")
    ]
    changed = f"Share of days short as the rota changes – {words.join(parts)}."
    last = 100 * float(changes["probability"].iloc[-1])
    return [
        Headline(
            "workload.rota",
            text,
            chance,
            "percent",
            low,
            high,
            method,
            stake="people",
            cell=("cover", str(now["case"]), "probability"),
            against=_AIM,
            line="aim",
            figure=words.percent(chance, 0),
        ),
        Headline(
            "workload.rota.changes",
            changed,
            last,
            "percent",
            cell=("cover", "", "probability"),
            figure=words.percent(last, 0),
        ),
    ]


def _rota_days(study: Study) -> list[Headline]:
    """Weigh what trainees bring against what locums take, where demand is not known."""
    trainees, locums = study.facts.get("amhp_trainees", 0.0), study.facts.get("amhp_locums", 0.0)
    if not trainees or not locums:
        return []
    days = study.assumptions["amhp_rota_days"]
    weeks = study.assumptions.central("weeks_available") / _WEEKS
    low, central, high = (trainees * value * weeks for value in (days.low, days.central, days.high))
    taken = 7 * _rota_share(locums, study.assumptions)
    name = "locum post" if locums == 1 else f"{words.number(locums)} locum posts"
    trainee = "trainee approved mental health professional (AMHP)"
    text = (
        f"{words.count_noun(trainees, trainee, trainee.replace('l (', 'ls ('))} would bring about "
        f"{words.number(central, 1)} rota days a week ({words.interval(low, high)}). The {name} that is "
        f"to go gives about {words.number(taken, 1)}. Both are assumptions on the share of time spent on the "
        "rota."
    )
    return [
        Headline(
            "workload.rota.days",
            text,
            central,
            "rota days a week",
            low,
            high,
            "people × rota days a week × weeks available; range of the days that a trainee gives",
            see=("assumptions",),
            stake="people" if taken > central else "context",
            figure=f"{words.number(central, 1)} days a week",
        )
    ]


def _short(now: pd.Series) -> str:
    return (
        f"With {words.number(now['on_duty'])} AMHPs on duty, demand would exceed them on "
        f"{words.percent(100 * now['probability'], 0)} of days"
    )


CHANCES = table_of(
    "rota.data",
    Column("on_duty", "On duty", "number", unit="people"),
    Column("percent", "Days short", "percent", 1, "percent"),
)


def _figure(study: Study, found: Rota) -> Figure:
    rows = found.chances.assign(percent=100 * found.chances["probability"])
    sheet, axis = charts.drawing(3.0)
    here = rows["on_duty"] == round(found.cases["on_duty"].iloc[0])
    axis.bar(rows["on_duty"], rows["percent"], color=np.where(here, charts.BLUE, charts.LIGHT), width=0.7)
    for people, share in zip(rows["on_duty"], rows["percent"], strict=True):
        charts.note(axis, words.percent(share, 1 if share < 10 else 0), (people, share), (0, 3), ha="center")
    ticks = [f"{n}\nas now" if mine else f"{n}" for n, mine in zip(rows["on_duty"], here, strict=True)]
    axis.set_xticks(rows["on_duty"], ticks, fontsize=SMALL)
    axis.set_xlabel("AMHPs on duty", fontsize=SMALL)
    axis.set_ylabel("% of days short", fontsize=SMALL)
    axis.set_ylim(0, float(rows["percent"].max()) * 1.12)
    title = _short(found.cases.iloc[0])
    alt = f"Columns of the share of days on which assessments exceed AMHPs on duty, by their number. {title}."
    a_day = words.number(found.daily_mean, 2)
    subtitle = f"{a_day} Mental Health Act assessments a day expected, {study.place}"
    data = CHANCES.of(rows, "Days on which demand exceeds those on duty")
    return Figure("rota", title, subtitle, alt, sheet, data, f"{study.place}, activity; assumptions")


COVER = table_of(
    "cover",
    Column("case", "Case"),
    Column("on_duty", "On duty a day", "number", 1, "people"),
    Column("demand", "Assessments a day", "number", 2),
    Column("probability", "Days on which demand exceeds those on duty", "percent", 1, "percent"),
    Column("interval", "95% interval, from demand"),
    Column("days", "Days looked at", "number"),
    Column("days_short", "Of them, days short", "number"),
)


def _cover_table(study: Study, found: Rota) -> Table:
    frame = found.cases.copy()
    frame[["probability", "lower", "upper"]] *= 100
    frame["interval"] = ranges(frame, "lower", "upper", 1, "%")
    how = (
        f"On duty for a shortfall on no more than {_targets(found.cover, 'days')}. Daily counts are "
        f"taken as independent with {words.number(found.variance_ratio, 1)} times Poisson's variance, as "
        "the months have; a run of bad days is rarer here than in life."
    )
    return COVER.of(frame, f"Cover of the AMHP rota, {study.place}", notes=[how])


DESK = table_of(
    "desk",
    Column("on_duty", "On duty", "number", unit="people"),
    Column("use", "Use of their time", "percent", 0, "percent"),
    Column("waits", "Referrals that wait"),
    Column("hours", "Mean wait, hours on duty"),
    Column("long", "Wait over"),
)


def _desk_table(study: Study, found: Rota) -> Table:
    """Set out the duty desk as a queue: who waits, how long, and how many people it takes."""
    frame = found.desk.assign(
        use=100 * found.desk["utilisation"],
        waits=[words.percent(100 * share, 0) for share in found.desk["p_wait"]],
        hours=[words.number(wait, 1) for wait in found.desk["mean_wait"]],
        long=[words.percent(100 * share, 0) for share in found.desk["p_long"]],
    )
    frame.loc[frame["utilisation"] >= 1, ["waits", "hours", "long"]] = ["all", "grows without end", "all"]
    each, wait = map(study.assumptions.central, ("hours_per_mha_assessment", "amhp_wait_hours"))
    accepted = words.count_noun(wait, "hour")
    how = (
        f"A queue with random arrivals and lengths (M/M/c) over the hours on duty, {words.number(each, 1)} "
        f"hours an assessment. For a wait over {accepted} of no more than "
        f"{_targets(found.desk_needed, 'referrals')}. Referrals in the night, planned assessments and "
        "waits for a doctor or a bed are not in it."
    )
    table = replace(DESK, columns=(*DESK.columns[:-1], Column("long", f"Wait over {accepted}")))
    return table.of(frame, f"The AMHP duty desk as a queue, {study.place}", notes=[how])


def _targets(needed: dict[float, int], of: str) -> str:
    said = [f"{words.percent(100 * risk, 0)} of {of}: {people}" for risk, people in needed.items()]
    return words.join(said)


def section(study: Study) -> Section:
    """Show whether the rota holds."""
    found = study.rota
    if found is None:
        return Section.of(headlines(study), NO_ROTA)
    parts = _figure(study, found), _cover_table(study, found), _desk_table(study, found)
    return Section.of(headlines(study), *parts)
