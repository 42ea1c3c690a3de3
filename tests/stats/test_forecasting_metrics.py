"""Accuracy measures against hand-computed cases."""

from __future__ import annotations

import numpy as np
import pytest

from s75lib.errors import MethodError
from s75lib.stats.forecasting import coverage, mase, msis, naive2, naive_scale, owa, seasonal_naive, smape


def test_scale_takes_the_seasonal_lag_from_two_cycles_on() -> None:
    y = np.arange(8.0) ** 2
    assert naive_scale(y, 4) == pytest.approx(np.mean([16, 24, 32, 40]))
    assert naive_scale(y[:7], 4) == pytest.approx(np.mean([1, 3, 5, 7, 9, 11]))
    assert np.isnan(naive_scale([5.0]))


def test_measures_by_hand() -> None:
    assert mase([10, 12, 14], [12, 12, 11], 2.5) == pytest.approx((5 / 3) / 2.5)
    assert np.isnan(mase([1], [2], 0.0))
    assert smape([10, 0, 0], [20, 0, 4]) == pytest.approx(200 * (10 / 30 + 0 + 1) / 3)
    assert coverage([1, 2, 3], [1, 3, 0], [1, 4, 2]) == pytest.approx(1 / 3)
    # 80%: a penalty of 2 / 0.2 = 10 for each unit outside.
    assert msis([1, 9], [2, 3], [4, 8], 1.0, confidence=0.8) == pytest.approx((2 + 10 + 5 + 10) / 2)
    assert owa(5, 1, 10, 4) == pytest.approx((0.5 + 0.25) / 2)


def test_shapes_must_match() -> None:
    with pytest.raises(MethodError, match="same months"):
        mase([1, 2], [1], 1.0)


def test_seasonal_naive_falls_back() -> None:
    np.testing.assert_array_equal(seasonal_naive([4, 7], 3), [7, 7, 7])
    np.testing.assert_array_equal(seasonal_naive([1, 2, 3, np.nan], 4, period=4), [1, 2, 3, 3])


def test_naive2_follows_a_multiplicative_season_and_ignores_noise() -> None:
    season = np.array([0.5, 1.5, 0.8, 1.2])
    y = 40 * np.tile(season, 5)
    np.testing.assert_allclose(naive2(y, 4, period=4), 40 * season)
    alternating = np.array([10.0, 11, 10, 12, 9, 10, 11, 10, 9, 10, 12, 10, 11])
    np.testing.assert_array_equal(naive2(alternating, 2, period=4), [11, 11])
    np.testing.assert_array_equal(naive2(y[:11], 2, period=4), [y[10]] * 2)  # under three cycles
    np.testing.assert_array_equal(naive2(np.zeros(20), 2, period=4), [0, 0])
