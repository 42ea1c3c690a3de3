"""How a claim is recomputed, read as data, and the rows of a dataset that it speaks of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.claims.terms import SOURCES
from s75lib.errors import DataError, Fault, MethodError, S75Error
from s75lib.loaders.schemas import Column
from s75lib.loaders.values import EXPECTED, parse_column
from s75lib.stats.rounding import attainable

Places = npt.NDArray[np.intp]
FILE = "claims.csv"
OVER_TIME = frozenset({"difference", "pp_change", "pct_change", "ratio"})
OPERATIONS = ("value", "sum", "difference", "pp_change", "pct_change", "ratio", "product", "count")

_NUMERIC = frozenset({"number", "count", "money", "percent"})
_MEASURE = re.compile(r"\s*(\w+)\s*(?:([-+*−×])\s*(\w+)\s*)?")
_SIGNS = {"−": "-", "×": "*"}


class UntestableError(S75Error):
    """A recomputation that the data at hand do not allow; the message says what is missing."""


@dataclass(frozen=True)
class Term:
    """One condition of a filter: a column and the values that fit."""

    column: str
    texts: tuple[str, ...]  # as written; an empty text fits a blank cell


@dataclass(frozen=True, eq=False)
class Rows:
    """A dataset, with what was asked of it before."""

    dataset: str
    frame: pd.DataFrame = field(repr=False)
    _masks: dict[Term, npt.NDArray[np.bool_]] = field(default_factory=dict, repr=False)
    _codes: dict[str, tuple[Places, dict[Any, int]]] = field(default_factory=dict, repr=False)
    _columns: dict[str, npt.NDArray[Any]] = field(default_factory=dict, repr=False)
    _finest: dict[tuple[str, str], float] = field(default_factory=dict, repr=False)

    def meeting(self, terms: Sequence[Term]) -> Places:
        """Find the rows that meet every term."""
        keep = np.ones(len(self.frame), dtype=bool)
        for term in terms:
            if term not in self._masks:
                self._masks[term] = self._fitting(term)
            keep &= self._masks[term]
        return np.flatnonzero(keep)

    def cells(self, column: str, places: Places) -> npt.NDArray[Any]:
        """Give the cells of a column in some rows."""
        if column not in self.frame.columns:
            raise UntestableError(f"The data have no column {column}.")
        if column not in self._columns:
            self._columns[column] = self.frame[column].to_numpy()
        return np.asarray(self._columns[column][places])

    def finest(self, column: str, unit: str = "") -> float:
        """Give the last place in which a column is written, in rows of one unit or in all."""
        if (column, unit) not in self._finest:
            alike = self.frame["unit"] == unit if unit else slice(None)
            known = self.frame.loc[alike, column].dropna()
            self._finest[column, unit] = _finest(known, SOURCES[self.dataset].column(column))
        return self._finest[column, unit]

    def _fitting(self, term: Term) -> npt.NDArray[np.bool_]:
        codes, places = self._coded(term.column)
        wanted, _ = typed(term.texts, SOURCES[self.dataset].column(term.column))
        fits = np.zeros(len(places) + 1, dtype=bool)
        fits[[places[value] for value in wanted.tolist() if value in places]] = True
        fits[-1] = "" in term.texts or wanted.isna().any()  # a blank has the code −1
        return fits[codes]

    def _coded(self, column: str) -> tuple[Places, dict[Any, int]]:
        """Give each row's place among the distinct values of a column, and these with their places."""
        if column not in self.frame.columns:
            raise UntestableError(f"The {self.dataset.replace('_', ' ')} data have no column {column}.")
        if column not in self._codes:
            codes, distinct = pd.factorize(self.frame[column])
            self._codes[column] = codes, {value: place for place, value in enumerate(distinct.tolist())}
        return self._codes[column]


@cache
def typed(texts: tuple[str, ...], column: Column) -> tuple[pd.Series, pd.Series]:
    """Read the values of a filter as the loader reads the cells of the column."""
    return parse_column(pd.Series(texts, dtype="object"), column.kind)


