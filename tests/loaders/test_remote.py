from __future__ import annotations

import hashlib

import fsspec
import pytest

from s75lib.errors import ConfigError, DataError
from s75lib.loaders import load
from s75lib.loaders.sources.remote import is_address

KPI = b"indicator,group,period,value,unit\nreviews,,2018/19,63,percent\n"


@pytest.fixture
def alpha(tmp_path):
    """Writes an authority whose indicators are at an address; loads it."""
    (tmp_path / "alpha").mkdir()

    def loaded(address: str):
        text = f'name = "Alpha"\n[sources]\nkpi = {{ path = "{address}" }}\n'
        (tmp_path / "alpha/authority.toml").write_text(text, encoding="utf-8")
        return load("alpha", "2018/19", data_dir=tmp_path)

    return loaded


def test_a_dataset_at_an_address_is_read_and_listed_by_its_address_and_content(alpha):
    fsspec.filesystem("memory").pipe("/ledgers/kpi.csv", KPI)
    data = alpha("memory://ledgers/kpi.csv")
    assert data.kpi["value"].tolist() == [63]
    (item,) = data.inputs
    assert (item.path, item.sha256) == ("memory://ledgers/kpi.csv", hashlib.sha256(KPI).hexdigest())


def test_a_file_that_is_not_there_is_a_fault_of_the_data(alpha):
    with pytest.raises(DataError, match=r"alpha/gone\.csv.*FileNotFoundError"):
        alpha("memory://ledgers/gone.csv")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://user:hunter2@bucket/kpi.csv", "not shown"),
        ("https://example.org/kpi.csv?sig=hunter2", "not shown"),
        ("file:///etc/kpi.csv", "of this machine"),
        ("nosuch://bucket/kpi.csv", "package is missing"),
    ],
)
def test_addresses_that_are_refused(alpha, address, said):
    with pytest.raises(ConfigError, match=said) as caught:
        alpha(address)
    assert "hunter2" not in str(caught.value)


def test_a_path_is_no_address():
    assert not any(map(is_address, ("kpi.csv", "raw/kpi.csv", r"C:\data\kpi.csv", "C:/data/kpi.csv", "")))
