"""One authority's data, validated and cut at the end of a period: where every notebook begins."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import partial
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pandas as pd

from s75lib.errors import ConfigError, DataError, Fault, checked_parameter, warning
from s75lib.loaders.agreement import in_pounds, one_spelling, without_totals
from s75lib.loaders.authority import OWN_LABELS, Authority, Source, find_data_dir, read_authority
from s75lib.loaders.commentary import COMMENTARY_FILE, Note, read_commentary
from s75lib.loaders.contributions import contribution_faults, horizon_faults
from s75lib.loaders.data import MONEY, AuthorityData, Frames, InputFile, known_days, note_audience
from s75lib.loaders.mapping import MAPPING_FILE, mapped, read_mapping
from s75lib.loaders.mapping.synonyms import plain_name
from s75lib.loaders.measures import without_undeclared
from s75lib.loaders.period import Period, financial_year_of
from s75lib.loaders.personal_data import unnamed
from s75lib.loaders.quality import alike_keys, ended_warnings, quality_warnings, with_ended
from s75lib.loaders.scenarios import SCENARIOS_FILE, Scenario, read_scenarios
from s75lib.loaders.schemas import DATASETS, Dataset
from s75lib.loaders.sources import RawTable, read_dataset, read_query
from s75lib.loaders.sources.tables import OR_MAP, THOUSANDS
from s75lib.loaders.validation import Held, empty_frame, is_spoilt, near_misses, stands_for_nobody, validated
from s75lib.loaders.values import period_asked_for

T = TypeVar("T")
_ENDINGS = (".csv", ".xlsx", ".xls", ".ods", ".parquet")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_SETTINGS = ("authority.toml", "indicators.toml", SCENARIOS_FILE, MAPPING_FILE, "truth.toml")
_REMOTE = re.compile(
    r"abfss?|adl|az|ftp|gcs|gdrive|gs|hdfs|https?|memory|oci|s3a?|sftp|smb|ssh|wasbs?|webdav|webhdfs"
)
"""Kinds of address elsewhere; others, such as zip:// or dir://, can open files of this machine."""

_LABELS = {
    *("team", "service_group", "provider", "line", "group", "role", "organisation", "age_band", "partner"),
    "health_funding_type",
}
_OWN = frozenset(
    written for name in OWN_LABELS for written in (name, name.capitalize(), name.title(), name.upper())
)
UNGROUPED = "ungrouped"
"""Service group of lines and packages that name none, where others do."""
AS_RECORDED = " (as recorded)"
"""Follows a label of the data that is called as a report calls its own totals."""


_CALLED = {
    "budget": ("monitor",),
    "packages": ("ledger", "commissioned_care", "placement"),
    "kpi": ("performance", "indicator", "scorecard"),
    "activity": ("referral", "caseload", "dols", "safeguarding", "waiting"),
    "workforce": ("establishment", "vacanc"),
}
"""What files of a dataset are called besides."""
_AHEAD = 366  # days from today beyond which a row sets no latest period

MAKE_KEY = "s75 check {} --make-key (with --data, where your data folder has another name)"
"""The call that makes an authority's key."""

UNCLAIMED = "a file that no dataset claims, so it was not read"
"""What is said of a file in the authority's folder that nothing was read from."""


class NothingDatedError(ConfigError):
    """Nothing that is held says of which period it is: no latest one can be found."""


