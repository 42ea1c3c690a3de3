"""Files and databases as analysts have them, read as they stand: every row with its number.

`delimited`, `workbook`, `parquet` and `database` bring the rows; `tables` makes a table of them.
"""

from __future__ import annotations

__all__ = ["RawTable", "read_dataset", "read_query", "read_table"]

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from s75lib.errors import DataError, Fault, listed, warning
from s75lib.loaders.schemas import DATASETS, Column, Dataset
from s75lib.loaders.sources.database import read_query
from s75lib.loaders.sources.delimited import read_delimited
from s75lib.loaders.sources.tables import (
    A_HEADER,
    HEADER_WITHIN,
    OR_MAP,
    RawTable,
    broken,
    header_names,
    holds_rows_of,
    table_from_rows,
    unreadable,
)
from s75lib.loaders.sources.workbook import Sheet, other_sheets, read_rows


def read_dataset(
    path: Path, name: str, dataset: Dataset, *, sheet: str = "", table: str = "", keep_all: bool = False
) -> RawTable:
    r"""Read a dataset from a CSV, Excel, OpenDocument or Parquet file.

    With the columns that the schema knows; of others, the first rows only, to be checked for personal
    details.

    Parameters
    ----------
    path : Path
        The file; its ending says what it is.
    name : str
        How messages call it.
    dataset : Dataset
        What it should hold. The header is the first row that has all the required columns, or failing that
        the first that has most of them; rows above it are titles and left out.
    sheet : str
        Worksheet of a workbook; empty: the one named as the dataset or the file, else the first.
    table : str
        Named table of an .xlsx workbook, in place of a sheet.
    keep_all : bool
        Whether to read columns that the schema does not know, too.

    Raises
    ------
    DataError
        If the file can't be opened or read, or holds no header.

    Examples
    --------
    >>> import tempfile
    >>> from s75lib.loaders.schemas import DATASETS
    >>> file = Path(tempfile.mkdtemp()) / "activity.csv"
    >>> _ = file.write_text("Activity by month;;\nmonth;measure;count\n2019-08;reviews;007\n")
    >>> read_dataset(file, "activity.csv", DATASETS["activity"]).frame
         month  measure count
    3  2019-08  reviews   007
    """
    try:
        match path.suffix.lower():
            case ".parquet":
                from s75lib.loaders.sources.parquet import read_parquet

                return read_parquet(path, name, dataset, keep_all=keep_all)
            case ".xlsx" | ".xlsm" | ".xls" | ".ods":
                held = read_rows(path, name, sheet=sheet, table=table, prefer=dataset.name)
                visible, hidden = ([], []) if table else _sheets_like(path, held.name, dataset)
                try:
                    raw = table_from_rows(
                        held.rows,
                        name,
                        dataset,
                        held.name,
                        first_row=held.first_row,
                        keep_all=keep_all,
                        conventions=held.conventions,
                    )
                except DataError as error:
                    raise DataError(_holding(error.faults, [*visible, *hidden], path)) from error
                told = [
                    *_passed_over(name, held.name, visible, hidden),
                    *unseen(name, held.name, held.hidden, _hidden_of(held, raw)),
                ]
                return replace(raw, warnings=(*raw.warnings, *told))
            case _:
                return read_delimited(path, name, dataset, keep_all=keep_all)
    except DataError:
        raise
    except ImportError as error:
        remedy = "pip install 's75lib[parquet]'"
        raise unreadable(name, "a Parquet file, but pyarrow is not installed", remedy) from error
    except Exception as error:  # every reader has its own family of errors for a broken file
        raise broken(error, path, name) from error


def _sheets_like(path: Path, used: str, dataset: Dataset) -> tuple[list[str], list[str]]:
    """Name the other sheets, visible and hidden, that hold rows of a dataset and are not another one's."""
    if not dataset.name:
        return [], []
    visible, hidden = other_sheets(path, used, lambda rows: holds_rows_of(rows, dataset))
    return [s for s in visible if s not in DATASETS], [s for s in hidden if s not in DATASETS]


def _holding(faults: Sequence[Fault], sheets: Sequence[str], path: Path) -> list[Fault]:
    """Say in the fault of a sheet without a header which sheet holds it."""
    if not sheets:
        return list(faults)
    named = f'{{ path = "{path.name}", sheet = "{sheets[0]}" }}'
    holds = f"Sheet {sheets[0]} holds it: name it under [sources] in authority.toml, as {named}."
    if len(sheets) > 1:
        several = f"The sheets {', '.join(sheets)} hold it"
        holds = f"{several}: name one under [sources] in authority.toml, as {named}, {OR_MAP}."
    return [replace(f, remedy=holds) if f.expected.startswith(f"{A_HEADER} with") else f for f in faults]


def _passed_over(name: str, used: str, visible: Sequence[str], hidden: Sequence[str]) -> list[Fault]:
    """Warn of the sheets that hold the same header as the one that was read."""
    return [
        warning(
            name,
            f"the same header in {'other sheets' if len(some) > 1 else 'another sheet'}{which}, "
            f"not read: {', '.join(some)}",
            f"all rows in the sheet {used}, which alone is read",
            f"Put all rows in one sheet, {OR_MAP}; nothing need be done if they are not wanted.",
            sheet=used,
        )
        for some, which in ((visible, ""), (hidden, ", hidden"))
        if some
    ]


def _hidden_of(held: Sheet, raw: RawTable) -> list[str]:
    """Name the columns of a table that its sheet does not show."""
    read = list(raw.frame.columns)
    rows = (header_names(row) for row in held.rows[:HEADER_WITHIN])
    header = next((names for names in rows if set(read) <= set(names)), [])
    return [names for at, names in enumerate(header, start=1) if at in held.hidden_columns and names in read]


def unseen(name: str, sheet: str, rows: Sequence[int], columns: Sequence[str] = ()) -> list[Fault]:
    """Warn of the rows and columns of a sheet that are hidden and are read all the same."""
    told = []
    for what, some in (("rows", rows), ("columns", columns)):
        if some:
            found = f"hidden {what}, {len(some)} of them ({listed(some)}), which are read as the others are"
            remedy = "Show them; delete those that do not belong."
            told.append(warning(name, found, f"{what} that can be seen", remedy, sheet=sheet))
    return told


def read_table(
    path: Path, name: str, *, known: Sequence[str], required: Sequence[str], sheet: str = ""
) -> RawTable:
    r"""Read a table that is none of the contract's datasets, with all its columns.

    Cells as text, or as typed by Parquet.

    Parameters
    ----------
    path, name, sheet : Path, str, str
        As for `read_dataset`, which says what is refused; messages quote no cell.
    known, required : sequence of str
        Column names; the header is the first row that holds all that are required, or most of them.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "care.csv"
    >>> _ = file.write_text("Service,Care type\nLong term,Nursing\n")
    >>> read_table(file, "care.csv", known=["service"], required=["service"]).frame
         service care_type
    2  Long term   Nursing
    """
    names = dict.fromkeys([*known, *required])
    columns = tuple(Column(column, "", required=column in required) for column in names)
    wanted = Dataset("", "row", columns, key=(), about_people=True)
    return read_dataset(path, name, wanted, sheet=sheet, keep_all=True)
