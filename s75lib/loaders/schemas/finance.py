"""Budgets and staffing costs."""

from __future__ import annotations

__all__ = ["BUDGET", "STAFFING"]

from s75lib.loaders.schemas.columns import REFERENCE, SERVICE_GROUP, day, key, money, text
from s75lib.loaders.schemas.model import Column, Dataset

BUDGET = Dataset(
    "budget",
    "ledger snapshot × service group × line",
    (
        Column(
            "financial_year",
            "period",
            "financial year of the budget, such as 2019/20",
            required=True,
            blank=False,
        ),
        day("as_at", "day of the snapshot", required=True, blank=False),
        Column("service_group", "text", SERVICE_GROUP.meaning, required=True),
        key("line", "budget line: a care type, an income or an adjustment, as printed"),
        text(
            "kind",
            "what the line is; income and adjustments keep their printed sign",
            required=True,
            blank=False,
            choices=("expenditure", "health_income", "client_income", "adjustment"),
        ),
        money("budget", "budget for the year", required=True),
        money("commitment", "cost for the year of the packages committed at the snapshot", required=True),
        money(
            "forecast", "forecast for the year, after expected demand, savings and adjustments", required=True
        ),
        text("snapshot_label", "the snapshot's printed name, such as Q1"),
        money("actual_to_date", "spent from 1 April to the snapshot"),
        money("rounded_to", "rounding of the money columns: 1000 where the source prints £k", minimum=0),
        REFERENCE,
    ),
    key=("as_at", "service_group", "line", "kind"),
    dated_by="as_at",
    gives="position against budget, movement between snapshots, trend of commitments",
)

STAFFING = Dataset(
    "staffing",
    "as-at day × organisation × staff group",
    (
        day("as_at", "day of the position", required=True, blank=False),
        key("organisation", "employer or holder of the budget"),
        key("group", "staff group, as printed"),
        money("budget", "budget for the year in the agreement", required=True, minimum=0),
        money("adjusted_budget", "budget for the year after virements", required=True, minimum=0),
        money("adjusted_budget_to_date", "adjusted budget phased to the day", required=True, minimum=0),
        money("actual_to_date", "spent from 1 April to the day", required=True),
        money("forecast", "forecast for the year", required=True),
        money("locum_to_date", "of the actual, spent on locum and agency staff", minimum=0),
        REFERENCE,
    ),
    key=("as_at", "organisation", "group"),
    dated_by="as_at",
    gives="staffing variance by organisation and group, vacancies, phasing of the budget",
)
