"""Measures of activity that nobody has declared: what has to be decided before they can be used."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches

import numpy as np

from s75lib.errors import Fault, warning
from s75lib.loaders.authority import MEASURE, Authority
from s75lib.loaders.sources import RawTable
from s75lib.loaders.values import distinct_cells, slug_of

UNDECLARED = "a measure that nobody has declared"
"""How what was found begins where a measure waits for a decision."""
_SLIP = 0.9  # of the letters in common: a slip of the pen, and not a measure of another name
_LIKE = 0.6
_STOCK = re.compile(r"(?i)\b(open|waiting|caseload|outstanding|unallocated|backlog|month end|held)\b")


def without_undeclared(raw: RawTable, who: Authority, file: str) -> tuple[RawTable, list[Fault]]:
    """Leave out the rows of activity whose measure nobody has declared, and say what is to be decided.

    A measure's label counts as its name. What is nearly a name stays, for the schema to refuse the slip; so
    does what can't be a name.
    """
    if "measure" not in raw.frame:
        return raw, []
    codes, distinct = distinct_cells(raw.frame["measure"])
    known, left, told = who.all_measures, [], []
    labels = {slug_of(label): name for name, one in known.items() for label in (one.label, one.name, name)}
    slugs = [labels.get(slug_of(cell), slug_of(cell)) for cell in distinct]
    called = dict(zip(slugs[::-1], distinct[::-1], strict=True))
    named = np.array([*slugs, ""], dtype="object")[codes]  # the last stands for a missing cell
    cells = [slug if slug in known else cell for slug, cell in zip(slugs, distinct, strict=True)]
    frame = raw.frame.assign(measure=np.array([*cells, ""], dtype="object")[codes])
    for slug in dict.fromkeys(slugs):
        like = get_close_matches(slug, known, n=1, cutoff=_LIKE)
        if not MEASURE.fullmatch(slug) or get_close_matches(slug, like, cutoff=_SLIP):
            continue
        rows = raw.frame.index[named == slug]
        left.append(slug)
        told.append(
            warning(
                file,
                f"{UNDECLARED}, {called[slug]!r}, in {len(rows):,} {'row' if len(rows) == 1 else 'rows'}",
                f"[measures.{slug}] in authority.toml",
                "Decide whether it is a flow or a stock, in the lines that s75 check prints; until then its "
                f"rows are left out.{f' The nearest measure known is {like[0]!r}.' if like else ''}",
                sheet=raw.sheet,
                row=int(rows[0]),
                column="measure",
            )
        )
    return replace(raw, frame=frame[~np.isin(named, left)]), told


def measure_as_toml(told: Fault) -> str:
    """Write the lines that would declare a measure of which a warning tells, with guesses to be corrected.

    >>> print(measure_as_toml(Fault("a.csv", f"{UNDECLARED}, 'S117 reviews', in 9 rows", "", "")))
    [measures.s117_reviews]
    label = "S117 reviews"
    kind = "flow"  # events of a month; or stock, a count on its last day
    polarity = "neither"  # or higher_is_better, lower_is_better
    """
    named = told.found.partition(", ")[2].rpartition(", in ")[0][1:-1]
    label = named.translate({ord("\\"): "", ord('"'): "'"})
    stock = _STOCK.search(label)
    kinds = {"flow": "events of a month", "stock": "a count on its last day"}
    kind, other = ("stock", "flow") if stock else ("flow", "stock")
    return (
        f'[measures.{slug_of(label)}]\nlabel = "{label}"\nkind = "{kind}"  # {kinds[kind]}; or {other}, '
        f'{kinds[other]}\npolarity = "neither"  # or higher_is_better, lower_is_better'
    )
