from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import docx
import nbformat
import pytest

from s75lib import cli

NOTEBOOK = """\
from IPython.display import display
import s75lib as s75
data = s75.load(authority, period, data_dir=data_dir)
s75.show(data)
len(data.kpi) + len(data.staffing)
"""


@pytest.fixture
def project(small_authority: Path, monkeypatch: pytest.MonkeyPatch, warm_parent: None) -> Path:
    """A folder with data and one small notebook, in which the command is run."""
    root = small_authority.parent
    (root / "notebooks").mkdir()
    write_notebook(root, "tiny", NOTEBOOK)
    monkeypatch.chdir(root)
    return root


def write_notebook(root: Path, name: str, setup: str) -> None:
    cells = [
        nbformat.v4.new_markdown_cell("# What is there?", id="title"),
        nbformat.v4.new_code_cell(
            'authority: str = "smallshire"\nperiod: str = ""\ndata_dir: str = "data"\nhorizon: int = 12\n',
            id="parameters",
            metadata={"tags": ["parameters"]},
        ),
        nbformat.v4.new_code_cell(setup, id="setup"),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata=kernel), root / "notebooks" / f"{name}.ipynb"
    )


def s75(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["s75", *arguments])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    code = caught.value.code
    return int(code) if code is not None else 0


