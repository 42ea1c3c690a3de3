from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s75lib.present import words

FINITE = st.floats(-1e12, 1e12)


def back(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-").replace("+", ""))


@given(FINITE, st.integers(0, 4))
def test_a_written_number_reads_back_within_its_rounding(value: float, decimals: int) -> None:
    slack = 0.5 * 10**-decimals * (1 + 1e-9) + abs(value) * 1e-15
    assert abs(back(words.number(value, decimals)) - value) <= slack
    assert abs(back(words.signed(value, decimals)) - value) <= slack


@given(FINITE)
def test_a_sign_is_never_on_a_zero(value: float) -> None:
    for text in (words.number(value), words.signed(value), words.money(value), words.amount(value)):
        digits = [character for character in text if character.isdigit()]
        if set(digits) == {"0"}:
            assert not text.startswith(("−", "+"))


@given(FINITE.filter(lambda value: abs(value) >= 1))
def test_opposite_amounts_are_written_alike(value: float) -> None:
    assert words.amount(-abs(value)) == "−" + words.amount(abs(value))
    assert words.money(-abs(value)) == "−" + words.money(abs(value))


@pytest.mark.parametrize("write", [words.number, words.money, words.amount, words.percent])
def test_a_missing_number_is_a_dash(write) -> None:  # type: ignore[no-untyped-def]
    assert write(math.nan) == "–"


def test_amounts_at_the_edges_of_their_units() -> None:
    assert words.amount(9_999) == "£9,999"
    assert words.amount(10_000) == "£10k"
    assert words.amount(999_499) == "£999k"
    assert words.amount(999_600) == "£1.00m"


def test_small_words() -> None:
    assert words.join([]) == ""
    assert words.join(["a", "b"]) == "a and b"
    assert words.count_noun(1, "package") == "1 package"
    assert words.day(date(2024, 2, 29)) == "29 February 2024"
    assert words.chance(math.nan) == "no test"
    assert words.rose_fell(0.04, tolerance=0.05) == "did not change"