def load(
    authority: str,
    period: str = "",
    *,
    data_dir: str | Path = "data",
    datasets: Iterable[str] | None = None,
    allow_faulty: bool = False,
    internal: bool = False,
    compare_with: str = "",
) -> AuthorityData:
    """Load an authority's datasets as they were known by the end of a period.

    With a frame for every dataset, empty where there is none. Rows dated after the end of the period are left
    out, so a report can be repeated later. Facts, claims, assumptions and actions have no such date and are
    kept.

    Parameters
    ----------
    authority : str
        Folder name under `data_dir`.
    period : str
        A financial year (``2018/19``), a quarter (``2018/19-Q3``) or a month (``2018-12``); empty: the
        authority's latest financial year with data.
    data_dir : str or Path
        Looked for in the working folder and in those above it.
    datasets : iterable of str, optional
        Only these; default: all, and the authority's scenarios and notes.
    allow_faulty : bool
        Leave a faulty dataset empty and its faults in `AuthorityData.faulty`, so that what does not need it
        can go on, and a faulty row that stands alone in `AuthorityData.left_out`; default: stop.
    internal : bool
        Show small counts of people; a report on the data then says INTERNAL, NOT FOR PUBLICATION.
    compare_with : str
        An earlier period that reports compare with, written as `period`; empty: what each wing chooses.

    Raises
    ------
    ConfigError
        If a parameter is of the wrong type (``internal="no"`` is read as False, ``period=2019`` is refused),
        the authority, the period or a dataset is unknown, a path leaves the authority's folder, a query
        is refused, no data reach back to the period, or the one to compare with is not before it.
    DataError
        If a file is missing or malformed: every fault in every file.

    Examples
    --------
    >>> data = load("islington", "2018/19")
    >>> data.period.label, len(data.kpi) > 0, data.has("packages")
    ('2018/19', True, False)
    """
    period = checked_parameter("period", period, "str", example="2018/19")
    compare_with = checked_parameter("compare_with", compare_with, "str", example="2017/18").strip()
    internal = checked_parameter("internal", internal, "bool", example=False)
    allow_faulty = checked_parameter("allow_faulty", allow_faulty, "bool", example=False)
    folder = find_data_dir(data_dir)
    who = read_authority(authority, folder)
    several = isinstance(datasets, Iterable) and not isinstance(datasets, str)
    wanted = tuple(DATASETS) if datasets is None else tuple(map(str, datasets if several else [datasets]))
    unknown = [name for name in wanted if name not in DATASETS]
    if unknown:
        raise ConfigError(f"datasets: found {', '.join(unknown)}; expected some of {', '.join(DATASETS)}.")
    held: dict[str, Held] = {}
    inputs: list[InputFile] = []
    warnings: list[Fault] = []
    faults: dict[str, tuple[Fault, ...]] = {}
    left_out: list[Fault] = []
    places: dict[str, Callable[[Fault], Fault]] = {}

    def placed(some: Iterable[Fault]) -> tuple[Fault, ...]:
        return tuple(unnamed(places.get(fault.file, replace)(fault)) for fault in some)

    for name in wanted:
        try:
            if one := read_raw(who, folder, DATASETS[name]):
                places[one.file], dataset, raw = one.placed, who.dataset(name), one.raw
                warnings += (*raw.warnings, *near_misses(raw, dataset, one.file))
                if name == "activity":
                    raw, undeclared = without_undeclared(raw, who, one.file)
                    warnings += undeclared
                found = in_pounds(validated(raw, dataset, one.file), name, who)
                found, spelt = one_spelling(found, name)
                warnings += [told for told in found.told if told.severity == "warning"]
                left_out += placed(told for told in found.told if told.severity == "error")
                held[name], totals = without_totals(found, name)
                sound = held[name]
                left = set(found.rows.tolist()) - set(sound.rows.tolist())
                warnings = [told for told in warnings if told.file != one.file or told.row not in left]
                count, money = len(sound.frame), _money(name, sound.frame)
                inputs.append(InputFile(name, one.path, one.sha256, count, count, money, money))
                warnings += (*spelt, *totals)
        except DataError as error:
            faults[name] = placed(error.faults)
    for name, wrong in ({"contributions": contribution_faults(held, who)} | horizon_faults(held)).items():
        if wrong:
            del held[name]
            inputs = [one for one in inputs if one.dataset != name]
            faults[name] = placed(wrong)
    scenarios: tuple[Scenario, ...] = ()
    noted: tuple[Note, ...] = ()
    written: list[InputFile] = []
    if datasets is None:
        read = partial(read_scenarios, measures=who.all_measures)
        scenarios = _beside(who, folder, SCENARIOS_FILE, read, written, faults)
        noted = _beside(who, folder, COMMENTARY_FILE, read_commentary, written, faults)
        note_audience(internal or who.disclosure_threshold < 2)
        warnings += unclaimed_files(who, folder, [one.path for one in inputs], tuple(faults))
    if (faults or left_out) and not allow_faulty:
        raise DataError((*(fault for found in faults.values() for fault in found), *left_out))
    days = {name: known_days(one.frame, DATASETS[name]) for name, one in held.items()}
    dated = [known for known in (each.dropna() for each in days.values()) if len(known)]
    if not period:
        warnings += _far_ahead(held, days)
    chosen = period_asked_for(period) if period else _latest_period(who, dated, faulty=bool(faults))
    first = min((known.min().date() for known in dated), default=chosen.end)
    if first > chosen.end:
        raise ConfigError(
            f"{who.slug}: found no data known by the end of {chosen.label}; expected a period "
            f"from {financial_year_of(first).label} on."
        )
    compared = earlier_period(compare_with, chosen, first) if compare_with else None
    known = {name: cut(one, days[name], chosen) for name, one in held.items()}
    frames = {n: _apart(known[n].frame) if n in known else empty_frame(d) for n, d in DATASETS.items()}
    frames |= {name: _by_group(frames[name]) for name in ("budget", "packages")}
    used = [
        replace(i, rows_used=len(frames[i.dataset]), money_used=_money(i.dataset, frames[i.dataset]))
        for i in inputs
    ]
    frames["packages"] = with_ended(frames["packages"])
    if "packages" in known:
        warnings += ended_warnings(known["packages"], frames["packages"], who)
    return AuthorityData(
        authority=who,
        period=chosen,
        frames=Frames(frames),
        inputs=(*used, *written),
        warnings=placed((*warnings, *quality_warnings(known, who))),
        faulty=faults,
        left_out=tuple(left_out),
        internal=internal,
        compared=compared,
        written=scenarios,
        noted=noted,
        labels=held["kpi"].labels if "kpi" in held else {},
    )


