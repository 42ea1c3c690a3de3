"""Findings of the budget deep dive in sentences: of the monitor, of the staffing table, of the ledger."""

from __future__ import annotations

__all__ = [
    "applicable",
    "causes",
    "checks",
    "cohort",
    "funding",
    "monitor",
    "outturn",
    "position",
    "pressure",
    "separate",
    "staffing",
    "totals",
]

from s75lib.budget.wording.cases import funding, pressure
from s75lib.budget.wording.general import applicable, checks, separate
from s75lib.budget.wording.money import monitor, position, totals
from s75lib.budget.wording.outlook import outturn
from s75lib.budget.wording.posts import staffing
from s75lib.budget.wording.reasons import causes, cohort
