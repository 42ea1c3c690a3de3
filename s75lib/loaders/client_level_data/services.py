"""The return's columns, and what each service of it is: our care type, and a cost a week."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from s75lib.errors import DataError, Fault
from s75lib.loaders.schemas import CARE_TYPES
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
_DATES = [name for name in (*_REQUIRED, *_OPTIONAL) if "date" in name]
_NUMBERS = ("unit_cost", "planned_units_per_week")
_ALSO_CALLED = {"person_unique_identifier": "la_person_unique_identifier"}


def read_return(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read the events of a Client Level Data return, and name the fields that it lacks."""
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
    return pd.DataFrame(columns, index=frame.index), absent


def plain(text: pd.Series) -> pd.Series:
    """Reduce text to what values are compared by: lower case, ``and`` for ``&``, no punctuation.

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
    return replace(
        fault,
        found="no row of field names (cells are not shown, for rows are about people)",
        expected=f"a header with the return's fields, such as {', '.join(list(_REQUIRED.values())[:5])}",
        remedy="Export the return again with the specification's field names in the first row.",
    )


def _check_columns(frame: pd.DataFrame, file: str) -> None:
    field = "the field of the Client Level Data specification"
    remedy = "Export the return again with all its fields."
    faults = [
        Fault(file, "no such column", field, remedy, column=label)
        for name, label in _REQUIRED.items()
        if name not in frame
    ]
    twice = sorted(set(frame.columns[frame.columns.duplicated()]) & {*_REQUIRED, *_OPTIONAL})
    extra = ("the column more than once", "each field once", "Give each of them a name of its own.")
    faults += [Fault(file, *extra, column=name) for name in twice]
    if faults:
        raise DataError(faults)


LEFT_OUT = "left out"
"""Stands in place of a care type where the table's row has none."""

NO_ROW = "no row"
"""Stands in place of a care type where no row of the table fits."""

_BY = ["service_type", "service_component", "delivery_mechanism"]
_COLUMNS = (*_BY, "care_type")
_SHIPPED = Path(__file__).with_name("care_types.csv")


def default_mapping() -> pd.DataFrame:
    """Give the table of services and care types that comes with the package.

    Returns
    -------
    DataFrame of str
        ``service_type``, ``service_component``, ``delivery_mechanism`` (blank: any), ``care_type`` (blank:
        the service is left out) and ``note``. The first row that fits a service is used.

    Examples
    --------
    >>> table = default_mapping()
    >>> table.loc[table["service_component"] == "Day Support", "care_type"].item()
    'Day Care'
    """
    return read_mapping(_SHIPPED)


def read_mapping(path: Path) -> pd.DataFrame:
    """Read a table of services and care types."""
    frame = read_table(path, path.name, known=_COLUMNS, required=_COLUMNS).frame
    return check_mapping(frame, path.name)


def check_mapping(mapping: pd.DataFrame, file: str) -> pd.DataFrame:
    """Check a table of services and care types."""
    columns, remedy = f"the columns {', '.join(_COLUMNS)}", "Add the column; a blank cell fits any service."
    missing = [name for name in _COLUMNS if name not in mapping]
    if missing:
        raise DataError(Fault(file, "no such column", columns, remedy, column=name) for name in missing)
    cells = mapping.reindex(columns=[*_COLUMNS, "note"]).astype("str").fillna("")
    table = pd.DataFrame({name: cells[name].str.strip() for name in cells})
    wrong = table.loc[~table["care_type"].isin([*CARE_TYPES, ""]), "care_type"]
    expected = f"one of {', '.join(CARE_TYPES)}, or a blank to leave the service out"
    if len(wrong):
        raise DataError(
            Fault(file, repr(cell), expected, "Correct the cell.", row=int(str(row)), column="care_type")
            for row, cell in wrong.items()
        )
    return table


def care_types_of(events: pd.DataFrame, mapping: pd.DataFrame) -> pd.Series:
    """Find the care type of each service, `LEFT_OUT` or `NO_ROW` where there is none.

    Names are compared without regard to case and punctuation, so that both releases' spellings fit.
    """
    rules = list(zip(*(plain(mapping[name]) for name in _BY), mapping["care_type"], strict=True))
    codes, kinds = pd.MultiIndex.from_arrays([plain(events[name]) for name in _BY]).factorize()
    found = [_care_type(kind, rules) for kind in kinds]
    return pd.Series(np.asarray(found, dtype=object)[codes], index=events.index, dtype="str")


