"""The budget deep dive: where the money stands, what moved, why, and where the year will end.

From published totals alone:

- ``snapshots``: the issues of the budget monitor, and which two to compare.
- ``position``: commitment and forecast against budget, lines and totals; ``trend`` through the snapshots.
- ``movement``: what moved between two snapshots, by line and by setting (bed-based, community).
- ``staffing``: the staffing position, and the month that its phasing stands for.
- ``printed``: every printed total beside the recomputed one, with what rounding can explain.

From a package ledger:

- ``ledger``: one snapshot's lines, their weeks in the year, commitments.
- ``causes``: exact effects of number, mix, weeks, intensity, price and social care's share.
- ``cohort``: the bridge by case between two snapshots.
- ``outturn``: run-rate, projection with interval, full-year effect.
- ``pressure``, ``funding``: where the cost sits and who pays.
- ``disclosure``: keeps single people out of tables.

``wording``, ``tables`` and ``figures`` turn these into what a report shows; ``section`` puts the parts of one
section together.
"""

from __future__ import annotations

__all__ = [
    "causes",
    "cohort",
    "disclosure",
    "figures",
    "funding",
    "ledger",
    "movement",
    "outturn",
    "position",
    "pressure",
    "printed",
    "section",
    "snapshots",
    "staffing",
    "tables",
    "wording",
]

from s75lib.budget import (
    causes,
    cohort,
    disclosure,
    figures,
    funding,
    ledger,
    movement,
    outturn,
    position,
    pressure,
    printed,
    snapshots,
    staffing,
    tables,
    wording,
)
from s75lib.budget.sections import section