def earlier_period(text: str, period: Period, first: date | None = None) -> Period:
    """Read a period to compare another one with, by whose end data are known from the `first` day on.

    >>> earlier_period("2016/17", Period.parse("2018/19")).label
    '2016/17'
    """
    try:
        found = period_asked_for(text)
    except ConfigError as error:
        raise ConfigError(f"parameter 'compare_with': {error} Correct it, or leave it out.") from None
    if found.end >= period.end:
        raise ConfigError(
            f"parameter 'compare_with': found {found.label}; expected a period that ends before the report's "
            f"own, {period.label}. Name an earlier one, or leave it out."
        )
    if first and found.end < first:
        raise ConfigError(
            f"parameter 'compare_with': found {found.label}, by whose end no data are known; expected a "
            f"period from {financial_year_of(first).label} on. Name a later one, or leave it out."
        )
    return found


@dataclass(frozen=True, eq=False)
class RawDataset:
    """A dataset as it stands in its file, or as a query gives it.

    - `file`: Name for messages.
    - `path`: Relative to the data folder; an address as it is; ``sql:<dataset>`` for a query.
    - `sha256`: Of the file's bytes; of a query's result as CSV.
    - `placed`: Gives a fault the place in the analyst's own file, where rows were gathered by a mapping.
    """

    raw: RawTable
    file: str
    path: str
    sha256: str
    placed: Callable[[Fault], Fault] = field(default=lambda fault: fault, repr=False)


def read_raw(who: Authority, folder: Path, dataset: Dataset) -> RawDataset | None:
    """Read a dataset from where it is, if the authority holds it, and check only that it is a table.

    `folder` is the data folder. A ConfigError says that a path leaves the authority's folder, two files claim
    the dataset, or a query is refused; a DataError what can't be read.
    """
    source = who.sources.get(dataset.name, Source())
    if source.sql:
        file = f"sql:{dataset.name}"
        raw = read_query(source.sql, source.url_env, file, dataset)
        return RawDataset(raw, file, file, raw.sha256)
    if _ADDRESS.match(source.path) or "::" in source.path:
        with _fetched(source.path, who.slug) as copy:
            return _read_file(copy, source.path, source, dataset, who)
    if not source.path and (found := _mapped(who, folder, dataset)):
        return found
    path = _locate(who, dataset.name, source)
    return _read_file(path, path.relative_to(folder).as_posix(), source, dataset, who) if path else None


