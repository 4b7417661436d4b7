"""One call of `grade`: what is to be graded, by which rubric, into which folder; then grading and writing it all."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from grader import __version__
from grader.batch import Options, fingerprint, grade_batch
from grader.catalogue import homework, keys
from grader.client import NotConfined, torch_available
from grader.course import open_course
from grader.export.course_sheet import write_course
from grader.export.errors import ExportError
from grader.gradebook import Gradebook, Reveal
from grader.intake.discover import Found, NothingToGrade, Submission, homework_folders, look_through
from grader.marks.given import idle_marks, with_marks
from grader.marks.typed import know, read_workbooks
from grader.model import Overall, SubmissionReport
from grader.outputs import workbook_remark, write_outputs
from grader.people.enrolment import Enrolment, enrol, keep_lists, report_rows
from grader.people.roster import Roster, read_roster
from grader.policy.deadline import ClassStanding, HomeworkClass, under_policy
from grader.recognise import Uncertain, recognise
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
    mnist: Path | None = None
    policy: Path | None = None
    times: str | None = None  # a file, or the word "files"
    reveal: str = Reveal.ALWAYS.value


@dataclass(frozen=True)
class GradingRun:
    """One homework of the call."""

    homework: Homework
    submissions: tuple[Submission, ...]
    wishes: Wishes
    roster: Roster | None = None
    enrolment: Enrolment = field(default_factory=lambda: Enrolment(()))
    standing: ClassStanding = field(default_factory=ClassStanding)

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
    remarks: tuple[str, ...] = ()  # about the roster: who is missing, who could not be matched; about marks

    @property
    def ours(self) -> bool:
        """Whether something could not be judged through the grader's or the machine's fault."""
        return any(report.status is Overall.GRADER_ERROR for report in self.gradebook.reports)


Watch = Callable[[SubmissionReport, bool], None]


def plan(path: Path, wishes: Wishes) -> Plan:
    """Find the submissions and settle which homework each belongs to; raises WrongUse with a sentence."""
    try:
        roster = read_roster(wishes.roster) if wishes.roster else None
        if wishes.key is not None:
            homework(wishes.key)
        by_key = homework_folders(path, keys()) if wishes.key is None else {}
        if by_key:
            chosen = _by_homework(by_key, wishes, roster)
        else:
            found = look_through(path)
            key = wishes.key or recognise(found.submissions, [homework(key) for key in keys()])
            chosen = Plan((_run(key, found, wishes, roster),), found.remarks)
        check_digits(wishes.mnist, [run.homework for run in chosen.runs])
        return _under_policy(chosen, wishes)
    except (NothingToGrade, Uncertain, ValueError) as error:
        raise WrongUse(str(error)) from error


def _under_policy(chosen: Plan, wishes: Wishes) -> Plan:
    """The plan with what the course's policy makes of every student."""
    if wishes.policy is None:
        if wishes.times is not None:
            raise WrongUse("--times says when students handed in; what that costs is in a policy: add --policy FILE.")
        return chosen
    classes = {run.homework.key: HomeworkClass(run.submissions, _possible(run)) for run in chosen.runs}
    standings, remarks = under_policy(wishes.policy, wishes.times, classes)
    runs = tuple(replace(run, standing=standings[run.homework.key]) for run in chosen.runs)
    return Plan(runs, (*chosen.remarks, *remarks))


def _possible(run: GradingRun) -> float:
    asked = run.wishes.only
    return sum(one.possible for one in run.homework.info() if not one.bonus and (asked is None or one.id in asked))


def check_digits(mnist: Path | None, homeworks: Sequence[Homework]) -> None:
    """Raise WrongUse where MNIST's files were given but cannot be read, or no homework trains on digits."""
    if mnist is None:
        return
    readers = [one.digits for one in homeworks if one.digits is not None]
    if not readers:
        raise WrongUse(f"--mnist means nothing here: {', '.join(one.key for one in homeworks)} uses no digits.")
    try:
        for read in readers:
            read(mnist)
    except ValueError as error:
        raise WrongUse(str(error)) from error


