"""The real notebooks on data of which one dataset is at fault."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from s75lib.errors import DataError
from s75lib.report.batch import run
from s75lib.report.plan import make_plan

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = "data.left_out.packages"


@pytest.mark.slow
@pytest.mark.usefixtures("warm_parent")
def test_reports_go_on_without_the_dataset_at_fault_and_say_so(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "exampleshire"
    shutil.copytree(ROOT / "data" / "exampleshire", folder)
    ledger = folder / "packages.csv"
    lines = ledger.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[2] = lines[1]  # one package twice
    ledger.write_text("".join(lines), encoding="utf-8")
    plan = make_plan(data_dir=tmp_path / "data", notebooks_dir=ROOT / "notebooks")
    (fault,) = plan.faults
    assert isinstance(fault.error, DataError)
    assert fault.sound is not None
    assert "packages" not in fault.sound.datasets
    outcomes = run(plan, tmp_path / "reports", jobs=2)
    assert [(o.task.notebook, o.error) for o in outcomes if o.status == "failed"] == []
    failed = {}
    for outcome in outcomes:
        assert outcome.path is not None
        page = outcome.path.read_text(encoding="utf-8")
        assert "packages has" in page
        assert "is not used" in page
        assert "Quality of the data" in page
        manifest: dict[str, Any] = json.loads(outcome.path.with_suffix(".json").read_text(encoding="utf-8"))
        assert "exampleshire/packages.csv" not in {source["path"] for source in manifest["inputs"]}
        assert len(manifest["headlines"]) > 0
        failed[outcome.task.notebook] = {check["id"] for check in manifest["checks"] if not check["passed"]}
    assert LEFT_OUT in failed["budget_deep_dive"]
    assert LEFT_OUT not in failed["kpi_significance"]
