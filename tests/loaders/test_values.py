from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s75lib.loaders.schemas import Kind
from s75lib.loaders.values import SUPPRESSED, csv_safe, parse_column, read_period, write_csv


def read(cell: str, kind: Kind) -> object:
    values, bad = parse_column(pd.Series([cell], dtype="str"), kind)
    return "BAD" if bad.iloc[0] else values.iloc[0]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234.5", 1234.5),
        ("£1,234.50", 1234.5),
        ("(1,234)", -1234.0),
        ("(£1,234.50)", -1234.5),
        ("1,234-", -1234.0),
        ("−12", -12.0),
        ("-£12", -12.0),
        ("1.2m", 1_200_000.0),
        ("£373k", 373_000.0),
        (" 7 ", 7.0),
        ("1 234", 1234.0),
        ("200 CR", -200.0),
        ("1,000.50DR", 1000.5),
        ("1\u00a0234", 1234.0),
        ("0", 0.0),
        ("1,234,567", 1234567.0),
        ("£(1,234)", -1234.0),
        ("£-12", -12.0),
        ("–1,234.50", -1234.5),
        ("GBP 12", 12.0),
        ("£1.2 million", 1_200_000.0),
        ("12 thousand", 12_000.0),
    ],
)
def test_amounts_as_people_write_them(cell: str, value: float) -> None:
    assert read(cell, "money") == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    "cell",
    [
        "many",
        "1,23",
        "12,34,567",
        "1e5",
        "inf",
        "nan",
        "--3",
        "(5",
        "5)",
        "(-5)",
        "-5CR",
        "(5) CR",
        "5 WTE",
        "#REF!",
        "1.2.3",
        "£",
    ],
)
def test_what_is_no_amount_is_refused(cell: str) -> None:
    assert read(cell, "money") == "BAD"


@pytest.mark.parametrize("cell", ["", *sorted(SUPPRESSED), "[C]", "< 10", "fewer than 5", "1-4"])
def test_blank_and_suppressed_are_missing_and_not_zero(cell: str) -> None:
    value = read(cell, "count")
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("2019-12-31", "2019-12-31"),
        ("31/12/2019", "2019-12-31"),
        ("1/2/2019", "2019-02-01"),
        ("01.02.19", "2019-02-01"),
        ("2019-12-31 00:00:00", "2019-12-31"),
        ("31/12/2019 00:00", "2019-12-31"),
        ("2019-12-31 10:15:00", "2019-12-31"),
        ("31/12/2019 23:59:59", "2019-12-31"),
        ("2019-12-31T00:00:00.000Z", "2019-12-31"),
        ("31/12/2019 9:30 pm", "2019-12-31"),
        ("20191231", "2019-12-31"),
        ("31st December 2019", "2019-12-31"),
        ("Tuesday, 31 December, 2019", "2019-12-31"),
        ("2019/12/31", "2019-12-31"),
        ("2019.12.31", "2019-12-31"),
        ("31 12 2019", "2019-12-31"),
        ("Dec 31, 2019", "2019-12-31"),
        ("43830.75", "2019-12-31"),
    ],
)
def test_dates_are_day_first(cell: str, iso: str) -> None:
    assert read(cell, "date") == pd.Timestamp(iso)


@pytest.mark.parametrize(
    "cell",
    [
        "31/12/9999",
        "9999-12-31",
        "9999-12-31 23:59:59",
        "",
        "Ongoing",
        "TBC",
        "00/00/0000",
        "No end date",
        "01/01/1970",
        "31/12/2100",
        "<null>",
    ],
)
def test_an_open_end_is_missing(cell: str) -> None:
    assert read(cell, "date") is pd.NaT


@pytest.mark.parametrize(
    "cell",
    [
        "12/31/2019",
        "30/02/2019",
        "2019-13-01",
        "soon",
        "0002-01-01",
        "2019-12-31 23:00:00",
        "2019-12-31T23:00:00.000Z",
    ],
)
def test_what_is_no_date_is_refused(cell: str) -> None:
    assert read(cell, "date") == "BAD"


