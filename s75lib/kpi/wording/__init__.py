"""The KPI wing in sentences: findings of what moved, of targets, surveys and audits; what was checked."""

from __future__ import annotations

__all__ = [
    "applicable",
    "audits",
    "bare",
    "checks",
    "headlines",
    "impossible",
    "months",
    "ratio",
    "several",
    "special_causes",
    "survey",
    "tally",
    "targets",
    "top_changes",
]

from s75lib.kpi.wording.aims import months, special_causes, targets
from s75lib.kpi.wording.general import applicable, checks, headlines
from s75lib.kpi.wording.moves import bare, ratio, several, tally, top_changes
from s75lib.kpi.wording.samples import audits, impossible, survey
