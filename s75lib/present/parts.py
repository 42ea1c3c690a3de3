"""What a notebook shows: findings, tables, figures, gaps; each as HTML, as text, and as data.

The data travel as one custom MIME type in the notebook's outputs, so that plain papermill carries
them to the manifest too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Drawing

from s75lib.errors import MethodError
from s75lib.loaders.data import all_internal
from s75lib.present import html, words
from s75lib.present.headline import Check, Headline, marks, shows
from s75lib.present.request import data_request
from s75lib.present.svg import drawn_points, drawn_svg

MIME = "application/vnd.s75+json"

HIDDEN = "c"
"""What a cell says that disclosure control hides."""

_ESCAPED = str.maketrans({"\n": "\\n", "\r": "\\r", "\t": "\\t"})

Style = Literal[
    "text",
    "number",
    "money",
    "money_k",
    "money_p",
    "percent",
    "change",
    "change_k",
    "points",
    "date",
    "p",
    "course",
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
    """Gives a part its three forms in a notebook: for the page, for a terminal, and for the manifest."""

    def __repr__(self: Part) -> str:
        return self.text()

    def _repr_mimebundle_(self: Part, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {MIME: self.payload(), "text/html": self.html(), "text/plain": self.text()}


# Findings and checks


@dataclass(frozen=True, repr=False)
class Headlines(Shown):
    """The findings of a section."""

    items: tuple[Headline, ...]
    kind = "headlines"

    def payload(self) -> dict[str, Any]:
        """Give the findings as data, their numbers as exactly as the sentence does."""
        return {"kind": self.kind, "items": [_finding(item) for item in self.items]}

    def html(self) -> str:
        """Give the findings as a list."""
        items = [html.element("li", html.text(item.text)) for item in self.items]
        return html.element("ul", *items, cls="s75-headlines")

    def text(self) -> str:
        """Give the findings a line each."""
        return "\n".join(f"• {item.text}" for item in self.items)


def _finding(item: Headline) -> dict[str, Any]:
    """Give a finding as data, each number with the decimals that its sentence gives it."""
    value, *ends = (plain(number) for number in (item.value, item.lower, item.upper))
    said = [words.said_decimals(end, item.text) for end in ends if end is not None]
    decimals = None
    if value is not None:
        decimals = words.said_decimals(value, item.text)
        decimals = words.significant(value, item.text) if decimals is None else decimals
    # Both ends are said, or neither is: one alone is another number that happens to be alike.
    places = said if len(said) == 2 and None not in said else [decimals, decimals]
    lower, upper = map(as_printed, ends, places)
    known = {"id": item.id, "text": item.text, "value": as_printed(value, decimals), "unit": item.unit}
    known |= {"lower": lower, "upper": upper, "method": item.method, "decimals": decimals}
    return known | {name: list(given) for name, given in (("see", item.see), ("cell", item.cell)) if given}


@dataclass(frozen=True, repr=False)
class Summary(Headlines):
    """The findings that a page opens with; each stands again in its section."""

    kind = "summary"

    def payload(self) -> dict[str, Any]:
        """Give the findings, and of each what is drawn: its number large, one sentence, its marks."""
        held = super().payload()
        drawn = [
            {
                "large": one.large,
                "said": one.sentence,
                "alarm": one.stake == "law",
                "marks": marks(one),
                "shows": shows(one, *(found[name] for name in ("value", "lower", "upper"))),
            }
            for one, found in zip(self.items, held["items"], strict=True)
        ]
        return held | {"drawn": drawn}


@dataclass(frozen=True, repr=False)
class Checks(Shown):
    """What was checked."""

    items: tuple[Check, ...]
    title: str = "Checks"

    def payload(self) -> dict[str, Any]:
        """Give the checks as data."""
        items = [{"id": c.id, "passed": c.passed, "detail": c.detail} for c in self.items]
        return {"kind": "checks", "items": items}

    def html(self) -> str:
        """Give the checks as a table: failed ones first."""
        ordered = sorted(self.items, key=lambda check: check.passed)
        rows = [[check.detail, "Passed" if check.passed else "Failed"] for check in ordered]
        return html.table(self.title, ["Check", "Result"], rows, [False, False], cls="s75-checks")

    def text(self) -> str:
        """Give the checks a line each."""
        return "\n".join(f"{'passed' if c.passed else 'FAILED'}: {c.detail}" for c in self.items)


@dataclass(frozen=True)
class Heading:
    r"""A heading among parts, for what the notebook cannot know beforehand, such as an indicator's name.

    Level 3 stands below the notebook's sections.

    >>> Heading("Reviews *in* 12 months")._repr_mimebundle_()["text/markdown"]
    '### Reviews \\*in\\* 12 months'
    """

    title: str
    level: int = 3

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        line = " ".join(self.title.split())
        safe = re.sub(r"([\\`*_{}\[\]()<>#&|~!])", r"\\\1", line)
        return {"text/markdown": f"{'#' * self.level} {safe}", "text/plain": line}


class Details(Shown):
    """A mark in a section: what follows is detail, which the page folds and prints on demand."""

    def payload(self) -> dict[str, Any]:
        """Give the mark."""
        return {"kind": "details"}

    def html(self) -> str:
        """Give a line."""
        return "<hr>"

    def text(self) -> str:
        """Give a line."""
        return "Details"


# Gaps


@dataclass(frozen=True)
class Need:
    """Columns of a dataset that would let an analysis run, and what it would show."""

    dataset: str
    columns: tuple[str, ...]
    gives: str


@dataclass(frozen=True, repr=False)
class Missing(Shown):
    """An analysis that can't be done, why, and what it would take; `whole`: nothing of the notebook can."""

    reason: str
    needs: tuple[Need, ...] = ()
    whole: bool = False

    @classmethod
    def of(cls, reason: str, dataset: str, columns: tuple[str, ...], gives: str) -> Missing:
        """Say why an analysis can't be done, and which columns of a dataset would let it run."""
        return cls(reason, (Need(dataset, columns, gives),))

    def payload(self) -> dict[str, Any]:
        """Give the gap as data."""
        if self.whole:
            return {"kind": "status", "status": "not_applicable", "reason": self.reason}
        needs = [{"dataset": n.dataset, "columns": list(n.columns), "gives": n.gives} for n in self.needs]
        return {"kind": "not_applicable", "reason": self.reason, "needs": needs}

    def html(self) -> str:
        """Give the reason and the list of needs; of a whole notebook, what to ask for and whom."""
        if self.whole:
            return data_request(self.reason, self.needs)
        body = [html.element("p", html.text(self.reason))]
        if self.needs:
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
            body += [html.element("p", "What would let it run:"), html.element("ul", *items)]
        return html.element("div", *body, cls="s75-missing")

    def text(self) -> str:
        """Give the reason and the needs a line each."""
        lines = [f"  {n.dataset}: {', '.join(n.columns)} – {n.gives}" for n in self.needs]
        return "\n".join([self.reason, *lines])


