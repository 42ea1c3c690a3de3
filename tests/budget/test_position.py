"""The position against budget: identities on random monitors, and every edge."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from s75lib.budget.naming import direction
from s75lib.budget.position import (
    EXPENDITURE,
    NET,
    _line,
    checks,
    comparisons,
    figure_variances,
    headlines,
    section,
    trend,
)
from s75lib.present import charts

DAYS = ["2024-04-30", "2024-06-30", "2024-09-30"]
money = st.integers(-5_000, 5_000).map(float)


def latest(frame: pd.DataFrame) -> pd.DataFrame:
    rows = trend(frame)
    return rows[rows["as_at"] == rows["as_at"].max()]


@rounds(max_examples=6, deadline=None)
@given(st.lists(money, min_size=63, max_size=63))
def test_lines_add_up_to_groups_and_groups_to_all(monitor, values):
    frame = monitor(values)
    rows = latest(frame)
    here = frame[frame["as_at"] == frame["as_at"].max()]
    for name in ("budget", "commitment", "forecast"):
        for level, kinds in (("expenditure", EXPENDITURE), ("net", NET)):
            groups = rows[(rows["scope"] == "group") & (rows["level"] == level)][name].sum()
            whole = rows[(rows["scope"] == "all") & (rows["level"] == level)][name].item()
            assert groups == pytest.approx(whole)
            assert whole == pytest.approx(here[here["kind"].isin(kinds)][name].sum())
        adjusted = rows[(rows["scope"] == "all") & (rows["level"] == "adjusted")][name].item()
        assert adjusted == pytest.approx(here[name].sum())


def test_a_zero_budget_has_no_percentage(monitor):
    frame = monitor([0.0, 5.0, 7.0])
    rows = latest(frame)
    assert rows["commitment_percent"].isna().all()
    assert (rows[rows["level"] == "line"]["commitment_variance"] == 5.0).all()


def test_an_unknown_addend_makes_an_unknown_total(monitor):
    frame = monitor([1.0, 2.0, 3.0])
    frame.loc[frame.index[-2], "forecast"] = np.nan
    rows = latest(frame)
    total = rows[(rows["scope"] == "all") & (rows["level"] == "net")]
    assert np.isnan(total["forecast"].item())
    assert total["commitment"].item() == 12.0


def test_two_snapshots_are_compared_once(monitor):
    assert list(comparisons(monitor([1.0], DAYS[:2]))) == ["year"]


def test_a_monitor_without_groups_is_one_service(monitor, studied):
    frame = monitor([3.0, 4.0, 5.0])
    frame = frame[frame["service_group"] != "OPMH"].assign(service_group="")
    rows = latest(frame)
    assert rows[(rows["scope"] == "group") & (rows["level"] == "net")]["commitment"].item() == 12.0
    assert "All services" in section(studied(budget=frame)).tables["monitor.all"].title


def test_snapshots_stand_side_by_side_with_the_variances_of_the_latest_and_its_change(monitor, studied):
    given = monitor([1000.0 + at * at % 613 for at in range(97)], DAYS)
    shown = section(studied(budget=given)).tables["monitor.opmh"].frame.set_index("row")
    amounts = given[given["service_group"] == "OPMH"].pivot_table(
        ["budget", "commitment", "forecast"], "line", "as_at"
    )
    first, before, last = pd.to_datetime(DAYS)
    for name in ("commitment", "forecast"):
        for day in (first, before, last):
            found = shown[f"{name}@{day:%Y-%m-%d}"].reindex(amounts.index)
            assert found.tolist() == amounts[name, day].tolist()
        lines = shown.reindex(amounts.index)
        assert lines["budget"].tolist() == amounts["budget", last].tolist()
        change = amounts[name, last] - amounts[name, before]
        assert lines[f"{name}_change"].tolist() == change.tolist()
        assert lines[f"{name}_variance"].tolist() == (amounts[name, last] - amounts["budget", last]).tolist()


def test_an_empty_monitor_is_worded_plainly(studied):
    work = studied()
    assert work.position.empty
    assert work.trend.empty
    assert list(headlines(work)) == []
    (gap,) = section(work).parts
    assert gap.needs[0].dataset == "budget"
    assert figure_variances(work) == gap


def test_a_variance_in_per_cent_is_of_the_budgets_size(monitor):
    """An income of £100 budgeted of which £80 comes is £20 short: above zero, a fifth."""
    frame = monitor([-100.0, -80.0, -120.0])
    row = latest(frame).query("level == 'line'").iloc[0]
    assert row[["commitment_variance", "commitment_percent"]].tolist() == [20.0, 20.0]
    assert row[["forecast_variance", "forecast_percent"]].tolist() == [-20.0, -20.0]


@pytest.mark.parametrize(
    ("forecast", "said", "label", "colour"),
    [(-177_000.0, "£77k more", "−£77k", charts.GOOD), (-23_000.0, "£77k less", "+£77k", charts.BAD)],
)
def test_income_short_of_its_budget_is_bad_and_more_of_it_is_good(
    monitor, studied, forecast, said, label, colour
):
    frame = monitor([-100_000.0])
    frame.loc[frame["kind"] == "client_income", "forecast"] = forecast
    drawn = figure_variances(studied(budget=frame))
    worst, best = drawn.title.split("; ")
    at, word = (best, ",") if forecast < -100_000 else (worst, " is forecast")
    assert at.lower() == f"income from clients in adult mental health{word} {said} than budgeted"
    axis = drawn.drawing.axes[0]
    names = [text.get_text() for text in axis.get_yticklabels()]
    assert "Client Conts" in set(drawn.data.frame["line"])  # as printed, by which it is found
    assert "Income short: from clients" in names
    (bar,) = [bar for bar in axis.patches if bar.get_width()]
    assert to_hex(bar.get_facecolor()).upper() == colour
    labels = {text.get_text() for text in axis.texts}
    assert labels == {label, "£0"}


def test_the_chart_says_that_its_bars_leave_adjustments_out(example_study):
    drawn = figure_variances(example_study)
    assert "The bars add up to £905k over; adjustments make it £770k over." in drawn.subtitle
    assert drawn.subtitle.endswith("Minus: less is spent, or more comes in")
    assert drawn.data.frame["forecast_variance"].sum() == pytest.approx(905_026, abs=500)


def test_a_budget_that_changes_within_the_year_is_noticed(studied, monitor):
    frame = monitor([4.0])
    assert [check.passed for check in checks(studied(budget=frame))] == [True, True]
    frame.loc[0, "budget"] = 5.0
    found = {check.id: check for check in checks(studied(budget=frame))}
    assert not found["budget.one_budget"].passed
    assert "1 line with more" in found["budget.one_budget"].detail
    assert found["budget.groups_add_up"].passed


@pytest.mark.parametrize(("variance", "word"), [(0.01, "over"), (0.0, "on"), (-0.01, "under")])
def test_a_variance_is_over_on_or_under(variance, word):
    assert direction(variance) == word


@pytest.mark.parametrize(
    ("kind", "gap", "said"),
    [
        ("client_income", 5_000.0, " is forecast £5k less than budgeted"),
        ("health_income", -5_000.0, " is forecast £5k more than budgeted"),
        ("expenditure", 5_000.0, " is forecast £5k over budget"),
        ("expenditure", -5_000.0, " is forecast £5k under budget"),
        ("expenditure", 0.0, " is forecast on budget"),
    ],
)
def test_a_line_of_income_brings_in_less_or_more_and_one_of_spending_is_over_or_under(kind, gap, said):
    row = {"line": "Line", "service_group": "AMH", "kind": kind, "forecast_variance": gap}
    name = "income line" if kind.endswith("income") else "Line"
    assert _line(row, 1000.0) == f"{name} in adult mental health{said}"
