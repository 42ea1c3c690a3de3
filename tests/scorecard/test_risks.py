"""The risk register: recomputed, banded, moved and contradicted, against the published row and by hand."""

from __future__ import annotations

import tomllib

import numpy as np
import pandas as pd
import pytest

from s75lib.loaders import load
from s75lib.loaders.period import last_day
from s75lib.present import Missing
from s75lib.scorecard.card import HARD_SPACE
from s75lib.scorecard.risk_matrix import contradictions, unread_words
from s75lib.scorecard.risks import checks, headlines, ids_shared, movement, register, section

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


def test_unknown_words_are_named():
    held = register(risks_of(("R", "2020-01", cl(2, 4, consequence_label="Grave", level="Amber"))))
    assert contradictions(held).empty
    assert unread_words(held) == ("Grave", "Amber")


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
    assert pd.Timestamp(last_day("2020-02")) == pd.Timestamp("2020-02-29")


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
    assert row["before"] == 16
    assert (row["rated"], row["score"], row["band"], row["level"]) == (8, 6, "High", "Moderate")
    assert (row["move"], row["change"], row["months_since"]) == ("lowered", -8, 3)
    wrong = contradictions(held)
    assert wrong["field"].tolist() == ["score", "level", "word for the likelihood"]
    assert set(wrong["date"]) == {"2019-11"}
    assert set(wrong["repairs"]) == {("likelihood 3 in place of 4",)}


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


# --- what is shown


def test_the_printed_row_is_shown_with_its_contradictions(study_of, row):
    found = study_of("cambridgeshire")
    assert row(found, "contradictions").judged == "✗ 1 risk contradicts itself"
    tables = section(found).tables
    assert tables["contradictions"].frame["date"].tolist() == ["November 2019"] * 3
    assert tables["contradictions"].frame["repair"].tolist() == ["likelihood 3 in place of 4"] * 3
    assert tables["risks"].frame[["factors", "rated", "band", "printed", "before"]].values.tolist() == [
        ["2 × 4".replace(" ", HARD_SPACE), 8.0, "High", "6, Moderate", 16.0]
    ]
    said = {one.id: one.text for one in headlines(found)}
    assert "from 16 to 8 (extreme to high). The register says 6." in said["scorecard.risk.moves"]
    assert "With likelihood 3 in place of 4 all would agree." in said["scorecard.risk.contradiction.1"]
    (check,) = checks(found)
    assert not check.passed


def test_each_risk_is_in_the_cell_of_the_matrix_that_it_belongs_to(study_of):
    drawn = section(study_of("exampleshire")).figures["risk_matrix"]
    cells = drawn.data.frame.set_index("consequence")
    assert cells.loc["4 Major", "likelihood_4"] == "R01, R03 and R05"
    assert cells.loc["3 Moderate", "likelihood_1"] == "R06"
    assert (cells == "–").to_numpy().sum() == 25 - 4
    texts = [text.get_text() for axis in drawn.drawing.axes for text in axis.texts]
    assert sum("extreme" in text for text in texts) == 6
    assert any("▲R05" in text for text in texts)
    assert drawn.title == "Of 6 scored risks, 3 extreme, 2 high and 1 low"


def test_scores_through_the_reviews_need_three_reviews(study_of):
    assert "risk_reviews" not in section(study_of("cambridgeshire")).figures
    drawn = section(study_of("exampleshire")).figures["risk_reviews"]
    table = drawn.data.frame.set_index("risk")
    assert table.loc["R02"].tolist() == [6, 9, 12, 12, 12]


def test_unscored_risks_have_no_matrix_and_say_so(study_of, row):
    found = study_of("barking-and-dagenham")
    shown = section(found)
    assert [part.needs[0].columns for part in shown.parts if isinstance(part, Missing)] == [
        ("consequence", "likelihood")
    ]
    assert headlines(found)[0].text == "The register names 11 risks and scores none of them."
    assert row(found, "extreme risks").judged == "○ No score recorded"
    assert [column.name for column in shown.tables["risks"].columns] == ["risk", "band", "date"]


def test_a_crowded_cell_names_some_and_counts_the_rest(data_of, changed):
    rows = data_of("exampleshire").risks.iloc[[0] * 9].assign(risk_id=[f"N{n}" for n in range(9)])
    drawn = section(changed("exampleshire", risks=rows.reset_index(drop=True))).figures["risk_matrix"]
    named = " ".join(text.get_text() for axis in drawn.drawing.axes for text in axis.texts)
    assert "N0" in named
    assert "+4" in named
    assert "N8" not in named


def test_a_review_that_is_late_and_a_risk_that_is_gone_are_named(data_of, changed, row):
    risks = data_of("exampleshire").risks
    rows = risks[~((risks["risk_id"] == "R06") & (risks["date"] > "2025-07-01"))]
    found = changed("exampleshire", risks=rows.reset_index(drop=True))
    assert row(found, "without a review").judged == "✗ 1 not reviewed"
    ids = {one.id: one.text for one in headlines(found)}
    assert ids["scorecard.risk.absent"].startswith("1 risk was not in the register's latest review")
    assert ids["scorecard.risk.due"].startswith("1 risk had no review in the 6 months to 31 March 2026")
    assert "months" in [column.name for column in section(found).tables["risks"].columns]


def test_words_that_are_not_of_the_scale_fail_a_check(data_of, changed):
    rows = data_of("exampleshire").risks.assign(level="Amber")
    found = {one.id: one for one in checks(changed("exampleshire", risks=rows))}
    assert found["scorecard.register"].passed
    assert not found["scorecard.words"].passed
    assert "“Amber”" in found["scorecard.words"].detail
