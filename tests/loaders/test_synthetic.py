"""The synthetic authority: the same bytes each time, sound in itself, and what was planted is there."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from synthetic import csv_text, example_datasets, example_truth, toml_text, write_example

from s75lib.errors import ConfigError
from s75lib.loaders.load import load
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.starter import copy_example

COMMITTED = Path(__file__).parents[2] / "data" / "exampleshire"
START, FIRST, LAST = (pd.Timestamp(day) for day in ("2025-03-31", "2025-04-30", "2026-03-31"))


@pytest.fixture(scope="module")
def datasets() -> dict[str, pd.DataFrame]:
    return example_datasets()


@pytest.fixture(scope="module")
def truth() -> dict:
    return example_truth()


@pytest.fixture(scope="module")
def open_packages(datasets) -> pd.DataFrame:
    ledger = datasets["packages"]
    still = ledger["end_date"].isna() | (ledger["end_date"] >= ledger["snapshot_date"])
    return ledger[still & ~ledger["prior_year"]]


# --- the folder ---------------------------------------------------------------------------------------


def test_regenerates_to_the_byte(tmp_path):
    write_example(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in COMMITTED.iterdir()}
    assert made.keys() == kept.keys()
    assert [name for name in made if made[name] != kept[name]] == []


def test_is_small_and_plain():
    contents = [path.read_bytes() for path in COMMITTED.iterdir()]
    assert sum(map(len, contents)) < 2_100_000
    assert not any(b"\r" in content for content in contents)
    assert all(content.endswith(b"\n") and content.decode("utf-8") for content in contents)


def test_authority_says_that_it_is_synthetic(tmp_path):
    write_example(tmp_path / "elsewhere", name="Otherford")
    said = tomllib.loads((tmp_path / "elsewhere" / "authority.toml").read_text(encoding="utf-8"))
    assert (said["name"], said["synthetic"], said["disclosure_threshold"]) == ("Otherford", True, 5)
    assert (said["agreement"]["funding"], set(said["people"].values())) == ("pooled", {""})


def test_truth_file_is_the_truth(truth):
    assert tomllib.loads((COMMITTED / "truth.toml").read_text(encoding="utf-8")) == truth


def test_another_seed_gives_another_authority_with_the_same_cause(datasets):
    other = example_datasets(seed=76)["packages"]
    assert not other.equals(datasets["packages"])
    last = other[(other["snapshot_date"] == LAST) & ~other["prior_year"]]
    still = last["end_date"].isna() | (last["end_date"] >= LAST)
    chosen = (last["service_group"] == "OPMH") & (last["care_type"] == "Residential")
    assert (still & chosen).sum() == 78


def test_loads_without_a_fault_and_returns_what_was_written(datasets):
    data = load("exampleshire", "2025/26", data_dir=COMMITTED.parent)
    assert data.authority.synthetic
    for name, frame in datasets.items():
        assert len(getattr(data, name)) == len(frame), name
    money = ["weekly_gross", "unit_price", "health_weekly", "client_weekly", "net_weekly"]
    pd.testing.assert_frame_equal(data.packages[money], datasets["packages"][money])


# --- the contract -------------------------------------------------------------------------------------


def test_every_dataset_has_the_contract_s_columns_in_order(datasets):
    assert list(datasets) == list(DATASETS)
    for name, frame in datasets.items():
        expected = [column for column in DATASETS[name].column_names if column in frame.columns]
        assert list(frame.columns) == expected, name
        assert set(DATASETS[name].required) <= set(frame.columns), name


def test_keys_are_unique(datasets):
    for name, frame in datasets.items():
        assert not frame.duplicated(list(DATASETS[name].key)).any(), name


def test_no_dataset_is_altered_by_writing(datasets):
    before = datasets["budget"].copy(deep=True)
    csv_text(datasets["budget"])
    pd.testing.assert_frame_equal(datasets["budget"], before)


def test_toml_text_is_read_back():
    table = {"a": 'quo"te\\', "b": [1, 2.5], "c": {"d": True, "e": {"f": []}}, "g": [{"h": 1}, {"h": 2}]}
    assert tomllib.loads(toml_text(table)) == table


# --- the ledger ---------------------------------------------------------------------------------------


def test_about_six_hundred_packages_are_open_at_each_month_end(open_packages):
    counts = open_packages.groupby("snapshot_date").size()
    assert list(counts.index) == list(pd.date_range("2024-04-30", "2026-03-31", freq="ME"))
    assert counts.between(510, 690).all()


def test_net_is_gross_less_health_less_client_to_the_penny(datasets):
    ledger = datasets["packages"]
    pence = {
        name: (ledger[f"{name}"] * 100).round() for name in ("weekly_gross", "health_weekly", "client_weekly")
    }
    net = pence["weekly_gross"] - pence["health_weekly"] - pence["client_weekly"]
    assert (net == (ledger["net_weekly"] * 100).round()).all()
    assert (ledger["net_weekly"] >= 0).all()


def test_gross_is_units_times_price_to_the_penny(datasets):
    ledger = datasets["packages"]
    assert ((ledger["units_per_week"] * ledger["unit_price"] - ledger["weekly_gross"]).abs() < 0.0051).all()


def test_days_are_in_order(datasets):
    ledger = datasets["packages"]
    assert not (ledger["end_date"] < ledger["start_date"]).any()
    assert (ledger["start_date"] <= ledger["snapshot_date"]).all()
    assert not (ledger["last_review_date"] > ledger["snapshot_date"]).any()


def test_health_pays_where_a_funding_type_says_so(datasets):
    ledger = datasets["packages"]
    assert ((ledger["health_weekly"] > 0) == (ledger["health_funding_type"] != "")).all()
    assert set(ledger["health_funding_type"]) == {"", "s117", "CHC", "FNC", "joint"}


def test_team_belongs_to_one_group_and_person_to_one_age_band(datasets):
    ledger = datasets["packages"]
    assert len(ledger[["team", "service_group"]].drop_duplicates()) == ledger["team"].nunique() == 8
    facts = ledger[["person_key", "age_band", "s117"]].drop_duplicates()
    assert len(facts) == ledger["person_key"].nunique()


def test_budget_commitment_is_the_ledger_s(datasets):
    ledger, budget = datasets["packages"], datasets["budget"]
    for day, last_day in (
        ("2024-12-31", "2025-03-31"),
        ("2025-07-31", "2026-03-31"),
        ("2026-03-31", "2026-03-31"),
    ):
        first_day = pd.Timestamp(last_day) - pd.Timedelta(days=364)
        rows = ledger[(ledger["snapshot_date"] == day) & ~ledger["prior_year"]]
        total: dict[tuple[str, str], float] = {}
        for row in rows.itertuples():
            start = max(row.start_date, first_day)
            end = (
                pd.Timestamp(last_day) if pd.isna(row.end_date) else min(row.end_date, pd.Timestamp(last_day))
            )
            weeks = max((end - start).days + 1, 0) / 7
            for line, amount in (
                (row.care_type, row.weekly_gross),
                ("Health Cont", -row.health_weekly),
                ("Client Conts", -row.client_weekly),
            ):
                key = (row.service_group, line)
                total[key] = total.get(key, 0.0) + weeks * amount
        printed = budget[(budget["as_at"] == day) & (budget["kind"] != "adjustment")]
        for row in printed.itertuples():
            assert abs(row.commitment - total[row.service_group, row.line]) <= 0.5 + 1e-6, (day, row.line)


def test_budget_is_set_once_a_year(datasets):
    budget = datasets["budget"]
    lines = budget.groupby(["financial_year", "service_group", "line"])["budget"]
    assert (lines.min() == lines.max()).all()
    assert len(budget) == 24 * (2 * 10 + 2)


def test_commitment_moves_by_less_than_four_per_cent_a_month(datasets):
    budget = datasets["budget"]
    total = budget[budget["kind"] != "adjustment"].groupby(["financial_year", "as_at"])["commitment"].sum()
    for year in ("2024/25", "2025/26"):
        assert (total[year].pct_change().dropna().abs() < 0.04).all()


def test_short_packages_switches_and_prior_year_items_are_there(datasets):
    ledger = datasets["packages"]
    year_end = ledger[ledger["snapshot_date"] == LAST]
    current = year_end[~year_end["prior_year"]]
    length = (current["end_date"] - current["start_date"]).dt.days
    assert (length < 21).sum() >= 12
    prior = year_end[year_end["prior_year"]]
    assert len(prior) >= 5
    assert (prior["end_date"] < "2025-04-01").all()
    ends = current.dropna(subset="end_date")
    pairs = ends.merge(current, on="person_key", suffixes=("", "_next"))
    day_after = pairs["end_date"] + pd.Timedelta(days=1) == pairs["start_date_next"]
    assert (day_after & (pairs["care_type"] != pairs["care_type_next"])).sum() >= 3


def test_references_are_re_issued_at_the_uplift_and_start_dates_kept(open_packages):
    before = open_packages[open_packages["snapshot_date"] == START]
    after = open_packages[open_packages["snapshot_date"] == FIRST]
    pairs = before.merge(after, on=["person_key", "care_type", "start_date"], suffixes=("_old", "_new"))
    share = (pairs["package_key_old"] != pairs["package_key_new"]).mean()
    assert len(pairs) > 500
    assert 0.6 < share < 0.8


# --- what was planted in the ledger -------------------------------------------------------------------


def test_older_people_in_residential_care_rise_and_everything_else_stays(open_packages, truth):
    counts = open_packages.groupby(["snapshot_date", "service_group", "care_type"]).size()
    planted = truth["packages"]["volume"]
    chosen = (planted["service_group"], planted["care_type"])
    assert counts[START][chosen] == planted["open_on_2025_03_31"]
    assert counts[LAST][chosen] == planted["open_on_2026_03_31"] == 78
    for stratum in truth["packages"]["stable"]:
        same = (stratum["service_group"], stratum["care_type"])
        assert counts[START][same] == counts[LAST][same] == stratum["open_at_both_year_ends"]


def _price_ratios(open_packages: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Unit prices of residential placements against a year end, for the same person."""
    residential = open_packages[open_packages["care_type"] == "Residential"]
    before = residential[residential["snapshot_date"] == START]
    after = residential[residential["snapshot_date"] == day]
    pairs = before.merge(after, on=["person_key", "service_group", "team"], suffixes=("_old", "_new"))
    return pairs.assign(ratio=pairs["unit_price_new"] / pairs["unit_price_old"])


