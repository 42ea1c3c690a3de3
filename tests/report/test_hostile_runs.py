"""Hostile or unlucky surroundings of a run: its working folder, its output folder, the temporary one."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from s75lib.cli import main
from s75lib.errors import ConfigError, RunError
from s75lib.report import documents, executor, warm
from s75lib.report.batch import run
from s75lib.report.plan import Plan
from s75lib.report.store import write_whole

NAMES = ("json", "random", "socket", "selectors", "struct", "pickle", "ctypes", "pandas", "numpy", "zmq")


@pytest.fixture
def witness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder whose files are called like modules and tell, in the witness, that they were run."""
    folder, told = tmp_path / "here", tmp_path / "witness"
    folder.mkdir()
    for name in NAMES:
        code = f"open({str(told)!r}, 'a').write({name!r})\nraise SystemExit('mine')\n"
        (folder / f"{name}.py").write_text(code)
    monkeypatch.chdir(folder)
    return told


def test_no_file_of_the_working_folder_is_imported_by_workers(
    witness: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    with ProcessPoolExecutor(1, mp_context=executor.spawning()) as pool:
        assert pool.submit(abs, -1).result() == 1
    assert not witness.exists()


@pytest.mark.slow
def test_no_file_of_the_working_folder_is_imported_by_what_kernels_are_made_of(
    witness: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    executor.ForkServer().close()  # which says why where it could not start
    kernel = warm._start()
    kernel.communicate()
    assert kernel.returncode == 0
    assert not witness.exists()


@pytest.mark.slow
@pytest.mark.parametrize("forked", ["1", "0"])
def test_what_a_report_puts_aside_goes_with_the_run(
    kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forked: str
) -> None:
    monkeypatch.setenv(executor.SWITCH, forked)
    house = kit.House(tmp_path)
    kit.write_authority(house.data, "alpha")
    house.notebooks.mkdir()
    said = "import tempfile\n_ = pathlib.Path(data_dir, 'aside').write_text(tempfile.mkdtemp())"
    kit.write_notebook(house.notebooks, "aside", kit.SETUP, said)
    (outcome,) = run(house.plan("alpha"), house.reports, jobs=1)
    assert outcome.status == "ok", outcome.error
    aside = Path((house.data / "aside").read_text())
    assert aside.parent.name.startswith("s75-run-")
    assert not aside.exists()


@pytest.mark.parametrize(
    "out", ["$HOME/reports", "~/reports", "~", "%USERPROFILE%\\reports", "${OUT}", "a/$OUT", "~ann/reports"]
)
def test_an_output_folder_with_a_variable_or_a_tilde_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="stands as it is"):
        run(Plan((), ()), out)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["reports", "PROGRA~1", "100%", "a%b", "£5 $", "x~"])
def test_other_names_of_output_folders_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.chdir(tmp_path)
    run(Plan((), ()), out)
    assert (tmp_path / out / "index.html").is_file()


@pytest.mark.parametrize("inside", ["", "alpha", "alpha/reports", "new"])
def test_the_folder_of_the_data_is_no_output_folder(house, inside: str) -> None:
    before = sorted(house.data.rglob("*"))
    with pytest.raises(ConfigError, match="folder of the data"):
        run(house.plan("alpha", notebooks=["gaps"]), house.data / inside)
    assert sorted(house.data.rglob("*")) == before


def test_an_output_folder_may_be_a_link_to_a_folder_and_nothing_else(tmp_path: Path) -> None:
    real, file, link = (tmp_path / name for name in ("real", "file", "link"))
    real.mkdir()
    file.write_text("mine")
    link.symlink_to(real)
    run(Plan((), ()), link)
    assert link.is_symlink()
    assert (real / "index.html").is_file()
    for to in (file, link):
        other = tmp_path / f"to-{to.name}"
        other.symlink_to(file if to == file else other)  # a file, and itself
        with pytest.raises((ConfigError, RunError, RuntimeError)):
            run(Plan((), ()), other)
    with pytest.raises(ConfigError, match="cannot be made"):
        run(Plan((), ()), file)
    assert file.read_text() == "mine"


def test_a_folder_where_a_document_should_stand_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kpi.docx").mkdir()
    monkeypatch.setattr(documents, "write_document", lambda *_: write_whole({tmp_path / "kpi.docx": b"PK"}))
    told = documents._tried(tmp_path / "kpi.html", "docx", None)  # type: ignore[arg-type]
    assert "kpi.docx: could not be written" in str(told)
    assert [path.name for path in tmp_path.iterdir()] == ["kpi.docx"]


def test_a_fault_of_the_disk_is_a_message_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.html").mkdir()
    monkeypatch.setattr("sys.argv", ["s75", "diff", "old", "new", "--html", str(tmp_path / "a.html")])
    monkeypatch.setattr("s75lib.report.diff.read_report", lambda _: {})
    monkeypatch.setattr("s75lib.report.diff.compare", lambda *_: SimpleNamespace(as_html=lambda: "<html>"))
    with pytest.raises(SystemExit, match="1"):
        main()
    assert "cannot be read or written" in capsys.readouterr().err
