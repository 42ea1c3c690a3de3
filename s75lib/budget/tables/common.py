"""What the ledger's tables and charts share: what they say of gaps, and how they hide."""

from __future__ import annotations

__all__ = ["LEDGER_NEEDS", "NO_LEDGER", "SIDES", "conceal", "limits", "no_ledger", "two_days"]

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from s75lib.budget import ledger
from s75lib.budget.study import Study
from s75lib.present import Column, Missing, Need, Table, words

SIDES = ("before", "after")
LEDGER_NEEDS = (
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
NO_LEDGER = Missing("No package ledger is held, so nothing can be said here about single packages.")
_ONE_LEDGER = Missing(
    "What moved between two days needs two snapshots of the package ledger; one is held.",
    (Need("packages", ("snapshot_date",), "a second snapshot to compare with"),),
)


def no_ledger(study: Study) -> Missing:
    """Say why nothing is shown of the ledger, or of two of its snapshots.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Missing
    """
    if study.packages.empty:
        return NO_LEDGER
    if study.day is None or len(ledger.days(study.packages)) > 1:
        return Missing(
            f"Fewer than {study.fewest} people have an open package, too few to say anything of without "
            "disclosing them."
        )
    return _ONE_LEDGER


def limits(study: Study) -> list[Table]:
    """List what the ledger can't tell because of where it comes from.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Table
        Empty for a ledger of whose origin nothing is noted.
    """
    if not study.caveats:
        return []
    frame = pd.DataFrame({"limit": study.caveats})
    return [Table("ledger.limits", "Limits of the ledger", frame, (Column("limit", "What it can't tell"),))]


def two_days(study: Study) -> str:
    """Name the two days compared.

    Parameters
    ----------
    study : Study

    Returns
    -------
    str
    """
    assert study.pair is not None
    return f"{words.day(study.pair[0])} to {words.day(study.pair[1])}"


def conceal(table: Table, fewest: int, gone: Mapping[str, Sequence[bool]]) -> Table:
    """Hide cells of a table and say so below it.

    Parameters
    ----------
    table : Table
    fewest : int
        Fewest cases that may be shown.
    gone : mapping of str to sequence of bool
        Column to whether each row's cell is hidden.

    Returns
    -------
    Table
        Hidden cells are missing in its frame too.
    """
    cells = tuple((row, name) for name, flags in gone.items() for row, flag in enumerate(flags) if flag)
    if not cells:
        return table
    frame = table.frame.reset_index(drop=True)
    hidden = {
        name: pd.array(np.where(flags, np.nan, frame[name].to_numpy(dtype=float, na_value=np.nan)), "Float64")
        for name, flags in gone.items()
    }
    note = f"c: hidden, because a count of cases below {fewest} is in it or could be worked out from it."
    return replace(table, frame=frame.assign(**hidden), notes=(*table.notes, note), hidden=cells)
