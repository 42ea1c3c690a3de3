"""The synthetic activity of 36 months: counts by team and measure, with two planted steps."""

from __future__ import annotations

__all__ = ["QUIET_MEASURES", "draw_activity"]

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.loaders.synthetic.settings import ACTIVITY_MONTHS, ALL_TEAMS, STEPS, month_end

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
    """Draw every team's monthly counts.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        The contract's `activity`. Counts are negative binomial about each team's level; the planted steps
        multiply the level. Enquiries are a share of the month's concerns, delayed days follow from the
        month's number of delayed people, so that neither contradicts the other.
    """
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
            frames.append(
                pd.DataFrame(
                    {
                        "month": ACTIVITY_MONTHS.astype(str),
                        "measure": measure,
                        "count": count,
                        "service_group": group,
                        "team": team,
                    }
                )
            )
    activity = pd.concat(frames).sort_values(["month", "service_group", "team", "measure"])
    return activity.reset_index(drop=True)


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
