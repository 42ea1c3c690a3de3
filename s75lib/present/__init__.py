"""What every wing shares: findings, parts of a report, chart parts, numbers in words."""

from __future__ import annotations

__all__ = [
    "MIME",
    "Check",
    "Checks",
    "Column",
    "Figure",
    "Heading",
    "Headline",
    "Headlines",
    "Missing",
    "Need",
    "Sources",
    "Table",
    "show",
]

from s75lib.present.headline import Check, Headline
from s75lib.present.parts import MIME, Checks, Column, Figure, Heading, Headlines, Missing, Need, Table
from s75lib.present.report_head import Sources
from s75lib.present.show import show
