"""What the notebook as a whole can say: whether it applies, what totals can't tell, what was checked."""

from __future__ import annotations

__all__ = ["applicable", "checks", "separate"]

import pandas as pd

from s75lib.budget.position import position
from s75lib.budget.tables.common import LEDGER_NEEDS
from s75lib.present import Check, Missing, Need, words

_NEEDS = (
    Need(
        "budget",
        ("financial_year", "as_at", "service_group", "line", "kind", "budget", "commitment", "forecast"),
        "the position against budget, its movement between snapshots, income and adjustments",
    ),
    Need(
        "staffing",
        (
            "as_at",
            "organisation",
            "group",
            "budget",
            "adjusted_budget",
            "adjusted_budget_to_date",
            "actual_to_date",
            "forecast",
        ),
        "the staffing position and its phasing",
    ),
)


def applicable(budget: pd.DataFrame, staffing: pd.DataFrame, packages: pd.DataFrame) -> list[Missing]:
    """Say where nothing of the budget deep dive can be done.

    Parameters
    ----------
    budget, staffing, packages : DataFrame
        The contract's datasets.

    Returns
    -------
    list of Missing
        Empty where any of the three has a row; else what is missing, and the status of the notebook.
    """
    if len(budget) or len(staffing) or len(packages):
        return []
    reason = "No budget monitor, staffing position or package ledger is published for this partnership."
    return [Missing(reason, (*_NEEDS, *LEDGER_NEEDS), whole=True)]


def separate(packages: pd.DataFrame) -> list[Missing]:
    """Say that totals alone can't separate volume from price.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.

    Returns
    -------
    list of Missing
        Empty where there is a ledger.
    """
    if len(packages):
        return []
    return [
        Missing(
            "No package ledger is held. From totals alone, without the number of packages behind them, more "
            "people and dearer care can't be told apart: no statement on which of the two drove a movement "
            "can be checked here.",
            LEDGER_NEEDS,
        )
    ]


def checks(budget: pd.DataFrame, printed: pd.DataFrame) -> list[Check]:
    """Check that the parts of the monitor add up, and that rounding explains what differs in print.

    Parameters
    ----------
    budget : DataFrame
        The contract's `budget`.
    printed : DataFrame
        As `s75lib.budget.printed.printed` gives it.

    Returns
    -------
    list of Check
        Empty without a monitor.
    """
    if budget.empty:
        return []
    made = [_one_budget(budget), _groups_add_up(budget)]
    tables = printed[printed["in_table"]]
    if len(tables):
        far = tables[tables["reading"] == "beyond rounding"]
        made.append(
            Check(
                "budget.printed",
                far.empty,
                f"{words.count_noun(len(tables), 'figure')} of the published tables beside their "
                "recomputation: "
                f"{words.count_noun(len(far), 'difference')} larger than rounding can make.",
            )
        )
    return made


def _one_budget(budget: pd.DataFrame) -> Check:
    """Within a year, a line's budget may be moved by virement, which the reader should know."""
    keys = ["financial_year", "service_group", "line", "kind"]
    spread = budget.groupby(keys)["budget"].agg(["min", "max"])
    changed = int((spread["max"] > spread["min"]).sum())
    return Check(
        "budget.one_budget",
        changed == 0,
        f"Each line keeps one budget through a year's snapshots: {words.count_noun(changed, 'line')} "
        "with more.",
    )


def _groups_add_up(budget: pd.DataFrame) -> Check:
    rows = position(budget)
    groups = rows[(rows["scope"] == "group") & (rows["level"] == "net")]["commitment"].sum(skipna=False)
    whole = rows.loc[(rows["scope"] == "all") & (rows["level"] == "net"), "commitment"].iloc[0]
    gap = abs(float(groups) - float(whole))
    return Check(
        "budget.groups_add_up",
        bool(gap < 0.005),
        "The service groups' net commitments add up to the total of all lines.",
    )
