"""Which columns of a file identify people, and which of the others are kept."""

from __future__ import annotations

__all__ = ["birth_column", "kept_columns", "person_column"]

import re
from collections.abc import Iterable, Sequence

from s75lib.errors import ConfigError
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.sources.tables import header_names

_KNOWN = frozenset(name for dataset in DATASETS.values() for name in dataset.column_names)
_PERSON = re.compile(
    r"person_key|nhs_?(number|no|num)|((client|person|patient|service_user|citizen|customer|individual)_?)"
    r"(id|identifier|number|no|ref|reference|key)|(mosaic|liquidlogic|lcs|las|rio|systmone|carenotes|paris)"
    r"_?(id|number|no|ref)?|la_person_unique_identifier"
)
_BIRTH = re.compile(r"dob|d_o_b|date_of_birth|birth_?date|birthday")


def person_column(header: Sequence[str], person: str) -> str:
    """Find the column that identifies people.

    Parameters
    ----------
    header : sequence of str
    person : str
        The one to use; empty: person_key, or the one named like an identifier.

    Returns
    -------
    str

    Raises
    ------
    ConfigError
        If it is not there, or it is not clear which one it is.
    """
    if person:
        wanted = header_names([person])[0]
        if wanted not in header:
            raise ConfigError(
                f"person: found no column {wanted!r}; expected one of {', '.join(filter(None, header))}."
            )
        return wanted
    if "person_key" in header:
        return "person_key"
    found = [name for name in header if _PERSON.fullmatch(name)]
    if len(found) != 1:
        many = " and ".join(found) or "no column"
        raise ConfigError(
            f"person: found {many} that may identify people; name the one to use with --person. "
            f"There are {', '.join(filter(None, header))}."
        )
    return found[0]


def kept_columns(header: Sequence[str], named: str, keep: Iterable[str]) -> list[str]:
    """List the columns that are kept: those of the data contract, and those asked for.

    Parameters
    ----------
    header : sequence of str
    named : str
        The column that identifies people.
    keep : iterable of str

    Returns
    -------
    list of str

    Raises
    ------
    ConfigError
        If a column asked for is not there, or identifies people.
    """
    asked = [header_names([name])[0] for name in keep]
    for name in asked:
        if name not in header:
            raise ConfigError(
                f"keep: found no column {name!r}; expected one of {', '.join(filter(None, header))}."
            )
        if _PERSON.fullmatch(name) or _BIRTH.fullmatch(name):
            raise ConfigError(f"keep: found {name!r}, which identifies people; it is never written.")
    return [name for name in header if name and name != named and (name in _KNOWN or name in asked)]


def birth_column(header: Sequence[str]) -> str:
    """Find the column of the dates of birth.

    Parameters
    ----------
    header : sequence of str

    Returns
    -------
    str
        Empty where there is none.
    """
    return next((name for name in header if name and _BIRTH.fullmatch(name)), "")
