"""Forecasts: the family against statsmodels, hand-computed cases, properties, coverage and joint paths."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from s75lib.errors import MethodError
from s75lib.stats.forecasting import Forecast, backtest, forecast, prediction
from s75lib.stats.forecasting.paths import simulate_together
from s75lib.stats.forecasting.prediction import Predictive
from s75lib.stats.forecasting.smoothing import FORMS, Family, combine, family, log_prior

Y = np.array([23.1, 25.0, 22.4, 27.9, 26.3, 24.8, 28.8, 30.1, 27.2, 29.5, 31.0, 28.7])


def member(n: int, form: str, alpha: float, **others: float) -> int:
    """Index of one non-seasonal member."""
    made = family(n, 12, 12)
    rows = (made.form == FORMS.index(form)) & (made.parameters[:, 0] == alpha) & (made.parameters[:, 3] == 0)
    for name, value in others.items():
        rows &= made.parameters[:, {"beta": 1, "phi": 2}[name]] == value
    assert rows.sum() == 1
    return int(np.flatnonzero(rows)[0])


def level_fitted(made: Family, k: int, y: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Residual sum of squares, forecasts and their covariance, the level being estimated."""
    series, ones = made.whitener[k] @ y, made.whitener[k].sum(axis=1)
    level = ones @ series / (ones @ ones)
    gap = 1.0 - made.response[k] @ ones
    left = series - level * ones
    spread = made.spread[k] + np.outer(gap, gap) / (ones @ ones)
    return left @ left, made.response[k] @ series + gap * level, spread


