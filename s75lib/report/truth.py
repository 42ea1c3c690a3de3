"""What a run leaves in a notebook, put right: what ran, what failed, what never did, no paths."""

from __future__ import annotations

__all__ = ["mark_what_ran", "without_machine"]

from typing import Any

from s75lib.report.outputs import Failure, cells_of, failure_of, never_ran
from s75lib.report.text import without_paths


def mark_what_ran(nb: Any) -> Failure | None:
    """Set the record that papermill keeps in a notebook by what ran.

    Parameters
    ----------
    nb : NotebookNode
        Changed in place.

    Returns
    -------
    Failure or None
        Where it stopped.

    Notes
    -----
    After a dead kernel or a passed time limit papermill marks every cell completed, those that never ran
    included, and takes ``sys.exit(0)`` for a success.
    """
    failure = failure_of(nb)
    nb.metadata.setdefault("papermill", {})["exception"] = failure is not None
    cells: list[Any] = list(cells_of(nb))
    for number, cell in enumerate(cells, start=1):
        if failure is not None and number == failure.cell and not never_ran(cell):
            cell.metadata.setdefault("papermill", {}).update({"status": "failed", "exception": True})
        elif never_ran(cell):
            nothing = dict.fromkeys(("exception", "start_time", "end_time", "duration"))
            cell.metadata["papermill"] = {"status": "pending", **nothing}
    return failure


def without_machine(nb: Any, name: str) -> None:
    """Take the machine's paths out of an executed notebook.

    Parameters
    ----------
    nb : NotebookNode
        Changed in place; papermill's own notes about an error go too.
    name : str
        The notebook's.
    """
    nb.cells = list(cells_of(nb))
    record = nb.metadata.setdefault("papermill", {})
    record["input_path"] = record["output_path"] = f"{name}.ipynb"
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.evalue = without_paths(output.evalue)
                output.traceback = [without_paths(line) for line in output.traceback]
            elif output.output_type == "stream":
                output.text = without_paths(output.text)