def test_one_team_s_prices_rise_beyond_the_uplift_from_the_planted_month(open_packages, truth):
    planted, uplift = truth["packages"]["price"], truth["packages"]["general_uplift"]["percent"]
    general, special = 1 + uplift / 100, 1 + planted["percent_above_uplift"] / 100
    before = _price_ratios(open_packages, pd.Timestamp("2025-06-30"))
    np.testing.assert_allclose(before["ratio"], general, atol=0.001)
    after = _price_ratios(open_packages, pd.Timestamp("2025-07-31"))
    chosen = (after["team"] == planted["team"]) & (after["service_group"] == "AMH")
    assert chosen.sum() >= 8
    np.testing.assert_allclose(after.loc[chosen, "ratio"], general * special, atol=0.001)
    np.testing.assert_allclose(after.loc[~chosen, "ratio"], general, atol=0.001)


def test_health_share_falls_by_ten_points_in_both_groups_from_the_planted_month(open_packages, truth):
    planted = truth["packages"]["health_share"]
    joint = open_packages[open_packages["health_funding_type"].isin(planted["health_funding_types"])]
    joint = joint.assign(share=100 * joint["health_weekly"] / joint["weekly_gross"])
    month = pd.Timestamp(planted["from"])
    last_before, first_after = month - pd.Timedelta(days=1), month + pd.offsets.MonthEnd()
    before = joint[joint["snapshot_date"] == last_before]
    after = joint[joint["snapshot_date"] == first_after]
    pairs = before.merge(after, on=["person_key", "care_type", "service_group"], suffixes=("_old", "_new"))
    for group in planted["service_groups"]:
        here = pairs[pairs["service_group"] == group]
        assert len(here) >= 30
        falls = here["share_old"] - here["share_new"]
        np.testing.assert_allclose(falls, planted["fall_in_points_of_gross"], atol=0.1)
    earlier = joint[joint["snapshot_date"] < month].groupby(["person_key", "care_type"])["share"]
    assert ((earlier.max() - earlier.min()) < 0.1).all()


