"""Parquet: columns as they are typed, without a detour over text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from s75lib.loaders.schemas import Dataset
from s75lib.loaders.sources.tables import SAMPLE, RawTable, find_header, unreadable
from s75lib.loaders.values import as_text

_LARGEST = 4 * 2**30  # bytes when unpacked
_A_CELL = 64  # bytes that a cell takes when read, at the least; text takes its letters besides
_FIRST = 10


def read_parquet(path: Path, name: str, dataset: Dataset, *, keep_all: bool = False) -> RawTable:
    """Read the columns of a Parquet file that the schema knows, numbered as if a header were the first row.

    Numbers, dates and flags stay typed; anything else becomes text. A file is refused that claims to be
    larger than 4 GB, or whose columns, by their number of cells and the length of the first ten, would take
    more than 4 GB when read: a few kilobytes can hold a hundred million equal cells.
    """
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    with pq.ParquetFile(path) as file:
        size = sum(file.metadata.row_group(n).total_byte_size for n in range(file.metadata.num_row_groups))
        if size > _LARGEST:
            raise unreadable(name, f"{size / 2**30:.0f} GB of data", "Keep the rows of the dataset alone.")
        written = [field.name for field in file.schema_arrow]
        _, header = find_header([written], name, dataset)
        columns = {old: new for old, new in zip(written, header, strict=False) if new}
        wanted = {o: new for o, new in columns.items() if keep_all or new in dataset.column_names}
        if (need := _memory(file, list(wanted))) > _LARGEST:
            found = f"{file.metadata.num_rows:,} rows that would take {need / 2**30:,.0f} GB of memory"
            raise unreadable(name, found, "Keep the rows of the dataset alone.")
        frame = _typed(pa, file.read(columns=list(wanted))).rename(columns=wanted)
        unknown = [old for old in columns if old not in wanted]
        first = next(file.iter_batches(SAMPLE, columns=unknown), None) if unknown else None
        others = _typed(pa, pa.Table.from_batches([first])) if first is not None else pd.DataFrame()
    return RawTable(frame.set_axis(pd.RangeIndex(2, len(frame) + 2)), others=others)


def _memory(file: Any, columns: list[str]) -> float:
    """Estimate the bytes that columns take when read."""
    rows = file.metadata.num_rows
    first = next(file.iter_batches(_FIRST, columns=columns), None) if columns and rows else None
    return rows * (_A_CELL * len(columns) + first.nbytes / first.num_rows) if first else 0


def _typed(pa: Any, table: Any) -> pd.DataFrame:
    """Give a frame whose columns are numbers, timestamps, flags or text."""
    for at, field in enumerate(table.schema):
        if pa.types.is_date(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(pa.timestamp("s")))
        elif pa.types.is_decimal(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(pa.string()))
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
    for column in frame.columns:
        if frame[column].dtype == object:
            frame[column] = pd.Series([as_text(cell) for cell in frame[column]], dtype="str")
    return frame
