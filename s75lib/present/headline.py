"""A finding: a number and its sentence, born together."""

from __future__ import annotations

__all__ = ["Check", "Headline"]

from dataclasses import dataclass


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
    """

    id: str
    text: str
    value: float | None = None
    unit: str | None = None
    lower: float | None = None
    upper: float | None = None
    method: str | None = None
    see: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """Something that must hold, and whether it does.

    Parameters
    ----------
    id : str
        Stable name.
    passed : bool
    detail : str
        What was compared with what, in a sentence.
    """

    id: str
    passed: bool
    detail: str
