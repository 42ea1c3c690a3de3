"""Next year's budget: what next year costs, in steps that add up, with intervals, and what would balance it.

A module is a section of the notebook: its metrics, findings, charts and tables.

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

__all__ = ["Study", "study"]

from s75lib.next_year.study import Study, study
from s75lib.present import offer_sections

offer_sections(__name__)