# Tables


@dataclass(frozen=True)
class Column:
    """How a column of a frame is shown; a cell is not where one of the columns in `hides` is true."""

    name: str
    label: str
    style: Style = "text"
    decimals: int = 0
    unit: str = ""
    hides: tuple[str, ...] = ()

    @property
    def printed_decimals(self) -> int | None:
        """With how many decimals its numbers are printed, -3 for thousands; None where it holds none."""
        return html.decimals_of(self.style, self.decimals)

    def written(self, value: Any) -> Any:
        """Give a cell as a manifest holds it; a p-value that is printed as below 0.001 is 0."""
        held = plain(value)
        tiny = self.style == "p" and held is not None and held < 0.001
        return as_printed(held, 2 if tiny else self.printed_decimals)


@dataclass(frozen=True, repr=False)
class Table(Shown):
    """A table with its caption.

    - `id`: Stable name in the manifest.
    - `columns`: Shown in this order; the first is the row's header.
    - `strong`: Positions of rows that are totals.
    - `hidden`: Row and column of cells that disclosure control hides, but for texts that are `HIDDEN`.
    - `cards`: Whether each row is a card on a telephone.
    - `about`: The one service group or team that it is about, as in `Headline`.
    """

    id: str
    title: str
    frame: pd.DataFrame = field(repr=False)
    columns: tuple[Column, ...] = ()
    notes: tuple[str, ...] = ()
    strong: tuple[int, ...] = ()
    hidden: tuple[tuple[int, str], ...] = ()
    cards: bool = False
    about: str = ""

    def payload(self) -> dict[str, Any]:
        """Give the table's columns and records, numbers as exactly as they are printed."""
        return {
            "kind": "table",
            "id": self.id,
            "title": self.title,
            "columns": [
                {"name": c.name, "label": c.label, "unit": c.unit, "decimals": c.printed_decimals}
                for c in self.columns
            ],
            "records": _zipped({c.name: [c.written(v) for v in self._columns[c.name]] for c in self.columns}),
            "notes": list(self.notes),
        } | ({"hidden": self._places()} if self.hidden else {})

    def _places(self) -> list[list[int]]:
        """Give row and column of each hidden cell, as numbers."""
        names = [c.name for c in self.columns]
        return sorted([row, names.index(name)] for row, name in self.hidden if name in names)

    def cells(self) -> list[list[str]]:
        """Give the cells as they are printed, row by row."""
        return [list(row) for row in zip(*self._printed, strict=True)]

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        return {
            c.name: [words.course(*v) for v in self.frame[c.name]]
            if c.style == "course"
            else self.frame[c.name].tolist()
            for c in self.columns
        }

    @cached_property
    def _printed(self) -> list[list[str]]:
        """The cells as they are printed, column by column."""
        gone = set(self.hidden)
        return [
            [
                HIDDEN
                if (row, c.name) in gone
                else html.cell(value, "text" if c.style == "course" else c.style, c.decimals)
                for row, value in enumerate(self._columns[c.name])
            ]
            for c in self.columns
        ]

    def html(self) -> str:
        """Give the table with caption, scopes and notes."""
        numeric = [c.style not in ("text", "date", "course") for c in self.columns]
        labels = [c.label for c in self.columns]
        columns = [
            [html.sparkline(*v) for v in self.frame[c.name]] if c.style == "course" else printed
            for c, printed in zip(self.columns, self._printed, strict=True)
        ]
        rows = list(zip(*columns, strict=True))
        return html.table(
            self.title, labels, rows, numeric, strong=self.strong, notes=self.notes, cards=self.cards
        )

    def text(self) -> str:
        """Give the table as aligned text."""
        columns = [_aligned([c.label, *cells]) for c, cells in zip(self.columns, self._printed, strict=True)]
        return "\n".join([self.title, *(" ".join(line) for line in zip(*columns, strict=True))])


