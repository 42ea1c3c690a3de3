from __future__ import annotations

import openpyxl
import pytest

from s75lib.report.workbook import write_workbook

HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "+1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "-2+3",
    "\u202eright to left \u05d0\u05d1",
    "e\u0301 combining \u0301\u0302",
    "x" * 10_000,
    "bell \x07 and tab\t",
]


@pytest.fixture
def manifest():
    return {
        "question": "Which moved?",
        "authority_name": "=1+1",
        "period": "2018/19",
        "synthetic": True,
        "internal": False,
        "inputs": [{"path": "alpha/kpi.csv", "rows": 3, "sha256": "ab" * 32}],
        "headlines": [{"text": "=HYPERLINK(1)"}],
        "checks": [{"passed": False, "detail": "Lines add up."}],
        "results": {
            "kpi.moves/all [x]": {
                "kind": "table",
                "title": "What moved",
                "columns": [
                    {"name": "team", "label": "Team", "unit": ""},
                    {"name": "cost", "label": "Cost", "unit": "£"},
                ],
                "records": [{"team": name, "cost": 12.5} for name in HOSTILE]
                + [{"team": None, "cost": None}],
            },
            "figure": {
                "kind": "figure",
                "title": "It rose",
                "columns": [],
                "records": [{"month": "2019-03", "value": 63}],
            },
        },
    }


@pytest.fixture
def book(tmp_path, manifest):
    return openpyxl.load_workbook(write_workbook(manifest, tmp_path / "book.xlsx"))


def test_a_cover_the_contents_and_a_sheet_for_each_table(book):
    assert book.sheetnames == ["Cover_sheet", "Contents", "1_kpi.moves_all_x_", "2_figure"]
    cover = [row[0].value for row in book["Cover_sheet"].iter_rows()]
    assert cover[:2] == ["Which moved?", "=1+1, 2018/19"]
    assert any(line.startswith("SYNTHETIC") for line in cover)
    assert "alpha/kpi.csv: 3 rows, SHA-256 " + "ab" * 32 in cover
    assert "FAILED: Lines add up." in cover
    assert [cell.hyperlink.location for cell in book["Contents"]["A"] if cell.hyperlink] == [
        "'1_kpi.moves_all_x_'!A1", "'2_figure'!A1"
    ]  # fmt: skip


def test_the_cover_says_draft_and_what_a_cut_is_cut_to(tmp_path, manifest, book):
    def cover(book):
        return [row[0].value for row in book["Cover_sheet"].iter_rows()]

    assert not [line for line in cover(book) if line.startswith(("DRAFT", "Cut to"))]
    manifest |= {"approved": False, "parameters": {"service_group": "AMH", "team": ""}}
    said = cover(openpyxl.load_workbook(write_workbook(manifest, tmp_path / "cut.xlsx")))
    assert "DRAFT: the analysis is not approved." in said
    assert "Cut to service group AMH: the tables of the full report that are about it." in said


def test_numbers_are_numbers_units_stand_in_headers_and_no_cell_is_empty_or_merged(book):
    sheet = book["1_kpi.moves_all_x_"]
    assert [cell.value for cell in sheet[3]] == ["Team", "Cost (£)"]
    assert sheet["B4"].value == 12.5
    assert sheet["B4"].data_type == "n"
    last = [cell.value for cell in sheet[sheet.max_row]]
    assert last == ["[x]", "[x]"]
    assert all(not sheet.merged_cells.ranges for sheet in book)
    assert all(cell.value is not None for row in sheet.iter_rows(min_row=3) for cell in row)


def test_no_text_is_ever_a_formula(book):
    for sheet in book:
        assert all(
            cell.data_type in ("s", "n", "inlineStr")
            for row in sheet.iter_rows()
            for cell in row
            if cell.value
        )
    names = [cell.value for cell in book["1_kpi.moves_all_x_"]["A"]][3:-1]
    assert names[:7] == HOSTILE[:7]
    assert names[7] == "x" * 10_000
    assert names[8] == "bell  and tab\t"


def test_what_is_hidden_and_what_is_not_there_have_their_own_symbols(tmp_path, manifest):
    manifest["internal"] = True
    manifest["results"] = {
        "teams": {
            "kind": "table",
            "title": "People by team",
            "columns": [
                {"name": "team", "label": "Team", "unit": ""},
                {"name": "people", "label": "People", "unit": "people"},
                {"name": "said", "label": "In words", "unit": ""},
            ],
            "records": [
                {"team": "c", "people": None, "said": "c"},
                {"team": "South", "people": None, "said": "fell"},
            ],
            "notes": ["c: hidden."],
            "hidden": [[0, 1]],
        }
    }
    book = openpyxl.load_workbook(write_workbook(manifest, tmp_path / "book.xlsx"))
    lines = [[cell.value for cell in row] for row in book["1_teams"].iter_rows()]
    assert lines[1][0].startswith("INTERNAL, NOT FOR PUBLICATION")
    assert lines[3][0] == "Note: c: hidden."
    assert lines[4:] == [["Team", "People", "In words"], ["c", "[c]", "[c]"], ["South", "[x]", "fell"]]
    assert book["1_teams"].freeze_panes == "B6"
    assert any("INTERNAL" in str(cell.value) for cell in book["Cover_sheet"]["A"])
