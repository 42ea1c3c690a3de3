"""Tables of the workload notebook, by subject."""

from __future__ import annotations

__all__ = [
    "accuracy",
    "assumptions",
    "caseload",
    "concerns",
    "cover",
    "desk",
    "forecasts",
    "means",
    "parts",
    "piles",
    "posts",
    "recruitment",
    "redeployed",
    "reviews",
    "scenarios",
    "shifts",
    "stretch",
    "team_need",
    "teams",
    "transfers",
]

from s75lib.workload.tables.demand import accuracy, forecasts, shifts, teams
from s75lib.workload.tables.gaps import scenarios, team_need
from s75lib.workload.tables.moves import concerns, means, reviews, transfers
from s75lib.workload.tables.queues import caseload, cover, desk, piles, stretch
from s75lib.workload.tables.staff import assumptions, parts, posts, recruitment, redeployed
