"""Whether the rota of approved mental health professionals holds: demand in a day against those on duty."""

from __future__ import annotations

__all__ = ["Rota", "Staff", "rota", "rota_days", "shortfall"]

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from s75lib.stats.queueing import cover_needed, dispersion, exceedance, mmc, servers_needed
from s75lib.workload.assumptions import Assumptions
from s75lib.workload.outlook import Outlook

_WEEKS = 365.25 / 7
_DAYS_A_MONTH = 365.25 / 12
_TARGETS = (0.10, 0.05, 0.01)
_MONTHS_FOR_SCATTER = 24


@dataclass(frozen=True)
class Staff:
    """Who may be on the rota.

    Parameters
    ----------
    in_post, locum : float
        WTE of approved mental health professionals; NaN where not known.
    trainees : float
        People who qualify and join; 0 for none.
    """

    in_post: float = math.nan
    locum: float = math.nan
    trainees: float = 0.0


@dataclass(frozen=True)
class Rota:
    """Demand of a day against the people on duty.

    Parameters
    ----------
    daily_mean, daily_lower, daily_upper : float
        Assessments a day, mean of the months forecast and its 95% interval.
    variance_ratio : float
        Variance of counts as a multiple of their mean, 1 or more.
    on_duty : float
        People on duty in a day, as assumed.
    chances : DataFrame
        on_duty (0, 1, 2 …), probability (that a day's demand exceeds them, each taking one assessment).
    cover : DataFrame
        risk (accepted probability of a shortfall), needed (people on duty).
    cases : DataFrame
        case, on_duty (mean people a day), demand (assessments a day), days, probability (of a shortfall),
        lower, upper (with demand at the ends of its interval), days_short (of the days): as now, with
        trainees, without locums, over a holiday period.
    desk : DataFrame
        The duty as a queue (M/M/c) over the hours on duty: on_duty (1, 2 …), utilisation, p_wait
        (probability that a referral waits), mean_wait (hours; infinite where the queue never settles),
        p_long (probability of more than `accepted_wait`).
    desk_needed : DataFrame
        risk (accepted share that waits longer than `accepted_wait`), needed (people on duty).
    accepted_wait : float
        Hours.
    """

    daily_mean: float
    daily_lower: float
    daily_upper: float
    variance_ratio: float
    on_duty: float
    chances: pd.DataFrame
    cover: pd.DataFrame
    cases: pd.DataFrame
    desk: pd.DataFrame
    desk_needed: pd.DataFrame
    accepted_wait: float


def shortfall(on_duty: float, mean: float, variance_ratio: float = 1.0) -> float:
    """Probability that a day's demand exceeds the people on duty.

    Parameters
    ----------
    on_duty : float
        Mean people on duty; 2.4 means two on six days of ten and three on four.
    mean : float
        Assessments a day.
    variance_ratio : float
        Variance as a multiple of the mean, >= 1.

    Returns
    -------
    float

    Examples
    --------
    >>> round(shortfall(2.5, 1.5), 4) == round((shortfall(2, 1.5) + shortfall(3, 1.5)) / 2, 4)
    True
    """
    low = math.floor(on_duty)
    part = on_duty - low
    return (1 - part) * exceedance(low, mean, variance_ratio) + part * exceedance(
        low + 1, mean, variance_ratio
    )


def rota_days(wte: float, held: Assumptions) -> float:
    """People on duty a day that some WTE of staff give to the rota.

    Parameters
    ----------
    wte : float
    held : Assumptions
        weeks_available and amhp_rota_share.

    Returns
    -------
    float
        Mean over the seven days of a week and the year.
    """
    return wte * 5 / 7 * held.central("weeks_available") / _WEEKS * held.central("amhp_rota_share")


