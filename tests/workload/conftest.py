"""The example and its truth, assumptions without ranges, and an outlook that expects the same each month."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from s75lib import workload
from s75lib.loaders import load
from s75lib.workload.assumptions import DEFAULTS, Assumptions
from s75lib.workload.demand import Outlook

LAST = pd.Timestamp("2025-03-01")


def _fixed(**values):
    """The defaults without any range, some set to a value."""
    return Assumptions(
        {
            d.name: replace(d, low=v, central=v, high=v)
            for d in DEFAULTS
            for v in [values.get(d.name, d.central)]
        }
    )


def _flat(counts, n=200, horizon=12, last=None, teams=None):
    """An outlook that expects the same each month, up to March 2025; teams as shares of each measure."""
    ends = last or {}
    years = pd.DataFrame([{"measure": m, "team": "", "last_month": ends.get(m, LAST)} for m in counts])
    paths = {m: np.full((n, horizon), float(c)) for m, c in counts.items()}
    parts = {(m, t): share * whole for m, whole in paths.items() for t, share in (teams or {}).items()}
    return Outlook(pd.DataFrame(), years, pd.DataFrame(), paths, parts, horizon)


@pytest.fixture
def fixed():
    return _fixed


@pytest.fixture
def flat():
    return _flat


@pytest.fixture(scope="session")
def example(data_dir):
    return load("exampleshire", data_dir=data_dir)


@pytest.fixture(scope="session")
def work(example):
    return workload.study(example)


@pytest.fixture(scope="session")
def truth(data_dir):
    """What was planted in the example's activity."""
    return tomllib.loads((data_dir / "exampleshire" / "truth.toml").read_text(encoding="utf-8"))["activity"]


@pytest.fixture
def posts():
    """The workforce of two teams."""
    columns = ["team", "role", "wte_establishment", "wte_in_post", "wte_locum", "hours_per_wte_week",
               "unavailable_share"]  # fmt: skip
    rows = [
        ("Alder", "Social worker", 6.0, 5.0, 1.0, 37.0, 0.2),
        ("Alder", "AMHP", 2.0, 2.0, 0.0, 35.0, 0.1),
        ("Beech", "Social worker", 2.0, 1.0, np.nan, 36.0, 0.25),
    ]
    return pd.DataFrame(rows, columns=columns).assign(as_at=pd.Timestamp("2025-03-31"))


@pytest.fixture
def months_apart():
    def between(first, text):
        second = pd.Timestamp(f"{text}-01")
        return abs(12 * (first.year - second.year) + first.month - second.month)

    return between
