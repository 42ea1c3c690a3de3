"""A report made again from its manifest, to see whether every headline still comes out."""

from __future__ import annotations

__all__ = ["Verification", "as_text", "verify"]

import tempfile
from dataclasses import dataclass
from pathlib import Path

from s75lib.errors import ConfigError, RunError
from s75lib.report.diff import Comparison, compare, read_report
from s75lib.report.parameters import RESERVED
from s75lib.report.store import digest_of, read_manifest


@dataclass(frozen=True)
class Verification:
    """What came of making a report again.

    Parameters
    ----------
    headlines : int
        In the report.
    altered : tuple of str
        Names of the report's files that are not what the run wrote.
    comparison : Comparison
        From the report to its repetition.
    """

    headlines: int
    altered: tuple[str, ...]
    comparison: Comparison

    @property
    def holds(self) -> bool:
        """Whether the files are as written and every headline and check comes out as it was."""
        return not self.altered and self.comparison.same_findings


def verify(
    report: str | Path, *, data_dir: str | Path = "data", notebooks_dir: str | Path = "notebooks"
) -> Verification:
    """Make a report again with its own parameters, in a folder that is then removed.

    Parameters
    ----------
    report : str or Path
        Any file of it: page, notebook or manifest.
    data_dir, notebooks_dir : str or Path
        Where data and notebooks are now.

    Returns
    -------
    Verification

    Raises
    ------
    ConfigError
        If there is no manifest, the report is one of a failure, or its authority, period, notebook or
        parameters are no longer there.
    DataError
        If the data are now at fault.
    RunError
        If the report cannot be made any more.
    """
    from s75lib.report.batch import run
    from s75lib.report.plan import make_plan

    old = read_report(report)
    if old["status"] == "failed":
        raise ConfigError("report: found the record of a failed run; expected a report. Name a good one.")
    plan = make_plan(
        [old["authority"]],
        notebooks=[old["notebook"]],
        period=old["period"],
        data_dir=data_dir,
        notebooks_dir=notebooks_dir,
        parameters={name: value for name, value in old["parameters"].items() if name not in RESERVED},
    )
    if plan.faults:
        raise plan.faults[0].error
    with tempfile.TemporaryDirectory(prefix="s75-verify-") as folder:
        (outcome,) = run(plan, folder, jobs=1)
        if outcome.status == "failed" or outcome.path is None:
            raise RunError(f"The report cannot be made again: {outcome.error}")
        new = read_manifest(outcome.path.with_suffix(".json")) or {}
    return Verification(
        len(old["headlines"]), _altered(Path(report).parent, old["outputs"]), compare(old, new)
    )


def as_text(found: Verification) -> str:
    """Write a verification for a terminal.

    Parameters
    ----------
    found : Verification

    Returns
    -------
    str
    """
    moved = found.comparison.headlines
    lost = sum(move.change != "new" for move in moved)
    lines = [f"{found.headlines - lost} of {found.headlines} headlines come out as they were."]
    for move in moved:
        lines += [f"  {move.id}: {move.change}"]
        lines += [f"    report: {move.before}"] if move.before else []
        lines += [f"    now:    {move.after}"] if move.after else []
    lines += [
        f"  check {move.id}: {move.before or 'none'}, now {move.after or 'none'}"
        for move in found.comparison.checks
    ]
    lines += [f"Altered since it was made: {name}" for name in found.altered]
    lines += [f"Data revised: {move.id}" for move in found.comparison.inputs]
    lines += [f"Version: {move.id} {move.before} → {move.after}" for move in found.comparison.versions]
    lines.append("The report holds." if found.holds else "The report does NOT hold.")
    return "\n".join(lines)


def _altered(folder: Path, outputs: dict[str, str]) -> tuple[str, ...]:
    """Files whose bytes are not those that were written; a file taken away is none."""
    found = {name: digest_of(folder / name) for name in outputs}
    return tuple(name for name, digest in found.items() if digest not in (None, outputs[name]))
