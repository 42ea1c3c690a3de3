"""A drawing as SVG: small, the same bytes each time, with text that stays text."""

from __future__ import annotations

__all__ = ["drawn_svg"]

import io
import re
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Drawing

_SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "s75lib"}
_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_PIXELS_PER_POINT = 96 / 72
_TENTH = re.compile(r"(\d\d\.\d)\d+")
_LINE = re.compile(r"M[-\d. ]+(?:L[-\d. ]+)+")
_FONTS = "font-family: 'DejaVu Sans', Verdana, Arial, sans-serif"
_GROUP_OF_ONE = re.compile(r"<g>(<(?:path|use|text)\b[^>]*(?:/>|>[^<]*</text>))</g>")


def drawn_svg(drawing: Drawing) -> tuple[bytes, float, float]:
    """Render a drawing.

    Parameters
    ----------
    drawing : matplotlib Figure

    Returns
    -------
    svg : bytes
        UTF-8, without date or creator, so that two runs agree byte for byte.
    width, height : float
        In CSS pixels.
    """
    target = io.BytesIO()
    with mpl.rc_context(_SETTINGS):
        FigureCanvasSVG(drawing).print_svg(target, metadata=_METADATA)  # type: ignore[no-untyped-call]
    text = target.getvalue().decode("utf-8")
    text = re.sub(
        r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", "", text, flags=re.DOTALL
    )
    text = re.sub(r"(\d+\.\d{2})\d+", r"\1", text)  # a hundredth of a point is finer than any screen
    text = _slim(re.sub(r">\s+<", "><", text).strip())
    width, height = drawing.get_size_inches() * 72 * _PIXELS_PER_POINT
    return text.encode("utf-8"), float(width), float(height)


def _slim_path(path: str) -> str:
    """Write a path without needless spaces and points, its longer numbers to a tenth of a point."""
    path = re.sub(r"\s*([A-Za-z])\s*", r"\1", _TENTH.sub(r"\1", path)).strip()
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


def _slim(svg: str) -> str:
    """Say each style once, as a class, and drop what nothing refers to: about a third of the bytes stay."""
    used = set(re.findall(r"(?:url\(#|href=\"#)([^\")]+)", svg))
    svg = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", svg)
    for number, name in enumerate(sorted(used, key=svg.index)):
        svg = re.sub(rf'(id="|#){re.escape(name)}(?=["\)])', rf"\1i{number}", svg)
    svg = re.sub(r' d="([^"]*)"', lambda found: f' d="{_slim_path(found[1])}"', svg)
    svg = re.sub(r' transform="rotate\(-0 [^)]*\)"', "", svg)
    svg = re.sub(r' [xy]="[^"]*"', lambda found: _TENTH.sub(r"\1", found[0]), svg)
    fonts = re.findall(r"font-family: [^;\"]+", svg)
    font = max(sorted(set(fonts)), key=fonts.count, default="")
    if font:
        svg = svg.replace(f"{font}; ", "").replace(f"; {font}", "")
    styles = list(dict.fromkeys(re.findall(r' style="([^"]*)"', svg)))
    for number, style in enumerate(styles):
        svg = svg.replace(f' style="{style}"', f' class="s{number}"')
    rules = "".join(f".s{number}{{{style}}}" for number, style in enumerate(styles))
    svg = svg.replace("</style>", f"text{{{_FONTS if font else ''}}}{rules}</style>", 1)
    return _GROUP_OF_ONE.sub(r"\1", svg)
