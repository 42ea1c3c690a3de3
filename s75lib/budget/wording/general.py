"""What the notebook as a whole can say: whether it applies, what totals can't tell, what was checked."""

from __future__ import annotations

__all__ = ["applicable", "checks", "separate"]

import pandas as pd

from s75lib.budget.study import Study
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


_FINANCE = Need(
    "packages",
    ("service_group", "team", "health_weekly", "health_funding_type", "client_weekly", "s117"),
    "joint funding, client contributions and findings by group and team, from the finance system",
)


def applicable(study: Study) -> list[Missing]:
    """Say where nothing of the budget deep dive can be done.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Missing
        Empty where any of the three has a row; else what is missing, and the status of the notebook.
    """
    if len(study.budget) or len(study.staffing) or len(study.packages):
        return []
    reason = "No budget monitor, staffing position or package ledger is published for this partnership."
    return [Missing(reason, (*_NEEDS, *LEDGER_NEEDS), whole=True)]


def separate(study: Study) -> list[Missing]:
    """Say that totals alone can't separate volume from price, or what the ledger's origin leaves open.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Missing
        Empty where there is a ledger with nothing to be said against it.
    """
    if study.caveats:
        return [
            Missing(
                "The ledger was made from the Client Level Data return, which can't tell everything that "
                "follows "
                "from a finance system's ledger.",
                (_FINANCE,),
            )
        ]
    if len(study.packages):
        return []
    return [
        Missing(
            "No package ledger is held. From totals alone, without the number of packages behind them, more "
            "people and dearer care can't be told apart: no statement on which of the two drove a movement "
            "can be checked here.",
            LEDGER_NEEDS,
        )
    ]


def checks(study: Study) -> list[Check]:
    """Check that the parts of the monitor add up, and that rounding explains what differs in print.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Check
        Of the monitor, of the printed tables, and of what small counts are hidden, as far as they are there.
    """
    made = list(study.counts.checks) if study.day is not None else []
    if study.budget.empty:
        return made
    made += [_one_budget(study.budget), _groups_add_up(study.position)]
    tables = study.printed[study.printed["in_table"]]
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


def _groups_add_up(rows: pd.DataFrame) -> Check:
    groups = rows[(rows["scope"] == "group") & (rows["level"] == "net")]["commitment"].sum(skipna=False)
    whole = rows.loc[(rows["scope"] == "all") & (rows["level"] == "net"), "commitment"].iloc[0]
    gap = abs(float(groups) - float(whole))
    return Check(
        "budget.groups_add_up",
        bool(gap < 0.005),
        "The service groups' net commitments add up to the total of all lines.",
    )
