"""What cannot be done, and the data that would let it."""

from __future__ import annotations

__all__ = ["Missing", "Need"]

from dataclasses import dataclass
from typing import Any

from s75lib.present import html
from s75lib.present.parts.shown import Shown


@dataclass(frozen=True)
class Need:
    """Data that would let an analysis run.

    Parameters
    ----------
    dataset : str
    columns : tuple of str
    gives : str
        What it would show.
    """

    dataset: str
    columns: tuple[str, ...]
    gives: str


@dataclass(frozen=True, repr=False)
class Missing(Shown):
    """An analysis that can't be done, and what it would take.

    Parameters
    ----------
    reason : str
        A sentence.
    needs : tuple of Need
    whole : bool
        Whether nothing in the notebook can be done.
    """

    reason: str
    needs: tuple[Need, ...] = ()
    whole: bool = False

    def payload(self) -> dict[str, Any]:
        """Give the gap as data."""
        if self.whole:
            return {"kind": "status", "status": "not_applicable", "reason": self.reason}
        return {
            "kind": "not_applicable",
            "reason": self.reason,
            "needs": [
                {"dataset": n.dataset, "columns": list(n.columns), "gives": n.gives} for n in self.needs
            ],
        }

    def html(self) -> str:
        """Give the reason and the list of needs."""
        body = [html.element("p", html.text(self.reason))]
        if self.needs:
            body.append(html.element("p", "What would let it run:"))
            items = [
                html.element(
                    "li",
                    html.element("code", html.text(need.dataset)),
                    html.text(" with "),
                    html.text(", ").join(html.element("code", html.text(name)) for name in need.columns),
                    html.text(f" – {need.gives}"),
                )
                for need in self.needs
            ]
            body.append(html.element("ul", *items))
        return html.element("div", *body, cls="s75-missing")

    def text(self) -> str:
        """Give the reason and the needs a line each."""
        lines = [f"  {n.dataset}: {', '.join(n.columns)} – {n.gives}" for n in self.needs]
        return "\n".join([self.reason, *lines])
