"""What reports print of an authority, without making pages of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import s75lib as s75
from s75lib.loaders import AuthorityData, load
from s75lib.loaders.synthetic import csv_text, example_datasets
from s75lib.present import Figure, Table

sys.path.insert(0, str(Path(__file__).parent))

_SECTIONS = {
    "budget": ("position", "movement", "snapshot_by_snapshot", "causes", "cases", "outturn", "concentration",
               "unit_costs", "funding"),
    "kpi": ("overview", "changes", "targets", "control_charts", "survey", "audit", "indicator_pages"),
    "workload": ("transfers", "due", "published"),
}  # fmt: skip


def printed(data: AuthorityData) -> dict[str, dict[str, Any]]:
    """Give every table that the notebooks show, as their manifests carry it; the slow forecasts left out."""
    found = {}
    for wing, names in _SECTIONS.items():
        study = getattr(s75, wing).study(data)
        for name in names:
            for part in getattr(getattr(s75, wing), name)(study).parts:
                if isinstance(part, Table | Figure):
                    found[part.id] = part.payload()
        plt.close("all")
    return found


def mean_bases(kpi: pd.DataFrame) -> dict[str, float]:
    """Give the mean base of each monthly percentage, by the id of its chart."""
    months = kpi[kpi["period"].str.fullmatch(r"\d{4}-\d\d") & kpi["unit"].eq("percent")]
    means = months.groupby(["indicator", "group"])["denominator"].mean().dropna()
    return {f"control.{slug}.{group or 'all'}": float(mean) for (slug, group), mean in means.items()}


@pytest.fixture
def authority(tmp_path: Path) -> Callable[..., AuthorityData]:
    """Load a drawn authority: ``authority(seed, threshold=5, period="2024/25")``."""

    def make(seed: int, *, threshold: int = 5, period: str = "", more: str = "") -> AuthorityData:
        folder = tmp_path / "data" / f"drawn{seed}"
        if not folder.exists():
            folder.mkdir(parents=True)
            for name, frame in example_datasets(seed).items():
                (folder / f"{name}.csv").write_text(csv_text(frame), "utf-8")
        about = f'name = "Drawn {seed}"\nsynthetic = true\ndisclosure_threshold = {threshold}\n{more}'
        (folder / "authority.toml").write_text(about + '[agreement]\nstart = "2023-04-01"\n', "utf-8")
        return load(folder.name, period, data_dir=folder.parent)

    return make
