"""Risks, actions, and what has been published."""

from __future__ import annotations

__all__ = ["ACTIONS", "CLAIMS", "FACTS", "RISKS"]

from s75lib.loaders.schemas.columns import REFERENCE, key, number, text
from s75lib.loaders.schemas.model import Column, Dataset

RISKS = Dataset(
    "risks",
    "risk × review",
    (
        key("risk_id", "reference in the risk register"),
        Column("date", "day_or_month", "day or month of the review", required=True, blank=False),
        Column("description", "text", "the risk", required=True, blank=False),
        Column("consequence", "count", "consequence, 1 to 5", minimum=1, maximum=5),
        Column("likelihood", "count", "likelihood, 1 to 5", minimum=1, maximum=5),
        Column("score", "count", "score as recorded", minimum=1, maximum=25),
        text("consequence_label", "consequence in words, as recorded"),
        text("likelihood_label", "likelihood in words, as recorded"),
        text("level", "risk level in words, as recorded"),
        REFERENCE,
    ),
    key=("risk_id", "date"),
    dated_by="date",
    gives="risk scores recomputed, and their movement since the last review",
)

ACTIONS = Dataset(
    "actions",
    "improvement action",
    (
        key("action_id", "reference of the action"),
        Column("action", "text", "what is to be done", required=True, blank=False),
        Column("owner_role", "text", "role that owns it; never a name", required=True),
        Column("due", "day_or_month", "day or month that it is due", required=True),
        Column("status", "text", "open, done, overdue; blank if not published", required=True),
        REFERENCE,
    ),
    key=("action_id",),
    gives="improvement actions and what is due",
)

FACTS = Dataset(
    "facts",
    "published figure that fits nowhere else",
    (
        key("fact_id", "reference of the figure"),
        Column("statement", "text", "what it counts, in our words", required=True, blank=False),
        Column("period", "text", "when it was true", required=True),
        number("value", "the figure", required=True),
        Column("unit", "text", "its unit", required=True),
        number("low", "lower end where a range is published"),
        number("high", "upper end where a range is published"),
        Column("decimals", "number", "decimals that it was published with"),
        REFERENCE,
    ),
    key=("fact_id",),
    gives="published figures that fit nowhere else, with their source",
)

CLAIMS = Dataset(
    "claims",
    "published statement",
    (
        key("claim_id", "reference of the claim"),
        Column("document", "text", "document that makes it", required=True, blank=False),
        Column("reference", "text", "where in the document", required=True),
        Column("statement", "text", "what it says, in our words", required=True, blank=False),
        number("published", "the published figure", required=True),
        Column("unit", "text", "its unit", required=True, blank=False),
        Column("decimals", "number", "decimals that it was published with; −3 for thousands", required=True),
        text("dataset", "dataset that it can be recomputed from; blank: untestable"),
        text("filter", "rows to use: column=value pairs with semicolons between, | between alternatives"),
        text("measure", "column to use, or two with − or × between"),
        text(
            "operation",
            "how to recompute it",
            choices=("value", "sum", "difference", "pp_change", "pct_change", "ratio", "product", "count"),
        ),
        text("period_from", "earlier period or snapshot"),
        text("period_to", "later period or snapshot"),
    ),
    key=("claim_id",),
    gives="published statements against their recomputation",
)
