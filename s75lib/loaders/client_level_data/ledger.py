"""Which service events make the package ledger, whose they are, and which are left out and why."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from s75lib.errors import DataError, Fault
from s75lib.loaders.client_level_data.services import (
    LEFT_OUT,
    NO_ROW,
    Cases,
    care_types_of,
    check_mapping,
    default_mapping,
    first_of,
    plain,
    read_return,
    weekly_costs,
)
from s75lib.loaders.identifiers import is_nhs_number
from s75lib.loaders.period import financial_year_of
from s75lib.loaders.pseudonyms import KEY_VARIABLE, find_key
from s75lib.loaders.schemas import CARE_TYPES, DATASETS
from s75lib.loaders.validation import empty_frame
from s75lib.loaders.values import age_bands as age_bands_of
from s75lib.loaders.values import blank_cells

_HEX_DIGITS = 20
SUPPORT_REASONS = ("Mental Health Support", "Support with Memory & Cognition")
"""Primary support reasons that are kept: adults' and older people's mental health."""

OUT_OF_SCOPE = "primary support reason is none of those chosen"
"""Why most rows of a whole return are left out; they are counted and not listed one by one in the folder."""

# Fields by which DHSC finds the same service again in another return; the event reference is none.
_EVENT = ("identity", "event_start_date", "service_type", "service_component")
_CQC_LOCATION = r"1-\d+"


_ALWAYS = (
    "The return's unit cost includes what the person pays, and leaves out what the NHS pays (continuing "
    "healthcare, funded nursing care), third-party top-ups and education funding. It also covers people who "
    "pay their care in full where the council arranges it. So the cost is neither gross nor net of income: "
    "findings on joint funding and client contributions need the finance extract.",
    "The return gives each service's latest known planned cost. All snapshots made from one return therefore "
    "carry the same price: they show packages that begin and end, never a change of price. To compare "
    "prices, make ledgers from two returns with the same S75_KEY and put one under the other.",
    "The return has no component for live-in care: it is counted with home care.",
    "The return has no service group and no team, no mark of section 117 aftercare and no review date on a "
    "service: findings by group or team, on charges under section 117 and on overdue reviews need the "
    "finance extract.",
    "The return's event reference is no stable key: the same service can carry another one in the next "
    "return. Packages are recognised by person, start date, service type and component.",
    "The return asks for no cost of support that the council commissions without a personal budget, nor of "
    "most short-term support. Services without a cost are left out and counted.",
    "Monthly, quarterly and annual costs are spread over 365.25 ÷ 7 weeks a year. One-off costs have no "
    "weekly amount and are left out and counted.",
    "An end date after a snapshot and inside the reporting period is blank in that snapshot, for on that "
    "day it was not known. Planned ends after the period are kept.",
    "Persons and packages carry keyed hashes. Unless S75_KEY was set, the key was random and is kept "
    "nowhere: another run gives other keys, and the hashes can't be turned back. Start dates, costs and "
    "providers remain, so the ledger is still data about people and is to be kept like it.",
)


def identities(nhs_number: pd.Series, local: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Say which events are about the same person, and where that is doubtful.

    By a valid NHS number; else the one NHS number that the local identifier goes with elsewhere in the
    return; the local identifier; an NHS number that is not valid, unless it is one digit repeated. The
    identity holds the identifier itself, so it must be made a pseudonym before it is kept. A link is doubtful
    where the local identifier goes with several NHS numbers, or the only identifier is a wrong NHS number.
    """
    digits = nhs_number.str.replace(r"[\s-]", "", regex=True)
    valid = digits.map({cell: is_nhs_number(cell) for cell in digits.unique()}).astype("bool")
    linked = pd.DataFrame({"local": local, "nhs": digits})[valid & (local != "")].drop_duplicates()
    of_local = linked.groupby("local")["nhs"].agg(["first", "size"])
    single = of_local.loc[of_local["size"] == 1, "first"].to_dict()
    several = local.isin(of_local.index[of_local["size"] > 1])
    repeated = digits.str.fullmatch(r"(.)\1*")
    identity = ("other " + digits).where((digits != "") & ~repeated, "")
    identity = identity.mask(local != "", "local " + local)
    through = local.map({cell: single.get(cell, "") for cell in local.unique()}).astype("str")
    identity = identity.mask(through != "", "nhs " + through)
    identity = identity.mask(valid, "nhs " + digits)
    doubtful = (several & ~valid) | identity.str.startswith("other ")
    return identity.astype("str"), doubtful.astype("bool")


