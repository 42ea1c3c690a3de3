from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s75lib.present import disclosure, headline, html, parts, words

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


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.service_group("OPMH"), "Older people's mental health"),
        (words.service_group("Forensic"), "Forensic"),
        (words.rounded(142512, -3), 143000),
        (words.rounded(-0.04, 1), 0.0),
        (words.rounded(2.25, 1), 2.2),
        (words.significant(24.158), 1),
        (words.significant(8.0), 0),
        (words.significant(63250), -2),
        (words.number(-1234.5, 1), "−1,234.5"),
        (words.number(-0.04, 1), "0.0"),
        (words.number(float("nan")), "–"),
        (words.signed(3.25, 1), "+3.2"),
        (words.signed(-3), "−3"),
        (words.signed(0), "0"),
        (words.money(373000, rounded_to=1000), "£373k"),
        (words.money(-164258), "−£164,258"),
        (words.money(51.5, rounded_to=0.01), "£51.50"),
        (words.amount(1383000), "£1.38m"),
        (words.amount(-455400), "−£455k"),
        (words.amount(870.2), "£870"),
        (words.percent(5.6), "5.6%"),
        (words.points(0.7), "+0.7 percentage points"),
        (words.points(-1), "−1.0 percentage points"),
        (words.interval(-3.2, 4.1), "−3.2 to 4.1"),
        (words.interval(22.5, 51.2, unit="%"), "22.5% to 51.2%"),
        (words.chance(0.17), "p = 0.17"),
        (words.chance(0.004), "p = 0.004"),
        (words.chance(2e-05), "p < 0.001"),
        (words.count_noun(1, "person", "people"), "1 person"),
        (words.count_noun(273, "person", "people"), "273 people"),
        (words.count_noun(0, "month"), "0 months"),
        (words.course((190.0, 171.5, 161.7)), "From 190 to 162"),
        (words.course((3.0,)), ""),
        (words.course((246.0, 298.0), "a month"), "First month 246, latest 298"),
        (words.course((246.0, 298.0), "percent"), "From 246 to 298"),
        (words.course((104000.0, 770026.0), "£"), "From £104k to £770k"),
        (words.rose_fell(0.7), "rose"),
        (words.rose_fell(-8), "fell"),
        (words.rose_fell(0), "did not change"),
        (words.join(["volume"]), "volume"),
        (words.join(["volume", "price", "mix"]), "volume, price and mix"),
        (words.day(date(2019, 12, 6)), "6 December 2019"),
        (words.capital("safeguarding of adults, by NHS trust"), "Safeguarding of adults, by NHS trust"),
        (words.when("2019-11"), "November 2019"),
        (words.when("12 months to 2019-09"), "12 months to September 2019"),
        (words.when("2019-09-26", "%b"), "26 Sep 2019"),
        (words.when("2018/19"), "2018/19"),
        (html.text("<script>"), "&lt;script&gt;"),
        (
            html.element("p", html.text("a < b"), cls="s75-note", aria_label="x"),
            '<p class="s75-note" aria-label="x">a &lt; b</p>',
        ),
        (html.decimals_of("money_k", 0), -3),
        (html.decimals_of("percent", 1), 1),
        (html.decimals_of("text", 0), None),
        (html.cell(373000.0, "money_k"), "373"),
        (html.cell(0.7, "points", 1), "+0.7"),
        (html.cell(None, "money"), "–"),
        (html.cell(True), "yes"),
        (
            headline.marks(
                headline.Headline("a.b", "8% of days are short.", 8.0, "percent", 5.0, 12.0, against=5.0)
            ),
            {"value": 43.4, "lower": 4.0, "upper": 96.0, "against": 4.0},
        ),
        (
            headline.marks(headline.Headline("a.b", "It rose.", 3.0, course=(1.0, 2.0, 3.0))),
            {"course": [4.0, 50.0, 96.0]},
        ),
        (
            parts.records(
                pd.DataFrame({"a": [1.0, float("nan")], "b": pd.to_datetime(["2019-12-31", None])})
            ),
            [{"a": 1.0, "b": "2019-12-31"}, {"a": None, "b": None}],
        ),
        (parts.plain(pd.Timestamp("2019-12-31")), "2019-12-31"),
        (parts.plain(float("inf")), None),
        (parts.plain(pd.NA), None),
        (disclosure.nearest_5(pd.Series([3, 7, 8])).tolist(), [5, 5, 10]),
        (disclosure.dominated([900, 50, 30]), True),
        (disclosure.dominated([300, 300, 300, 300]), False),
    ],
)
def test_numbers_days_and_cells_are_written_as_people_read_them(said: object, expected: object) -> None:
    assert said == expected
