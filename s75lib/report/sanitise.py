"""What others wrote, made safe for a page: HTML by an allow-list, and markdown cells with their outline."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

import nh3
from markupsafe import Markup
from mistune import Markdown
from mistune.plugins import import_plugin
from nbconvert.filters.markdown_mistune import IPythonRenderer

from s75lib.report.manifest import free_name

_TAGS = """
a abbr b bdi bdo blockquote br caption cite code col colgroup data dd del details dfn div dl dt em figcaption
figure h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section small span strong sub summary sup
table tbody td tfoot th thead time tr u ul var wbr
"""
ALLOWED_TAGS = frozenset(_TAGS.split())
_ATTRIBUTES = """
abbr alt class colspan datetime dir headers height href id lang open role rowspan scope span src start
tabindex title value width
"""
_BESIDE = re.compile(r'<a href="([a-z_]+)\.html">(.*?)</a>', re.DOTALL)
_LINK = re.compile(r"(?:https?:|mailto:|#|[a-z_]+\.html\Z)", re.IGNORECASE)
_IMAGE = re.compile(r"data:image/(?:svg\+xml|png|jpeg|gif|webp)[;,]", re.IGNORECASE)
_IN_ORDER = re.compile(r"0\Z")
_ANY = re.compile("")
_TAG = re.compile(r'<(?:"[^"]*"|[^">])*>')
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NO_TAG_OF_OURS = re.compile(rf"<(?!/?(?:{'|'.join(sorted(ALLOWED_TAGS))})[\s/>])", re.IGNORECASE)
_WITH_ATTRIBUTES = re.compile(r'<(img|th)((?: [\w-]+="[^"]*")*)>')
_ALTERNATIVE = re.compile(r' alt="([^"]*)"')
_TABLE = re.compile(r"<table[^>]*>")
_PLUGINS = ("strikethrough", "table", "url", "def_list")


def _allowed(tag: str, name: str, value: str) -> str | None:
    """Give the value of an attribute, or None where it may not stay: `nh3` knows no rule by value."""
    only = {"src": ("img", _IMAGE), "href": ("a", _LINK), "tabindex": (tag, _IN_ORDER)}
    element, pattern = only.get(name, (tag, _ANY))
    return value if tag == element and pattern.match(value) else None


_CLEANER = nh3.Cleaner(
    tags=set(ALLOWED_TAGS),
    clean_content_tags=set(),
    attributes={"*": set(_ATTRIBUTES.split())},
    generic_attribute_prefixes={"aria-", "data-"},
    attribute_filter=_allowed,
    url_schemes={"http", "https", "mailto", "data"},
    link_rel=None,
)


def sanitise(html: str) -> str:
    """Rewrite a fragment of HTML by an allow-list; a tag that is not allowed is shown as text.

    The result holds allowed tags and attributes alone: no scripts, styles, event attributes, forms or frames;
    images embedded only; links to the web, to mail, within the page and to the reports beside it. It is what
    a browser reads, balanced. An image that is not embedded becomes its alternative text, and a header cell
    without scope heads its column.
    """
    clean = _CLEANER.clean(_NO_TAG_OF_OURS.sub("&lt;", _COMMENT.sub("", html)))
    return _WITH_ATTRIBUTES.sub(_completed, clean).replace("&nbsp;", "\xa0")


def _completed(tag: re.Match[str]) -> str:
    """Put an image's alternative text in place of one that is not embedded; give a header cell a scope."""
    if tag[1] == "th":
        return tag[0] if " scope=" in tag[2] else f'<th{tag[2]} scope="col">'
    found = _ALTERNATIVE.search(tag[2])
    return tag[0] if " src=" in tag[2] else escape(unescape(found[1]) if found else "", quote=False)


def without_dead_links(page: str, reports: Collection[str]) -> tuple[str, list[str]]:
    """Leave the words of a link to a report that does not lie beside the page; name those reports.

    >>> without_dead_links('<a href="costs.html">Costs</a>, <a href="work.html">work</a>', {"work"})
    ('Costs, <a href="work.html">work</a>', ['costs'])
    """
    gone = sorted({link[1] for link in _BESIDE.finditer(page)} - set(reports))
    return _BESIDE.sub(lambda link: link[2] if link[1] in gone else link[0], page), gone


def plain_text(html: str) -> str:
    """Return the text of sanitised HTML."""
    return unescape(_TAG.sub("", html))


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
    """

    def __init__(self) -> None:
        self.title = ""
        self.headings: list[Heading] = []
        self._renderer = _Renderer(self)
        self._markdown = Markdown(self._renderer, plugins=[import_plugin(name) for name in _PLUGINS])

    def render(self, source: str, attachments: Mapping[str, Any] | None = None) -> Markup:
        """Return a markdown text as safe HTML; its headings join the outline."""
        self._renderer.attachments = dict(attachments or {})
        html = sanitise(str(self._markdown(source)))
        label = "Table: " + escape(self.headings[-1].text if self.headings else "")
        region = f'<div class="s75-scroll" tabindex="0" role="region" aria-label="{label}">'
        html = _TABLE.sub(f'{region}<table class="s75-table">', html)
        return Markup(html.replace("</table>", "</table></div>"))  # noqa: S704 - sanitised above

    def heading(self, html: str, level: int) -> str:
        """Take a heading into the outline and return its HTML."""
        text = plain_text(sanitise(html)).strip()
        if level == 1 and not self.title:
            self.title = text
            return ""
        above = self.headings[-1].level if self.headings else 1
        level = min(max(level, 2), above + 1)
        ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        stem = "section-" + re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:60]
        anchor = free_name(stem, {heading.anchor for heading in self.headings})
        self.headings.append(Heading(level, text, anchor))
        return f'<h{level} id="{anchor}">{html}</h{level}>\n'


class _Renderer(IPythonRenderer):
    """The notebook's markdown, with headings given to the outline and tables that head and align."""

    def __init__(self, outline: Outline) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self._outline = outline

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return self._outline.heading(text, level)

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre><code>{self.escape_html(code)}</code></pre>\n"

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        number = ' class="num"' if align == "right" else ""
        return f'  <th scope="col"{number}>{text}</th>\n' if head else f"  <td{number}>{text}</td>\n"
