"""Whether the rota of approved mental health professionals holds: demand in a day against those on duty."""

from __future__ import annotations

__all__ = ["Rota", "Staff", "rota", "rota_days", "shortfall"]

import math
from dataclasses import dataclass, replace

import pandas as pd

from s75lib.stats.queueing import Desk, cover_needed, dispersion, exceedance, mmc
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
    daily_mean : float
        Assessments a day, mean of the next twelve months.
    variance_ratio : float
        Variance of counts as a multiple of their mean, 1 or more.
    on_duty : float
        People on duty in a day, as assumed.
    chances : DataFrame
        on_duty (0, 1, 2 …), probability (that a day's demand exceeds them, each taking one assessment).
    cover : DataFrame
        risk (accepted probability of a shortfall), needed (people on duty).
    cases : DataFrame
        case, on_duty (mean people a day), demand (assessments a day), probability (of a shortfall): as now,
        with
        trainees, without locums, over a holiday fortnight. ``days_short`` is the number of days a year (in
        the
        fortnight for that case).
    desk : Desk
        The duty seen as a queue, in hours on duty.
    """

    daily_mean: float
    variance_ratio: float
    on_duty: float
    chances: pd.DataFrame
    cover: pd.DataFrame
    cases: pd.DataFrame
    desk: Desk


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
    with the
    months' ratio of variance to mean; a bad week is then rarer here than in life. Each person on duty takes
    one
    assessment a day, which the hours on duty and for an assessment bear out or not: the desk shows the same
    as
    a queue (M/M/c) over the hours on duty.
    """
    if "mha_assessments" not in ahead.paths:
        return None
    mean = float(ahead.paths["mha_assessments"].mean()) / _DAYS_A_MONTH
    counts = history.loc[history["measure"] == "mha_assessments", "count"].tail(_MONTHS_FOR_SCATTER)
    found = dispersion(counts.to_numpy()).ratio
    ratio = max(found, 1.0) if not math.isnan(found) else 1.0
    duty = held.central("amhp_on_shift") if math.isnan(on_duty) else on_duty
    levels = range(math.ceil(max(duty, mean)) + 4)
    hours = held.central("amhp_hours_on_shift")
    desk = mmc(mean / hours, held.central("hours_per_mha_assessment"), max(round(duty), 1))
    made = Rota(
        daily_mean=mean,
        variance_ratio=ratio,
        on_duty=duty,
        chances=pd.DataFrame(
            {"on_duty": levels, "probability": [exceedance(n, mean, ratio) for n in levels]}
        ),
        cover=pd.DataFrame(
            {"risk": _TARGETS, "needed": [cover_needed(mean, risk, ratio) for risk in _TARGETS]}
        ),
        cases=pd.DataFrame(),
        desk=desk,
    )
    return replace(made, cases=_cases(made, held, staff))


def _cases(made: Rota, held: Assumptions, staff: Staff) -> pd.DataFrame:
    """Compare the rota as now with what is to come."""
    rows = [("As now", made.on_duty, made.daily_mean, 365.25)]
    joining = staff.trainees * held.central("amhp_rota_days") / 7 * held.central("weeks_available") / _WEEKS
    leaving = rota_days(staff.locum, held) if staff.locum > 0 else 0.0
    if joining:
        rows.append(("Trainees join", made.on_duty + joining, made.daily_mean, 365.25))
    if leaving:
        rows.append(("Locums leave", max(made.on_duty - leaving, 0), made.daily_mean, 365.25))
    if joining and leaving:
        rows.append(("Both", max(made.on_duty + joining - leaving, 0), made.daily_mean, 365.25))
    rows.append(
        ("Holiday fortnight, one fewer on duty", max(made.on_duty - 1, 0),
         made.daily_mean * held.central("holiday_demand"), 14.0)
    )  # fmt: skip
    table = pd.DataFrame(rows, columns=["case", "on_duty", "demand", "days"])
    table["probability"] = [
        shortfall(duty, demand, made.variance_ratio)
        for duty, demand in zip(table["on_duty"], table["demand"], strict=True)
    ]
    table["days_short"] = table["probability"] * table["days"]
    return table
