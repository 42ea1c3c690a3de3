"""The outturn: run-rate by hand, the projection against an independent fit, and its coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from s75lib import load
from s75lib.budget import figures, outturn, position, study, wording
from s75lib.errors import MethodError
from s75lib.present import Missing

DAYS = pd.to_datetime(["2024-04-30", "2024-06-30", "2024-09-30", "2024-11-30", "2024-12-31"])


def series(values: list[float], days: pd.DatetimeIndex = DAYS, year: str = "2024/25") -> pd.DataFrame:
    return pd.DataFrame({"as_at": days, "financial_year": year, "commitment": values})


def test_the_projection_is_a_weighted_regression_through_the_origin():
    values = [8971.0, 9170.0, 9547.0, 9608.0, 9602.0]
    found = outturn.project(series(values), confidence=0.9)
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
        found = outturn.project(seen, confidence=0.8)
        hits += found.lower <= course[-1] <= found.upper
    # Binomial(400, 0.8) lies within these bounds with probability 0.999.
    assert 293 <= hits <= 346


def test_on_the_last_day_nothing_is_left_to_project():
    days = pd.to_datetime(["2024-09-30", "2024-11-30", "2024-12-31", "2025-02-28", "2025-03-31"])
    found = outturn.project(series([1.0, 2.0, 4.0, 5.0, 5.5], days))
    assert (found.projected, found.lower, found.upper) == (5.5, 5.5, 5.5)


def test_a_change_between_the_years_is_no_movement():
    earlier = series([100.0, 101.0, 103.0, 104.0, 104.5], DAYS - pd.DateOffset(years=1), "2023/24")
    both = pd.concat([earlier, series([900.0, 901.0], DAYS[:2])])
    assert outturn.project(both).movements == 5


@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0], [1.0, 2.0, 3.0]])
def test_too_few_movements_are_refused(values):
    with pytest.raises(MethodError, match="at least 3"):
        outturn.project(series(values, DAYS[: len(values)]))


def test_an_unknown_commitment_or_confidence_is_refused():
    with pytest.raises(MethodError, match="commitment"):
        outturn.project(series([1.0, np.nan, 2.0, 3.0, 4.0]))
    with pytest.raises(MethodError, match="confidence"):
        outturn.project(series([1.0, 1.0, 2.0, 3.0, 4.0]), confidence=80)


def test_last_years_course_is_repeated_as_a_scenario():
    days = pd.to_datetime(["2023-12-31", "2024-03-31"])
    past = series([100.0, 95.0], days, "2023/24")
    both = pd.concat([past, series([200.0], DAYS[-1:])])
    assert outturn.scenario(both) == {"2023/24": pytest.approx(190.0)}
    assert outturn.scenario(series([200.0], DAYS[-1:])) == {}


def test_cambridgeshire_has_a_projection_and_no_last_year():
    data = load("cambridgeshire", "2019/20")
    said = [h.text for h in wording.outturn(study(data))]
    assert "near £9.65m" in said[0]
    assert "can't be computed" in said[1]
    rows = position.trend(data.budget)
    net = rows[(rows["scope"] == "all") & (rows["level"] == "net")]
    assert outturn.project(net).commitment == 9_602_000


def test_without_a_monitor_the_chart_says_what_is_missing(studied):
    part = figures.outturn(studied())
    assert isinstance(part, Missing)
    assert part.needs
    assert wording.outturn(studied()) == []
