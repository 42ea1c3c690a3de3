"""A partner authority: its folder, and what its authority.toml says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from s75lib.errors import ConfigError, did_you_mean
from s75lib.loaders.partnership import CARRIED, POOL, Agreement, Governance, Partner, Sharing, Strict
from s75lib.loaders.personal_data import text_faults
from s75lib.loaders.schemas import DATASETS, MEASURES, Dataset, Measure
from s75lib.loaders.toml import read_settings, settings_at_fault
from s75lib.loaders.values import slug_of

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FILE = "authority.toml"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_Day = date
MEASURE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
OWN_LABELS = frozenset(
    {f"all {rows}" for rows in ("teams", "services", "others", "packages", "roles", "partners")}
    | {"all", "total", "month", "when", "*", CARRIED, POOL}
)
"""What reports call their own rows, in lower case."""


def _own_measure(name: str) -> str:
    if not MEASURE.fullmatch(name):
        raise ValueError(f"found {name[:40]!r}; expected lower-case letters, digits and underscores")
    if name in MEASURES:
        raise ValueError("this measure is in the contract already; take it out, or give yours another name")
    return name


class People(Strict):
    """Who made, checked and approved the analysis; empty until somebody has.

    `approved_on` is the day on which the approver did.
    """

    analyst: str = ""
    assurer: str = ""
    approver: str = ""
    approved_on: _Day | None = None

    @model_validator(mode="after")
    def _somebody_approved(self) -> Self:
        if self.approved_on and not self.approver:
            raise ValueError("found approved_on without an approver; name who approved")
        return self


class Source(Strict):
    """Where a dataset is, if not in a file of its own name: another file or address, or a query.

    `url_env` names the environment variable that holds the database's address.
    `unit` says that the dataset's money is in £000.
    """

    path: str = ""
    sheet: str = ""
    table: str = ""
    sql: str = ""
    url_env: str = ""
    unit: Literal["", "£", "£000"] = ""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.sql and (self.path or self.sheet or self.table):
            raise ValueError("found sql beside path, sheet or table; expected either a file or a query")
        if bool(self.sql) != bool(self.url_env):
            raise ValueError("found one of sql and url_env; expected both, or neither")
        if self.url_env and not _VARIABLE.fullmatch(self.url_env):
            raise ValueError(
                "found in url_env what is no name of an environment variable (not shown); expected a name "
                "such as S75_DB: the address itself, with its password, belongs in that variable"
            )
        if self.sheet and self.table:
            raise ValueError("found sheet beside table; expected one of them")
        return self


class Report(Strict):
    """How reports are given out: the Word document whose styles, head and foot they take."""

    template: str = ""


class Published(Strict):
    """Datasets that are in the public domain already."""

    datasets: tuple[str, ...] = ()


class Document(Strict):
    """A published document that figures were taken from."""

    id: str
    title: str
    publisher: str = ""
    date: _Day | None = None
    note: str = ""


class Decision(Strict):
    """A choice made about the analysis: when, what, and by whom."""

    date: _Day
    decision: str = Field(min_length=1)
    who: str = ""


class Authority(Strict):
    """A partner authority, as its authority.toml describes it."""

    slug: str
    folder: Path
    name: str
    partners: tuple[Partner, ...] = ()
    synthetic: bool = False
    agreement: Agreement = Agreement()
    governance: Governance = Governance()
    sharing: Sharing | None = None
    disclosure_threshold: int = Field(default=5, ge=1, le=100, strict=True)
    disclosure: Literal["suppress", "round"] = "suppress"
    people: People = People()
    use_until: date | None = None
    sources: dict[str, Source] = Field(default_factory=dict)
    report: Report = Report()
    published: Published = Published()
    documents: tuple[Document, ...] = ()
    decisions: tuple[Decision, ...] = ()
    measures: dict[Annotated[str, AfterValidator(_own_measure)], Measure] = Field(default_factory=dict)
    indicators: dict[str, Any] = Field(default_factory=dict)  # read by `s75lib.loaders.indicators`

    @field_validator("measures")
    @classmethod
    def _names_differ(cls, own: dict[str, Measure]) -> dict[str, Measure]:
        taken = {slug_of(one.name) for one in MEASURES.values()}
        for one in own.values():
            if not one.label.strip() or slug_of(one.name) in taken:
                raise ValueError(f"found the label {one.label!r}; expected one that no other measure has")
            taken.add(slug_of(one.name))
        return own

    @property
    def all_measures(self) -> Mapping[str, Measure]:
        """The measures of activity: the contract's and the authority's own."""
        return {**MEASURES, **self.measures}

    def dataset(self, name: str) -> Dataset:
        """Give a dataset's schema, in which the measures of activity are the authority's."""
        held = DATASETS[name]
        if name != "activity" or not self.measures:
            return held
        columns = (
            replace(one, choices=tuple(self.all_measures)) if one.name == "measure" else one
            for one in held.columns
        )
        return replace(held, columns=tuple(columns))

    @field_validator("partners", mode="before")
    @classmethod
    def _names_alone(cls, held: Any) -> Any:
        named = isinstance(held, list | tuple)
        return [{"name": one} if isinstance(one, str) else one for one in held] if named else held

    @model_validator(mode="after")
    def _rule_fits(self) -> Self:
        names = self.partner_names
        plain = [name.casefold() for name in names]
        if twice := sorted({name for name in names if plain.count(name.casefold()) > 1}):
            raise ValueError(f"partners: found {twice[0]!r} twice; name each partner once")
        if own := [name for name in names if name.casefold() in OWN_LABELS]:
            raise ValueError(
                f"partners: found {own[0]!r}, as reports call a row of their own; expected a full name"
            )
        if self.sharing is None:
            return self
        told = self.sharing.faults(self.partners)
        if self.agreement.funding in ("aligned", "recharged"):
            told.append(
                f"found a rule beside funding = '{self.agreement.funding}'; expected one for pooled money "
                "alone. Take [sharing] out, or correct funding"
            )
        if told:
            raise ValueError("; ".join(f"sharing: {one}" for one in told))
        return self

    @property
    def partner_names(self) -> tuple[str, ...]:
        """The partners by name, in the order of the file."""
        return tuple(partner.name for partner in self.partners)

    @field_validator("sources", "published")
    @classmethod
    def _names_are_datasets(cls, named: dict[str, Source] | Published) -> dict[str, Source] | Published:
        unknown = sorted({*(named if isinstance(named, dict) else named.datasets)} - set(DATASETS))
        if unknown:
            raise ValueError(f"no dataset is called {', '.join(unknown)}; there are {', '.join(DATASETS)}")
        return named


def find_data_dir(data_dir: str | Path) -> Path:
    """Find the folder of the authorities; ConfigError if there is none.

    Parameters
    ----------
    data_dir : str or Path
        A relative path is looked for in the working folder and then in the folders above it, so that a
        notebook opened in ``notebooks/`` finds ``data``.

    Examples
    --------
    >>> find_data_dir("data").name
    'data'
    """
    if not isinstance(data_dir, str | Path):
        raise ConfigError(
            f"parameter 'data_dir': found {str(data_dir)[:40]!r} ({type(data_dir).__name__}); expected the "
            "name of a folder, such as 'data'. Correct the value."
        )
    wanted = Path(data_dir)
    here = Path.cwd()
    for base in (here, *here.parents):
        if (base / wanted).is_dir():
            return (base / wanted).resolve()
    raise ConfigError(
        f"data folder: found no {str(data_dir)!r}; expected a folder that holds one for each authority. "
        "Name that folder; a dataset elsewhere is named in the [sources] of its authority.toml."
    )


def find_authorities(data_dir: str | Path) -> tuple[str, ...]:
    """List the authorities of a data folder.

    Slugs in alphabetical order: the folders that hold an authority.toml.

    Examples
    --------
    >>> "islington" in find_authorities("data")
    True
    """
    folder = find_data_dir(data_dir)
    return tuple(sorted(entry.name for entry in folder.iterdir() if (entry / _FILE).is_file()))


def checked_slug(slug: str) -> str:
    """Give back the name of an authority's folder, if it can be one and identifies nobody, or ConfigError."""
    if not isinstance(slug, str) or not SLUG.fullmatch(slug) or len(slug) > 100 or text_faults("", slug):
        raise ConfigError(
            f"authority: found {str(slug)[:100]!r}; expected a folder name: lower-case letters, digits, "
            "hyphens, and nothing that identifies a person."
        )
    return slug


def read_authority(slug: str, data_dir: str | Path) -> Authority:
    """Read an authority's authority.toml, with defaults for what the file leaves out.

    ConfigError if there is no such authority (the message proposes near names), or names every fault in the
    file.

    Parameters
    ----------
    slug : str
        Name of its folder: lower case, digits, hyphens.

    Examples
    --------
    >>> read_authority("coventry", "data").agreement.funding
    'recharged'
    """
    folder = find_data_dir(data_dir)
    file = folder / checked_slug(slug) / _FILE
    if not file.is_file():
        known = find_authorities(folder)
        hint = did_you_mean(slug, known)
        raise ConfigError(
            f"authority: found no {slug!r} in {folder.name}/; expected one of "
            f"{', '.join(known) or '(none yet)'}.{hint and f' {hint}'} 's75 new {slug}' starts one."
        )
    place = f"{slug}/{_FILE}"
    content = read_settings(file, place)
    if {"slug", "folder"} & set(content):
        raise ConfigError(f"{place}: slug and folder are taken from the folder's name; leave them out.")
    try:
        return Authority(slug=slug, folder=file.parent, **content)
    except ValidationError as error:
        raise settings_at_fault(place, error) from error
