"""The package ledger, one snapshot at a time: what is open, for how many weeks of the year, at whose cost."""

from __future__ import annotations

__all__ = ["CASE", "commitments", "days", "first_start", "lines", "pair", "people", "without_small_groups"]

import numpy as np
import pandas as pd

from s75lib.errors import MethodError
from s75lib.loaders.schemas import CARE_TYPES

CASE = ["person_key", "care_type"]
"""What makes two ledger rows one case: references are re-issued when a price changes, a person is not."""


def days(packages: pd.DataFrame) -> tuple[pd.Timestamp, ...]:
    """List the ledger's snapshots.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.

    Returns
    -------
    tuple of Timestamp
        Earliest first.
    """
    return tuple(pd.Timestamp(day) for day in np.sort(packages["snapshot_date"].unique()))


def pair(packages: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """Choose the two snapshots to compare: the latest, and the one a year before it.

    Parameters
    ----------
    packages : DataFrame

    Returns
    -------
    tuple of Timestamp, or None
        Without a snapshot within twenty days of a year before, the earliest; None for fewer than two.
    """
    every = days(packages)
    if len(every) < 2:
        return None
    wanted = every[-1] - pd.DateOffset(years=1)
    near = min(every[:-1], key=lambda day: abs(day - wanted))
    return (near if abs(near - wanted) <= pd.Timedelta(days=20) else every[0]), every[-1]


def lines(packages: pd.DataFrame, day: pd.Timestamp | None = None) -> pd.DataFrame:
    """Prepare the lines of one snapshot.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`; money in £ a week.
    day : Timestamp, optional
        The snapshot; default: every one.

    Returns
    -------
    DataFrame
        The contract's keys and descriptions, and ``setting``, ``units`` and ``price`` (a week and of a unit,
        £),
        ``gross``, ``health``, ``client``, ``net`` (£ a week), ``weeks`` (of the snapshot's financial year in
        which the line runs, both ends counted, an open end until 31 March), ``open`` (on the snapshot's day),
        ``prior`` (belongs to an earlier year) and ``priced_as_one`` (no usable units: one placement a week).

    Raises
    ------
    MethodError
        If there is no such snapshot.

    Notes
    -----
    A health or client contribution that is not stated counts as none, unless the net cost is stated: then
    what the net leaves over is the health contribution. Lines of an earlier year have no weeks in this one;
    they are never open.
    """
    if day is None:
        here = packages
    else:
        here = packages[packages["snapshot_date"] == day]
        if here.empty:
            raise MethodError(
                f"found no ledger snapshot of {day:%Y-%m-%d}; expected one of "
                f"{', '.join(f'{d:%Y-%m-%d}' for d in days(packages)) or '(none)'}. Name one of them."
            )
    seen, gross = here["snapshot_date"], here["weekly_gross"]
    first, last = _year(seen)
    prior = here["prior_year"].fillna(False).astype(bool)
    until = here["end_date"].fillna(pd.Timestamp.max.normalize().floor("s")).clip(upper=last)
    since = here["start_date"].clip(lower=first)
    weeks = (((until - since).dt.days + 1).clip(lower=0) / 7).mask(prior, 0.0)
    client = here["client_weekly"].fillna(0.0)
    health = here["health_weekly"].fillna(gross - here["net_weekly"] - client).fillna(0.0)
    as_one = (
        here["units_per_week"].isna()
        | here["unit_price"].isna()
        | (
            (here["units_per_week"] * here["unit_price"] <= 0)
            & ((gross != 0) | (health != 0) | (client != 0))
        )
    )
    units = here["units_per_week"].mask(as_one, 1.0)
    is_open = (here["start_date"] <= seen) & (here["end_date"].isna() | (here["end_date"] >= seen)) & ~prior
    kept = ["snapshot_date", *CASE, "package_key", "service_group", "team", "age_band", "provider"]
    kept += ["start_date", "end_date", "last_review_date", "health_funding_type", "s117"]
    return here[kept].assign(
        setting=here["care_type"].map(CARE_TYPES),
        units=units,
        price=gross / units.where(units > 0),
        gross=gross,
        health=health,
        client=client,
        net=gross - health - client,
        weeks=weeks,
        open=is_open,
        prior=prior,
        priced_as_one=as_one,
    )


def commitments(rows: pd.DataFrame, by: tuple[str, ...] = ("service_group",)) -> pd.DataFrame:
    """Sum each snapshot's commitments for its financial year.

    Parameters
    ----------
    rows : DataFrame
        As `lines` gives them, of one snapshot or more.
    by : tuple of str
        Columns of `lines` to sum by.

    Returns
    -------
    DataFrame
        ``snapshot_date``, the columns of `by`, ``gross``, ``health``, ``client``, ``net`` (commitment for the
        year, £), ``to_date`` (net, to the snapshot's day), ``prior_net`` (items of earlier years, net, over
        their own days), ``weekly_gross``, ``weekly_net`` (of open packages, £ a week), ``packages`` and
        ``people`` (open on the day).
    """
    _, last = _year(rows["snapshot_date"])
    later = (last - rows["snapshot_date"]).dt.days / 7
    run = rows["weeks"]
    # Weeks of the line that lie after the snapshot's day: none for one that has ended.
    ahead = run.clip(
        upper=((rows["end_date"].fillna(last).clip(upper=last) - rows["snapshot_date"]).dt.days / 7)
    )
    ahead = ahead.clip(lower=0.0, upper=later)
    own = ((rows["end_date"] - rows["start_date"]).dt.days + 1).clip(lower=0).fillna(0) / 7
    money = pd.DataFrame(
        {
            "snapshot_date": rows["snapshot_date"],
            **{name: rows[name] for name in by},
            **{name: rows[name] * run for name in ("gross", "health", "client", "net")},
            "to_date": rows["net"] * (run - ahead),
            "prior_net": (rows["net"] * own).where(rows["prior"], 0.0),
            "weekly_gross": rows["gross"].where(rows["open"], 0.0),
            "weekly_net": rows["net"].where(rows["open"], 0.0),
            "packages": rows["open"].astype(int),
        }
    )
    keys = ["snapshot_date", *by]
    sums = money.groupby(keys, sort=True).sum().reset_index()
    people = rows[rows["open"]].groupby(keys)["person_key"].nunique().rename("people").reset_index()
    return sums.merge(people, how="left", on=keys).fillna({"people": 0}).astype({"people": int})


def first_start(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the earliest start of each case in any snapshot held.

    Parameters
    ----------
    rows : DataFrame
        The contract's `packages`, or as `lines` gives them.

    Returns
    -------
    DataFrame
        ``person_key``, ``care_type``, ``first``.
    """
    return rows.groupby(CASE)["start_date"].min().rename("first").reset_index()


def people(rows: pd.DataFrame, day: pd.Timestamp) -> int:
    """Count the people with an open package.

    Parameters
    ----------
    rows : DataFrame
        As `lines` gives them.
    day : Timestamp
        The snapshot.

    Returns
    -------
    int
    """
    return int(rows.loc[rows["open"] & (rows["snapshot_date"] == day), "person_key"].nunique())


def without_small_groups(packages: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Put the service groups together where one holds so few cases that its cost would be a person's.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    fewest : int
        Fewest cases that may be shown.

    Returns
    -------
    DataFrame
        As given, or with a blank service group where any group holds from 1 to fewer than `fewest` cases on
        one of the two days that `pair` chooses.
    """
    chosen = pair(packages) or days(packages)
    rows = packages[packages["snapshot_date"].isin(chosen)]
    cases = rows.drop_duplicates(["snapshot_date", "service_group", *CASE])
    sizes = cases.groupby(["snapshot_date", "service_group"]).size()
    return packages.assign(service_group="") if (sizes < fewest).any() else packages


def _year(seen: pd.Series) -> tuple[pd.Series, pd.Series]:
    """First and last day of the financial year of each day."""
    codes, every = pd.factorize(seen)
    years = np.array([day.year - (day.month < 4) for day in pd.DatetimeIndex(every)], dtype=int)
    first = pd.to_datetime(pd.Series([f"{year}-04-01" for year in years], dtype="str"))
    last = pd.to_datetime(pd.Series([f"{year + 1}-03-31" for year in years], dtype="str"))
    return (
        pd.Series(first.to_numpy()[codes] if len(every) else [], index=seen.index, dtype="datetime64[s]"),
        pd.Series(last.to_numpy()[codes] if len(every) else [], index=seen.index, dtype="datetime64[s]"),
    )
