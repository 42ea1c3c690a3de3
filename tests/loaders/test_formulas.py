"""CSV files that we write hold no formula, whatever the text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s75lib.loaders.formulas import csv_safe, write_csv

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
