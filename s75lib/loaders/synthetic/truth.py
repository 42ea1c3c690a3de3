"""What was planted in the synthetic authority, in numbers, for those who check that it is found."""

from __future__ import annotations

__all__ = ["planted_truth"]

from typing import Any

from s75lib.loaders.synthetic.activity import QUIET_MEASURES
from s75lib.loaders.synthetic.indicators import INDICATORS
from s75lib.loaders.synthetic.settings import (
    HOURS_CHANGES,
    PRICE_RISE,
    S117_CHARGED,
    SEED,
    SHARE_FALL,
    STEPS,
    STRATA,
    UPLIFT_DATE,
    UPLIFT_PERMILLE,
)


def planted_truth(verdicts: dict[str, str]) -> dict[str, Any]:
    """Write down the planted causes.

    Parameters
    ----------
    verdicts : dict of str to str
        What a checker should find about each claim, by claim_id.

    Returns
    -------
    dict
        Plain values, tables and lists of tables, ready for TOML or JSON.
    """
    return {"seed": SEED, "packages": _packages(), "activity": _activity(), "kpi": _kpi()} | {
        "staffing": {"wrongly_phased_as_at": "2025-12-31", "months_phased": 8, "months_gone": 9},
        "survey": {"changed": ["Finding information"], "from_period": "2024/25", "to_period": "2025/26"},
        "audits": {"improved": ["Risk assessment current"], "chance_before": 0.52, "chance_after": 0.92},
        "risks": {"raised": ["R01", "R02", "R03", "R05"], "lowered": ["R04", "R06"]},
        "claims": verdicts,
    }


def _packages() -> dict[str, Any]:
    """Write down the causes in the ledger."""
    grown = next(stratum for stratum in STRATA if any(stratum.growth))
    return {
        "general_uplift": {"from": str(UPLIFT_DATE), "percent": UPLIFT_PERMILLE / 10},
        "volume": {
            "service_group": grown.group,
            "care_type": grown.care_type,
            "open_on_2024_04_01": grown.stock,
            "open_on_2025_03_31": grown.stock + grown.growth[0],
            "open_on_2026_03_31": grown.stock + sum(grown.growth),
        },
        "stable": [
            {
                "service_group": stratum.group,
                "care_type": stratum.care_type,
                "open_at_both_year_ends": stratum.stock,
            }
            for stratum in STRATA
            if not any(stratum.growth)
        ],
        "price": {
            "service_group": PRICE_RISE.group,
            "care_type": PRICE_RISE.care_type,
            "team": PRICE_RISE.team,
            "from": str(PRICE_RISE.start),
            "percent_above_uplift": PRICE_RISE.percent,
        },
        "health_share": {
            "service_groups": ["AMH", "OPMH"],
            "health_funding_types": list(SHARE_FALL.funding_types),
            "from": str(SHARE_FALL.start),
            "fall_in_points_of_gross": SHARE_FALL.points,
        },
        "charged_s117_packages": S117_CHARGED,
        "hours_changes": HOURS_CHANGES,
    }


def _activity() -> dict[str, Any]:
    """Write down the steps, and the measures that have none."""
    steps = [
        {"measure": step.measure, "teams": list(step.teams), "month": step.month, "factor": step.factor}
        for step in STEPS
    ]
    return {"quiet_measures": list(QUIET_MEASURES), "steps": steps}


def _kpi() -> dict[str, Any]:
    """Write down what moves each indicator."""
    by_cause = {
        cause: [indicator for indicator in INDICATORS if indicator.cause == cause]
        for cause in ("common", "step", "drift")
    }
    moved = {
        cause: [
            {"indicator": one.name, "rate_at_first": one.rate, "rate_later": one.later}
            | ({"month": one.month} if cause == "step" else {})
            for one in by_cause[cause]
        ]
        for cause in ("step", "drift")
    }
    common = [one.name for one in by_cause["common"]]
    return {
        "common_cause": [
            *common,
            "safeguarding_enquiries_completed",
            "complaints_on_time",
            "community_support",
        ],
        "annual_change_2024_25_to_2025_26": {
            # Older people's admissions follow from the planted rise in residential care.
            "significant": ["reviews_in_12_months", "assessments_in_28_days", "permanent_admissions"],
            "not_significant": common,
        },
        "follows_the_ledger": ["permanent_admissions"],
        "follows_activity": ["delayed_days_per_100k", "reviews_per_month"],
    } | moved
