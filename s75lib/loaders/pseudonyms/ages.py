"""Dates of birth into age bands."""

from __future__ import annotations

__all__ = ["age_band", "age_bands", "day_of"]

from datetime import date

from s75lib.errors import ConfigError, DataError, Fault
from s75lib.loaders.pseudonyms.tables import Rows
from s75lib.loaders.values import read_day

_BANDS = (18, 25, 35, 45, 55, 65, 75, 85)
_SHOWN = 50


def day_of(text: str) -> date | None:
    """Read the day of the age bands.

    Parameters
    ----------
    text : str
        Empty for none.

    Returns
    -------
    datetime.date or None

    Raises
    ------
    ConfigError
        If it is no date.

    Examples
    --------
    >>> day_of("31/3/2025")
    datetime.date(2025, 3, 31)
    """
    day = read_day(text.strip())
    if day is None:
        raise ConfigError(f"on: found {text!r}; expected a day such as 2025-03-31.")
    return date.fromisoformat(day) if day else None


def age_band(born: date, on: date) -> str:
    """Give the age band of a person on a day.

    Parameters
    ----------
    born, on : datetime.date

    Returns
    -------
    str
        ``0-17``, ``18-24``, then ten years each, and ``85+``; empty if born after the day or more than 120
        years before.

    Examples
    --------
    >>> age_band(date(2000, 3, 1), date(2025, 2, 28)), age_band(date(2000, 3, 1), date(2025, 3, 1))
    ('18-24', '25-34')
    >>> age_band(date(1930, 1, 1), date(2025, 1, 1))
    '85+'
    """
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    if not 0 <= age <= 120:
        return ""
    if age < _BANDS[0]:
        return f"0-{_BANDS[0] - 1}"
    low = max(start for start in _BANDS if start <= age)
    above = [start for start in _BANDS if start > age]
    return f"{low}-{above[0] - 1}" if above else f"{low}+"


def age_bands(file: str, rows: Rows, born: str, on: date | None) -> list[str]:
    """Give each row's age band.

    Parameters
    ----------
    file : str
        For messages, which quote no cell.
    rows : Rows
    born : str
        Column of the dates of birth.
    on : datetime.date or None
        The day; None: the row's snapshot_date, or as_at.

    Returns
    -------
    list of str

    Raises
    ------
    ConfigError
        If no day is given and no column holds one.
    DataError
        If a date can't be read.
    """
    dated = next((name for name in ("snapshot_date", "as_at") if name in rows.header), "")
    if on is None and not dated:
        raise ConfigError(
            f"on: found a date of birth in {born!r} but no snapshot_date; expected the day of the age bands. "
            f"Give it with --on 2025-03-31."
        )
    births = [read_day(cell) for cell in rows.cells(born)]
    days = [on.isoformat()] * len(births) if on else [read_day(cell) for cell in rows.cells(dated)]
    pairs = list(zip(rows.numbers, births, days, strict=True))
    bad = [number for number, birth, day in pairs if birth is None or not day]
    if bad:
        raise DataError(
            Fault(file, "a cell (not shown)", "a date", "Correct it, or leave it blank.", row=n, column=born)
            for n in bad[:_SHOWN]
        )
    return [age_band(date.fromisoformat(b), date.fromisoformat(d)) if b and d else "" for _, b, d in pairs]
