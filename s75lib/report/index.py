"""One page over all reports of an output folder: failures first, then by authority."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from s75lib.report.rendering import STATUS
from s75lib.report.store import MADE_FROM_IT, read_manifest, write_whole
from s75lib.report.tasks import cut_of, error_text

_RESULT = "between_authorities"
_TEXTS = ("indicator", "label", "group", "period", "unit", "name", "authority", "shown", "place")
_NUMBERS = (
    "value",
    "lower",
    "upper",
    "target",
    "lower_95",
    "upper_95",
    "lower_998",
    "upper_998",
    "position",
    "first",
    "last",
    "of",
)
_UNITS = {"percent": "%", "per_100k": " per 100,000"}
_IN_CELLS = {"percent": "%", "per_100k": ""}
_MARGIN = 4.0  # of a hundred, on either side of a drawing

Record = Mapping[str, Any]


def compared(manifests: Iterable[Record]) -> list[dict[str, Any]]:
    """Gather what the fullest reports say of authorities beside each other, by indicator and period."""
    best: dict[tuple[Any, ...], tuple[tuple[int, str], list[Record]]] = {}
    for manifest in manifests:
        if manifest.get("internal"):
            continue
        made = str((manifest.get("timings") or {}).get("started", ""))
        for key, records in _by_indicator(manifest).items():
            shown = sum(record["value"] is not None for record in records)
            weight = (len(records), made)
            if shown > 1 and weight > best.get(key, ((0, ""), []))[0]:
                best[key] = (weight, records)
    found = [_compared(key, records) for key, (_, records) in best.items()]
    found.sort(key=lambda one: _in_order(one["period"]), reverse=True)
    return sorted(found, key=lambda one: str(one["label"]))


def _by_indicator(manifest: Mapping[str, Any]) -> dict[tuple[Any, ...], list[Record]]:
    result = (manifest.get("results") or {}).get(_RESULT)
    found: dict[tuple[Any, ...], list[Record]] = {}
    for record in result.get("records", []) if isinstance(result, Mapping) else []:
        if _sound(record):
            key = (bool(manifest.get("synthetic")), record["indicator"], record["group"], record["unit"])
            found.setdefault((*key, record["period"]), []).append(record)
    return found


def _sound(record: Any) -> bool:
    return (
        isinstance(record, Mapping)
        and all(isinstance(record.get(name), str) for name in _TEXTS)
        and all(record.get(name) is None or isinstance(record[name], int | float) for name in _NUMBERS)
        and record["unit"] in _UNITS
    )


def _compared(key: tuple[Any, ...], records: list[Record]) -> dict[str, Any]:
    """Set out one indicator; places in a drawing are in hundredths of its width."""
    synthetic, indicator, group, unit, period = key
    numbers = [record.get(name) for record in records for name in _NUMBERS[:8]]
    ends = [float(number) for number in numbers if number is not None]
    low, spread = min(ends), (max(ends) - min(ends)) or 1.0

    def at(value: float) -> float:
        return round(_MARGIN + (value - low) / spread * (100 - 2 * _MARGIN), 2)

    target = next((record["target"] for record in records if record.get("target") is not None), None)
    words = [indicator, group, period, unit, "synthetic" if synthetic else ""]
    return {
        "anchor": "between-" + "-".join(filter(None, map(_word, words))),
        "label": records[0]["label"] + (f", {group}" if group else ""),
        "period": period,
        "unit": ", per 100,000" if unit == "per_100k" else "",  # where the cells do not say it
        "together": "" if target is None else _figure(target, _UNITS[unit]),
        "target": None if target is None else at(target),
        "synthetic": synthetic,
        # In the order of names: positions are told with what is left open, not by the order of rows.
        "rows": [_compared_row(record, unit, at) for record in sorted(records, key=lambda one: one["name"])],
    }


def _compared_row(record: Record, unit: str, at: Callable[[float], float]) -> dict[str, Any]:
    """Set out one authority: what the table says, and where its marks stand."""
    row = {"name": record["name"], "figure": "c", "place": "hidden by the authority", "position": "–"}
    if record.get("value") is None:
        return {**row, "outside": False, "marks": {}, "drawn": ""}
    figure = _figure(record["value"], _IN_CELLS[unit])
    if record.get("lower") is not None:
        figure += f" ({_figure(record['lower'], '')} to {_figure(record['upper'], '')})"
    drawn = f"{record['name']}: {figure}"
    if record.get("lower_95") is not None:
        limits = (_figure(record[name], "") for name in ("lower_95", "upper_95", "lower_998", "upper_998"))
        drawn += "; 95% limits {} to {}, 99.8% limits {} to {}".format(*limits)
    return row | {
        "figure": figure,
        "place": record["shown"],
        "position": _position(record),
        "outside": record["place"] not in ("", "inside"),
        "marks": {name: at(record[name]) for name in _NUMBERS[:8] if record.get(name) is not None},
        "drawn": drawn,
    }


def _position(record: Record) -> str:
    """Write a position with the positions that the data leave open."""
    if any(record.get(name) is None for name in ("position", "first", "last", "of")):
        return "–"
    position, first, last, of = (int(record[name]) for name in ("position", "first", "last", "of"))
    said = f"{position} of {of}"
    return said if first == last else f"{said} ({first} to {last})"


def _figure(value: float, ending: str) -> str:
    """Write a figure with one decimal, two where it is small."""
    return f"{value:,.{1 if value >= 1 else 2}f}{ending}"


def _word(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")


def write_index(out_dir: str | Path) -> Path:
    """Write ``index.html`` from an output folder's manifests, unreadable ones among the failures."""
    from s75lib.report.rendering import render

    out = Path(out_dir)
    good: dict[str, list[tuple[Path, dict[str, Any]]]] = {}
    failures = []
    for path in sorted(out.glob("*/*/*.json")):
        manifest = read_manifest(path)
        if manifest is None or not _ours(manifest):
            failures.append(_unreadable(path, out))
        elif manifest["status"] == "failed":
            failures.append(_failure(path, out, manifest))
        else:
            good.setdefault(manifest["authority"], []).append((path, manifest))
    groups = [_group(slug, found, out) for slug, found in sorted(good.items())]
    rows = [row for group in groups for row in group["rows"]]
    filters = _filters([*rows, *failures])
    page = render(
        "index.html.j2",
        rules=_rules(filters),
        groups=groups,
        failures=failures,
        filters=filters,
        matrix=_matrix(groups),
        between=compared(m for found in good.values() for _, m in found if not _cut(m)),
        summary=_summary(len(rows), len(groups), len(failures)),
    )
    target = out / "index.html"
    write_whole({target: page})
    return target


