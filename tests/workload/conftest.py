"""Assumptions without ranges, and an outlook that expects the same each month."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from s75lib.workload.assumptions import DEFAULTS, Assumptions
from s75lib.workload.outlook import Outlook

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
    return Outlook(pd.DataFrame(), years, pd.DataFrame(), pd.DataFrame(), paths, parts, horizon)


@pytest.fixture
def fixed():
    return _fixed


@pytest.fixture
def flat():
    return _flat