def pseudonyms(identity: pd.Series, key: bytes, letter: str) -> pd.Series:
    """Replace identities by a letter, so that no key is taken for a number, and 80 bits of HMAC-SHA-256."""
    codes, unique = pd.factorize(identity)
    hashed = [letter + hmac.digest(key, cell.encode(), "sha256").hex()[:_HEX_DIGITS] for cell in unique]
    return pd.Series(np.asarray(hashed, dtype=object)[codes], index=identity.index, dtype="str")


def age_bands(born: pd.Series, day: pd.Timestamp) -> pd.Series:
    """Give each person's age band on a day; empty where the day of birth is not known, or still to come."""
    before = (born.dt.month > day.month) | ((born.dt.month == day.month) & (born.dt.day > day.day))
    return age_bands_of((day.year - born.dt.year - before).where(born <= day))


@dataclass(frozen=True, eq=False)
class ClientLevelData:
    """A package ledger made from a return, and what the return did not let into it.

    - `packages`: The contract's `packages`, all columns: one row per snapshot × service event.
    - `listed`: ``row`` (of the file, as a spreadsheet counts), ``reason``, ``kept`` (whether the event is in
      the ledger all the same). An event left out stands here once, with the first reason that holds; one that
      is kept stands here once for each doubt. No value of the return is in it.
    - `counts`: ``reason``, ``kept``, ``rows``: `listed` by reason, most frequent first.
    - `limits`: Sentences to show wherever the ledger's figures are shown.
    - `rows`, `services`, `kept`: Rows of the file, its service events, and those of them that are in the
      ledger.
    - `period`: First and last day of the return's reporting period.
    """

    packages: pd.DataFrame
    listed: pd.DataFrame
    counts: pd.DataFrame
    limits: tuple[str, ...]
    rows: int
    services: int
    kept: int
    period: tuple[date, date]


