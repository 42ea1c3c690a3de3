from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from s75lib.present.charts import drawing
from s75lib.present.svg import drawn_svg

SAID = ["0.12567", "£1,234.5678", 'Care "A" style="x" id="y" d="M1 2"', "a  b", "<b> & c", "0:1.23456"]


@pytest.mark.parametrize("said", SAID)
def test_what_a_chart_says_is_never_rewritten(said):
    sheet, axis = drawing()
    axis.text(0.5, 0.5, said)
    svg, _, _ = drawn_svg(sheet)
    texts = ["".join(each.itertext()) for each in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert said.split() in [text.split() for text in texts]


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
    assert (width, height) == pytest.approx((768, 403.2))
    assert len(svg) < 6000
