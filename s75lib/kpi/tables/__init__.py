"""The KPI wing in tables: the summary matrix, changes, targets, control charts, surveys, audits."""

from __future__ import annotations

__all__ = [
    "answers",
    "audits",
    "cases_needed",
    "changes",
    "control",
    "indicator",
    "matrix",
    "ratios",
    "survey_changes",
    "targets",
]

from s75lib.kpi.tables.aims import ratios, targets
from s75lib.kpi.tables.indicators import changes, matrix
from s75lib.kpi.tables.months import control
from s75lib.kpi.tables.pages import indicator
from s75lib.kpi.tables.samples import answers, audits, cases_needed, survey_changes
