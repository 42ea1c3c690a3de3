"""The whole page: every section of every authority, hidden cells, checks, and the thin notebook."""

from __future__ import annotations

import ast
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from s75lib import workload
from s75lib.loaders import find_authorities, load
from s75lib.present import Details, Figure, Headlines, Missing, Summary, Table, summary

AUTHORITIES = find_authorities("data")


SECTIONS = [name for name in workload.__all__ if name not in ("Study", "study")]


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_every_part_can_be_shown_for_every_authority(authority, data_dir):
    done = workload.study(load(authority, data_dir=data_dir))
    said = []
    for name in SECTIONS:
        shown = getattr(workload, name)(done)
        said += shown.headlines
        for item in [part for part in shown.parts if not isinstance(part, Details | Headlines)]:
            assert isinstance(item, Figure | Table | Missing), name
            text = json.dumps(item.payload(), allow_nan=False) + item.text()
            assert "nan" not in text.lower().replace("finance", ""), name
            assert not re.search(r"\bP\d{4}\b|\bK\d{4}\b", text), name
    assert sorted(said, key=lambda one: one.id) == sorted(done.headlines, key=lambda one: one.id)
    texts = [one.text for one in said]
    assert all(text[0].isupper() or text[0] in "“0123456789" for text in texts)
    assert all(text.endswith(".") and "nan" not in text.lower() for text in texts)
    assert all(check.passed for check in done.checks)


@pytest.mark.parametrize("authority", ["coventry", "warwickshire", "peterborough"])
def test_an_authority_without_figures_says_so_as_a_whole(authority, data_dir):
    done = workload.study(load(authority, data_dir=data_dir))
    assert [gap.whole for gap in done.missing] == [True]


def test_the_published_figures_of_islington_in_words(data_dir):
    texts = " ".join(one.text for one in workload.study(load("islington", data_dir=data_dir)).headlines)
    assert "from 34 to 15 a month" in texts
    assert "from 6.6 to 6.1 a month" in texts
    assert "493 to 628" in texts


def test_scenarios_stand_against_posts_and_against_people(work):
    funded, there = (part for part in workload.scenarios(work).parts if isinstance(part, Table))
    assert funded.frame["scenario"].tolist() == there.frame["scenario"].tolist()
    assert funded.frame["scenario"].iloc[0] == "As forecast"
    assert len(funded.frame) == 5
    assert not any("examples" in note for note in there.notes)


def test_the_summary_answers_the_question_first_and_is_short(work):
    (opening,) = [part for part in summary(work).parts if isinstance(part, Summary)]
    assert opening.items[0].id == "workload.need"
    assert len(opening.items) == 5
    assert not work.missing


def test_the_staff_needed_is_told_with_the_reviews_that_are_late_already(work, example):
    """Overdue reviews are no part of the work expected: who reads 64 needed and 64 in post must know."""
    late = work.due_by_month.table.frame["overdue"].iloc[-1]
    said = next(one for one in work.headlines if one.id == "workload.need")
    assert "overdue reviews 0.7 more" in said.sentence
    assert f"The 0.7 would clear the {late:.0f} overdue reviews within a year" in said.text
    assert len(said.sentence.split()) <= 25
    packages = example.packages.assign(last_review_date=example.packages["snapshot_date"])
    punctual = workload.study(replace(example, frames=example.frames | {"packages": packages}))
    assert "overdue" not in next(one.text for one in punctual.headlines if one.id == "workload.need")


def test_redeployed_staff_are_shown(data_dir):
    shown = workload.posts(workload.study(load("barking-and-dagenham", data_dir=data_dir)))
    table = shown.tables["redeployed"]
    assert "19 people" in table.title
    assert (table.frame["lower_95"] < table.frame["upper_95"]).all()


def test_results_are_the_same_when_run_again(example, work):
    again = workload.study(example)
    assert [one.text for one in again.headlines] == [one.text for one in work.headlines]


def test_the_data_are_left_alone(example):
    before = {name: frame.copy() for name, frame in example.frames.items()}
    assert workload.study(example).headlines
    for name, frame in before.items():
        pd.testing.assert_frame_equal(frame, example.frames[name])


