"""Analysis of mental health social work that councils and NHS trusts run under a section 75 agreement.

The map of the house, from the ground up:

- ``errors``: one family of errors; a `DataError` carries every fault found.
- ``shared``: what the reports of a run need alike and work out once.
- ``stats``: methods that know no domain (intervals, comparisons, control charts, decomposition,
  forecasting, rounding, suppression).
- ``loaders``: from an authority's own files to validated frames, cut at the end of a period.
- ``present``: findings, tables, figures, sections, the study behind them, numbers in words.
- ``claims``: a published statement against its recomputation.
- ``budget``, ``kpi``, ``workload``: the wings; a module is a section of the notebook.
- ``account``: who pays what under the agreement and who bears the difference, by the metrics of the wings.
- ``next_year``: what next year costs, on the ledger of the budget wing.
- ``scorecard``: the areas of the wings on one page, by their own metrics, and the risk register.
- ``report``: notebooks run for many authorities, exported to HTML, with manifests and an index.
- ``cli``: the command ``s75``.

A notebook loads data, begins its wing's study, and calls a section under each heading.

>>> import s75lib as s75
>>> data = s75.load("islington", "2018/19")
>>> study = s75.kpi.study(data)
>>> len(study.headlines)
10
"""

from __future__ import annotations

__all__ = [
    "Sources",
    "__version__",
    "account",
    "budget",
    "claims",
    "kpi",
    "load",
    "next_year",
    "peers",
    "scorecard",
    "section",
    "show",
    "sources",
    "summary",
    "workload",
]

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from s75lib import account, budget, claims, kpi, next_year, scorecard, workload
    from s75lib.loaders import load, peers
    from s75lib.present import Sources, section, show, sources, summary

__version__ = version("s75lib")

_MODULES = ("account", "budget", "claims", "kpi", "next_year", "scorecard", "workload")
_HOMES = {
    "Sources": "s75lib.present",
    "load": "s75lib.loaders",
    "peers": "s75lib.loaders",
    "section": "s75lib.present",
    "show": "s75lib.present",
    "sources": "s75lib.present",
    "summary": "s75lib.present",
}


def __getattr__(name: str) -> Any:
    # Imported when first used, so that the command line answers at once.
    if name in _MODULES:
        return import_module(f"s75lib.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 's75lib' has no attribute {name!r}")