def states_by_least_squares(model: ETSModel, smoothing: list[float], count: int, ridge: float) -> tuple:
    """Least penalised squares over the initial states of statsmodels' own recursion, and its forecasts."""

    def run(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        fit = model.smooth(np.array([*smoothing, *states]))
        return np.asarray(fit.resid), np.asarray(fit.forecast(12))

    base, _ = run(np.zeros(count))
    design = np.column_stack([base - run(unit)[0] for unit in np.eye(count)])
    penalty = np.sqrt(ridge) * np.eye(count)[1:]
    states = np.linalg.lstsq(np.vstack([design, penalty]), np.r_[base, np.zeros(count - 1)], rcond=None)[0]
    resid, ahead = run(states)
    return resid @ resid + ridge * np.sum(states[1:] ** 2), ahead


@pytest.mark.parametrize("alpha", [0.08, 0.40, 0.90])
def test_simple_smoothing_agrees_with_statsmodels(alpha: float) -> None:
    model = ETSModel(pd.Series(Y), error="add", trend=None)
    squares, ahead = states_by_least_squares(model, [alpha], 1, 0.0)
    made, k = family(Y.size, 12, 12), member(Y.size, "simple exponential smoothing", alpha)
    own_squares, own_ahead, _ = level_fitted(made, k, Y)
    assert own_squares == pytest.approx(squares, rel=1e-8)
    np.testing.assert_allclose(own_ahead, ahead, rtol=1e-8)


@pytest.mark.parametrize("alpha", [0.20, 0.45])
def test_damped_trend_agrees_with_statsmodels(alpha: float) -> None:
    beta, phi = alpha * 0.15, 0.85
    model = ETSModel(pd.Series(Y), error="add", trend="add", damped_trend=True)
    squares, ahead = states_by_least_squares(model, [alpha, beta, phi], 2, 400.0)
    made, k = family(Y.size, 12, 12), member(Y.size, "damped trend", alpha, beta=beta, phi=phi)
    own_squares, own_ahead, _ = level_fitted(made, k, Y)
    assert own_squares == pytest.approx(squares, rel=1e-7)
    np.testing.assert_allclose(own_ahead, ahead, rtol=1e-7)


def test_spread_of_simple_smoothing_grows_as_the_textbook_says() -> None:
    # With the level known, the variance h months ahead is 1 + (h - 1) alpha^2.
    made = family(40, 12, 1)
    k = np.flatnonzero((made.form == 0) & (made.parameters[:, 0] == 0.26))[0]
    expected = 1.0 + np.arange(12) * 0.26**2
    np.testing.assert_allclose(np.diag(made.spread[k]), expected, rtol=1e-9)


@pytest.mark.parametrize("n", [12, 13, 29, 60])
def test_one_factor_serves_every_length(n: int) -> None:
    # Simple smoothing with a season, its covariance written out and inverted for this length alone.
    alpha, ratio, total = 0.26, 0.6, n + 6
    made = family(n, 6, 12)
    rows = (made.form == 0) & (made.parameters[:, 0] == alpha) & (made.parameters[:, 3] == ratio)
    effects = np.eye(total) + alpha * np.tri(total, k=-1)
    month, year = np.arange(total) % 12, np.arange(total) // 12
    same = np.equal.outer(month, month) * (1.0 + 0.05 * np.minimum.outer(year, year))
    covariance = effects @ effects.T + ratio * (same - 1.0 / 12.0)
    seen, between, ahead = covariance[:n, :n], covariance[n:, :n], covariance[n:, n:]
    (k,) = np.flatnonzero(rows)
    whitener = made.whitener[k]
    np.testing.assert_allclose(whitener.T @ whitener, np.linalg.inv(seen), atol=1e-9)
    np.testing.assert_allclose(made.response[k] @ whitener, between @ np.linalg.inv(seen), atol=1e-9)
    np.testing.assert_allclose(made.spread[k], ahead - between @ np.linalg.inv(seen) @ between.T, atol=1e-9)
    assert made.log_determinant[k] == pytest.approx(np.linalg.slogdet(seen)[1])
    np.testing.assert_allclose(made.leverage[k], np.diag(np.linalg.inv(seen)))


def test_the_family_has_the_members_that_the_methods_list() -> None:
    made = family(24, 12, 12)
    held = made.parameters[made.parameters[:, 3] == 0]
    form = made.form[made.parameters[:, 3] == 0]
    sizes = [[len(np.unique(held[form == at, column])) for column in range(3)] for at in range(4)]
    assert np.bincount(form).tolist() == [8, 5, 16, 9]
    assert [sizes[0][0], sizes[1][0], sizes[2][0], sizes[2][2], sizes[3][0], sizes[3][2]] == [
        8,
        5,
        4,
        2,
        3,
        3,
    ]
    assert (held[form == 0, 0].min(), held[form == 0, 0].max()) == (0, 0.9)
    # Two slopes to each alpha of a damped trend: shares of it.
    assert len(np.unique((held[form == 2, 1] / held[form == 2, 0]).round(9))) == 2
    ratios = np.unique(made.parameters[:, 3])
    assert (len(ratios), ratios[0], ratios[-1]) == (5, 0, 15)


@pytest.mark.parametrize(("months", "undisturbed"), [(8, 8), (36, 36), (36, 12), (30, 29)])
def test_prior_odds_are_those_of_the_methods(months: int, undisturbed: int) -> None:
    """1, r/4, r and 1/(4t²) for the forms, with r = t × (share undisturbed)³; 1/(alpha + 0.05) for alphas."""
    made = family(months, 12, 12)
    t, stepped = months / 24, undisturbed < months
    r = t * (undisturbed / months) ** 3
    odds = (1, r / 4, r, 1 / (4 * t**2))
    without = 0.6 if stepped else 0.3
    wanted = []
    for form, (alpha, _, _, ratio) in zip(made.form.tolist(), made.parameters.tolist(), strict=True):
        season = 1.0 if months < 12 else (1 - without) / 4 if ratio else without
        share = odds[form] / (made.form == form).sum()
        wanted.append(share * season / (alpha + 0.05) ** (1 + stepped))
    assert np.exp(log_prior(made, months, undisturbed)) == pytest.approx(wanted)


def test_a_season_needs_a_whole_cycle() -> None:
    assert family(11, 6, 12).parameters[:, 3].max() == 0.0
    assert family(12, 6, 12).parameters[:, 3].max() > 0.0
    values = [20, 25, 30, 22, 18, 16, 15, 19, 24, 27, 30, 26]
    assert forecast(values[1:], 6).mixed.weights["seasonal"] == 0.0
    assert 0.0 < forecast(values, 6).mixed.weights["seasonal"] < 1.0


def test_a_missing_month_surprises_nobody_and_one_beyond_the_limit_is_drawn_in_to_it() -> None:
    z, spread = np.array([4.0, np.nan, 5.0]), np.ones(3)
    calm = SimpleNamespace(residuals=np.array([1.0, np.nan, -1.0]), residuals_sd=spread)
    assert prediction._tamed(z, calm) is z  # so that the series is not weighed again
    limit = prediction._SURPRISE
    wild = SimpleNamespace(residuals=np.array([limit + 2.0, np.nan, -1.0]), residuals_sd=spread)
    np.testing.assert_array_equal(prediction._tamed(z, wild), [2.0, np.nan, 5.0])


def test_constant_level_is_the_mean_and_its_error() -> None:
    made, k = family(8, 12, 12), member(8, "simple exponential smoothing", 0.0)
    y = Y[:8]
    squares, ahead, spread = level_fitted(made, k, y)
    np.testing.assert_allclose(ahead, y.mean())
    assert squares == pytest.approx(((y - y.mean()) ** 2).sum())
    np.testing.assert_allclose(spread, np.eye(12) + 1 / 8)


def test_a_missing_month_is_as_if_never_seen() -> None:
    # For a constant level, leaving a month out of the middle is the same as a series without it.
    def law(y: np.ndarray):
        made = family(y.size, 12, 1)
        odds = np.where((made.form == 0) & (made.parameters[:, 0] == 0.0), 0.0, -1e6)
        none = np.zeros((y.size, 0))
        return combine(
            y, made, regressors=none, future=np.zeros((12, 0)), ridge=np.zeros(0), log_odds=odds, floor=1e-9
        )

    with_gap, without = law(np.array([1.0, 2.0, np.nan, 4.0, 6.0])), law(np.array([1.0, 2.0, 4.0, 6.0]))
    np.testing.assert_allclose(with_gap.location, without.location)
    np.testing.assert_allclose(with_gap.scale, without.scale)
    assert np.isnan(with_gap.residuals[2])


def intervals_are_sound(made: Forecast) -> None:
    """Ordered, nested, finite and never negative."""
    t = made.table
    assert np.isfinite(t.to_numpy()).all()
    assert (t["lower_95"] >= 0).all()
    assert (t["lower_95"] <= t["lower_80"]).all()
    assert (t["lower_80"] <= t["upper_80"]).all()
    assert (t["upper_80"] <= t["upper_95"]).all()
    slack = 0.5 if made.law.integer else 1e-9  # whole-number ends are rounded, the centre is not
    assert (t["central"] >= t["lower_80"] - slack).all()
    assert (t["central"] <= t["upper_80"] + slack).all()


@given(st.lists(st.integers(0, 400), min_size=1, max_size=40), st.integers(1, 14))
@settings(max_examples=40, deadline=None)
def test_counts_get_whole_nested_intervals(values: list[int], horizon: int) -> None:
    made = forecast(values, horizon)
    intervals_are_sound(made)
    assert made.law.integer
    ends = made.table[["lower_80", "upper_80", "lower_95", "upper_95"]].to_numpy()
    assert (ends == np.round(ends)).all()
    assert len(made.table) == horizon


@given(
    st.lists(st.floats(0.5, 1000.0), min_size=2, max_size=30),
    st.sampled_from([0.001, 0.37, 1000.0]),
)
@settings(max_examples=30, deadline=None)
def test_amounts_scale_with_their_unit(values: list[float], factor: float) -> None:
    one = forecast(values, 6, integer=False)
    other = forecast(np.array(values) * factor, 6, integer=False)
    intervals_are_sound(one)
    mean = one.table["mean"]
    assert ((mean >= one.table["lower_95"]) & (mean <= one.table["upper_95"])).all()
    columns = one.table.columns.drop("step")
    np.testing.assert_allclose(
        other.table[columns], one.table[columns] * factor, rtol=1e-5, atol=1e-6 * factor * max(values)
    )


@pytest.mark.parametrize("n", range(1, 8))
def test_very_short_series_get_wide_intervals(n: int) -> None:
    made = forecast([14, 9, 12, 15, 11, 8, 13][:n], 6)
    intervals_are_sound(made)
    # Never narrower than independent Poisson months at the level seen, within a month's rounding.
    poisson = stats.poisson.ppf(0.975, 11) - stats.poisson.ppf(0.025, 11)
    assert (made.table["upper_95"] - made.table["lower_95"]).min() >= poisson - 3


def test_all_zero_and_constant_series() -> None:
    short, long = forecast([0] * 3, 6), forecast([0] * 60, 6)
    assert (short.table["lower_95"] == 0).all()
    assert (short.table["upper_95"] >= 1).all()
    assert (long.table["upper_95"] == 0).all()
    same = forecast([7] * 24, 6)
    assert ((same.table["lower_95"] < 7) & (same.table["upper_95"] > 7)).all()
    assert (forecast([0.0] * 10, 3, integer=False).table["upper_95"] < 1e-3).all()


def test_only_the_latest_months_are_used_and_inputs_stay_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prediction, "_LONGEST", 24)
    values = np.r_[np.full(10, 900.0), np.arange(24) % 12 + 20.0]
    before = values.copy()
    made = forecast(values, 3)
    np.testing.assert_array_equal(values, before)
    pd.testing.assert_frame_equal(made.table, forecast(values[10:], 3).table)


