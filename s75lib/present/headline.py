"""A finding: a number and its sentence, born together, and what is at stake with it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from s75lib.present import words

Stake = Literal["law", "money", "people", "certainty", "target", "change", "context"]

STAKES: tuple[Stake, ...] = get_args(Stake)
"""What can be at stake, the gravest first: a law that may be broken; money; people who wait and work that
nobody does; a figure that can't be true; a target missed; a change beyond chance; none of these."""


@dataclass(frozen=True)
class Headline:
    """One finding, in words and as a number.

    - `id`: Stable name, such as ``budget.position``: two reports are compared by it.
    - `value`: The number that the sentence turns on; None where the finding is that there is none.
    - `see`: Ids of the tables, figures and checks that it rests on; empty: the report looks for its number.
    - `stake`: One of `STAKES`, by which the summary ranks it.
    - `cell`: Where `value` stands, whatever its sign: table, the row's first cell, the column's name. A blank
      row: it is made of the whole column.
    - `figure`: What the summary writes large; empty: `value` with its unit.
    - `against`: What `value` is set against, in its unit: a target, a budget, what there is.
    - `line`: What that is, in a word or two, where it is not the whole that `value` is a part of.
    - `course`: The values that led to `value`, the earliest first, for a small chart.
    - `about`: The one service group or team that it is about, as the data write it; empty: any.
    """

    id: str
    text: str
    value: float | None = None
    unit: str | None = None
    lower: float | None = None
    upper: float | None = None
    method: str | None = None
    see: tuple[str, ...] = ()
    stake: Stake = "context"
    cell: tuple[str, str, str] | None = None
    figure: str = ""
    against: float | None = None
    line: str = ""
    course: tuple[float, ...] = ()
    about: str = ""

    @property
    def sentence(self) -> str:
        """Its first sentence, which is what the summary gives of its text."""
        return _SENTENCES.split(self.text, maxsplit=1)[0]

    @property
    def large(self) -> str:
        """Its number as the summary writes it; the unit stands behind it unless it is £ or %."""
        if self.figure or self.value is None:
            return self.figure
        unit, value = self.unit or "", self.value
        if unit.startswith("£"):
            return words.amount(abs(value)) + unit[1:]
        if unit == "percent":
            return words.percent(value, 0 if abs(value) >= 10 else 1)
        if unit in _CHANGES:
            return f"{words.signed(value, 1 if abs(value) < 10 else 0)} {_CHANGES[unit]}"
        counted = "" if unit == "count" else f" {unit}"
        return f"{words.number(value, 0 if value == round(value) or abs(value) >= 10 else 1)}{counted}"


_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“])")
_LEVEL = re.compile(r"\d+%(?=( prediction)? interval)")
_TWO = 2  # figures have a difference, and no course between them
_CHANGES = {"percentage points": "points", "a month": "a month"}


@dataclass(frozen=True)
class Check:
    """Something that must hold, whether it does, and in `detail` what was compared with what."""

    id: str
    passed: bool
    detail: str


def ranked(sections: Iterable[Sequence[Headline]], most: int = 5) -> tuple[Headline, ...]:
    """Choose the findings that a page opens with.

    By what is at stake (`STAKES`); at one stake the first of each section before the second of any, then in
    the page's order. Findings at no stake stand there only where no other does.

    >>> late = Headline("work.late", "12 reviews are late.", stake="people")
    >>> over = Headline("money.over", "£770k over budget.", stake="money")
    >>> [one.id for one in ranked([[late], [over, Headline("money.lines", "24 lines.")]])]
    ['money.over', 'work.late']
    """
    order: list[tuple[int, int, int, int, Headline]] = []
    for place, section in enumerate(sections):
        seen: defaultdict[Stake, int] = defaultdict(int)
        for one in section:
            order.append((STAKES.index(one.stake), seen[one.stake], place, len(order), one))
            seen[one.stake] += 1
    found = [key[-1] for key in sorted(order, key=lambda key: key[:-1])]
    return tuple([one for one in found if one.stake != "context"] or found)[:most]


def marks(one: Headline) -> dict[str, float | list[float]]:
    """Place a finding's number, interval and target, or its course, between 0 and 100 for a small chart.

    Empty where there is nothing that the number could be set against, and of two figures: no course.
    """
    if one.course:
        return {"course": _placed(one.course, one.course)} if len(one.course) > _TWO else {}
    held = {"value": one.value, "lower": one.lower, "upper": one.upper, "against": one.against}
    if one.against is None and one.lower is not None and one.unit in _CHANGES:
        held["against"] = 0.0
    known = {name: float(number) for name, number in held.items() if number is not None}
    if one.value is None or len(known) < 2:
        return {}
    scale = list(known.values()) if one.lower is not None else [0.0, *known.values()]
    return dict(zip(known, _placed(list(known.values()), scale), strict=True))


def shows(one: Headline, value: float | None, lower: float | None, upper: float | None) -> str:
    """Say in a few words what the small chart beside a finding draws; nothing where it has none.

    - `one`: As `marks` takes it.
    - `value`, `lower`, `upper`: Its own, as exactly as its sentence gives them.

    >>> short = Headline("a.b", "8% of days are short.", 8.0, "percent", 4.8, 11.5, against=5.0, line="aim")
    >>> shows(short, 8.0, 5.0, 12.0)
    'Interval: 5% to 12%. Mark: aim, 5%'
    >>> shows(Headline("a.b", "It takes 64 staff.", 64.0, "WTE", 53.0, 77.0), 64.0, 53.0, 77.0)
    'Interval: 53 to 77 WTE'
    >>> shows(Headline("a.b", "3 of 6 are extreme.", 3.0, against=6.0), 3.0, None, None)
    'Bar: 3 of 6'
    >>> shows(Headline("a.b", "It rose.", 3.0, "£", course=(1e4, 2e4, 3e4)), 3.0, None, None)
    'From £10k to £30k'
    """
    if not marks(one):
        return ""
    if one.course:
        return words.course(one.course, one.unit or "")
    line = "" if one.against is None else _written(one, one.against)
    if one.lower is None:
        whole = one.line or line
        return f"Bar: {_written(one, value)}{f' of {whole}' if whole else ''}"
    if line or one.unit in _CHANGES:
        line = f". Mark: {', '.join(filter(None, [one.line, line])) or 'no change'}"
    unit = one.unit or ""
    noun = "" if unit.startswith("£") or unit in ("", "percent", "count") else f" {_CHANGES.get(unit, unit)}"
    level = _LEVEL.search(one.text)
    interval = f"{level[0]} interval" if level else "Interval"
    return f"{interval}: {_written(one, lower)} to {_written(one, upper)}{noun}{line}"


def _written(one: Headline, number: float | None) -> str:
    """Write a number of a finding short, without its unit's noun."""
    if number is None:
        return "–"
    decimals = words.said_decimals(number, one.text)
    if decimals is None:  # no more than the number has
        decimals = min(words.significant(number), len(f"{number:.10g}".partition(".")[2]))
    decimals = max(0, decimals)
    unit = one.unit or ""
    if unit.startswith("£"):
        return words.amount(number)
    return words.percent(number, decimals) if unit == "percent" else words.number(number, decimals)


def _placed(values: Sequence[float], scale: Sequence[float]) -> list[float]:
    low, spread = min(scale), (max(scale) - min(scale)) or 1.0
    return [round(4 + 92 * (value - low) / spread, 1) for value in values]
