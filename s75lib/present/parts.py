"""What a notebook shows: headlines, tables, figures, checks; each as HTML, as text, and as data.

The data travel as one custom MIME type in the notebook's outputs, so that plain papermill carries
them to the manifest too.
"""

from __future__ import annotations

__all__ = [
    "MIME",
    "Checks",
    "Column",
    "Figure",
    "Headlines",
    "Missing",
    "Need",
    "Part",
    "Shown",
    "Table",
]

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import pandas as pd
from matplotlib.figure import Figure as Drawing

from s75lib.present import html
from s75lib.present.headline import Check, Headline
from s75lib.present.svg import drawn_svg

MIME = "application/vnd.s75+json"
HIDDEN = "c"

Style = Literal[
    "text", "number", "money", "money_k", "money_p", "percent", "change", "change_k", "points", "date", "p"
]


class Part(Protocol):
    """Anything that a notebook can show."""

    def payload(self) -> dict[str, Any]:
        """Give the part as JSON-able data."""

    def html(self) -> str:
        """Give the part as an HTML fragment without style or script."""

    def text(self) -> str:
        """Give the part as plain text."""


class Shown:
    """Gives a part its three forms in a notebook."""

    def __repr__(self: Part) -> str:
        return self.text()

    def _repr_mimebundle_(self: Part, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {MIME: self.payload(), "text/html": self.html(), "text/plain": self.text()}


@dataclass(frozen=True, repr=False)
class Headlines(Shown):
    """The findings of a notebook or of a section.

    Parameters
    ----------
    items : tuple of Headline
    """

    items: tuple[Headline, ...]

    def payload(self) -> dict[str, Any]:
        """Give the findings as data."""
        fields = ("id", "text", "value", "unit", "lower", "upper", "method")
        return {
            "kind": "headlines",
            "items": [
                {name: plain(getattr(item, name)) for name in fields}
                | ({"see": list(item.see)} if item.see else {})
                for item in self.items
            ],
        }

    def html(self) -> str:
        """Give the findings as a list."""
        return html.element(
            "ul", *(html.element("li", html.text(item.text)) for item in self.items), cls="s75-headlines"
        )

    def text(self) -> str:
        """Give the findings a line each."""
        return "\n".join(f"• {item.text}" for item in self.items)


@dataclass(frozen=True)
class Column:
    """How a column of a frame is shown.

    Parameters
    ----------
    name : str
        In the frame.
    label : str
        In the table's head.
    style : Style
        How its cells are written.
    decimals : int
        For numbers, percentages and points.
    unit : str
        For the manifest.
    """

    name: str
    label: str
    style: Style = "text"
    decimals: int = 0
    unit: str = ""


@dataclass(frozen=True, repr=False)
class Table(Shown):
    """A table with its caption.

    Parameters
    ----------
    id : str
        Stable name in the manifest.
    title : str
        The caption.
    frame : DataFrame
        One row per row shown.
    columns : tuple of Column
        Shown in this order; the first is the row's header.
    notes : tuple of str
        Printed below.
    strong : tuple of int
        Positions of rows that are totals.
    hidden : tuple of (int, str)
        Row and column of cells that disclosure control hides (see `disclosure.protect`).
    """

    id: str
    title: str
    frame: pd.DataFrame = field(repr=False)
    columns: tuple[Column, ...] = ()
    notes: tuple[str, ...] = ()
    strong: tuple[int, ...] = ()
    hidden: tuple[tuple[int, str], ...] = ()

    def payload(self) -> dict[str, Any]:
        """Give the table's columns and records, unrounded."""
        return {
            "kind": "table",
            "id": self.id,
            "title": self.title,
            "columns": [{"name": c.name, "label": c.label, "unit": c.unit} for c in self.columns],
            "records": records(self.frame[[c.name for c in self.columns]]),
            "notes": list(self.notes),
        }

    def cells(self) -> list[list[str]]:
        """Give the cells as they are printed, row by row."""
        gone = set(self.hidden)
        shown = [
            [
                HIDDEN if (row, c.name) in gone else html.cell(value, c.style, c.decimals)
                for row, value in enumerate(self.frame[c.name])
            ]
            for c in self.columns
        ]
        return [list(row) for row in zip(*shown, strict=True)]

    def html(self) -> str:
        """Give the table with caption, scopes and notes."""
        numeric = [c.style not in ("text", "date") for c in self.columns]
        return html.table(
            self.title,
            [c.label for c in self.columns],
            self.cells(),
            numeric,
            strong=self.strong,
            notes=self.notes,
        )

    def text(self) -> str:
        """Give the table as aligned text."""
        body = pd.DataFrame(self.cells(), columns=[c.label for c in self.columns])
        return f"{self.title}\n{body.to_string(index=False)}"


@dataclass(frozen=True, repr=False)
class Figure(Shown):
    """A chart with its finding, its text alternative and its data.

    Parameters
    ----------
    id : str
        Stable name in the manifest.
    title : str
        The finding, as a sentence.
    subtitle : str
        Measure, place and period.
    alt : str
        What the chart shows, for those who don't see it.
    drawing : matplotlib Figure
    data : Table
        The numbers drawn, one click away.
    source : str
        Where they come from.
    """

    id: str
    title: str
    subtitle: str
    alt: str
    drawing: Drawing = field(repr=False)
    data: Table = field(repr=False)
    source: str = ""

    def payload(self) -> dict[str, Any]:
        """Give the figure's words and data, not its picture."""
        return {
            "kind": "figure",
            "id": self.id,
            "title": self.title,
            "subtitle": self.subtitle,
            "alt": self.alt,
            "source": self.source,
            "columns": self.data.payload()["columns"],
            "records": self.data.payload()["records"],
        }

    def html(self) -> str:
        """Give the picture as SVG in the page, with title, alternative and data table."""
        svg, width, height = drawn_svg(self.drawing)
        return html.figure(
            self.title, self.subtitle, self.alt, self.source, svg, width, height, self.data.html()
        )

    def text(self) -> str:
        """Give the figure's words."""
        return f"{self.title}\n{self.subtitle}\n{self.alt}"


@dataclass(frozen=True, repr=False)
class Checks(Shown):
    """What was checked.

    Parameters
    ----------
    items : tuple of Check
    title : str
    """

    items: tuple[Check, ...]
    title: str = "Checks"

    def payload(self) -> dict[str, Any]:
        """Give the checks as data."""
        return {
            "kind": "checks",
            "items": [{"id": c.id, "passed": c.passed, "detail": c.detail} for c in self.items],
        }

    def html(self) -> str:
        """Give the checks as a table: failed ones first."""
        ordered = sorted(self.items, key=lambda check: check.passed)
        rows = [[check.detail, "Passed" if check.passed else "Failed"] for check in ordered]
        return html.table(self.title, ["Check", "Result"], rows, [False, False], cls="s75-checks")

    def text(self) -> str:
        """Give the checks a line each."""
        return "\n".join(f"{'passed' if c.passed else 'FAILED'}: {c.detail}" for c in self.items)


@dataclass(frozen=True)
class Need:
    """Data that would let an analysis run.

    Parameters
    ----------
    dataset : str
    columns : tuple of str
    gives : str
        What it would show.
    """

    dataset: str
    columns: tuple[str, ...]
    gives: str


@dataclass(frozen=True, repr=False)
class Missing(Shown):
    """An analysis that can't be done, and what it would take.

    Parameters
    ----------
    reason : str
        A sentence.
    needs : tuple of Need
    whole : bool
        Whether nothing in the notebook can be done.
    """

    reason: str
    needs: tuple[Need, ...] = ()
    whole: bool = False

    def payload(self) -> dict[str, Any]:
        """Give the gap as data."""
        if self.whole:
            return {"kind": "status", "status": "not_applicable", "reason": self.reason}
        return {
            "kind": "not_applicable",
            "reason": self.reason,
            "needs": [
                {"dataset": n.dataset, "columns": list(n.columns), "gives": n.gives} for n in self.needs
            ],
        }

    def html(self) -> str:
        """Give the reason and the list of needs."""
        body = [html.element("p", html.text(self.reason))]
        if self.needs:
            body.append(html.element("p", "What would let it run:"))
            items = [
                html.element(
                    "li",
                    html.element("code", html.text(need.dataset)),
                    html.text(" with "),
                    html.text(", ").join(html.element("code", html.text(name)) for name in need.columns),
                    html.text(f" – {need.gives}"),
                )
                for need in self.needs
            ]
            body.append(html.element("ul", *items))
        return html.element("div", *body, cls="s75-missing")

    def text(self) -> str:
        """Give the reason and the needs a line each."""
        lines = [f"  {n.dataset}: {', '.join(n.columns)} – {n.gives}" for n in self.needs]
        return "\n".join([self.reason, *lines])


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give a frame's rows as JSON-able records.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    list of dict
        Missing values are None, dates ISO text, numpy scalars plain ones.

    Examples
    --------
    >>> records(pd.DataFrame({"a": [1.0, float("nan")], "b": pd.to_datetime(["2019-12-31", None])}))
    [{'a': 1.0, 'b': '2019-12-31'}, {'a': None, 'b': None}]
    """
    names = [str(name) for name in frame.columns]
    return [
        dict(zip(names, map(plain, row), strict=True)) for row in frame.itertuples(index=False, name=None)
    ]


def plain(value: Any) -> Any:
    """Turn a cell into what JSON can hold.

    Parameters
    ----------
    value : object

    Returns
    -------
    str, int, float, bool or None

    Examples
    --------
    >>> plain(pd.Timestamp("2019-12-31")), plain(float("inf")), plain(pd.NA)
    ('2019-12-31', None, None)
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str | int | bool):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    return str(value)


def headlines(items: Iterable[Headline] | Sequence[Headline]) -> Headlines:
    """Gather findings.

    Parameters
    ----------
    items : iterable of Headline

    Returns
    -------
    Headlines
    """
    return Headlines(tuple(items))
