"""How the wing writes amounts and partners: pence as pounds, names in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from s75lib.present import words


def exact(pence: int) -> str:
    """Write pence as pounds, to the penny only where there are pence.

    >>> exact(32_944_320), exact(-12_000_00)
    ('£329,443.20', '−£12,000')
    """
    return words.money(pence / 100, rounded_to=1.0 if pence % 100 == 0 else 0.01)


def roughly(pence: int) -> str:
    """Write pence as a reader can hold them.

    >>> roughly(17_780_410_00)
    '£17.78m'
    """
    return words.amount(pence / 100)


def bearers(parts: Mapping[str, int], write: Callable[[int], str] = exact) -> str:
    """Say who bears what, in order of size; a saving is due to them. `write` turns pence into words.

    >>> bearers({"A Council": 32_944_320, "A Trust": 21_962_880})
    'A Council £329,443.20 and A Trust £219,628.80'
    """
    told = sorted(((name, part) for name, part in parts.items() if part), key=lambda one: -abs(one[1]))
    return words.join([f"{name} {write(part)}" for name, part in told])