def _care_type(kind: tuple[str, ...], rules: list[tuple[str, ...]]) -> str:
    for *asked, care_type in rules:
        if all(not want or want == have for want, have in zip(asked, kind, strict=True)):
            return care_type or LEFT_OUT
    return NO_ROW


WEEKS_A_YEAR = 365.25 / 7
"""Weeks in a year, so that a year's days at the weekly cost add up to a year's payments."""

_DAYS_A_WEEK = 7.0
_HOURS_A_WEEK = 168.0
_A_WEEK = {
    "week": 1.0,
    "fortnight": 1 / 2,
    "4 week": 1 / 4,
    "month": 12 / WEEKS_A_YEAR,
    "quarter": 4 / WEEKS_A_YEAR,
    "annual": 1 / WEEKS_A_YEAR,
}
_BY_UNITS = ("per session", "hour", "dai")
_ONE_OFF = "one off"

Cases = Sequence[tuple[pd.Series, str]]
"""Where something holds, and what to say of it."""


def weekly_costs(events: pd.DataFrame, bed_based: pd.Series) -> pd.DataFrame:
    """Turn unit costs into weekly costs, with ``problem`` (why there is none) and ``doubt``, else empty.

    A cost by session, hour or day is taken times the planned units; a daily one of a bed without them times
    7; a longer one is spread over its weeks, a year's over 365.25 ÷ 7; a one-off cost is none a week. Planned
    units beside a weekly or longer frequency are not used, as in DHSC's dashboard
    (DataS-DHSC/ASC-CLD-LA-Dashboard, 6.Costs_fact.sql), which divides a year by 52 weeks, takes negative
    costs and units as positive, and drops a daily cost without units also for a bed.
    """
    frequency = plain(events["cost_frequency_unit_type"])
    named = {cell: _name(cell) for cell in frequency.unique()}
    kind = frequency.map(named).astype("str")
    cost, planned = events["unit_cost"], events["planned_units_per_week"]
    by_units = kind.isin(_BY_UNITS)
    every_day = (kind == "dai") & planned.isna() & ~events["planned_units_per_week_bad"] & bed_based
    units = planned.where(by_units, 1.0).mask(every_day, _DAYS_A_WEEK)
    price = cost * kind.map(_A_WEEK).astype("float64").mask(by_units, 1.0)
    problems = (
        (events["unit_cost_bad"], "unit cost can't be read"),
        (cost.isna(), "no unit cost"),
        (cost < 0, "negative unit cost"),
        (cost == 0, "unit cost of nought"),
        (kind == "", "no cost frequency"),
        (kind == _ONE_OFF, "one-off cost: not a cost a week"),
        (kind == "unknown", "cost frequency is none of the return's"),
        (by_units & events["planned_units_per_week_bad"], "planned units per week can't be read"),
        (by_units & units.isna(), "cost by session, hour or day without planned units per week"),
        (by_units & (units < 0), "negative planned units per week"),
        (by_units & (units == 0), "planned units per week of nought"),
    )
    too_many = ((kind == "dai") & (units > _DAYS_A_WEEK)) | ((kind == "hour") & (units > _HOURS_A_WEEK))
    doubts = (
        (every_day, "daily cost of a bed without planned units: taken as seven days a week"),
        (too_many, "more planned units than a week has days or hours"),
        (
            ~by_units & planned.notna() & ~planned.isin([0.0, 1.0]),
            "planned units beside a cost a week or longer: the cost frequency was trusted",
        ),
    )
    problem = first_of(problems, events.index)
    whole = problem == ""
    return pd.DataFrame(
        {
            "units_per_week": units.where(whole),
            "unit_price": price.where(whole),
            "weekly_gross": (units * price).where(whole),
            "problem": problem,
            "doubt": first_of(doubts, events.index).where(whole, ""),
        }
    )


def _name(frequency: str) -> str:
    if not frequency:
        return ""
    return next((name for name in (*_BY_UNITS, *_A_WEEK, _ONE_OFF) if frequency.startswith(name)), "unknown")


def first_of(cases: Cases, index: pd.Index) -> pd.Series:
    """Give each row the text of the first case that holds, else an empty one."""
    where = [case.to_numpy(dtype=bool) for case, _ in cases]
    return pd.Series(np.select(where, [text for _, text in cases], ""), index=index, dtype="str")
