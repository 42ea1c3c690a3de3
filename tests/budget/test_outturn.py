"""The outturn: run-rate by hand, the projection against an independent fit, and its coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from s75lib import load
from s75lib.budget import study
from s75lib.budget.ledger import lines
from s75lib.budget.outturn import headlines, project, run_rate, scenario, section
from s75lib.budget.position import trend
from s75lib.errors import MethodError
from s75lib.present import Figure, Missing

DAYS = pd.to_datetime(["2024-04-30", "2024-06-30", "2024-09-30", "2024-11-30", "2024-12-31"])


def series(values: list[float], days: pd.DatetimeIndex = DAYS, year: str = "2024/25") -> pd.DataFrame:
    return pd.DataFrame({"as_at": days, "financial_year": year, "commitment": values})


def test_the_projection_is_a_weighted_regression_through_the_origin():
    values = [8971.0, 9170.0, 9547.0, 9608.0, 9602.0]
    found = project(series(values), confidence=0.9)
    left = (pd.Timestamp("2025-03-31") - DAYS).days.to_numpy() / 365.25
    w, v = (left[:-1] ** 2 - left[1:] ** 2) / 2, (left[:-1] ** 3 - left[1:] ** 3) / 3
    fit = sm.WLS(np.diff(values), w, weights=1 / v).fit()
    ahead = fit.get_prediction([left[-1] ** 2 / 2], weights=[3 / left[-1] ** 3]).summary_frame(alpha=0.1)
    assert found.projected == pytest.approx(9602.0 + ahead["mean"].item())
    assert found.lower == pytest.approx(9602.0 + ahead["obs_ci_lower"].item())
    assert found.upper == pytest.approx(9602.0 + ahead["obs_ci_upper"].item())


def test_the_interval_covers_what_it_says():
    """Run-rates that walk at random with drift, 400 years of ten monthly snapshots up to January."""
    rng = np.random.default_rng(75)
    ends = pd.date_range("2024-04-01", "2025-03-31", freq="D")
    hits = 0
    snapshots = pd.DatetimeIndex([d for d in ends if d.is_month_end][:10])
    remaining = (ends[-1] - ends).days.to_numpy() / 365.25
    for _ in range(400):
        shocks = rng.normal(0.4, 3.0, len(ends))
        course = 1_000 + np.cumsum(shocks * remaining)
        seen = series(list(course[ends.isin(snapshots)]), snapshots)
        found = project(seen, confidence=0.8)
        hits += found.lower <= course[-1] <= found.upper
    # Binomial(400, 0.8) lies within these bounds with probability 0.999.
    assert 293 <= hits <= 346


def test_on_the_last_day_nothing_is_left_to_project():
    days = pd.to_datetime(["2024-09-30", "2024-11-30", "2024-12-31", "2025-02-28", "2025-03-31"])
    found = project(series([1.0, 2.0, 4.0, 5.0, 5.5], days))
    assert (found.projected, found.lower, found.upper) == (5.5, 5.5, 5.5)


def test_a_change_between_the_years_is_no_movement():
    earlier = series([100.0, 101.0, 103.0, 104.0, 104.5], DAYS - pd.DateOffset(years=1), "2023/24")
    both = pd.concat([earlier, series([900.0, 901.0], DAYS[:2])])
    assert project(both).movements == 5


@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0], [1.0, 2.0, 3.0]])
def test_too_few_movements_are_refused(values):
    with pytest.raises(MethodError, match="at least 3"):
        project(series(values, DAYS[: len(values)]))


def test_an_unknown_commitment_or_confidence_is_refused():
    with pytest.raises(MethodError, match="commitment"):
        project(series([1.0, np.nan, 2.0, 3.0, 4.0]))
    with pytest.raises(MethodError, match="confidence"):
        project(series([1.0, 1.0, 2.0, 3.0, 4.0]), confidence=80)


def test_last_years_course_is_repeated_as_a_scenario():
    days = pd.to_datetime(["2023-12-31", "2024-03-31"])
    past = series([100.0, 95.0], days, "2023/24")
    both = pd.concat([past, series([200.0], DAYS[-1:])])
    assert scenario(both) == {"2023/24": pytest.approx(190.0)}
    assert scenario(series([200.0], DAYS[-1:])) == {}


def test_cambridgeshire_has_a_projection_and_no_last_year(published):
    said = [h.text for h in headlines(published)]
    assert "near £9.65m" in said[0]
    assert "can't be compared" in said[1]
    rows = trend(published.data.budget)
    net = rows[(rows["scope"] == "all") & (rows["level"] == "net")]
    assert project(net).commitment == 9_602_000


def test_without_a_monitor_the_chart_says_what_is_missing(studied):
    part = section(studied()).parts[0]
    assert isinstance(part, Missing)
    assert part.needs
    assert list(headlines(studied())) == []


def test_the_full_year_effect_counts_the_days_of_the_next_year(packages, line):
    """Seven pounds a week are one a day: from 1 October 2022, then all 366 days of 2023/24."""
    day = pd.Timestamp("2022-12-31")
    frame = packages(
        [
            line(day, "A", gross=7.0, start_date="2022-10-01"),
            line(day, "B", gross=7.0, start_date="2022-04-01", end_date="2023-03-31"),
            line(day, "C", gross=7.0, start_date="2022-04-01", end_date="2023-04-10"),
        ]
    )
    found = run_rate(lines(frame))
    assert found.commitment == pytest.approx(182 + 365 + 365)
    assert found.to_date == pytest.approx(92 + 275 + 275)
    assert found.full_year == pytest.approx(366 + 10)
    assert (found.year, found.next_year) == ("2022/23", "2023/24")
    with pytest.raises(MethodError, match="without a row"):
        run_rate(lines(frame.iloc[:0]))


def test_the_projection_at_christmas_holds_the_outturn(example):
    rows = trend(example.budget)
    net = rows[(rows["scope"] == "all") & (rows["level"] == "net")]
    found = project(net[net["as_at"] <= "2025-12-31"])
    assert found.lower < net["commitment"].iloc[-1] < found.upper


def test_a_month_within_the_year_is_projected():
    data = load("exampleshire", "2025-12")
    work = study(data)
    said = [h for h in headlines(work) if h.id == "budget.outturn"]
    assert len(said) == 1
    assert said[0].lower < said[0].value < said[0].upper
    assert isinstance(section(work).figures["outturn"], Figure)
