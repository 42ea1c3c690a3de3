"""Backlog: work that piles up, uneven arrivals, and open packages as a stock."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from s75lib.workload.assumptions import TAILS
from s75lib.workload.backlog import backlog_by_month, backlog_by_staff, caseload, stretch


def snapshots(counts):
    """A ledger whose packages P0, P1 … are open from their start to their end month."""
    rows = []
    for month in range(13):
        day = pd.Timestamp("2024-03-31") + pd.offsets.MonthEnd(month)
        for key, (first, last) in enumerate(counts):
            if first <= month < last:
                start = (
                    pd.Timestamp("2020-01-01")
                    if first == 0
                    else day - pd.DateOffset(months=month - first, days=5)
                )
                rows.append((day, f"P{key}", "Nursing", start, pd.NaT, False))
    frame = pd.DataFrame(
        rows, columns=["snapshot_date", "person_key", "care_type", "start_date", "end_date", "prior_year"]
    )
    return frame.assign(prior_year=frame["prior_year"].astype("boolean"))


def test_stock_and_flow_of_a_small_ledger():
    # Ten open throughout, one a month starts and stays for good.
    found = caseload(snapshots([(0, 99)] * 10 + [(m, 99) for m in range(1, 13)]))
    assert found.months["open"].tolist() == list(range(11, 23))
    assert (found.starts, found.leaving_share) == (1, 0)
    assert found.in_a_year == pytest.approx(34)
    assert found.settles_at == np.inf


def test_a_steady_ledger_stays_where_it_is():
    # Each month one of twelve ends and another starts.
    keep = [(max(m - 12, 0), m) for m in range(1, 25)]
    found = caseload(snapshots(keep))
    assert set(found.months["open"]) == {found.months["open"].iloc[0]}
    assert found.in_a_year == pytest.approx(found.months["open"].iloc[-1], rel=1e-6)
    assert found.settles_at == pytest.approx(found.months["open"].iloc[-1])


def test_a_ledger_with_a_month_missing_has_no_flow():
    frame = snapshots([(0, 99)] * 3)
    assert caseload(frame[frame["snapshot_date"] != pd.Timestamp("2024-06-30")]) is None
    assert caseload(frame.iloc[:0]) is None


def test_work_piles_up_by_what_is_short():
    table = backlog_by_month(np.full((5, 12), 11.0), 10.0)
    # A tenth of the staff's month short each month, in weeks.
    assert table["central"].iloc[-1] == pytest.approx(12 * 0.1 * 365.25 / 7 / 12)
    assert (table["p_any"] == 1).all()
    assert (backlog_by_month(np.full((5, 12), 9.0), 10.0)["upper_95"] == 0).all()


def test_more_use_leaves_more_waiting():
    table = stretch(100)
    assert table["upper_80"].is_monotonic_increasing
    assert table["p_clear"].is_monotonic_decreasing


def test_the_stock_ahead_has_the_mean_of_stock_and_flow():
    found = caseload(snapshots([(max(m - 12, 0), m) for m in range(1, 25)]))
    # The ledger's last day is 31 March 2025.
    assert found.ahead["month"].tolist() == pd.date_range("2025-04-01", "2026-03-01", freq="MS").tolist()
    last = found.ahead.iloc[-1]
    assert last["lower_95"] < found.in_a_year < last["upper_95"]
    assert last["central"] == pytest.approx(found.in_a_year, abs=1.5)
    widths = found.ahead["upper_95"] - found.ahead["lower_95"]
    assert widths.iloc[-1] > widths.iloc[0]


def test_what_waits_at_several_levels_of_staff():
    wte = np.vstack([np.full((50, 12), 9.0), np.full((50, 12), 12.0)])
    table = backlog_by_staff(wte, {"ten": 10.0, "nobody": 0.0, "twenty": 20.0}, full=13.0).set_index("case")
    assert table.loc["ten", "p_any"] == 0.5
    assert table.loc["ten", "p_error"] == pytest.approx(0.05)
    assert table.loc["ten", "use"] == pytest.approx(105)
    # Two WTE short for twelve months: 24 months of one person's work, 2.4 months of ten people's.
    assert table.loc["ten", "upper_80"] == pytest.approx(2.4 * 365.25 / 84)
    assert table.loc["ten", "clear"] == pytest.approx(24 / (13 - 10.5))
    assert table.loc["twenty", ["p_any", "upper_95", "clear"]].tolist() == [0, 0, 0]
    assert table.loc["nobody", ["use", "central", "clear"]].tolist() == [np.inf] * 3


def test_a_backlog_that_the_funded_posts_cannot_clear():
    table = backlog_by_staff(np.full((40, 12), 12.0), {"ten": 10.0}, full=12.0)
    assert table["clear"].tolist() == [np.inf]


def test_the_distribution_of_what_waits_by_simulation():
    rng = np.random.default_rng(8)
    arrivals = rng.poisson(50, (20_000, 12))
    row = stretch(50).set_index("use").iloc[3]  # the level nearest to full use
    waiting = np.zeros(len(arrivals))
    for month in arrivals.T:
        waiting = np.maximum(waiting + month - row["capacity"], 0)
    assert row["p_clear"] == pytest.approx((waiting == 0).mean(), abs=0.015)
    for name, share in (("median", 0.5), ("upper_80", 0.9), ("upper_95", 0.975)):
        assert row[name] == pytest.approx(np.quantile(waiting, share), abs=1.5)


def test_rates_of_the_stock_ahead_have_jeffreys_posterior():
    """Three packages that all end and start anew each month, against another simulation of the same law."""
    found = caseload(snapshots([(month, month + 1) for month in range(13) for _ in range(3)]))
    assert (found.starts, found.leaving_share) == (3, 1)
    rng = np.random.default_rng(4)
    rate, leaving = rng.gamma(36.5, 1 / 12, 40_000), rng.beta(36.5, 0.5, 40_000)
    stock = np.full(40_000, 3)
    for ahead in found.ahead.to_dict("records"):
        stock = rng.binomial(stock, 1 - leaving) + rng.poisson(rate)
        for name, share in TAILS.items():
            assert ahead[name] == pytest.approx(np.quantile(stock, share), abs=1)
    assert found.ahead["central"].mean() == pytest.approx(3, abs=0.5)


def test_a_stock_of_which_nothing_ever_ended_may_still_lose_some():
    """Jeffreys' posterior of no end in twelve package-months has a mean of 0.5 in 13."""
    found = caseload(snapshots([(0, 99)] * 40 + [(12, 99)]))
    still = np.random.default_rng(4).beta(480.5, 0.5, 40_000) ** 12
    assert found.ahead["lower_95"].iloc[-1] == pytest.approx(41 * np.quantile(still, 0.025), abs=1)
