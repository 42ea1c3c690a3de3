"""The partnership's scorecard: budget, workload, indicators and risk on one page.

It stands above the other wings and calls their metrics. A module is a section of the notebook: ``card`` (the
grid of all measures), ``budget``, ``workload``, ``indicators``, ``risks`` (with ``risk_matrix``, and what
contradicts it), ``actions``, ``comparison`` (with ``benchmarking``: what of others' means the same, tested).

`register` is the risk register as `s75lib.scorecard.risks.register` gives it. Intervals cover 95%.
"""

from __future__ import annotations

__all__ = ["Study", "study"]

from s75lib.present import offer_sections
from s75lib.scorecard.study import Study, study

offer_sections(__name__)
