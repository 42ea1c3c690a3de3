"""Care packages, and the people whose packages move."""

from __future__ import annotations

__all__ = ["PACKAGES", "TRANSFERS"]

from s75lib.loaders.schemas.columns import REFERENCE, SERVICE_GROUP, day, key, money, number, text
from s75lib.loaders.schemas.model import Column, Dataset
from s75lib.loaders.schemas.vocabulary import CARE_TYPES

PACKAGES = Dataset(
    "packages",
    "ledger snapshot × care package",
    (
        day("snapshot_date", "day of the ledger snapshot", required=True, blank=False),
        key("person_key", "pseudonymous key of the person, the same in every snapshot"),
        key("package_key", "reference of the package; it may be re-issued when a price changes"),
        Column(
            "care_type",
            "text",
            "care type, one of the vocabulary",
            required=True,
            blank=False,
            choices=tuple(CARE_TYPES),
        ),
        day("start_date", "first day of the package", required=True, blank=False),
        day("end_date", "last day of the package; blank or 31/12/9999 while open", required=True),
        money("weekly_gross", "gross cost a week", required=True, minimum=0),
        SERVICE_GROUP,
        text("team", "team that holds the case"),
        number("units_per_week", "hours, days or placements a week", minimum=0, unit="units a week"),
        money("unit_price", "price of one unit", minimum=0),
        money("health_weekly", "paid by the NHS a week, as a positive amount", minimum=0),
        text("health_funding_type", "why the NHS pays: s117, CHC, FNC, joint; blank if it does not"),
        money("client_weekly", "paid by the person a week, as a positive amount", minimum=0),
        money("net_weekly", "weekly_gross − health_weekly − client_weekly"),
        Column(
            "s117",
            "flag",
            "whether the package is aftercare under section 117, for which no one may be charged",
        ),
        text("age_band", "age band, such as 18-64"),
        text("provider", "provider of the care"),
        day("last_review_date", "day of the last review"),
        text("source_ref", "reference in the source system"),
        Column("prior_year", "flag", "whether the cost belongs to an earlier financial year"),
        REFERENCE,
    ),
    key=("snapshot_date", "package_key"),
    dated_by="snapshot_date",
    about_people=True,
    gives="what moved the commitment: volume, mix, price, social-care share; case by case",
)

TRANSFERS = Dataset(
    "package_transfers",
    "as-at day × team",
    (
        day("as_at", "day of the count", required=True, blank=False),
        Column("service_group", "text", SERVICE_GROUP.meaning, required=True),
        key("team", "team, as printed"),
        Column(
            "social_work",
            "count",
            "people whose packages social workers hold",
            required=True,
            blank=False,
            minimum=0,
            unit="people",
        ),
        Column(
            "healthcare_professional",
            "count",
            "people whose packages health staff hold",
            required=True,
            blank=False,
            minimum=0,
            unit="people",
        ),
        REFERENCE,
    ),
    key=("as_at", "service_group", "team"),
    dated_by="as_at",
    gives="people whose packages move to social work, and the reviews that follow",
)
