"""Markdown cells as sanitised HTML, with the outline of the page: one title, headings in order."""

from __future__ import annotations

__all__ = ["Heading", "Outline"]

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from mistune import Markdown
from mistune.plugins import import_plugin
from nbconvert.filters.markdown_mistune import IPythonRenderer

from s75lib.report.sanitise import plain_text, sanitise

_PLUGINS = ("strikethrough", "table", "url", "def_list")


@dataclass(frozen=True)
class Heading:
    """A heading of the page: its level from 2, its text and the anchor that leads to it."""

    level: int
    text: str
    anchor: str


class Outline:
    r"""Renders markdown cell after cell and keeps the headings that it met.

    The first level-1 heading becomes the page's title and leaves the text. Later ones are level 2, and a
    heading that would skip a level is raised to the next one, so that the outline has no holes.

    Examples
    --------
    >>> outline = Outline()
    >>> outline.render("# Which moved?\n\n#### Why")
    Markup('<h2 id="section-why">Why</h2>\n')
    >>> outline.title, outline.headings[0].text
    ('Which moved?', 'Why')
    """

    def __init__(self) -> None:
        self.title = ""
        self.headings: list[Heading] = []
        self._renderer = _Renderer(self)
        self._markdown = Markdown(self._renderer, plugins=[import_plugin(name) for name in _PLUGINS])

    @property
    def current(self) -> str:
        """Text of the latest heading, empty before the first."""
        return self.headings[-1].text if self.headings else ""

    def render(self, source: str, attachments: Mapping[str, Any] | None = None) -> Markup:
        """Return a markdown text as safe HTML; its headings join the outline."""
        self._renderer.attachments = dict(attachments or {})
        html = sanitise(str(self._markdown(source)))
        region = (
            f'<div class="s75-scroll" tabindex="0" role="region" aria-label="Table: {escape(self.current)}">'
        )
        html = html.replace("<table>", f'{region}<table class="s75-table">').replace(
            "</table>", "</table></div>"
        )
        return Markup(html)  # noqa: S704 - sanitised above

    def heading(self, html: str, level: int) -> str:
        """Take a heading into the outline and return its HTML."""
        text = plain_text(sanitise(html)).strip()
        if level == 1 and not self.title:
            self.title = text
            return ""
        above = self.headings[-1].level if self.headings else 1
        level = min(max(level, 2), above + 1)
        heading = Heading(level, text, self._anchor(text))
        self.headings.append(heading)
        return f'<h{level} id="{heading.anchor}">{html}</h{level}>\n'

    def _anchor(self, text: str) -> str:
        """Give an anchor that no earlier heading has."""
        ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        stem = "section-" + re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:60]
        taken = {heading.anchor for heading in self.headings}
        anchor, number = stem, 2
        while anchor in taken:
            anchor, number = f"{stem}-{number}", number + 1
        return anchor


class _Renderer(IPythonRenderer):
    """The notebook's markdown, with headings given to the outline and tables that scroll and head."""

    def __init__(self, outline: Outline) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self._outline = outline

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return self._outline.heading(text, level)

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre><code>{self.escape_html(code)}</code></pre>\n"
