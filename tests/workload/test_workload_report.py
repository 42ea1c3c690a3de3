"""The notebook's results on the published and the synthetic authorities: findings, gaps, small counts."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from s75lib.loaders import find_authorities, load
from s75lib.loaders.data import Frames
from s75lib.loaders.synthetic import random_stream
from s75lib.loaders.synthetic.performance import draw_activity
from s75lib.present import Figure, Missing, Table
from s75lib.workload import figures, outlook, shifts, since, study, tables, wording
from s75lib.workload.series import monthly as monthly_series
from s75lib.workload.shown import monthly, months

AUTHORITIES = find_authorities("data")
SECTIONS = ("history", "accuracy", "shifts", "transfers", "due", "staff", "queues", "posts", "rota")


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


@pytest.mark.slow
def test_other_draws_show_their_steps_and_hardly_a_false_one(truth):
    """Six further authorities of the same make: quiet series keep quiet, most planted steps are found."""
    quiet, false, planted, right = 0, 0, 0, 0
    for seed in range(100, 106):
        frame = draw_activity(random_stream(seed, "casework"))
        frame = frame.assign(month=pd.to_datetime(frame["month"] + "-01"), count=frame["count"].astype(float))
        found = shifts(monthly_series(frame))
        quiet += found.searched["measure"].isin(truth["quiet_measures"]).sum()
        false += sum(s.measure in truth["quiet_measures"] for s in found.found)
        for step in truth["steps"]:
            planted += len(step["teams"])
            right += sum(
                s.measure == step["measure"] and s.team in step["teams"]
                and months_apart(s.month, step["month"]) <= 1
                for s in found.found
            )  # fmt: skip
    assert false / quiet < 0.01
    assert right / planted > 0.5


def test_a_given_month_is_tested(example):
    found = {s.measure: s for s in since(monthly_series(example.activity), "2024-08")}
    assert found["case_allocation_requests"].is_clear
    assert found["case_allocation_requests"].ratio > 1
    assert not found["assessments"].is_clear
    assert since(monthly_series(example.activity), "2023-05") == ()


def test_teams_add_up_in_every_path_and_none_is_negative(example, work):
    ahead = outlook(monthly_series(example.activity), steps=work.shifts.months())
    for measure, whole in ahead.paths.items():
        assert (whole == work.ahead.paths[measure]).all()
        teams = [paths for (m, _), paths in ahead.team_paths.items() if m == measure]
        assert np.allclose(sum(teams), whole)
        assert all((paths >= 0).all() for paths in teams)
        assert work.ahead.apart[measure] == pytest.approx(np.abs(sum(teams) - whole).max(), abs=1e-9)


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
    assert outlook(monthly_series(frame)).is_empty


@pytest.mark.parametrize("values", [[0.0] * 5, [4.0] * 3, [1.0, 0.0, 2.0, 1.0]])
def test_short_constant_and_empty_series_have_an_interval(values):
    months = pd.date_range("2024-01-01", periods=len(values), freq="MS")
    frame = pd.DataFrame(
        {"month": months, "measure": "reviews", "count": values, "service_group": "", "team": ""}
    )
    row = outlook(monthly_series(frame)).years.iloc[0]
    assert row["lower_95"] <= row["next_12"] <= row["upper_95"]
    assert row["upper_95"] > row["lower_95"]
    assert not shifts(monthly_series(frame)).searched["is_searched"].any()


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
    said = [h for section in SECTIONS for h in wording.findings(done, section)]
    said += wording.headlines(done)
    texts = [h.text for h in said]
    assert len({h.id for h in said}) == len(texts)
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


def unpublished(data):
    """The same data, as if nothing of it were public."""
    bare = data.authority.published.model_copy(update={"datasets": ()})
    return replace(data, authority=data.authority.model_copy(update={"published": bare}))


@pytest.fixture(scope="module")
def hidden(data_dir):
    return study(unpublished(load("cambridgeshire", data_dir=data_dir)))


def test_the_published_transfer_table_shows_all(data_dir):
    shown = tables.transfers(study(load("cambridgeshire", data_dir=data_dir)))
    assert 1 in shown.frame["gains"].tolist()
    assert shown.hidden == ()


def recoverable(frame, columns):
    """Which hidden cells the sums give away to the unit: bounds of each by linear programming."""
    names = {(row, column): at for at, (row, column) in enumerate(
        (row, column) for row in frame.index for column in columns)}  # fmt: skip
    true = np.zeros(len(names))
    rules = []
    groups = frame["service_group"].where(frame["level"] == "team")
    for row in frame.index:
        rules.append({(row, "after"): -1, (row, "now"): 1, (row, "gains"): 1})
        for column in columns:
            if frame["level"][row] == "group":
                parts = frame.index[groups == frame["service_group"][row]]
            elif frame["level"][row] == "all":
                parts = frame.index[frame["level"] == "team"]
            else:
                continue
            rules.append({(row, column): -1} | {(part, column): 1 for part in parts})
    matrix = np.zeros((len(rules), len(names)))
    for at, rule in enumerate(rules):
        for name, weight in rule.items():
            matrix[at, names[name]] = weight
    bounds = []
    for (row, column), at in names.items():
        value = frame[column][row]
        true[at] = 0 if pd.isna(value) else value
        bounds.append((0, None) if pd.isna(value) else (value, value))
    found = []
    for (row, column), at in names.items():
        if pd.isna(frame[column][row]):
            ends = [
                optimize.linprog(
                    sign * np.eye(len(names))[at], A_eq=matrix, b_eq=np.zeros(len(rules)), bounds=bounds
                )
                for sign in (1, -1)
            ]
            assert all(end.status in (0, 3) for end in ends)
            if ends[1].status == 0 and -ends[1].fun - ends[0].fun < 1 - 1e-6:
                found.append((row, column))
    return found


def test_hiding_small_counts_alone_gives_most_of_them_away_and_ours_none(hidden):
    columns = ["now", "gains", "after"]
    true = hidden.moves.reset_index(drop=True)
    naive = true.copy()
    for column in columns:
        naive[column] = naive[column].astype(float).mask(naive[column].between(1, 4))
    assert naive[columns].isna().sum().sum() == 9
    assert len(recoverable(naive, columns)) == 5
    ours = tables.transfers(hidden).frame.astype(dict.fromkeys(columns, float))
    small = true[columns].apply(lambda column: column.between(1, 4))
    assert ours[columns].isna()[small].sum().sum() == 9
    assert recoverable(ours, columns) == []
    assert all(check.passed for check in wording.checks(hidden))
    assert "transfers.disclosure" in {check.id for check in wording.checks(hidden)}


def test_no_part_of_the_page_gives_a_hidden_count_away(hidden):
    frame = tables.transfers(hidden).frame
    teams = frame[frame["level"] == "team"]
    for column, part in (("gains", "light_touch"), ("now", "present")):
        lost = set(teams.loc[teams[column].isna(), "team"])
        reviews = tables.reviews(hidden).frame.set_index("team")
        assert reviews.loc[reviews.index.isin(lost) & (reviews.index != "Hunts"), part].isna().all()
        drawn = set(figures.reviews_by_team(hidden).data.frame.columns.str.split(" ", n=1).str[-1])
        assert not drawn & (lost - {"Hunts"})
    labels = [text.get_text() for text in figures.transfers(hidden).drawing.axes[0].texts]
    assert sum("hidden" in label for label in labels) == int(teams[["now", "gains"]].isna().any(axis=1).sum())


def test_small_months_are_left_out_of_the_charts(work):
    shown = monthly(work, "complaints").table
    true = work.totals[work.totals["measure"] == "complaints"].set_index("month")["count"]
    small = true.between(1, 4).to_numpy()
    drawn = months(work, "complaints")["count"].to_numpy()
    assert small.any()
    assert np.isnan(drawn[small]).all()
    assert len(shown.hidden) > small.sum()  # a year's total would give a single month away
    assert "monthly.complaints.disclosure" in {check.id for check in wording.checks(work)}


def test_a_small_year_is_told_nowhere(example):
    frame = example.activity.assign(measure="complaints", service_group="", team="", count=0.0)
    frame = frame.drop_duplicates("month").reset_index(drop=True)
    frame.loc[frame.index[-3:], "count"] = 1.0
    frames = Frames(dict(example.frames.untracked()) | {"activity": frame})
    done = study(replace(example, frames=frames))
    (said,) = [h for h in wording.headlines(done) if h.id == "workload.forecast.complaints"]
    assert "in the last twelve" not in said.text
    assert tables.forecasts(done).frame["last_12"].isna().all()


def test_internal_use_shows_all(data_dir):
    done = study(load("exampleshire", data_dir=data_dir, internal=True))
    assert monthly(done, "complaints").table.hidden == ()
    assert not months(done, "complaints")["count"].isna().any()


def test_a_backtest_across_a_step_says_so(work):
    tests = work.ahead.tests.set_index("measure")
    assert months_apart(tests.loc["reviews", "unseen_step"], "2025-02") <= 1
    assert tests["unseen_step"].notna().sum() == 1
    assert tests.loc["reviews", "coverage_95"] < 0.8 <= tests.loc["reviews", "coverage_95_before"]
    verdicts = tables.accuracy(work).frame.set_index("measure")["verdict"]
    assert "fell into the months tested" in verdicts["reviews"]
    assert "step" not in verdicts["assessments"]


def test_scenarios_stand_against_posts_and_against_people(work):
    funded, there = tables.scenarios(work)
    assert funded.frame["scenario"].tolist() == there.frame["scenario"].tolist()
    assert funded.frame["scenario"].iloc[0] == "As forecast"
    assert len(funded.frame) == 5
    assert not any("examples" in note for note in there.notes)


def test_the_headlines_answer_the_question_first_and_are_few(work):
    ids = [headline.id for headline in wording.headlines(work)]
    assert ids[0] == "workload.need"
    assert len(ids) <= 12


def test_redeployed_staff_are_shown(data_dir):
    table = tables.redeployed(study(load("barking-and-dagenham", data_dir=data_dir)))
    assert "19 people" in table.title
    assert (table.frame["lower_95"] < table.frame["upper_95"]).all()


def test_results_are_the_same_when_run_again(example, work):
    again = study(example)
    assert [h.text for h in wording.headlines(again)] == [h.text for h in wording.headlines(work)]


def test_the_data_are_left_alone(example):
    before = {name: frame.copy() for name, frame in example.frames.items()}
    study(example)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(frame, example.frames[name])
