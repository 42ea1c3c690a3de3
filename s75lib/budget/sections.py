"""Put the parts of one section together, so that what is missing is said once."""

from __future__ import annotations

__all__ = ["section"]

from typing import Any

from s75lib.present import Missing


def section(*parts: Any) -> list[Any]:
    """Gather the parts of a section in order, each gap once.

    Parameters
    ----------
    *parts : part, or list of them

    Returns
    -------
    list
        Flat; a `Missing` that says the same as one before it is left out.

    Examples
    --------
    >>> gap = Missing("No ledger is held.")
    >>> len(section(gap, [gap, gap]))
    1
    """
    made: list[Any] = []
    for part in parts:
        for one in part if isinstance(part, list | tuple) else [part]:
            if not (isinstance(one, Missing) and one in made):
                made.append(one)
    return made
