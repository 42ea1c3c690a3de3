"""What is known of an authority by the end of a period: its frames, where they came from, what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from s75lib.errors import ConfigError, Fault, checked_parameter
from s75lib.loaders.authority import Authority
from s75lib.loaders.commentary import Note
from s75lib.loaders.period import Period, last_day
from s75lib.loaders.scenarios import Scenario
from s75lib.loaders.schemas import DATASETS, Dataset

LEFT_OUT = "data.left_out."
"""How the id of a check begins that fails because a dataset was left out for its faults."""

MONEY = {
    "budget": "commitment",
    "staffing": "budget",
    "contributions": "agreed",
    "packages": "weekly_gross",
}
"""The column by which the money of a dataset's rows is told."""

_COLUMNS = {"service_group": ("service_group", "group"), "team": ("team",)}
_MOST = 50  # faults of one dataset that are told one by one
_READ: set[str] = set()
_LOADED: list[bool] = []
_INTERNAL: set[bool] = set()


def datasets_read() -> list[str] | None:
    """List the datasets that anything in this process has looked at, held or not.

    None when nothing was loaded, for then nobody knows what was read by other ways. A change in a dataset
    that no report looked at needs no new report.
    """
    return sorted(_READ) if _LOADED else None


def note_read(name: str) -> None:
    """Note that a dataset was looked at."""
    _READ.add(name)


def note_audience(internal: bool) -> None:
    """Note whether what was loaded is for internal use alone."""
    _INTERNAL.add(internal)


def all_internal() -> bool:
    """Whether all that this process has loaded is for internal use alone: then numbers are given exactly."""
    return False not in _INTERNAL and True in _INTERNAL


def forget_reads() -> None:
    """Take it that nothing was loaded yet, as after a load for practice before this process is forked."""
    _READ.clear()
    _LOADED.clear()
    _INTERNAL.clear()


