"""Claims and datasets, typed as the loader types them."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from s75lib.claims import check_claims
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.sources import RawTable
from s75lib.loaders.validation import validated


def _typed(dataset: str, rows: list[dict]) -> pd.DataFrame:
    columns = {"kpi": ["group", "value", "unit"]}.get(dataset, [])
    names = list(dict.fromkeys([*(name for row in rows for name in row), *columns]))
    cells = pd.DataFrame([{name: str(row.get(name, "")) for name in names} for row in rows], dtype="str")
    for name in DATASETS[dataset].required:
        if name not in cells.columns:
            cells[name] = ""
    cells.index = pd.RangeIndex(2, len(cells) + 2)
    return validated(RawTable(cells), DATASETS[dataset], dataset).frame


def _claim(**fields: object) -> dict:
    return {
        "claim_id": "it", "document": "report", "reference": "1", "statement": "It is so", "published": 0,
        "unit": "gbp", "decimals": -3, **fields,
    }  # fmt: skip


@pytest.fixture(scope="session")
def typed() -> Callable[[str, list[dict]], pd.DataFrame]:
    """Rows of plain cells, to the dataset's typed frame."""
    return _typed


@pytest.fixture(scope="session")
def claims_of() -> Callable[..., pd.DataFrame]:
    """Claims from the fields that matter."""
    return lambda *rows: _typed("claims", [_claim(**row) for row in rows])


@pytest.fixture(scope="session")
def judged() -> Callable[..., pd.Series]:
    """One claim, checked against one dataset."""

    def judge(rows: list[dict], **claim: object) -> pd.Series:
        frame = _typed(str(claim["dataset"]), rows)
        checked = check_claims(_typed("claims", [_claim(**claim)]), {str(claim["dataset"]): frame})
        return checked.iloc[0]

    return judge
