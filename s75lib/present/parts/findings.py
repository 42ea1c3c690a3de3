"""Findings and checks."""

from __future__ import annotations

__all__ = ["Checks", "Headlines"]

from dataclasses import dataclass
from typing import Any

from s75lib.present import html
from s75lib.present.headline import Check, Headline
from s75lib.present.parts.data import plain
from s75lib.present.parts.shown import Shown


@dataclass(frozen=True, repr=False)
class Headlines(Shown):
    """The findings of a notebook or of a section.

    Parameters
    ----------
    items : tuple of Headline
    """

    items: tuple[Headline, ...]

    def payload(self) -> dict[str, Any]:
        """Give the findings as data."""
        fields = ("id", "text", "value", "unit", "lower", "upper", "method")
        return {
            "kind": "headlines",
            "items": [
                {name: plain(getattr(item, name)) for name in fields}
                | ({"see": list(item.see)} if item.see else {})
                for item in self.items
            ],
        }

    def html(self) -> str:
        """Give the findings as a list."""
        return html.element(
            "ul", *(html.element("li", html.text(item.text)) for item in self.items), cls="s75-headlines"
        )

    def text(self) -> str:
        """Give the findings a line each."""
        return "\n".join(f"• {item.text}" for item in self.items)


@dataclass(frozen=True, repr=False)
class Checks(Shown):
    """What was checked.

    Parameters
    ----------
    items : tuple of Check
    title : str
    """

    items: tuple[Check, ...]
    title: str = "Checks"

    def payload(self) -> dict[str, Any]:
        """Give the checks as data."""
        return {
            "kind": "checks",
            "items": [{"id": c.id, "passed": c.passed, "detail": c.detail} for c in self.items],
        }

    def html(self) -> str:
        """Give the checks as a table: failed ones first."""
        ordered = sorted(self.items, key=lambda check: check.passed)
        rows = [[check.detail, "Passed" if check.passed else "Failed"] for check in ordered]
        return html.table(self.title, ["Check", "Result"], rows, [False, False], cls="s75-checks")

    def text(self) -> str:
        """Give the checks a line each."""
        return "\n".join(f"{'passed' if c.passed else 'FAILED'}: {c.detail}" for c in self.items)
