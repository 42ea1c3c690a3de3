"""A published statement against its recomputation.

- ``recipe``: how a claim is recomputed, read as data and never run as code, and the rows that it speaks of.
- ``recompute``: the recomputation in exact fractions, each rounded input an interval.
- ``verdicts``: `check_claims`, with what else a false figure may be (another unit, an earlier snapshot,
  another basis) and the sentences that say so.
- ``terms``: the agreement's terms, for what is said of its length.
- ``parts``: findings, and the claims as a notebook shows them.
"""

from __future__ import annotations

__all__ = [
    "CONTRADICTIONS",
    "NOTEBOOK_DATASETS",
    "VERDICTS",
    "Claims",
    "check_claims",
    "headlines",
    "of_a_notebook",
    "of_datasets",
    "of_notebook",
    "section",
]

from s75lib.claims.parts import (
    NOTEBOOK_DATASETS,
    Claims,
    headlines,
    of_a_notebook,
    of_datasets,
    of_notebook,
)
from s75lib.claims.parts import section as whole_section
from s75lib.claims.verdicts import CONTRADICTIONS, VERDICTS, check_claims
from s75lib.present import focused

section = focused(whole_section)
