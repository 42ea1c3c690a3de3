"""How months vary: the likelihood by matrices, the step's bound by simulation, and each series by itself."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from s75lib.errors import MethodError
from s75lib.kpi.changes import changes
from s75lib.loaders.indicators import Indicator
from s75lib.stats import months
from s75lib.stats.months import Variation, learnt, vary

CANDIDATES = (
    (0, -1, 24),
    *((0, at, 24) for at in range(3, 22)),
    *((year, at, year + 12) for year in (0, 12) for at in range(year + 3, year + 10)),
)
YEARS = np.arange(3, 27)


def fits(scores: np.ndarray, roots: np.ndarray, held: np.ndarray = YEARS) -> months._Fits:
    """Fit a series of scores whose candidates are those of two years."""
    return months._fits(scores, roots, held, CANDIDATES, (held - 3) // 12)


def test_likelihood_and_squares_are_those_of_generalised_least_squares() -> None:
    rng = np.random.default_rng(3)
    held = np.delete(np.arange(3, 29), [5, 17])  # two months without a figure
    roots, scores = np.sqrt(rng.integers(20, 90, 24).astype(float)), rng.normal(size=24)
    found = fits(scores, roots, held)
    angle = 2 * np.pi * held / 12
    common = [np.ones(24), np.cos(angle), np.sin(angle)]
    means = {
        0: [*common, held >= 15, held >= 27],
        1: [*common, held - held.mean()],
        2: [*common, np.arange(24) >= 3],
        12: [*common, np.arange(24) >= 13],
        21: [*common, held >= 15, held >= 27, (np.arange(24) >= 3) & (np.arange(24) < 12)],
        34: [*common, held >= 15, held >= 27, (np.arange(24) >= 21) & (np.arange(24) < 24)],
    }
    for place, columns in means.items():
        design = np.column_stack(columns).astype(float) * roots[:, None]
        design /= np.linalg.norm(design, axis=0)
        for at, correlation in enumerate(months._CORRELATIONS):
            inverse = np.linalg.inv(correlation ** np.abs(np.subtract.outer(held, held)))
            cross = design.T @ inverse @ design
            rest = scores - design @ np.linalg.solve(cross, design.T @ inverse @ scores)
            assert found.squares[place, at] == pytest.approx(rest @ inverse @ rest)
            assert found.free[place] == 24 - design.shape[1]
            log_dets = np.linalg.slogdet(cross)[1] - np.linalg.slogdet(inverse)[1]
            # Waves are not normalised one by one, which adds the same to every correlation.
            base = found.log_dets[place, 0] - np.linalg.slogdet(design.T @ design)[1]
            assert found.log_dets[place, at] - base == pytest.approx(log_dets)


def test_step_bound_is_close_to_the_level_and_never_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "_CORRELATIONS", np.zeros(1))  # independent months, and no others
    rng = np.random.default_rng(5)
    series = [fits(scores, np.ones(24)) for scores in rng.normal(size=(3000, 24))]
    score = np.sqrt(np.array([one.explained[:, 0].max() for one in series]))
    owen = special.owens_t(score[:, None], series[0].apart[0]).sum(axis=1)
    bound = np.sort(2 * special.ndtr(-score) + 4 * owen)
    for level in (0.01, 0.05, 0.1):
        share = np.searchsorted(bound, level) / len(bound)
        margin = 3 * np.sqrt(level / len(bound))
        assert 0.7 * level - margin < share < level + margin
    # Bonferroni over them all would ask for far more.
    assert (bound < len(CANDIDATES) * 2 * special.ndtr(-np.sort(score)[::-1]) + 1e-12).all()


def test_what_is_held_before_the_months_are_seen_is_what_the_methods_say() -> None:
    """The grids, the starting weights and what a test allows for, read in docs/methods.md."""
    methods = (Path(__file__).parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
    said = " ".join(methods.split())
    counted, scales = months._grid("share"), months._grid("value")
    assert "r over 0, 0.1 … 0.9, 0.95, 0.98;" in said
    assert months._CORRELATIONS.tolist() == [*(tenth / 10 for tenth in range(10)), 0.95, 0.98]
    assert counted[1:] / counted[:-1] == pytest.approx(counted[1])
    assert f"φ over 15 values from 1 to {counted[-1]:g}, each {counted[1]:.2f} times the one before" in said
    assert f"{len(scales)} from {scales[0]:g} to {scales[-1]:g} times the months' own variance" in said
    assert (len(counted), counted[0]) == (15, 1)
    for kind, name in (("flow", "flow"), ("", "not said"), ("caseload", "caseload")):
        row = re.search(rf"\| {name} \| (\d+)% \| (\d+)% \| (\d+)% \|", methods)
        assert row is not None
        plain, independent, even = (int(share) / 100 for share in row.groups())
        first = np.full(len(months._CORRELATIONS), (1 - independent) / (len(months._CORRELATIONS) - 1))
        second = np.full(15, (1 - even) / 14)
        first[0], second[0] = independent, even
        wanted = (1 - plain) * np.outer(first, second)
        wanted[0, 0] += plain
        assert months._start(kind, "share") == pytest.approx(wanted)
        assert months._start(kind, "count") == pytest.approx(wanted)
    row = re.search(r"flow / not said / caseload \| 0% \| (\d+) / (\d+) / (\d+)% \|", methods)
    assert row is not None
    for kind, share in zip(("flow", "", "caseload"), row.groups(), strict=True):
        assert months._start(kind, "value").sum(axis=1)[0] == pytest.approx(int(share) / 100)
        assert np.ptp(months._start(kind, "value"), axis=1) == pytest.approx(0)


@pytest.mark.parametrize("share", [0.75, 0.95, 0.98])
def test_a_test_allows_for_the_figure_that_is_large_enough_with_its_plausibility(share: float) -> None:
    for wanted, beside in {
        1.0: (0.01, 0, 0),
        2.0: (-0.01, 0.02, 0),
        3.0: (-0.02, 0.01, 0.02),
        4.0: (-0.02, 0.005, 0.005),
    }.items():
        first, second, third = share + beside[0], *beside[1:]
        weights = np.array([1 - first - second - third, second, third, first])
        assert months._allowed(np.array([4.0, 2.0, 3.0, 1.0]), weights, share) == wanted


def test_plain_counts_of_a_flow_keep_their_test_and_dispersed_ones_do_not() -> None:
    even = stats.binom.ppf((np.arange(24) * 7 % 24 + 0.5) / 24, 60, 0.8)
    plain = vary(even, [60] * 24, YEARS, model="share", kind="flow")
    assert plain is not None
    later, earlier = YEARS[12:].tolist(), YEARS[:12].tolist()
    assert plain.widened(0.01, later, earlier) == pytest.approx(0.01, rel=0.15)
    assert plain.stretch(later, earlier) < 1.02
    wild = vary(even + 6 * (-1) ** np.arange(24), [60] * 24, YEARS, model="share", kind="flow")
    assert wild is not None
    assert wild.dispersion > 3
    assert wild.widened(0.01, later, earlier) > 0.1
    assert wild.stretch(later, earlier) == pytest.approx(np.sqrt(wild.dispersion), rel=0.3)


@pytest.mark.parametrize("at", [12, 18])
def test_step_is_found_at_its_place(at: int) -> None:
    cases = np.array([48, 50, 46, 49, 47, 48] * 4) - 12 * (np.arange(24) >= at)
    found = vary(cases, [60] * 24, YEARS, model="share", kind="flow")
    assert found is not None
    assert found.step.place == at
    assert found.step.p_value < 0.005
    assert found.step.before == pytest.approx(0.8)
    assert found.step.after == pytest.approx(0.6)


@pytest.mark.parametrize("at", [9, 12, 18, 21])
def test_a_step_is_no_season_and_a_season_beside_a_step_is_seen(at: int) -> None:
    wave = np.sin(2 * np.pi * np.arange(24) / 12)
    level = np.array([160, 163, 157, 161, 158, 160] * 4) - 40 * (np.arange(24) >= at)
    alone = vary(level, [200] * 24, YEARS, model="share", kind="flow")
    both = vary(np.round(level + 25 * wave), [200] * 24, YEARS, model="share", kind="flow")
    assert alone is not None
    assert both is not None
    assert alone.season_p > 0.05
    assert both.season_p < 0.01
    assert both.spread > 1.5 * alone.spread


def test_nothing_is_judged_of_few_months_or_of_one_value() -> None:
    assert vary([5] * 23, [9] * 23, range(23), model="share") is None
    for events in (0, 4, 9):
        found = vary([events] * 24, [9] * 24, range(24), model="share")
        assert (found is None) == (events in (0, 9))
    assert vary([0] * 24, [1] * 24, range(24), model="count") is None
    assert vary([7.5] * 24, [1] * 24, range(24), model="value") is None
    with pytest.raises(MethodError, match="exposure of 0"):
        vary([1] * 24, [0] * 24, range(24), model="share")
    with pytest.raises(MethodError, match="unequal length"):
        vary([1] * 24, [2] * 24, range(23), model="share")


def test_an_indicators_p_is_the_same_whatever_else_is_on_its_page() -> None:
    rng = np.random.default_rng(8)
    periods = [f"{2024 + (3 + at) // 12}-{(3 + at) % 12 + 1:02d}" for at in range(24)]
    cases = rng.binomial(60, 0.8, (6, 24))
    cases[1:, 6:] -= 9
    frame = pd.DataFrame(
        {
            "indicator": np.repeat([f"i{at}" for at in range(6)], 24), "group": "", "period": periods * 6,
            "value": cases.ravel() / 0.6, "unit": "percent", "numerator": cases.ravel().astype(float),
            "denominator": 60.0, "decimals": np.nan, "target": np.nan, "months_on_target": np.nan,
            "months_reported": np.nan,
        }
    )  # fmt: skip
    registry = {f"i{at}": Indicator(f"i{at}", f"i{at}", kind="flow") for at in range(6)}
    whole, alone = changes(frame, registry), changes(frame[frame["indicator"] == "i0"], registry)
    for name in ("p_value", "shift_p", "lower", "upper"):
        assert whole[name].iloc[0] == alone[name].iloc[0]
    assert whole["tests"].iloc[0] == 6


def varying(correlation: int, dispersion: int) -> Variation:
    """Months known to vary in one way: places in the grids of correlations and of dispersions."""
    found = vary([48, 50] * 12, [60] * 24, range(24), model="share", kind="flow")
    assert found is not None
    start = np.zeros_like(found.start)
    start[correlation, dispersion] = 1.0
    return replace(found, start=start)


def weighed(*pairs: tuple[float, int, float], season: float = 0.0) -> Variation:
    """Months that leave some pairs (correlation, place of the dispersion) their weights."""
    found = varying(0, 0)
    likelihood = np.zeros_like(found.likelihood)
    for correlation, dispersion, weight in pairs:
        likelihood[0, int(np.flatnonzero(correlation == months._CORRELATIONS)[0]), dispersion] = weight
    fits = found.fits._replace(season=np.full_like(found.fits.season, season))
    return replace(found, likelihood=likelihood, start=np.ones_like(found.start), fits=fits)


def test_correlation_and_dispersion_are_means_over_what_is_plausible() -> None:
    found = weighed((0.0, 0, 3.0), (0.9, 14, 1.0))
    assert found.correlation == pytest.approx(0.9 / 4)
    assert found.dispersion == pytest.approx((3 * 1 + 16) / 4)


@pytest.mark.parametrize(
    ("pairs", "serial", "kind"),
    [
        ([(0.1, 0, 1.0)], 0.0, "flow"),
        ([(0.0, 0, 0.81), (0.2, 0, 0.19)], 0.19, "flow"),
        ([(0.0, 0, 0.79), (0.2, 0, 0.21)], 0.21, ""),
        ([(0.0, 0, 0.21), (0.4, 0, 0.79)], 0.79, ""),
        ([(0.0, 0, 0.19), (0.4, 0, 0.81)], 0.81, "caseload"),
        ([(0.0, 0, 0.19), (0.3, 0, 0.81)], 0.81, ""),
    ],
)
def test_months_look_like_a_flow_or_a_caseload_by_how_alike_they_may_be(
    pairs: list[tuple[float, int, float]], serial: float, kind: str
) -> None:
    found = weighed(*pairs)
    assert (found.serial, found.looks_like) == (pytest.approx(serial), kind)


def test_a_season_counts_as_spread_once_it_is_found() -> None:
    """The wave's squares are chi-squared with two degrees: beyond 2 ln 100 it is found, over 24 months."""
    edge = 2 * math.log(100)
    below, above = (weighed((0.0, 0, 1.0), season=edge + more) for more in (-0.1, 0.1))
    assert (below.season_p, above.season_p) == pytest.approx([math.exp(-(edge + x) / 2) for x in (-0.1, 0.1)])
    assert (below.spread, above.spread) == pytest.approx((1.0, math.sqrt(1 + (edge + 0.1) / 24)))
    wilder = weighed((0.0, 14, 1.0), season=edge + 0.1)
    assert (wilder.season_p, wilder.spread) == pytest.approx((math.exp(-(edge + 0.1) / 32), 4.0))


