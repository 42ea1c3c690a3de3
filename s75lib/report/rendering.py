"""Our pages from their templates: all that is needed to write one, and nothing of nbconvert."""

from __future__ import annotations

__all__ = ["TEMPLATES", "environment", "render"]

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from s75lib.report.wording import day, number

TEMPLATES = Path(__file__).parent / "template"


@cache
def environment() -> Environment:
    """Return the Jinja environment of our templates: escaping, strict, and blind to any other folder.

    Returns
    -------
    jinja2.Environment
    """
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
    env.filters["number"] = number
    return env


def _styled(rules: str) -> dict[str, Markup]:
    """Our style with further rules, and the policy that allows this one style and nothing else."""
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8") + rules
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    return {"style": Markup(style), "policy": Markup(policy)}  # noqa: S704 - our own file and words


def render(template: str, *, rules: str = "", **values: Any) -> str:
    """Render one of our templates.

    Parameters
    ----------
    template : str
        File name in ``template/``.
    rules : str
        Style of this page alone; ours to write, never from data.
    **values
        What it shows; text is escaped, Markup is not.

    Returns
    -------
    str
        A whole HTML page.
    """
    return environment().get_template(template).render(**values, **(_styled(rules) if rules else {}))
