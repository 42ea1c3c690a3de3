"""Parquet: columns as they are typed, without a detour over text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from s75lib.loaders.schemas import Dataset
from s75lib.loaders.sources.tables import SAMPLE, RawTable, find_header, unreadable
from s75lib.loaders.values import as_text

_LARGEST = 4 * 2**30  # bytes when unpacked
_A_CELL = 64  # bytes that a cell takes when read; text takes its letters besides


def read_parquet(path: Path, name: str, dataset: Dataset, *, keep_all: bool = False) -> RawTable:
    """Read the columns of a Parquet file that the schema knows, numbered as if a header were the first row.

    Numbers, dates and flags stay typed; anything else becomes text. A file is refused that claims to be
    larger than 4 GB, or whose columns, by their number of cells and the length of their texts, would take
    more than 4 GB when read: a few kilobytes can hold a hundred million equal cells, or one text a million
    times.

    >>> import tempfile
    >>> from s75lib.loaders.schemas import DATASETS
    >>> file = Path(tempfile.mkdtemp()) / "activity.parquet"
    >>> pd.DataFrame({"month": ["2019-08"], "measure": ["reviews"], "count": [7]}).to_parquet(file)
    >>> read_parquet(file, "activity.parquet", DATASETS["activity"]).frame["count"].to_list()
    [7]
    """
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    # Equal texts are read once each, so that their length is known before they are written out.
    kinds = {pa.string(), pa.large_string(), pa.binary(), pa.large_binary()}
    texts = [field.name for field in pq.read_schema(path) if field.type in kinds]
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        size = sum(file.metadata.row_group(n).total_byte_size for n in range(file.metadata.num_row_groups))
        if size > _LARGEST:
            raise unreadable(name, f"{size / 2**30:.0f} GB of data", "Keep the rows of the dataset alone.")
        written = [field.name for field in file.schema_arrow]
        _, header = find_header([written], name, dataset)
        columns = {old: new for old, new in zip(written, header, strict=False) if new}
        wanted = {o: new for o, new in columns.items() if keep_all or new in dataset.column_names}
        nested = [f.name for f in file.schema_arrow if f.name in wanted and pa.types.is_nested(f.type)]
        if nested:
            raise unreadable(
                name, f"lists or tables in the cells of {nested[0]}", "Give each cell one value."
            )
        unknown = [old for old in columns if old not in wanted]
        rows, need = file.metadata.num_rows, file.metadata.num_rows * _A_CELL * len(wanted)
        tables = []
        if need <= _LARGEST:
            tables = [file.read(columns=list(wanted))]
            first = next(file.iter_batches(SAMPLE, columns=unknown), None) if unknown else None
            tables += [pa.Table.from_batches([first])] if first is not None else []
            need += sum(map(_letters, tables))
        if need > _LARGEST:
            found = f"{rows:,} rows that would take {need / 2**30:,.0f} GB of memory"
            raise unreadable(name, found, "Keep the rows of the dataset alone.")
        frame, *others = (_typed(pa, table) for table in tables)
    frame = frame.rename(columns=wanted).set_axis(pd.RangeIndex(2, len(frame) + 2))
    return RawTable(frame, others=others[0] if others else pd.DataFrame())


def _letters(table: Any) -> int:
    """Count the bytes of a table's texts, each as often as it stands in a cell."""
    import pyarrow.compute as pc  # type: ignore[import-untyped]

    chunks = (chunk for column in table.columns for chunk in column.chunks if hasattr(chunk, "dictionary"))
    return sum(pc.sum(pc.binary_length(one.dictionary).take(one.indices)).as_py() or 0 for one in chunks)


def _typed(pa: Any, table: Any) -> pd.DataFrame:
    """Give a frame whose columns are numbers, timestamps, flags or text."""
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(field.type.value_type))
        elif pa.types.is_date(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(pa.timestamp("s")))
        elif pa.types.is_decimal(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(pa.string()))
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
    for column in frame.columns:
        if frame[column].dtype == object:
            frame[column] = pd.Series([as_text(cell) for cell in frame[column]], dtype="str")
    return frame
