"""Sentences of the workload notebook: its headlines, each section's findings, and checks."""

from __future__ import annotations

__all__ = ["applicable", "checks", "findings", "headlines", "requests"]

from s75lib.workload.wording.general import applicable, checks, findings, headlines, requests
