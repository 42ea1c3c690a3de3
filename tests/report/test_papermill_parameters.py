"""Parameters of another type through plain papermill: read as meant, or a clear fault; never as true."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from s75lib.report.manifest import failure_of, report_of

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def executed(tmp_path: Path, notebook: str, **parameters: Any) -> Any:
    out = tmp_path / "out.ipynb"
    with contextlib.suppress(papermill.PapermillExecutionError):
        papermill.execute_notebook(
            ROOT / "notebooks" / f"{notebook}.ipynb",
            out,
            {"authority": "coventry", "data_dir": str(ROOT / "data"), **parameters},
            progress_bar=False,
        )
    return nbformat.read(out, as_version=4)


@pytest.mark.parametrize("given", ["no", "false", "False"])
def test_internal_given_as_no_makes_a_public_page(tmp_path: Path, given: str) -> None:
    nb = executed(tmp_path, "kpi_significance", internal=given)
    assert failure_of(nb) is None
    assert report_of(nb)["internal"] is False
    assert "INTERNAL" not in json.dumps(report_of(nb))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"internal": "perhaps"}, "parameter 'internal': found"),
        ({"internal": 1}, "parameter 'internal': found"),
        ({"period": 2019}, "parameter 'period': found '2019' (int)"),
        ({"margin": "three"}, "parameter 'margin': found"),
    ],
)
def test_what_can_not_be_read_is_a_clear_fault(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    failure = failure_of(executed(tmp_path, "kpi_significance", **given))
    assert failure is not None
    assert failure.name == "ConfigError"
    assert said in failure.message
    assert "expected" in failure.message
