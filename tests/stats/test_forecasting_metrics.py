"""Accuracy measures against hand-computed cases."""

from __future__ import annotations

import numpy as np
import pytest

from s75lib.errors import MethodError
from s75lib.stats.forecasting.accuracy import coverage, mase, naive_scale, seasonal_naive, smape


def test_scale_takes_the_seasonal_lag_from_two_cycles_on() -> None:
    y = np.arange(24.0) ** 2
    assert naive_scale(y) == pytest.approx(np.mean(y[12:] - y[:12]))
    assert naive_scale(y[:23]) == pytest.approx(np.mean(np.diff(y[:23])))
    assert np.isnan(naive_scale([5.0]))


def test_measures_by_hand() -> None:
    assert mase([10, 12, 14], [12, 12, 11], 2.5) == pytest.approx((5 / 3) / 2.5)
    assert np.isnan(mase([1], [2], 0.0))
    assert smape([10, 0, 0], [20, 0, 4]) == pytest.approx(200 * (10 / 30 + 0 + 1) / 3)
    assert coverage([1, 2, 3], [1, 3, 0], [1, 4, 2]) == pytest.approx(1 / 3)


def test_shapes_must_match() -> None:
    with pytest.raises(MethodError, match="same months"):
        mase([1, 2], [1], 1.0)


def test_seasonal_naive_falls_back() -> None:
    np.testing.assert_array_equal(seasonal_naive([4, 7], 3), [7, 7, 7])
    np.testing.assert_array_equal(seasonal_naive([*range(1, 12), np.nan], 13), [*range(1, 12), 11, 1])