@pytest.mark.parametrize(
    ("cell", "label"),
    [
        ("2018/19", "2018/19"),
        ("2018-19", "2018/19"),
        ("2018/2019", "2018/19"),
        ("2018-12", "2018-12"),
        ("2011-12", "2011-12"),
        ("2019/20 Q3", "Q3 2019/20"),
        ("Q3 2019/20", "Q3 2019/20"),
        ("2018-19 Q3", "Q3 2018/19"),
        ("2011-12 Q3", "Q3 2011/12"),
        ("24/25 Q1", "Q1 2024/25"),
        ("Qtr 3 24/25", "Q3 2024/25"),
        ("P8 2024-25", "2024-11"),
        ("2024/25 M10", "2025-01"),
        ("Period 12 24/25", "2025-03"),
        ("2019/2020-Q3", "Q3 2019/20"),
        ("Apr-19", "2019-04"),
        ("Apr 2019", "2019-04"),
        ("01-Apr-2019", "2019-04"),
        ("01/04/2019", "2019-04"),
        ("201904", "2019-04"),
        ("Apr/19", "2019-04"),
        ("04-2019", "2019-04"),
        ("24-25", "2024/25"),
        ("2018–19", "2018/19"),
        ("FY2011-12", "2011/12"),
        ("Financial year 2024/25", "2024/25"),
        ("Q1 FY2011-12", "Q1 2011/12"),
        ("2024-Apr", "2024-04"),
        ("2024Apr", "2024-04"),
        ("2024.04", "2024-04"),
        ("2024-4", "2024-04"),
        ("Apr.24", "2024-04"),
        ("Apr-24*", "2024-04"),
        ("Apr-24 (p)", "2024-04"),
        ("January 2024/25", "2025-01"),
        ("Month ending 30/04/2024", "2024-04"),
        ("Q1 (Apr-Jun) 2024/25", "Q1 2024/25"),
        ("2024/25 (Q1)", "Q1 2024/25"),
        ("4th quarter 2024/25", "Q4 2024/25"),
        ("Jan-Mar 2025", "Q4 2024/25"),
        ("January to March 2024/25", "Q4 2024/25"),
        ("Quarter ending June 2024", "Q1 2024/25"),
        ("Year ending 31 March 2025", "2024/25"),
        ("2024 / 25", "2024/25"),
        ("2024_25", "2024/25"),
        ("2024/25 outturn", "2024/25"),
        ("2024-25 (provisional)", "2024/25"),
    ],
)
def test_periods(cell: str, label: str) -> None:
    assert read(cell, "period") == label


@pytest.mark.parametrize(
    "cell",
    [
        "FY24",
        "2024Q1",
        "24-Apr",
        "2024/25 (YTD)",
        "24-26",
        "04/24",
        "Apr-24 (YTD)",
        "Apr-Dec 2024",
        "May-Jul 2024",
        "Year ending June 2024",
        "2024.4",
        "24.25",
        "H1 2024/25",
        "2024M04",
    ],
)
def test_a_period_that_could_be_two_is_refused(cell: str) -> None:
    assert read(cell, "period") == "BAD"


def test_a_number_of_posts_may_have_its_unit() -> None:
    assert [read(cell, "number") for cell in ("10.5 WTE", "9fte", "3 FTEs")] == [10.5, 9.0, 3.0]


def test_flags() -> None:
    values, bad = parse_column(pd.Series(["Y", "no", "TRUE", "0", "", "maybe"]), "flag")
    assert values.tolist()[:4] == [True, False, True, False]
    assert values.isna().tolist() == [False, False, False, False, True, True]
    assert bad.tolist() == [False] * 5 + [True]


def test_months_apart_of_a_year_that_is_none_are_no_quarter() -> None:
    assert [read_period(text) for text in ("Apr-Jun 2024", "Apr-Jun 0000", "open - live 2024")] == [
        "Q1 2024/25",
        None,
        None,
    ]


@given(
    st.lists(st.text(max_size=12), max_size=20),
    st.sampled_from(["text", "date", "month", "period", "day_or_month", "number", "flag"]),
)
def test_no_text_breaks_the_reader(cells: list[str], kind: Kind) -> None:
    values, bad = parse_column(pd.Series(cells, dtype="str"), kind)
    assert len(values) == len(bad) == len(cells)


@given(st.lists(st.floats(-1e9, 1e9).map(lambda x: round(x, 2)), min_size=1, max_size=30))
def test_numbers_survive_the_way_we_write_them(numbers: list[float]) -> None:
    values, bad = parse_column(pd.Series([f"{number:.2f}" for number in numbers], dtype="str"), "money")
    assert not bad.any()
    assert values.tolist() == pytest.approx(numbers, abs=0.005)


