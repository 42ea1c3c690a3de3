"""Which figures of authorities mean the same, and where the authorities stand in them."""

from __future__ import annotations

import dataclasses
import math

import pandas as pd
import pytest
from scipy import stats

from s75lib.loaders.indicators import REGISTRY, Indicator
from s75lib.scorecard.benchmarking import SIZE, compare_authorities
from s75lib.shared import FOLDER
from s75lib.stats.funnel import funnel


def reasons(peers):
    return dict(compare_authorities(peers).left[["indicator", "reason"]].to_numpy())


# ----------------------------------------------------------------------------- what is compared


def periods(peers):
    return [one.own["period"] for one in compare_authorities(peers).standings]


def test_counts_and_means_of_months_are_not_compared_without_what_they_are_counted_over(rows, beside):
    peers = beside(
        *(rows(slug, "permanent_admissions", value=9.0, unit="count") for slug in ("alpha", "beta")),
        *(rows(slug, "reviews_per_month", value=9.0, unit="per_month") for slug in ("alpha", "beta")),
    )
    assert reasons(peers) == {"permanent_admissions": SIZE, "reviews_per_month": SIZE}


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"indicator": "follow_up_72_hours"}, "no other authority here has it"),
        ({"period": "2017/18"}, "no other authority here has it for the same period"),
        ({"unit": "per_100k"}, "others here have it in another unit or for other groups"),
        ({"group": "North team"}, "others here have it in another unit or for other groups"),
    ],
)
def test_another_period_unit_or_group_is_something_else(rows, beside, other, reason):
    peers = beside(rows("alpha", "crisis_plans", 30, 50), rows("beta", "crisis_plans", 30, 50, **other))
    assert reasons(peers) == {"crisis_plans": reason}


def test_indicators_that_are_defined_otherwise_or_nowhere_are_something_else(rows, beside):
    redefined = {
        **REGISTRY,
        "crisis_plans": dataclasses.replace(REGISTRY["crisis_plans"], denominator="adults"),
    }
    peers = beside(
        rows("alpha", "crisis_plans", 30, 50),
        rows("beta", "crisis_plans", 30, 50),
        registries={"beta": redefined},
    )
    assert reasons(peers)["crisis_plans"].startswith("others here mean something else")
    peers = beside(rows("alpha", "calls_answered", 30, 50), rows("beta", "calls_answered", 30, 50))
    assert reasons(peers)["calls_answered"].endswith("nobody has defined it")
    own = {"calls_answered": Indicator("calls_answered", "Calls answered in a minute")}
    peers = beside(
        rows("alpha", "calls_answered", 30, 50), rows("beta", "calls_answered", 30, 50),
        registries={"alpha": own, "beta": own},
    )  # fmt: skip
    assert not reasons(peers)


def test_the_latest_period_of_the_reports_kind_that_another_has_too_is_compared(rows, beside):
    held = [
        rows("alpha", "crisis_plans", 30, 50, period=period)
        for period in ("2016/17", "2017/18", "2018/19", "2019-03")
    ]
    held += [
        rows("beta", "crisis_plans", 30, 50, period=period) for period in ("2016/17", "2017/18", "2019-03")
    ]
    assert periods(beside(*held)) == ["2017/18"]
    assert periods(beside(*held, period="2019-03")) == ["2019-03"]
    months = [row for row in held if row["period"] == "2019-03"]
    assert periods(beside(*months)) == ["2019-03"]


def test_small_counts_are_hidden_by_the_threshold_of_whom_they_belong_to(rows, beside):
    held = [
        rows("alpha", "crisis_plans", 40, 50),
        rows("beta", "crisis_plans", 3, 50),
        rows("gamma", "crisis_plans", 47, 50),
    ]
    peers = beside(*held, fewest={"alpha": 1, "beta": 5, "gamma": 1})
    (one,) = compare_authorities(peers).standings
    assert one.frame["hidden"].tolist() == [False, True, False]
    assert math.isnan(one.frame["value"][1])
    assert math.isnan(one.frame["events"][1])
    assert one.frame["target"][0] == pytest.approx(100 * 87 / 100)  # the hidden one is in no total


def test_a_hidden_figure_of_ones_own_is_not_compared(rows, beside):
    peers = beside(rows("alpha", "crisis_plans", 3, 50), rows("beta", "crisis_plans", 30, 50), fewest=5)
    assert reasons(peers)["crisis_plans"] == "too few people are behind it to show it"
    peers = beside(rows("alpha", "crisis_plans", 30, 50), rows("beta", "crisis_plans", 3, 50), fewest=5)
    assert reasons(peers)["crisis_plans"] == "too few people are behind the others' figures to show them"


# ----------------------------------------------------------------------------- where they stand


def test_figures_are_the_funnels_in_per_cent(plans, plan_counts):
    (one,) = compare_authorities(plans()).standings
    events, bases = zip(*plan_counts.values(), strict=True)
    made = funnel(events, bases, kind="proportion")
    assert one.own["basis"] == "proportions"
    assert one.frame["lower_95"].to_numpy() == pytest.approx(made.frame["lower_95"].to_numpy() * 100)
    assert one.frame["place"].tolist() == made.frame["place"].tolist()
    assert one.frame["own"].tolist() == [True] + [False] * 4
    assert one.own["rest"] == pytest.approx(100 * 775 / 1000)
    assert one.own["difference"] == pytest.approx(60 - 77.5)
    assert one.frame["difference"].iloc[1:].isna().all()


