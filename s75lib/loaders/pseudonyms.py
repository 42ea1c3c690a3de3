"""Keys of people: identifiers made pseudonyms under a secret key, and the keys that loaded data hold."""

from __future__ import annotations

import hashlib
import hmac
import math
import os
import re
import secrets
import stat
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from s75lib.errors import ConfigError, DataError, Fault
from s75lib.loaders.authority import Authority, find_data_dir, read_authority
from s75lib.loaders.data import known_days
from s75lib.loaders.identifiers import canonical, person_form
from s75lib.loaders.load import MAKE_KEY, cut, read_raw
from s75lib.loaders.mapping.synonyms import column_for
from s75lib.loaders.period import Period
from s75lib.loaders.personal_data import is_personal_name, personal_cells, text_faults
from s75lib.loaders.schemas import DATASETS, Dataset
from s75lib.loaders.sources.delimited import read_cells
from s75lib.loaders.sources.tables import HEADER_WITHIN, header_names
from s75lib.loaders.sources.workbook import read_rows
from s75lib.loaders.validation import read_columns
from s75lib.loaders.values import SUPPRESSED, as_text, distinct_cells, read_day, write_csv

_BANDS = (0, 18, 25, 35, 45, 55, 65, 75, 85)
_SHOWN = 50


def day_of(text: str) -> date | None:
    """Read the day of the age bands.

    ConfigError if the text is neither empty nor a date.

    >>> day_of("31/3/2025"), day_of("")
    (datetime.date(2025, 3, 31), None)
    """
    day = read_day(text.strip())
    if day is None:
        raise ConfigError(f"on: found {text!r}; expected a day such as 2025-03-31.")
    return date.fromisoformat(day) if day else None


def age_band(born: date, on: date) -> str:
    """Give the age band of a person on a day; empty if born after it or more than 120 years before.

    >>> age_band(date(2000, 3, 1), date(2025, 2, 28)), age_band(date(2000, 3, 1), date(2025, 3, 1))
    ('18-24', '25-34')
    >>> age_band(date(1930, 1, 1), date(2025, 1, 1))
    '85+'
    """
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    bands = [*(f"{low}-{above - 1}" for low, above in pairwise(_BANDS)), f"{_BANDS[-1]}+"]
    return bands[bisect(_BANDS, age) - 1] if 0 <= age <= 120 else ""


def age_bands(file: str, rows: pd.DataFrame, born: str, on: date | None) -> list[str]:
    """Give each row's age band."""
    dated = next((name for name in ("snapshot_date", "as_at") if name in rows), "")
    if on is None and not dated:
        raise ConfigError(
            f"on: found a date of birth in {born!r} but no snapshot_date; expected the day of the age bands. "
            f"Give it with --on 2025-03-31."
        )
    births = rows[born].map(read_day)
    days = pd.Series(on.isoformat(), index=rows.index) if on else rows[dated].map(read_day)
    if bad := rows.index[births.isna() | days.isna() | (days == "")].tolist():
        raise DataError(
            Fault(file, "a cell (not shown)", "a date", "Correct it, or leave it blank.", row=n, column=born)
            for n in bad[:_SHOWN]
        )
    pairs = zip(births, days, strict=True)
    return [age_band(date.fromisoformat(b), date.fromisoformat(d)) if b else "" for b, d in pairs]


_KNOWN = frozenset(name for dataset in DATASETS.values() for name in dataset.column_names)
_PERSON = re.compile(
    r"person_key|nhs_?(number|no|num)|((client|person|patient|service_user|citizen|customer|individual)_?)"
    r"(id|identifier|number|no|ref|reference|key)|(mosaic|liquidlogic|lcs|las|rio|systmone|carenotes|paris)"
    r"_?(id|number|no|ref)?|la_person_unique_identifier"
)
_SCIENTIFIC = re.compile(r"\d(?:[.,](\d+))?[eE]\+?(\d{1,3})", re.ASCII)
_BIRTH = re.compile(r"dob|d_o_b|date_of_birth|birth_?date|birthday")


def person_column(header: Sequence[str], person: str) -> str:
    """Find the column that identifies people."""
    if person:
        return _column_named(person, "person", header)
    if "person_key" in header:
        return "person_key"
    found = [name for name in header if _PERSON.fullmatch(name)]
    if len(found) != 1:
        many = " and ".join(found) or "no column"
        raise ConfigError(
            f"person: found {many} that may identify people; name the one to use with --person. "
            f"There are {', '.join(filter(None, header))}."
        )
    return found[0]


def _column_named(name: str, option: str, header: Sequence[str]) -> str:
    (wanted,) = header_names([name]) or [""]
    if wanted not in header:
        there = ", ".join(filter(None, header))
        raise ConfigError(f"{option}: found no column {wanted!r}; expected one of {there}.")
    return wanted


