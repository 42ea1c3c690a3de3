"""The notebook's results on the published and the synthetic authorities: findings, gaps, small counts."""

from __future__ import annotations

import json
import re
import tomllib

import numpy as np
import pandas as pd
import pytest

from s75lib.loaders import find_authorities, load
from s75lib.present import Figure, Missing, Table
from s75lib.workload import figures, outlook, shifts, since, study, tables, wording

AUTHORITIES = find_authorities("data")


@pytest.fixture(scope="module")
def example(data_dir):
    return load("exampleshire", data_dir=data_dir)


@pytest.fixture(scope="module")
def work(example):
    return study(example)


@pytest.fixture(scope="module")
def truth(data_dir):
    return tomllib.loads((data_dir / "exampleshire" / "truth.toml").read_text(encoding="utf-8"))["activity"]


def months_apart(first, text):
    second = pd.Timestamp(f"{text}-01")
    return abs(12 * (first.year - second.year) + first.month - second.month)


def test_every_planted_step_is_found_with_month_and_size(work, truth):
    found = {(s.measure, s.team): s for s in work.shifts.found}
    for step in truth["steps"]:
        for team in step["teams"]:
            shift = found[step["measure"], team]
            assert months_apart(shift.month, step["month"]) <= 1
            assert shift.lower < step["factor"] < shift.upper


def test_quiet_series_have_no_step(work, truth):
    quiet = work.shifts.searched["measure"].isin(truth["quiet_measures"]).sum()
    false = sum(s.measure in truth["quiet_measures"] for s in work.shifts.found)
    assert quiet > 50
    assert false / quiet < 0.05


def test_a_given_month_is_tested(example):
    found = {s.measure: s for s in since(example.activity, "2024-08")}
    assert found["case_allocation_requests"].is_clear
    assert found["case_allocation_requests"].ratio > 1
    assert not found["assessments"].is_clear
    assert since(example.activity, "2023-05") == ()


def test_teams_add_up_in_every_path_and_none_is_negative(work):
    for measure, whole in work.ahead.paths.items():
        teams = [paths for (m, _), paths in work.ahead.team_paths.items() if m == measure]
        assert np.allclose(sum(teams), whole)
        assert all((paths >= 0).all() for paths in teams)


def test_a_years_interval_is_narrower_than_the_months_added_up(work):
    rows = work.ahead.years[(work.ahead.years["team"] == "") & ~work.ahead.years["is_stock"]].set_index(
        "measure"
    )
    months = work.ahead.months[work.ahead.months["team"] == ""].groupby("measure")
    added = (months["upper_95"].sum() - months["lower_95"].sum()).reindex(rows.index)
    assert (rows["upper_95"] - rows["lower_95"] < added).all()


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_months_are_left_out(count):
    months = pd.date_range("2024-01-01", periods=count, freq="MS")
    frame = pd.DataFrame(
        {"month": months, "measure": "reviews", "count": 3.0, "service_group": "", "team": ""}
    )
    assert outlook(frame).is_empty


@pytest.mark.parametrize("values", [[0.0] * 5, [4.0] * 3, [1.0, 0.0, 2.0, 1.0]])
def test_short_constant_and_empty_series_have_an_interval(values):
    months = pd.date_range("2024-01-01", periods=len(values), freq="MS")
    frame = pd.DataFrame(
        {"month": months, "measure": "reviews", "count": values, "service_group": "", "team": ""}
    )
    row = outlook(frame).years.iloc[0]
    assert row["lower_95"] <= row["next_12"] <= row["upper_95"]
    assert row["upper_95"] > row["lower_95"]
    assert not shifts(frame).searched["is_searched"].any()


def every_part(work):
    for name in [n for n in tables.__all__ if n != "teams"]:
        yield name, getattr(tables, name)(work)
    for name in [n for n in figures.__all__ if n != "teams"]:
        yield name, getattr(figures, name)(work)
    for measure in ("case_allocation_requests", "reviews"):
        yield measure, tables.teams(work, measure)
        yield measure, figures.teams(work, measure)


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_every_part_can_be_shown_for_every_authority(authority, data_dir):
    done = study(load(authority, data_dir=data_dir))
    for name, part in every_part(done):
        for item in part if isinstance(part, list) else [part]:
            assert isinstance(item, Figure | Table | Missing), name
            shown = json.dumps(item.payload(), allow_nan=False) + item.text()
            assert "nan" not in shown.lower().replace("finance", ""), name
            assert not re.search(r"\bP\d{4}\b|\bK\d{4}\b", shown), name
    texts = [h.text for h in wording.headlines(done)]
    assert len({h.id for h in wording.headlines(done)}) == len(texts)
    assert all(text[0].isupper() and text.endswith(".") and "nan" not in text.lower() for text in texts)
    assert all(check.passed for check in wording.checks(done))


@pytest.mark.parametrize("authority", ["coventry", "warwickshire", "peterborough"])
def test_an_authority_without_figures_says_so_as_a_whole(authority, data_dir):
    done = study(load(authority, data_dir=data_dir))
    assert [gap.whole for gap in wording.applicable(done)] == [True]


def test_unrealised_concerns_cannot_be_tested_without_the_months(data_dir):
    (gap,) = wording.requests(study(load("cambridgeshire", data_dir=data_dir)))
    assert isinstance(gap, Missing)
    assert gap.needs[0].dataset == "activity"
    assert {"month", "measure", "count"} <= set(gap.needs[0].columns)


def test_with_the_months_the_rise_is_told(work):
    (said,) = wording.requests(work)
    assert "borne out" in said.text
    assert "Alder" in said.text


def test_the_published_figures_of_islington_in_words(data_dir):
    texts = " ".join(h.text for h in wording.headlines(study(load("islington", data_dir=data_dir))))
    assert "from 34 to 15 a month" in texts
    assert "from 6.6 to 6.1 a month" in texts
    assert "493 to 628" in texts


def test_the_transfer_of_cambridgeshire_in_words(data_dir):
    said = {h.id: h for h in wording.headlines(study(load("cambridgeshire", data_dir=data_dir)))}
    assert said["workload.transfers"].value == 273
    assert "held 331" in said["workload.transfers"].text
    assert "82% more" in said["workload.transfers"].text


def test_small_teams_are_hidden_unless_published(data_dir):
    data = load("cambridgeshire", data_dir=data_dir)
    shown = study(data)
    hidden = study(data)
    object.__setattr__(hidden, "place", type(shown.place)("Cambridgeshire", 5, frozenset()))
    assert 1 in tables.transfers(shown).frame["gains"].tolist()
    counts = tables.transfers(hidden).frame
    teams = counts[counts["level"] == "team"][["now", "gains"]].to_numpy()
    assert not ((teams > 0) & (teams < 5)).any()
    assert "CAMEO Nth" not in figures.reviews_by_team(hidden).data.frame.columns.astype(str).str.cat()


def test_results_are_the_same_when_run_again(example, work):
    again = study(example)
    assert [h.text for h in wording.headlines(again)] == [h.text for h in wording.headlines(work)]


def test_the_data_are_left_alone(example):
    before = {name: frame.copy() for name, frame in example.frames.items()}
    study(example)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(frame, example.frames[name])