def test_the_lowest_is_first_where_fewer_is_better(rows, beside):
    held = [
        rows(slug, "permanent_admissions_18_64", events, 100_000, unit="per_100k", value=float(events))
        for slug, events in (("alpha", 5), ("beta", 40), ("gamma", 80))
    ]
    found = compare_authorities(beside(*held))
    (one,) = found.standings
    assert one.own["basis"] == "rates"
    assert one.frame["position"].tolist() == [1, 2, 3]
    assert one.own["target"] == pytest.approx(125 / 3)
    assert found.own["p_value"][0] == pytest.approx(stats.binomtest(5, 125, 1 / 3).pvalue)


def test_percentages_without_a_base_have_positions_and_no_test(rows, beside):
    """Islington and Cambridgeshire printed the employment of people on the CPA for 2018/19, and no base."""
    held = [
        rows(slug, "cpa_employment", value=value)
        for slug, value in (("alpha", 5.6), ("beta", 13.4), ("gamma", 5.6))
    ]
    found = compare_authorities(beside(*held))
    (one,) = found.standings
    assert (one.own["basis"], one.funnel) == ("percentage_only", None)
    assert one.frame[["position", "first", "last"]].to_numpy().tolist() == [[2, 2, 3], [1, 1, 1], [2, 2, 3]]
    assert found.own["p_value"].isna().all()
    assert found.own["tests"].tolist() == [0]


@pytest.mark.parametrize("counts", [{}, {"numerator": 0.0, "denominator": 0.0}])
def test_authorities_without_a_base_stay_in_the_list_and_are_not_judged(rows, beside, counts):
    held = [
        rows("alpha", "crisis_plans", 30, 50),
        rows("beta", "crisis_plans", 40, 50),
        rows("gamma", "crisis_plans", value=70.0) | counts,
    ]
    (one,) = compare_authorities(beside(*held)).standings
    assert one.frame["place"].tolist() == ["inside", "inside", ""]
    assert one.frame["of"].tolist()[:2] == [2, 2]
    assert math.isnan(one.frame["position"][2])


@pytest.mark.parametrize("counts", [(60, 50), (30.5, 50), (30, 50.5)])
def test_counts_that_are_no_shares_are_not_tested(rows, beside, counts):
    held = [
        rows("alpha", "crisis_plans", *counts),
        rows("beta", "crisis_plans", 40, 50),
        rows("gamma", "crisis_plans", 45, 50),
    ]
    found = compare_authorities(beside(*held))
    assert found.standings[0].own["basis"] == "no_counts"
    (one,) = compare_authorities(beside(*reversed(held))).standings
    assert one.frame["place"].tolist() == ["inside", "inside", ""]


def test_many_events_a_person_are_not_tested(rows, beside):
    held = [
        rows(slug, "delayed_days_per_100k", 900, 90_000, unit="per_100k", value=1000.0)
        for slug in ("alpha", "beta")
    ]
    found = compare_authorities(beside(*held))
    assert found.standings[0].own["basis"] == "clustered"
    assert found.own["place"].tolist() == [""]


def test_a_year_of_the_same_caseload_counts_as_one_mean_month(rows, beside):
    """Twelve months of 100 people are not 1,200 people: the interval is that of 100."""
    held = []
    for slug, share in (("alpha", 60), ("beta", 70)):
        held.append(rows(slug, "crisis_plans", 12 * share, 1200))
        held += [rows(slug, "crisis_plans", share, 100, period=f"2018-{month:02}") for month in range(4, 13)]
        held += [rows(slug, "crisis_plans", share, 100, period=f"2019-{month:02}") for month in range(1, 4)]
    (one,) = compare_authorities(beside(*held)).standings
    assert one.own["basis"] == "caseload"
    assert one.frame[["events", "base"]].to_numpy().tolist() == [[60, 100], [70, 100]]
    once = [
        rows("alpha", "crisis_plans", 60, 110),
        *held[1:13],
        rows("beta", "crisis_plans", 70, 100),
        *held[14:],
    ]
    (one,) = compare_authorities(beside(*once)).standings
    assert one.frame["base"].tolist() == [110, 100]  # a base that is no sum of months is people, each once
    assert one.own["basis"] == "proportions"


def test_tests_are_adjusted_for_all_indicators_of_the_report(rows, beside, plan_counts):
    held = [rows(slug, "crisis_plans", *counts) for slug, counts in plan_counts.items()]
    held += [rows(slug, "follow_up_72_hours", 80, 100) for slug in plan_counts]
    own = compare_authorities(beside(*held)).own
    assert own["tests"].tolist() == [2, 2]
    assert own["p_holm"][0] == pytest.approx(2 * own["p_value"][0])
    assert own["p_value"][1] == 1


def test_the_peers_frame_is_left_as_it_was(plans):
    peers = plans(fewest=5)
    before = peers.frame.copy()
    compare_authorities(peers)
    pd.testing.assert_frame_equal(peers.frame, before)


def test_positions_are_the_same_whoever_asks_and_are_worked_out_once_in_a_run(
    rows, beside, plan_counts, tmp_path, monkeypatch
):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    orders = [list(plan_counts), list(plan_counts)[::-1]]
    asked = [beside(*(rows(slug, "crisis_plans", *plan_counts[slug]) for slug in order)) for order in orders]
    within = [compare_authorities(one).standings[0].frame.set_index("authority") for one in asked]
    assert len(list(tmp_path.iterdir())) == 1
    monkeypatch.delenv(FOLDER)
    for one, frame in zip(asked, within, strict=True):
        alone = compare_authorities(one).standings[0].frame.set_index("authority")
        pd.testing.assert_frame_equal(frame, alone)
    places = ["position", "first", "last"]
    pd.testing.assert_frame_equal(within[0][places], within[1].loc[within[0].index, places])
