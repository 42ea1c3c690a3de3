"""The synthetic activity, indicators, workforce, planning assumptions and survey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthetic.care import ACTIVITY_MONTHS, ALL_TEAMS, BED_BASED, YEARS, month_end

_POPULATION: Final = 312_400  # people of 18 and over


@dataclass(frozen=True)
class ActivityStep:
    """A lasting change of one measure's expected count, in named teams from a month on."""

    measure: str
    teams: tuple[str, ...]
    month: str
    factor: float


STEPS: Final = (
    ActivityStep("case_allocation_requests", ("Alder", "Cedar", "Maple"), "2024-08", 1.7),
    ActivityStep("reviews", ("Beech", "Oak"), "2025-02", 0.5),
)

# Expected count a month and team. Measures that are drawn from others follow below.
_LEVELS: Final = {
    "case_allocation_requests": 26.0,
    "assessments": 15.0,
    "reviews": 22.0,
    "carers_assessments": 5.0,
    "mha_assessments": 7.0,
    "safeguarding_concerns": 9.0,
    "complaints": 0.9,
}
_SEASONAL: Final = "assessments"
_SEASON: Final = {8: 0.92, 12: 0.80, 1: 1.10}
_ENQUIRIES_PER_CONCERN: Final = 0.42
_DELAYED_PEOPLE: Final = 3.2
_ONLY_IN: Final = {
    "mha_assessments": ("Alder", "Beech", "Cedar", "Elm", "Hazel"),
    "delayed_people": ("Alder", "Cedar", "Hazel", "Maple", "Oak", "Rowan"),
    "delayed_days": ("Alder", "Cedar", "Hazel", "Maple", "Oak", "Rowan"),
}
_REASONS_SINCE: Final = "2025-04"
# Reason of a delay, whose it is, and its share of the days.
_REASONS: Final = (
    ("Care home placement", "social care", 0.27),
    ("Care package at home", "social care", 0.14),
    ("Care package at home", "both", 0.07),
    ("Completion of assessment", "NHS", 0.10),
    ("Completion of assessment", "social care", 0.06),
    ("Further NHS care", "NHS", 0.16),
    ("Housing", "NHS", 0.12),
    ("Public funding", "both", 0.08),
)
_EMPLOYERS: Final = {"Social worker": "Council", "AMHP": "Council", "Support worker": "Trust"}
_MANAGED_BY: Final = ("Council", "Council", "Council", "Trust", "Trust", "Trust", "Trust", "Trust")
_SIZE: Final = 60.0  # of the negative binomial: a little more spread than Poisson
QUIET_MEASURES: Final = (
    "assessments",
    "carers_assessments",
    "mha_assessments",
    "safeguarding_concerns",
    "safeguarding_enquiries",
    "delayed_people",
    "delayed_days",
    "complaints",
)


def draw_activity(rng: np.random.Generator) -> pd.DataFrame:
    """Draw every team's monthly counts."""
    sizes = dict(zip(ALL_TEAMS, 0.8 + rng.integers(0, 5, len(ALL_TEAMS)) / 10, strict=True))
    frames = []
    for (group, team), size in sizes.items():
        counts = {measure: _counts(rng, measure, team, level * size) for measure, level in _LEVELS.items()}
        counts["safeguarding_enquiries"] = rng.binomial(
            counts["safeguarding_concerns"], _ENQUIRIES_PER_CONCERN
        )
        counts["delayed_people"], counts["delayed_days"] = _delays(rng, size)
        for measure, count in counts.items():
            if team not in _ONLY_IN.get(measure, (team,)):
                continue
            rows = pd.DataFrame({"month": ACTIVITY_MONTHS.astype(str), "measure": measure, "count": count})
            frames.append(rows.assign(service_group=group, team=team))
    activity = pd.concat(frames).sort_values(["month", "service_group", "team", "measure"])
    return activity.reset_index(drop=True)


def draw_reasons(rng: np.random.Generator, activity: pd.DataFrame) -> pd.DataFrame:
    """Split the last year's days of delay by reason and by whose the delay is; every other row stays."""
    chances = [chance for _, _, chance in _REASONS]
    is_days = activity["measure"] == "delayed_days"
    split = activity[is_days & (activity["count"] > 0) & (activity["month"] >= _REASONS_SINCE)]
    drawn = rng.multinomial(split["count"].to_numpy(), chances)
    parts = [
        split.assign(reason=reason, attributed_to=whose, count=counts)
        for (reason, whose, _), counts in zip(_REASONS, drawn.T, strict=True)
    ]
    rest = activity.drop(index=split.index).assign(reason="", attributed_to="")
    made = pd.concat([rest, *(part[part["count"] > 0] for part in parts)])
    keys = ["month", "service_group", "team", "measure", "reason", "attributed_to"]
    return made.sort_values(keys, ignore_index=True)


def draw_employers(rng: np.random.Generator, workforce: pd.DataFrame) -> pd.DataFrame:
    """Say who employs each team's roles: the council the social workers, the trust the support workers."""
    managed = dict(zip(sorted(set(workforce["team"])), rng.permutation(_MANAGED_BY).tolist(), strict=True))
    employer = workforce["role"].map(_EMPLOYERS).fillna(workforce["team"].map(managed))
    return workforce.assign(employer=employer)


