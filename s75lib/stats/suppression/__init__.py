"""Small counts about people: hidden at least cost, and audited for what a reader could still work out."""

from __future__ import annotations

__all__ = [
    "CellSuppression",
    "TableSuppression",
    "audit",
    "audit_cells",
    "small_percentages",
    "suppress",
    "suppress_cells",
    "suppress_series",
]

from s75lib.stats.suppression.cells import CellSuppression, audit_cells, suppress_cells, suppress_series
from s75lib.stats.suppression.percentages import small_percentages
from s75lib.stats.suppression.tables import TableSuppression, audit, suppress
