"""What the wing's tests share: rows of indicators, and the study of a shipped authority."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from s75lib.kpi import Study, study
from s75lib.loaders import load

COLUMNS = (
    "indicator", "group", "period", "value", "unit", "numerator", "denominator", "decimals", "target",
    "months_on_target", "months_reported", "reference",
)  # fmt: skip
TEXTS = {"indicator": "calls", "group": "", "period": "2024/25", "unit": "count", "reference": ""}


@pytest.fixture(scope="session")
def rows() -> Callable[..., pd.DataFrame]:
    """Make a dataset of indicators from what matters of each row."""

    def make(*told: dict[str, Any]) -> pd.DataFrame:
        blank = dict.fromkeys(COLUMNS, math.nan) | TEXTS
        frame = pd.DataFrame([blank | row for row in told], columns=list(COLUMNS))
        return frame.astype({name: "float64" for name in COLUMNS if name not in TEXTS})

    return make


@pytest.fixture(scope="session")
def of(data_dir: Path) -> Callable[..., Study]:
    """Study a shipped authority, each once for the session."""
    held: dict[tuple[str, str], Study] = {}

    def find(authority: str, period: str = "") -> Study:
        if (authority, period) not in held:
            held[authority, period] = study(load(authority, period, data_dir=data_dir))
        return held[authority, period]

    return find
