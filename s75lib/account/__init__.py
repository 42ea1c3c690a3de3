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
`year` is a financial year, `who` the authority. In examples, `held` is the study of Exampleshire.
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
