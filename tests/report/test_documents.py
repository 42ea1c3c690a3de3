"""Reports as Word and PDF: what is in them, in whose styles, and what stands against them."""

from __future__ import annotations

import builtins
import contextlib
import io
import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import docx
import matplotlib.pyplot as plt
import pandas as pd
import pikepdf
import pytest
from bs4 import BeautifulSoup
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import nsmap, qn
from docx.shared import Mm, RGBColor
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from s75lib.errors import ConfigError, RunError
from s75lib.loaders.authority import read_authority
from s75lib.present import html
from s75lib.present.parts import Column, Figure, Table
from s75lib.report.documents import write_documents
from s75lib.report.exporter import S75Exporter
from s75lib.report.index import write_index
from s75lib.report.paper import on_paper
from s75lib.report.pdf import as_pdf
from s75lib.report.store import Place
from s75lib.report.word import as_word
from s75lib.report.word_template import from_template, own_document

R = f"{{{nsmap['r']}}}"
MANIFEST = {"timings": {"started": "2026-05-01T10:00:00+00:00"}}
TEAMS = Table(
    "kpi.teams",
    "Visits by team",
    pd.DataFrame({"team": ["North", "South", "Both"], "visits": [1250.0, 4.0, 1254.0]}),
    (Column("team", "Team"), Column("visits", "Visits", "number")),
    ("Visits of a year.",),
    strong=(2,),
    hidden=((1, "visits"),),
)
MONTHS = Table(
    "kpi.months",
    "Visits by month",
    pd.DataFrame({f"c{n}": [n * 1000.0] for n in range(13)}),
    tuple(Column(f"c{n}", f"Month {n}", "number") for n in range(13)),
)
FOLDED = Table("kpi.folded", "Folded away", pd.DataFrame({"a": ["unseen"]}), (Column("a", "A"),))


def bundled(part):
    return new_output("display_data", data=part._repr_mimebundle_())


@pytest.fixture(scope="module")
def chart():
    drawing, axes = plt.subplots(figsize=(6, 3))
    axes.plot([60, 63])
    yield Figure(
        "kpi.rise", "Reviews rose", "Alpha, 2018/19", "A line from 60 to 63", drawing, TEAMS, "kpi.csv"
    )
    plt.close(drawing)


@pytest.fixture(scope="module")
def page(kit, chart):
    """A page with everything that a document may meet."""
    drawn = {
        "large": "3 points",
        "said": "Reviews rose by 3 points.",
        "alarm": False,
        "marks": {"value": 40, "against": 60},
        "shows": "Bar: 3 of 5",
    }
    summary = {"kind": "summary", "items": kit.HEADLINES["items"][:1], "drawn": [drawn]}
    guide = "<details class='s75-guide'><summary>How to read</summary>\n\nFrom the top.\n\n</details>"
    text = "Some *words* and **more**\nof them; see [here](https://a.org).\n\n### Visits\n\n- one\n- two"
    checks = html.table("Checks", ["Check", "Result"], [["Lines add up.", "Passed"]], [False, False])
    nb = kit.executed(
        new_markdown_cell("# Which indicators moved?"),
        new_code_cell("head", outputs=[kit.shown(kit.report_part(name="Alpha", known_to="2019-03-31"))]),
        new_markdown_cell("## Summary"),
        new_code_cell("summary", outputs=[kit.shown(summary), bundled(chart)]),
        new_markdown_cell(guide),
        new_markdown_cell(f"## Teams {kit.HOSTILE}\n\n{text}"),
        new_code_cell("teams", outputs=[kit.shown(kit.HEADLINES), bundled(TEAMS), bundled(FOLDED)]),
        new_markdown_cell("## Months"),
        new_code_cell("months", outputs=[bundled(MONTHS)]),
        new_markdown_cell("## Sources"),
        new_code_cell("sources", outputs=[kit.shown({"kind": "details"}), kit.shown(kit.CHECKS, checks)]),
    )
    return S75Exporter().from_notebook_node(nb, {"metadata": {"name": "kpi"}})[0]


