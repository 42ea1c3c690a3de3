"""Other authorities' indicators beside an authority's own."""

from __future__ import annotations

__all__ = ["LeftOut", "PeerFile", "Peers", "peers"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from s75lib.errors import ConfigError, DataError
from s75lib.loaders.authority import find_authorities, find_data_dir, read_authority
from s75lib.loaders.data import AuthorityData
from s75lib.loaders.indicators import Indicator, read_indicators
from s75lib.loaders.load import load
from s75lib.loaders.period import Period
from s75lib.loaders.reading import note_read

DATASET = "kpi"


@dataclass(frozen=True)
class LeftOut:
    """An authority that is not compared, and why.

    Parameters
    ----------
    authority, name : str
    reason : str
        A clause.
    """

    authority: str
    name: str
    reason: str


@dataclass(frozen=True)
class PeerFile:
    """A file of an authority's indicators that was read.

    Parameters
    ----------
    authority, name : str
        Whose.
    path, sha256 : str
        Relative to the data folder, and of its bytes.
    rows : int
        Known by the end of the period.
    """

    authority: str
    name: str
    path: str
    sha256: str
    rows: int


@dataclass(frozen=True, eq=False)
class Peers:
    """An authority's indicators and the same ones of others.

    Parameters
    ----------
    authority, name : str
        The one whose place is asked for.
    period : Period
        By whose end the figures were known.
    frame : DataFrame
        ``authority``, ``name`` and the columns of the dataset `kpi`, of the indicators that the authority has
        itself.
    fewest_shown : mapping of str to int
        The fewest people that a count of each authority may show, by what that authority says: nobody's small
        counts may be shown in another's report.
    registries : mapping of str to mapping
        What each authority means by its indicators.
    files : tuple of PeerFile
    left_out : tuple of LeftOut
    synthetic : bool
        Whether all of them are invented: invented authorities and real ones are never set beside each other.
    """

    authority: str
    name: str
    period: Period
    frame: pd.DataFrame = field(repr=False)
    fewest_shown: Mapping[str, int]
    registries: Mapping[str, Mapping[str, Indicator]] = field(repr=False)
    files: tuple[PeerFile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    synthetic: bool = False


def peers(data: AuthorityData, *, data_dir: str | Path = "data") -> Peers:
    """Set an authority's indicators beside those of all other authorities of the data folder.

    Parameters
    ----------
    data : AuthorityData
        The authority's, as `s75lib.load` gives it.
    data_dir : str or Path
        As for `s75lib.load`.

    Returns
    -------
    Peers
        With rows of the indicators that the authority has itself, known by the end of its period.

    Raises
    ------
    ConfigError
        If there is no such folder, or the authority's own indicators.toml is malformed.

    Notes
    -----
    An authority whose files are faulty, or that has
    nothing by then, or that keeps its indicators in a database, is named and left out: a report on one
    authority asks no other's database. A report that called this is made again when what another authority
    holds for it changes.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> found = peers(load("islington", "2018/19"))
    >>> both = found.frame.query("indicator == 'cpa_employment' and period == '2018/19'")
    >>> both[["name", "value"]].to_numpy().tolist()
    [['Islington', 5.6], ['Cambridgeshire', 13.4]]
    """
    note_read("peers")
    folder = find_data_dir(data_dir)
    own = data.authority
    held = [data]
    registries = {own.slug: read_indicators(own.folder)}
    left_out: list[LeftOut] = []
    for slug in find_authorities(folder) if data.has(DATASET) else ():
        found = None if slug == own.slug else _other(slug, data, folder)
        if isinstance(found, LeftOut):
            left_out.append(found)
        elif found is not None:
            held.append(found[0])
            registries[slug] = found[1]
    rows = pd.concat([_named(one) for one in held], ignore_index=True)
    return Peers(
        authority=own.slug,
        name=own.name,
        period=data.period,
        frame=rows[rows["indicator"].isin(data.frames[DATASET]["indicator"])].reset_index(drop=True),
        fewest_shown={one.authority.slug: one.fewest_shown(DATASET) for one in held},
        registries=registries,
        files=tuple(_file(one) for one in held if one.has(DATASET)),
        left_out=tuple(left_out),
        synthetic=own.synthetic,
    )


def _other(
    slug: str, data: AuthorityData, folder: Path
) -> tuple[AuthorityData, Mapping[str, Indicator]] | LeftOut | None:
    """Load another authority's indicators; None where it has none, or is invented and this one is not."""
    name = slug
    try:
        who = read_authority(slug, folder)
        name = who.name
        if who.synthetic != data.authority.synthetic:
            return None
        if who.sources.get(DATASET) and who.sources[DATASET].sql:
            return LeftOut(slug, name, "its indicators are in a database, which only its own report asks")
        held = load(slug, data.period.label, data_dir=folder, datasets=[DATASET])
        return (held, read_indicators(who.folder)) if held.has(DATASET) else None
    except DataError as error:
        count = len(error.faults)
        reason = f"its indicators have {count} fault{'' if count == 1 else 's'}: see 's75 check {slug}'"
        return LeftOut(slug, name, reason)
    except ConfigError as error:
        said = str(error).splitlines()[0].removeprefix(f"{slug}: ")
        return LeftOut(slug, name, said.split("; expected")[0].rstrip("."))


def _named(held: AuthorityData) -> pd.DataFrame:
    """Give an authority's indicators with its name."""
    rows = held.frames[DATASET].copy()
    rows.insert(0, "authority", held.authority.slug)
    rows.insert(1, "name", held.authority.name)
    return rows


def _file(held: AuthorityData) -> PeerFile:
    """Say which file an authority's indicators came from."""
    (read,) = (item for item in held.inputs if item.dataset == DATASET)
    return PeerFile(held.authority.slug, held.authority.name, read.path, read.sha256, read.rows_used)
