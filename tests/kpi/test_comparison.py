"""Which figures are compared, and how: Islington's appendix by hand and by scipy, every odd case decided."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from s75lib.kpi.changes import changes, top_changes
from s75lib.kpi.comparison import history, pairs, with_adjusted_p
from s75lib.kpi.disclosure import suppress
from s75lib.kpi.phrases import verdict_words
from s75lib.loaders import load
from s75lib.loaders.indicators import Indicator, Kind
from s75lib.loaders.period import Period
from s75lib.stats.comparison import (
    compare_counts,
    compare_proportions,
    smallest_detectable_count_change,
    smallest_detectable_proportion_change,
)
from s75lib.stats.months import vary

Rows = Callable[..., pd.DataFrame]


@pytest.fixture(scope="module")
def islington(data_dir: Path) -> pd.DataFrame:
    found = changes(load("islington", "2018/19", data_dir=data_dir).kpi)
    return found.set_index(["indicator", "group"])


def test_a_value_left_out_is_computed_from_its_counts(rows: Rows) -> None:
    kpi = rows({"period": "2023/24", "unit": "percent", "numerator": 1, "denominator": 8})
    assert history(kpi)["value"].tolist() == [12.5]
    assert history(rows({"period": "2023/24", "unit": "count"})).empty


def test_a_month_is_never_set_against_a_year(data_dir: Path) -> None:
    kpi = pairs(load("cambridgeshire", data_dir=data_dir).kpi).set_index("indicator")
    assert kpi.loc["cpa_employment", ["period", "period_before", "other_kind"]].tolist() == [
        "2019-12", "", "2018/19",
    ]  # fmt: skip


def test_a_percentage_is_never_set_against_a_count(rows: Rows) -> None:
    kpi = rows(
        {"period": "2023/24", "unit": "count", "value": 40},
        {"period": "2024/25", "unit": "percent", "value": 50},
    )
    assert changes(kpi)["verdict"].tolist() == ["one_period"]


def monthly(numerators: list[int], base: int = 40, start: int = 2024 * 12 + 3) -> list[dict[str, object]]:
    """Months from April 2024, as rows of a percentage."""
    numbers = range(start, start + len(numerators))
    periods = [f"{number // 12}-{number % 12 + 1:02d}" for number in numbers]
    return [
        {"period": period, "unit": "percent", "numerator": cases, "denominator": base}
        for period, cases in zip(periods, numerators, strict=True)
    ]


FLOW = {"calls": Indicator("calls", "Calls", kind="flow")}


def test_a_month_is_not_set_against_the_month_before(rows: Rows) -> None:
    kpi = rows(*({"period": p, "value": v} for p, v in (("2024-01", 9), ("2024-05", 4), ("2023/24", 60))))
    row = pairs(kpi).iloc[0]
    assert (row["period_before"], row["period"], row["comparison"]) == ("", "2024-05", "")


@pytest.mark.parametrize(
    ("months", "comparison", "before", "after"),
    [
        (24, "year", "2024/25", "2025/26"),
        (18, "year_to_date", "2024-04 to 2024-09", "2025-04 to 2025-09"),
        (26, "year", "2024/25", "2025/26"),
        (27, "year_to_date", "2025-04 to 2025-06", "2026-04 to 2026-06"),
        (13, "year_to_date", "2024-04", "2025-04"),
    ],
)
def test_months_are_added_and_set_against_the_same_ones_a_year_before(
    rows: Rows, months: int, comparison: str, before: str, after: str
) -> None:
    row = pairs(rows(*monthly(list(range(months))))).iloc[0]
    assert (row["comparison"], row["period_before"], row["period"]) == (comparison, before, after)
    assert row["denominator"] == row["denominator_before"] == 40 * len(row["later"])
    assert row["numerator"] - row["numerator_before"] == 12 * len(row["later"])


def test_twelve_months_are_set_against_twelve_where_no_year_is_whole(rows: Rows) -> None:
    row = pairs(rows(*monthly(list(range(24)), start=2024 * 12 + 4))).iloc[0]
    assert (row["comparison"], row["period"]) == ("twelve_months", "the 12 months to 2026-04")


def test_quarters_are_added_as_months_are(rows: Rows) -> None:
    frame = history(rows(*monthly([10, 20] * 12)))
    ends = frame["end"].dt.month % 3 == 0
    quarters = frame[ends].assign(kind="quarter")
    row = pairs(quarters).iloc[0]
    assert (row["comparison"], row["kind"], row["denominator"]) == ("year", "quarters", 160)


def test_a_fall_from_80_to_60_is_found_in_months_alone(rows: Rows) -> None:
    rng = np.random.default_rng(17)
    kpi = rows(*monthly(list(rng.binomial(40, [0.8] * 12 + [0.6] * 12))))
    for registry in (FLOW, None):
        row = changes(kpi, registry).iloc[0]
        assert bool(row["clear"]), registry
        assert row["value_before"] - row["value"] == pytest.approx(-row["change"])


def test_a_fall_in_mid_year_is_seen_in_its_month(rows: Rows) -> None:
    rng = np.random.default_rng(18)
    kpi = rows(*monthly(list(rng.binomial(200, [0.8] * 18 + [0.6] * 6)), base=200))
    row = changes(kpi, FLOW).iloc[0]
    assert bool(row["stepped"])
    assert row["shift_from"] == "2025-10"


def test_a_kind_that_nobody_gave_and_few_months_tell_is_tested_as_if_the_people_were_the_same(
    rows: Rows,
) -> None:
    """Its latest month alone; with the kind said, the months of both years added up."""
    kpi = rows(*monthly([30] * 12 + [15] * 6))
    row, added = changes(kpi).iloc[0], changes(kpi, FLOW).iloc[0]
    assert (row["comparison"], row["period_before"], row["period"]) == ("year_apart", "2024-09", "2025-09")
    assert row["p_value"] == pytest.approx(compare_proportions(30, 40, 15, 40).p_value)
    assert 'kind = "flow"' in row["note"]
    assert added["p_value"] < row["p_value"] < 0.05
    assert changes(rows(*monthly([30] * 12 + [25] * 6)))["verdict"].tolist() == ["unclear"]


def test_hidden_months_are_compared_by_their_quarters(rows: Rows) -> None:
    """One month with few left over: the quarters are told, so the fall is found in them."""
    frame = rows(*monthly([48, 57] + [48] * 10 + [36] * 12, base=60))
    found = suppress("kpi", frame, 5)
    registry = {kind: {"calls": Indicator("calls", "Calls", kind=kind)} for kind in ("flow", "caseload")}
    added, alike = (
        changes(found.frame, registry[kind], quarters=found.quarters).iloc[0] for kind in ("flow", "caseload")
    )
    assert (added["comparison"], added["numerator_before"], added["numerator"]) == ("year", 585, 432)
    assert added["p_value"] == pytest.approx(compare_proportions(585, 720, 432, 720).p_value)
    # Of the same people a quarter counts as one month of them, not as three.
    assert (alike["period_before"], alike["period"]) == ("Q4 2024/25", "Q4 2025/26")
    assert (alike["numerator"], alike["denominator"]) == (36, 60)
    assert changes(found.frame, registry["flow"])["verdict"].tolist() == ["hidden"]


@pytest.mark.parametrize(
    ("indicator", "group", "before", "latest"),
    [
        ("permanent_admissions", "ACMHT", 17, 9),
        ("permanent_admissions", "SAMH", 7, 10),
        ("safeguarding_concerns", "ACMHT", 493, 628),
        ("safeguarding_enquiries_completed", "ACMHT", 64, 28),
        ("safeguarding_enquiries_completed", "SAMH", 29, 0),
    ],
)
def test_counts_have_the_exact_conditional_p(
    islington: pd.DataFrame, indicator: str, group: str, before: int, latest: int
) -> None:
    # With equal exposures the exact test is the two-sided binomial test of one half.
    assert islington.loc[(indicator, group), "p_value"] == pytest.approx(
        stats.binomtest(latest, before + latest, 0.5).pvalue
    )


def test_employment_needs_six_to_ten_thousand_people_a_year(islington: pd.DataFrame) -> None:
    row = islington.loc[("cpa_employment", "")]
    assert row[["base_least", "base_most"]].tolist() == [6000, 10486]
    assert math.isnan(row["p_value"])
    assert math.isnan(row["lower"])
    # With exact percentages the pooled score test passes 1.96 at this base and not one below.
    for base, significant in ((row["base_central"], True), (row["base_central"] - 1, False)):
        pooled = 0.0525
        z = 0.007 / math.sqrt(2 * pooled * (1 - pooled) / base)
        assert (z >= stats.norm.isf(0.025)) == significant


def test_carers_of_samh_need_about_a_hundred(islington: pd.DataFrame) -> None:
    assert islington.loc[("carers_assessed", "SAMH"), ["base_least", "base_most"]].tolist() == [102, 126]


def test_means_of_months_take_the_largest_p_that_rounding_allows(islington: pd.DataFrame) -> None:
    # 5.8 a month is 69 or 70 in a year, 4.4 is 53: 4.35 to 4.45 times 12 holds no other whole number.
    expected = max(stats.binomtest(after, 53 + after, 0.5).pvalue for after in (69, 70))
    assert islington.loc[("assessments_per_month", "SAMH"), "p_value"] == pytest.approx(expected)
    # 34 and 15 a month are 402 to 414 and 174 to 186 in a year.
    expected = stats.binomtest(186, 402 + 186, 0.5).pvalue
    assert islington.loc[("reviews_per_month", "ACMHT"), "p_value"] == pytest.approx(expected)


def test_two_proportions_by_hand(rows: Rows) -> None:
    kpi = rows(
        {"period": "2023/24", "unit": "percent", "value": 60, "numerator": 48, "denominator": 80},
        {"period": "2024/25", "unit": "percent", "value": 80, "numerator": 56, "denominator": 70},
    )
    row = changes(kpi).iloc[0]
    assert (row["basis"], row["verdict"]) == ("proportions", "changed")
    assert row["change"] == pytest.approx(20)
    # Newcombe (1998), method 10, from Wilson's limits of both.
    (l1, u1), (l2, u2) = (
        stats.binomtest(k, n).proportion_ci(method="wilson") for k, n in ((48, 80), (56, 70))
    )
    assert row["lower"] == pytest.approx(100 * (0.2 - math.hypot(0.8 - l2, u1 - 0.6)))
    assert row["upper"] == pytest.approx(100 * (0.2 + math.hypot(u2 - 0.8, 0.6 - l1)))
    table = np.array([[48, 32], [56, 14]])
    assert row["p_value"] == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)


@pytest.mark.parametrize("unit", ["percent", "per_month"])
def test_a_figure_that_was_never_rounded_is_compared_too(rows: Rows, unit: str) -> None:
    base = {"unit": unit, "decimals": 1}
    exact = rows(
        {"period": "2017/18", "value": 100 / 3, **base}, {"period": "2018/19", "value": 200 / 3, **base}
    )
    assert changes(exact)["change"].tolist() == pytest.approx([100 / 3])
    counted = {"unit": "percent", "denominator": 101, "decimals": 1}
    kpi = rows(
        {"period": "2017/18", "numerator": 60, **counted}, {"period": "2018/19", "numerator": 66, **counted}
    )
    assert changes(kpi)["change"].tolist() == pytest.approx([600 / 101])


@pytest.mark.parametrize(("before", "after", "relative"), [(0, 5, math.nan), (5, 0, -100.0), (6, 6, 0.0)])
def test_counts_from_zero_to_zero_and_the_same(rows: Rows, before: int, after: int, relative: float) -> None:
    row = changes(rows({"period": "2023/24", "value": before}, {"period": "2024/25", "value": after})).iloc[0]
    assert row["change"] == after - before
    assert row["relative"] == pytest.approx(relative, nan_ok=True)
    assert row["p_value"] == pytest.approx(stats.binomtest(after, before + after, 0.5).pvalue)


def test_nothing_in_both_years_cannot_be_tested(rows: Rows) -> None:
    row = changes(rows({"period": "2023/24", "value": 0}, {"period": "2024/25", "value": 0})).iloc[0]
    assert (row["verdict"], row["change"]) == ("untested", 0)
    assert "no ratio" in row["note"]


def test_counts_that_are_not_whole_are_not_tested(rows: Rows) -> None:
    row = changes(rows({"period": "2023/24", "value": 4.5}, {"period": "2024/25", "value": 8})).iloc[0]
    assert (row["verdict"], row["change"]) == ("untested", 3.5)


def test_a_numerator_above_its_denominator_is_no_proportion(rows: Rows) -> None:
    kpi = rows(
        {"period": "2023/24", "unit": "percent", "value": 120, "numerator": 12, "denominator": 10},
        {"period": "2024/25", "unit": "percent", "value": 90, "numerator": 9, "denominator": 10},
    )
    assert changes(kpi)["verdict"].tolist() == ["untested"]


def test_a_head_count_and_days_of_the_same_people_are_not_tested(rows: Rows) -> None:
    kpi = rows({"period": "2023/24", "value": 400}, {"period": "2024/25", "value": 300})
    stock = {"calls": Indicator("calls", "Calls", is_stock=True)}
    clustered = {"calls": Indicator("calls", "Calls", is_clustered=True)}
    assert changes(kpi, stock)[["basis", "verdict"]].values.tolist() == [["stock", "untested"]]
    assert changes(kpi, clustered)[["basis", "verdict"]].values.tolist() == [["clustered", "untested"]]
    assert changes(kpi)["verdict"].tolist() == ["changed"]


def test_a_caseload_is_set_against_the_same_month_a_year_before(rows: Rows) -> None:
    months = [*monthly([60] * 12, 100), *monthly([68] * 12, 100, 2025 * 12 + 3)]
    years = [
        {"period": "2024/25", "unit": "percent", "value": 60, "numerator": 720, "denominator": 1200},
        {"period": "2025/26", "unit": "percent", "value": 68, "numerator": 816, "denominator": 1200},
    ]
    caseload = {"calls": Indicator("calls", "Calls", kind="caseload")}
    row = changes(rows(*months, *years), caseload).iloc[0]
    one_month = stats.chi2_contingency([[60, 40], [68, 32]], correction=False).pvalue
    assert (row["basis"], row["period_before"], row["period"]) == ("caseload", "2025-03", "2026-03")
    assert row["p_value"] == pytest.approx(one_month, rel=0.1)
    assert "Mean of the year's months: 60.0%, then 68.0%" in row["note"]
    # Each year with a base of its own, each person once: tested on it.
    for year in years:
        year |= {"numerator": year["numerator"] / 4, "denominator": 300}
    row = changes(rows(*months, *years), caseload).iloc[0]
    assert (row["basis"], row["comparison"], row["period"]) == ("proportions", "years", "2025/26")


def test_steady_is_a_finding_of_its_own(rows: Rows) -> None:
    kpi = rows(
        {"period": "2023/24", "unit": "percent", "numerator": 4000, "denominator": 5000},
        {"period": "2024/25", "unit": "percent", "numerator": 4010, "denominator": 5000},
    )
    assert changes(kpi, margin=3)["verdict"].tolist() == ["steady"]
    assert changes(kpi, margin=1)["verdict"].tolist() == ["unclear"]


def test_counts_and_rates_can_be_steady_too(rows: Rows) -> None:
    rate = {"unit": "per_100k", "denominator": 1e6}
    kpi = [
        {"indicator": name, "period": period, "value": value, "numerator": value, **more}
        for name, before, after, more in (
            ("many", 1200, 1210, {}), ("few", 60, 60, {}), ("moved", 1200, 1500, {}), ("rate", 900, 910, rate)
        )
        for period, value in (("2017/18", before), ("2018/19", after))
    ]  # fmt: skip
    kpi[-2]["value"], kpi[-1]["value"] = 90.0, 91.0
    found = changes(rows(*kpi)).set_index("indicator")
    assert found["verdict"].to_dict() == {
        "many": "steady", "few": "unclear", "moved": "changed", "rate": "steady"
    }  # fmt: skip
    said = verdict_words(found.loc["many"].to_dict())
    assert said == "Steady: any change is smaller than 10%"


def test_the_same_people_month_after_month_are_not_found_changed(rows: Rows) -> None:
    rng = np.random.default_rng(21)
    cases = np.empty((40, 24), dtype=int)
    cases[:, 0] = rng.binomial(60, 0.8, 40)
    for at in range(1, 24):
        kept, never = rng.binomial(cases[:, at - 1], 0.8), rng.binomial(60 - cases[:, at - 1], 0.8)
        cases[:, at] = kept + rng.binomial(60 - kept - never, 0.8)
    found = [changes(rows(*monthly(list(one), 60))).iloc[0] for one in cases]
    plain = [stats.fisher_exact([[a, 720 - a], [b, 720 - b]]).pvalue < 0.05 for a, b in
             ((one[:12].sum(), one[12:].sum()) for one in cases)]  # fmt: skip
    assert sum(plain) >= 8
    assert sum(row["verdict"] == "changed" for row in found) <= 4


def test_quarters_rank_between_months_and_years_and_are_compared_with_quarters_alone(rows: Rows) -> None:
    figures = {"2024/25": 400, "Q2 2024/25": 100, "Q4 2024/25": 90, "2025-03": 31, "2025-02": 30}
    kpi = rows(*({"period": period, "value": value} for period, value in figures.items()))
    assert history(kpi)["period"].tolist() == ["Q2 2024/25", "2025-02", "2025-03", "Q4 2024/25", "2024/25"]
    quarters = {
        f"Q{number} {year}": value
        for year, value in (("2023/24", 80), ("2024/25", 90))
        for number in (1, 2, 3, 4)
    }
    row = pairs(rows(*({"period": period, "value": value} for period, value in quarters.items()))).iloc[0]
    assert (row["comparison"], row["kind"]) == ("year", "quarters")
    assert (row["period_before"], row["period"]) == ("2023/24", "2024/25")
    assert (row["value_before"], row["value"]) == (320, 360)


def test_quarters_a_year_apart_are_compared_beside_months_that_reach_no_year_back(rows: Rows) -> None:
    figures = {"Q3 2023/24": 80, "Q3 2024/25": 90, "2024-10": 30}
    row = pairs(rows(*({"period": period, "value": value} for period, value in figures.items()))).iloc[0]
    assert (row["period_before"], row["period"]) == ("Q3 2023/24", "Q3 2024/25")


def test_a_quarter_is_set_against_none_of_the_same_year(rows: Rows) -> None:
    alone = pairs(rows({"period": "Q1 2024/25", "value": 30}, {"period": "Q2 2024/25", "value": 60})).iloc[0]
    assert alone["period_before"] == ""


def test_a_rate_is_tested_by_its_events_and_told_in_its_unit(rows: Rows) -> None:
    """Seventeen events among 80,000 people and 30 among 90,000, in events per 100,000 people."""
    told = {"unit": "per_100k", "decimals": 1.0}
    before = {"period": "2023/24", "value": 21.2, "numerator": 17, "denominator": 80_000} | told
    after = {"period": "2024/25", "value": 33.3, "numerator": 30, "denominator": 90_000} | told
    found = changes(rows(before, after)).iloc[0]
    test = compare_counts(17, 30, exposure_before=80_000, exposure_after=90_000)
    assert found["p_value"] == pytest.approx(test.p_value)
    assert found["change"] == pytest.approx(1e5 * test.difference)
    assert (found["lower"], found["upper"]) == pytest.approx(
        (1e5 * test.difference_lower, 1e5 * test.difference_upper)
    )


SLOW = [60, 61, 63, 65, 66, 65, 63, 60, 58, 57, 58, 60, 58, 61, 64, 65, 64, 62, 60, 58, 57, 58, 60, 61]


@pytest.mark.parametrize("values", [[60, 62, 61] * 4 + [50, 52, 51] * 4, SLOW])
def test_months_without_bases_are_tested_by_how_much_they_vary(rows: Rows, values: list[float]) -> None:
    """Each mean's error by the variance of the months themselves, how they hang together allowed for once."""
    plain = [{key: row[key] for key in ("period", "unit")} for row in monthly([0] * 24)]
    kpi = rows(*({**row, "value": value} for row, value in zip(plain, values, strict=True)))
    found = changes(kpi, FLOW).iloc[0]
    assert found["basis"] == "monthly_values"
    change = sum(values[12:]) / 12 - sum(values[:12]) / 12
    assert found["change"] == pytest.approx(change)
    numbers = np.arange(2024 * 12 + 3, 2024 * 12 + 27)
    varied = vary(values, np.ones(24), numbers, model="value", kind="flow")
    assert varied is not None
    spans = numbers[12:].tolist(), numbers[:12].tolist()
    assert (varied.stretch(*spans) > 2) == (values == SLOW)
    error = math.sqrt(varied.unit_variance * (1 / 12 + 1 / 12))
    half = stats.norm.ppf(0.975) * error * varied.stretch(*spans)
    assert (found["lower"], found["upper"]) == pytest.approx((change - half, change + half))
    assert found["p_value"] == pytest.approx(varied.widened(2 * stats.norm.sf(abs(change) / error), *spans))
    short = changes(rows(*({**row, "value": 60.0} for row in plain[:13])), FLOW).iloc[0]
    assert math.isnan(short["p_value"])
    assert "no test" in short["note"]


