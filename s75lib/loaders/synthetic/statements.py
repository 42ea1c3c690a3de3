"""Statements that the synthetic authority has published about its own figures, some wrong on purpose."""

from __future__ import annotations

__all__ = ["published_claims"]

from typing import Final

import pandas as pd

_RECIPE_COLUMNS: Final = ["dataset", "filter", "measure", "operation", "period_from", "period_to"]
_COLUMNS: Final = ["claim_id", "reference", "statement", "published", "unit", "decimals", "recipe", "verdict"]
_BEFORE_ADJUSTMENTS: Final = "as_at=2026-03-31;kind=expenditure|health_income|client_income"
_COMMITTED: Final = ("budget", _BEFORE_ADJUSTMENTS, "commitment", "sum", "", "")
_OVERSPEND: Final = ("budget", _BEFORE_ADJUSTMENTS, "forecast-budget", "sum", "", "")
_OLDER_RESIDENTIAL: Final = "service_group=OPMH;line=Residential"
_OLDER_RISE: Final = ("budget", _OLDER_RESIDENTIAL, "commitment", "difference", "2025-04-30", "2026-03-31")
_REVIEWED: Final = "indicator=reviews_in_12_months;group="
_REVIEWED_LEVEL: Final = ("kpi", f"{_REVIEWED};period=2025/26", "value", "value", "", "")
_REVIEWED_POINTS: Final = ("kpi", _REVIEWED, "value", "pp_change", "2024/25", "2025/26")
_REVIEWED_PERCENT: Final = ("kpi", _REVIEWED, "value", "pct_change", "2024/25", "2025/26")
_EMPLOYED: Final = "indicator=cpa_employment;group=AMH"
_EMPLOYED_POINTS: Final = ("kpi", _EMPLOYED, "value", "pp_change", "2024/25", "2025/26")
_WITH_HEALTH: Final = ("package_transfers", "as_at=2026-03-31", "healthcare_professional", "sum", "", "")
_NO_RECIPE: Final = ("", "", "", "", "", "")


def published_claims(
    budget: pd.DataFrame, kpi: pd.DataFrame, transfers: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Write statements about the authority's own figures, some of them wrong on purpose.

    Parameters
    ----------
    budget, kpi, transfers : pandas.DataFrame
        The contract's `budget`, `kpi` and `package_transfers`.

    Returns
    -------
    claims : pandas.DataFrame
        The contract's `claims`.
    verdicts : dict of str to str
        What a checker should find, by claim_id.
    """
    # Claim, place, statement, published figure, unit, decimals, recipe, verdict.
    rows = [*_about_money(budget), *_about_indicators(kpi), *_about_people(transfers)]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    recipes = pd.DataFrame(table.pop("recipe").to_list(), columns=_RECIPE_COLUMNS)
    verdicts = dict(zip(table["claim_id"], table.pop("verdict"), strict=True))
    table.insert(1, "document", "exampleshire-annual-report-2025-26")
    return pd.concat([table, recipes], axis=1), verdicts


def _about_money(budget: pd.DataFrame) -> list[tuple[object, ...]]:
    """Write claims about commitments and overspends, to the thousand."""
    money = ["budget", "commitment", "forecast"]
    unadjusted = budget[budget["kind"] != "adjustment"].groupby("as_at")[money].sum()
    adjusted = budget.groupby("as_at")[money].sum()
    older = budget[(budget["service_group"] == "OPMH") & (budget["line"] == "Residential")].set_index("as_at")
    december, march = pd.Timestamp("2025-12-31"), pd.Timestamp("2026-03-31")
    over = unadjusted["forecast"] - unadjusted["budget"]
    over_adjusted = adjusted["forecast"] - adjusted["budget"]
    rise = older["commitment"][march] - older["commitment"][pd.Timestamp("2025-04-30")]
    figures = (
        ("net-commitment", "1.1", "Net commitment for the year at the end of March",
         unadjusted["commitment"][march], _COMMITTED, "consistent"),
        ("net-over-budget", "1.2", "Forecast over budget at the end of March, before adjustments",
         over[december], _OVERSPEND, "stale"),
        ("net-over-budget-adjusted", "1.3", "Forecast over budget at the end of March, says the chair",
         over_adjusted[march], _OVERSPEND, "basis mixed"),
        ("older-residential-rise", "1.4", "Rise of older people's residential commitment, April to March",
         rise, _OLDER_RISE, "consistent"),
        ("older-residential-rise-letter", "1.5", "The same rise, as a letter to the board gives it",
         1.2 * rise, _OLDER_RISE, "inconsistent"),
    )  # fmt: skip
    return [
        (claim, place, statement, round(amount / 1_000) * 1_000, "gbp", -3, recipe, verdict)
        for claim, place, statement, amount, recipe, verdict in figures
    ]


def _about_indicators(kpi: pd.DataFrame) -> list[tuple[object, ...]]:
    """Write claims about indicators, to one decimal."""
    value = kpi.set_index(["indicator", "period"])["value"]
    reviewed, employed = value["reviews_in_12_months"], value["cpa_employment"]
    fall = round(reviewed["2025/26"] - reviewed["2024/25"], 1)
    # A tenth off the difference of the printed figures: only the rounding of both can explain it.
    employment = round(employed["2025/26"] - employed["2024/25"] + 0.1, 1)
    return [
        ("reviews-level", "2.1", "People reviewed within twelve months, 2025/26",
         reviewed["2025/26"], "percent", 1, _REVIEWED_LEVEL, "consistent"),
        ("reviews-change", "2.2", "Change of people reviewed within twelve months",
         fall, "percentage_points", 1, _REVIEWED_POINTS, "consistent"),
        ("reviews-change-percent", "2.3", "The same change, printed as per cent",
         fall, "percent", 1, _REVIEWED_PERCENT, "wrong unit"),
        ("employment-change", "2.4", "Change of adults on CPA in paid employment",
         employment, "percentage_points", 1, _EMPLOYED_POINTS, "consistent only through rounding"),
    ]  # fmt: skip


def _about_people(transfers: pd.DataFrame) -> list[tuple[object, ...]]:
    """Write claims about people: one that can be recomputed and one that cannot."""
    at_year_end = transfers[transfers["as_at"] == "2026-03-31"]
    people = int(at_year_end["healthcare_professional"].sum())
    return [
        ("health-held", "3.1", "People whose packages health staff hold",
         people, "people", 0, _WITH_HEALTH, "consistent"),
        ("waiting-times", "3.2", "People who wait less than four weeks for allocation",
         85, "percent", 0, _NO_RECIPE, "untestable"),
    ]  # fmt: skip
