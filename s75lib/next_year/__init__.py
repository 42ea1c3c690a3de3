"""Next year's budget: what next year costs, in steps that add up, with intervals, and what would balance it.

A module is a section of the notebook and holds its metrics, its findings, its charts and its tables:

- ``requirement``: the bridge from this year's outturn to next year's requirement.
- ``outlook``: next year and two more by simulation, what matters most, the gap to the budget.
- ``levers``: what each lever alone must do to close it.
- ``prices``, ``demand``, ``known_changes``, ``savings``: the steps one by one.
- ``contributions``: what each partner must bring.

Beside them: ``history`` (cases over the ledger's snapshots, starters and leavers), ``model`` (the years ahead
by month and cell, and their draws) and ``study``.

Metrics take, unless they say otherwise:

- `rows`: lines of the ledger, as `s75lib.budget.ledger.lines` gives them; `held`: its cases over time.
- `found`: the flows of cases; `cells`: what these are of, with ``service_group``, ``care_type`` and
  ``age_band``; `by`: one of these columns.
- `made`: the model of the years ahead; `central`: its central case; `groups`: the service groups that are
  its parts; `draws`: so many futures drawn from it.
- `labels`: the year of the ledger and those ahead; `label`, `next_label`: one of them; `day`: the ledger's
  latest snapshot, or the period's end.
- `savings`, `known`: what `planned_savings` and `known_costs` give; `changes`: the contract's
  `known_changes`; `one_off`: net cost of items beside the ledger that don't come again.
- `given`, `budget`: net budget proposed for next year (0: none, that of the monitor counts);
  `requirement`: next year's net cost; `gap`: the one less the other.
- `review`: what a review changed in the past; `partnership`: the study of the account; `data`: what
  `s75lib.load` gives.

Money is in £. In examples, `held` is the study of Exampleshire.
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
