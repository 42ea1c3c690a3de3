"""The partnership's scorecard: budget, workload, indicators and risk on one page.

The map of the wing, which stands above the other wings and calls their metrics. A module is a section of the
notebook, of which a cell calls ``section``:

- ``card``: the grid of all measures, a row for each.
- ``budget``, ``workload``, ``indicators``: the areas of the other wings.
- ``risks``: the register recomputed, its movement and reviews; ``risk_matrix``: the matrix of five by five,
  and what contradicts it.
- ``actions``: improvement actions against the last day that anything was known of.
- ``comparison``: the place among other authorities; ``benchmarking``: what of theirs means the same, tested.
- ``study``: all of these, each worked out when it is first asked for.

`confidence` is the coverage of an interval, in (0, 1).
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