def rota(
    ahead: Outlook, history: pd.DataFrame, held: Assumptions, staff: Staff, *, on_duty: float = math.nan
) -> Rota | None:
    """Set a day's demand for Mental Health Act assessments against the people on duty.

    Parameters
    ----------
    ahead : Outlook
    history : DataFrame
        As `s75lib.workload.series.totals` gives it, for the scatter of the last two years.
    held : Assumptions
    staff : Staff
    on_duty : float
        People on duty in a day; NaN takes the assumption.

    Returns
    -------
    Rota or None
        None without a forecast of mha_assessments.

    Notes
    -----
    Demand of a day is negative binomial. Only monthly counts are known, so days are supposed independent
    with the months' ratio of variance to mean; a bad week is then rarer here than in life. Each person on
    duty takes one assessment a day, which the hours on duty and for an assessment bear out or not: the desk
    shows the same as a queue over the hours on duty, with referrals at random and in a steady state.
    """
    if "mha_assessments" not in ahead.paths:
        return None
    days = ahead.paths["mha_assessments"].mean(axis=1) / _DAYS_A_MONTH
    mean = float(days.mean())
    counts = history.loc[history["measure"] == "mha_assessments", "count"].tail(_MONTHS_FOR_SCATTER)
    found = dispersion(counts.to_numpy()).ratio
    ratio = max(found, 1.0) if not math.isnan(found) else 1.0
    duty = held.central("amhp_on_shift") if math.isnan(on_duty) else on_duty
    low, high = (float(end) for end in np.quantile(days, [0.025, 0.975]))
    levels = range(math.ceil(max(duty, mean)) + 4)
    desk, desk_needed = _desk(mean, max(round(duty), 1), held)
    return Rota(
        daily_mean=mean,
        daily_lower=low,
        daily_upper=high,
        variance_ratio=ratio,
        on_duty=duty,
        chances=pd.DataFrame(
            {"on_duty": levels, "probability": [exceedance(n, mean, ratio) for n in levels]}
        ),
        cover=pd.DataFrame(
            {"risk": _TARGETS, "needed": [cover_needed(mean, risk, ratio) for risk in _TARGETS]}
        ),
        cases=_cases((mean, low, high), duty, ratio, held, staff),
        desk=desk,
        desk_needed=desk_needed,
        accepted_wait=held.central("amhp_wait_hours"),
    )


def _desk(mean: float, duty: int, held: Assumptions) -> tuple[pd.DataFrame, pd.DataFrame]:
    """See the duty as a queue over its hours, from one person to some more than are needed."""
    arrivals, service = mean / held.central("amhp_hours_on_shift"), held.central("hours_per_mha_assessment")
    accepted = held.central("amhp_wait_hours")
    needed = [servers_needed(arrivals, service, risk, within=accepted) for risk in _TARGETS]
    desks = [mmc(arrivals, service, people) for people in range(1, max(duty, *needed) + 2)]
    rows = [
        (desk.servers, desk.utilisation, desk.p_wait, desk.mean_wait, desk.p_wait_longer(accepted))
        for desk in desks
    ]
    columns = ["on_duty", "utilisation", "p_wait", "mean_wait", "p_long"]
    return pd.DataFrame(rows, columns=columns), pd.DataFrame({"risk": _TARGETS, "needed": needed})


def _cases(
    demand: tuple[float, float, float], duty: float, ratio: float, held: Assumptions, staff: Staff
) -> pd.DataFrame:
    """Compare the rota as now with what is to come."""
    rows = [("As now", duty, 1.0, 365.25)]
    joining = staff.trainees * held.central("amhp_rota_days") / 7 * held.central("weeks_available") / _WEEKS
    leaving = rota_days(staff.locum, held) if staff.locum > 0 else 0.0
    changes = [("Trainees join", joining, 0.0), ("Locums leave", 0.0, leaving), ("Both", joining, leaving)]
    rows += [
        (name, max(duty + more - fewer, 0.0), 1.0, 365.25)
        for name, more, fewer in changes
        if (more or fewer) and (name != "Both" or (joining and leaving))
    ]
    fewer = held.central("holiday_fewer_on_duty")
    rows.append(
        (f"Holiday period, {fewer:g} fewer on duty", max(duty - fewer, 0.0),
         held.central("holiday_demand"), held.central("holiday_days"))
    )  # fmt: skip
    table = pd.DataFrame(rows, columns=["case", "on_duty", "factor", "days"])
    for name, mean in zip(("probability", "lower", "upper"), demand, strict=True):
        table[name] = [
            shortfall(there, mean * factor, ratio)
            for there, factor in zip(table["on_duty"], table["factor"], strict=True)
        ]
    table["demand"] = demand[0] * table["factor"]
    table["days_short"] = table["probability"] * table["days"]
    return table.drop(columns="factor")
