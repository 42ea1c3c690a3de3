from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import get_exporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from s75lib.report.exporter import S75Exporter, Trace, trace
from s75lib.report.rendering import TEMPLATES


def export(nb, name="kpi_significance"):
    html, resources = S75Exporter().from_notebook_node(nb, {"metadata": {"name": name}})
    assert resources["output_extension"] == ".html"
    return html


@pytest.fixture
def html(page):
    return export(page)


@pytest.fixture
def soup(html):
    return BeautifulSoup(html, "html.parser")


def test_landmarks_language_title_and_one_h1(soup, kit):
    assert soup.html["lang"] == "en-GB"
    assert soup.title.string == f"Which indicators {kit.HOSTILE} moved? – Alpha {kit.HOSTILE}, 2018/19"
    assert [len(soup.find_all(tag)) for tag in ("header", "nav", "main", "footer", "h1")] == [1] * 5
    assert soup.h1.get_text() == f"Which indicators {kit.HOSTILE} moved?"
    assert soup.find("a", class_="s75-skip")["href"] == "#main"
    assert soup.main["id"] == "main"


def test_headings_skip_no_level(soup):
    levels = [int(tag.name[1]) for tag in soup.body.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_contents_lead_to_every_heading_and_ids_are_unique(soup, kit):
    links = {link.get_text(): link["href"] for link in soup.nav.find_all("a")}
    assert list(links) == [
        "Headlines", f"What {kit.HOSTILE} moved", "Checks", "About this report",
        "Print everything, details too",
    ]  # fmt: skip
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links.values()} <= set(ids)


def test_header_says_whose_which_period_and_that_it_is_synthetic(soup):
    said = soup.header.get_text(" ", strip=True)
    for part in (
        "Alpha <script>",
        "2018/19",
        "SYNTHETIC",
        "Alpha Council, A & B Trust",
        "31 March 2019",
        "pooled",
    ):
        assert part in said
    assert soup.body["class"] == ["s75-synthetic"]


def test_no_banner_on_real_data(page, kit):
    page.cells[2].outputs = [kit.shown(kit.report_part(synthetic=False))]
    assert "SYNTHETIC" not in BeautifulSoup(export(page), "html.parser").get_text()


def test_the_head_names_what_is_public_and_how_the_money_is_held_in_plain_words(page, kit):
    part = kit.report_part(published=["kpi", "package_transfers", "facts"], agreement={"funding": "aligned"})
    page.cells[2].outputs = [kit.shown(part)]
    facts = BeautifulSoup(export(page), "html.parser").select_one(".s75-facts").get_text()
    assert "indicators, package transfers, figures: shown as published" in facts
    assert "aligned: each partner holds its own" in facts


