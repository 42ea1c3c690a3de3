"""What a cell of each column can look like, for the guidance of a new authority's workbook."""

from __future__ import annotations

__all__ = ["example"]

from s75lib.loaders.schemas import Column, Dataset, Kind

_BY_KIND: dict[Kind, str] = {
    "text": "",
    "slug": "",
    "date": "2026-03-31",
    "month": "2026-03",
    "period": "2025/26",
    "day_or_month": "2026-03",
    "number": "2.5",
    "count": "12",
    "money": "1234.50",
    "percent": "62.5",
    "flag": "no",
}
_BY_COLUMN = {
    "service_group": "AMH",
    "team": "North",
    "line": "Residential",
    "organisation": "Council",
    "partner": "Anytown Council",
    "group": "Social workers",
    "role": "social worker",
    "person_key": "P0001",
    "package_key": "K0001",
    "start_date": "2025-06-02",
    "end_date": "31/12/9999",
    "last_review_date": "2026-01-15",
    "weekly_gross": "500.00",
    "health_weekly": "120.00",
    "client_weekly": "30.00",
    "net_weekly": "350.00",
    "units_per_week": "20",
    "unit_price": "25.00",
    "health_funding_type": "s117",
    "age_band": "35-44",
    "provider": "Provider 7",
    "source_ref": "ledger line 1842",
    "snapshot_label": "Q4",
    "rounded_to": "1",
    "indicator": "reviews_in_time",
    "value": "62.5",
    "numerator": "50",
    "denominator": "80",
    "decimals": "1",
    "target": "75",
    "months_on_target": "4",
    "months_reported": "12",
    "unavailable_share": "0.22",
    "hours_per_wte_week": "37",
    "assumption": "hours_per_review",
    "low": "4",
    "central": "5",
    "high": "7",
    "survey": "Staff survey",
    "question": "I know who my supervisor is",
    "answer": "yes",
    "percent": "62.5",
    "count": "50",
    "base": "80",
    "population": "120",
    "criterion": "Care plan signed",
    "cases": "20",
    "compliant": "17",
    "risk_id": "R1",
    "description": "Too few approved mental health professionals",
    "consequence": "4",
    "likelihood": "3",
    "score": "12",
    "consequence_label": "major",
    "likelihood_label": "possible",
    "level": "high",
    "action_id": "A1",
    "action": "Review all packages once a year",
    "owner_role": "Head of mental health social work",
    "status": "open",
    "owner": "Head of mental health social work",
    "workstream": "Workforce",
    "employer": "Council",
    "reason": "",
    "fact_id": "F1",
    "statement": "Care coordinators in post",
    "claim_id": "C1",
    "document": "Annual report 2025/26",
    "reference": "section 4.2",
    "published": "19",
    "source": "time study, 2025",
    "rule": "Joint 50/50",
    "funding_rule": "Joint 50/50",
    "funding_type": "joint",
    "health_percent": "50",
    "council_percent": "50",
    "change_id": "C1",
    "people": "6",
    "saving_id": "S1",
    "saving": "Reviews of the dearest packages",
    "planned": "1500",
    "delivered": "1200",
    "confidence": "80",
    "evidence": "reviews recorded in the ledger",
    "dataset": "kpi",
    "filter": "indicator=reviews_in_time",
    "measure": "value",
    "operation": "value",
    "period_from": "2024/25",
    "period_to": "2025/26",
}
_BY_BOTH = {
    ("activity", "measure"): "reviews",
    ("activity", "attributed_to"): "",
    ("activity", "count"): "12",
    ("kpi", "group"): "North",
    ("kpi", "unit"): "percent",
    ("assumptions", "unit"): "hours",
    ("facts", "value"): "19",
    ("facts", "low"): "",
    ("facts", "high"): "",
    ("facts", "decimals"): "0",
    ("facts", "unit"): "people",
    ("claims", "unit"): "percent",
    ("claims", "published"): "62.5",
    ("budget", "service_group"): "AMH",
    ("contributions", "line"): "Care packages",
    ("contributions", "agreed"): "1200000",
    ("contributions", "paid_to_date"): "900000",
    ("contributions", "as_at"): "2025-12-31",
    ("funding_rules", "health_hours"): "",
    ("funding_rules", "effective_from"): "2025-04-01",
    ("funding_rules", "effective_to"): "",
    ("uplifts", "effective_from"): "2025-04-01",
    ("uplifts", "above_weekly"): "",
    ("uplifts", "wage_rise"): "",
    ("uplifts", "staff_share"): "",
    ("uplifts", "other_inflation"): "",
}


def example(dataset: Dataset, column: Column) -> str:
    """Give an example of a column's cell; the examples of a dataset make a sound row.

    Examples
    --------
    >>> from s75lib.loaders.schemas import DATASETS
    >>> kpi = DATASETS["kpi"]
    >>> [example(kpi, kpi.column(name)) for name in ("indicator", "period", "value", "unit")]
    ['reviews_in_time', '2025/26', '62.5', 'percent']
    """
    if (dataset.name, column.name) in _BY_BOTH:
        return _BY_BOTH[dataset.name, column.name]
    if column.choices:
        return column.choices[0]
    return _BY_COLUMN.get(column.name, _BY_KIND[column.kind])
