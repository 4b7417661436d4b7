"""One submission, from its files to its report: intake, worker, judges. Knows no homework and writes no file."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.client import NotConfined
from grader.code_questions import judge_code_questions, source_digest
from grader.course import Course
from grader.intake.discover import Submission
from grader.intake.evidence import Evidence
from grader.intake.read import read_submission
from grader.intake.submission import CODE
from grader.judges.code import status_of
from grader.judges.human import judge_human
from grader.material import Material
from grader.model import (
    AnswerText,
    LabelReport,
    Overall,
    QuestionReport,
    Status,
    SubmissionReport,
)
from grader.rubric import AnswerQuestion, CodeQuestion, HumanQuestion, Question
from grader.runner import Runner

log = logging.getLogger(__name__)


def grade_submission(
    submission: Submission, course: Course, runner: Runner, only: Sequence[str] | None = None
) -> SubmissionReport:
    """Judge every question (or those in `only`). A fault of the grader's own becomes a report, never a zero."""
    asked = [question for question in course.homework.questions if not only or question.id in only]
    try:
        evidence = read_submission(submission, course.sheet)
        chosen = frozenset(question.id for question in asked)
        material = Material(
            submission, evidence, course.sheet, runner, course.seed, chosen, course.full_training, course.mnist
        )
        if course.homework.judge is not None:
            questions = course.homework.judge(material)
            return _report(submission, course, evidence, [q for q in questions if not only or q.id in only], runner)
        if evidence.unreadable:
            return _unreadable(submission, course, evidence, asked)
        return _judge(material, course)
    except NotConfined:
        raise
    except Exception as error:
        log.exception("%s could not be graded", submission.student.id)
        return _our_fault(submission, course, asked, f"{type(error).__name__}: {error}")


def _judge(material: Material, course: Course) -> SubmissionReport:
    evidence, homework = material.evidence, course.homework
    wanted = [question for question in homework.questions if question.id in material.wanted]
    code = [course.prepared[question.id] for question in wanted if isinstance(question, CodeQuestion)]
    judged = judge_code_questions(code, evidence, course.sheet, material.runner)
    for question in wanted:
        if isinstance(question, AnswerQuestion | HumanQuestion):
            judged[question.id] = _judge_answer(question, evidence.answers)
    if homework.finish is not None:
        judged |= homework.finish(material, judged)
    questions = [judged[question.id] for question in wanted]
    return _report(material.submission, course, evidence, questions, material.runner)


def _report(
    submission: Submission, course: Course, evidence: Evidence, questions: Sequence[QuestionReport], runner: Runner
) -> SubmissionReport:
    return SubmissionReport(
        student=submission.student,
        homework=course.homework.key,
        status=_overall(questions),
        questions=_traceable(questions, submission, evidence),
        flags=tuple(f"{q.id}: {flag}" for q in questions for flag in q.flags),
        notes=evidence.notes,
        confinement=runner.confinement,
        files=evidence.files,
    )


def _traceable(
    questions: Sequence[QuestionReport], submission: Submission, evidence: Evidence
) -> tuple[QuestionReport, ...]:
    """The questions with a digest of what was judged, so that a person's mark shows when that has changed since.

    Where neither an answer nor the judged source is known by itself, it is the whole hand-in.
    """
    known = [one.source_digest or (one.answer is not None and not one.answer.empty) for one in questions]
    if all(known):
        return tuple(questions)
    whole = _as_read(submission, evidence)
    return tuple(one if seen else replace(one, source_digest=whole) for one, seen in zip(questions, known, strict=True))


def _as_read(submission: Submission, evidence: Evidence) -> str:
    """A digest of all that was read: the cells of what was judged, and the bytes of files that are no code.

    Code that was left aside is not in it, nor how often a cell ran, nor white space at the ends of lines.
    """
    if evidence.unreadable:
        return submission.digest()
    parts: list[object] = [submission.problem]
    for cell in evidence.cells:
        pictures = [hashlib.sha256(picture.data).hexdigest() for picture in cell.pictures]
        parts.append((cell.file, cell.kind, source_digest([cell.source]), cell.outputs, pictures))
    others = replace(submission, files=tuple(file for file in submission.files if file.suffix not in CODE))
    return hashlib.sha256(repr((parts, others.digest())).encode("utf-8", "surrogatepass")).hexdigest()


def _judge_answer(question: AnswerQuestion | HumanQuestion, answers: Mapping[str, AnswerText]) -> QuestionReport:
    answer = answers.get(question.id, AnswerText())
    if isinstance(question, HumanQuestion):
        return judge_human(question, answer)
    labels = question.judge(question, answer)
    return QuestionReport(
        id=question.id,
        title=question.title,
        possible=question.points,
        bonus=question.bonus,
        status=status_of(labels),
        labels=labels,
        place=answer.places[0] if answer.places else None,
        answer=answer,
    )


def _overall(questions: Sequence[QuestionReport]) -> Overall:
    if any(question.status is Status.GRADER_ERROR for question in questions):
        return Overall.GRADER_ERROR
    return Overall.PROVISIONAL if any(question.pending for question in questions) else Overall.JUDGED


def _unreadable(
    submission: Submission, course: Course, evidence: Evidence, asked: Sequence[Question]
) -> SubmissionReport:
    message = f"Nothing could be read: {evidence.unreadable}"
    return SubmissionReport(
        student=submission.student,
        homework=course.homework.key,
        status=Overall.UNREADABLE,
        questions=tuple(_all_pending(q, Status.NEEDS_HUMAN, message) for q in asked),
        notes=evidence.notes,
        error=evidence.unreadable or "",
        files=evidence.files,
    )


def _our_fault(submission: Submission, course: Course, asked: Sequence[Question], error: str) -> SubmissionReport:
    message = "The grader itself failed on this submission. No mark is lost; it will be graded again."
    return SubmissionReport(
        student=submission.student,
        homework=course.homework.key,
        status=Overall.GRADER_ERROR,
        questions=tuple(_all_pending(q, Status.GRADER_ERROR, message) for q in asked),
        error=error,
    )


def _all_pending(question: Question, status: Status, message: str) -> QuestionReport:
    labels = tuple(
        LabelReport(label, status, 0.0, marks, marks, message=message) for label, marks in question.marks.items()
    )
    return QuestionReport(question.id, question.title, question.points, question.bonus, status, labels)
