"""The scorecard: the grid of all measures, a row for each, with its verdict in words and a shape."""

from __future__ import annotations

__all__ = ["AREAS", "SHAPES", "Measure"]

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import pandas as pd

from s75lib.present import Column, Headline, Section, table_of, words

if TYPE_CHECKING:
    from s75lib.scorecard.study import Study

AREAS = ("Budget", "Workload", "Indicators", "Risk")
"""The four areas of a joint performance dashboard; improvement actions stand beside them."""

HARD_SPACE = "\u00a0"
"""A space at which no line breaks."""

Status = Literal["good", "bad", "watch", "level", "same", "unknown"]

Judged = tuple[Status, str]

_STATUSES: dict[Status, tuple[str, str]] = {
    "good": ("✓", "good"),
    "bad": ("✗", "bad"),
    "watch": ("!", "to be watched"),
    "level": ("≈", "without clear change"),
    "unknown": ("○", "not judged"),
    "same": ("=", "counted in other rows"),
}
SHAPES = {status: shape for status, (shape, _) in _STATUSES.items()}
"""A shape for each status."""

_SHORT = 15
_MOST = 2


@dataclass(frozen=True)
class Measure:
    """A measure of the partnership as a board reads it.

    - `against`: The budget, target or period before that the latest figure is set against.
    - `as_at`: Day or period of the latest figure.
    - `change`, `interval`: From what is in `against`, unless it says from what; empty where there is none.
    - `value`: The number that the verdict turns on: a gap in £, a change in percent, or a count.
    - `course`: What led to the latest figure, the earliest first; empty where it may not be shown.
    - `course_unit`: What that is in, where it is not what `latest` is: £, or such as "a month".
    - `rounding`: The most that rounding of what was added up can make of `change`.
    - `under`: The rows that count this position already.
    - `finding`: Id of the finding whose number it shows.
    """

    name: str
    latest: str
    against: str
    status: Status
    verdict: str
    as_at: str
    change: str = ""
    interval: str = ""
    value: float | None = None
    course: tuple[float, ...] = ()
    course_unit: str = ""
    rounding: str = ""
    under: str = ""
    finding: str = ""

    @property
    def judged(self) -> str:
        """The verdict with the shape of its status: no meaning rests on colour or on knowing =."""
        also = f" (counted in {self.under})" if self.status == "same" else ""
        return f"{SHAPES[self.status]} {self.verdict}{also}"


def brief(when: str | pd.Timestamp) -> str:
    """Write a day, a month or a year as short as a table's cell, without a place to break it.

    >>> brief("2019-11").replace(HARD_SPACE, "_"), brief(pd.Timestamp("2019-09-26")).replace(HARD_SPACE, "_")
    ('Nov_2019', '26_Sep_2019')
    """
    text = when if isinstance(when, str) else f"{when:%Y-%m-%d}"
    return words.when(text, "%b").replace(" ", HARD_SPACE)


def unbroken(text: str) -> str:
    """Keep a short text on one line."""
    return text.replace(" ", HARD_SPACE) if len(text) <= _SHORT else text


def counted_elsewhere(*others: Measure | None, under: str) -> list[Measure | None]:
    """Mark measures whose position other rows count already; their verdict stands, without its shape."""
    return [one and replace(one, status="same", under=under) for one in others]


def first_of(study: Study, said: Iterable[Headline]) -> list[Headline]:
    """Take a wing's first two findings; here they rest on the row that shows their number."""
    rows = {
        one.finding: (TABLE.id, f"{area}: {one.name}", "change" if one.change else "latest")
        for area, measures in study.measures.items()
        for one in measures
    }
    return [
        replace(one, see=(TABLE.id,), cell=one.cell if TABLE.id in (one.cell or ()) else rows.get(one.id))
        for one in list(said)[:_MOST]
    ]