def _ours(manifest: Record) -> bool:
    named = ("authority", "authority_name", "period", "notebook", "question")
    return (
        manifest.get("status") in STATUS
        and all(isinstance(manifest.get(name), str) for name in named)
        and all(isinstance(manifest.get(name), list) for name in ("headlines", "checks"))
    )


def _group(slug: str, found: list[tuple[Path, dict[str, Any]]], out: Path) -> dict[str, Any]:
    ordered = sorted(found, key=lambda item: str(item[1]["notebook"]))
    ordered.sort(key=lambda item: _in_order(item[1]["period"]), reverse=True)
    name = ordered[0][1]["authority_name"]
    return {
        "name": name,
        "anchor": f"authority-{slug}",
        "synthetic": any(manifest.get("synthetic") for _, manifest in found),
        "rows": [_row(path, out, name, manifest) for path, manifest in ordered],
        "slug": slug,
    }


def _row(path: Path, out: Path, authority: str, manifest: Record) -> Record:
    failed_since = path.with_name(f"{path.stem}.failed.json").exists()
    return {
        "authority": authority,
        "question": ", ".join([manifest["question"], *_cut(manifest)]),
        "notebook": _spoken(manifest["notebook"]),
        "period": manifest["period"],
        "status": manifest["status"],
        "status_text": STATUS[manifest["status"]],
        "note": "An earlier run: the latest failed." if failed_since else str(manifest.get("reason") or ""),
        "checks": _checks(manifest["checks"]),
        "headlines": [str(headline["text"]) for headline in manifest["headlines"]],
        "first": ": ".join(filter(None, [*_cut(manifest), _first(manifest["headlines"])])),
        "href": _link(path.with_suffix(".html"), out),
        "beside": _beside(path, out),
        "key": _key(manifest["authority"], manifest["notebook"], manifest["period"], manifest["status"]),
        "failed_checks": sum(not check["passed"] for check in manifest["checks"]),
        "internal": bool(manifest.get("internal")),
    }


def _beside(path: Path, out: Path) -> list[tuple[str, str]]:
    files = [(called, path.with_suffix(f".{ending}")) for ending, called in MADE_FROM_IT.items()]
    return [(called, _link(file, out)) for called, file in files if file.exists()]


