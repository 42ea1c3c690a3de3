from __future__ import annotations

import base64
import json
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from s75lib.report.batch import run
from s75lib.report.gate import (
    _PLAIN,
    GateError,
    _read,
    _read_plain,
    check_gate,
    held_cells,
    held_keys,
    search_report,
)

ROOT = Path(__file__).resolve().parents[2]
SVG = base64.b64encode(b'<svg><text class="s1">P0583</text><path d="M9990000018"/></svg>').decode()

PLAIN = st.sampled_from(
    ["<p>", "</p>", "<b>", "</b>", "<td>", "999", " ", "0000018", '<a href="#x">', "</a>",
     '<img alt="a &lt; 1">', "<br>",
     '<i title="">', '<b id="1">', '<p class="y" title="x" id="z">', "<!DOCTYPE html>",
     "<style>p > b</style>", "&lt;p&gt;",
     "<title>A &amp; B</title>", "&notit;", "&#57;", ">", '"', " title=", "\n", "<style>", "</title>",
     "<", "&", "<!--"]
)  # fmt: skip


def kinds(text: str, keys=frozenset({"P0583", "12345", "AB-7/2", "x1"}), ending="html") -> set[str]:
    content = text if ending == "html" else json.dumps({"text": text})
    return {hit.kind for hit in search_report({ending: content}, keys)}


@settings(max_examples=300, deadline=None)
@given(st.lists(PLAIN, max_size=12).map("".join))
def test_a_plain_page_says_what_the_parser_reads(page):
    said = [read(page).split("\n") for read in (_read, _read_plain)]
    assert not _PLAIN.fullmatch(page) or set(said[0]) - {""} == set(said[1]) - {""}


@pytest.mark.parametrize(
    "html",
    ["<b", "<B>", "<b/>", "<p id=x>", "<p id='x'>", "<p hidden>", '<p id="<">', '<p id=">">',
     '<p id="&x">', "a & b",
     "a < b", "<!-- -->", "<script>", "<style>", "<title>", "<textarea>", "<?x?>", "<![CDATA[x]]>",
     '<p id="x"id="y">'],
)  # fmt: skip
def test_what_parsers_may_differ_in_is_not_plain(html):
    assert not _PLAIN.fullmatch(html)


@pytest.mark.parametrize("ending", ["html", "json", "ipynb"])
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("number 9990000018 is one", "valid NHS number"),
        ("number 999 000 0018 is one", "valid NHS number"),
        ("number 999-000-0018, too", "valid NHS number"),
        ("the dearest is P0583.", "key of a person or package"),
        ("the dearest is (AB-7/2)", "key of a person or package"),
        ("12345 costs most", "key of a person or package"),
        ("lives at SW1A 2AA now", "postcode"),
        ("lives at M11AE.", "postcode"),
        ("ask ann.other+x@council.gov.uk today", "e-mail address"),
        ("read /home/ann/kpi.csv", "path of the machine"),
        (r"read C:\Users\ann\kpi.csv", "path of the machine"),
        (r"read \\server\share\kpi.csv", "path of the machine"),
        ("Traceback (most recent call last)", "traceback"),
    ],
)
def test_what_must_not_leave_is_found(text, kind, ending):
    assert kinds(text, ending=ending) == {kind}


@pytest.mark.parametrize(
    "text",
    [
        "9,990,000,018 pounds", "£9990000018.50", "0.9990000018", "9990000019", "1112223333444",
        "a 9990000018f7 hash", "counts 120 145 2019 301", "x1 is short", "123456 is longer",
        "the 2018/19 and/or 01/02/2020", "£/week/person", "https://example.org/home/x", "Q4 31 March",
        "A4 2X", "see 3/tmp", "50 mm @ 3",
    ],
)  # fmt: skip
def test_numbers_dates_and_addresses_of_the_web_pass(text):
    assert kinds(text) == kinds(text, ending="json") == set()


@pytest.mark.parametrize(
    ("key", "found"), [("P12", False), ("P123", True), ("1234", False), ("12345", True), ("ab-1", True)]
)
def test_keys_too_short_to_be_told_from_figures_are_not_sought(key, found):
    assert bool(search_report({"html": f"<p>dearest: {key}.</p>"}, {key})) == found


def test_the_same_thing_counts_once_in_a_file_and_in_each_file():
    text = "<p>999 000 0018</p><p>999 000 0018, 943 476 5919</p>"
    hits = search_report({"html": text, "json": json.dumps({"text": "9990000018"})})
    assert [(hit.file, hit.kind, hit.count) for hit in hits] == [
        ("html", "valid NHS number", 2), ("json", "valid NHS number", 1)
    ]  # fmt: skip


