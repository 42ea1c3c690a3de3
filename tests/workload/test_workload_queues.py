"""Queues and stocks: the rota, the duty desk, packages open, work that piles up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from s75lib.stats.queueing import exceedance
from s75lib.workload.backlog import pile_up, piles, stretch
from s75lib.workload.caseload import caseload
from s75lib.workload.outlook import outlook
from s75lib.workload.rota import Staff, rota, rota_days, shortfall
from s75lib.workload.series import monthly, totals


def mha(flat, level=30.4375):
    ahead = flat({"mha_assessments": level})
    history = pd.DataFrame({"measure": "mha_assessments", "month": range(24), "count": [30.0, 31.0] * 12})
    return ahead, history


def test_the_rota_by_hand(fixed, flat):
    ahead, history = mha(flat)
    found = rota(ahead, history, fixed(), Staff(6.0, 1.0, 3.0), on_duty=3)
    assert found.daily_mean == pytest.approx(1)
    assert found.variance_ratio == 1  # less scatter than Poisson is taken as Poisson
    cases = found.cases.set_index("case")
    assert cases.loc["As now", "probability"] == pytest.approx(exceedance(3, 1))
    share = 42 / (365.25 / 7)
    joined = 3 + 3 * 1 / 7 * share
    assert cases.loc["Trainees join", "on_duty"] == pytest.approx(joined)
    assert cases.loc["Locums leave", "on_duty"] == pytest.approx(3 - 5 / 7 * share * 0.5)
    assert cases.loc["Locums leave", "probability"] > cases.loc["As now", "probability"]
    assert cases.loc["As now", "days_short"] == pytest.approx(365.25 * exceedance(3, 1))
    assert cases.loc["As now", "lower"] == pytest.approx(exceedance(3, 1))  # demand is certain here


def test_the_rota_of_nobody_new_has_no_such_case(fixed, flat):
    ahead, history = mha(flat)
    found = rota(ahead, history, fixed(), Staff())
    assert found.cases["case"].tolist() == ["As now", "Holiday period, 1 fewer on duty"]
    holiday = found.cases.iloc[1]
    assert (holiday["on_duty"], holiday["days"]) == (2, 14)
    assert holiday["days_short"] == pytest.approx(14 * exceedance(2, 1))


def test_the_duty_desk_by_the_formula(fixed, flat):
    ahead, history = mha(flat)
    found = rota(ahead, history, fixed(), Staff(), on_duty=2)
    desk = found.desk.set_index("on_duty")
    # A referral in 7.5 hours on duty, 7.5 hours each: a load of 1. With two: C = 1/3, mean wait C s.
    assert desk.loc[1, "utilisation"] == pytest.approx(1)
    assert desk.loc[1, "mean_wait"] == np.inf
    assert desk.loc[2, "p_wait"] == pytest.approx(1 / 3)
    assert desk.loc[2, "mean_wait"] == pytest.approx(7.5 / 3)
    assert desk.loc[2, "p_long"] == pytest.approx(np.exp(-2 / 7.5) / 3)
    for risk, people in found.desk_needed.itertuples(index=False):
        assert desk.loc[people, "p_long"] <= risk < desk.loc[people - 1, "p_long"]


def test_no_assessments_no_rota(fixed, flat):
    assert rota(flat({"reviews": 3}), pd.DataFrame(), fixed(), Staff()) is None


def test_a_part_person_on_duty_is_a_mixture_of_days(fixed):
    assert shortfall(2.25, 1.5, 1.3) == pytest.approx(
        0.75 * exceedance(2, 1.5, 1.3) + 0.25 * exceedance(3, 1.5, 1.3)
    )
    assert rota_days(2, fixed()) == pytest.approx(2 * 5 / 7 * 42 / (365.25 / 7) * 0.5)


def test_totals_feed_the_rota(fixed):
    months = pd.date_range("2024-01-01", periods=3, freq="MS")
    frame = pd.DataFrame(
        {
            "month": months,
            "measure": "mha_assessments",
            "count": [1.0, 2.0, 3.0],
            "service_group": "",
            "team": "",
        }
    )
    found = rota(outlook(monthly(frame)), totals(frame), fixed(), Staff())
    assert 0 < found.daily_mean < 1


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
    table = pile_up(np.full((5, 12), 11.0), 10.0)
    # A tenth of the staff's month short each month, in weeks.
    assert table["central"].iloc[-1] == pytest.approx(12 * 0.1 * 365.25 / 7 / 12)
    assert (table["p_any"] == 1).all()
    assert (pile_up(np.full((5, 12), 9.0), 10.0)["upper_95"] == 0).all()


def test_more_use_leaves_more_waiting():
    table = stretch(100)
    assert table["upper_80"].is_monotonic_increasing
    assert table["p_clear"].is_monotonic_decreasing


def test_the_stock_ahead_has_the_mean_of_stock_and_flow():
    found = caseload(snapshots([(max(m - 12, 0), m) for m in range(1, 25)]))
    last = found.ahead.iloc[-1]
    assert last["lower_95"] < found.in_a_year < last["upper_95"]
    assert last["central"] == pytest.approx(found.in_a_year, abs=1.5)
    widths = found.ahead["upper_95"] - found.ahead["lower_95"]
    assert widths.iloc[-1] > widths.iloc[0]


def test_what_waits_at_several_levels_of_staff():
    wte = np.vstack([np.full((50, 12), 9.0), np.full((50, 12), 12.0)])
    table = piles(wte, {"ten": 10.0, "nobody": 0.0, "twenty": 20.0}, full=13.0).set_index("case")
    assert table.loc["ten", "p_any"] == 0.5
    assert table.loc["ten", "p_error"] == pytest.approx(0.05)
    assert table.loc["ten", "use"] == pytest.approx(105)
    # Two WTE short for twelve months: 24 months of one person's work, 2.4 months of ten people's.
    assert table.loc["ten", "upper_80"] == pytest.approx(2.4 * 365.25 / 84)
    assert table.loc["ten", "clear"] == pytest.approx(24 / (13 - 10.5))
    assert table.loc["twenty", ["p_any", "upper_95", "clear"]].tolist() == [0, 0, 0]
    assert table.loc["nobody", ["use", "central", "clear"]].tolist() == [np.inf] * 3


def test_a_backlog_that_the_funded_posts_cannot_clear():
    table = piles(np.full((40, 12), 12.0), {"ten": 10.0}, full=12.0)
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
