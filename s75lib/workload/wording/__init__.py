"""Sentences of the workload notebook: one list of findings, whether anything can be said, and checks."""

from __future__ import annotations

__all__ = ["applicable", "checks", "headlines", "requests"]

from s75lib.workload.wording.general import applicable, checks, headlines, requests
