"""Which reports to make: authorities × notebooks for a period, every fault found before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import starmap
from pathlib import Path
from typing import Any

from s75lib.errors import ConfigError, DataError, did_you_mean
from s75lib.report.fingerprint import PEERS, Facts, Memory, code_digest, environment_versions
from s75lib.report.notebooks import Notebook, checked_parameters, find_notebooks, read_notebook
from s75lib.report.store import digest_of, fingerprint_of
from s75lib.report.tasks import CUTS, Task


@dataclass(frozen=True)
class AuthorityFault:
    """An authority whose data or authority.toml are at fault."""

    authority: str
    error: ConfigError | DataError  # all its faults
    sound: Facts | None = None  # of the datasets that are sound, for reports without the others


Inspect = Callable[[Sequence[tuple[str, str, Path, Path]]], Iterable[Facts | AuthorityFault]]


@dataclass(frozen=True)
class Plan:
    """The reports to make, and the authorities that are at fault."""

    tasks: tuple[Task, ...]
    faults: tuple[AuthorityFault, ...]


def inspect(slug: str, period: str, data_dir: Path, notebooks_dir: Path) -> Facts | AuthorityFault:
    """Load an authority's data to check them and to learn what the plan needs; takes pandas."""
    from s75lib import loaders
    from s75lib.loaders.commentary import COMMENTARY_FILE
    from s75lib.report.commentary import section_faults

    try:
        held = loaders.load(slug, period, data_dir=data_dir, allow_faulty=True)
    except ConfigError as error:
        return AuthorityFault(slug, error)
    faults = (*held.faults, *section_faults(held.noted, f"{slug}/{COMMENTARY_FILE}", notebooks_dir))
    doubts = [str(doubt) for doubt in (*faults, *held.warnings)]
    facts = Facts(
        slug=slug,
        name=held.authority.name,
        synthetic=held.authority.synthetic,
        period=held.period.label,
        period_slug=held.period.slug,
        known_to=held.known_to.isoformat() if held.known_to else "",
        known_from=held.known_from.isoformat() if held.known_from else "",
        warnings=fingerprint_of(doubts),
        datasets={item.dataset: item.sha256 for item in held.inputs},
        files=all((data_dir / item.path).is_file() for item in held.inputs),
        names=held.names,
    )
    if not faults:
        return facts
    return AuthorityFault(slug, DataError(faults), facts if facts.datasets else None)


def make_plan(
    authorities: Iterable[str] = (),
    *,
    notebooks: Iterable[str] = (),
    period: str = "",
    data_dir: str | Path = "data",
    notebooks_dir: str | Path = "notebooks",
    parameters: Mapping[str, Any] | None = None,
    memory: Memory | None = None,
    inspecting: Inspect = lambda asked: starmap(inspect, asked),
) -> Plan:
    """Decide which reports to make and check everything that can be checked before a notebook runs.

    No authority or notebook named means all, and no period each authority's latest. Every fault of the call
    is told in one ConfigError; faults of an authority's data are in the plan. Without a memory all data are
    loaded to be checked, by `inspecting`, where they have changed.
    """
    faults: list[str] = []
    data = _data_folder(data_dir)
    known = tuple(sorted(file.parent.name for file in data.glob("*/authority.toml")))
    slugs = _chosen("authority", authorities, known, faults)
    files = find_notebooks(notebooks_dir)
    chosen = []
    for name in _chosen("notebook", notebooks, tuple(files), faults):
        try:
            chosen.append(read_notebook(files[name]))
        except ConfigError as error:
            faults.append(str(error))
    values, wrong = checked_parameters(parameters or {}, chosen)
    faults += wrong
    for own in values.values():  # a blank cuts nothing, and names no file
        own.update({name: own[name].strip() for name in CUTS if isinstance(own.get(name), str)})
    cuts = {name: own[name] for own in values.values() for name in CUTS if isinstance(own.get(name), str)}
    compare_with = cuts.get("compare_with", "")
    if period or compare_with:
        from s75lib.loaders.values import period_asked_for

        for name, text in (("period", period), ("compare_with", compare_with)):
            try:
                label = period_asked_for(text).label if text else ""
                for own in values.values():  # however it is written, for the name of the report's files
                    own.update({name: label} if name in own else {})
            except ConfigError as error:
                faults.append(str(error) if name == "period" else f"parameter {name!r}: {error}")
    if len(faults) > 1:
        raise ConfigError("\n".join([f"{len(faults)} faults in the call:", *(f"  {f}" for f in faults)]))
    if faults:
        raise ConfigError(faults[0])

    tasks: list[Task] = []
    refused: list[AuthorityFault] = []
    memory = memory or Memory()
    peers = memory.peers(data)
    for found in _facts(slugs, period, data, Path(notebooks_dir).resolve(), memory, inspecting):
        if isinstance(found, AuthorityFault):
            refused.append(found)
        sound = found.sound if isinstance(found, AuthorityFault) else found
        if sound is not None and any(cuts.values()) and (fault := _misfit(sound, cuts)):
            refused.append(AuthorityFault(sound.slug, fault))
        elif sound is not None:
            others = peers.get(sound.slug, "")
            made = [_task(sound, notebook, values[notebook.name], data, others) for notebook in chosen]
            beside = tuple(task.report for task in made)
            tasks += [replace(task, beside=beside) for task in made]
    return Plan(tuple(tasks), tuple(refused))


