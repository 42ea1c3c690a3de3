"""The table from the return's services to our care types: shipped here, edited in the authority's folder."""

from __future__ import annotations

__all__ = ["LEFT_OUT", "NO_ROW", "care_types_of", "check_mapping", "default_mapping", "read_mapping"]

from pathlib import Path

import numpy as np
import pandas as pd

from s75lib.errors import DataError, Fault
from s75lib.loaders.client_level_data.fields import plain
from s75lib.loaders.schemas import CARE_TYPES
from s75lib.loaders.sources import read_table

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
    """Read a table of services and care types.

    Parameters
    ----------
    path : Path
        CSV or Excel.

    Returns
    -------
    DataFrame of str
        As `default_mapping`.

    Raises
    ------
    DataError
        If the file can't be read, or a care type is none of ours.
    """
    frame = read_table(path, path.name, known=_COLUMNS, required=_COLUMNS).frame
    return check_mapping(frame, path.name)


def check_mapping(mapping: pd.DataFrame, file: str) -> pd.DataFrame:
    """Check a table of services and care types.

    Parameters
    ----------
    mapping : DataFrame
        As `default_mapping`; ``note`` may be missing.
    file : str
        Name for messages.

    Returns
    -------
    DataFrame of str
        Trimmed.

    Raises
    ------
    DataError
        If a column is missing, or a care type is none of ours.
    """
    missing = [name for name in _COLUMNS if name not in mapping]
    faults = [
        Fault(
            file=file,
            column=name,
            found="no such column",
            expected=f"the columns {', '.join(_COLUMNS)}",
            remedy="Add the column; a blank cell fits any service.",
        )
        for name in missing
    ]
    if faults:
        raise DataError(faults)
    notes = mapping["note"] if "note" in mapping else pd.Series("", index=mapping.index)
    table = pd.DataFrame(
        {
            name: cells.astype("str").fillna("").str.strip()
            for name, cells in {**{name: mapping[name] for name in _COLUMNS}, "note": notes}.items()
        }
    )
    wrong = table[~table["care_type"].isin([*CARE_TYPES, ""])]
    faults = [
        Fault(
            file=file,
            row=int(str(row)),
            column="care_type",
            found=repr(cell),
            expected=f"one of {', '.join(CARE_TYPES)}, or a blank to leave the service out",
            remedy="Correct the cell.",
        )
        for row, cell in wrong["care_type"].items()
    ]
    if faults:
        raise DataError(faults)
    return table


def care_types_of(events: pd.DataFrame, mapping: pd.DataFrame) -> pd.Series:
    """Find the care type of each service.

    Parameters
    ----------
    events : DataFrame
        ``service_type``, ``service_component`` and ``delivery_mechanism`` as text.
    mapping : DataFrame
        As `default_mapping`.

    Returns
    -------
    Series of str
        A care type, `LEFT_OUT` or `NO_ROW`.

    Notes
    -----
    Names are compared without regard to case and punctuation, so that both releases' spellings fit.

    Examples
    --------
    >>> events = pd.DataFrame({"service_type": ["Long term support: Community"] * 2,
    ...     "service_component": ["Home Support"] * 2, "delivery_mechanism": ["", "Direct payment"]})
    >>> care_types_of(events, default_mapping()).tolist()
    ['Dom Care', 'Dir Payments']
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
