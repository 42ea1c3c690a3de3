"""One authority's data, validated and cut at the end of a period: where every notebook begins."""

from __future__ import annotations

__all__ = ["AuthorityData", "InputFile", "authority_periods", "load"]

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pandas as pd

from s75lib.errors import ConfigError, DataError, Fault
from s75lib.loaders.authority import Authority, Source, find_data_dir, read_authority
from s75lib.loaders.period import Period, financial_year_of
from s75lib.loaders.quality import Held, quality_warnings
from s75lib.loaders.reading import Frames
from s75lib.loaders.schemas import DATASETS, Dataset
from s75lib.loaders.sources import read_dataset, read_query
from s75lib.loaders.validation import empty_frame, validated

_ENDINGS = (".csv", ".xlsx", ".xls", ".ods", ".parquet")


@dataclass(frozen=True)
class InputFile:
    """A file or a query's result that was read.

    Parameters
    ----------
    dataset : str
        What it was read for.
    path : str
        Relative to the data folder, with forward slashes; ``sql:<dataset>`` for a query.
    sha256 : str
        Of its bytes; of a query's result as CSV.
    rows : int
        Data rows in it.
    rows_used : int
        Of these, known by the end of the period.
    """

    dataset: str
    path: str
    sha256: str
    rows: int
    rows_used: int


