from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from s75lib.budget.naming import amount_label
from s75lib.present.charts import bridge, drawing, thousands
from s75lib.present.svg import drawn_points, drawn_svg

SAID = ["0.12567", "£1,234.5678", 'Care "A" style="x" id="y" d="M1 2"', "a  b", "<b> & c", "0:1.23456"]


@pytest.mark.parametrize("said", SAID)
def test_what_a_chart_says_is_never_rewritten(said):
    sheet, axis = drawing()
    axis.text(0.5, 0.5, said)
    svg, _, _ = drawn_svg(sheet)
    texts = ["".join(each.itertext()) for each in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert said.split() in [text.split() for text in texts]


@pytest.mark.parametrize(
    ("most", "place", "said"), [(13.5e6, 13.25e6, "£13.25m"), (9.1e5, 2e5, "£200k"), (4e6, -1.5e6, "−£1.5m")]
)
def test_an_axis_is_in_the_unit_of_the_sentences_beside_it(most, place, said):
    _, axis = drawing()
    axis.plot([0, 1], [min(0.95 * most, place), most])
    thousands(axis, prefix="£", scale=1000, suffix="k")
    assert axis.yaxis.get_major_formatter()(place, 0) == said


def test_who_pays_is_written_without_the_sign_of_what_is_taken_off():
    steps, start = [-135_000.0, -329_000.0], ("Care", 905_000.0)
    sheet = bridge(["Adjustments", "Council"], steps, start=start, end="Left", write=amount_label, payers=1)
    said = [text.get_text() for text in sheet.axes[0].texts]
    assert said == ["£905k", "£441k", "−£135k", "£329k"]


def test_a_chart_says_everything_in_its_place_and_weighs_little():
    sheet, axis = drawing()
    axis.plot([0, 1, 2], [0, 10, 20])
    for at in range(3):
        axis.text(at, 10 * at, f"point {at}")
    svg, width, height = drawn_svg(sheet)
    root = ET.fromstring(svg)
    places = {
        text.text: tuple(float(text.get(name)) for name in "xy")
        for text in root.iter("{http://www.w3.org/2000/svg}text")
        if (text.text or "").startswith("point")
    }
    assert list(places) == ["point 0", "point 1", "point 2"]
    assert places["point 0"][0] < places["point 1"][0] < places["point 2"][0]
    assert places["point 0"][1] > places["point 1"][1] > places["point 2"][1]
    assert (width, height) == pytest.approx((480, 345.6))
    assert len(svg) < 6000


def test_a_chart_turns_its_colours_round_where_the_page_is_dark():
    sheet, axis = drawing()
    axis.plot([0, 1], [0, 10], color="#12436d")
    light, _, dark = drawn_svg(sheet)[0].decode().partition("@media (prefers-color-scheme:dark)")
    name = re.search(r"\.(\w+)\{[^}]*stroke: #12436d", light)[1]
    turned = re.search(rf"\.{name}\{{stroke:#(\w\w)(\w\w)(\w\w)\}}", dark)
    assert min(int(part, 16) for part in turned.groups()) > 0x80
    ground = re.search(r"\.(\w+)\{fill: #ffffff", light)[1]
    assert f".{ground}{{fill:#1a1a1a}}" in dark


def test_the_points_of_lines_and_bars_lie_where_they_are_drawn_and_say_what_the_axes_say():
    sheet, (left, right) = drawing(columns=2)
    left.plot([0, 1, 2], [0, 12.34567, 20], label="all teams")
    left.axhline(5)
    right.bar(["North", "South"], [3, 1])
    drawn_svg(sheet)
    points = [point.split(";") for point in drawn_points(sheet).split("|")]
    assert [words for _, _, words in points] == [
        "all teams, 0, 0", "all teams, 1, 12.3", "all teams, 2, 20", "North, 3", "South, 1",
    ]  # fmt: skip
    assert "all teams, 1, 12|" in drawn_points(sheet, 0)
    across = [float(x) for x, _, _ in points]
    assert across == sorted(across)
    assert across[2] < 0.5 < across[3]
    assert float(points[0][1]) > float(points[1][1]) > float(points[2][1])