def headlines(study: Study) -> list[Headline]:
    """Say of which areas nothing is held."""
    gone = [area.lower() for area in AREAS if area not in study.held]
    if not gone or not study.held:
        return []
    held = words.join([area.lower() for area in study.held])
    share = f"{len(study.held)} of {len(AREAS)}"
    text = f"Figures are held of {share} areas: {held}. Nothing is held of {words.join(gone, 'or')}."
    made = Headline(
        "scorecard.held", text, float(len(study.held)), "areas", method="count", stake="certainty"
    )
    return [replace(made, cell=(TABLE.id, "", "measure"), figure=share)]


TABLE = table_of(
    "scorecard",
    Column("measure", "Measure"),
    Column("latest", "Latest"),
    Column("against", "Compared with"),
    Column("course", "Over time", "course"),
    Column("change", "Difference"),
    Column("interval", "95% interval"),
    Column("verdict", "Verdict"),
    Column("as_at", "As at"),
    cards=True,
)


def section(study: Study) -> Section:
    """Set out every measure of every area; an area of which nothing is held has one row that says so."""
    rows = []
    for area, measures in study.measures.items():
        for one in measures:
            before, after = (one.latest, one.against), (one.change, one.interval, one.judged, one.as_at)
            shown = [unbroken(text) or "–" for text in (*before, *after)]
            course = (one.course, one.course_unit or "£" * one.latest.startswith("£"))
            rows.append([f"{area}: {one.name}", *shown[:2], course, *shown[2:]])
        if not measures:
            rows.append([f"{area}: nothing is held", "–", "–", ((), ""), "–", "–", unbroken("Not held"), "–"])
    frame = pd.DataFrame(rows, columns=[column.name for column in TABLE.columns])
    judged = Counter(one.status for measures in study.measures.values() for one in measures)
    told = words.join(
        [f"{judged[key]} {name} ({shape})" for key, (shape, name) in _STATUSES.items() if judged[key]]
    )
    title = f"Joint performance scorecard, {study.place}: {told}"
    notes = (*_how_to_read(study), _rounding(study), _later(study))
    return Section.of(headlines(study), TABLE.of(frame, title, notes=notes))


def _how_to_read(study: Study) -> list[str]:
    """Explain the columns and shapes that the card has something in."""
    every = [one for measures in study.measures.values() for one in measures]
    seen = {one.status for one in every}
    notes = {
        "Over time: from the first figure to the latest. Budget rows follow the year's budget monitor, "
        "workload rows the last 24 months, indicators every month held. Where a month counts so few people "
        "that they could be recognised, no course is shown.": any(one.course for one in every),
        "Difference: the latest figure less the one that it is compared with, or since the day that the cell "
        "names.": any(one.change for one in every),
        "95% interval: how far chance alone could move the difference.": any(one.interval for one in every),
        "Clearly better, worse, more or fewer: more than chance explains, with all tests of the report taken "
        "together. Counts must also move by more than their months usually vary. Surely missed: the whole "
        "95% interval of the latest figure is on the wrong side of the target.": any(
            word in one.verdict.lower() for one in every for word in ("clearly", "surely")
        ),
        "Rows marked = repeat other rows, or add them up, and name these.": "same" in seen,
        "○ Not judged: nothing says what would be good, or the figures contradict themselves.": "unknown"
        in seen,
        "–: there is no such figure.": bool(every),
    }
    return [note for note, needed in notes.items() if needed]


def _rounding(study: Study) -> str:
    """Say how far rounding can move the differences of rounded accounts."""
    every = [one for measures in study.measures.values() for one in measures]
    most = [(f"in “{one.name}”", one.rounding) for one in every if one.rounding]
    said = [f"Rounding alone can make up to {size} of the difference {name}." for name, size in most[:1]]
    return " ".join([*said, *(f"{words.capital(name)} it can make up to {size}." for name, size in most[1:])])


def _later(study: Study) -> str:
    """Say why a row can stand at a later day than the figures reach to."""
    known = study.data.known_to
    if known is None or study.as_at <= pd.Timestamp(known) or study.actions.empty:
        return ""
    day, reach = words.day(study.as_at), words.day(known)
    return f"Dated figures reach to {reach}. Actions are judged at {day}, the date of the latest document."
