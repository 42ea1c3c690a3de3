"""Look indicators up, and read those that an authority describes itself."""

from __future__ import annotations

__all__ = ["ascof_measure", "find", "generic", "read_indicators"]

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from s75lib.errors import ConfigError
from s75lib.loaders.indicators.entry import POLARITIES, Indicator
from s75lib.loaders.indicators.known import REGISTRY

FILE = "indicators.toml"


def generic(slug: str) -> Indicator:
    """Build an entry for an indicator that nobody has described.

    Parameters
    ----------
    slug : str

    Returns
    -------
    Indicator
        Polarity ``neither``, with a caveat that says so.

    Examples
    --------
    >>> generic("calls_answered").name, generic("calls_answered").polarity
    ('Calls answered', 'neither')
    """
    name = slug.replace("_", " ").strip()
    caveat = f"Not in the registry, so which way is better is not known: describe it in the folder's {FILE}."
    return Indicator(slug, name[:1].upper() + name[1:], caveats=(caveat,), is_known=False)


def find(slug: str, registry: Mapping[str, Indicator] | None = None) -> Indicator:
    """Look an indicator up.

    Parameters
    ----------
    slug : str
    registry : mapping of str to Indicator, optional
        As `read_indicators` gives it; default: the toolkit's own.

    Returns
    -------
    Indicator
        A generic entry where it is in neither.

    Examples
    --------
    >>> find("cpa_employment").polarity, find("calls_answered").is_known
    ('higher_is_better', False)
    """
    known = REGISTRY if registry is None else registry
    return known.get(slug) or generic(slug)


def ascof_measure(code: str, year: str, registry: Mapping[str, Indicator] | None = None) -> Indicator | None:
    """Say what an ASCOF code meant in a financial year.

    Parameters
    ----------
    code : str
        Such as ``2C``.
    year : str
        Financial year, as in 2018/19.
    registry : mapping of str to Indicator, optional

    Returns
    -------
    Indicator or None
        None where the registry has no measure of that code in that year.

    Examples
    --------
    The same code, two measures:

    >>> ascof_measure("2C", "2018/19").short, ascof_measure("2C", "2023/24").short
    ('Delayed transfers', 'Admissions aged 65 and over')
    """
    for entry in (REGISTRY if registry is None else registry).values():
        for known in entry.codes:
            if known.framework == "ASCOF" and known.code == code and known.holds_in(year):
                return entry
    return None


def read_indicators(folder: Path) -> Mapping[str, Indicator]:
    """Read the registry with an authority's own indicators.

    Parameters
    ----------
    folder : Path
        The authority's folder; its ``indicators.toml``, where there is one, has a table for each indicator.

    Returns
    -------
    mapping of str to Indicator
        The toolkit's entries, replaced or added to by the authority's.

    Raises
    ------
    ConfigError
        If the file is malformed: every fault in it is named.

    Notes
    -----
    Keys are the names of Indicator's parameters but for slug, codes and is_known; ``name`` is required. An
    entry of the toolkit's that is described again keeps what the authority leaves out.

    Examples
    --------
    ``[crisis_plans]``, ``name = "People with a plan"``, ``polarity = "higher_is_better"``.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, FILE).write_text("crisis_calls = { name = 'Calls to the crisis team' }")
    ...     read_indicators(Path(folder))["crisis_calls"].name
    'Calls to the crisis team'
    """
    file = folder / FILE
    if not file.is_file():
        return REGISTRY
    place = f"{folder.name}/{FILE}"
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{place}: found text that is not TOML ({error}); correct it there.") from error
    faults = [fault for slug, entry in content.items() for fault in _faults(slug, entry)]
    if faults:
        raise ConfigError("\n".join([f"{place}: {len(faults)} to correct:", *(f"  {f}" for f in faults)]))
    own = {slug: _own(slug, entry) for slug, entry in content.items()}
    return {**REGISTRY, **own}


_KINDS: Mapping[str, type[str] | type[list[Any]] | type[bool]] = {
    "name": str, "short": str, "polarity": str, "numerator": str, "denominator": str, "source": str,
    "breaks": list, "caveats": list, "is_mean_of_months": bool, "is_stock": bool, "is_clustered": bool,
}  # fmt: skip
_SAID = {str: "text in quotes", list: "a list of texts", bool: "true or false"}


def _faults(slug: str, entry: Any) -> list[str]:
    """Say what is wrong with one entry."""
    if not isinstance(entry, dict):
        return [f"{slug}: found {entry!r}; expected a table, [{slug}], with a name."]
    found = [] if slug in REGISTRY or "name" in entry else [f"{slug}: found no name; expected one."]
    for key, value in entry.items():
        kind = _KINDS.get(key)
        if kind is None:
            found.append(
                f"{slug}.{key}: found a key that is not known; expected some of {', '.join(_KINDS)}."
            )
        elif not isinstance(value, kind) or (
            kind is list and any(not isinstance(item, str) for item in entry[key])
        ):
            found.append(f"{slug}.{key}: found {value!r}; expected {_SAID[kind]}.")
        elif key == "polarity" and value not in POLARITIES:
            found.append(f"{slug}.{key}: found {value!r}; expected {' or '.join(POLARITIES)}.")
    return found


def _own(slug: str, entry: dict[str, Any]) -> Indicator:
    """Lay an authority's description over the toolkit's, or over a blank one."""
    said: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    base = REGISTRY.get(slug) or Indicator(slug, "")
    if "name" in said and "short" not in said:
        said["short"] = ""
    return dataclasses.replace(base, **said)
