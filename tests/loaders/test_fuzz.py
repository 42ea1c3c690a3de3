"""Thousands of malformed files: each a clear error or a correct load, in little time and memory."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from s75lib.errors import ConfigError, DataError
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.sources import read_dataset
from s75lib.loaders.validation import validated

resource = pytest.importorskip("resource", reason="memory is counted by a module that Windows lacks")

ACTIVITY = DATASETS["activity"]
LINES = [
    "month,measure,count,team",
    "2024-04,reviews,5,North",
    "2024-05,reviews,6,South",
    "2024-06,reviews,7,East",
]
CSV = ("\n".join(LINES) + "\n").encode()
HOSTILE = [
    *(b"\0", b'"', b'""', b"'", b",", b";", b"\n", b"\r", b"\t", b"\xff\xfe", b"\xef\xbb\xbf", b"#REF!"),
    *(b"=1+1", b"1e999", b"NaN", b"-", b"9" * 400, b"\xc2\xa3", b"2024-13", b"31/12/9999", b"*", b"<5"),
    *(b"month", b"\x81", b"\xe2\x80\xae", b"(", b"1,1,1,1", b"\xf0\x9f\x92\xa9", b" ", b"count"),
]


def read(path: Path) -> object:
    """Load one file: a frame, or the error; anything else goes through."""
    try:
        return validated(read_dataset(path, path.name, ACTIVITY), ACTIVITY, path.name).frame
    except (DataError, ConfigError) as error:
        refused = error
    message = str(refused)
    assert message
    assert len(message) < 50_000
    assert "Traceback" not in message
    assert str(path.parent) not in message
    return refused


def book_bytes(rows: list[list[object]] | None = None) -> bytes:
    book = Workbook()
    book.active.title = "activity"
    for row in rows or [line.split(",") for line in LINES]:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def mutated(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        change = rng.randrange(5)
        if change == 0:
            data = data[:at]
        elif change == 1:
            data = data[:at] + rng.choice(HOSTILE) + data[at:]
        elif change == 2:
            data = data[:at] + data[at + rng.randint(1, 20) :]
        elif change == 3:
            data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
        else:
            data = data[:at] + data[rng.randrange(len(data) + 1) :]
    return data


def repacked(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return stream.getvalue()


@pytest.mark.slow
def test_more_than_two_thousand_mutated_files(tmp_path: Path) -> None:
    rng = random.Random(75)
    workbook = book_bytes()
    loaded = refused = 0
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for n in range(2200):
        kind = n % 5
        path = tmp_path / ("a.csv" if kind < 2 else "a.xlsx")
        if kind < 2:
            path.write_bytes(mutated(CSV, rng))
        elif kind < 4:
            parts = rng.choice(
                ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]
            )
            path.write_bytes(
                repacked(workbook, lambda name, old, p=parts: mutated(old, rng) if name == p else old)
            )
        else:
            path.write_bytes(mutated(workbook, rng))
        begun = time.process_time()
        outcome = read(path)
        assert time.process_time() - begun < 5
        loaded, refused = (
            loaded + (not isinstance(outcome, Exception)),
            refused + isinstance(outcome, Exception),
        )
    assert loaded > 50
    assert refused > 500
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000  # kilobytes
    assert time.process_time() - started < 90


cells = st.one_of(
    st.text(max_size=8),
    st.integers(-10, 10**20).map(str),
    st.sampled_from([*LINES[0].split(","), "#REF!", "Total", "2024-04", "reviews", "5"]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(cells, max_size=6), max_size=8), st.booleans())
def test_any_rows_of_text(tmp_path: Path, rows: list[list[str]], with_header: bool) -> None:
    import csv

    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        csv.writer(file).writerows([LINES[0].split(","), *rows] if with_header else rows)
    read(path)


MIXED: list[list[list[object]]] = [
    [["month", "measure", "count"], ["2024-04", "reviews", 5], [45413, "reviews", "six"], [True, None, 3.5]],
    [["month", "measure", "count", "count"], ["2024-04", "reviews", 5, 5]],
    [["month"], ["2024-04"]],
    [["month", "measure", "count"]],
    [[None] * 5, [None, "month", "measure", "count"], [None, "2024-04", "reviews", "#VALUE!"]],
    [["month", "measure", "count"], ["2024-04", "reviews", 5, None, "stray"]],
    [[5, 6, 7], [8, 9, 10]],
]


@pytest.mark.parametrize("rows", MIXED)
def test_mixed_and_misshapen_sheets(tmp_path: Path, rows: list[list[object]]) -> None:
    (tmp_path / "a.xlsx").write_bytes(book_bytes(rows))
    outcome = read(tmp_path / "a.xlsx")
    assert isinstance(outcome, DataError) or len(rows) == 1


def claims_a_gigabyte() -> bytes:
    """A workbook with a part that the directory says is 1 GB."""
    stream = io.BytesIO(book_bytes())
    with (
        zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as book,
        book.open("xl/media/big.bin", "w", force_zip64=True) as part,
    ):
        for _ in range(1024):
            part.write(bytes(2**20))
    return stream.getvalue()


def lies_of_its_size() -> bytes:
    """A sheet of 300 MB of blanks whose header and directory say that it has 1,000 bytes."""
    sheet = b"<worksheet><sheetData>" + b" " * 300 * 2**20
    data = repacked(book_bytes(), lambda name, old: sheet if name.endswith("sheet1.xml") else old)
    size = len(sheet).to_bytes(4, "little")
    assert size in data
    return data.replace(size, (1000).to_bytes(4, "little"))


def far_apart() -> bytes:
    """Two cells at the ends of the sheet: the table between them has 17 thousand million."""
    return repacked(
        book_bytes(),
        lambda name, old: old.replace(
            b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        ),
    )


def a_flood_of_styles() -> bytes:
    """A list of styles of 100 MB that shrinks no more than a sheet of figures does."""
    rng = random.Random(75)
    styles = b"".join(
        b'<xf numFmtId="%d" fontId="%d"/>' % (n % 50, rng.randrange(10**9)) for n in range(2_500_000)
    )
    return repacked(
        book_bytes(), lambda name, old: b"<s>" + styles + b"</s>" if name.endswith("styles.xml") else old
    )


def a_million_columns() -> bytes:
    return b",".join(b"c%d" % n for n in range(10**6)) + b"\n" + b",".join([b"1"] * 10**6) + b"\n"


def a_million_known_columns() -> bytes:
    return LINES[0].encode() + b"," * 10**6 + b"\n" + b"2024-04,reviews,5,North" + b"," * 10**6 + b"\n"


def one_cell_of_twenty_megabytes() -> bytes:
    return CSV + b"2024-07,reviews,8," + b"x" * 20_000_000 + b"\n"


def a_number_of_a_hundred_thousand_digits() -> bytes:
    return CSV + b"2024-07,reviews," + b"1,1" * 30_000 + b"x,North\n"


def rows_of_faults() -> bytes:
    return LINES[0].encode() + b"\n" + b"soon,furlongs,many,x\n" * 300_000


BOMBS = [
    (claims_a_gigabyte, "xlsx", True),
    (lies_of_its_size, "xlsx", True),
    (far_apart, "xlsx", True),
    (a_flood_of_styles, "xlsx", True),
    (a_million_columns, "csv", True),
    (a_million_known_columns, "csv", False),
    (one_cell_of_twenty_megabytes, "csv", True),
    (a_number_of_a_hundred_thousand_digits, "csv", True),
    (rows_of_faults, "csv", True),
]

PROGRAM = """
import re, sys, time
from pathlib import Path
from s75lib.errors import DataError
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.sources import read_dataset
from s75lib.loaders.validation import validated
started = time.process_time()
path, activity = Path(sys.argv[1]), DATASETS["activity"]
try:
    validated(read_dataset(path, path.name, activity), activity, path.name)
    print("loaded")
except DataError as error:
    print("refused", len(str(error)) < 50_000)
# getrusage would count the memory of the process that started this one.
peak = int(re.search(r"VmHWM:\\s+([0-9]+)", Path("/proc/self/status").read_text())[1])
print(peak // 1024, time.process_time() - started)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units elsewhere")
@pytest.mark.parametrize(("make", "ending", "refused"), BOMBS, ids=[make.__name__ for make, _, _ in BOMBS])
def test_files_made_to_fill_the_memory(
    tmp_path: Path, make: Callable[[], bytes], ending: str, refused: bool
) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, timeout=120, check=True
    )
    outcome, used = done.stdout.splitlines()
    megabytes, seconds = map(float, used.split())
    assert outcome == "refused True" if refused else outcome in ("loaded", "refused True")
    assert megabytes < 1000
    assert seconds < 20
