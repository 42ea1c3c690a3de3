"""Indicators, surveys and audits."""

from __future__ import annotations

__all__ = ["AUDITS", "KPI", "SURVEY"]

from s75lib.loaders.schemas.columns import REFERENCE, count, key, number, text
from s75lib.loaders.schemas.model import Column, Dataset

KPI = Dataset(
    "kpi",
    "indicator × group × period",
    (
        key("indicator", "name of the indicator in lower case with underscores"),
        Column("group", "text", "division, team or service group; blank means all", required=True),
        Column("period", "period", "financial year (2018/19) or month (2018-12)", required=True, blank=False),
        number("value", "the published or computed value", required=True),
        text(
            "unit",
            "unit of the value",
            required=True,
            blank=False,
            choices=("percent", "count", "per_month", "per_100k"),
        ),
        number("numerator", "events or people counted", minimum=0),
        number("denominator", "people, cases or exposure that they are counted in", minimum=0),
        Column("decimals", "count", "decimals that the value was published with", minimum=0, maximum=6),
        number("target", "target for the period, in the unit of the value"),
        Column(
            "months_on_target",
            "count",
            "months of the period in which the target was met",
            minimum=0,
            maximum=12,
        ),
        Column("months_reported", "count", "months of the period with a figure", minimum=0, maximum=12),
        REFERENCE,
    ),
    key=("indicator", "group", "period"),
    dated_by="period",
    gives="change in each indicator with interval and test, targets met, control charts",
)

SURVEY = Dataset(
    "survey",
    "survey × question × answer",
    (
        key("survey", "name of the survey"),
        Column("period", "period", "financial year or month of the survey", required=True, blank=False),
        key("question", "what was asked"),
        key("answer", "answer counted"),
        Column(
            "percent", "percent", "share of the respondents", required=True, minimum=0, maximum=100, unit="%"
        ),
        count("count", "respondents who gave the answer"),
        count("base", "respondents to the question, or to the survey"),
        count("population", "people who could have been asked"),
        Column("weighted", "flag", "whether the percentage is weighted"),
        REFERENCE,
    ),
    key=("survey", "period", "question", "answer"),
    dated_by="period",
    gives="answers with their intervals, and percentages that the base cannot give",
)

AUDITS = Dataset(
    "audits",
    "audit round × criterion",
    (
        Column("round", "day_or_month", "day or month of the audit round", required=True, blank=False),
        key("criterion", "what was audited"),
        count("cases", "cases audited", required=True),
        count("compliant", "cases that met the criterion", required=True),
        count("population", "cases that could have been audited"),
        REFERENCE,
    ),
    key=("round", "criterion"),
    dated_by="round",
    gives="compliance by criterion with exact intervals, and change between rounds",
)
