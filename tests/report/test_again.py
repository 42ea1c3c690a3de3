"""Real reports made again: the same page byte for byte, and every headline as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from s75lib.report.batch import run
from s75lib.report.diff import verify
from s75lib.report.exporter import trace, with_claims
from s75lib.report.plan import make_plan

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("warm_parent")]


def page(out: Path, authority: str, notebook: str) -> Path:
    (found,) = out.glob(f"{authority}/*/{notebook}.html")
    return found


def test_two_runs_on_the_same_input_give_the_same_bytes(all_reports: Path, tmp_path: Path) -> None:
    plan = make_plan(["exampleshire"], data_dir=ROOT / "data", notebooks_dir=ROOT / "notebooks")
    outcomes = run(plan, tmp_path, jobs=2)
    assert [outcome.error for outcome in outcomes if outcome.status == "failed"] == []
    for notebook in NOTEBOOKS:
        first, second = (page(out, "exampleshire", notebook) for out in (all_reports, tmp_path))
        assert first.read_bytes() == second.read_bytes(), notebook


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_headline_of_a_real_report_still_comes_out(all_reports: Path, notebook: str) -> None:
    found = verify(
        page(all_reports, "cambridgeshire", notebook),
        data_dir=ROOT / "data",
        notebooks_dir=ROOT / "notebooks",
    )
    assert found.holds, found.as_text()
    assert not found.comparison.results


MADE_OF_ASSUMPTIONS = {"workload.transfers.reviews", "workload.rota.days"}
EARLIER_THAN_ITS_TABLE = {"workload.transfers.progress"}


def test_every_number_of_a_finding_leads_to_the_cell_or_column_that_it_came_from(all_reports: Path) -> None:
    """By identity, in every report shipped; what no table holds is named here."""
    led, nowhere = 0, set()
    for path in all_reports.glob("*/*/*.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        results = with_claims(manifest["results"], manifest["claims"])
        for one in manifest["headlines"]:
            if one["value"] is not None:
                found = trace(one, results, manifest["checks"])
                led += bool(found.column)
                nowhere |= set() if found.column else {one["id"]}
    assert led > 150
    assert nowhere == MADE_OF_ASSUMPTIONS | EARLIER_THAN_ITS_TABLE


def test_an_internal_report_is_not_taken_for_the_public_one(tmp_path: Path) -> None:
    def made(**parameters: str) -> tuple[str, str]:
        plan = make_plan(
            ["islington"], notebooks=["kpi_significance"], parameters=parameters,
            data_dir=ROOT / "data", notebooks_dir=ROOT / "notebooks",
        )  # fmt: skip
        (outcome,) = run(plan, tmp_path, jobs=1)
        return outcome.status, page(tmp_path, "islington", "kpi_significance").read_text("utf-8")

    marked = "INTERNAL, NOT FOR PUBLICATION: "
    for parameters in ({"internal": "true"}, {}):
        status, html = made(**parameters)
        assert status == "ok"
        assert (f"<title>{marked}" in html) == bool(parameters)
    assert made()[0] == "unchanged"
