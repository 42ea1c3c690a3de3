"""Charts of the workload notebook, by subject."""

from __future__ import annotations

__all__ = [
    "due",
    "forecasts",
    "means",
    "need",
    "reviews",
    "reviews_by_team",
    "rota",
    "scenarios",
    "shifts",
    "teams",
    "tornado",
    "transfers",
]

from s75lib.workload.figures.demand import forecasts, shifts, teams
from s75lib.workload.figures.moves import due, means, reviews, reviews_by_team, transfers
from s75lib.workload.figures.people import need, rota, scenarios, tornado
