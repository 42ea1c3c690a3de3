"""How months vary, and what that does to a comparison: against the closed form of two correlated months."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from s75lib.stats import months
from s75lib.stats.months import Step, Variation, monthly_series


def varying(correlation: int, dispersion: int) -> Variation:
    """Months known to vary in one way: places in the grids of correlations and of dispersions."""
    series = monthly_series([48, 50] * 12, [60] * 24, range(24), model="share", kind="flow")
    assert series is not None
    weights = np.zeros((len(months._CORRELATIONS), len(months._DISPERSIONS)))
    weights[correlation, dispersion] = 1.0
    return Variation(series, weights, Step(0, 0.0, 0.0, 1.0))


@pytest.mark.parametrize("apart", [1, 4])
@pytest.mark.parametrize(("correlation", "dispersion"), [(0, 0), (0, 9), (3, 0), (5, 9)])
def test_the_difference_of_two_months_varies_by_dispersion_and_correlation(correlation, dispersion, apart):
    """Var(X - Y) is 2 phi (1 - r^k) for months k apart of one variance phi, where chance alone gives 2."""
    r, phi = months._CORRELATIONS[correlation], months._DISPERSIONS[dispersion]
    found, pair = varying(correlation, dispersion), ([10 + apart], [10])
    times = phi * (1 - r**apart)
    for confidence in (0.8, 0.95):
        assert found.stretch(*pair, confidence) == pytest.approx(max(math.sqrt(times), 1.0), rel=1e-6)
    wider = 2 * stats.norm.sf(2.5 / math.sqrt(times))
    assert found.widened(2 * stats.norm.sf(2.5), *pair) == pytest.approx(max(wider, 2 * stats.norm.sf(2.5)))