@dataclass(frozen=True, eq=False)
class AuthorityData:
    """Everything known about an authority by the end of a period.

    Each dataset of the contract is an attribute: a DataFrame with all columns of its schema, without rows
    where the authority holds none.

    Parameters
    ----------
    authority : Authority
    period : Period
    frames : Frames
        By dataset; notes which are looked at.
    inputs : tuple of InputFile
    warnings : tuple of Fault
        What does not stop a dataset but should be known: gaps, unknown names, overlaps, jumps, rows left
        out. Of rows known by the end of the period, as far as they concern rows.
    faults : tuple of Fault
        What stopped the datasets that were left out, if `load` was told to leave faulty ones out.
    """

    authority: Authority
    period: Period
    frames: Frames = field(repr=False)
    inputs: tuple[InputFile, ...] = ()
    warnings: tuple[Fault, ...] = ()
    faults: tuple[Fault, ...] = ()

    def __getattr__(self, name: str) -> pd.DataFrame:
        try:
            return self.__dict__["frames"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(f"{name!r} is no dataset; there are {', '.join(DATASETS)}") from None

    def has(self, dataset: str) -> bool:
        """Whether a dataset holds any row.

        Parameters
        ----------
        dataset : str

        Returns
        -------
        bool
        """
        return not self.frames[dataset].empty

    @property
    def known_to(self) -> date | None:
        """The last day that any dated row was known."""
        known = (_known(frame, DATASETS[name]) for name, frame in self.frames.untracked())
        days = [day.max() for day in known if len(day)]
        return max(days).date() if days else None


def load(
    authority: str,
    period: str = "",
    *,
    data_dir: str | Path = "data",
    datasets: Iterable[str] | None = None,
    allow_faulty: bool = False,
) -> AuthorityData:
    """Load an authority's datasets as they were known by the end of a period.

    Parameters
    ----------
    authority : str
        Folder name under `data_dir`.
    period : str
        A financial year (``2018/19``) or a month (``2018-12``); empty: the authority's latest financial
        year with data.
    data_dir : str or Path
        Looked for in the working folder and in those above it.
    datasets : iterable of str, optional
        Only these; default: all.
    allow_faulty : bool
        Leave a faulty dataset empty and its faults in `AuthorityData.faults`, so that what does not need it
        can go on; default: stop.

    Returns
    -------
    AuthorityData

    Raises
    ------
    ConfigError
        If the authority, the period or a dataset is unknown, a path leaves the authority's folder, a query
        is refused, or no data reach back to the period.
    DataError
        If a file is missing or malformed: every fault in every file.

    Notes
    -----
    Rows dated after the end of the period are left out, so a report can be repeated later. Facts, claims,
    assumptions and actions have no such date and are kept.

    Examples
    --------
    >>> data = load("islington", "2018/19")
    >>> data.period.label, len(data.kpi) > 0, data.has("packages")
    ('2018/19', True, False)
    """
    folder = find_data_dir(data_dir)
    who = read_authority(authority, folder)
    wanted = tuple(DATASETS) if datasets is None else tuple(datasets)
    unknown = [name for name in wanted if name not in DATASETS]
    if unknown:
        raise ConfigError(f"datasets: found {', '.join(unknown)}; expected some of {', '.join(DATASETS)}.")
    read, faults = _read_all(who, folder, wanted)
    if faults and not allow_faulty:
        raise DataError(faults)
    frames = {name: one.held.frame for name, one in read.items()}
    chosen = Period.parse(period) if period else _latest(who, frames, bool(faults))
    _check_reach(who, frames, chosen)
    cut: dict[str, Held] = {name: _cut(one.held, DATASETS[name], chosen) for name, one in read.items()}
    inputs = tuple(
        InputFile(name, one.path, one.sha256, len(frames[name]), len(cut[name].frame))
        for name, one in read.items()
    )
    warnings = tuple(w for one in read.values() for w in one.warnings) + quality_warnings(cut, who)
    everything = {n: cut[n].frame if n in cut else empty_frame(dataset) for n, dataset in DATASETS.items()}
    return AuthorityData(who, chosen, Frames(everything), inputs, warnings, tuple(faults))


def authority_periods(data: AuthorityData) -> tuple[Period, ...]:
    """List the financial years in which an authority has dated rows.

    Parameters
    ----------
    data : AuthorityData

    Returns
    -------
    tuple of Period
        Earliest first.
    """
    days = [day for name, frame in data.frames.items() for day in _known(frame, DATASETS[name]).dropna()]
    return tuple(sorted({financial_year_of(day.date()) for day in days}))


@dataclass(frozen=True, eq=False)
class _Read:
    """A dataset as read: its rows, and the file or query that they came from."""

    held: Held
    path: str
    sha256: str
    warnings: tuple[Fault, ...]


def _read_all(who: Authority, folder: Path, wanted: tuple[str, ...]) -> tuple[dict[str, _Read], list[Fault]]:
    read: dict[str, _Read] = {}
    faults: list[Fault] = []
    for name in wanted:
        source = who.sources.get(name)
        try:
            if source and source.sql:
                read[name] = _query(source, DATASETS[name])
            elif path := _locate(who, name):
                read[name] = _file(path, source or Source(), DATASETS[name], who, folder)
        except DataError as error:
            faults += error.faults
    return read, faults


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


def _file(path: Path, source: Source, dataset: Dataset, who: Authority, folder: Path) -> _Read:
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
    sound = validated(raw, dataset, name)
    held = Held(sound.frame, sound.rows, name, raw.sheet)
    return _Read(held, path.relative_to(folder).as_posix(), _sha256(path), raw.warnings)


def _query(source: Source, dataset: Dataset) -> _Read:
    name = f"sql:{dataset.name}"
    result = read_query(source.sql, source.url_env, name, dataset)
    sound = validated(result.raw, dataset, name)
    return _Read(Held(sound.frame, sound.rows, name), name, result.sha256, result.raw.warnings)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _known(frame: pd.DataFrame, dataset: Dataset) -> pd.Series:
    """Give the day on which each row was known, or nothing for what has no date of its own."""
    if not dataset.dated_by or frame.empty:
        return pd.Series(dtype="datetime64[s]")
    cells = frame[dataset.dated_by]
    kind = dataset.column(dataset.dated_by).kind
    if kind == "date":
        return cells
    if kind == "month":
        return cells + pd.offsets.MonthEnd(0)
    ends = {cell: _end_of(cell) for cell in cells.unique()}
    return pd.to_datetime(cells.map(ends)).astype("datetime64[s]")


def _end_of(cell: str) -> date:
    return date.fromisoformat(cell) if len(cell) == 10 else Period.parse(cell).end


def _cut(held: Held, dataset: Dataset, period: Period) -> Held:
    known = _known(held.frame, dataset)
    if known.empty:
        return held
    kept = (known <= pd.Timestamp(period.end)).to_numpy()
    if kept.all():
        return held
    return replace(held, frame=held.frame[kept].reset_index(drop=True), rows=held.rows[kept])


def _latest(who: Authority, frames: dict[str, pd.DataFrame], faulty: bool) -> Period:
    days = [
        known.max().date() for name, frame in frames.items() if len(known := _known(frame, DATASETS[name]))
    ]
    if days:
        return financial_year_of(max(days))
    dated = [document.date for document in who.documents if document.date]
    if dated:
        return financial_year_of(max(dated))
    if who.agreement.start:
        return financial_year_of(who.agreement.start)
    if faulty:  # nothing sound is dated, and the faults are to be told
        return financial_year_of(date.today())
    raise ConfigError(
        f"{who.slug}: found no dated row in any dataset; expected at least one, or "
        f"name a period with --period. 's75 check {who.slug}' says what is there."
    )


def _check_reach(who: Authority, frames: dict[str, pd.DataFrame], period: Period) -> None:
    days = [
        known.min().date() for name, frame in frames.items() if len(known := _known(frame, DATASETS[name]))
    ]
    if days and min(days) > period.end:
        first = financial_year_of(min(days))
        raise ConfigError(
            f"{who.slug}: found no data known by the end of {period.label}; expected a period "
            f"from {first.label} on."
        )
