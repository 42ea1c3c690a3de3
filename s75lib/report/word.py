"""A report as a Word document: real headings, lists, tables and contents, pictures with alternatives."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.image.exceptions import UnrecognizedImageError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu
from docx.text.paragraph import Paragraph

from s75lib.report.paper import Paper, text_of
from s75lib.report.word_template import named

_STYLES = {
    "s75-banner": "s75 Mark",
    "s75-missing": "s75 Mark",
    "s75-error": "s75 Mark",
    "s75-note": "s75 Note",
    "s75-meta": "s75 Note",
    "s75-kicker": "Subtitle",
}
_OF_TAGS = {"h1": "Title", "h2": "heading 1", "h3": "heading 2", "blockquote": "Quote", "pre": "s75 Note"}
_OF_TAGS |= dict.fromkeys(("h4", "h5", "h6"), "heading 3")
_FLOWS = {"p", "div", "section", "main", "header", "footer", *_OF_TAGS}
_BLOCKS = {*_FLOWS, "ul", "ol", "li", "table", "figure", "hr"}
_BOLD, _ITALIC = {"strong", "b"}, {"em", "i"}
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ADDRESS = re.compile(r"data:image/(svg\+xml|png|jpeg|gif);base64,(.*)", re.DOTALL)
_FINE = 200 / 96  # dots of a picture for each pixel of the page
_USUAL = 600  # pixels
_PIXEL = 9_525  # in Word's own unit, of which 360,000 are a centimetre
_HIGHEST, _WIDEST = 12 * 360_000, int(11.2 * 360_000)  # as in print
_SIZES = {"s75 Cell": 8.5, "s75 Small Cell": 7, "s75 Tiny Cell": 6}  # in points
_TWENTIETH = 635  # of a point, in Word's own unit
_ON_ONE_SHEET = 12  # rows
_FOLDS, _BREAKS = 250, 20  # letters beyond which a text folds, and a word breaks
_LETTER, _AROUND = (
    0.62,
    110,
)  # width of a letter to its size, and of a cell's margins in twentieths of a point
_PICTURE = 19  # letters


def as_word(paper: Paper, manifest: Mapping[str, Any], document: WordDocument) -> bytes:
    """Write a report into an empty document."""
    writer = _Writer(document)
    writer.head_and_foot(paper.running_head, " – ".join(paper.marks))
    before = paper.after_opening
    for block in (*paper.top, *paper.main, *paper.logs):
        if block is before:
            writer.contents(paper.headings)
        writer.turn(wide="wide" in block.get("class", ""))
        writer.block(block)
    told = document.core_properties
    told.title, told.subject = f"{paper.title} {paper.about}", paper.about
    told.author = told.last_modified_by = "s75lib"
    told.comments = told.keywords = told.category = ""
    told.language, told.revision = "en-GB", 1
    told.created = told.modified = datetime.fromisoformat(manifest["timings"]["started"]).replace(tzinfo=None)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _w(tag: str, *children: Any, **values: Any) -> Any:
    element = OxmlElement(f"w:{tag}")
    for name, value in values.items():
        element.set(qn(f"w:{name}"), str(value))
    element.extend(children)
    return element


class _Writer:
    """Writes the blocks of a page one after the other."""

    def __init__(self, document: WordDocument) -> None:
        self._document = document
        self._body: Any = document.element.body
        self._wide = False
        self._spaced = True  # whether the paragraph ends with a space, or is empty
        self._headings = 0

    def head_and_foot(self, running: str, marks: str) -> None:
        """Set a running head and page numbers; a document's own head is kept, with the marks added to it."""
        section = self._document.sections[-1]
        own = not section.header.is_linked_to_previous
        self._head(section.header, marks if own else running)
        if section.different_first_page_header_footer:
            self._head(section.first_page_header, marks)
        if self._document.settings.odd_and_even_pages_header_footer:
            self._head(section.even_page_header, marks if own else running)
        if section.footer.is_linked_to_previous:
            foot = section.footer.paragraphs[0]
            self._style(foot, "footer")
            for before, field in (("Page ", "PAGE"), (" of ", "NUMPAGES")):
                foot.add_run(before)
                foot._p.append(_w("fldSimple", _w("r", _w("t")), instr=field))

    def _head(self, head: Any, words: str) -> None:
        if words:
            paragraph = head.paragraphs[0] if head.is_linked_to_previous else head.add_paragraph()
            self._style(paragraph, "header").add_run(_ILLEGAL.sub("", words))

    def turn(self, *, wide: bool) -> None:
        """Begin a section on sheets of the other side, for a table of many columns or after it."""
        if wide == self._wide:
            return
        self._wide = wide
        section = self._document.add_section()
        section.different_first_page_header_footer = False
        section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = section.page_height, section.page_width

    def contents(self, headings: Sequence[tuple[str, str]]) -> None:
        """Write a table of contents: a field of Word's, filled with the headings; F9 adds their pages."""
        self._paragraph("TOC Heading").add_run("Contents")
        for at, (_, text) in enumerate(headings):
            entry = self._paragraph("toc 1")
            if at == 0:
                for part in (_field("begin"), _w("instrText"), _field("separate")):
                    entry._p.append(_w("r", part))
                entry._p.r_lst[1][0].text = ' TOC \\o "1-1" \\h \\z '
            run = _w("r", _w("t"))
            run[0].text = _ILLEGAL.sub("", text)
            entry._p.append(_w("hyperlink", run, anchor=_bookmark(at)))
            if at + 1 == len(headings):
                entry._p.append(_w("r", _field("end")))

    def flow(self, container: Any, style: str) -> None:
        """Write what a container holds: blocks as such, and what stands between them as paragraphs."""
        paragraph = self._more(container.text, None, style)
        for child in container:
            if child.tag in _BLOCKS:
                self.block(child, style)
                paragraph = None
            else:
                paragraph = paragraph or self._paragraph(style)
                self._inline(child, paragraph)
            paragraph = self._more(child.tail, paragraph, style)

    def block(self, block: Any, style: str = "Normal") -> None:
        """Write one block; `style` is that of what is around it."""
        classes = block.get("class", "").split()
        match block.tag:
            case "table":
                self._table(block)
            case "figure":
                self._figure(block)
            case "ul" | "ol":
                for item in block:
                    self.flow(item, "s75 Finding" if "s75-findings" in classes else "List Bullet")
            case "h2":
                self._heading(block)
            case "hr":
                return
            case "img":
                self._picture(block, self._paragraph(style))
            case tag:
                named_so = (_STYLES[one] for one in classes if one in _STYLES)
                self.flow(block, next(named_so, _OF_TAGS.get(tag, style)))

    def _heading(self, heading: Any) -> None:
        paragraph = self._paragraph("heading 1")
        marks = {"id": self._headings, "name": _bookmark(self._headings)}
        self._headings += 1
        paragraph._p.append(_w("bookmarkStart", **marks))
        self._inline(heading, paragraph)
        paragraph._p.append(_w("bookmarkEnd", id=marks["id"]))

    def _figure(self, figure: Any) -> None:
        caption = self._paragraph("caption")
        for part in figure.find("figcaption"):
            if part.getprevious() is not None:
                caption.add_run().add_break()
                self._spaced = True
            self._inline(part, caption, bold=part.tag == "strong")
        for image in figure.iter("img"):
            paragraph = self._paragraph("Normal")
            paragraph.paragraph_format.keep_with_next = figure.find("p") is not None
            self._picture(image, paragraph)
        for note in figure.findall("p"):
            self.block(note)

    def _table(self, table: Any) -> None:
        """Write a table whose head is repeated on each sheet, and whose rows are not cut."""
        rows = [*table.iter("tr")]
        caption = next(iter(table.iter("caption")), None)
        if caption is not None:
            self._inline(caption, self._paragraph("caption"), bold=True)
        elif self._body[-2].tag == qn("w:tbl"):
            self._paragraph("s75 Note")  # or Word takes both for one table
        style, widths = self._laid_out(rows)
        together = len(rows) <= _ON_ONE_SHEET
        grid = _w("tblGrid", *(_w("gridCol", w=width) for width in widths))
        head = (
            _w("tblStyle", val=self._id("s75 Table")),
            _w("tblW", w=5000, type="pct"),
            _w("tblLayout", type="fixed"),
        )
        look = _w(
            "tblLook", val="04A0", firstRow=1, lastRow=0, firstColumn=1, lastColumn=0, noHBand=1, noVBand=1
        )
        told = _w("tblCaption", val=text_of(caption)) if caption is not None else None
        drawn = _w("tbl", _w("tblPr", *head, look, *([told] if told is not None else [])), grid)
        self._body._insert_tbl(drawn)
        for row in rows:
            header = row.getparent().tag == "thead"
            bold = header or "s75-total" in row.get("class", "")
            line = _w("tr", _w("trPr", _w("cantSplit"), *([_w("tblHeader")] if header else [])))
            drawn.append(line)
            for cell, width in zip(row, widths, strict=False):
                place = _w("tc", _w("tcPr", _w("tcW", w=width, type="dxa")), _w("p"))
                line.append(place)
                paragraph = self._style(Paragraph(place[1], self._document._body), style)
                paragraph.paragraph_format.keep_with_next = header or (together and row is not rows[-1])
                if cell.get("class") == "num":
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                self._inline(cell, paragraph, bold=bold)

    def _laid_out(self, rows: Sequence[Any]) -> tuple[str, list[int]]:
        """Choose the largest print that a table's words fit in, and share the sheet among its columns."""
        columns = [*zip_longest(*([_measured(cell) for cell in row] for row in rows), fillvalue=(0, 0))]
        whole = self._text_width() / _TWENTIETH
        for style, size in _SIZES.items():  # noqa: B007 - the last is taken where none fits
            letter = 20 * size * _LETTER
            least = [max(word for word, _ in column) * letter + _AROUND for column in columns]
            if sum(least) <= whole:
                break
        spare = whole - sum(least)
        if spare < 0:
            return style, [int(whole * one / sum(least)) for one in least]
        more = [max(max(text - word for word, text in column), 0.01) for column in columns]
        return style, [int(one + spare * each / sum(more)) for one, each in zip(least, more, strict=True)]

    def _text_width(self) -> int:
        section = self._document.sections[-1]
        return int((section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0))

    def _picture(self, image: Any, paragraph: Paragraph) -> None:
        """Set a picture with its alternative, or the alternative alone where Word can't show the picture."""
        alternative = _ILLEGAL.sub("", image.get("alt", ""))
        try:
            shape = paragraph.add_run().add_picture(io.BytesIO(_painted(image)))
        except (ValueError, UnrecognizedImageError):
            paragraph.add_run(alternative)
            return
        wanted = float(image.get("width", shape.width / _PIXEL)) * _PIXEL
        share = min(
            1, min(self._text_width(), _WIDEST) / wanted, _HIGHEST / (wanted * shape.height / shape.width)
        )
        shape.width, shape.height = (
            Emu(int(wanted * share)),
            Emu(int(wanted * share * shape.height / shape.width)),
        )
        shape._inline.docPr.set("descr", alternative)
        self._spaced = False

    def _inline(
        self, element: Any, paragraph: Paragraph, *, bold: bool = False, italic: bool = False
    ) -> None:
        """Write an element's text into a paragraph, with what is strong or emphasised in it."""
        if element.tag == "img":
            self._picture(element, paragraph)
            return
        if element.tag == "br":
            paragraph.add_run().add_break()
            self._spaced = True
            return
        large = "s75-large" in element.get("class", "")
        bold, italic = bold or element.tag in _BOLD, italic or element.tag in _ITALIC
        look: dict[str, Any] = {"bold": bold or None, "italic": italic or None, "large": large}
        self._text(element.text, paragraph, **look)
        for child in element:
            self._inline(child, paragraph, bold=bold, italic=italic)
            self._text(child.tail, paragraph, **look)
        if re.match("https?:", address := element.get("href", "")):
            self._text(f" ({address})", paragraph, **look)
        if large:
            paragraph.add_run("\t")
            self._spaced = True

    def _text(
        self, text: str | None, paragraph: Paragraph, *, bold: bool | None, italic: bool | None, large: bool
    ) -> None:
        """Write a text, its white space as a browser shows it."""
        shown = _ILLEGAL.sub("", re.sub(r"[ \t\r\n]+", " ", text or ""))
        shown = shown.lstrip(" ") if self._spaced else shown
        if shown:
            run = paragraph.add_run(shown)
            run.bold, run.italic = bold, italic
            if large:
                run._r.style = self._id("s75 Large")
            self._spaced = shown.endswith(" ")

    def _more(self, text: str | None, paragraph: Paragraph | None, style: str) -> Paragraph | None:
        """Go on with a text that stands between blocks, in a paragraph of its own if none is open."""
        if (text or "").strip():
            paragraph = paragraph or self._paragraph(style)
        if paragraph is not None:
            self._text(text, paragraph, bold=None, italic=None, large=False)
        return paragraph

    def _paragraph(self, style: str) -> Paragraph:
        self._spaced = True
        return self._style(Paragraph(self._body.add_p(), self._document._body), style)

    def _style(self, paragraph: Paragraph, style: str) -> Paragraph:
        self._spaced = True
        paragraph._p.style = self._id(style)
        return paragraph

    def _id(self, style: str) -> str:
        return str(named(self._document, style).get(qn("w:styleId")))