def _mapped(who: Authority, folder: Path, dataset: Dataset) -> RawDataset | None:
    """Read a dataset through the authority's mapping.toml, where that says how it stands in its own files."""
    mapping = read_mapping(who.folder)
    found = mapped(who.folder, mapping.datasets.get(dataset.name, []), dataset) if mapping else None
    if mapping is None or found is None:
        return None
    frame = found.frame
    if mapping.pseudonymise and "person_key" in frame:
        from s75lib.loaders.pseudonyms import authority_key, pseudonym  # which itself reads through here

        key = authority_key(who.folder)
        found = replace(found, warnings=(*found.warnings, *alike_keys(frame["person_key"], who)))
        # What is no key stays as it is, to be told of.
        keys = {
            cell: cell if is_spoilt(cell) or stands_for_nobody(cell) else pseudonym(key, cell)
            for cell in frame["person_key"].unique()
        }
        frame = frame.assign(person_key=frame["person_key"].map(keys))
    elif "person_key" in found.theirs and plain_name(found.theirs["person_key"]) != "person key":
        raw_keys = warning(
            f"{who.slug}/{MAPPING_FILE}",
            f"person_key taken as it is from “{found.theirs['person_key']}”",
            "a pseudonymous key, and not the number of a person in a system",
            f"If your systems find a person by it, write pseudonymise = true at the top of {MAPPING_FILE}, "
            f"and run: {MAKE_KEY.format(who.slug)}",
        )
        found = replace(found, warnings=(*found.warnings, raw_keys))
    paths = [path.relative_to(folder).as_posix() for path in found.files]
    digests = [_sha256_of(path) for path in found.files]
    digest = digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    raw = RawTable(frame, warnings=found.warnings)
    name = f"{who.slug}/{MAPPING_FILE}: {dataset.name}"
    return RawDataset(raw, name, ", ".join(paths), digest, found.placed)


def cut(held: Held, days: pd.Series, period: Period) -> Held:
    """Leave out the rows that were not known by the end of a period, by their `known_days`."""
    kept = ~(days > pd.Timestamp(period.end)).to_numpy()  # what has no day of its own was always known
    if kept.all():  # or nothing is dated
        return held
    return replace(held, frame=held.frame[kept].reset_index(drop=True), rows=held.rows[kept])


def _apart(frame: pd.DataFrame) -> pd.DataFrame:
    """Mark labels that are called as a report calls its own totals, so that neither passes for the other."""
    for column in _LABELS & set(frame.columns):
        alike = frame[column].isin(_OWN)
        if alike.any():
            marked = frame[column].astype("str")
            frame = frame.assign(**{column: marked.where(~alike, marked + AS_RECORDED).astype("str")})
    return frame


def _by_group(frame: pd.DataFrame) -> pd.DataFrame:
    """Give rows without a service group, beside others with one, a name: a blank is the whole to reports.

    An adjustment is the whole's indeed.
    """
    blank = frame["service_group"] == ""
    if blank.all():
        return frame
    if "kind" in frame:
        blank &= frame["kind"] != "adjustment"
    named = frame["service_group"].astype("str").mask(blank, UNGROUPED).astype("str")
    return frame.assign(service_group=named) if blank.any() else frame


def _locate(who: Authority, name: str, source: Source) -> Path | None:
    if source.path:
        path = (who.folder / source.path).resolve()
        if not path.is_relative_to(who.folder.resolve()):
            raise ConfigError(
                f"{who.slug}/authority.toml: [sources] {name}: found a path that leaves the authority's "
                "folder; expected a file inside it. Copy the file there."
            )
        return path
    found = [path for ending in _ENDINGS if os.path.lexists(path := who.folder / f"{name}{ending}")]
    if len(found) > 1:
        raise ConfigError(
            f"{who.slug}: found {' and '.join(file.name for file in found)}; expected one "
            f"file for the dataset {name!r}. Delete one, or name the right one under [sources]."
        )
    return _inside(found[0], who) if found else None


