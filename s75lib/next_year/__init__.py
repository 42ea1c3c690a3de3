"""Next year's budget: what next year costs, in steps that add up, with intervals, and what would balance it.

A module is a section of the notebook and holds its metrics, its findings, its charts and its tables:

- ``requirement``: the bridge from this year's outturn to next year's requirement.
- ``outlook``: next year and two more by simulation, what matters most, the gap to the budget.
- ``levers``: what each lever alone must do to close it.
- ``prices``, ``demand``, ``known_changes``, ``savings``: the steps one by one.
- ``contributions``: what each partner must bring.

Beside them: ``history`` (cases over the ledger's snapshots, starters and leavers), ``model`` (the years ahead
by month and cell, and their draws) and ``study``.

Everywhere `rows` are lines of the ledger, as `s75lib.budget.ledger.lines` gives them; `labels` the year of
the ledger and those ahead; `made` is the model of the years ahead, `draws` are so many futures drawn from it;
`savings` and `known` what `planned_savings` and `known_costs` give; `data` what `s75lib.load` gives. Money is
in £. In examples, `held` is the study of Exampleshire.
"""

from __future__ import annotations

__all__ = [
    "Study",
    "contributions",
    "demand",
    "known_changes",
    "levers",
    "outlook",
    "prices",
    "requirement",
    "savings",
    "study",
]

from s75lib.next_year.contributions import section as contributions
from s75lib.next_year.demand import section as demand
from s75lib.next_year.known_changes import section as known_changes
from s75lib.next_year.levers import section as levers
from s75lib.next_year.outlook import section as outlook
from s75lib.next_year.prices import section as prices
from s75lib.next_year.requirement import section as requirement
from s75lib.next_year.savings import section as savings
from s75lib.next_year.study import Study, study
from s75lib.present import focus_sections

focus_sections(__name__)
