"""Where papermill finds our engine: named here, imported only when it runs a notebook.

Papermill loads every engine while it is itself being imported, and our engine builds on papermill.
"""

from __future__ import annotations

__all__ = ["Engine"]

from typing import Any


class Engine:
    """Stands for ``s75lib.report.engine.S75Engine`` until a notebook is run."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Run a notebook; see `S75Engine.execute_notebook`."""
        return cls._engine().execute_notebook(nb, kernel_name, **kwargs)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> Any:
        """Name the kernel that a notebook asks for; see `papermill.engines.Engine`."""
        return cls._engine().nb_kernel_name(nb, name)

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> Any:
        """Name the language of a notebook; see `papermill.engines.Engine`."""
        return cls._engine().nb_language(nb, language)

    @staticmethod
    def _engine() -> Any:
        from s75lib.report.engine import S75Engine

        return S75Engine
