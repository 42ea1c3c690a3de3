"""Queues against published tables, direct sums and simulation; backlogs by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from s75lib.errors import MethodError
from s75lib.stats.queueing import (
    Desk,
    backlog,
    backlog_distribution,
    cover_needed,
    dispersion,
    erlang_b,
    exceedance,
    servers_needed,
)

few = settings(max_examples=60, deadline=None)


# The classical Erlang B table: servers and the load at which 1% and 5% are turned away.
@pytest.mark.parametrize(
    ("servers", "load", "blocked"),
    [
        (1, 0.0101, 0.01),
        (5, 1.361, 0.01),
        (10, 4.461, 0.01),
        (20, 12.03, 0.01),
        (5, 2.219, 0.05),
        (10, 6.216, 0.05),
    ],
)
def test_erlang_b_reproduces_the_published_table(servers, load, blocked):
    assert erlang_b(servers, load) == pytest.approx(blocked, rel=2e-3)


@given(st.integers(1, 60), st.floats(0.01, 80))
@few
def test_erlang_b_is_the_truncated_poisson(servers, load):
    assert erlang_b(servers, load) == pytest.approx(
        stats.poisson.pmf(servers, load) / stats.poisson.cdf(servers, load), rel=1e-9
    )


@given(st.integers(1, 30), st.floats(0.05, 0.98))
@few
def test_erlang_c_agrees_with_the_textbook_sum(servers, use):
    load = servers * use
    last = load**servers / math.factorial(servers) / (1 - use)
    below = sum(load**n / math.factorial(n) for n in range(servers))
    assert Desk(load, 1, servers).p_wait == pytest.approx(last / (below + last), rel=1e-9)


def test_the_recursion_survives_where_factorials_overflow():
    assert 0 < Desk(950, 1, 1000).p_wait < 0.2


def test_eye_clinic_of_gross_and_harris():
    desk = Desk(6, 1 / 3, 3)
    assert desk.mean_wait == pytest.approx(4 / 27)
    assert desk.load + 6 * desk.mean_wait == pytest.approx(26 / 9)  # present, by Little's law


def test_one_server_is_the_textbook_queue():
    desk = Desk(0.8, 1, 1)
    assert (desk.p_wait, desk.mean_wait) == pytest.approx((0.8, 4.0))
    assert desk.p_wait_longer(2) == pytest.approx(0.8 * math.exp(-0.4))


def test_a_simulated_desk_waits_as_computed():
    rng = np.random.default_rng(20200124)
    n, servers, arrivals, service = 200_000, 3, 0.30, 7.5
    came = np.cumsum(rng.exponential(1 / arrivals, n))
    busy = rng.exponential(service, n)
    free = np.zeros(servers)
    waits = np.empty(n)
    for i in range(n):
        first = int(free.argmin())
        starts = max(came[i], free[first])
        waits[i] = starts - came[i]
        free[first] = starts + busy[i]
    desk = Desk(arrivals, service, servers)
    assert np.mean(waits > 0) == pytest.approx(desk.p_wait, abs=0.015)
    assert waits.mean() == pytest.approx(desk.mean_wait, rel=0.06)
    assert np.mean(waits > 5) == pytest.approx(desk.p_wait_longer(5), abs=0.015)


@given(st.floats(1, 3), st.integers(1, 40))
@few
def test_a_desk_with_more_work_than_people_never_settles(use, servers):
    desk = Desk(use * servers, 1, servers)
    assert (desk.p_wait, desk.mean_wait, desk.p_wait_longer(100)) == (1, math.inf, 1)


def test_an_idle_desk_makes_nobody_wait_even_without_people():
    desk = Desk(0, 1, 0)
    assert (desk.p_wait, desk.mean_wait, desk.utilisation) == (0, 0, 0)


def test_a_desk_without_people_never_serves():
    desk = Desk(1, 1, 0)
    assert (desk.p_wait, desk.mean_wait, desk.utilisation) == (1, math.inf, math.inf)


@given(st.floats(0.1, 15), st.floats(0.1, 3), st.floats(0.01, 0.5), st.floats(0, 2))
@few
def test_servers_needed_meet_the_target_and_one_fewer_do_not(arrivals, service, target, within):
    people = servers_needed(arrivals, service, target, within=within)
    assert Desk(arrivals, service, people).p_wait_longer(within) <= target
    assert people == 0 or Desk(arrivals, service, people - 1).p_wait_longer(within) > target


def test_nobody_is_needed_where_nobody_comes():
    assert servers_needed(0, 1, 0.05) == 0


@given(st.floats(0.05, 40), st.floats(1.01, 6), st.integers(0, 60))
@few
def test_exceedance_is_one_less_the_direct_sum(mean, ratio, level):
    size, odds = mean / (ratio - 1), 1 / ratio
    terms = (
        math.exp(
            math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)
            + size * math.log(odds) + k * math.log1p(-odds)
        )
        for k in range(level + 1)
    )  # fmt: skip
    assert exceedance(level, mean, ratio) == pytest.approx(1 - math.fsum(terms), abs=1e-9)


def test_exceedance_without_extra_scatter_is_poisson():
    assert exceedance(1, 2) == pytest.approx(1 - 3 * math.exp(-2))
    assert exceedance(1.9, 2) == exceedance(1, 2)


def test_the_negative_binomial_is_a_poisson_with_a_gamma_mean():
    rng = np.random.default_rng(3)
    mean, ratio = 1.4, 1.8
    counts = rng.poisson(rng.gamma(mean / (ratio - 1), ratio - 1, 400_000))
    assert np.var(counts) / np.mean(counts) == pytest.approx(ratio, rel=0.02)
    assert np.mean(counts > 3) == pytest.approx(exceedance(3, mean, ratio), abs=0.002)


def test_no_demand_exceeds_no_cover():
    assert exceedance(0, 0) == 0
    assert cover_needed(0, 0.05) == 0


@given(st.floats(0.05, 30), st.floats(1, 5), st.floats(0.005, 0.5))
@few
def test_cover_is_the_upper_quantile(mean, ratio, risk):
    law = stats.poisson(mean) if ratio == 1 else stats.nbinom(mean / (ratio - 1), 1 / ratio)
    level = cover_needed(mean, risk, ratio)
    assert law.sf(level) <= risk
    assert level == 0 or law.sf(level - 1) > risk


@given(st.floats(0.05, 30), st.integers(0, 40))
@few
def test_more_scatter_never_makes_far_excesses_rarer(mean, above):
    level = math.ceil(mean) + 2 + above
    far = level > mean + 3 * math.sqrt(mean)
    assert not far or exceedance(level, mean, 2.0) >= exceedance(level, mean)


def test_dispersion_by_hand():
    assert dispersion([2, 6, 10, float("nan")]) == pytest.approx(16 / 6)
    assert dispersion([30, 31, 30, 31]) == 1  # less scatter than Poisson is taken as Poisson


def test_dispersion_recovers_what_was_drawn():
    rng = np.random.default_rng(8)
    assert dispersion(rng.negative_binomial(30, 30 / (30 + 45), 4000)) == pytest.approx(2.5, rel=0.1)


@pytest.mark.parametrize("counts", [[], [3], [0, 0, 0]])
def test_too_little_shows_no_more_scatter_than_chance(counts):
    assert dispersion(counts) == 1


def test_backlog_by_hand():
    assert backlog([10, 14, 8, 2, 20], 10).tolist() == [0, 4, 2, 0, 10]
    assert backlog([10, 10], [12, 5]).tolist() == [0, 5]


def test_backlog_of_many_paths_is_each_path_alone():
    rng = np.random.default_rng(1)
    came, done = rng.poisson(20, (50, 12)), rng.integers(15, 25, 12)
    together = backlog(came, done)
    assert all((together[i] == backlog(came[i], done)).all() for i in range(50))


@given(st.lists(st.floats(0, 50), min_size=1, max_size=24), st.floats(0, 60))
@few
def test_backlog_equals_lindleys_largest_partial_sum(came, done):
    net = np.cumsum(np.array(came) - done)
    # Reflection: what waits is the walk above its own lowest point, or above the start.
    assert backlog(came, done) == pytest.approx(net - np.minimum(np.minimum.accumulate(net), 0), abs=1e-9)


@pytest.mark.parametrize("ratio", [1.0, 1.6])
def test_the_distribution_of_the_backlog_is_the_simulated_one(ratio):
    rng = np.random.default_rng(12)
    shape = (60_000, 12)
    came = rng.poisson(20, shape) if ratio == 1 else rng.negative_binomial(20 / (ratio - 1), 1 / ratio, shape)
    paths = backlog(came, 21)[:, -1]
    exact = backlog_distribution(20, 21, 12, variance_ratio=ratio)
    assert exact.sum() == pytest.approx(1)
    assert np.mean(paths == 0) == pytest.approx(exact[0], abs=0.01)
    assert paths.mean() == pytest.approx(exact @ np.arange(exact.size), abs=0.15)
    assert np.mean(paths <= 15) == pytest.approx(exact[:16].sum(), abs=0.01)


def test_without_capacity_the_backlog_is_all_that_came():
    exact = backlog_distribution(2, 0, 3)
    assert exact[:20] == pytest.approx(stats.poisson.pmf(np.arange(20), 6), abs=1e-10)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Desk(1, 1, 2.5),
        lambda: Desk(1, 1, -1),
        lambda: Desk(-0.1, 1, 2),
        lambda: Desk(1, 0, 1),
        *(lambda target=target: servers_needed(1, 1, target) for target in (-0.5, 0, 1, 1.5)),
        lambda: exceedance(1, -1),
        lambda: exceedance(1, 1, 0.9),
        *(lambda risk=risk: cover_needed(1, risk) for risk in (-0.5, 0, 1, 1.5)),
        lambda: dispersion([-1, 2]),
        lambda: backlog([1, -1], 1),
        lambda: backlog([1, math.nan], 1),
        lambda: backlog_distribution(2, 1.5, 3),
        lambda: backlog_distribution(0, 1, 3),
    ],
)
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(MethodError, match="expected"):
        call()


def test_inputs_are_left_alone():
    came = np.array([10.0, 14.0])
    backlog(came, 10)
    assert came.tolist() == [10, 14]


def test_arrivals_more_even_than_chance_are_refused():
    assert backlog_distribution(2, 3, 3, variance_ratio=1).sum() == pytest.approx(1.0)
    with pytest.raises(MethodError, match="a ratio of 1 or more"):
        backlog_distribution(2, 3, 3, variance_ratio=0.5)
