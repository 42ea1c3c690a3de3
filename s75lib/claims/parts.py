"""The claims of a notebook as it shows them, and which notebook shows which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from s75lib.claims.recipe import read_recipes
from s75lib.claims.terms import checked_against
from s75lib.claims.verdicts import CONTRADICTIONS, VERDICTS, figure, finer_than, judged, places_of, span
from s75lib.errors import ConfigError
from s75lib.loaders.schemas import DATASETS
from s75lib.present import Headline, Section, Study, html, words
from s75lib.present.parts import Shown, as_printed, plain

NOTEBOOK_DATASETS: dict[str, tuple[str, ...]] = {
    "budget_deep_dive": ("budget", "staffing", "packages", "funding_rules"),
    "workload_forecast": ("package_transfers", "activity", "workforce", "assumptions"),
    "kpi_significance": ("kpi", "population", "survey", "audits"),
    "partnership_scorecard": ("risks", "actions"),
    "partnership_account": ("contributions", "agreement", "facts"),
    "next_year_budget": ("uplifts", "known_changes", "savings"),
}
"""Which notebook shows the claims of which datasets: each dataset once."""

_LAST_RESORT = "facts"
_METHOD = "recomputed in exact fractions, each rounded input an interval"
_SAID = {
    "consistent": ("is consistent with the figures", "are consistent with the figures"),
    "consistent only through rounding": (
        "is consistent only through rounding",
        "are consistent only through rounding",
    ),
    "inconsistent": ("is inconsistent with them", "are inconsistent with them"),
    "stale": ("is stale (true of an earlier date)", "are stale (true of an earlier date)"),
    "basis mixed": ("mixes two bases", "mix two bases"),
    "wrong unit": ("has the wrong unit", "have the wrong unit"),
    "untestable": ("cannot be tested with the data at hand", "cannot be tested with the data at hand"),
}


def headlines(checked: pd.DataFrame, total: int | None = None) -> list[Headline]:
    """Count the verdicts, and name each contradiction.

    `checked` comes from `check_claims`, or is a part of it and `total` the published statements in all. First
    the counts (value: contradictions), then a sentence or more for each, most serious first.

    >>> headlines(pd.DataFrame({"verdict": []}))[0].text
    'No published statement is on record for this report, so none was checked.'
    """
    contradictions = checked[checked["verdict"].isin(CONTRADICTIONS)]
    return [
        Headline(
            id="claims.verdicts",
            text=summary(checked, total),
            value=float(len(contradictions)),
            unit="claims",
            method=_METHOD,
        ),
        *(_contradiction(row) for row in in_order(contradictions).to_dict("records")),
    ]


def in_order(checked: pd.DataFrame) -> pd.DataFrame:
    """Put claims in the order of their verdicts, most serious first."""
    ranks = [VERDICTS.index(verdict) for verdict in checked["verdict"]]
    return checked.iloc[np.argsort(ranks, kind="stable")]


def summary(checked: pd.DataFrame, total: int | None = None) -> str:
    """Count the verdicts in a sentence.

    >>> summary(pd.DataFrame({"verdict": ["stale"]}), 3)
    'The one published figure (of 3 in all) is stale (true of an earlier date).'
    """
    if checked.empty:
        return "No published statement is on record for this report, so none was checked."
    counts = Counter(checked["verdict"])
    of_all = f" (of {words.number(total)} in all)" if total not in (None, len(checked)) else ""
    if set(counts) == {"untestable"} and len(checked) > 1:
        figures = words.count_noun(len(checked), "published figure")
        return f"None of the {figures}{of_all} can be tested with the data at hand."
    if len(checked) == 1:
        return f"The one published figure{of_all} {_SAID[next(iter(counts))][0]}."
    alike = (("consistent", "consistent only through rounding"), CONTRADICTIONS, ("untestable",))
    said = [
        [
            f"{words.number(counts[verdict])} {_SAID[verdict][counts[verdict] != 1]}"
            for verdict in verdicts
            if verdict in counts
        ]
        for verdicts in alike
    ]
    sentences = [f"{words.join(parts)}." for parts in said if parts]
    return f"Of {words.count_noun(len(checked), 'published figure')}{of_all}, {' '.join(sentences)}"


def _contradiction(row: dict[object, object]) -> Headline:
    numbers = {name: float(str(row[name])) for name in ("recomputed", "low", "high")}
    statement = str(row["statement"]).rstrip(".")
    verdict = str(row["verdict"])
    return Headline(
        id=f"claims.{row['claim_id']}",
        text=f"{verdict[:1].upper()}{verdict[1:]}: “{statement}”. {row['detail']}",
        value=numbers["recomputed"],
        unit=str(row["unit"]),
        lower=numbers["low"],
        upper=numbers["high"],
        method=_METHOD,
        cell=("claims", str(row["claim_id"]), "recomputed"),
    )


def of_datasets(claims: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Take the claims that belong to some datasets.

    A claim without a dataset goes with the dataset that most claims of its document are tested on, the first
    to be named where two tie; where nothing in its document can be tested, or where it is of money and the
    document's figures are not, with ``facts``. So lists of names that share the datasets out share out all
    claims.

    >>> claims = pd.DataFrame({"claim_id": ["a", "b", "c"], "document": ["x", "x", "y"],
    ...                        "dataset": ["budget", "", ""]})
    >>> [of_datasets(claims, [name])["claim_id"].tolist() for name in ("budget", "facts")]
    [['a', 'b'], ['c']]
    """
    named, pairs = set(names), list(zip(claims["document"], claims["dataset"], strict=True))
    tested: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for document, dataset in pairs:
        tested[document].update([dataset] if dataset else [])
    homes = {
        document: max(counts, key=counts.__getitem__, default=_LAST_RESORT)
        for document, counts in tested.items()
    }
    units = claims["unit"] if "unit" in claims else [""] * len(claims)
    money = NOTEBOOK_DATASETS["budget_deep_dive"]
    own = [
        (dataset or (_LAST_RESORT if unit == "gbp" and homes[document] not in money else homes[document]))
        in named
        for (document, dataset), unit in zip(pairs, units, strict=True)
    ]
    return claims[own].reset_index(drop=True)


