"""Two runs of a report compared, in words and as a page; and a report made again to be verified."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from s75lib.errors import ConfigError, RunError
from s75lib.report.notebooks import RESERVED
from s75lib.report.store import Place, digest_of, read_manifest

_SAME = 1e-9  # relative: summing in another order moves the last digits and nothing else
_LONGEST = 20  # results listed in words; JSON has all of them
_MOST = 12  # lines on the page; s75 diff shows all


@dataclass(frozen=True)
class Move:
    """One thing that differs between two reports."""

    id: str  # of the headline, the check or the cell (``result / row / column``), or the input's path
    change: Literal["moved", "new", "gone"]
    before: str = ""
    after: str = ""
    difference: float | None = None  # after less before, of numbers
    unit: str = ""

    @property
    def by(self) -> str:
        """By how much a number moved, in words."""
        if self.difference is None:
            return ""
        sign = "+" if self.difference > 0 else "−"
        unit = f" {self.unit}" if self.unit and self.unit != "£" else ""
        return f" by {sign}{'£' if self.unit == '£' else ''}{abs(self.difference):,.6g}{unit}"


@dataclass(frozen=True)
class Comparison:
    """What changed from one report to another."""

    old: dict[str, str]  # of each report: authority_name, period, notebook
    new: dict[str, str]
    headlines: tuple[Move, ...]
    results: tuple[Move, ...]
    checks: tuple[Move, ...]
    inputs: tuple[Move, ...]
    parameters: tuple[Move, ...]
    versions: tuple[Move, ...]

    @property
    def same_findings(self) -> bool:
        """Whether no headline and no check differs."""
        return not (self.headlines or self.checks)

    @property
    def titles(self) -> list[str]:
        """Both reports, each named in a line."""
        return [
            f"{named['authority_name']}, {named['notebook'].replace('_', ' ')}, {named['period']}"
            for named in (self.old, self.new)
        ]

    @property
    def sections(self) -> list[tuple[str, tuple[Move, ...]]]:
        """Headings, each with its moves."""
        return [
            ("Headlines that moved", self.headlines),
            ("Checks that turned", self.checks),
            ("Data revised", self.inputs),
            ("Parameters changed", self.parameters),
            ("Versions changed", self.versions),
            ("Results that moved", self.results),
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it."""
        return asdict(self)

    def as_text(self) -> str:
        """Write it for a terminal, a line for each thing that differs."""
        lines = ["  →  ".join(self.titles)]
        for heading, moves in self.sections:
            lines.append(f"\n{heading}: {len(moves) or 'none'}")
            for move in moves[:_LONGEST]:
                lines += [f"  {move.id}: {move.change}{move.by}"]
                lines += [f"    - {move.before}"] if move.before else []
                lines += [f"    + {move.after}"] if move.after else []
            if len(moves) > _LONGEST:
                lines.append(f"  and {len(moves) - _LONGEST} more; --json has all of them")
        return "\n".join(lines)

    def as_html(self) -> str:
        """Write it as a page like the reports' own: self-contained, without script."""
        from s75lib.report.rendering import render

        old, new = self.titles
        return render("diff.html.j2", old=old, new=new, sections=self.sections)


def read_report(path: str | Path) -> dict[str, Any]:
    """Read the manifest of a report named by any of its files."""
    given = Path(path)
    manifest = read_manifest(given.with_suffix(".json"))
    if manifest is None or "headlines" not in manifest:
        raise ConfigError(
            f"report: found no manifest {given.with_suffix('.json').name!r} in {given.parent.name or '.'}; "
            "expected the file that 's75 run' writes beside the page. Name a report of an output folder."
        )
    return manifest


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """Compare two manifests.

    Numbers count as moved beyond a relative difference of 1e-9. A headline is matched by its id, a result by
    its name and the text in its rows, rows alike being told apart by their order.

    >>> old = {"headlines": [{"id": "kpi.reviews", "text": "60% were reviewed.", "value": 60, "unit": "%"}]}
    >>> new = {"headlines": [{"id": "kpi.reviews", "text": "63% were reviewed.", "value": 63, "unit": "%"}]}
    >>> compare(old, new).headlines[0].difference
    3.0
    """
    before, after = ({h["id"]: h for h in manifest.get("headlines", [])} for manifest in (old, new))
    headlines = []
    for move in _moves(*({id: h["text"] for id, h in headings.items()} for headings in (before, after))):
        was, now = before.get(move.id, {}), after.get(move.id, {})
        difference = _difference(was.get("value"), now.get("value"))
        headlines.append(replace(move, difference=difference, unit=(now or was).get("unit") or ""))
    results = _moves(_cells(old), _cells(new), named=_cell_name, shown=_shown)
    return Comparison(
        old=_named(old),
        new=_named(new),
        headlines=tuple(headlines),
        results=tuple(results),
        checks=tuple(_moves(_checks(old), _checks(new))),
        inputs=tuple(_moves(_inputs(old), _inputs(new))),
        parameters=tuple(_moves(_texts(old, "parameters"), _texts(new, "parameters"))),
        versions=tuple(_moves(_texts(old, "versions"), _texts(new, "versions"))),
    )


def _named(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(manifest.get(name, "")) for name in ("authority_name", "period", "notebook")}


