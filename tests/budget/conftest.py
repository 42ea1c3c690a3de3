"""A study of single datasets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from s75lib import load
from s75lib.budget import Study, study


@pytest.fixture(scope="session")
def studied() -> Callable[..., Study]:
    """Study the datasets given, and nothing else."""
    held = load("islington")
    empty = replace(study(held), claims=held.claims.iloc[:0])

    def of(fewest: int = 5, **frames: pd.DataFrame) -> Study:
        return replace(empty, fewest=fewest, **frames)

    return of
