"""Words that cells may hold: care types, and measures of activity."""

from __future__ import annotations

__all__ = ["CARE_TYPES", "MEASURES"]

CARE_TYPES: dict[str, str] = {
    "Residential": "bed-based",
    "Nursing": "bed-based",
    "Dom Care": "community",
    "Live In": "community",
    "One To One": "community",
    "Supp Living": "community",
    "Day Care": "community",
    "Dir Payments": "community",
    "Other": "community",
}
"""The care types of the published tables, with one-to-one care, and whether each is bed-based."""

MEASURES: dict[str, tuple[str, str]] = {
    "case_allocation_requests": ("flow", "Care Act case allocation requests received"),
    "assessments": ("flow", "Care Act assessments completed"),
    "reviews": ("flow", "reviews of care and support plans completed"),
    "carers_assessments": ("flow", "carers' assessments or reviews completed"),
    "mha_assessments": ("flow", "Mental Health Act assessments by an approved mental health professional"),
    "safeguarding_concerns": ("flow", "safeguarding concerns raised"),
    "safeguarding_enquiries": ("flow", "safeguarding enquiries completed"),
    "delayed_people": ("stock", "people whose discharge was delayed, on the last day of the month"),
    "delayed_days": ("flow", "days of delayed discharge in the month"),
    "complaints": ("flow", "complaints received"),
    "information_requests": ("flow", "freedom of information requests and members' enquiries received"),
    "open_cases": ("stock", "cases open to the team on the last day of the month"),
    "waiting": ("stock", "people waiting for an allocation on the last day of the month"),
    "admissions": ("flow", "permanent admissions to residential or nursing care"),
}
"""Activity measures: whether each is a flow (adds up over months) or a stock (a count on one day)."""
