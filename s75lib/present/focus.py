"""A report on one service group or team: rows and charts chosen from the full report, none made anew.

So a cut tells nothing that the whole does not tell, and no count can be got as the difference of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from s75lib.loaders import AuthorityData, Period
from s75lib.loaders.data import cut_asked_for
from s75lib.present import html, words
from s75lib.present.headline import Headline
from s75lib.present.parts import Details, Figure, Heading, Headlines, Missing, Shown, Table


@dataclass(frozen=True, repr=False)
class Focus(Shown):
    """What a report is cut to: `kind` is ``service_group`` or ``team``."""

    kind: str
    value: str

    @property
    def named(self) -> str:
        """What it is in a sentence, such as team Alder."""
        return f"{self.kind.replace('_', ' ')} {self.value}"

    @property
    def names(self) -> frozenset[str]:
        """How tables write it."""
        return frozenset({self.value, words.service_group(self.value)})

    def has(self, part: Headline | Table | Figure) -> bool:
        """Say whether a finding, a table or a chart is about it alone."""
        return part.about == self.value

    def payload(self) -> dict[str, Any]:
        """Give it as data."""
        return {"kind": "focus", "of": self.kind, "value": self.value}

    def html(self) -> str:
        """Give the sentences as a paragraph."""
        return html.element("p", html.text(self.text()), cls="s75-note")

    def text(self) -> str:
        """Say what a reader has before him."""
        return (
            f"This report is cut to {self.named}: the rows, charts and findings of the full report that are "
            "about it. Nothing is recalculated, so the two agree."
        )


@dataclass(frozen=True, repr=False)
class Compared(Shown):
    """Which earlier period a report compares with; `notes` say where it can't, or how."""

    period: Period
    notes: tuple[str, ...] = ()

    def payload(self) -> dict[str, Any]:
        """Give it as data."""
        return {"kind": "compared", "period": self.period.label, "notes": list(self.notes)}

    def html(self) -> str:
        """Give the sentences as a paragraph."""
        return html.element("p", html.text(self.text()), cls="s75-note")

    def text(self) -> str:
        """Say what a reader has before him."""
        return " ".join((f"Compared with {words.when(self.period.label)}, as was asked for.", *self.notes))


def find_focus(data: AuthorityData, service_group: str, team: str) -> Focus | None:
    """Read what a report is to be cut to; a ConfigError names the nearest that the data hold."""
    found = cut_asked_for(data.names, service_group, team)
    return Focus(*found) if found else None


def chosen(parts: Iterable[Any], focus: Focus) -> Iterator[Any]:
    """Yield what a section's parts say of the focus, or that they are not divided so."""
    every = tuple(parts)
    tables = {part.id for part in every if isinstance(part, Table)}
    found = False
    waiting: list[Any] = []
    for part in every:
        match part:
            case Heading():
                waiting = [part]
                continue
            case Details():
                waiting.append(part)
                continue
            case Headlines():
                items = tuple(item for item in part.items if focus.has(item))
                kept: Any = Headlines(items) if items else None
            case Figure():
                data = part.data if focus.has(part) else _cut(part.data, focus)
                shown = replace(data, id=part.id) if data and part.id not in tables else None
                kept = part if data is part.data else shown
            case Table():
                kept = part if focus.has(part) else _cut(part, focus)
            case Missing():
                kept = part
            case _:
                kept = None
        if kept is not None:
            found = True
            yield from (*waiting, kept)
            waiting = []
    if not found:
        yield Missing(f"This is not divided by {focus.kind.replace('_', ' ')}: see the full report.")


def _cut(table: Table, focus: Focus) -> Table | None:
    """Keep the rows, or else the columns, of the focus; the table itself where it has no others."""
    first = table.columns[0]
    heads = [column for column in table.columns if column.label in focus.names]
    for column in table.columns:
        if column.style != "text":
            continue
        rows = [at for at, cell in enumerate(table.frame[column.name]) if str(cell) in focus.names]
        if rows:
            place = {old: new for new, old in enumerate(rows)}
            return replace(
                table,
                frame=table.frame.iloc[rows].reset_index(drop=True),
                title=f"{table.title}: {focus.value}",
                strong=tuple(place[at] for at in table.strong if at in place),
                hidden=tuple((place[at], name) for at, name in table.hidden if at in place),
            )
    if not heads:
        return None
    columns = (first, *heads)
    return table if columns == table.columns else replace(table, columns=columns)
