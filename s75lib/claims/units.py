"""The units of published figures, and figures written in them."""

from __future__ import annotations

__all__ = ["figure", "gap", "span", "unit_of"]

from s75lib.present import words

_UNITS = {
    "%": "percent",
    "per cent": "percent",
    "percentage points": "percentage_points",
    "points": "percentage_points",
    "pp": "percentage_points",
    "£": "gbp",
}
_AFTER = {
    "per_month": "a month",
    "per_100k": "per 100,000",
    "wte": "WTE",
    "count": "",
    "score": "",
    "rank": "",
}
_ONE = {"people": "person"}


def unit_of(name: str) -> str:
    """Give the usual name of a unit.

    Parameters
    ----------
    name : str
        As it stands in the claim.

    Returns
    -------
    str
        ``percent``, ``percentage_points``, ``gbp``, or the name itself in lower case.

    Examples
    --------
    >>> unit_of("%"), unit_of("percentage points"), unit_of("people")
    ('percent', 'percentage_points', 'people')
    """
    plain = str(name).strip().lower()
    return _UNITS.get(plain, plain)


def figure(value: float, unit: str, decimals: int) -> str:
    """Write a figure in its unit, as precisely as it was published.

    Parameters
    ----------
    value : float
    unit : str
    decimals : int
        -3 or less writes thousands of pounds as such.

    Returns
    -------
    str

    Examples
    --------
    >>> figure(373000, "gbp", -3), figure(0.7, "percentage_points", 1), figure(1, "people", 0)
    ('£373k', '+0.7 percentage points', '1 person')
    >>> figure(-15, "per_month", 0), figure(8, "score", 0)
    ('−15 a month', '8')
    """
    unit, places = unit_of(unit), max(decimals, 0)
    if unit == "gbp":
        return words.money(value, rounded_to=1000 if decimals <= -3 else 1 if decimals <= 0 else 0.01)
    if unit == "percent":
        return words.percent(value, places)
    if unit == "percentage_points":
        return words.points(value, places)
    number = words.number(value, places)
    name = _AFTER.get(unit, unit.replace("_", " "))
    if name == unit and number in ("1", "−1"):
        name = _ONE.get(unit, unit.removesuffix("s"))
    return f"{number} {name}".rstrip()


def gap(value: float, unit: str, decimals: int) -> str:
    """Write the size of a difference between two figures of a unit.

    Parameters
    ----------
    value : float
        Of either sign.
    unit : str
    decimals : int

    Returns
    -------
    str

    Examples
    --------
    >>> gap(-13.6, "percent", 1), gap(1, "percentage_points", 0), gap(-113000, "gbp", -3)
    ('13.6 percentage points', '1 percentage point', '£113k')
    """
    if unit_of(unit) not in ("percent", "percentage_points"):
        return figure(abs(value), unit, decimals)
    number = words.number(abs(value), max(decimals, 0))
    return f"{number} percentage point{'' if number == '1' else 's'}"


def span(low: float, high: float, unit: str, decimals: int) -> str:
    """Write an interval with one place more than the figure, since its ends lie at halves.

    Parameters
    ----------
    low, high : float
    unit : str
    decimals : int

    Returns
    -------
    str

    Examples
    --------
    >>> span(428500, 437500, "gbp", -3), span(-15.5, -14.5, "per_month", 0)
    ('£428,500 to £437,500', '−15.5 to −14.5 a month')
    """
    finer = max(decimals, -1) + 1
    first, last = figure(low, unit, finer), figure(high, unit, finer)
    _, space, name = last.partition(" ")
    if space and first.endswith(space + name):
        first = first.removesuffix(space + name)
    return f"{first} to {last}"
