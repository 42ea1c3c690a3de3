"""The nbconvert exporter ``s75``: one self-contained, accessible HTML file for each executed notebook."""

from __future__ import annotations

__all__ = ["S75Exporter"]

from typing import Any

from jinja2 import Environment
from nbconvert.exporters import HTMLExporter
from traitlets import default

from s75lib.report.page import read_page
from s75lib.report.rendering import TEMPLATES, environment


class S75Exporter(HTMLExporter):
    """Exports an executed notebook as a report: ``jupyter nbconvert --to s75 executed.ipynb``.

    Notes
    -----
    The page makes no request: style and images are inside, there is no script, and a content security
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
        """Convert a notebook node.

        Parameters
        ----------
        nb : NotebookNode
            The executed notebook.
        resources : dict, optional
            nbconvert's resources; ``metadata.name`` is the title of last resort, ``since`` (ours) what has
            changed since the last report.

        Returns
        -------
        html : str
        resources : dict
        """
        # nbconvert's own steps would copy the notebook twice, validate it after each of eleven preprocessors,
        # none of which our page heeds, and parse the page again to mend what is whole.
        resources = self._init_resources(resources)  # type: ignore[no-untyped-call]
        if any(step.enabled for step in self._preprocessors):
            nb, resources = self._preprocess(nb, resources)  # type: ignore[no-untyped-call]
        name = str(resources["metadata"].get("name") or "")
        resources["page"] = read_page(nb, name, resources.get("since"))
        return self.template.render(resources=resources), resources
