"""Cells as people in England write them, turned into numbers, dates and flags."""

from __future__ import annotations

__all__ = [
    "EXPECTED",
    "SUPPRESSED",
    "as_text",
    "blank_cells",
    "distinct_cells",
    "parse_cells",
    "parse_column",
    "parse_distinct",
    "read_day",
]

from s75lib.loaders.values.cells import as_text, distinct_cells
from s75lib.loaders.values.columns import EXPECTED, blank_cells, parse_cells, parse_column, parse_distinct
from s75lib.loaders.values.days import read_day
from s75lib.loaders.values.numbers import SUPPRESSED
