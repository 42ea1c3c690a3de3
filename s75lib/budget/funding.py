"""Who pays: joint funding by type, charges for aftercare that must be free, packages without a review."""

from __future__ import annotations

__all__ = ["Charges", "charges", "funded", "joint_funding", "reviews"]

from dataclasses import dataclass

import pandas as pd

from s75lib.budget.ledger import CASE, first_start

OWN = "none"


@dataclass(frozen=True)
class Charges:
    """Open section 117 packages with a client contribution.

    Parameters
    ----------
    as_at : Timestamp
    known : bool
        Whether the ledger marks section 117 packages and holds client contributions.
    entitled : int
        People with section 117 packages.
    packages, people : int
        Of them, charged.
    weekly : float
        Contributions, £ a week.
    """

    as_at: pd.Timestamp
    known: bool
    entitled: int
    packages: int
    people: int
    weekly: float


def joint_funding(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Compare what the NHS pays towards open packages at two snapshots, by why it pays.

    Parameters
    ----------
    before, after : DataFrame
        Lines of two snapshots, as `s75lib.budget.ledger.lines` gives them.

    Returns
    -------
    DataFrame
        ``service_group``, ``funding`` (type as recorded, ``none``, or ``all``), and for each side ``cases``,
        ``gross``, ``health`` (£ a week) and ``health_percent`` (of gross), and ``points`` (their difference
        in percentage points). Blank service group: all.
    """
    sides = [_by_funding(funded(rows[rows["open"]])) for rows in (before, after)]
    keys = ["service_group", "funding"]
    both = sides[0].merge(sides[1], how="outer", on=keys, suffixes=("_before", "_after"), sort=False)
    numbers = [name for name in both.columns if name not in keys]
    both[numbers] = both[numbers].fillna(0.0)
    for side in ("before", "after"):
        both[f"health_percent_{side}"] = (
            100 * both[f"health_{side}"] / both[f"gross_{side}"].where(both[f"gross_{side}"] > 0)
        )
    both = both.assign(
        points=both["health_percent_after"] - both["health_percent_before"],
        last=(both["funding"] == "all").astype(int),
        whole=(both["service_group"] == "").astype(int),
    )
    ordered = both.sort_values(
        ["whole", "service_group", "last", "funding"], kind="stable", ignore_index=True
    )
    return ordered.drop(columns=["last", "whole"]).astype({"cases_before": int, "cases_after": int})


def funded(rows: pd.DataFrame) -> pd.DataFrame:
    """Name why the NHS pays for each line, or that it does not.

    Parameters
    ----------
    rows : DataFrame
        As `s75lib.budget.ledger.lines` gives them.

    Returns
    -------
    DataFrame
        With ``funding``: the type as recorded, or ``none``.
    """
    return rows.assign(funding=rows["health_funding_type"].where(rows["health_funding_type"] != "", OWN))


def charges(packages: pd.DataFrame, rows: pd.DataFrame) -> Charges:
    """Find client contributions on section 117 aftercare, for which no one may be charged.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`, which tell what the ledger holds at all.
    rows : DataFrame
        Lines of one snapshot, as `s75lib.budget.ledger.lines` gives them.

    Returns
    -------
    Charges

    References
    ----------
    Mental Health Act 1983, section 117; R v Manchester City Council ex parte Stennett [2002] UKHL 34.
    """
    known = bool(packages["s117"].notna().any() and packages["client_weekly"].notna().any())
    free = rows[rows["open"] & rows["s117"].fillna(False).astype(bool)]
    charged = free[free["client"] > 0]
    people = charged["person_key"].nunique()
    return Charges(
        rows["snapshot_date"].iloc[0],
        known,
        free["person_key"].nunique(),
        len(charged),
        people,
        float(charged["client"].sum()),
    )


def reviews(packages: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Count cases that have run for a year without a review in it, by team.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`: all snapshots, for a start may be older in one before.
    rows : DataFrame
        Lines of one snapshot, as `s75lib.budget.ledger.lines` gives them.

    Returns
    -------
    DataFrame
        ``team``, ``cases`` (open for twelve months or more), ``overdue`` (of these, no review in the last
        twelve months) and ``percent``; no rows where the ledger holds no review date at all.

    Notes
    -----
    The latest review of a case's open packages counts, and its earliest start in any snapshot held, since a
    re-issued reference may restart the date. A case that is younger than a year
    is not yet due under the rule of a yearly review (Care and Support Statutory Guidance, 13.32).
    """
    if packages["last_review_date"].isna().all():
        return pd.DataFrame(columns=["team", "cases", "overdue", "percent"])
    by_case = rows[rows["open"]].groupby(CASE)
    cases = by_case.agg(team=("team", "first"), last=("last_review_date", "max")).reset_index()
    cases = cases.merge(first_start(packages), on=CASE)
    year_ago = pd.Timestamp(rows["snapshot_date"].iloc[0]) - pd.DateOffset(years=1)
    due = cases[cases["first"] <= year_ago]
    overdue = due["last"].isna() | (due["last"] < year_ago)
    table = (
        due.assign(overdue=overdue).groupby("team").agg(cases=("overdue", "size"), overdue=("overdue", "sum"))
    )
    return table.assign(percent=100 * table["overdue"] / table["cases"]).reset_index()


def _by_funding(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum by service group and funding type, with totals over either."""
    rows = rows[["service_group", "funding", *CASE, "gross", "health"]]
    either = rows.assign(funding="all"), rows.assign(service_group="")
    parts = pd.concat([rows, *either, either[0].assign(service_group="")], keys=range(4), names=["total"])
    parts = parts.reset_index("total")
    keys = ["total", "service_group", "funding"]
    sums = parts.groupby(keys)[["gross", "health"]].sum()
    sums["cases"] = parts.drop_duplicates([*keys, *CASE]).groupby(keys).size()
    # Blank means all groups: where a line's group is blank, that total takes the place of its own sum.
    return sums.reset_index(keys[1:]).drop_duplicates(keys[1:], keep="last")
