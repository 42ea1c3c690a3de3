"""The synthetic package ledger: spells of care, their terms, their references, and 24 monthly snapshots."""

from __future__ import annotations

__all__ = ["draw_lines", "ledger_snapshots"]

from collections.abc import Hashable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.loaders.synthetic.settings import (
    HOURS_CHANGES,
    LEDGER_MONTHS,
    PRICE_RISE,
    REISSUED_PERCENT,
    SHARE_FALL,
    UPLIFT_DATE,
    UPLIFT_PERMILLE,
    month_end,
)
from s75lib.loaders.synthetic.terms import draw_terms, price_step, to_step

_UPLIFT = pd.Timestamp(UPLIFT_DATE)
_PRICE_RISE = pd.Timestamp(PRICE_RISE.start)
_SHARE_FALL = pd.Timestamp(SHARE_FALL.start)
_ONE_DAY = pd.Timedelta(days=1)
_FNC_PENCE = 24_800
_ALL_REVIEWS = 14
_PRIOR_YEAR_MONTHS = ("2024-05", "2024-07", "2024-08", "2024-11", "2025-02",
                      "2025-05", "2025-06", "2025-08", "2025-09", "2025-11", "2026-01")  # fmt: skip


def draw_lines(rng: np.random.Generator, episodes: pd.DataFrame) -> pd.DataFrame:
    """Turn spells of care into ledger lines: constant terms under one reference.

    Parameters
    ----------
    rng : numpy.random.Generator
    episodes : pandas.DataFrame
        As `draw_episodes` returns.

    Returns
    -------
    pandas.DataFrame
        One row per line: the ledger's own columns, money in whole pence and units in halves; `valid_from`
        and `valid_to` (first and last day of these terms), `known_to_end` (the day from which a snapshot
        shows the end), `episode`.

    Notes
    -----
    The April uplift gives most packages a new reference and keeps their start date. A change within the
    year (price, funding split, hours) ends the line and starts another under a new reference, so that the
    days in the year of all lines of a snapshot give its commitment exactly.
    """
    terms = draw_terms(rng, episodes)
    lines = _split_by_changes(rng, terms)
    lines = pd.concat([lines, _prior_year_lines(rng, lines)], ignore_index=True)
    lines = _price_lines(lines)
    lines["package_key"] = _references(lines)
    return lines


def ledger_snapshots(rng: np.random.Generator, lines: pd.DataFrame) -> pd.DataFrame:
    """Take the monthly snapshots of the ledger.

    Parameters
    ----------
    rng : numpy.random.Generator
    lines : pandas.DataFrame
        As `draw_lines` returns.

    Returns
    -------
    pandas.DataFrame
        The contract's `packages`: at each month end, the lines open then, those that ended earlier in the
        financial year, and prior-year items billed in it.
    """
    reviews = _draw_reviews(rng, lines)
    snapshots = [_one_snapshot(lines, reviews, month) for month in LEDGER_MONTHS]
    return pd.concat(snapshots, ignore_index=True)


def _split_by_changes(rng: np.random.Generator, terms: pd.DataFrame) -> pd.DataFrame:
    """Cut each spell at the days on which its terms change."""
    keeps_key = rng.integers(0, 100, len(terms)) >= REISSUED_PERCENT
    hours = _hours_changes(rng, terms)
    rows: list[dict[Hashable, Any]] = []
    for number, spell in enumerate(terms.to_dict("records")):
        end = spell["end"]
        changes = [_UPLIFT]
        if (spell["group"], spell["care_type"], spell["team"]) == (
            PRICE_RISE.group,
            PRICE_RISE.care_type,
            PRICE_RISE.team,
        ):
            changes.append(_PRICE_RISE)
        if spell["health_funding_type"] in SHARE_FALL.funding_types:
            changes.append(_SHARE_FALL)
        if number in hours:
            changes.append(hours[number][0])
        inside = sorted(day for day in set(changes) if spell["start"] < day and not day > end)
        bounds = [spell["start"], *inside]
        shown_start, key = spell["start"], 0
        for first, after in zip(bounds, [*inside, None], strict=True):
            if first == _UPLIFT:
                key += 0 if keeps_key[number] else 1
            elif first != spell["start"]:
                shown_start, key = first, key + 1
            last = end if after is None else after - _ONE_DAY
            changed_hours = number in hours and first >= hours[number][0]
            rows.append(
                spell
                | {
                    "episode": number,
                    "part": key,
                    "valid_from": first,
                    "valid_to": last,
                    "start_date": shown_start,
                    # The uplift rolls a line over at the year end; the ledger never shows that as an end.
                    "end_date": pd.NaT if after == _UPLIFT else last,
                    "known_to_end": _known_from(last, after, planned=spell["planned"]),
                    "half_units": spell["half_units"] + (hours[number][1] if changed_hours else 0),
                    "prior_year": False,
                    "recorded": first,
                }
            )
    return pd.DataFrame(rows)


