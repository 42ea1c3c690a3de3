"""Reports and index as readers meet them, in a real browser: any width, any look, by keyboard, on paper."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import axe_playwright_python
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from s75lib.report.diff import compare, read_report

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
AUTHORITIES = sorted(path.parent.name for path in (ROOT / "data").glob("*/authority.toml"))
PAGES = ["index", "difference", *(f"{authority}/{name}" for authority in AUTHORITIES for name in NOTEBOOKS)]
WIDTHS = (320, 768, 1280)
LOOKS: list[tuple[str, str]] = [("light", "screen"), ("dark", "screen"), ("light", "print")]
A4_WIDTH, A4_HEIGHT = 680, 986  # pixels between margins of 15 and 18 mm

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def page_of(all_reports: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Find the file of a page by its name; the page of a comparison is made here."""
    difference = tmp_path_factory.mktemp("difference") / "difference.html"
    old, new = (
        read_report(next(all_reports.glob(f"{slug}/*/{NOTEBOOKS[0]}.json")))
        for slug in ("cambridgeshire", "exampleshire")
    )
    difference.write_text(compare(old, new).as_html(), encoding="utf-8")

    def find(name: str) -> Path:
        if name == "difference":
            return difference
        pattern = "index.html" if name == "index" else name.replace("/", "/*/") + ".html"
        (path,) = all_reports.glob(pattern)
        return path

    return find


def opened(browser: Browser, path: Path, width: int = 1280, **how: Any) -> tuple[Page, list[str]]:
    """Open a page; give it with everything that it complained of or asked the network for."""
    page = browser.new_page(viewport={"width": width, "height": 900}, **how)
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on(
        "request", lambda request: trouble.append(request.url) if request.url.startswith("http") else None
    )
    page.goto(path.as_uri())
    return page, trouble


