from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from s75lib.errors import ConfigError
from s75lib.loaders import load
from s75lib.loaders.schemas import DATASETS

TOML = 'name = "Exampleshire"\nsynthetic = true\n'


def assert_same(data_dir: Path, example: dict[str, pd.DataFrame]) -> None:
    data = load("exampleshire", "2025/26", data_dir=data_dir)
    for name, frame in example.items():
        pd.testing.assert_frame_equal(data.frames[name][list(frame.columns)], frame, check_exact=True)
    assert {source.dataset for source in data.inputs} >= set(DATASETS)
    assert all(len(source.sha256) == 64 for source in data.inputs)


def folder_for(tmp_path: Path, toml: str = TOML) -> Path:
    folder = tmp_path / "data" / "exampleshire"
    folder.mkdir(parents=True)
    (folder / "authority.toml").write_text(toml, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "kind",
    [
        "csv",
        pytest.param("xlsx", marks=pytest.mark.slow),
        "parquet",
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.postgres),
    ],
)
def test_every_source_gives_the_same_frames(
    kind: str, tmp_path: Path, example: dict[str, pd.DataFrame], write_source: Callable[[str, Path], None]
) -> None:
    write_source(kind, tmp_path / "data" / "exampleshire")
    assert_same(tmp_path / "data", example)


def test_a_query_is_an_input_that_stays_the_same(
    tmp_path: Path, write_source: Callable[[str, Path], None]
) -> None:
    write_source("sqlite", tmp_path / "data" / "exampleshire")
    inputs = [i for i in load("exampleshire", data_dir=tmp_path / "data").inputs if i.dataset in DATASETS]
    assert {source.path for source in inputs} == {f"sql:{name}" for name in DATASETS}
    again = load("exampleshire", data_dir=tmp_path / "data").inputs
    assert inputs == [source for source in again if source.dataset in DATASETS]


@pytest.mark.parametrize(
    "source",
    [
        '{ sql = "select 1" }',
        '{ url_env = "X" }',
        '{ sql = "select 1", url_env = "X", path = "a.csv" }',
        '{ path = "a.xlsx", sheet = "a", table = "b" }',
    ],
)
def test_a_source_is_a_file_or_a_query(tmp_path: Path, source: str) -> None:
    with pytest.raises(ConfigError, match=r"sources\.kpi"):
        load("exampleshire", data_dir=folder_for(tmp_path, f"{TOML}[sources]\nkpi = {source}\n").parent)
