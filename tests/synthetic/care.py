"""Who receives care from when to when, and on which terms: the spells behind the synthetic ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.loaders import schemas

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
CARE_TYPES: Final = tuple(care_type for care_type in schemas.CARE_TYPES if care_type != "One To One")
BED_BASED: Final = ("Residential", "Nursing")


@dataclass(frozen=True)
class Stratum:
    """Packages of one care type in one service group.

    `stock` are open on 1 April 2024; the share `leaving` ends in a month, and as many start in a year as
    end in it, plus `growth`. `price` is in pence at 2024/25 prices; `half_units` a week are in halves, so
    that money stays whole pence.
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


def month_end(month: np.datetime64) -> np.datetime64:
    """Return the last day of a month (datetime64[M])."""
    last: np.datetime64 = (month + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    return last


_FIRST_DAY = np.datetime64("2024-04-01")
_OPEN = np.datetime64("NaT", "D")
_SHORT_STAYS_A_MONTH = 1
_PLANNED_END_PERCENT = 15
_S117_PERCENT = {"AMH": 34, "OPMH": 6}
# Leaver of the one care type, starter of the other in the same month: one person who switches.
_SWITCHES = (
    ("AMH", "Residential", "Supp Living"),
    ("AMH", "Supp Living", "Dom Care"),
    ("OPMH", "Dom Care", "Residential"),
    ("OPMH", "Residential", "Nursing"),
)
_MOST_SWITCHES_OF_A_KIND = 6


def draw_episodes(rng: np.random.Generator) -> pd.DataFrame:
    """Draw the spells of care that are open at any time in the two ledger years."""
    parts = [_draw_stratum(rng, stratum) for stratum in STRATA]
    episodes = pd.concat([*parts, _draw_short_stays(rng)], ignore_index=True)
    episodes["person"] = np.arange(len(episodes))
    episodes["team"] = _deal_teams(rng, episodes)
    episodes = _second_packages(rng, episodes)
    episodes = _link_switches(episodes)
    episodes["planned"] = episodes["end"].notna() & (
        rng.integers(0, 100, len(episodes)) < _PLANNED_END_PERCENT
    )
    episodes["person"] = pd.factorize(episodes["person"])[0]
    return _add_person_facts(rng, episodes)


def _draw_stratum(rng: np.random.Generator, stratum: Stratum) -> pd.DataFrame:
    """Draw one stratum's spells, month by month."""
    age_in_days = rng.integers(20, 2_400, (2, stratum.stock)).min(axis=0)
    starts = list(_FIRST_DAY - age_in_days.astype("timedelta64[D]"))
    ends = [_OPEN] * stratum.stock
    open_now = list(range(stratum.stock))
    for year, growth in enumerate(stratum.growth):
        leavers = rng.poisson(stratum.stock * stratum.leaving, 12)
        starters = rng.permutation(leavers) + np.diff(np.arange(13) * growth // 12)
        for month, leaving, starting in zip(
            LEDGER_MONTHS[12 * year : 12 * year + 12], leavers, starters, strict=True
        ):
            first_day = month.astype("datetime64[D]")
            days = int((month_end(month) - first_day).astype(int)) + 1
            for gone in rng.choice(len(open_now), int(leaving), replace=False):
                # A spell never ends on a month's last day, so that "open at the snapshot" has one reading.
                ends[open_now[gone]] = first_day + np.timedelta64(int(rng.integers(0, days - 1)), "D")
            open_now = [spell for spell in open_now if np.isnat(ends[spell])]
            for _ in range(int(starting)):
                open_now.append(len(starts))
                starts.append(first_day + np.timedelta64(int(rng.integers(0, days)), "D"))
                ends.append(_OPEN)
    return pd.DataFrame(
        {
            "group": stratum.group,
            "care_type": stratum.care_type,
            "start": np.array(starts, dtype="datetime64[s]"),
            "end": np.array(ends, dtype="datetime64[s]"),
            "short": False,
        }
    )


def _draw_short_stays(rng: np.random.Generator) -> pd.DataFrame:
    """Draw residential stays that start and end between two snapshots."""
    months = np.repeat(LEDGER_MONTHS, _SHORT_STAYS_A_MONTH).astype("datetime64[D]")
    starts = months + rng.integers(1, 10, len(months)).astype("timedelta64[D]")
    ends = starts + rng.integers(6, 16, len(months)).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "group": np.where(np.arange(len(months)) % 2 == 0, "OPMH", "AMH"),
            "care_type": "Residential",
            "start": starts.astype("datetime64[s]"),
            "end": ends.astype("datetime64[s]"),
            "short": True,
        }
    )


