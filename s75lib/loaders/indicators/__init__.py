"""The registry of indicators: what each measures, which way is better, where its series break."""

from __future__ import annotations

__all__ = [
    "REGISTRY",
    "FrameworkCode",
    "Indicator",
    "Polarity",
    "ascof_measure",
    "find",
    "generic",
    "read_indicators",
]

from s75lib.loaders.indicators.entry import FrameworkCode, Indicator, Polarity
from s75lib.loaders.indicators.known import REGISTRY
from s75lib.loaders.indicators.reading import ascof_measure, find, generic, read_indicators
