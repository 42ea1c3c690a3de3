"""Person identifiers into keyed hashes, and a copy of the file in which nobody is named."""

from __future__ import annotations

__all__ = ["Pseudonymised", "pseudonymise"]

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from s75lib.errors import ConfigError, DataError, Fault
from s75lib.loaders.privacy import is_nhs_number
from s75lib.loaders.pseudonyms.ages import age_bands
from s75lib.loaders.pseudonyms.columns import birth_column, kept_columns, person_column
from s75lib.loaders.pseudonyms.tables import Rows, read_people, write_columns
from s75lib.loaders.values import SUPPRESSED

_SHOWN = 50


@dataclass(frozen=True)
class Pseudonymised:
    """What was written, in words that name no one.

    Parameters
    ----------
    path : Path
        The file written.
    rows, people : int
        Rows, and distinct people in them.
    hashed, dropped : tuple of str
        Columns turned into hashes, and columns left out.
    banded : str
        Column from which the age band was made; empty if none.
    """

    path: Path
    rows: int
    people: int
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
) -> Pseudonymised:
    r"""Write a copy of a file in which nobody is named.

    Parameters
    ----------
    source : Path
        CSV, Excel or OpenDocument; its first row that fills most columns is the header.
    target : Path
        The CSV to write; must not be there.
    key : bytes
        From `find_key`. The same key gives the same person the same hash in every file.
    person : str
        Column that identifies people; empty: the one named like an identifier.
    keep : iterable of str
        Further columns to keep.
    on : datetime.date, optional
        Day of the age band; default: the row's snapshot_date, or as_at.
    sheet : str
        Worksheet of a workbook.

    Returns
    -------
    Pseudonymised

    Raises
    ------
    ConfigError
        If it is not clear which column identifies people, a column to keep is not there or is itself an
        identifier, or the target is there.
    DataError
        If the file can't be read, an identifier or a date of birth is blank or can't be read, or a column
        that would be kept holds NHS numbers. No cell is quoted.

    Notes
    -----
    The identifier, without spaces and hyphens and in capitals, goes through HMAC-SHA-256; the first 96 bits,
    written in hexadecimal after a ``P``, become ``person_key``. Only columns of the data contract and those
    to `keep` are written; everything else is dropped, names and addresses with it. A kept column that
    contains the identifier of its own row, such as a package reference made from it, is hashed too. A date
    of birth becomes `age_band`. Text that a spreadsheet would take for a formula gets an apostrophe.

    This is pseudonymous and not anonymous: who holds the key can find a person again.

    References
    ----------
    FIPS 198-1, The Keyed-Hash Message Authentication Code.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "ledger.csv").write_text("NHS number,Surname,Team\n999 000 0018,Smith,Oak\n")
    >>> done = pseudonymise(folder / "ledger.csv", folder / "out.csv", b"a key for an example")
    >>> done.hashed, done.dropped
    (('nhs_number',), ('surname',))
    >>> print((folder / "out.csv").read_text(), end="")
    person_key,team
    P36b27253ad3281fc1699d311,Oak
    """
    if target.exists():
        raise ConfigError(f"out: {target.name} is there already; name another file with --out.")
    rows = read_people(source, sheet)
    named = person_column(rows.header, person)
    kept = kept_columns(rows.header, named, keep)
    born = birth_column(rows.header)
    identifiers = _identifiers(source.name, rows, named)
    hashes = {text: _hashed(key, text) for text in set(identifiers)}
    if len(set(hashes.values())) != len(hashes):
        raise ConfigError("key: found two people with one hash; use another key.")
    columns: dict[str, list[str]] = {"person_key": [hashes[text] for text in identifiers]}
    if born:
        columns["age_band"] = age_bands(source.name, rows, born, on)
    also = []
    for name in kept:
        cells = rows.cells(name)
        if any(_plain(i) in _plain(c) for i, c in zip(identifiers, cells, strict=True) if len(_plain(i)) > 3):
            cells = [_hashed(key, c) if c else "" for c in cells]
            also.append(name)
        columns.setdefault(name, cells)
    _refuse_nhs_numbers(source.name, columns)
    write_columns(target, columns)
    dropped = tuple(n for n in rows.header if n and n not in (named, *kept) and n not in columns)
    return Pseudonymised(target, len(rows.rows), len(hashes), (named, *also), dropped, born)


def _plain(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()


def _hashed(key: bytes, text: str) -> str:
    # The letter in front keeps a spreadsheet from reading the digits as a number.
    return "P" + hmac.new(key, _plain(text).encode(), hashlib.sha256).hexdigest()[:24]


def _identifiers(file: str, rows: Rows, named: str) -> list[str]:
    cells = [_plain(cell) for cell in rows.cells(named)]
    blank = [
        number
        for number, text in zip(rows.numbers, cells, strict=True)
        if not text or text.lower() in SUPPRESSED
    ]
    if blank:
        raise DataError(
            Fault(
                file, "no identifier", "one in every row", "Add it, or delete the row.", row=n, column=named
            )
            for n in blank[:_SHOWN]
        )
    return cells


def _refuse_nhs_numbers(file: str, columns: Mapping[str, Sequence[str]]) -> None:
    for name, cells in columns.items():
        held = [cell for cell in cells if len(cell) >= 10]
        if held and sum(map(is_nhs_number, held)) * 2 > sum(1 for cell in cells if cell):
            raise DataError(
                [
                    Fault(
                        file,
                        "valid NHS numbers",
                        "none in a column that is kept",
                        "Take it out.",
                        column=name,
                    )
                ]
            )
