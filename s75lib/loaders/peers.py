"""Other authorities' indicators beside an authority's own, of each what a report on another may show."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from s75lib.errors import ConfigError, DataError
from s75lib.loaders.authority import find_authorities, find_data_dir, read_authority
from s75lib.loaders.data import AuthorityData, note_read
from s75lib.loaders.indicators import Indicator, read_indicators
from s75lib.loaders.load import load
from s75lib.loaders.period import Period
from s75lib.shared import shared

DATASET = "kpi"
MayShow = Callable[[pd.DataFrame, int], pd.DataFrame]
"""Takes one authority's indicators and the fewest people that a count of them may show."""


@dataclass(frozen=True)
class LeftOut:
    """An authority that is not compared, and why, in a clause."""

    authority: str
    name: str
    reason: str


@dataclass(frozen=True)
class PeerFile:
    """A file of indicators that was read, with its path in the data folder and the rows known by then."""

    authority: str
    name: str
    path: str
    sha256: str
    rows: int


@dataclass(frozen=True, eq=False)
class Peers:
    """An authority's indicators and the same ones of others.

    - `frame`: What each may show, of the indicators that the authority has itself; its own rows first.
    - `registries`: What each authority means by its indicators.
    - `synthetic`: Whether all of them are invented: invented authorities and real ones are never set beside
      each other.
    """

    authority: str
    name: str
    period: Period
    frame: pd.DataFrame = field(repr=False)
    registries: Mapping[str, Mapping[str, Indicator]] = field(repr=False)
    files: tuple[PeerFile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    synthetic: bool = False


@dataclass(frozen=True, eq=False)
class _Held:
    """One authority's indicators as a report on another may show them."""

    rows: pd.DataFrame
    registry: Mapping[str, Indicator]
    file: PeerFile


def peers(data: AuthorityData, may_show: MayShow, *, data_dir: str | Path = "data") -> Peers:
    """Set an authority's indicators beside those of all other authorities of the data folder.

    With rows of the indicators that the authority has itself, known by the end of its period. An authority
    whose files are faulty, or that has nothing by then, or that keeps its indicators in a database, is named
    and left out: a report on one authority asks no other's database. A report that called this is made again
    when what another authority holds for it changes. Within a run the others are read once for each period,
    and not once for each report.

    Parameters
    ----------
    data : AuthorityData
        The authority whose place is sought.
    may_show : callable
        Gives what an authority may show of its `kpi`, to which ``authority`` and ``name`` are added; called
        with the fewest people that a count may show by what that authority itself says, for nobody's small
        counts may be shown in another's report. `s75lib.kpi.may_show`.
    data_dir : str or Path
        As for `s75lib.load`.

    Raises
    ------
    ConfigError
        If there is no such folder, or the authority's own indicators.toml is malformed.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> found = peers(load("islington", "2018/19"), lambda kpi, fewest: kpi)
    >>> both = found.frame.query("indicator == 'cpa_employment' and period == '2018/19'")
    >>> both[["name", "value"]].to_numpy().tolist()
    [['Islington', 5.6], ['Cambridgeshire', 13.4]]
    """
    note_read("peers")
    folder = find_data_dir(data_dir)
    own = data.authority
    registry = read_indicators(own.folder)
    found: dict[str, _Held | LeftOut] = {}
    if data.has(DATASET):
        others = _all(folder, data.period, own.synthetic, may_show)
        found = others | {own.slug: _held(data, registry, may_show)}
        found = {own.slug: found.pop(own.slug)} | found
    held = {slug: one for slug, one in found.items() if isinstance(one, _Held)}
    rows = [one.rows for one in held.values()] or [may_show(_named(data), 1)]
    frame = pd.concat(rows, ignore_index=True)
    return Peers(
        authority=own.slug,
        name=own.name,
        period=data.period,
        frame=frame[frame["indicator"].isin(data.frames[DATASET]["indicator"])].reset_index(drop=True),
        registries={own.slug: registry} | {slug: one.registry for slug, one in held.items()},
        files=tuple(one.file for one in held.values()),
        left_out=tuple(one for one in found.values() if isinstance(one, LeftOut)),
        synthetic=own.synthetic,
    )


def _all(folder: Path, period: Period, synthetic: bool, may_show: MayShow) -> dict[str, _Held | LeftOut]:
    """Every authority of a folder that is invented, or that is not, whoever asks; once in a run."""
    slugs = find_authorities(folder)
    files = [
        (path, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        for slug in slugs
        for top, _, names in os.walk(folder / slug)
        for path in (os.path.join(top, name) for name in sorted(names))
        for stat in (os.stat(path),)
    ]

    def read() -> dict[str, _Held | LeftOut]:
        found = {slug: _other(slug, folder, period, synthetic, may_show) for slug in slugs}
        return {slug: one for slug, one in found.items() if one is not None}

    return shared(("peers", period.label, synthetic, may_show.__qualname__, files), read)


def _other(
    slug: str, folder: Path, period: Period, synthetic: bool, may_show: MayShow
) -> _Held | LeftOut | None:
    """One authority's indicators; None where it has none, or is not of the kind asked for."""
    name = slug
    try:
        who = read_authority(slug, folder)
        name = who.name
        if who.synthetic != synthetic:
            return None
        if who.sources.get(DATASET) and who.sources[DATASET].sql:
            return LeftOut(slug, name, "its indicators are in a database, which only its own report asks")
        data = load(slug, period.label, data_dir=folder, datasets=[DATASET])
        return _held(data, read_indicators(who.folder), may_show) if data.has(DATASET) else None
    except DataError as error:
        count = len(error.faults)
        reason = f"its indicators have {count} fault{'' if count == 1 else 's'}: see 's75 check {slug}'"
        return LeftOut(slug, name, reason)
    except ConfigError as error:
        said = str(error).splitlines()[0].removeprefix(f"{slug}: ")
        return LeftOut(slug, name, said.split("; expected")[0].rstrip("."))


def _held(data: AuthorityData, registry: Mapping[str, Indicator], may_show: MayShow) -> _Held:
    """One authority's indicators, with the file that they came from."""
    who = data.authority
    (read,) = (item for item in data.inputs if item.dataset == DATASET)
    file = PeerFile(who.slug, who.name, read.path, data.digest_shown(read), read.rows_used)
    return _Held(may_show(_named(data), data.fewest_shown(DATASET)), registry, file)


def _named(data: AuthorityData) -> pd.DataFrame:
    rows = data.frames[DATASET].copy()
    rows.insert(0, "authority", data.authority.slug)
    rows.insert(1, "name", data.authority.name)
    return rows
