"""The datasets of the data contract: one schema each, which is also the data dictionary."""

from __future__ import annotations

__all__ = ["CARE_TYPES", "DATASETS", "MEASURES", "Column", "Dataset", "Kind"]

from s75lib.loaders.schemas.care import PACKAGES, TRANSFERS
from s75lib.loaders.schemas.finance import BUDGET, STAFFING
from s75lib.loaders.schemas.governance import ACTIONS, CLAIMS, FACTS, RISKS
from s75lib.loaders.schemas.model import Column, Dataset, Kind
from s75lib.loaders.schemas.performance import AUDITS, KPI, SURVEY
from s75lib.loaders.schemas.vocabulary import CARE_TYPES, MEASURES
from s75lib.loaders.schemas.work import ACTIVITY, ASSUMPTIONS, WORKFORCE

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        BUDGET,
        STAFFING,
        PACKAGES,
        TRANSFERS,
        KPI,
        ACTIVITY,
        WORKFORCE,
        ASSUMPTIONS,
        SURVEY,
        AUDITS,
        RISKS,
        ACTIONS,
        FACTS,
        CLAIMS,
    )
}
"""Every dataset of the contract, by name."""
