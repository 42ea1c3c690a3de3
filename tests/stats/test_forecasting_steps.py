"""Known and found steps: segmented regression a second way, simulated coverage and false alarms."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, special, stats

from s75lib.errors import MethodError
from s75lib.stats.forecasting import find_steps, interrupted_time_series
from s75lib.stats.forecasting.smoothing import family, log_prior


def poisson_by_likelihood(y: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Poisson regression by direct maximisation: no iteratively weighted least squares."""

    def loss(beta: np.ndarray) -> float:
        return float(np.exp(design @ beta).sum() - y @ design @ beta)

    def slope(beta: np.ndarray) -> np.ndarray:
        return design.T @ (np.exp(design @ beta) - y)

    start = np.r_[np.log(y.mean()), np.zeros(design.shape[1] - 1)]
    return optimize.minimize(loss, start, jac=slope, method="BFGS", options={"gtol": 1e-8}).x


def season(t: np.ndarray) -> list[np.ndarray]:
    """One wave a year."""
    return [np.sin(np.pi * t / 6), np.cos(np.pi * t / 6)]


def test_segmented_regression_agrees_with_direct_likelihood() -> None:
    rng = np.random.default_rng(1)
    t = np.arange(30)
    y = rng.poisson(40 * np.exp(0.004 * t) * np.where(t >= 18, 1.3, 1.0)).astype(float)
    found = interrupted_time_series(y, 18)
    after = (t >= 18).astype(float)
    beta = poisson_by_likelihood(y, np.column_stack([np.ones(30), t / 10, after, *season(t)]))
    assert ": Poisson" in found.method
    assert found.level_ratio == pytest.approx(np.exp(beta[2]), rel=1e-5)
    without = np.exp(beta[0] + beta[1] * t / 10 + beta[3:] @ season(t))
    np.testing.assert_allclose(found.table["counterfactual"], without, rtol=1e-4)
    assert found.excess == pytest.approx(y[18:].sum() - without[18:].sum(), rel=1e-3)


def test_interval_of_the_counterfactual_by_a_fit_about_each_month() -> None:
    """With trend and season counted from a month on, the intercept is that month's counterfactual."""
    rng = np.random.default_rng(5)
    t, step_at, n = np.arange(36), 20, 36
    # Errors that last some months: the robust covariance is then the larger one for every coefficient.
    mean = 60 * np.exp(0.35 * np.sin(t / 3.5)) * np.where(t >= step_at, 1.3, 1.0)
    y = rng.poisson(mean).astype(float)
    found = interrupted_time_series(y, step_at)
    assert "negative-binomial" in found.method
    after = (t >= step_at).astype(float)

    def fitted(*columns: np.ndarray):
        design = np.column_stack([np.ones(n), after, *columns])
        mu = sm.GLM(y, design, family=sm.families.Poisson()).fit().fittedvalues
        family = sm.families.NegativeBinomial(alpha=np.sum(((y - mu) ** 2 - mu) / mu) / mu.sum())
        robust = {"maxlags": int(4 * (n / 100) ** (2 / 9)), "use_correction": True}
        return sm.GLM(y, design, family=family).fit(cov_type="HAC", cov_kwds=robust)

    fit = fitted((t - step_at) / 12, *season(t))
    plain = fit.normalized_cov_params * max(fit.pearson_chi2 / (n - 5), 1.0)
    assert (np.diag(plain) < np.diag(fit.cov_params())).all()
    for month in (3, 22, 35):
        wave, crest = season(t - month)
        fit = fitted((t - month) / 12, wave, crest - 1)
        reach = stats.t.ppf(0.975, n - 5) * np.sqrt(fit.cov_params()[0, 0])
        row = found.table.iloc[month]
        assert row["counterfactual"] == pytest.approx(np.exp(fit.params[0]))
        assert row["counterfactual_lower"] == pytest.approx(np.exp(fit.params[0] - reach))
        assert row["counterfactual_upper"] == pytest.approx(np.exp(fit.params[0] + reach))


def test_two_flat_halves_by_hand() -> None:
    # Symmetric about its mean within each half, so the fitted trend is nought and the ratio is of the means.
    y = np.array([19, 21, 20, 21, 19, 38, 42, 40, 42, 38] * 1, dtype=float)
    found = interrupted_time_series(y, 5)
    assert found.level_ratio == pytest.approx(2.0, rel=1e-9)


def test_overdispersed_counts_are_negative_binomial_and_missing_months_are_left_out() -> None:
    rng = np.random.default_rng(3)
    y = rng.negative_binomial(3, 3 / 63, size=36).astype(float)
    y[4] = np.nan
    found = interrupted_time_series(y, 18)
    assert "negative-binomial" in found.method
    assert np.isfinite(found.table["counterfactual"]).all()


def test_a_side_of_noughts_has_no_ratio() -> None:
    found = interrupted_time_series([0] * 6 + [3, 2, 4, 3, 5, 2], 6)
    assert np.isnan(found.level_ratio)
    assert "noughts" in found.note


@pytest.mark.parametrize(("step_at", "values"), [(1, [5] * 12), (6, [5, 4, -1, 6, 5, 4, 7, 8, 7, 6, 8, 7])])
def test_wrong_input_to_a_segmented_regression_is_refused(step_at: int, values: list[int]) -> None:
    with pytest.raises(MethodError, match="found"):
        interrupted_time_series(values, step_at)


