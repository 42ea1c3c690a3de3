"""Workload: what comes in, what is to be expected, and the people that it takes.

The map of the wing:

- ``study``: everything that the notebook shows, computed once from an authority's data.
- ``series``, ``shifts``, ``outlook``: monthly series, steps, forecasts by measure and team that add up.
- ``transfers``, ``reviews``: people whose packages move, and the reviews that fall due.
- ``published``: means a month and enquiries against concerns, from yearly published figures.
- ``assumptions``, ``draws``: every number that the data don't give, with range and source; random draws.
- ``staffing``, ``workforce``, ``recruitment``, ``scenarios``: from work to people.
- ``caseload``, ``backlog``, ``rota``: stocks and queues.
- ``naming``, ``shown``, ``needs``: names for readers, small counts hidden, what is missing for what.
- ``wording``, ``tables``, ``figures``: what the reader sees.
"""

from __future__ import annotations

__all__ = [
    "Assumptions",
    "Outlook",
    "Shift",
    "Shifts",
    "Study",
    "assumptions",
    "figures",
    "monthly",
    "outlook",
    "shifts",
    "since",
    "study",
    "tables",
    "totals",
    "transfers",
    "wording",
]

from s75lib.workload import figures, tables, wording
from s75lib.workload.assumptions import Assumptions, assumptions
from s75lib.workload.outlook import Outlook, outlook
from s75lib.workload.series import monthly, totals
from s75lib.workload.shifts import Shift, Shifts, shifts, since
from s75lib.workload.study import Study, study
from s75lib.workload.transfers import transfers
