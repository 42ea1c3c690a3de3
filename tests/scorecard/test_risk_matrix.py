"""The matrix of five by five, cell by cell as the National Patient Safety Agency (2008) prints it."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import product

import pytest

from s75lib.errors import MethodError
from s75lib.scorecard.risk_matrix import (
    BANDS,
    CONSEQUENCES,
    LEVELS,
    LIKELIHOODS,
    SCORES,
    Entry,
    band,
    faults,
    rank_of_word,
    repairs,
)

# Rows: consequence 5 to 1; columns: likelihood 1 to 5. L low, M moderate, H high, E extreme.
PRINTED = ("MHEEE", "MHHEE", "LMHHE", "LMMHH", "LLLMM")
LETTERS = {"L": "Low", "M": "Moderate", "H": "High", "E": "Extreme"}


def test_every_cell_of_the_model_matrix():
    for consequence, row in zip(range(5, 0, -1), PRINTED, strict=True):
        for likelihood, letter in enumerate(row, start=1):
            assert band(consequence * likelihood) == LETTERS[letter], (consequence, likelihood)


def test_bands_hold_every_product_once_and_nothing_else():
    assert {1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 20, 25} == SCORES
    for score in range(-1, 30):
        inside = [name for name, (low, high) in BANDS.items() if low <= score <= high and score in SCORES]
        if score in SCORES:
            assert inside == [band(score)]
        else:
            assert inside == []
            with pytest.raises(MethodError, match=rf"found {score};"):
                band(score)


@pytest.mark.parametrize("names", [CONSEQUENCES, LIKELIHOODS, LEVELS])
def test_names_and_their_beginnings_are_read_and_never_as_another(names):
    for number, name in enumerate(names, start=1):
        for word in (name, name.upper(), f" {name.lower()}. "):
            assert rank_of_word(word, names) == number
        for letters in range(1, len(name) + 1):
            begun = name[:letters].strip().lower()
            others = [other for other in names if other != name and other.lower().startswith(begun)]
            known = number if len(begun) >= 3 and not others else None
            assert rank_of_word(begun, names) == known, begun


@pytest.mark.parametrize("word", ["", "  ", "-", "Grave", "4", "Mi", "likelyish"])
def test_other_words_are_not_guessed(word):
    assert [rank_of_word(word, names) for names in (CONSEQUENCES, LIKELIHOODS, LEVELS)] == [None] * 3


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Extreme", "Extreme"),
        ("high risk", "High"),
        ("MOD", "Moderate"),
        ("Medium", "Moderate"),
        ("amber", None),
    ],
)
def test_levels_in_words(word, expected):
    found = rank_of_word(word, LEVELS)
    assert (LEVELS[found - 1] if found else None) == expected


def test_other_words_of_one_scale_are_none_of_another():
    assert rank_of_word("Insignificant", CONSEQUENCES) == 1
    assert rank_of_word("certain", LIKELIHOODS) == 5
    assert rank_of_word("medium", CONSEQUENCES) is None
    assert rank_of_word("Major risk", CONSEQUENCES) is None


# --- whether what is recorded of a risk agrees


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


def test_unknown_words_contradict_nothing():
    assert faults(Entry(2, 4, 8, "Grave", "Often", "Amber")) == ()
