"""What can't be shown without which data, for each area."""

from __future__ import annotations

__all__ = ["NEEDS", "NO_ACTIONS", "NO_RISKS", "NO_SCORES", "missing"]

from s75lib.present import Missing, Need

NEEDS = {
    "Budget": (
        Need(
            "budget",
            ("financial_year", "as_at", "service_group", "line", "kind", "budget", "commitment", "forecast"),
            "commitment and forecast against the budget",
        ),
        Need(
            "staffing",
            ("as_at", "organisation", "group", "adjusted_budget", "forecast"),
            "the staffing position",
        ),
    ),
    "Workload": (
        Need("activity", ("month", "measure", "count"), "twelve months of work against the twelve before"),
        Need("workforce", ("as_at", "team", "role", "wte_establishment", "wte_in_post"), "posts vacant"),
        Need(
            "package_transfers",
            ("as_at", "service_group", "team", "social_work", "healthcare_professional"),
            "people whose package is still to move",
        ),
    ),
    "Indicators": (
        Need(
            "kpi",
            ("indicator", "group", "period", "value", "unit", "numerator", "denominator", "target"),
            "which indicators moved beyond chance, and which targets are met",
        ),
    ),
    "Risk": (
        Need(
            "risks",
            ("risk_id", "date", "description", "consequence", "likelihood", "score", "level"),
            "risk scores recomputed and banded, and their movement",
        ),
    ),
}
"""By area, the datasets that would fill it."""

_REASONS = {
    "Budget": "Neither a budget monitor nor a staffing position is held.",
    "Workload": "No activity, no posts and no package transfers are held.",
    "Indicators": "No performance indicator is held.",
    "Risk": "No risk register is held.",
}
NO_RISKS = Missing(_REASONS["Risk"], NEEDS["Risk"])
NO_SCORES = Missing(
    "The register names risks without consequence and likelihood, so none can be placed on the matrix.",
    (Need("risks", ("consequence", "likelihood"), "each risk's place on the matrix, and its movement"),),
)
NO_ACTIONS = Missing(
    "No improvement actions are held.",
    (Need("actions", ("action_id", "action", "owner_role", "due", "status"), "what is done and overdue"),),
)


def missing(area: str) -> Missing:
    """Say what would fill an area.

    Parameters
    ----------
    area : str
        One of `s75lib.scorecard.areas.AREAS`.

    Returns
    -------
    Missing
    """
    return Missing(_REASONS[area], NEEDS[area])
