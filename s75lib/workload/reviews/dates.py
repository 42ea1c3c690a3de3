"""Reviews that fall due by exact dates: of one package, and of the ledger's."""

from __future__ import annotations

__all__ = ["due_dates", "ledger_due"]

import math
from datetime import date

import pandas as pd

from s75lib.errors import MethodError


def due_dates(
    start: date,
    until: date,
    *,
    last_review: date | None = None,
    light_touch_days: int | None = None,
    interval_months: int = 12,
    closes: date | None = None,
) -> list[tuple[date, str]]:
    """List the reviews of one package that fall due from its start or transfer to a day.

    Parameters
    ----------
    start : date
        Day on which the plan was agreed, or the package came to the team.
    until : date
        Last day of interest.
    last_review : date, optional
        Day of the last yearly review before `start`; its anniversary is kept. Without one the year runs from
        `start`.
    light_touch_days : int, optional
        Days from `start` to the light-touch review; none without it.
    interval_months : int
        Months from one yearly review to the next, >= 1.
    closes : date, optional
        Last day of the package; nothing falls due after it.

    Returns
    -------
    list of (date, str)
        In order; the kind is ``light touch``, ``yearly`` or ``overdue``.

    Raises
    ------
    MethodError
        If the interval is below one month.

    Notes
    -----
    An anniversary of the 31st falls on the last day of a shorter month; later ones return to the 31st. A
    package that comes with its review overdue is due on the first day, and its year begins anew there.

    Examples
    --------
    >>> due_dates(date(2020, 3, 2), date(2021, 6, 30), last_review=date(2019, 9, 30), light_touch_days=49)
    [(datetime.date(2020, 4, 20), 'light touch'), (datetime.date(2020, 9, 30), 'yearly')]
    """
    _check(interval_months)
    last = min(until, closes) if closes else until
    made: list[tuple[date, str]] = []
    if light_touch_days is not None:
        light = date.fromordinal(start.toordinal() + light_touch_days)
        if light <= last:
            made.append((light, "light touch"))
    anchor, kind = last_review or start, "yearly"
    if last_review and _months_later(last_review, interval_months) < start:
        anchor, kind = start, "overdue"
        if start <= last:
            made.append((start, kind))
    turn = 1
    while (due := _months_later(anchor, turn * interval_months)) <= last:
        made.append((due, "yearly"))
        turn += 1
    return sorted(made)


def ledger_due(packages: pd.DataFrame, *, months: int = 24, interval_months: int = 12) -> pd.DataFrame:
    """Count the yearly reviews that fall due by team and month, from the ledger's own dates.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`; the latest snapshot's open packages are used. A package that was never
        reviewed is due a year after its start.
    months : int
        Months after the snapshot, >= 1.
    interval_months : int
        Months from one yearly review to the next.

    Returns
    -------
    DataFrame
        service_group, team, month, due (reviews, the overdue ones in the first month), overdue (of them, due
        on or before the snapshot). Empty without dates of reviews.

    Raises
    ------
    MethodError
        If the interval is below one month.

    Notes
    -----
    Each review is supposed done when it is due, so that the next follows a year later; packages close on
    their end date if they have one, and nothing new is added: it is the load of the packages open now.

    Examples
    --------
    One package was reviewed in June 2024; the other never since it began in 2023, and so is overdue:

    >>> packages = pd.DataFrame({
    ...     "snapshot_date": pd.Timestamp("2025-03-31"), "service_group": "AMH", "team": "Alder",
    ...     "start_date": pd.to_datetime(["2022-04-04", "2023-01-15"]), "end_date": pd.NaT,
    ...     "last_review_date": pd.to_datetime(["2024-06-10", None]), "prior_year": False})
    >>> ledger_due(packages, months=3)[["due", "overdue"]].values.tolist()
    [[1, 1], [0, 0], [1, 0]]
    """
    columns = ["service_group", "team", "month", "due", "overdue"]
    if packages.empty or packages["last_review_date"].isna().all():
        return pd.DataFrame(columns=columns)
    _check(interval_months)
    known = packages["snapshot_date"].max()
    current = packages[packages["snapshot_date"] == known]
    current = current[(current["end_date"].isna()) | (current["end_date"] > known)]
    current = current[(current["start_date"] <= known) & ~current["prior_year"].fillna(False).astype(bool)]
    start = known + pd.Timedelta(days=1)
    until = start + pd.DateOffset(months=months) - pd.Timedelta(days=1)
    last = current["end_date"].clip(upper=until).fillna(until)
    anchor = current["last_review_date"].fillna(current["start_date"])
    # As `due_dates` has it for one package: what is overdue is due on the first day, and again from there.
    late = anchor + pd.DateOffset(months=interval_months) < start
    anchor = anchor.mask(late, start)
    turns = range(1, math.ceil(months / interval_months) + 1)
    dates = [anchor.where(late), *(anchor + pd.DateOffset(months=turn * interval_months) for turn in turns)]
    rows = [
        current.loc[due <= last, columns[:2]].assign(month=due, overdue=turn == 0)
        for turn, due in enumerate(dates)
    ]
    found = pd.concat(rows, ignore_index=True)
    found["month"] = found["month"].to_numpy().astype("datetime64[M]")
    teams = found[columns[:2]].drop_duplicates()
    ahead = pd.DataFrame({"month": pd.date_range(start.replace(day=1), periods=months, freq="MS")})
    grid = pd.MultiIndex.from_frame(teams.sort_values(columns[:2]).merge(ahead, how="cross"))
    counts: pd.DataFrame = found.groupby(columns[:3])["overdue"].agg(["size", "sum"])
    return counts.set_axis(columns[3:], axis=1).reindex(grid, fill_value=0).reset_index()


def _check(interval_months: int) -> None:
    if interval_months < 1:
        raise MethodError(f"found interval_months {interval_months}; expected at least one month.")


def _months_later(day: date, months: int) -> date:
    return (pd.Timestamp(day) + pd.DateOffset(months=months)).date()
