"""One page over all reports of an output folder: failures first, then by authority."""

from __future__ import annotations

__all__ = ["write_index"]

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from s75lib.report.between import compared
from s75lib.report.store import read_manifest, write_whole
from s75lib.report.tasks import error_text
from s75lib.report.wording import STATUS

_FAILED = ".failed"


@dataclass(frozen=True)
class _Row:
    """One report in a table of the index."""

    question: str
    notebook: str
    period: str
    status: str
    status_text: str
    note: str
    checks: str
    headlines: tuple[str, ...]
    href: str
    keys: Mapping[str, str]
    failed_checks: int = 0
    internal: bool = False


@dataclass(frozen=True)
class _Failed:
    """One failure: what, why, and the files that are kept."""

    authority: str
    notebook: str
    period: str
    error: str
    links: tuple[tuple[str, str], ...]
    keys: Mapping[str, str]


@dataclass(frozen=True)
class _Group:
    """An authority's reports."""

    name: str
    anchor: str
    synthetic: bool
    rows: tuple[_Row, ...]
    slug: str


@dataclass(frozen=True)
class _Filter:
    """What the list can be narrowed by: its name, and its values with how they are called."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Order:
    """The list of all reports in one order."""

    name: str
    label: str
    rows: tuple[tuple[str, _Row], ...]


def write_index(out_dir: str | Path) -> Path:
    """Write ``index.html`` from all manifests found in an output folder.

    Parameters
    ----------
    out_dir : str or Path

    Returns
    -------
    Path
        The page. Its links are relative, so that the folder can be zipped and mailed.

    Notes
    -----
    A manifest that was cut or is none of ours is shown among the failures; a newer failure stands there
    while the earlier good report stays in its authority's table. Authorities whose scorecards compare them
    are set beside each other, for each indicator and period.
    """
    from s75lib.report.rendering import render

    out = Path(out_dir)
    good: dict[str, list[tuple[Path, dict[str, Any]]]] = {}
    failures: list[_Failed] = []
    for path in sorted(out.glob("*/*/*.json")):
        manifest = read_manifest(path)
        if manifest is None or not _ours(manifest):
            failures.append(_unreadable(path, out))
        elif manifest["status"] == "failed":
            failures.append(_failure(path, out, manifest))
        else:
            good.setdefault(manifest["authority"], []).append((path, manifest))
    groups = [_group(slug, found, out) for slug, found in sorted(good.items())]
    filters = _filters(groups, failures)
    page = render(
        "index.html.j2",
        rules=_rules(filters),
        groups=groups,
        failures=failures,
        filters=filters,
        orders=_orders(groups),
        between=compared(manifest for found in good.values() for _, manifest in found),
        summary=_summary(groups, failures),
    )
    target = out / "index.html"
    write_whole({target: page})
    return target


def _ours(manifest: Mapping[str, Any]) -> bool:
    """Whether a manifest has what the index shows."""
    named = ("authority", "authority_name", "period", "notebook", "question")
    listed = ("headlines", "checks")
    return (
        manifest.get("status") in STATUS
        and all(isinstance(manifest.get(name), str) for name in named)
        and all(isinstance(manifest.get(name), list) for name in listed)
    )


def _group(slug: str, found: list[tuple[Path, dict[str, Any]]], out: Path) -> _Group:
    """Gather an authority's reports, the latest period first."""
    ordered = sorted(found, key=lambda item: item[1]["notebook"])
    ordered.sort(key=lambda item: re.sub(r"\D", "", item[1]["period"]), reverse=True)
    latest = ordered[0][1]
    return _Group(
        name=latest["authority_name"],
        anchor=f"authority-{slug}",
        synthetic=any(manifest.get("synthetic") for _, manifest in found),
        rows=tuple(_row(path, out, manifest) for path, manifest in ordered),
        slug=slug,
    )


def _row(path: Path, out: Path, manifest: Mapping[str, Any]) -> _Row:
    """Make a good report's row."""
    failed_since = path.with_name(f"{path.stem}{_FAILED}.json").exists()
    return _Row(
        question=manifest["question"],
        notebook=_spoken(manifest["notebook"]),
        period=manifest["period"],
        status=manifest["status"],
        status_text=STATUS[manifest["status"]],
        note="An earlier run: the latest failed." if failed_since else str(manifest.get("reason") or ""),
        checks=_checks(manifest["checks"]),
        headlines=tuple(str(headline["text"]) for headline in manifest["headlines"]),
        href=_link(path.with_suffix(".html"), out),
        keys=_keys(manifest["authority"], manifest["notebook"], manifest["period"], manifest["status"]),
        failed_checks=sum(not check["passed"] for check in manifest["checks"]),
        internal=bool(manifest.get("internal")),
    )