def test_a_percentage_of_nobody_is_no_value(rows: Rows) -> None:
    of_nobody = {"period": "2023/24", "unit": "percent", "numerator": 1, "denominator": 0}
    of_four = {"period": "2024/25", "unit": "percent", "numerator": 1, "denominator": 4}
    assert history(rows(of_nobody, of_four))[["period", "value"]].values.tolist() == [["2024/25", 25.0]]


def test_what_one_person_gives_many_of_is_told_with_the_spread_that_would_undo_it(rows: Rows) -> None:
    def told(before: float, after: float) -> tuple[str, float]:
        kpi = rows(*(
            {"period": year, "unit": "per_100k", "value": events / 2, "numerator": events, "denominator": 2e5}
            for year, events in (("2023/24", before), ("2024/25", after))
        ))  # fmt: skip
        row = changes(kpi, {"calls": Indicator("calls", "Calls", is_clustered=True)}).iloc[0]
        return row["basis"], row["tipping_factor"]

    # Of equal exposures the factor is near the difference's square over its variance, in units of z².
    basis, factor = told(400, 500)
    assert basis == "clustered"
    assert factor == pytest.approx((100 / 1.96) ** 2 / 900, rel=0.05)
    assert math.isnan(told(400.5, 500)[1])  # no count of events


