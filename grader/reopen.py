"""A graded homework's folder opened again: its gradebook without grading anew, and marks given by command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from grader.catalogue import homework, keys
from grader.export.course_sheet import weights_in, write_course
from grader.export.errors import ExportError
from grader.export.marks import said
from grader.export.questions import tidied
from grader.export.results import read_results
from grader.final import final_score, mark_of, points_of
from grader.gradebook import Gradebook, HumanMark
from grader.marks.given import NoSuchMark, apart_from_group, give, remarks_on, take_back, with_marks
from grader.marks.typed import Reading, know, read_workbooks
from grader.outputs import workbook_remark, write_views
from grader.session import WrongUse
from grader.store import Store, StoreError

STORE = "store.sqlite"
RESULTS = "results.jsonl"
COURSE = "course.xlsx"


@dataclass(frozen=True)
class Reopened:
    """The gradebook of the last run with the marks of persons, and what the user should know about them."""

    gradebook: Gradebook
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Marked:
    """A mark that was kept: the gradebook with it, where the new workbook stands, sentences about it."""

    gradebook: Gradebook
    workbook: Path
    words: str
    remarks: tuple[str, ...] = ()


def reopen(folder: Path) -> Reopened:
    """The gradebook of a folder, with what was typed into its workbook since; raises WrongUse with a sentence.

    Full reports come from the store. Where it has none of a run, those of results.jsonl do, without answers.
    """
    with _open(folder) as (gradebook, store, reading):
        marked = with_marks(gradebook, store.marks()) if store is not None else gradebook
        notice = (store.notice,) if store is not None and store.notice else ()
    return Reopened(marked, (*notice, *reading.remarks, *remarks_on(marked)))


def mark(root: Path, student: str, question: str, points: float | None, comment: str, key: str | None = None) -> Marked:
    """Keep a person's points for a whole question (None takes the mark back) and write what people read anew.

    Raises:
        WrongUse: there is no such student or question, the points are out of range, or nothing was graded there.
    """
    folder = folder_of(root, student, key)
    with _open(folder) as (gradebook, store, reading):
        if store is None:
            raise WrongUse(f"{folder} holds no {STORE} to keep a mark in: grade the homework again first.")
        standing = with_marks(gradebook, store.marks())
        before = mark_of(standing, student, question)
        try:
            if points is None:
                given = replace(take_back(store, standing, student, question), points=None)
            else:
                given = give(store, gradebook, student, question, points, comment.strip(), reading.marks)
        except NoSuchMark as error:
            raise WrongUse(str(error)) from error
        marked = with_marks(gradebook, store.marks())
        changed = {student, *(one.student for one in reading.marks)}
        try:
            workbook = write_views(marked, folder, changed)
            know(workbook, store)
        except OSError as error:
            raise ExportError(
                f"The mark is kept, but {folder} cannot be written: {error.strerror or error}."
            ) from error
    replaced = f"It stands in place of {said(before)}." if before is not None and points is not None else ""
    remarks = (
        *reading.remarks,
        *filter(None, [given.conflict or replaced]),
        *apart_from_group(marked, [given] if points is not None else []),
        *workbook_remark(workbook),
        *_renew_course(folder.resolve(), marked),
    )
    return Marked(marked, workbook, _words(marked, given), remarks)


def folder_of(root: Path, student: str, key: str | None) -> Path:
    """The folder of the one homework in `root` that holds the student, or of the homework `key`."""
    if key is not None:
        if key not in keys():
            raise WrongUse(f"There is no homework {key!r}. The homeworks are: {', '.join(keys())}.")
        folder = root if root.resolve().name == key else root / key
        if not (folder / RESULTS).is_file():
            raise WrongUse(f"{root} holds no results of {key}: grade it first, or give another folder with --in.")
        return folder
    if (root / RESULTS).is_file():
        return root
    graded = [root / name for name in keys() if (root / name / RESULTS).is_file()]
    if not graded:
        raise WrongUse(f"{root} holds no graded homework: grade one first, or give another folder with --in.")
    holding = [folder for folder in graded if len(graded) == 1 or _holds(folder, student)]
    if not holding:
        raise WrongUse(f"There is no hand-in of {student!r} in {root} ({', '.join(folder.name for folder in graded)}).")
    if len(holding) > 1:
        names = ", ".join(folder.name for folder in holding)
        raise WrongUse(f"{student!r} handed in several homeworks ({names}): say which one with --homework.")
    return holding[0]


def _holds(folder: Path, student: str) -> bool:
    try:
        return any(report.student.id == student for report in read_results(folder / RESULTS))
    except ExportError as error:
        raise WrongUse(str(error)) from error


@contextmanager
def _open(folder: Path) -> Iterator[tuple[Gradebook, Store | None, Reading]]:
    """The gradebook of the last run without marks, the store if there is one, and what was read from the workbook."""
    if not (folder / RESULTS).is_file():
        raise WrongUse(
            f"{folder} holds no {RESULTS}: give the folder of one graded homework, like grades/numpy_layers."
        )
    chosen = homework(folder.resolve().name)
    empty = Gradebook(chosen.key, chosen.title, chosen.info(), chosen.fault_info(), (), errata=chosen.errata)
    try:
        if not (folder / STORE).is_file():
            yield replace(empty, reports=read_results(folder / RESULTS)), None, Reading()
            return
        with Store(folder / STORE) as store:
            reading = read_workbooks(folder, store)
            run = store.last_run()
            if run is None:
                yield replace(empty, reports=read_results(folder / RESULTS)), store, reading
                return
            gradebook = replace(
                empty,
                reports=run.reports,
                about=run.about,
                errata=run.errata,
                standings=run.standings,
                rule=run.rule,
                reveal=run.reveal,
                due=run.due,
                excused=run.excused,
            )
            yield gradebook, store, reading
    except StoreError as error:
        raise WrongUse(str(error)) from error


def _renew_course(folder: Path, marked: Gradebook) -> tuple[str, ...]:
    """Write the course's totals anew from the last runs of its homeworks; a sentence where that cannot be done."""
    course = folder.parent / COURSE
    if not course.is_file():
        return ()
    weights = weights_in(course)
    books, remarks = [marked], []
    try:
        for key in weights.keys() & set(keys()) - {folder.name}:
            with _open(folder.parent / key) as (gradebook, store, reading):
                books.append(with_marks(gradebook, store.marks()) if store is not None else gradebook)
            remarks += [f"{key}: {words}" for words in reading.remarks]
        if {book.homework: book.rule.weight or 0.0 for book in books} == weights:
            written = write_course(books, course)
            aside = f"{COURSE} is open in another program: the totals of the course now stand in {written.name}."
            return (*remarks, *(() if written == course else (aside,)))
    except (WrongUse, ExportError, OSError):
        pass  # a homework's folder was moved away, or the course's own is not to be written to
    old = f"{COURSE} still has the totals from before: the next run over all homeworks of the course renews it."
    return (*remarks, old)


def _words(gradebook: Gradebook, given: HumanMark) -> str:
    """What counts for the question now, and the total of the questions judged."""
    gradebook = tidied(gradebook)
    report = next((report for report in gradebook.reports if report.student.id == given.student), None)
    question = next((one for one in report.questions if one.id == given.question), None) if report else None
    if report is None or question is None:  # a mark that stood beside nothing any more
        return f"{given.student}, {given.question}: the mark given by hand was taken back. It counted in no total."
    now = mark_of(gradebook, given.student, given.question)
    points, waiting = points_of(question, now)
    possible = sum(info.possible for info in gradebook.questions if not info.bonus)
    why = "by hand" if now is not None else "by the grader; the mark given by hand was taken back"
    still = f", {waiting:g} still waiting" if waiting else ""
    return (
        f"{given.student}, {given.question}: {points:g} of {question.possible:g} {why}{still}. "
        f"Total {final_score(gradebook, report):g} of {possible:g}."
    )
