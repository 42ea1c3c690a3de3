from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell

import s75lib as s75
from s75lib import cli
from s75lib.loaders.commentary import Note
from s75lib.report.commentary import place_notes, section_faults, sections_of
from s75lib.report.exporter import S75Exporter

ROOT = Path(__file__).resolve().parents[2]
NOTE = """\
# tiny
## The figures
Finance lead, 14 May 2026

It was **late**: {{ 7*7 }} $\\alpha$ <script>alert(1)</script><b onclick="x()">bold</b> <5.

- one [way](javascript:alert(1))
- ![a picture](https://example.org/x.png)
- [mail](mailto:desk)

### Why
"""


@pytest.fixture
def notes(small_authority: Path) -> Callable[..., list[Any]]:
    """The parts of notes as a notebook's summary shows them."""

    def notes(text: str = NOTE.replace("tiny", "kpi_significance"), period: str = "") -> list[Any]:
        (small_authority / "smallshire" / "commentary.md").write_text(text, encoding="utf-8")
        data = s75.load("smallshire", period, data_dir=small_authority)
        parts = s75.summary(s75.kpi.study(data)).parts
        return [part for part in parts if part.payload()["kind"] == "note"]

    return notes


def test_a_note_is_stripped_of_all_but_its_text_and_never_evaluated(notes: Callable[..., list[Any]]) -> None:
    (note,) = notes()
    soup = BeautifulSoup(note.html(), "html.parser")
    assert {tag.name for tag in soup.find_all(True)} == {"div", "p", "strong", "ul", "li", "a"}
    assert soup.div.attrs == {
        "class": ["s75-comment"], "role": "note", "aria-label": "Analyst's note on The figures",
    }  # fmt: skip
    assert "javascript" not in note.html()
    assert "example.org" not in note.html()
    assert "mailto" not in note.html()
    said = note.payload()
    assert said["text"] == "It was late: {{ 7*7 }} $\\alpha$ bold <5.\n\none way\n\nmail\n\nWhy"
    assert (said["role"], said["date"], said["late"]) == ("Finance lead", "2026-05-14", "")
    assert "Analyst's note on “The figures” (Finance lead, 14 May 2026)" in note.text()


def test_a_note_older_than_the_data_says_so_and_one_of_another_period_is_left_out(
    notes: Callable[..., list[Any]],
) -> None:
    head = "# kpi_significance\n## Targets\nLead, "
    (note,) = notes(f"{head}2024-06-01\nYes.")
    assert note.payload()["late"] == "Written before the data were complete: they go on to 31 March 2025."
    assert note.payload()["late"] in note.html()
    assert notes(f"{head}2025-03-31\nYes.")[0].late == ""
    assert notes(f"{head}2025-06-01, 2023/24\nYes.") == []
    assert len(notes(f"{head}2025-06-01, 2024/25\nYes.")) == 1
    assert notes("# budget_deep_dive\n## Staffing\nLead, 2025-06-01\nYes.") == []


def note_part(kit: Any, section: str) -> Any:
    said = {
        "kind": "note",
        "section": section,
        "role": "Lead",
        "date": "2026-05-14",
        "text": "Yes.",
        "late": "",
    }
    html = f'<div class="s75-comment" role="note">{section}<script>alert(1)</script></div>'
    return kit.shown(said, html)


def page_of(kit: Any, *sections: str) -> Any:
    cells = [
        new_markdown_cell("# What is there?"),
        new_code_cell("load()"),
        new_markdown_cell("## Summary"),
        new_code_cell("s75.summary(study)"),
        new_markdown_cell("## The *figures*\n\nAll of them."),
        new_code_cell("figures"),
        new_markdown_cell("## Gaps"),
        new_code_cell("gaps"),
    ]
    cells[3].outputs = [kit.shown(kit.report_part()), *(note_part(kit, name) for name in sections)]
    cells[5].outputs = [kit.shown(kit.HEADLINES), kit.shown(kit.TABLE, kit.TABLE_HTML), kit.shown(kit.CHECKS)]
    cells[7].outputs = [kit.shown(kit.GAP)]
    return kit.executed(*cells)


