"""Chart parts that every wing shares: the palette, a clean pair of axes, bridges, bars and fans.

Colours are the Government Analysis Function's categorical palette; colour never carries a meaning
alone, so parts are labelled directly or differ in shape or dash as well. `GOOD` and `BAD` are for verdicts:
better or worse, under or over, met or missed. What is neither, such as who pays, takes any other colour.
"""

from __future__ import annotations

__all__ = [
    "BAD",
    "BLUE",
    "GOOD",
    "GREY",
    "INK",
    "LIGHT",
    "LILAC",
    "PALETTE",
    "PURPLE",
    "WIDE",
    "bridge",
    "dots_with_intervals",
    "drawing",
    "fan",
    "label_line_ends",
    "name_rows",
    "note",
    "panel_title",
    "thousands",
    "tidy",
    "wrapped",
]

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FuncFormatter, MaxNLocator

from s75lib.present import words

BLUE, GOOD, PURPLE, BAD = "#12436D", "#28A197", "#801650", "#F46A25"
INK, LILAC = "#3D3D3D", "#A285D1"
GREY, LIGHT = "#595959", "#D9D9D9"
PALETTE = (BLUE, GOOD, PURPLE, BAD, INK, LILAC)
"""Government Analysis Function, Data visualisation: colours; the order keeps neighbours apart."""

WIDE = 5.0
"""Inches, of every drawing: its type is legible on a telephone, where it is shrunk to three quarters."""
_FONT, _SMALL = 9.5, 8.5
_MILLION = 1e6
_LETTERS = 48  # of a title across the whole drawing
_ROW_NAME = 32  # letters, of a line of a row's name

# A label may hold two dollar signs; matplotlib would read what stands between them as mathematics.
mpl.rcParams["text.parse_math"] = False
# A long label fits where it may reach back below the rows' names.
mpl.rcParams["xaxis.labellocation"] = "right"


def drawing(height: float = 3.6, *, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Drawing, Any]:
    """Start a drawing with clean axes, so many inches high; `options` are for ``subplots``."""
    sheet = Drawing(figsize=(WIDE, height), layout="constrained")
    axes = sheet.subplots(rows, columns, **options)
    for axis in np.atleast_1d(axes).ravel():
        tidy(axis)
    return sheet, axes


def tidy(axis: Axes) -> None:
    """Take the frame away and keep a light grid."""
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color(GREY)
    axis.tick_params(colors="#222222", labelsize=_FONT, length=3)
    axis.set_axisbelow(True)
    axis.title.set_fontsize(_FONT + 1)


def panel_title(axis: Axes, text: str, *, size: float = 10.0, pad: float = 6.0) -> None:
    r"""Write a panel's title on the left, on several lines where panels stand side by side.

    >>> sheet, axes = drawing(columns=2)
    >>> panel_title(axes[0], "Older people's mental health")
    >>> axes[0].get_title(loc="left").split("\n")
    ["Older people's mental", 'health']
    """
    place = axis.get_subplotspec()
    if place is not None and place.get_gridspec().ncols > 1:  # no longer than the panel is wide
        width = _LETTERS // place.get_gridspec().ncols
        text = "\n".join(wrapped(line, width) for line in text.split("\n"))
    # Without a height matplotlib seeks one clear of marks above the panel, at each measuring; there are none.
    axis.set_title(text, loc="left", fontsize=size, pad=pad, y=1.0)


def note(axis: Axes, text: str, at: tuple[Any, float], shift: tuple[float, float], **options: Any) -> None:
    """Write beside a place on a chart, so many points away; `options` are for ``annotate``."""
    axis.annotate(text, at, shift, textcoords="offset points", **{"fontsize": 9, **options})


def thousands(
    axis: Axes, which: str = "y", *, prefix: str = "", scale: float = 1.0, suffix: str = ""
) -> None:
    """Write an axis' numbers as people do: divided by `scale`, between a prefix (£) and a suffix (k).

    Thousands are written as millions where what is drawn reaches one, as in sentences.
    """
    drawn = axis.yaxis if which == "y" else axis.xaxis

    def write(value: float, _: Any) -> str:
        times, letter, decimals = scale, suffix, 0
        if suffix == "k" and np.nanmax(np.abs(drawn.get_data_interval())) >= _MILLION:
            times, letter = _MILLION, "m"
            decimals = max(1, 1 - math.floor(math.log10(np.ptp(drawn.get_view_interval()) / _MILLION)))
        body = f"{prefix}{words.number(abs(value) / times, decimals)}{letter if value else ''}"
        return f"−{body}" if value < 0 else body

    drawn.set_major_formatter(FuncFormatter(write))