def test_social_care_share_rises_in_both_groups(open_packages):
    sums = open_packages.groupby(["service_group", "snapshot_date"])[["weekly_gross", "health_weekly"]].sum()
    share = 100 * (1 - sums["health_weekly"] / sums["weekly_gross"])
    for group in ("AMH", "OPMH"):
        step = share[group][pd.Timestamp("2025-10-31")] - share[group][pd.Timestamp("2025-09-30")]
        other = share[group].diff().drop(pd.Timestamp("2025-10-31"))
        assert step > 2 * other.abs().max()


def test_planted_charges_on_aftercare(open_packages, truth):
    last = open_packages[open_packages["snapshot_date"] == LAST]
    charged = last[last["s117"] & (last["client_weekly"] > 0)]
    assert len(charged) == truth["packages"]["charged_s117_packages"]


def test_uncommon_packages_exist_but_are_few(open_packages):
    last = open_packages[open_packages["snapshot_date"] == LAST]
    overdue = (LAST - last["last_review_date"]).dt.days > 365
    assert 0.05 < overdue.mean() < 0.35
    assert (last.groupby("person_key").size() > 1).sum() >= 10


# --- activity and indicators --------------------------------------------------------------------------


def _before_and_after(series: pd.Series, month: str) -> tuple[pd.Series, pd.Series]:
    return series[series.index < month], series[series.index >= month]