def kept_columns(header: Sequence[str], named: str, keep: Iterable[str]) -> list[str]:
    """List the columns that are kept: those of the contract, by any name of theirs, and those asked for."""
    asked = [_column_named(name, "keep", header) for name in keep]
    for name in asked:
        if _PERSON.fullmatch(name) or (name not in _KNOWN and is_personal_name(name)):
            raise ConfigError(f"keep: found {name!r}, which identifies people; it is never written.")
    return [n for n in header if n and n != named and (n in _KNOWN or n in asked or _is_of_a_package(n))]


def _is_of_a_package(name: str) -> bool:
    """Whether a column, by what systems call it, is one of a package that a mapping can read.

    >>> [_is_of_a_package(name) for name in ("po_number", "gross_weekly_cost", "client_id", "comments")]
    [True, True, False, False]
    """
    ours, sure = column_for(name, "packages")
    # of a direct payment the provider may be the person
    return (
        sure == 1.0
        and ours not in ("person_key", "provider")
        and not (_PERSON.fullmatch(name) or is_personal_name(name))
    )


def birth_column(header: Sequence[str]) -> str:
    """Find the column of the dates of birth."""
    return next((name for name in header if name and _BIRTH.fullmatch(name)), "")


KEY_VARIABLE = "S75_KEY"
"""Environment variable that holds the key."""

MIN_KEY = 16
"""Bytes that a key must have at least."""

KEY_FILE = "s75.key"
"""File in an authority's folder that holds its key, unless S75_KEY does."""
_MIN_BITS = 64
_EASY = re.compile(
    r"password|passwd|passphrase|secret|letmein|welcome|admin|qwerty|asdf|zxcv|council|borough|county|trust|nhs|"
    r"section|s75|social|health|mental|ledger|pseudonym|changeme|example|test|key|(?:19|20)\d\d|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|spring|summer|autumn|winter|"
    r"(.)\1{2,}|(.{2,8}?)\2+",
    re.IGNORECASE | re.DOTALL,
)
_ROWS_OF_KEYS = ("01234567890", "09876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl")


def _bits(key: str) -> float:
    """Estimate the bits of chance in a key: none for what is easily guessed, few for what reads as words."""
    pool = sum(
        size
        for size, kind in ((10, r"\d"), (26, "[a-z]"), (26, "[A-Z]"), (33, r"[^\da-zA-Z]"))
        if re.search(kind, key)
    )
    lower = key.lower()
    runs = {
        at + place
        for row in _ROWS_OF_KEYS
        for at in range(len(key) - 3)
        if lower[at : at + 4] in row
        for place in range(4)
    }
    left = "".join("\n" if at in runs else mark for at, mark in enumerate(key))
    left = _EASY.sub("\n", left).replace("\n", "")
    words = sum(map(len, re.findall(r"[A-Z]?[a-z]{4,}|(?<![A-Za-z])[A-Za-z]{1,3}(?= )|\s", left)))
    return words * 1.5 + (len(left) - words) * math.log2(max(pool, 2))