@pytest.fixture(scope="module")
def paper(page):
    return lambda: on_paper(page, "kpi.html")


@pytest.fixture(scope="module")
def word(paper):
    return docx.Document(io.BytesIO(as_word(paper(), MANIFEST, own_document())))


def texts(document, *styles):
    return [p.text for p in document.paragraphs if p.style.name in styles]


def words(element):
    return "".join(t.text for t in element.iter(qn("w:t")))


def pictures(document):
    return document.element.body.findall(f".//{qn('wp:docPr')}")


# Word


def test_headings_are_real_and_the_contents_lead_to_them(word, kit):
    sections = ["Summary", f"Teams {kit.HOSTILE}", "Months", "Sources", "About this report"]
    assert texts(word, "Title") == ["Which indicators moved?"]
    assert texts(word, "Heading 1") == sections
    assert texts(word, "Heading 2")[:2] == ["How to read", "Visits"]
    body = word.element.body
    assert [one.text for one in body.iter(qn("w:instrText"))] == [' TOC \\o "1-1" \\h \\z ']
    kinds = [one.get(qn("w:fldCharType")) for one in body.iter(qn("w:fldChar"))]
    assert kinds == ["begin", "separate", "end"]
    targets = {one.get(qn("w:name")): one.getparent() for one in body.iter(qn("w:bookmarkStart"))}
    links = [*body.iter(qn("w:hyperlink"))]
    assert [words(link) for link in links] == sections
    assert [words(targets[link.get(qn("w:anchor"))]) for link in links] == sections
    summary, contents = (
        next(i for i, p in enumerate(word.paragraphs) if p.text == t) for t in ("Summary", "Contents")
    )
    assert summary < contents < next(i for i, p in enumerate(word.paragraphs) if p.text.startswith("Teams"))


def test_every_picture_has_its_alternative_and_its_title_above(word):
    assert [one.get("descr") for one in pictures(word)] == ["A line from 60 to 63"]
    assert "Reviews rose\nAlpha, 2018/19" in texts(word, "Caption")
    assert "Source: kpi.csv" in texts(word, "s75 Note")
    (shape,) = word.inline_shapes
    assert shape.width / shape.height == pytest.approx(2, rel=0.02)


def test_tables_are_tables_whose_head_is_repeated(word):
    for table in word.tables:
        first, *others = table.rows
        assert first._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:tblHeader")) is None for row in others)
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        section_width = max(int(s.page_width - s.left_margin - s.right_margin) for s in word.sections)
        assert sum(int(c.get(qn("w:w"))) for c in table._tbl.tblGrid) * 635 <= section_width
    captions = [one.get(qn("w:val")) for one in word.element.body.iter(qn("w:tblCaption"))]
    assert captions[:2] == ["Visits by team", "Visits by month"]
    assert "Checks" in captions
    teams = word.tables[0]
    assert [[cell.text for cell in row.cells] for row in teams.rows] == [
        ["Team", "Visits"], ["North", "1,250"], ["South", "c"], ["Both", "1,254"]
    ]  # fmt: skip
    assert [run.bold for run in teams.rows[3].cells[1].paragraphs[0].runs] == [True]
    assert [run.bold for run in teams.rows[1].cells[1].paragraphs[0].runs] == [None]
    assert teams.style.name == "s75 Table"


def test_a_table_of_many_columns_stands_on_a_sheet_on_its_side(word):
    kinds = [section.orientation for section in word.sections]
    assert kinds == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT]
    assert all(
        (s.page_width > s.page_height) is (s.orientation is WD_ORIENT.LANDSCAPE) for s in word.sections
    )
    assert "Page " in word.sections[-1].footer.paragraphs[0].text


def test_nothing_is_said_that_the_page_does_not_show(word, page):
    shown = re.sub(r"\s+", " ", on_paper_text(page))
    said = [p.text for p in word.paragraphs] + [c.text for t in word.tables for r in t.rows for c in r.cells]
    own = {"Contents", "Tables and logs that the page folds away are left out here: kpi.html has them."}
    for text in {line.strip() for one in said for part in one.split("\n") for line in part.split("\t")} - own:
        assert re.sub(r" \(https://a.org\)|;$", "", text) in shown or ": " in text, text
    everything = "\n".join(said)
    for left_out in ("unseen", "Show the code", "Show the data", "How it was found", "Skip to", "s75.show"):
        assert left_out not in everything