def _counts(rng: np.random.Generator, measure: str, team: str, level: float) -> npt.NDArray[np.int64]:
    """Draw one team's counts of one measure."""
    expected = np.full(len(ACTIVITY_MONTHS), level)
    if measure == _SEASONAL:
        expected *= [_SEASON.get(int(month) % 12 + 1, 1.0) for month in ACTIVITY_MONTHS.astype(int)]
    for step in STEPS:
        if step.measure == measure and team in step.teams:
            expected[np.datetime64(step.month) <= ACTIVITY_MONTHS] *= step.factor
    return rng.negative_binomial(_SIZE, _SIZE / (_SIZE + expected))


def _delays(rng: np.random.Generator, size: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Draw the people delayed at month end and the days of delay in the month, about one common level."""
    level = rng.gamma(6.0, _DELAYED_PEOPLE * size / 6.0, len(ACTIVITY_MONTHS))
    first = ACTIVITY_MONTHS.astype("datetime64[D]")
    days = np.array([month_end(month) for month in ACTIVITY_MONTHS]) - first
    return rng.poisson(level), rng.poisson(level * (days.astype(int) + 1))


Cause = Literal["common", "step", "drift", "ledger", "activity"]
_COLUMNS = ["indicator", "group", "period", "value", "unit", "numerator", "denominator", "decimals"]
_PERIODS = [*ACTIVITY_MONTHS.astype(str), *YEARS]
_LAST_COLUMNS = ["target", "months_on_target", "months_reported"]


@dataclass(frozen=True)
class Indicator:
    """One percentage and the cause that moves it."""

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
    """Draw the indicators, month by month and year by year."""
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
        frames.append(_count("permanent_admissions", group, admitted, _years(admitted)))
    supported = rng.poisson(_COMMUNITY_SUPPORT_LEVEL, len(ACTIVITY_MONTHS))
    frames.append(_count("community_support", "", supported, supported[11::12].tolist()))
    days, reviews = counts("delayed_days"), counts("reviews")
    delayed = [*days.tolist(), *_years(days)]
    frames.append(_rate("delayed_days_per_100k", "per_100k", delayed, 100_000, _POPULATION))
    frames.append(_rate("reviews_per_month", "per_month", _years(reviews), 1, 12))
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
    values = [
        _half_up(100 * part, of) for part, of in zip(numerators.tolist(), denominators.tolist(), strict=True)
    ]
    months = pd.DataFrame(
        {
            "period": ACTIVITY_MONTHS.astype(str),
            "numerator": numerators,
            "denominator": denominators,
            "value": values,
        }
    )
    years = pd.DataFrame(
        [_year(indicator, year, months.iloc[12 * at : 12 * at + 12]) for at, year in enumerate(YEARS)]
    )
    table = pd.concat([months, years], ignore_index=True)
    return table.assign(
        indicator=indicator.name, group=indicator.group, unit="percent", decimals=1, target=indicator.target
    )


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
    in_group = (episodes["group"] == group) & episodes["care_type"].isin(BED_BASED)
    new = episodes[in_group & ~episodes["short"] & ~episodes["switched"]]
    by_month = new["start"].dt.strftime("%Y-%m").value_counts()
    return np.asarray(by_month.reindex(ACTIVITY_MONTHS[12:].astype(str), fill_value=0), dtype=np.int64)


def _count(name: str, group: str, counts: npt.NDArray[np.int64], years: list[int]) -> pd.DataFrame:
    """Lay out a count: a flow, which a year adds up, or a stock, which it takes from its last month."""
    return pd.DataFrame(
        {
            "indicator": name,
            "group": group,
            "period": _PERIODS,
            "value": [*counts.tolist(), *years],
            "unit": "count",
            "decimals": 0,
        }
    )


def _rate(name: str, unit: str, totals: list[int], factor: int, base: int) -> pd.DataFrame:
    """Lay out a rate to one decimal, of every month and year or of the years alone."""
    return pd.DataFrame(
        {
            "indicator": name,
            "group": "",
            "period": _PERIODS[-len(totals) :],
            "value": [_half_up(factor * total, base) for total in totals],
            "unit": unit,
            "numerator": totals,
            "denominator": base,
            "decimals": 1,
        }
    )


def _years(months: npt.NDArray[np.int64]) -> list[int]:
    """Add up the twelve months of each year."""
    return [int(year.sum()) for year in np.split(months, len(YEARS))]


_QUARTER_ENDS: Final = pd.date_range("2024-06-30", "2026-03-31", freq="QE")
# Role, funded posts in quarters of a WTE, posts usually filled (per cent), AMH teams alone.
_ROLES: Final = (
    ("Team manager", 4, 100, False),
    ("Social worker", 24, 86, False),
    ("Support worker", 14, 78, False),
    ("AMHP", 8, 75, True),
)
_HOURS_A_WEEK: Final = 37.0
_UNAVAILABLE_SHARE: Final = 0.21
_ASSUMPTIONS: Final = (
    ("hours_per_allocation_request", 0.5, 1.0, 2.0, "hours"),
    ("hours_per_assessment", 8.0, 11.0, 16.0, "hours"),
    ("hours_per_review", 4.0, 6.0, 9.0, "hours"),
    ("hours_per_light_touch_review", 1.5, 2.5, 4.0, "hours"),
    ("hours_per_carers_assessment", 3.0, 5.0, 8.0, "hours"),
    ("hours_per_mha_assessment", 5.0, 7.5, 11.0, "hours"),
    ("hours_per_concern", 1.0, 1.5, 2.5, "hours"),
    ("hours_per_enquiry", 8.0, 12.0, 20.0, "hours"),
    ("hours_per_case_per_month", 1.0, 1.5, 2.5, "hours a month"),
    ("weeks_available", 40.0, 42.0, 44.0, "weeks a year"),
    ("non_contact_share", 0.25, 0.30, 0.38, "share"),
    ("hours_per_week", 36.0, 37.0, 37.0, "hours a week"),
    ("packages_per_person", 1.0, 1.06, 1.2, "packages"),
    ("light_touch_weeks", 6.0, 7.0, 8.0, "weeks"),
    ("transfer_months", 3.0, 6.0, 9.0, "months"),
    ("annual_closure_share", 0.15, 0.20, 0.28, "share a year"),
    ("time_to_recruit", 3.0, 4.5, 7.0, "months"),
    ("locum_premium", 0.20, 0.32, 0.45, "share"),
    ("amhp_hours_on_shift", 7.0, 7.5, 8.0, "hours"),
)
_RESPONDENTS: Final = {"2024/25": 127, "2025/26": 118}
_ASKED: Final = 640
# Question, answers in order, their chances; only the second year's chances of the last question differ.
_QUESTIONS: Final = (
    ("Quality of life", ("Good", "All right", "Bad"), (0.48, 0.38, 0.14)),
    ("Control over daily life", ("As much as I want", "Adequate", "Not enough"), (0.36, 0.41, 0.23)),
    ("Feeling safe", ("As safe as I want", "Adequate", "Not safe enough"), (0.61, 0.27, 0.12)),
    ("Satisfaction with support", ("Satisfied", "Neither", "Dissatisfied"), (0.66, 0.20, 0.14)),
    ("Finding information", ("Easy", "Difficult", "Never tried"), (0.44, 0.31, 0.25)),
)
_CHANGED_QUESTION: Final = "Finding information"
_CHANGED_CHANCES: Final = (0.66, 0.16, 0.18)


def draw_workforce(rng: np.random.Generator) -> pd.DataFrame:
    """Draw posts, people in post and locums at each quarter end of two years."""
    rows = []
    for day in _QUARTER_ENDS:
        for group, team in ALL_TEAMS:
            for role, posts, filled, adults_only in _ROLES:
                if adults_only and group != "AMH":
                    continue
                in_post = min(posts, posts * filled // 100 + int(rng.integers(-1, 2)))
                locum = int(rng.integers(0, posts - in_post + 1)) if role in ("Social worker", "AMHP") else 0
                rows.append((day, team, role, posts / 4, in_post / 4, locum / 4))
    columns = ["as_at", "team", "role", "wte_establishment", "wte_in_post", "wte_locum"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(hours_per_wte_week=_HOURS_A_WEEK, unavailable_share=_UNAVAILABLE_SHARE)


def planning_assumptions() -> pd.DataFrame:
    """Return the assumptions that turn demand into people."""
    table = pd.DataFrame(_ASSUMPTIONS, columns=["assumption", "low", "central", "high", "unit"])
    return table.assign(source="synthetic")


def residents_by_age() -> pd.DataFrame:
    """Give the residents of each year by age: the oldest grow fastest."""
    bands = {
        "18-64": (261_000, 700),
        "65-74": (47_200, 600),
        "75-84": (31_800, 900),
        "85 and over": (11_400, 350),
    }
    rows = [
        (f"{year}/{(year + 1) % 100:02d}", band, people + growth * (year - 2023))
        for year in range(2023, 2026)
        for band, (people, growth) in bands.items()
    ]
    return pd.DataFrame(rows, columns=["financial_year", "age_band", "people"])


def draw_survey(rng: np.random.Generator) -> pd.DataFrame:
    """Draw a yearly survey with its counts."""
    rows = []
    for period, base in _RESPONDENTS.items():
        for question, answers, usual in _QUESTIONS:
            changed = period == "2025/26" and question == _CHANGED_QUESTION
            counts = rng.multinomial(base, _CHANGED_CHANCES if changed else usual)
            for answer, count in zip(answers, counts.tolist(), strict=True):
                percent = (200 * count + base) // (2 * base)
                rows.append(("Service user survey", period, question, answer, percent, count, base, _ASKED))
    columns = ["survey", "period", "question", "answer", "percent", "count", "base", "population"]
    return pd.DataFrame(rows, columns=columns).assign(weighted=False)
