"""Files and databases as analysts have them, read as they stand: every row with its number.

`delimited`, `workbook`, `parquet` and `database` bring the rows; `tables` makes a table of them.
"""

from __future__ import annotations

__all__ = ["RawTable", "read_dataset", "read_query", "read_table"]

from collections.abc import Sequence
from pathlib import Path

from s75lib.errors import DataError
from s75lib.loaders.schemas import Column, Dataset
from s75lib.loaders.sources.database import read_query
from s75lib.loaders.sources.delimited import read_delimited
from s75lib.loaders.sources.tables import RawTable, table_from_rows, unreadable
from s75lib.loaders.sources.workbook import read_rows


def read_dataset(
    path: Path, name: str, dataset: Dataset, *, sheet: str = "", table: str = "", keep_all: bool = False
) -> RawTable:
    r"""Read a dataset from a CSV, Excel, OpenDocument or Parquet file.

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

    Returns
    -------
    RawTable
        With the columns that the schema knows; of others, the first rows only, to be checked for personal
        details.

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
                return table_from_rows(
                    held.rows,
                    name,
                    dataset,
                    held.name,
                    first_row=held.first_row,
                    keep_all=keep_all,
                    conventions=held.conventions,
                )
            case _:
                return read_delimited(path, name, dataset, keep_all=keep_all)
    except DataError:
        raise
    except ImportError as error:
        remedy = "pip install 's75lib[parquet]'"
        raise unreadable(name, "a Parquet file, but pyarrow is not installed", remedy) from error
    except Exception as error:  # every reader has its own family of errors for a broken file
        found = f"{type(error).__name__}: {error}".replace(str(path), name)
        raise unreadable(name, found, "Open the file, save it again, and retry.") from error


def read_table(
    path: Path, name: str, *, known: Sequence[str], required: Sequence[str], sheet: str = ""
) -> RawTable:
    r"""Read a table that is none of the contract's datasets, with all its columns.

    Parameters
    ----------
    path, name, sheet : Path, str, str
        As for `read_dataset`, which says what is refused; messages quote no cell.
    known, required : sequence of str
        Column names; the header is the first row that holds all that are required, or most of them.

    Returns
    -------
    RawTable
        Cells as text, or as typed by Parquet.

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
    columns = tuple(Column(column, "text", "", required=column in required) for column in names)
    wanted = Dataset("", "row", columns, key=(), about_people=True)
    return read_dataset(path, name, wanted, sheet=sheet, keep_all=True)