def _failure(path: Path, out: Path, manifest: Mapping[str, Any]) -> _Failed:
    """Make a failed run's row."""
    earlier = path.with_name(path.name.replace(_FAILED, "")).with_suffix(".html")
    kept = {
        "The partial report": path.with_suffix(".html"),
        "The partial notebook": path.with_suffix(".ipynb"),
        "The earlier report": earlier,
    }
    return _Failed(
        authority=manifest["authority_name"],
        notebook=_spoken(manifest["notebook"]),
        period=manifest["period"],
        error=error_text(manifest.get("error")) or "no error was recorded",
        links=tuple((label, _link(file, out)) for label, file in kept.items() if file.exists()),
        keys=_keys(manifest["authority"], manifest["notebook"], manifest["period"], "failed"),
    )


def _unreadable(path: Path, out: Path) -> _Failed:
    """Make the row of a manifest that cannot be read."""
    authority, period, name = path.relative_to(out).parts
    said = "The manifest cannot be read. The next run makes it again."
    return _Failed(authority, name, period, said, (), _keys(authority, Path(name).stem, period, "failed"))


def _keys(authority: str, notebook: str, period: str, status: str) -> dict[str, str]:
    """Give what a row is found by, as words that may stand in a style's selector."""
    named = {"authority": authority, "notebook": notebook, "period": period, "status": status}
    return {name: re.sub(r"[^A-Za-z0-9_-]+", "-", value) for name, value in named.items()}


def _filters(groups: list[_Group], failures: list[_Failed]) -> list[_Filter]:
    """Everything that the rows differ in."""
    called: dict[str, dict[str, str]] = {"authority": {}, "notebook": {}, "period": {}, "status": {}}
    for group in groups:
        for row in group.rows:
            words = (group.name, row.notebook, row.period, row.status_text)
            for (name, key), word in zip(row.keys.items(), words, strict=True):
                called[name][key] = word
    for failed in failures:
        words = (failed.authority, failed.notebook, failed.period, STATUS["failed"])
        for (name, key), word in zip(failed.keys.items(), words, strict=True):
            called[name].setdefault(key, word)
    return [
        _Filter(name, name.capitalize(), tuple(sorted(values.items(), key=lambda item: item[1].casefold())))
        for name, values in called.items()
        if len(values) > 1
    ]


def _orders(groups: list[_Group]) -> list[_Order]:
    """List all reports by authority, by notebook, latest first, and those to look at first."""
    rows = [(group.name, row) for group in groups for row in group.rows]
    ranks = {"failed": 0, "not_applicable": 2}
    return [
        _Order("authority", "authority", tuple(rows)),
        _Order("notebook", "notebook", tuple(sorted(rows, key=lambda item: item[1].notebook))),
        _Order(
            "period",
            "period, latest first",
            tuple(sorted(rows, key=lambda item: re.sub(r"\D", "", item[1].period), reverse=True)),
        ),
        _Order("status", "status", tuple(sorted(rows, key=lambda item: ranks.get(item[1].status, 1)))),
        _Order("checks", "checks failed", tuple(sorted(rows, key=lambda item: -item[1].failed_checks))),
    ]


def _rules(filters: list[_Filter]) -> str:
    """Write the style that narrows the list and chooses its order: no script is needed.

    Only keys that `_keys` has reduced to letters, digits and hyphens come into it.
    """
    rules = [
        f'body:has(#filter-{f.name} option[value="{key}"]:checked) :is('
        f'tr[data-{f.name}]:not([data-{f.name}="{key}"]), '
        f'section[data-authority]:not(:has(tr[data-{f.name}="{key}"]))) {{ display: none; }}'
        for f in filters
        for key, _ in f.options
    ]
    return "\n".join(rules) + "\n" if rules else ""


def _checks(checks: list[Mapping[str, Any]]) -> str:
    """Put checks into words."""
    if not checks:
        return "none"
    failed = sum(not check["passed"] for check in checks)
    return f"{failed} of {len(checks)} failed" if failed else f"all {len(checks)} passed"


def _summary(groups: list[_Group], failures: list[_Failed]) -> str:
    """Write the page's one sentence."""
    reports = sum(len(group.rows) for group in groups)
    said = f"{reports} {'report' if reports == 1 else 'reports'} on "
    said += f"{len(groups)} {'authority' if len(groups) == 1 else 'authorities'}"
    return f"{said}; {len(failures)} failed in the last run." if failures else f"{said}."


def _spoken(notebook: str) -> str:
    """Write a notebook's name as people say it."""
    return notebook.replace("_", " ").replace("-", " ")


def _link(path: Path, out: Path) -> str:
    """Write a relative address that works in any browser."""
    return quote(path.relative_to(out).as_posix())
