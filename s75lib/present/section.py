"""A section of a report, the study that it is made from, and a report's first and last section."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, wraps
from importlib import import_module
from types import ModuleType
from typing import Any, ClassVar, Self

import pandas as pd
from IPython.display import display

from s75lib.errors import MethodError
from s75lib.loaders import AuthorityData
from s75lib.present.commentary import notes
from s75lib.present.disclosure import Protected, nearest_5
from s75lib.present.focus import Compared, Focus, chosen, find_focus
from s75lib.present.head import ReportHead, Sources, left_out, soundness
from s75lib.present.headline import Check, Headline, ranked
from s75lib.present.parts import Checks, Details, Figure, Headlines, Missing, Summary, Table


@dataclass(frozen=True, repr=False)
class Section:
    """What a cell of a notebook shows: its parts in order, each an output of its own."""

    parts: tuple[Any, ...]

    @classmethod
    def of(cls, *things: Any) -> Section:
        """Put a section together, as `section` says."""
        parts: list[Any] = []
        for part in _parts(list(things)):
            # A figure and its table lack the same data: once is enough.
            if not (isinstance(part, Missing) and part in parts):
                parts.append(part)
        return cls(tuple(parts))

    @property
    def headlines(self) -> tuple[Headline, ...]:
        """Its findings."""
        return tuple(one for part in self.parts if isinstance(part, Headlines) for one in part.items)

    @property
    def tables(self) -> dict[str, Table]:
        """Its tables, and what charts draw where no table has their id; ``.frame`` is the way to go on."""
        drawn = {part.id: part.data for part in self.parts if isinstance(part, Figure)}
        return drawn | {part.id: part for part in self.parts if isinstance(part, Table)}

    @property
    def figures(self) -> dict[str, Figure]:
        """Its charts by id."""
        return {part.id: part for part in self.parts if isinstance(part, Figure)}

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self.parts))

    def _ipython_display_(self) -> None:
        for part in self.parts:
            display(part)  # type: ignore[no-untyped-call]


def section(*things: Any) -> Section:
    """Put a section together.

    Parameters
    ----------
    *things : part, Protected, Headline, Check, None, or a list or an iterator of these
        Findings and checks in one are shown as one part; the same gap in the data is told once.

    Examples
    --------
    >>> section([Headline("kpi.none", "No indicator is published.")], None, [])
    • No indicator is published.
    """
    return Section.of(*things)


def _parts(thing: Any) -> Iterator[Any]:
    match thing:
        case None:
            return
        case Section():
            yield from thing.parts
        case Protected():
            yield thing.table
        case Headline():
            yield Headlines((thing,))
        case Check():
            yield Checks((thing,))
        case list() | tuple() if thing and all(isinstance(item, Headline) for item in thing):
            yield Headlines(tuple(thing))
        case list() | tuple() if thing and all(isinstance(item, Check) for item in thing):
            yield Checks(tuple(thing))
        case list() | tuple():
            for item in thing:
                yield from _parts(item)
        case Iterator():
            yield from _parts(list(thing))
        case _:
            yield thing


class Study:
    """An authority's `data` and what a wing works out of them, each result once, when first asked for."""

    notebook: ClassVar[str]
    """Name of the notebook that shows it."""
    section_names: ClassVar[tuple[str, ...]]
    """The wing's modules that are sections, in the notebook's order."""
    focus: Focus | None = None
    """What its report is cut to."""

    def __init__(self, data: AuthorityData) -> None:
        self.data = data

    def focus_on(self, *, service_group: str = "", team: str = "") -> Self:
        """Cut what its sections show to a service group or a team that the data hold; blank ones are all."""
        self.focus = find_focus(self.data, service_group, team)
        return self

    @property
    def on_comparing(self) -> tuple[str, ...]:
        """How the period asked for is compared with, and where that can't be, in sentences."""
        return ()

    @property
    def place(self) -> str:
        """Name of the authority."""
        return self.data.authority.name

    def fewest(self, dataset: str) -> int:
        """Fewest people that a count from a dataset may show."""
        return self.data.fewest_shown(dataset)

    def to_nearest_5(self, dataset: str, rows: pd.DataFrame, *counts: str) -> pd.DataFrame:
        """Give rows with their counts to the nearest 5 where that is wished, small ones as they are."""
        if not self.data.rounds(dataset) or rows.empty:
            return rows
        few = {name: rows[name].between(1, self.fewest(dataset) - 1) for name in counts}
        return rows.assign(**{name: rows[name].where(few[name], nearest_5(rows[name])) for name in counts})

    @property
    def sections(self) -> tuple[ModuleType, ...]:
        """The wing's sections in the notebook's order."""
        # By name: in its package a section's name is the call that a notebook makes.
        owner = next(one for one in type(self).__mro__ if "section_names" in vars(one))
        wing = owner.__module__.rpartition(".")[0]
        return tuple(import_module(f"{wing}.{name}") for name in self.section_names)

    @property
    def missing(self) -> list[Missing]:
        """That nothing of the notebook can be done, and what it would take."""
        return []

    def pictures(self) -> Iterator[Figure | Missing]:
        """Yield the charts that could open the page, the most telling first."""
        yield from ()

    @cached_property
    def picture(self) -> Figure | None:
        """The chart that opens the page; none opens a report that is cut."""
        drawn = (one for one in self.pictures() if isinstance(one, Figure))
        return None if self.focus else next(drawn, None)

    def unless_opening(self, part: Any) -> Any:
        """Give a section's part, but not the chart that the page has opened with."""
        opening = isinstance(part, Figure) and self.picture is not None and part.id == self.picture.id
        return None if opening else part

    @cached_property
    def findings(self) -> tuple[tuple[Headline, ...], ...]:
        """The findings of each section, of the focus alone where there is one."""
        found = tuple(
            tuple(one for one in each.headlines(self) if self.focus is None or self.focus.has(one))
            for each in self.sections
        )
        names = [one.id for section_ in found for one in section_]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise MethodError(f"Two findings are called {', '.join(twice)}: give each a name of its own.")
        return found

    @property
    def headlines(self) -> tuple[Headline, ...]:
        """All findings, in the order of the sections."""
        return tuple(one for found in self.findings for one in found)

    @property
    def checks(self) -> list[Check]:
        """What the sections check."""
        return [check for each in self.sections for check in getattr(each, "checks", _none)(self)]


