"""The terms of each spell of care: units, price, who pays."""

from __future__ import annotations

__all__ = ["draw_terms", "price_step", "to_step"]

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.loaders.synthetic.settings import BED_BASED, S117_CHARGED, SHARE_FALL, STRATA

_PROVIDERS = 24


def draw_terms(rng: np.random.Generator, episodes: pd.DataFrame) -> pd.DataFrame:
    """Draw each spell's units, price, funding and contribution at 2024/25 prices.

    Parameters
    ----------
    rng : numpy.random.Generator
    episodes : pandas.DataFrame
        As `draw_episodes` returns.

    Returns
    -------
    pandas.DataFrame
        The same rows, with base_price and base_client (pence), half_units, provider, health_funding_type and
        health_share (per cent).
    """
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
    """Return what prices are rounded to, in pence: £1 for placements, 10p for hours and sessions.

    Parameters
    ----------
    rows : pandas.DataFrame
        With care_type.

    Returns
    -------
    ndarray of int
    """
    placements = rows["care_type"].isin([*BED_BASED, "Live In"]).to_numpy()
    return np.where(placements, 100, 10)


def to_step(amount: npt.NDArray[np.int64], step: npt.NDArray[np.int64] | int) -> npt.NDArray[np.int64]:
    """Round whole numbers to the nearest multiple of a step, halves upward.

    Parameters
    ----------
    amount : ndarray of int
    step : ndarray of int, or int

    Returns
    -------
    ndarray of int

    Examples
    --------
    >>> to_step(np.array([149, 150, 251]), 100).tolist()
    [100, 200, 300]
    """
    return (amount + step // 2) // step * step
