"""Plain text of the synthetic authority: CSV cells that never vary, and TOML."""

from __future__ import annotations

__all__ = ["csv_text", "toml_text"]

from collections.abc import Mapping
from typing import Any

import pandas as pd


def csv_text(frame: pd.DataFrame) -> str:
    """Return the frame as CSV: LF, ISO dates, money to the penny without trailing zeros, no index.

    Examples
    --------
    >>> frame = pd.DataFrame({"day": pd.to_datetime(["2024-04-30"]), "cost": [812.5], "s117": [False]})
    >>> print(csv_text(frame), end="")
    day,cost,s117
    2024-04-30,812.5,n
    """
    cells = pd.DataFrame({column: [_cell(value) for value in frame[column]] for column in frame.columns})
    return cells.to_csv(index=False, lineterminator="\n")


def _cell(value: Any) -> str:
    """Write one value."""
    if pd.isna(value):
        return ""
    if isinstance(value, bool):
        return "y" if value else "n"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)


def toml_text(table: Mapping[str, Any], prefix: str = "") -> str:
    """Return a mapping of plain values, tables and lists of tables as TOML.

    Examples
    --------
    >>> print(toml_text({"seed": 75, "steps": [{"month": "2024-08", "teams": ["Alder"]}]}), end="")
    seed = 75
    <BLANKLINE>
    [[steps]]
    month = "2024-08"
    teams = ["Alder"]
    """
    plain, nested = [], []
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            nested.append(f"\n[{name}]\n{toml_text(value, f'{name}.')}")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            nested += [f"\n[[{name}]]\n{toml_text(row, f'{name}.')}" for row in value]
        else:
            plain.append(f"{key} = {_toml_value(value)}\n")
    return "".join(plain + nested)


def _toml_value(value: object) -> str:
    """Write one plain value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, list):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    return str(value)
