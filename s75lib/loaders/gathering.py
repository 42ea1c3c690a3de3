"""Which file or query each dataset comes from, read, and validated where all of it is wanted."""

from __future__ import annotations

__all__ = ["Read", "Unchecked", "read_all", "read_raw", "sha256_of"]

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from s75lib.errors import ConfigError, DataError, Fault
from s75lib.loaders.authority import Authority, Source
from s75lib.loaders.quality import Held
from s75lib.loaders.schemas import DATASETS, Dataset
from s75lib.loaders.sources import RawTable, read_dataset, read_query
from s75lib.loaders.sources.remote import fetched, is_address
from s75lib.loaders.validation import validated

_ENDINGS = (".csv", ".xlsx", ".xls", ".ods", ".parquet")


@dataclass(frozen=True, eq=False)
class Unchecked:
    """A dataset as it stands in its file, or as a query gives it.

    Parameters
    ----------
    raw : RawTable
    file : str
        Name for messages.
    path, sha256 : str
        As `Read` has them.
    """

    raw: RawTable
    file: str
    path: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Read:
    """A dataset as read: its rows, and the file or query that they came from.

    Parameters
    ----------
    held : Held
    path : str
        Relative to the data folder; an address as it is; ``sql:<dataset>`` for a query.
    sha256 : str
    warnings : tuple of Fault
        What was left out of the source.
    """

    held: Held
    path: str
    sha256: str
    warnings: tuple[Fault, ...]


def read_all(
    who: Authority, folder: Path, wanted: Iterable[str]
) -> tuple[dict[str, Read], dict[str, tuple[Fault, ...]]]:
    """Read and validate datasets.

    Parameters
    ----------
    who : Authority
    folder : Path
        The data folder, to which the paths of files are relative.
    wanted : iterable of str
        Datasets.

    Returns
    -------
    read : dict of str to Read
        The sound ones that there are.
    faults : dict of str to tuple of Fault
        Of the others.

    Raises
    ------
    ConfigError
        If a path leaves the authority's folder, two files claim a dataset, or a query is refused.
    """
    read: dict[str, Read] = {}
    faults: dict[str, tuple[Fault, ...]] = {}
    for name in wanted:
        try:
            one = read_raw(who, folder, DATASETS[name])
            if one:
                sound = validated(one.raw, DATASETS[name], one.file)
                held = Held(sound.frame, sound.rows, one.file, one.raw.sheet)
                read[name] = Read(held, one.path, one.sha256, one.raw.warnings)
        except DataError as error:
            faults[name] = error.faults
    return read, faults


def read_raw(who: Authority, folder: Path, dataset: Dataset) -> Unchecked | None:
    """Read a dataset from where it is, and check no more than that it is a table.

    Parameters
    ----------
    who : Authority
    folder : Path
        The data folder.
    dataset : Dataset

    Returns
    -------
    Unchecked or None
        None where the authority holds no such dataset.

    Raises
    ------
    ConfigError
        As for `read_all`.
    DataError
        If the file is missing, can't be read or holds no header, or the database refuses.
    """
    source = who.sources.get(dataset.name)
    if source and source.sql:
        file = f"sql:{dataset.name}"
        result = read_query(source.sql, source.url_env, file, dataset)
        return Unchecked(result.raw, file, file, result.sha256)
    if source and is_address(source.path):
        with fetched(source.path, who.slug) as copy:
            return _file(copy, source.path, source, dataset, who)
    path = _locate(who, dataset.name)
    if path is None:
        return None
    return _file(path, path.relative_to(folder).as_posix(), source or Source(), dataset, who)


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of a file's bytes.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _locate(who: Authority, name: str) -> Path | None:
    source = who.sources.get(name)
    if source is None or not source.path:
        found = [
            who.folder / f"{name}{ending}"
            for ending in _ENDINGS
            if (who.folder / f"{name}{ending}").is_file()
        ]
        if len(found) > 1:
            raise ConfigError(
                f"{who.slug}: found {' and '.join(file.name for file in found)}; expected one "
                f"file for the dataset {name!r}. Delete one, or name the right one under [sources]."
            )
        return found[0] if found else None
    path = (who.folder / source.path).resolve()
    if not path.is_relative_to(who.folder.resolve()):
        raise ConfigError(
            f"{who.slug}/authority.toml: [sources] {name}: found a path that leaves the authority's folder; "
            f"expected a file inside it. Copy the file there."
        )
    return path


def _file(path: Path, shown: str, source: Source, dataset: Dataset, who: Authority) -> Unchecked:
    name = f"{who.slug}/{path.name}"
    if not path.is_file():
        raise DataError(
            [
                Fault(
                    file=name,
                    found="no such file",
                    expected=f"the dataset {dataset.name!r}, as [sources] in authority.toml says",
                    remedy="Put the file there, or correct the path.",
                )
            ]
        )
    raw = read_dataset(path, name, dataset, sheet=source.sheet, table=source.table)
    return Unchecked(raw, name, shown, sha256_of(path))