def test_a_season_is_followed() -> None:
    season = 60 + 25 * np.sin(np.arange(48) * np.pi / 6)
    made = forecast(np.round(season), 12)
    np.testing.assert_allclose(made.table["central"], season[:12], atol=3)
    assert made.mixed.weights["seasonal"] > 0.99


def test_a_known_step_moves_the_level_and_spares_the_interval() -> None:
    rng = np.random.default_rng(5)
    values = np.r_[rng.poisson(50, 24), rng.poisson(25, 8)]
    told, untold = forecast(values, 6, steps=[24]), forecast(values, 6)
    assert told.table["mean"].mean() == pytest.approx(25, abs=4)
    width = told.table["upper_95"] - told.table["lower_95"]
    assert width.mean() < (untold.table["upper_95"] - untold.table["lower_95"]).mean()


def test_a_step_of_counts_without_scatter_is_weighed_against_poissons_noise() -> None:
    """Noise 1 on the scale of roots; a step's prior standard deviation is a quarter of the level there."""
    columns = (np.arange(12) >= 6).astype(float)[:, None]
    level = np.full(12, 8.0)
    assert prediction._step_ridge(level, columns, counts=True) == pytest.approx([1 / 2.0**2])
    assert prediction._step_ridge(level, columns, counts=False) == pytest.approx([0.0])


