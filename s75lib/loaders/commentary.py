"""What an analyst has to say of a report: notes in Markdown, each under the heading that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from s75lib.errors import UNPRINTED, ConfigError, DataError, Fault
from s75lib.loaders.period import Period
from s75lib.loaders.personal_data import text_faults
from s75lib.loaders.values import read_day

COMMENTARY_FILE = "commentary.md"
"""Its name in an authority's folder."""

_LARGEST = 2**20  # bytes
_HEADING = re.compile(r"(#{1,2})\s+(.+?)\s*#*")
_FORM = "such as “Finance lead, 14 May 2026” or “Finance lead, 14 May 2026, 2025/26”"


@dataclass(frozen=True)
class Note:
    """What somebody wrote on a section of a report.

    `role` wrote it, for one `period` or, if that is empty, for every period's report; `row` is the line of
    its heading in the file.
    """

    notebook: str
    section: str
    role: str
    written: date
    period: str
    text: str = field(repr=False)
    row: int


def read_commentary(path: Path, name: str) -> tuple[Note, ...]:
    """Read a file of notes; DataError holds every fault and its line.

    Markdown in UTF-8, at most 1 MB: a heading ``#`` with a notebook's name, below it ``##`` with a heading of
    its page, a line with role, day and perhaps a period, then the text. Nothing in it may identify a person.
    """
    if (size := path.stat().st_size) > _LARGEST:
        raise DataError([Fault(name, f"{size / 2**20:,.0f} MB", "some pages of text", "Shorten it.")])
    try:
        lines = [UNPRINTED.sub("", line) for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except UnicodeDecodeError as error:
        remedy = "Save it as UTF-8."
        raise DataError([Fault(name, "text that is not UTF-8", "UTF-8", remedy)]) from error
    faults: list[Fault] = []
    notes = list(_notes(lines, name, faults))
    for row, (line, after) in enumerate(zip(lines, [*lines, ""][1:], strict=True), start=1):
        told = text_faults(name, line) or (
            () if text_faults(name, after) else text_faults(name, f"{line} {after}")
        )
        faults += [Fault(name, f.found, f.expected, f.remedy, row=row) for f in told]
    if faults:
        raise DataError(sorted(faults, key=lambda fault: fault.row or 0))
    return tuple(notes)


def _notes(lines: list[str], name: str, faults: list[Fault]) -> Iterator[Note]:
    """Yield the notes that are whole, and add what is wrong with the others to `faults`."""
    headings = [(row, head) for row, line in enumerate(lines, 1) if (head := _HEADING.fullmatch(line))]
    notebook, ends = "", [*(row for row, _ in headings), len(lines) + 1]
    for (row, heading), end in zip([(0, None), *headings], ends, strict=True):
        text = "\n".join(lines[row : end - 1]).strip()
        if heading and heading[1] == "##":
            if not notebook:
                remedy = "Put a line “# ” and the notebook's name above it."
                faults.append(
                    Fault(name, "a section without a notebook", "a notebook above it", remedy, row=row)
                )
            note = _note(notebook, heading[2], row, text)
            faults.append(Fault(name, *note, row=row)) if isinstance(note, tuple) else (yield note)
            continue
        notebook = heading[2] if heading else ""
        if text:
            remedy = "Put it below a line “## ” and a heading of the page."
            found = "text outside of a section"
            faults.append(Fault(name, found, "notes on sections alone", remedy, row=row or 1))


def _note(notebook: str, section: str, row: int, text: str) -> Note | tuple[str, str, str]:
    """Make a note of a section's text, or say what was found, what expected, and what to do."""
    line, _, rest = text.partition("\n")
    parts = [part.strip() for part in line.strip("*_ ").split(",")]
    period = ""
    try:
        period = Period.parse(parts[-1]).label
        parts.pop()
    except ConfigError:
        pass
    day = read_day(parts[-1]) if len(parts) > 1 else None
    role = ", ".join(parts[:-1])
    if not day or not role:
        return "no role and day below the heading", _FORM, "Write such a line first."
    if not rest.strip():
        return "no text", "a note below its line with role and day", "Write it, or take the heading out."
    return Note(notebook, section, role, date.fromisoformat(day), period, rest.strip(), row)
