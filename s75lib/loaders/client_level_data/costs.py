"""The return's unit cost as a cost a week: with planned units, or by how often it falls due."""

from __future__ import annotations

__all__ = ["WEEKS_A_YEAR", "weekly_costs"]

import numpy as np
import pandas as pd

from s75lib.loaders.client_level_data.fields import plain

WEEKS_A_YEAR = 365.25 / 7
"""Weeks in a year, so that a year's days at the weekly cost add up to a year's payments."""

_DAYS_A_WEEK = 7.0
_HOURS_A_WEEK = 168.0
_A_WEEK = {
    "week": 1.0,
    "fortnight": 1 / 2,
    "4 week": 1 / 4,
    "month": 12 / WEEKS_A_YEAR,
    "quarter": 4 / WEEKS_A_YEAR,
    "annual": 1 / WEEKS_A_YEAR,
}
_BY_UNITS = ("per session", "hour", "dai")
_ONE_OFF = "one off"


def weekly_costs(events: pd.DataFrame, bed_based: pd.Series) -> pd.DataFrame:
    """Turn unit costs into weekly costs.

    Parameters
    ----------
    events : DataFrame
        ``unit_cost`` (£) and ``planned_units_per_week``, each with its ``_bad`` flag, and
        ``cost_frequency_unit_type``.
    bed_based : Series of bool
        Whether the care is in a bed, seven days a week.

    Returns
    -------
    DataFrame
        ``units_per_week``, ``unit_price`` (£), ``weekly_gross`` (£, their product), ``problem`` (why there
        is no weekly cost, else empty; the three figures are then missing), ``doubt`` (why the cost should be
        looked at, else empty).

    Notes
    -----
    ==================================  =============================================================
    cost frequency                      a week
    ==================================  =============================================================
    per session, hourly, daily          unit cost × planned units per week
    daily, no planned units, bed-based  unit cost × 7
    weekly, fortnightly, 4-weekly       unit cost × 1, 1/2, 1/4
    monthly, quarterly, annually        unit cost × 12, 4, 1 ÷ (365.25 ÷ 7)
    one-off                             none: it is not a cost a week
    ==================================  =============================================================

    The guidance asks for planned units only where the unit cost falls due more often than weekly; where
    they stand beside a weekly or longer frequency, the frequency is trusted, as DHSC's dashboard does.
    Three choices differ from that dashboard's: it divides a year by 52 weeks (0.34% more a week than
    here), it takes negative costs and units as positive (here they are left out and listed), and it
    drops a daily cost without units also for a bed. Costs of nought, and nought units where units are
    needed, are left out in both.

    From a week on, the cost counts as one unit a week, so that a change from weekly to 4-weekly payment
    is no change of price.

    References
    ----------
    NHS England (2023) CLD guidance, release 1: unit cost, planned units per week.
    DataS-DHSC/ASC-CLD-LA-Dashboard, 6.Costs_fact.sql.

    Examples
    --------
    >>> events = pd.DataFrame({
    ...     "unit_cost": [20.0, 700.0, 1200.0], "unit_cost_bad": False,
    ...     "planned_units_per_week": [14.0, np.nan, np.nan], "planned_units_per_week_bad": False,
    ...     "cost_frequency_unit_type": ["Hourly", "Weekly", "4-weekly"]})
    >>> weekly_costs(events, pd.Series(False, index=events.index))["weekly_gross"].tolist()
    [280.0, 700.0, 300.0]
    """
    frequency = plain(events["cost_frequency_unit_type"])
    named = {cell: _name(cell) for cell in frequency.unique()}
    kind = frequency.map(named).astype("str")
    cost, planned = events["unit_cost"], events["planned_units_per_week"]
    by_units = kind.isin(_BY_UNITS)
    every_day = (kind == "dai") & planned.isna() & ~events["planned_units_per_week_bad"] & bed_based
    units = planned.where(by_units, 1.0).mask(every_day, _DAYS_A_WEEK)
    price = cost * kind.map(_A_WEEK).astype("float64").mask(by_units, 1.0)
    problems = (
        (events["unit_cost_bad"], "unit cost can't be read"),
        (cost.isna(), "no unit cost"),
        (cost < 0, "negative unit cost"),
        (cost == 0, "unit cost of nought"),
        (kind == "", "no cost frequency"),
        (kind == _ONE_OFF, "one-off cost: not a cost a week"),
        (kind == "unknown", "cost frequency is none of the return's"),
        (by_units & events["planned_units_per_week_bad"], "planned units per week can't be read"),
        (by_units & units.isna(), "cost by session, hour or day without planned units per week"),
        (by_units & (units < 0), "negative planned units per week"),
        (by_units & (units == 0), "planned units per week of nought"),
    )
    too_many = ((kind == "dai") & (units > _DAYS_A_WEEK)) | ((kind == "hour") & (units > _HOURS_A_WEEK))
    doubts = (
        (every_day, "daily cost of a bed without planned units: taken as seven days a week"),
        (too_many, "more planned units than a week has days or hours"),
        (
            ~by_units & planned.notna() & ~planned.isin([0.0, 1.0]),
            "planned units beside a cost a week or longer: the cost frequency was trusted",
        ),
    )
    problem = _first(problems, events.index)
    whole = problem == ""
    return pd.DataFrame(
        {
            "units_per_week": units.where(whole),
            "unit_price": price.where(whole),
            "weekly_gross": (units * price).where(whole),
            "problem": problem,
            "doubt": _first(doubts, events.index).where(whole, ""),
        }
    )


def _name(frequency: str) -> str:
    if not frequency:
        return ""
    return next((name for name in (*_BY_UNITS, *_A_WEEK, _ONE_OFF) if frequency.startswith(name)), "unknown")


def _first(cases: tuple[tuple[pd.Series, str], ...], index: pd.Index) -> pd.Series:
    """Give each row the text of the first case that holds, else an empty one."""
    where = [case.to_numpy(dtype=bool) for case, _ in cases]
    return pd.Series(np.select(where, [text for _, text in cases], ""), index=index, dtype="str")