@pytest.mark.parametrize(
    ("values", "call"),
    [
        ([], {}),
        ([np.nan, np.nan], {}),
        ([1, -2], {}),
        ([1, np.inf], {}),
        ([[1, 2]], {}),
        ([1, 2], {"horizon": 0}),
        ([1, 2, 3], {"steps": [3]}),
        ([1, 2, 3], {"steps": [0]}),
    ],
)
def test_wrong_input_is_refused(values: list, call: dict) -> None:
    with pytest.raises(MethodError, match="found"):
        forecast(values, **{"horizon": 3, **call})


@pytest.mark.parametrize("size", [None, 8.0])
def test_intervals_cover_simulated_counts(size: float | None) -> None:
    """True probability within the 95% interval, averaged: Poisson and negative-binomial series, no change."""
    rng = np.random.default_rng(11)
    inside = []
    for _ in range(120):
        n, mean = int(rng.choice([12, 18, 24, 36])), float(rng.choice([8.0, 30.0, 120.0]))
        law = stats.poisson(mean) if size is None else stats.nbinom(size, size / (size + mean))
        t = forecast(law.rvs(n, random_state=rng), 6).table
        inside.append((law.cdf(t["upper_95"]) - law.cdf(t["lower_95"] - 1)).mean())
    assert 0.93 <= np.mean(inside) <= 0.985