@pytest.mark.parametrize(("kind", "comparison"), [("flow", "year"), ("caseload", "year_apart")])
def test_years_printed_without_bases_give_way_to_months_that_have_them(
    rows: Rows, kind: Kind, comparison: str
) -> None:
    kpi = rows(*monthly([80] * 12 + [60] * 12, base=100))
    bare = {"indicator": kpi["indicator"].iloc[0], "unit": "percent", "decimals": 0}
    years = rows(bare | {"period": "2024/25", "value": 80}, bare | {"period": "2025/26", "value": 60})
    own = {bare["indicator"]: Indicator(bare["indicator"], "Own", kind=kind)}
    row = changes(pd.concat([kpi, years], ignore_index=True), own).iloc[0]
    assert (row["comparison"], row["verdict"]) == (comparison, "changed")


def test_a_fall_that_follows_a_rise_is_said_to_contradict_the_year(rows: Rows) -> None:
    rng = np.random.default_rng(1)
    kpi = rows(*monthly(list(rng.binomial(200, [0.6] * 12 + [0.9] * 9 + [0.45] * 3)), base=200))
    registry = {"calls": Indicator("calls", "Calls", kind="flow", polarity="higher_is_better")}
    row = changes(kpi, registry).iloc[0]
    assert (row["direction"], bool(row["stepped"]), row["shift_from"]) == ("better", True, "2026-01")
    (said,) = top_changes(changes(kpi, registry), 1)
    assert (
        "But the months say otherwise: lower since January 2026, 44% on average against 90% before"
        in said.text
    )


