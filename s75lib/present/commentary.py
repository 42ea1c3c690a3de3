"""An analyst's note on a section, apart from all that is computed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import unescape
from typing import Any

import mistune
import nh3

from s75lib.loaders import AuthorityData
from s75lib.loaders.commentary import Note
from s75lib.present import html, words
from s75lib.present.parts import Shown

_TAGS = {"p", "ul", "ol", "li", "em", "strong", "a", "code", "blockquote", "br"}
_BLOCK = re.compile(r"</(?:p|li)>\s*")
_HEADING = re.compile(r"<h[1-6]>(.*?)</h[1-6]>", re.DOTALL)
_MARKDOWN = mistune.create_markdown(escape=False)
_CLEANER = nh3.Cleaner(tags=_TAGS, attributes={"a": {"href"}}, link_rel=None, url_schemes={"http", "https"})


@dataclass(frozen=True, repr=False)
class AnalystNote(Shown):
    """A note as its section shows it; `late` says on which day the data go on after it, in words."""

    note: Note
    late: str = ""

    def payload(self) -> dict[str, Any]:
        """Give the note as data, its text plain with a blank line between paragraphs."""
        return {
            "kind": "note",
            "section": self.note.section,
            "role": self.note.role,
            "date": self.note.written.isoformat(),
            "text": self._plain,
            "late": self.late,
        }

    def html(self) -> str:
        """Give the note with its head: its section, who wrote it, and when."""
        said = [html.element("p", html.text(self.late), cls="s75-meta")] if self.late else []
        head = html.element("strong", html.text(f"Analyst's note on “{self.note.section}”"))
        head = html.element("p", head, html.text(f" {self._by}"))
        label = f"Analyst's note on {self.note.section}"
        return html.element(
            "div", head, *said, self._written, cls="s75-comment", role="note", aria_label=label
        )

    def text(self) -> str:
        """Give the note as plain text."""
        head = f"Analyst's note on “{self.note.section}” ({self._by})"
        return "\n\n".join(filter(None, [head, self.late, self._plain]))

    @property
    def _by(self) -> str:
        return f"{self.note.role}, {words.day(self.note.written)}"

    @cached_property
    def _written(self) -> str:
        """The text as HTML: paragraphs, lists, emphasis and links; all other markup is stripped."""
        written = _HEADING.sub(r"<p><strong>\1</strong></p>", str(_MARKDOWN(self.note.text)))
        return _CLEANER.clean(written).strip()

    @cached_property
    def _plain(self) -> str:
        blocks = _BLOCK.sub("\n\n", self._written)
        return re.sub(r"\n{3,}", "\n\n", unescape(nh3.clean(blocks, tags=set()))).strip()


def notes(data: AuthorityData, notebook: str) -> list[AnalystNote]:
    """Give the notes on a notebook's report of the data's period, in the order of the file."""
    known = data.known_to
    return [
        AnalystNote(note, _late(note, known))
        for note in data.commentary
        if note.notebook == notebook and note.period in ("", data.period.label)
    ]


def _late(note: Note, known: date | None) -> str:
    if known is None or note.written >= known:
        return ""
    return f"Written before the data were complete: they go on to {words.day(known)}."
