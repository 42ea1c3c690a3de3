from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from matplotlib.colors import to_hex

from s75lib.loaders import load
from s75lib.present import (
    MIME,
    Check,
    Checks,
    Column,
    Figure,
    Headline,
    Headlines,
    Missing,
    Need,
    Sources,
    Table,
    charts,
)
from s75lib.present.charts import BAD, BLUE, GOOD, PURPLE, bridge
from s75lib.present.head import ReportHead
from s75lib.present.parts import records

NASTY = "<script>alert(1)</script>&\"'=cmd|x"


@pytest.fixture
def table() -> Table:
    frame = pd.DataFrame(
        {"team": [NASTY, "South"], "cost": [1234.5, np.nan], "seen": pd.to_datetime(["2019-12-31", None])}
    )
    columns = (
        Column("team", "Team"),
        Column("cost", "Cost (£)", "money", unit="£"),
        Column("seen", "Seen", "date"),
    )
    return Table("costs", "Cost by team", frame, columns, notes=("A note.",), strong=(1,))


@pytest.fixture
def figure(table: Table) -> Figure:
    sheet = bridge(
        ["Up", "Down"],
        [3.0, -5.0],
        start=("Before", 10.0),
        end="After",
        write=lambda value, change: f"{value:+.0f}",
    )
    return Figure(
        "bridge", f"It fell {NASTY}", "£, place, 2019/20", f"A bridge {NASTY}", sheet, table, "budget.csv"
    )


def test_every_part_is_data_html_and_text(table: Table, figure: Figure, data_dir) -> None:  # type: ignore[no-untyped-def]
    data = load("coventry", data_dir=data_dir)
    parts = [
        Headlines((Headline("a", NASTY, 1.0, "£", 0.5, float("nan"), "m"),)),
        table,
        figure,
        Checks((Check("x", False, NASTY), Check("y", True, "fine"))),
        Missing(NASTY, (Need("packages", ("start_date",), NASTY),)),
        Missing("nothing", whole=True),
        ReportHead(data),
        Sources(data),
    ]
    for part in parts:
        bundle = part._repr_mimebundle_()
        json.dumps(bundle[MIME], allow_nan=False)
        assert bundle["text/plain"]
        page = BeautifulSoup(bundle["text/html"], "html.parser")
        assert not page.find(["script", "style"])
        assert not [
            tag
            for tag in page.find_all(True)
            if tag.get("style") or any(name.startswith("on") for name in tag.attrs)
        ]


def test_a_table_has_caption_scopes_and_numbers_apart_from_text(table: Table) -> None:
    page = BeautifulSoup(table.html(), "html.parser")
    assert page.caption.text == "Cost by team"
    assert [th["scope"] for th in page.thead.find_all("th")] == ["col"] * 3
    assert [th["scope"] for th in page.tbody.find_all("th")] == ["row"] * 2
    assert page.tbody.th.text == NASTY
    assert "n2" in page.table["class"]
    assert [row.find_all("td")[0].text for row in page.select("tbody tr")] == ["1,234", "–"]
    assert page.find("div", class_="s75-scroll")["aria-label"] == "Cost by team"
    assert page.find("tr", class_="s75-total").th.text == "South"


def test_a_table_gives_its_numbers_as_they_are_printed(table: Table) -> None:
    assert table.payload()["records"][0] == {"team": NASTY, "cost": 1234, "seen": "2019-12-31"}
    assert table.payload()["records"][1] == {"team": "South", "cost": None, "seen": None}


def test_a_figure_carries_its_words_and_its_data(figure: Figure) -> None:
    page = BeautifulSoup(figure.html(), "html.parser")
    assert page.img["alt"] == figure.alt
    assert page.find("details").table
    svg = base64.b64decode(page.img["src"].split(",", 1)[1])
    ET.fromstring(svg)
    assert b"<text" in svg, "text must stay text"
    for attribute in (b'href="http', b"<script", b"<!--"):
        assert attribute not in svg


