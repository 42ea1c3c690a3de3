"""Demand: forecasts that add up, their tests, and small counts that are told nowhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from s75lib import workload
from s75lib.loaders import load
from s75lib.loaders.data import Frames
from s75lib.present import Table
from s75lib.workload.activity import monthly, months_shown
from s75lib.workload.demand import expected_demand
from s75lib.workload.shifts import find_shifts


def test_teams_add_up_in_every_path_and_none_is_negative(work):
    ahead = expected_demand(work.as_told, steps=work.shifts.months())
    for measure, whole in ahead.paths.items():
        assert (whole == work.outlook.paths[measure]).all()
        teams = [paths for (m, _), paths in ahead.team_paths.items() if m == measure]
        assert np.allclose(sum(teams), whole)
        assert all((paths >= 0).all() for paths in teams)
        assert work.outlook.apart[measure] == pytest.approx(np.abs(sum(teams) - whole).max(), abs=1e-9)
    for (measure, team), rows in ahead.months.groupby(["measure", "team"]):
        paths = ahead.team_paths[measure, team] if team else ahead.paths[measure]
        last = work.as_told.series[measure, team].index[-1]
        assert rows["month"].tolist() == [last + pd.DateOffset(months=n) for n in range(1, 13)]
        for name, share in {"lower_95": 0.025, "upper_80": 0.9, "upper_95": 0.975}.items():
            assert rows[name].tolist() == pytest.approx(np.quantile(paths, share, axis=0).tolist())


def test_a_years_interval_is_narrower_than_the_months_added_up(work):
    rows = work.outlook.years[(work.outlook.years["team"] == "") & ~work.outlook.years["is_stock"]].set_index(
        "measure"
    )
    months = work.outlook.months[work.outlook.months["team"] == ""].groupby("measure")
    added = (months["upper_95"].sum() - months["lower_95"].sum()).reindex(rows.index)
    assert (rows["upper_95"] - rows["lower_95"] < added).all()


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_months_are_left_out(count):
    months = pd.date_range("2024-01-01", periods=count, freq="MS")
    frame = pd.DataFrame(
        {"month": months, "measure": "reviews", "count": 3.0, "service_group": "", "team": ""}
    )
    assert expected_demand(monthly(frame)).is_empty


@pytest.mark.parametrize("values", [[0.0] * 5, [4.0] * 3, [1.0, 0.0, 2.0, 1.0]])
def test_short_constant_and_empty_series_have_an_interval(values):
    months = pd.date_range("2024-01-01", periods=len(values), freq="MS")
    frame = pd.DataFrame(
        {"month": months, "measure": "reviews", "count": values, "service_group": "", "team": ""}
    )
    row = expected_demand(monthly(frame)).years.iloc[0]
    assert row["lower_95"] <= row["next_12"] <= row["upper_95"]
    assert row["upper_95"] > row["lower_95"]
    assert find_shifts(monthly(frame)).searched == ()


def test_a_forecast_says_how_many_paths_it_is_drawn_from(work):
    said = next(h for h in work.headlines if h.id.startswith("workload.forecast."))
    (drawn, _) = {paths.shape for paths in work.outlook.paths.values()}.pop()
    assert drawn == 2000
    assert f"{drawn:,} joint sample paths" in said.method


def test_small_months_are_left_out_of_the_charts(work):
    shown = work.protected_months["complaints"].table
    true = work.totals[work.totals["measure"] == "complaints"].set_index("month")["count"]
    small = true.between(1, 4).to_numpy()
    drawn = months_shown(work, "complaints")["count"].to_numpy()
    assert small.any()
    assert np.isnan(drawn[small]).all()
    assert len(shown.hidden) > small.sum()  # a year's total would give a single month away
    assert "monthly.complaints.disclosure" in {check.id for check in work.checks}


def test_a_small_year_is_told_nowhere(example):
    frame = example.activity.assign(measure="complaints", service_group="", team="", count=0.0)
    frame = frame.drop_duplicates("month").reset_index(drop=True)
    frame.loc[frame.index[-3:], "count"] = 1.0
    frames = Frames(dict(example.frames.untracked()) | {"activity": frame})
    done = workload.study(replace(example, frames=frames))
    (said,) = [h for h in workload.demand(done).headlines if h.id == "workload.forecast.complaints"]
    assert "in the last twelve" not in said.text
    assert next(p for p in workload.demand(done).parts if isinstance(p, Table)).frame["last_12"].isna().all()


def test_internal_use_shows_all(data_dir):
    done = workload.study(load("exampleshire", data_dir=data_dir, internal=True))
    assert done.protected_months["complaints"].table.hidden == ()
    assert not months_shown(done, "complaints")["count"].isna().any()


def test_a_backtest_across_a_step_says_so(work, months_apart):
    tests = work.outlook.tests.set_index("measure")
    assert months_apart(tests.loc["reviews", "unseen_step"], "2025-02") <= 1
    assert tests["unseen_step"].notna().sum() == 1
    assert tests.loc["reviews", "coverage_95"] < 0.8 <= tests.loc["reviews", "coverage_95_before"]
    verdicts = workload.accuracy(work).tables["accuracy"].frame.set_index("measure")["verdict"]
    assert "fell into the months tested" in verdicts["reviews"]
    assert "step" not in verdicts["assessments"]
