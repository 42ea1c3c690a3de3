"""The KPI wing in charts: what moved, targets, control charts, surveys, audits."""

from __future__ import annotations

__all__ = ["answers", "audits", "changes", "control", "targets"]

from s75lib.kpi.figures.aims import targets
from s75lib.kpi.figures.control import control
from s75lib.kpi.figures.moves import changes
from s75lib.kpi.figures.samples import answers, audits
