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
    "bridge",
    "dots_with_intervals",
    "drawing",
    "fan",
    "label_line_ends",
    "note",
    "panel_title",
    "thousands",
    "tidy",
]

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FuncFormatter

from s75lib.present import words

BLUE, GOOD, PURPLE, BAD = "#12436D", "#28A197", "#801650", "#F46A25"
INK, LILAC = "#3D3D3D", "#A285D1"
GREY, LIGHT = "#595959", "#D9D9D9"
PALETTE = (BLUE, GOOD, PURPLE, BAD, INK, LILAC)
"""Government Analysis Function, Data visualisation: colours; the order keeps neighbours apart."""

_FONT = 9.5
_MILLION = 1e6
_FEW_BARS = 8  # of a bridge, whose names may stand on one line
_PANEL = 20  # letters, of a title above one of several panels side by side

# A label may hold two dollar signs; matplotlib would read what stands between them as mathematics.
mpl.rcParams["text.parse_math"] = False


def drawing(
    width: float = 8.0, height: float = 4.2, *, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[Drawing, Any]:
    """Start a drawing with clean axes, in inches (the text is 8 wide); `options` are for ``subplots``."""
    sheet = Drawing(figsize=(width, height), layout="constrained")
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
    ["Older people's", 'mental health']
    """
    place = axis.get_subplotspec()
    if place is not None and place.get_gridspec().ncols > 1:  # no longer than the panel is wide
        text = "\n".join(_wrapped(line, _PANEL) for line in text.split("\n"))
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
            decimals = 1 if np.ptp(drawn.get_view_interval()) >= _MILLION else 2
        body = f"{prefix}{words.number(abs(value) / times, decimals)}{letter if value else ''}"
        return f"−{body}" if value < 0 else body

    drawn.set_major_formatter(FuncFormatter(write))


def bridge(
    axis: Axes,
    labels: Sequence[str],
    steps: Sequence[float],
    *,
    start: tuple[str, float],
    end: str,
    write: Any,
    payers: int = 0,
) -> None:
    """Draw a bridge (waterfall) that adds up on the page: start, each step, end.

    `write` turns a number into its label; it is called with the value and whether it is a change. The last
    `payers` steps say who pays, which is neither good nor bad.
    """

    def say(at: int, height: float, text: str, below: bool = False) -> None:
        """Write above a bar, clear of the line that joins it to the one before, or below it."""
        va, size = "top" if below else "bottom", _FONT - 2 * is_crowded
        note(axis, text, (at, height), (0, -2 if below else 2), ha="center", va=va, fontsize=size)

    level, first = start[1], start[1]
    names = [start[0], *labels, end]
    told: dict[str, Any] = {}
    last, is_crowded = first + float(np.sum(steps)), len(names) > _FEW_BARS
    told["start and end"] = axis.bar(0, first, color=BLUE, width=0.62)
    say(0, first, write(first, False))
    for at, step in enumerate(steps, start=1):
        pays = at > len(steps) - payers
        colour = LILAC if pays else BAD if step > 0 else GOOD
        told["what each bears" if pays else "adds to it" if step > 0 else "takes off"] = axis.bar(
            at,
            step,
            bottom=level,
            color=colour,
            width=0.62,
            hatch="" if step >= 0 or pays else "///",
            edgecolor="white",
            linewidth=0,
        )
        axis.plot([at - 0.69, at + 0.31], [level, level], color=GREY, linewidth=0.8)
        below = is_crowded and step < 0  # two long amounts side by side would touch
        edge = min if below else max
        say(at, edge(level, level + step), write(abs(step) if pays else step, not pays), below)
        level += step
    axis.bar(len(names) - 1, last, color=BLUE, width=0.62)
    axis.plot([len(names) - 1.69, len(names) - 0.69], [last, last], color=GREY, linewidth=0.8)
    say(len(names) - 1, last, write(last, False))
    if payers:
        axis.legend(told.values(), told.keys(), fontsize=_FONT, frameon=False, loc="upper right")
    width = 12 if len(names) <= _FEW_BARS else 8
    axis.set_xticks(range(len(names)), [_wrapped(name, width) for name in names], fontsize=_FONT)
    levels = np.concatenate([[first], first + np.cumsum(steps)])
    low, high = float(levels.min()), float(levels.max())
    room = (high - low) or abs(high) or 1.0
    if low > 2 * room:
        # Small steps on a tall level are unreadable from zero; the axis says so.
        axis.set_ylim(low - 0.35 * room, high + 0.25 * room)
        axis.set_ylabel("axis does not start at zero", fontsize=_FONT - 1, color=GREY)
    else:
        axis.set_ylim(min(0.0, low - 0.1 * room), high + 0.15 * room)


def _wrapped(name: str, width: int) -> str:
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


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
    places = np.arange(len(labels))[::-1]
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
    axis.set_yticks(places, labels, fontsize=_FONT)
    axis.set_ylim(-0.6, len(labels) - 0.3)
    axis.grid(axis="x", color=LIGHT, linewidth=0.6)
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0)


def fan(axis: Axes, when: Any, central: Any, bands: Sequence[tuple[Any, Any, str]]) -> None:
    """Draw a forecast of h steps with its intervals (lower, upper, name), the widest first."""
    last = pd.Series(when).iloc[-1]
    shades = np.linspace(0.14, 0.30, max(len(bands), 1))
    for (lower, upper, name), alpha in zip(bands, shades, strict=False):
        axis.fill_between(when, lower, upper, color=BLUE, alpha=float(alpha), linewidth=0)
        note(axis, name, (last, float(np.asarray(upper)[-1])), (4, -3), fontsize=_FONT - 1.5, color=GREY)
    axis.plot(when, central, color=BLUE, linewidth=1.8, linestyle=(0, (4, 2)))


def label_line_ends(axis: Axes, ends: Sequence[tuple[Any, float, str, str]]) -> None:
    """Name lines (x, y, name, colour) at their last point, moved apart where they would collide."""
    if not ends:
        return
    low, high = axis.get_ylim()
    gap = (high - low) * 0.075
    ordered = sorted(ends, key=lambda end: end[1])
    places: list[float] = []
    for _, y, _, _ in ordered:
        places.append(max(y, places[-1] + gap) if places else y)
    for (x, _, name, colour), place in zip(ordered, places, strict=True):
        note(axis, name, (x, place), (6, -3), fontsize=_FONT, color=colour, annotation_clip=False)
