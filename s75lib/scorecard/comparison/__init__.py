"""An authority's place among others: funnels, differences from the rest, positions with their uncertainty.

In a notebook, after ``data = s75.load(...)``::

    found = s75.scorecard.comparison.findings(s75.peers(data, s75.kpi.may_show, data_dir=data_dir))
    s75.show(s75.scorecard.comparison.headlines(found))   # list of Headline, may be empty
    s75.show(s75.scorecard.comparison.sections(found))    # figures and tables, or what is missing

`headlines` belongs among the notebook's headlines, `sections` under a heading of its own. Both say plainly
where no other authority has the same indicator. The index over all reports is drawn from the data of the
figure ``between_authorities``.

``choosing`` picks the figures that mean the same, ``standing`` works out one indicator and ``findings`` all
of them; ``wording``, ``tables`` and ``figures`` show them, ``sections`` in order.
"""

from __future__ import annotations

__all__ = ["Findings", "figures", "findings", "headlines", "sections", "tables"]

from s75lib.scorecard.comparison import figures, tables
from s75lib.scorecard.comparison.findings import Findings, findings
from s75lib.scorecard.comparison.sections import sections
from s75lib.scorecard.comparison.wording import headlines
