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
    text = re.sub(r">\s+<", "><", text).strip()
    width, height = drawing.get_size_inches() * 72 * _PIXELS_PER_POINT
    return text.encode("utf-8"), float(width), float(height)
