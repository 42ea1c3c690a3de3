"""A finding as the summary shows it: its number large, one sentence, a small chart."""

from __future__ import annotations

import pytest

from s75lib.present import Headline
from s75lib.present.headline import marks, shows
from s75lib.present.html import sparkline
from s75lib.present.parts import Need
from s75lib.present.request import data_request


@pytest.mark.parametrize(
    ("value", "unit", "large"),
    [
        (770_026.0, "£", "£770k"), (-164_257.0, "£", "£164k"), (29_867.6, "£ a week", "£30k a week"),
        (20.4, "percent", "20%"), (7.68, "percent", "7.7%"), (-8.2, "percentage points", "−8.2 points"),
        (-29.0, "a month", "−29 a month"), (63.66, "WTE", "64 WTE"), (1.3, "WTE", "1.3 WTE"),
        (3372.2, "count", "3,372"), (5.0, "teams", "5 teams"), (None, "people", ""),
    ],
)  # fmt: skip
def test_a_number_is_written_large_with_its_unit_and_no_more_digits_than_matter(value, unit, large):
    assert Headline("a.b", "It is so.", value, unit).large == large


def test_the_summary_takes_the_first_sentence_alone():
    said = Headline("a.b", "It rose by 1.5 to £2.5m (4.5 to 5.4). “Quoted” it is. More.")
    assert said.sentence == "It rose by 1.5 to £2.5m (4.5 to 5.4)."
    assert Headline("a.b", "One alone.").sentence == "One alone."


@pytest.mark.parametrize(
    "changes", [{}, {"against": None}, {"course": (1.0,)}, {"value": None, "lower": 1.0, "upper": 2.0}]
)
def test_what_has_nothing_to_stand_beside_has_no_chart(changes):
    assert marks(Headline("a.b", "It is so.", **({"value": 5.0} | changes))) == {}


def test_a_change_is_set_against_none_and_a_constant_course_is_flat():
    found = marks(Headline("a.b", "It fell.", -2.0, "percentage points", -3.0, -1.0))
    assert found["lower"] < found["value"] < found["upper"] < found["against"]
    assert marks(Headline("a.b", "It fell.", -2.0, "percentage points")) == {}  # a bar of itself says nothing
    assert set(marks(Headline("a.b", "It stayed.", course=(2.0, 2.0, 2.0)))["course"]) == {4.0}


def test_two_figures_are_written_and_not_drawn_as_a_trend():
    rose = Headline("a.b", "It rose.", 3.0, "£", course=(2e4, 3e4))
    assert marks(rose) == {}
    assert shows(rose, 3.0, None, None) == ""  # its sentence says both
    assert "<img" not in sparkline((2.0, 3.0), "")
    assert "2.0 to 3.0" in sparkline((2.0, 3.0), "")
    assert sparkline((2.0,), "") == "–"
    assert "<img" in sparkline((2.0, 3.0, 2.5), "")
    assert "From £13.29m to £14.06m" in sparkline((13_290_000.0, 13_500_000.0, 14_061_026.0), "£")


def test_a_request_names_each_dataset_once_whom_to_ask_and_shows_a_row_in_words():
    needs = (
        Need("kpi", ("value",), "change"),
        Need("risks", ("score",), "scores"),
        Need("kpi", ("value", "target"), "targets"),
    )
    page = data_request("Nothing is held.", needs)
    assert page.count("<li>Performance indicators, with value and target.</li>") == 1
    assert "ask the governance lead of the partnership" in page
    assert 'href="mailto:?subject=Data%20for' in page
    assert "Risk id" in page
    assert "risk_id" not in page
    assert "finance" not in page
