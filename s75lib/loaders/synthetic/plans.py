"""The scenarios of the synthetic authority: what its board would like to see set against the forecast."""

from __future__ import annotations

__all__ = ["planning_scenarios"]

from typing import Any

import pandas as pd


def planning_scenarios(transfers: pd.DataFrame) -> dict[str, Any]:
    """Return the scenarios, ready for TOML.

    Parameters
    ----------
    transfers : pandas.DataFrame
        The contract's `package_transfers`: those whose packages health staff hold at the last day move.

    Returns
    -------
    dict
        The fields of `s75lib.loaders.Scenario` by scenario, under one key.

    Examples
    --------
    >>> held = pd.DataFrame({"as_at": ["2025-03-31", "2026-03-31"], "healthcare_professional": [9, 7]})
    >>> planning_scenarios(held)["scenario"][0]["people_moved"]
    7
    """
    latest = transfers[transfers["as_at"] == transfers["as_at"].max()]
    people = int(latest["healthcare_professional"].sum())
    return {
        "scenario": [
            {"name": "Packages move from September 2026", "people_moved": people, "moved_from": "2026-09"},
            {"name": "Demand 20% higher", "demand": {"all": 1.2}},
            {"name": "Two vacancies advertised in April 2026", "posts_filled": 2, "posts_from": "2026-04"},
            {"name": "Two locums leave in July 2026", "locums": -2, "locums_from": "2026-07"},
        ]
    }