def read_client_level_data(
    path: str | Path,
    mapping: pd.DataFrame | None = None,
) -> ClientLevelData:
    """Read a council's Client Level Data return as a package ledger.

    Parameters
    ----------
    path : str or Path
        CSV, Excel or Parquet by its ending; the specification's field names in its header.
    mapping : DataFrame, optional
        Services to care types, as `default_mapping`, which is the default.

    Raises
    ------
    DataError
        If the file can't be read, or lacks a field or a reporting period.
    ConfigError
        If S75_KEY is too short.

    Notes
    -----
    Snapshots are the month ends of the reporting period. One holds the services that had begun by its day
    and are open on it or ended earlier in its financial year. An end date that was not known on that day is
    left blank; a later, planned one is kept; death caps it.

    A row that repeats another in every field used is left out. Packages are named by person, start, service
    type and component, the fields by which DHSC finds an event again in another return. Where a file holds
    several returns, the one that ends last is read. No identifier is in any result: persons and packages have
    hashes, keyed by S75_KEY or else by chance, ages are bands. The provider is kept where it has a Care
    Quality Commission location, which is public.

    Examples
    --------
    >>> import tempfile
    >>> row = {
    ...     "Reporting Period Start Date": "2025-04-01", "Reporting Period End Date": "2025-06-30",
    ...     "LA Person Unique Identifier": "A1", "Primary Support Reason": "Mental Health Support",
    ...     "Event Type": "Service", "Event Start Date": "2025-05-10", "Event End Date": "",
    ...     "Service Type": "Long Term Support: Community", "Service Component": "Home Support",
    ...     "Unit Cost": 200, "Cost Frequency (Unit Type)": "Weekly"}
    >>> rows = pd.DataFrame([row, row | {"LA Person Unique Identifier": "B2", "Unit Cost": 0}])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows.to_csv(Path(folder, "return.csv"), index=False)
    ...     data = read_client_level_data(Path(folder, "return.csv"))
    >>> data.packages["care_type"].tolist(), data.counts["reason"].iloc[0]
    (['Dom Care', 'Dom Care'], 'unit cost of nought')
    """
    table = default_mapping() if mapping is None else check_mapping(mapping, "care_types")
    everything, absent = read_return(Path(path))
    everything["identity"], doubtful = identities(
        everything["nhs_number"], everything["la_person_unique_identifier"]
    )
    kind = plain(everything["event_type"])
    events = everything[(kind == "service") | ((kind == "") & (everything["service_type"] != ""))].copy()
    start, end = period = _reporting_period(events, Path(path).name)
    days = [day.as_unit("s") for day in pd.date_range(start, end, freq="ME")] or [end]
    events["care_type"] = care_types_of(events, table)
    events["end_date"] = events[["event_end_date", "date_of_death"]].min(axis=1)
    costs = weekly_costs(events, events["care_type"].map(CARE_TYPES) == "bed-based")
    out = first_of([*_out_of_scope(events, period), *_unusable(events)], events.index)
    out = out.where(out != "", costs["problem"])
    costly = ["delivery_mechanism", "unit_cost", "cost_frequency_unit_type", "planned_units_per_week"]
    alike = [*_EVENT, "client_type", "event_end_date", *costly]
    again = events[out == ""].duplicated([*alike, "event_reference"]).reindex(events.index, fill_value=False)
    out = out.mask(again, "the same event again, in every field used")
    similar = events[out == ""].duplicated(alike, keep=False).reindex(events.index, fill_value=False)
    first_year = pd.Timestamp(financial_year_of(days[0].date()).start)
    out = out.mask((out == "") & (events["event_start_date"] > days[-1]), "began after the last snapshot")
    early = (out == "") & (events["end_date"] < first_year)
    out = out.mask(early, "ended before the financial year of the first snapshot")
    inside = out == ""
    kept = events[inside].join(costs[["units_per_week", "unit_price", "weekly_gross"]])
    parts = [out[~inside]]
    twice = "like another event in all but its event reference: may be in the return twice"
    for where, reason in (*_doubts(events, doubtful[events.index]), (similar, twice)):
        parts.append(pd.Series(reason, index=events.index[where & inside]))
    parts.append(costs.loc[inside & (costs["doubt"] != ""), "doubt"])
    told = pd.concat(parts)
    listed = pd.DataFrame(
        {"row": told.index, "reason": told.to_numpy(), "kept": inside[told.index].to_numpy()}
    )
    listed = listed.astype({"row": "int64", "reason": "str", "kept": "bool"})
    listed = listed.sort_values(["row", "reason"], ignore_index=True)
    counts = listed.groupby(["reason", "kept"], as_index=False).size().rename(columns={"size": "rows"})
    return ClientLevelData(
        packages=snapshots(kept, days, period).reset_index(drop=True),
        listed=listed,
        counts=counts.sort_values(["kept", "rows"], ascending=[True, False], ignore_index=True),
        limits=limits_of(period, days[0].date(), absent),
        rows=len(everything),
        services=len(events),
        kept=int(inside.sum()),
        period=(start.date(), end.date()),
    )


