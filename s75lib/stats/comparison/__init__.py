"""Comparisons of two periods, with the questions around them: how many were made, what could they show."""

from __future__ import annotations

__all__ = [
    "CountComparison",
    "Equivalence",
    "ProportionComparison",
    "SmallestChange",
    "benjamini_hochberg",
    "compare_counts",
    "compare_proportions",
    "count_power",
    "equivalence_of_counts",
    "equivalence_of_proportions",
    "holm",
    "overdispersion_tipping_factor",
    "proportion_power",
    "sample_size_for_precision",
    "smallest_detectable_count_change",
    "smallest_detectable_proportion_change",
]

from s75lib.stats.comparison.counts import CountComparison, compare_counts, overdispersion_tipping_factor
from s75lib.stats.comparison.detectable import (
    SmallestChange,
    smallest_detectable_count_change,
    smallest_detectable_proportion_change,
)
from s75lib.stats.comparison.equivalence import (
    Equivalence,
    equivalence_of_counts,
    equivalence_of_proportions,
)
from s75lib.stats.comparison.multiplicity import benjamini_hochberg, holm
from s75lib.stats.comparison.power import count_power, proportion_power
from s75lib.stats.comparison.proportions import ProportionComparison, compare_proportions
from s75lib.stats.comparison.sample_size import sample_size_for_precision