def bridge(
    labels: Sequence[str],
    steps: Sequence[float],
    *,
    start: tuple[str, float],
    end: str,
    write: Any,
    payers: int = 0,
) -> Drawing:
    """Draw a bridge (waterfall) that adds up on the page, from the top: start, each step, end.

    `write` labels a value, given whether it is a change. The last `payers` steps say who pays, which is
    neither good nor bad. Where steps are small beside the start, the axis is cut and its ends are points.
    """
    names = [start[0], *labels, end]
    sheet, axis = drawing(0.75 + 0.34 * len(names))
    levels = start[1] + np.concatenate([[0.0], np.cumsum(steps)])
    low, high = float(levels.min()), float(levels.max())
    room = (high - low) or abs(high) or 1.0
    is_cut = low > 2 * room
    told: dict[str, Any] = {}
    for at, level in ((0, levels[0]), (len(names) - 1, levels[-1])):
        if is_cut:
            axis.plot([level], [at], marker="D", markersize=8, color=BLUE, linewidth=0)
        else:
            told["start and end"] = axis.barh(at, level, color=BLUE, height=0.62)
        note(axis, write(level, False), (max(0.0, level), at), (8, 0), va="center")
    for at, (level, step) in enumerate(zip(levels, steps, strict=False), start=1):
        pays = at > len(steps) - payers
        colour = LILAC if pays else BAD if step > 0 else GOOD
        told["what each bears" if pays else "adds to it" if step > 0 else "takes off"] = axis.barh(
            at,
            step,
            left=level,
            color=colour,
            height=0.62,
            hatch="" if step >= 0 or pays else "///",
            edgecolor="white",
            linewidth=0,
        )
        axis.vlines(level, at - 0.69, at + 0.31, color=GREY, linewidth=0.8)
        amount = write(abs(step) if pays else step, not pays)
        note(axis, amount, (max(level, level + step), at), (4, 0), va="center")
    axis.vlines(levels[-1], len(names) - 1.69, len(names) - 0.69, color=GREY, linewidth=0.8)
    if payers:
        sheet.legend(
            told.values(), told.keys(), fontsize=_SMALL, frameon=False, loc="outside lower center", ncols=4
        )
    name_rows(axis, names)
    axis.set_xlim(low - 0.12 * room if is_cut else min(0.0, low - 0.1 * room), high + 0.25 * room)
    thousands(axis, "x", prefix="£", scale=1000, suffix="k")
    axis.xaxis.set_major_locator(MaxNLocator(4))
    if is_cut:
        axis.set_xlabel("axis does not start at zero", fontsize=_SMALL, color=GREY)
    return sheet


def wrapped(text: str, width: int = _ROW_NAME) -> str:
    """Break a text into lines of so many letters at most."""
    return "\n".join(textwrap.wrap(text, width, break_long_words=False))


def name_rows(axis: Axes, names: Sequence[str], size: float = _FONT) -> np.ndarray:
    """Name a chart's rows, the first on top and long names on several lines; give their heights."""
    places = np.arange(len(names))
    axis.set_yticks(places, [wrapped(name) for name in names], fontsize=size)
    axis.set_ylim(len(names) - 0.4, -0.7)
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0)
    return places


def dots_with_intervals(
    axis: Axes,
    labels: Sequence[str],
    values: Sequence[float],
    lower: Sequence[float],
    upper: Sequence[float],
    *,
    reference: float | None = 0.0,
    write: Any = None,
    stand_out: Sequence[bool] | None = None,
) -> None:
    """Draw one dot a row with its interval, the first row on top.

    NaN bounds draw the dot alone, hollow; `stand_out` says which are blue, else those whose interval leaves
    `reference` out; `reference` is where a line marks no change; `write` labels a dot.
    """
    places = name_rows(axis, labels)
    for at, (place, value, low, high) in enumerate(zip(places, values, lower, upper, strict=True)):
        known = np.isfinite(low) and np.isfinite(high)
        clear = known and reference is not None and (low > reference or high < reference)
        clear = clear if stand_out is None else bool(stand_out[at])
        if known:
            axis.plot(
                [low, high],
                [place, place],
                color=BLUE if clear else GREY,
                linewidth=2.2,
                solid_capstyle="butt",
            )
        face = "white" if not known else BLUE if clear else GREY
        axis.plot(
            [value], [place], marker="o", markersize=7, color=BLUE if clear else GREY, markerfacecolor=face
        )
        if write is not None and np.isfinite(value):
            note(axis, write(value), (value, place), (0, 7), ha="center", fontsize=_FONT - 1)
    if reference is not None:
        axis.axvline(reference, color="#222222", linewidth=1)
    axis.grid(axis="x", color=LIGHT, linewidth=0.6)


def fan(axis: Axes, when: Any, central: Any, bands: Sequence[tuple[Any, Any, str]]) -> None:
    """Draw a forecast of h steps with its intervals (lower, upper, name), the widest first."""
    last = pd.Series(when).iloc[-1]
    shades = np.linspace(0.14, 0.30, max(len(bands), 1))
    for (lower, upper, name), alpha in zip(bands, shades, strict=False):
        axis.fill_between(when, lower, upper, color=BLUE, alpha=float(alpha), linewidth=0)
        note(axis, name, (last, float(np.asarray(upper)[-1])), (4, -3), fontsize=_FONT - 1.5, color=GREY)
    axis.plot(when, central, color=BLUE, linewidth=1.8, linestyle=(0, (4, 2)))


def label_line_ends(axis: Axes, ends: Sequence[tuple[Any, float, str, str]]) -> None:
    """Name lines (x, y, name, colour) at their last point, apart and joined to it by a thin line."""
    low, high = axis.get_ylim()
    gap = (high - low) * 0.09
    ordered = sorted(ends, key=lambda end: end[1])
    places = [y for _, y, _, _ in ordered]
    for _ in places:  # two that are too near give way by half each
        for at in range(1, len(places)):
            short = gap - (places[at] - places[at - 1])
            if short > 0:
                places[at - 1 : at + 1] = places[at - 1] - short / 2, places[at] + short / 2
    joined = {"arrowstyle": "-", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
    for (x, y, name, colour), place in zip(ordered, places, strict=True):
        axis.annotate(
            name,
            (x, y),
            (1.04, place),
            textcoords=axis.get_yaxis_transform(),
            fontsize=_FONT,
            va="center",
            color=colour,
            arrowprops=joined | {"color": colour},
            annotation_clip=False,
        )
