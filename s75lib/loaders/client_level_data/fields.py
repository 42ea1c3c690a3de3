"""The return's columns: found by name however they are written, read as text, numbers and dates."""

from __future__ import annotations

__all__ = ["Return", "plain", "read_return"]

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from s75lib.errors import DataError, Fault
from s75lib.loaders.sources import read_table
from s75lib.loaders.values import parse_column

_REQUIRED = {
    "reporting_period_start_date": "Reporting Period Start Date",
    "reporting_period_end_date": "Reporting Period End Date",
    "la_person_unique_identifier": "LA Person Unique Identifier",
    "primary_support_reason": "Primary Support Reason",
    "event_type": "Event Type",
    "event_start_date": "Event Start Date",
    "event_end_date": "Event End Date",
    "service_type": "Service Type",
    "service_component": "Service Component",
    "unit_cost": "Unit Cost",
    "cost_frequency_unit_type": "Cost Frequency (Unit Type)",
}
_OPTIONAL = {
    "nhs_number": "NHS Number",
    "date_of_birth": "Date of Birth",
    "date_of_death": "Date of Death",
    "client_type": "Client Type",
    "event_reference": "Event Reference",
    "delivery_mechanism": "Delivery Mechanism",
    "planned_units_per_week": "Planned units per week",
    "provider_cqc_location_name": "Provider CQC Location Name",
    "provider_cqc_location_id": "Provider CQC Location ID",
}
_DATES = (
    "reporting_period_start_date",
    "reporting_period_end_date",
    "event_start_date",
    "event_end_date",
    "date_of_birth",
    "date_of_death",
)
_NUMBERS = ("unit_cost", "planned_units_per_week")
_ALSO_CALLED = {"person_unique_identifier": "la_person_unique_identifier"}


@dataclass(frozen=True, eq=False)
class Return:
    """A return as read.

    Parameters
    ----------
    events : DataFrame
        Every row of every event type; the index holds row numbers as a spreadsheet counts. Text columns
        are trimmed, dates datetime64, costs and units float64; beside each of the latter two kinds a
        column ``<name>_bad`` says where a cell could not be read.
    absent : tuple of str
        Columns of the specification that we would use and that are not there; read as blank.
    """

    events: pd.DataFrame
    absent: tuple[str, ...]


def read_return(path: Path) -> Return:
    """Read a Client Level Data return.

    Parameters
    ----------
    path : Path
        CSV, Excel or Parquet by its ending.

    Returns
    -------
    Return

    Raises
    ------
    DataError
        If it can't be read or lacks a column that a ledger needs. No cell is quoted.
    """
    try:
        found = read_table(path, path.name, known=tuple(_REQUIRED), required=tuple(_REQUIRED)).frame
    except DataError as error:
        raise DataError(_without_cells(fault) for fault in error.faults) from None
    frame = found.rename(columns=_canonical)
    _check_columns(frame, path.name)
    blank = pd.Series("", index=frame.index, dtype="str")
    columns: dict[str, pd.Series] = {}
    for name in (*_REQUIRED, *_OPTIONAL):
        cells = frame.get(name, blank)
        if name in _DATES or name in _NUMBERS:
            values, bad = parse_column(cells, "date" if name in _DATES else "number")
            columns[name], columns[f"{name}_bad"] = values, bad.astype("bool")
        else:
            # A spreadsheet or Parquet file may hold identifiers as numbers: 123.0 is 123.
            text = cells.astype("str").fillna("").str.strip()
            columns[name] = text.str.replace(r"^(\d+)\.0$", r"\1", regex=True).astype("str")
    absent = tuple(label for name, label in _OPTIONAL.items() if name not in frame)
    return Return(pd.DataFrame(columns, index=frame.index), absent)


def plain(text: pd.Series) -> pd.Series:
    """Reduce text to what values are compared by: lower case, ``and`` for ``&``, no punctuation.

    Parameters
    ----------
    text : Series of str

    Returns
    -------
    Series of str

    Examples
    --------
    >>> plain(pd.Series(["Support with Memory & Cognition", "4-Weekly "])).tolist()
    ['support with memory and cognition', '4 weekly']
    """
    known = {cell: _plain(cell) for cell in text.unique()}
    return text.map(known).astype("str")


def _plain(cell: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", cell.lower().replace("&", " and ")))


def _canonical(header: object) -> str:
    name = "_".join(re.findall(r"[a-z0-9]+", str(header).lower()))
    return _ALSO_CALLED.get(name, name)


def _without_cells(fault: Fault) -> Fault:
    """Take out what a message would quote of a file without a header: its first row is about a person."""
    if not fault.expected.startswith("a header"):
        return fault
    return dataclasses.replace(
        fault,
        found="no row of field names (cells are not shown, for rows are about people)",
        expected=f"a header with the return's fields, such as {', '.join(list(_REQUIRED.values())[:5])}",
        remedy="Export the return again with the specification's field names in the first row.",
    )


def _check_columns(frame: pd.DataFrame, file: str) -> None:
    faults = [
        Fault(
            file=file,
            column=label,
            found="no such column",
            expected="the field of the Client Level Data specification",
            remedy="Export the return again with all its fields.",
        )
        for name, label in _REQUIRED.items()
        if name not in frame
    ]
    faults += [
        Fault(
            file=file,
            column=name,
            found="the column more than once",
            expected="each field once",
            remedy="Delete the extra column.",
        )
        for name in sorted(set(frame.columns[frame.columns.duplicated()]) & {*_REQUIRED, *_OPTIONAL})
    ]
    if faults:
        raise DataError(faults)
