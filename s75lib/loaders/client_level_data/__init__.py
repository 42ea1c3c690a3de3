"""The national Client Level Data return, turned into a package ledger for an authority that is new here.

Every English council sends the Adult Social Care Client Level Data (CLD) return: one row per event, of
which the service events are its packages of care. `read_client_level_data` reads a council's own copy of
the return; `start_from_client_level_data` writes an authority's folder from it.

Modules: ``services`` (the return's columns; our care type and a cost a week of each service), ``ledger``
(whose the events are, which enter, which are left out and why, the snapshots). Here: what the ledger can't
tell, and the folder that is written.

Confirmed in published sources: the field names (view ``CLD_R1_Raw`` in a council's published code); service
types, delivery mechanisms and support reasons of release 1
(NHSDigital/ASC-Client-Level-Data-SALT-ASCOF-transformations, LTS001a); costs and planned units (NHS England
2023, CLD guidance, release 1); cost frequencies, and how deaths and event references are treated
(DataS-DHSC/ASC-CLD-LA-Dashboard). Not confirmed, since the specification's workbooks could not be read: the
full lists of service components, and the header ``Unit Cost (£)``. Headers are therefore compared by their
letters and digits alone, values without regard to case, and a value that no row of ``care_types.csv`` fits is
listed, never guessed.
"""

from __future__ import annotations

__all__ = [
    "SUPPORT_REASONS",
    "ClientLevelData",
    "default_mapping",
    "read_client_level_data",
    "start_from_client_level_data",
    "stated_limits",
]

import hashlib
import re
from pathlib import Path

import pandas as pd

from s75lib.errors import ConfigError
from s75lib.loaders.authority import check_slug
from s75lib.loaders.client_level_data.ledger import (
    OUT_OF_SCOPE,
    SUPPORT_REASONS,
    ClientLevelData,
    read_client_level_data,
)
from s75lib.loaders.client_level_data.services import default_mapping, read_mapping
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.values import write_csv

NOTE = "client_level_data.md"
"""File in an authority's folder that says how its ledger was made from the return."""

LIMITS = "## What this ledger can't tell"
"""Heading of its last part, a list."""


def stated_limits(folder: Path) -> tuple[str, ...]:
    r"""Read what the ledger of an authority's folder can't tell, if it was made from the return.

    Sentences, as `start_from_client_level_data` wrote them; none for a ledger of another origin.

    Parameters
    ----------
    folder : Path
        The authority's.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     before = stated_limits(Path(folder))
    ...     note = "## What this ledger can't tell\n\n- When a review took place.\n"
    ...     _ = Path(folder, "client_level_data.md").write_text(note, encoding="utf-8")
    ...     after = stated_limits(Path(folder))
    >>> before, after
    ((), ('When a review took place.',))
    """
    note = folder / NOTE
    if not note.is_file():
        return ()
    _, _, said = note.read_text(encoding="utf-8").partition(LIMITS)
    return tuple(line.removeprefix("- ") for line in said.splitlines() if line.startswith("- "))


_LEDGER = "packages.csv"
_CARE_TYPES = "care_types.csv"
_LISTED = "client_level_data_rows.csv"
_SOURCE = re.compile(r"(?m)^packages = .*$")


