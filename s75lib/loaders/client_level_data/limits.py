"""What a ledger made from the return can't say, in sentences to show beside its figures."""

from __future__ import annotations

__all__ = ["LIMITS", "NOTE", "limits_of", "stated_limits"]

from pathlib import Path

import pandas as pd

from s75lib.loaders.period import financial_year_of

NOTE = "client_level_data.md"
"""File in an authority's folder that says how its ledger was made from the return."""

LIMITS = "## What this ledger can't tell"
"""Heading of its last part, a list."""

_ALWAYS = (
    "The return's unit cost includes what the person pays, and leaves out what the NHS pays (continuing "
    "healthcare, funded nursing care), third-party top-ups and education funding. It also covers people who "
    "pay their care in full where the council arranges it. So the cost is neither gross nor net of income: "
    "findings on joint funding and client contributions need the finance extract.",
    "The return gives each service's latest known planned cost. All snapshots made from one return therefore "
    "carry the same price: they show packages that begin and end, never a change of price. To compare "
    "prices, make ledgers from two returns with the same S75_KEY and put one under the other.",
    "The return has no component for live-in care: it is counted with home care.",
    "The return has no service group and no team, no mark of section 117 aftercare and no review date on a "
    "service: findings by group or team, on charges under section 117 and on overdue reviews need the "
    "finance extract.",
    "The return's event reference is no stable key: the same service can carry another one in the next "
    "return. Packages are recognised by person, start date, service type and component.",
    "The return asks for no cost of support that the council commissions without a personal budget, nor of "
    "most short-term support. Services without a cost are left out and counted.",
    "Monthly, quarterly and annual costs are spread over 365.25 ÷ 7 weeks a year. One-off costs have no "
    "weekly amount and are left out and counted.",
    "An end date after a snapshot and inside the reporting period is blank in that snapshot, for on that "
    "day it was not known. Planned ends after the period are kept.",
    "Persons and packages carry keyed hashes. Unless S75_KEY was set, the key was random and is kept "
    "nowhere: another run gives other keys, and the hashes can't be turned back. Start dates, costs and "
    "providers remain, so the ledger is still data about people and is to be kept like it.",
)


def limits_of(
    period: tuple[pd.Timestamp, pd.Timestamp],
    days: tuple[pd.Timestamp, ...],
    reasons: tuple[str, ...],
    absent: tuple[str, ...],
) -> tuple[str, ...]:
    """Say what the ledger can't tell.

    Parameters
    ----------
    period : tuple of Timestamp
        First and last day of the return.
    days : tuple of Timestamp
        The snapshots, earliest first.
    reasons : tuple of str
        Primary support reasons kept; empty: all.
    absent : tuple of str
        Fields of the specification that the file does not hold.

    Returns
    -------
    tuple of str
        Sentences, each complete by itself.
    """
    chosen = (
        f"Only services whose primary support reason is {' or '.join(reasons)} are in the ledger. Mental "
        "health teams also hold cases recorded under other reasons, and other teams hold some of these."
        if reasons
        else "Services of every primary support reason are in the ledger, not mental health alone."
    )
    said = [chosen, *_ALWAYS]
    year = pd.Timestamp(financial_year_of(days[0].date()).start)
    if year < period[0]:
        said.append(
            f"The return begins on {_day(period[0])}. Services that ended between {_day(year)} and then are "
            f"not in it, so the commitment for {financial_year_of(days[0].date()).label} leaves them out."
        )
    if absent:
        said.append(
            f"The file lacks these fields of the specification, which are read as blank: {', '.join(absent)}."
        )
    return tuple(said)


def stated_limits(folder: Path) -> tuple[str, ...]:
    r"""Read what the ledger of an authority's folder can't tell, if it was made from the return.

    Parameters
    ----------
    folder : Path
        The authority's.

    Returns
    -------
    tuple of str
        Sentences, as `start_from_client_level_data` wrote them; none for a ledger of another origin.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     before = stated_limits(Path(folder))
    ...     note = "## What this ledger can't tell\n\n- When a review took place.\n"
    ...     _ = Path(folder, "client_level_data.md").write_text(note, encoding="utf-8")
    ...     after = stated_limits(Path(folder))
    >>> before, after
    ((), ('When a review took place.',))
    """
    note = folder / NOTE
    if not note.is_file():
        return ()
    _, _, said = note.read_text(encoding="utf-8").partition(LIMITS)
    return tuple(line.removeprefix("- ") for line in said.splitlines() if line.startswith("- "))


def _day(day: pd.Timestamp) -> str:
    return f"{day.day} {day:%B %Y}"