def on_paper_text(page):
    return BeautifulSoup(page, "html.parser").get_text()


def test_status_findings_and_properties(word):
    assert any(text.startswith("SYNTHETIC") for text in texts(word, "s75 Mark"))
    assert word.sections[0].header.paragraphs[0].text == "SYNTHETIC – Alpha, 2018/19"
    assert [text.strip() for text in texts(word, "s75 Finding")] == ["3 points\tReviews rose by 3 points."]
    assert texts(word, "List Bullet")[:2] == ["one", "two"]
    told = word.core_properties
    assert (told.title, told.language) == ("Which indicators moved? Alpha, 2018/19", "en-GB")
    assert told.created.isoformat() == "2026-05-01T10:00:00+00:00"
    assert next(word.styles.element.iter(qn("w:lang"))).get(qn("w:val")).startswith("en")


def test_a_picture_that_word_cannot_show_leaves_its_words(page):
    broken = re.sub(r"data:image/svg\+xml;base64,[^\"]+", "data:image/svg+xml;base64,PHN2Zz4=", page)
    document = docx.Document(io.BytesIO(as_word(on_paper(broken, "kpi.html"), MANIFEST, own_document())))
    assert not pictures(document)
    assert "A line from 60 to 63" in texts(document, "Normal")


# Templates


@pytest.fixture
def council(tmp_path):
    """An authority with a template: its own heading, head and text, and one that Word would fetch."""
    folder = tmp_path / "data" / "alpha"
    folder.mkdir(parents=True)
    (folder / "authority.toml").write_text('name = "Alpha"\n[report]\ntemplate = "council.docx"\n', "utf-8")
    template = docx.Document()
    template.styles["Heading 1"].font.color.rgb = RGBColor(0x80, 0, 0x40)
    template.sections[0].header.paragraphs[0].text = "Alpha Council – committee papers"
    template.add_paragraph("Write your report here.")
    template.add_section()
    template.add_paragraph("And here.")
    address, kind = "file:///srv/templates/a.dotm", "http://x/attachedTemplate"
    rel = template.part.part_related_by(RELATIONSHIP_TYPE.SETTINGS).relate_to(address, kind, is_external=True)
    attached = docx.oxml.OxmlElement("w:attachedTemplate")
    attached.set(qn("r:id"), rel)
    template.settings.element.insert(0, attached)
    template.save(folder / "council.docx")
    return SimpleNamespace(
        folder=folder, template=template, who=lambda: read_authority("alpha", folder.parent)
    )


def test_a_council_s_template_gives_styles_head_and_page(council, paper):
    content = as_word(paper(), MANIFEST, from_template(council.who()))
    document = docx.Document(io.BytesIO(content))
    assert document.styles["Heading 1"].font.color.rgb == RGBColor(0x80, 0, 0x40)
    head = [p.text for p in document.sections[0].header.paragraphs]
    assert head == ["Alpha Council – committee papers", "SYNTHETIC"]
    assert document.sections[-1].header.is_linked_to_previous
    assert document.sections[0].page_width == council.template.sections[0].page_width
    assert not {"Write your report here.", "And here."} & {p.text for p in document.paragraphs}
    assert texts(document, "Heading 1")[0] == "Summary"
    assert texts(document, "s75 Mark")
    # Nothing that Word would fetch, nor where the template lies on a machine.
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert not any(b"srv/templates" in packed.read(name) for name in packed.namelist())


@pytest.mark.parametrize("pieces", [["DDEAUTO c:\\cmd.exe x"], [" INCLUDE", "TEXT //elsewhere/x"], ["PAGE"]])
def test_a_field_that_opens_another_file_or_program_is_a_fault(council, pieces):
    paragraph = council.template.sections[0].header.paragraphs[0]
    for kind in ("begin", None, "end"):
        for piece in pieces if kind is None else [""]:
            run = paragraph.add_run()._r
            run.append(OxmlElement("w:instrText" if kind is None else "w:fldChar"))
            run[-1].text = piece
            run[-1].attrib.update({qn("w:fldCharType"): kind} if kind else {})
    council.template.save(council.folder / "council.docx")
    with pytest.raises(ConfigError, match="a field") if pieces != ["PAGE"] else contextlib.nullcontext():
        from_template(council.who())