def violations(page: Page, when: str) -> list[str]:
    """Everything that axe-core finds, with the element."""
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{when}: {violation['id']}: {node['html'][:200]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_at_any_width_in_any_look(page_of: Any, browser: Browser, name: str) -> None:
    """All rules of axe-core, best practice included, with everything that folds unfolded.

    The fullest pages are read whole once; else tables keep their first rows and their last, since the rows
    between are marked up alike.
    """
    page, _ = opened(browser, page_of(name))
    try:
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
        page.evaluate(AXE)
        found = violations(page, "whole") if name.startswith(("exampleshire", "index")) else []
        between = "tbody tr:nth-child(n + 4):not(:last-child)"
        page.evaluate(f"document.querySelectorAll('{between}').forEach(row => row.remove())")
        for scheme, media in LOOKS:
            page.emulate_media(media=media, color_scheme=scheme)  # type: ignore[arg-type]
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                found += violations(page, f"{scheme} {media} {width}")
        assert not found
    finally:
        page.close()


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_is_quiet_and_shows_its_pictures(page_of: Any, browser: Browser, name: str) -> None:
    page, trouble = opened(browser, page_of(name), 320)
    try:
        assert not trouble
        for width in (320, 400, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            outside = page.evaluate(
                "[...document.querySelectorAll('main p, main li, main h2, main summary')]"
                ".filter(e => !e.closest('.s75-scroll'))"
                ".filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"
            )
            assert outside == 0
        assert all(page.evaluate("[...document.images].map(image => image.naturalWidth)"))
    finally:
        page.close()


@pytest.mark.parametrize("name", ["index", "difference", f"exampleshire/{NOTEBOOKS[0]}"])
def test_keyboard_reaches_the_skip_link_first_and_then_everything(
    page_of: Any, browser: Browser, name: str
) -> None:
    page, _ = opened(browser, page_of(name))
    try:
        page.keyboard.press("Tab")
        target = page.evaluate("document.activeElement.getAttribute('href')")
        assert target == "#main"
        assert page.locator(target).count() == 1
        wanted = page.evaluate(
            "[...document.querySelectorAll('a[href], summary, select, [tabindex=\"0\"]')]"
            ".filter(e => e.checkVisibility()).length"
        )
        reached = page.evaluate(
            "[...document.querySelectorAll('a[href], summary, select, [tabindex=\"0\"]')]"
            ".filter(e => e.checkVisibility())"
            ".filter(e => { e.focus(); return document.activeElement === e }).length"
        )
        assert reached == wanted > 5
    finally:
        page.close()


@pytest.mark.parametrize("name", [f"exampleshire/{notebook}" for notebook in NOTEBOOKS])
def test_text_in_figures_stays_legible_on_a_telephone(page_of: Any, browser: Browser, name: str) -> None:
    page, _ = opened(browser, page_of(name), 400)
    try:
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
        scales = page.evaluate(
            "[...document.querySelectorAll('.s75-figure img')].filter(image => image.checkVisibility())"
            ".map(image => image.getBoundingClientRect().width / image.naturalWidth)"
        )
        assert scales
        assert min(scales) * 12 > 9  # drawn at 9 points, that is 12 pixels
        wider = page.evaluate(
            "[...document.querySelectorAll('.s75-picture')].filter(e => e.scrollWidth > e.clientWidth).length"
        )
        assert wider == 0
    finally:
        page.close()


def test_the_scorecards_values_are_labelled_on_a_telephone(page_of: Any, browser: Browser) -> None:
    page, _ = opened(browser, page_of("exampleshire/partnership_scorecard"), 400)
    try:
        shown = page.evaluate(
            "[...document.querySelectorAll('#result-scorecard td')].filter(e => e.checkVisibility())"
            ".map(e => [e.dataset.label, getComputedStyle(e, '::before').content, e.textContent.trim()])"
        )
        assert len(shown) > 100
        assert all(label and label in before and text != "–" for label, before, text in shown)
    finally:
        page.close()


@pytest.mark.parametrize("name", PAGES)
def test_print_has_no_dark_ink_no_code_and_spells_links_out(
    page_of: Any, browser: Browser, name: str
) -> None:
    page, _ = opened(browser, page_of(name), A4_WIDTH, color_scheme="dark")
    try:
        page.emulate_media(media="print", color_scheme="dark")
        colours = page.evaluate(
            "[document.body, document.querySelector('.s75-top'), document.querySelector('main')]"
            ".map(e => getComputedStyle(e).backgroundColor)"
        )
        assert set(colours) <= {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
        assert not page.evaluate(
            "[...document.querySelectorAll('.s75-code, nav')].some(e => e.checkVisibility())"
        )
        broken = page.evaluate(
            "[...document.querySelectorAll('figure')]"
            ".filter(e => getComputedStyle(e).breakInside !== 'avoid').length"
        )
        assert broken == 0
        heads = page.evaluate("[...document.querySelectorAll('thead')].map(e => getComputedStyle(e).display)")
        assert set(heads) <= {"table-header-group"}
        wide = page.evaluate(
            "[...document.querySelectorAll('table')].filter(t => t.checkVisibility()"
            " && t.querySelectorAll('thead th').length < 11)"
            ".filter(t => t.getBoundingClientRect().width > innerWidth + 1)"
            ".map(t => t.caption.textContent)"
        )
        assert not wide
    finally:
        page.close()


def test_a_report_prints_with_its_pages_numbered_and_marked(page_of: Any, browser: Browser) -> None:
    page, _ = opened(browser, page_of(f"exampleshire/{NOTEBOOKS[0]}"))
    try:
        assert page.pdf(format="A4", prefer_css_page_size=True).startswith(b"%PDF")
    finally:
        page.close()


def test_forced_colours_and_reduced_motion_are_respected(page_of: Any, browser: Browser) -> None:
    page, _ = opened(
        browser, page_of(f"exampleshire/{NOTEBOOKS[0]}"), forced_colors="active", reduced_motion="reduce"
    )
    try:
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.s75-headlines li')).borderTopStyle")
            == "solid"
        )
    finally:
        page.close()


def test_the_index_narrows_without_script(page_of: Any, browser: Browser) -> None:
    page, _ = opened(browser, page_of("index"), java_script_enabled=False)
    try:
        rows, cells = page.locator(".s75-matrix tbody tr:visible"), page.locator(".s75-matrix td:visible")
        assert (rows.count(), cells.count()) == (len(AUTHORITIES), len(AUTHORITIES) * len(NOTEBOOKS))
        page.select_option("#filter-authority", "coventry")
        assert (rows.count(), cells.count()) == (1, len(NOTEBOOKS))
        assert page.locator("section[data-authority]:visible").count() == 1
        page.select_option("#filter-notebook", NOTEBOOKS[0])
        assert (rows.count(), cells.count()) == (1, 1)
        page.select_option("#filter-authority", "")
        assert cells.count() == len(AUTHORITIES)
    finally:
        page.close()


# The first screen, and paper


BOARD = [f"{slug}/{name}" for slug in ("exampleshire", "cambridgeshire") for name in NOTEBOOKS]
MOST_SHEETS = {"partnership_scorecard": 4}
WITHOUT_FIGURE = {"cambridgeshire/next_year_budget"}  # of totals alone nothing is drawn


@pytest.mark.parametrize("name", BOARD)
def test_the_first_screen_answers_and_paper_is_short(page_of: Any, browser: Browser, name: str) -> None:
    """Findings and a figure on the first screen and on sheet 1, one finding on a telephone; few sheets."""
    page, _ = opened(browser, page_of(name))
    top = "[...document.querySelectorAll({!r})].find(e => e.checkVisibility()).getBoundingClientRect().top"
    try:
        figures = ".s75-picture img, #result-scorecard td > img"
        if name in WITHOUT_FIGURE:
            assert not page.locator(figures).count()
        else:
            assert page.evaluate(top.format(figures)) < 900
        ends = (
            "Math.max(0, ...[...document.querySelectorAll({!r})].map(e => e.getBoundingClientRect().bottom))"
        )
        opening = ".s75-opening:has(figure)"
        assert page.evaluate(ends.format(f"{opening} .s75-findings > li")) < 900
        sheets = len(re.findall(rb"/Type */Page\b", page.pdf(prefer_css_page_size=True)))
        assert sheets <= MOST_SHEETS.get(name.split("/")[1], 14)
        page.emulate_media(media="print")
        page.set_viewport_size({"width": A4_WIDTH, "height": 900})
        assert page.evaluate(ends.format(opening)) < A4_HEIGHT
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 400, "height": 800})
        assert page.evaluate(top.format(".s75-findings li, #result-scorecard tbody tr")) < 600
        assert page_of(name).stat().st_size < 500_000
    finally:
        page.close()