def test_a_mean_of_nought_a_month_is_at_the_least_nobody(rows: Rows) -> None:
    held = [
        {"period": p, "value": v, "unit": "per_month", "decimals": 0}
        for p, v in (("2023/24", 0), ("2024/25", 2))
    ]
    (row,) = changes(rows(*held)).to_dict("records")
    # Below 0.5 and 1.5 to 2.5 a month are 0 to 6 and 18 to 30 in a year.
    expected = max(stats.binomtest(a, b + a, 0.5).pvalue for b in (0, 6) for a in (18, 30))
    assert row["p_value"] == pytest.approx(expected)


def test_a_step_has_fifteen_parts_in_a_hundred_of_its_indicators_share_of_the_level() -> None:
    """Holm's procedure with weights (1979), written out: .85 and .15 of both tests, and 1 of one alone."""
    tests = pd.DataFrame({"p_value": [0.004, 0.02, math.nan], "shift_p": [0.03, math.nan, 0.01]})
    weights = {"p0": (0.004, 0.85), "s0": (0.03, 0.15), "p1": (0.02, 1.0), "s2": (0.01, 1.0)}
    left, reached, wanted = dict(weights), 0.0, {}
    while left:
        name = min(left, key=lambda one: left[one][0] / left[one][1])
        p, weight = left[name]
        reached = max(reached, min(1.0, p * sum(w for _, w in left.values()) / weight))
        wanted[name] = reached
        del left[name]
    found = with_adjusted_p(tests)
    assert found["p_holm"].tolist() == pytest.approx([wanted["p0"], wanted["p1"], math.nan], nan_ok=True)
    assert found["shift_holm"].tolist() == pytest.approx([wanted["s0"], math.nan, wanted["s2"]], nan_ok=True)


