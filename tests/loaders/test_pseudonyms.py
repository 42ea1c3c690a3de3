from __future__ import annotations

import csv
import hashlib
import hmac
import os
import secrets
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from s75lib.errors import ConfigError, DataError
from s75lib.loaders.personal_data import identifying_columns
from s75lib.loaders.pseudonyms import MIN_KEY, Pseudonymised, age_band, find_key, make_key, pseudonymise

KEY = b"q7Vx2mT9wLc4hRz8Kd3b"
HEAD = "NHS number,Surname,Date of birth,Snapshot date,Package key,Care type,Weekly gross,Notes,Team"
LINES = [
    "999 000 0018,Smith,01/03/2000,2025-02-28,9990000018/1,Nursing,-12.5,rings Ann,=cmd()",
    "9990000018,Smith,01/03/2000,2025-03-31,K2,Nursing,100,,@North",
    "999-000-0026,Jones,12/12/1930,2025-03-31,K3,Day Care,(50),,North",
]
SECRETS = ("Smith", "Jones", "9990000018", "999 000 0018", "999-000-0026", "Ann", "1930", "01/03/2000")


def ledger(folder: Path, lines: list[str] | None = None) -> Path:
    path = folder / "ledger.csv"
    path.write_text("\n".join([HEAD, *(LINES if lines is None else lines)]) + "\n", encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_people_get_the_same_hash_and_nothing_else_of_theirs_is_left(tmp_path: Path) -> None:
    done = pseudonymise(ledger(tmp_path), tmp_path / "out.csv", KEY)
    text = done.path.read_text(encoding="utf-8")
    for secret in SECRETS:
        assert secret not in text
        assert secret not in repr(done)
    first, second, third = rows_of(done.path)
    expected = "P" + hmac.new(KEY, b"9990000018", hashlib.sha256).hexdigest()[:24]
    assert first["person_key"] == second["person_key"] == expected
    assert third["person_key"] != expected
    assert [row["age_band"] for row in (first, second, third)] == ["18-24", "25-34", "85+"]
    assert (done.rows, done.people, done.banded) == (3, 2, "date_of_birth")
    assert done.hashed == ("nhs_number", "package_key")
    assert done.dropped == ("surname", "date_of_birth", "notes")


def test_one_person_written_in_many_ways_has_one_key(tmp_path: Path) -> None:
    written = ("9990000018", "999 000 0018", "9990000018.0", "NHS 999-000-0018", "9.990000018E+09")
    lines = [f"{one},Oak" for one in (*written, "999\u00a0000\u20090018", "A-12", "a 12", "A12")]
    (tmp_path / "a.csv").write_text("\n".join(["NHS number,Team", *lines]) + "\n", encoding="utf-8")
    done = pseudonymise(tmp_path / "a.csv", tmp_path / "out.csv", KEY)
    assert (done.rows, done.people) == (9, 2)
    assert len({row["person_key"] for row in rows_of(done.path)}) == 2


@pytest.mark.parametrize("label", ["Total", "grand total:", "Subtotal AMH", "All people", ""])
def test_a_total_row_is_nobody(tmp_path: Path, label: str) -> None:
    total = f"{label},,,,,{'' if label else 'Total'},5"
    done = pseudonymise(ledger(tmp_path, [*LINES, total]), tmp_path / "out.csv", KEY)
    assert (done.rows, done.people, done.totals) == (3, 2, 1)


def test_what_a_mapping_reads_of_a_package_is_kept_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("Client ID,PO Number,Gross Weekly Cost,Mosaic ID\nA1,P1,800,77\n")
    done = pseudonymise(tmp_path / "l.csv", tmp_path / "out.csv", KEY, person="Client ID")
    assert done.dropped == ("mosaic_id",)
    assert "po_number,gross_weekly_cost" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_what_is_dropped_is_said_before_anything_is_written(tmp_path: Path) -> None:
    said: list[Pseudonymised] = []

    def announce(done: Pseudonymised) -> None:
        assert not done.path.exists()
        said.append(done)

    done = pseudonymise(ledger(tmp_path), tmp_path / "out.csv", KEY, announce=announce)
    assert said == [done]
    assert said[0].dropped == ("surname", "date_of_birth", "notes")


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (date(1904, 1, 1), ""),
        (date(1904, 1, 2), "85+"),
        (date(1905, 1, 1), "85+"),
        (date(1940, 1, 1), "85+"),
        (date(1940, 1, 2), "75-84"),
        (date(2007, 1, 1), "18-24"),
        (date(2007, 1, 2), "0-17"),
        (date(2025, 1, 1), "0-17"),
        (date(2025, 1, 2), ""),
    ],
)
def test_an_age_band_begins_on_the_birthday_and_the_last_ends_at_120(born: date, band: str) -> None:
    assert age_band(born, date(2025, 1, 1)) == band


