"""HTML of so plain a form that every parser reads it alike, so that it can be read without one."""

from __future__ import annotations

__all__ = ["plain_markup"]

import re
from collections.abc import Iterable

_REFERENCE = r"&(?:#[0-9]+|#x[0-9a-f]+|[a-z]+);"
_ATTRIBUTE = rf' [a-z-]+="(?:[^"<>&]|{_REFERENCE})*+"'


def plain_markup(tags: Iterable[str], besides: str = "(?!)") -> re.Pattern[str]:
    r"""Make the pattern that plain HTML matches as a whole.

    Parameters
    ----------
    tags : iterable of str
        Elements that it may hold; none whose content is raw, such as ``style``, or read with less than all
        rules, such as ``title``.
    besides : str
        A regular expression of what it may hold besides; each match begins with ``<``.

    Returns
    -------
    Pattern

    Notes
    -----
    Plain are tags in lower case with attributes between double quotes, and text; ``<`` stands nowhere but at
    the start of a tag, ``&`` nowhere but at that of a reference that ends with a semicolon, and attributes
    hold no ``>``. So each ``<`` begins a tag and the next ``>`` ends it. Comments, tags left open, other
    quotes and all in which parsers have differed is not plain. Our own parts are, and our pages.

    Examples
    --------
    >>> plain = plain_markup(["b", "p"])
    >>> texts = ('<p id="x">1 &lt; 2</p></b>', "<b", "<p id=x>", "<i>", "&amp")
    >>> [bool(plain.fullmatch(text)) for text in texts]
    [True, False, False, False, False]
    """
    names = "|".join(tags)
    tag = rf"</(?:{names})>|<(?:{names})(?:{_ATTRIBUTE})*+>"
    return re.compile(rf"(?:[^<&]++|{_REFERENCE}|{tag}|{besides})*+")