def test_months_after_the_years_compared_are_named_as_held(rows: Rows) -> None:
    years = [{"period": year, "value": 60} for year in ("2022/23", "2023/24")]
    for month, named in (("2024-05", "2024-05"), ("2024-03", "")):
        row = pairs(rows(*years, {"period": month, "value": 5})).iloc[0]
        assert (row["comparison"], row["other_kind"]) == ("years", named)


@pytest.mark.parametrize("year", ["2023/24", "2024/25"])
@pytest.mark.parametrize("part", [("month", "2024-10"), ("quarter", "2024/25-Q3")])
def test_one_year_gives_way_to_its_months_or_quarters(rows: Rows, year: str, part: tuple[str, str]) -> None:
    kind, period = part
    row = pairs(rows({"period": year, "value": 60}, {"period": period, "value": 13})).iloc[0]
    assert (row["kind"], row["period"], row["value"], row["other_kind"]) == (kind, period, 13, year)


@pytest.mark.parametrize(
    ("asked", "months", "comparison", "before", "latest", "back"),
    [
        ("2024/25", 30, "asked_months", "2024-04 to 2024-09", "2026-04 to 2026-09", 24),
        ("2025/26", 30, "asked_months", "2025-04 to 2025-09", "2026-04 to 2026-09", 12),
        ("2024/25", 24, "asked_months", "2024/25", "2025/26", 12),
        ("2023/24", 30, "asked_none", "", "2026-09", 0),
        ("Q1 2025/26", 30, "asked_period", "2025-04 to 2025-06", "2026-07 to 2026-09", 15),
        ("Q1 2026/27", 30, "asked_period", "2026-04 to 2026-06", "2026-07 to 2026-09", 3),
        ("Q1 2026/27", 29, "asked_none", "", "2026-08", 0),  # June would stand on both sides
        ("Q4 2023/24", 30, "asked_none", "", "2026-09", 0),
        ("2025-01", 30, "asked_period", "2025-01", "2026-09", 20),
        ("2026-08", 30, "asked_period", "2026-08", "2026-09", 1),
        ("2026-09", 30, "asked_none", "", "2026-09", 0),
    ],
)
def test_the_latest_months_are_set_against_those_of_the_period_asked_for(
    rows: Rows, asked: str, months: int, comparison: str, before: str, latest: str, back: int
) -> None:
    row = pairs(rows(*monthly(list(range(months)))), compared=Period.parse(asked)).iloc[0]
    assert (row["comparison"], row["period_before"], row["period"]) == (comparison, before, latest)
    if back:
        assert row["denominator"] == row["denominator_before"] == 40 * len(row["later"])
        assert row["numerator"] - row["numerator_before"] == back * len(row["later"])


