"""Numbers, days and lists in words, as a report writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd

from s75lib.loaders.load import UNGROUPED

_MINUS = "−"
_SAID = re.compile(r"(?<![\w.,])£?(\d[\d,]*)(?:\.(\d+))?([km])?(?![\w,]*\w)")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-[0-3]\d)?(?![\d-])")
_TIMES = {"": 0, "k": 3, "m": 6}
_SIGNIFICANT, _FINEST = 3, 6


_GROUPS = {
    "AMH": "Adult mental health",
    "OPMH": "Older people's mental health",
    UNGROUPED: "Ungrouped services",
}


def service_group(code: object) -> str:
    """Write a service group out; one that has no other name as it is."""
    return _GROUPS.get(str(code), str(code))


def rounded(value: float, decimals: int) -> float:
    """Round a number as it is printed with so many decimals; -3 rounds to thousands."""
    if not math.isfinite(value):
        return value
    return round(value, decimals) + 0 if decimals >= 0 else round(value / 10**-decimals) * 10**-decimals


def said_decimals(value: float, text: str) -> int | None:
    """Find with how many decimals a sentence gives a number, whatever its sign; None where it doesn't.

    >>> said = "The forecast is £770k (5.8%) over the budget of £13.29m."
    >>> said_decimals(770_026.0, said), said_decimals(5.79, said), said_decimals(42.0, said)
    (-3, 1, None)
    """
    found = []
    for whole, part, times in _SAID.findall(text):
        decimals = len(part) - _TIMES[times]
        said = float(f"{whole.replace(',', '')}.{part or 0}") * 10 ** _TIMES[times]
        if math.isclose(abs(rounded(value, decimals)), said, rel_tol=1e-9, abs_tol=1e-9):
            found.append(decimals)
    return max(found, default=None)


def significant(value: float, text: str = "") -> int:
    """Count the decimals that keep three significant digits, for a number that no sentence gives.

    Where the sentence gives others, no more than tenths or the finest of these, but for the first digit.
    """
    first = -math.floor(math.log10(abs(value))) if value else 0
    finest = max((len(part) - _TIMES[times] for _, part, times in _SAID.findall(text)), default=_FINEST)
    return min(0 if float(value).is_integer() else _FINEST, _SIGNIFICANT - 1 + first, max(finest, first, 1))


def number(value: float, decimals: int = 0) -> str:
    """Write a number with thousands separators and a true minus sign; NaN as a dash."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else f"{_MINUS}∞"
    text = f"{abs(value):,.{decimals}f}"
    return text if value >= 0 or not _has_size(text) else _MINUS + text


def signed(value: float, decimals: int = 0) -> str:
    """Write a change: always with its sign, zero without."""
    text = number(value, decimals)
    return f"+{text}" if value > 0 and _has_size(text) else text


def money(value: float, *, rounded_to: float = 1.0, sign: bool = False) -> str:
    """Write an amount in £; in thousands where the source is rounded to £1,000 or more."""
    if value is None or math.isnan(value):
        return "–"
    if rounded_to >= 1000:
        body = f"£{number(abs(value) / 1000)}k"
    else:
        body = f"£{number(abs(value), 0 if rounded_to >= 1 else 2)}"
    if not _has_size(body):
        return body
    return (_MINUS if value < 0 else "+" if sign else "") + body


def amount(value: float) -> str:
    """Write an amount in £ at the precision that a reader can hold."""
    if value is None or math.isnan(value):
        return "–"
    size = abs(value)
    if size >= 999_500:
        body = f"£{number(size / 1e6, 2)}m"
    elif size >= 9_999.5:
        body = f"£{number(size / 1e3)}k"
    else:
        body = f"£{number(size)}"
    return body if value >= 0 or not _has_size(body) else _MINUS + body


def percent(value: float, decimals: int = 1) -> str:
    """Write a percentage on the 0 to 100 scale."""
    text = number(value, decimals)
    return text if text == "–" else f"{text}%"


def points(value: float, decimals: int = 1) -> str:
    """Write a difference between two percentages."""
    return f"{signed(value, decimals)} percentage points"


def interval(lower: float, upper: float, decimals: int = 1, unit: str = "") -> str:
    """Write an interval, its unit behind both ends together, ``%`` behind each."""
    if unit == "%":
        return f"{percent(lower, decimals)} to {percent(upper, decimals)}"
    return f"{number(lower, decimals)} to {number(upper, decimals)}{' ' + unit if unit else ''}"


def chance(p_value: float) -> str:
    """Write a p-value as exactly as it can be read."""
    if p_value is None or math.isnan(p_value):
        return "no test"
    if p_value < 0.001:
        return "p < 0.001"
    return f"p = {p_value:.3f}" if p_value < 0.1 else f"p = {p_value:.2f}"


def count_noun(count: float, noun: str, plural: str = "") -> str:
    """Write a count with its noun; the plural is the noun with an s unless given."""
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"


def course(values: Sequence[float], unit: str = "") -> str:
    """Say where a series started and ended, in £, "a month" or "by month"; nothing of fewer than two."""
    if len(values) < 2:
        return ""
    if unit.startswith("£"):
        return f"From {amount(values[0])} to {amount(values[-1])}"
    most = max(map(abs, values))
    scale, suffix = next(((size, name) for size, name in ((1e6, "m"), (1e4, "k")) if most >= size), (1.0, ""))
    scale = 1e3 if suffix == "k" else scale
    decimals = 0 if most / scale >= 100 else 1
    first, last = (number(value / scale, decimals) + suffix for value in (values[0], values[-1]))
    if unit.startswith(("a ", "by ")):  # their difference is not the change that stands beside them
        return f"First month {first}, latest {last}"
    return f"From {first} to {last}"


def one_sentence(text: str) -> bool:
    """Tell whether a text is short enough for one sentence of a page: 25 words.

    >>> one_sentence("word " * 25), one_sentence("word " * 26)
    (True, False)
    """
    return len(text.split()) <= 25


def rose_fell(change: float, tolerance: float = 0.0) -> str:
    """Choose the verb for a change; one no larger than the tolerance is none."""
    if abs(change) <= tolerance:
        return "did not change"
    return "rose" if change > 0 else "fell"


def join(items: Sequence[str], last: str = "and") -> str:
    """Join words as in a sentence."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def day(when: date | datetime | pd.Timestamp) -> str:
    """Write a day as people do."""
    return f"{when.day} {when:%B %Y}"


def capital(text: str) -> str:
    """Begin a text with a capital letter, and leave the rest."""
    return text[:1].upper() + text[1:]


def when(text: str, month: str = "%B") -> str:
    """Write the days and months in a text as people do; the rest, such as a financial year, as it is."""
    return _DATE.sub(lambda found: _said(found[0], month), text)


def _said(text: str, month: str) -> str:
    at = pd.Timestamp(text)
    return f"{at:{month} %Y}" if len(text) == len("2019-11") else f"{at.day} {at:{month} %Y}"


def _has_size(text: str) -> bool:
    """Whether a number is more than nought as written: a sign on a nought would be noise."""
    return any(digit in text for digit in "123456789")
