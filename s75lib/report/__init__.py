"""From notebooks to reports: plan, run, export, manifest and index; knows notebooks, not the wings.

- ``plan``: which reports to make, with every fault of the call found before anything starts; it reads
  ``notebooks`` and asks ``fingerprint`` what has changed. ``batch`` runs a plan and says how it ended, where
  ``executor`` has the work done; ``tasks`` says what is asked of a run and tells how it goes.
- ``worker``: one report. ``engine`` runs a notebook in a kernel that ``forkserver`` forks or ``warm`` starts;
  ``manifest`` is what it shows, as JSON by the published schema; ``exporter`` the HTML report (nbconvert),
  over ``sanitise`` and ``rendering``, with the analyst's notes (``commentary``).
- ``gate``: what must never leave with a report; ``store`` writes it safely. ``index`` is a page over all.
- ``diff``: two reports compared, and one made again to be verified. ``workbook``: the tables for Excel.
- ``documents``: a page as Word document and PDF: ``paper`` leaves what belongs there; ``word``, into a
  document of ``word_template``, and ``pdf`` write it.
"""

from __future__ import annotations

__all__ = ["Engine"]

from typing import Any


class Engine:
    """Where papermill finds `s75lib.report.engine.S75Engine`, which imports papermill itself."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Run a notebook."""
        return cls._engine().execute_notebook(nb, kernel_name, **kwargs)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> Any:
        """Name the kernel that a notebook asks for."""
        return cls._engine().nb_kernel_name(nb, name)

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> Any:
        """Name the language of a notebook."""
        return cls._engine().nb_language(nb, language)

    @staticmethod
    def _engine() -> Any:
        from s75lib.report.engine import S75Engine

        return S75Engine
