"""The content of a report page, read from an executed notebook: header, contents, blocks, logs."""

from __future__ import annotations

__all__ = ["Page", "question_of", "read_page"]

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from s75lib.report.body import Block, Body, items_of
from s75lib.report.outputs import Failure, cells_of, failure_of, report_of
from s75lib.report.prose import Heading, Outline
from s75lib.report.references import references_of
from s75lib.report.versions import code_commit, code_digest, environment_versions


@dataclass(frozen=True)
class Page:
    """All that the template shows.

    Parameters
    ----------
    title : str
        The notebook's question.
    report : dict
        Payload of kind ``report``; empty when the notebook shows none.
    headings : tuple of Heading
        In order, for the contents list.
    blocks : tuple of Block
        In order.
    failure : Failure or None
        Why the page is incomplete.
    parameters, versions : dict
        For the last section.
    methods : list of (str, str)
        Every method that a headline names, with where it is published.
    commit, digest : str
        Of s75lib's own source.
    since : dict
        What has changed since the last report; empty where there is none.
    checks : list of dict
        All that were made, for the log.
    claims : dict of str to int
        How many published statements have each verdict.
    """

    title: str
    report: dict[str, Any]
    headings: tuple[Heading, ...]
    blocks: tuple[Block, ...]
    failure: Failure | None
    parameters: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    methods: list[tuple[str, str]] = field(default_factory=list)
    commit: str = ""
    digest: str = ""
    since: dict[str, Any] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)
    claims: dict[str, int] = field(default_factory=dict)

    @property
    def sections(self) -> list[tuple[Heading, list[Heading]]]:
        """Level-2 headings, each with the level-3 headings below it."""
        found: list[tuple[Heading, list[Heading]]] = []
        for heading in self.headings:
            if heading.level == 2:
                found.append((heading, []))
            elif heading.level == 3:
                found[-1][1].append(heading)
        return found


def read_page(nb: Mapping[str, Any], name: str = "", since: Mapping[str, Any] | None = None) -> Page:
    """Read a report page from an executed notebook.

    Parameters
    ----------
    nb : mapping
        The executed notebook; also one that failed half-way or was run elsewhere.
    name : str
        The notebook's name, the title of last resort.
    since : mapping, optional
        What has changed since the last report.

    Returns
    -------
    Page
        A function of the notebook and of the exporting environment's versions alone: no clock, no ids.

    Notes
    -----
    HTML is taken only from outputs that carry our MIME type too, and is sanitised even then; other outputs
    are shown as text or image. The part of kind ``report`` is the page's header and is not shown again.
    """
    body = Body(nb)
    blocks = body.read()
    report = report_of(nb)
    parameters = nb["metadata"].get("papermill", {}).get("parameters", {})
    methods = [item["method"] for item in items_of(nb, "headlines") if item.get("method")]
    return Page(
        title=body.outline.title or _title(report, name),
        report=report,
        headings=tuple(body.outline.headings),
        blocks=tuple(blocks),
        failure=failure_of(nb),
        parameters=dict(parameters),
        versions=dict(report.get("versions") or environment_versions()),
        methods=references_of(methods),
        commit=code_commit(),
        digest=code_digest(),
        since=dict(since or {}),
        checks=items_of(nb, "checks"),
        claims=dict(Counter(str(item["verdict"]).replace("_", " ") for item in items_of(nb, "claims"))),
    )


def question_of(nb: Mapping[str, Any], name: str = "") -> str:
    """Return the notebook's question: its first level-1 heading, what its report part says, or its name.

    Parameters
    ----------
    nb : mapping
        A notebook, executed or not.
    name : str
        The notebook's name.

    Returns
    -------
    str
    """
    outline = Outline()
    for cell in cells_of(nb):
        if cell["cell_type"] == "markdown" and not outline.title:
            outline.render(cell["source"], cell.get("attachments"))
    return outline.title or _title(report_of(nb), name)


def _title(report: Mapping[str, Any], name: str) -> str:
    """Give a title to a notebook without heading."""
    return str(report.get("question") or name.replace("_", " ").capitalize() or "Report")
