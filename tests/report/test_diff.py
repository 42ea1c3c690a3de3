from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from s75lib.cli import app
from s75lib.errors import ConfigError
from s75lib.report.batch import run
from s75lib.report.diff import compare, read_report, verify


def manifest(**changes):
    base = {
        "authority_name": "Alpha <b>",
        "period": "2018/19",
        "notebook": "good",
        "headlines": [
            {"id": "kpi.up", "text": "60% were reviewed.", "value": 60.0, "unit": "%"},
            {"id": "kpi.old", "text": "This was so.", "value": None, "unit": None},
        ],
        "checks": [{"id": "sum", "passed": True, "detail": "Lines add up."}],
        "results": {
            "moves": {
                "records": [
                    {"team": "North", "value": 1.5, "n": 3},
                    {"team": "South", "value": 2.0, "n": None},
                ]
            }
        },
        "inputs": [{"path": "alpha/kpi.csv", "rows": 3, "sha256": "ab" * 32}],
        "parameters": {"share": 0.5},
        "versions": {"numpy": "2.4.0"},
    }
    return base | changes


NEW = manifest(
    headlines=[
        {"id": "kpi.up", "text": "63% were reviewed.", "value": 63.0, "unit": "%"},
        {"id": "kpi.new", "text": "This is new.", "value": 1.0, "unit": None},
    ],
    checks=[{"id": "sum", "passed": False, "detail": "Lines are 5 apart."}],
    results={
        "moves": {
            "records": [
                {"n": 3, "team": "North", "value": 1.5 + 1e-12},
                {"n": 4, "team": "South", "value": 2.5},
            ]
        }
    },
    inputs=[{"path": "alpha/kpi.csv", "rows": 4, "sha256": "cd" * 32}],
)


def test_what_moved_what_turned_what_was_revised():
    found = compare(manifest(), NEW)
    assert [(m.id, m.change, m.difference) for m in found.headlines] == [
        ("kpi.up", "moved", 3.0), ("kpi.new", "new", None), ("kpi.old", "gone", None)
    ]  # fmt: skip
    assert [(m.before, m.after) for m in found.checks] == [("passed", "failed: Lines are 5 apart.")]
    assert [m.id for m in found.inputs] == ["alpha/kpi.csv"]
    assert {(m.id, m.before, m.after) for m in found.results} == {
        ("moves / South / n", "nothing", "4"), ("moves / South / value", "2", "2.5")
    }  # fmt: skip
    assert not found.parameters
    assert not found.same_findings


def test_a_report_is_the_same_as_itself():
    found = compare(manifest(), manifest())
    assert found.same_findings
    assert not any((found.results, found.inputs, found.versions))
    assert found.as_text().count("none") == 6


def test_the_three_forms_say_the_same():
    found = compare(manifest(), NEW)
    text = found.as_text()
    assert "kpi.up: moved by +3 %" in text
    page = BeautifulSoup(found.as_html(), "html.parser")
    assert page.h1.get_text() == "What changed"
    assert "Alpha <b>" in page.header.get_text()
    assert not page.find_all("b")
    assert len(page.find_all("script")) == 1
    assert all(table.caption and table.parent["tabindex"] == "0" for table in page.find_all("table"))
    assert json.loads(json.dumps(found.as_dict()))["headlines"][0]["difference"] == 3.0


def test_a_report_is_named_by_any_of_its_files(made, tmp_path):
    folder = made.reports / "alpha" / "fy2018-19"
    manifests = [read_report(folder / f"good.{ending}") for ending in ("html", "ipynb", "json")]
    assert manifests[0] == manifests[1] == manifests[2]
    with pytest.raises(ConfigError, match="expected the file that 's75 run' writes"):
        read_report(tmp_path / "none.html")


def test_the_command_writes_text_json_and_a_page(made, tmp_path):
    report = str(made.reports / "alpha" / "fy2018-19" / "good.html")
    text = CliRunner().invoke(app, ["diff", report, report])
    assert text.exit_code == 0
    assert "Headlines that moved: none" in text.output
    asked = CliRunner().invoke(app, ["diff", report, report, "--json", "--html", str(tmp_path / "d.html")])
    assert json.loads(asked.output)["headlines"] == []
    assert (tmp_path / "d.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_report_that_still_comes_out_holds(copy):
    report = copy.reports / "alpha" / "fy2018-19" / "good.html"
    found = verify(report, data_dir=copy.data, notebooks_dir=copy.notebooks)
    assert found.holds
    assert found.as_text().splitlines()[0] == "2 of 2 headlines come out as they were."


def test_what_no_longer_comes_out_and_what_was_altered_is_said(copy):
    report = copy.reports / "alpha" / "fy2018-19" / "good.html"
    report.write_text(report.read_text(encoding="utf-8").replace("3 points", "9 points"), encoding="utf-8")
    old = json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))
    old["headlines"][0] |= {"text": "Reviews rose by 9 points.", "value": 9.0}
    report.with_suffix(".json").write_text(json.dumps(old), encoding="utf-8")
    found = verify(report, data_dir=copy.data, notebooks_dir=copy.notebooks)
    assert not found.holds
    said = found.as_text()
    assert "1 of 2 headlines come out as they were." in said
    assert "now:    Reviews rose by 3 points." in said
    assert "Altered since it was made: good.html" in said
    assert said.endswith("The report does NOT hold.")


def test_the_record_of_a_failure_cannot_be_verified(made):
    with pytest.raises(ConfigError, match="failed run"):
        verify(
            made.reports / "alpha/fy2018-19/broken.failed.html",
            data_dir=made.data,
            notebooks_dir=made.notebooks,
        )


@pytest.mark.slow
def test_a_page_says_what_changed_since_the_last_report_and_says_it_again(copy, kit):
    folder = copy.reports / "alpha" / "fy2018-19"
    first = (folder / "good.html").read_bytes()
    (same,) = run(copy.plan("alpha", notebooks=["good"]), copy.reports, jobs=1, force=True)
    assert same.status == "ok"
    assert (folder / "good.html").read_bytes() == first
    source = copy.notebooks / "good.ipynb"
    text = source.read_text(encoding="utf-8").replace(
        "Reviews rose by 3 points.", "Reviews rose by 4 points."
    )
    source.write_text(text, encoding="utf-8")
    for _ in range(2):
        run(copy.plan("alpha", notebooks=["good"]), copy.reports, jobs=1, force=True)
        page = BeautifulSoup((folder / "good.html").read_text(encoding="utf-8"), "html.parser")
        said = page.select_one(".s75-since").get_text(" ", strip=True)
        assert "Reviews rose by 4 points. Before: Reviews rose by 3 points." in said
    assert "Since the last report" not in first.decode()