def make_key(file: Path) -> None:
    """Make a key drawn by chance, in a new file that only its owner can read.

    ConfigError if the file is there already, or can't be written.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigError(
            f"key: found that {file.name} can't be made ({type(error).__name__}); "
            "keep the one that is there, for another would part each person from earlier months."
            if isinstance(error, FileExistsError)
            else f"key: found that {file.name} can't be made ({type(error).__name__}); name a new file."
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(f"{secrets.token_hex(32)}\n")


def authority_key(folder: Path) -> bytes:
    """Find the key of an authority whose mapping makes pseudonyms: S75_KEY's, or else its folder's own."""
    named = os.environ.get(KEY_VARIABLE) or not (folder / KEY_FILE).is_file()
    return find_key(None if named else folder / KEY_FILE, call=MAKE_KEY.format(folder.name))


def find_key(
    key_file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    call: str = f"s75 pseudonymise FILE --make-key {KEY_FILE}",
) -> bytes:
    """Find the key: in a file that nobody but its owner can read, or else in the variable S75_KEY.

    `call` is the command that makes one. ConfigError if there is none, others could read the file, or it
    could be guessed: shorter than 16 bytes, or of less than 64 bits of chance, where words of the field count
    for nothing and others for 1.5 bits a letter. The key is never shown. On Windows a file's rights are not
    checked.

    >>> find_key(environment={"S75_KEY": "q7Vx2mT9wLc4hRz8Kd3b"})[:4]
    b'q7Vx'
    """
    if key_file is None:
        key = (os.environ if environment is None else environment).get(KEY_VARIABLE, "").strip().encode()
        where = f"the environment variable {KEY_VARIABLE}"
    else:
        where = f"the key file {key_file.name!r}"
        key = _key_in(key_file, where)
    if not key:
        raise ConfigError(
            f"key: found none in {where}; expected the secret under which client numbers become pseudonyms. "
            f"To make one and keep it in a file {KEY_FILE}, run: {call}"
        )
    if len(key) < MIN_KEY or _bits(key.decode("latin-1")) < _MIN_BITS:
        raise ConfigError(
            f"key: found in {where} one that could be guessed; expected at least {MIN_KEY} characters, drawn "
            f"by chance: no words, years, repeats or rows of the keyboard. To make one, run: {call}"
        )
    return key


def _key_in(file: Path, where: str) -> bytes:
    try:
        with file.open("rb") as opened:
            about = os.fstat(opened.fileno())
            if os.name == "posix" and (
                stat.S_IMODE(about.st_mode) & 0o077 or about.st_uid not in (os.geteuid(), 0)
            ):
                raise ConfigError(
                    f"key: found that others may read {where}; expected rights for its owner alone. "
                    f"Run: chmod 600 {file.name}"
                )
            return opened.read(4096).strip()
    except OSError as error:
        raise ConfigError(
            f"key: found that {where} can't be read ({type(error).__name__}); correct its path or rights."
        ) from None


_EXCEL = (".xlsx", ".xlsm", ".xls", ".ods")


def read_people(source: Path, sheet: str) -> pd.DataFrame:
    """Read a file about people: its rows that are not blank, as text, by their numbers."""
    if not source.is_file():
        raise ConfigError(f"file: found no {source.name}; expected a CSV or Excel file.")
    try:
        if source.suffix.lower() in _EXCEL:
            rows: list[Sequence[Any]] = list(read_rows(source, source.name, sheet=sheet).rows)
        else:
            rows = list(read_cells(source, source.name))
    except DataError:
        raise
    except Exception as error:
        found = f"a file that can't be read ({type(error).__name__})"
        fault = Fault(source.name, found, "CSV or Excel", "Open it, save it again, and retry.")
        raise DataError([fault]) from None
    filled = [len(set(filter(None, header_names(row)))) for row in rows[:HEADER_WITHIN]]
    if not filled or max(filled) < 2:
        raise DataError(
            [Fault(source.name, "no header", "column names in a row", "Add them above the rows.")]
        )
    at = filled.index(max(filled))
    header = header_names(rows[at])
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise DataError(
            [Fault(source.name, f"{len(twice)} columns twice", "each once", "Rename one.", row=at + 1)]
        )
    width = len(header)
    body = [
        [*(as_text(cell).strip() for cell in row[:width]), *[""] * width][:width] for row in rows[at + 1 :]
    ]
    frame = pd.DataFrame(body, range(at + 2, len(rows) + 1), header, dtype="object")
    return frame[(frame != "").any(axis=1)]


def write_columns(target: Path, frame: pd.DataFrame) -> None:
    """Write a CSV that only its owner can read."""
    part = target.with_name(f".{target.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        write_csv(frame, file)
    part.replace(target)


@dataclass(frozen=True)
class Pseudonymised:
    """What was written, in words that name no one.

    - `path`: The file written.
    - `rows`, `people`: Rows, and distinct people in them.
    - `totals`: Rows left out because they are totals and nobody's.
    - `hashed`, `dropped`: Columns turned into hashes, and columns left out.
    - `banded`: Column from which the age band was made; empty if none.
    """

    path: Path
    rows: int
    people: int
    totals: int
    hashed: tuple[str, ...]
    dropped: tuple[str, ...]
    banded: str


def pseudonymise(
    source: Path,
    target: Path,
    key: bytes,
    *,
    person: str = "",
    keep: Iterable[str] = (),
    on: date | None = None,
    sheet: str = "",
    announce: Callable[[Pseudonymised], None] | None = None,
) -> Pseudonymised:
    r"""Write a copy of a file, as a CSV that must not be there yet, in which nobody is named.

    `person` is the column that identifies people, by default the one named like an identifier; `keep` are
    further columns to keep, `on` is the day of the age band, by default the row's own; `announce` is told
    what will be hashed, dropped and left out before anything is written.

    The identifier goes in its one form (`identifiers.person_form`) through HMAC-SHA-256 (FIPS 198-1); the
    first 96 bits, in hexadecimal after a ``P``, become ``person_key``. Only columns of the data contract and
    those to `keep` are written; one that contains the identifier of its own row is hashed too. This is
    pseudonymous and not anonymous: who holds the key can find a person again.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "ledger.csv").write_text("NHS number,Surname,Team\n999 000 0018,Smith,Oak\n")
    >>> done = pseudonymise(folder / "ledger.csv", folder / "out.csv", b"a key for an example")
    >>> done.hashed, done.dropped
    (('nhs_number',), ('surname',))
    """
    if text_faults("", target.name):
        raise ConfigError(
            "out: found a file name that identifies a person (not shown); name another file with --out."
        )
    if target.exists():
        raise ConfigError(f"out: {target.name} is there already; name another file with --out.")
    everything = read_people(source, sheet)
    header = everything.columns.tolist()
    named, born = person_column(header, person), birth_column(header)
    rows = everything[~_are_totals(everything, named)]
    kept = kept_columns(header, named, keep)
    identifiers = _identifiers(source.name, rows[named])
    hashes = {text: _hashed(key, text) for text in set(identifiers)}
    if len(set(hashes.values())) != len(hashes):
        raise ConfigError("key: found two people with one hash; use another key.")
    columns: dict[str, Sequence[str]] = {"person_key": [hashes[text] for text in identifiers]}
    if born:
        columns["age_band"] = age_bands(source.name, rows, born, on)
    also = []
    for name in kept:
        cells = rows[name].tolist()
        if any(i in _squeezed(c) for i, c in zip(identifiers, cells, strict=True) if len(i) > 3):
            cells = [_hashed(key, _squeezed(c)) if c else "" for c in cells]
            also.append(name)
        columns.setdefault(name, cells)
    frame = pd.DataFrame(columns, dtype="object")
    remedy = "Take the column out, or put a pseudonymous key in its place."
    if faults := [
        Fault(source.name, what, "none in a column that is kept", remedy, column=str(name))
        for name, column in frame.items()
        if (what := personal_cells(str(name), *distinct_cells(column)))
    ]:
        raise DataError(faults)
    dropped = tuple(n for n in header if n and n not in (named, *kept, *columns))
    totals = len(everything) - len(rows)
    done = Pseudonymised(target, len(rows), len(hashes), totals, (named, *also), dropped, born)
    if announce:
        announce(done)
    write_columns(target, frame)
    return done


_TOTAL = re.compile(
    r"(?:(?:grand|overall|sub)[ -]?)?totals?\b.{0,40}|sum|average|mean|all (?:people|clients|patients|cases)",
    re.IGNORECASE,
)


def _are_totals(rows: pd.DataFrame, named: str) -> NDArray[np.bool_]:
    """Tell the rows that sum up others: they are nobody's."""
    says = rows.map(lambda cell: bool(_TOTAL.fullmatch(canonical(cell).strip(" :*")))).astype("bool")
    nobody = (rows[named] == "") & says.any(axis=1)
    return (says[named] | nobody).to_numpy(dtype=bool)


