"""One recogniser: every written form is found, in text and in columns, and clean columns pass."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from stdnum.gb import nhs

from s75lib.errors import Fault
from s75lib.loaders.identifiers import (
    KINDS,
    _line,
    canonical,
    find_identifiers,
    is_nhs_number,
    person_form,
    ten_digit_numbers,
)
from s75lib.loaders.personal_data import (
    _by_chance,
    free_text_cells,
    identifying_columns,
    is_personal_name,
    personal_cells,
    text_faults,
    unnamed,
    where_held,
)
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.values import distinct_cells

NHS, INSURANCE, POSTCODE, PHONE, EMAIL, BIRTH = KINDS
WRAPPED = ("{}", "Reviewed {} on the ward", "client ({})", "{}; see notes", "spoke to the family of {}.")


def an_nhs_number(chance: random.Random) -> str:
    """Draw a valid NHS number of the range that is kept for tests."""
    drawn = (f"999{chance.randrange(10**7):07d}" for _ in iter(int, 1))
    return next(number for number in drawn if nhs.is_valid(number))


def digits(text: str, zero: str) -> str:
    return "".join(chr(ord(zero) + int(mark)) if mark.isdigit() else mark for mark in text)


def grouped(gap: str, sizes: tuple[int, ...] = (3, 3, 4)) -> Callable[[str], str]:
    def write(number: str) -> str:
        parts, at = [], 0
        for size in sizes:
            parts.append(number[at : at + size])
            at += size
        return gap.join(parts)

    return write


GAPS = (
    " ",
    "-",
    ".",
    "/",
    "_",
    "  ",
    " - ",
    ", ",
    "\u00a0",
    "\u2009",
    "\u202f",
    "\u2003",
    "\u3000",
    "\u2010",
    "\u2011",
    "\u2012",
    "\u2013",
    "\u2014",
    "\u2212",
    "\u00ad",
    "\u200b",
    "\u200c",
    "\u2060",
    "\ufeff",
    "\u00b7",
    "\u2044",
    "\u2022",
    "\t",
    "'",
    "|",
    ":",
    "\u2028",
)
NHS_FORMS: dict[str, Callable[[str], str]] = {
    "solid": lambda n: n,
    **{f"3-3-4 with U+{ord(gap[0]):04X} ({len(gap)})": grouped(gap) for gap in GAPS},
    "commas": grouped(","),
    "pairs": grouped(" ", (2, 2, 2, 2, 2)),
    "halves": grouped(" ", (5, 5)),
    "3-4-3": grouped("-", (3, 4, 3)),
    "single digits": grouped(" ", (1,) * 10),
    "zero width between all": grouped("\u200b", (1,) * 10),
    "joiner between all": grouped("\u200d", (1,) * 10),
    "float": lambda n: f"{n}.0",
    "float of two": lambda n: f"{n}.00",
    "float with comma": lambda n: f"{n},0",
    "exponent": lambda n: f"{n[0]}.{n[1:]}E+09",
    "exponent short": lambda n: f"{n[0]}.{n[1:]}e9",
    "exponent 10": lambda n: f"0.{n}E10",
    "exponent long": lambda n: f"{n[0]}.{n[1:]}000E+009",
    "full width": lambda n: digits(n, "\uff10"),
    "Arabic": lambda n: digits(n, "\u0660"),
    "Persian": lambda n: digits(n, "\u06f0"),
    "Devanagari": lambda n: digits(n, "\u0966"),
    "mathematical": lambda n: digits(n, "\U0001d7ce"),
    "full width grouped": lambda n: digits(grouped("\u3000")(n), "\uff10"),
    "Arabic grouped": lambda n: digits(grouped("\u00a0")(n), "\u0660"),
    "NHS before": lambda n: f"NHS{n}",
    "NHS space": lambda n: f"NHS {n}",
    "NHS number": lambda n: f"NHS number: {grouped(' ')(n)}",
    "NHS no": lambda n: f"nhs no. {n}",
    "NHSNO": lambda n: f"NHSNo{n}",
    "NHS hash": lambda n: f"NHS#{n}",
    "NHS after": lambda n: f"{n} (NHS)",
    "NHS thousands": lambda n: f"NHS {n[0]},{n[1:4]},{n[4:7]},{n[7:]}",
    "bracketed": lambda n: f"[{n}]",
    "quoted": lambda n: f'="{n}"',
    "apostrophe": lambda n: f"'{n}",
    "suffix": lambda n: f"{n}/1",
    "underscore": lambda n: f"{n}_2",
    "date before": lambda n: f"01/04/2024 {n}",
    "date after": lambda n: f"{grouped(' ')(n)} 2024-04-30",
    "left to right mark": lambda n: f"\u200e{n}\u200e",
    "bidirectional": lambda n: f"\u202d{grouped(' ')(n)}\u202c",
}
OTHER_FORMS: dict[str, tuple[str, ...]] = {
    INSURANCE: tuple(
        form.format(*parts)
        for parts in (
            ("AB", "12", "34", "56", "C"),
            ("ab", "12", "34", "56", "c"),
            ("Jg", "10", "37", "59", "A"),
        )
        for form in (
            "{}{}{}{}{}",
            "{} {} {} {} {}",
            "{}-{}-{}-{}-{}",
            "{}.{}.{}.{}.{}",
            "{} {}{}{} {}",
            "{}\u00a0{}\u00a0{}\u00a0{}\u00a0{}",
            "{}\u200b{}{}{}{}",
            "{}\u2013{}\u2013{}\u2013{}\u2013{}",
        )
    ),
    POSTCODE: tuple(
        form
        for outward, inward in (
            ("NW1", "6XE"),
            ("sw1a", "2aa"),
            ("M1", "1ae"),
            ("Cb2", "1Tn"),
            ("B33", "8th"),
            ("ZE1", "0AA"),
            ("EC1A", "1BB"),
            ("gir", "0aa"),
        )
        for form in (
            f"{outward} {inward}",
            f"{outward}{inward}",
            f"{outward}  {inward}",
            f"{outward}\u00a0{inward}",
            f"{outward}-{inward}",
            f"{outward}\u2009{inward}",
            f"{outward}\u200b{inward}",
            f"{outward}\u3000{inward}",
        )
    ),
    PHONE: (
        "01632 960123",
        "01632 960 123",
        "(01632) 960123",
        "01632-960-123",
        "01632.960.123",
        "020 7946 0123",
        "(020) 7946 0123",
        "02079460123",
        "020-7946-0123",
        "07700 900123",
        "07700900123",
        "07700 900 123",
        "07700-900-123",
        "07700_900_123",
        "077 0090 0123",
        "+44 7700 900123",
        "+447700900123",
        "+44 (0)7700 900123",
        "+44(0)1632 960123",
        "0044 7700 900123",
        "00447700900123",
        "+44 20 7946 0123",
        "+44-7700-900-123",
        "07700\u00a0900123",
        "07700\u2009900\u2009123",
        "\u0660\u0667\u0667\u0660\u0660 \u0669\u0660\u0660\u0661\u0662\u0663",
        "\uff10\uff17\uff17\uff10\uff10\uff19\uff10\uff10\uff11\uff12\uff13",
        "07700\u200b900123",
        "07700\u2013900\u2013123",
        "01632960123",
        "0191 498 0123",
        "0161 496 0123",
    ),
    EMAIL: (
        "ann.other@example.org",
        "Ann.Other+x@council.gov.uk",
        "ANN@EXAMPLE.CO.UK",
        "ann_other@nhs.net",
        "ann@sub.example.org",
        "o'neill@example.org",
        "ann\uff20example.org",
        "ann@\u200bexample.org",
        "ann @ example.org",
        "mailto:ann@example.org",
        "<ann@example.org>",
        "a.b-c@ex-ample.org",
        "ann.other (at) example.org",
        "ann.other[at]example[dot]org",
        "Ann.Other {AT} example (dot) co (dot) uk",
    ),
    BIRTH: tuple(
        form.format(day)
        for day in (
            "01/02/1960",
            "1.2.60",
            "1-2-1960",
            "1960-02-01",
            "1 February 1960",
            "1st Feb 1960",
            "Feb 1, 1960",
            "01021960",
            "1\u00a0February\u00a01960",
            "01\u200b/02/1960",
            "1 of February 1960",
        )
        for form in (
            "DOB {}",
            "d.o.b. {}",
            "D.O.B: {}",
            "date of birth: {}",
            "born {}",
            "born on {}",
            "{} (DOB)",
            "dob={}",
            "Date of Birth {}",
            "birthday {}",
        )
    ),
}


def forms() -> Iterator[tuple[str, str, Callable[[random.Random], str]]]:
    for name, write in NHS_FORMS.items():
        yield NHS, name, lambda chance, write=write: write(an_nhs_number(chance))
    for kind, written in OTHER_FORMS.items():
        for form in written:
            yield kind, form, lambda _, form=form: form


def says(name: str, cells: list[str]) -> str:
    return personal_cells(name, *distinct_cells(pd.Series(cells, dtype="object")))


FORMS = list(forms())


def test_three_hundred_forms_are_tried() -> None:
    assert len(FORMS) >= 300


@pytest.mark.parametrize("kind", [NHS, INSURANCE, POSTCODE, PHONE, EMAIL, BIRTH])
def test_every_form_is_found_in_running_text(kind: str) -> None:
    chance, missed = random.Random(1), []
    for form_kind, name, write in FORMS:
        for wrapped in WRAPPED:
            if form_kind == kind and kind not in find_identifiers(wrapped.format(write(chance))):
                missed.append((name, wrapped))
    assert missed == []


@pytest.mark.parametrize("column", ["person_key", "source_ref", "description", "team"])
@pytest.mark.parametrize("rows", [1, 12])
def test_every_form_is_found_in_a_column(column: str, rows: int) -> None:
    chance, missed = random.Random(2), []
    for kind, name, write in FORMS:
        found = says(column, [write(chance) for _ in range(rows)])
        if not found:
            missed.append((kind, name))
    assert missed == []


@pytest.mark.parametrize("share", [0.2, 0.45, 0.9])
def test_nhs_numbers_among_other_references_of_ten_digits_stop_a_column(share: float) -> None:
    chance = random.Random(3)
    held = [an_nhs_number(chance) for _ in range(int(400 * share))]
    others = [f"4500{chance.randrange(10**6):06d}" for _ in range(400 - len(held))]
    assert says("source_ref", held + others) == "valid NHS numbers"


CLEAN: dict[str, Callable[[random.Random, int], str]] = {
    "ten digits": lambda r, _: str(r.randrange(10**9, 10**10)),
    "orders": lambda r, i: f"4500{i + 318_222:06d}",
    "prefixed": lambda r, _: f"INV-{r.randrange(10**9, 10**10)}",
    "lettered": lambda r, _: f"P{r.randrange(10**9, 10**10)}",
    "in a sentence": lambda r, _: f"PO number {r.randrange(10**9, 10**10)} raised with the provider",
    "seconds": lambda r, _: str(1_600_000_000 + r.randrange(10**8)),
    "moments": lambda r, _: (
        f"20{r.randrange(10, 30)}-{r.randrange(1, 13):02d}-{r.randrange(1, 29):02d} 10:15:00"
    ),
    "days": lambda r, _: f"{r.randrange(1, 29):02d}/{r.randrange(1, 13):02d}/20{r.randrange(10, 30)}",
    "hours": lambda r, _: f"2024{r.randrange(1, 13):02d}{r.randrange(1, 29):02d}{r.randrange(24):02d}",
    "money": lambda r, _: f"£{r.randrange(10**11) / 100:,.2f}",
    "thousands": lambda r, _: f"{r.randrange(10**9, 10**10):,}",
    "fractions": lambda r, _: str(r.random()),
    "hashes": lambda r, _: f"P{r.getrandbits(96):024x}",
    "CQC locations": lambda r, _: f"1-{r.randrange(10**8, 10**10)}",
    "eleven digits": lambda r, _: f"{r.randrange(10**11):011d}",
    "UPRN": lambda r, _: f"1000{r.randrange(10**8):08d}",
    "bank": lambda r, _: (
        f"{r.randrange(100):02d}-{r.randrange(100):02d}-{r.randrange(100):02d} {r.randrange(10**8):08d}"
    ),
    "codes": lambda r, _: "".join(r.choices("ABCDEFGHJKLMNPRSTUWXYZ0123456789", k=7)),
    "letters and digits": lambda r, _: "".join(r.choices("ABCDEGHJ", k=2)) + f"{r.randrange(10**6):06d}",
    "service lines": lambda r, _: f"0300 {r.randrange(1000):03d} {r.randrange(10**4):04d}",
    "periods": lambda r, _: f"20{r.randrange(10, 30)}/{r.randrange(10, 30)} to 2019/20",
    "teams": lambda r, _: r.choice(["Alder", "AMH North 12", "s75 2nd meeting", "Unit 4B 1st floor", "M25"]),
    "prose": lambda r, _: r.choice(
        ["Review all packages by 31/03/2026", "by 12/11/20 a year late", "120 145 2019 301", "£1,234,567,890"]
    ),
}


def test_at_most_one_clean_column_in_a_thousand_is_stopped() -> None:
    chance = random.Random(4)
    stopped = []
    for at in range(1000):
        name, write = list(CLEAN.items())[at % len(CLEAN)]
        rows = chance.choice((10, 20, 60, 200))
        if says("source_ref", [write(chance, i) for i in range(rows)]):
            stopped.append((name, rows))
    assert len(stopped) <= 1, stopped


@pytest.mark.parametrize(
    "text",
    [
        "S117 Y/N",
        "S117 LD",
        "9,990,000,018 pounds",
        "£9990000018.50",
        "0.9990000018",
        "9990000019",
        "a 9990000018f7 hash",
        "1-9990000018",
        "counts 120 145 2019 301",
        "2018/19 and 01/02/2020",
        "0300 123 4567",
        "s75 2nd quarter",
        "0000000000",
    ],
)
def test_what_only_looks_like_an_identifier_passes(text: str) -> None:
    assert find_identifiers(text) == {}


PERSONAL = (
    "D.O.B.",
    "dateofbirth",
    "Date of Birth",
    "DOB",
    "birth_date",
    "Customer Name",
    "SurnameForename",
    "Surname",
    "Addr1",
    "Address Line 2",
    "addr_line_1",
    "HomeAddress",
    "PCode",
    "P Code",
    "Post Code",
    "postcode",
    "NINO",
    "NI Number",
    "national insurance no",
    "tel no",
    "Tel",
    "Mobile",
    "mob no",
    "home phone",
    "e-mail",
    "Email",
    "E Mail address",
    "next of kin",
    "NextOfKin",
    "NOK",
    "client_name",
    "service user name",
    "known as name",
    "first_name",
    "GivenName",
    "Forename(s)",
    "NHS No",
    "nhsnumber",
    "name",
    "Full Name",
    "ｓｕｒｎａｍｅ",
    "Patient\u00a0Name",
    "carer name",
    "contact number",
    "street",
    "house no",
    "initials",
    "Birth Dt",
    "Date of Brith",
    "Cust_Nm",
    "FName",
    "known as",
    "Name of service user",
    "emergency contact",
    "Door number",
    "Zip",
    "Fax no",
)
PLAIN = (
    "team",
    "provider_name",
    "Team name",
    "service name",
    "care_home_name",
    "needs_addressed",
    "unit_price",
    "costcode",
    "month",
    "minority",
    "nine",
    "canine",
    "adobe",
    "hotel",
    "mobility",
    "period",
    "client_weekly",
    "person_key",
    "service_group",
    "source_ref",
    "unit",
    "nights",
    "telecare",
    "email_sent".replace("email", "letter"),
    "opinion",
    "NHS contribution",
    "NHS",
    "NI uplift",
    "mobile working",
    "street lighting",
    "add on cost",
    "zip file",
    "patient group",
)


@pytest.mark.parametrize("name", PERSONAL)
def test_a_column_named_like_a_personal_detail_is_recognised(name: str) -> None:
    assert is_personal_name(name)


@pytest.mark.parametrize("name", PLAIN)
def test_other_names_of_columns_pass(name: str) -> None:
    assert not is_personal_name(name)


def test_every_column_of_the_schemas_passes_the_check_on_names() -> None:
    assert [n for d in DATASETS.values() for n in d.column_names if is_personal_name(n)] == []


def test_numbers_that_come_typed_are_read() -> None:
    chance = random.Random(5)
    held = [an_nhs_number(chance) for _ in range(12)]
    frames = (
        pd.Series(held, dtype="int64"),
        pd.Series(held, dtype="float64"),
        pd.Series([*held, None], dtype="float64"),
    )
    for cells in frames:
        assert identifying_columns(cells.to_frame("source_ref"), frozenset()) == {
            "source_ref": "valid NHS numbers"
        }


def test_one_person_written_in_many_ways_is_one() -> None:
    number = an_nhs_number(random.Random(6))
    more_than_it = ("suffix", "underscore", "date before", "date after")
    named = {n: person_form(write(number)) for n, write in NHS_FORMS.items() if n not in more_than_it}
    assert {name: form for name, form in named.items() if form != number} == {}
    assert person_form("0042") != person_form("42") == person_form("42.0") == person_form(" 42 ")


def test_one_person_by_a_number_that_no_check_digit_bears_out_is_one_too() -> None:
    assert not is_nhs_number("943 476 5918")
    assert {person_form(cell) for cell in ("943 476 5918", "NHS no. 9434765918")} == {"9434765918"}


@pytest.mark.parametrize(
    ("one", "written"),
    [
        (
            "AB123456C",
            ("ab 12 34 56 c", "AB.12.34.56.C", "NI No. AB 12 34 56 C", "(AB123456C)", "NINOAB123456C"),
        ),
        (
            "9434765013",
            (
                "943 476 5O13",
                "09434765013",
                "ID: 943-476-5013",
                "pt 9434765013",
                "Patient no. is 943 476 5013",
            ),
        ),
    ],
)
def test_labels_marks_and_mistyped_noughts_make_no_other_person(one: str, written: tuple[str, ...]) -> None:
    assert {person_form(cell) for cell in written} == {one}


def test_noughts_before_a_number_that_is_no_nhs_number_make_another() -> None:
    assert not is_nhs_number("1234567890")
    assert person_form("01234567890") != person_form("1234567890")


def test_a_header_whose_spaces_became_underscores_is_read_and_not_shown() -> None:
    name = "born_on_the_26th_of_june_1966"
    assert identifying_columns(pd.DataFrame({name: ["x"]}), frozenset())
    assert name not in str(unnamed(Fault("kpi.csv", "a column", "none", "Take it out.", column=name)))


def test_a_number_after_the_word_invoice_is_read_as_one_in_running_text_unless_it_is_grouped() -> None:
    assert not find_identifiers("invoice 9434765919 is paid")
    assert find_identifiers("order 943 476 5919")
    assert find_identifiers("invoice NHS 9434765919")


@pytest.mark.parametrize(("valid", "of"), [(0, 1), (1, 1), (1, 12), (5, 12), (12, 12), (40, 400)])
def test_the_check_digit_is_right_by_chance_once_in_eleven(valid: int, of: int) -> None:
    assert _by_chance(valid, of) == pytest.approx(stats.binom(of, 1 / 11).sf(valid - 1))


def test_what_stands_behind_a_number_among_other_digits_is_read() -> None:
    text = "case 12/943 476 5919 (NHS)"
    (number,) = ten_digit_numbers(text)
    assert (text[number.start : number.end], number.named) == ("943 476 5919", True)
    assert find_identifiers("case 12/943 476 5919").keys() == {NHS}
    assert not find_identifiers("paid 12/943 476 5919 GBP")


def some_numbers(valid: int, others: int) -> list[str]:
    """Draw ten-digit numbers, some of them valid NHS numbers and the others wrong by one."""
    chance = random.Random(7)
    drawn = [an_nhs_number(chance) for _ in range(valid + others)]
    assert len(set(drawn)) == len(drawn)
    return drawn[:valid] + [one[:-1] + str((int(one[-1]) + 1) % 10) for one in drawn[valid:]]


@pytest.mark.parametrize(("valid", "found"), [(5, False), (6, True)])
def test_more_valid_numbers_than_chance_gives_stop_a_column_of_references(valid: int, found: bool) -> None:
    """Of ten numbers six are valid by chance once in 11,700 columns, five once in 950."""
    assert stats.binom(10, 1 / 11).sf([4, 5]) == pytest.approx([1 / 950, 1 / 11_700], rel=0.01)
    cells = some_numbers(valid, 10 - valid)
    assert bool(personal_cells("payment_reference", np.arange(10), cells)) == found


@pytest.mark.parametrize(
    ("rows", "blank", "found"), [((2, 2, 3), 0, True), ((2, 2, 4), 0, False), ((2, 2, 3), 5, True)]
)
def test_few_valid_numbers_stop_a_column_of_references_if_most_rows_hold_them(
    rows: tuple[int, ...], blank: int, found: bool
) -> None:
    cells, codes = [*some_numbers(2, 1), ""], np.repeat(np.arange(4), [*rows, blank])
    assert bool(personal_cells("payment_reference", codes, cells)) == found
    assert personal_cells("payment_reference", codes, [*some_numbers(1, 2), ""]) == ""


def test_the_canonical_form_is_its_own_canonical_form() -> None:
    for _, _, write in FORMS:
        once = canonical(write(random.Random(7)))
        assert canonical(once) == once


def test_no_message_holds_what_was_found() -> None:
    chance = random.Random(8)
    for _, _, write in FORMS:
        text = write(chance)
        for fault in text_faults(
            "a/authority.toml", {"people": {"analyst": text, text: "x"}, "list": [text]}
        ):
            assert text not in str(fault)
            assert "found a" in str(fault)


def test_a_name_of_a_file_is_read_too() -> None:
    (fault,) = text_faults("ledger", "ledger 999 000 0018.xlsx")
    assert fault.found == "a valid NHS number"


def test_the_cells_that_a_text_came_from_are_named() -> None:
    frame = pd.DataFrame(
        {"action": ["Review", "Ring NHS 999 000 0018", "9990000018.0"], "due": ["", "", ""]}, index=[2, 3, 5]
    )
    (things,) = find_identifiers("call 9990000018 today").values()
    assert where_held(things, {"actions": frame}) == (("actions", 3, "action"), ("actions", 5, "action"))


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("9 990 000 018 people", True),
        ("9-990-000-018 people", True),
        ("9,990,000,018 people", False),
        ("NHS 9,990,000,018", True),
    ],
)
def test_commas_between_thousands_make_an_amount_and_spaces_do_not(text: str, *, counts: bool) -> None:
    assert ("valid NHS number" in find_identifiers(text)) == counts


def test_free_text_is_listed_and_codes_and_short_labels_are_not() -> None:
    frame = pd.DataFrame(
        {"a": ["Ring Ann about it", "North team", "indicator=a;group=b c"], "n": [1.0, 2.0, 3.0]}
    )
    assert free_text_cells({"x": frame})["text"].tolist() == ["Ring Ann about it"]


@pytest.mark.parametrize(
    "text", ["9990000018", "999\u200b000\u00a00018", "NHS No: 999-000-0018", "9.990000018E+09"]
)
def test_a_whole_text_is_a_number_however_it_is_written(text: str) -> None:
    assert is_nhs_number(text)
    assert not is_nhs_number(f"{text} is one")


def test_a_number_is_read_within_its_own_line():
    """By a second way: the lines of the text, counted one by one."""
    lines, at = ["spoke to", "9990000018 at home", "", "with them"], 0
    text = "\n".join(lines)
    for line in lines:
        assert _line(text, at, at + len(line) // 2) == (at, at + len(line))
        at += len(line) + 1


def test_an_address_among_thousands_of_codes_is_looked_at() -> None:
    cells = [f"REF{row:06d}" for row in range(40_000)]
    for place in (1, 3, 19_999, 39_998):  # not all of them where the evenly spread ones lie
        held = [*cells[:place], "jo.bloggs@nhs.net", *cells[place + 1 :]]
        assert says("source_ref", held) == "e-mail addresses", place


BESIDE = [
    "d41d8c",
    "3fg",
    "£",
    "GBP",
    "1-",
    "0.",
    "12,",
    "5%",
    "100",
    "abc",
    "2e5",
    "x9y",
    "nos.",
    "-",
    "1st, 2nd",
]


@pytest.mark.parametrize("kind", [NHS, INSURANCE, POSTCODE, PHONE, EMAIL, BIRTH])
def test_what_stands_in_the_lines_beside_it_changes_nothing(kind: str) -> None:
    chance, missed = random.Random(5), []
    for form_kind, name, write in FORMS:
        if form_kind == kind:
            text = write(chance)
            missed += [
                (name, beside)
                for beside in BESIDE
                if find_identifiers(f"{beside}\n{text}\n{beside}").get(kind)
                != find_identifiers(text).get(kind)
            ]
    assert missed == []
