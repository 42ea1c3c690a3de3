"""A look into an OpenDocument sheet: its extent, its faulty cells, its percentages."""

from __future__ import annotations

__all__ = ["BadCell", "Look", "look_into_open_document"]

from collections.abc import Iterable
from typing import NamedTuple
from xml.parsers import expat

_MOST_ALIKE = 1_000  # cells alike, side by side, that are looked at


class BadCell(NamedTuple):
    """A cell that a reader would show as a blank: its row and column from 0, and what it holds."""

    row: int
    column: int
    holds: str


class Look(NamedTuple):
    """What the XML of a sheet says: its extent, faulty cells, and cells shown as a percentage.

    Parameters
    ----------
    cells, area : int
        Filled cells, and those from the first to the last.
    bad : tuple of BadCell
    percents : frozenset of (int, int)
        Row and column, from 0, of numbers that are shown times a hundred.
    """

    cells: int
    area: int
    bad: tuple[BadCell, ...] = ()
    percents: frozenset[tuple[int, int]] = frozenset()


def look_into_open_document(parts: Iterable[bytes], sheet: str) -> Look:
    """Look into an OpenDocument sheet.

    Parameters
    ----------
    parts : iterable of bytes
        Its content.xml, piece by piece.
    sheet : str

    Returns
    -------
    Look
    """
    counter = _Counter(sheet)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = counter.start
    parser.EndElementHandler = counter.end
    parser.CharacterDataHandler = counter.text
    for part in parts:
        parser.Parse(part, False)
    parser.Parse(b"", True)
    return Look(counter.cells, counter.area, tuple(counter.bad), frozenset(counter.percents))


class _Counter:
    """Count the cells of a table in the XML of an OpenDocument sheet, repeats included."""

    def __init__(self, sheet: str) -> None:
        self.sheet, self.inside = sheet, False
        self.row = self.column = self.rows_here = self.width = 0
        self.cells = self.area = 0
        self.bad: list[BadCell] = []
        self.percents: set[tuple[int, int]] = set()
        self._cell: tuple[int, bool, bool] | None = None
        self._filled_row = False
        self._words = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        said = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if name == "table":
            self.inside = self.inside or said.get("name") == self.sheet
        elif not self.inside:
            return
        elif name == "table-row":
            self.rows_here = int(said.get("number-rows-repeated", 1))
            self.column, self._filled_row = 0, False
        elif name in ("table-cell", "covered-table-cell"):
            is_error = any(
                key.endswith("value-type") and value == "error" for key, value in attributes.items()
            )
            filled = "value-type" in said
            if said.get("value-type") == "percentage":
                repeated = int(said.get("number-columns-repeated", 1))
                self.percents.update((self.row, self.column + n) for n in range(min(repeated, _MOST_ALIKE)))
            self._cell = (int(said.get("number-columns-repeated", 1)), filled or is_error, is_error)
            self._words = ""

    def text(self, words: str) -> None:
        if self._cell and len(self._words) < 20:
            self._words += words

    def end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name == "table":
            self.inside = False
        elif not self.inside:
            return
        elif name in ("table-cell", "covered-table-cell") and self._cell:
            repeated, filled, is_error = self._cell
            if filled or self._words:
                self._filled_row = True
                self.cells += repeated * self.rows_here
                self.width = max(self.width, self.column + repeated)
            if is_error:
                self.bad.append(BadCell(self.row, self.column, self._words[:20] or "#ERROR!"))
            self.column += repeated
            self._cell = None
        elif name == "table-row":
            self.row += self.rows_here
            if self._filled_row:
                self.area = max(self.area, self.row * self.width)
