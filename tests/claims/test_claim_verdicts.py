"""Every verdict by hand, and both directions: true claims stand, false ones don't."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s75lib.claims import CONTRADICTIONS, check_claims
from s75lib.loaders import load

CONSISTENT = {"consistent", "consistent only through rounding"}
few = settings(max_examples=25, deadline=None)


def line(name="Residential", at="2019-12-31", kind="expenditure", group="AMH", **money):
    row = {"financial_year": "2019/20", "as_at": at, "service_group": group, "line": name, "kind": kind}
    return {**row, "budget": 0, "commitment": 0, "forecast": 0, "rounded_to": 1000, **money}


def indicator(value, period="2018/19", unit="percent", **more):
    return {"indicator": "i", "group": "", "period": period, "value": value, "unit": unit, **more}


CHANGE = {"dataset": "kpi", "measure": "value", "period_from": "2017/18", "period_to": "2018/19"}
TOTAL = {"dataset": "budget", "measure": "commitment", "operation": "sum"}
AT_LAST = {**TOTAL, "filter": "as_at=2019-12-31;kind=expenditure|health_income|client_income"}


# --- the verdicts, one by one


def test_consistent_and_its_interval(judged):
    row = judged([line(commitment=2000), line("Nursing", commitment=3000)], **TOTAL, published=5000)
    assert (row["verdict"], row["recomputed"], row["low"], row["high"]) == ("consistent", 5000, 4000, 6000)
    assert "gives £5k, as published" in row["detail"]


@pytest.mark.parametrize(
    ("published", "verdict"),
    [
        (5000, "consistent"),
        (6000, "consistent only through rounding"),
        (4000, "consistent only through rounding"),
        (7000, "inconsistent"),
        (3000, "inconsistent"),
        (-5000, "inconsistent"),
    ],
)
def test_two_rounded_lines_leave_a_thousand_and_a_half(judged, published, verdict):
    rows = [line(commitment=2000), line("Nursing", commitment=3000)]
    assert judged(rows, **TOTAL, published=published)["verdict"] == verdict


def test_exact_money_leaves_no_such_room(judged):
    rows = [line(commitment=2400.25, rounded_to=""), line("Nursing", commitment=3000.75, rounded_to="")]
    assert judged(rows, **TOTAL, published=5000)["verdict"] == "consistent"
    assert judged(rows, **TOTAL, published=6000)["verdict"] == "inconsistent"


def test_a_half_may_have_gone_either_way(judged):
    for published in (5000, 6000):
        row = judged([line(commitment=5500, rounded_to=0)], **TOTAL, published=published)
        assert (row["verdict"], row["low"], row["high"]) == ("consistent", 5500, 5500)


def test_a_change_of_published_millions_agrees_only_through_their_rounding(judged):
    spent = {"statement": "Spent on section 117", "unit": "gbp", "decimals": -6}
    before = {**spent, "fact_id": "before", "period": "2021/22", "value": 643_000_000}
    rows = [before, {**spent, "fact_id": "after", "period": "2024/25", "value": 909_000_000}]
    change = {"dataset": "facts", "measure": "value", "period_from": "2021/22", "period_to": "2024/25"}
    row = judged(rows, **change, operation="pct_change", published=42, unit="percent", decimals=0)
    assert row["verdict"] == "consistent only through rounding"
    assert [round(row[name], 2) for name in ("recomputed", "low", "high")] == [41.37, 41.18, 41.56]


def test_a_total_that_leaves_a_line_out_is_on_another_basis(judged):
    rows = [
        line("Residential", commitment=14_167_790.22, rounded_to=0.01),
        line("Community supported living", commitment=4_182_146.52, rounded_to=0.01),
    ]
    some = {**TOTAL, "filter": "line=Residential", "decimals": 2}
    row = judged(rows, **some, published=18_349_936.74)
    assert (row["verdict"], row["recomputed"]) == ("basis mixed", 14_167_790.22)
    assert "with all lines, those left out too" in row["detail"]
    assert judged(rows, **some, published=14_167_790.22)["verdict"] == "consistent"
    assert judged(rows, **some, published=16_000_000.00)["verdict"] == "inconsistent"


def test_floating_point_does_not_decide(judged):
    rows = [indicator(0.1, "2017/18", decimals=1), indicator(0.3, "2018/19", decimals=1)]
    claim = {**CHANGE, "operation": "pp_change", "unit": "percentage_points", "decimals": 1}
    row = judged(rows, **claim, published=0.2)
    assert (row["verdict"], row["recomputed"]) == ("consistent", 0.2)
    # 0.35 − 0.1 is 0.25: exactly on the half, though floating point makes it a little less.
    rows = [indicator(0.1, "2017/18", decimals=2), indicator(0.35, "2018/19", decimals=2)]
    assert judged(rows, **claim, published=0.3)["verdict"] == "consistent"


def test_wrong_unit_both_ways(judged):
    rows = [indicator(4.9, "2017/18", decimals=1), indicator(5.6, decimals=1)]
    per_cent = {**CHANGE, "unit": "percent", "decimals": 1}
    row = judged(rows, **per_cent, operation="pct_change", published=0.7)
    assert (row["verdict"], round(row["recomputed"], 2)) == ("wrong unit", 14.29)
    assert "as a change in percentage points gives +0.7 percentage points" in row["detail"]
    points = {**per_cent, "unit": "percentage_points"}
    assert judged(rows, **points, operation="pp_change", published=14.3)["verdict"] == "wrong unit"
    assert judged(rows, **points, operation="difference", published=14.3)["verdict"] == "wrong unit"


@pytest.mark.parametrize("unit", ["percent", "%", "per cent"])
@pytest.mark.parametrize("operation", ["pp_change", "difference"])
def test_a_number_that_fits_its_operation_but_not_its_unit(judged, unit, operation):
    rows = [indicator(4.9, "2017/18", decimals=1), indicator(5.6, decimals=1)]
    row = judged(rows, **CHANGE, unit=unit, decimals=1, operation=operation, published=0.7)
    assert row["verdict"] == "wrong unit"


def test_a_fall_in_number_is_no_wrong_unit(judged):
    rows = [indicator(34, "2017/18", "count"), indicator(15, "2018/19", "count")]
    row = judged(rows, **CHANGE, unit="percent", decimals=0, operation="pct_change", published=-19)
    assert row["verdict"] == "inconsistent"


def test_stale(judged):
    rows = [line(at="2019-09-30", commitment=40_000), line(at="2019-11-30", commitment=117_000),
            line(commitment=4000)]  # fmt: skip
    row = judged(rows, **AT_LAST, published=117_000)
    assert (row["verdict"], row["recomputed"]) == ("stale", 4000)
    assert "at 30 November 2019 gives £117k" in row["detail"]
    # What only became true afterwards is not stale.
    later = {**AT_LAST, "filter": "as_at=2019-09-30"}
    assert judged(rows, **later, published=117_000)["verdict"] == "inconsistent"


def test_stale_through_the_snapshot_label(judged):
    rows = [line(at="2019-11-30", commitment=117_000, snapshot_label="Nov"),
            line(commitment=4000, snapshot_label="Q3")]  # fmt: skip
    assert judged(rows, **TOTAL, filter="snapshot_label=Q3", published=117_000)["verdict"] == "stale"


def test_a_stale_change(judged):
    rows = [line(at=at, commitment=c) for at, c in (("2019-06-30", 10_000), ("2019-09-30", 60_000),
            ("2019-12-31", 200_000))]  # fmt: skip
    change = {**TOTAL, "operation": "difference", "period_to": "2019-12-31"}
    row = judged(rows, **change, period_from="2019-09-30", published=50_000)
    assert "from 30 June 2019 to 30 September 2019 gives £50k" in row["detail"]
    row = judged(rows, **change, period_from="2019-06-30", published=50_000)
    assert row["verdict"] == "stale"


def test_a_stale_indicator(judged):
    rows = [indicator(17, "2017/18", "count"), indicator(9, "2018/19", "count")]
    claim = {"dataset": "kpi", "measure": "value", "operation": "value", "unit": "count", "decimals": 0}
    assert judged(rows, **claim, filter="period=2018/19", published=17)["verdict"] == "stale"


BASES = [
    line(commitment=100_000),
    line("Health", kind="health_income", commitment=-20_000),
    line("Clients", kind="client_income", commitment=-10_000),
    line("Inflation", kind="adjustment", group="", commitment=5000),
]


@pytest.mark.parametrize(
    ("published", "verdict"),
    [
        (70_000, "consistent"),
        (100_000, "basis mixed"),
        (75_000, "basis mixed"),
        (80_000, "inconsistent"),
        (-30_000, "inconsistent"),
    ],
)
def test_basis_mixed(judged, published, verdict):
    assert judged(BASES, **AT_LAST, published=published)["verdict"] == verdict


def test_commitments_against_forecasts(judged):
    rows = [line(commitment=100_000, forecast=160_000, budget=90_000)]
    row = judged(rows, **{**TOTAL, "measure": "commitment-budget"}, published=70_000)
    assert row["verdict"] == "basis mixed"
    assert "with forecast in place of commitment gives £70k" in row["detail"]


def test_budget_against_adjusted_budget(judged):
    rows = [{"as_at": "2019-11-30", "organisation": "C", "group": "M", "budget": 500, "adjusted_budget": 700,
             "adjusted_budget_to_date": 400, "actual_to_date": 410, "forecast": 650}]  # fmt: skip
    claim = {
        "dataset": "staffing",
        "measure": "forecast-adjusted_budget",
        "operation": "value",
        "decimals": 0,
    }
    assert judged(rows, **claim, published=-50)["verdict"] == "consistent"
    assert judged(rows, **claim, published=150)["verdict"] == "basis mixed"


def test_a_line_has_no_other_kind_of_basis(judged):
    claim = {**TOTAL, "filter": "line=Residential"}
    assert judged(BASES, **claim, published=70_000)["verdict"] == "inconsistent"


def test_another_scope_explains_but_does_not_excuse(judged):
    rows = [line(commitment=70_000), line(group="OPMH", commitment=71_000)]
    row = judged(rows, **TOTAL, filter="service_group=OPMH", published=141_000)
    assert row["verdict"] == "inconsistent"
    assert "It is the figure for every service group together." in row["detail"]


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ({"filter": "line=Nursing"}, "no row with line Nursing"),
        ({"filter": "as_at=2020-01-31"}, "no row with as at 2020-01-31"),
        ({"operation": "value"}, "fits 2 rows"),
        ({}, "2 snapshots"),
        ({"measure": "actual_to_date", "filter": "as_at=2019-12-31"}, "blank in 1 of the 1 rows"),
        ({"published": "*"}, "published figure itself is missing"),
        ({"operation": "pct_change", "period_from": "2019-11-30", "period_to": "2019-12-31"}, "nought"),
        ({"operation": "difference", "period_from": "2019-10-31", "period_to": "2019-12-31"}, "2019-10-31"),
    ],
)
def test_untestable_says_what_is_missing(judged, claim, reason):
    rows = [line(at="2019-11-30"), line(commitment=4000)]
    row = judged(rows, **{**TOTAL, **claim})
    assert row["verdict"] == "untestable"
    assert reason in row["detail"]
    assert pd.isna(row["recomputed"])
    assert pd.isna(row["low"])


def test_untestable_without_a_dataset_or_without_its_data(claims_of):
    checked = check_claims(claims_of({"claim_id": "a"}, {"claim_id": "b", **AT_LAST}), {})
    assert checked["verdict"].tolist() == ["untestable", "untestable"]
    assert "no budget data" in checked["detail"][1]


def test_no_claims(claims_of):
    assert check_claims(claims_of({}).head(0), {}).empty


# --- the operations


def test_ratio_and_percentage_change_of_counts_are_exact(judged):
    rows = [indicator(8, "2017/18", "count"), indicator(6, "2018/19", "count")]
    ratio = judged(rows, **CHANGE, operation="ratio", unit="ratio", decimals=2, published=0.75)
    assert (ratio["verdict"], ratio["low"], ratio["high"]) == ("consistent", 0.75, 0.75)
    percent = judged(rows, **CHANGE, operation="ratio", unit="percent", decimals=0, published=75)
    assert (percent["verdict"], percent["recomputed"]) == ("consistent", 75)
    change = judged(rows, **CHANGE, operation="pct_change", unit="percent", decimals=0, published=-25)
    assert (change["verdict"], change["low"]) == ("consistent", -25)


def test_product_of_a_risk(judged):
    rows = [{"risk_id": "R", "date": "2019-11", "description": "d", "consequence": 2, "likelihood": 4}]
    claim = {"dataset": "risks", "measure": "consequence*likelihood", "operation": "product", "unit": "score"}
    row = judged(rows, **claim, decimals=0, published=6)
    assert (row["verdict"], row["recomputed"], row["low"], row["high"]) == ("inconsistent", 8, 8, 8)
    assert "gives 8, 2 above the published 6." in row["detail"]


def test_counting_rows_and_different_values(judged):
    rows = [line(), line("Nursing"), line("Nursing", group="OPMH")]
    count = {"dataset": "budget", "operation": "count", "unit": "count", "decimals": 0}
    assert judged(rows, **count, published=3)["verdict"] == "consistent"
    assert judged(rows, **count, measure="line", published=2)["verdict"] == "consistent"
    assert judged(rows, **count, filter="line=Other", published=0)["verdict"] == "consistent"
    assert judged(rows, **count, filter="as_at=2018-03-31", published=0)["verdict"] == "untestable"


# --- percentages that a base cannot give


def answer(percent, base=45, weighted="false", name="A"):
    return {"survey": "S", "period": "2015/16", "question": name, "answer": "Yes", "percent": percent,
            "base": base, "weighted": weighted}  # fmt: skip


SURVEY = {"dataset": "survey", "measure": "percent", "operation": "value", "unit": "percent", "decimals": 0}


def test_an_impossible_percentage(judged):
    row = judged([answer(86)], **SURVEY, published=86)
    assert row["verdict"] == "inconsistent"
    assert "No whole number of 45 respondents is 86%" in row["detail"]
    assert "With 44, 43 or 42 answers" in row["detail"]


@pytest.mark.parametrize(("weighted", "base"), [("true", 45), ("", 45), ("false", "")])
def test_weighted_or_baseless_percentages_are_never_impossible(judged, weighted, base):
    row = judged([answer(86, base, weighted)], **SURVEY, published=86)
    assert row["verdict"] == "consistent"


def test_the_base_that_fits_all(typed, claims_of):
    answers = {86: "a", 14: "b", 26: "c", 64: "d"}
    claims = claims_of(*({"claim_id": n, **SURVEY, "filter": f"question={n}", "published": p}
                         for p, n in answers.items()))  # fmt: skip
    frame = typed("survey", [answer(percent, name=name) for percent, name in answers.items()])
    checked = check_claims(claims, {"survey": frame})
    assert checked["verdict"].tolist() == ["inconsistent"] * 3 + ["consistent"]
    assert checked["detail"].str.contains("A base of 43 fits all").tolist() == [True] * 3 + [False]


@few
@given(percent=st.integers(0, 100), base=st.integers(1, 60))
def test_impossible_exactly_where_no_count_rounds_to_it(judged, percent, base):
    possible = any(abs(Fraction(100 * n, base) - percent) <= Fraction(1, 2) for n in range(base + 1))
    verdict = judged([answer(percent, base)], **SURVEY, published=percent)["verdict"]
    assert verdict == ("consistent" if possible else "inconsistent")


# --- both directions, over tables drawn at random

pence = st.integers(-30_000_000, 300_000_000).map(lambda cents: Fraction(cents, 100))
steps = st.sampled_from([1, 1000])


def rounded(value: Fraction, step: Fraction | int) -> Fraction:
    return round(value / step) * step


def table(at, costs, step):
    return [
        line(f"L{place}", at, commitment=float(rounded(cost, step)), budget=float(rounded(plan, step)),
             rounded_to=step)
        for place, (cost, plan) in enumerate(costs)
    ]  # fmt: skip


costs = st.lists(st.tuples(pence, pence), min_size=1, max_size=8)


@few
@given(costs=costs, step=steps, decimals=st.sampled_from([0, -3]))
def test_a_true_total_is_never_flagged(judged, costs, step, decimals):
    true = sum(cost - plan for cost, plan in costs)
    claim = {**TOTAL, "measure": "commitment-budget", "decimals": decimals}
    published = int(rounded(true, 10**-decimals))
    assert judged(table("2019-12-31", costs, step), **claim, published=published)["verdict"] in CONSISTENT


@few
@given(before=costs, after=costs, step=steps)
def test_a_true_change_is_never_flagged(judged, before, after, step):
    true = sum(cost for cost, _ in after) - sum(cost for cost, _ in before)
    rows = table("2019-11-30", before, step) + table("2019-12-31", after, step)
    claim = {**TOTAL, "operation": "difference", "period_from": "2019-11-30", "period_to": "2019-12-31"}
    assert judged(rows, **claim, published=int(rounded(true, 1000)))["verdict"] in CONSISTENT


@few
@given(costs=costs, step=steps, excess=st.integers(1, 10**7), sign=st.sampled_from([-1, 1]))
def test_a_total_beyond_rounding_is_always_flagged(judged, costs, step, excess, sign):
    printed = sum(rounded(cost, step) - rounded(plan, step) for cost, plan in costs)
    # Half a unit for each of two cells a line, half a pound for the total itself.
    published = int(printed) + sign * (len(costs) * step + 1 + excess)
    claim = {**TOTAL, "measure": "commitment-budget", "decimals": 0}
    row = judged(table("2019-12-31", costs, step), **claim, published=published)
    assert row["verdict"] in CONTRADICTIONS


shares = st.integers(1, 9999).map(lambda n: Fraction(n, 100))


@few
@given(before=shares, after=shares, decimals=st.integers(0, 2), places=st.integers(0, 2))
def test_a_true_change_of_percentages_is_never_flagged(judged, before, after, decimals, places):
    unit = Fraction(1, 10**decimals)
    cells = [rounded(share, unit) for share in (before, after)]
    rows = [indicator(float(cell), year, decimals=decimals)
            for cell, year in zip(cells, ("2017/18", "2018/19"), strict=True)]  # fmt: skip
    points = float(rounded(after - before, Fraction(1, 10**places)))
    row = judged(rows, **CHANGE, operation="pp_change", unit="percentage_points", decimals=places,
                 published=points)  # fmt: skip
    assert row["verdict"] in CONSISTENT
    change = float(rounded((after / before - 1) * 100, Fraction(1, 10**places)))
    row = judged(rows, **CHANGE, operation="pct_change", unit="percent", decimals=places, published=change)
    assert row["verdict"] in (CONSISTENT if cells[0] > unit / 2 else {*CONSISTENT, "untestable"})


@few
@given(before=shares, after=shares, sign=st.sampled_from([-1, 1]), excess=st.integers(1, 500))
def test_a_change_of_percentages_beyond_rounding_is_always_flagged(judged, before, after, sign, excess):
    rows = [indicator(float(share), year, decimals=2)
            for share, year in zip((before, after), ("2017/18", "2018/19"), strict=True)]  # fmt: skip
    published = after - before + sign * (Fraction(15, 1000) + Fraction(excess, 100))
    row = judged(rows, **CHANGE, operation="pp_change", unit="percentage_points", decimals=3,
                 published=float(published))  # fmt: skip
    assert row["verdict"] in CONTRADICTIONS


@few
@given(values=st.lists(st.integers(0, 10**6), min_size=2, max_size=5, unique=True), data=st.data())
def test_what_was_true_of_an_earlier_snapshot_is_stale(judged, values, data):
    dates = [f"2019-{month:02d}-28" for month in range(4, 4 + len(values))]
    rows = [line(at=at, commitment=v, rounded_to=0) for at, v in zip(dates, values, strict=True)]
    old = data.draw(st.sampled_from(values[:-1]))
    row = judged(rows, **TOTAL, filter=f"as_at={dates[-1]}", decimals=0, published=old)
    assert row["verdict"] == "stale"


def test_inputs_are_left_as_they_were(data_dir):
    data = load("cambridgeshire", data_dir=data_dir)
    frames = {name: frame.copy(deep=True) for name, frame in data.frames.items()}
    claims = data.claims.copy(deep=True)
    check_claims(data.claims, data.frames)
    pd.testing.assert_frame_equal(claims, data.claims)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, data.frames[name])


def test_a_published_rise_is_consistent_only_through_rounding(judged):
    """£643m to £909m printed as +42%: 41.37, attainable 41.18 to 41.56, which no rounding makes 42."""
    rows = [
        line(at="2019-03-31", commitment=643_000_000, rounded_to=1_000_000),
        line(at="2019-12-31", commitment=909_000_000, rounded_to=1_000_000),
    ]
    claim = {**TOTAL, "operation": "pct_change", "period_from": "2019-03-31", "period_to": "2019-12-31"}
    row = judged(rows, **claim, unit="percent", decimals=0, published=42)
    assert [round(row[name], 2) for name in ("recomputed", "low", "high")] == [41.37, 41.18, 41.56]
    assert row["verdict"] == "consistent only through rounding"


def test_a_total_that_leaves_a_part_out_is_on_another_basis(judged):
    """£18,349,936.74 with community supported living is not compared with £14,167,790.22 without it."""
    rows = [
        line("Section 117", commitment=14_167_790.22, rounded_to=""),
        line("Community supported living", kind="adjustment", commitment=4_182_146.52, rounded_to=""),
    ]
    claim = {**TOTAL, "filter": "kind=expenditure|adjustment", "decimals": 2}
    assert judged(rows, **claim, published=18_349_936.74)["verdict"] == "consistent"
    assert judged(rows, **claim, published=14_167_790.22)["verdict"] == "basis mixed"
