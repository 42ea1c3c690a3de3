from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from s75lib.errors import RunError
from s75lib.report import exporter, manifest, rendering, store, tasks
from s75lib.report.manifest import SCHEMA, build_manifest, validate_manifest
from s75lib.report.tasks import Task

TASK = Task(
    "alpha",
    "Alpha",
    False,
    "2018/19",
    "fy2018-19",
    "kpi",
    Path("kpi.ipynb"),
    Path(),
    {"authority": "alpha"},
    "f" * 64,
)
TIMINGS = {"started": "2026-01-02T03:04:05+00:00", "seconds": 2.0, "execute": 1.5, "export": 0.5}


def build(nb):
    manifest = build_manifest(nb, TASK)
    manifest["timings"] |= TIMINGS
    manifest["outputs"] = {"kpi.html": "0" * 64}
    validate_manifest(manifest)
    return manifest


def test_everything_shown_is_in_the_manifest(page, kit):
    manifest = build(page)
    assert manifest["status"] == "ok"
    assert manifest["headlines"] == kit.HEADLINES["items"]
    assert manifest["checks"] == kit.CHECKS["items"]
    assert manifest["claims"] == kit.CLAIMS["items"]
    assert manifest["results"]["kpi.changes"]["records"] == kit.TABLE["records"]
    assert manifest["results"]["kpi.figure"]["records"] == kit.FIGURE["records"]
    assert manifest["inputs"] == kit.report_part()["inputs"]
    assert manifest["question"] == f"Which indicators {kit.HOSTILE} moved?"
    assert manifest["synthetic"]
    assert manifest["parameters"] == {"authority": "alpha"}
    assert manifest["versions"]["pandas"].startswith("3.")


def test_items_of_several_parts_stand_in_one_list_and_ids_stay_apart(kit):
    table = {**kit.TABLE, "records": [{"team": "South", "value": 2}]}
    other = {**kit.CHECKS, "items": [item | {"id": f"other.{item['id']}"} for item in kit.CHECKS["items"]]}
    shown = [kit.shown(part) for part in (kit.TABLE, table, kit.CHECKS, other, kit.CHECKS)]
    manifest = build(kit.executed(new_code_cell("x", outputs=shown)))
    assert list(manifest["results"]) == ["kpi.changes", "kpi.changes-2"]
    assert manifest["results"]["kpi.changes-2"]["records"] == table["records"]
    assert len(manifest["checks"]) == 4


def test_headlines_of_the_summary_come_first_and_each_counts_once(kit):
    first, second = kit.HEADLINES["items"]
    alone = first | {"id": "kpi.alone"}
    summary = kit.SUMMARY | {"items": [alone, second]}
    shown = [kit.shown(part) for part in (summary, kit.HEADLINES, kit.HEADLINES)]
    assert build(kit.executed(new_code_cell("x", outputs=shown)))["headlines"] == [alone, second, first]


def test_a_summary_is_a_finding_and_its_wording_is_the_one_that_counts(kit):
    reworded = [item | {"text": "In short."} for item in kit.SUMMARY["items"]]
    shown = [kit.shown(part) for part in (kit.GAP, kit.SUMMARY | {"items": reworded}, kit.HEADLINES)]
    manifest = build(kit.executed(new_code_cell("x", outputs=shown)))
    assert manifest["status"] == "ok"
    assert [item["text"] for item in manifest["headlines"]] == ["In short.", "Reviews rose by 3 points."]


def test_a_cell_that_never_ran_is_a_failure_whatever_papermill_says(page):
    page.cells[-1].execution_count = None
    page.cells[-1].outputs = []
    page.cells[-1].metadata["papermill"] = {"status": "completed", "exception": False}
    manifest = build(page)
    assert manifest["status"] == "failed"
    assert manifest["error"] == {
        "cell": 10,
        "section": "Checks",
        "name": "NotRun",
        "message": "The notebook stopped before this cell ran.",
    }


def test_blank_and_skipped_cells_need_no_number(kit):
    nb = kit.executed(new_code_cell("1"), new_code_cell(" \n"), new_code_cell("2"))
    nb.cells[1].execution_count = nb.cells[2].execution_count = None
    nb.cells[2].metadata["tags"] = ["skip-execution"]
    assert build(nb)["status"] == "ok"


