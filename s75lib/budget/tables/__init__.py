"""Tables of the budget deep dive: the monitor as printed, what moved, staffing, and the ledger's findings."""

from __future__ import annotations

__all__ = [
    "bands",
    "causes",
    "causes_by_care_type",
    "cohort",
    "differences",
    "joint_funding",
    "length_of_stay",
    "live_in",
    "monitor",
    "movement",
    "overview",
    "reviews",
    "run_rate",
    "settings",
    "staffing",
    "unit_costs",
    "where",
]

from s75lib.budget.tables.cases import (
    bands,
    joint_funding,
    length_of_stay,
    live_in,
    reviews,
    unit_costs,
    where,
)
from s75lib.budget.tables.layout import monitor, overview
from s75lib.budget.tables.lists import differences, movement, settings, staffing
from s75lib.budget.tables.reasons import causes, causes_by_care_type, cohort, run_rate
