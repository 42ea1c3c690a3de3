"""The keys of people and packages that an authority's data hold, and nothing else of them."""

from __future__ import annotations

__all__ = ["known_keys"]

from collections.abc import Iterable
from pathlib import Path

from s75lib.loaders.authority import Authority, find_data_dir, read_authority
from s75lib.loaders.data import known_days
from s75lib.loaders.load import cut, read_raw
from s75lib.loaders.period import Period
from s75lib.loaders.schemas import DATASETS, Dataset
from s75lib.loaders.validation import Held, read_columns


def known_keys(
    authority: str, period: str, datasets: Iterable[str], *, data_dir: str | Path = "data"
) -> frozenset[str]:
    """Read the keys of people and packages that were known by the end of a period.

    Parameters
    ----------
    authority : str
    period : str
        As for `load`.
    datasets : iterable of str
        Those to be read.
    data_dir : str or Path

    Returns
    -------
    frozenset of str
        Every value of every column that names a person or a package.

    Raises
    ------
    ConfigError
        If the authority or the period is unknown, or a query is refused.
    DataError
        If a file can't be read, or a key or the day of its row.

    Notes
    -----
    Those who seek the keys in a finished report have no use for the other columns, which were validated when
    the report was made: reading them alone takes half the time and memory.

    Examples
    --------
    >>> "K0001" in known_keys("exampleshire", "2025/26", ["packages"])
    True
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
    held = Held(read.frame, read.rows, one.file)
    known = cut(held, known_days(read.frame, dataset), until) if until else held
    return {str(key) for column in columns for key in known.frame[column].unique()}
