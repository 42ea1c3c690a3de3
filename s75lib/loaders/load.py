"""One authority's data, validated and cut at the end of a period: where every notebook begins."""

from __future__ import annotations

__all__ = ["load"]

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from s75lib.errors import ConfigError, DataError, Fault
from s75lib.loaders.authority import Authority, find_data_dir, read_authority
from s75lib.loaders.data import MONEY, AuthorityData, InputFile
from s75lib.loaders.gathering import read_all, sha256_of
from s75lib.loaders.known import check_reach, cut, known_days, latest_period
from s75lib.loaders.period import Period
from s75lib.loaders.quality import quality_warnings
from s75lib.loaders.reading import Frames
from s75lib.loaders.scenarios import SCENARIOS_FILE, Scenario, read_scenarios
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.validation import empty_frame


def load(
    authority: str,
    period: str = "",
    *,
    data_dir: str | Path = "data",
    datasets: Iterable[str] | None = None,
    allow_faulty: bool = False,
    internal: bool = False,
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
        Only these; default: all, and the authority's scenarios.
    allow_faulty : bool
        Leave a faulty dataset empty and its faults in `AuthorityData.faulty`, so that what does not need it
        can go on; default: stop.
    internal : bool
        Show small counts of people; a report on the data then says INTERNAL, NOT FOR PUBLICATION.

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
    read, faults = read_all(who, folder, wanted)
    scenarios, written = _scenarios(who, folder, faults) if datasets is None else ((), ())
    if faults and not allow_faulty:
        raise DataError(fault for found in faults.values() for fault in found)
    frames = {name: one.held.frame for name, one in read.items()}
    days = {name: known_days(frame, DATASETS[name]) for name, frame in frames.items()}
    chosen = Period.parse(period) if period else latest_period(who, days.values(), faulty=bool(faults))
    check_reach(who, days.values(), chosen)
    known = {name: cut(one.held, days[name], chosen) for name, one in read.items()}
    inputs = tuple(
        InputFile(
            name, one.path, one.sha256, len(frames[name]), len(known[name].frame),
            _money(name, frames[name]), _money(name, known[name].frame),
        )
        for name, one in read.items()
    )  # fmt: skip
    return AuthorityData(
        authority=who,
        period=chosen,
        frames=Frames(
            {n: known[n].frame if n in known else empty_frame(d) for n, d in DATASETS.items()},
        ),
        inputs=(*inputs, *written),
        warnings=tuple(w for one in read.values() for w in one.warnings) + quality_warnings(known, who),
        faulty=faults,
        internal=internal,
        written=scenarios,
    )


def _money(dataset: str, frame: pd.DataFrame) -> float | None:
    """Add up the money of a dataset's rows."""
    return round(float(frame[MONEY[dataset]].sum()), 2) if dataset in MONEY else None


def _scenarios(
    who: Authority, folder: Path, faults: dict[str, tuple[Fault, ...]]
) -> tuple[tuple[Scenario, ...], tuple[InputFile, ...]]:
    """Read the authority's scenarios, if it has written any; their faults go to the others."""
    path = who.folder / SCENARIOS_FILE
    if not path.is_file():
        return (), ()
    try:
        held = read_scenarios(path, f"{who.slug}/{path.name}")
    except DataError as error:
        faults[path.stem] = error.faults
        return (), ()
    count = len(held)
    return held, (InputFile(path.stem, path.relative_to(folder).as_posix(), sha256_of(path), count, count),)