def kinds(cell: Any) -> list[str]:
    return [one["data"]["application/vnd.s75+json"]["kind"] for one in cell.outputs]


def test_a_note_stands_behind_the_findings_of_its_section_and_a_strange_one_in_the_summary(kit: Any) -> None:
    nb = page_of(kit, "the FIGURES", "Gaps", "Gaps", "Elsewhere")
    place_notes(nb)
    assert [kinds(nb.cells[at]) for at in (3, 5, 7)] == [
        ["report", "note"], ["headlines", "note", "table", "checks"], ["note", "note", "not_applicable"],
    ]  # fmt: skip
    before = json.dumps(nb)
    place_notes(nb)
    assert json.dumps(nb) == before
    assert list(sections_of(nb)) == ["Summary", "The *figures*", "Gaps"]


def test_the_page_shows_a_note_unfolded_sanitised_and_in_a_section_without_data(kit: Any) -> None:
    nb = page_of(kit, "The figures", "Gaps")
    nb.cells[3].outputs.append(kit.shown({"kind": "status", "status": "not_applicable", "reason": "None."}))
    html, _ = S75Exporter().from_notebook_node(nb, {"metadata": {"name": "tiny"}})
    soup = BeautifulSoup(html, "html.parser")
    first, second = soup.select("main .s75-comment")
    assert first.find_previous("h2").get_text() == "The figures"
    assert second.find_previous("h2").get_text() == "Gaps"
    assert first.find_parent("details") is None
    assert "alert(1)" not in str(soup.main.find_all("script"))


def test_a_cut_leaves_out_sections_that_it_has_nothing_of_and_names_them(kit: Any) -> None:
    nb = page_of(kit)
    nb.cells[3].outputs.append(kit.shown({"kind": "focus", "of": "team", "value": "Alder"}, "<p>Cut.</p>"))
    nb.cells.insert(4, new_markdown_cell("How to read it."))
    html, _ = S75Exporter().from_notebook_node(nb, {"metadata": {"name": "tiny"}})
    main = BeautifulSoup(html, "html.parser").main
    assert [heading.get_text() for heading in main.find_all("h2")] == ["Summary", "The figures"]
    assert "Not divided by team; see the full report for: Gaps." in main.get_text()
    assert "How to read it." in main.get_text()


def test_a_page_is_a_draft_until_it_is_approved_with_the_data_that_it_has(kit: Any) -> None:
    def head(**changes: Any) -> str:
        nb = page_of(kit)
        nb.cells[3].outputs = [kit.shown(kit.report_part(**changes))]
        html, _ = S75Exporter().from_notebook_node(nb, {"metadata": {"name": "tiny"}})
        return BeautifulSoup(html, "html.parser").get_text(" ", strip=True)

    people = {"analyst": "", "assurer": "", "approver": "Head of service", "approved_on": "2026-05-20"}
    assert "DRAFT, not approved" in head(approved=False)
    approved = head(approved=True, people=people)
    assert "Approved by Head of service, 20 May 2026" in approved
    assert "DRAFT" not in approved
    late = head(approved=False, people=people)
    assert "approved 20 May 2026, before the data were complete" in late


@pytest.mark.parametrize(
    ("day", "approved"), [("", False), ("2025-03-30", False), ("2025-03-31", True), ("2026-01-01", True)]
)
def test_an_approval_holds_until_data_come_after_it(small_authority: Path, day: str, approved: bool) -> None:
    file = small_authority / "smallshire" / "authority.toml"
    on = f'\napproved_on = "{day}"' if day else ""
    file.write_text(
        f'{file.read_text(encoding="utf-8")}\n[people]\napprover = "Director"{on}\n', encoding="utf-8"
    )
    head = s75.summary(s75.kpi.study(s75.load("smallshire", data_dir=small_authority))).parts[0]
    assert head.payload()["approved"] is approved
    assert ("Status: Approved" if approved else "Status: DRAFT, not approved") in head.text()


