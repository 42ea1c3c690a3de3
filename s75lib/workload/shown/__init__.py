"""Counts of people as they may be shown: small ones hidden, with what would give them away."""

from __future__ import annotations

__all__ = [
    "ALL",
    "audits",
    "concerns",
    "due",
    "due_in_words",
    "hidden_years",
    "monthly",
    "months",
    "moves",
    "open_packages",
    "steps_by_team",
]

from s75lib.workload.shown.audits import audits
from s75lib.workload.shown.events import ALL, concerns, hidden_years, monthly, months, steps_by_team
from s75lib.workload.shown.people import due, due_in_words, moves, open_packages