def test_details_are_printed_where_everything_is_asked_for(page_of: Any, browser: Browser) -> None:
    path = page_of("exampleshire/budget_deep_dive")
    page, _ = opened(browser, path)
    try:
        sheets = []
        for ending in ("", "#everything"):
            page.goto(path.as_uri() + ending)
            page.emulate_media(media="print")
            shown = page.locator(".s75-more:visible").count()
            assert (shown > 5) == bool(ending)
            assert page.locator(".s75-guide p").first.is_visible()
            sheets.append(len(page.pdf()))
        assert sheets[0] < sheets[1]
    finally:
        page.close()


# The script


@pytest.fixture
def budget_page(page_of: Any, browser: Browser) -> Iterator[Page]:
    page, trouble = opened(browser, page_of("exampleshire/budget_deep_dive"))
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    yield page
    assert not trouble
    page.close()


MOVED = '[id="result-movement.year"]'


def shown_cells(page: Page, table: str, column: int) -> list[str]:
    cells = page.locator(f"{table} tbody tr:visible > :nth-child({column})")
    return [" ".join(text.split()) for text in cells.all_inner_texts()]


def test_a_long_table_folds_sorts_and_narrows(budget_page: Page) -> None:
    rows = budget_page.locator(f"{MOVED} tbody tr")
    totals = budget_page.locator(f"{MOVED} tbody tr.s75-total").count()
    short = len(shown_cells(budget_page, MOVED, 1))
    assert 10 <= short <= 10 + totals < rows.count()
    budget_page.click(f"{MOVED} .s75-tools button:has-text('Show all')")
    assert len(shown_cells(budget_page, MOVED, 1)) == rows.count()
    before = shown_cells(budget_page, MOVED, 5)
    heading = budget_page.locator(f"{MOVED} thead th").nth(4)
    for order in ("ascending", "descending", None):
        heading.locator("button").click()
        assert heading.get_attribute("aria-sort") == order
        lines = shown_cells(budget_page, MOVED, 5)[: rows.count() - totals]
        numbers = [
            float(text.replace("−", "-").replace(",", "").replace("+", "")) for text in lines if text != "–"
        ]
        if order:
            assert numbers == sorted(numbers, reverse=order == "descending")
    assert shown_cells(budget_page, MOVED, 5) == before
    budget_page.fill(f"{MOVED} input", "residential")
    assert {text.lower() for text in shown_cells(budget_page, MOVED, 2)} == {"residential"}


