"""Who receives which care from when to when: the spells of care behind the synthetic package ledger."""

from __future__ import annotations

__all__ = ["draw_episodes"]

import numpy as np
import pandas as pd

from s75lib.loaders.synthetic.settings import (
    AGE_BANDS,
    LEDGER_MONTHS,
    STRATA,
    TEAMS,
    Stratum,
    month_end,
)

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
    """Draw the spells of care that are open at any time in the two ledger years.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        One row per spell: group, team, care_type, person (number), start, end (NaT while open on the last
        snapshot), short (a stay between two snapshots), planned (its end was known in advance), switched
        (the person came from another care type), s117, age_band.

    Notes
    -----
    In each year of a stratum as many spells start as end, apart from the stratum's planned growth, so that
    the change in open packages between two year ends is known exactly.
    """
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