def test_the_error_of_a_difference_is_chances_own_for_the_months_added() -> None:
    found = varying(5, 9)  # how they vary is no part of it
    rate = 49 / 60
    wanted = math.sqrt(rate * (1 - rate) * (1 / (60 * 12) + 1 / (60 * 6)))
    assert found.standard_error(range(12, 24), range(6)) == pytest.approx(wanted)


def test_the_ends_of_a_ratio_of_nought_are_widened_as_they_are() -> None:
    found = varying(0, 14)
    low, high = found.stretched_ratio(0.0, (0.0, 0.5), [20], [10])
    assert (low, high) == pytest.approx((0.0, 0.5 * 4))
    low, high = found.stretched_ratio(2.0, (1.0, 3.0), [20], [10])
    assert (low, high) == pytest.approx((2 / 2**4, 2 * 1.5**4))


@pytest.mark.parametrize("apart", [1, 4])
@pytest.mark.parametrize(("correlation", "dispersion"), [(0, 0), (0, 9), (3, 0), (5, 9)])
def test_the_difference_of_two_months_varies_by_dispersion_and_correlation(
    correlation: int, dispersion: int, apart: int
) -> None:
    """Var(X - Y) is 2 phi (1 - r^k) for months k apart of one variance phi, where chance alone gives 2."""
    r, phi = months._CORRELATIONS[correlation], months._DISPERSIONS[dispersion]
    found, pair = varying(correlation, dispersion), ([10 + apart], [10])
    times = phi * (1 - r**apart)
    assert found.stretch(*pair) == pytest.approx(max(math.sqrt(times), 1.0), rel=1e-6)
    wider = 2 * stats.norm.sf(2.5 / math.sqrt(times))
    assert found.widened(2 * stats.norm.sf(2.5), *pair) == pytest.approx(max(wider, 2 * stats.norm.sf(2.5)))