def test_a_figure_is_the_same_bytes_each_time(figure: Figure) -> None:
    assert figure.html() == figure.html()


def test_a_bridge_adds_up_on_the_page() -> None:
    steps = [3.0, -5.0, 0.5]
    sheet = bridge(
        ["a", "b", "c"], steps, start=("from", 10.0), end="to", write=lambda value, change: f"{value:.1f}"
    )
    (axis,) = sheet.axes
    bars = sorted(axis.patches, key=lambda bar: bar.get_y())
    assert [label.get_text() for label in axis.get_yticklabels()] == ["from", "a", "b", "c", "to"]
    assert axis.yaxis_inverted()
    level = bars[0].get_width()
    for bar, step in zip(bars[1:-1], steps, strict=True):
        assert bar.get_x() == pytest.approx(level)
        level += step
    assert bars[-1].get_width() == pytest.approx(level) == pytest.approx(8.5)


@pytest.mark.parametrize(("start", "cut"), [(4.0, False), (1000.0, True)])
def test_a_bridge_draws_no_bar_that_an_axis_cuts(start: float, cut: bool) -> None:
    (axis,) = bridge(["up"], [3.0], start=("from", start), end="to", write=lambda *_: "").axes
    assert len(axis.patches) == (1 if cut else 3)
    assert ("not start at zero" in axis.get_xlabel()) == cut == (axis.get_xlim()[0] > 0)
    ends = [line.get_xdata()[0] for line in axis.lines]
    assert ends == ([start, start + 3] if cut else [])


def test_who_pays_is_painted_neither_good_nor_bad() -> None:
    labels = ["adjustments", "staff", "council", "trust"]
    sheet = bridge(
        labels, [2.0, -3.0, -5.0, 1.0], start=("care", 5.0), end="left",
        write=lambda value, change: f"{value:.0f}", payers=2,
    )  # fmt: skip
    bars = sorted(sheet.axes[0].patches, key=lambda bar: bar.get_y())[1:-1]
    colours = [to_hex(bar.get_facecolor()).upper() for bar in bars]
    assert colours[:2] == [BAD, GOOD]
    assert not {BAD, GOOD} & set(colours[2:])


def test_colours_of_verdicts_have_one_name() -> None:
    """Who paints better or worse says GOOD or BAD: no module writes these colours by their numbers."""
    library = Path(charts.__file__).parents[1]
    written = {
        path.name
        for path in library.rglob("*.py")
        if re.search(f"{GOOD}|{BAD}", path.read_text(encoding="utf-8"), re.IGNORECASE)
    }
    assert written == {"charts.py"}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_neighbouring_colours_stand_apart() -> None:
    # The Analysis Function orders these four so that neighbours differ by 3:1 (WCAG 2.2, 1.4.11).
    for one, other in ((BLUE, GOOD), (GOOD, PURPLE), (PURPLE, BAD)):
        light, dark = sorted((luminance(one), luminance(other)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 2.99


def test_the_synthetic_authority_wears_its_banner(data_dir) -> None:  # type: ignore[no-untyped-def]
    real = ReportHead(load("coventry", data_dir=data_dir, datasets=["facts"]))
    assert "SYNTHETIC" not in real.html()
    assert real.payload()["synthetic"] is False


def test_records_hold_what_json_can() -> None:
    frame = pd.DataFrame(
        {"a": pd.array([True, None], dtype="boolean"), "b": [np.inf, 2.5], "c": [np.int64(1), 2]}
    )
    assert json.loads(json.dumps(records(frame), allow_nan=False)) == [
        {"a": True, "b": None, "c": 1},
        {"a": None, "b": 2.5, "c": 2},
    ]


def test_input_frames_are_not_changed(table: Table) -> None:
    before = table.frame.copy()
    table.html(), table.payload(), table.text()
    pd.testing.assert_frame_equal(table.frame, before)