def test_paths_agree_with_the_table_and_totals_are_not_sums_of_quantiles() -> None:
    rng = np.random.default_rng(3)
    made = forecast(rng.poisson(40, 30), 12)
    paths = made.simulate(20_000, np.random.default_rng(1))
    for column, share in (("lower_80", 0.1), ("upper_80", 0.9), ("lower_95", 0.025), ("upper_95", 0.975)):
        np.testing.assert_allclose(np.quantile(paths, share, axis=0), made.table[column], atol=1.6)
    np.testing.assert_allclose(paths.mean(axis=0), made.table["mean"], rtol=0.01)
    low, high = np.quantile(paths.sum(axis=1), [0.025, 0.975])
    added = made.table["upper_95"].sum() - made.table["lower_95"].sum()
    assert high - low < 0.8 * added
    np.testing.assert_array_equal(paths[:5], made.simulate(20_000, np.random.default_rng(1))[:5])


def test_totals_over_months_cover_simulated_years() -> None:
    # A level that wanders by 4% a month, as those of real teams do: a year's total by joint paths.
    rng = np.random.default_rng(21)
    inside = []
    for _ in range(150):
        mean = 40 * np.exp(np.cumsum(0.04 * rng.standard_normal(48)))
        y = rng.poisson(mean)
        total = forecast(y[:36], 12).simulate(400, rng).sum(axis=1)
        low, high = np.quantile(total, [0.025, 0.975])
        inside.append(low <= y[36:].sum() <= high)
    assert 0.91 <= np.mean(inside) <= 0.993


def rare_law(spread: float) -> Predictive:
    """A law of rare counts whose tail is all but normal, months strongly alike."""
    scale = spread * np.array([[1.0, 0.8], [0.8, 1.0]])
    root = Predictive(np.array([1.9, 2.1]), scale, 1e6, True)
    return replace(root, rare_mean=root.mean)


def test_rare_counts_are_negative_binomial_with_the_moments_of_the_root_scale() -> None:
    law = rare_law(0.9)
    assert law.is_rare
    # z^2 / s^2 is non-central chi-squared with one degree of freedom; a count is z^2 / 4 - 3/8.
    square = stats.ncx2(1, law.location**2 / law.spread**2)
    mean = law.spread**2 * square.mean() / 4 - 0.375
    variance = (law.spread**2 / 4) ** 2 * square.var()
    np.testing.assert_allclose(law.mean, mean, rtol=1e-5)
    counts = stats.nbinom(mean**2 / (variance - mean), mean / variance)
    for probability in (0.025, 0.1, 0.5, 0.9, 0.975):
        np.testing.assert_array_equal(law.quantile(probability), counts.ppf(probability))
    paths = law.draw(np.random.default_rng(6).standard_normal((40_000, 2)), np.random.default_rng(7))
    for k in range(4):
        np.testing.assert_allclose((paths == k).mean(axis=0), counts.pmf(k), atol=0.01)
    assert np.corrcoef(paths.T)[0, 1] > 0.55


def test_less_scattered_than_poisson_is_poisson() -> None:
    law = rare_law(0.1)
    counts = stats.poisson(law.mean)
    for probability in (0.025, 0.5, 0.975):
        np.testing.assert_array_equal(law.quantile(probability), counts.ppf(probability))


