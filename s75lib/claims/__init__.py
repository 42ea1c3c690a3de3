"""A published statement against its recomputation.

- ``recipe``: how a claim is recomputed, read as data and never run as code.
- ``rows``: the rows of a dataset that meet a claim's filter.
- ``inputs``, ``recompute``: the recomputation in exact fractions, each rounded input an interval.
- ``alternatives``: what else a false figure may be (another unit, an earlier snapshot, another basis).
- ``possible``: percentages that a stated base cannot give.
- ``verdicts``: `check_claims`, which brings these together; ``detail`` holds its sentences.
- ``wording``, ``parts``: findings, and the claims as a notebook shows them.
"""

from __future__ import annotations

__all__ = [
    "CONTRADICTIONS",
    "NOTEBOOK_DATASETS",
    "VERDICTS",
    "Claims",
    "check_claims",
    "headlines",
    "of_datasets",
    "of_notebook",
    "section",
]

from s75lib.claims.parts import NOTEBOOK_DATASETS, Claims, of_datasets, of_notebook, section
from s75lib.claims.verdicts import CONTRADICTIONS, VERDICTS, check_claims
from s75lib.claims.wording import headlines
