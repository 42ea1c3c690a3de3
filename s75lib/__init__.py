"""Analysis of mental health social work that councils and NHS trusts run under a section 75 agreement.

The map of the house, from the ground up:

- ``errors``: one family of errors; a `DataError` carries every fault found.
- ``stats``: methods that know no domain (intervals, comparisons, control charts, decomposition,
  forecasting, rounding, suppression).
- ``loaders``: from an authority's folder to validated frames, cut at the end of a period.
- ``present``: findings, parts of a report, chart parts, numbers in words.
- ``claims``: a published statement against its recomputation.
- ``budget``, ``kpi``, ``workload``: the wings, each metrics first, then figures, tables and wording.
- ``report``: notebooks run for many authorities, exported to HTML, with manifests and an index.
- ``cli``: the command ``s75``.

A notebook needs three names: `load`, `show`, and its wing.

>>> import s75lib as s75
>>> data = s75.load("islington", "2018/19")
>>> data.period.label
'2018/19'
"""

from __future__ import annotations

__all__ = ["__version__", "load", "show"]

from importlib.metadata import version

from s75lib.loaders import load
from s75lib.present import show

__version__ = version("s75lib")