def test_what_stands_in_the_head_of_a_page_in_names_and_in_hints_is_read():
    for page in (
        "<title>P0583</title>", '<img alt="P0583">', '<a href="#P0583">x</a>', '<td title="P0583">x</td>',
        '<meta content="P0583">', '<b aria-label="P0583">x</b>',
    ):  # fmt: skip
        assert kinds(page) == {"key of a person or package"}, page
    assert kinds("<style>P0583</style>") == set()
    assert {hit.kind for hit in search_report({"json": '{"P0583": 1}'}, {"P0583"})}


def test_a_number_is_no_text_and_cells_part_words():
    assert not search_report({"json": '{"value": 9990000018}'})
    assert search_report({"json": '["Ann <ann.other@nhs.net>"]'})
    assert not search_report({"html": "<table><tr><td>999000</td><td>0018</td></tr></table>"})
    assert search_report({"html": "<p>999 000 <b>0018</b></p>"})


@pytest.mark.parametrize(
    "rows",
    [
        "<tr><td>Date of birth</td><td>3/4/1950</td></tr>",
        "<tr><td>3 April 1950</td><td>born</td></tr>",
        '<tr><th scope="col">Team</th><th>D.O.B.</th></tr><tr><td>North</td><td class="d">03/04/50</td></tr>',
    ],
)
def test_a_day_of_birth_is_read_beside_its_word_in_another_cell(rows):
    assert kinds(f"<table>{rows}</table>") == {"date of birth"}
    parted = "<tr><td>born</td><td>943 476</td><td>5919</td></tr>"
    assert kinds(f"<table>{parted}</table>") == set()


def test_words_of_a_picture_are_read_and_its_bytes_are_not():
    page = f'<img src="data:image/svg+xml;base64,{SVG}" alt="a chart">'
    (hit,) = search_report({"html": page}, {"P0583"})
    assert hit.kind == "key of a person or package"


def test_the_hash_of_a_style_is_no_postcode_and_a_postcode_beside_it_is_one():
    allowed = "style-src 'sha256-KZ1itkL6XDxVXpB5nfV8H3QEALeeU3I2BOLO/nN00Ag='"
    assert not search_report({"html": f'<meta content="{allowed}">'})
    (hit,) = search_report({"html": f'<meta content="{allowed}; NN0 0AG">'})
    assert hit.kind == "postcode"


def test_an_image_inside_a_notebook_is_left_aside_quickly():
    html = '<img src="data:image/png;base64,' + "AAAA9990000018" * 20_000 + '" alt="a chart">'
    assert not search_report({"ipynb": json.dumps({"text/html": [html]})})


def test_the_message_names_kinds_and_never_the_thing():
    with pytest.raises(GateError) as caught:
        check_gate({"html": "<p>999 000 0018 and P0583</p>", "json": '"P0583"'}, {"P0583"})
    message = str(caught.value)
    assert "its page holds 1 valid NHS number; its page holds 1 key of a person or package" in message
    assert "its manifest holds 1 key" in message
    assert "P0583" not in message
    assert "0018" not in message


def test_keys_come_from_the_files_about_people_and_no_other():
    packages, kpi = ({"dataset": name, "sha256": "ab" * 32} for name in ("packages", "kpi"))
    head = {"authority": "exampleshire", "period": "2025/26", "inputs": [packages, kpi]}
    keys = held_keys(head, ROOT / "data")
    assert {"P0583", "K0001"} <= keys
    assert all(key[0] in "PK" for key in keys)
    assert held_keys(head | {"inputs": [kpi]}, ROOT / "nowhere") == frozenset()


def test_a_leaking_report_is_withheld_and_the_earlier_one_stays(copy, kit):
    source = copy.notebooks / "good.ipynb"
    page = copy.reports / "alpha" / "fy2018-19" / "good.html"
    before = page.read_bytes()
    nb = nbformat.read(source, as_version=4)
    nb.cells.append(new_code_cell("print('999' + '0000018')"))
    nbformat.write(nb, source)
    (outcome,) = run(copy.plan("alpha", notebooks=["good"]), copy.reports, jobs=1)
    assert outcome.status == "failed"
    assert "GateError: The report is withheld: its page holds 1 valid NHS number" in outcome.error
    assert page.read_bytes() == before
    kept = [path.read_text(encoding="utf-8") for path in page.parent.glob("good*.*")]
    assert not any("9990000018" in text for text in kept)


def test_a_failed_notebook_may_keep_its_traceback_but_no_number():
    nb = new_notebook(cells=[new_markdown_cell("999 000 0018"), new_code_cell("open('/srv/x/y.csv')")])
    files = {"ipynb": nbformat.writes(nb)}
    assert {hit.kind for hit in search_report(files)} == {"valid NHS number", "path of the machine"}
    assert {hit.kind for hit in search_report(files, failed=True)} == {"valid NHS number"}


def test_a_report_that_ended_before_it_loaded_anything_has_no_cells_to_name(tmp_path: Path) -> None:
    """So that what is withheld of it is told, and no KeyError in its place."""
    assert held_cells({}, tmp_path) == {}
