"""Which service events make the package ledger, at which snapshots, and which are left out and why."""

from __future__ import annotations

__all__ = ["SUPPORT_REASONS", "ClientLevelData", "read_client_level_data"]

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from s75lib.errors import ConfigError, DataError, Fault
from s75lib.loaders.client_level_data.care_types import (
    LEFT_OUT,
    NO_ROW,
    care_types_of,
    check_mapping,
    default_mapping,
)
from s75lib.loaders.client_level_data.costs import weekly_costs
from s75lib.loaders.client_level_data.fields import plain, read_return
from s75lib.loaders.client_level_data.limits import limits_of
from s75lib.loaders.client_level_data.people import identities
from s75lib.loaders.client_level_data.snapshots import EVENT, snapshots
from s75lib.loaders.period import financial_year_of
from s75lib.loaders.schemas import CARE_TYPES

SUPPORT_REASONS = ("Mental Health Support", "Support with Memory & Cognition")
"""Primary support reasons that are kept unless others are named: adults' and older people's mental health."""

OUT_OF_SCOPE = "primary support reason is none of those chosen"
"""Why most rows of a whole return are left out; they are counted and not listed one by one in the folder."""


@dataclass(frozen=True, eq=False)
class ClientLevelData:
    """A package ledger made from a return, and what the return did not let into it.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`, all columns: one row per snapshot × service event.
    listed : DataFrame
        ``row`` (of the file, as a spreadsheet counts), ``reason``, ``kept`` (whether the event is in the
        ledger all the same). An event left out stands here once, with the first reason that holds; one that
        is kept stands here once for each doubt. No value of the return is in it.
    counts : DataFrame
        ``reason``, ``kept``, ``rows``: `listed` by reason, most frequent first.
    limits : tuple of str
        Sentences to show wherever the ledger's figures are shown.
    rows, services, kept : int
        Rows of the file, its service events, and those of them that are in the ledger.
    period : tuple of date
        First and last day of the return's reporting period.
    support_reasons : tuple of str
        Primary support reasons kept; empty: all.
    """

    packages: pd.DataFrame
    listed: pd.DataFrame
    counts: pd.DataFrame
    limits: tuple[str, ...]
    rows: int
    services: int
    kept: int
    period: tuple[date, date]
    support_reasons: tuple[str, ...]


class _Register:
    """Collects, event by event, the first reason to leave it out, and every doubt."""

    def __init__(self, index: pd.Index) -> None:
        self.reason = pd.Series("", index=index, dtype="str")
        self._doubts: list[tuple[pd.Series, str]] = []

    @property
    def inside(self) -> pd.Series:
        """Events not left out so far."""
        return self.reason == ""

    def leave_out(self, where: pd.Series, reason: str | pd.Series) -> None:
        self.reason = self.reason.mask(where.astype("bool") & self.inside, reason)

    def doubt(self, where: pd.Series, reason: str) -> None:
        self._doubts.append((where.astype("bool"), reason))

    def listed(self) -> pd.DataFrame:
        out = self.reason[~self.inside]
        parts = [pd.DataFrame({"row": out.index, "reason": out.to_numpy(), "kept": False})]
        for where, reason in self._doubts:
            rows = where.index[where & self.inside]
            parts.append(pd.DataFrame({"row": rows, "reason": reason, "kept": True}))
        types = {"row": "int64", "reason": "str", "kept": "bool"}
        return pd.concat(parts).astype(types).sort_values(["row", "reason"], ignore_index=True)


