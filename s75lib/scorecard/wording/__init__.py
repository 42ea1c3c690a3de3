"""The scorecard in sentences: what matters in each area, the register, the plan, and what was checked."""

from __future__ import annotations

__all__ = ["actions", "applicable", "checks", "headlines", "risks"]

from s75lib.scorecard.wording.general import applicable, checks, headlines
from s75lib.scorecard.wording.risk import actions, risks