def start_from_client_level_data(
    slug: str,
    file: str | Path,
    data_dir: str | Path,
) -> ClientLevelData:
    """Write the folder of a new authority whose package ledger comes from the Client Level Data return.

    Written are ``authority.toml`` and ``data.xlsx`` (as `start_authority` writes them), ``packages.csv``,
    ``care_types.csv``, ``client_level_data.md`` (what was read, left out and why, and the limits) and
    ``client_level_data_rows.csv`` (row numbers and reasons). To use other care types, edit care_types.csv,
    delete packages.csv and call this again. ConfigError if the name can't be a folder name or the folder is
    there already, unless for that; DataError if the return or care_types.csv is at fault.

    Parameters
    ----------
    slug, data_dir : str, Path
        Name of the folder, and the folder of the authorities, made if it is not there.
    file : str or Path
        The return.

    Examples
    --------
    >>> import tempfile
    >>> row = {
    ...     "Reporting Period Start Date": "2025-04-01", "Reporting Period End Date": "2025-06-30",
    ...     "LA Person Unique Identifier": "A1", "Primary Support Reason": "Mental Health Support",
    ...     "Event Type": "Service", "Event Start Date": "2025-05-10", "Event End Date": "",
    ...     "Service Type": "Long Term Support: Community", "Service Component": "Home Support",
    ...     "Unit Cost": 200, "Cost Frequency (Unit Type)": "Weekly"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pd.DataFrame([row]).to_csv(Path(folder, "return.csv"), index=False)
    ...     data = start_from_client_level_data("newshire", Path(folder, "return.csv"), folder)
    ...     written = sorted(file.name for file in Path(folder, "newshire").glob("*.csv"))
    >>> data.kept, written
    (1, ['care_types.csv', 'client_level_data_rows.csv', 'packages.csv'])
    """
    file, folder = Path(file), Path(data_dir) / slug
    check_slug(slug)
    again = (folder / _CARE_TYPES).is_file() and (folder / "authority.toml").is_file()
    if again and (folder / _LEDGER).exists():
        raise ConfigError(
            f"authority: {slug!r} holds {_LEDGER} already; delete or move it to make it again from the "
            f"return, with the {_CARE_TYPES} that is in the folder."
        )
    if folder.exists() and not again:
        raise ConfigError(f"authority: {slug!r} is there already; choose another name, or delete its folder.")
    table = read_mapping(folder / _CARE_TYPES) if again else default_mapping()
    data = read_client_level_data(file, mapping=table)
    if not again:
        _start(slug, Path(data_dir))
        write_csv(table, folder / _CARE_TYPES)
    required = DATASETS["packages"].required
    filled = [str(name) for name, cells in data.packages.items() if name in required or _holds(cells)]
    write_csv(data.packages[filled], folder / _LEDGER)
    shown = data.listed[data.listed["reason"] != OUT_OF_SCOPE]
    write_csv(shown.assign(kept=shown["kept"].map({True: "yes", False: "no"})), folder / _LISTED)
    (folder / NOTE).write_text(_note(data, file), encoding="utf-8")
    return data


def _start(slug: str, data_dir: Path) -> None:
    from s75lib.loaders.starter import start_authority  # writes workbooks, which no report needs

    toml, _ = start_authority(slug, data_dir)
    ours = (
        f"# Made from the Client Level Data return; {NOTE} says what it leaves out and what it can't tell.\n"
        f'packages = {{ path = "{_LEDGER}" }}'
    )
    text, changed = _SOURCE.subn(lambda _: ours, toml.read_text(encoding="utf-8"))
    assert changed == 1, "the template of authority.toml names each dataset once"
    toml.write_text(text, encoding="utf-8")


def _holds(cells: pd.Series) -> bool:
    return bool((cells.notna() & (cells.astype("str") != "")).any())


def _note(data: ClientLevelData, file: Path) -> str:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    start, end = data.period
    out, doubtful = (data.counts[data.counts["kept"] == kept] for kept in (False, True))
    last = data.packages["snapshot_date"].max()
    lines = [
        "# Package ledger from the Client Level Data return",
        "",
        f"Return for {start.isoformat()} to {end.isoformat()}, file SHA-256 {digest}.",
        "",
        f"- {data.rows:,} rows read, of which {data.services:,} are service events.",
        f"- {data.kept:,} service events are in {_LEDGER}; {data.services - data.kept:,} are left out.",
        f"- Primary support reasons kept: {'; '.join(data.support_reasons) or 'all'}.",
        f"- Snapshots: {data.packages['snapshot_date'].nunique()}, the last on {last:%Y-%m-%d}."
        if len(data.packages)
        else "- Snapshots: none, for no service event could be kept.",
        "",
        f"{_CARE_TYPES} says which care type each service becomes: the first row that fits is used, a blank "
        "cell fits any service, a blank care type leaves the service out. To use it after a change, delete "
        f"{_LEDGER} and give the return again.",
        "",
        "## Left out",
        "",
        *_table(out),
        "",
        "## Kept, but to be looked at",
        "",
        *_table(doubtful),
        "",
        f"{_LISTED} gives the row numbers in the return, except for rows of other primary support reasons.",
        "",
        LIMITS,
        "",
        *(f"- {sentence}" for sentence in data.limits),
        "",
    ]
    return "\n".join(lines)


def _table(counts: pd.DataFrame) -> list[str]:
    if counts.empty:
        return ["None."]
    rows = [f"| {row.reason} | {row.rows:,} |" for row in counts.itertuples()]
    return ["| reason | service events |", "| --- | ---: |", *rows]