def _inside(path: Path, who: Authority) -> Path:
    """Give a file of the authority's folder back; a link out of the folder is a ConfigError."""
    if not path.resolve().is_relative_to(who.folder.resolve()):
        raise ConfigError(
            f"{who.slug}: found {path.name} to be a link to a file outside the authority's folder; expected "
            "the file itself. Copy it there."
        )
    if not path.is_file():
        raise ConfigError(
            f"{who.slug}: found {path.name} to be a folder, a pipe or a dead link, and no file."
        )
    return path


def unclaimed_files(
    who: Authority, folder: Path, read: Iterable[str], faulty: Collection[str] = ()
) -> list[Fault]:
    """Warn of each file in the authority's folder that nothing claims, with the dataset it is named like.

    `read` are the paths that were read, relative to the data folder, several of a mapping in one text;
    `faulty` the datasets whose files were not.
    """
    claimed = {part for path in read for part in path.split(", ")}
    mapping = read_mapping(who.folder)
    layouts = [layout for some in (mapping.datasets if mapping else {}).values() for layout in some]
    patterns = [pattern.casefold() for layout in layouts for pattern in layout.files]
    named = {who.report.template, *(source.path for source in who.sources.values())}
    told = []
    for path in sorted(who.folder.rglob("*")):
        inside = path.relative_to(who.folder)
        if (
            not path.is_file()
            or any(part.startswith((".", "~$")) for part in inside.parts)
            or path.relative_to(folder).as_posix() in claimed
            or inside.as_posix() in named
            or inside.as_posix() in _SETTINGS
            or path.suffix.lower() in (".md", ".key")
            or path.name.endswith(".checked.xlsx")
            or (len(inside.parts) == 1 and path.stem in faulty and path.suffix in _ENDINGS)
            or any(fnmatchcase(inside.as_posix().casefold(), pattern) for pattern in patterns)
        ):
            continue
        near = _dataset_like(path.stem)
        ending = path.suffix if path.suffix in _ENDINGS else ".csv"
        expected = f"{near}{ending}, the nearest name"
        if not near:
            expected = f"a file named as a dataset: {', '.join(DATASETS)}"
        told.append(
            warning(
                f"{who.slug}/{inside.as_posix()}",
                UNCLAIMED,
                expected,
                f"Rename it, name it under [sources] in authority.toml, {OR_MAP}; "
                "nothing need be done if it is not meant to be read.",
            )
        )
    return told


def _dataset_like(stem: str) -> str:
    """Find the dataset that a file's name resembles: the longest that it holds, else one with like letters.

    >>> [_dataset_like(stem) for stem in ("kpis", "Workforce_2025", "Budget monitor M8", "notes")]
    ['kpi', 'workforce', 'budget', '']
    """
    plain = "_".join(re.findall(r"[a-z]+", stem.lower()))
    inside = [
        name
        for name in DATASETS
        if any(f"_{word}" in f"_{plain}" for word in (name.removesuffix("s"), *_CALLED.get(name, ())))
    ]
    near = get_close_matches(plain, DATASETS, n=1, cutoff=0.75)
    return max(inside, key=len) if inside else near[0] if near else ""


def _read_file(path: Path, shown: str, source: Source, dataset: Dataset, who: Authority) -> RawDataset:
    name = f"{who.slug}/{path.name}"
    if not path.is_file():
        expected = f"the dataset {dataset.name!r}, as [sources] in authority.toml says"
        remedy = "Put the file there, or correct the path."
        raise DataError([Fault(name, "no such file", expected, remedy)])
    raw = read_dataset(path, name, dataset, sheet=source.sheet, table=source.table)
    if source.unit:  # said already
        raw = replace(raw, warnings=tuple(w for w in raw.warnings if not w.found.startswith(THOUSANDS)))
    return RawDataset(raw, name, shown, _sha256_of(path))


