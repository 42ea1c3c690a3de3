"""A drawing as SVG: small, the same bytes each time, with text that stays text."""

from __future__ import annotations

import colorsys
import io
import re
import warnings
from functools import lru_cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axis import Axis
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.category import StrCategoryFormatter
from matplotlib.dates import AutoDateFormatter, ConciseDateFormatter, DateFormatter, num2date
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FixedFormatter, FuncFormatter

_SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "s75lib"}
_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_PIXELS_PER_POINT = 96 / 72
_BEYOND_HUNDREDTH = re.compile(r"(?<=\d\.\d\d)\d+")  # of a point, which is finer than any screen
_BEYOND_TENTH = re.compile(r"(?<=\d\d\.\d)\d+")
_TEXT, _HERE = re.compile(r">([^<]*[^<\s][^<]*)<"), "\0"
_SPACE_ABOUT_LETTER = re.compile(r"\s+(?=[A-Za-z])|(?<=[A-Za-z])\s+")
_LINE = re.compile(r"M[-\d. ]+(?:L[-\d. ]+)+")
_FONTS = "font-family: 'DejaVu Sans', Verdana, Arial, sans-serif"
_COLOUR = re.compile(r"\b(fill|stroke): ?(#[0-9a-f]{6})")
_GROUP_OF_ONE = re.compile(r"<g>(<(?:path|use|text)\b[^>]*(?:/>|>[^<]*</text>))</g>")


def drawn_svg(drawing: Drawing) -> tuple[bytes, float, float]:
    """Render a drawing as UTF-8 without date or creator, the same bytes each time; sizes in pixels."""
    target = io.StringIO()
    width, height = (float(inches) * 72 for inches in drawing.get_size_inches())
    for label in drawing.findobj(Text):
        label.set_parse_math(False)  # a label between two $ is a label
    _settle(drawing)
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        # Of very long labels; nothing that a reader of the page could do anything about.
        warnings.filterwarnings("ignore", "constrained_layout not applied")
        renderer = _Renderer(  # type: ignore[no-untyped-call]
            width, height, target, image_dpi=drawing.dpi, metadata=_METADATA
        )
        _Canvas(drawing, renderer)
        drawing.dpi = 72  # the layout measures in points, as SVG is drawn
        drawing.draw(renderer)
        renderer.finalize()  # type: ignore[no-untyped-call]
    text = target.getvalue()
    text = re.sub(
        r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", "", text, flags=re.DOTALL
    )
    said = _TEXT.findall(text)  # set aside: what the chart says is never rewritten
    text = _BEYOND_HUNDREDTH.sub("", _TEXT.sub(f">{_HERE}<", text))
    text = _slim(re.sub(r">\s+<", "><", text).strip())
    text = re.sub(_HERE, lambda _: said.pop(0), text)
    return text.encode("utf-8"), width * _PIXELS_PER_POINT, height * _PIXELS_PER_POINT


def drawn_points(drawing: Drawing, decimals: int = 3) -> str:
    """Name the points of a drawing's lines and bars: place from left and top, as shares, and what it says.

    What a point says is read off the axes as they are written, and no finer than the chart's table.
    """
    width, height = (float(inches) * drawing.dpi for inches in drawing.get_size_inches())
    found = []
    for axes in drawing.axes:
        ends = [(x, y, line.get_label()) for line in axes.lines for x, y in _ends(line)]
        for bars in axes.containers:
            for bar in getattr(bars, "patches", ()):
                left, low, right, high = bar.get_x(), bar.get_y(), bar.get_width(), bar.get_height()
                flat = getattr(bars, "orientation", "") == "horizontal"
                ends.append((left + right / (1 if flat else 2), low + high / (2 if flat else 1), ""))
        for x, y, name in ends:
            across, up = axes.transData.transform((x, y))
            said = [_read_off(axes.xaxis, x, decimals), _read_off(axes.yaxis, y, decimals)]
            named = "" if str(name).startswith("_") else str(name)
            words = ", ".join(filter(None, [axes.get_title(loc="left"), named, *said])).replace("|", "/")
            found.append(f"{across / width:.3f};{1 - up / height:.3f};{words}")
    return "|".join(dict.fromkeys(found[:_MOST_POINTS]))


_MOST_POINTS = 240


def _ends(line: Line2D) -> list[tuple[float, float]]:
    """Give the points of a line that follows figures: a rule across the chart follows none."""
    if line.get_transform() != line.axes.transData:  # type: ignore[union-attr]
        return []
    points = np.asarray(line.get_xydata(), dtype=float)
    return [(x, y) for x, y in points.tolist() if np.isfinite(x) and np.isfinite(y)]


