"""The document that a report is written into: our own, or a council's with its styles, head and foot."""

from __future__ import annotations

import re
import zipfile
import zlib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.opc.packuri import PackURI
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, nsmap, qn
from docx.parts.numbering import NumberingPart
from docx.shared import Mm
from lxml import etree

from s75lib.errors import ConfigError
from s75lib.report.gate import search_report
from s75lib.report.rendering import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s75lib.loaders.authority import Authority

_MOST_UNPACKED = 50_000_000  # bytes
_UNREADABLE = (
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OpcError,
    etree.XMLSyntaxError,
    KeyError,
    ValueError,
    AttributeError,
    RuntimeError,
)
_REFERENCES = (qn("w:headerReference"), qn("w:footerReference"))
_KEPT = {
    RELATIONSHIP_TYPE.STYLES,
    RELATIONSHIP_TYPE.NUMBERING,
    RELATIONSHIP_TYPE.SETTINGS,
    RELATIONSHIP_TYPE.THEME,
    RELATIONSHIP_TYPE.FONT_TABLE,
}
_TOLD = ("attachedTemplate", "mailMerge", "docVars", "footnotePr", "endnotePr")  # settings of what is gone
_REACHES_OUT = re.compile(r"(?i)\s*(?:DDE|INCLUDE|IMPORT|LINK|MACRO|DATABASE|RD\b)")
_SPOKEN = re.compile("alt|author|descr|displayText|initials|instr|name|string|title|tooltip|value")
_NAMES = {qn(f"w:{name}") for name in ("alias", "docPart", "name", "tag")}  # each with its text as w:val
_AROUND = {qn("w:drawing"), qn("w:pict"), qn("w:object")}
_BULLET = (
    '<w:abstractNum {} w:abstractNumId="{}"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0">'
    '<w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/>'
    '<w:pPr><w:ind w:left="340" w:hanging="340"/></w:pPr></w:lvl></w:abstractNum>'
)


def own_document() -> WordDocument:
    """Open an empty document with our styles."""
    document = Document()
    _on_a4(document)
    _bring_styles(document, over=True)
    return document


