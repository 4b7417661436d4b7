"""`feedback/<student>.html`: the one page that a student reads. No network, no script, nothing that was not public."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from grader import final
from grader.export.files import feedback_name, write_atomically
from grader.export.lost_marks import LostMark, WaitingMark, advice, lost_marks, waiting_marks
from grader.export.page import Face, face, face_of, render, words_of
from grader.export.pictures.curves import curve_picture
from grader.export.pictures.network import network_picture
from grader.export.questions import completed
from grader.export.reveal import disclosure, withheld
from grader.export.text import clean, points, shorten
from grader.gradebook import WHOLE_HAND_IN, Extent, Gradebook, HumanMark
from grader.model import (
    AnswerText,
    Curve,
    FaultInfo,
    Network,
    Overall,
    Picture,
    QuestionReport,
    Status,
    SubmissionReport,
    tidy,
)

__all__ = ["feedback_name", "feedback_page", "write_feedback"]

_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"}
_PICTURE_LIMIT = 3_000_000
_TEXT_LIMIT = 20_000


@dataclass(frozen=True)
class PictureView:
    """A picture that the page carries in itself; `address` is empty for one that it cannot show."""

    address: str
    words: str


@dataclass(frozen=True)
class DrawingView:
    """A drawing made for the page, with the words below it."""

    title: str
    drawing: Markup


@dataclass(frozen=True)
class QuestionView:
    """A question with what the page says about it; `earned` and `pending` count a person's mark."""

    report: QuestionReport
    earned: float
    pending: float
    said: tuple[str, ...]  # what the instructor gave and wrote
    given: bool  # whether a person's mark counts
    lost: tuple[LostMark, ...]
    waiting: tuple[WaitingMark, ...]
    notes: tuple[str, ...]
    text: str
    code: tuple[str, ...]
    outputs: tuple[str, ...]
    pictures: tuple[PictureView, ...]
    drawings: tuple[DrawingView, ...]

    @property
    def face(self) -> Face:
        return face_of(self.earned, self.report.possible, self.pending)

    @property
    def words(self) -> str:
        if not self.given:
            return words_of(self.report)
        return {Face.RIGHT: "full points", Face.WAITING: "a person will read it"}.get(self.face, "marked by a person")

    @property
    def blank(self) -> bool:
        """Whether nothing was handed in for it, so that one line says it all."""
        unanswered = all(lost.report.status is Status.MISSING for lost in self.lost)
        return bool(self.lost) and unanswered and self.earned == 0 and not (self.waits or self.said)

    @property
    def waits(self) -> bool:
        return self.pending > 0

    @property
    def again(self) -> bool:
        """Whether it stands among what to look at again."""
        return bool(self.lost) and not self.blank

    @property
    def apart(self) -> bool:
        """Whether it stands among the answers that a person reads."""
        return self.waits or (bool(self.said) and not self.again)


def write_feedback(report: SubmissionReport, gradebook: Gradebook, path: Path, now: datetime | None = None) -> Path:
    """Write the student's page to `path` (usually `feedback/` and `feedback_name(id)`)."""
    return write_atomically(Path(path), feedback_page(report, gradebook, now), flush=False)


def feedback_page(report: SubmissionReport, gradebook: Gradebook, now: datetime | None = None) -> bytes:
    """The student's page as bytes. Whether expected values stand on it follows from `gradebook.reveal` and `now`."""
    allowed = disclosure(gradebook, now)
    if not report.questions:
        report = completed(report, gradebook)
    if not allowed.shown:
        report = withheld(report)
    faults = {fault.id: fault for fault in gradebook.faults}
    drawn: set[Curve | Network] = set()
    views = tuple(_question(question, report, gradebook, faults, allowed.shown, drawn) for question in report.questions)
    pending = sum(view.pending for view in views)
    score, raw = final.final_score(gradebook, report), final.raw_score(gradebook, report)
    ours = report.status is Overall.GRADER_ERROR and pending > 0
    return render(
        "feedback.html",
        report=report,
        title=gradebook.title,
        questions=views,
        score=score,
        raw=raw,
        said=_all_said(gradebook, report),
        late=gradebook.standings.get(report.student.id, final.NO_STANDING).words,
        pending=pending,
        read=report.status is not Overall.UNREADABLE or any(view.given for view in views),
        ours=ours,
        full=not (ours or pending) and all(view.face is Face.RIGHT for view in views if not view.report.bonus),
        advice=_by_questions(views),
        bonus_earned=sum(view.earned for view in views if view.report.bonus) if gradebook.rule.bonus else 0.0,
        bonus_left=any(view.face is not Face.RIGHT for view in views if view.report.bonus),
        disclosure=allowed,
    )


