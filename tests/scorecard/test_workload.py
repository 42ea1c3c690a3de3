"""The workload area of the scorecard: two years of activity, what is hidden, and no forecast."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from s75lib.loaders.period import Period
from s75lib.scorecard.card import Measure
from s75lib.scorecard.workload import _YEAR, _changes, year_on_year
from s75lib.stats.comparison import compare_counts
from s75lib.stats.months import vary


def test_twelve_months_are_added_from_the_activity_itself(data_of, study_of):
    data, counts = data_of("exampleshire"), study_of("exampleshire").year_on_year.set_index("measure")
    rows = data.activity[data.activity["measure"] == "reviews"]
    latest = rows.loc[rows["month"] >= "2025-04-01", "count"].sum()
    before = rows.loc[(rows["month"] >= "2024-04-01") & (rows["month"] < "2025-04-01"), "count"].sum()
    assert counts.loc["reviews", ["latest", "before"]].tolist() == [latest, before]
    assert counts.loc["reviews", "change_percent"] == pytest.approx(100 * (latest / before - 1))
    assert not {"delayed_people"} & set(counts.index)


def test_planted_changes_of_activity_are_clear_and_quiet_measures_are_not(study_of):
    counts = study_of("exampleshire").year_on_year.set_index("measure")
    assert counts.loc["reviews", "is_clear"]
    quiet = ["assessments", "mha_assessments", "safeguarding_concerns", "safeguarding_enquiries"]
    assert not counts.loc[quiet, "is_clear"].any()


def test_what_cambridgeshire_published_is_the_people_still_to_move(study_of):
    (one,) = study_of("cambridgeshire").measures["Workload"]
    assert (one.name, one.latest) == ("people whose package health staff hold", "273")


@pytest.fixture
def with_activity(made):
    """Open the scorecard of an authority that holds one measure, month by month to March 2026."""
    from s75lib.scorecard import Study

    def study(counts):
        months = pd.date_range("2024-04-01", periods=len(counts), freq="MS")
        counted = np.array(counts, dtype=float)
        frame = pd.DataFrame({"month": months, "measure": "carers_assessments", "count": counted})
        return Study(made(activity=frame, threshold=5))

    return study


def test_scatter_of_the_months_keeps_a_change_from_being_clear(with_activity):
    steady = with_activity([50] * 12 + [60] * 12).year_on_year.iloc[0]
    assert (steady["latest"], steady["before"]) == (720, 600)
    assert steady["is_clear"]
    wild = with_activity([10, 90] * 6 + [20, 100] * 6).year_on_year.iloc[0]
    assert (wild["latest"], wild["before"]) == (720, 600)
    assert not wild["is_clear"]


def test_the_interval_allows_for_the_scatter_of_the_months_and_bears_the_verdict_out(with_activity):
    wild = with_activity([30, 70] * 6 + [40, 80] * 6).year_on_year.iloc[0]
    scatter = np.mean([np.var(year, ddof=1) / np.mean(year) for year in ([30, 70] * 6, [40, 80] * 6)])
    error = np.sqrt(scatter * (1 / 600 + 1 / 720))  # of the log ratio, by the delta method
    # The scatter of two years of twelve months may be as large as its upper limit (Berger and Boos 1994).
    quantile = stats.norm.ppf(0.975) * np.sqrt(22 / stats.chi2.ppf(0.05, 22))
    limits = 100 * (np.exp(np.log(1.2) + np.array([-quantile, quantile]) * error) - 1)
    assert wild[["lower", "upper"]].tolist() == pytest.approx(limits.tolist(), abs=6)
    assert not wild["is_clear"]
    assert wild["lower"] < 0 < wild["upper"]


@pytest.mark.parametrize("counts", [[0] * 12 + [12] + [0] * 11, [0, 10] * 2 + [0] * 20])
def test_events_of_a_month_or_two_make_no_clear_change(with_activity, row, counts):
    """Twelve events of one month are one cluster; a year without any has no ratio to give an interval of."""
    assert not with_activity(counts).year_on_year["is_clear"].any()
    assert row(with_activity(counts), "carers' assessments").interval == ""


@pytest.mark.parametrize(
    "counts", [[5] * 23, [0] * 24, [*[5] * 12, np.nan, *[5] * 11]], ids=["short", "nothing", "a gap"]
)
def test_two_years_that_are_not_known_are_left_out(with_activity, counts):
    assert with_activity(counts).year_on_year.empty


def test_a_count_of_few_people_is_hidden(with_activity, row):
    one = row(with_activity([0] * 22 + [1, 1]), "carers' assessments")
    assert (one.latest, one.change, one.value) == ("c", "", None)
    assert "Too few" in one.verdict


def test_from_nothing_to_something_has_no_percentage(with_activity, row):
    one = row(with_activity([0] * 12 + [9] * 12), "carers' assessments")
    assert (one.latest, one.change, one.interval) == ("108", "", "")
    assert one.value is None


@pytest.mark.parametrize("status", ["watch", "good", "bad"])
def test_a_clear_change_counts_whether_or_not_somebody_said_which_way_is_better(status):
    one = Measure(f"reviews{_YEAR}", "40", "50", status, "Down", "2026", "−20%", "−30% to −10%", -20.0)
    level = replace(one, name=f"visits{_YEAR}", status="level")
    (said,) = _changes(
        SimpleNamespace(measures={"Workload": [one, level]}, data=SimpleNamespace(compared=None))
    )
    assert said.text.startswith("1 of 2 measures of work changed clearly")


def totals(last: str, counts: list[int]) -> pd.DataFrame:
    """A measure's months up to one."""
    months = pd.date_range(end=pd.Timestamp(f"{last}-01"), periods=len(counts), freq="MS")
    return pd.DataFrame({"measure": "reviews", "month": months, "count": np.array(counts, dtype=float)})


