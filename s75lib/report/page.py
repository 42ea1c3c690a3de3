"""The content of a report page, read from an executed notebook: header, contents, blocks, sources."""

from __future__ import annotations

__all__ = ["Block", "Page", "question_of", "read_page"]

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from markupsafe import Markup

from s75lib.report.outputs import MIME, Failure, cells_of, failure_of, report_of
from s75lib.report.prose import Heading, Outline
from s75lib.report.sanitise import sanitise
from s75lib.report.text import without_paths
from s75lib.report.versions import environment_versions

_IMAGES = ("image/svg+xml", "image/png", "image/jpeg")


@dataclass(frozen=True)
class Block:
    """One piece of the page's body.

    Parameters
    ----------
    kind : str
        ``html`` (safe already), ``text``, ``messages`` (warnings), ``error``, ``image`` or ``code``.
    body : str or Markup
        What it holds; of an image, its data address.
    label : str
        An image's text alternative; the steps whose code it is.
    """

    kind: Literal["html", "text", "messages", "error", "image", "code"]
    body: str
    label: str = ""


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
    """

    title: str
    report: dict[str, Any]
    headings: tuple[Heading, ...]
    blocks: tuple[Block, ...]
    failure: Failure | None
    parameters: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

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


def read_page(nb: Mapping[str, Any], name: str = "") -> Page:
    """Read a report page from an executed notebook.

    Parameters
    ----------
    nb : mapping
        The executed notebook; also one that failed half-way or was run elsewhere.
    name : str
        The notebook's name, the title of last resort.

    Returns
    -------
    Page
        A function of the notebook and of the exporting environment's versions alone: no clock, no ids.

    Notes
    -----
    HTML is taken only from outputs that carry our MIME type too, and is sanitised even then; other outputs
    are shown as text or image. The part of kind ``report`` is the page's header and is not shown again.
    """
    outline = Outline()
    blocks: list[Block] = []
    step = 0
    for cell in cells_of(nb):
        if cell["cell_type"] == "markdown":
            html = outline.render(cell["source"], cell.get("attachments"))
            if html.strip():
                blocks.append(Block("html", html))
        elif cell["cell_type"] == "code" and cell["source"].strip():
            step += 1
            blocks += _shown(cell, outline)
            _add_code(blocks, cell["source"].strip(), step)
    report = report_of(nb)
    parameters = nb["metadata"].get("papermill", {}).get("parameters", {})
    return Page(
        title=outline.title or _title(report, name),
        report=report,
        headings=tuple(outline.headings),
        blocks=tuple(blocks),
        failure=failure_of(nb),
        parameters=dict(parameters),
        versions=dict(report.get("versions") or environment_versions()),
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


def _add_code(blocks: list[Block], source: str, step: int) -> None:
    """Put a cell's code after its outputs, together with that of silent cells just before it."""
    code = Block("code", without_paths(source), f"step {step}")
    if blocks and blocks[-1].kind == "code":
        last = blocks.pop()
        first = last.label.removeprefix("steps ").removeprefix("step ").split(" ")[0]
        code = replace(code, body=f"{last.body}\n\n{code.body}", label=f"steps {first} to {step}")
    blocks.append(code)


def _shown(cell: Mapping[str, Any], outline: Outline) -> Iterator[Block]:
    """Yield what a code cell shows."""
    for output in cell.get("outputs", []):
        match output["output_type"]:
            case "stream" if output["name"] == "stderr":
                yield Block("messages", without_paths(output["text"]).strip())
            case "stream":
                yield Block("text", without_paths(output["text"]).rstrip())
            case "error":
                message = without_paths(f"{output['ename']}: {output['evalue']}")
                yield Block("error", message.removesuffix(": "))
            case _:
                yield from _data(output, outline)


def _data(output: Mapping[str, Any], outline: Outline) -> Iterator[Block]:
    """Yield the best form of a displayed object that a safe page can show."""
    data = output["data"]
    payload = data.get(MIME)
    image = next((kind for kind in _IMAGES if kind in data), None)
    if isinstance(payload, Mapping) and "text/html" in data:
        if payload.get("kind") != "report":
            yield Block("html", Markup(sanitise(data["text/html"])))  # noqa: S704 - sanitised
    elif "text/markdown" in data:
        yield Block("html", outline.render(data["text/markdown"]))
    elif image is not None:
        alt = output["metadata"].get(image, {}).get("alt") or output["metadata"].get("alt")
        yield Block("image", _address(image, data[image]), alt or "A chart without a description.")
    elif "text/plain" in data:
        yield Block("text", without_paths(data["text/plain"]).rstrip())


def _address(kind: str, content: str) -> str:
    """Write an image as a data address."""
    if kind == "image/svg+xml":
        content = base64.b64encode(content.encode()).decode("ascii")
    return f"data:{kind};base64,{''.join(content.split())}"