class Frames(dict[str, pd.DataFrame]):
    """An authority's frames by dataset, which notes each that is looked at.

    `untracked` looks without leaving a note, for what every report shows of all datasets alike.

    >>> frames = Frames(kpi=pd.DataFrame({"value": [1]}))
    >>> len(frames["kpi"]), "kpi" in datasets_read()
    (1, True)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _LOADED.append(True)

    def __getitem__(self, name: str) -> pd.DataFrame:
        note_read(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a frame, or the default."""
        note_read(name)
        return super().get(name, default)

    def values(self) -> Any:
        """Return all frames."""
        _READ.update(self)
        return super().values()

    def items(self) -> Any:
        """Return all frames with their names."""
        _READ.update(self)
        return super().items()

    def untracked(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Go through all frames with their names and note none."""
        yield from super().items()


def known_days(frame: pd.DataFrame, dataset: Dataset) -> pd.Series:
    """Give the day on which each row was known; a month, a quarter or a year is known on its last.

    Of no rows for a dataset without a date of its own.
    """
    if not dataset.dated_by or frame.empty:
        return pd.Series(dtype="datetime64[s]")
    cells = frame[dataset.dated_by]
    kind = dataset.column(dataset.dated_by).kind
    if kind == "date":
        return cells
    if kind == "month":
        return cells + pd.offsets.MonthEnd(0)
    codes, distinct = pd.factorize(cells)
    ends = [last_day(cell) for cell in distinct]
    return pd.Series(np.array(ends, dtype="datetime64[s]")[codes], index=cells.index)


@dataclass(frozen=True)
class InputFile:
    """A file or a query's result that was read.

    - `dataset`: What it was read for.
    - `path`: Relative to the data folder, with forward slashes; ``sql:<dataset>`` for a query.
    - `sha256`: Of its bytes; of a query's result as CSV.
    - `rows`: Data rows in it.
    - `rows_used`: Of these, known by the end of the period.
    - `money`, `money_used`: Sums of the dataset's money over those rows, in £ (see `money_is`); None where it
      holds none.
    """

    dataset: str
    path: str
    sha256: str
    rows: int
    rows_used: int
    money: float | None = None
    money_used: float | None = None

    @property
    def money_is(self) -> str:
        """What `money` adds up, in words; empty where the dataset holds no money."""
        return MONEY.get(self.dataset, "").replace("_", " ")

    @property
    def row_is(self) -> str:
        """What one row stands for."""
        known = {"scenarios": "scenario", "commentary": "note"}
        return known.get(self.dataset) or DATASETS[self.dataset].row_is


@dataclass(frozen=True, eq=False)
class AuthorityData:
    """Everything known about an authority by the end of a period.

    Each dataset of the contract is an attribute: a DataFrame with all columns of its schema, without rows
    where the authority holds none.

    - `frames`: By dataset; notes which are looked at.
    - `warnings`: What does not stop a dataset but should be known: gaps, unknown names, overlaps, jumps, rows
      left out. Of rows known by the end of the period, as far as they concern rows.
    - `faulty`: What stopped each dataset that was left out, if `load` was told to leave faulty ones out.
    - `left_out`: Faults of single rows that were left out of datasets that are used.
    - `internal`: Whether small counts of people are shown, for use inside the partnership alone.
    - `compared`: The period that its reports compare with instead of the one that each wing chooses.
    - `written`: The scenarios, for `scenarios`, which notes that they are looked at.
    - `noted`: The analyst's notes, for `commentary`, likewise.
    - `labels`: What the authority's own file calls each indicator, where that is more than its slug.
    """

    authority: Authority
    period: Period
    frames: Frames = field(repr=False)
    inputs: tuple[InputFile, ...] = ()
    warnings: tuple[Fault, ...] = ()
    faulty: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)
    left_out: tuple[Fault, ...] = ()
    internal: bool = False
    compared: Period | None = None
    written: tuple[Scenario, ...] = field(default=(), repr=False)
    noted: tuple[Note, ...] = field(default=(), repr=False)
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __getattr__(self, name: str) -> pd.DataFrame:
        try:
            return self.__dict__["frames"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(f"{name!r} is no dataset; there are {', '.join(DATASETS)}") from None

    def has(self, dataset: str) -> bool:
        """Whether a dataset holds any row."""
        return not self.frames[dataset].empty

    def count_faults(self, dataset: str) -> str:
        """Say how many faults a dataset has, such as ``3 faults``."""
        count = len(self.faulty.get(dataset, ()))
        return f"more than {_MOST} faults" if count > _MOST else f"{count} fault{'' if count == 1 else 's'}"

    def fewest_shown(self, dataset: str) -> int:
        """Give the fewest people that a count from a dataset may show: 1 for public data and internal use.

        >>> from s75lib.loaders import load
        >>> data = load("cambridgeshire")
        >>> data.fewest_shown("packages"), data.fewest_shown("package_transfers")
        (5, 1)
        """
        if dataset not in DATASETS:
            raise ConfigError(f"dataset: found {dataset!r}; expected one of {', '.join(DATASETS)}.")
        public = dataset in self.authority.published.datasets
        return 1 if public or self.internal else self.authority.disclosure_threshold

    def digest_shown(self, file: InputFile) -> str:
        """Give the SHA-256 of a file that was read, empty where few numbers could be tried out against it.

        That is where its figures are counts of people, of which those below the threshold are hidden.

        >>> from s75lib.loaders import load
        >>> data = load("exampleshire")
        >>> sorted(file.dataset for file in data.inputs if not data.digest_shown(file))[:4]
        ['activity', 'audits', 'facts', 'known_changes']
        """
        counts = file.dataset in DATASETS and DATASETS[file.dataset].counts_people
        return "" if counts and self.fewest_shown(file.dataset) > 1 else file.sha256

    def rounds(self, dataset: str) -> bool:
        """Say whether counts from a dataset are shown to the nearest 5, as the authority wants it.

        >>> from s75lib.loaders import load
        >>> load("exampleshire").rounds("packages")
        False
        """
        return self.authority.disclosure == "round" and self.fewest_shown(dataset) > 1

    def as_of(self, day: date) -> AuthorityData:
        """Give what was known by the end of a day's month, as a report of that month had it."""
        frames = dict(self.frames.untracked())
        for name, frame in frames.items():
            late = known_days(frame, DATASETS[name]) > pd.Timestamp(day)
            if late.any():
                frames[name] = frame[~late.to_numpy()].reset_index(drop=True)
        return replace(self, period=Period.month(day.year, day.month), frames=Frames(frames), compared=None)

    @property
    def names(self) -> dict[str, list[str]]:
        """Service groups and teams that a dataset holds; an indicator's group may be either of them."""
        return {
            kind: sorted(
                {
                    str(name)
                    for dataset, frame in self.frames.untracked()
                    for column in columns
                    if column in frame and (column != "group" or dataset == "kpi")
                    for name in frame[column].dropna().unique()
                }
                - {""}
            )
            for kind, columns in _COLUMNS.items()
        }

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What stopped the datasets and the rows that were left out."""
        return (*(fault for faults in self.faulty.values() for fault in faults), *self.left_out)

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The changes that the authority wants set against its forecast; none without a scenarios.toml."""
        note_read("scenarios")
        return self.written

    @property
    def commentary(self) -> tuple[Note, ...]:
        """The analyst's notes on all reports; none without a commentary.md."""
        note_read("commentary")
        return self.noted

    @property
    def was_cut(self) -> bool:
        """Whether rows known after the period's end were left out, as for any but the latest period."""
        return any(one.rows_used < one.rows for one in self.inputs)

    @property
    def known_to(self) -> date | None:
        """The last day that any dated row was known."""
        return max(self._known(), default=None)

    @property
    def known_from(self) -> date | None:
        """The first day that any dated row was known."""
        return min(self._known(), default=None)

    def _known(self) -> list[date]:
        known = (known_days(frame, DATASETS[name]).dropna() for name, frame in self.frames.untracked())
        return [end.date() for days in known if len(days) for end in (days.min(), days.max())]


def cut_asked_for(
    names: Mapping[str, Sequence[str]], service_group: str, team: str
) -> tuple[str, str] | None:
    """Read which of the names of a service group or a team a report is cut to; None: it is the whole.

    `names` are those that the data hold, as `AuthorityData.names` gives them; a ConfigError says the nearest.

    >>> held = {"service_group": ["AMH"], "team": ["Alder", "Oak"]}
    >>> cut_asked_for(held, "", " Oak ")
    ('team', 'Oak')
    """
    asked = {"service_group": service_group, "team": team}
    given = {
        kind: value.strip()
        for kind, found in asked.items()
        if (value := checked_parameter(kind, found, "str", example="Alder")).strip()
    }
    if len(given) > 1:
        raise ConfigError("parameters: found both service_group and team; expected one. Leave one out.")
    for kind, value in given.items():
        held = names.get(kind, ())
        if value not in held:
            near = get_close_matches(value.casefold(), [name.casefold() for name in held], n=1)
            meant = [name for name in held if near and name.casefold() == near[0]]
            remedy = f"Did you mean {meant[0]!r}?" if meant else "Leave it out, or correct it."
            there = f"one of {', '.join(held)}" if held else "none, for the data name none"
            raise ConfigError(f"parameter {kind!r}: found {value[:40]!r}; expected {there}. {remedy}")
        if alike := [name for name in held if name != value and name.casefold() == value.casefold()]:
            raise ConfigError(
                f"parameter {kind!r}: found {value!r} beside {' and '.join(alike)} in the data; expected "
                "names that differ by more than capitals, as files are named after them. Write it in one way."
            )
        return kind, value
    return None
