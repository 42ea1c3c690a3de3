"""A report as a tagged PDF (PDF/UA-1): bookmarks, contents with page numbers, a running head on each sheet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml.html import builder as E
from lxml.html import tostring

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
            "PDF: found no Pango on this system, the library that lays out text; expected it beside WeasyPrint. "
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
    """Say of each header cell what it heads, and have links printed, as PDF/UA asks and WeasyPrint leaves out.

    References
    ----------
    ISO 14289-1:2014, 7.5 and 7.18.1.
    """
    kept = {item.reference: item for item in pdf.objects if isinstance(item, dict)}
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
    """Put head, contents, text and logs together."""
    links = [E.LI(E.A(text, href=f"#{anchor}")) for anchor, text in paper.headings]
    contents = E.DIV(E.H2("Contents"), E.UL(*links), E.CLASS("s75-contents"))
    paper.after_opening.addprevious(contents)
    head = E.HEAD(
        E.TITLE(f"{paper.title} {paper.about}"),
        E.META(name="author", content=paper.about),
        E.META(name="generator", content="s75lib"),
        E.META(name="dcterms.created", content=str(manifest["timings"]["started"])),
    )
    whole = E.HTML(head, E.BODY(paper.top, paper.main, paper.logs), lang="en-GB")
    return "<!DOCTYPE html>" + tostring(whole, encoding="unicode")
