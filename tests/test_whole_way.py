"""Every notebook for every authority, from the data folder to the reports: the product's main job."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbclient import NotebookClient

from s75lib.loaders import find_authorities
from s75lib.report.batch import run
from s75lib.report.manifest import payloads_of, validate_manifest
from s75lib.report.plan import make_plan

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
AUTHORITIES = find_authorities(ROOT / "data")
REPORTS = [f"{authority}/{notebook}" for authority in AUTHORITIES for notebook in NOTEBOOKS]
LARGEST = 500_000

pytestmark = pytest.mark.slow


def file_of(out: Path, report: str, ending: str) -> Path:
    authority, notebook = report.split("/")
    (found,) = (out / authority).glob(f"*/{notebook}.{ending}")
    return found


def manifest_of(out: Path, report: str) -> dict[str, Any]:
    return json.loads(file_of(out, report, "json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def page_of(out: Path, report: str) -> BeautifulSoup:
    return BeautifulSoup(file_of(out, report, "html").read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("report", REPORTS)
def test_manifest_keeps_the_contract(all_reports: Path, report: str) -> None:
    manifest = manifest_of(all_reports, report)
    validate_manifest(manifest)
    assert manifest["status"] in ("ok", "not_applicable")
    if manifest["status"] == "not_applicable":
        assert manifest["reason"]
    else:
        assert manifest["headlines"]
        ids = [headline["id"] for headline in manifest["headlines"]]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_no_sentence_of_a_page_is_of_more_than_25_words(all_reports: Path, notebook: str) -> None:
    """Method lines and the notes of folded tables are for those who ask."""
    main = page_of(all_reports, f"exampleshire/{notebook}").main
    assert main
    for aside in main.select(
        ".s75-trace, .s75-code, .s75-unseen, .s75-since, .s75-shows, .s75-more .s75-note"
    ):
        aside.decompose()
    told = main.select(
        "p, li:not(:has(p, .s75-said)), .s75-said, caption, .s75-figure-title, figcaption span"
    )
    said = {
        sentence
        for one in told
        for sentence in re.split(r"(?<=[.!?])[”)]?\s+(?=[A-Z0-9“(])", " ".join(one.get_text().split()))
    }
    assert len(said) > 30
    assert not [one for one in said if sum(bool(re.search(r"\w", word)) for word in one.split()) > 25]


@pytest.mark.parametrize("report", REPORTS)
def test_page_is_whole_offline_and_small(all_reports: Path, report: str) -> None:
    page = page_of(all_reports, report)
    assert len(page.find_all("h1")) == 1
    assert not page.find_all(["iframe", "object", "embed"])
    (script,) = page.find_all("script")
    assert not script.attrs
    digest = base64.b64encode(hashlib.sha256(script.string.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert {link["href"] for link in page.find_all("link")} <= {"data:,"}
    for tag in page.find_all(src=True):
        assert tag["src"].startswith("data:")
    assert all(image["alt"].strip() for image in page.find_all("img"))
    assert all(table.caption and table.caption.get_text(strip=True) for table in page.find_all("table"))
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile(r"h[1-6]"))]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert file_of(all_reports, report, "html").stat().st_size < LARGEST


@pytest.mark.parametrize("report", REPORTS)
def test_no_number_is_left_unwritten(all_reports: Path, report: str) -> None:
    text = page_of(all_reports, report).main.get_text(" ")
    assert not re.search(r"\b(nan|NaT|inf|<NA>|Traceback)\b", text)


@pytest.mark.parametrize("report", [report for report in REPORTS if report.startswith("exampleshire/")])
def test_synthetic_data_say_so_and_name_nobody(all_reports: Path, report: str) -> None:
    assert "SYNTHETIC" in page_of(all_reports, report).get_text()
    ledger = pd.read_csv(ROOT / "data" / "exampleshire" / "packages.csv", dtype="str")
    keys = set(ledger["person_key"]) | set(ledger["package_key"])
    for ending in ("html", "ipynb", "json"):
        words = set(re.findall(r"[A-Z]\w+", file_of(all_reports, report, ending).read_text(encoding="utf-8")))
        assert not words & keys


@pytest.mark.parametrize("report", [report for report in REPORTS if not report.startswith("exampleshire/")])
def test_published_data_are_not_called_synthetic(all_reports: Path, report: str) -> None:
    assert "SYNTHETIC" not in page_of(all_reports, report).get_text()


@pytest.mark.parametrize(
    "report", [f"coventry/{notebook}" for notebook in NOTEBOOKS if notebook != "partnership_account"]
)
def test_where_nothing_is_published_the_page_asks_for_it(all_reports: Path, report: str) -> None:
    manifest = manifest_of(all_reports, report)
    assert manifest["status"] == "not_applicable"
    page = page_of(all_reports, report)
    assert page.find(class_="s75-request")
    assert page.find("table")


def test_the_index_links_every_report(all_reports: Path) -> None:
    index = BeautifulSoup((all_reports / "index.html").read_text(encoding="utf-8"), "html.parser")
    linked = {anchor["href"] for anchor in index.find_all("a") if anchor["href"].endswith(".html")}
    made = {path.relative_to(all_reports).as_posix() for path in all_reports.glob("*/*/*.html")}
    assert made == linked
    assert len(made) == len(REPORTS)


def test_a_second_run_makes_nothing(all_reports: Path) -> None:
    plan = make_plan(["islington"], data_dir=ROOT / "data", notebooks_dir=ROOT / "notebooks")
    assert {outcome.status for outcome in run(plan, all_reports, jobs=1)} == {"unchanged"}


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_run_all_in_the_notebooks_folder_gives_the_same_numbers(all_reports: Path, notebook: str) -> None:
    source = nbformat.read(ROOT / "notebooks" / f"{notebook}.ipynb", as_version=4)
    NotebookClient(source, resources={"metadata": {"path": ROOT / "notebooks"}}).execute()
    (head,) = payloads_of(source, "report")
    manifest = manifest_of(all_reports, f"{head['authority']}/{notebook}")
    opening, sections = (
        [item for payload in payloads_of(source, kind) for item in payload["items"]]
        for kind in ("summary", "headlines")
    )
    assert opening
    assert all(item in sections for item in opening)
    assert manifest["headlines"] == [*opening, *(item for item in sections if item not in opening)]