def test_the_error_is_the_first_and_expected_ones_do_not_count(kit):
    def fall(name):
        return new_output("error", ename=name, evalue="at /srv/a/b.csv", traceback=[])

    expected = new_code_cell("x", outputs=[fall("Expected")], metadata={"tags": ["raises-exception"]})
    nb = kit.executed(new_markdown_cell("# Q\n## One"), expected)
    assert build(nb)["status"] == "ok"
    nb = kit.executed(new_markdown_cell("# Q\n## One"), expected, new_code_cell("y", outputs=[fall("First")]))
    assert build(nb)["error"] == {"cell": 3, "section": "One", "name": "First", "message": "at b.csv"}


def test_papermills_own_notes_are_no_cells(kit):
    tags = {"tags": ["papermill-error-cell-tag"]}
    marker, other = (new_markdown_cell("An Exception was encountered", metadata=tags) for _ in range(2))
    error = new_output("error", ename="E", evalue="", traceback=[])
    nb = kit.executed(marker, new_markdown_cell("# Q"), other, new_code_cell("y", outputs=[error]))
    assert build(nb)["error"]["cell"] == 2


@pytest.mark.parametrize("whole", [False, True])
def test_gaps_alone_make_a_report_not_applicable(kit, whole):
    status = {"kind": "status", "status": "not_applicable", "reason": "Nothing is published."}
    parts = [status] if whole else [kit.GAP]
    manifest = build(kit.executed(new_code_cell("x", outputs=[kit.shown(part) for part in parts])))
    assert manifest["status"] == "not_applicable"
    assert manifest["reason"] == parts[0]["reason"]


def test_a_gap_beside_findings_leaves_the_report_ok(kit):
    manifest = build(kit.executed(new_code_cell("x", outputs=[kit.shown(kit.GAP), kit.shown(kit.HEADLINES)])))
    assert (manifest["status"], manifest["reason"]) == ("ok", None)
    assert manifest["not_applicable"] == [{"reason": kit.GAP["reason"], "needs": kit.GAP["needs"]}]


def test_a_faulty_manifest_names_every_place(page):
    manifest = build(page)
    manifest["status"] = "fine"
    manifest["headlines"][0].pop("text")
    manifest["outputs"] = {"kpi.html": "short"}
    with pytest.raises(RunError) as caught:
        validate_manifest(manifest)
    for place in ("$.status: 'fine'", "$.headlines[0]: 'text' is a required property", "$.outputs"):
        assert place in str(caught.value)


def test_a_failed_manifest_must_have_its_error_and_a_good_one_none(page):
    manifest = build(page)
    for status, error in (("failed", None), ("ok", {"cell": 1, "section": "", "name": "E", "message": ""})):
        with pytest.raises(RunError, match=r"\$\.error"):
            validate_manifest({**manifest, "status": status, "error": error})


def test_the_manifests_of_a_run_fit_the_schema_and_vouch_for_their_files(made):
    from s75lib.report.store import digest_of

    paths = sorted(made.reports.glob("*/*/*.json"))
    assert len(paths) == 6
    for path in paths:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        validate_manifest(manifest)
        assert len(manifest["outputs"]) == 2
        assert all(digest_of(path.parent / name) == sha for name, sha in manifest["outputs"].items())
        assert manifest["timings"]["seconds"] >= manifest["timings"]["execute"] > 0


def test_the_schema_in_the_documentation_is_the_packages_own():
    published = Path(__file__).parents[2] / "docs" / SCHEMA.name
    assert published.read_bytes() == SCHEMA.read_bytes()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            manifest.without_paths("No such file: '/srv/my data/kpi.csv' in 2018/19"),
            "No such file: 'kpi.csv' in 2018/19",
        ),
        (
            manifest.without_paths("C:\\Users\\ann\\x.py:3: see https://example.org/a/b"),
            "x.py:3: see https://example.org/a/b",
        ),
        (manifest.free_name("trend", {"trend", "trend-2"}), "trend-3"),
        (exporter.anchor_of("where.age_band"), "result-where.age_band"),
        (
            exporter.references_of(["Wilson interval", "forecast less budget", "Wilson interval"])[-1],
            (
                "Wilson interval",
                "Wilson, E. B. (1927) Journal of the American Statistical Association 22, 209-212.",
            ),
        ),
        (store.fingerprint_of({"a": 1, "b": [2]}) == store.fingerprint_of({"b": [2], "a": 1}), True),
        (tasks.cut_of({"team": "Alder", "service_group": "", "horizon": 12}), {"team": "Alder"}),
        (rendering.day("2019-12-31"), "31 December 2019"),
        (rendering.day("not set"), "not set"),
    ],
)
def test_names_anchors_and_days_are_written_alike_everywhere(said: object, expected: object) -> None:
    assert said == expected
