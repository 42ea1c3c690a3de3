"""Charts of the workload notebook, by subject."""

from __future__ import annotations

__all__ = [
    "backlog",
    "caseload",
    "due",
    "forecasts",
    "means",
    "need",
    "recruitment",
    "reviews",
    "reviews_by_team",
    "rota",
    "scenarios",
    "shifts",
    "team_need",
    "teams",
    "tornado",
    "transfers",
]

from s75lib.workload.figures.demand import forecasts, shifts, teams
from s75lib.workload.figures.moves import due, reviews, reviews_by_team, transfers
from s75lib.workload.figures.published import means
from s75lib.workload.figures.queues import backlog, caseload, recruitment, rota
from s75lib.workload.figures.staff import need, scenarios, team_need, tornado
