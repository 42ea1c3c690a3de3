"""Where an analyst's notes belong: each to the section of a notebook under whose heading it was written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from s75lib.errors import Fault
from s75lib.report.manifest import MIME, cells_of
from s75lib.report.notebooks import find_notebooks

if TYPE_CHECKING:
    from s75lib.loaders.commentary import Note

_HEADING = re.compile(r"^#{2,6}\s+(.+?)\s*#*$", re.MULTILINE)


def headings_of(cell: Mapping[str, Any]) -> list[str]:
    """Give the headings of sections in a markdown cell."""
    return _HEADING.findall(cell["source"]) if cell["cell_type"] == "markdown" else []


def sections_of(nb: Mapping[str, Any]) -> dict[str, Any]:
    """Give the code cell below each heading, the first where two headings read alike."""
    found: dict[str, Any] = {}
    heading = ""
    for cell in cells_of(nb):
        if cell["cell_type"] == "markdown":
            heading = (headings_of(cell) or [heading])[-1]
        elif cell["cell_type"] == "code" and heading:
            found.setdefault(heading, cell)
            heading = ""
    return found


def _plain(heading: str) -> str:
    return " ".join(re.sub(r"[*_`]", "", heading).casefold().split())


def place_notes(nb: Any) -> None:
    """Move each note, which the summary shows, behind the findings of its section; one without stays."""
    cells = {_plain(heading): cell for heading, cell in reversed(sections_of(nb).items())}
    for cell in cells_of(nb):
        for output in [one for one in cell.get("outputs", []) if _kind(one) == "note"]:
            home = cells.get(_plain(output["data"][MIME]["section"]), cell)
            if home is not cell:
                cell["outputs"].remove(output)
                told = [at for at, one in enumerate(home["outputs"]) if _kind(one) in ("headlines", "note")]
                home["outputs"].insert(told[-1] + 1 if told else 0, output)


def _kind(output: Mapping[str, Any]) -> str:
    payload = output.get("data", {}).get(MIME)
    return str(payload.get("kind", "")) if isinstance(payload, Mapping) else ""


def section_faults(notes: Iterable[Note], file: str, notebooks_dir: Path) -> tuple[Fault, ...]:
    """Say of each note whose notebook or section there is not what was found and which is nearest."""
    files = find_notebooks(notebooks_dir)
    sections: dict[str, list[str]] = {}
    faults = []
    for note in notes:
        what, found, known = "notebook", note.notebook, {name: name for name in files}
        if found in files:
            if found not in sections:
                nb = nbformat.read(files[found], as_version=4)  # type: ignore[no-untyped-call]
                sections[found] = list(sections_of(nb))
            what, known = f"section of {found}", {_plain(name): name for name in sections[found]}
            found = note.section
        sought = _plain(found) if note.notebook in files else found
        if sought not in known:
            near = get_close_matches(sought, known, n=1)
            remedy = (
                f"Did you mean {known[near[0]]!r}?" if near else f"There are {', '.join(known.values())}."
            )
            remedy += " Until then the note stands in the summary." if note.notebook in files else ""
            faults.append(Fault(file, repr(found), f"a {what} by its name", remedy, row=note.row))
    return tuple(faults)
