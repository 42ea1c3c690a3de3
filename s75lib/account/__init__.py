"""The partnership account: who pays what, who bears the difference, what is due when, and when it ends.

A module is a section of the notebook, and says at its top what it holds.

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

__all__ = ["Study", "study"]

from s75lib.account.study import Study, study
from s75lib.present import offer_sections

offer_sections(__name__)
