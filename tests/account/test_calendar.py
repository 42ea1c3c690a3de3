"""The agreement's days: what is due, and what does not fit together."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from s75lib.account.calendar import _told, events, figure, gaps, in_force_until, section
from s75lib.loaders import Period
from s75lib.loaders.partnership import Agreement, Extension
from s75lib.present import summary

TERM = {"start": date(2020, 4, 1), "end": date(2023, 3, 31)}
LATER = Extension(start=date(2023, 6, 1), end=date(2024, 5, 31))


def kinds(agreement: Agreement, day: date = date(2023, 3, 31)) -> list[str]:
    return [gap.kind for gap in gaps(agreement, day)]


def test_coventry_ends_before_the_board_that_decides(study_of):
    study = study_of("coventry")
    said = {one.id: one for one in study.headlines}
    assert said["account.term"].text == "The agreement began on 1 April 2014 and ends on 31 March 2018."
    gap = said["account.gap.decided"]
    assert gap.text == (
        "From 1 April 2018 no agreement would be in force for up to 29 days: the trust's board decides only "
        "in April 2018. The days before the decision are counted, as if nothing else covers them. "
        "The decision on an extension must come before the agreement ends."
    )
    assert (gap.value, gap.large) == (0.0, "Up to 29 days without an agreement")
    assert gap.stake == "law"
    assert "31 March 2018" in repr(section(study))


@pytest.mark.parametrize(("place", "soon"), [("cambridgeshire", True), ("exampleshire", False)])
def test_a_term_of_a_year_at_most_opens_the_page_where_nothing_is_said_to_follow(study_of, place, soon):
    said = {one.id: one for one in study_of(place).headlines}["account.term"]
    assert ("no document held says what follows it" in said.text) == soon
    assert (said.stake == "law") == soon
    assert (summary(study_of(place)).headlines[0].id == "account.term") == soon


def test_a_sound_agreement_has_no_gap():
    extended = Extension(start=date(2023, 4, 1), end=date(2024, 3, 31), decided="2023-02")
    agreement = Agreement(**TERM, signed="2020-03", extensions=(extended,))
    assert kinds(agreement, date(2024, 3, 31)) == []
    assert in_force_until(agreement) == date(2024, 3, 31)


def test_gaps_between_terms_a_late_signature_and_an_end_that_has_passed():
    assert kinds(Agreement(**TERM, extensions=(LATER,))) == ["between"]
    (between,) = gaps(Agreement(**TERM, extensions=(LATER,)), date(2023, 3, 31))
    assert between.days == 61  # April and May
    assert kinds(Agreement(**TERM, signed="2020-09-25", in_operation="2020-08")) == ["signed"]
    assert kinds(Agreement(**TERM), date(2023, 4, 1)) == ["ended"]
    assert kinds(Agreement()) == []


@pytest.mark.parametrize(
    ("decided", "told"),
    [  # counted by hand: April has 30 days, May 31
        ("2023-06", "61 to 90 days"),  # to 31 May at least, to 29 June at most
        ("2023-06-15", "75 days"),  # 30, 31 and 14
        ("2023-04", "up to 29 days"),
        ("2023-04-02", "1 day"),
    ],
)
def test_the_days_without_an_agreement_end_before_the_decision(decided, told):
    extended = Extension(start=date(2023, 4, 1), end=date(2024, 3, 31), decided=decided)
    (gap,) = gaps(Agreement(**TERM, extensions=(extended,)), date(2023, 3, 31))
    assert f"in force for {told}:" in _told(gap, None, date(2023, 3, 31))


def test_a_decision_on_the_first_day_leaves_no_day_without_an_agreement():
    extended = Extension(start=date(2023, 4, 1), end=date(2024, 3, 31), decided="2023-04-01")
    assert kinds(Agreement(**TERM, extensions=(extended,))) == []


def test_reports_are_due_each_quarter_of_a_term_and_notice_before_its_end(study_of):
    who = study_of("exampleshire").data.authority
    rows = events(who, Period.parse("2025/26"))
    reports = rows[rows["kind"] == "report"]
    assert [f"{day:%m-%d}" for day in reports["day"]] == ["06-30", "09-30", "12-31", "03-31"]
    assert reports["what"].iloc[-1] == "Report due on Q4 and on the year"
    (notice,) = rows.loc[rows["kind"] == "notice", "day"]
    assert notice.date() == date(2027, 3, 31)
    assert events(who, Period.parse("2031/32")).loc[lambda f: f["kind"] == "report"].empty


def test_a_time_without_an_agreement_is_an_alarm_however_far_ahead_and_a_proposal_is_none(study_of):
    said = {one.id: one for one in study_of("exampleshire").headlines}
    assert said["account.gap.decided"].stake == "law"
    assert said["account.gap.decided"].large == "61 to 90 days without an agreement"
    assert said["account.gap.proposed"].stake == "certainty"
    assert summary(study_of("exampleshire")).headlines[0].id == "account.gap.decided"


def test_a_time_without_an_agreement_is_told_as_past_once_it_is_over():
    (gap,) = gaps(Agreement(**TERM, extensions=(LATER,)), date(2024, 3, 31))
    assert _told(gap, None, date(2023, 3, 31)).startswith("From 1 April 2023 no agreement would be in force")
    assert _told(gap, None, date(2023, 5, 31)).startswith("From 1 April 2023 no agreement is in force")
    assert _told(gap, None, date(2023, 6, 1)).startswith("From 1 April 2023 no agreement was in force for 61")


def test_a_decision_to_come_is_not_told_as_past_though_the_agreement_has_ended():
    extended = Extension(start=date(2023, 4, 1), end=date(2024, 3, 31), decided="2023-06-15")
    (gap,) = gaps(Agreement(**TERM, extensions=(extended,)), date(2023, 4, 30))
    ahead, past = (_told(gap, None, day) for day in (date(2023, 4, 30), date(2023, 6, 15)))
    assert "no agreement is in force for 75 days: the board decides only on 15" in ahead
    assert "no agreement was in force for 75 days: the board decided only on 15" in past


def test_the_calendar_names_its_days_and_speaks_of_hatching_only_where_some_is(study_of):
    drawn = figure(study_of("cambridgeshire"))
    assert drawn.title.startswith("The agreement began on 1 April 2019 and ends on 31 March 2020")
    assert "hatched" not in drawn.subtitle
    assert "hatched: proposed" in figure(study_of("exampleshire")).subtitle
    (axis,) = drawn.drawing.axes
    drawn.drawing.draw_without_rendering()
    assert {"Signed 25 Sep 2019", "In operation Aug 2019"} <= {text.get_text() for text in axis.texts}
    assert "May 2019" in [text.get_text() for text in axis.get_xticklabels()]


def test_milestones_say_what_they_are_and_a_term_what_it_includes(study_of):
    rows = study_of("coventry").events.set_index("what")
    assert rows.loc["New agreement to begin", "kind"] == "milestone"
    assert rows.loc["Term of the agreement, agreed extension included", "until"] == pd.Timestamp("2018-03-31")
    assert "Term of the agreement" in set(study_of("exampleshire").events["what"])
    assert kinds(Agreement(**TERM, milestones={"2019-01": "First talks"})) == []


@pytest.mark.parametrize("slug", ["cambridgeshire", "barking-and-dagenham", "warwickshire", "islington"])
def test_every_published_agreement_has_its_calendar_or_says_what_is_missing(study_of, slug):
    shown = section(study_of(slug))
    assert {"events", "timeline"} & shown.tables.keys() or "No day of the agreement is held" in repr(shown)
