"""The settings files of an authority, read with limits that no honest file comes near."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from s75lib.errors import UNPRINTED, ConfigError
from s75lib.loaders.personal_data import text_faults

_LARGEST = 5 * 2**20  # bytes
_DEEPEST = 20
_LONGEST = 18  # digits of a whole number
_SHOWN = 50


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file in UTF-8, with or without a byte-order mark.

    ValueError in plain words, if it is not TOML, a link out of its folder, larger than 5 MB, nested more than
    20 deep, or holds a whole number of more than 18 digits or what is not printed.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "authority.toml"
    >>> _ = file.write_text('name = "Northmoor"')
    >>> read_toml(file)
    {'name': 'Northmoor'}
    """
    if not path.resolve().is_relative_to(path.parent.resolve()):
        raise ValueError("a link to a file outside its folder; copy the file there")
    if (size := path.stat().st_size) > _LARGEST:
        raise ValueError(f"{size / 2**20:,.0f} MB; such a file has a few kilobytes")
    text = path.read_text(encoding="utf-8-sig")
    try:
        held = tomllib.loads(text)
    except RecursionError:
        raise ValueError(f"tables or lists nested too deep; {_DEEPEST} is the most") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:  # of Python's own limit, which speaks of its settings
        if "digits" not in str(error):
            raise
        raise ValueError(f"a number too long to read; {_LONGEST} digits are the most") from None
    level: list[Any] = [held]
    for _ in range(_DEEPEST + 1):
        if any(type(one) is int and abs(one) >= 10**_LONGEST for one in level):
            raise ValueError(f"a number too long to read; {_LONGEST} digits are the most")
        if any(UNPRINTED.search(one) for one in level if isinstance(one, str)):
            raise ValueError("a control character or a mark of writing direction; take it out")
        inner = [
            [*one, *one.values()] if isinstance(one, dict) else one
            for one in level
            if isinstance(one, dict | list)
        ]
        level = [each for one in inner for each in one]
        if not level:
            return held
    raise ValueError(f"tables or lists nested too deep; {_DEEPEST} is the most")


def read_settings(path: Path, place: str) -> dict[str, Any]:
    """Read a settings file as `read_toml` does; a ConfigError tells of what identifies a person, too."""
    try:
        held = read_toml(path)
    except ValueError as error:
        raise ConfigError(
            f"{place}: found text that is not TOML ({error}); correct it at that place."
        ) from error
    if told := text_faults(place, held):
        raise ConfigError(
            "\n".join(f"{place}: {one.column}: found {one.found}; take it out." for one in told)
        )
    return held


def settings_at_fault(place: str, error: ValidationError) -> ConfigError:
    """Make the error for settings that are at fault."""
    lines = wrong_settings(error)
    shown = [*lines[:_SHOWN], *([f"and {len(lines) - _SHOWN:,} more"] if len(lines) > _SHOWN else [])]
    return ConfigError("\n".join([f"{place}: {len(lines):,} to correct:", *(f"  {line}" for line in shown)]))


_PASSWORD = re.compile(r"(?<=//)\S*(?=@)|(?<=pwd=)[^;]*|(?<=password=)[^;]*", re.IGNORECASE)  # of an address
_EXPECTED = {
    **dict.fromkeys(("dict", "model", "dataclass"), "a table of names and values"),
    "tuple": "a list, in square brackets",
    "string": "text, in quotes",
    "bool": "true or false",
    "int": "a whole number",
    **dict.fromkeys(("decimal", "float"), "a number"),
    "literal": "one of {expected}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "decimal_max_places": "at most {decimal_places} decimals",
    "string_too_short": "at least {min_length} letter",
    "too_short": "at least {min_length} entry",
}


def wrong_settings(error: ValidationError) -> list[str]:
    """Say in plain words what is wrong with settings, one line a cause, each begun by the place of it.

    A list or table that is at fault only for what stands in it is not told of by itself.
    """
    found = error.errors()
    outer = {one["loc"][:depth] for one in found for depth in range(len(one["loc"]))}
    lines = []
    for one in found:
        here = one["loc"]
        if here in outer:
            continue
        held, kind = one["input"], re.sub("_(type|parsing|from_float|error)$", "", one["type"])
        what = "a table" if isinstance(held, dict) else "a list" if isinstance(held, list) else ""
        what = what or f"{_PASSWORD.sub('…', str(held))[:60]!r}"
        if kind == "missing":
            said = "found nothing; a value is needed"
        elif kind in ("extra_forbidden", "unexpected_keyword_argument"):
            said = "found a name that is not known here; correct it or leave it out"
        elif kind in _EXPECTED:
            said = f"found {what}; expected {_EXPECTED[kind].format(**one.get('ctx', {}))}"
        else:
            said = one["msg"].removeprefix("Value error, ")
        lines.append(": ".join(part for part in (".".join(map(str, here)), said) if part))
    return lines
