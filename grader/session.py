"""One call of `grade`: what is to be graded, by which rubric, into which folder; then grading and writing it all."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from grader import __version__
from grader.batch import Options, fingerprint, grade_batch
from grader.catalogue import homework, keys
from grader.client import NotConfined, torch_available
from grader.course import open_course
from grader.export.errors import ExportError
from grader.intake.discover import NothingToGrade, Submission, discover, homework_folders
from grader.model import Gradebook, Overall, Student, SubmissionReport
from grader.outputs import write_outputs
from grader.recognise import Uncertain, recognise
from grader.roster import read_roster
from grader.rubric import Homework
from grader.store import Store, StoreError
from grader.worker.sandbox import LAYERS


class WrongUse(Exception):
    """The command cannot be carried out as it was given; a sentence says why and what would work."""


class CannotGrade(Exception):
    """This machine cannot grade, or cannot do so safely."""


@dataclass(frozen=True)
class Wishes:
    """The options of the command line."""

    key: str | None = None
    out: Path = Path("grades")
    only: tuple[str, ...] | None = None
    jobs: int | None = None
    seed: int = 0
    roster: Path | None = None
    unconfined: bool = False
    full_training: bool = False


@dataclass(frozen=True)
class GradingRun:
    """One homework of the call."""

    homework: Homework
    submissions: tuple[Submission, ...]
    wishes: Wishes
    names: dict[str, str]

    @property
    def folder(self) -> Path:
        return self.wishes.out / self.homework.key


@dataclass(frozen=True)
class Plan:
    """What a call will grade, and what the user should know before."""

    runs: tuple[GradingRun, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class GradingOutcome:
    """What came of it: the gradebook, where the workbook stands, how many results were known already."""

    gradebook: Gradebook
    workbook: Path
    known: int
    seconds: float
    notice: str | None = None  # what the user should know about earlier results

    @property
    def ours(self) -> bool:
        """Whether something could not be judged through the grader's or the machine's fault."""
        return any(report.status is Overall.GRADER_ERROR for report in self.gradebook.reports)


Watch = Callable[[SubmissionReport, bool], None]


def plan(path: Path, wishes: Wishes) -> Plan:
    """Find the submissions and settle which homework each belongs to; raises WrongUse with a sentence."""
    try:
        names = read_roster(wishes.roster) if wishes.roster else {}
        if wishes.key is not None:
            homework(wishes.key)
        by_key = homework_folders(path, keys()) if wishes.key is None else {}
        if by_key:
            return _by_homework(by_key, wishes, names)
        found = discover(path)
        key = wishes.key or recognise(found, [homework(key) for key in keys()])
        return Plan((_run(key, found, wishes, names),))
    except (NothingToGrade, Uncertain, ValueError) as error:
        raise WrongUse(str(error)) from error


def _by_homework(by_key: Mapping[str, Path], wishes: Wishes, names: dict[str, str]) -> Plan:
    runs, remarks = [], []
    for key, folder in sorted(by_key.items()):
        try:
            runs.append(_run(key, discover(folder), wishes, names))
        except NothingToGrade as error:
            remarks.append(str(error))
    if not runs:
        raise NothingToGrade(" ".join(remarks))
    return Plan(tuple(runs), tuple(remarks))


def _run(key: str, submissions: Sequence[Submission], wishes: Wishes, names: dict[str, str]) -> GradingRun:
    chosen = homework(key)
    unknown = set(wishes.only or ()) - {question.id for question in chosen.questions}
    if unknown:
        known = ", ".join(question.id for question in chosen.questions)
        raise WrongUse(f"{key} has no question {', '.join(sorted(unknown))}. Its questions are: {known}.")
    named = tuple(
        replace(one, student=Student(one.student.id, names.get(one.student.id, one.student.name)))
        for one in submissions
    )
    return GradingRun(chosen, named, wishes, names)


def carry_out(run: GradingRun, watch: Watch) -> GradingOutcome:
    """Grade one homework and write its folder."""
    import time

    begun = time.perf_counter()
    course = open_course(run.homework, run.wishes.seed, run.wishes.full_training)
    torch = "torch" if torch_available() else "standin"
    options = Options(
        jobs=run.wishes.jobs or os.cpu_count() or 1,
        torch=torch,
        confined=not run.wishes.unconfined,
        fingerprint=fingerprint(course, [Path(__file__).parent, *run.homework.sources]) + __version__,
        only=run.wishes.only,
    )
    try:
        run.folder.mkdir(parents=True, exist_ok=True)
        known = 0

        def progress(report: SubmissionReport, stored: bool) -> None:
            nonlocal known
            known += stored
            watch(report, stored)

        with Store(run.folder / "store.sqlite") as store:
            notice = store.notice
            reports = grade_batch(run.submissions, course, store, options, progress)
        gradebook = _gradebook(run, reports, torch)
        workbook = write_outputs(gradebook, run.folder)
    except OSError as error:
        raise CannotGrade(f"{run.folder} cannot be written: {error.strerror or error}.") from error
    except (StoreError, ExportError, NotConfined) as error:
        raise CannotGrade(str(error)) from error
    return GradingOutcome(gradebook, workbook, known, time.perf_counter() - begun, notice)


def _gradebook(run: GradingRun, reports: tuple[SubmissionReport, ...], torch: str) -> Gradebook:
    about = (
        ("Homework", run.homework.title),
        ("Grader", __version__),
        ("Seed of the hidden cases", str(run.wishes.seed)),
        ("Questions judged", ", ".join(run.wishes.only) if run.wishes.only else "all"),
        *_confinement(reports),
        ("Tensors", "PyTorch" if torch == "torch" else "numpy-backed stand-in (it may only give marks)"),
        ("numpy", np.__version__),
        ("Python", platform.python_version()),
    )
    return Gradebook(
        homework=run.homework.key,
        title=run.homework.title,
        questions=run.homework.info(),
        faults=run.homework.fault_info(),
        reports=reports,
        about=about,
        errata=run.homework.errata,
    )


def _confinement(reports: tuple[SubmissionReport, ...]) -> tuple[tuple[str, str], ...]:
    """What confined every submission whose code was run, and what this machine did not offer."""
    ran = [set(report.confinement) for report in reports if report.confinement]
    if not ran:
        return (("Confinement obtained", "none"),)
    common = set.intersection(*ran)
    obtained = [layer for layer in LAYERS if layer in common]
    missing = [layer for layer in LAYERS if layer not in common and layer != "nobody"]
    rows = (("Confinement obtained", ", ".join(obtained)),)
    return (*rows, ("Confinement missing", f"{', '.join(missing)} (see: grade doctor)")) if missing else rows


def stored_gradebook(folder: Path) -> Gradebook:
    """The gradebook of a graded homework's folder, from its results.jsonl."""
    from grader.export.results import read_results

    path = folder / "results.jsonl"
    if not path.is_file():
        raise WrongUse(
            f"{folder} holds no results.jsonl: give the folder of one graded homework, like grades/numpy_layers."
        )
    chosen = homework(folder.resolve().name)
    return Gradebook(chosen.key, chosen.title, chosen.info(), chosen.fault_info(), read_results(path))
