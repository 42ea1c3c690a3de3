"""Control charts of indicators: which chart, which way is better, what was planted."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from s75lib.kpi import Study
from s75lib.kpi.comparison import history
from s75lib.kpi.control_charts import charts, control_summary, figure, headlines, section, withheld
from s75lib.kpi.variation import variations
from s75lib.loaders import load
from s75lib.loaders.indicators import Indicator, rebases_of
from s75lib.present import Missing
from s75lib.stats import control_chart

control_charts = import_module("s75lib.kpi.control_charts")

MONTHS = [str(month) for month in pd.period_range("2023-04", periods=24, freq="M")]


def monthly(values: list[float], unit: str = "percent", **columns: object) -> pd.DataFrame:
    blank = dict.fromkeys(("numerator", "denominator", "decimals", "target", "months_on_target"), math.nan)
    frame = pd.DataFrame(
        {"indicator": "calls", "group": "", "period": MONTHS[: len(values)], "value": values}
    )
    return frame.assign(unit=unit, months_reported=math.nan, **(blank | columns))


@pytest.fixture(scope="module")
def exampleshire(data_dir: Path) -> pd.DataFrame:
    return control_summary(charts(load("exampleshire", data_dir=data_dir).kpi)).set_index(
        ["indicator", "group"]
    )


def test_the_planted_step_is_proposed_in_its_month(exampleshire: pd.DataFrame) -> None:
    proposed = exampleshire[exampleshire["step_proposed"].astype(bool)]
    assert proposed["step_from"].to_dict() == {("reviews_in_12_months", ""): "2025-02"}  # truth.toml
    row = exampleshire.loc[("reviews_in_12_months", "")]
    assert (row["step_before"], row["step_after"]) == (pytest.approx(75.5, abs=1), pytest.approx(65.5, abs=1))
    assert row["variation"] == "concerning"


def test_a_step_is_told_of_cases_and_bases_added_up() -> None:
    base = np.tile([40.0, 80.0, 120.0], 8)
    cases = np.round(base * np.where(np.arange(24) < 12, 0.9, 0.5) + np.tile([3, 0, -6], 8))
    row = control_summary(charts(monthly([math.nan] * 24, numerator=cases, denominator=base))).iloc[0]
    assert row["step_from"] == MONTHS[12]
    by_hand = [100 * cases[half].sum() / base[half].sum() for half in (slice(12), slice(12, None))]
    assert [row["step_before"], row["step_after"]] == pytest.approx(by_hand)
    assert by_hand[0] != pytest.approx((100 * cases / base)[:12].mean(), abs=0.5)


def test_a_drift_is_a_special_cause_but_no_step(exampleshire: pd.DataFrame) -> None:
    row = exampleshire.loc[("assessments_in_28_days", "")]
    assert row["variation"] == "concerning"
    assert not row["step_proposed"]


def test_each_kind_of_figure_gets_its_chart(exampleshire: pd.DataFrame) -> None:
    kinds = exampleshire["kind"].str.removesuffix("_prime")
    assert kinds[("crisis_plans", "AMH")] == "p"
    assert kinds[("delayed_days_per_100k", "")] == "u"
    assert kinds[("permanent_admissions", "OPMH")] == "u"
    assert kinds[("community_support", "")] == "xmr"  # a head count on a day


def test_p_chart_limits_by_hand() -> None:
    base, cases = np.full(24, 50.0), np.tile([20.0, 25.0, 22.0, 27.0], 6)
    summary = control_summary(charts(monthly([math.nan] * 24, numerator=cases, denominator=base)))
    mean = cases.sum() / base.sum()
    z = (cases / 50 - mean) / math.sqrt(mean * (1 - mean) / 50)
    ratio = max(1.0, np.abs(np.diff(z)).mean() / 1.128)
    row = summary.iloc[0]
    assert row["upper"] == pytest.approx(100 * (mean + 3 * ratio * math.sqrt(mean * (1 - mean) / 50)))


def test_percentages_without_bases_stay_within_their_bounds() -> None:
    values = [99.0, 92, 100, 94, 99, 93, 100, 95, 98, 92, 100, 94, 99, 93]
    row = control_summary(charts(monthly(values))).iloc[0]
    assert (row["kind"], row["upper"]) == ("xmr", 100.0)


@pytest.mark.parametrize(
    ("polarity", "variation", "assurance"),
    [("higher_is_better", "concerning", "hit_or_miss"), ("lower_is_better", "improving", "hit_or_miss"),
     ("neither", "low", "not_assessed")],
)  # fmt: skip
def test_good_and_bad_follow_the_registry(polarity: str, variation: str, assurance: str) -> None:
    values = [50.0, 54, 49, 53, 51, 55, 50, 52, 54, 49, 53, 51, 55, 50, 52, 20]
    registry = {"calls": Indicator("calls", "Calls", polarity=polarity)}  # type: ignore[arg-type]
    row = control_summary(charts(monthly(values, target=50.0), registry)).iloc[0]
    assert (row["variation"], row["assurance"]) == (variation, assurance)


def test_a_short_series_says_so() -> None:
    row = control_summary(charts(monthly([5.0, 6, 7, 5]))).iloc[0]
    assert row["variation"] == "not_assessed"
    assert "Too short" in row["note"]


def test_a_missing_month_is_a_gap() -> None:
    rows = monthly([50.0, 54, 49, 53, 51, 55, 50, 52, 54, 49, 53, 51, 55, 50, 52, 51])
    chart = charts(rows.drop(index=5))[0].chart
    assert chart.missing == (MONTHS[5],)


def test_years_alone_give_no_chart(data_dir: Path) -> None:
    assert charts(load("islington", data_dir=data_dir).kpi) == ()
    assert control_summary(()).empty
    assert charts(monthly([5.0])) == ()


def test_every_rule_points_up_or_down_and_is_drawn() -> None:
    assert sorted([*control_charts._UP, *control_charts._DOWN]) == sorted(control_chart.RULES)


def test_series_out_of_routine_are_said_by_which_way_is_better(of: Callable[..., Study]) -> None:
    (said,) = headlines(of("exampleshire"))
    assert "for the worse: Reviews in 12 months and Assessments in 28 days" in said.text
    assert "new limits from there are proposed, not applied" in said.text
    assert said.text.endswith("By chance alone one chart in about 70 would be unusual.")


def test_a_series_whose_months_would_tell_a_remainder_is_charted_by_quarter(of: Callable[..., Study]) -> None:
    found = of("exampleshire")
    charted = {(one.indicator.slug, one.group): one for one in found.charts}
    met = charted["safeguarding_outcomes_met", ""]
    points = met.chart.points
    assert points["period"].tolist()[::11] == ["2023-04 to 2023-06", "2026-01 to 2026-03"]
    assert points["lower"].notna().all()
    drawn = figure(met, "Exampleshire")
    assert drawn.title.endswith("nothing unusual in the latest quarter")
    assert "12 quarters" in drawn.alt
    assert any("By quarter" in note for note in drawn.data.notes)


def test_series_with_too_few_people_are_named_and_not_charted(of: Callable[..., Study]) -> None:
    found = of("exampleshire")
    (gap,) = [part for part in section(found).parts if isinstance(part, Missing)]
    assert "Permanent admissions" in gap.reason
    assert "Permanent admissions" not in {one.indicator.label for one in found.charts}


def test_the_rolling_line_adds_up_cases_and_bases_of_twelve_months(of: Callable[..., Study]) -> None:
    found = of("exampleshire")
    one = next(one for one in found.charts if one.indicator.slug == "assessments_in_28_days")
    kpi = found.data.kpi
    months = kpi[(kpi["indicator"] == one.indicator.slug) & kpi["period"].astype(str).str.contains("-")]
    last = months.sort_values("period").tail(12)[["numerator", "denominator"]].sum()
    assert one.rolling.iloc[-1] == pytest.approx(100 * last["numerator"] / last["denominator"], abs=0.05)
    assert len(one.rolling) == len(months) - 11
    assert "Twelve months" in figure(one, "here").data.html()


def test_a_caseload_has_no_rolling_line(of: Callable[..., Study]) -> None:
    one = next(one for one in of("exampleshire").charts if one.indicator.is_caseload)
    assert one.rolling.empty
    assert "Twelve months" not in figure(one, "here").data.html()


@pytest.mark.parametrize(("later", "said"), [(80, "no shift"), (60, "its months shifted")])
def test_a_series_too_short_for_limits_is_judged_by_its_runs(later: float, said: str) -> None:
    noise = [1, -2, 2, -1, 0, 3, -3, 1, -1, 2, -2, 1]
    (one,) = charts(monthly([(80 if at < 6 else later) + extra for at, extra in enumerate(noise)]))
    assert one.chart.variation == "not_assessed"
    assert said in figure(one, "here").title


def test_a_series_hidden_in_its_months_is_named_unless_its_quarters_are_charted() -> None:
    hidden = monthly([50.0] * 16).assign(hidden=True)
    registry = {"calls": Indicator("calls", "Calls")}
    assert withheld(hidden, registry) == ("Calls",)
    assert withheld(hidden, registry, history(hidden).iloc[:0]) == ("Calls",)
    assert withheld(hidden, registry, history(hidden)) == ()


def test_months_of_another_unit_are_not_charted_with_the_latest() -> None:
    rows = pd.concat([monthly([400.0] * 4, unit="count"), monthly([50.0, 52.0] * 10).iloc[4:]])
    (one,) = charts(rows)
    assert one.chart.points["period"].tolist() == MONTHS[4:20]
    rows = pd.concat([monthly([50.0] * 4), monthly([400.0, 410.0] * 10, unit="count").iloc[4:]])
    (one,) = charts(rows)
    assert one.chart.points["period"].tolist() == MONTHS[4:20]


def test_limits_allow_for_months_that_are_alike_and_for_no_others() -> None:
    rng = np.random.default_rng(3)
    flow, caseload = (Indicator("calls", "Calls", kind=kind) for kind in ("flow", "caseload"))
    cases = rng.binomial(60, 0.5, size=24).astype(float)
    rows = history(monthly([math.nan] * 24, numerator=cases, denominator=60.0))
    (flowing,) = variations(rows, {"calls": flow}).values()
    (staying,) = variations(rows, {"calls": caseload}).values()
    plain = control_chart.ChartOptions()
    assert control_charts._allowing(flow, flowing) == plain
    assert control_charts._allowing(caseload, staying).correlation == staying.correlation
    # Where the kind's own assumption is not met, the months decide.
    for serial, season, correlation in ((0.4, 0.5, None), (0.6, 0.5, 0.3), (0.4, 0.001, 0.3)):
        seen = SimpleNamespace(serial=serial, season_p=season, correlation=0.3, spread=1.1)
        assert control_charts._allowing(flow, seen).correlation == correlation
    assert control_charts._allowing(flow, None) == plain
    assert control_charts._allowing(caseload, None).correlation == control_charts._UNJUDGED


@pytest.mark.parametrize("moved", [1, 2, 3])
def test_a_step_is_proposed_only_in_what_follows_the_last_rebase(moved: int) -> None:
    noise = np.tile([1.0, -2.0, 2.0, -1.0, 0.0, 3.0], 8)
    months = [str(month) for month in pd.period_range("2021-04", periods=48, freq="M")]
    starts = [months[at] for at in (6, 12, 18)[-moved:]]
    rebase = rebases_of("calls", [{"from": start, "reason": "A new team"} for start in starts])
    own = Indicator("calls", "Calls", rebase=rebase)
    for step, proposed in ((9, ""), (15, ""), (33, months[33])):
        values = 80 + noise - 30 * (np.arange(48) >= step)
        rows = monthly([0.0] * 24).iloc[:1].drop(columns=["period", "value"])
        held = pd.DataFrame({"period": months, "value": values}).merge(rows, how="cross")
        (one,) = charts(held, {"calls": own})
        assert (one.step.period if one.step.proposed else "") == proposed