def read_client_level_data(
    path: str | Path,
    *,
    mapping: pd.DataFrame | None = None,
    snapshot_dates: Sequence[date] | None = None,
    support_reasons: Sequence[str] | None = SUPPORT_REASONS,
) -> ClientLevelData:
    """Read a council's Client Level Data return as a package ledger.

    Parameters
    ----------
    path : str or Path
        CSV, Excel or Parquet by its ending; the specification's field names in its header.
    mapping : DataFrame, optional
        Services to care types, as `default_mapping`, which is the default.
    snapshot_dates : sequence of date, optional
        Days of the ledger's snapshots, inside the reporting period; default: its month ends.
    support_reasons : sequence of str, optional
        Primary support reasons to keep; default: `SUPPORT_REASONS`; None or none: all.

    Returns
    -------
    ClientLevelData

    Raises
    ------
    DataError
        If the file can't be read, or lacks a field or a reporting period.
    ConfigError
        If a snapshot date lies outside the reporting period, or S75_KEY is too short.

    Notes
    -----
    A snapshot holds the services that had begun by its day and are open on it or ended earlier in its
    financial year, as the ledgers of the contract do: so short packages and the cost of the year so far are
    in it. An end date later than the snapshot but inside the reporting period is left blank in it, since on
    that day it was not known; a later, planned one is kept.

    Death caps the end date. One row of the return becomes one package; a row that repeats another in every
    field used here, the event reference among them, is left out. Packages are named by person, start, service
    type and component, the fields by which DHSC finds an event again in another return, and not by the
    event reference. Where a file holds several returns, the one that ends last is read.

    Names, NHS numbers, local identifiers, dates of birth and death, postcodes and event references are in
    no result: persons and packages have keyed hashes (see `people.secret_key`), ages are bands. The provider
    is kept where it has a Care Quality Commission location, which is public.

    Examples
    --------
    One service begun in May is in the snapshots of May and June; one without a cost is left out.

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
    reasons = tuple(support_reasons or ())
    found = read_return(Path(path))
    everything = found.events
    everything["identity"], doubtful = identities(
        everything["nhs_number"], everything["la_person_unique_identifier"]
    )
    kind = plain(everything["event_type"])
    events = everything[(kind == "service") | ((kind == "") & (everything["service_type"] != ""))].copy()
    register = _Register(events.index)
    period = _reporting_period(events, Path(path).name)
    days = _snapshot_days(period, snapshot_dates)
    events["care_type"] = care_types_of(events, table)
    events["end_date"] = events[["event_end_date", "date_of_death"]].min(axis=1)
    costs = weekly_costs(events, events["care_type"].map(CARE_TYPES) == "bed-based")
    _scope(register, events, period, reasons)
    _person_and_dates(register, events, doubtful[events.index])
    register.leave_out(costs["problem"] != "", costs["problem"])
    for text in costs.loc[costs["doubt"] != "", "doubt"].unique():
        register.doubt(costs["doubt"] == text, str(text))
    _twice(register, events)
    first_year = pd.Timestamp(financial_year_of(days[0].date()).start)
    register.leave_out(events["event_start_date"] > days[-1], "began after the last snapshot")
    register.leave_out(
        events["end_date"] < first_year, "ended before the financial year of the first snapshot"
    )
    kept = events[register.inside].join(costs[["units_per_week", "unit_price", "weekly_gross"]])
    packages = snapshots(kept, days, period)
    in_a_snapshot = events.index.isin(packages.index.unique())
    register.leave_out(
        pd.Series(~in_a_snapshot, index=events.index), "in no snapshot: ended in a year without one"
    )
    listed = register.listed()
    counts = listed.groupby(["reason", "kept"], as_index=False).size().rename(columns={"size": "rows"})
    return ClientLevelData(
        packages=packages.reset_index(drop=True),
        listed=listed,
        counts=counts.sort_values(["kept", "rows"], ascending=[True, False], ignore_index=True),
        limits=limits_of(period, days, reasons, found.absent),
        rows=len(everything),
        services=len(events),
        kept=int(register.inside.sum()),
        period=(period[0].date(), period[1].date()),
        support_reasons=reasons,
    )


def _reporting_period(events: pd.DataFrame, file: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the period of the return that ends last; of two that do, the longer."""
    start, end = events["reporting_period_start_date"], events["reporting_period_end_date"]
    whole = start.notna() & (start <= end)
    if not whole.any():
        raise DataError(
            [
                Fault(
                    file=file,
                    column="Reporting Period Start Date, Reporting Period End Date",
                    found=f"{len(events)} service events, none with a reporting period",
                    expected="service events, each with the first and last day of the return's period",
                    remedy="Export the return again with its reporting period and its service events.",
                )
            ]
        )
    last = end[whole].max()
    return start[whole & (end == last)].min(), last


