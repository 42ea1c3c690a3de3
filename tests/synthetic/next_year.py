"""What is known of the years ahead of the synthetic authority: uplifts, moves, savings, funding rules."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from s75lib.loaders.rules import pay_weighted
from synthetic.care import CARE_TYPES, SHARE_FALL, UPLIFT_PERMILLE

_GENERAL: Final = {
    "2025/26": (3.0, UPLIFT_PERMILLE / 10, 4.5),
    "2026/27": (3.5, 4.5, 5.5),
    "2027/28": (2.5, 3.5, 5.0),
}
_CHARGES: Final = {"2025/26": 3.5, "2026/27": 3.8, "2027/28": 3.0}
WAGE_RISE, STAFF_SHARE, OTHER_INFLATION = 6.0, 75.0, 2.8
NEGOTIATED_ABOVE: Final = 1_500.0
KNOWN_CHANGES: Final = (
    ("turns_18", "Supp Living", "AMH", "2026-09-01", 7, 1_350.0, 20.0, False),
    ("transfer_in", "Residential", "AMH", "2026-06-01", 5, 1_180.0, 50.0, False),
    ("hospital_discharge", "Nursing", "OPMH", "2026-07-01", 6, 1_090.0, 40.0, True),
    ("home_closes", "Residential", "OPMH", "2026-10-01", 8, 145.0, 0.0, False),
    ("turns_18", "Dom Care", "AMH", "2027-09-01", 6, 520.0, 0.0, False),
)
_SAVINGS: Final = (
    ("S01", "Reviews of the dearest packages", "AMH", "Residential", 9_000, 70, False),
    ("S02", "Community care in place of placements", "OPMH", "Residential", 6_000, 60, True),
    ("S03", "Framework prices for home care", "OPMH", "Dom Care", 3_500, 85, False),
)
_MONTHS: Final = pd.date_range("2025-04-01", "2027-03-01", freq="MS").astype("datetime64[s]")


def draw_uplifts(rng: np.random.Generator) -> pd.DataFrame:
    """Give each year's uplift of prices and charges; what drawing adds is half a point on some care types."""
    rows: list[dict[str, Any]] = []
    for year, (low, central, high) in _GENERAL.items():
        known = year == "2025/26"
        own = np.zeros(len(CARE_TYPES)) if known else rng.integers(-1, 2, len(CARE_TYPES)) / 2
        for care_type, more in zip(CARE_TYPES, own.tolist(), strict=True):
            row = {"care_type": care_type, "basis": "price", "repriced_within": 3.0}
            row |= {"low": low + more, "central": central + more, "high": high + more}
            if year == "2026/27" and care_type == "Dom Care":
                row |= {"basis": "pay_weighted", "wage_rise": WAGE_RISE, "staff_share": STAFF_SHARE}
                row |= {"other_inflation": OTHER_INFLATION}
                row |= {
                    "central": pay_weighted(WAGE_RISE, STAFF_SHARE, OTHER_INFLATION),
                    "low": 4.5,
                    "high": 6.0,
                }
            rows.append({"financial_year": year, **row})
        if not known:
            limit = {"basis": "negotiated", "above_weekly": NEGOTIATED_ABOVE}
            rows.append({"financial_year": year, **limit, "low": 1.0, "central": 2.0, "high": 4.0})
        charge = _CHARGES[year]
        band = {"low": charge - 0.5, "central": charge, "high": charge + 0.5}
        rows.append({"financial_year": year, "basis": "client_income", **band})
    frame = pd.DataFrame(rows).fillna({"care_type": ""})
    return frame.assign(service_group="", provider="", source="Fee setting report (synthetic)")


def known_changes() -> pd.DataFrame:
    """Give the moves that are known of, each with its date and cost."""
    names = ["kind", "care_type", "service_group", "date", "people", "weekly_gross", "health_percent"]
    frame = pd.DataFrame(KNOWN_CHANGES, columns=[*names, "among_usual"])
    frame["date"] = pd.to_datetime(frame["date"]).astype("datetime64[s]")
    frame.insert(0, "change_id", [f"M{n:02d}" for n in range(1, len(frame) + 1)])
    return frame.assign(source="Moves known to commissioners (synthetic)")


def draw_savings(rng: np.random.Generator) -> pd.DataFrame:
    """Draw what was delivered of each saving in the months that have passed; never more than was planned."""
    rows = []
    for name, what, group, line, planned, confidence, usual in _SAVINGS:
        for month in _MONTHS:
            past = month < pd.Timestamp("2026-04-01")
            delivered = round(planned * int(rng.integers(40, 101)) / 100) if past else None
            row = (name, what, group, line, month, float(planned), delivered, float(confidence), usual)
            rows.append((*row, "Finance return (synthetic)" if past else ""))
    names = ["saving_id", "saving", "service_group", "line", "month", "planned", "delivered", "confidence"]
    frame = pd.DataFrame(rows, columns=[*names, "among_usual", "evidence"])
    return frame.assign(month=frame["month"].dt.strftime("%Y-%m"))


def funding_rules() -> pd.DataFrame:
    """Give the rule of each agreed share, and that continuing health care is all the NHS's."""
    shares = [(f"Joint {share}/{100 - share}", "percent", share) for share in SHARE_FALL.shares_before]
    frame = pd.DataFrame([*shares, ("CHC", "all_health", 100)], columns=["rule", "basis", "health_percent"])
    frame = frame.assign(council_percent=100 - frame["health_percent"], effective_from="2023-04-01")
    frame["funding_type"] = np.where(frame["rule"] == "CHC", "CHC", "")
    frame["effective_from"] = pd.to_datetime(frame["effective_from"]).astype("datetime64[s]")
    return frame.assign(source="Joint funding protocol (synthetic)")


def lost_share(lines: pd.DataFrame) -> dict[str, float]:
    """Add up what the fall of the NHS's share costs a week on the last day, and from its start, in £."""
    start, last = pd.Timestamp(SHARE_FALL.start), pd.Timestamp("2026-03-31")
    fallen = lines["health_funding_type"].isin(SHARE_FALL.funding_types) & (lines["valid_from"] >= start)
    rows = lines[fallen & ~lines["prior_year"] & (lines["valid_from"] <= last)]
    due = (rows["weekly_gross"] * (rows["health_share"] + SHARE_FALL.points) + 50) // 100
    lost = (due - rows["health_weekly"]) / 100
    still = rows["end_date"].isna() | (rows["end_date"] >= last)
    until = rows["end_date"].where(rows["end_date"] < last, last)
    weeks = ((until - rows["valid_from"]).dt.days + 1) / 7
    return {
        "lost_a_week_on_2026_03_31": round(float(lost[still].sum()), 2),
        "lost_from_2025_10_01_to_2026_03_31": round(float((lost * weeks).sum()), 2),
    }