@pytest.mark.parametrize(("compared", "name"), [("2024/25", "asked_month"), (None, "year_apart")])
def test_of_a_caseload_the_latest_month_stands_beside_the_mean_of_the_months_so_far(
    rows: Rows, compared: str | None, name: str
) -> None:
    asked = Period.parse(compared) if compared else None
    row = pairs(rows(*monthly(list(range(30)))), {("calls", "")}, asked).iloc[0]
    gone = 24 if compared else 12
    assert (row["comparison"], row["period"]) == (name, "2026-09")
    assert (row["numerator"], row["numerator_before"]) == (29, 29 - gone)
    # April to September of both years: 24 to 29 of 40, and as many fewer.
    assert (row["mean"], row["mean_before"]) == pytest.approx((100 * 26.5 / 40, 100 * (26.5 - gone) / 40))


def test_a_year_asked_for_is_compared_as_printed_where_no_months_are_held(rows: Rows) -> None:
    kpi = rows(*({"period": f"{y}/{y - 1999}", "value": y - 2000} for y in (2021, 2022, 2023, 2024)))
    found = [pairs(kpi, compared=Period.parse(year)).iloc[0] for year in ("2022/23", "2020/21")]
    assert [row["comparison"] for row in found] == ["asked_years", "asked_none"]
    assert [row["period_before"] for row in found] == ["2022/23", ""]
    assert (found[0]["value_before"], found[0]["value"]) == (22, 24)
    assert pairs(kpi).iloc[0]["period_before"] == "2023/24"


