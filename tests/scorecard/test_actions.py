"""Improvement actions: every status against every kind of date."""

from __future__ import annotations

import pandas as pd
import pytest

from s75lib import load
from s75lib.scorecard import study as study_for
from s75lib.scorecard.actions import STATES, actions, checks, headlines, section

DAY = pd.Timestamp("2020-03-12")
PAST, SAME, FUTURE, NONE = "2020-03-11", "2020-03-12", "2020-03", ""


def judged(status, due):
    plan = pd.DataFrame(
        [{"action_id": "a", "action": "Do it", "owner_role": "", "due": due, "status": status}]
    )
    (row,) = actions(plan, DAY).to_dict("records")
    return row


@pytest.mark.parametrize(
    ("status", "due", "state", "late"),
    [
        ("open", PAST, "overdue", 1), ("open", SAME, "open", None), ("open", FUTURE, "open", None),
        ("open", NONE, "open", None),
        ("overdue", PAST, "overdue", 1), ("overdue", FUTURE, "overdue", None),
        ("overdue", NONE, "overdue", None),
        ("done", PAST, "done", None), ("done", FUTURE, "done", None), ("done", NONE, "done", None),
        ("", PAST, "past", 1), ("", SAME, "unknown", None), ("", FUTURE, "unknown", None),
        ("", NONE, "unknown", None),
        ("paused", PAST, "unread", None), ("?", NONE, "unread", None),
    ],
)  # fmt: skip
def test_state(status, due, state, late):
    row = judged(status, due)
    assert row["state"] == state
    assert (None if pd.isna(row["days_late"]) else row["days_late"]) == late


@pytest.mark.parametrize(
    ("word", "state"),
    [("Complete", "done"), ("CLOSED", "done"), ("in-progress", "open"), ("Not started", "open"),
     ("Late", "overdue"), ("not done", "unread")],
)  # fmt: skip
def test_words_of_status(word, state):
    assert judged(word, FUTURE)["state"] == state


def test_what_does_not_fit_is_remarked():
    assert judged("open", PAST)["remark"] == "Called open, though its date has passed."
    assert judged("overdue", FUTURE)["remark"] == "Called overdue, though its date has not passed."
    assert judged("overdue", NONE)["remark"] == "Called overdue, but no date is given."
    assert [judged(*pair)["remark"] for pair in [("done", FUTURE), ("overdue", PAST), ("", PAST)]] == [""] * 3


@pytest.mark.parametrize(
    ("status", "due", "state"),
    [
        ("overdue", PAST, "overdue"), ("overdue", FUTURE, "open"), ("overdue", NONE, "open"),
        ("open", PAST, "overdue"), ("open", FUTURE, "open"), ("", PAST, "past"),
        ("done", PAST, "past"), ("done", FUTURE, "unknown"), ("paused", PAST, "unread"),
    ],
)  # fmt: skip
def test_a_status_recorded_later_says_of_the_day_only_what_was_so_then(status, due, state):
    plan = pd.DataFrame([{"action_id": "a", "due": due, "status": status}])
    (row,) = actions(plan, DAY, recorded_later=True).to_dict("records")
    assert (row["state"], row["remark"]) == (state, "")


def test_a_report_of_an_earlier_quarter_contradicts_no_status():
    study = study_for(load("exampleshire", "2025/26-Q3"))
    assert [check.passed for check in checks(study)] == [True]
    said = " ".join(headline.text for headline in headlines(study))
    assert "At 31 December 2025, none of 8 actions is known to be done" in said
    assert "No status of that day is known for 2" in said
    assert "do not fit" not in said
    (table,) = section(study).tables.values()
    assert any("recorded after this day" in note for note in table.notes)


def test_a_month_is_due_on_its_last_day():
    assert judged("open", "2020-02")["days_late"] == 12
    assert judged("open", "2020-03")["state"] == "open"


def test_overdue_first_and_an_empty_plan():
    plan = pd.DataFrame(
        {"action_id": list("abc"), "action": "x", "owner_role": "", "due": [FUTURE, PAST, "2020-01"],
         "status": ["open", "open", "overdue"]}
    )  # fmt: skip
    assert actions(plan, DAY)["action_id"].tolist() == ["c", "b", "a"]
    assert actions(plan.iloc[:0], DAY).empty


@pytest.mark.parametrize(
    ("authority", "counts"),
    [
        ("exampleshire", {"overdue": 2, "open": 4, "done": 2}),
        ("cambridgeshire", {"past": 18, "unknown": 13, "done": 1}),
        ("barking-and-dagenham", {"open": 4, "unknown": 13}),
        ("coventry", {"open": 1, "unknown": 16}),
        ("islington", {"unknown": 11}),
        ("peterborough", {"past": 1, "unknown": 3}),
        ("warwickshire", {"unknown": 15}),
    ],
)
def test_every_authority_counted_by_hand(study_of, authority, counts):
    found = study_of(authority).actions
    assert found["state"].value_counts().to_dict() == counts
    assert set(counts) <= set(STATES)
    assert (found["remark"] == "").all()


def test_actions_that_do_not_fit_are_said(data_of, changed, row):
    found = changed("exampleshire", actions=data_of("exampleshire").actions.assign(status="open"))
    said = {one.id: one.text for one in headlines(found)}
    assert "4 are overdue" in said["scorecard.actions"]
    assert "do not fit for 4 actions" in said["scorecard.actions.contradictions"]
    assert row(found, "improvement actions").judged == "✗ 4 overdue, 4 open"
    (check,) = checks(found)
    assert not check.passed
    shown = section(found).tables["actions"]
    assert "remark" in [column.name for column in shown.columns]


def test_without_statuses_nobody_is_called_late(study_of, row):
    one = row(study_of("islington"), "improvement actions")
    assert one.judged == "○ No status recorded"
    one = row(study_of("cambridgeshire"), "improvement actions")
    assert one.judged == "! 1 done, 31 not reported, 18 of them past their date"


def test_columns_that_would_be_empty_are_left_out(study_of):
    def shown(authority):
        return [column.name for column in section(study_of(authority)).tables["actions"].columns]

    named = ["action", "workstream", "priority", "state", "due", "late", "owner"]
    assert shown("exampleshire") == named
    assert shown("islington") == ["action", "state", "due", "owner"]


def test_the_most_urgent_stand_first_and_what_is_done_last(study_of):
    plan = pd.DataFrame(
        [
            ("a", "low", "open", PAST), ("b", "high", "open", FUTURE), ("c", "high", "done", PAST),
            ("d", "", "open", "2019-01"), ("e", "high", "overdue", PAST), ("f", "medium", "open", FUTURE),
            ("g", "high", "open", "2020-12"),
        ],
        columns=["action_id", "priority", "status", "due"],
    )  # fmt: skip
    found = actions(plan, DAY)
    assert "".join(found["action_id"]) == "ebgfadc"
    said = headlines(study_of("exampleshire"))[0].text
    assert "The longest overdue, since 31 December 2025, is “Clear reviews overdue" in said
