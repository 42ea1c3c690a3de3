"""The KPI wing: which indicators moved, by how much, and whether it could be chance.

Its map: ``pairs`` chooses what is compared with what; ``shares`` and ``events`` compare percentages and
counts, ``comparing`` picks between them and ``changes`` does so for every indicator; ``targets``, ``ratios``,
``surveys``, ``audits`` and ``control`` (control charts) each answer one more question; ``matrix`` joins them
in a row an indicator, ``findings`` in one call. ``wording``, ``tables`` and ``figures`` show the results,
``sections`` in the order of the notebook. ``public`` gives what a report on another authority may show.
"""

from __future__ import annotations

__all__ = [
    "Findings",
    "answers",
    "audit_changes",
    "cases_needed",
    "changes",
    "charts",
    "compliance",
    "control_summary",
    "enquiries_per_concern",
    "figures",
    "findings",
    "matrix",
    "may_show",
    "months_recounted",
    "sections",
    "survey_changes",
    "tables",
    "targets",
    "wording",
]

from s75lib.kpi import figures, sections, tables, wording
from s75lib.kpi.audits import audit_changes, cases_needed, compliance
from s75lib.kpi.changes import changes
from s75lib.kpi.control import charts, control_summary
from s75lib.kpi.findings import Findings, findings
from s75lib.kpi.matrix import matrix
from s75lib.kpi.public import may_show
from s75lib.kpi.ratios import enquiries_per_concern
from s75lib.kpi.surveys import answers, survey_changes
from s75lib.kpi.targets import months_recounted, targets