def test_another_key_gives_other_hashes(tmp_path: Path) -> None:
    one = rows_of(pseudonymise(ledger(tmp_path), tmp_path / "a.csv", KEY).path)
    two = rows_of(pseudonymise(ledger(tmp_path), tmp_path / "b.csv", KEY + b"!").path)
    assert not {row["person_key"] for row in one} & {row["person_key"] for row in two}


def test_text_that_a_spreadsheet_would_run_is_made_harmless_and_numbers_stay(tmp_path: Path) -> None:
    rows = rows_of(pseudonymise(ledger(tmp_path), tmp_path / "out.csv", KEY).path)
    assert [row["team"] for row in rows] == ["'=cmd()", "'@North", "North"]
    assert [row["weekly_gross"] for row in rows] == ["-12.5", "100", "(50)"]


def test_excel_in_csv_out(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Ledger"])
    book.active.append(["Client ID", "DOB", "Snapshot date", "Team"])
    book.active.append([42, date(1990, 5, 1), date(2025, 3, 31), "Oak"])
    book.save(tmp_path / "ledger.xlsx")
    (row,) = rows_of(pseudonymise(tmp_path / "ledger.xlsx", tmp_path / "out.csv", KEY).path)
    assert row["person_key"] == "P" + hmac.new(KEY, b"42", hashlib.sha256).hexdigest()[:24]
    assert (row["age_band"], row["team"], row["snapshot_date"]) == ("25-34", "Oak", "2025-03-31")


@pytest.mark.skipif(os.name != "posix", reason="rights of files are of another kind here")
def test_only_the_owner_can_read_what_was_written(tmp_path: Path) -> None:
    done = pseudonymise(ledger(tmp_path), tmp_path / "out.csv", KEY)
    assert done.path.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger.csv", "out.csv"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([LINES[0], LINES[1].replace("9990000018", " ")], "no identifier"),
        (
            [LINES[0].replace("01/03/2000", "Smith")],
            r"row 2, column date_of_birth: found a cell \(not shown\)",
        ),
        (['999,"Smith'], "a file that can't be read"),
    ],
)
def test_faults_quote_no_one_and_write_nothing(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        pseudonymise(ledger(tmp_path, lines), tmp_path / "out.csv", KEY)
    assert not any(secret in str(caught.value) for secret in SECRETS)
    assert not (tmp_path / "out.csv").exists()


def test_rows_are_numbered_as_a_spreadsheet_does_whatever_is_blank(tmp_path: Path) -> None:
    lines = [LINES[0], ",,,,,,,,", LINES[1].replace("01/03/2000", "soon")]
    with pytest.raises(DataError) as caught:
        pseudonymise(ledger(tmp_path, lines), tmp_path / "out.csv", KEY)
    assert [fault.row for fault in caught.value.faults] == [4]


def test_a_kept_column_of_nhs_numbers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("client_id,Team\nA1,9990000018\nA2,9990000026\n", encoding="utf-8")
    with pytest.raises(DataError, match="valid NHS numbers") as caught:
        pseudonymise(tmp_path / "a.csv", tmp_path / "out.csv", KEY)
    assert "99900000" not in str(caught.value)


@pytest.mark.parametrize(
    ("head", "arguments", "message"),
    [
        ("Name,Team", {}, "no column that may identify people"),
        ("NHS number,Client id,Team", {}, "nhs_number and client_id"),
        ("NHS number,Team", {"person": "swift"}, "found no column 'swift'"),
        ("NHS number,Team", {"keep": ["colour"]}, "found no column 'colour'"),
        ("NHS number,Client id,Team", {"person": "client_id", "keep": ["nhs_number"]}, "never written"),
        ("NHS number,DOB,Team", {}, "--on 2025-03-31"),
    ],
)
def test_what_is_not_clear_is_asked(
    tmp_path: Path, head: str, arguments: dict[str, object], message: str
) -> None:
    (tmp_path / "a.csv").write_text(
        f"{head}\n" + ",".join("x" * len(head.split(","))) + "\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=message):
        pseudonymise(tmp_path / "a.csv", tmp_path / "out.csv", KEY, **arguments)  # type: ignore[arg-type]


def test_an_earlier_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="is there already"):
        pseudonymise(ledger(tmp_path), tmp_path / "out.csv", KEY)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "short",
        "q7Vx2mT9wLc4hRz",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabcabc",
        "0123456789abcdefgh",
        "qwertyuiopasdfghjkl",
        "Islington2024Council!",
        "Section75Key-2025!!",
        "P@ssw0rdP@ssw0rd1",
        "a secret of the council",
        "correct horse battery staple",
    ],
)
def test_a_key_that_could_be_guessed_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ConfigError, match=r"^key: found") as caught:
        find_key(environment={"S75_KEY": key})
    assert not key or key not in str(caught.value)


