"""The package ledger: what is open at a snapshot, for how many weeks of the year, at whose cost."""

from __future__ import annotations

__all__ = ["CASE", "commitments", "days_compared", "lines"]

import numpy as np
import pandas as pd

from s75lib.loaders.schemas import CARE_TYPES
from s75lib.present import Need

CASE = ["person_key", "care_type"]
"""What makes two ledger rows one case: references are re-issued when a price changes, a person is not."""

NEEDS = (
    Need(
        "packages",
        ("snapshot_date", "person_key", "package_key", "care_type", "start_date", "end_date", "weekly_gross"),
        "whether numbers, mix or cost moved the commitments, case by case, at two snapshots or more",
    ),
    Need("packages", ("units_per_week", "unit_price"), "whether dearer care is more care or a higher price"),
    Need(
        "packages",
        ("health_weekly", "health_funding_type", "client_weekly", "s117"),
        "whether social care pays a larger share, and whether aftercare is charged for",
    ),
    Need("packages", ("service_group", "team", "provider", "age_band"), "where the cost sits"),
    Need("packages", ("last_review_date",), "packages without a review in twelve months"),
)


def days(packages: pd.DataFrame) -> tuple[pd.Timestamp, ...]:
    """List the ledger's snapshots, earliest first."""
    return tuple(pd.Timestamp(day) for day in np.sort(packages["snapshot_date"].unique()))


