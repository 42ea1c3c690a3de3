"""The areas of the scorecard: each gives its rows, by the metric functions of its own wing."""

from __future__ import annotations

__all__ = [
    "AREAS",
    "Measure",
    "counted",
    "indicators",
    "money",
    "plans",
    "risk",
    "without",
    "without_forecast",
    "work",
]

from s75lib.scorecard.areas.counts import counted, without, without_forecast
from s75lib.scorecard.areas.indicators import indicators
from s75lib.scorecard.areas.measure import Measure
from s75lib.scorecard.areas.money import money
from s75lib.scorecard.areas.risk import plans, risk
from s75lib.scorecard.areas.work import work

AREAS = ("Budget", "Workload", "Indicators", "Risk")
"""The four areas of a joint performance dashboard; improvement actions stand beside them."""
