"""The settings files of an authority, read with limits that no honest file comes near."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_LARGEST = 5 * 2**20  # bytes
_DEEPEST = 20
_LONGEST = 18  # digits of a whole number


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file in UTF-8, with or without a byte-order mark.

    ValueError in plain words, if it is not TOML, a link out of its folder, larger than 5 MB, nested more than
    20 deep, or holds a whole number of more than 18 digits.

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
        inner = [
            one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)
        ]
        level = [each for one in inner for each in one]
        if not level:
            return held
    raise ValueError(f"tables or lists nested too deep; {_DEEPEST} is the most")