def of_notebook(claims: pd.DataFrame, notebook: str) -> pd.DataFrame:
    """Take the claims that a notebook shows; ConfigError if its name is no key of `NOTEBOOK_DATASETS`."""
    if notebook not in NOTEBOOK_DATASETS:
        raise ConfigError(f"notebook: found {notebook!r}; expected one of {', '.join(NOTEBOOK_DATASETS)}.")
    return of_datasets(claims, NOTEBOOK_DATASETS[notebook])


@dataclass(frozen=True, repr=False)
class Claims(Shown):
    """Published statements with their verdicts."""

    checked: pd.DataFrame = field(repr=False)
    total: int | None = None

    def payload(self) -> dict[str, Any]:
        """Give the verdicts as data, recomputed numbers as exactly as the table prints them."""
        names = ("claim_id", "verdict", "published", "recomputed", "low", "high")
        items = []
        for row in self.checked.to_dict("records"):
            item, unit, decimals = (
                {name: plain(row[name]) for name in names},
                str(row["unit"]),
                _decimals(row),
            )
            finer = finer_than(decimals)
            for name, places in (("recomputed", decimals), ("low", finer), ("high", finer)):
                item[name] = as_printed(item[name], places_of(unit, places))
            items.append(item)
        return {"kind": "claims", "items": items}

    def html(self) -> str:
        """Give the contradictions as a table, and all claims one click away."""
        counts = html.element("p", html.text(summary(self.checked, self.total)))
        if self.checked.empty:
            return html.element("div", counts, cls="s75-claims")
        wrong = self.checked[self.checked["verdict"].isin(CONTRADICTIONS)]
        shown = _table("Published statements that their own figures contradict", wrong) if len(wrong) else ""
        everything = html.element(
            "details",
            html.element("summary", html.text("Every published figure with its verdict")),
            _table("Published figures against their recomputation", self.checked),
            cls="s75-data",
        )
        return html.element("div", counts, shown, everything, cls="s75-claims")

    def text(self) -> str:
        """Give the count and a line for each contradiction."""
        return "\n".join(headline.text for headline in headlines(self.checked, self.total))


def section(study: Study) -> Section:
    """Check the claims that belong to a study's notebook: contradictions first, then all."""
    data = study.data
    return Section.of(*of_a_notebook(data.claims, checked_against(data), study.notebook, data.fewest_shown))


def of_a_notebook(
    claims: pd.DataFrame,
    frames: Mapping[str, pd.DataFrame],
    notebook: str,
    fewest: Callable[[str], int] | None = None,
) -> list[list[Headline] | Claims]:
    """Check those of an authority's claims that belong to one notebook, ready to show.

    `fewest` gives the fewest people that a count from a dataset may show, as `AuthorityData.fewest_shown`
    does: a smaller recomputed count is not shown. A finding for each contradiction, most serious first; then
    the claims with their verdicts. DataError holds every fault in how claims are written; ConfigError if none
    belong to a notebook of this name.

    >>> from s75lib.loaders import load
    >>> data = load("peterborough", "2019/20")
    >>> found, shown = of_a_notebook(data.claims, data.frames, "partnership_scorecard")
    >>> [headline.value for headline in found]
    [8.0]
    """
    recipes = read_recipes(claims)  # of all claims, so that every notebook tells what is wrong with any
    checked = judged(of_notebook(claims, notebook), recipes, frames)
    if fewest is not None:
        checked = _held_back(checked, fewest)
    return [headlines(checked, len(claims))[1:], Claims(checked, len(claims))]


def _held_back(checked: pd.DataFrame, fewest: Callable[[str], int]) -> pd.DataFrame:
    """Take small counts of people out of what was recomputed; what was published stays."""
    least = np.array([fewest(name) if name in DATASETS else 1 for name in checked["dataset"]], dtype=float)
    counts = checked["unit"].isin(["people", "count"]).to_numpy(dtype=bool)
    found = checked["recomputed"].to_numpy(dtype=float)
    small = counts & (found >= 1) & (found < least)
    hidden = {name: checked[name].mask(small) for name in ("recomputed", "low", "high")}
    said = checked["detail"].mask(small, "The recomputed count is hidden: too few people.")
    return checked.assign(**hidden, detail=said)


def _table(caption: str, checked: pd.DataFrame) -> str:
    head = ["Statement", "Published", "Recomputed", "Possible range", "Verdict", "What was found", "Where"]
    rows = [_cells(row) for row in in_order(checked).to_dict("records")]
    return html.table(caption, head, rows, [False, True, True, True, False, False, False])


def _decimals(row: dict[Any, Any]) -> int:
    return 0 if pd.isna(row["decimals"]) else int(row["decimals"])


def _cells(row: dict[Any, Any]) -> list[str]:
    unit = str(row["unit"])
    decimals = _decimals(row)
    low, high = row["low"], row["high"]
    possible = "–" if pd.isna(low) else "exact" if low == high else span(low, high, unit, decimals)
    return [
        str(row["statement"]),
        "–" if pd.isna(row["published"]) else figure(row["published"], unit, decimals),
        "–" if pd.isna(row["recomputed"]) else figure(row["recomputed"], unit, decimals),
        possible,
        str(row["verdict"]),
        str(row["detail"]),
        ", ".join(part for part in (str(row["document"]), str(row["reference"])) if part),
    ]