def _known_from(last: pd.Timestamp, after: pd.Timestamp | None, *, planned: bool) -> pd.Timestamp:
    """Return the day from which a snapshot shows the end: three months before it, on it, or once replaced."""
    if after is not None:
        return after
    return last - pd.Timedelta(days=92) if planned else last


def _hours_changes(rng: np.random.Generator, terms: pd.DataFrame) -> dict[int, tuple[pd.Timestamp, int]]:
    """Choose home care spells whose hours change within a year, as often up as down."""
    stable = terms["end"].isna() & (terms["start"] < "2024-04-01") & (terms["half_units"] > 20)
    candidates = np.flatnonzero((stable & (terms["care_type"] == "Dom Care")).to_numpy())
    chosen = rng.choice(candidates, HOURS_CHANGES, replace=False)
    months = np.delete(LEDGER_MONTHS, [0, 12])  # never April: that is the uplift's
    days = rng.choice(months, HOURS_CHANGES).astype("datetime64[s]")
    sizes = 2 * rng.integers(1, 5, HOURS_CHANGES // 2)
    return {
        int(number): (pd.Timestamp(day), int(size))
        for number, day, size in zip(chosen, days, np.concatenate([sizes, -sizes]), strict=True)
    }


def _prior_year_lines(rng: np.random.Generator, lines: pd.DataFrame) -> pd.DataFrame:
    """Draw care of the year before that is billed in this one."""
    unfunded = lines[(lines["health_funding_type"] == "") & ~lines["s117"] & ~lines["short"]]
    old = unfunded[unfunded["start_date"] < "2023-10-01"].drop_duplicates("episode")
    chosen = old.iloc[rng.choice(len(old), len(_PRIOR_YEAR_MONTHS), replace=False)].copy()
    recorded = pd.to_datetime(list(_PRIOR_YEAR_MONTHS), format="%Y-%m")
    year_start = pd.to_datetime([f"{day.year - (day.month < 4)}-04-01" for day in recorded])
    ends = year_start - pd.to_timedelta(rng.integers(20, 150, len(chosen)), unit="D")
    chosen["start_date"] = (ends - pd.to_timedelta(rng.integers(14, 120, len(chosen)), unit="D")).to_numpy()
    chosen["end_date"] = ends.to_numpy()
    chosen["valid_from"] = chosen["recorded"] = recorded.to_numpy()
    chosen["valid_to"] = (year_start + pd.DateOffset(years=1) - _ONE_DAY).to_numpy()
    chosen["known_to_end"] = chosen["end_date"]
    chosen["prior_year"] = True
    chosen["part"] = 100 + np.arange(len(chosen))
    return chosen


def _price_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """Work out every line's money in whole pence, halves rounded up."""
    lines = lines.copy()
    first_day = lines["valid_from"].where(~lines["prior_year"], lines["start_date"])
    uplifted = (first_day >= _UPLIFT).to_numpy()
    risen = (
        (lines["group"] == PRICE_RISE.group)
        & (lines["care_type"] == PRICE_RISE.care_type)
        & (lines["team"] == PRICE_RISE.team)
        & (first_day >= _PRICE_RISE)
    ).to_numpy()
    permille = np.where(uplifted, 1_000 + UPLIFT_PERMILLE, 1_000)
    percent = np.where(risen, 100 + PRICE_RISE.percent, 100)
    price = lines["base_price"].to_numpy() * permille * percent
    lines["unit_price"] = to_step(price, 100_000 * price_step(lines)) // 100_000
    lines["weekly_gross"] = (lines["unit_price"] * lines["half_units"] + 1) // 2
    fallen = lines["health_funding_type"].isin(SHARE_FALL.funding_types) & (first_day >= _SHARE_FALL)
    lines["health_share"] = lines["health_share"] - np.where(fallen, SHARE_FALL.points, 0)
    nursing_rate = to_step(_FNC_PENCE * permille, 100_000) // 1_000
    lines["health_weekly"] = np.where(
        lines["health_funding_type"] == "FNC",
        nursing_rate,
        (lines["weekly_gross"] * lines["health_share"] + 50) // 100,
    )
    contribution = to_step(lines["base_client"].to_numpy() * permille, 100_000) // 1_000
    lines["client_weekly"] = np.minimum(contribution, lines["weekly_gross"] - lines["health_weekly"])
    lines["net_weekly"] = lines["weekly_gross"] - lines["health_weekly"] - lines["client_weekly"]
    return lines


def _references(lines: pd.DataFrame) -> pd.Series:
    """Give each line its reference, numbered in the order in which the ledger gave them."""
    first = lines.groupby(["episode", "part"])["recorded"].transform("min")
    order = (
        pd.DataFrame({"episode": lines["episode"], "part": lines["part"], "first": first})
        .drop_duplicates()
        .sort_values(["first", "episode", "part"])
    )
    names = {
        (episode, part): f"K{number:04d}"
        for number, (episode, part) in enumerate(zip(order["episode"], order["part"], strict=True), start=1)
    }
    pairs = zip(lines["episode"], lines["part"], strict=True)
    return pd.Series([names[pair] for pair in pairs], index=lines.index)


def _draw_reviews(rng: np.random.Generator, lines: pd.DataFrame) -> npt.NDArray[np.datetime64]:
    """Draw each spell's review days (spells × reviews): first after about seven weeks, then about yearly."""
    starts = lines.groupby("episode")["start"].first()
    usual = rng.integers(300, 400, (len(starts), _ALL_REVIEWS))
    late = rng.integers(450, 700, (len(starts), _ALL_REVIEWS))
    gaps = np.where(rng.integers(0, 100, usual.shape) < 45, late, usual)
    gaps[:, 0] = rng.integers(42, 57, len(starts))
    days = starts.to_numpy().astype("datetime64[D]")[:, None] + gaps.cumsum(axis=1).astype("timedelta64[D]")
    return np.asarray(days)


def _one_snapshot(
    lines: pd.DataFrame, reviews: npt.NDArray[np.datetime64], month: np.datetime64
) -> pd.DataFrame:
    """Show the ledger as it stood on the last day of a month."""
    day = pd.Timestamp(month_end(month))
    year_start = pd.Timestamp(year=day.year - (day.month < 4), month=4, day=1)
    begun = lines["valid_from"] <= day
    in_year = lines["valid_to"].isna() | (lines["valid_to"] >= year_start)
    # Each line's terms belong to the year in which they hold; the uplift's cut separates the years.
    seen = lines[begun & in_year].sort_values("package_key")
    done = reviews[seen["episode"].to_numpy()]
    done = np.where(done <= np.datetime64(day.date()), done, np.datetime64("NaT"))
    last_review = pd.DataFrame(done.astype("datetime64[s]")).max(axis=1).to_numpy()
    shown_end = seen["end_date"].where(seen["known_to_end"] <= day)
    return pd.DataFrame(
        {
            "snapshot_date": day,
            "person_key": [f"P{number + 1:04d}" for number in seen["person"]],
            "package_key": seen["package_key"].to_numpy(),
            "care_type": seen["care_type"].to_numpy(),
            "start_date": seen["start_date"].to_numpy(),
            "end_date": shown_end.to_numpy(),
            "weekly_gross": seen["weekly_gross"].to_numpy() / 100,
            "service_group": seen["group"].to_numpy(),
            "team": seen["team"].to_numpy(),
            "units_per_week": seen["half_units"].to_numpy() / 2,
            "unit_price": seen["unit_price"].to_numpy() / 100,
            "health_weekly": seen["health_weekly"].to_numpy() / 100,
            "health_funding_type": seen["health_funding_type"].to_numpy(),
            "client_weekly": seen["client_weekly"].to_numpy() / 100,
            "net_weekly": seen["net_weekly"].to_numpy() / 100,
            "s117": seen["s117"].to_numpy(),
            "age_band": seen["age_band"].to_numpy(),
            "provider": seen["provider"].to_numpy(),
            "last_review_date": last_review,
            "prior_year": seen["prior_year"].to_numpy(),
        }
    )
