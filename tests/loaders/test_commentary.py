from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from s75lib.errors import DataError
from s75lib.loaders import load
from s75lib.loaders.commentary import Note, read_commentary

Read = Callable[[str], tuple[Note, ...]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(text: str) -> tuple[Note, ...]:
        file = tmp_path / "commentary.md"
        file.write_text(text, encoding="utf-8")
        return read_commentary(file, "a/commentary.md")

    return read


def test_a_note_has_its_place_its_author_its_day_and_its_text(read: Read) -> None:
    text = (
        "\ufeff# kpi_significance\n\n## What moved ##\n\n*Head of service, adults, 14 May 2026, 2025/26*\n\n"
        "First.\n\n### Why\n\nSecond.\n## Targets\nLead, 2026-05-01\nThird.\n"
        "# budget_deep_dive\n## What moved\nFinance lead, 1/6/2026\n\nFourth."
    )
    first, second, third = read(text)
    assert first == Note(
        "kpi_significance", "What moved", "Head of service, adults", date(2026, 5, 14), "2025/26",
        "First.\n\n### Why\n\nSecond.", 3,
    )  # fmt: skip
    assert (second.section, second.role, second.period, second.text) == ("Targets", "Lead", "", "Third.")
    assert (third.notebook, third.written, third.row) == ("budget_deep_dive", date(2026, 6, 1), 16)


@pytest.mark.parametrize("text", ["", "\n\n", "# kpi_significance\n"])
def test_a_file_without_a_note_is_none(read: Read, text: str) -> None:
    assert read(text) == ()


BY = "Lead, 2026-05-01\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"## Targets\n{BY}Yes.", "row 1: found a section without a notebook"),
        ("Yes.\n# kpi\n", "row 1: found text outside of a section"),
        (f"# kpi\n\nYes.\n## Targets\n{BY}Yes.", "row 1: found text outside of a section"),
        ("# kpi\n## Targets\n\nYes.", "row 2: found no role and day below the heading; expected such as"),
        ("# kpi\n## Targets\nLead, soon\nYes.", "row 2: found no role and day"),
        ("# kpi\n## Targets\n2026-05-01\nYes.", "row 2: found no role and day"),
        ("# kpi\n## Targets\n2025/26\nYes.", "row 2: found no role and day"),
        ("# kpi\n## Targets\n", "row 2: found no role and day"),
        (f"# kpi\n## Targets\n{BY}", "row 2: found no text"),
        (f"# kpi\n## Targets\n{BY}\nSee\n999 000 0018.", "row 6: found a valid NHS number"),
        ("# kpi\n## Targets\nann.other@council.gov.uk, 2026-05-01\nYes.", "row 3: found an e-mail address"),
    ],
)
def test_a_fault_names_its_line_and_never_what_identifies(read: Read, text: str, fault: str) -> None:
    with pytest.raises(DataError) as caught:
        read(text)
    assert f"a/commentary.md, {fault}" in str(caught.value)
    assert "999" not in str(caught.value)
    assert "ann." not in str(caught.value)


def test_all_faults_come_at_once_in_the_order_of_their_lines(read: Read) -> None:
    with pytest.raises(DataError) as caught:
        read("# kpi\n## Targets\nYes.\n## What moved\nring 999 000 0018\n")
    assert [fault.row for fault in caught.value.faults] == [2, 4, 5]


def test_a_file_that_is_no_text_or_too_large_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "commentary.md"
    for content, found in ((b"\xff\xfe\x00", "not UTF-8"), (b"x" * (2**20 + 1), "1 MB")):
        file.write_bytes(content)
        with pytest.raises(DataError, match=found):
            read_commentary(file, "a/commentary.md")


def test_notes_are_loaded_as_an_input_and_a_fault_leaves_the_data(small_authority: Path) -> None:
    file = small_authority / "smallshire" / "commentary.md"
    file.write_text(f"# kpi_significance\n## Targets\n{BY}\nYes.\n", encoding="utf-8")
    data = load("smallshire", data_dir=small_authority)
    assert [note.section for note in data.commentary] == ["Targets"]
    (held,) = [one for one in data.inputs if one.dataset == "commentary"]
    assert (held.path, held.rows, held.row_is) == ("smallshire/commentary.md", 1, "note")
    file.write_text("Yes.", encoding="utf-8")
    data = load("smallshire", data_dir=small_authority, allow_faulty=True)
    assert (list(data.faulty), data.commentary, data.has("kpi")) == (["commentary"], (), True)
    with pytest.raises(DataError, match="outside of a section"):
        load("smallshire", data_dir=small_authority)