def _squeezed(text: str) -> str:
    return re.sub(r"[\s.-]", "", canonical(text)).upper()


def pseudonym(key: bytes, cell: str) -> str:
    """Give a person's pseudonym, the same however the identifier is written; a blank cell stays blank."""
    return _hashed(key, person_form(cell)) if cell.strip() else ""


def _hashed(key: bytes, text: str) -> str:
    # The letter in front keeps a spreadsheet from reading the digits as a number.
    return "P" + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:24]


def _identifiers(file: str, cells: pd.Series) -> list[str]:
    forms = cells.map(person_form)
    blank = cells.index[(forms == "") | forms.str.lower().isin(SUPPRESSED)].tolist()
    if blank:
        said = ("no identifier", "one in every row", "Add it, or delete the row.")
        raise DataError(Fault(file, *said, row=n, column=str(cells.name)) for n in blank[:_SHOWN])
    short = [match for cell in cells.unique() if (match := _SCIENTIFIC.fullmatch(cell.strip()))]
    if any(len(match[1] or "") < int(match[2]) for match in short):
        found = "identifiers in scientific notation, of which digits are lost"
        remedy = "Export the file again from its system."
        raise DataError([Fault(file, found, "one for each person", remedy, column=str(cells.name))])
    return forms.tolist()


def known_keys(
    authority: str, period: str, datasets: Iterable[str], *, data_dir: str | Path = "data"
) -> frozenset[str]:
    """Read the keys of people and packages that were known by the end of a period; errors as for `load`.

    Reading these columns alone takes half the time and memory.
    """
    folder = find_data_dir(data_dir)
    who = read_authority(authority, folder)
    until = Period.parse(period) if period else None
    return frozenset(key for name in datasets for key in _keys(who, folder, DATASETS[name], until))


def _keys(who: Authority, folder: Path, dataset: Dataset, until: Period | None) -> set[str]:
    one = read_raw(who, folder, dataset)
    if one is None:
        return set()
    columns = [name for name in dataset.column_names if name.endswith("_key")]
    read = read_columns(one.raw, dataset, one.file, [*columns, dataset.dated_by])
    known = cut(read, known_days(read.frame, dataset), until) if until else read
    return {str(key) for column in columns for key in known.frame[column].unique()}