@pytest.mark.parametrize("sign", [1, -1])
def test_what_varies_is_steady_where_the_wider_interval_stays_within_the_margin(
    rows: Rows, sign: int
) -> None:
    kpi = rows(*monthly([300 + 40 * (-1) ** at + sign * 5 * (at > 11) for at in range(24)], base=600))
    (row,) = changes(kpi, FLOW).to_dict("records")
    assert "times as wide" in row["note"]
    far = max(-row["lower"], row["upper"])
    found = [changes(kpi, FLOW, margin=far + by)["verdict"].item() for by in (0.001, -0.001)]
    assert found == ["steady", "unclear"]


@pytest.mark.parametrize("unit", ["percent", "count"])
def test_months_that_vary_widen_the_interval_on_both_sides(rows: Rows, unit: str) -> None:
    """The exact test's interval, times what the months vary, and the ratio's on its logarithm."""
    cases = [46 + 10 * (-1) ** at - 6 * (at > 11) for at in range(24)]
    made = monthly(cases, base=60)
    if unit == "count":
        made = [{"period": row["period"], "unit": unit, "value": row["numerator"]} for row in made]
    (row,) = changes(rows(*made), FLOW).to_dict("records")
    months = np.arange(2024 * 12 + 3, 2024 * 12 + 27)
    base, model = ([60] * 24, "share") if unit == "percent" else ([1] * 24, "count")
    varied = vary(cases, base, months, model=model, kind="flow")
    assert varied is not None
    spans = months[12:].tolist(), months[:12].tolist()
    wider, sums = varied.stretch(*spans), (sum(cases[:12]), sum(cases[12:]))
    plain = compare_proportions(sums[0], 720, sums[1], 720) if unit == "percent" else compare_counts(*sums)
    assert wider > 1.5
    change = plain.difference
    assert row["change"] == pytest.approx(change)
    assert row["lower"] == pytest.approx(change - wider * (change - plain.difference_lower))
    assert row["upper"] == pytest.approx(change + wider * (plain.difference_upper - change))
    assert row["p_value"] == pytest.approx(varied.widened(plain.p_value, *spans))
    ratios = [1 + one / 100 for one in (plain.relative_change, plain.relative_change_lower)]
    wanted = 100 * (ratios[0] * (ratios[1] / ratios[0]) ** wider - 1)
    assert row["relative_lower"] == pytest.approx(wanted)
    assert row["relative_lower"] < row["relative"] < row["relative_upper"]


