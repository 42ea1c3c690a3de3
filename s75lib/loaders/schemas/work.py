"""Activity, staff, and what is assumed of them."""

from __future__ import annotations

__all__ = ["ACTIVITY", "ASSUMPTIONS", "WORKFORCE"]

from s75lib.loaders.schemas.columns import REFERENCE, SERVICE_GROUP, count, day, key, number, text
from s75lib.loaders.schemas.model import Column, Dataset
from s75lib.loaders.schemas.vocabulary import MEASURES

ACTIVITY = Dataset(
    "activity",
    "month × team × measure",
    (
        Column("month", "month", "calendar month", required=True, blank=False),
        Column(
            "measure",
            "text",
            "what is counted, one of the vocabulary",
            required=True,
            blank=False,
            choices=tuple(MEASURES),
        ),
        count("count", "events in the month (flow) or on its last day (stock)", required=True),
        SERVICE_GROUP,
        text("team", "team; blank means all"),
        REFERENCE,
    ),
    key=("month", "service_group", "team", "measure"),
    dated_by="month",
    gives="forecasts of demand by team, steps after a policy change, backlog",
)

WORKFORCE = Dataset(
    "workforce",
    "as-at day × team × role",
    (
        day("as_at", "day of the count", required=True, blank=False),
        key("team", "team"),
        key("role", "role, such as social worker or AMHP"),
        number("wte_establishment", "funded posts", required=True, minimum=0, unit="WTE"),
        number("wte_in_post", "permanent staff in post", required=True, minimum=0, unit="WTE"),
        number("wte_locum", "locum and agency staff", minimum=0, unit="WTE"),
        number(
            "hours_per_wte_week", "contracted hours of one WTE", minimum=0, maximum=60, unit="hours a week"
        ),
        number(
            "unavailable_share",
            "share of contracted hours lost to leave, sickness and training",
            minimum=0,
            maximum=1,
            unit="0 to 1",
        ),
        REFERENCE,
    ),
    key=("as_at", "team", "role"),
    dated_by="as_at",
    gives="staff needed against staff in post",
)

ASSUMPTIONS = Dataset(
    "assumptions",
    "assumption",
    (
        key("assumption", "name of the assumption"),
        number("low", "lowest plausible value", required=True),
        number("central", "central value", required=True),
        number("high", "highest plausible value", required=True),
        Column("unit", "text", "unit of the three values", required=True, blank=False),
        Column("source", "text", "who or what it comes from", required=True, blank=False),
        REFERENCE,
    ),
    key=("assumption",),
    gives="hours per assessment or review and the like, from which demand becomes staff",
)