def _checks(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Give checks by id, with what they found; the wording of one that still passes is no turn."""
    return {
        item["id"]: "passed" if item["passed"] else f"failed: {item['detail']}"
        for item in manifest.get("checks", [])
    }


def _inputs(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {
        item["path"]: f"{item['rows']:,} rows, SHA-256 {item['sha256'][:16] or 'not told'}"
        for item in manifest.get("inputs", [])
    }


def _texts(manifest: Mapping[str, Any], name: str) -> dict[str, str]:
    return {key: str(value) for key, value in manifest.get(name, {}).items()}


def _moves(
    old: Mapping[Any, Any],
    new: Mapping[Any, Any],
    *,
    named: Callable[[Any], str] = str,
    shown: Callable[[Any], str] = str,
) -> list[Move]:
    """Find what differs between two sets of texts or numbers, in the order of the new one."""
    found = []
    for key in [*new, *(key for key in old if key not in new)]:
        if key not in old:
            found.append(Move(named(key), "new", after=shown(new[key])))
        elif key not in new:
            found.append(Move(named(key), "gone", before=shown(old[key])))
        elif not _alike(old[key], new[key]):
            difference = _difference(old[key], new[key])
            found.append(Move(named(key), "moved", shown(old[key]), shown(new[key]), difference))
    return found


def _difference(before: Any, after: Any) -> float | None:
    """After less before, where both are numbers that differ."""
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (before, after))
    return float(after - before) if numbers and not _alike(before, after) else None


def _cell_name(key: tuple[str, str, str, int]) -> str:
    return " / ".join(filter(None, key[:3])) + (f" ({key[3]})" if key[3] > 1 else "")


def _cells(manifest: Mapping[str, Any]) -> dict[tuple[str, str, str, int], Any]:
    """Values of all results by result, text of the row, column, and which row of that text it is."""
    cells: dict[tuple[str, str, str, int], Any] = {}
    for name, result in manifest.get("results", {}).items():
        seen: dict[str, int] = {}
        for record in result["records"]:
            # By name: a manifest that went through a notebook has its fields in another order.
            row = ", ".join(value for _, value in sorted(record.items()) if isinstance(value, str) and value)
            seen[row] = seen.get(row, 0) + 1
            for column, value in record.items():
                if not isinstance(value, str):
                    cells[name, row, column, seen[row]] = value
    return cells


def _alike(before: Any, after: Any) -> bool:
    """Whether two values are the same but for the last digits."""
    if isinstance(before, int | float) and isinstance(after, int | float):
        return math.isclose(before, after, rel_tol=_SAME, abs_tol=1e-9)
    return bool(before == after)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def since_last(place: Place, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
    """Compare a new report with the one that it replaces, or else the latest earlier one of the same kind."""
    replaced = read_manifest(place.file("json"))
    if replaced and replaced.get("status") == "ok":
        if replaced.get("fingerprint") == manifest["fingerprint"]:
            return replaced.get("since")
        return _said(replaced, manifest, f"on {manifest['period']}, before data, notebook or methods changed")
    earlier = _earlier(place, str(manifest["period_slug"]))
    return _said(earlier, manifest, f"on {earlier['period']}") if earlier else None


def _earlier(place: Place, slug: str) -> dict[str, Any] | None:
    """Read the good report of the latest earlier period of the same kind."""
    folders = sorted((path for path in place.folder.parent.glob("*/") if path.name < slug), reverse=True)
    for folder in folders:
        if len(folder.name) == len(slug):
            manifest = read_manifest(folder / f"{place.notebook}.json")
            if manifest and manifest.get("status") == "ok":
                return manifest
    return None


def _said(old: Mapping[str, Any], new: Mapping[str, Any], last: str) -> dict[str, Any]:
    found = compare(old, new)
    return {
        "last": last,
        "moved": _lines(found.headlines),
        "turned": _lines(found.checks),
        "revised": [move.id for move in found.inputs],
    }


def _lines(moves: Sequence[Move]) -> list[str]:
    """Write moves, the first of them where they are many."""
    lines = []
    for move in moves[:_MOST]:
        match move.change:
            case "new":
                lines.append(f"New: {move.after}")
            case "gone":
                lines.append(f"No longer there: {move.before}")
            case _:
                lines.append(f"{move.after} Before: {move.before}")
    if len(moves) > _MOST:
        lines.append(f"And {len(moves) - _MOST} more: s75 diff shows them all.")
    return lines


@dataclass(frozen=True)
class Verification:
    """What came of making a report again."""

    headlines: int  # in the report
    altered: tuple[str, ...]  # its files that are not what the run wrote
    comparison: Comparison  # from the report to its repetition

    @property
    def holds(self) -> bool:
        """Whether the files are as written and every headline and check comes out as it was."""
        return not self.altered and self.comparison.same_findings

    def as_text(self) -> str:
        """Write a verification for a terminal."""
        moved = self.comparison.headlines
        lost = sum(move.change != "new" for move in moved)
        lines = [f"{self.headlines - lost} of {self.headlines} headlines come out as they were."]
        for move in moved:
            lines += [f"  {move.id}: {move.change}"]
            lines += [f"    report: {move.before}"] if move.before else []
            lines += [f"    now:    {move.after}"] if move.after else []
        lines += [
            f"  check {move.id}: {move.before or 'none'}, now {move.after or 'none'}"
            for move in self.comparison.checks
        ]
        lines += [f"Altered since it was made: {name}" for name in self.altered]
        lines += [f"Data revised: {move.id}" for move in self.comparison.inputs]
        lines += [f"Version: {move.id} {move.before} → {move.after}" for move in self.comparison.versions]
        lines.append("The report holds." if self.holds else "The report does NOT hold.")
        return "\n".join(lines)


def verify(
    report: str | Path, *, data_dir: str | Path = "data", notebooks_dir: str | Path = "notebooks"
) -> Verification:
    """Make a report again with its own parameters, in a folder that is then removed."""
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


def _altered(folder: Path, outputs: dict[str, str]) -> tuple[str, ...]:
    """Files whose bytes are not those that were written; a file taken away is none."""
    found = {name: digest_of(folder / name) for name in outputs}
    return tuple(name for name, digest in found.items() if digest not in (None, outputs[name]))
