"""The nbconvert exporter ``s75``: one self-contained, accessible HTML file for each executed notebook."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from jinja2 import Environment
from markupsafe import Markup, escape
from nbconvert.exporters import HTMLExporter
from traitlets import default

from s75lib.report.commentary import headings_of, place_notes
from s75lib.report.fingerprint import code_commit, code_digest, environment_versions
from s75lib.report.glossary import explained, linked, linked_in, spelt_out, used
from s75lib.report.manifest import (
    MIME,
    cells_of,
    failure_of,
    free_name,
    headlines_of,
    items_of,
    payloads_of,
    question_of,
    report_of,
    results_of,
    without_paths,
)
from s75lib.report.rendering import TEMPLATES, environment, running_head
from s75lib.report.sanitise import Outline, sanitise

_REGION = re.compile(r'role="region" aria-label="([^"]*)"')
_IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
_NAMED = 1  # titles of what is folded


@dataclass(frozen=True)
class Trace:
    """Where a headline's number stands in its report; without row and column the link is by name alone."""

    result: str = ""  # name of the table or figure in the manifest; empty when none was found
    title: str = ""
    row: str = ""
    column: str = ""
    checks: tuple[tuple[str, str], ...] = ()  # id and wording

    @property
    def anchor(self) -> str:
        """Where the page shows the result."""
        return anchor_of(self.result)


def anchor_of(result: str, prefix: str = "result") -> str:
    """Return the anchor of a result, a headline or a check in the page."""
    return f"{prefix}-{re.sub(r'[^A-Za-z0-9._-]+', '-', result)}"


def trace(
    headline: Mapping[str, Any],
    results: Mapping[str, Mapping[str, Any]],
    checks: Sequence[Mapping[str, Any]] = (),
) -> Trace:
    """Find the result and the checks that a headline rests on; a wrong link is worse than none.

    The headline's ``cell`` names table, row and column: none is looked for by its value. Without it the table
    is linked that ``see`` names, or whose name begins with the subject of the headline's id.
    """
    named = [str(name) for name in headline.get("see") or ()]
    words = _words(str(headline["id"]))
    about = [c for c in checks if c["id"] in named or (not named and words[:1] == _words(str(c["id"]))[:1])]
    told = tuple((str(c["id"]), str(c["detail"])) for c in about)
    found = _identified(headline["cell"], results) if headline.get("cell") else Trace()
    if not found.result:
        split = {name: re.split(r"[._-]", name) for name in results}
        subject = words[0].removesuffix("s") if words else None
        alike = [name for name, parts in split.items() if parts[0].removesuffix("s") == subject]
        near = [name for name in named if name in results] or alike
        name = max(near, key=lambda one: len(set(words) & set(split[one])), default="")
        found = Trace(name, str(results[name]["title"])) if name else found
    return replace(found, checks=told)