def test_a_template_without_any_of_our_styles_or_lists_gets_them(council, paper):
    """Such as one that was saved from an empty document: Word writes only the styles in use."""
    path = council.folder / "council.docx"
    bare = docx.Document()
    for style in [s for s in bare.styles.element.findall(qn("w:style")) if not s.get(qn("w:default"))]:
        bare.styles.element.remove(style)
    bare.styles["Normal"].element.set(qn("w:styleId"), "Standard")  # as in a Word of another language
    rel = next(id_ for id_, rel in bare.part.rels.items() if rel.reltype.endswith("/numbering"))
    bare.part.rels.pop(rel)
    bare.save(path)
    document = docx.Document(io.BytesIO(as_word(paper(), MANIFEST, from_template(council.who()))))
    assert document.styles["Heading 1"].base_style.style_id == "Standard"
    assert texts(document, "List Bullet")[:2] == ["one", "two"]
    number = document.styles["List Bullet"].element.find(f".//{qn('w:numId')}").get(qn("w:val"))
    lists = document.part.numbering_part.element
    kind = lists.num_having_numId(int(number)).abstractNumId.val
    assert lists.xpath(f'./w:abstractNum[@w:abstractNumId="{kind}"]//w:numFmt/@w:val') == ["bullet"]
    assert document.sections[0].header.paragraphs[0].text == "SYNTHETIC – Alpha, 2018/19"


def heads(document):
    section = document.sections[0]
    return ["\n".join(p.text for p in one.paragraphs) for one in (
        section.header, section.first_page_header, section.even_page_header
    )]  # fmt: skip


def test_every_head_of_a_council_has_the_marks_too(council, paper):
    template, path = council.template, council.folder / "council.docx"
    template.sections[-1].different_first_page_header_footer = True
    template.settings.odd_and_even_pages_header_footer = True
    template.sections[-1].even_page_header.paragraphs[0].text = "Even"
    template.save(path)
    marked = replace(paper(), marks=("INTERNAL", "DRAFT, not approved"))
    said = heads(docx.Document(io.BytesIO(as_word(marked, MANIFEST, from_template(council.who())))))
    marks = "INTERNAL – DRAFT, not approved"
    assert said == [f"Alpha Council – committee papers\n{marks}", marks, f"Even\n{marks}"]
    unmarked = replace(paper(), marks=())
    said = heads(docx.Document(io.BytesIO(as_word(unmarked, MANIFEST, from_template(council.who())))))
    assert said == ["Alpha Council – committee papers", "", "Even"]


