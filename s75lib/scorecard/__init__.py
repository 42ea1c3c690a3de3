"""The partnership's scorecard: budget, workload, indicators and risk on one page.

The map of the wing, which stands above the other wings and calls their metrics:

- ``card``: everything that the notebook shows, worked out once.
- ``areas``: a module for each area that gives its rows; ``without_forecast`` and ``counted`` for workload.
- ``scale``: the risk matrix of five by five, its words and bands.
- ``register``, ``consistency``: scores recomputed, movement, contradictions and what would mend them.
- ``actions``, ``days``: improvement actions against the last day that anything was known of.
- ``comparison``: the authority's place among the partner authorities.
- ``needs``, ``wording``, ``tables``, ``figures``, ``sections``: what the reader sees.
"""

from __future__ import annotations

__all__ = [
    "Card",
    "actions",
    "card",
    "comparison",
    "contradictions",
    "figures",
    "movement",
    "register",
    "sections",
    "tables",
    "wording",
]

from s75lib.scorecard import comparison, figures, sections, tables, wording
from s75lib.scorecard.actions import actions
from s75lib.scorecard.card import Card, card
from s75lib.scorecard.consistency import contradictions
from s75lib.scorecard.register import movement, register
