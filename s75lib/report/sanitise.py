"""HTML that others wrote, rewritten so that it can only be text, structure and embedded images."""

from __future__ import annotations

__all__ = ["ALLOWED_TAGS", "plain_text", "sanitise"]

import re
from collections.abc import Sequence
from html import escape, unescape
from html.parser import HTMLParser

from s75lib.report.markup import plain_markup

_VOID = frozenset({"br", "col", "hr", "img", "wbr"})
_TAGS = """
a abbr b bdi bdo blockquote br caption cite code col colgroup data dd del details dfn div dl dt em figcaption
figure h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section small span strong sub summary sup
table tbody td tfoot th thead time tr u ul var wbr
"""
_ATTRIBUTES = """
abbr alt class colspan datetime dir headers height href id lang open role rowspan scope span src start
tabindex title value width
"""
ALLOWED_TAGS = frozenset(_TAGS.split())
_ALLOWED_ATTRIBUTES = frozenset(_ATTRIBUTES.split())
_LINK = re.compile(r"(?:https?:|mailto:|#)", re.IGNORECASE)
_IMAGE = re.compile(r"data:image/(?:svg\+xml|png|jpeg|gif|webp)[;,]", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_PLAIN = plain_markup(ALLOWED_TAGS)
_PIECE = re.compile(r"([^<]*)(?:<(/?)([a-z0-9]+)([^>]*)>)?")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


def sanitise(html: str) -> str:
    """Rewrite a fragment of HTML by an allow-list; what is not allowed is shown as text.

    Parameters
    ----------
    html : str
        Any text; it need not be well formed.

    Returns
    -------
    str
        Balanced HTML of allowed tags and attributes alone, all else escaped. No scripts, styles, event
        attributes, forms or frames; images embedded only; links to the web, to mail and within the page.

    Notes
    -----
    The result is written anew from what was parsed, so a browser that reads broken input differently
    still meets allowed tags and escaped text only. An image that is not embedded becomes its alternative
    text; a header cell without scope heads its column; the right-aligned cells of a markdown table, which
    markdown marks by a style, get the class ``num``.

    Examples
    --------
    >>> sanitise("<b onclick=x()>bold</b><script>alert(1)</script>")
    '<b>bold</b>&lt;script&gt;alert(1)&lt;/script&gt;'
    >>> sanitise('<p>open <img src="https://example.org/x.png" alt="a chart">')
    '<p>open a chart</p>'
    """
    rewriter = _Rewriter()
    if _PLAIN.fullmatch(html):
        rewriter.read_plain(html)
    else:
        rewriter.feed(html)
        rewriter.close()
    return rewriter.result()


def plain_text(html: str) -> str:
    """Return the text of sanitised HTML.

    Examples
    --------
    >>> plain_text("<em>A &amp; B</em>")
    'A & B'
    """
    return unescape(_TAG.sub("", html))


class _Rewriter(HTMLParser):
    """Writes what it reads back, allowed tags as tags and the rest as text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []

    def read_plain(self, html: str) -> None:
        """Take in plain HTML (see `plain_markup`) as the parser would, in a tenth of its time."""
        for text, slash, tag, attributes in _PIECE.findall(html):
            self.handle_data(unescape(text))
            if slash:
                self.handle_endtag(tag)
            elif tag:
                attrs = [(name, unescape(value)) for name, value in _ATTRIBUTE.findall(attributes)]
                self.handle_starttag(tag, attrs)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED_TAGS:
            self._out.append(escape(self.get_starttag_text() or "", quote=False))
            return
        kept = {name: value or "" for name, value in attrs if _keep(tag, name, value or "")}
        if tag == "img" and "src" not in kept:
            self._out.append(escape(kept.get("alt", ""), quote=False))
            return
        if tag == "th":
            kept.setdefault("scope", "col")
        if tag in ("td", "th") and ("style", "text-align:right") in attrs:
            kept.setdefault("class", "num")
        written = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
        self._out.append(f"<{tag}{written}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ALLOWED_TAGS:
            self._out.append(escape(f"</{tag}>", quote=False))
        elif tag in self._open:
            while (last := self._open.pop()) != tag:
                self._out.append(f"</{last}>")
            self._out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._out.append(escape(data, quote=False))

    def result(self) -> str:
        """Close what was left open and return the whole."""
        return "".join(self._out) + "".join(f"</{tag}>" for tag in reversed(self._open))


def _keep(tag: str, name: str, value: str) -> bool:
    """Whether an attribute of an allowed tag is allowed."""
    if name == "src":
        return tag == "img" and _IMAGE.match(value) is not None
    if name == "href":
        return tag == "a" and _LINK.match(value) is not None
    if name == "tabindex":
        return value == "0"
    return name in _ALLOWED_ATTRIBUTES or re.fullmatch(r"(?:aria|data)-[a-z0-9-]+", name) is not None
