"""A finished page as it goes on paper: what print shows, and its logs.

Word documents and PDF are made from the page itself, so they say what it says, as exactly as it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lxml import html
from lxml.html import builder

_SCREEN_ONLY = (
    "s75-skip",
    "s75-contents",
    "s75-code",
    "s75-data",
    "s75-trace",
    "s75-unseen",
    "s75-strip",
    "s75-shows",
)
_NUMBERS = re.compile(r"n\d+")
_PLAIN, _NARROW = 7, 10  # most columns in plain print, and on an upright sheet
_LEFT_OUT = "Tables and logs that the page folds away are left out here: {} has them."
_ON_PAPER = ("Decisions log", "Glossary")


@dataclass(frozen=True)
class Paper:
    """A report on paper."""

    title: str
    about: str  # authority and period, for the head of each sheet
    marks: tuple[str, ...]  # what the page's banners say large, such as SYNTHETIC
    top: Any  # elements of lxml: head, text and logs of the report
    main: Any
    logs: Any

    @property
    def running_head(self) -> str:
        """What stands at the head of each sheet."""
        return " – ".join([*self.marks, self.about or self.title])

    @property
    def headings(self) -> list[tuple[str, str]]:
        """Anchor and text of each section, as the page's contents list them."""
        found = [*self.main.iter("h2"), *self.logs.iter("h2")]
        return [(one.get("id", ""), text_of(one)) for one in found]

    @property
    def after_opening(self) -> Any:
        """The heading before which the contents stand: the first sheet is the summary's."""
        headings = [*self.main.iter("h2"), *self.logs.iter("h2")]
        opening = [at for at, one in enumerate(headings) if text_of(one) == "Summary"]
        return headings[opening[0] + 1 if opening else 0]


def text_of(element: Any) -> str:
    """Give an element's text on one line."""
    return re.sub(r"[ \t\r\n]+", " ", element.text_content()).strip()


def on_paper(page: str, name: str) -> Paper:
    """Read a finished page, of the file name given, and leave what belongs on paper."""
    tree = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    top, main, logs = (next(iter(tree.iter(tag))) for tag in ("header", "main", "footer"))
    for cls in _SCREEN_ONLY:
        _drop(tree.find_class(cls))
    for inner in tree.find_class("s75-inner"):
        inner.drop_tag()
    for details in [*main.iter("details")]:
        if "s75-guide" in details.get("class", "") or _alone(details):
            _unfold(details)
        else:
            _drop([details])
    for details in [*logs.iter("details")]:
        if text_of(next(details.iter("summary"))) in _ON_PAPER:
            _unfold(details)
        else:
            _drop([details])
    for term in tree.find_class("s75-term"):
        term.drop_tag()
    # A mail that is ready to send is for the screen; its words stand above it.
    _drop([link.getparent() for link in main.iter("a") if link.get("href", "").startswith("mailto:")])
    for link in [link for link in main.iter("a") if link.get("href", "").endswith(".html")]:
        link.drop_tag()  # the report beside it is another document on paper
    for said in main.find_class("s75-said"):
        _link_words(said)
    for table in tree.iter("table"):
        _set_out(table)
    for pairs in [*tree.iter("dl")]:
        _spell_out(pairs)
    next(iter(logs.iter("h2"))).addnext(builder.P(_LEFT_OUT.format(name)))
    kicker = ".//p[@class='s75-kicker']//text()[not(parent::*[@class='s75-tag'])][normalize-space()]"
    banners = [next(iter(one.iter("strong"))) for one in top.find_class("s75-banner")]
    return Paper(
        title=text_of(next(iter(top.iter("h1")))),
        about=", ".join(text.strip() for text in top.xpath(kicker)),
        marks=tuple(text_of(one) for one in [*banners, *top.find_class("s75-tag")]),
        top=top,
        main=main,
        logs=logs,
    )


def _drop(elements: Iterable[Any]) -> None:
    """Take elements out, unless they went with one around them."""
    for element in elements:
        if element.getparent() is not None:
            element.drop_tree()


def _alone(details: Any) -> bool:
    """Whether a section shows nothing but what is folded: it would be a heading alone."""
    before = details.getprevious()
    while before is not None and before.tag == "details":
        before = before.getprevious()
    after = details.getnext()
    while after is not None and after.tag == "details":
        after = after.getnext()
    return getattr(before, "tag", "") == "h2" and getattr(after, "tag", "h2") == "h2"


def _link_words(said: Any) -> None:
    """Have the words of a finding lead to its section, and not the number beside them."""
    link = said.getparent()
    if link.tag == "a":
        said.tag = "a"
        said.set("href", link.get("href"))
        link.drop_tag()


def _set_out(table: Any) -> None:
    """Mark cells of numbers, and tables whose columns need small print or a wide sheet."""
    numbers = {int(cls[1:]) for cls in table.get("class", "").split() if _NUMBERS.fullmatch(cls)}
    for row in table.iter("tr"):
        for place, cell in enumerate(row, start=1):
            if place in numbers:
                cell.set("class", "num")
    width = len(next(iter(table.iter("tr")), ()))
    around = next((one for one in table.iterancestors() if one.getparent().tag in ("main", "footer")), table)
    size = "wide" if width > _NARROW else "narrow" if width > _PLAIN else ""
    around.set("class", f"{around.get('class', '')} {size}".strip())


def _spell_out(pairs: Any) -> None:
    """Put a list of terms into paragraphs, short pairs into one."""
    said = [(text_of(term), term.getnext()) for term in pairs.iter("dt")]
    short = pairs.get("class", "") in ("s75-facts", "s75-pairs")
    lines = [builder.P(builder.CLASS("s75-meta"))] if short else [builder.P() for _ in said]
    for at, (term, meaning) in enumerate(said):
        more = "; " if short and at + 1 < len(said) else ""
        lines[0 if short else at].extend(
            [builder.STRONG(f"{term}:"), builder.SPAN(f" {text_of(meaning)}{more}")]
        )
    for line in lines:
        pairs.addprevious(line)
    pairs.drop_tree()


def _unfold(details: Any) -> None:
    """Show what is folded, under its heading if it has one."""
    for summary in [*details.iter("summary")]:
        if "s75-guide" in details.get("class", ""):
            summary.tag = "h3"
        elif next(summary.iter("h3"), None) is not None:
            summary.drop_tag()
        else:
            summary.drop_tree()
    details.drop_tag()
