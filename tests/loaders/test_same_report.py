"""Whatever source the data come from, the report says the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from s75lib.report.batch import run
from s75lib.report.plan import make_plan

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("csv", "xlsx", "parquet", "sqlite", "postgresql")
NOTEBOOKS = ("budget_deep_dive", "kpi_significance")
SAID = ("status", "headlines", "checks", "claims", "not_applicable", "reads")


@pytest.mark.slow
@pytest.mark.postgres
def test_the_same_data_give_the_same_report(
    tmp_path: Path, write_source: Callable[[str, Path], None]
) -> None:
    for kind in KINDS:
        write_source(kind, tmp_path / "data" / kind)
    plan = make_plan(KINDS, notebooks=NOTEBOOKS, data_dir=tmp_path / "data", notebooks_dir=ROOT / "notebooks")
    outcomes = run(plan, tmp_path / "reports", jobs=2)
    assert [outcome.error for outcome in outcomes if outcome.status != "ok"] == []
    for notebook in NOTEBOOKS:
        manifests = {kind: manifest(tmp_path / "reports", kind, notebook) for kind in KINDS}
        from_csv = manifests.pop("csv")
        assert len(from_csv["headlines"]) > 3
        assert len(from_csv["results"]) > 3
        for kind, other in manifests.items():
            for part in SAID:
                assert other[part] == from_csv[part], f"{notebook} from {kind}: {part}"
            for name, result in from_csv["results"].items():
                assert other["results"][name] == result, f"{notebook} from {kind}: {name}"
            assert other["results"].keys() == from_csv["results"].keys()
            assert rows(other) == rows(from_csv)
            assert digests(other).isdisjoint(digests(from_csv)), f"{kind} was read from the files of csv"


def manifest(reports: Path, kind: str, notebook: str) -> dict[str, Any]:
    """Read what a report said, the table of its files apart."""
    (path,) = (reports / kind).glob(f"*/{notebook}.json")
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    del held["results"]["sources"]
    return held


def rows(held: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {source["dataset"]: (source["rows"], source["rows_used"]) for source in held["inputs"]}


def digests(held: dict[str, Any]) -> set[str]:
    """Give the digests that may be told, of what each source writes in a way of its own."""
    return {source["sha256"] for source in held["inputs"] if source["dataset"] != "scenarios"} - {""}
