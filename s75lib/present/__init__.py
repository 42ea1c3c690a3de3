"""What every wing shares: findings, parts, sections, the study behind them, charts, numbers in words."""

from __future__ import annotations

__all__ = [
    "HIDDEN",
    "MIME",
    "Check",
    "Checks",
    "Column",
    "Details",
    "Figure",
    "Heading",
    "Headline",
    "Headlines",
    "Missing",
    "Need",
    "Protected",
    "Section",
    "Sources",
    "Stake",
    "Study",
    "Summary",
    "Table",
    "TableOf",
    "charts",
    "focused",
    "offer_sections",
    "protect",
    "section",
    "show",
    "sources",
    "summary",
    "table_of",
    "words",
]

from s75lib.present import charts, words
from s75lib.present.disclosure import Protected, protect
from s75lib.present.head import Sources
from s75lib.present.headline import Check, Headline, Stake
from s75lib.present.parts import (
    HIDDEN,
    MIME,
    Checks,
    Column,
    Details,
    Figure,
    Heading,
    Headlines,
    Missing,
    Need,
    Summary,
    Table,
    TableOf,
    table_of,
)
from s75lib.present.section import Section, Study, focused, offer_sections, section, show, sources, summary
