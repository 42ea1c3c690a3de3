"""The partnership's scorecard: budget, workload, indicators and risk on one page.

It stands above the other wings and calls their metrics. A module is a section of the notebook: ``card`` (the
grid of all measures), ``budget``, ``workload``, ``indicators``, ``risks`` (with ``risk_matrix``, and what
contradicts it), ``actions``, ``comparison`` (with ``benchmarking``: what of others' means the same, tested).

`register` is the risk register as `s75lib.scorecard.risks.register` gives it. Intervals cover 95%.
"""

from __future__ import annotations

__all__ = [
    "Study",
    "actions",
    "budget",
    "card",
    "comparison",
    "indicators",
    "risks",
    "study",
    "workload",
]

from s75lib.present import focus_sections
from s75lib.scorecard.actions import section as actions
from s75lib.scorecard.budget import section as budget
from s75lib.scorecard.card import section as card
from s75lib.scorecard.comparison import section as comparison
from s75lib.scorecard.indicators import section as indicators
from s75lib.scorecard.risks import section as risks
from s75lib.scorecard.study import Study, study
from s75lib.scorecard.workload import section as workload

focus_sections(__name__)