def _none(study: Study) -> Iterable[Check]:
    return ()


def offer_sections(wing: str) -> None:
    """Give a wing its sections as a notebook calls them, each heeding what its study is cut to.

    A module's ``section`` goes by the module's name, what else it shows by its own; ``__all__`` lists them.
    """
    package = sys.modules[wing]
    for home in package.Study.section_names:
        held = import_module(f"{wing}.{home}")
        for name, each in vars(held).items():
            shows = getattr(each, "__annotations__", {}).get("return") == "Section"
            if shows and each.__module__ == held.__name__:
                called = home if name == "section" else name
                setattr(package, called, focused(each))
                package.__all__.append(called)


def focused(show_section: Callable[[Any], Section]) -> Callable[[Any], Section]:
    """Have a section show what its study is cut to, where it is."""

    @wraps(show_section)
    def shown(study: Any) -> Section:
        found = show_section(study)
        return Section(tuple(chosen(found.parts, study.focus))) if study.focus else found

    return shown


def summary(study: Study) -> Section:
    """Show whose data these are and known to when, what is missing as a whole, and the gravest findings.

    The findings are chosen by `s75lib.present.headline.ranked`. The analyst's notes come behind them; a
    report puts each under its heading.

    Parameters
    ----------
    study : Study
        Of any wing.

    Examples
    --------
    >>> import s75lib as s75
    >>> summary(s75.budget.study(s75.load("cambridgeshire", "2019/20"))).headlines[0].id
    'budget.position.forecast'
    """
    found = ranked(study.findings)  # before the head, which tells what was looked at
    opening = [Summary(found)] if found else []
    picture = study.picture
    other = study.data.compared
    compared = Compared(other, study.on_comparing) if other else None
    said = [] if study.focus or other else notes(study.data, study.notebook)  # which speak of the full report
    head = ReportHead(study.data, study.focus)
    return section(head, left_out(study.data), study.focus, compared, opening, picture, said, study.missing)


def sources(study: Study) -> Section:
    """Show the files and documents behind a report, and what was checked.

    Parameters
    ----------
    study : Study
        Of any wing.

    Examples
    --------
    >>> import s75lib as s75
    >>> list(sources(s75.kpi.study(s75.load("islington", "2018/19"))).tables)
    []
    """
    checks = study.checks
    return section(Details(), Sources(study.data), [*soundness(study.data), *checks])


def show(*things: Any) -> None:
    """Display parts of a report as a section does.

    Parameters
    ----------
    *things : part, Headline, Check, AuthorityData, Sources, or a list of these
        Of an authority's data, the head of its report is shown.

    Examples
    --------
    >>> show(Headline("kpi.none", "No indicator is published."))
    • No indicator is published.
    """
    for thing in things:
        match thing:
            case AuthorityData():
                shown = section(ReportHead(thing), left_out(thing))
            case Sources():
                shown = section(thing, soundness(thing.data))
            case _:
                shown = section(thing)
        shown._ipython_display_()
