"""A mapping: for each dataset, which sheets hold it, where the table stands, and what each column is."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from s75lib.errors import ConfigError
from s75lib.loaders.mapping.sheets import year_in
from s75lib.loaders.mapping.synonyms import MEASURES, by_pattern, measure_of, plain_name
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.toml import read_settings, wrong_settings

MAPPING_FILE = "mapping.toml"

ASK = "?"
"""What stands where the analyst has to decide; until then the column or value is left out."""

YEAR_TO_DATE = ["ytd*", "year to date*", "cumulative*"]
TOTALS = [
    "total*",
    "grand total*",
    "sub*total*",
    "net total*",
    "overall total*",
    "* total",
    "* subtotal",
    "overall",
    "sum",
    *YEAR_TO_DATE,
]
"""How the first words of a row read that is a total, unless the mapping says otherwise."""

Reading = Literal[
    "text",
    "after the colon",
    "day",
    "month",
    "month end",
    "end of financial period",
    "quarter",
    "financial year",
]
Operation = Literal[
    "age band",
    "gross − health − client",
    "establishment − vacancies",
    "top of the fraction",
    "base of the fraction",
    "weekly from annual ÷ 52.142857",
    "weekly from annual ÷ 52",
    "weekly from quarterly ÷ 13.035714",
    "weekly from monthly ÷ 4.345238",
    "weekly from four weeks ÷ 4",
    "weekly from two weeks ÷ 2",
    "weekly from daily × 7",
    "financial year of the date",
    "percent where the value has the sign, else count",
    "lower case with underscores",
    "income or expenditure",
]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str | int) else value


Names = Annotated[list[str], BeforeValidator(_listed)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Place(_Strict):
    """A value that stands outside the table: in the sheet's name, the file's, or a title above the header.

    Where the header stands again further down, "block" is the line above each of them.
    """

    where: Literal["sheet", "file", "title", "block"] = Field(alias="in")
    reading: Reading = Field("text", alias="as")


class Derived(_Strict):
    """A column worked out by one of the named operations from a column of theirs."""

    operation: Operation = Field(alias="by")
    source: str = Field("", alias="from")


class Across(_Strict):
    """Columns that are values: their names go into columns of ours, their cells into another.

    `into` has a column for each row of the header; where the rows are numerator, denominator and the like,
    `rows` says what each is (theirs → ours), by the column `measure`, or by the header's last row without it.
    """

    into: Names
    value: str = "value"
    measure: str = ""
    rows: dict[str, str] = {}


class Outline(_Strict):
    """A column whose cells are headings with rows below them, as a pivot table prints it."""

    column: str
    into: Names


class Layout(_Strict):
    """How one dataset stands in some sheets.

    Columns are named as in the header; of a header of several rows, with ``" | "`` between its parts.
    `year` is the column that names the year of months which leave it out.
    """

    files: Names
    sheets: Names = ["*"]
    not_sheets: Names = []
    header: Annotated[list[int], BeforeValidator(_listed)] = [1]
    totals: Names = TOTALS
    columns: dict[str, str] = {}
    fill_down: Names = []
    outline: Outline | None = None
    across: Across | None = None
    found: dict[str, Place] = {}
    fixed: dict[str, str] = {}
    values: dict[str, dict[str, str | dict[str, str]]] = {}
    times: dict[str, float] = {}
    minus: Names = []
    month_first: Names = []
    year: str = ""
    derived: dict[str, Derived] = {}

    def gives(self) -> set[str]:
        """Our columns that the layout fills."""
        named = {*self.columns.values(), *self.found, *self.fixed, *self.derived}
        translated = [to for table in self.values.values() for to in table.values()]
        named.update(*(to for to in translated if isinstance(to, dict)))
        if self.outline:
            named.update(self.outline.into)
        if self.across:
            named.update(self.across.into, self.across.rows.values() or [self.across.value])
        return named - {"", ASK}

    def theirs(self) -> list[str]:
        """Their columns that the layout names, but for those that are values."""
        across = self.across or Across(into=[])
        named = [*self.columns, across.measure, self.year, self.outline.column if self.outline else ""]
        named += [one.source for one in self.derived.values()]
        ours = {across.value, *across.rows.values()} if self.across else set()  # made on the way
        return [name for name in dict.fromkeys(named) if name and (name in self.columns or name not in ours)]


class Mapping(_Strict):
    """An authority's mapping: any number of layouts for each dataset.

    `pseudonymise` says that person keys go through the pseudonymiser on the way in.
    """

    pseudonymise: bool = False
    datasets: dict[str, list[Layout]] = {}

    def undecided(self) -> abc.Iterator[str]:
        """List the choices that are left to the analyst."""
        for dataset, layouts in self.datasets.items():
            for layout in layouts:
                for theirs, ours in layout.columns.items():
                    if ours == ASK:
                        yield f"{dataset}: what the column “{theirs}” is"
                for column, table in layout.values.items():
                    for theirs, to in table.items():
                        if ASK in (to.values() if isinstance(to, dict) else [to]):
                            yield f"{dataset}: what “{theirs}” is in the column {column}"
                for ours, value in layout.fixed.items():
                    if value == ASK:
                        yield f"{dataset}: the {ours} of every row"


def read_mapping(folder: Path) -> Mapping | None:
    r"""Read an authority's mapping.

    None where the folder holds no mapping.toml.

    Parameters
    ----------
    folder : Path
        The authority's folder.

    Raises
    ------
    ConfigError
        If it is no TOML, names an unknown dataset, column or setting; every fault is told, with its place.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "mapping.toml").write_text('[[kpi]]\nfiles = "k*.csv"\ncolumns = { PI = "indicator" }')
    >>> read_mapping(folder).datasets["kpi"][0].columns
    {'PI': 'indicator'}
    """
    path = folder / MAPPING_FILE
    if not path.is_file():
        return None
    name = f"{folder.name}/{MAPPING_FILE}"
    held = read_settings(path, name)
    settings = {key: value for key, value in held.items() if not isinstance(value, list)}
    datasets = {key: value for key, value in held.items() if isinstance(value, list)}
    faults = [
        f"{name}: found [[{key}]]; expected a dataset: {', '.join(DATASETS)}."
        for key in datasets
        if key not in DATASETS
    ]
    try:
        mapping = Mapping(datasets=datasets, **settings)
    except ValidationError as error:
        faults += [f"{name}: {line}." for line in wrong_settings(error)]
        raise ConfigError("\n".join(faults)) from error
    for dataset, layouts in mapping.datasets.items():
        known = DATASETS[dataset].column_names if dataset in DATASETS else ()
        for layout in layouts if known else []:
            faults += [
                f"{name}: [[{dataset}]]: found {ours!r}; expected one of {', '.join(known)}."
                for ours in sorted(layout.gives() | set(layout.times) | set(layout.minus))
                if ours not in known
            ]
    if faults:
        raise ConfigError("\n".join(faults))
    return mapping


@dataclass
class Proposal:
    """One layout as it is proposed.

    - `settings`: Those of the layout.
    - `remarks`: What is said beside a setting in the file.
    - `taken`: Columns of ours that the layout fills.
    """

    dataset: str
    settings: dict[str, Any]
    remarks: dict[tuple[str, ...], str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def put(self, key: str, ours: str, value: Any, remark: str = "") -> None:
        """Propose one entry of a table of settings."""
        self.settings.setdefault(key, {})[ours] = value
        if remark:
            self.remarks[key, ours] = remark

    def derive(self, ours: str, operation: str, source: str = "", remark: str = "") -> None:
        """Propose that a column of ours is worked out of one of theirs."""
        self.put("derived", ours, {"by": operation} | ({"from": source} if source else {}), remark)
        self.remarks.pop(("columns", source), None)
        self.taken.add(ours)

    def drop(self, name: str) -> None:
        """Take a column of theirs out of the columns that are one of ours each."""
        self.settings["columns"].pop(name, None)
        self.remarks.pop(("columns", name), None)

    def translate(self, column: str, theirs: abc.Iterable[str], patterns: abc.Mapping[str, str]) -> None:
        """Translate values that are recognised, and ask of the others."""
        made = {}
        for text in theirs:
            plain = text.strip().casefold()
            ours = next((o for o in patterns if o.casefold() in (plain, plain.replace(" ", "_"))), "")
            known = measure_of(text) if year_in(text) is None else ""
            ours = ours or (known if patterns is MEASURES else by_pattern(text, patterns))
            made[text] = ours or ASK
            if not ours:
                choices = [*patterns, "Other"] if column == "care_type" else list(patterns)
                self.remarks["values", column, text] = f"one of: {', '.join(choices)}"
        self.put("values", column, made)


def written(proposals: abc.Sequence[Proposal]) -> str:
    r"""Write proposals as a mapping.toml, with what is to be decided beside each line.

    TOML.

    Parameters
    ----------
    proposals : sequence of Proposal
        As `propose` gives them.

    Examples
    --------
    >>> layout = Proposal("kpi", {"files": ["k.csv"], "columns": {"PI": "?"}}, {("columns", "PI"): "which?"})
    >>> print(written([layout]).split("\n\n", 1)[1])
    [[kpi]]
    files = ["k.csv"]
    <BLANKLINE>
    [kpi.columns]
    PI = "?" # which?
    <BLANKLINE>
    """
    import tomlkit

    document = tomlkit.document()
    for line in (
        "How this authority’s own files give the datasets of the contract; written by s75 map, kept by you.",
        'A column of theirs = a column of ours; "" leaves it out, "?" waits for your decision.',
    ):
        document.add(tomlkit.comment(line))
    theirs = [one.settings.get("columns", {}) for one in proposals if one.dataset == "packages"]
    keys = [name for columns in theirs for name, ours in columns.items() if ours == "person_key"]
    if set(map(plain_name, keys)) - {"person key"}:
        document["pseudonymise"] = tomlkit.item(False).comment(
            "true: client numbers become pseudonyms, under the key that s75 check --make-key makes"
        )
    arrays: dict[str, Any] = {}
    for proposal in proposals:
        table = tomlkit.table()
        for key, value in sorted(proposal.settings.items(), key=lambda one: isinstance(one[1], dict)):
            table[key] = _toml(value, proposal.remarks, (key,)) if isinstance(value, dict) else value
        arrays.setdefault(proposal.dataset, tomlkit.aot()).append(table)
    for dataset, array in arrays.items():
        document[dataset] = array
    return tomlkit.dumps(document)


def _toml(
    held: abc.Mapping[str, Any], remarks: abc.Mapping[tuple[str, ...], str], path: tuple[str, ...]
) -> Any:
    """Write a table, its remarks behind the lines; small tables of settings stay on one line."""
    import tomlkit

    made = tomlkit.table()
    for key, value in held.items():
        if isinstance(value, dict) and path[0] == "values" and len(path) == 1:
            made[key] = _toml(value, remarks, (*path, key))
            continue
        if isinstance(value, dict):
            inline = tomlkit.inline_table()
            inline.update(value)
            value = inline
        item = tomlkit.item(value)
        if remark := remarks.get((*path, key)):
            item.comment(remark)
        made[key] = item
    return made