@pytest.mark.parametrize(
    ("asked", "before", "is_held"),
    [
        (None, 602, True),
        ("2024/25", 602, True),
        ("2023/24", 483, True),
        ("2022/23", np.nan, False),
        ("2025-04", np.nan, False),  # eleven months back: most months would stand on both sides
        ("2025-03", 602, True),
    ],
)
def test_the_twelve_months_asked_for_are_those_that_end_with_the_period(asked, before, is_held):
    held = totals("2026-03", [40] * 11 + [43] + [50] * 11 + [52] + [60] * 11 + [61])
    compared = Period.parse(asked) if asked else None
    (found,) = year_on_year(held, (), compared=compared).to_dict("records")
    assert (found["latest"], found["is_held"], found["last_month"]) == (721, is_held, "2026-03")
    assert found["before"] == pytest.approx(before, nan_ok=True)
    (rounded,) = year_on_year(held, (), compared=compared, rounded=True).to_dict("records")
    assert (rounded["latest"], rounded["before"]) == pytest.approx(
        (720, 5 * round(before / 5) if is_held else np.nan), nan_ok=True
    )


@pytest.mark.parametrize(("last", "starts"), [("2026-03", 3), ("2025-09", 9), ("2025-12", 0)])
@pytest.mark.parametrize("back", [12, 24])
def test_two_years_are_compared_as_their_months_vary_with_a_level_for_each(last, starts, back):
    """The exact comparison, widened by how months vary about the levels of years that end as these do."""
    counts = ([46, 58, 49, 60] * 3, [50] * 12, [70, 56, 74, 62] * 3)
    asked = Period.parse(f"{pd.Timestamp(last) - pd.DateOffset(months=back):%Y-%m}")
    held = totals(last, [*counts[0], *counts[1], *counts[2]])
    (found,) = year_on_year(held, (), compared=asked).to_dict("records")
    former, latter = counts[2 - back // 12], counts[2]
    end = 12 * int(last[:4]) + int(last[5:]) - 1
    months = [*range(end - back - 11, end - back + 1), *range(end - 11, end + 1)]
    varied = vary(former + latter, [1] * 24, months, model="count", kind="flow", year_starts=starts)
    plain = compare_counts(sum(former), sum(latter))
    spans = months[12:], months[:12]
    ends = varied.stretched_ratio(plain.ratio, (plain.lower, plain.upper), *spans)
    assert [found["lower"], found["upper"]] == pytest.approx([100 * (one - 1) for one in ends])
    assert found["change_percent"] == pytest.approx(100 * (sum(latter) / sum(former) - 1))
    assert found["is_clear"] == (varied.widened(plain.p_value, *spans) < 0.05)
