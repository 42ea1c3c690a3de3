"""Authorities to attack."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic import csv_text, example_datasets
from synthetic.ledger import budget_from_ledger

from s75lib.loaders import AuthorityData, load

sys.path.insert(0, str(Path(__file__).parent))
EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "exampleshire"


@cache
def drawn(seed: int) -> dict[str, str]:
    """Draw an authority's files once: to draw them takes longer than to read them."""
    return {f"{name}.csv": csv_text(frame) for name, frame in example_datasets(seed).items()}


@pytest.fixture
def authority(tmp_path: Path) -> Callable[..., AuthorityData]:
    """Load a drawn authority: ``authority(seed, threshold=5, period="2024/25")``."""

    def make(seed: int, *, threshold: int = 5, period: str = "", more: str = "") -> AuthorityData:
        folder = tmp_path / "data" / f"drawn{seed}"
        if not folder.exists():
            folder.mkdir(parents=True)
            for name, text in drawn(seed).items():
                (folder / name).write_text(text, "utf-8")
        about = f'name = "Drawn {seed}"\nsynthetic = true\ndisclosure_threshold = {threshold}\n{more}'
        (folder / "authority.toml").write_text(about + '[agreement]\nstart = "2023-04-01"\n', "utf-8")
        return load(folder.name, period, data_dir=folder.parent)

    return make


@pytest.fixture
def small_ledger(tmp_path: Path) -> Callable[..., AuthorityData]:
    """Load exampleshire with few of its people, and a monitor of them alone: ``small_ledger(24, 5)``."""

    def make(people: int, threshold: int, way: str = "suppress") -> AuthorityData:
        folder = tmp_path / f"few{people}"
        shutil.copytree(EXAMPLE, folder)
        (folder / "claims.csv").unlink()
        rows = pd.read_csv(folder / "packages.csv", dtype=str, keep_default_na=False)
        last = sorted(rows.loc[rows["snapshot_date"] == rows["snapshot_date"].max(), "person_key"].unique())
        kept = np.random.default_rng(0).choice(last, min(people, len(last)), replace=False)
        rows[rows["person_key"].isin(kept)].to_csv(folder / "packages.csv", index=False)
        every = load("exampleshire", data_dir=EXAMPLE.parent).packages
        monitor = budget_from_ledger(every[every["person_key"].isin(kept)])
        (folder / "budget.csv").write_text(csv_text(monitor), "utf-8")
        about = (folder / "authority.toml").read_text("utf-8")
        rule = f'disclosure_threshold = {threshold}\ndisclosure = "{way}"'
        (folder / "authority.toml").write_text(about.replace("disclosure_threshold = 5", rule), "utf-8")
        return load(folder.name, data_dir=folder.parent)

    return make
