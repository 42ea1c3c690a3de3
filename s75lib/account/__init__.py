"""The partnership account: who pays what, who bears the difference, what is due when, and when it ends.

A module is a section of the notebook:

- ``statement``: the memorandum account by quarter, and payments against what is due.
- ``liability``: who bears the difference, step by step, on every basis, and under every other rule.
- ``calendar``: the agreement's days, and what does not fit together in them.
- ``functions``: functions delegated and kept, roles, governance, and the published figures.
- ``outcomes``: cost by service group beside the indicators of the same group and years.
- ``next_year``: what today's packages ask of each partner for a full year.

``naming`` writes amounts; ``study`` works each result out once for an authority. Money is in whole pence
until it is shown. Metrics are imported from the module: ``from s75lib.account.statement import expenditure``.
Metrics take, unless they say otherwise:

- `data`: what `s75lib.load` gives, its datasets known by the period's end; `who`: the authority.
- `year`: a financial year; `compared`: the earlier one of two, the latest but one if left out.
- `agreement`: as authority.toml holds it; `known_by`: the end of the report's period.
- `contributions`: the dataset, or whether it is held; `funding`: how the agreement holds its money, for
  rows that don't say (None: pooled).
- `agreed`: a sum for the year; `day`: one in it; `cost`: the net cost of next year.
- `this`, `coming`, `expenditure`: what `statements` (of this year and the next) and `expenditure` give.
- `trend`, `net`, `outturn`, `money`: the budget wing's totals, net totals, projection and study.
- `indicators`: those that may be shown, with ``indicator``, ``group``, ``period``, ``value``, ``unit``.
- `basis`: a difference with its lines; `rule`: gives the rule for differences by line, or None.

In examples, `held` is the study of Exampleshire.
"""

from __future__ import annotations

__all__ = [
    "Study",
    "calendar",
    "functions",
    "liability",
    "next_year",
    "outcomes",
    "statement",
    "study",
]

from s75lib.account.calendar import section as calendar
from s75lib.account.functions import section as functions
from s75lib.account.liability import section as liability
from s75lib.account.next_year import section as next_year
from s75lib.account.outcomes import section as outcomes
from s75lib.account.statement import section as statement
from s75lib.account.study import Study, study
from s75lib.present import focus_sections

focus_sections(__name__)