def test_a_key_of_just_enough_characters_drawn_by_chance_is_taken() -> None:
    for key in ("q7Vx2mT9wLc4hRz8", secrets.token_hex(32), secrets.token_urlsafe(32)):
        assert find_key(environment={"S75_KEY": key}) == key.encode()
    assert MIN_KEY == 16


@pytest.mark.skipif(os.name != "posix", reason="rights of files are of another kind here")
def test_a_key_that_is_made_is_a_good_one_and_its_owner_s_alone(tmp_path: Path) -> None:
    make_key(tmp_path / "s75.key")
    assert (tmp_path / "s75.key").stat().st_mode & 0o777 == 0o600
    key = find_key(tmp_path / "s75.key")
    assert len(key) == 64
    with pytest.raises(ConfigError, match=r"s75\.key can't be made"):
        make_key(tmp_path / "s75.key")
    assert find_key(tmp_path / "s75.key") == key


def test_a_key_file_is_kept_out_of_version_control() -> None:
    lines = (Path(__file__).parents[2] / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "*.key" in lines


@pytest.mark.skipif(os.name != "posix", reason="rights of files are of another kind here")
def test_a_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(KEY + b"\n")
    for mode in (0o644, 0o640, 0o604, 0o660):
        file.chmod(mode)
        with pytest.raises(ConfigError, match="chmod 600"):
            find_key(file)
    file.chmod(0o600)
    assert find_key(file) == KEY
    with pytest.raises(ConfigError, match="can't be read"):
        find_key(tmp_path / "none")


@given(st.dates(date(1900, 1, 1), date(2019, 12, 31)), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_age_bands_hold_the_age_in_whole_years(born: date, on: date) -> None:
    birthdays = sum(
        1
        for year in range(born.year + 1, on.year + 1)
        if (on.year, on.month, on.day) >= (year, born.month, born.day)
    )
    band = age_band(born, on)
    if birthdays > 120:
        assert band == ""
    else:
        low, _, high = band.partition("-") if "-" in band else (band[:-1], "", "120")
        assert int(low) <= birthdays <= int(high)


def test_the_output_passes_the_loaders_check_on_personal_details(tmp_path: Path) -> None:
    import pandas as pd

    done = pseudonymise(ledger(tmp_path), tmp_path / "out.csv", KEY)
    assert identifying_columns(pd.read_csv(done.path, dtype="str"), frozenset()) == {}


def test_identifiers_that_a_spreadsheet_spoilt_make_no_person(tmp_path: Path) -> None:
    file = tmp_path / "ledger.csv"
    file.write_text("Client id,Team\n4.5E+11,Oak\n4.5E+11,Elm\n", encoding="utf-8")
    with pytest.raises(DataError, match="scientific notation"):
        pseudonymise(file, tmp_path / "out.csv", KEY)
    assert not (tmp_path / "out.csv").exists()


def test_a_provider_who_may_be_the_person_is_kept_on_demand_alone(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("Client ID,PO Number,Supplier Name\nA1,P1,Ann Smith\n")
    done = pseudonymise(tmp_path / "l.csv", tmp_path / "out.csv", KEY)
    assert done.dropped == ("supplier_name",)