def days_compared(packages: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """Choose the two snapshots to compare: the latest, and the one a year before it.

    Without a snapshot within twenty days of a year before, the earliest; None for fewer than two.

    Examples
    --------
    >>> held = pd.DataFrame({"snapshot_date": pd.date_range("2025-01-31", "2026-03-31", freq="ME")})
    >>> [f"{day:%d %B %Y}" for day in days_compared(held)]
    ['31 March 2025', '31 March 2026']
    """
    every = days(packages)
    if len(every) < 2:
        return None
    wanted = every[-1] - pd.DateOffset(years=1)
    near = min(every[:-1], key=lambda day: abs(day - wanted))
    return (near if abs(near - wanted) <= pd.Timedelta(days=20) else every[0]), every[-1]


def lines(packages: pd.DataFrame) -> pd.DataFrame:
    """Prepare the ledger's lines at every snapshot.

    A health or client contribution that is not stated counts as none, unless the net cost is stated: then
    what the net leaves over is the health contribution. Lines of an earlier year have no weeks in this one;
    they are never open.

    Returns
    -------
    DataFrame
        The contract's keys and descriptions, and ``setting``, ``units`` and ``price`` (a week and of a unit,
        £), ``gross``, ``health``, ``client``, ``net`` (£ a week), ``weeks`` (of the snapshot's financial year
        in which the line runs, both ends counted, an open end until 31 March), ``open`` (on the snapshot's
        day), ``prior`` (belongs to an earlier year) and ``priced_as_one`` (no usable units: one placement a
        week).

    Examples
    --------
    >>> rows = lines(load("exampleshire").packages)
    >>> rows.loc[rows["open"], "weeks"].max().item() <= 366 / 7
    True
    """
    seen, gross = packages["snapshot_date"], packages["weekly_gross"]
    first, last = _year(seen)
    prior = packages["prior_year"].fillna(False).astype(bool)
    until = packages["end_date"].fillna(pd.Timestamp.max.normalize().floor("s")).clip(upper=last)
    since = packages["start_date"].clip(lower=first)
    weeks = (((until - since).dt.days + 1).clip(lower=0) / 7).mask(prior, 0.0)
    client = packages["client_weekly"].fillna(0.0)
    health = packages["health_weekly"].fillna(gross - packages["net_weekly"] - client).fillna(0.0)
    costs = (gross != 0) | (health != 0) | (client != 0)
    worth = packages["units_per_week"] * packages["unit_price"]
    as_one = packages["units_per_week"].isna() | packages["unit_price"].isna() | ((worth <= 0) & costs)
    units = packages["units_per_week"].mask(as_one, 1.0)
    ended = packages["end_date"] < seen
    kept = ["snapshot_date", *CASE, "package_key", "service_group", "team", "age_band", "provider"]
    kept += ["start_date", "end_date", "last_review_date", "health_funding_type", "s117"]
    return packages[kept].assign(
        setting=packages["care_type"].map(CARE_TYPES),
        units=units,
        price=gross / units.where(units > 0),
        gross=gross,
        health=health,
        client=client,
        net=gross - health - client,
        weeks=weeks,
        open=(packages["start_date"] <= seen) & ~ended & ~prior,
        prior=prior,
        priced_as_one=as_one,
    )


def commitments(rows: pd.DataFrame, by: tuple[str, ...] = ("service_group",)) -> pd.DataFrame:
    """Sum the commitments of one snapshot or more for its financial year, by columns of `lines`.

    Returns
    -------
    DataFrame
        ``snapshot_date``, the columns of `by`, ``gross``, ``health``, ``client``, ``net`` (commitment for the
        year, £), ``to_date`` (net, to the snapshot's day), ``weekly_gross`` (of open packages, £ a week)
        and ``packages`` (open on the day).

    Examples
    --------
    A year's commitment is known on its last day, when nothing is to come:

    >>> last = commitments(lines(load("exampleshire").packages), by=()).iloc[-1]
    >>> f"{last['snapshot_date']:%d %B}", round(last["net"] - last["to_date"])
    ('31 March', 0)
    """
    _, last = _year(rows["snapshot_date"])
    later = (last - rows["snapshot_date"]).dt.days / 7
    run = rows["weeks"]
    # Weeks of the line that lie after the snapshot's day: none for one that has ended.
    until = rows["end_date"].fillna(last).clip(upper=last)
    ahead = run.clip(upper=(until - rows["snapshot_date"]).dt.days / 7).clip(lower=0.0, upper=later)
    money = pd.DataFrame(
        {
            "snapshot_date": rows["snapshot_date"],
            **{name: rows[name] for name in by},
            **{name: rows[name] * run for name in ("gross", "health", "client", "net")},
            "to_date": rows["net"] * (run - ahead),
            "weekly_gross": rows["gross"].where(rows["open"], 0.0),
            "packages": rows["open"].astype(int),
        }
    )
    keys = ["snapshot_date", *by]
    return money.groupby(keys, sort=True).sum().reset_index()


def first_start(packages: pd.DataFrame) -> pd.DataFrame:
    """Give each case's earliest start (``first``) in any snapshot of packages or of prepared lines."""
    return packages.groupby(CASE)["start_date"].min().rename("first").reset_index()


def reviewed_cases(packages: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Say of each open case whether it has run a year (``due``), and without a review in it (``overdue``).

    With ``team``, ``gross`` and ``health`` (£ a week). `packages` are of all snapshots: the earliest start in
    any counts, since a re-issued reference may restart the date, and the latest review of a case's packages.
    """
    by_case = rows[rows["open"]].groupby(CASE)
    cases = by_case[["gross", "health"]].sum().join(by_case["team"].first())
    cases = cases.assign(last=by_case["last_review_date"].max()).reset_index()
    cases = cases.merge(first_start(packages), on=CASE)
    year_ago = pd.Timestamp(rows["snapshot_date"].iloc[0]) - pd.DateOffset(years=1)
    due = cases["first"] <= year_ago
    return cases.assign(due=due, overdue=due & (cases["last"].isna() | (cases["last"] < year_ago)))


def people(rows: pd.DataFrame, day: pd.Timestamp) -> int:
    """Count the people with an open package at a snapshot."""
    return int(rows.loc[rows["open"] & (rows["snapshot_date"] == day), "person_key"].nunique())


def funded(rows: pd.DataFrame) -> pd.DataFrame:
    """Name in ``funding`` why the NHS pays for each line: as recorded, else ``unsaid``, or ``none``."""
    unsaid = np.where(rows["health"] >= 0.01, "unsaid", "none")
    return rows.assign(funding=rows["health_funding_type"].where(rows["health_funding_type"] != "", unsaid))


def without_small_groups(packages: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Put the service groups together where one holds so few cases that its cost would be a person's.

    That is, where any group holds from 1 to fewer than `fewest` cases on one of the two days compared.
    """
    chosen = days_compared(packages) or days(packages)
    rows = packages[packages["snapshot_date"].isin(chosen)]
    cases = rows.drop_duplicates(["snapshot_date", "service_group", *CASE])
    sizes = cases.groupby(["snapshot_date", "service_group"]).size()
    return packages.assign(service_group="") if (sizes < fewest).any() else packages


def _year(seen: pd.Series) -> tuple[pd.Series, pd.Series]:
    codes, every = pd.factorize(seen)
    years = np.array([day.year - (day.month < 4) for day in pd.DatetimeIndex(every)], dtype=int)
    ends = [[f"{year}-04-01" for year in years], [f"{year + 1}-03-31" for year in years]]
    first, last = (pd.Series(np.array(days, dtype="datetime64[s]")[codes], index=seen.index) for days in ends)
    return first, last