def _deal_teams(rng: np.random.Generator, episodes: pd.DataFrame) -> pd.Series:
    """Deal each group's and care type's spells evenly to the group's teams, in random order."""
    teams = np.empty(len(episodes), dtype=object)
    for stratum in STRATA:
        here = (episodes["group"] == stratum.group) & (episodes["care_type"] == stratum.care_type)
        rows = np.flatnonzero(here.to_numpy())
        names = TEAMS[stratum.group]
        teams[rows] = [names[place % len(names)] for place in rng.permutation(len(rows))]
    return pd.Series(teams, index=episodes.index, dtype="str")


def _second_packages(rng: np.random.Generator, episodes: pd.DataFrame) -> pd.DataFrame:
    """Give most day care and other packages of the first day to people who have a community package."""
    episodes = episodes.copy()
    at_first = episodes["start"] < _FIRST_DAY
    for group in TEAMS:
        here = at_first & (episodes["group"] == group)
        second = episodes.index[here & episodes["care_type"].isin(["Day Care", "Other"])]
        first = episodes.index[here & episodes["care_type"].isin(["Dom Care", "Supp Living", "Dir Payments"])]
        second = second[: len(second) * 3 // 5]
        chosen = rng.choice(first.to_numpy(), len(second), replace=False)
        for column in ("person", "team"):
            episodes.loc[second, column] = episodes.loc[chosen, column].to_numpy()
    return episodes


def _link_switches(episodes: pd.DataFrame) -> pd.DataFrame:
    """Make one person of a leaver and a starter of the same month, for each kind of switch."""
    episodes = episodes.assign(switched=False)
    long = ~episodes["short"]
    for group, before, after in _SWITCHES:
        in_group = long & (episodes["group"] == group)
        leaves = in_group & (episodes["care_type"] == before)
        starts = in_group & (episodes["care_type"] == after) & (episodes["start"] >= _FIRST_DAY)
        leavers = _last_row_by_month(episodes["end"], leaves & episodes["end"].notna())
        starters = _last_row_by_month(episodes["start"], starts & ~episodes["switched"])
        # Every second month, so that both years have some.
        months = sorted(leavers.keys() & starters.keys())[::2][:_MOST_SWITCHES_OF_A_KIND]
        old, new = [leavers[month] for month in months], [starters[month] for month in months]
        # A spell that starts in a month lasts beyond it, so the new start never passes its end.
        episodes.loc[new, "start"] = (episodes.loc[old, "end"] + pd.Timedelta(days=1)).to_numpy()
        for column in ("person", "team"):
            episodes.loc[new, column] = episodes.loc[old, column].to_numpy()
        episodes.loc[new, "switched"] = True
    return episodes


def _last_row_by_month(days: pd.Series, where: pd.Series) -> dict[str, int]:
    """Return the last row of each month among those chosen."""
    months = days[where].dt.strftime("%Y-%m")
    return dict(zip(months.to_list(), months.index.to_list(), strict=True))


def _add_person_facts(rng: np.random.Generator, episodes: pd.DataFrame) -> pd.DataFrame:
    """Add what belongs to the person: entitlement to section 117 aftercare and age band."""
    people = episodes.drop_duplicates("person").sort_values("person")
    luck = rng.integers(0, 100, len(people))
    s117 = luck < people["group"].map(_S117_PERCENT).to_numpy()
    ages = rng.integers(0, 1_000, len(people))
    bands = [
        AGE_BANDS[group][age % len(AGE_BANDS[group])]
        for group, age in zip(people["group"], ages, strict=True)
    ]
    person = episodes["person"].to_numpy()
    return episodes.assign(s117=s117[person], age_band=np.array(bands)[person])


_PROVIDERS = 24


def draw_terms(rng: np.random.Generator, episodes: pd.DataFrame) -> pd.DataFrame:
    """Draw each spell's units, price, funding and contribution at 2024/25 prices."""
    terms = episodes.copy()
    count = len(terms)
    price, half_units = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for stratum in STRATA:
        here = ((terms["group"] == stratum.group) & (terms["care_type"] == stratum.care_type)).to_numpy()
        price[here] = rng.integers(stratum.price[0], stratum.price[1] + 1, here.sum())
        half_units[here] = rng.integers(stratum.half_units[0], stratum.half_units[1] + 1, here.sum())
    terms["base_price"] = to_step(price, price_step(terms))
    hourly = terms["care_type"].isin(["Dom Care", "Supp Living", "Dir Payments"]).to_numpy()
    terms["half_units"] = np.where(hourly, to_step(half_units, 2), half_units)
    terms["provider"] = [f"Prov {number:02d}" for number in rng.integers(1, _PROVIDERS + 1, count)]
    terms["health_funding_type"] = _funding_types(rng, terms)
    joint = terms["health_funding_type"].isin(SHARE_FALL.funding_types)
    terms["health_share"] = np.where(joint, rng.choice(SHARE_FALL.shares_before, count), 0)
    terms.loc[terms["health_funding_type"] == "CHC", "health_share"] = 100
    rules = [f"Joint {share}/{100 - share}" for share in terms["health_share"]]
    terms["funding_rule"] = pd.Series(rules, index=terms.index).where(joint, "")
    terms["base_client"] = _client_contributions(rng, terms)
    return terms


def _funding_types(rng: np.random.Generator, terms: pd.DataFrame) -> pd.Series:
    """Draw who in the health service pays towards a package, if anyone does."""
    luck = pd.Series(rng.integers(0, 100, len(terms)), index=terms.index)
    types = pd.Series("", index=terms.index)
    types[(luck < 14) & (terms["group"] == "AMH")] = "joint"
    types[(luck < 24) & (terms["group"] == "OPMH")] = "joint"
    types[(luck >= 98)] = "CHC"
    types[(terms["care_type"] == "Nursing") & (luck >= 24) & (luck < 80)] = "FNC"
    types[terms["s117"]] = np.where(luck[terms["s117"]] < 75, "s117", "")
    types[terms["short"]] = ""
    return types


def _client_contributions(rng: np.random.Generator, terms: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Draw weekly client contributions in pence; aftercare is free but for a few planted charges."""
    count = len(terms)
    bed_based = terms["care_type"].isin(BED_BASED).to_numpy()
    older = (terms["group"] == "OPMH").to_numpy()
    in_bed = np.where(older, rng.integers(12_000, 21_000, count), rng.integers(8_500, 13_500, count))
    at_home = np.where(rng.integers(0, 100, count) < 45, rng.integers(500, 4_000, count), 0)
    client = to_step(np.where(bed_based, in_bed, at_home), 100)
    free = terms["s117"] | (terms["health_funding_type"] == "CHC") | terms["short"]
    client[free.to_numpy()] = 0
    stays = terms["s117"] & terms["end"].isna() & (terms["start"] < "2024-04-01") & bed_based
    client[np.flatnonzero(stays.to_numpy())[:S117_CHARGED]] = 4_500
    return client


def price_step(rows: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return what prices are rounded to, in pence: £1 for placements, 10p for hours and sessions."""
    placements = rows["care_type"].isin([*BED_BASED, "Live In"]).to_numpy()
    return np.where(placements, 100, 10)


def to_step(amount: npt.NDArray[np.int64], step: npt.NDArray[np.int64] | int) -> npt.NDArray[np.int64]:
    """Round whole numbers to the nearest multiple of a step, halves upward."""
    return (amount + step // 2) // step * step