@contextmanager
def _fetched(address: str, slug: str) -> Iterator[Path]:
    """Fetch the file at an address as fsspec takes it, such as ``s3://…``, for as long as it is read."""
    where = f"{slug}/authority.toml: [sources]"
    try:
        parts = urlsplit(address)
    except ValueError:
        raise ConfigError(
            f"{where}: found an address that can't be taken apart (not shown); correct it."
        ) from None
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError(
            f"{where}: found an address with a user, a password or a query (not shown); expected the file "
            "alone. Credentials belong in the environment, where the storage's own package finds them."
        )
    if "::" in address or not _REMOTE.fullmatch(parts.scheme.lower()):
        kind = "that leads through another" if "::" in address else f"of the kind {parts.scheme[:20]}://"
        raise ConfigError(
            f"{where}: found an address {kind}, which can open files of this machine; expected a file inside "
            "the authority's folder, by its path, or a plain address elsewhere such as https:// or s3://. "
            "Copy the file there."
        )
    # Windows reads a backslash as another folder.
    name = (PurePosixPath(parts.path).name or parts.netloc).replace("\\", "_")
    # Named and held as a run's own folder: what is left where we are killed, the next run removes.
    with tempfile.TemporaryDirectory(prefix="s75-run-") as folder, ExitStack() as held:
        if os.name == "posix":
            import fcntl

            handle = os.open(folder, os.O_RDONLY)
            held.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX)
        path = Path(folder, name)
        try:
            fsspec: Any = import_module("fsspec")
            with fsspec.open(address, "rb") as source, path.open("wb") as copy:
                shutil.copyfileobj(source, copy)
        except (ImportError, ValueError) as error:
            raise ConfigError(
                f"{where}: found an address of the kind {parts.scheme}://, for which a package is missing "
                f"({error}); expected it installed. pip install fsspec, and what it names for such addresses."
            ) from error
        except Exception as error:  # storages raise what they like
            found = f"nothing that can be read at its address ({type(error).__name__})"
            expected = "a file, as [sources] in authority.toml says"
            remedy = "Correct the address, or have access to it granted."
            raise DataError([Fault(f"{slug}/{name}", found, expected, remedy)]) from error
        yield path


def _is_far(days: pd.Series) -> pd.Series:
    """Tell which days lie so far ahead that they can't be when a row was known."""
    return days > pd.Timestamp(date.today()) + pd.Timedelta(days=_AHEAD)


def _far_ahead(held: dict[str, Held], days: dict[str, pd.Series]) -> Iterator[Fault]:
    """Warn of rows that would have made a far year the latest period."""
    for name, one in held.items():
        far = _is_far(days[name]).to_numpy()
        if len(far) == len(one.frame) and far.any() and not far.all():
            found = f"rows dated more than a year ahead, {int(far.sum()):,} of them"
            remedy = "Correct them, or name their --period; the latest period is that of the other rows."
            yield one.warning(found, "dates that have come", remedy, DATASETS[name].dated_by, far)


def _latest_period(who: Authority, days: Iterable[pd.Series], *, faulty: bool) -> Period:
    """Find the financial year of the last dated row; else of the last document, or the agreement's start.

    Else, where there are faults to be told, the present one.
    """
    near = [known[~_is_far(known)] for known in days]
    near = near if any(map(len, near)) else list(days)
    last = [known.max().date() for known in near if len(known)]
    last = last or [document.date for document in who.documents if document.date]
    last = last or ([who.agreement.start] if who.agreement.start else [date.today()] if faulty else [])
    if not last:
        raise NothingDatedError(
            f"{who.slug}: found no dated row in any dataset; expected at least one, or "
            f"name a period with --period. 's75 check {who.slug}' says what is there."
        )
    return financial_year_of(max(last))


def _money(dataset: str, frame: pd.DataFrame) -> float | None:
    return round(float(frame[MONEY[dataset]].sum()), 2) if dataset in MONEY else None


def _beside(
    who: Authority,
    folder: Path,
    file: str,
    read: Callable[[Path, str], tuple[T, ...]],
    inputs: list[InputFile],
    faults: dict[str, tuple[Fault, ...]],
) -> tuple[T, ...]:
    """Read what the authority has written beside its datasets, if anything; its faults go to the others."""
    path = who.folder / file
    if not path.is_file():
        return ()
    _inside(path, who)
    try:
        held = read(path, f"{who.slug}/{file}")
    except DataError as error:
        faults[path.stem] = error.faults
        return ()
    shown = path.relative_to(folder).as_posix()
    inputs.append(InputFile(path.stem, shown, _sha256_of(path), len(held), len(held)))
    return held


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
