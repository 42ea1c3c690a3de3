"""Our pages from their templates, with dates, numbers and statuses as readers meet them; no nbconvert."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "template"
STATUS = {
    "ok": "Complete",
    "failed": "Failed",
    "not_applicable": "Data not available",
    "unchanged": "Unchanged",
}


@cache
def environment() -> Environment:
    """Return the Jinja environment of our templates: escaping, strict, and blind to any other folder."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.globals.update(_styled(""))
    env.filters["day"] = day
    env.filters["number"] = "{:,}".format
    return env


def _styled(rules: str) -> dict[str, Markup]:
    """Our style with further rules and our script, and the policy that allows these two and nothing else."""
    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", "script.js"))
    style += rules
    allowed = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script))
    policy = (
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    ).format(*allowed)
    return {
        "style": Markup(style),  # noqa: S704 - our own file and words
        "script": Markup(script),  # noqa: S704
        "policy": Markup(policy),  # noqa: S704
    }


def running_head(words: str) -> dict[str, Markup]:
    """Write style, script and policy of a page that prints some words at the head of each sheet."""
    rule = f"@page {{ @top-left {{ content: {css_text(words)}; font: 9pt sans-serif; width: 80%; }} }}"
    return _styled(f"@media print {{ {rule} }}\n")


def css_text(words: str) -> str:
    """Write words as a text of a style sheet, which nothing in them can end."""
    escaped = "".join(c if c.isalnum() and c.isascii() else f"\\{ord(c):x} " for c in words)
    return f'"{escaped}"'


def render(template: str, *, rules: str = "", **values: Any) -> str:
    """Render one of our templates; `rules` is style of this page alone, ours to write, never from data."""
    return environment().get_template(template).render(**values, **(_styled(rules) if rules else {}))


def day(iso: str) -> str:
    """Write an ISO date in words; what is no date stays as it is."""
    try:
        found = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{found.day} {found:%B} {found.year}"
