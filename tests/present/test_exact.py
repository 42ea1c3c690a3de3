"""Nothing is written more exactly than it is shown, and each finding knows the cell that it came from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import s75lib as s75
from s75lib.loaders import load
from s75lib.loaders.data import forget_reads
from s75lib.present import Column, Headline, Headlines, Study, Table, html
from s75lib.report.exporter import trace

WINGS = ("budget", "kpi", "workload", "scorecard")
STYLES = {"text": None, "number": 1, "money": 0, "money_k": -3, "money_p": 2, "percent": 1, "change": 1,
          "change_k": -3, "points": 1, "date": None, "p": 3}  # fmt: skip


@pytest.fixture
def outside() -> Iterator[None]:
    """As a kernel that has loaded data for the public alone, or none."""
    forget_reads()
    yield
    forget_reads()


def payload_of(headline: Headline) -> dict[str, Any]:
    (item,) = Headlines((headline,)).payload()["items"]
    return item


def cell(value: Any, style: str, decimals: int = 1) -> Any:
    column = Column("n", "N", style, decimals)  # type: ignore[arg-type]
    return Table("t", "T", pd.DataFrame({"n": [value]}), (column,)).payload()["records"][0]["n"]


@pytest.mark.parametrize("style", STYLES)
def test_a_cell_is_written_as_it_is_printed_whatever_its_style(outside: None, style: str) -> None:
    if STYLES[style] is None:
        return
    for value in (0.0, 0.04, -0.04, 0.25, 2.5, 3.5, 499.5, -1500.0, 142_512.337, -770_026.9):
        shown = 0.0004 if style == "p" and value == 0.04 else abs(value) if style == "p" else value
        written = cell(shown, style)
        assert html.cell(written, style, 1) == html.cell(shown, style, 1)
        assert round(written, STYLES[style]) == written


def test_a_tiny_p_value_says_no_more_than_the_page(outside: None) -> None:
    assert (cell(0.0009, "p"), cell(0.0001, "p"), cell(0.0012, "p")) == (0, 0, 0.001)


def test_what_is_no_number_stays(outside: None) -> None:
    assert [cell(value, "number") for value in (None, float("nan"), True, "c")] == [None, None, True, "c"]


@pytest.mark.parametrize(
    ("text", "value", "written", "decimals"),
    [
        ("The forecast is £770k (5.8%) over £13.29m.", 770_026.0, 770_000, -3),
        ("The forecast is £13.29m.", -13_291_004.2, -13_290_000, -4),
        ("Fell by £4,451.", -4450.6, -4451, 0),
        ("Fell from 74.2% to 68.8%, −5.4 percentage points.", -5.4402, -5.4, 1),
        ("Eight twelfths of the year.", 8.0, 8, 0),
        ("Nothing said.", 63_250.4, 63_300, -2),
        ("Nothing said.", 0.88_123, 0.881, 3),
        ("Code A12 and 1,234,567 of 5.", 12.3, 12.3, 1),
        ("It fell from 74.9% to 65%.", -9.93, -9.9, 1),
        ("The trainees would bring 2.4 days.", 0.402, 0.4, 1),
        ("1 of 5.", 0.00432, 0.004, 3),
    ],
)
def test_a_finding_is_as_exact_as_its_sentence(
    outside: None, text: str, value: float, written: float, decimals: int
) -> None:
    item = payload_of(Headline("a", text, value))
    assert (item["value"], item["decimals"]) == (written, decimals)


def test_the_ends_of_an_interval_follow_its_sentence_or_their_value(outside: None) -> None:
    said = payload_of(Headline("a", "It takes 64 (95% interval 53 to 77).", 63.66, "WTE", 52.66, 77.1))
    assert [said[name] for name in ("value", "lower", "upper")] == [64, 53, 77]
    # 18 tests, and no end of the interval.
    unsaid = payload_of(Headline("a", "−29.0 a month among 18 tests.", -29.0, "", -39.634, -18.384))
    assert [unsaid[name] for name in ("value", "lower", "upper")] == [-29.0, -39.6, -18.4]
    none = payload_of(Headline("a", "It fell by 3.", 3.0))
    assert (none["lower"], none["upper"]) == (None, None)


def test_internal_reports_keep_every_digit(outside: None, made: Any) -> None:
    made(internal=True)
    assert cell(1234.5678, "money") == 1234.5678
    assert payload_of(Headline("a", "About £1k.", 1234.5678))["value"] == 1234.5678
    made()  # from here on this process may make a public page
    assert cell(1234.5678, "money") == 1235


@pytest.fixture(scope="module", params=WINGS)
def study(request: pytest.FixtureRequest) -> Study:
    data = load("exampleshire", data_dir=Path(__file__).parents[2] / "data")
    return getattr(s75, request.param).study(data)  # type: ignore[no-any-return]


def test_a_whole_report_writes_what_it_shows_and_finds_its_cells(study: Study) -> None:
    parts = [part for each in study.sections for part in each.section(study).parts]
    results: dict[str, Any] = {}
    for part in parts:
        table = getattr(part, "data", part)
        if not isinstance(table, Table):
            continue
        payload = part.payload()
        results[payload["id"] + ("-2" if payload["id"] in results else "")] = payload
        for column in table.columns:
            shown = table.frame[column.name].tolist()
            for value, record in zip(shown, payload["records"], strict=True):
                written = record[column.name]
                assert not (column.printed_decimals is None and isinstance(written, float)), column
                if isinstance(written, int | float):
                    assert html.cell(written, column.style, column.decimals) == html.cell(
                        value, column.style, column.decimals
                    )
                    assert column.written(written) == written
    for one in study.headlines:
        item = payload_of(one)
        if one.cell is None or one.cell[0] not in results:
            continue
        found = trace(item, results)
        assert found.column, one.cell
        if not found.row:  # made of the whole column
            continue
        held = [
            record[one.cell[2]]
            for record in results[found.result]["records"]
            if found.row in {", ".join(map(str, list(record.values())[:many])) for many in range(1, 5)}
        ]
        assert len(held) == 1, (one.cell, "more rows than one are called so")
        places = [
            item["decimals"],
            *(c["decimals"] for c in results[found.result]["columns"] if c["name"] == one.cell[2]),
        ]
        if None not in places and isinstance(held[0], float | int):
            assert abs(abs(held[0]) - abs(item["value"])) <= 0.5 * 10.0 ** -min(places)
