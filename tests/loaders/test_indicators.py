"""The registry: entries that nobody described, an authority's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from s75lib.errors import ConfigError
from s75lib.loaders import find_authorities, load
from s75lib.loaders.indicators import REGISTRY, find, read_indicators


def test_annual_employment_and_accommodation_are_means_of_months() -> None:
    assert {slug for slug, entry in REGISTRY.items() if entry.is_mean_of_months} == {
        "cpa_employment",
        "independent_living",
    }


def test_an_unknown_indicator_says_that_nobody_described_it() -> None:
    entry = find("calls_answered")
    assert (entry.name, entry.polarity, entry.is_known) == ("Calls answered", "neither", False)
    assert "indicators.toml" in entry.caveats[0]
    assert find("").name == ""


def test_every_indicator_held_is_described(data_dir: Path) -> None:
    for slug in find_authorities(data_dir):
        held = load(slug, data_dir=data_dir, datasets=["kpi"]).kpi["indicator"].unique()
        assert [name for name in held if not find(str(name)).is_known] == []


def test_without_a_file_the_registry_is_the_toolkits(tmp_path: Path) -> None:
    assert read_indicators(tmp_path) == REGISTRY


def test_an_authority_adds_and_changes_entries(tmp_path: Path) -> None:
    (tmp_path / "indicators.toml").write_text(
        '[calls_answered]\nname = "Calls answered in a minute"\npolarity = "higher_is_better"\n'
        'caveats = ["New telephone system in 2024."]\n'
        '[safeguarding_enquiries_completed]\npolarity = "higher_is_better"\n',
        encoding="utf-8",
    )
    registry = read_indicators(tmp_path)
    own = registry["calls_answered"]
    assert (own.name, own.label, own.polarity) == (
        "Calls answered in a minute", "Calls answered in a minute", "higher_is_better",
    )  # fmt: skip
    assert own.caveats == ("New telephone system in 2024.",)
    changed = registry["safeguarding_enquiries_completed"]
    assert changed.polarity == "higher_is_better"
    assert changed.name == REGISTRY["safeguarding_enquiries_completed"].name
    assert REGISTRY["safeguarding_enquiries_completed"].polarity == "neither"


def test_every_fault_of_the_file_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "indicators.toml").write_text(
        'loose = 3\n[calls]\npolarity = "up"\nis_stock = "yes"\ncaveats = [1]\ncolour = "red"\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        read_indicators(tmp_path)
    message = str(caught.value)
    assert "5 to correct" in message
    for part in ("loose", "polarity", "is_stock", "caveats", "colour"):
        assert part in message


def test_an_indicator_may_stand_in_authority_toml_and_needs_no_name(tmp_path: Path) -> None:
    (tmp_path / "authority.toml").write_text('[indicators.visits]\nkind = "flow"\n[indicators.calls]\n')
    (tmp_path / "indicators.toml").write_text('[calls]\nkind = "caseload"\n')
    known = read_indicators(tmp_path)
    assert (known["visits"].name, known["visits"].kind, known["calls"].kind) == ("Visits", "flow", "caseload")


def test_text_that_is_no_toml_is_told(tmp_path: Path) -> None:
    (tmp_path / "indicators.toml").write_text("[calls\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="not TOML"):
        read_indicators(tmp_path)


def test_kind_and_margin_are_read_and_an_earlier_spelling_of_a_caseload(tmp_path: Path) -> None:
    (tmp_path / "indicators.toml").write_text(
        '["On register"]\nname = "On register"\nis_caseload = true\nmargin = 2\n'
        '[calls]\nname = "Calls"\nkind = "flow"\n'
    )
    known = read_indicators(tmp_path)
    assert (known["on_register"].kind, known["on_register"].margin, known["calls"].kind) == (
        "caseload",
        2,
        "flow",
    )
    (tmp_path / "indicators.toml").write_text('[calls]\nname = "Calls"\nkind = "stock"\nmargin = 0\n')
    with pytest.raises(ConfigError) as told:
        read_indicators(tmp_path)
    assert "expected flow or caseload" in str(told.value)
    assert "more than 0" in str(told.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('is_caseload = "yes"', "found is_caseload = 'yes'; expected true or false"),
        ('kind = "stock"', "calls.kind: found 'stock'; expected flow or caseload"),
    ],
)
def test_what_is_no_kind_is_told_with_those_that_there_are(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "indicators.toml").write_text(f'[calls]\nname = "Calls"\n{line}\n')
    with pytest.raises(ConfigError, match=told):
        read_indicators(tmp_path)
