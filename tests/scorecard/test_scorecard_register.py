"""The risk register: recomputed, banded, moved and contradicted, against the published row and by hand."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from s75lib.loaders import load
from s75lib.scorecard.consistency import Entry, contradictions, faults, repairs
from s75lib.scorecard.days import as_known, last_day
from s75lib.scorecard.register import ids_shared, movement, register, unread_words
from s75lib.scorecard.scale import CONSEQUENCES, LIKELIHOODS, band

NOON = pd.Timestamp("2020-03-31")


def risks_of(*rows):
    """Rows of the contract's `risks`: id, date and what else is named."""
    blank = {
        "description": "What may happen", "consequence": np.nan, "likelihood": np.nan, "score": np.nan,
        "consequence_label": "", "likelihood_label": "", "level": "", "reference": "",
    }  # fmt: skip
    made = [blank | {"risk_id": name, "date": date} | more for name, date, more in rows]
    return pd.DataFrame(made, columns=["risk_id", "date", *blank])


def moved(*rows, **options):
    return movement(register(risks_of(*rows)), NOON, **options).set_index("risk_id")


def cl(consequence, likelihood, **more):
    return {"consequence": float(consequence), "likelihood": float(likelihood), **more}


# --- one entry


def sound(consequence, likelihood):
    score = consequence * likelihood
    words = (CONSEQUENCES[consequence - 1], LIKELIHOODS[likelihood - 1], band(score))
    return Entry(consequence, likelihood, score, *words)


@pytest.mark.parametrize(("consequence", "likelihood"), [*product(range(1, 6), range(1, 6))])
def test_a_sound_entry_has_no_fault_with_any_part_left_out(consequence, likelihood):
    whole = sound(consequence, likelihood)
    assert faults(whole) == ()
    assert repairs(whole) == ()
    for field in fields(Entry):
        empty = "" if isinstance(getattr(whole, field.name), str) else None
        assert faults(replace(whole, **{field.name: empty})) == ()


@pytest.mark.parametrize(("consequence", "likelihood"), [*product(range(1, 6), range(1, 6))])
def test_a_wrong_number_in_a_sound_entry_is_found_and_the_true_one_named(consequence, likelihood):
    whole = sound(consequence, likelihood)
    for field, true in (("consequence", consequence), ("likelihood", likelihood)):
        for wrong in {1, 2, 3, 4, 5} - {true}:
            changed = replace(whole, **{field: wrong})
            assert f"{field}_label" in [fault.field for fault in faults(changed)]
            assert f"{field} {true} in place of {wrong}" in repairs(changed)
    for wrong in set(range(1, 26)) - {whole.score}:
        changed = replace(whole, score=wrong)
        assert [fault.field for fault in faults(changed)] == ["score"]
        assert repairs(changed) == (f"score {whole.score} in place of {wrong}",)


def test_the_printed_row_of_cambridgeshire_and_peterborough():
    """5737/5738, November 2019: C = 2 (Minor), L = 4 (Poss), Score = 6 (Moderate)."""
    printed = Entry(2, 4, 6, "Minor", "Poss", "Moderate")
    found = {fault.field: (fault.found, fault.expected) for fault in faults(printed)}
    assert found == {
        "score": ("6", "8"),
        "level": ("Moderate", "High"),
        "likelihood_label": ("Poss", "Likely"),
    }
    assert repairs(printed) == ("likelihood 3 in place of 4",)
    assert faults(Entry(4, 4, 16, "Major", "Likely", "Extreme")) == ()


def test_two_independent_slips_have_no_single_repair():
    assert len(faults(Entry(2, 4, 25, "Major", "Rare", "Low"))) == 4
    assert repairs(Entry(2, 4, 25, "Major", "Rare", "Low")) == ()


