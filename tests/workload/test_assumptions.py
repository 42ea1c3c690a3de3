"""Assumptions: defaults, an authority's own, and their draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from s75lib.errors import MethodError
from s75lib.workload.assumptions import DEFAULTS, Assumption, in_force, median_error


def own(low, central, high, name="hours_per_review"):
    return pd.DataFrame(
        [
            {
                "assumption": name,
                "low": low,
                "central": central,
                "high": high,
                "unit": "hours",
                "source": "local",
            }
        ]
    )


def test_local_assumptions_replace_defaults_by_name():
    held = in_force(own(3, 5, 8))
    assert (held["hours_per_review"].central, held["hours_per_review"].source) == (5, "local")
    assert sum(item.is_local for item in held.values()) == 1
    assert len(held) == len(DEFAULTS)


def test_an_unknown_name_is_kept():
    held = in_force(own(1, 2, 3, "hours_of_court_work"))
    assert held["hours_of_court_work"].label == "Hours of court work"


@pytest.mark.parametrize("row", [(5, 3, 8), (3, 9, 8), (-1, 2, 3), (float("nan"), 2, 3)])
def test_assumptions_out_of_order_are_refused_by_name(row):
    with pytest.raises(MethodError, match="hours_per_review"):
        in_force(own(*row))


def test_every_default_has_a_source_and_an_order():
    for item in DEFAULTS:
        assert item.source
        assert item.low <= item.central <= item.high


def test_draws_have_the_mean_of_pert_and_keep_their_range():
    item = Assumption("x", "X", 4, 6, 11, "hours", "test")
    drawn = item.draw(40_000, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx((4 + 4 * 6 + 11) / 6, abs=0.03)
    assert drawn.min() >= 4
    assert drawn.max() <= 11


def test_an_assumption_without_a_range_is_itself():
    assert set(Assumption("x", "X", 6, 6, 6, "hours", "test").draw(5, np.random.default_rng(1))) == {6}


def test_the_error_of_medians_is_each_series_own():
    draws = np.random.default_rng(1).normal(size=(4_010, 3)) * [1.0, 10.0, 100.0]
    found = median_error(draws)
    assert found == pytest.approx([float(median_error(series)) for series in draws.T])
    # Of a normal the median's standard error is the root of pi/2 times that of the mean.
    assert found / [1, 10, 100] == pytest.approx(np.sqrt(np.pi / 2 / 4_010), rel=0.5)


def test_packages_move_in_three_months_at_least_as_the_plan_says():
    held = in_force()["transfer_months"]
    assert (held.low, held.central, held.high) == (3, 3, 6)


def test_defaults_that_are_published_are_as_published():
    held = in_force()
    # The national agreements on pay: the Green Book's 37 hours, and 37.5 of the NHS.
    assert {held["hours_per_week"].central, held["hours_per_week"].high} == {37, 37.5}
    # Care and support statutory guidance, chapter 13: a light-touch review after six to eight weeks, and
    # a review no later than every twelve months.
    weeks, months = held["light_touch_weeks"], held["review_interval_months"]
    assert (weeks.low, weeks.high) == (6, 8)
    assert {months.low, months.central, months.high} == {12}
