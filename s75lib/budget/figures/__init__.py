"""Charts of the budget deep dive: bridges that add up on the page, small multiples, heat maps."""

from __future__ import annotations

__all__ = [
    "bridge",
    "causes",
    "cohort",
    "concentration",
    "cost_and_packages",
    "cost_and_packages_by_group",
    "heat_map",
    "outturn",
    "setting_bridge",
    "staffing",
    "trend",
    "unit_costs",
    "variances",
]

from s75lib.budget.figures.bridges import bridge, setting_bridge
from s75lib.budget.figures.monitor import heat_map, staffing, trend, variances
from s75lib.budget.figures.multiples import cost_and_packages, cost_and_packages_by_group
from s75lib.budget.figures.outlook import outturn
from s75lib.budget.figures.reasons import causes, cohort
from s75lib.budget.figures.spread import concentration, unit_costs
