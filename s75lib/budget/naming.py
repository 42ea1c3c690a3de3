"""How the budget wing names service groups, totals and amounts."""

from __future__ import annotations

__all__ = ["at", "direction", "group_name", "in_sentence", "pounds", "row_name", "style", "total_name"]

from typing import Any

from s75lib.budget.snapshots import Snapshot
from s75lib.present import words

_GROUPS = {"AMH": "Adult mental health", "OPMH": "Older people's mental health"}
_TOTALS = {
    "expenditure": "Expenditure total",
    "income": "Income total",
    "net": "Total",
    "adjustments": "Other adjustments",
    "adjusted": "Adjusted total",
}


def group_name(code: str) -> str:
    """Write a service group out.

    Parameters
    ----------
    code : str
        As the data hold it; blank: all.

    Returns
    -------
    str

    Examples
    --------
    >>> group_name("OPMH"), group_name("Forensic"), group_name("")
    ("Older people's mental health", 'Forensic', 'All services')
    """
    return _GROUPS.get(code, code) or "All services"


def in_sentence(code: str) -> str:
    """Write a service group out as it stands within a sentence.

    Parameters
    ----------
    code : str

    Returns
    -------
    str

    Examples
    --------
    >>> in_sentence("AMH"), in_sentence("Forensic")
    ('adult mental health', 'Forensic')
    """
    name = group_name(code)
    return name if name == code else name[:1].lower() + name[1:]


def total_name(level: str) -> str:
    """Name a total as the tables print it.

    Parameters
    ----------
    level : str
        As `position` gives it.

    Returns
    -------
    str
    """
    return _TOTALS[level]


def row_name(row: Any) -> str:
    """Name a row of a position: its line, or its total.

    Parameters
    ----------
    row : namedtuple
        With ``level`` and ``line``.

    Returns
    -------
    str
    """
    return str(row.line) if row.level == "line" else total_name(row.level)


def style(rounded_to: float, *, change: bool = False) -> Any:
    """Choose how a table writes money.

    Parameters
    ----------
    rounded_to : float
        Rounding of the source in £.
    change : bool
        Whether the amount is a change, written with its sign.

    Returns
    -------
    str
        A style of `s75lib.present.Column`.
    """
    if rounded_to >= 1000:
        return "change_k" if change else "money_k"
    return "change" if change else "money"


def pounds(value: float, rounded_to: float = 1.0) -> str:
    """Write an amount without its sign, no finer than its source.

    Parameters
    ----------
    value : float
        In £.
    rounded_to : float

    Returns
    -------
    str

    Examples
    --------
    >>> pounds(-5000, 1000), pounds(9_602_000, 1000), pounds(870.4)
    ('£5k', '£9.60m', '£870')
    """
    size = abs(value)
    return (
        words.money(size, rounded_to=rounded_to) if size < 999_500 <= 1e3 * rounded_to else words.amount(size)
    )


def direction(value: float, up: str = "over", down: str = "under", none: str = "on") -> str:
    """Choose the word for the side of a variance.

    Parameters
    ----------
    value : float
    up, down, none : str

    Returns
    -------
    str

    Examples
    --------
    >>> direction(3), direction(-3), direction(0)
    ('over', 'under', 'on')
    """
    return up if value > 0 else down if value < 0 else none


def at(snapshot: Snapshot) -> str:
    """Name a snapshot in a sentence.

    Parameters
    ----------
    snapshot : Snapshot

    Returns
    -------
    str
        Such as ``Q3 (31 December 2019)``.
    """
    if snapshot.label == f"{snapshot.as_at:%b %Y}":
        return snapshot.day
    return f"{snapshot.label} ({snapshot.day})"
