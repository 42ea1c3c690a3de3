"""Proposed rebasings: a step found, its evidence, and no step where there is none."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from s75lib.errors import MethodError
from s75lib.stats.control_chart import propose_rebase, xmr_chart


def test_step_is_found_at_its_place():
    rng = np.random.default_rng(21)
    values = np.concatenate([rng.normal(50, 2, 14), rng.normal(60, 2, 12)])
    labels = [f"{2018 + at // 12}-{at % 12 + 1:02d}" for at in range(26)]
    found = propose_rebase(values, labels)
    assert found.proposed
    assert found.period == "2019-03"
    assert (found.points_before, found.points_after) == (14, 12)
    assert found.change == pytest.approx(values[14:].mean() - values[:14].mean())
    assert "A step" in found.evidence
    rebased = xmr_chart(values, labels, rebase=[found.period])
    assert len(rebased.phases) == 2
    assert len(xmr_chart(values, labels).phases) == 1


def test_pettitt_statistic_against_its_double_sum():
    rng = np.random.default_rng(22)
    values = rng.integers(0, 6, 22).astype(float)
    sums = [
        abs(sum(np.sign(a - b) for a, b in itertools.product(values[:split], values[split:])))
        for split in range(8, 15)
    ]
    found = propose_rebase(values)
    assert found.points_before == 8 + int(np.argmax(sums))
    assert found.p_value == pytest.approx(min(1, 2 * math.exp(-6 * max(sums) ** 2 / (22**3 + 22**2))))


def test_p_value_is_on_the_safe_side_for_common_cause():
    rng = np.random.default_rng(23)
    proposals = [propose_rebase(rng.standard_normal(30)).p_value for _ in range(600)]
    assert np.mean(np.array(proposals) <= 0.05) <= 0.06


def test_drift_is_not_called_a_step():
    rng = np.random.default_rng(24)
    found = propose_rebase(np.arange(30) + rng.normal(0, 1, 30))
    assert found.p_value < 0.01
    assert found.drift_share > found.step_share
    assert not found.proposed
    assert "drift" in found.evidence


def test_one_extreme_value_makes_no_step():
    values = [50, 51, 49, 50, 52, 48, 51, 50, 49, 51] * 2
    values[12] = 900
    found = propose_rebase(values)
    assert not found.proposed
    assert "chance" in found.evidence


def test_missing_months_are_passed_over():
    values = [4, 5, None, 5, 4, 6, 5, 5, 4, 6, 9, 8, 10, 9, None, 10, 9, 9, 8, 10]
    found = propose_rebase(values)
    assert found.proposed
    assert found.period == 11
    assert (found.points_before, found.points_after) == (9, 9)


@pytest.mark.parametrize(
    ("values", "word"), [([], "Too short"), ([1.0] * 15, "Too short"), ([3.0] * 20, "Constant")]
)
def test_nothing_to_find_is_said(values, word):
    found = propose_rebase(values)
    assert not found.proposed
    assert found.period is None
    assert found.evidence.startswith(word)


def test_step_between_two_constant_stretches():
    found = propose_rebase([3.0] * 12 + [5.0] * 12)
    assert (found.proposed, found.period, found.change, found.step_share) == (True, 13, 2.0, 1.0)


@pytest.mark.parametrize("period", ["2024-12", "2025-01", "2026-09"])
def test_a_chart_is_rebased_within_its_series_alone(period):
    months = [f"{2025 + m // 12}-{m % 12 + 1:02d}" for m in range(20)]
    with pytest.raises(MethodError, match="rebase"):
        xmr_chart([4.0, 5.0] * 10, periods=months, rebase=[period])