def test_what_is_counted_asks_for_no_forecast(example, monkeypatch):
    done = workload.study(example)
    monkeypatch.setattr(type(done), "shifts", None)
    monkeypatch.setattr(type(done), "outlook", None)
    assert len(done.totals)
    assert done.people_moving.table.cells()
    assert done.due_by_month.table.cells()
    assert not done.posts.empty


def gone(table, marks=("c",)):
    """The places of hidden cells: by row, the heads of their columns."""
    places = {}
    for row in table.cells():
        if heads := [c.label for c, text in zip(table.columns, row, strict=True) if text in marks]:
            places[row[0]] = heads
    return places


def test_the_hidden_cells_of_the_example_are_those_that_were_reviewed(example, work):
    shown = [part for name in SECTIONS for part in getattr(workload, name)(work).parts]
    hidden = [
        part.id for part in shown if isinstance(part, Table | Figure) and gone(getattr(part, "data", part))
    ]
    assert hidden == []
    months = {name: gone(one.table) for name, one in work.protected_months.items() if one.table.hidden}
    assert {name: list(rows) for name, rows in months.items()} == {
        "complaints": ["Oct 2024", "Dec 2024", "Jan 2025", "Mar 2025", "Nov 2025", "Dec 2025"]
    }


if os.environ.get("S75_HIGH_THRESHOLDS"):  # some minutes of integer programmes, so on demand

    @pytest.mark.slow
    def test_the_hidden_cells_at_a_threshold_of_forty(example):
        people = replace(example, authority=example.authority.model_copy(update={"disclosure_threshold": 40}))
        done = workload.study(people)
        teams = ["Alder", "Beech", "Cedar", "Elm", "Hazel", "Maple", "Oak", "Rowan"]
        lost = ["With social workers", "With health staff, to move", "Growth"]
        assert gone(done.people_moving.table) == dict.fromkeys(teams, lost)
        months = ["Apr", "May", "Jun", "Aug", "Oct", "Nov", "Dec"]
        assert gone(done.due_by_month.table) == {f"{month} 2026": ["Due", "Both"] for month in months}
        assert gone(done.open_packages.table) == gone(done.concerns_table.table) == {}
        (reviews,) = [part for part in workload.reviews(done).parts if isinstance(part, Table)]
        dashes = gone(reviews, ("–", ""))
        assert {team: len(heads) for team, heads in dashes.items()} == dict.fromkeys(teams, 6)
        cells = {
            measure: sum(map(len, gone(done.protected_months[measure].table).values()))
            for measure in sorted(set(done.totals["measure"]))
        }
        assert cells == {
            "assessments": 0, "carers_assessments": 17, "case_allocation_requests": 236, "complaints": 36,
            "delayed_days": 0, "delayed_people": 36, "mha_assessments": 18, "reviews": 286,
            "safeguarding_concerns": 0, "safeguarding_enquiries": 35,
        }  # fmt: skip


def test_each_cell_of_the_notebook_is_one_call():
    path = Path(__file__).resolve().parents[2] / "notebooks" / f"{workload.Study.notebook}.ipynb"
    cells = [
        cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"
    ]
    called = []
    for cell in cells[2:]:
        (line,) = ast.parse("".join(cell["source"])).body
        assert isinstance(line.value, ast.Call)
        called.append(ast.unparse(line.value.func).removeprefix("s75.workload."))
    assert sorted(name for name in called if not name.startswith("s75.")) == sorted(SECTIONS)
    modules = list(workload.Study.section_names)
    assert [name for name in called if name in modules] == modules


def test_staff_that_are_enough_in_all_and_too_few_in_some_teams_are_told_in_one_sentence(work):
    (said,) = [one for one in work.headlines if one.id == "workload.need.teams"]
    assert said.sentence.startswith(
        "In all, about as many are in post as the central estimate needs; 5 teams are"
    )


def test_that_no_staff_are_held_is_said_where_there_is_work(data_dir):
    study = workload.study(load("cambridgeshire", data_dir=data_dir))
    (said,) = [one for one in summary(study).headlines if one.id == "workload.staff.unknown"]
    assert (said.large, said.stake) == ("Not held", "certainty")