def _by_homework(by_key: Mapping[str, Path], wishes: Wishes, roster: Roster | None) -> Plan:
    runs: list[GradingRun] = []
    remarks: list[str] = []
    for key, folder in sorted(by_key.items()):
        try:
            found = look_through(folder)
            runs.append(_run(key, found, wishes, roster))
            remarks += [f"{key}: {words}" for words in found.remarks]
        except NothingToGrade as error:
            remarks.append(str(error))
    if not runs:
        raise NothingToGrade(" ".join(remarks))
    return Plan(tuple(runs), tuple(remarks))


def _run(key: str, found: Found, wishes: Wishes, roster: Roster | None) -> GradingRun:
    chosen = homework(key)
    unknown = set(wishes.only or ()) - {question.id for question in chosen.questions}
    if unknown:
        known = ", ".join(question.id for question in chosen.questions)
        raise WrongUse(f"{key} has no question {', '.join(sorted(unknown))}. Its questions are: {known}.")
    enrolment = enrol(found.submissions, roster)
    return GradingRun(chosen, enrolment.submissions, wishes, roster, enrolment)


def carry_out(run: GradingRun, watch: Watch) -> GradingOutcome:
    """Grade one homework and write its folder."""
    import time

    begun = time.perf_counter()
    course = open_course(run.homework, run.wishes.seed, run.wishes.full_training, run.wishes.mnist)
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
            earlier = read_workbooks(run.folder, store)
            graded = grade_batch(run.submissions, course, store, options, progress)
            reports = report_rows(graded, run.submissions)
            meanwhile = read_workbooks(run.folder, store)  # typed while the class was being graded
            store.keep_run(_gradebook(run, reports, torch), datetime.now(UTC))
            gradebook = with_marks(_gradebook(run, reports, torch), store.marks())
            keep_lists(run.folder, run.roster, run.submissions)
            workbook = write_outputs(gradebook, run.folder)
            know(workbook, store)
    except OSError as error:
        raise CannotGrade(f"{run.folder} cannot be written: {error.strerror or error}.") from error
    except (StoreError, ExportError, NotConfined) as error:
        raise CannotGrade(str(error)) from error
    remarks = (
        *run.enrolment.remarks,
        *earlier.remarks,
        *meanwhile.remarks,
        *idle_marks(gradebook),
        *workbook_remark(workbook),
    )
    return GradingOutcome(gradebook, workbook, known, time.perf_counter() - begun, notice, remarks)


def _gradebook(run: GradingRun, reports: tuple[SubmissionReport, ...], torch: str) -> Gradebook:
    about = (
        ("Grader", __version__),
        ("Seed of the hidden cases", str(run.wishes.seed)),
        ("Questions judged", ", ".join(run.wishes.only) if run.wishes.only else "all"),
        *_confinement(reports),
        ("Tensors", "PyTorch" if torch == "torch" else "numpy-backed stand-in (it may only give marks)"),
        ("numpy", np.__version__),
        ("Python", platform.python_version()),
        *run.standing.about,
        *run.enrolment.about,
    )
    return Gradebook(
        homework=run.homework.key,
        title=run.homework.title,
        questions=run.homework.info(),
        faults=run.homework.fault_info(),
        reports=reports,
        about=about,
        errata=run.homework.errata,
        standings=run.standing.standings,
        rule=run.standing.rule,
        reveal=Reveal(run.wishes.reveal),
        due=run.standing.due,
        excused=run.standing.excused,
    )


def write_course_summary(chosen: Plan, outcomes: Sequence[GradingOutcome]) -> Path | None:
    """`course.xlsx` beside the homeworks' folders, where a policy weighs several that were graded in one go."""
    weights = [outcome.gradebook.rule.weight for outcome in outcomes]
    if len(outcomes) < 2 or not any(weights):
        return None
    path = chosen.runs[0].wishes.out / "course.xlsx"
    try:
        return write_course([outcome.gradebook for outcome in outcomes], path)
    except (OSError, ExportError) as error:
        raise CannotGrade(str(error)) from error


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
    """The gradebook of a graded homework's folder with the marks of persons, typed ones included."""
    from grader.reopen import reopen

    return reopen(folder).gradebook