def test_no_month_is_missing(datasets):
    months = [str(month) for month in pd.period_range("2023-04", "2026-03", freq="M")]
    for _, rows in datasets["activity"].groupby(["team", "measure"]):
        assert rows["month"].unique().tolist() == months
    monthly = datasets["kpi"][~datasets["kpi"]["period"].str.contains("/")]
    for _, rows in monthly.groupby(["indicator", "group"]):
        assert rows["period"].tolist() == months


def test_planted_steps_have_their_month_and_size(datasets, truth):
    activity = datasets["activity"]
    for step in truth["activity"]["steps"]:
        rows = activity[(activity["measure"] == step["measure"]) & activity["team"].isin(step["teams"])]
        series = rows.groupby("month")["count"].sum()
        before, after = _before_and_after(series, step["month"])
        assert after.mean() / before.mean() == pytest.approx(step["factor"], rel=0.15)
        # The split that leaves the least squared error, tried at every month, is the planted one.
        cost = {
            month: sum(part.var(ddof=0) * len(part) for part in _before_and_after(series, month))
            for month in series.index[3:-3]
        }
        assert min(cost, key=cost.get) == step["month"]


def test_teams_without_a_step_and_quiet_measures_stay_level(datasets, truth):
    steps = {(step["measure"], team) for step in truth["activity"]["steps"] for team in step["teams"]}
    activity = datasets["activity"]
    p_values = []
    for (measure, team), rows in activity.groupby(["measure", "team"]):
        if (measure, team) not in steps:
            counts = rows["count"].to_numpy()
            p_values.append(stats.ttest_ind(counts[:18], counts[18:]).pvalue)
    # Under no change the p-values are uniform.
    assert stats.kstest(p_values, "uniform").pvalue > 0.05
    assert set(truth["activity"]["quiet_measures"]) <= set(activity["measure"])


def test_enquiries_never_exceed_concerns(datasets):
    table = datasets["activity"].pivot_table(index=["month", "team"], columns="measure", values="count")
    assert (table["safeguarding_enquiries"] <= table["safeguarding_concerns"]).all()


def test_values_are_their_numerators_over_denominators(datasets):
    kpi = datasets["kpi"].dropna(subset=["numerator", "denominator", "value"])
    scale = kpi["unit"].map({"percent": 100.0, "per_100k": 100_000.0, "per_month": 1.0})
    assert ((scale * kpi["numerator"] / kpi["denominator"] - kpi["value"]).abs() <= 0.05 + 1e-9).all()
    assert datasets["kpi"]["indicator"].nunique() == 20


def test_years_follow_from_their_months(datasets):
    kpi = datasets["kpi"]
    for (indicator, _), rows in kpi[kpi["unit"] == "percent"].groupby(["indicator", "group"]):
        months, years = rows.iloc[:36], rows.iloc[36:].set_index("period")
        for place, year in enumerate(("2023/24", "2024/25", "2025/26")):
            part = months.iloc[12 * place : 12 * place + 12]
            said = years.loc[year]
            if indicator in ("cpa_employment", "independent_living"):
                assert np.isnan(said["denominator"])
                mean = (100 * part["numerator"] / part["denominator"]).mean()
                assert said["value"] == pytest.approx(mean, abs=0.0501)
            else:
                assert said["denominator"] == part["denominator"].sum()
            lower_is_better = indicator == "sickness_absence"
            met = part["value"] <= part["target"] if lower_is_better else part["value"] >= part["target"]
            assert said["months_on_target"] == met.sum()
            assert said["months_reported"] == part["value"].notna().sum()