def _on_a4(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin = section.bottom_margin = Mm(20)


def from_template(who: Authority) -> WordDocument:
    """Open an authority's template without its text; ConfigError says what is wrong with it."""
    path = _located(who)
    place = f"{who.slug}/{path.relative_to(who.folder.resolve()).as_posix()}"
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > _MOST_UNPACKED:
            raise ConfigError(f"{place}: found {size:,} bytes unpacked; expected at most {_MOST_UNPACKED:,}.")
        document = Document(str(path))
        _empty(document)
        _bring_styles(document, over=False)
    except _UNREADABLE as error:
        raise ConfigError(
            f"{place}: found no Word document that opens; expected a .docx without macros or password. "
            "Open the template in Word, save it again as a Word document (.docx), and run again."
        ) from error
    if any(map(_REACHES_OUT.match, _fields(document))):
        raise ConfigError(
            f"{place}: found a field in its head or foot that opens another file or program; expected none. "
            "Take it out."
        )
    if hits := search_report({"html": escape(_words(document))}):
        found = ", ".join(f"{hit.count} {hit.kind}" for hit in hits)
        raise ConfigError(f"{place}: found {found} in its head or foot; expected none. Take it out.")
    return document


def _located(who: Authority) -> Path:
    named = who.report.template
    place = f"{who.slug}/authority.toml: [report] template: found {named!r}"
    path = (who.folder / named).resolve()
    if not path.is_relative_to(who.folder.resolve()):
        raise ConfigError(
            f"{place}, which leaves the authority's folder; expected a file inside it. Copy the file there."
        )
    if path.suffix.lower() != ".docx":
        raise ConfigError(f"{place}; expected a Word document (.docx). Save the template as one.")
    if not path.is_file():
        raise ConfigError(f"{place}, and no such file; expected it in {who.slug}/. Put it there.")
    return path


def _parts(document: WordDocument) -> list[Any]:
    """List the heads, feet and others that stay of a template."""
    return list({rel.target_part for rel in document.part.rels.values() if not rel.is_external})


def _fields(document: WordDocument) -> Iterator[str]:
    """Yield what each field says that Word should do; in runs it may be broken anywhere."""
    for one in [
        one
        for part in _parts(document)
        if hasattr(part, "element")
        for one in part.element.iter(etree.Element)
    ]:
        if one.tag == qn("w:p"):
            said = "".join(
                "\n" if run.tag == qn("w:fldChar") else run.text or ""
                for run in one.iter(qn("w:instrText"), qn("w:fldChar"))
            )
            yield from said.split("\n")
        yield one.get(qn("w:instr"), "")


def _words(document: WordDocument) -> str:
    """Read what stays of a template: words of heads and feet, fields, links, authors, all that has a name."""
    parts = _parts(document)
    held = [part.element for part in parts if hasattr(part, "element")]
    said = ["".join(t.text or "" for t in p.iter(qn("w:t"))) for one in held for p in one.iter(qn("w:p"))]
    for one in [one for element in held for one in element.iter(etree.Element)]:
        said += [
            str(one.attrib[name]) for name in one.attrib if _SPOKEN.fullmatch(etree.QName(name).localname)
        ]
        said += [one.get(qn("w:val"), "")] if one.tag in _NAMES else []
        said += [one.text or ""] if one.tag != qn("w:t") else []
    links = [rel.target_ref for part in parts for rel in part.rels.values() if rel.is_external]
    return "\n".join([*said, *links])


def _empty(document: WordDocument) -> None:
    """Take out all of a template but its styles, and its last section's page, head and foot."""
    body = document.element.body
    sections = [*body.iter(qn("w:sectPr"))] or [body.get_or_add_sectPr()]
    last = sections[-1]
    held = {_kind(one) for one in last if one.tag in _REFERENCES}
    # A section without a head of its own has that of the one before it.
    for one in [one for section in reversed(sections[:-1]) for one in section if one.tag in _REFERENCES]:
        if _kind(one) not in held:
            held.add(_kind(one))
            last.insert(0, one)
    for child in [*(child for child in body if child is not last), *last.findall(qn("w:sectPrChange"))]:
        child.getparent().remove(child)
    for beside in [one for one in document.element if one is not body]:
        document.element.remove(beside)
    section, settings = document.sections[0], document.settings.element
    if None in (section.page_width, section.page_height, section.left_margin, section.right_margin):
        _on_a4(document)
    for name in _TOLD:
        for one in settings.findall(qn(f"w:{name}")):
            settings.remove(one)
    _unlink(document.part, lambda rel: _is_shipped(last, rel))
    for part in document.part.rels.values():
        _unlink(part.target_part, _may_stay)
    package = document.part.package.rels  # its thumbnail and properties
    for rel in [rel for rel in package.values() if rel.reltype != RELATIONSHIP_TYPE.OFFICE_DOCUMENT]:
        del package[rel.rId]


def _is_shipped(section: Any, rel: Any) -> bool:
    """Say whether a part leaves with a report: styles, settings, and the section's heads and feet."""
    shown = {one.get(qn("r:id")) for one in section if one.tag in _REFERENCES}
    return not rel.is_external and (rel.reltype in _KEPT or rel.rId in shown)


def _may_stay(rel: Any) -> bool:
    """Say whether what a part leads to may leave with a report: its pictures and fonts, and web addresses."""
    if rel.is_external:
        on_web = str(rel.target_ref).startswith(("http:", "https:"))
        return on_web and rel.reltype == RELATIONSHIP_TYPE.HYPERLINK
    return rel.reltype in (RELATIONSHIP_TYPE.IMAGE, RELATIONSHIP_TYPE.FONT)


def _unlink(part: Any, keep: Callable[[Any], bool]) -> None:
    """Drop what a part leads to unless it is kept, with the pictures and objects that show it."""
    for rel in [rel for rel in part.rels.values() if not keep(rel)]:
        del part.rels[rel.rId]
        for one in [*part.element.iter(etree.Element)] if hasattr(part, "element") else []:
            names = [name for name in one.attrib if name.startswith(f"{{{nsmap['r']}}}")]
            gone = [name for name in names if one.get(name) == rel.rId]
            for name in gone:
                del one.attrib[name]
            if gone == names != [] and one.tag != qn("w:hyperlink"):
                shown = next((up for up in one.iterancestors() if up.tag in _AROUND), one)
                if shown.getparent() is not None:
                    shown.getparent().remove(shown)


def _kind(reference: Any) -> tuple[str, str]:
    return reference.tag, reference.get(qn("w:type"))


def _bring_styles(document: WordDocument, *, over: bool) -> None:
    """Add our styles: over the document's own, or only where it has none of the name."""
    styles = document.styles.element
    default = document.styles.default(WD_STYLE_TYPE.PARAGRAPH)
    normal = "Normal" if over or default is None else default.style_id
    for ours in etree.parse(TEMPLATES / "word.xml").getroot():
        style = parse_xml(etree.tostring(ours))
        there = named(document, style.find(qn("w:name")).get(qn("w:val")))
        if there is not None and not over:
            continue
        if there is not None:
            styles.remove(there)
        if (based := style.find(qn("w:basedOn"))) is not None:
            based.set(qn("w:val"), normal)
        for number in style.iter(qn("w:numId")):
            number.set(qn("w:val"), str(_bullets(document)))
        identifier = style.get(qn("w:styleId"))
        if any(one.get(qn("w:styleId")) == identifier for one in styles):
            style.set(qn("w:styleId"), f"s75{identifier}")
        styles.append(style)


def named(document: WordDocument, name: str) -> Any:
    """Find a style by its name, whatever its case: Word writes its own in small letters."""
    for style in document.styles.element.findall(qn("w:style")):
        called = style.find(qn("w:name"))
        if called is not None and called.get(qn("w:val")).lower() == name.lower():
            return style
    return None


def _bullets(document: WordDocument) -> int:
    """Define a list with bullets and give its number; a document without any gets the part for lists."""
    try:
        part: Any = document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING)
    except KeyError:
        none = parse_xml(f"<w:numbering {nsdecls('w')}/>")
        name, package = PackURI("/word/numbering.xml"), document.part.package
        part = NumberingPart(name, CONTENT_TYPE.WML_NUMBERING, none, package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.NUMBERING)
    kinds = [int(one.get(qn("w:abstractNumId"))) for one in part.element.findall(qn("w:abstractNum"))]
    kind = max(kinds, default=0) + 1
    part.element.insert(len(kinds), parse_xml(_BULLET.format(nsdecls("w"), kind)))
    return int(part.element.add_num(kind).numId)
