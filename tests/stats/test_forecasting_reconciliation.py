"""Reconciliation against the closed formula, a projection and its fallbacks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from s75lib.errors import MethodError
from s75lib.stats.forecasting.paths import _non_negative, reconcile_paths, shrunk_correlation

S = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])


def reconcile(base, structure, residuals) -> np.ndarray:
    """Reconcile one path, (series, horizon)."""
    return reconcile_paths(np.asarray(base, dtype=float)[:, None, :], structure, residuals)


def other_formula(residuals: np.ndarray) -> np.ndarray:
    """How parts are made of base forecasts: J - J W U (U' W U)^-1 U', U spanning the constraints."""
    spread = np.sqrt((residuals**2).mean(axis=0))
    W = shrunk_correlation(residuals) * np.outer(spread, spread)
    U = np.array([[1, 0, -1, -1, -1], [0, 1, -1, -1, 0]], dtype=float).T
    J = np.hstack([np.zeros((3, 2)), np.eye(3)])
    return J - J @ W @ U @ np.linalg.solve(U.T @ W @ U, U.T)


def test_minimum_trace_by_the_other_formula() -> None:
    rng = np.random.default_rng(1)
    residuals = rng.standard_normal((40, 5)) @ np.diag([3, 2, 1.5, 1, 2]) + rng.standard_normal((40, 1))
    base = np.array([[33.0], [19.0], [9.0], [11.0], [12.0]])
    made = reconcile(base, S, residuals)
    np.testing.assert_allclose(made[2:, 0], other_formula(residuals) @ base)


@given(st.lists(st.floats(-20, 200), min_size=10, max_size=10), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_teams_add_up_and_none_is_negative(values: list[float], seed: int) -> None:
    residuals = np.random.default_rng(seed).standard_normal((20, 5))
    made = reconcile(np.reshape(values, (5, 2)), S, residuals)
    assert (made >= 0).all()
    np.testing.assert_allclose(made[:, 0], S @ made[2:, 0], atol=1e-9)


def test_forecasts_that_add_up_already_are_left_alone() -> None:
    base = S @ np.array([[4.0, 5.0], [6.0, 1.0], [2.0, 3.0]])
    made = reconcile(base, S, np.random.default_rng(3).standard_normal((15, 5)))
    np.testing.assert_allclose(made[:, 0], base)


@pytest.mark.parametrize("residuals", [np.ones((5, 5)), np.zeros((30, 5)), np.full((30, 5), np.nan)])
def test_bottom_up_when_residuals_cannot_say(residuals: np.ndarray) -> None:
    made = reconcile([[99.0], [50.0], [4.0], [-6.0], [2.0]], S, residuals)
    assert made[:, 0, 0].tolist() == [6.0, 4.0, 4.0, 0.0, 2.0]


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(MethodError, match="identity"):
        reconcile([[1.0], [1.0]], [[1, 1], [1, 0]], np.ones((20, 2)))
    with pytest.raises(MethodError, match="residuals"):
        reconcile(np.ones((5, 1)), S, np.ones((20, 4)))


def test_correlation_is_shrunk_less_with_more_months() -> None:
    rng = np.random.default_rng(4)
    shared = rng.standard_normal((400, 1))
    table = shared + 0.5 * rng.standard_normal((400, 4))
    off = ~np.eye(4, dtype=bool)

    def kept(months: np.ndarray) -> float:
        """Give how much of the observed correlation is left."""
        shrunk, observed = shrunk_correlation(months)[off], np.corrcoef(months.T)[off]
        np.testing.assert_allclose(shrunk / observed, shrunk[0] / observed[0])
        return float(shrunk[0] / observed[0])

    assert kept(table[:10]) < kept(table)
    assert 0.98 < kept(table) < 1
    np.testing.assert_array_equal(shrunk_correlation(table[:3]), np.eye(4))


def joint_paths(seed: int, lift: float) -> tuple[np.ndarray, np.ndarray]:
    """Correlated normal paths of five series, the third small, as (series, n, months), and residuals."""
    rng = np.random.default_rng(seed)
    mix = np.diag([3.0, 2.0, 1.5, 1.0, 2.0]) + 0.5
    mean = np.array([24.0, 11.0, 0.5, 10.5, 13.0]) + lift
    paths = mean[:, None, None] + np.einsum("st,tnh->snh", mix, rng.standard_normal((5, 4000, 2)))
    return paths, rng.standard_normal((40, 5)) @ mix.T


def test_reconciled_paths_are_the_reconciled_distribution() -> None:
    # Far from nought the map is linear: mean G m and covariance S G V G' S' are known.
    paths, residuals = joint_paths(2, lift=40.0)
    made = reconcile_paths(paths, S, residuals)
    flat = paths.reshape(5, -1)
    G = other_formula(residuals)
    np.testing.assert_allclose(made.reshape(5, -1).mean(axis=1), S @ G @ flat.mean(axis=1))
    np.testing.assert_allclose(np.cov(made.reshape(5, -1)), S @ G @ np.cov(flat) @ G.T @ S.T)


def test_every_path_adds_up_is_not_negative_and_is_the_closest() -> None:
    paths, residuals = joint_paths(3, lift=0.0)
    made = reconcile_paths(np.round(paths[:, :60]), S, residuals)
    assert (made >= 0).all()
    assert (made[2:] == 0).any()
    np.testing.assert_allclose(made.reshape(5, -1), S @ made[2:].reshape(3, -1), atol=1e-9)
    # One by one, as points are.
    for n in range(60):
        expected = reconcile(np.round(paths[:, n]), S, residuals)[:, 0]
        np.testing.assert_allclose(made[:, n], expected, atol=1e-7)


def test_paths_are_added_up_when_residuals_cannot_say() -> None:
    paths, _ = joint_paths(4, lift=0.0)
    few = np.ones((7, 5))
    made = reconcile_paths(paths, S, few)
    np.testing.assert_allclose(made[2:], np.maximum(paths[2:], 0.0))
    with pytest.raises(MethodError, match="identity"):
        reconcile_paths(paths[:, 0], S, few)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_many_columns_at_once_are_as_each_by_itself(seed: int) -> None:
    # Unequal, correlated parts: dropping those that are negative at first is often not the answer.
    rng = np.random.default_rng(seed)
    design = rng.standard_normal((7, 5)) @ np.diag([9.0, 1.0, 3.0, 0.5, 2.0]) + 2.0 * rng.standard_normal(
        (7, 1)
    )
    observed = 4.0 * rng.standard_normal((7, 60))
    alone = np.column_stack([optimize.nnls(design, column)[0] for column in observed.T])
    np.testing.assert_allclose(_non_negative(design, observed), alone, rtol=1e-8, atol=1e-8)


def test_more_parts_than_a_byte_has_bits_are_told_apart() -> None:
    rng = np.random.default_rng(5)
    design = np.vstack([np.ones(11), np.eye(11)]) + 0.2 * rng.standard_normal((12, 11))
    observed = 4.0 * rng.standard_normal((12, 60))
    alone = np.column_stack([optimize.nnls(design, column)[0] for column in observed.T])
    np.testing.assert_allclose(_non_negative(design, observed), alone, rtol=1e-8, atol=1e-8)
