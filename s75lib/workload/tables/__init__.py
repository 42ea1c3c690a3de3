"""Tables of the workload notebook, by subject."""

from __future__ import annotations

__all__ = [
    "accuracy",
    "assumptions",
    "caseload",
    "concerns",
    "cover",
    "forecasts",
    "means",
    "parts",
    "posts",
    "reviews",
    "scenarios",
    "shifts",
    "stretch",
    "teams",
    "transfers",
]

from s75lib.workload.tables.demand import accuracy, forecasts, shifts, teams
from s75lib.workload.tables.moves import concerns, means, reviews, transfers
from s75lib.workload.tables.people import (
    assumptions,
    caseload,
    cover,
    parts,
    posts,
    scenarios,
    stretch,
)
