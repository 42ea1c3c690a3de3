"""The grid of measures: every area, every verdict in words with a shape, short cells on one line."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from s75lib.loaders import find_authorities
from s75lib.scorecard.card import AREAS, HARD_SPACE, SHAPES, brief, section

AUTHORITIES = find_authorities(Path(__file__).parents[2] / "data")


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_every_area_has_rows_or_one_that_says_that_nothing_is_held(study_of, authority):
    found = study_of(authority)
    table = section(found).tables["scorecard"]
    names = table.frame["measure"].str.partition(":")[0]
    assert list(names.unique()) == [*AREAS, "Actions"]
    for area in AREAS:
        rows = table.frame[names == area].to_dict("records")
        assert len(rows) == max(len(found.measures[area]), 1)
        if area not in found.held:
            assert rows[0]["verdict"] == f"Not{HARD_SPACE}held"


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_every_verdict_is_in_words_with_a_shape(study_of, authority):
    for one in [one for area in study_of(authority).measures.values() for one in area]:
        shape, _, words = one.judged.partition(" ")
        assert shape == SHAPES[one.status]
        assert len(words) > 3
        assert words[0].isupper() or words[0].isdigit()
        printed = " ".join((one.latest, one.against, one.change, one.interval, one.judged, one.as_at))
        assert not re.search(r"\b(nan|NaT|inf|None|<NA>)\b", printed.replace("None ", ""))


def test_short_cells_do_not_break(study_of):
    table = section(study_of("exampleshire")).tables["scorecard"]
    assert f"31{HARD_SPACE}Mar{HARD_SPACE}2026" in set(table.frame["as_at"])
    short = [text for text in table.frame["latest"] if len(text) <= 15]
    assert not any(" " in text for text in short)


def test_a_financial_year_is_as_short_as_it_is():
    assert (brief("2018/19"), brief("")) == ("2018/19", "")


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_the_count_in_words_is_that_of_the_shapes(study_of, authority):
    table = section(study_of(authority)).tables["scorecard"]
    shapes = Counter(verdict[0] for verdict in table.frame["verdict"] if not verdict.startswith("Not"))
    said = {shape: int(count) for count, shape in re.findall(r"(\d+) [a-z ]+ \((.)\)", table.title)}
    assert said == shapes


def test_one_position_counts_once(study_of):
    """Exampleshire's overspend stands in three rows, its indicators in two counts of them."""
    found = study_of("exampleshire").measures
    same = [one.name for area in found.values() for one in area if one.status == "same"]
    assert same == [
        "commitments so far, net of income",
        "forecast of the whole pool, staff included",
        "moved by more than chance",
        "targets met",
        "Reviews a month",
        "without a review for too long",
    ]
    assert all(one.under in one.judged for area in found.values() for one in area)
    over = [one.name for one in found["Budget"] if one.status == "bad"]
    assert over == ["people charged for section 117 aftercare", "forecast, net of income and adjustments"]


def test_what_is_well_with_one_register_counts_once_and_says_where(study_of):
    rows = study_of("exampleshire").measures["Risk"]
    assert [one.judged[0] for one in rows] == ["✗", "✗", "✓", "="]
    assert {one.under for one in rows if one.status == "same"} == {rows[2].name}


def test_scores_that_contradict_themselves_tell_nothing_good(study_of):
    rows = study_of("cambridgeshire").measures["Risk"]
    assert [one.judged for one in rows[:3]] == [
        "○ None extreme: 1 high",
        "○ 1 lowered",
        "✗ 1 risk contradicts itself",
    ]


def test_work_that_two_rows_tell_counts_under_the_workload(study_of, row):
    found = study_of("exampleshire")
    assert row(found, "Reviews a month").judged == "= Clearly changed (counted in workload, reviews)"
    assert row(found, "reviews, 12 months").status == "watch"


def test_rounding_stands_in_a_note_and_is_no_interval(study_of):
    table = section(study_of("cambridgeshire")).tables["scorecard"]
    assert not table.frame["interval"].str.contains("±").any()
    (said,) = [note for note in table.notes if "Rounding" in note]
    assert "Rounding alone can make up to £23k of the difference in “forecast, net" in said
    assert not [
        note for note in section(study_of("exampleshire")).tables["scorecard"].notes if "Rounding" in note
    ]


def test_a_row_later_than_the_figures_is_explained(study_of):
    notes = section(study_of("cambridgeshire")).tables["scorecard"].notes
    said = (
        "Dated figures reach to 31 December 2019. Actions are judged at 12 March 2020, the date of the latest"
    )
    assert f"{said} document." in notes
    assert not [n for n in section(study_of("exampleshire")).tables["scorecard"].notes if "reach to" in n]


def test_a_difference_says_since_when_unless_it_is_from_what_stands_beside_it(study_of, row):
    found = study_of("exampleshire")
    posts = row(found, "casework posts")
    assert posts.change == f"−0.5 since 30{HARD_SPACE}Jun{HARD_SPACE}2024"
    assert round(posts.course[-1] - posts.course[0], 1) == -0.5
    assert row(found, "Assessments in 28").change == "−5.4 points since 2024/25"


def test_months_over_time_are_told_from_the_years_beside_them(study_of):
    for one in study_of("exampleshire").measures["Workload"]:
        assert one.course_unit == ("a month" if one.name.endswith(", 12 months") else "")


def test_a_count_that_no_row_restates_is_judged(study_of, row):
    assert row(study_of("cambridgeshire"), "targets met").status == "good"
