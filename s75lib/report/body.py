"""The body of a report page, read from an executed notebook: text, findings, tables, figures, code."""

from __future__ import annotations

__all__ = ["Block", "Body", "Said", "items_of"]

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from markupsafe import Markup

from s75lib.report.outputs import MIME, cells_of, free_name, payloads_of, results_of
from s75lib.report.prose import Outline
from s75lib.report.sanitise import sanitise
from s75lib.report.text import without_paths
from s75lib.report.trace import Trace, anchor_of, trace

_REGION = re.compile(r'role="region" aria-label="([^"]*)"')
_IMAGES = ("image/svg+xml", "image/png", "image/jpeg")


@dataclass(frozen=True)
class Said:
    """A headline as the page shows it: text, method, where its number stands, and what was checked."""

    anchor: str
    text: str
    method: str
    trace: Trace
    checks: tuple[tuple[str, str], ...] = ()  # anchor and wording


@dataclass(frozen=True)
class Block:
    """One piece of the page's body.

    Parameters
    ----------
    kind : str
        ``html`` (safe already), ``headlines``, ``text``, ``messages`` (warnings), ``error``, ``image`` or
        ``code``.
    body : str or Markup
        What it holds; of an image, its data address.
    label : str
        An image's text alternative; the steps whose code it is.
    anchor : str
        Of a table, a figure or checks, which headlines lead to.
    items : tuple of Said
        The headlines.
    """

    kind: Literal["html", "headlines", "text", "messages", "error", "image", "code"]
    body: str = ""
    label: str = ""
    anchor: str = ""
    items: tuple[Said, ...] = ()


def _add_code(blocks: list[Block], source: str, step: int) -> None:
    """Put a cell's code after its outputs, together with that of silent cells just before it."""
    code = Block("code", without_paths(source), f"step {step}")
    if blocks and blocks[-1].kind == "code":
        last = blocks.pop()
        first = last.label.removeprefix("steps ").removeprefix("step ").split(" ")[0]
        code = replace(code, body=f"{last.body}\n\n{code.body}", label=f"steps {first} to {step}")
    blocks.append(code)


class Body:
    """Reads the page's body; knows the outline so far and which results have been shown.

    Parameters
    ----------
    nb : mapping
        The executed notebook.
    """

    def __init__(self, nb: Mapping[str, Any]) -> None:
        self.outline = Outline()
        self._nb = nb
        self._results = results_of(nb)
        self._names = iter(self._results)
        self._checks = items_of(nb, "checks")
        self._checked_in = {
            item["id"]: anchor_of(str(number), "checks")
            for number, part in enumerate(payloads_of(nb, "checks"), start=1)
            for item in part["items"]
        }
        self._checks_shown = 0
        self._regions: set[str] = set()

    def read(self) -> list[Block]:
        """Read all cells."""
        blocks: list[Block] = []
        step = 0
        for cell in cells_of(self._nb):
            if cell["cell_type"] == "markdown":
                html = self.outline.render(cell["source"], cell.get("attachments"))
                if html.strip():
                    blocks.append(Block("html", self._distinct(html)))
            elif cell["cell_type"] == "code" and cell["source"].strip():
                step += 1
                blocks += self._shown(cell)
                _add_code(blocks, cell["source"].strip(), step)
        return blocks

    def _shown(self, cell: Mapping[str, Any]) -> Iterator[Block]:
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
                    yield from self._data(output)

    def _data(self, output: Mapping[str, Any]) -> Iterator[Block]:
        """Yield the best form of a displayed object that a safe page can show."""
        data = output["data"]
        payload = data.get(MIME)
        image = next((kind for kind in _IMAGES if kind in data), None)
        if isinstance(payload, Mapping) and "text/html" in data:
            yield from self._part(payload, data["text/html"])
        elif "text/markdown" in data:
            yield Block("html", self._distinct(self.outline.render(data["text/markdown"])))
        elif image is not None:
            alt = output["metadata"].get(image, {}).get("alt") or output["metadata"].get("alt")
            yield Block("image", _address(image, data[image]), alt or "A chart without a description.")
        elif "text/plain" in data:
            yield Block("text", without_paths(data["text/plain"]).rstrip())

    def _part(self, payload: Mapping[str, Any], html: str) -> Iterator[Block]:
        """Yield one of our own parts; the report's head is the page's header and not shown again."""
        match payload.get("kind"):
            case "report":
                return
            case "headlines":
                yield Block("headlines", items=tuple(self._said(item) for item in payload["items"]))
            case "table" | "figure":
                yield Block("html", self._safe(html), anchor=anchor_of(next(self._names)))
            case "checks":
                self._checks_shown += 1
                yield Block("html", self._safe(html), anchor=anchor_of(str(self._checks_shown), "checks"))
            case _:
                yield Block("html", self._safe(html))

    def _safe(self, html: str) -> Markup:
        """HTML of a part, sanitised even so."""
        return self._distinct(sanitise(html))

    def _distinct(self, html: str) -> Markup:
        """Give regions of one name a number: a screen reader lists them without what is around them."""

        def named(found: re.Match[str]) -> str:
            name = free_name(found[1], self._regions)
            self._regions.add(name)
            return f'role="region" aria-label="{name}"'

        return Markup(_REGION.sub(named, html))  # noqa: S704 - sanitised before

    def _said(self, item: Mapping[str, Any]) -> Said:
        """One headline, with where it comes from."""
        found = trace(item, self._results, self._checks)
        checks = tuple((self._checked_in[check], detail) for check, detail in found.checks)
        return Said(anchor_of(item["id"], "headline"), item["text"], item.get("method") or "", found, checks)


def items_of(nb: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return all items of the payloads of a kind, in the order shown."""
    return [item for part in payloads_of(nb, kind) for item in part["items"]]


def _address(kind: str, content: str) -> str:
    """Write an image as a data address."""
    if kind == "image/svg+xml":
        content = base64.b64encode(content.encode()).decode("ascii")
    return f"data:{kind};base64,{''.join(content.split())}"