def _annual_p_value(kpi: pd.DataFrame, indicator: str) -> float:
    months = kpi[(kpi["indicator"] == indicator) & ~kpi["period"].str.contains("/")]
    earlier, later = months.iloc[12:24].sum(numeric_only=True), months.iloc[24:36].sum(numeric_only=True)
    table = [[part["numerator"], part["denominator"] - part["numerator"]] for part in (earlier, later)]
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def test_annual_changes_are_significant_where_planted_and_nowhere_else(datasets, truth):
    planted = truth["kpi"]["annual_change_2024_25_to_2025_26"]
    kpi = datasets["kpi"]
    for indicator in ("reviews_in_12_months", "assessments_in_28_days"):
        assert indicator in planted["significant"]
        assert _annual_p_value(kpi, indicator) < 0.01
    assert len(planted["not_significant"]) >= 10
    assert min(_annual_p_value(kpi, indicator) for indicator in planted["not_significant"]) > 0.05
    admissions = kpi[(kpi["indicator"] == "permanent_admissions") & (kpi["group"] == "OPMH")].set_index(
        "period"
    )
    before, after = int(admissions["value"]["2024/25"]), int(admissions["value"]["2025/26"])
    assert stats.binomtest(after, before + after).pvalue < 0.01


def test_stepped_and_drifting_indicators(datasets, truth):
    kpi = datasets["kpi"].set_index("indicator")
    for step in truth["kpi"]["step"]:
        months = kpi.loc[step["indicator"]].iloc[:36].set_index("period")
        for part, rate in zip(
            _before_and_after(months, step["month"]), (step["rate_at_first"], step["rate_later"]), strict=True
        ):
            assert part["numerator"].sum() / part["denominator"].sum() == pytest.approx(rate, abs=0.01)
    for drift in truth["kpi"]["drift"]:
        months = kpi.loc[drift["indicator"]].iloc[:36]
        slope = stats.linregress(np.arange(36), months["numerator"] / months["denominator"])
        planted = (drift["rate_later"] - drift["rate_at_first"]) / 35
        assert abs(slope.slope - planted) < 2 * slope.stderr
        assert slope.pvalue < 0.001


# --- everything else ----------------------------------------------------------------------------------


def test_transfers_add_up_to_the_people_of_the_ledger(datasets, open_packages):
    for row in datasets["package_transfers"].itertuples():
        here = open_packages[
            (open_packages["snapshot_date"] == row.as_at) & (open_packages["team"] == row.team)
        ]
        assert row.social_work + row.healthcare_professional == here["person_key"].nunique()


def test_staffing_phasing_is_even_except_where_planted(datasets, truth):
    staffing = datasets["staffing"]
    gone = (staffing["as_at"].dt.month - 4) % 12 + 1
    even = (staffing["adjusted_budget_to_date"] - staffing["adjusted_budget"] * gone / 12).abs() <= 0.5
    planted = staffing["as_at"] == truth["staffing"]["wrongly_phased_as_at"]
    assert (even == ~planted).all()
    eight = staffing[planted]["adjusted_budget"] * truth["staffing"]["months_phased"] / 12
    assert ((staffing[planted]["adjusted_budget_to_date"] - eight).abs() <= 0.5).all()


def test_survey_counts_add_up_and_one_question_changed(datasets, truth):
    survey = datasets["survey"]
    counts = survey.groupby(["period", "question"])["count"].sum()
    bases = survey.groupby(["period", "question"])["base"].first()
    assert (counts == bases).all()
    assert ((100 * survey["count"] / survey["base"] - survey["percent"]).abs() <= 0.5).all()
    for question, rows in survey.groupby("question"):
        table = rows.pivot_table(index="period", columns="answer", values="count")
        changed = stats.chi2_contingency(table).pvalue < 0.01
        assert changed == (question in truth["survey"]["changed"])


