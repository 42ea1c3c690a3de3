"""Several units beside each other: funnel limits, over-dispersion, difference from the rest, positions."""

from __future__ import annotations

__all__ = [
    "FEWEST_FOR_SPREAD",
    "Dispersion",
    "Funnel",
    "Kind",
    "Overdispersion",
    "Tails",
    "differences_from_rest",
    "funnel",
    "funnel_limits",
    "overdispersion",
    "positions",
    "positions_of_ranges",
]

from s75lib.stats.funnel.chart import Dispersion, Funnel, funnel
from s75lib.stats.funnel.limits import Kind, Tails, funnel_limits
from s75lib.stats.funnel.positions import positions, positions_of_ranges
from s75lib.stats.funnel.rest import differences_from_rest
from s75lib.stats.funnel.spread import FEWEST_FOR_SPREAD, Overdispersion, overdispersion
