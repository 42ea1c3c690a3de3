"""The matrix of five by five, cell by cell as the National Patient Safety Agency (2008) prints it."""

from __future__ import annotations

import pytest

from s75lib.errors import MethodError
from s75lib.scorecard.scale import (
    BANDS,
    CONSEQUENCES,
    LIKELIHOODS,
    SCORES,
    band,
    band_of_word,
    consequence_of_word,
    likelihood_of_word,
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


@pytest.mark.parametrize(
    ("names", "read"), [(CONSEQUENCES, consequence_of_word), (LIKELIHOODS, likelihood_of_word)]
)
def test_names_and_their_beginnings_are_read_and_never_as_another(names, read):
    for number, name in enumerate(names, start=1):
        assert read(name) == read(name.upper()) == read(f" {name.lower()}. ") == number
        for letters in range(1, len(name) + 1):
            begun = name[:letters].strip().lower()
            others = [other for other in names if other != name and other.lower().startswith(begun)]
            known = number if len(begun) >= 3 and not others else None
            assert read(begun) == known, begun


@pytest.mark.parametrize("word", ["", "  ", "-", "Grave", "4", "Mi", "likelyish"])
def test_other_words_are_not_guessed(word):
    assert consequence_of_word(word) is None
    assert likelihood_of_word(word) is None
    assert band_of_word(word) is None


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
    assert band_of_word(word) == expected