def test_a_section_that_there_is_not_is_a_fault_with_its_line_and_the_nearest(tmp_path: Path) -> None:
    def told(notebook: str, section: str) -> list[str]:
        note = Note(notebook, section, "Lead", date(2026, 5, 1), "", "Yes.", 7)
        return [str(fault) for fault in section_faults([note], "a/commentary.md", ROOT / "notebooks")]

    assert told("budget_deep_dive", "position against  BUDGET") == []
    assert told("budget_deep_dive", "Summary") == []
    assert told("budget_deep_dive", "Stafing") == [
        "a/commentary.md, row 7: found 'Stafing'; expected a section of budget_deep_dive by its name. "
        "Did you mean 'Staffing'? Until then the note stands in the summary."
    ]
    (said,) = told("budget_deepdive", "Staffing")
    assert (
        "found 'budget_deepdive'; expected a notebook by its name. Did you mean 'budget_deep_dive'?" in said
    )
    (said,) = told("kpi_significance", "zzz")
    assert "There are Summary, Every indicator in one row" in said


def test_every_section_of_the_notebooks_can_have_a_note() -> None:
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        nb = nbformat.read(path, as_version=4)
        calls = [cell["source"] for cell in nb.cells if cell.cell_type == "code"][2:]
        assert [cell["source"] for cell in sections_of(nb).values()] == [
            call
            for at, call in enumerate(calls)
            if path.stem != "workload_forecast" or "team_need" not in call
        ]


TINY = (
    "# What is there?",
    "## Summary",
    "s75.summary(study)",
    "## The figures",
    "1 + 1",
    "## Sources",
    "s75.sources(study)",
)
BEGIN = """\
import s75lib as s75
from s75lib import present
class Tiny(present.Study):
    notebook, sections = "tiny", ()
study = Tiny(s75.load(authority, period, data_dir=data_dir, allow_faulty=True))
"""


@pytest.mark.usefixtures("warm_parent")
def test_a_note_makes_its_report_again_and_is_in_the_manifest_and_a_wrong_one_ends_with_2(
    small_authority: Path, kit: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = small_authority.parent
    (root / "notebooks").mkdir()
    kit.write_notebook(root / "notebooks", "tiny", BEGIN, *TINY, parameters=kit.PARAMETERS)
    monkeypatch.chdir(root)

    def run(command: str = "run") -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["s75", command, *(["--jobs", "1"] if command == "run" else [])])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        shown = capsys.readouterr()
        return int(caught.value.code or 0), " ".join((shown.out + shown.err).split())

    def manifest() -> dict[str, Any]:
        (path,) = (root / "reports").glob("smallshire/*/tiny.json")
        return json.loads(path.read_text(encoding="utf-8"))

    assert run()[0] == 0
    assert manifest()["commentary"] == []
    file = small_authority / "smallshire" / "commentary.md"
    file.write_text(NOTE, encoding="utf-8")
    code, said = run()
    assert (code, "unchanged" in said) == (0, False)
    (note,) = manifest()["commentary"]
    assert (note["section"], note["role"]) == ("The figures", "Finance lead")
    assert "smallshire/commentary.md" in {one["path"] for one in manifest()["inputs"]}
    assert "unchanged" in run()[1]
    assert "the analyst's notes in commentary.md (1)" in run("check")[1]

    file.write_text(NOTE.replace("The figures", "The figurs"), encoding="utf-8")
    for command in ("run", "check"):
        code, said = run(command)
        assert (code, "'The figurs'" in said) == (2, True)
    assert manifest()["commentary"][0]["section"] == "The figurs"
    file.write_text(NOTE + "\nRing 999 000 0018.\n", encoding="utf-8")
    code, said = run()
    assert (code, "valid NHS number" in said, "999" in said) == (2, True, False)
    assert manifest()["commentary"][0]["section"] == "The figurs"  # the earlier report stays
