"""Reports as Word documents and PDF, beside their pages: ``s75 run --docx --pdf``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from s75lib.errors import RunError, S75Error
from s75lib.loaders.authority import Authority, read_authority
from s75lib.report.executor import spawning
from s75lib.report.paper import on_paper
from s75lib.report.store import digest_of, read_manifest, write_whole
from s75lib.report.tasks import Outcome


def write_documents(
    outcomes: Iterable[Outcome], endings: Sequence[str], jobs: int | None = None
) -> tuple[list[Path], list[S75Error]]:
    """Write the documents, ``docx`` or ``pdf``, of good reports that changed, and give what went wrong."""
    asked: list[tuple[Path, str, Authority]] = []
    for outcome in outcomes:
        if outcome.status == "failed" or outcome.path is None:
            continue
        who = read_authority(
            outcome.task.authority, outcome.task.folder / outcome.task.parameters["data_dir"]
        )
        for ending in endings:
            there = outcome.status == "unchanged" and outcome.path.with_suffix(f".{ending}").exists()
            if not there or (ending == "docx" and who.report.template):
                asked.append((outcome.path, ending, who))
    workers = min(jobs or os.cpu_count() or 1, len(asked))
    if workers <= 1:
        return _sorted(_tried(*one) for one in asked)
    with ProcessPoolExecutor(workers, mp_context=spawning()) as pool:
        return _sorted(pool.map(_tried, *zip(*asked, strict=True)))


def _sorted(results: Iterable[Path | S75Error]) -> tuple[list[Path], list[S75Error]]:
    """Part what was written from what was not, the same fault once."""
    written, faults = list[Path](), dict[str, S75Error]()
    for one in results:
        if isinstance(one, Path):
            written.append(one)
        else:
            faults[str(one)] = one
    return written, list(faults.values())


def _tried(page: Path, ending: str, who: Authority) -> Path | S75Error:
    try:
        return write_document(page, ending, who)
    except S75Error as error:
        return error
    except OSError as error:
        return RunError(f"{page.stem}.{ending}: could not be written ({error.strerror}). Make room for it.")


def write_document(page: Path, ending: str, who: Authority) -> Path:
    """Write one document from a finished page, which has passed the gate and must stand as it was made."""
    manifest = read_manifest(page.with_suffix(".json"))
    if manifest is None or manifest["outputs"].get(page.name) != digest_of(page):
        raise RunError(
            f"{page.name}: found it changed since it was made; make the report again, with --force."
        )
    paper = on_paper(page.read_text(encoding="utf-8"), page.name)
    if ending == "pdf":
        from s75lib.report.pdf import as_pdf

        content = as_pdf(paper, manifest)
    else:
        from s75lib.report.word import as_word
        from s75lib.report.word_template import from_template, own_document

        content = as_word(paper, manifest, from_template(who) if who.report.template else own_document())
    path = page.with_suffix(f".{ending}")
    write_whole({path: content})
    return path