def _read_off(axis: Axis, value: float, decimals: int) -> str:
    """Say what an axis says at a place: its label there, its month, or its number to three digits."""
    formatter = axis.get_major_formatter()
    if isinstance(formatter, ConciseDateFormatter | DateFormatter | AutoDateFormatter):
        return f"{num2date(value):%b %Y}"  # type: ignore[no-untyped-call]
    if isinstance(formatter, FixedFormatter | StrCategoryFormatter):
        labels = dict(zip(np.round(axis.get_majorticklocs(), 3), axis.get_majorticklabels(), strict=False))
        label = labels.get(round(value, 3))
        return label.get_text().replace("\n", " ") if label else ""
    rounded = round(float(f"{value:.3g}"), decimals) + 0.0
    return str(formatter(rounded, 0)) if isinstance(formatter, FuncFormatter) else f"{rounded:,.10g}"


class _Renderer(RendererSVG):
    """Measures a text once: the layout asks anew in each pass, and charts of a report say alike things."""

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: bool | str
    ) -> tuple[float, float, float]:
        return _extent(s, prop.copy(), ismath)


@lru_cache(4096)
def _extent(text: str, font: FontProperties, ismath: bool | str) -> tuple[float, float, float]:
    return text_to_path.get_text_width_height_descent(text, font, ismath)  # type: ignore[arg-type]


class _Canvas(FigureCanvasBase):
    """Gives the layout the renderer that draws, where it would make one of its own."""

    def __init__(self, drawing: Drawing, renderer: _Renderer) -> None:
        super().__init__(drawing)
        self._renderer = renderer

    def get_renderer(self) -> _Renderer:
        return self._renderer


def _settle(drawing: Drawing) -> None:
    """Take out of the layout what decides nothing in it, and is yet found anew each time it is asked for."""
    for axes in drawing.axes:
        for axis, side in ((axes.xaxis, "bottom"), (axes.yaxis, "left")):
            if not axis.get_label_text():
                axis.set_label_coords(0, 0)  # an empty label would be placed beyond all tick labels
            if side in axes.spines and axis.get_tick_params().get(f"label{side}"):
                axes.spines[side].set_in_layout(False)  # tick labels lie further out


def _slim_path(path: str) -> str:
    """Write a path without needless spaces and points, its longer numbers to a tenth of a point."""
    path = _SPACE_ABOUT_LETTER.sub("", _BEYOND_TENTH.sub("", path)).strip()
    if not _LINE.fullmatch(path):
        return path
    points = [tuple(point.split()) for point in path[1:].split("L")]
    kept = [point for at, point in enumerate(points) if not _between(points, at)]
    return "M" + "L".join(" ".join(point) for point in kept)


def _between(points: list[tuple[str, ...]], at: int) -> bool:
    """Whether a point lies on a level or an upright line from the one before to the one after."""
    if not 0 < at < len(points) - 1:
        return False
    before, here, after = points[at - 1 : at + 2]
    return any(
        before[axis] == here[axis] == after[axis]
        and float(before[way]) <= float(here[way]) <= float(after[way])
        for axis, way in ((0, 1), (1, 0))
    )


@lru_cache(256)
def _dark(colour: str) -> str:
    """Turn a colour's lightness round, between the page's dark ground and its light ink; its hue stays."""
    hue, lightness, saturation = colorsys.rgb_to_hls(
        *(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    )
    turned = colorsys.hls_to_rgb(hue, 0.1 + 0.82 * (1 - lightness), saturation)
    return "#" + "".join(f"{round(255 * part):02x}" for part in turned)


def _slim(svg: str) -> str:
    """Say each style once, as a class, and drop what nothing refers to: about a third of the bytes stay."""
    used = set(re.findall(r"(?:url\(#|href=\"#)([^\")]+)", svg))
    svg = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", svg)
    names = {name: f"i{number}" for number, name in enumerate(sorted(used, key=svg.index))}
    svg = re.sub(r'(id="|#)([^"#)]+)(?=["\)])', lambda found: found[1] + names.get(found[2], found[2]), svg)
    svg = re.sub(r' d="([^"]*)"', lambda found: f' d="{_slim_path(found[1])}"', svg)
    svg = re.sub(r' transform="rotate\(-0 [^)]*\)"', "", svg)
    svg = re.sub(r' [xy]="[^"]*"', lambda found: _BEYOND_TENTH.sub("", found[0]), svg)
    fonts = re.findall(r"font-family: [^;\"]+", svg)
    font = max(sorted(set(fonts)), key=fonts.count, default="")
    if font:
        svg = svg.replace(f"{font}; ", "").replace(f"; {font}", "")
    classes: dict[str, str] = {}
    svg = re.sub(
        r' style="([^"]*)"',
        lambda found: f' class="{classes.setdefault(found[1], f"s{len(classes)}")}"',
        svg,
    )
    rules = "".join(f".{name}{{{style}}}" for style, name in classes.items())
    by_night = "".join(
        f".{name}{{{dark}}}"
        for style, name in classes.items()
        if (dark := ";".join(f"{what}:{_dark(colour)}" for what, colour in _COLOUR.findall(style)))
    )
    night = (
        f"@media (prefers-color-scheme:dark){{text,use,path{{fill:#fff}}defs path{{fill:inherit}}{by_night}}}"
    )
    svg = svg.replace("</style>", f"text{{{_FONTS if font else ''}}}{rules}{night}</style>", 1)
    return _GROUP_OF_ONE.sub(r"\1", svg)
