"""Measures of activity that nobody has declared: what has to be decided before they can be used."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches

import numpy as np

from s75lib.errors import Fault
from s75lib.loaders.authority import MEASURE, Authority
from s75lib.loaders.sources import RawTable
from s75lib.loaders.values import distinct_cells, slug_of

UNDECLARED = "a measure that nobody has declared"
"""How what was found begins where a measure waits for a decision."""
_SLIP = 0.9  # of the letters in common: a slip of the pen, and not a measure of another name
_LIKE = 0.6


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
            Fault(
                file,
                f"{UNDECLARED}, {slug!r}, in {len(rows):,} {'row' if len(rows) == 1 else 'rows'}",
                f'in authority.toml, under [measures]: {slug} = {{ label = "{slug.replace("_", " ")}", '
                'kind = "flow" or "stock", polarity = "higher_is_better", "lower_is_better" or "neither" }',
                "Decide whether it is a flow or a stock, and which way is better; until then its rows are "
                f"left out.{f' The nearest measure known is {like[0]!r}.' if like else ''}",
                sheet=raw.sheet,
                row=int(rows[0]),
                column="measure",
                severity="warning",
            )
        )
    return replace(raw, frame=frame[~np.isin(named, left)]), told
