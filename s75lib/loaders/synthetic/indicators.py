"""Twenty synthetic indicators: monthly numerators and denominators, and the years that follow from them."""

from __future__ import annotations

__all__ = ["INDICATORS", "Indicator", "draw_kpi"]

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.loaders.synthetic.settings import ACTIVITY_MONTHS, BED_BASED, POPULATION, YEARS

Cause = Literal["common", "step", "drift", "ledger", "activity"]
_COLUMNS = ["indicator", "group", "period", "value", "unit", "numerator", "denominator", "decimals"]
_LAST_COLUMNS = ["target", "months_on_target", "months_reported"]


@dataclass(frozen=True)
class Indicator:
    """One percentage and the cause that moves it.

    Parameters
    ----------
    name, group : str
        The group is blank where the figure is the whole partnership's.
    base : float
        Expected denominator of a month.
    rate : float
        Expected share at the start, in (0, 1).
    target : float or None
        In per cent.
    cause : str
        ``common``: the rate stays; ``step``: it is `later` from `month` on; ``drift``: it moves evenly to
        `later` over the 36 months.
    lower_is_better : bool
    annual_base : bool
        Whether the annual row prints its numerator and denominator; otherwise it is the mean of the twelve
        monthly percentages, as for the indicators about the Care Programme Approach.
    """

    name: str
    group: str
    base: float
    rate: float
    target: float | None = None
    cause: Cause = "common"
    later: float = 0.0
    month: str = ""
    lower_is_better: bool = False
    annual_base: bool = True


INDICATORS: Final = (
    Indicator("cpa_employment", "AMH", 1_180, 0.094, 10.0, annual_base=False),
    Indicator("independent_living", "AMH", 1_180, 0.802, 75.0, annual_base=False),
    Indicator("carers_assessed", "", 64, 0.56, 55.0),
    Indicator("reviews_in_12_months", "", 940, 0.755, 75.0, "step", 0.655, "2025-02"),
    Indicator("assessments_in_28_days", "", 128, 0.80, 75.0, "drift", 0.68),
    Indicator("safeguarding_outcomes_met", "", 31, 0.91, 90.0),
    Indicator("information_requests_on_time", "", 24, 0.90, 90.0),
    Indicator("mha_assessments_in_24_hours", "AMH", 36, 0.83, 85.0),
    Indicator("crisis_plans", "AMH", 520, 0.69, 70.0),
    Indicator("section_117_reviews", "AMH", 34, 0.78, 80.0),
    Indicator("supervision_held", "", 92, 0.87, 85.0),
    Indicator("sickness_absence", "", 2_050, 0.052, 4.5, lower_is_better=True),
    Indicator("advocacy_offered", "", 46, 0.81, 80.0),
    Indicator("follow_up_72_hours", "AMH", 42, 0.84, 80.0),
)
_ENQUIRIES = Indicator("safeguarding_enquiries_completed", "", 0, 0.72, 70.0)
_COMPLAINTS = Indicator("complaints_on_time", "", 0, 0.84, 90.0)
_COMMUNITY_SUPPORT_LEVEL: Final = 431.0
_ADMISSIONS_BEFORE_LEDGER: Final = {"AMH": 0.8, "OPMH": 2.6}