def _snapshot_days(
    period: tuple[pd.Timestamp, pd.Timestamp], wanted: Sequence[date] | None
) -> tuple[pd.Timestamp, ...]:
    start, end = period
    asked = [pd.Timestamp(day) for day in wanted or ()]
    outside = [day for day in asked if not start <= day <= end]
    if outside:
        raise ConfigError(
            f"snapshot dates: found {', '.join(f'{day:%Y-%m-%d}' for day in outside)}; expected days from "
            f"{start:%Y-%m-%d} to {end:%Y-%m-%d}, the return's reporting period: it is complete for no other."
        )
    days = sorted(set(asked)) or list(pd.date_range(start, end, freq="ME")) or [end]
    return tuple(day.as_unit("s") for day in days)


def _scope(
    register: _Register,
    events: pd.DataFrame,
    period: tuple[pd.Timestamp, pd.Timestamp],
    reasons: tuple[str, ...],
) -> None:
    register.leave_out(events["event_type"] == "", "no event type, though a service type")
    start, end = events["reporting_period_start_date"], events["reporting_period_end_date"]
    register.leave_out(start.isna() | end.isna(), "no reporting period, or one that can't be read")
    register.leave_out((start != period[0]) | (end != period[1]), "belongs to another return in the file")
    if reasons:
        given = plain(events["primary_support_reason"])
        register.leave_out(given.isin(["", "unknown"]), "primary support reason not known")
        register.leave_out(~given.isin(plain(pd.Series(reasons))), OUT_OF_SCOPE)
    register.leave_out(events["care_type"] == LEFT_OUT, "care_types.csv leaves the service out")
    register.leave_out(events["care_type"] == NO_ROW, "care_types.csv has no row for the service")


def _person_and_dates(register: _Register, events: pd.DataFrame, doubtful: pd.Series) -> None:
    start, died = events["event_start_date"], events["date_of_death"]
    register.leave_out(events["identity"] == "", "no usable identifier of the person")
    register.leave_out(events["event_start_date_bad"], "start date can't be read")
    register.leave_out(start.isna(), "no start date")
    register.leave_out(events["event_end_date_bad"], "end date can't be read")
    register.leave_out(events["event_end_date"] < start, "end date before start date")
    register.leave_out(died < start, "date of death before start date")
    register.doubt(doubtful, "person's identifiers do not agree, or the NHS number's check digit is wrong")
    register.doubt(events["date_of_death_bad"], "date of death can't be read: the end date is not capped")
    capped = events["event_end_date"].isna() | (died < events["event_end_date"])
    register.doubt(died.notna() & capped, "ends on the date of death, not as the return says")
    register.doubt(events["date_of_birth"].isna(), "no date of birth, or none that can be read: no age band")


def _twice(register: _Register, events: pd.DataFrame) -> None:
    costs = ["delivery_mechanism", "unit_cost", "cost_frequency_unit_type", "planned_units_per_week"]
    alike = [*EVENT, "client_type", "event_end_date", *costs]
    here = events[register.inside]
    again = here.duplicated([*alike, "event_reference"]).reindex(events.index, fill_value=False)
    register.leave_out(again, "the same event again, in every field used")
    here = events[register.inside]
    similar = here.duplicated(alike, keep=False).reindex(events.index, fill_value=False)
    register.doubt(similar, "like another event in all but its event reference: may be in the return twice")
