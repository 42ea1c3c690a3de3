"""The budget deep dive: where the money stands, what moved, why, and where the year will end.

From published totals alone:

- ``snapshots``: the issues of the budget monitor, and which two to compare.
- ``position``: commitment and forecast against budget, lines and totals; ``trend`` through the snapshots.
- ``movement``: what moved between two snapshots, by line and by setting (bed-based, community).
- ``staffing``: the staffing position, and the month that its phasing stands for.
- ``posts``: vacancies in posts and money, and what locums cost beyond employees.
- ``printed``: every printed total beside the recomputed one, with what rounding can explain.

From a package ledger:

- ``ledger``: one snapshot's lines, their weeks in the year, commitments.
- ``causes``: exact effects of number, mix, weeks, intensity, price and social care's share.
- ``cohort``: the bridge by case between two snapshots.
- ``outturn``: run-rate, projection with interval, full-year effect.
- ``pressure``, ``prices``, ``funding``: where the cost sits, what a unit costs, who pays.
- ``counts``: which counts of cases may be shown, over all tables that share totals.

``study`` computes each of these once for an authority; ``wording``, ``tables`` and ``figures`` turn a study
into what a report shows.
"""

from __future__ import annotations

__all__ = [
    "Study",
    "causes",
    "cohort",
    "counts",
    "figures",
    "funding",
    "ledger",
    "movement",
    "outturn",
    "position",
    "posts",
    "pressure",
    "prices",
    "printed",
    "snapshots",
    "staffing",
    "study",
    "tables",
    "wording",
]

from s75lib.budget import (
    causes,
    cohort,
    counts,
    figures,
    funding,
    ledger,
    movement,
    outturn,
    position,
    posts,
    pressure,
    prices,
    printed,
    snapshots,
    staffing,
    tables,
    wording,
)
from s75lib.budget.study import Study, study
