from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from s75lib.report.manifest import without_paths
from s75lib.report.sanitise import ALLOWED_TAGS, Outline, plain_text, sanitise

PIECES = st.sampled_from(
    ["<script>", "</script>", "<p>", "</p>", "<svg onload=x>", "<a href='javascript:x'>", "</a>", "<!--",
     "-->", "<img src=x onerror=y>", "<style>", "<b", ">", '"', "'", "<td>", "</table>", "<textarea>",
     "<![CDATA[", "&lt;", "text", "<h1>", "<a href='https://example.org'>", "<iframe srcdoc='<script>'>",
     "\x00", "<div style='x' class='y'>"]
)  # fmt: skip


TABLE = "<table><tbody><tr>"


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_whatever_comes_in_only_listed_tags_and_harmless_attributes_come_out(html):
    clean = sanitise(html)
    soup = BeautifulSoup(clean, "html.parser")
    assert {tag.name for tag in soup.find_all(True)} <= ALLOWED_TAGS
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on") or name in ("style", "srcdoc")]
        assert not str(tag.get("href", "")).lower().startswith("javascript")
        assert str(tag.get("src", "data:image/png,")).startswith("data:image/")
    assert sanitise(clean) == clean


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("</div></p>after", "<p></p>after"),
        ("</main>after", "&lt;/main&gt;after"),
        ("<p><b>x</p>y", "<p><b>x</b></p><b>y</b>"),
        ("<a href=' javascript:alert(1)'>x</a>", "<a>x</a>"),
        ("<a href='#here' target=_top>x</a>", '<a href="#here">x</a>'),
        ("<a href='budget_deep_dive.html'>x</a>", '<a href="budget_deep_dive.html">x</a>'),
        ("<a href='../secret/budget.html'>x</a>", "<a>x</a>"),
        ("<img src='https://example.org/a.png' alt='A &lt; B'>", "A &lt; B"),
        ("<img src='data:text/html,x' alt=a>", "a"),
        (f"{TABLE}<td style='text-align:right'>1", f"{TABLE}<td>1</td></tr></tbody></table>"),
        (f"{TABLE}<th scope=row>a", f'{TABLE}<th scope="row">a</th></tr></tbody></table>'),
        (
            f"{TABLE}<th title='a > b'>a",
            f'{TABLE}<th title="a &gt; b" scope="col">a</th></tr></tbody></table>',
        ),
        ("<td>outside a table", "outside a table"),
        ("<b-x>1</b-x><b", "&lt;b-x&gt;1&lt;/b-x&gt;&lt;b"),
        ("<!-- open <b>2</b>", "&lt;!-- open <b>2</b>"),
        ("<img title='x><script>alert(1)</script>' src=x alt='y><script>'>", "y&gt;&lt;script&gt;"),
        ("<div tabindex=5>x</div>", "<div>x</div>"),
        ("a<!-- gone -->b", "ab"),
        ("1 < 2 & 3&nbsp;\xa04 &amp;nbsp;", "1 &lt; 2 &amp; 3\xa0\xa04 &amp;nbsp;"),
    ],
)
def test_cases(html, clean):
    assert sanitise(html) == clean


def test_plain_text_of_a_hostile_heading_is_what_a_reader_sees():
    assert (
        plain_text(sanitise("<script>alert(1)</script> & <em>more</em>"))
        == "<script>alert(1)</script> & more"
    )


def test_outline_takes_one_title_and_closes_holes():
    outline = Outline()
    outline.render("# One\n\n### Deep\n\n# Two\n\n## Deep\n\n###### Far")
    outline.render("## Deep")
    assert outline.title == "One"
    assert [(h.level, h.text, h.anchor) for h in outline.headings] == [
        (2, "Deep", "section-deep"),
        (2, "Two", "section-two"),
        (2, "Deep", "section-deep-2"),
        (3, "Far", "section-far"),
        (2, "Deep", "section-deep-3"),
    ]


def test_attached_images_are_embedded():
    html = Outline().render("![Bars](attachment:a.png)", {"a.png": {"image/png": "aGk="}})
    assert 'src="data:image/png;base64,aGk="' in html
    assert 'alt="Bars"' in html


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("file:///home/u/a.csv and ~/x/y.py:3", "a.csv and y.py:3"),
        (r"'C:\\Users\\My Name\\x.csv' \\server\share\k.csv", "'x.csv' k.csv"),
        (
            "data/alpha/kpi.csv, 2018/19, and/or, 01/02/2020",
            "data/alpha/kpi.csv, 2018/19, and/or, 01/02/2020",
        ),
        ("https://example.org/a/b.html", "https://example.org/a/b.html"),
        ("open('/srv/nowhere/secret.csv')", "open('secret.csv')"),
    ],
)
def test_paths_are_shortened_and_nothing_else(text, short):
    assert without_paths(text) == short


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            sanitise("<b onclick=x()>bold</b><script>alert(1)</script>"),
            "<b>bold</b>&lt;script&gt;alert(1)&lt;/script&gt;",
        ),
        (sanitise('<p>open <img src="https://example.org/x.png" alt="a chart">'), "<p>open a chart</p>"),
    ],
)
def test_what_may_not_stay_is_shown_as_text_or_left_out(said: str, expected: str) -> None:
    assert said == expected