def with_claims(
    results: Mapping[str, Mapping[str, Any]], claims: Sequence[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """Set the table of published statements beside the other results, for headlines that rest on it."""
    columns = [{"name": "claim_id", "label": ""}, {"name": "recomputed", "label": "Recomputed"}]
    title = "Published statements and their recomputation"
    return {**results, "claims": {"title": title, "columns": columns, "records": claims}}


def _identified(cell: Sequence[str], results: Mapping[str, Mapping[str, Any]]) -> Trace:
    """Find the cell that a headline names, the table alone where it lacks the row, or nothing."""
    table, row, column = cell
    alike = [name for name in results if re.fullmatch(rf"{re.escape(table)}(-\d+)?", name)]
    for name in alike:
        labels = {one["name"]: str(one["label"]) for one in results[name]["columns"]}
        rows = [[str(record.get(one)) for one in labels] for record in results[name]["records"]]
        held = any(row == ", ".join(texts[:many]) for texts in rows for many in range(1, len(texts) + 1))
        if column in labels and (held or not row):  # no row: the whole column, of which the number is made
            return Trace(name, str(results[name]["title"]), row, labels[column])
    return Trace(alike[0], str(results[alike[0]]["title"])) if alike else Trace()


def _words(identifier: str) -> list[str]:
    return re.split(r"[._-]", identifier)[1:]


_REFERENCES = {
    "Clopper": "Clopper, C. J. and Pearson, E. S. (1934) Biometrika 26, 404-413.",
    "Wilson": "Wilson, E. B. (1927) Journal of the American Statistical Association 22, 209-212.",
    "Newcombe": "Newcombe, R. G. (1998) Statistics in Medicine 17, 873-890.",
    "Garwood": "Garwood, F. (1936) Biometrika 28, 437-442.",
    "Byar": "Breslow, N. E. and Day, N. E. (1987) Statistical Methods in Cancer Research, vol. II. IARC.",
    "Fisher": "Fisher, R. A. (1935) J. R. Statist. Soc. 98, 39-82.",
    "Shapley": "Shapley, L. S. (1953) Contributions to the Theory of Games II, 307-317. Princeton.",
    "Das Gupta": "Das Gupta, P. (1993) Standardization and Decomposition of Rates. US Census Bureau P23-186.",
    "Lorenz": "Lorenz, M. O. (1905) Publications of the American Statistical Association 9, 209-219.",
    "Tukey": "Tukey, J. W. (1977) Exploratory Data Analysis. Addison-Wesley.",
    "Holm": "Holm, S. (1979) Scandinavian Journal of Statistics 6, 65-70.",
    "Benjamini": "Benjamini, Y. and Hochberg, Y. (1995) J. R. Statist. Soc. B 57, 289-300.",
    "XmR": "Wheeler, D. J. (2000) Understanding Variation. SPC Press.",
    "Erlang": "Erlang, A. K. (1917) Elektroteknikeren 13, 5-13.",
    "bootstrap": "Efron, B. (1979) Annals of Statistics 7, 1-26.",
    "exact conditional": "Przyborowski, J. and Wilenski, H. (1940) Biometrika 31, 313-323.",
    "Koopman": "Koopman, P. A. R. (1984) Biometrics 40, 513-517.",
    "GRIM": "Brown, N. J. L. and Heathers, J. A. J. (2017) Social Psychol. Pers. Sci. 8, 363-369.",
    "Making Data Count": "NHS England (2019) Making Data Count: Strengthening your decisions.",
    "Pettitt": "Pettitt, A. N. (1979) Applied Statistics 28, 126-135.",
    "Bayes factor": "Kass, R. E. and Raftery, A. E. (1995) J. Am. Statist. Assoc. 90, 773-795.",
    "smoothing models": "Hyndman, R. J. et al. (2008) Forecasting with Exponential Smoothing. Springer.",
    "made to add up": "Panagiotelis, A. et al. (2023) European Journal of Operational Research 306, 693-706.",
    "Little's law": "Little, J. D. C. (1961) Operations Research 9, 383-387.",
    "Patient Safety Agency": "National Patient Safety Agency (2008) A risk matrix for risk managers.",
    "funnel": "Spiegelhalter, D. J. (2005) Statistics in Medicine 24, 1185-1202.",
    "suppression": "Hundepool, A. et al. (2012) Statistical Disclosure Control. Wiley, chapter 4.",
}


def references_of(methods: Iterable[str]) -> list[tuple[str, str]]:
    """List methods, each once, with where it is published."""
    return [
        (method, " ".join(cited for name, cited in _REFERENCES.items() if name.lower() in method.lower()))
        for method in sorted(set(methods), key=str.casefold)
    ]


@dataclass(frozen=True)
class Block:
    """One piece of the page's body; HTML in it is safe already."""

    kind: Literal[
        "html", "summary", "headlines", "text", "messages", "error", "image", "code", "details", "opening"
    ]
    body: str = ""  # of an image, its data address
    label: str = ""  # an image's text alternative; the steps whose code it is; a result's title
    anchor: str = ""  # of a table, a figure or checks, which headlines lead to
    items: tuple[dict[str, Any], ...] = ()  # headlines
    inner: tuple[Block, ...] = ()  # of details and of the opening


def _arranged(blocks: list[Block]) -> list[Block]:
    """Fold what stands behind a section's first table or figure, or behind its mark; set up the opening."""
    if any(block.kind == "summary" for block in blocks):
        beside = [block for block in blocks if block.kind == "summary" or block.anchor]
        rest = [block for block in blocks if block not in beside]
        return [Block("opening", inner=tuple(beside)), *rest]
    told = [at for at, block in enumerate(blocks) if block.anchor or block.kind == "details"]
    after = blocks[told[0] + 1 :] if told else []
    detail = [block for block in after if block.kind == "html"]
    if not detail:
        return blocks
    titles = [block.label for block in detail if block.label]
    more = f" and {len(titles) - _NAMED} more" if len(titles) > _NAMED else ""
    label = "; ".join(titles[:_NAMED]) + more or "What is missing here"
    return [
        *(block for block in blocks if block not in detail and block.kind != "details"),
        Block("details", label=label, inner=tuple(detail)),
    ]


def _with_content(cells: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Leave out sections that have nothing but gaps: the page of an authority without data is short."""
    empty = [False] * len(cells)
    for at, cell in reversed(list(enumerate(cells))):
        if cell["cell_type"] == "code":
            payloads = [output.get("data", {}).get(MIME) for output in cell.get("outputs", [])]
            empty[at] = bool(payloads) and all(
                isinstance(one, Mapping) and _tells_nothing(one) for one in payloads
            )
        elif cell["cell_type"] == "markdown" and at > 0:
            following = cells[at + 1 :][:1]
            silent = not following or following[0]["cell_type"] == "markdown" or not following[0]["outputs"]
            empty[at] = silent or empty[at + 1]
    return [cell for cell, gone in zip(cells, empty, strict=True) if not gone]


def _tells_nothing(payload: Mapping[str, Any]) -> bool:
    empty_claims = payload.get("kind") == "claims" and not payload["items"]
    return empty_claims or payload.get("kind") in ("not_applicable", "details")


class Body:
    """Reads the page's body; knows the outline so far and which results have been shown."""

    def __init__(self, nb: Mapping[str, Any]) -> None:
        self.outline = Outline()
        self._nb = nb
        self._results = results_of(nb)
        self._names = iter(self._results)
        self._checks = items_of(nb, "checks")
        self._traced = with_claims(self._results, items_of(nb, "claims"))
        self._checked_in = {
            item["id"]: anchor_of(str(number), "checks")
            for number, part in enumerate(payloads_of(nb, "checks"), start=1)
            for item in part["items"]
        }
        self._checks_shown = 0
        self._undivided: list[str] = []
        self._in_sections = {item["id"] for item in items_of(nb, "headlines")}
        self._anchors: set[str] = set()
        self._regions: set[str] = set()
        self.terms: set[str] = set()
        self._told: set[str] = set()  # abbreviations

    def read(self) -> list[Block]:
        """Read all cells."""
        blocks: list[Block] = []
        step, silent = 0, []
        cells = cells_of(self._nb)
        if payloads_of(self._nb, "status"):
            cells = _with_content(cells)
        elif payloads_of(self._nb, "focus"):
            cells = self._of_the_focus(cells)
        for cell in cells:
            if cell["cell_type"] == "markdown":
                html = self.outline.render(cell["source"], cell.get("attachments"))
                if html.strip():
                    blocks.append(Block("html", self._distinct(html)))
            elif cell["cell_type"] == "code" and cell["source"].strip():
                step += 1
                silent.append(without_paths(cell["source"].strip()))
                shown = list(self._shown(cell))
                if shown or cell is self._nb["cells"][-1]:
                    first = step - len(silent) + 1
                    steps = f"step {step}" if first == step else f"steps {first} to {step}"
                    code = Block("code", "\n\n".join(silent), steps)
                    blocks += [*_arranged(shown), code]
                    silent = []
        return blocks

    def _of_the_focus(self, cells: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Leave out the sections of which a cut has nothing, and note their headings."""
        kept = {id(cell) for cell in _with_content(cells)}
        headed = [(cell, headings_of(cell)) for cell in cells]
        gone = {id(cell) for cell, found in headed if found and id(cell) not in kept}
        self._undivided = [heading for cell, found in headed if id(cell) in gone for heading in found]
        return [
            cell for cell, found in headed if id(cell) in kept or (not found and cell["cell_type"] != "code")
        ]

    def _shown(self, cell: Mapping[str, Any]) -> Iterator[Block]:
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
            case "details":
                yield Block("details")
            case "summary" | "headlines" as kind:
                plain = [
                    {"large": "", "said": item["text"], "marks": {}, "shows": ""} for item in payload["items"]
                ]
                drawn = [
                    look | {"said": spelt_out(look["said"], self._told)}
                    for look in payload.get("drawn", plain)
                ]
                items = zip(payload["items"], drawn, strict=True)
                yield Block(kind, items=tuple(self._headline(item, kind) | look for item, look in items))
            case "table" | "figure" as kind:
                if kind == "figure":
                    html = explained(payload, html, self._told)
                result = next(self._names)
                told = linked_in(self._safe(html), self.terms, self._told)
                yield Block("html", told, str(payload["title"]), anchor_of(result))
            case "checks":
                self._checks_shown += 1
                anchor = anchor_of(str(self._checks_shown), "checks")
                yield Block("html", self._safe(html), "Checks of the figures", anchor)
            case "claims" if payload["items"]:
                yield Block("html", self._safe(html), anchor=anchor_of("claims"))
            case "focus" if self._undivided:
                kind = str(payload["of"]).replace("_", " ")
                left = f"Not divided by {kind}; see the full report for: {'; '.join(self._undivided)}."
                yield Block("html", self._safe(f'{html}<p class="s75-note">{escape(left)}</p>'))
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

    def _headline(self, item: Mapping[str, Any], kind: str) -> dict[str, Any]:
        """One headline, with where it comes from; in the summary a link to where it stands in its section."""
        anchor = anchor_of(item["id"], "headline")
        if kind == "summary" and item["id"] in self._in_sections:
            return {"text": item["text"], "href": f"#{anchor}"}
        anchor = free_name(anchor, self._anchors)
        self._anchors.add(anchor)
        found = trace(item, self._traced, self._checks)
        checks = [(self._checked_in[check], detail) for check, detail in found.checks]
        method = item.get("method") or ""
        text = item["text"]
        if kind == "headlines":
            text = linked(spelt_out(text, self._told), self.terms)
        return {"anchor": anchor, "text": text, "method": method, "trace": found, "checks": checks}


def _address(kind: str, content: str) -> str:
    if kind == "image/svg+xml":
        content = base64.b64encode(content.encode()).decode("ascii")
    return f"data:{kind};base64,{''.join(content.split())}"


def read_page(nb: Mapping[str, Any], name: str, since: Mapping[str, Any] | None) -> dict[str, Any]:
    """Read all that the template shows from a notebook, failed or not: no clock, no HTML but ours."""
    place_notes(nb)
    body = Body(nb)
    blocks = body.read()
    report = report_of(nb)
    return {
        "title": body.outline.title or question_of(nb, name),
        "report": report,
        "sections": [heading for heading in body.outline.headings if heading.level == 2],
        "blocks": blocks,
        "glossary": used(body.terms),
        "failure": failure_of(nb),
        "parameters": nb["metadata"].get("papermill", {}).get("parameters", {}),
        "versions": report.get("versions") or environment_versions(),
        "methods": references_of(item["method"] for item in headlines_of(nb) if item.get("method")),
        "commit": code_commit(),
        "digest": code_digest(),
        "since": since or {},
        "checks": items_of(nb, "checks"),
        "claims": Counter(str(item["verdict"]).replace("_", " ") for item in items_of(nb, "claims")),
    }


class S75Exporter(HTMLExporter):
    """Exports an executed notebook as a report: ``jupyter nbconvert --to s75 executed.ipynb``.

    The page makes no request: style, script and images are inside, and a content security
    policy that the page itself satisfies holds it to that. The same executed notebook gives the same bytes.
    Templates come from our own folder only, so none of nbconvert's own, which load from the web, is reached.
    """

    export_from_notebook = "s75 report"

    @default("default_preprocessors")
    def _default_preprocessors_default(self) -> list[str]:
        return ["nbconvert.preprocessors.ExecutePreprocessor"]  # at rest without ``--execute``

    @default("template_name")
    def _template_name_default(self) -> str:
        return "s75"

    @default("template_file")
    def _template_file_default(self) -> str:
        return "report.html.j2"

    @default("template_paths")
    def _template_paths(self, prune: bool = True, root_dirs: Any = None) -> list[str]:
        return [str(TEMPLATES)]

    def _create_environment(self) -> Environment:
        return environment()

    def from_notebook_node(  # type: ignore[override]
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a notebook node; ``resources["since"]`` (ours) says what changed since the last report."""
        # nbconvert's own steps would copy the notebook twice, validate it after each of eleven preprocessors,
        # none of which our page heeds, and parse the page again to mend what is whole.
        resources = self._init_resources(resources)  # type: ignore[no-untyped-call]
        if any(step.enabled for step in self._preprocessors):
            nb, resources = self._preprocess(nb, resources)  # type: ignore[no-untyped-call]
        name = str(resources["metadata"].get("name") or "")
        resources["page"] = read_page(nb, name, resources.get("since"))
        report = resources["page"]["report"]
        head = f"{report['name']}, {report['period']}: {resources['page']['title']}" if report else name
        head = f"{head} ({report['focus']})" if report.get("focus") else head
        head = head if report.get("approved", True) else f"DRAFT. {head}"
        return self.template.render(resources=resources, **running_head(head)), resources