def _reporting_period(events: pd.DataFrame, file: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the period of the return that ends last; of two that do, the longer."""
    start, end = events["reporting_period_start_date"], events["reporting_period_end_date"]
    whole = start.notna() & (start <= end)
    if not whole.any():
        fault = Fault(
            file,
            f"{len(events)} service events, none with a reporting period",
            "service events, each with the first and last day of the return's period",
            "Export the return again with its reporting period and its service events.",
            column="Reporting Period Start Date, Reporting Period End Date",
        )
        raise DataError([fault])
    last = end[whole].max()
    return start[whole & (end == last)].min(), last


def _out_of_scope(events: pd.DataFrame, period: tuple[pd.Timestamp, pd.Timestamp]) -> Cases:
    start, end = events["reporting_period_start_date"], events["reporting_period_end_date"]
    given = plain(events["primary_support_reason"])
    return [
        (events["event_type"] == "", "no event type, though a service type"),
        (start.isna() | end.isna(), "no reporting period, or one that can't be read"),
        ((start != period[0]) | (end != period[1]), "belongs to another return in the file"),
        (given.isin(["", "unknown"]), "primary support reason not known"),
        (~given.isin(plain(pd.Series(SUPPORT_REASONS))), OUT_OF_SCOPE),
        (events["care_type"] == LEFT_OUT, "care_types.csv leaves the service out"),
        (events["care_type"] == NO_ROW, "care_types.csv has no row for the service"),
    ]


def _unusable(events: pd.DataFrame) -> Cases:
    start = events["event_start_date"]
    return [
        (events["identity"] == "", "no usable identifier of the person"),
        (events["event_start_date_bad"], "start date can't be read"),
        (start.isna(), "no start date"),
        (events["event_end_date_bad"], "end date can't be read"),
        (events["event_end_date"] < start, "end date before start date"),
        (events["date_of_death"] < start, "date of death before start date"),
    ]


def _doubts(events: pd.DataFrame, doubtful: pd.Series) -> Cases:
    died, end = events["date_of_death"], events["event_end_date"]
    capped = died.notna() & (end.isna() | (died < end))
    return [
        (doubtful, "person's identifiers do not agree, or the NHS number's check digit is wrong"),
        (events["date_of_death_bad"], "date of death can't be read: the end date is not capped"),
        (capped, "ends on the date of death, not as the return says"),
        (events["date_of_birth"].isna(), "no date of birth, or none that can be read: no age band"),
    ]


def snapshots(
    kept: pd.DataFrame, days: Sequence[pd.Timestamp], period: tuple[pd.Timestamp, pd.Timestamp]
) -> pd.DataFrame:
    """Give the ledger's rows at each snapshot."""
    key = find_key() if os.environ.get(KEY_VARIABLE) else secrets.token_bytes(32)
    cqc = kept["provider_cqc_location_id"].str.fullmatch(_CQC_LOCATION)
    ledger = pd.DataFrame(
        {
            "person_key": pseudonyms(kept["identity"], key, "P"),
            "package_key": pseudonyms(_event_names(kept), key, "K"),
            "care_type": kept["care_type"],
            "start_date": kept["event_start_date"],
            "end_date": kept["end_date"],
            "weekly_gross": kept["weekly_gross"],
            "units_per_week": kept["units_per_week"],
            "unit_price": kept["unit_price"],
            "provider": kept["provider_cqc_location_name"].where(cqc, ""),
        }
    )
    parts = []
    for day in days:
        year = pd.Timestamp(financial_year_of(day.date()).start)
        end = ledger["end_date"]
        here = ledger[(ledger["start_date"] <= day) & (end.isna() | (end >= year))]
        unknown = (here["end_date"] > day) & (here["end_date"] <= period[1])
        born = kept.loc[here.index, "date_of_birth"]
        parts.append(
            here.assign(
                snapshot_date=day, end_date=here["end_date"].mask(unknown), age_band=age_bands(born, day)
            )
        )
    rows = pd.concat(parts)
    rows["reference"] = f"Client Level Data return {period[0]:%Y-%m-%d} to {period[1]:%Y-%m-%d}"
    columns = {
        column.name: rows[column.name] if column.name in rows else blank_cells(column.kind, len(rows))
        for column in DATASETS["packages"].columns
    }
    types = empty_frame(DATASETS["packages"]).dtypes.to_dict()
    return pd.DataFrame(columns, index=rows.index).astype(types)


def _event_names(kept: pd.DataFrame) -> pd.Series:
    """Name each event by what finds it again in another return; alike ones are numbered in file order."""
    which = kept.groupby(list(_EVENT)).cumcount().astype("str")
    start = kept["event_start_date"].dt.strftime("%Y-%m-%d")
    service = plain(kept["service_type"]) + "|" + plain(kept["service_component"])
    names: pd.Series = kept["identity"] + "|" + start + "|" + service + "|" + which
    return names.astype("str")


def limits_of(
    period: tuple[pd.Timestamp, pd.Timestamp], first: date, absent: tuple[str, ...]
) -> tuple[str, ...]:
    """Say what the ledger, whose first snapshot is of a day, can't tell."""
    chosen = (
        f"Only services whose primary support reason is {' or '.join(SUPPORT_REASONS)} are in the ledger. "
        "Mental health teams also hold cases recorded under other reasons, and other teams hold some of "
        "these."
    )
    said = [chosen, *_ALWAYS]
    year = financial_year_of(first)
    if year.start < period[0].date():
        begins = f"{period[0].day} {period[0]:%B %Y}"
        said.append(
            f"The return begins on {begins}. Services that ended between {year.start.day} "
            f"{year.start:%B %Y} and then are not in it, so the commitment for {year.label} leaves them out."
        )
    if absent:
        said.append(
            f"The file lacks these fields of the specification, which are read as blank: {', '.join(absent)}."
        )
    return tuple(said)