def test_a_wrong_word_alone_is_mended_by_another_word():
    assert repairs(Entry(2, 4, 8, "Major", "Likely", "High")) == (
        "another word for the consequence than “Major”",
    )
    assert repairs(Entry(2, 4, 8, "Minor", "Likely", "Low")) == ("another level than “Low”",)


def test_a_level_without_factors_is_held_against_the_score():
    assert [fault.field for fault in faults(Entry(score=12, level="Extreme"))] == ["level"]
    assert faults(Entry(score=12, level="High")) == ()


def test_a_score_that_no_two_numbers_make_is_a_fault_without_factors():
    assert [fault.field for fault in faults(Entry(score=7, level="High"))] == ["score"]
    assert faults(Entry(consequence=3, score=7)) == faults(Entry(score=7))


def test_unknown_words_contradict_nothing_and_are_named():
    assert faults(Entry(2, 4, 8, "Grave", "Often", "Amber")) == ()
    held = register(risks_of(("R", "2020-01", cl(2, 4, consequence_label="Grave", level="Amber"))))
    assert unread_words(held) == ("Grave", "Amber")


# --- the register


def test_an_entry_without_factors_keeps_its_recorded_score_if_there_can_be_one():
    held = register(
        risks_of(
            ("factors", "2020-01-31", cl(3, 3, score=12.0)),
            ("score", "2020-01-31", {"score": 12.0}),
            ("half", "2020-01-31", {"consequence": 4.0}),
            ("odd", "2020-01-31", {"score": 7.0}),
        )
    ).set_index("risk_id")
    assert held["rated"].fillna(-1).tolist() == [9, 12, -1, -1]
    assert held["basis"].tolist() == ["recomputed", "recorded", "unscored", "unscored"]
    assert held["band"].tolist() == ["High", "High", "", ""]


def test_inputs_are_left_alone():
    rows = risks_of(("R", "2020-02", cl(2, 2)), ("R", "2019-02", cl(2, 2)))
    before = rows.copy(deep=True)
    movement(register(rows), NOON)
    pd.testing.assert_frame_equal(rows, before)


def test_an_empty_register_gives_empty_frames():
    empty = register(risks_of())
    assert movement(empty, NOON).empty
    assert contradictions(empty).empty
    assert ids_shared(empty).empty
    assert unread_words(empty) == ()


