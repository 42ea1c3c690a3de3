"""The shipped authorities' scorecards, whole or changed, and made-up authorities beside each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from s75lib.kpi import may_show
from s75lib.loaders import AuthorityData, load
from s75lib.loaders.indicators import REGISTRY
from s75lib.loaders.peers import PeerFile, Peers
from s75lib.loaders.period import Period
from s75lib.scorecard import Study
from s75lib.scorecard.card import Measure

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def data_of() -> Callable[[str], AuthorityData]:
    return cache(lambda authority: load(authority, data_dir=DATA))


@pytest.fixture(scope="session")
def study_of(data_of: Callable[[str], AuthorityData]) -> Callable[[str], Study]:
    return cache(lambda authority: Study(data_of(authority)))


@pytest.fixture(scope="session")
def changed(data_of: Callable[[str], AuthorityData]) -> Callable[..., Study]:
    """Open the scorecard of an authority with some frames put in place of its own."""

    def change(authority: str, **frames: Any) -> Study:
        data = data_of(authority)
        return Study(replace(data, frames=type(data.frames)(dict(data.frames.untracked()) | frames)))

    return change


@pytest.fixture(scope="session")
def row() -> Callable[[Study, str], Measure]:
    """Find the one measure of a scorecard whose name begins so."""

    def find(study: Study, name: str) -> Measure:
        measures = [one for area in study.measures.values() for one in area]
        (one,) = [one for one in measures if one.name.startswith(name)]
        return one

    return find


# Authorities beside each other

NUMBERS = ["value", "numerator", "denominator", "decimals", "target", "months_on_target", "months_reported"]
PLANS = {
    "alpha": (300, 500),
    "beta": (150, 200),
    "gamma": (320, 400),
    "delta": (75, 100),
    "epsilon": (230, 300),
}


@pytest.fixture(scope="session")
def plan_counts() -> dict[str, tuple[int, int]]:
    """Crisis plans of five authorities: Alpha is far below the others."""
    return PLANS


@pytest.fixture(scope="session")
def rows() -> Callable[..., dict[str, Any]]:
    """Make one figure of one authority; a percentage of its counts unless said otherwise."""

    def make(
        slug: str, called: str, numerator: float = math.nan, denominator: float = math.nan, **given: Any
    ) -> dict[str, Any]:
        figure = {
            "period": "2018/19",
            "unit": "percent",
            "value": 100 * numerator / denominator,
            "numerator": numerator,
            "denominator": denominator,
            "decimals": 1.0,
        }
        missing = dict.fromkeys(("target", "months_on_target", "months_reported"), math.nan)
        blank = {"group": "", "reference": ""}
        name = slug.title() if slug in PLANS else slug
        return {"authority": slug, "name": name, "indicator": called} | blank | figure | missing | given

    return make


@pytest.fixture(scope="session")
def beside() -> Callable[..., Peers]:
    """Make peers as the loader gives them, the first row's authority asking."""

    def make(
        *held: dict[str, Any],
        period: str = "2018/19",
        fewest: Any = 1,
        registries: Any = None,
        left_out: tuple[Any, ...] = (),
    ) -> Peers:
        frame = pd.DataFrame(held).astype(dict.fromkeys(NUMBERS, "float64"))
        slugs = list(dict.fromkeys(frame["authority"]))
        few = fewest if isinstance(fewest, dict) else dict.fromkeys(slugs, fewest)
        shown = [may_show(frame[frame["authority"] == s].reset_index(drop=True), few[s]) for s in slugs]
        return Peers(
            authority=slugs[0],
            name=slugs[0].title(),
            period=Period.parse(period),
            frame=pd.concat(shown, ignore_index=True),
            registries={slug: (registries or {}).get(slug, REGISTRY) for slug in slugs},
            files=tuple(PeerFile(slug, slug.title(), f"{slug}/kpi.csv", "ab" * 32, 1) for slug in slugs),
            left_out=left_out,
        )

    return make


@pytest.fixture(scope="session")
def plans(rows: Callable[..., Any], beside: Callable[..., Peers]) -> Callable[..., Peers]:
    """Set the five authorities' crisis plans beside each other."""
    return lambda **options: beside(*(rows(s, "crisis_plans", *PLANS[s]) for s in PLANS), **options)
