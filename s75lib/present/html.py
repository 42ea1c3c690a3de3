"""HTML fragments: escaped, semantic, without style or script."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from s75lib.errors import UNPRINTED
from s75lib.present import words

MOST_COLUMNS = 30
"""Columns of numbers that the page's style can align."""


def text(content: str) -> str:
    r"""Escape text for use between tags or in an attribute, without controls and bidirectional marks.

    >>> text("<script>\u202e")
    '&lt;script&gt;'
    """
    return escape(UNPRINTED.sub("", str(content)), quote=True)


def element(tag: str, *children: str, cls: str = "", **attributes: str) -> str:
    """Write an element around escaped HTML; attributes are escaped here, ``_`` stands for ``-``."""
    named = {"class": cls, **attributes} if cls else attributes
    written = "".join(f' {name.replace("_", "-")}="{text(value)}"' for name, value in named.items())
    return f"<{tag}{written}>{''.join(children)}</{tag}>"


def decimals_of(style: str, decimals: int) -> int | None:
    """Say with how many decimals `cell` writes a number, -3 for thousands; None where it is no number."""
    fixed = {"money": 0, "money_p": 2, "money_k": -3, "change_k": -3, "p": 3, "text": None, "date": None}
    return fixed.get(style, decimals)


class Drawn(str):
    """HTML of our own that stands in a cell as it is."""


_LINE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="20"><style>polyline{{fill:none;'
    "stroke:#12436d;stroke-width:1.5}}circle{{fill:#12436d}}@media (prefers-color-scheme:dark)"
    "{{polyline{{stroke:#9cc8f0}}"
    'circle{{fill:#9cc8f0}}}}</style><polyline points="{}"/><circle cx="{}" cy="{}" r="3"/></svg>'
)


def sparkline(values: Sequence[float], unit: str) -> Drawn:
    """Draw the course of a figure as a small picture, with where it started and ended beside it, in its unit.

    Of two figures the picture would be a straight line that looks like a trend: they are written alone.
    """
    if len(values) < 2:
        return Drawn("–")
    if len(values) == 2:
        return Drawn(element("span", text(words.course(values, unit)), cls="s75-ends"))
    low, spread = min(values), (max(values) - min(values)) or 1.0
    places = [
        (f"{4 + 88 * at / (len(values) - 1):.1f}", f"{17 - 14 * (value - low) / spread:.1f}")
        for at, value in enumerate(values)
    ]
    picture = _LINE.format(" ".join(",".join(place) for place in places), *places[-1])
    drawn = _image(picture.encode(), f"Line of {len(values)} figures", 96, 20)
    return Drawn(drawn + element("span", text(f" {words.course(values, unit)}"), cls="s75-ends"))


def _image(svg: bytes, alt: str, width: float, height: float, points: str = "") -> str:
    """Write an image that is inside the page, with the points that a pointer finds on it."""
    address = "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")
    found = f' data-points="{text(points)}"' if points else ""
    return f'<img src="{address}" alt="{text(alt)}" width="{width:.0f}" height="{height:.0f}"{found}>'


def cell(value: Any, style: str = "text", decimals: int = 0) -> str:
    """Write a cell's value as a reader sees it, not escaped; `style` is one of ``parts.Style``."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return "" if style == "text" else "–"
    match style:
        case "number":
            return words.number(value, decimals)
        case "money":
            return words.number(value)
        case "money_p":
            return words.number(value, 2)
        case "money_k":
            return words.number(value / 1000)
        case "percent":
            return words.percent(value, decimals)
        case "change" | "points":
            return words.signed(value, decimals)
        case "change_k":
            return words.signed(value / 1000)
        case "date":
            return words.day(value) if hasattr(value, "day") else str(value)
        case "p":
            return "< 0.001" if value < 0.001 else f"{value:.3f}"
        case _:
            return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def table(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    numeric: Sequence[bool],
    *,
    strong: Sequence[int] = (),
    notes: Sequence[str] = (),
    cls: str = "s75-table",
    cards: bool = False,
) -> str:
    """Write a table with caption and header scopes.

    `numeric` says which columns are aligned right, by the table's class: ``n3`` for column 3, of at most
    `MOST_COLUMNS`; `strong` are the positions of totals, the first cell of a row is its header. With `cards`
    each row is a card on a telephone, where a cell says its column, and an empty one is left out.
    """
    # The table names its columns of numbers once: a class on each cell would be a tenth of the page.
    numbers = [f"n{place}" for place, is_number in enumerate(numeric, start=1) if is_number]
    header = "".join(element("th", text(label), scope="col") for label in head)
    body = [
        element(
            "tr",
            element("th", text(row[0]), scope="row"),
            *(
                element(
                    "td",
                    value if isinstance(value, Drawn) else text(value),
                    **({"data_label": label} if cards and value not in ("", "–") else {}),
                )
                for label, value in zip(head[1:], row[1:], strict=True)
            ),
            cls="s75-total" if position in strong else "",
        )
        for position, row in enumerate(rows)
    ]
    whole = element(
        "table",
        element("caption", element("span", text(caption))),
        element("thead", element("tr", header)),
        element("tbody", *body),
        cls=" ".join([cls, *numbers, *(["s75-cards"] if cards else [])]),
    )
    scroll = element("div", whole, cls="s75-scroll", tabindex="0", role="region", aria_label=caption)
    below = (element("p", text(note), cls="s75-note") for note in notes)
    return element("div", scroll, *below, cls="s75-part")


def figure(
    title: str,
    subtitle: str,
    alt: str,
    source: str,
    drawn: tuple[bytes, float, float],
    points: str,
    data: str,
) -> str:
    """Write a figure: title, picture (with sizes in pixels) and its alternative, source, data below."""
    image = _image(drawn[0], alt, *drawn[1:], points)
    picture = element(
        "div",
        image,
        cls="s75-scroll s75-picture",
        tabindex="0",
        role="region",
        aria_label=f"Picture: {title}",
    )
    caption = [
        element("strong", text(title), cls="s75-figure-title"),
        element("span", text(subtitle), cls="s75-figure-subtitle"),
    ]
    below = [element("p", text(f"Source: {source}"), cls="s75-note")] if source else []
    summary = ["Show the data", element("span", text(f" of the figure: {title}"), cls="s75-unseen")]
    return element(
        "figure",
        element("figcaption", *caption),
        picture,
        *below,
        element("details", element("summary", *summary), data, cls="s75-data"),
        cls="s75-figure",
    )