def test_nothing_of_a_template_leaves_but_styles_head_and_foot(council, paper):
    """Neither comments, properties, its text's pictures, other sections' heads, nor what Word would fetch."""
    template, picture = council.template, io.BytesIO()
    plt.imsave(picture, [[0, 1]], format="png")
    told = template.core_properties
    told.author, told.content_status, told.identifier = "Ann Author", "SECRET-status", "SECRET-id"
    run = template.paragraphs[0].runs[0]
    template.add_comment(run, "SECRET comment", author="Ann Author")
    run.add_picture(picture)
    section = template.add_section()
    section.header.is_linked_to_previous = False
    template.sections[0].header.paragraphs[0].text = "SECRET head of another section"
    head = section.header.paragraphs[0]
    head.text = "Alpha Council"
    picture.seek(0)
    for _ in range(2):
        head.add_run().add_picture(picture)
    part = section.header.part
    linked = part.relate_to("file:///srv/SECRET.png", RELATIONSHIP_TYPE.IMAGE, is_external=True)
    blip = [*section.header._element.iter(qn("a:blip"))][1]
    blip.attrib.pop(qn("r:embed"))
    blip.set(qn("r:link"), linked)
    for address in ("https://alpha.gov.uk", "file:///srv/SECRET"):
        link = docx.oxml.OxmlElement("w:hyperlink")
        link.set(qn("r:id"), part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        head._p.append(link)
    template.save(council.folder / "council.docx")
    content = as_word(paper(), MANIFEST, from_template(council.who()))
    with (
        zipfile.ZipFile(io.BytesIO(content)) as made,
        zipfile.ZipFile(council.folder / "council.docx") as was,
    ):
        assert {"word/comments.xml", "docProps/thumbnail.jpeg"} <= {*was.namelist()}
        assert not {"word/comments.xml", "docProps/thumbnail.jpeg", "docProps/app.xml"} & {*made.namelist()}
        everything = b"".join(made.read(name) for name in made.namelist())
        parts = [made.read(name).decode() for name in made.namelist() if "word/_rels/header" in name]
    assert not [word for word in (b"SECRET", b"Ann Author", b"srv/") if word in everything]
    document = docx.Document(io.BytesIO(content))
    kept = document.sections[0].header
    assert len([*kept._element.iter(qn("w:drawing"))]) == 1
    assert len([one for one in kept._element.iter(qn("w:hyperlink")) if one.get(qn("r:id"))]) == 1
    assert len(parts) == 1
    assert parts[0].count("<Relationship ") == 2
    for part in (document.part, kept.part):
        used = {v for one in part.element.iter() for k, v in one.attrib.items() if k.startswith(R)}
        assert used <= {*part.rels}


def test_a_template_without_a_page_size_gets_ours(council, paper):
    for section in council.template.sections:
        section._sectPr.remove(section._sectPr.find(qn("w:pgSz")))
    council.template.save(council.folder / "council.docx")
    document = docx.Document(io.BytesIO(as_word(paper(), MANIFEST, from_template(council.who()))))
    assert document.sections[0].page_width == pytest.approx(Mm(210), rel=0.001)
    assert document.inline_shapes[0].width > 1_000_000
    assert all(int(one.get(qn("w:w"))) > 0 for one in document.element.body.iter(qn("w:gridCol")))


def write(folder, name, content=b"PK\x03\x04 no more of it"):
    (folder / name).write_bytes(content)
    return name


def linked_out(folder):
    outside = folder.parent / "elsewhere.docx"
    docx.Document().save(outside)
    (folder / "link.docx").symlink_to(outside)
    return "link.docx"


def telling(folder):
    template = docx.Document()
    template.sections[0].footer.paragraphs[0].text = "NHS number 999 000 0018"
    template.save(folder / "telling.docx")
    return "telling.docx"


def telling_unseen(way):
    """Write it where no reader of the page looks: in a picture's name, a field, a link, a style and so on."""

    def write_it(folder):
        template = docx.Document()
        head = template.sections[0].header.paragraphs[0]
        if way == "link":
            part = template.sections[0].header.part
            to = part.relate_to(
                "https://x.org/?nhs=9990000018", RELATIONSHIP_TYPE.HYPERLINK, is_external=True
            )
            one = docx.oxml.OxmlElement("w:hyperlink")
            one.set(qn("r:id"), to)
        elif way == "field":
            one = docx.oxml.OxmlElement("w:instrText")
            one.text = "IF 999 000 0018"
        elif way == "author":
            one = docx.oxml.OxmlElement("w:ins")
            one.set(qn("w:author"), "NHS9990000018")
        elif way in ("w:tag", "w:docPart", "w:alias"):
            one = docx.oxml.OxmlElement(way)
            one.set(qn("w:val"), "NHS9990000018")
        elif way == "style":
            template.styles.add_style("Note 999 000 0018", WD_STYLE_TYPE.PARAGRAPH)
            one = head._p
        elif way.startswith("w:"):
            one = docx.oxml.OxmlElement(way.split("/")[0])
            one.set(qn(way.split("/")[1]), "999-000-0018")
        else:
            picture = io.BytesIO()
            plt.imsave(picture, [[0, 1]], format="png")
            picture.seek(0)
            head.add_run().add_picture(picture)
            one = next(template.sections[0].header._element.iter(qn("wp:docPr")))
            one.set("descr", "9990000018.png")
        if one.getparent() is None:
            head._p.append(one)
        template.save(folder / "telling.docx")
        return "telling.docx"

    return write_it


def packed(folder):
    with zipfile.ZipFile(folder / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("word/document.xml", b" " * 60_000_000)
    return "bomb.docx"


def damaged(folder):
    docx.Document().save(folder / "damaged.docx")
    whole = bytearray((folder / "damaged.docx").read_bytes())
    with zipfile.ZipFile(folder / "damaged.docx") as sound:
        part = sound.getinfo("word/document.xml")
    begin = part.header_offset + 30 + len(part.filename)
    whole[begin : begin + part.compress_size] = b"\xff" * part.compress_size
    return write(folder, "damaged.docx", bytes(whole))


def locked(folder):
    docx.Document().save(folder / "locked.docx")
    whole = (folder / "locked.docx").read_bytes()
    marked = whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    assert marked != whole
    return write(folder, "locked.docx", marked)


def workbook(folder):
    with zipfile.ZipFile(folder / "book.docx", "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    return "book.docx"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (lambda folder: "missing.docx", "no such file"),
        (lambda folder: "../elsewhere.docx", "leaves the authority's folder"),
        (linked_out, "leaves the authority's folder"),
        (lambda folder: write(folder, "letter.dotx"), "expected a Word document"),
        (lambda folder: write(folder, "broken.docx"), "found no Word document that opens"),
        (lambda folder: write(folder, "empty.docx", b""), "found no Word document that opens"),
        (workbook, "found no Word document that opens"),
        (damaged, "found no Word document that opens"),
        (locked, "found no Word document that opens"),
        (packed, "60,000,000 bytes unpacked"),
        (telling, "1 valid NHS number in its head or foot"),
        *[
            (telling_unseen(way), "1 valid NHS number in its head or foot")
            for way in (
                *("picture", "field", "link", "author", "style", "w:tag", "w:docPart", "w:alias"),
                *("w:bookmarkStart/w:name", "w:fldSimple/w:instr", "w:listItem/w:displayText"),
                *("w:listItem/w:value", "w:hyperlink/w:tooltip"),
            )
        ],
    ],
)
def test_what_is_wrong_with_a_template_is_told(council, name, said):
    named = name(council.folder)
    (council.folder / "authority.toml").write_text(
        f'name = "Alpha"\n[report]\ntemplate = "{named}"\n', "utf-8"
    )
    with pytest.raises(ConfigError, match=re.escape(said)) as told:
        from_template(council.who())
    assert str(council.folder) not in str(told.value)
    assert "9990000018" not in str(told.value).replace(" ", "")


# PDF


@pytest.fixture(scope="module")
def pdf(paper):
    return pikepdf.open(io.BytesIO(as_pdf(paper(), MANIFEST)))


def elements(pdf):
    """Every structure element with its parent, in the order of reading."""
    found, todo = [], [(pdf.Root.StructTreeRoot.K[0], None)]
    while todo:
        element, parent = todo.pop(0)
        if isinstance(element, pikepdf.Dictionary) and "/S" in element:
            found.append((element, parent))
            kids = element.get("/K", [])
            todo[:0] = [(kid, element) for kid in (kids if isinstance(kids, pikepdf.Array) else [kids])]
    return found


def test_a_pdf_is_tagged_titled_and_in_english(pdf):
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "en-GB"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    with pdf.open_metadata() as told:
        assert told["pdfuaid:part"] == "1"
        assert told["dc:title"] == "Which indicators moved? Alpha, 2018/19"
    assert all(page.get("/Tabs") == "/S" for page in pdf.pages if "/Annots" in page)


def test_bookmarks_are_the_sections(pdf, kit):
    with pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert titles == ["Summary", f"Teams {kit.HOSTILE}", "Months", "Sources", "About this report"]


def test_structure_of_a_pdf_is_what_pdf_ua_asks(pdf):
    """The rules of ISO 14289-1, 7.2 to 7.6 and 7.18, that a program can check."""
    found = elements(pdf)
    kinds = [str(element.S) for element, _ in found]
    figures = [element for element, _ in found if element.S == "/Figure"]
    assert [str(figure.Alt) for figure in figures] == ["A line from 60 to 63"]
    heads = [(element, parent) for element, parent in found if element.S == "/TH"]
    assert heads
    assert {str(element.A.Scope) for element, _ in heads} == {"/Column", "/Row"}
    assert all(parent.S == "/L" for element, parent in found if element.S == "/LI")
    assert all(kid.S in ("/LI", "/Caption", "/L") for e, _ in found if e.S == "/L" for kid in e.K)
    assert all(parent.S in ("/THead", "/TBody", "/Table") for element, parent in found if element.S == "/TR")
    levels = [int(kind[2]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    links = {
        kid.Obj.objgen
        for element, _ in found
        if element.S == "/Link"
        for kid in element.K
        if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/OBJR"
    }
    annotations = [one for page in pdf.pages for one in page.get("/Annots", [])]
    assert annotations
    assert {one.objgen for one in annotations} == links
    assert all(int(one.F) & 4 and str(one.Contents) for one in annotations)


def test_a_pdf_turns_a_sheet_for_a_wide_table_and_back(pdf):
    wide = [page.mediabox[2] > page.mediabox[3] for page in pdf.pages]
    assert wide.count(True) == 1
    assert not wide[0]
    assert not wide[-1]


def test_without_pango_it_is_said_what_to_install(paper, monkeypatch):
    real = builtins.__import__

    def failing(name, *args, **kwargs):
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", failing)
    with pytest.raises(RunError, match="apt-get install libpangoft2"):
        as_pdf(paper(), MANIFEST)


# Beside the pages


@pytest.fixture
def good(copy):
    return [o for o in copy.outcomes if o.task.notebook == "good"]


def moved(outcomes, house):
    """The outcomes of a copied house: where its pages and data are."""

    def there(o):
        page = house.reports / o.task.authority / o.task.period_slug / o.path.name
        return replace(o, path=page, task=replace(o.task, folder=house.root))

    return [there(o) for o in outcomes]


def test_documents_stand_beside_good_pages_and_the_index_leads_there(copy):
    outcomes = moved(copy.outcomes, copy)
    written, faults = write_documents(outcomes, ["docx"], jobs=1)
    assert not faults
    names = sorted(path.relative_to(copy.reports).as_posix() for path in written)
    assert names == ["alpha/fy2018-19/gaps.docx", "alpha/fy2018-19/good.docx", "beta/fy2018-19/good.docx"]
    index = write_index(copy.reports).read_text(encoding="utf-8")
    assert all(f'href="{name}"' in index for name in names)


def test_a_document_of_an_unchanged_report_is_left_unless_a_template_may_change_it(copy, good):
    (alpha, _) = outcomes = [replace(one, status="unchanged") for one in moved(good, copy)]
    written, _ = write_documents(outcomes, ["docx"], jobs=1)
    assert len(written) == 2
    assert write_documents(outcomes, ["docx"], jobs=1) == ([], [])
    docx.Document().save(copy.data / "alpha" / "council.docx")
    with (copy.data / "alpha" / "authority.toml").open("a", encoding="utf-8") as file:
        file.write('[report]\ntemplate = "council.docx"\n')
    written, _ = write_documents(outcomes, ["docx"], jobs=1)
    assert written == [alpha.path.with_suffix(".docx")]


def test_faults_of_templates_and_of_edited_pages_are_told_and_others_written(copy, good):
    alpha, beta = moved(good, copy)
    with (copy.data / "alpha" / "authority.toml").open("a", encoding="utf-8") as file:
        file.write('[report]\ntemplate = "none.docx"\n')
    beta.path.write_text(beta.path.read_text(encoding="utf-8").replace("3 points", "4 points"), "utf-8")
    written, faults = write_documents([alpha, beta], ["docx"], jobs=1)
    assert not written
    assert [type(fault) for fault in faults] == [ConfigError, RunError]
    assert "none.docx" in str(faults[0])
    assert "found it changed since it was made" in str(faults[1])


def test_what_was_made_from_a_report_goes_when_it_is_made_again(copy, good):
    alpha, _ = moved(good, copy)
    beside = [alpha.path.with_suffix(f".{ending}") for ending in ("xlsx", "docx", "pdf")]
    files = {
        ending: alpha.path.with_suffix(f".{ending}").read_text("utf-8")
        for ending in ("ipynb", "html", "json")
    }
    for path in beside:
        path.write_bytes(b"of the earlier report")
    place = Place(alpha.path.parent, "good")
    place.write(files, failed=True)
    assert all(path.exists() for path in beside)
    place.write(files)
    assert not any(path.exists() for path in beside)


SOFFICE = shutil.which("soffice")


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="needs LibreOffice: apt-get install libreoffice-writer")
def test_a_report_is_of_few_sheets_as_word_and_as_pdf(tmp_path, all_reports):
    """A committee takes 14 sheets of A4 at most; what the page folds is left to the page."""
    names = []
    for path in all_reports.glob("exampleshire/*/*.json"):
        page, manifest = path.with_suffix(".html"), json.loads(path.read_text(encoding="utf-8"))
        paper = [on_paper(page.read_text(encoding="utf-8"), page.name) for _ in range(2)]  # each is used up
        (tmp_path / f"{page.stem}.docx").write_bytes(as_word(paper[0], manifest, own_document()))
        (tmp_path / f"{page.stem}-own.pdf").write_bytes(as_pdf(paper[1], manifest))
        names.append(f"{page.stem}.docx")
    command = [
        SOFFICE,
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    subprocess.run([*command, *names], cwd=tmp_path, check=True, capture_output=True)
    sheets = {path.name: len(pikepdf.open(path).pages) for path in tmp_path.glob("*.pdf")}
    assert len(sheets) == 2 * len(names) == 12
    assert not {name: count for name, count in sheets.items() if count > 14}


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="needs LibreOffice: apt-get install libreoffice-writer")
def test_libreoffice_opens_a_document_and_prints_it(tmp_path, word, council, paper):
    """Both of our own and of a council's template: every section is there, and no sheet but those needed."""
    word.save(tmp_path / "own.docx")
    (tmp_path / "council.docx").write_bytes(as_word(paper(), MANIFEST, from_template(council.who())))
    names = ["own", "council"]
    for kind in ("pdf", "txt:Text"):
        command = [
            SOFFICE,
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            kind,
        ]
        files = [str(tmp_path / f"{name}.docx") for name in names]
        subprocess.run(
            [*command, "--outdir", str(tmp_path), *files], check=True, capture_output=True, timeout=120
        )
    for name in names:
        said = (tmp_path / f"{name}.txt").read_text(encoding="utf-8-sig")
        assert all(
            text in said for text in ("Summary", "Months", "About this report", "1,250", "Lines add up.")
        )
        with pikepdf.open(tmp_path / f"{name}.pdf") as printed:
            wide = [page.mediabox[2] > page.mediabox[3] for page in printed.pages]
        assert wide.count(True) == 1
        assert len(wide) <= 6


def test_a_mail_that_is_ready_to_send_is_for_the_screen(page):
    mail = 'From the top.</p><p><a href="mailto:?body=x">Open this as a mail</a></p><p>And down.'
    said = on_paper(page.replace("From the top.", mail), "kpi.html").main.text_content()
    assert "Open this as a mail" not in said
    assert "From the top." in said
    assert "And down." in said


def test_a_draft_is_marked_on_each_sheet(page):
    tag = 'class="s75-period">2018/19</span> <span class="s75-tag">DRAFT, not approved</span>'
    paper = on_paper(page.replace('class="s75-period">2018/19</span>', tag), "kpi.html")
    assert paper.running_head == "SYNTHETIC – DRAFT, not approved – Alpha, 2018/19"
    document = docx.Document(io.BytesIO(as_word(paper, MANIFEST, own_document())))
    assert texts(document, "Subtitle") == ["Alpha 2018/19 DRAFT, not approved"]
