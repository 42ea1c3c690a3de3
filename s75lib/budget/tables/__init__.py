"""Tables of the budget deep dive: the monitor as printed, what moved, staffing, and the ledger's findings."""

from __future__ import annotations

__all__ = [
    "averages",
    "bands",
    "causes",
    "causes_by",
    "charges",
    "cohort",
    "constant_care",
    "differences",
    "joint_funding",
    "length_of_stay",
    "limits",
    "locums",
    "monitor",
    "movement",
    "outliers",
    "overview",
    "posts",
    "reviews",
    "run_rate",
    "settings",
    "staffing",
    "unit_costs",
    "where",
]

from s75lib.budget.tables.common import limits
from s75lib.budget.tables.layout import monitor, overview
from s75lib.budget.tables.moved import differences, movement, settings
from s75lib.budget.tables.payers import charges, joint_funding, reviews
from s75lib.budget.tables.posts import locums, posts, staffing
from s75lib.budget.tables.prices import length_of_stay, outliers, unit_costs
from s75lib.budget.tables.reasons import averages, causes, causes_by, cohort, run_rate
from s75lib.budget.tables.where import bands, constant_care, where