def test_one_audit_criterion_improved(datasets, truth):
    for criterion, rows in datasets["audits"].groupby("criterion"):
        table = [[row.compliant, row.cases - row.compliant] for row in rows.itertuples()]
        improved = stats.fisher_exact(table).pvalue < 0.01
        assert improved == (criterion in truth["audits"]["improved"])


def test_risk_scores_are_products_and_move_as_planted(datasets, truth):
    risks = datasets["risks"]
    assert (risks["score"] == risks["consequence"] * risks["likelihood"]).all()
    scores = risks.pivot_table(index="risk_id", columns="date", values="score")
    move = scores["2026-03-31"] - scores["2024-06-30"]
    assert sorted(move.index[move > 0]) == truth["risks"]["raised"]
    assert sorted(move.index[move < 0]) == truth["risks"]["lowered"]


def test_people_in_post_and_locums_fit_the_establishment(datasets):
    workforce = datasets["workforce"]
    assert (workforce["wte_in_post"] + workforce["wte_locum"] <= workforce["wte_establishment"]).all()
    assert workforce["as_at"].nunique() == 8
    assert workforce["team"].nunique() == 8


def test_assumptions_are_ordered_and_say_that_they_are_synthetic(datasets):
    table = datasets["assumptions"]
    assert ((table["low"] <= table["central"]) & (table["central"] <= table["high"])).all()
    assert set(table["source"]) == {"synthetic"}


def test_claims_are_what_the_truth_says_of_them(datasets, truth):
    claims = datasets["claims"].set_index("claim_id")
    assert truth["claims"].keys() == set(claims.index)
    assert set(truth["claims"].values()) == {
        "consistent",
        "consistent only through rounding",
        "inconsistent",
        "wrong unit",
        "stale",
        "basis mixed",
        "untestable",
    }
    budget, value = datasets["budget"], datasets["kpi"].set_index(["indicator", "period"])["value"]
    said = claims["published"]
    net = budget[budget["kind"] != "adjustment"].groupby("as_at")[["budget", "commitment", "forecast"]].sum()
    over = net["forecast"] - net["budget"]
    everything = budget.groupby("as_at")[["budget", "forecast"]].sum().loc[LAST]
    assert abs(said["net-commitment"] - net["commitment"][LAST]) <= 500
    assert abs(said["net-over-budget"] - over[pd.Timestamp("2025-12-31")]) <= 500
    assert abs(said["net-over-budget"] - over[LAST]) > 1_000
    assert abs(said["net-over-budget-adjusted"] - (everything["forecast"] - everything["budget"])) <= 500
    assert abs(said["net-over-budget-adjusted"] - over[LAST]) > 1_000
    older = budget[(budget["service_group"] == "OPMH") & (budget["line"] == "Residential")]
    commitment = older.set_index("as_at")["commitment"]
    rise = commitment[LAST] - commitment[FIRST]
    assert abs(said["older-residential-rise"] - rise) <= 500
    assert abs(said["older-residential-rise-letter"] - rise) > 0.1 * rise
    earlier, later = (value["reviews_in_12_months", year] for year in ("2024/25", "2025/26"))
    assert said["reviews-change"] == said["reviews-change-percent"] == pytest.approx(later - earlier)
    assert abs(said["reviews-change-percent"] - 100 * (later / earlier - 1)) > 1
    change = value["cpa_employment", "2025/26"] - value["cpa_employment", "2024/25"]
    assert abs(said["employment-change"] - change) == pytest.approx(0.1)
    at_end = datasets["package_transfers"].set_index("as_at").loc[LAST]
    assert said["health-held"] == at_end["healthcare_professional"].sum()


def test_the_example_is_copied_under_another_name(tmp_path):
    shutil.copytree(COMMITTED, tmp_path / "exampleshire")
    folder = copy_example("other-ford", tmp_path)
    data = load("other-ford", data_dir=tmp_path)
    assert (data.authority.name, data.authority.partner_names[0]) == ("Other Ford", "Other Ford Council")
    assert set(data.contributions["partner"]) == set(data.authority.partner_names)
    assert (folder / "packages.csv").read_bytes() == (COMMITTED / "packages.csv").read_bytes()
    with pytest.raises(ConfigError, match="there already"):
        copy_example("other-ford", tmp_path)
    with pytest.raises(ConfigError, match="found no exampleshire in empty/"):
        copy_example("other-ford", tmp_path / "empty")