def test_a_series_mostly_of_noughts() -> None:
    rng = np.random.default_rng(14)
    inside, means = [], []
    for _ in range(60):
        y = rng.poisson(0.4, 36)
        made = forecast(np.r_[1, y], 6)
        t = made.table
        means.append(t["mean"].mean())
        inside.append((stats.poisson.cdf(t["upper_95"], 0.4)).mean())
        assert set(t["central"]) <= {0.0, 1.0}
        assert "negative-binomial" in made.method
    assert np.mean(means) == pytest.approx(15.4 / 37, abs=0.03)
    assert np.mean(inside) >= 0.97


def test_series_that_move_together_have_wider_totals() -> None:
    rng = np.random.default_rng(8)
    made = {"a": forecast(rng.poisson(50, 24), 6), "b": forecast(rng.poisson(50, 24), 6)}
    spread = {}
    for shared in (0.0, 0.9):
        noise = rng.standard_normal((2, 24))
        alike = [noise[0], shared * noise[0] + np.sqrt(1 - shared**2) * noise[1]]
        paths = simulate_together(
            {name: replace(made[name], residuals=own) for name, own in zip(made, alike, strict=True)},
            4000,
            np.random.default_rng(2),
        )
        spread[shared] = (paths["a"] + paths["b"]).std()
    assert spread[0.9] > 1.25 * spread[0.0]
    with pytest.raises(MethodError, match="horizons"):
        simulate_together({"a": made["a"], "b": forecast([1, 2, 3], 2)}, 10, rng)


def test_backtest_uses_only_what_was_known() -> None:
    rng = np.random.default_rng(4)
    y = rng.poisson(30 + 20 * np.sin(np.arange(42) * np.pi / 6))
    found = backtest(y, 6)
    assert sorted(found.table["origin"].unique()) == [31, 32, 33, 34, 35, 36]
    first = found.table[found.table["origin"] == 31]
    np.testing.assert_allclose(first["central"], forecast(y[:31], 6).table["central"])
    np.testing.assert_array_equal(first["naive"], y[19:25])
    np.testing.assert_array_equal(first["actual"], y[31:37])
    inside = (found.table["actual"] >= found.table["lower_95"]) & (
        found.table["actual"] <= found.table["upper_95"]
    )
    assert found.coverage_95 == inside.mean()


def test_backtest_says_when_last_years_figure_is_as_good() -> None:
    repeated = np.tile([10, 40, 20, 90, 30, 60, 15, 80, 25, 70, 35, 50], 4)
    found = backtest(repeated, 6)
    assert found.mase_naive != 0 or not found.better
    assert not found.better
    short = backtest(repeated[:11], 6)
    assert short.origins == 0
    assert np.isnan(short.mase)


@pytest.mark.parametrize(
    ("n", "degrees"), [(1, 2.5), (2, 2.5), (4, 2.5), (11, 5.0), (21, 20 / 3), (66, 26 / 3)]
)
def test_degrees_of_freedom_are_those_of_the_noise_and_of_its_estimate(n: int, degrees: float) -> None:
    # Two sources of a heavy tail, ten degrees and one fewer than months: their excesses, 1 / degrees, add up.
    # Never so few that the variance, degrees / (degrees - 2), would be without end.
    made = forecast(np.arange(n) % 5 + 20, 6)
    assert made.mixed.degrees == pytest.approx(degrees)
    assert made.law.degrees == made.mixed.degrees


def test_a_constant_level_has_the_students_interval_of_a_mean() -> None:
    # One member alone, a constant level: covariance s^2 f / (f - 2) (I + 1/n) for f = n - 1 degrees.
    y = Y
    made = family(y.size, 12, 1)
    odds = np.where((made.form == 0) & (made.parameters[:, 0] == 0.0), 0.0, -1e6)
    none = np.zeros((y.size, 0))
    law = combine(
        y, made, regressors=none, future=np.zeros((12, 0)), ridge=np.zeros(0), log_odds=odds, floor=1e-9
    )
    free = y.size - 1
    covariance = y.var(ddof=1) * free / (free - 2) * (np.eye(12) + 1 / y.size)
    np.testing.assert_allclose(law.scale * law.degrees / (law.degrees - 2), covariance)


