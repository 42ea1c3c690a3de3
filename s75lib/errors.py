"""The errors that s75lib raises: one family, each of which says what to do next."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from typing import Any

UNPRINTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Controls and bidirectional marks: they take over a terminal, or turn the figures of a sentence round."""

_NAMED = 3  # rows, sheets or findings of one cause that are named before the others are counted
_WORDS = {"true": True, "yes": True, "false": False, "no": False, "none": None}


class S75Error(Exception):
    """Base of every error that s75lib raises on purpose."""


class ConfigError(S75Error):
    """The call is at fault: an unknown authority, notebook, period or parameter, or a bad authority.toml."""


class MethodError(S75Error):
    """A statistical method was asked for what it cannot do, such as a negative count."""


class RunError(S75Error):
    """A report could not be made although the call and the data were sound."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one place of the data.

    - `file`: File name, relative to the authority's folder.
    - `found`, `expected`, `remedy`: What stands there, what should, and what to do about it.
    - `sheet`, `column`: Where in the file; empty when the fault is of the whole file.
    - `row`: Row as a spreadsheet numbers it: the header is row 1.
    - `severity`: ``error`` stops the dataset, ``warning`` does not.
    """

    file: str
    found: str
    expected: str
    remedy: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        place = [self.file]
        if self.sheet:
            place.append(f"sheet {self.sheet}")
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column}")
        return f"{', '.join(place)}: found {self.found}; expected {self.expected}. {self.remedy}"


warning = partial(Fault, severity="warning")
"""A fault that does not stop its dataset."""


def listed(names: Iterable[object], most: int = 5) -> str:
    """Name the first of some things, and count the others.

    >>> listed(range(2, 9))
    '2, 3, 4, 5, 6 and 2 more'
    """
    every = [str(name) for name in names]
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")


def did_you_mean(name: str, known: Collection[str], otherwise: str = "") -> str:
    """Ask whether the nearest of some known names was meant; `otherwise` where none is near."""
    near = get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]!r}?" if near else otherwise


@dataclass(frozen=True)
class Cause:
    """What several faults have in common: the same thing expected in the same column, the same thing to do.

    - `fault`: With what was found in them all, and where; its row only where there is one.
    - `rows`: All rows, in order; empty where they are of several sheets.
    """

    fault: Fault
    rows: tuple[int, ...] = ()

    @property
    def rows_named(self) -> str:
        """The first rows and the number of the others, such as ``8, 9, 16 … and 9 more``."""
        return _some([str(row) for row in self.rows])

    def __str__(self) -> str:
        fault = self.fault
        if len(self.rows) < 2:
            return str(fault)
        place = ", ".join(
            part
            for part in (
                fault.file,
                f"sheet {fault.sheet}" if fault.sheet else "",
                f"column {fault.column}" if fault.column else "",
            )
            if part
        )
        found = f"{fault.found} in rows {self.rows_named}"
        return f"{place}: found {found}; expected {fault.expected}. {fault.remedy}"


def causes(faults: Iterable[Fault]) -> list[Cause]:
    """Gather faults by their cause, in the order in which each is first met.

    >>> fault = Fault("a.csv", "'Income'", "a kind", "Correct it.", column="kind")
    >>> print(*causes(replace(fault, row=row) for row in range(2, 9)))
    a.csv, column kind: found 'Income' in rows 2, 3, 4 … and 4 more; expected a kind. Correct it.
    """
    in_sheets: dict[tuple[object, ...], list[Fault]] = {}
    for fault in faults:
        place = (fault.file, fault.sheet, fault.column, fault.row is None)
        in_sheets.setdefault((*place, fault.expected, fault.remedy, fault.severity), []).append(fault)
    alike: dict[tuple[Fault, bool], list[Cause]] = {}
    for some in in_sheets.values():
        rows = tuple(sorted({fault.row for fault in some if fault.row is not None}))
        found = _some(list(dict.fromkeys(fault.found for fault in some)))
        one = replace(some[0], found=found, row=rows[0] if len(rows) == 1 else None)
        alike.setdefault((replace(one, sheet="", row=None), bool(rows)), []).append(Cause(one, rows))
    return [
        same[0]
        if len(same) == 1
        else Cause(replace(common, sheet=_some([cause.fault.sheet for cause in same])))
        for (common, _), same in alike.items()
    ]


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" … and {more:,} more" if more > 0 else "")


class DataError(S75Error):
    """The data are at fault; carries every fault found, not the first alone, and tells them once a cause.

    - `faults`: At least one.

    >>> fault = Fault(file="kpi.csv", row=4, column="value", found="140",
    ...               expected="a percentage from 0 to 100", remedy="Correct the cell.")
    >>> print(DataError([fault]))
    1 fault in the data:
      kpi.csv, row 4, column value: found 140; expected a percentage from 0 to 100. Correct the cell.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        told = causes(self.faults)
        noun = "fault" if len(self.faults) == 1 else "faults"
        of = "" if len(told) == len(self.faults) else f", of {len(told)} cause{'' if len(told) == 1 else 's'}"
        lines = [f"{len(self.faults):,} {noun} in the data{of}:", *(f"  {cause}" for cause in told)]
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type[DataError], tuple[tuple[Fault, ...]]]:
        # Exceptions pickle by their message; ours must keep the faults across processes.
        return type(self), (self.faults,)


def read_parameter(value: Any, types: Sequence[str]) -> Any:
    """Give a parameter's value as one of the types named; a text is read as on a command line.

    ``"yes"`` and ``"false"`` are flags, ``"12"`` is a number, where no text is asked for. An int is taken
    for a float. A bool is no int, and NaN and infinity are no numbers here. ValueError for all else.

    >>> read_parameter("no", ["bool"]), read_parameter("2", ["float"]), read_parameter("2019", ["str"])
    (False, 2.0, '2019')
    """
    if isinstance(value, str) and "str" not in types:
        text = value.strip()
        try:
            value = _WORDS[text.lower()] if text.lower() in _WORDS else ast.literal_eval(text[:1_000])
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ValueError from None
    if not isinstance(value, str | bytes) and type(value).__module__ == "numpy" and hasattr(value, "item"):
        value = value.item()
    kind = "None" if value is None else type(value).__name__
    if kind == "int" and "int" not in types and "float" in types:
        value, kind = (float(value) if abs(value) < 2**1000 else float("inf")), "float"
    if kind not in types or (isinstance(value, float) and value - value != 0):
        raise ValueError
    return value


def checked_parameter(name: str, value: Any, *types: str, example: object) -> Any:
    """Read a parameter as `read_parameter` does; a ConfigError says what was found and what expected.

    >>> checked_parameter("internal", "no", "bool", example=False)
    False
    """
    try:
        return read_parameter(value, types)
    except ValueError:
        raise ConfigError(
            f"parameter {name!r}: found {str(value)[:40]!r} ({type(value).__name__}); expected "
            f"{' | '.join(types)}, such as {example!r}. Correct the value."
        ) from None
