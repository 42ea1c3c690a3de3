"""Reports and index as readers meet them, in a real browser: any width, any look, by keyboard, on paper."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
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
A4_WIDTH = 680  # pixels between margins of 15 mm

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
        scales = page.evaluate(
            "[...document.querySelectorAll('.s75-figure img')]"
            ".map(image => image.getBoundingClientRect().width / image.naturalWidth)"
        )
        assert scales
        assert min(scales) * 12 > 9  # drawn at 9 points, that is 12 pixels
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


def test_the_index_narrows_and_orders_without_script(page_of: Any, browser: Browser) -> None:
    page, _ = opened(browser, page_of("index"), java_script_enabled=False)
    try:
        rows = page.locator(".s75-order-authority tbody tr")
        shown = page.locator(".s75-order-authority tbody tr:visible")
        assert shown.count() == rows.count() == len(AUTHORITIES) * len(NOTEBOOKS)
        page.select_option("#filter-authority", "coventry")
        assert shown.count() == len(NOTEBOOKS)
        assert page.locator("section[data-authority]:visible").count() == 1
        page.select_option("#filter-notebook", NOTEBOOKS[0])
        assert shown.count() == 1
        page.select_option("#filter-authority", "")
        page.select_option("#filter-notebook", "")
        page.check("#order-status")
        assert page.locator(".s75-order:visible").count() == 1
        assert page.locator(".s75-order-status tbody tr:visible").count() == rows.count()
    finally:
        page.close()