def _misfit(held: Facts, cuts: Mapping[str, str]) -> ConfigError | None:
    """Say why an authority's reports can't be cut so, or compared with a period; None where they can."""
    from s75lib.loaders import Period
    from s75lib.loaders.data import cut_asked_for
    from s75lib.loaders.load import earlier_period

    first = date.fromisoformat(held.known_from) if held.known_from else None
    try:
        if cuts.get("compare_with"):
            earlier_period(cuts["compare_with"], Period.parse(held.period), first)
        cut_asked_for(held.names, cuts.get("service_group", ""), cuts.get("team", ""))
    except ConfigError as error:
        return error
    return None


def _data_folder(data_dir: str | Path) -> Path:
    """Find the data folder as `loaders.find_data_dir` does, without what importing that brings."""
    here = Path.cwd()
    for base in (here, *here.parents):
        if (base / data_dir).is_dir():
            return (base / data_dir).resolve()
    from s75lib import loaders

    return loaders.find_data_dir(data_dir)  # which says what is wrong


def _facts(
    slugs: Sequence[str], period: str, data: Path, notebooks: Path, memory: Memory, inspecting: Inspect
) -> list[Facts | AuthorityFault]:
    """Return what is known of each authority, inspecting those that have changed."""
    states = {slug: memory.state(data / slug) for slug in slugs}
    known = {slug: memory.facts(data / slug, period, states[slug]) for slug in slugs}
    found: dict[str, Facts | AuthorityFault] = {slug: facts for slug, facts in known.items() if facts}
    new = [slug for slug in slugs if slug not in found]
    for slug, facts in zip(new, inspecting([(slug, period, data, notebooks) for slug in new]), strict=True):
        found[slug] = facts
        if isinstance(facts, Facts):
            memory.keep_facts(data / slug, period, states[slug], facts)
    return [found[slug] for slug in slugs]


def _chosen(what: str, wanted: Iterable[str], known: Sequence[str], faults: list[str]) -> list[str]:
    """Return the names wanted, or all; unknown ones are faults."""
    names = list(dict.fromkeys(wanted))
    if not known:
        faults.append(f"{what}: found none; expected at least one. 's75 new' starts one.")
    for name in names:
        if name not in known:
            remedy = did_you_mean(name, known, "'s75 list' shows what there is.")
            faults.append(f"{what}: found {name!r}; expected one of {', '.join(known)}. {remedy}")
    return [name for name in names if name in known] if names else list(known)


def _task(held: Facts, notebook: Notebook, values: Mapping[str, Any], data: Path, others: str) -> Task:
    """One report, with the fingerprint of all that can change it but the datasets that it reads."""
    given = {
        "authority": held.slug,
        "period": held.period,
        # Relative to the folder that the run works in: the machine's folders stay out of the report.
        "data_dir": data.name,
        **values,
    }
    ingredients = {
        "notebook": notebook.digest,
        "parameters": given,
        "authority": [digest_of(data / held.slug / name) for name in ("authority.toml", "indicators.toml")],
        "shown by all": [held.known_to, held.warnings],
        "code": code_digest(),
        "versions": environment_versions(),
    }
    return Task(
        authority=held.slug,
        authority_name=held.name,
        synthetic=held.synthetic,
        period=held.period,
        period_slug=held.period_slug,
        notebook=notebook.name,
        source=notebook.path.resolve(),
        folder=data.parent,
        parameters=given,
        fingerprint=fingerprint_of(ingredients),
        datasets={**held.datasets, PEERS: others},
    )
