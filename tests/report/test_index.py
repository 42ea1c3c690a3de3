from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from s75lib.report.index import write_index


def read(folder):
    return BeautifulSoup((folder / "index.html").read_text(encoding="utf-8"), "html.parser")


@pytest.fixture
def soup(made):
    return read(made.reports)


def test_failures_stand_first_with_cell_error_and_what_is_kept(soup):
    first = soup.main.find("section")
    assert first.h2.get_text() == "Failures"
    rows = {row.th.get_text(): row for row in first.tbody.find_all("tr")}
    assert list(rows) == [f"Alpha, {name}, 2018/19" for name in ("broken", "exits", "killed")]
    broken = rows["Alpha, broken, 2018/19"]
    assert "cell 7, “The fall”: FileNotFoundError" in broken.get_text()
    assert [link["href"] for link in broken.find_all("a")] == [
        "alpha/fy2018-19/broken.failed.html",
        "alpha/fy2018-19/broken.failed.ipynb",
    ]


def test_a_failed_cut_is_named_as_one(made, tmp_path):
    shutil.copytree(made.reports, tmp_path / "out")
    path = tmp_path / "out/alpha/fy2018-19/broken.failed.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["parameters"]["team"] = "Alder"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    write_index(tmp_path / "out")
    heads = [th.get_text() for th in read(tmp_path / "out").main.find("section").tbody.find_all("th")]
    assert heads == [f"Alpha, {name}, 2018/19" for name in ("broken, team Alder", "exits", "killed")]


def test_reports_by_authority_with_status_headlines_and_checks(soup, kit):
    sections = {
        section.h2.get_text(" ", strip=True): section for section in soup.main.find_all("section")[2:]
    }
    assert list(sections) == ["Alpha", "Beta SYNTHETIC"]
    rows = {row.th.get_text(" ", strip=True): row for row in sections["Alpha"].tbody.find_all("tr")}
    good = [cell.get_text(" ", strip=True) for cell in rows["What does good show? good"].find_all("td")]
    assert good[:3] == ["2018/19", "Complete", "1 of 2 failed"]
    assert "Reviews rose by 3 points." in good[3]
    assert kit.HOSTILE in good[3]
    gaps = [cell.get_text(" ", strip=True) for cell in rows["What does gaps show? gaps"].find_all("td")]
    assert gaps[1:3] == ["Data not available No budget is held.", "none"]


def test_links_are_relative_and_lead_to_files(soup, made):
    links = [unquote(a["href"]) for a in soup.main.find_all("a")]
    assert len(links) == 9 + 3  # the lists of the authorities, and the matrix
    assert all((made.reports / link).is_file() for link in links)


def test_the_page_is_accessible_and_closed(soup):
    assert soup.html["lang"] == "en-GB"
    assert [len(soup.find_all(tag)) for tag in ("header", "nav", "main", "h1", "style")] == [1] * 5
    assert not soup.find_all(["img", "iframe"])
    assert len(soup.find_all("script")) == 1
    assert all(table.caption and table.parent["tabindex"] == "0" for table in soup.find_all("table"))
    assert all(th.get("scope") in ("row", "col") for th in soup.find_all("th"))
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert all(link["href"][1:] in ids for link in soup.nav.find_all("a"))
    policy = soup.find("meta", attrs={"http-equiv": True})["content"]
    digest = base64.b64encode(hashlib.sha256(soup.style.string.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert not re.search(r"https?:", str(soup))


def test_a_cut_or_foreign_manifest_is_shown_not_fatal(made, tmp_path):
    shutil.copytree(made.reports, tmp_path / "out")
    folder = tmp_path / "out" / "alpha" / "fy2018-19"
    (folder / "good.json").write_text('{"status": "ok", ', encoding="utf-8")
    (folder / "gaps.json").write_text(json.dumps({"status": "ok"}), encoding="utf-8")
    write_index(tmp_path / "out")
    text = read(tmp_path / "out").find("section").get_text()
    assert text.count("The manifest cannot be read.") == 2


def test_an_empty_folder_has_an_index_too(tmp_path):
    assert write_index(tmp_path) == tmp_path / "index.html"
    assert "There is no report here yet." in read(tmp_path).main.get_text()


def test_a_long_list_of_headlines_folds(made, tmp_path):
    shutil.copytree(made.reports / "beta", tmp_path / "beta")
    path = tmp_path / "beta/fy2018-19/good.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["headlines"] = [{**manifest["headlines"][0], "text": f"Finding {n}."} for n in range(5)]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    write_index(tmp_path)
    cell = read(tmp_path).select_one("section[data-authority] tbody").find_all("td")[3]
    assert [item.get_text() for item in cell.ul.find_all("li")] == ["Finding 0.", "Finding 1.", "Finding 2."]
    assert cell.details.summary.get_text().startswith("2 more")
    assert [item.get_text() for item in cell.details.find_all("li")] == ["Finding 3.", "Finding 4."]


def test_every_row_can_be_found_by_what_the_filters_offer(soup):
    offered = {select["id"].removeprefix("filter-"): select for select in soup.find_all("select")}
    assert list(offered) == ["authority", "notebook", "status"]  # one period alone needs no filter
    assert all(soup.find("label", attrs={"for": select["id"]}) for select in offered.values())
    rows = soup.select("tr[data-authority]")
    assert len(rows) == 3 + 3 + 2
    rows = [row for row in rows if row.has_attr("data-status")]
    for name, select in offered.items():
        keys = {option["value"] for option in select.find_all("option")} - {""}
        assert {row[f"data-{name}"] for row in rows} == keys
        assert all(f'option[value="{key}"]:checked' in soup.style.string for key in keys)


def test_the_matrix_has_the_first_finding_of_each_report_and_is_quiet_where_there_is_none(soup):
    table = soup.select_one(".s75-matrix")
    heads = [th.get_text() for th in table.thead.find_all("th")]
    assert heads == ["Authority", "Gaps", "Good"]
    alpha, beta = table.tbody.find_all("tr")
    gaps, good = (" ".join(cell.get_text().split()) for cell in alpha.find_all("td"))
    assert gaps.startswith("nothing to report")
    assert alpha.td.a["class"] == ["s75-quiet"]
    assert good.startswith("Reviews rose by 3 points.")
    assert good.endswith("2018/19, 1 check failed")
    assert beta.td.get_text(strip=True) == ""


def test_a_workbook_beside_a_report_is_led_to(made, tmp_path):
    shutil.copytree(made.reports, tmp_path / "out")
    (tmp_path / "out/alpha/fy2018-19/good.xlsx").write_bytes(b"")
    write_index(tmp_path / "out")
    (link,) = read(tmp_path / "out").select("a[href$='.xlsx']")
    assert link["href"] == "alpha/fy2018-19/good.xlsx"
