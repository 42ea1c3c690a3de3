"""Authorities to attack."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from synthetic import csv_text, example_datasets

from s75lib.loaders import AuthorityData, load

sys.path.insert(0, str(Path(__file__).parent))


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
