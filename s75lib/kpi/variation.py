"""How each indicator's months vary: judged once, for its comparison, its step and its control chart."""

from __future__ import annotations

__all__ = ["misdeclared", "variations"]

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from s75lib.kpi.comparison import YEAR, history, month_number, series
from s75lib.loaders.indicators import Indicator, Kind, find
from s75lib.stats.months import Model, Variation, learnt, vary

Key = tuple[str, str]
_FIGURES = ("value", "numerator", "denominator")
# Plausibility of an autocorrelation of 0.2 or more that contradicts a flow (measured: docs/methods.md).
_CONTRADICTS = 0.8


def variations(kpi: pd.DataFrame, registry: Mapping[str, Indicator] | None = None) -> dict[Key, Variation]:
    """Judge the monthly series of the indicators, each by itself.

    Returns
    -------
    dict of tuple of str to Variation
        By indicator and group; only series of 24 months or more that vary, and of which none is hidden.

    Examples
    --------
    >>> found = variations(load("exampleshire").kpi)
    >>> found["carers_assessed", ""].looks_like
    'flow'
    """
    rows = history(kpi)
    rows = rows[(rows["kind"] == "month").to_numpy()]
    told = {name: rows[name].to_numpy() for name in ("unit", "hidden", *_FIGURES)}
    told["at"] = month_number(rows["end"])
    judged: dict[Key, Variation] = {}
    for key, places in series(rows).items():
        alike = [place for place in places if told["unit"][place] == told["unit"][places[-1]]]
        own = {name: values[alike] for name, values in told.items()}
        if not own["hidden"].any() and len(set(own["at"])) == len(alike):
            found = _series(own, find(key[0], registry))
            if found is not None:
                judged[key] = found
    return judged


def _series(own: Mapping[str, NDArray[Any]], entry: Indicator) -> Variation | None:
    value, numerator, base = (own[name].astype(float) for name in _FIGURES)
    unit, ones = own["unit"][-1], np.ones(len(value))
    counted = bool((~np.isnan(numerator) & (base > 0)).all())
    model: Model = "value"
    events, exposure = value, ones
    if unit == "percent" and counted and (numerator <= base).all():
        events, exposure, model = numerator, base, "share"
    elif unit == "per_100k" and counted:
        events, exposure, model = numerator, base, "count"
    elif unit == "count" and not entry.is_stock and (value % 1 == 0).all():
        model = "count"
    kind: Kind = "caseload" if entry.is_caseload else entry.kind
    return vary(events, exposure, own["at"], model=model, kind=kind)


def step_from(variation: Variation) -> str:
    """Name the month from which the likeliest step holds, or ``trend``.

    >>> step_from(vary([56, 40] * 9 + [30] * 6, [60] * 24, range(24), model="share"))
    '0001-07'
    """
    number = int(variation.months[variation.step.place])
    return "trend" if variation.step.place < 0 else f"{number // YEAR:04d}-{number % YEAR + 1:02d}"


def misdeclared(
    months: Mapping[Key, Variation], registry: Mapping[str, Indicator] | None = None
) -> list[Indicator]:
    """Find indicators declared a flow whose months, alone or judged together, look like a caseload's.

    Examples
    --------
    >>> same = [48] * 4 + [49] * 4 + [47] * 4 + [46] * 4 + [48] * 3 + [49] * 2 + [50] * 3
    >>> found = vary(same, [60] * 24, range(24), model="share", kind="flow")
    >>> [one.label for one in misdeclared({("calls_in_time", ""): found})]
    ['Calls in time']
    """
    judged = zip(months.items(), learnt(list(months.values())), strict=True)
    alike = [
        slug
        for ((slug, _), alone), among in judged
        if alone.kind == "flow" and max(alone.serial, among.serial) > _CONTRADICTS
    ]
    entries = [find(slug, registry) for slug in dict.fromkeys(alike)]
    return [one for one in entries if not one.is_clustered]