def _cut(manifest: Record) -> list[str]:
    cuts = cut_of(manifest.get("parameters") or {})
    return [" ".join([name.replace("_", " "), value]) for name, value in cuts.items()]


def _first(headlines: list[Record]) -> str:
    return (
        re.split(r"(?<=[.!?])\s+(?=[A-Z0-9“])", str(headlines[0]["text"]), maxsplit=1)[0] if headlines else ""
    )


def _failure(path: Path, out: Path, manifest: Record) -> Record:
    kept = {
        "The partial report": path.with_suffix(".html"),
        "The partial notebook": path.with_suffix(".ipynb"),
        "The earlier report": path.with_name(path.name.replace(".failed", "")).with_suffix(".html"),
    }
    return {
        "authority": manifest["authority_name"],
        "notebook": _spoken(manifest["notebook"]),
        "period": manifest["period"],
        "cut": _cut(manifest),
        "status_text": STATUS["failed"],
        "error": error_text(manifest.get("error")) or "no error was recorded",
        "links": [(label, _link(file, out)) for label, file in kept.items() if file.exists()],
        "key": _key(manifest["authority"], manifest["notebook"], manifest["period"], "failed"),
    }


def _unreadable(path: Path, out: Path) -> Record:
    authority, period, name = path.relative_to(out).parts
    return {
        "authority": authority,
        "notebook": name,
        "period": period,
        "cut": [],
        "status_text": STATUS["failed"],
        "error": "The manifest cannot be read. The next run makes it again.",
        "links": [],
        "key": _key(authority, Path(name).stem, period, "failed"),
    }


def _key(authority: str, notebook: str, period: str, status: str) -> dict[str, str]:
    """Give what a row is found by, as words that may stand in a style's selector."""
    named = {"authority": authority, "notebook": notebook, "period": period, "status": status}
    return {name: re.sub(r"[^A-Za-z0-9_-]+", "-", value) for name, value in named.items()}


def _filters(rows: Iterable[Record]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Everything that the rows differ in: a name, and its values with how they are called."""
    called: dict[str, dict[str, str]] = {"authority": {}, "notebook": {}, "period": {}, "status": {}}
    for row in rows:
        words = (row["authority"], row["notebook"], row["period"], row["status_text"])
        for (name, key), word in zip(row["key"].items(), words, strict=True):
            called[name].setdefault(key, word)
    return [
        (name, sorted(values.items(), key=lambda item: item[1].casefold()))
        for name, values in called.items()
        if len(values) > 1
    ]


def _matrix(groups: list[dict[str, Any]]) -> dict[str, Any]:
    """Set authorities against notebooks: in each cell the reports, the latest first."""
    names = dict(sorted({(row["notebook"], row["key"]["notebook"]) for g in groups for row in g["rows"]}))
    rows = [
        (
            group,
            [(key, [row for row in group["rows"] if row["notebook"] == name]) for name, key in names.items()],
        )
        for group in groups
    ]
    return {"notebooks": list(names.items()), "rows": rows}


def _rules(filters: list[tuple[str, list[tuple[str, str]]]]) -> str:
    """Write the style that narrows the list without a script, of keys that `_key` has reduced alone."""
    return "".join(
        f'body:has(#filter-{name} option[value="{key}"]:checked) :is('
        f':is(tr, td, th)[data-{name}]:not([data-{name}="{key}"]), '
        f'section[data-authority]:not(:has(tr[data-{name}="{key}"]))) {{ display: none; }}\n'
        for name, options in filters
        for key, _ in options
    )


def _checks(checks: list[Record]) -> str:
    if not checks:
        return "none"
    failed = sum(not check["passed"] for check in checks)
    return f"{failed} of {len(checks)} failed" if failed else f"all {len(checks)} passed"


def _summary(reports: int, authorities: int, failures: int) -> str:
    said = f"{reports} {'report' if reports == 1 else 'reports'} on "
    said += f"{authorities} {'authority' if authorities == 1 else 'authorities'}"
    return f"{said}; {failures} failed in the last run." if failures else f"{said}."


def _in_order(period: str) -> str:
    """Reduce a period to its digits, which sort by time; a quarter's number comes last."""
    return re.sub(r"\D", "", re.sub(r"^(Q\d) (.*)", r"\2 \1", period))


def _spoken(notebook: str) -> str:
    return notebook.replace("_", " ").replace("-", " ")


def _link(path: Path, out: Path) -> str:
    """Write a relative address that works in any browser."""
    return quote(path.relative_to(out).as_posix())
