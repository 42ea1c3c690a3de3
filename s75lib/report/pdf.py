"""A report as a tagged PDF (PDF/UA-1) with bookmarks, contents, and a running head on each sheet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml.html import builder, tostring

from s75lib.errors import RunError
from s75lib.report.paper import Paper
from s75lib.report.rendering import TEMPLATES, css_text

_FONTS = {"normal": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}
_FACE = '@font-face {{ font-family: "DejaVu Sans"; font-weight: {}; src: url("{}"); }}\n'
_HEAD = "@page {{ @top-left {{ content: {}; font: 8.5pt Arial, sans-serif; }} }}\n"


def as_pdf(paper: Paper, manifest: Mapping[str, Any]) -> bytes:
    """Lay a report out; RunError says what is missing where the system lacks Pango, which draws the text."""
    try:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
    except OSError as error:
        raise RunError(
            "PDF: found no Pango on this system, which lays out text for WeasyPrint; expected it. "
            "Install it (Debian and Ubuntu: apt-get install libpangoft2-1.0-0; macOS: brew install pango; "
            "Windows and others: the environment of environment.yml), or leave --pdf out."
        ) from error
    fonts = FontConfiguration()
    rules = (
        (TEMPLATES / "paper.css").read_text(encoding="utf-8")
        + _faces()
        + _HEAD.format(css_text(paper.running_head))
    )
    ours, theirs = (weasyprint.URLFetcher(allowed_protocols=allowed) for allowed in (("file",), ("data",)))
    style = weasyprint.CSS(string=rules, font_config=fonts, url_fetcher=ours)
    page = weasyprint.HTML(string=_document(paper, manifest), url_fetcher=theirs)
    return bytes(
        page.write_pdf(pdf_variant="pdf/ua-1", stylesheets=[style], font_config=fonts, finisher=_finish)
    )


def _finish(document: Any, pdf: Any) -> None:
    """Say what each header cell heads, and have links printed (ISO 14289-1:2014, 7.5 and 7.18.1)."""
    import pydyf

    kept = {item.reference: item for item in pdf.objects if isinstance(item, pydyf.Dictionary)}
    for item in kept.values():
        if item.get("S") == "/TH":
            above = kept[kept[item["P"]]["P"]]
            item["A"]["Scope"] = "/Column" if above["S"] == "/THead" else "/Row"
        elif item.get("Subtype") == "/Link":
            item["F"] = 4


def _faces() -> str:
    """Name the fonts that come with Matplotlib, in which charts are drawn, for systems without any."""
    import matplotlib

    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    return "".join(_FACE.format(weight, (folder / name).as_uri()) for weight, name in _FONTS.items())


def _document(paper: Paper, manifest: Mapping[str, Any]) -> str:
    links = [builder.LI(builder.A(text, href=f"#{anchor}")) for anchor, text in paper.headings]
    contents = builder.DIV(builder.H2("Contents"), builder.UL(*links), builder.CLASS("s75-contents"))
    paper.after_opening.addprevious(contents)
    head = builder.HEAD(
        builder.TITLE(f"{paper.title} {paper.about}"),
        builder.META(name="author", content=paper.about),
        builder.META(name="generator", content="s75lib"),
        builder.META(name="dcterms.created", content=str(manifest["timings"]["started"])),
    )
    whole = builder.HTML(head, builder.BODY(paper.top, paper.main, paper.logs), lang="en-GB")
    return f"<!DOCTYPE html>{tostring(whole, encoding='unicode')}"