@pytest.mark.parametrize(
    ("values", "counts", "floor"),
    [
        ([4.0] * 2, True, 1.0),  # Poisson
        ([4.0] * 12, True, 3 / 12),
        ([400.0] * 2, True, (0.2 / 2) ** 2 * 400),  # a fifth of the level, over as many values
        ([400.0, np.nan, 400.0], True, (0.2 / 2) ** 2 * 400),
        ([9.0] * 3, False, (0.2 / 3) ** 2 * 9),
        ([0.0] * 3, False, 1e-12),
    ],
)
def test_the_noise_has_the_floor_of_the_methods(values: list[float], counts: bool, floor: float) -> None:
    assert prediction._noise_floor(np.array(values), counts) == pytest.approx(floor)


def test_the_effect_of_a_step_has_a_standard_deviation_of_a_quarter_of_the_level() -> None:
    """In units of the noise: half the mean square of the moves, but for the one across the step."""
    step = (np.arange(6)[:, None] >= 3).astype(float)
    z = np.array([10.0, 12.0, 10.0, 40.0, 44.0, 40.0])
    noise, level = (4 + 4 + 16 + 16) / 4 / 2, 26.0
    assert prediction._step_ridge(z, step, True) == pytest.approx(noise / (0.25 * level) ** 2)
    gone = np.where(np.arange(6) == 5, np.nan, z)
    assert prediction._step_ridge(gone, step, True) == pytest.approx(8 / 2 / (0.25 * 116 / 5) ** 2)
    calm = z / 100
    assert prediction._step_ridge(calm, step, True) == pytest.approx(1 / (0.25 * 0.26) ** 2)  # Poisson's
    assert prediction._step_ridge(calm, step, False) == pytest.approx(noise / (0.25 * level) ** 2)
    assert prediction._step_ridge(0 * z, step, True).tolist() == [1.0]
    assert prediction._step_ridge(z, step[:, :0], True).size == 0


def test_a_month_is_drawn_in_to_three_standard_errors() -> None:
    z, sd = np.array([10.0, 10.0, 10.0, np.nan]), np.array([1.0, 2.0, 1.0, 0.5])
    mixed = SimpleNamespace(residuals=np.array([4.0, -8.0, 3.0, np.nan]), residuals_sd=sd)
    assert prediction._tamed(z, mixed) == pytest.approx([9.0, 12.0, 10.0, np.nan], nan_ok=True)
    mixed.residuals = np.array([3.0, -6.0, 0.0, 1.5])
    assert prediction._tamed(z, mixed) is z


def test_a_tenth_of_each_correlation_is_one_and_the_whole_narrower_by_a_twenty_fifth() -> None:
    found = prediction._widened(np.array([[4.0, -3.0], [-3.0, 9.0]]))
    assert found == pytest.approx(0.96 * np.array([[4.0, -2.7 + 0.6], [-2.7 + 0.6, 9.0]]))


def test_draws_have_the_scale_that_is_asked_for() -> None:
    scale = np.array([[4.0, 1.0], [1.0, 9.0]])
    root = prediction._symmetric_root(scale)
    assert root == pytest.approx(root.T)
    assert root @ root == pytest.approx(scale)


@pytest.mark.parametrize(("level", "is_rare"), [(1, True), (3, False)])
def test_counts_below_two_a_month_are_rare(level: int, is_rare: bool) -> None:
    assert forecast([level, level + 1, level - 1] * 8, 3).law.is_rare == is_rare
    assert not forecast([level + 0.5] * 24, 3).law.is_rare


@pytest.mark.parametrize("step", [0, 24, -1])
def test_a_step_lies_between_two_months(step: int) -> None:
    values = [20, 22, 19, 21] * 6
    with pytest.raises(MethodError, match="positions from 1 to 23"):
        forecast(values, 3, steps=[step])
    assert forecast(values, 3, steps=[1, 23]).table.notna().all(axis=None)