def test_input_is_not_changed() -> None:
    cells = pd.Series([" £1 ", "x"])
    before = cells.copy()
    parse_column(cells, "money")
    pd.testing.assert_series_equal(cells, before)


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@pytest.mark.parametrize("zone", [None, "Europe/London"])
def test_typed_days_are_read_as_text_would_be(unit: str, zone: str | None) -> None:
    texts = ["2019-12-31", "9999-12-31", "1850-01-01", "2019-12-31 23:00:00", "2250-01-01", ""]
    typed = pd.Series(pd.to_datetime(texts, format="mixed").astype(f"datetime64[{unit}]"))
    typed = typed.dt.tz_localize(zone) if zone else typed
    values, bad = parse_column(typed, "date")
    as_written, refused = parse_column(pd.Series(texts, dtype="str"), "date")
    pd.testing.assert_series_equal(values, as_written)
    pd.testing.assert_series_equal(bad, refused)
    assert bad.to_list() == [False, False, True, True, True, False]


FORMULAS = [
    "=cmd|'/c calc'!A1",
    "+1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "-2+3",
    "\t=1+1",
    "|calc",
    "%0A=1",
]
HARMLESS = [
    "<script>alert(1)</script>",
    "\u202eright to left \u05d0\u05d1",
    "e\u0301 combining \u0301\u0302",
    "x" * 10_000,
    "Team -1",
    "",
]
NUMBERS = ["-12.5", "+3", "-£1,234.50", "12%", "-1e-3"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20))
def test_a_safe_cell_begins_no_formula_and_keeps_its_text(text: str) -> None:
    safe = csv_safe(text)
    assert safe in (text, f"'{text}")
    if safe.startswith(("=", "@", "\t", "\r", "|")):
        raise AssertionError(repr(safe))
    assert csv_safe(safe) == safe


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert csv_safe(text) == f"'{text}"


@pytest.mark.parametrize("text", [*HARMLESS, *NUMBERS])
def test_other_text_and_numbers_stay(text: str) -> None:
    assert csv_safe(text) == text


def test_a_written_file_holds_no_formula_in_cells_or_heads(tmp_path: Path) -> None:
    frame = pd.DataFrame({"provider": [*FORMULAS, *HARMLESS[:-1]], "=cost": -1.5})
    frame["day"] = pd.Timestamp("2025-04-01")
    write_csv(frame, tmp_path / "packages.csv")
    back = pd.read_csv(tmp_path / "packages.csv", dtype=str)
    assert back["provider"].tolist() == [*(f"'{text}" for text in FORMULAS), *HARMLESS[:-1]]
    assert back.columns.tolist() == ["provider", "'=cost", "day"]
    assert set(back["'=cost"]) == {"-1.5"}
    assert set(back["day"]) == {"2025-04-01"}


@pytest.mark.parametrize("cell", ["Apr-19", "Apr 2019", "01-Apr-2019", "April 2019", "201904", "01/04/2019"])
def test_months_as_a_spreadsheet_rewrites_them(cell: str) -> None:
    assert read(cell, "month") == pd.Timestamp("2019-04-01")
    assert read(cell, "period") == "2019-04"


def test_a_short_financial_year_is_a_period() -> None:
    assert read("24/25", "period") == "2024/25"


@pytest.mark.parametrize("cell", ["31/12/2999", "31/12/4712", "01/01/1900", "NULL"])
def test_a_null_date_is_missing(cell: str) -> None:
    values, bad = parse_column(pd.Series([cell]), "date")
    assert values.isna().all()
    assert not bad.any()


@pytest.mark.parametrize("kind", ["money", "count"])
def test_a_percent_sign_is_no_amount(kind: Kind) -> None:
    assert read("45%", kind) == "BAD"
    assert read("45%", "percent") == 45.0


def test_white_space_of_any_kind_is_one_space() -> None:
    assert read("North\u00a0  Team ", "text") == "North Team"


@pytest.mark.parametrize("cell", ["Apr-19", "Apr 2019", "01-Apr-2019", "201904", "01/04/2019"])
def test_months_as_excel_rewrites_them(cell: str) -> None:
    assert read(cell, "month") == pd.Timestamp("2019-04-01")


@pytest.mark.parametrize("kind", ["month", "day_or_month"])
def test_a_quarter_is_no_month(kind: Kind) -> None:
    assert parse_column(pd.Series(["Q3 2019/20"]), kind)[1].tolist() == [True]
