"""The synthetic workforce, the planning assumptions and the survey of people who use services."""

from __future__ import annotations

__all__ = ["draw_survey", "draw_workforce", "planning_assumptions"]

from typing import Final

import numpy as np
import pandas as pd

from s75lib.loaders.synthetic.settings import ALL_TEAMS

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
    """Draw posts, people in post and locums at each quarter end of two years.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        The contract's `workforce`, in quarters of a WTE. People in post and locums together never exceed
        the establishment.
    """
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
    """Return the assumptions that turn demand into people.

    Returns
    -------
    pandas.DataFrame
        The contract's `assumptions`; shares run from 0 to 1.
    """
    table = pd.DataFrame(_ASSUMPTIONS, columns=["assumption", "low", "central", "high", "unit"])
    return table.assign(source="synthetic")


def draw_survey(rng: np.random.Generator) -> pd.DataFrame:
    """Draw a yearly survey with its counts.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        The contract's `survey`: whole percentages of the counts, halves rounded up, so that they may add
        up to 99 or 101.
    """
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
