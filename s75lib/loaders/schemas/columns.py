"""Columns as the datasets have them, in brief."""

from __future__ import annotations

__all__ = ["REFERENCE", "SERVICE_GROUP", "count", "day", "key", "money", "number", "text"]

from s75lib.loaders.schemas.model import Column


def text(
    name: str, meaning: str, *, required: bool = False, blank: bool = True, choices: tuple[str, ...] = ()
) -> Column:
    """Give a column of words."""
    return Column(name, "text", meaning, required=required, blank=blank, choices=choices)


def key(name: str, meaning: str) -> Column:
    """Give a column that helps to name a row: words, never blank."""
    return Column(name, "text", meaning, required=True, blank=False)


def day(name: str, meaning: str, *, required: bool = False, blank: bool = True) -> Column:
    """Give a column of dates."""
    return Column(name, "date", meaning, required=required, blank=blank)


def money(name: str, meaning: str, *, required: bool = False, minimum: float | None = None) -> Column:
    """Give a column of amounts in £."""
    return Column(name, "money", meaning, required=required, minimum=minimum, unit="£")


def count(name: str, meaning: str, *, required: bool = False, unit: str = "") -> Column:
    """Give a column of whole numbers from 0."""
    return Column(name, "count", meaning, required=required, minimum=0, unit=unit)


def number(
    name: str,
    meaning: str,
    *,
    required: bool = False,
    minimum: float | None = None,
    maximum: float | None = None,
    unit: str = "",
) -> Column:
    """Give a column of numbers."""
    return Column(name, "number", meaning, required=required, minimum=minimum, maximum=maximum, unit=unit)


SERVICE_GROUP = text(
    "service_group", "service group, such as AMH (adults) or OPMH (older people); blank means all"
)
REFERENCE = text("reference", "document and section that the row was taken from")
