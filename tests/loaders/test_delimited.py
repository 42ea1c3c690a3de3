"""Short and long delimited text, quoted or not, is read alike and refused alike."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest

from s75lib.errors import DataError
from s75lib.loaders.personal_data import identifying_columns
from s75lib.loaders.pseudonyms import known_keys
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.sources import RawTable, delimited, read_dataset
from s75lib.loaders.validation import validated

HEAD = "month,measure,count,team"
PIECES = [
    "2024-04",
    "reviews",
    "5",
    ",",
    ",",
    ",",
    "\n",
    "\n",
    "\r\n",
    "\r",
    '"',
    '""',
    " ",
    "é",
    "\x1c",
    "\u2028",
]


def read(path: Path, text: str) -> object:
    """Give the cells, or the words of the refusal."""
    path.write_bytes(text.encode())
    try:
        raw = read_dataset(path, path.name, DATASETS["activity"])
    except DataError as error:
        return str(error)
    return raw.frame.reset_index().to_dict("list"), raw.others.to_dict("list"), raw.warnings


@pytest.mark.parametrize("seed", range(40))
def test_a_short_file_is_read_as_a_long_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    draw = random.Random(seed)
    pieces = PIECES if seed % 2 else [piece for piece in PIECES if '"' not in piece]
    body = "".join(draw.choices(pieces, k=draw.randrange(60)))
    titles = "".join(draw.choices(["Title", '"two\nlines"', ",", "\n", "\r\n"], k=seed % 5))
    full = "2024-04,reviews,5,Oak,x\n" if seed % 3 else ""
    text = f"{titles}\n{HEAD},notes\n{full}{body}"
    short = read(tmp_path / "activity.csv", text)
    monkeypatch.setattr(delimited, "_SHORT", 0)
    assert read(tmp_path / "activity.csv", text) == short


@pytest.mark.parametrize("mark", ["", '"'])
def test_what_is_at_fault_is_found_whether_or_not_anything_is_quoted(tmp_path: Path, mark: str) -> None:
    rows = [f"2024-04,{mark}reviews{mark},5,Oak"] * 1_000
    rows[700] += ",stray"
    rows[800] += ", ,"
    said = str(read(tmp_path / "activity.csv", "\n".join([HEAD, *rows])))
    assert "1 fault in the data:\n  activity.csv, row 702: found 5 cells; expected 4 cells" in said
    assert "row 802" not in said
    rows[700] = "2024-04,reviews,5," + "x" * 200_000
    said = str(read(tmp_path / "activity.csv", "\n".join([HEAD, *rows])))
    assert "a cell of more than 131,072 characters" in said


def test_nhs_numbers_are_counted_alike_in_a_column_that_is_read_and_one_that_is_not() -> None:
    for rows in (11, 39_999, 60_001):
        for share in (0.4, 0.6):
            cells = ["K0001"] * rows
            cells[: int(share * rows)] = ["9990000018"] * int(share * rows)
            frame = pd.DataFrame({"team": cells}, dtype="object")
            frame["month"], frame["measure"], frame["count"] = "2024-04", "reviews", "5"
            expected = bool(identifying_columns(frame[["team"]], frozenset({"team"})))
            assert expected == (share > 0.5)
            with pytest.raises(DataError) as caught:
                validated(RawTable(frame), DATASETS["activity"], "activity.csv")
            assert ("valid NHS numbers" in str(caught.value)) == expected


def test_keys_are_read_without_the_rest_and_as_known_by_the_end_of_the_period(tmp_path: Path) -> None:
    folder = tmp_path / "alpha"
    folder.mkdir()
    (folder / "authority.toml").write_text('name = "Alpha"\n', encoding="utf-8")
    head = "snapshot_date,person_key,package_key,care_type,start_date,end_date,weekly_gross\n"
    rows = ["2024-04-30,P1,K1,Nursing,2018-01-09,,many\n", "2025-04-30,P2,K2,Nursing,2018-01-09,,5\n"]
    path = folder / "packages.csv"
    path.write_text(head + "".join(rows), encoding="utf-8")
    assert known_keys("alpha", "2024/25", ["packages"], data_dir=tmp_path) == {"P1", "K1"}
    assert known_keys("alpha", "", ["packages", "kpi"], data_dir=tmp_path) == {"P1", "K1", "P2", "K2"}
    path.write_text(head + "soon,P1,K1,Nursing,2018-01-09,,5\n", encoding="utf-8")
    with pytest.raises(DataError, match="expected a date"):
        known_keys("alpha", "2024/25", ["packages"], data_dir=tmp_path)
    path.write_text(head.replace("person_key", "person") + rows[1], encoding="utf-8")
    with pytest.raises(DataError, match="pseudonymous key of the person"):
        known_keys("alpha", "2024/25", ["packages"], data_dir=tmp_path)
