"""What the synthetic authority is made of, and the causes that are planted in it."""

from __future__ import annotations

__all__ = [
    "ACTIVITY_MONTHS",
    "AGE_BANDS",
    "ALL_TEAMS",
    "BED_BASED",
    "CARE_TYPES",
    "HOURS_CHANGES",
    "LEDGER_MONTHS",
    "LEDGER_YEARS",
    "POPULATION",
    "PRICE_RISE",
    "REISSUED_PERCENT",
    "S117_CHARGED",
    "SEED",
    "SHARE_FALL",
    "STEPS",
    "STRATA",
    "TEAMS",
    "UPLIFT_DATE",
    "UPLIFT_PERMILLE",
    "YEARS",
    "ActivityStep",
    "FundingShareFall",
    "PriceRise",
    "Stratum",
    "month_end",
    "random_stream",
]

from dataclasses import dataclass
from typing import Final

import numpy as np

SEED: Final = 75
YEARS: Final = ("2023/24", "2024/25", "2025/26")
LEDGER_YEARS: Final = ("2024/25", "2025/26")
ACTIVITY_MONTHS: Final = np.arange("2023-04", "2026-04", dtype="datetime64[M]")
LEDGER_MONTHS: Final = np.arange("2024-04", "2026-04", dtype="datetime64[M]")

TEAMS: Final = {
    "AMH": ("Alder", "Beech", "Cedar", "Elm", "Hazel"),
    "OPMH": ("Maple", "Oak", "Rowan"),
}
ALL_TEAMS: Final = tuple((group, team) for group, teams in TEAMS.items() for team in teams)
AGE_BANDS: Final = {
    "AMH": ("18-24", "25-34", "35-44", "45-54", "55-64"),
    "OPMH": ("65-74", "75-84", "85+"),
}
POPULATION: Final = 312_400  # people of 18 and over
CARE_TYPES: Final = (
    "Residential",
    "Nursing",
    "Dom Care",
    "Live In",
    "Supp Living",
    "Day Care",
    "Dir Payments",
    "Other",
)
BED_BASED: Final = ("Residential", "Nursing")


@dataclass(frozen=True)
class Stratum:
    """Packages of one care type in one service group.

    Parameters
    ----------
    group, care_type : str
    stock : int
        Open packages on 1 April 2024.
    leaving : float
        Share that ends in a month; as many start in a year as end in it, plus `growth`.
    price : tuple of int
        Lowest and highest unit price in pence, at 2024/25 prices.
    half_units : tuple of int
        Fewest and most units a week, in halves, so that money stays whole pence.
    growth : tuple of int
        Packages that start beyond those that end, in each ledger year.
    """

    group: str
    care_type: str
    stock: int
    leaving: float
    price: tuple[int, int]
    half_units: tuple[int, int] = (2, 2)
    growth: tuple[int, int] = (0, 0)


STRATA: Final = (
    Stratum("AMH", "Residential", 52, 0.012, (92_000, 158_000)),
    Stratum("AMH", "Nursing", 11, 0.015, (98_000, 142_000)),
    Stratum("AMH", "Dom Care", 68, 0.016, (2_080, 2_440), (8, 48)),
    Stratum("AMH", "Live In", 4, 0.020, (142_000, 168_000)),
    Stratum("AMH", "Supp Living", 60, 0.011, (1_940, 2_210), (24, 100)),
    Stratum("AMH", "Day Care", 13, 0.016, (4_800, 7_200), (2, 8)),
    Stratum("AMH", "Dir Payments", 48, 0.011, (1_480, 1_760), (8, 48)),
    Stratum("AMH", "Other", 12, 0.016, (2_000, 7_500)),
    Stratum("OPMH", "Residential", 60, 0.018, (74_000, 102_000), growth=(0, 18)),
    Stratum("OPMH", "Nursing", 80, 0.018, (86_000, 124_000)),
    Stratum("OPMH", "Dom Care", 62, 0.018, (2_080, 2_440), (10, 56)),
    Stratum("OPMH", "Live In", 6, 0.020, (134_000, 156_000)),
    Stratum("OPMH", "Supp Living", 8, 0.014, (1_940, 2_210), (20, 80)),
    Stratum("OPMH", "Day Care", 12, 0.016, (4_800, 7_200), (2, 8)),
    Stratum("OPMH", "Dir Payments", 30, 0.012, (1_480, 1_760), (8, 40)),
    Stratum("OPMH", "Other", 9, 0.016, (2_000, 7_500)),
)

# Every price and client contribution rises by the uplift; most packages get a new reference with it.
UPLIFT_DATE: Final = np.datetime64("2025-04-01")
UPLIFT_PERMILLE: Final = 35
REISSUED_PERCENT: Final = 70
HOURS_CHANGES: Final = 24
S117_CHARGED: Final = 4


@dataclass(frozen=True)
class PriceRise:
    """A rise of one team's unit prices beyond the general uplift."""

    group: str
    care_type: str
    team: str
    start: np.datetime64
    percent: int


@dataclass(frozen=True)
class FundingShareFall:
    """A fall of the health share of jointly funded packages, in points of their gross cost."""

    start: np.datetime64
    points: int
    funding_types: tuple[str, ...]
    shares_before: tuple[int, ...]


PRICE_RISE: Final = PriceRise("AMH", "Residential", "Alder", np.datetime64("2025-07-01"), 12)
SHARE_FALL: Final = FundingShareFall(np.datetime64("2025-10-01"), 10, ("s117", "joint"), (40, 50, 60))


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


def random_stream(seed: int, dataset: str) -> np.random.Generator:
    """Return the dataset's own stream, so that a change in one dataset leaves the others as they were."""
    return np.random.Generator(np.random.PCG64([seed, *dataset.encode()]))


def month_end(month: np.datetime64) -> np.datetime64:
    """Return the last day of a month (datetime64[M]).

    Examples
    --------
    >>> month_end(np.datetime64("2024-02"))
    np.datetime64('2024-02-29')
    """
    last: np.datetime64 = (month + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    return last