@dataclass(frozen=True)
class TableOf:
    """A table as its section declares it, once; rows and caption come when it is shown.

    `totals` are the rows at its foot that are totals, `counted` is what the note below hidden cells calls
    those who are counted, and `cards` has each row be a card on a telephone.

    >>> teams = TableOf("teams", (Column("team", "Team"), Column("cost", "£", "money", hides=("few",))))
    >>> rows = pd.DataFrame({"team": ["North", "South"], "cost": [900.0, 5100.0], "few": [True, False]})
    >>> teams.of(rows, "Cost by team", fewest=5).cells()
    [['North', 'c'], ['South', '5,100']]
    """

    id: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    totals: int = 0
    counted: str = "people"
    cards: bool = False

    def of(
        self,
        rows: pd.DataFrame,
        title: str,
        *,
        notes: Sequence[str] = (),
        totals: int | None = None,
        strong: Sequence[int] | None = None,
        fewest: int = 0,
    ) -> Table:
        """Fill the table with rows, which hold every declared column and every column that hides.

        `notes` are printed below those that are declared; `totals` counts the rows at the foot that are
        totals, in place of those declared, and `strong` gives positions of others. MethodError if a column is
        not in `rows`, or cells may have to be hidden and `fewest` is not given.
        """
        named = [name for c in self.columns for name in (c.name, *c.hides)]
        if unknown := sorted(set(named) - set(rows.columns)):
            raise MethodError(f"table {self.id!r}: found no column {', '.join(unknown)} in its rows.")
        frame, said = rows.reset_index(drop=True), [*self.notes, *notes]
        gone = {
            c.name: frame[list(c.hides)].to_numpy(dtype=bool).any(axis=1) for c in self.columns if c.hides
        }
        if gone and not fewest:
            raise MethodError(f"table {self.id!r} hides small counts: give the fewest that it may show.")
        cells = [(row, name) for name, flags in gone.items() for row in np.flatnonzero(flags).tolist()]
        if cells:
            frame = without(frame, gone)
            said.append(hidden_note(self.counted, fewest))
        last = len(frame) - (self.totals if totals is None else totals)
        places = range(last, len(frame)) if strong is None else strong
        return Table(
            self.id,
            title,
            frame,
            self.columns,
            tuple(filter(None, said)),
            tuple(places),
            tuple(cells),
            self.cards,
        )