def test_footer_has_sources_parameters_and_versions(soup):
    footer = soup.footer
    row = [cell.get_text() for cell in footer.select_one(".s75-sources tbody tr").find_all(["th", "td"])]
    assert row == ["alpha/kpi.csv", "kpi", "1,234", "34", "1,200"]
    assert [code.get_text() for code in footer.select(".s75-hash")] == ["ab" * 32]
    pairs = {div.dt.get_text(): div.dd.get_text() for div in footer.select(".s75-pairs div")}
    assert pairs["authority"] == "alpha"
    assert pairs["python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"pandas", "s75lib", "statsmodels"} <= set(pairs)


def test_policy_allows_the_one_style_and_the_one_script_by_their_hashes_and_nothing_else(soup):
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    (style,) = soup.find_all("style")
    (script,) = soup.find_all("script")
    assert script.string == (TEMPLATES / "script.js").read_text(encoding="utf-8")
    hashes = [hashlib.sha256(tag.string.encode()).digest() for tag in (style, script)]
    digest, ours = (base64.b64encode(found).decode() for found in hashes)
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        f"script-src 'sha256-{ours}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    metas = [tag for tag in soup.head.find_all(True) if tag.name in ("meta", "style", "link", "title")]
    assert metas.index(soup.find("meta", attrs={"http-equiv": True})) < metas.index(style)


def test_nothing_but_our_script_runs_and_nothing_is_fetched(soup, html):
    assert not soup.find_all(["iframe", "object", "embed", "form", "base"])
    assert not soup.script.attrs
    assert not re.search(r"fetch|XMLHttp|WebSocket|sendBeacon|eval|innerHTML|https?:|//", soup.script.string)
    assert not [
        tag for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on") or name == "style"
    ]
    assert all(tag["src"].startswith("data:image/") for tag in soup.find_all(src=True))
    assert [link["href"] for link in soup.find_all("link")] == ["data:,"]
    assert not re.search(r"url\(|@import", soup.style.string)
    assert "http://" not in html
    assert "https://" not in html


@pytest.mark.parametrize("name", sorted(path.name for path in TEMPLATES.iterdir()))
def test_no_template_mentions_the_web_or_another_folder(name):
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    text = text.replace("http://schemas.openxmlformats.org/", "")  # a name, which nothing opens
    assert not re.search(r"//[a-z]|url\(|@import|include_js|include_url|mathjax|require", text)
    assert set(re.findall(r"""(?:extends|include|import|from) "([^"]+)""", text)) <= {
        "base.html.j2",
        "marks.html.j2",
    }
    assert text.count("<script") == (name == "base.html.j2")


def test_hostile_text_is_shown_and_never_markup(html, soup, kit):
    assert html.count("<script") == 1
    assert kit.HOSTILE in soup.header.get_text()
    assert kit.HOSTILE in soup.find("h2", id=re.compile("^section-what")).get_text()
    assert kit.HOSTILE in soup.find("tbody").get_text() + soup.find(
        "table", class_="s75-table"
    ).get_text() + str([th.get_text() for th in soup.find_all("th", scope="row")])


def test_parts_keep_alternative_caption_and_scopes(soup):
    assert soup.figure.img["alt"] == "A line that rises from 60 to 63"
    table = soup.find("table", class_="s75-table", string=None).find_parent("main").find_all("table")[1]
    assert table.caption.get_text() == "What moved"
    assert [th["scope"] for th in table.find_all("th")] == ["col", "col", "row"]
    region = table.parent
    assert (region["role"], region["tabindex"], region["aria-label"]) == ("region", "0", "What moved")


def test_markdown_tables_head_their_columns_and_scroll(soup):
    table = soup.main.find("table")
    assert [th["scope"] for th in table.find_all("th")] == ["col", "col"]
    assert table.tbody.find_all("td")[1]["class"] == ["num"]
    assert table.parent["tabindex"] == "0"
    assert table.parent["aria-label"] == "Table: Deep"


def test_code_is_there_but_hidden_and_the_head_part_is_not_repeated(soup):
    (details,) = soup.footer.select("details.s75-code")
    assert not details.has_attr("open")
    assert "s75.show(data)" in details.get_text()
    assert "s75.show(data)" not in soup.main.get_text()
    assert details.p.get_text() == "Steps 1 to 3"
    assert "report" not in [p.get_text() for p in soup.main.find_all("p")]


def test_same_notebook_same_bytes(page, html):
    assert export(page) == html
    page.metadata.papermill.start_time = "2031-01-01"
    for number, cell in enumerate(page.cells):
        cell["id"] = f"other-{number}"
        cell.metadata["papermill"] = {"duration": 99.0}
    assert export(page) == html


def test_other_outputs_are_text_or_image_never_html(kit):
    cell = new_code_cell(
        "frame",
        outputs=[
            new_output(
                "execute_result", data={"text/html": "<b>bold</b>", "text/plain": "a < b"}, execution_count=1
            ),
            new_output("stream", name="stdout", text="out \x1b[31mred\x1b[0m\n"),
            new_output("stream", name="stderr", text="/srv/x/pandas/core.py:3: FutureWarning: old\n"),
            new_output("display_data", data={"application/javascript": "alert(1)"}),
            new_output("display_data", data={"image/png": "aGk=\n"}, metadata={"image/png": {"alt": "Bars"}}),
            new_output("display_data", data={"text/markdown": "*said* <img src=x onerror=alert(1)>"}),
        ],
    )
    soup = BeautifulSoup(export(kit.executed(cell)), "html.parser")
    texts = [tag.get_text() for tag in soup.main.find_all("pre", class_="s75-text")]
    assert texts == ["a < b", "out red"]
    assert soup.main.details.pre.get_text() == "core.py:3: FutureWarning: old"
    assert (soup.main.img["src"], soup.main.img["alt"]) == ("data:image/png;base64,aGk=", "Bars")
    assert soup.main.find("em").get_text() == "said"
    assert "alert" not in soup.main.get_text()
    assert "onerror" not in str(soup)


def test_a_failed_step_is_a_boxed_message_without_traceback(kit):
    error = new_output(
        "error", ename="OSError", evalue="no '/srv/my data/kpi.csv'", traceback=["File /home/ann/s75/x.py:1"]
    )
    nb = kit.executed(
        new_markdown_cell("# Q\n\n## Part"), new_code_cell("x", outputs=[error]), new_code_cell("after")
    )
    nb.cells[-1].execution_count = None
    html = export(nb)
    boxes = BeautifulSoup(html, "html.parser").select(".s75-error")
    assert "It stopped at cell 2, “Part”: OSError: no 'kpi.csv'" in boxes[0].get_text()
    assert boxes[1].get_text() == "This step failed.OSError: no 'kpi.csv'"
    assert "/home" not in html
    assert "/srv" not in html


def test_a_notebook_that_shows_no_part_still_makes_a_page(kit):
    soup = BeautifulSoup(export(kit.executed(new_code_cell("1")), "my_own-book"), "html.parser")
    assert soup.h1.get_text() == "My own-book"
    assert soup.title.string == "My own-book"


def test_the_exporter_is_found_by_its_name():
    assert get_exporter("s75") is S75Exporter


@pytest.mark.slow
def test_plain_papermill_and_nbconvert_give_the_same_page(made, tmp_path):
    """The two stock commands, on the notebook that the batch ran, beside the batch's report."""

    def command(*words: object) -> None:
        subprocess.run(
            [sys.executable, "-m", *map(str, words)], check=True, cwd=made.root, capture_output=True
        )

    plain = tmp_path / "plain.ipynb"
    given = ["-p", "authority", "alpha", "-p", "period", "2018/19", "-p", "data_dir", "data"]
    command("papermill", made.notebooks / "good.ipynb", plain, *given)
    command("nbconvert", "--to", "s75", plain)
    stock = BeautifulSoup(Path(tmp_path, "plain.html").read_text(encoding="utf-8"), "html.parser")
    ours = BeautifulSoup(made.outcome("alpha", "good").path.read_text(encoding="utf-8"), "html.parser")
    assert str(stock) == str(ours)
    assert nbformat.read(plain, as_version=4).cells[-1].execution_count


@pytest.mark.slow
def test_nbconvert_can_be_asked_to_run_the_notebook_first(tmp_path):
    book = tmp_path / "book.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("print(6 * 7)")]), book)
    shown = []
    for asked in ([], ["--execute"]):
        command = [sys.executable, "-m", "nbconvert", *asked, "--to", "s75", book]
        subprocess.run(command, check=True, capture_output=True)
        page = BeautifulSoup(book.with_suffix(".html").read_text(encoding="utf-8"), "html.parser")
        shown.append("42" in page.main.get_text().split())
    assert shown == [False, True]


NAMES = [
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "\u202eright to left \u05d0\u05d1",
    "e\u0301 combining \u0301\u0302",
    "x" * 10_000,
    '"><img src=x onerror=alert(1)>',
    "&lt;b&gt; {{ 7*7 }} {% raw %}",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_any_name_is_shown_as_it_is_wherever_it_comes_in(page, kit, name):
    from s75lib.present import Column, Headline, Table
    from s75lib.present.parts import Headlines

    frame = pd.DataFrame({"provider": [name], "cost": [1.0]})
    table = Table("t", name, frame, (Column("provider", name), Column("cost", "Cost")), notes=(name,))
    said = Headlines((Headline("kpi.x", f"{name} rose.", 1.0, method=name),))
    bundles = [part._repr_mimebundle_() for part in (table, said)]
    page.cells[2].outputs = [kit.shown(kit.report_part(name=name, documents=[name], use_until="2030-01-01"))]
    page.cells[4].outputs = [new_output("display_data", data=data) for data in bundles]
    soup = BeautifulSoup(export(page), "html.parser")
    name = name.removeprefix("\u202e")  # which would turn what follows about
    assert [tag.name for tag in soup.find_all(["script", "iframe"])] == ["script"]
    assert not [tag for tag in soup.find_all(True) if any(attr.startswith("on") for attr in tag.attrs)]
    assert name in soup.header.get_text()
    assert soup.main.find("table").caption.get_text() == name
    assert soup.main.find("table").tbody.th.get_text() == name
    assert f"{name} rose." in soup.select_one(".s75-headlines").get_text()
    assert name in soup.footer.get_text()


def test_a_headline_leads_to_its_cell_and_its_check(page, kit):
    headline = kit.HEADLINES["items"][0] | {
        "value": 1.4, "see": ["kpi.changes", "sum"], "cell": ["kpi.changes", kit.HOSTILE, "value"]
    }  # fmt: skip
    page.cells[4].outputs = [kit.shown(kit.HEADLINES | {"items": [headline]})]
    soup = BeautifulSoup(export(page), "html.parser")
    trace = soup.select_one("#headline-kpi\\.up .s75-trace")
    assert trace.summary.get_text() == "How it was found: Reviews rose by 3 points."
    assert " ".join(trace.p.get_text().split()) == (
        f"From What moved: {kit.HOSTILE}, Value. Method: Newcombe. Check: Lines add up."
    )
    result, check = (soup.find(id=link["href"][1:]) for link in trace.find_all("a"))
    assert result.find("caption").get_text() == "What moved"
    assert check is not None


def test_a_headline_leads_to_its_cell_by_name_whatever_its_value_and_the_order_of_the_saved_record():
    columns = [{"name": name, "label": name.upper()} for name in ("team", "area", "value")]
    records = [{"area": area, "team": "A", "value": 1.5} for area in ("North", "South")]  # saved by name
    results = {"changes": {"title": "Changes", "columns": columns, "records": records}}
    headline = {"id": "kpi.change", "value": 9.0, "cell": ["changes", "A, South", "value"]}
    assert trace(headline, results).row == "A, South"
    assert trace(headline | {"cell": ["changes", "A, East", "value"]}, results).column == ""
    assert trace({"id": "kpi.change", "value": 1.5}, results) == Trace("changes", "Changes")
    assert trace({"id": "kpi.other", "value": 1.5}, results) == Trace()


def test_a_summary_leads_to_its_headlines_in_their_sections(page, kit):
    page.cells[2].outputs += [kit.shown(kit.SUMMARY)]
    soup = BeautifulSoup(export(page), "html.parser")
    summary, section = soup.select(".s75-headlines")
    (link,) = summary.find_all("a")
    assert link.get_text().strip() == kit.SUMMARY["items"][0]["text"]
    assert link["href"] == "#headline-kpi.text"
    assert section.find(id="headline-kpi.text").get_text().startswith(link.get_text().strip())
    assert summary.find_previous_sibling("h2") is None
    assert not summary.find_all(id=True)


def test_a_headline_of_the_summary_alone_has_its_anchor_and_its_source_there(page, kit):
    page.cells[2].outputs += [kit.shown({**kit.HEADLINES, "kind": "summary"})]
    page.cells[4].outputs = []
    soup = BeautifulSoup(export(page), "html.parser")
    (summary,) = soup.select(".s75-headlines")
    assert [item["id"] for item in summary.find_all("li")] == ["headline-kpi.up", "headline-kpi.text"]
    assert "Method: Newcombe." in summary.get_text()
    assert "Newcombe, R. G. (1998)" in soup.select_one(".s75-methods").get_text()


def test_no_anchor_stands_twice_though_a_headline_does(page, kit):
    page.cells[2].outputs += [kit.shown(part) for part in (kit.SUMMARY, kit.HEADLINES, kit.SUMMARY)]
    soup = BeautifulSoup(export(page), "html.parser")
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in soup.main.select(".s75-headlines > li > a")} <= set(ids)


def test_what_changed_since_stands_once_below_the_summary(page, kit):
    page.cells[2].outputs += [kit.shown(kit.SUMMARY)]
    since = {"last": "on 2017/18", "moved": ["New: It rose."], "turned": [], "revised": []}
    html, _ = S75Exporter().from_notebook_node(page, {"metadata": {"name": "kpi"}, "since": since})
    soup = BeautifulSoup(html, "html.parser")
    (said,) = soup.select(".s75-since")
    assert said.find_previous_sibling("div").ol == soup.select(".s75-headlines")[0]
    assert "1 finding is not as before; every check of the figures came out as before." in said.get_text()


def test_who_signs_is_asked_where_nobody_has(soup):
    rows = [[cell.get_text() for cell in row.find_all("td")] for row in soup.select(".s75-signoff tbody tr")]
    assert rows == [["not yet named", "not yet signed", "not yet dated"]] * 3
    assert "Newcombe, R. G. (1998)" in soup.select_one(".s75-methods").get_text()
    assert [h.get_text() for h in soup.footer.find_all("h3")] == [
        "Quality assurance log", "Decisions log", "Assumptions log", "Methods", "Data log", "Parameters",
        "Versions",
    ]  # fmt: skip


def test_lifted_suppression_is_said_on_every_page(page, kit):
    page.cells[2].outputs = [kit.shown(kit.report_part(internal=True, threshold=5))]
    soup = BeautifulSoup(export(page), "html.parser")
    assert soup.body["class"] == ["s75-internal"]
    for part in (soup.title, soup.header, soup.footer):
        assert "INTERNAL, NOT FOR PUBLICATION" in part.get_text()
    assert "Counts of people from 1 to 4 are hidden" not in soup.get_text()
    assert '@page internal { @top-center { content: "INTERNAL, NOT FOR PUBLICATION"' in soup.style.string


def test_logs_say_what_was_checked_decided_and_left_out(page, kit):
    item = {
        "dataset": "packages",
        "path": "alpha/packages.csv",
        "sha256": "cd" * 32,
        "rows": 90,
        "rows_used": 60,
        "money_is": "weekly gross",
        "money_used": 1200.4,
        "money_left_out": 600.0,
    }
    decision = {
        "date": "2025-05-02",
        "decision": f"Live-in care counts as {kit.HOSTILE}",
        "who": "Finance group",
    }
    part = kit.report_part(decisions=[decision], warnings=2, use_until="2018-12-31", out_of_date=True)
    part["inputs"].append(item)
    page.cells[2].outputs = [kit.shown(part)]
    soup = BeautifulSoup(export(page), "html.parser")
    said = " ".join(soup.footer.get_text(" ").split())
    assert "2 checks of the figures were made: 1 failed. Failed: Shares are 99%." in said
    assert "recomputed from the figures: 1 agrees." in said
    assert "Counts of people from 1 to 4 are hidden, together with other counts" in said
    assert f"2 May 2025 Live-in care counts as {kit.HOSTILE} Finance group" in said
    assert "out of date" in said
    assert "OUT OF DATE" in soup.header.get_text()
    cells = [
        [cell.get_text() for cell in row.find_all("td")][1:7] for row in soup.select(".s75-sources tbody tr")
    ]
    assert cells == [
        ["1,234", "34", "1,200", "–", "–", "–"],
        ["90", "30", "60", "600", "1,200", "weekly gross"],
    ]