def _finest(known: pd.Series, column: Column) -> float:
    if column.kind == "money":
        return 1.0 if (known % 1 == 0).all() else 0.01
    # To nine places: further ones are noise of floating point.
    exact = (np.isclose(known, known.round(places), rtol=0, atol=5e-10).all() for places in range(9))
    return float(f"1e-{next((places for places, fits in enumerate(exact) if fits), 9)}")


@dataclass(frozen=True)
class Recipe:
    """How to recompute one published figure."""

    dataset: str
    terms: tuple[Term, ...]  # all must hold; without any, every row is used
    columns: tuple[str, ...]  # one or two; none for a count of rows
    sign: str  # between two columns: -, + or *
    operation: str
    period_from: str = ""
    period_to: str = ""

    @property
    def period_column(self) -> str:
        """The column that periods are looked up in; empty where the dataset has none."""
        return _period_column(self.dataset)


def read_recipes(claims: pd.DataFrame) -> dict[str, Recipe]:
    """Read how every testable claim is recomputed, by claim_id; DataError holds every fault of every claim.

    >>> claims = pd.DataFrame([{"claim_id": "a", "published": 604.0, "decimals": 0.0,
    ...     "dataset": "package_transfers", "filter": "service_group=AMH|OPMH",
    ...     "measure": "social_work+healthcare_professional", "operation": "sum",
    ...     "period_from": "", "period_to": ""}])
    >>> read_recipes(claims)["a"].terms
    (Term(column='service_group', texts=('AMH', 'OPMH')),)
    """
    recipes: dict[str, Recipe] = {}
    faults: list[Fault] = []
    for position, claim in enumerate(claims.to_dict("records")):
        reader = _Reader(claim, position + 2)
        recipe = reader.recipe()
        faults += reader.faults
        if recipe and not reader.faults:
            recipes[str(claim["claim_id"])] = recipe
    if faults:
        raise DataError(faults)
    return recipes


