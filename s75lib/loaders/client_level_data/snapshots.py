"""The ledger at each snapshot: who is in it, under which keys, with which end date and age band."""

from __future__ import annotations

__all__ = ["EVENT", "snapshots"]

import numpy as np
import pandas as pd

from s75lib.loaders.client_level_data.fields import plain
from s75lib.loaders.client_level_data.people import age_bands, pseudonyms, secret_key
from s75lib.loaders.period import financial_year_of
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.validation import empty_frame

EVENT = ("identity", "event_start_date", "service_type", "service_component")
"""Fields by which DHSC finds the same service again in another return; the event reference is none."""

_CQC_LOCATION = r"1-\d+"


def snapshots(
    kept: pd.DataFrame, days: tuple[pd.Timestamp, ...], period: tuple[pd.Timestamp, pd.Timestamp]
) -> pd.DataFrame:
    """Give the ledger's rows at each snapshot.

    Parameters
    ----------
    kept : DataFrame
        One row per service event that may enter, indexed by its row in the file: the return's fields,
        ``identity``, ``care_type``, ``end_date`` (capped by death), ``weekly_gross`` (£), ``units_per_week``
        and ``unit_price`` (£).
    days : tuple of Timestamp
        The snapshots.
    period : tuple of Timestamp
        First and last day of the return.

    Returns
    -------
    DataFrame
        The contract's `packages`, all columns; the index says which row of the file each came from.

    Notes
    -----
    In a snapshot are the events that had begun by its day and are open on it or ended earlier in its
    financial year. An end after the snapshot and inside the period is blank in it.
    """
    key = secret_key()
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
    schema = empty_frame(DATASETS["packages"])
    blank = {"float64": np.nan, "boolean": pd.NA, "str": ""}
    columns = {
        name: rows[name].astype(dtype)
        if name in rows
        else pd.Series(blank.get(str(dtype), pd.NaT), index=rows.index, dtype=dtype)
        for name, dtype in schema.dtypes.items()
    }
    return pd.DataFrame(columns, index=rows.index)


def _event_names(kept: pd.DataFrame) -> pd.Series:
    """Name each event by what finds it again in another return; alike ones are numbered in file order."""
    which = kept.groupby(list(EVENT)).cumcount().astype("str")
    start = kept["event_start_date"].dt.strftime("%Y-%m-%d")
    service = plain(kept["service_type"]) + "|" + plain(kept["service_component"])
    names: pd.Series = kept["identity"] + "|" + start + "|" + service + "|" + which
    return names.astype("str")
