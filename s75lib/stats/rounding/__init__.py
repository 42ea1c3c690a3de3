"""What a rounded figure can have been: attainable intervals, possible bases (GRIM) and tipping points."""

from __future__ import annotations

__all__ = [
    "Attainable",
    "NearestPossible",
    "TippingBase",
    "attainable",
    "difference",
    "exact_fraction",
    "grim_consistent",
    "grim_denominators",
    "nearest_possible",
    "pct_change",
    "product",
    "ratio",
    "share_interval_from_percent",
    "sum_of",
    "tipping_base",
]

from s75lib.stats.rounding.attainable import (
    Attainable,
    attainable,
    difference,
    exact_fraction,
    pct_change,
    product,
    ratio,
    sum_of,
)
from s75lib.stats.rounding.grim import (
    NearestPossible,
    grim_consistent,
    grim_denominators,
    nearest_possible,
    share_interval_from_percent,
)
from s75lib.stats.rounding.tipping import TippingBase, tipping_base