def test_a_table_is_taken_along_in_the_figures_shown(budget_page: Page) -> None:
    with budget_page.expect_download() as caught:
        budget_page.click(f"{MOVED} .s75-tools button:has-text('Download CSV')")
    assert caught.value.suggested_filename.endswith(".csv")
    lines = list(csv.reader(caught.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert len(lines) == budget_page.locator(f"{MOVED} tr").count()
    cells = budget_page.locator(f"{MOVED} tbody tr").first.locator("th, td").all_text_contents()
    assert lines[1] == [" ".join(text.split()) for text in cells]


def test_no_text_of_a_table_that_is_taken_along_is_a_formula(browser: Browser) -> None:
    bad = ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "|x", "%a", "\uff1d1+1", "-A1", "+£A1"]
    good = ["+1.5", "-£12k", "−3", "+1.5 percentage points", "+5 (+71%)", "+6 to +37", "Team =1", "12%"]
    rows = "".join(f"<tr><td>{escape(text)}</td></tr>" for text in [*bad, "\t=1+1", "\r\n=1+1", *good])
    script = (ROOT / "s75lib/report/template/script.js").read_text("utf-8")
    page = browser.new_page()
    page.set_content(
        "<div><div class='s75-scroll'><table><thead><tr><th>=Team</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div></div><script>{script}</script>"
    )
    with page.expect_download() as caught:
        page.click("button:has-text('Download CSV')")
    told = [cell for (cell,) in csv.reader(caught.value.path().open(encoding="utf-8-sig", newline=""))]
    made = [f"'{text.strip()}" for text in ["=Team", *bad, "=1+1", "=1+1"]]
    assert told == [*made, *good]
    page.close()


def test_a_chart_is_saved_and_says_its_values_by_keyboard_and_pointer(budget_page: Page) -> None:
    frame = budget_page.locator(".s75-opening .s75-picture")
    for ending, start in ((".svg", b"<svg"), (".png", b"\x89PNG")):
        with budget_page.expect_download() as caught:
            budget_page.click(f".s75-opening button:has-text('Save as {ending[1:].upper()}')")
        assert caught.value.suggested_filename.endswith(ending)
        assert caught.value.path().read_bytes().startswith(start)
    frame.focus()
    said = []
    for _ in range(2):
        budget_page.keyboard.press("ArrowRight")
        said.append(frame.locator("[role=status]").inner_text())
    assert len(set(said)) == 2
    assert all("Adult mental health" in text for text in said)
    budget_page.keyboard.press("Escape")
    assert frame.locator(".s75-tip").count() == 0
    place = frame.locator("img").evaluate(
        "image => image.dataset.points.split('|')[0].split(';').map(Number)"
    )
    box = frame.locator("img").bounding_box()
    assert box is not None
    # A pointer reaches only what is on the screen: this brings it there.
    frame.locator("img").hover(position={"x": place[0] * box["width"], "y": place[1] * box["height"]})
    assert frame.locator("[role=status]").inner_text() == said[0]


def test_the_contents_mark_where_the_reader_is(budget_page: Page) -> None:
    budget_page.locator("#section-where-the-year-will-end").evaluate(
        "e => e.scrollIntoView({behavior: 'instant'})"
    )
    # The page's own policy lets no expression be waited for again; a locator is waited for from outside.
    budget_page.locator(".s75-here", has_text="Where the year will end").wait_for()
    assert budget_page.locator(".s75-contents [aria-current]").get_attribute("href") == (
        "#section-where-the-year-will-end"
    )


def test_print_is_the_same_with_and_without_the_script(page_of: Any, browser: Browser) -> None:
    path = page_of("exampleshire/workload_forecast")
    texts = []
    for script in (True, False):
        page, _ = opened(browser, path, A4_WIDTH, java_script_enabled=script)
        page.emulate_media(media="print")
        texts.append(page.locator("main").inner_text())
        page.close()
    assert texts[0] == texts[1]


def test_charts_follow_the_page_into_the_dark(page_of: Any, browser: Browser) -> None:
    shades = []
    for scheme in ("light", "dark"):
        page, _ = opened(browser, page_of("exampleshire/budget_deep_dive"), color_scheme=scheme)
        shades.append(page.locator(".s75-opening .s75-picture img").screenshot())
        page.close()
    light, dark = (np.asarray(Image.open(io.BytesIO(shot)).convert("L")).mean() for shot in shades)
    assert light > 200
    assert dark < 80