@pytest.mark.parametrize("size", [None, 10.0])
def test_interval_of_the_level_change_covers(size: float | None) -> None:
    rng = np.random.default_rng(7)
    t = np.arange(24)
    mean = 25 * np.exp(0.005 * t) * np.where(t >= 12, 1.4, 1.0)
    covered = 0
    for _ in range(200):
        y = rng.poisson(mean if size is None else mean * rng.gamma(size, 1 / size, 24))
        found = interrupted_time_series(y, 12)
        covered += found.level_lower <= 1.4 <= found.level_upper
    assert 0.91 <= covered / 200 <= 0.995


def test_a_step_is_found_where_it_is() -> None:
    rng = np.random.default_rng(9)
    y = np.r_[rng.poisson(60, 20), rng.poisson(33, 16)]
    (step,) = find_steps(y).steps
    assert step.position == 20
    assert step.earliest <= 20 <= step.latest
    assert step.evidence >= 6


def log_evidence(z: np.ndarray, covariance: np.ndarray) -> float:
    """Log likelihood of a series, its level and noise variance integrated out, but for a constant."""
    inverse = np.linalg.inv(covariance)
    ones = np.ones(z.size)
    left = z - (ones @ inverse @ z) / (ones @ inverse @ ones)
    determinants = np.linalg.slogdet(covariance)[1] + np.log(ones @ inverse @ ones)
    return -0.5 * determinants - 0.5 * (z.size - 1) * np.log(left @ inverse @ left)


def test_evidence_for_a_step_by_the_dense_likelihood() -> None:
    """Steps and slopes as parts of the covariance, not as columns; slopes counted from the first month."""
    rng = np.random.default_rng(21)
    y = np.r_[rng.poisson(40, 9), rng.poisson(60, 9)]
    z, n = 2 * np.sqrt(y + 3 / 8), y.size
    members = family(n, 12)
    priors = log_prior(members, n, n - 1)
    positions = range(4, n - 4 + 1)
    slope = np.arange(n)
    without, stepped = [], {position: [] for position in positions}
    for k, whitener in enumerate(members.whitener):
        plain = np.linalg.inv(whitener.T @ whitener)
        for odds, trend in ((0.9, 0.0), (0.1, 1 / 100)):
            covariance = plain + trend * np.outer(slope, slope)
            prior = priors[k] + np.log(odds)
            without.append(prior + log_evidence(z, covariance))
            for position in positions:
                after = (np.arange(n) >= position).astype(float)
                with_step = covariance + np.outer(after, after) / 0.1
                stepped[position].append(prior + log_evidence(z, with_step))
    factors = [np.exp(special.logsumexp(logs) - special.logsumexp(without)) for logs in stepped.values()]
    found = find_steps(y, least_evidence=1e6)
    assert found.steps == ()
    assert found.strongest == pytest.approx(np.mean(factors), rel=1e-6)
    assert 1.5 < found.strongest < 1e3


def test_two_steps_are_found() -> None:
    rng = np.random.default_rng(10)
    y = np.r_[rng.poisson(100, 18), rng.poisson(180, 18), rng.poisson(90, 18)]
    assert [step.position for step in find_steps(y).steps] == [18, 36]


def test_nothing_is_searched_in_short_or_constant_series() -> None:
    for values in ([3, 4, 5], [6] * 40):
        found = find_steps(values)
        assert found.steps == ()
        assert np.isnan(found.strongest)
    with pytest.raises(MethodError, match="missing"):
        find_steps([1.0, np.nan] * 10)


def quiet_series(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """One series without a step."""
    t = np.arange(n)
    if kind == "poisson":
        return rng.poisson(15, n)
    if kind == "negative-binomial":
        return rng.negative_binomial(20, 20 / 35, n)
    if kind == "seasonal":
        return rng.poisson(40 * np.exp(0.2 * np.sin(t * np.pi / 6) + 0.004 * t))
    if kind == "climb of 2% a month":
        return rng.poisson(30 * np.exp(0.02 * t) * rng.gamma(20, 1 / 20, n))
    noise = np.zeros(n)
    for k in range(1, n):
        noise[k] = 0.4 * noise[k - 1] + 0.15 * rng.standard_normal()
    return rng.poisson(30 * np.exp(noise))


@pytest.mark.parametrize(
    "kind", ["poisson", "negative-binomial", "seasonal", "autocorrelated", "climb of 2% a month"]
)
def test_false_steps_are_rare(kind: str) -> None:
    rng = np.random.default_rng(12)
    false = sum(bool(find_steps(quiet_series(kind, n, rng)).steps) for n in (18, 24) for _ in range(50))
    # 5% of 100; ten or more would have a chance of under 3% at a true rate of 5%.
    assert false <= 9


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(MethodError):
        find_steps([5.0, 6.0] * 10 + [-0.5])


def test_three_months_on_either_side_are_enough_and_two_are_not() -> None:
    found = interrupted_time_series([20, 22, 21, 40, 42, 41], 3)
    assert found.level_ratio > 1
    for few in ([22, 21, 40, 42, 41, 40], [20, 22, 21, 20, 42, 41]):
        with pytest.raises(MethodError, match="at least three on either side"):
            interrupted_time_series(few, 2 if few[0] == 22 else 4)
