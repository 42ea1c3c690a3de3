"""What the ledger's tables and charts say where there is no ledger, or too few people to show."""

from __future__ import annotations

__all__ = ["HIDDEN", "LEDGER_NEEDS", "NO_LEDGER", "ONE_LEDGER", "no_pair"]

import pandas as pd

from s75lib.present import Missing, Need

LEDGER_NEEDS = (
    Need(
        "packages",
        ("snapshot_date", "person_key", "package_key", "care_type", "start_date", "end_date", "weekly_gross"),
        "whether numbers, mix or cost moved the commitments, case by case, at two snapshots or more",
    ),
    Need("packages", ("units_per_week", "unit_price"), "whether dearer care is more care or a higher price"),
    Need(
        "packages",
        ("health_weekly", "health_funding_type", "client_weekly", "s117"),
        "whether social care pays a larger share, and whether aftercare is charged for",
    ),
    Need("packages", ("service_group", "team", "provider", "age_band"), "where the cost sits"),
    Need("packages", ("last_review_date",), "packages without a review in twelve months"),
)
NO_LEDGER = Missing("No package ledger is held, so nothing can be said here about single packages.")
ONE_LEDGER = Missing(
    "What moved between two days needs two snapshots of the package ledger; one is held.",
    (Need("packages", ("snapshot_date",), "a second snapshot to compare with"),),
)
HIDDEN = "Rows of few people are not shown in full, so that nobody can be traced."


def no_pair(packages: pd.DataFrame) -> Missing:
    """Say why two ledger snapshots can't be compared.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.

    Returns
    -------
    Missing
    """
    return NO_LEDGER if packages.empty else ONE_LEDGER