def draw_kpi(rng: np.random.Generator, activity: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """Draw the indicators, month by month and year by year.

    Parameters
    ----------
    rng : numpy.random.Generator
    activity : pandas.DataFrame
        The contract's `activity`: delayed days, reviews, and how many enquiries and complaints there were.
    episodes : pandas.DataFrame
        As `draw_episodes` returns: permanent admissions from April 2024 on are its new bed-based spells.

    Returns
    -------
    pandas.DataFrame
        The contract's `kpi`: values rounded half up to one decimal (counts: none), 36 months and three
        financial years of each; reviews a month by the year alone.
    """
    monthly_activity = activity.groupby(["measure", "month"])["count"].sum()

    def counts(measure: str) -> npt.NDArray[np.int64]:
        return np.asarray(monthly_activity[measure], dtype=np.int64)

    frames = []
    for indicator in INDICATORS:
        frames.append(_percentage(rng, indicator, rng.poisson(indicator.base, len(ACTIVITY_MONTHS))))
    for indicator, measure in ((_ENQUIRIES, "safeguarding_enquiries"), (_COMPLAINTS, "complaints")):
        frames.append(_percentage(rng, indicator, counts(measure)))
    for group, before in _ADMISSIONS_BEFORE_LEDGER.items():
        admitted = np.concatenate([rng.poisson(before, 12), _admissions(episodes, group)])
        frames.append(_count("permanent_admissions", group, admitted, np.sum))
    supported = rng.poisson(_COMMUNITY_SUPPORT_LEVEL, len(ACTIVITY_MONTHS))
    frames.append(_count("community_support", "", supported, lambda months: months[-1]))
    frames += [_delayed_days(counts("delayed_days")), _reviews_a_month(counts("reviews"))]
    table = pd.concat(frames, ignore_index=True)[_COLUMNS + _LAST_COLUMNS]
    numbers = table.columns.difference(["indicator", "group", "period", "unit", "decimals"])
    return table.astype(dict.fromkeys(numbers, "float64"))


def _rates(indicator: Indicator) -> npt.NDArray[np.float64]:
    """Return the expected share of each month."""
    count = len(ACTIVITY_MONTHS)
    if indicator.cause == "step":
        after = np.datetime64(indicator.month) <= ACTIVITY_MONTHS
        return np.where(after, indicator.later, indicator.rate)
    if indicator.cause == "drift":
        return np.linspace(indicator.rate, indicator.later, count)
    return np.full(count, indicator.rate)


def _percentage(
    rng: np.random.Generator, indicator: Indicator, denominators: npt.NDArray[np.int64]
) -> pd.DataFrame:
    """Draw one percentage's numerators; a month without cases has no figure."""
    numerators = rng.binomial(denominators, _rates(indicator))
    months = pd.DataFrame(
        {
            "period": ACTIVITY_MONTHS.astype(str),
            "numerator": numerators,
            "denominator": denominators,
            "value": [
                _half_up(100 * int(part), int(whole))
                for part, whole in zip(numerators, denominators, strict=True)
            ],
        }
    )
    years = pd.DataFrame([_year(indicator, year, rows) for year, rows in _by_year(months)])
    table = pd.concat([months, years], ignore_index=True)
    return table.assign(
        indicator=indicator.name, group=indicator.group, unit="percent", decimals=1, target=indicator.target
    )


def _by_year(months: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Pair each financial year with its twelve rows."""
    return [(year, months.iloc[12 * place : 12 * place + 12]) for place, year in enumerate(YEARS)]


def _year(indicator: Indicator, year: str, rows: pd.DataFrame) -> dict[str, object]:
    """Sum up a year of one percentage, and count its months on target."""
    parts, wholes = int(rows["numerator"].sum()), int(rows["denominator"].sum())
    if indicator.annual_base:
        value = _half_up(100 * parts, wholes)
    else:
        shares = rows["numerator"] / rows["denominator"]
        value = _half_up(round(100_000_000 * float(shares.mean())), 1_000_000)
    reported = rows["value"].dropna()
    target = indicator.target
    met = reported <= target if indicator.lower_is_better else reported >= target
    return {
        "period": year,
        "numerator": parts if indicator.annual_base else None,
        "denominator": wholes if indicator.annual_base else None,
        "value": value,
        "months_on_target": int(met.sum()),
        "months_reported": len(reported),
    }


def _half_up(numerator: int, denominator: int) -> float:
    """Divide whole numbers and round to one decimal, halves upward; nothing over nothing is missing."""
    if denominator == 0:
        return float("nan")
    return (20 * numerator + denominator) // (2 * denominator) / 10


def _admissions(episodes: pd.DataFrame, group: str) -> npt.NDArray[np.int64]:
    """Count the group's new bed-based spells by month, without short stays and moves between care types."""
    new = episodes[
        (episodes["group"] == group)
        & episodes["care_type"].isin(BED_BASED)
        & ~episodes["short"]
        & ~episodes["switched"]
    ]
    by_month = new["start"].dt.strftime("%Y-%m").value_counts()
    return np.asarray(by_month.reindex(ACTIVITY_MONTHS[12:].astype(str), fill_value=0), dtype=np.int64)


def _count(
    name: str,
    group: str,
    counts: npt.NDArray[np.int64],
    of_year: Callable[[npt.NDArray[np.int64]], np.int64],
) -> pd.DataFrame:
    """Lay out a count, which a year adds up (a flow) or takes from its last month (a stock)."""
    years = [int(of_year(counts[12 * place : 12 * place + 12])) for place in range(len(YEARS))]
    return pd.DataFrame(
        {
            "indicator": name,
            "group": group,
            "period": [*ACTIVITY_MONTHS.astype(str), *YEARS],
            "value": [*counts.tolist(), *years],
            "unit": "count",
            "decimals": 0,
        }
    )


def _delayed_days(days: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Lay out delayed days for every 100,000 adults, in the month or in the year."""
    totals = [*days.tolist(), *(int(days[12 * place : 12 * place + 12].sum()) for place in range(len(YEARS)))]
    return pd.DataFrame(
        {
            "indicator": "delayed_days_per_100k",
            "group": "",
            "period": [*ACTIVITY_MONTHS.astype(str), *YEARS],
            "value": [_half_up(100_000 * total, POPULATION) for total in totals],
            "unit": "per_100k",
            "numerator": totals,
            "denominator": POPULATION,
            "decimals": 1,
        }
    )


def _reviews_a_month(reviews: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Lay out the mean number of reviews a month of each year."""
    totals = [int(reviews[12 * place : 12 * place + 12].sum()) for place in range(len(YEARS))]
    return pd.DataFrame(
        {
            "indicator": "reviews_per_month",
            "group": "",
            "period": YEARS,
            "value": [_half_up(total, 12) for total in totals],
            "unit": "per_month",
            "numerator": totals,
            "denominator": 12,
            "decimals": 1,
        }
    )
