from __future__ import annotations

import pytest

from s75lib.shared import FOLDER, shared


@pytest.fixture
def made():
    calls = []

    def make():
        calls.append(1)
        return {"found": len(calls)}

    return make


def test_outside_a_run_everything_is_worked_out_anew(made, monkeypatch):
    monkeypatch.delenv(FOLDER, raising=False)
    assert [shared("key", made)["found"] for _ in range(2)] == [1, 2]


def test_within_a_run_it_is_worked_out_once_for_each_key(made, monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    assert [shared(key, made)["found"] for key in ("a", "a", "b", "a")] == [1, 1, 2, 1]
    assert all(path.name.startswith("shared-") for path in tmp_path.iterdir())
    assert not list(tmp_path.glob("*.*"))  # nothing half-written stays


def test_a_folder_that_cannot_be_written_costs_time_and_nothing_else(made, monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, str(tmp_path / "gone"))
    assert [shared("key", made)["found"] for _ in range(2)] == [1, 2]
