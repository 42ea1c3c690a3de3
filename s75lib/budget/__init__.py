"""The budget deep dive: where the money stands, what moved, why, and where the year will end.

A module is a section of the notebook: its metrics, findings, charts and tables.

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

__all__ = ["Study", "study"]

from s75lib.budget.study import Study, study
from s75lib.present import offer_sections

offer_sections(__name__)
