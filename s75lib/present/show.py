"""Show findings, parts and whole data in a notebook."""

from __future__ import annotations

__all__ = ["show"]

from collections.abc import Iterable
from typing import Any

from IPython.display import display

from s75lib.loaders import AuthorityData
from s75lib.present.disclosure import Protected
from s75lib.present.faulty import left_out, soundness
from s75lib.present.headline import Check, Headline
from s75lib.present.parts import Checks, Headlines, Missing
from s75lib.present.report_head import ReportHead, Sources


def show(*things: Any) -> None:
    """Display parts of a report.

    Parameters
    ----------
    *things : part, AuthorityData, Protected, or iterable of Headline, Check or part
        Findings and checks in a list are shown as one; an empty list shows nothing, and the same gap in
        the data is told once.

    Examples
    --------
    >>> show([Headline("kpi.none", "No indicator is published.")])
    • No indicator is published.
    """
    parts = [part for thing in things for part in _parts(thing)]
    for at, part in enumerate(parts):
        # A figure and its table lack the same data: once is enough.
        if not (isinstance(part, Missing) and part in parts[:at]):
            display(part)  # type: ignore[no-untyped-call]


def _parts(thing: Any) -> Iterable[Any]:
    if isinstance(thing, AuthorityData):
        return [ReportHead(thing), *left_out(thing)]
    if isinstance(thing, Sources):
        return [thing, *_parts(soundness(thing.data))]
    if isinstance(thing, Protected):
        return [thing.table]
    if isinstance(thing, Headline | Check):
        thing = [thing]
    if not isinstance(thing, list | tuple):
        return [thing]
    if not thing:
        return []
    if all(isinstance(item, Headline) for item in thing):
        return [Headlines(tuple(thing))]
    if all(isinstance(item, Check) for item in thing):
        return [Checks(tuple(thing))]
    return [part for item in thing for part in _parts(item)]
