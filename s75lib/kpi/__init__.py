"""The KPI wing: which indicators moved, by how much, and whether it could be chance.

A module is a section of the notebook: ``overview`` (every indicator in one row, and on a page of its own),
``changes``, ``targets`` (with ``year_end``, the running year), ``control_charts`` (with ``phases``, where
limits start anew), ``groups``, ``safeguarding``, ``survey``, ``audit``. They share ``comparison`` (which
figures are compared, and how), ``disclosure`` (small counts of people) and ``phrases``. `study` works the
results out; `may_show` gives what another's report may show.

`kpi` is the contract's dataset, or what `s75lib.kpi.comparison.history` gives. `registry` is what
`s75lib.loaders.indicators.read_indicators` gives; left out, it is the toolkit's own. `months` is what
`s75lib.kpi.variation.variations` gives; left out, it is worked out anew. Intervals cover 95%.
"""

from __future__ import annotations

__all__ = ["Study", "may_show", "study"]

from s75lib.kpi.disclosure import may_show
from s75lib.kpi.study import Study, study
from s75lib.present import offer_sections

offer_sections(__name__)
