"""A finding: a number and its sentence, born together, and what is at stake with it."""

from __future__ import annotations

__all__ = ["STAKES", "Check", "Headline", "Stake", "ranked"]

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Stake = Literal["law", "money", "people", "certainty", "target", "change", "context"]

STAKES: tuple[Stake, ...] = get_args(Stake)
"""What can be at stake, the gravest first: a law that may be broken; money; people who wait and work that
nobody does; a figure that can't be true; a target missed; a change beyond chance; none of these."""


@dataclass(frozen=True)
class Headline:
    """One finding, in words and as a number.

    Parameters
    ----------
    id : str
        Stable name, such as ``budget.position``: two reports are compared by it.
    text : str
        A whole sentence.
    value : float or None
        The number that the sentence turns on; None where the finding is that there is none.
    unit : str or None
        £, percent, percentage points, people …
    lower, upper : float or None
        Interval of `value`, in its unit.
    method : str or None
        How it was computed.
    see : tuple of str
        Ids of the tables, figures and checks that it rests on; empty: the report looks for its number.
    stake : str
        One of `STAKES`, by which the summary ranks it.
    cell : tuple of str
        Where `value` stands, whatever its sign: the id of the table, the row's first cell, the column's name.
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


@dataclass(frozen=True)
class Check:
    """Something that must hold, whether it does, and in `detail` what was compared with what."""

    id: str
    passed: bool
    detail: str


def ranked(sections: Iterable[Sequence[Headline]], most: int = 5) -> tuple[Headline, ...]:
    """Choose the findings that a page opens with.

    Parameters
    ----------
    sections : iterable of sequence of Headline
        The findings of each section, in the page's order.
    most : int
        How many at most.

    Returns
    -------
    tuple of Headline
        By what is at stake (`STAKES`); at one stake the first of each section before the second of any, then
        in the page's order. Findings at no stake stand there only where no other does.

    Examples
    --------
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
