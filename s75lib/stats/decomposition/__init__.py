"""Why a total moved: exact effects of volume, mix, price and any other factor, and averages that mislead."""

from __future__ import annotations

__all__ = ["AggregationReversal", "Decomposition", "aggregation_reversal", "decompose"]

from s75lib.stats.decomposition.reversal import AggregationReversal, aggregation_reversal
from s75lib.stats.decomposition.shapley import Decomposition, decompose