def test_every_move():
    found = moved(
        ("up", "2019-06-30", cl(2, 2)), ("up", "2019-12-31", cl(2, 4)),
        ("down", "2019-06-30", cl(5, 4)), ("down", "2019-12-31", cl(5, 2)),
        ("still", "2019-06-30", cl(2, 6 // 2)), ("still", "2019-12-31", cl(3, 2)),
        ("gone", "2019-06-30", cl(1, 1)),
        ("fresh", "2019-12-31", cl(1, 1)),
        ("blank", "2019-06-30", cl(1, 1)), ("blank", "2019-12-31", {}),
        ("scored", "2019-06-30", {}), ("scored", "2019-12-31", cl(1, 1)),
    )  # fmt: skip
    assert found["move"].to_dict() == {
        "up": "raised", "down": "lowered", "still": "unchanged", "gone": "absent", "fresh": "new",
        "blank": "unscored", "scored": "once",
    }  # fmt: skip
    assert found.loc["down", ["before", "rated", "change", "before_band", "band"]].tolist() == [
        20.0, 10.0, -10.0, "Extreme", "High",
    ]  # fmt: skip


def test_the_one_review_of_a_register_has_nothing_to_compare_with():
    found = moved(("a", "2019-12-31", cl(3, 3)), ("b", "2019-12-31", {}))
    assert found["move"].to_dict() == {"a": "once", "b": "unscored"}
    assert found["change"].isna().all()


def test_a_month_counts_to_its_last_day_and_the_later_row_wins_a_tie():
    found = moved(("a", "2019-11", cl(2, 2)), ("a", "2019-11-29", cl(5, 5)))
    assert (found.loc["a", "date"], found.loc["a", "rated"], found.loc["a", "move"]) == (
        "2019-11", 4.0, "lowered",
    )  # fmt: skip
    tied = moved(("a", "2019-11", cl(2, 2)), ("a", "2019-11-30", cl(5, 5)))
    assert (tied.loc["a", "date"], tied.loc["a", "move"]) == ("2019-11-30", "raised")
    assert last_day("2020-02") == pd.Timestamp("2020-02-29")


@pytest.mark.parametrize(
    ("date", "months", "due"),
    [("2020-03-31", 0, False), ("2019-09-30", 6, True), ("2019-10-01", 5, False), ("2019-09", 6, True),
     ("2019-03-31", 12, True), ("2020-04-30", 0, False)],
)  # fmt: skip
def test_reviews_fall_due_after_so_many_months(date, months, due):
    found = moved(("a", date, cl(1, 1)), review_months=6)
    assert (found.loc["a", "months_since"], bool(found.loc["a", "is_due"])) == (months, due)


def test_ids_that_stand_for_several_and_one_text_under_two_ids():
    both = register(
        risks_of(
            ("12/13", "2019-06-30", cl(1, 1, description="One")),
            ("14 and 15", "2019-12-31", cl(1, 1, description="Two")),
            ("brand", "2019-12-31", cl(1, 1, description="The same ")),
            ("20", "2019-12-31", cl(1, 1, description="the same")),
        )
    )
    found = ids_shared(both)
    assert found["risk_id"].tolist() == ["12/13", "14 and 15", "brand, 20"]
    assert found["kind"].tolist() == ["one row", "one row", "one text"]


# --- the published registers and the synthetic one


@pytest.mark.parametrize("authority", ["cambridgeshire", "peterborough"])
def test_the_published_register(data_dir, authority):
    held = register(load(authority, data_dir=data_dir).risks)
    (row,) = movement(held, pd.Timestamp("2020-03-12")).to_dict("records")
    assert (row["before"], row["before_score"]) == (16, 16)
    assert (row["rated"], row["score"], row["band"], row["level"]) == (8, 6, "High", "Moderate")
    assert (row["move"], row["change"], row["months_since"]) == ("lowered", -8, 3)
    wrong = contradictions(held)
    assert wrong["field"].tolist() == ["score", "level", "word for the likelihood"]
    assert set(wrong["date"]) == {"November 2019"}
    assert set(wrong["repair"]) == {"likelihood 3 in place of 4"}


def test_risks_named_without_scores_are_said_to_be_unscored(data_dir):
    held = register(load("barking-and-dagenham", data_dir=data_dir).risks)
    assert len(held) == 11
    assert set(held["basis"]) == {"unscored"}
    assert set(movement(held, NOON)["move"]) == {"unscored"}
    assert contradictions(held).empty


def test_the_synthetic_register_moves_as_planted_and_contradicts_nothing(data_dir):
    planted = tomllib.loads((data_dir / "exampleshire" / "truth.toml").read_text("utf-8"))["risks"]
    held = register(load("exampleshire", data_dir=data_dir).risks)
    found = movement(held, pd.Timestamp("2026-03-31"))
    since = found["rated"] - found["first"]
    assert sorted(found.loc[since > 0, "risk_id"]) == planted["raised"]
    assert sorted(found.loc[since < 0, "risk_id"]) == planted["lowered"]
    assert contradictions(held).empty
    assert ids_shared(held).empty
    assert (held["rated"] == held["score"]).all()


def test_the_day_of_judgement_is_the_last_that_is_known():
    end = pd.Timestamp("2020-03-31").date()
    known, later = pd.Timestamp("2019-12-31").date(), pd.Timestamp("2020-05-01").date()
    assert as_known(end, known) == pd.Timestamp(known)
    assert as_known(end, known, [None, later]) == pd.Timestamp(end)
    assert as_known(end, None, [None]) == pd.Timestamp(end)