class _Reader:
    """Reads one claim and gathers what is wrong with it."""

    def __init__(self, claim: Mapping[Any, Any], row: int) -> None:
        self.claim = {str(name): value for name, value in claim.items()}
        self.row = row
        self.faults: list[Fault] = []

    def recipe(self) -> Recipe | None:
        """Read the claim; None where no dataset is named or what is named is at fault."""
        self._figure()
        dataset, operation = self._text("dataset"), self._text("operation")
        if not dataset:
            for column in ("filter", "measure", "operation", "period_from", "period_to"):
                if self._text(column):
                    self._fault(
                        column, "a blank, since no dataset is named", "Name the dataset, or clear it."
                    )
            return None
        if dataset not in SOURCES or dataset == "claims":
            known = ", ".join(name for name in SOURCES if name != "claims")
            self._fault("dataset", f"one of {known}", "Correct the name, or leave it blank: untestable.")
            return None
        if operation not in OPERATIONS:
            self._fault("operation", f"one of {', '.join(OPERATIONS)}", "Say how to recompute the figure.")
        columns, sign = self._measure(dataset, operation)
        ends = self._periods(dataset, operation)
        return Recipe(dataset, self._terms(dataset), columns, sign, operation, *ends)

    def _text(self, column: str) -> str:
        value = self.claim.get(column, "")
        return "" if value is None or pd.isna(value) else str(value).strip()

    def _fault(self, column: str, expected: str, remedy: str, found: str = "") -> None:
        found = f"{found or repr(self._text(column))} in claim {self.claim['claim_id']}"
        self.faults.append(Fault(FILE, found, expected, remedy, row=self.row, column=column))

    def _figure(self) -> None:
        published, decimals = self.claim["published"], self.claim["decimals"]
        if pd.isna(published):
            return
        if pd.isna(decimals) or float(decimals) % 1:
            self._fault("decimals", "a whole number; -3 for thousands", "State how the figure was rounded.")
            return
        try:
            attainable(published, int(decimals))
        except MethodError:
            self._fault(
                "published",
                f"a figure with {int(decimals)} decimals, as the column decimals says",
                "Correct the figure or its decimals.",
            )

    def _terms(self, dataset: str) -> tuple[Term, ...]:
        terms: list[Term] = []
        text = self._text("filter")
        for pair in text.split(";") if text else ():
            name, equals, values = (part.strip() for part in pair.partition("="))
            if not equals or not name:
                self._fault("filter", "column=value pairs with ; between", "Rewrite the filter.", repr(pair))
                continue
            column = self._column("filter", dataset, name)
            if column is None:
                continue
            if name in {term.column for term in terms}:
                self._fault("filter", f"{name} once", "Put alternatives in one pair, with | between.")
            term = Term(name, tuple(value.strip() for value in values.split("|")))
            _, bad = typed(term.texts, column)
            for value in (value for value, wrong in zip(term.texts, bad, strict=True) if wrong):
                self._fault("filter", f"{EXPECTED[column.kind]} for {name}", "Correct it.", repr(value))
            terms.append(term)
        return tuple(terms)

    def _measure(self, dataset: str, operation: str) -> tuple[tuple[str, ...], str]:
        text = self._text("measure")
        if operation == "count" and not text:
            return (), ""
        match = _MEASURE.fullmatch(text)
        if not match:
            expected = "a column, or two with -, + or * between"
            self._fault("measure", expected, "Name the columns to compute with.")
            return (), ""
        names = tuple(name for name in (match[1], match[3]) if name)
        columns = [self._column("measure", dataset, name) for name in names]
        if operation == "count":
            if len(names) > 1:
                self._fault("measure", "a blank, or one column", "Name the column to count by.")
            return names, ""
        for column in columns:
            if column and column.kind not in _NUMERIC:
                self._fault("measure", "columns of numbers", "Name another.", f"{column.name}, {column.kind}")
        sign = _SIGNS.get(match[2], match[2]) or ""
        if operation == "product" and sign != "*":
            self._fault("measure", "two columns with * between", "Name both, or use another operation.")
        return names, sign

    def _column(self, where: str, dataset: str, name: str) -> Column | None:
        if name in SOURCES[dataset].column_names:
            return SOURCES[dataset].column(name)
        expected = f"a column of {dataset}: {', '.join(SOURCES[dataset].column_names)}"
        self._fault(where, expected, "Correct the name.", repr(name))
        return None

    def _periods(self, dataset: str, operation: str) -> tuple[str, str]:
        ends = (self._text("period_from"), self._text("period_to"))
        for column, text in zip(("period_from", "period_to"), ends, strict=True):
            if operation not in OVER_TIME:
                if text:
                    self._fault(column, f"a blank with {operation}", "Put the period into the filter.")
            elif not _period_column(dataset):
                self._fault(column, f"a dataset with periods, unlike {dataset}", "Use another operation.")
            else:
                kind = SOURCES[dataset].column(_period_column(dataset))
                if not text or typed((text,), kind)[1].any():
                    self._fault(column, f"{EXPECTED[kind.kind]}, as in {kind.name}", "Name the period.")
        if self.faults or operation not in OVER_TIME:
            return ends
        before, after = snapshots(typed(ends, SOURCES[dataset].column(_period_column(dataset)))[0], dataset)
        return before, after


def snapshots(cells: pd.Series, dataset: str) -> list[str]:
    """Write the dates or periods of a dataset in one form: ISO dates, months, financial years."""
    if pd.api.types.is_datetime64_any_dtype(cells):
        form = "%Y-%m" if SOURCES[dataset].column(_period_column(dataset)).kind == "month" else "%Y-%m-%d"
        return [str(day) for day in cells.dt.strftime(form)]
    return [str(cell) for cell in cells]


def _period_column(dataset: str) -> str:
    """Facts have a period in words, which can be looked up though not put in order."""
    return SOURCES[dataset].dated_by or ("period" if "period" in SOURCES[dataset].column_names else "")
