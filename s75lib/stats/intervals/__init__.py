"""Confidence intervals for proportions, rates, their differences and ratios: one signature, one result."""

from __future__ import annotations

__all__ = [
    "Interval",
    "byar",
    "byar_bounds",
    "clopper_pearson",
    "clopper_pearson_bounds",
    "exact_poisson",
    "exact_poisson_bounds",
    "newcombe",
    "newcombe_bounds",
    "proportion_ratio_score",
    "rate_ratio_exact",
    "rate_ratio_score",
    "wilson",
    "wilson_bounds",
    "wilson_finite",
]

from s75lib.stats.intervals.difference import newcombe, newcombe_bounds
from s75lib.stats.intervals.proportion_ratio import proportion_ratio_score
from s75lib.stats.intervals.proportions import (
    clopper_pearson,
    clopper_pearson_bounds,
    wilson,
    wilson_bounds,
    wilson_finite,
)
from s75lib.stats.intervals.rate_ratio import rate_ratio_exact, rate_ratio_score
from s75lib.stats.intervals.rates import byar, byar_bounds, exact_poisson, exact_poisson_bounds
from s75lib.stats.intervals.result import Interval