def test_series_learn_from_the_others_of_their_kind_and_not_from_themselves() -> None:
    rng = np.random.default_rng(4)
    plain = [
        vary(cases, [60] * 24, YEARS, model="share", kind="flow") for cases in rng.binomial(60, 0.8, (9, 24))
    ]
    wild = vary(48 + 8 * (-1) ** np.arange(24), [60] * 24, YEARS, model="share", kind="flow")
    unsaid = vary([48, 50] * 12, [60] * 24, YEARS, model="share")
    assert wild is not None
    assert unsaid is not None
    held = [one for one in plain if one is not None]
    *calm, own, other = learnt([*held, wild, unsaid])
    assert other.start == pytest.approx(unsaid.start)  # alone of its kind
    assert [one.allowed for one in (*calm, own, other)] == [0.98] * 10 + [0.95]
    assert own.start[0, 0] > 0.9  # the nine beside it are plain
    among_wild = learnt([held[0], *[wild] * 9])[0]
    assert among_wild.start[0, 0] < 0.3 < calm[0].start[0, 0]
    for one in (own, among_wild):
        assert one.start.sum() == pytest.approx(1)
        assert one.weights.sum() == pytest.approx(1)
    later, earlier = YEARS[12:].tolist(), YEARS[:12].tolist()
    assert among_wild.stretch(later, earlier) >= held[0].stretch(later, earlier)
