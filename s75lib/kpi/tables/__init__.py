"""The KPI wing in tables: the summary matrix, changes, targets, control charts, surveys, audits."""

from __future__ import annotations

__all__ = [
    "answers",
    "audits",
    "cases_needed",
    "changes",
    "control",
    "definitions",
    "matrix",
    "ratios",
    "survey_changes",
    "targets",
]

from s75lib.kpi.tables.aims import ratios, targets
from s75lib.kpi.tables.indicators import changes, definitions, matrix
from s75lib.kpi.tables.samples import answers, audits, cases_needed, control, survey_changes