def _by_questions(views: tuple[QuestionView, ...]) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """(ids of the questions, notes): what holds for several questions is said once."""
    ids: dict[str, list[str]] = {}
    for view in views:
        for note in view.notes:
            ids.setdefault(note, []).append(view.report.id)
    together: dict[tuple[str, ...], list[str]] = {}
    for note, of in ids.items():
        together.setdefault(tuple(of), []).append(note)
    return tuple((of, tuple(notes)) for of, notes in together.items())


def _question(
    question: QuestionReport,
    report: SubmissionReport,
    gradebook: Gradebook,
    faults: Mapping[str, FaultInfo],
    shown: bool,
    drawn: set[Curve | Network],
) -> QuestionView:
    mark = final.mark_of(gradebook, report.student.id, question.id)
    earned, pending = final.points_of(question, mark)
    given = gradebook.marks_by_question.get((report.student.id, question.id), {}).values()
    answer = question.answer if question.pending > 0 and question.answer is not None else AnswerText()
    return QuestionView(
        report=question,
        earned=earned,
        pending=pending,
        said=tuple(dict.fromkeys(filter(None, (_said(one, mark, _possible(one, question)) for one in given)))),
        given=mark is not None,
        lost=lost_marks(question, faults, shown=shown),
        waiting=waiting_marks(question),
        notes=advice(question, "`"),
        text=shorten(clean(answer.text).strip("\n"), _TEXT_LIMIT),
        code=_texts(answer.code),
        outputs=_texts(answer.outputs),
        pictures=tuple(_picture(picture) for picture in answer.pictures),
        drawings=_drawings(question, drawn),
    )


def _texts(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(shorten(clean(part).strip("\n"), _TEXT_LIMIT) for part in parts if part.strip())


def _drawings(question: QuestionReport, drawn: set[Curve | Network]) -> tuple[DrawingView, ...]:
    """The question's drawings, each once a page: two tables of one network share theirs. None where all is right."""
    if face(question) is Face.RIGHT:
        return ()
    every: tuple[Curve | Network, ...] = (*question.curves, *question.networks)
    fresh = tuple(one for one in dict.fromkeys(every) if one not in drawn)
    drawn.update(fresh)
    made = (DrawingView(one.title, _drawing(one)) for one in fresh)
    return tuple(view for view in made if view.drawing)


def _drawing(one: Curve | Network) -> Markup:
    return curve_picture(one, reference=bool(one.want)) if isinstance(one, Curve) else network_picture(one)


def _all_said(gradebook: Gradebook, report: SubmissionReport) -> tuple[str, ...]:
    """What a person gave and wrote for a hand-in as a whole."""
    student = report.student.id
    given = gradebook.marks_by_question.get((student, WHOLE_HAND_IN), {}).values()
    counts = final.mark_of(gradebook, student, WHOLE_HAND_IN)
    return tuple(
        dict.fromkeys(filter(None, (_said(one, counts, tidy(report.possible + report.bonus)) for one in given)))
    )


def _said(one: HumanMark, counts: HumanMark | None, possible: float) -> str:
    """What a person gave and wrote, as the student reads it; nothing for a mark that another one replaces."""
    comment = clean(one.comment).strip()
    if one is not counts or one.points is None:
        return f"Your instructor writes: {comment}" if comment else ""
    words = f"Marked by your instructor: {points(one.points)} of {points(possible)}"
    if one.stale:
        words += " (given for an earlier version of your answer)"
    return f"{words}: {comment}" if comment else f"{words}."


def _possible(one: HumanMark, question: QuestionReport) -> float:
    """What a person could give: the whole question, or what waited of it."""
    return question.possible if one.extent is Extent.WHOLE else question.pending or question.possible


def _picture(picture: Picture) -> PictureView:
    if picture.mime not in _PICTURES:
        return PictureView("", f"A picture of a kind that a page cannot show ({picture.place}).")
    if len(picture.data) > _PICTURE_LIMIT:
        return PictureView("", f"A picture that is too large to show here ({picture.place}).")
    data = base64.b64encode(picture.data).decode("ascii")
    return PictureView(f"data:{picture.mime};base64,{data}", f"Your picture, {picture.place}")
