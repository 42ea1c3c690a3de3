"""Dates, numbers and statuses as a report's reader meets them."""

from __future__ import annotations

__all__ = ["STATUS", "day", "number"]

from datetime import date

STATUS = {
    "ok": "Complete",
    "failed": "Failed",
    "not_applicable": "Data not available",
    "unchanged": "Unchanged",
}


def day(iso: str) -> str:
    """Write an ISO date in words; what is no date stays as it is.

    Examples
    --------
    >>> day("2019-12-31")
    '31 December 2019'
    >>> day("not set")
    'not set'
    """
    try:
        found = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{found.day} {found:%B} {found.year}"


def number(value: int) -> str:
    """Write a count with separators.

    Examples
    --------
    >>> number(12345)
    '12,345'
    """
    return f"{value:,}"