def _measured(cell: Any) -> tuple[int, int]:
    """Count the letters of a cell's longest word and of its text; a small picture is as wide as some."""
    text = text_of(cell)
    word = max(*map(len, text.split(" ")), 1 if cell.find("img") is None else _PICTURE)
    return min(word, _BREAKS), min(max(len(text), word), _FOLDS)


def _field(kind: str) -> Any:
    """Mark where a field begins, where its result does, and where it ends."""
    return _w("fldChar", fldCharType=kind)


def _bookmark(number: int) -> str:
    return f"_Toc{number:06}"


def _painted(image: Any) -> bytes:
    """Give an image as Word can hold it: a chart painted, its words in the font that it was drawn with."""
    found = _ADDRESS.fullmatch(image.get("src", ""))
    if found is None:
        raise ValueError("no picture that is inside the page")
    content = base64.b64decode(found[2])
    if found[1] != "svg+xml":
        return content
    import matplotlib
    import resvg_py

    fonts = str(Path(matplotlib.get_data_path(), "fonts", "ttf"))
    dots = round(float(image.get("width", _USUAL)) * _FINE)
    painted = resvg_py.svg_to_bytes(
        svg_string=content.decode(), width=dots, dpi=96.0, font_dirs=[fonts], background="#ffffff"
    )
    return bytes(painted)
