"""The budget deep dive: where the money stands, what moved, why, and where the year will end.

A module is a section of the notebook and holds its metrics, its findings, its charts and its tables:

- ``position``: commitment and forecast against budget, lines and totals at every snapshot of the monitor.
- ``movement``: what moved between two snapshots, by line and by setting, and snapshot by snapshot.
- ``causes``: exact effects of number, mix, weeks, intensity, price and social care's share.
- ``cases``: the bridge by case between two snapshots of the package ledger.
- ``outturn``: the run-rate, a projection with its interval, the full-year effect.
- ``concentration``, ``unit_costs``, ``funding``: where the cost sits, what a unit costs, who pays.
- ``joint_funding``: section 117 and joint packages, expected against actual, case by case.
- ``staffing``: the staffing position, vacant posts, and what locums cost.
- ``published_totals``: every printed total beside the recomputed one, with what rounding can explain.

Beside them: ``ledger`` (the ledger's lines, weeks and commitments), ``disclosure`` (which counts of cases may
be shown, over all tables that share totals), ``naming`` (how groups and amounts are written) and ``study``,
which works each result out once for an authority.

Here the sections bear the names of their modules, as a notebook calls them: ``budget.causes(study)``. Metrics
are imported from the module: ``from s75lib.budget.causes import causes``.

Metrics take, unless they say otherwise:

- `rows`, `before`, `after`: lines of one snapshot, or of an earlier and a later one, as
  `s75lib.budget.ledger.lines` gives them.
- `packages` (of all snapshots), `budget`, `staffing`, `workforce`: the contract's datasets; `rules`:
  `funding_rules`; `data`: what `s75lib.load` gives.
- `trend`, `moved`, `costs`, `found`: what `trend`, `movement`, `unit_costs` and `causes` give.
- `start`, `end`: days of two snapshots; `since`: the first day of a claim.
- `by`: columns to sum by; `funding`: a health_funding_type; `threshold`: the fewest people in a group.

Money is in £, posts in whole-time equivalents. In examples, `held` is the study of Exampleshire.
"""

from __future__ import annotations

__all__ = [
    "Study",
    "cases",
    "causes",
    "concentration",
    "funding",
    "joint_funding",
    "movement",
    "outturn",
    "position",
    "published_totals",
    "reconciliation",
    "snapshot_by_snapshot",
    "staffing",
    "study",
    "unit_costs",
]

from s75lib.budget.cases import section as cases
from s75lib.budget.causes import section as causes
from s75lib.budget.concentration import section as concentration
from s75lib.budget.funding import section as funding
from s75lib.budget.joint_funding import section as joint_funding
from s75lib.budget.movement import section as movement
from s75lib.budget.movement import snapshot_by_snapshot
from s75lib.budget.outturn import section as outturn
from s75lib.budget.position import section as position
from s75lib.budget.published_totals import section as published_totals
from s75lib.budget.reconciliation import section as reconciliation
from s75lib.budget.staffing import section as staffing
from s75lib.budget.study import Study, study
from s75lib.budget.unit_costs import section as unit_costs
from s75lib.present import focus_sections

focus_sections(__name__)