@pytest.mark.parametrize("command", [[], ["run"], ["check"], ["list"], ["new"]])
def test_help_shows_what_it_does_and_an_example(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert s75(*command, "--help", monkeypatch=monkeypatch) == 0
    shown = capsys.readouterr().out
    assert "Usage" in shown
    if command:
        assert re.search(rf"Examples?:\s+s75 {command[0]}", shown)


def test_the_commands_are_known_without_pandas() -> None:
    program = (
        "import sys; from s75lib.cli import app; sys.exit(any(m in sys.modules for m in ('pandas', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(("depth", "called"), [("1", "uv run s75"), ("", "s75")])
def test_a_message_names_the_command_as_it_was_called(
    depth: str, called: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("UV_RUN_RECURSION_DEPTH", raising=False)
    if depth:
        monkeypatch.setenv("UV_RUN_RECURSION_DEPTH", depth)
    assert s75("run", "nowhere", monkeypatch=monkeypatch) == 2
    assert f"'{called} list' shows" in capsys.readouterr().err


def test_the_version_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert s75("--version", monkeypatch=monkeypatch) == 0
    assert re.fullmatch(r"s75 \d+\.\d+\.\d+, Python \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_list_and_check(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert s75("list", monkeypatch=monkeypatch) == 0
    shown = capsys.readouterr().out
    assert "smallshire" in shown
    assert "What is there?" in shown
    assert s75("check", monkeypatch=monkeypatch) == 0
    assert "no fault" in capsys.readouterr().out


def test_check_shows_every_fault_and_exits_2(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kpi = project / "data" / "smallshire" / "kpi.csv"
    kpi.write_text(
        kpi.read_text(encoding="utf-8").replace("47.5", "-140").replace(",9,", ",many,"), encoding="utf-8"
    )
    monkeypatch.setenv("COLUMNS", "200")
    assert s75("check", monkeypatch=monkeypatch) == 2
    shown = capsys.readouterr().err
    for part in ("2 faults", "kpi.csv", "'-140'", "'many'", "0 or more", "a number"):
        assert part in shown


def test_what_is_printed_moves_no_terminal_and_turns_no_line_around(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = project / "data" / "smallshire" / "authority.toml"
    hostile = r"Small\u001b[2Jshire \u202egnp.exe\u2066\u0000"
    settings.write_text(f'name = "{hostile}"\n', encoding="utf-8")
    kpi = project / "data" / "smallshire" / "kpi.csv"
    kpi.write_text(kpi.read_text(encoding="utf-8").replace("47.5", "4\u202e7\x1b]0;x\x07"), encoding="utf-8")
    for command in ("list", "check"):
        s75(command, monkeypatch=monkeypatch)
        captured = capsys.readouterr()
        shown = captured.out + captured.err
        assert "smallshire" in shown
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", shown)


def test_new_then_check_then_refuse_to_overwrite(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert s75("new", "my-council", monkeypatch=monkeypatch) == 0
    assert "s75 check my-council" in capsys.readouterr().out
    assert s75("new", "my-council", monkeypatch=monkeypatch) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "nowhere"], "authority: found 'nowhere'"),
        (["run", "--notebook", "budgets"], "notebook: found 'budgets'"),
        (["run", "--period", "2018"], "period: found '2018'"),
        (["run", "-p", "colour=red"], "colour"),
        (["run", "-p", "horizon=soon"], "horizon"),
        (["run", "-p", "horizon"], "expected name=value"),
        (["run", "--data", "nothing-here"], "data folder: found no"),
        (["run", "../data"], "authority: found '../data'"),
        (["run", "--period", "2001/02"], "no data known by the end of 2001/02"),
        (["run", "--jobs", "0"], "--jobs"),
        (["new", "My Council"], "expected a folder name"),
        *(
            (call, "path: found a blank")
            for call in (
                ["run", "--out", ""],
                ["run", "--data", " "],
                ["run", "--log", ""],
                ["check", "--data", ""],
                ["diff", "", "x"],
                ["diff", "a", "b", "--html", ""],
                ["verify", ""],
                ["map", "x", ""],
                ["new", "x", "--from-cld", ""],
                ["pseudonymise", ""],
                ["pseudonymise", "a.csv", "--out", ""],
                ["pseudonymise", "a.csv", "--key-file", ""],
                ["pseudonymise", "a.csv", "--make-key", ""],
            )
        ),
    ],
)
def test_a_bad_call_says_what_is_wrong_writes_nothing_and_exits_2(
    project: Path,
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = sorted(project.rglob("*"))
    assert s75(*arguments, monkeypatch=monkeypatch) == 2
    shown = capsys.readouterr().err
    assert message in shown
    assert "Traceback" not in shown
    assert sorted(project.rglob("*")) == before


def test_run_makes_reports_then_leaves_them_and_keeps_them_when_the_data_break(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert s75("run", "--jobs", "1", monkeypatch=monkeypatch) == 0
    captured = capsys.readouterr()
    assert "index.html" in captured.out
    assert "1/1" in captured.err
    report = project / "reports" / "smallshire" / "fy2024-25" / "tiny.html"
    manifest = json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))
    assert manifest["authority"] == "smallshire"
    assert {item["path"] for item in manifest["inputs"]} == {"smallshire/kpi.csv", "smallshire/staffing.csv"}

    assert s75("run", "--jobs", "1", monkeypatch=monkeypatch) == 0
    assert "unchanged" in capsys.readouterr().err

    good = report.read_bytes()
    kpi = project / "data" / "smallshire" / "kpi.csv"
    kpi.write_text(kpi.read_text(encoding="utf-8").replace("47.5", "-140"), encoding="utf-8")
    assert s75("run", "--jobs", "1", monkeypatch=monkeypatch) == 2
    assert "row 2, column value: found '-140'" in capsys.readouterr().err
    assert report.read_bytes() == good


READS = """\
import s75lib as s75
from s75lib.present import Headline
data = s75.load(authority, period, data_dir=data_dir, allow_faulty=True)
s75.show(data)
s75.show([Headline("rows", f"{len(data.%s)} rows.", len(data.%s), "rows")])
s75.show(s75.Sources(data))
"""


def manifest_of(report: Path) -> dict[str, Any]:
    return json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@pytest.mark.slow
def test_a_faulty_dataset_disables_what_needs_it_and_not_the_rest(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "notebooks" / "tiny.ipynb").unlink()
    for name in ("kpi", "staffing"):
        write_notebook(project, name, READS % (name, name))
    kpi = project / "data" / "smallshire" / "kpi.csv"
    # Its one row at fault, nothing is left of the dataset; of several, the others would be used.
    sound = "".join(kpi.read_text(encoding="utf-8").splitlines(keepends=True)[:2])
    kpi.write_text(sound.replace("47.5", "-140"), encoding="utf-8")
    reports = project / "reports" / "smallshire" / "fy2024-25"

    assert s75("run", "--jobs", "1", monkeypatch=monkeypatch) == 2
    assert "made without what is at fault" in (shown := capsys.readouterr().err)
    assert "row 2, column value: found '-140'" in shown
    for name in ("kpi", "staffing"):
        page = (reports / f"{name}.html").read_text(encoding="utf-8")
        assert "kpi has 1 fault and is not used" in page
        assert "Quality of the data" in page
        assert "&#39;-140&#39;" in page or "'-140'" in page
    left_out = [
        {"id": "data.left_out.kpi", "passed": False,
         "detail": "kpi has 1 fault and is not used; “uv run s75 check smallshire” lists them."}
    ]  # fmt: skip
    without, untouched = manifest_of(reports / "kpi.html"), manifest_of(reports / "staffing.html")
    assert (without["status"], without["checks"], without["headlines"][0]["value"]) == ("ok", left_out, 0)
    assert (untouched["status"], untouched["checks"], untouched["headlines"][0]["value"]) == ("ok", [], 1)

    assert s75("run", "--jobs", "1", monkeypatch=monkeypatch) == 2
    assert capsys.readouterr().err.count("unchanged") == 2

    kpi.write_text(sound, encoding="utf-8")
    assert s75("run", "--jobs", "1", monkeypatch=monkeypatch) == 0
    whole = (reports / "kpi.html").read_bytes()
    assert manifest_of(reports / "kpi.html")["checks"] == []

    kpi.write_text(sound.replace("47.5", "-140"), encoding="utf-8")
    assert s75("run", "--jobs", "1", monkeypatch=monkeypatch) == 2
    assert (reports / "kpi.html").read_bytes() == whole
    assert not (reports / "staffing.failed.html").exists()
    aside = manifest_of(reports / "kpi.failed.html")
    assert aside["error"]["message"] == (
        "kpi left out for faults; the earlier report, made while sound, is kept."
    )
    assert aside["checks"] == left_out
    assert "kpi left out for faults" in (project / "reports" / "index.html").read_text(encoding="utf-8")


def test_where_nothing_is_sound_no_report_is_made(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("kpi", "staffing"):
        (project / "data" / "smallshire" / f"{name}.csv").write_bytes(b"\0")
    assert s75("run", "--jobs", "1", monkeypatch=monkeypatch) == 2
    assert "smallshire: no report made. 2 faults in the data" in capsys.readouterr().err
    assert not (project / "reports").exists()


def test_documents_are_written_beside_a_page_and_a_template_at_fault_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, made = project / "data" / "smallshire", project / "reports" / "smallshire" / "fy2024-25"
    settings = folder / "authority.toml"
    settings.write_text(settings.read_text("utf-8") + '[report]\ntemplate = "council.docx"\n', "utf-8")
    assert s75("check", "smallshire", monkeypatch=monkeypatch) == 2
    assert "no such file" in " ".join(capsys.readouterr().err.split())
    assert s75("run", "smallshire", "--docx", "--pdf", "--jobs", "1", monkeypatch=monkeypatch) == 2
    assert "Not written: smallshire/authority.toml" in " ".join(capsys.readouterr().err.split())
    assert (made / "tiny.html").exists()
    assert (made / "tiny.pdf").exists()
    assert not (made / "tiny.docx").exists()
    docx.Document().save(folder / "council.docx")
    assert s75("check", "smallshire", monkeypatch=monkeypatch) == 0
    assert "council.docx" not in capsys.readouterr().out
    assert s75("run", "smallshire", "--docx", "--jobs", "1", monkeypatch=monkeypatch) == 0
    assert (made / "tiny.docx").exists()
    index = (project / "reports" / "index.html").read_text(encoding="utf-8")
    assert "smallshire/fy2024-25/tiny.docx" in index