def table_of(
    id: str,
    *columns: Column,
    notes: tuple[str, ...] = (),
    totals: int = 0,
    counted: str = "people",
    cards: bool = False,
) -> TableOf:
    """Declare a table, its columns one after the other.

    >>> table_of("teams", Column("team", "Team"), notes=("Since April.",)).columns[0].label
    'Team'
    """
    return TableOf(id, columns, notes, totals, counted, cards)


def hidden_note(counted: str, fewest: int) -> str:
    """Say below a table why cells are hidden."""
    return f"c: hidden, because a count of {counted} below {fewest} is in it or could be worked out from it."


def without(frame: pd.DataFrame, gone: Mapping[str, Any]) -> pd.DataFrame:
    """Take cells out of a frame: of each column named, those whose flag is true."""
    texts = {name for name in gone if not pd.api.types.is_numeric_dtype(frame[name])}
    made = {
        name: frame[name].mask(flags, HIDDEN)
        if name in texts
        else pd.array(np.where(flags, np.nan, frame[name].to_numpy(dtype=float, na_value=np.nan)), "Float64")
        for name, flags in gone.items()
    }
    return frame.assign(**made)


def _aligned(column: Sequence[str]) -> list[str]:
    cells = [cell.translate(_ESCAPED) for cell in column]
    width = max(map(len, cells))
    return [cell.rjust(width) for cell in cells]


# Figures


@dataclass(frozen=True, repr=False)
class Figure(Shown):
    """A chart with its finding (`title`), its text alternative and the numbers drawn, one click away."""

    id: str
    title: str
    subtitle: str
    alt: str
    drawing: Drawing = field(repr=False)
    data: Table = field(repr=False)
    source: str = ""
    about: str = ""

    def payload(self) -> dict[str, Any]:
        """Give the figure's words and data, not its picture."""
        own = {
            "kind": "figure",
            "id": self.id,
            "title": self.title,
            "subtitle": self.subtitle,
            "alt": self.alt,
            "source": self.source,
        }
        return self.data.payload() | own

    def html(self) -> str:
        """Give the picture as SVG in the page, with title, alternative and data table."""
        drawn = drawn_svg(self.drawing)
        finest = max(column.printed_decimals or 0 for column in self.data.columns)
        points = drawn_points(self.drawing, 3 if all_internal() else max(finest, 0))
        return html.figure(self.title, self.subtitle, self.alt, self.source, drawn, points, self.data.html())

    def text(self) -> str:
        """Give the figure's words."""
        return f"{self.title}\n{self.subtitle}\n{self.alt}"


# Frames and cells as JSON can hold them


def as_printed(value: Any, decimals: int | None) -> Any:
    """Round what a manifest is to hold as the page prints it; what is for internal use alone stays exact."""
    if decimals is None or all_internal() or isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return words.rounded(value, decimals)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give a frame's rows as JSON-able records."""
    return _zipped({str(name): values.tolist() for name, values in frame.items()})


def _zipped(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    rows = zip(*(map(plain, values) for values in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def plain(value: Any) -> Any:
    """Turn a cell into text, a number, a boolean or None: what JSON can hold."""
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