@pytest.mark.parametrize(
    ("unit", "per", "exposures"), [("count", 1.0, (1.0, 1.0)), ("per_100k", 1e5, (80_000.0, 90_000.0))]
)
def test_the_smallest_change_that_would_show_is_told_in_the_unit(
    rows: Rows, unit: str, per: float, exposures: tuple[float, float]
) -> None:
    held = [
        {"period": year, "unit": unit, "value": per * events / people, "numerator": events}
        | ({} if unit == "count" else {"denominator": people})
        for year, events, people in zip(("2023/24", "2024/25"), (170, 180), exposures, strict=True)
    ]
    (row,) = changes(rows(*held)).to_dict("records")
    power = smallest_detectable_count_change(170, exposure_before=exposures[0], exposure_after=exposures[1])
    assert row["detectable_fall"] == pytest.approx(power.fall * per / exposures[1])
    assert row["detectable_rise"] == pytest.approx(power.rise * per / exposures[1])
    share = {"unit": "percent", "denominator": 400}
    (row,) = changes(
        rows({"period": "2023/24", "numerator": 170} | share, {"period": "2024/25", "numerator": 180} | share)
    ).to_dict("records")
    points = smallest_detectable_proportion_change(170, 400, 400)
    assert (row["detectable_fall"], row["detectable_rise"]) == pytest.approx((points.fall, points.rise))


@pytest.mark.parametrize(
    ("reported", "lengths"),
    [((math.nan, math.nan), (12, 12)), ((0, 12), (12, 12)), ((6, 6), (6, 6)), ((12, 6), (12, 6))],
)
def test_means_stand_for_the_months_that_were_reported(
    rows: Rows, reported: tuple[float, float], lengths: tuple[int, int]
) -> None:
    """5 and 9 a month to the whole are 4.5 to 5.5 and 8.5 to 9.5 times the months."""
    (row,) = changes(
        rows(
            *(
                {"period": year, "unit": "per_month", "value": mean, "decimals": 0, "months_reported": months}
                for year, mean, months in zip(("2023/24", "2024/25"), (5, 9), reported, strict=True)
            )
        )
    ).to_dict("records")
    many, few = 5.5 * lengths[0], 8.5 * lengths[1]
    expected = stats.binomtest(int(few), int(many + few), lengths[1] / sum(lengths)).pvalue
    assert row["p_value"] == pytest.approx(expected)


def test_means_that_may_stand_for_one_count_are_no_change(rows: Rows) -> None:
    def p_value(after: float) -> float:
        held = (("2023/24", 5.0, 0), ("2024/25", after, 1))
        told = ({"period": p, "value": v, "unit": "per_month", "decimals": d} for p, v, d in held)
        return float(changes(rows(*told))["p_value"].iloc[0])

    assert p_value(5.5) == 1.0  # 65.4 to 66.6 in a year, and 5 a month may be 66
    assert p_value(4.5) == 1.0  # 53.4 to 54.6, and 5 a month may be 54
    assert p_value(9.0) == pytest.approx(stats.binomtest(108, 66 + 108).pvalue)


def test_a_bare_percentage_counts_to_its_sixth_decimal(rows: Rows) -> None:
    held = (
        {"period": p, "value": v, "unit": "percent"} for p, v in (("2023/24", 2e-6), ("2024/25", 1.08e-4))
    )
    (row,) = changes(rows(*held)).to_dict("records")
    pooled, gap = 5.5e-7, 1.06e-6
    wanted = stats.norm.ppf(0.975) ** 2 * 2 * pooled * (1 - pooled) / gap**2
    assert row["base_central"] == pytest.approx(wanted, abs=1.5)


def test_added_months_have_the_target_of_the_latest(rows: Rows) -> None:
    held = [row | {"target": float(at)} for at, row in enumerate(monthly(list(range(24))))]
    row = pairs(rows(*held)).iloc[0]
    assert (row["target"], row["target_before"]) == (23, 11)
    assert (row["months_reported"], row["months_reported_before"]) == (12, 12)
