"""Which reports to make: authorities × notebooks for a period, every fault found before anything runs."""

from __future__ import annotations

__all__ = ["AuthorityFault", "Plan", "make_plan"]

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from s75lib import loaders
from s75lib.errors import ConfigError, DataError
from s75lib.report.notebooks import Notebook, find_notebooks, read_notebook
from s75lib.report.parameters import checked_parameters
from s75lib.report.tasks import Task
from s75lib.report.versions import code_digest, environment_versions


@dataclass(frozen=True)
class AuthorityFault:
    """An authority whose data or authority.toml are at fault: nothing is made or overwritten for it.

    Parameters
    ----------
    authority : str
        Its slug.
    error : ConfigError or DataError
        All its faults.
    """

    authority: str
    error: ConfigError | DataError


@dataclass(frozen=True)
class Plan:
    """The reports to make, and the authorities that cannot have any.

    Parameters
    ----------
    tasks : tuple of Task
        By authority, then by notebook.
    faults : tuple of AuthorityFault
    """

    tasks: tuple[Task, ...]
    faults: tuple[AuthorityFault, ...]


def make_plan(
    authorities: Iterable[str] = (),
    *,
    notebooks: Iterable[str] = (),
    period: str = "",
    data_dir: str | Path = "data",
    notebooks_dir: str | Path = "notebooks",
    parameters: Mapping[str, Any] | None = None,
) -> Plan:
    """Decide which reports to make and check everything that can be checked before a notebook runs.

    Parameters
    ----------
    authorities, notebooks : iterable of str
        Slugs and names; none means all that there are.
    period : str
        A financial year or a month; empty means each authority's latest.
    data_dir, notebooks_dir : str or Path
        Where they are.
    parameters : mapping of str to object, optional
        Further parameters; a text is read as the type that the notebook declares.

    Returns
    -------
    Plan
        Authorities whose own data are at fault are in `faults`; the others have their tasks.

    Raises
    ------
    ConfigError
        If the call is at fault, with every fault: an unknown authority, notebook, parameter, a period
        that is none, a value of the wrong type, a notebook that cannot be read.
    """
    faults: list[str] = []
    data = loaders.find_data_dir(data_dir)
    slugs = _chosen("authority", authorities, loaders.find_authorities(data), faults)
    files = find_notebooks(notebooks_dir)
    chosen = _notebooks(
        [files[name] for name in _chosen("notebook", notebooks, tuple(files), faults)], faults
    )
    values, wrong = checked_parameters(parameters or {}, chosen)
    faults += wrong
    if period:
        try:
            loaders.Period.parse(period)
        except ConfigError as error:
            faults.append(str(error))
    if faults:
        raise ConfigError(_listed(faults))

    tasks: list[Task] = []
    refused: list[AuthorityFault] = []
    for slug in slugs:
        try:
            held = loaders.load(slug, period, data_dir=data)
        except (ConfigError, DataError) as error:
            refused.append(AuthorityFault(slug, error))
            continue
        tasks += [_task(held, notebook, values[notebook.name], data) for notebook in chosen]
    return Plan(tuple(tasks), tuple(refused))


def _chosen(what: str, wanted: Iterable[str], known: Sequence[str], faults: list[str]) -> list[str]:
    """Return the names wanted, or all; unknown ones are faults."""
    names = list(dict.fromkeys(wanted))
    if not known:
        faults.append(f"{what}: found none; expected at least one. 's75 new' starts one.")
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            remedy = f"Did you mean {near[0]!r}?" if near else "'s75 list' shows what there is."
            faults.append(f"{what}: found {name!r}; expected one of {', '.join(known)}. {remedy}")
    return [name for name in names if name in known] if names else list(known)


def _notebooks(paths: Iterable[Path], faults: list[str]) -> list[Notebook]:
    """Read the notebooks; those that cannot be read are faults."""
    found = []
    for path in paths:
        try:
            found.append(read_notebook(path))
        except ConfigError as error:
            faults.append(str(error))
    return found


def _listed(faults: Sequence[str]) -> str:
    """One fault as it is, several as a list."""
    if len(faults) == 1:
        return faults[0]
    return "\n".join([f"{len(faults)} faults in the call:", *(f"  {fault}" for fault in faults)])


def _task(held: loaders.AuthorityData, notebook: Notebook, values: Mapping[str, Any], data: Path) -> Task:
    """One report, with the fingerprint of all that can change it."""
    given = {
        "authority": held.authority.slug,
        "period": held.period.label,
        # Relative to the folder that the run works in: the machine's folders stay out of the report.
        "data_dir": data.name,
        **values,
    }
    settings = held.authority.folder / "authority.toml"
    ingredients = {
        "notebook": notebook.digest,
        "parameters": given,
        "authority": hashlib.sha256(settings.read_bytes()).hexdigest(),
        "inputs": sorted((item.path, item.sha256) for item in held.inputs),
        "code": code_digest(),
        "versions": environment_versions(),
    }
    return Task(
        authority=held.authority.slug,
        authority_name=held.authority.name,
        synthetic=held.authority.synthetic,
        period=held.period.label,
        period_slug=held.period.slug,
        notebook=notebook.name,
        source=notebook.path.resolve(),
        folder=data.parent,
        parameters=given,
        fingerprint=hashlib.sha256(json.dumps(ingredients, sort_keys=True).encode()).hexdigest(),
    )
