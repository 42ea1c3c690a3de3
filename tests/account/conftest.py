"""Studies of the account, opened once for an authority and a period."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from s75lib import account
from s75lib.account import Study
from s75lib.loaders import load

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="session")
def study_of() -> Callable[..., Study]:
    """Open the study of a shipped authority."""

    @cache
    def of(slug: str, period: str = "") -> Study:
        return account.study(load(slug, period, data_dir=DATA))

    return of


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write a small pooled authority of two partners, with parts replaced, and give the data folder."""

    def write(*, sharing: str = SHARES, more: str = "", **files: str) -> Path:
        folder = tmp_path / "data" / "pooled"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "authority.toml").write_text(
            'name = "Pooled"\npartners = ["A Council", "B NHS Trust"]\n'
            f'agreement.funding = "pooled"\n{more}\n{sharing}',
            encoding="utf-8",
        )
        for name, text in {"budget": BUDGET, "contributions": CONTRIBUTIONS, **files}.items():
            if text:
                (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return folder.parent

    return write


SHARES = '[[sharing.steps]]\nkind = "shares"\nshares = { "A Council" = 50, "B NHS Trust" = 50 }\n'
BUDGET = (
    "financial_year,as_at,service_group,line,kind,budget,commitment,forecast,actual_to_date\n"
    "2024/25,2024-06-30,,Homes,expenditure,1000,1100,1050,260\n"
    "2024/25,2024-06-30,,Fees,client_income,-100,-90,-100,-20\n"
    "2024/25,2024-12-31,,Homes,expenditure,1000,1200,1150.01,800\n"
    "2024/25,2024-12-31,,Fees,client_income,-100,-90,-110,-75\n"
)
CONTRIBUTIONS = (
    "financial_year,partner,service_group,line,kind,agreed,paid_to_date,as_at,basis,one_off\n"
    "2024/25,A Council,,Care,cash,600,,,,\n"
    "2024/25,A Council,,Care,cash,600,450,2024-12-31,,\n"
    "2024/25,B NHS Trust,,Care,cash,300,200,2024-12-31,,\n"
)
