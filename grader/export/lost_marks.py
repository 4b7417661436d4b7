"""What a page says of the labels of a question: those that lost marks, with the reason, the likely cause, an example
and what to try; those that wait for a person; and advice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile

from markupsafe import Markup

from grader.export.matrix import Table, table, tables
from grader.export.misconceptions import likely_fault
from grader.export.page import Face, face
from grader.export.pictures.drawing import NO_DRAWING
from grader.export.pictures.heat_map import heat_map
from grader.export.questions import reasons
from grader.model import Example, FaultInfo, LabelReport, QuestionReport, Status

Inputs = tuple[tuple[str, Table], ...]


@dataclass(frozen=True)
class ExampleView:
    """An example as tables. `inputs` is empty where the label before it showed the same ones.

    `want` is None where expected values are not shown; `heat` is a drawing of where the two differ, or empty.
    """

    inputs: Inputs
    same_inputs: bool
    want: Table | None
    got: Table | None
    got_words: str
    heat: Markup = NO_DRAWING

    @property
    def other_shape(self) -> bool:
        return self.want is not None and self.got is not None and self.got.shape != self.want.shape

    @property
    def marked(self) -> bool:
        entries = [] if self.got is None else [e for part in self.got.slices for row in part.rows for e in row]
        return any(entry.off for entry in entries)


@dataclass(frozen=True)
class LostMark:
    """One lost mark, or several that were lost for the same reason.

    `messages` are theirs, each once; `ending` is a sentence that all of them would end in.
    """

    labels: tuple[str, ...]
    report: LabelReport
    earned: float
    possible: float
    cause: str
    hint: str
    example: ExampleView | None
    messages: tuple[str, ...] = ()
    ending: str = ""


@dataclass(frozen=True)
class WaitingMark:
    """Labels that wait for a person for the same reason; `words` may be empty."""

    labels: tuple[str, ...]
    report: LabelReport
    pending: float
    words: str


def lost_marks(
    question: QuestionReport, faults: Mapping[str, FaultInfo], *, shown: bool = True
) -> tuple[LostMark, ...]:
    """The lost marks; labels lost for the same reason without an example of their own are told together.

    Without `shown` nothing tells what was expected.
    """
    marks: list[LostMark] = []
    before: Inputs | None = None
    for label in reasons(question):
        if face(label) is not Face.WRONG:
            continue
        fault = faults.get(likely_fault(label) or "")
        mark = LostMark(
            labels=(label.label,) if label.label else (),
            report=label,
            earned=label.earned,
            possible=label.possible,
            cause=fault.words if fault is not None and fault.words.rstrip(".") not in label.message else "",
            hint=label.hint or (fault.hint if fault is not None else ""),
            example=None,
            messages=(label.message,) if label.message else (),
        )
        if label.example is not None:
            inputs = tuple((name, table(value)) for name, value in label.example.inputs)
            same = bool(inputs) and inputs == before
            mark = replace(mark, example=_example(label, label.example, inputs, same, shown))
            before = inputs
        else:
            alike = (at for at, one in enumerate(marks) if one.example is None and _same_reason(one, mark))
            at = next(alike, None)
            if at is not None:
                marks[at] = _together(marks[at], mark)
                continue
        marks.append(mark)
    return _explained_once(map(_without_repetition, marks))


def _explained_once(marks: Iterable[LostMark]) -> tuple[LostMark, ...]:
    """Cause and hint of one misconception stand with the first mark that it cost; the others have their own message."""
    told: set[tuple[str | None, str]] = set()
    once = []
    for mark in marks:
        key = (likely_fault(mark.report), mark.hint)
        again = key[0] is not None and key in told and bool(mark.messages)
        once.append(replace(mark, cause="", hint="") if again else mark)
        told.add(key)
    return tuple(once)


def _together(one: LostMark, other: LostMark) -> LostMark:
    return replace(
        one,
        labels=one.labels + other.labels,
        earned=one.earned + other.earned,
        possible=one.possible + other.possible,
        messages=tuple(dict.fromkeys((*one.messages, *other.messages))),
    )


def _same_reason(one: LostMark, other: LostMark) -> bool:
    """One message; or one misconception, one hint or no answer at all, where each of them lost everything."""
    a, b = one.report, other.report
    if (a.status, one.hint) != (b.status, other.hint):
        return False
    if (a.message, one.cause) == (b.message, other.cause):
        return True
    if likely_fault(a) != likely_fault(b) or one.earned or other.earned:
        return False
    return likely_fault(a) is not None or bool(one.hint) or a.status is Status.MISSING


def _without_repetition(mark: LostMark) -> LostMark:
    """What all messages say or end in is said once, below them."""
    if len(mark.messages) < 2:
        return mark
    if shared := _shared(mark.messages):
        return replace(mark, messages=(), ending=shared)
    if any("\n" in message for message in mark.messages):
        return mark
    backwards = zip(*map(reversed, mark.messages), strict=False)
    alike = [signs[0] for signs in takewhile(lambda signs: len(set(signs)) == 1, backwards)]
    ending = "".join(reversed(alike)).partition(". ")[2]
    if not ending[:1].isupper():
        return mark
    shorter = tuple(message.removesuffix(ending).rstrip() for message in mark.messages)
    return replace(mark, messages=tuple(dict.fromkeys(shorter)), ending=ending)


def _shared(messages: Iterable[str]) -> str:
    """The sentences that several messages share after each has named its own label; nothing where they do not.

    >>> _shared(["Layer 1: no number stands there.", "Layer 2: no number stands there."])
    'No number stands there.'
    """
    different = set(messages)
    tails = {message.partition(": ")[2] for message in different}
    tail = min(tails, default="")
    if len(different) < 2 or len(tails) > 1 or not tail.endswith("."):
        return ""
    return tail[:1].upper() + tail[1:] if tail.split()[0].isalpha() else tail  # a file's name keeps its letters


def waiting_marks(question: QuestionReport) -> tuple[WaitingMark, ...]:
    """The labels that wait, those of one reason together.

    A message that names its label before a whole sentence ("Layer 1, gradient: A scan …") is told without that name
    where several labels say the same.
    """
    waiting = [label for label in question.labels if label.pending > 0]
    by_tail: dict[str, list[str]] = {}
    for label in waiting:
        by_tail.setdefault(label.message.partition(": ")[2], []).append(label.message)
    groups: dict[tuple[object, str], list[LabelReport]] = {}
    for label in waiting:
        words = _shared(by_tail[label.message.partition(": ")[2]]) or label.message
        groups.setdefault((label.status, words), []).append(label)
    return tuple(
        WaitingMark(tuple(one.label for one in found), found[0], sum(one.pending for one in found), words)
        for (_, words), found in groups.items()
    )


def advice(question: QuestionReport, quote: str = "") -> tuple[str, ...]:
    """The notes of a question, each once; one of labels names them, between `quote` signs."""
    of_labels: dict[str, list[str]] = {}
    for label in question.labels:
        for note in label.notes:
            of_labels.setdefault(note, []).append(f"{quote}{label.label}{quote}")
    own = dict.fromkeys(question.notes)
    named = (f"{', '.join(labels)}: {note}" for note, labels in of_labels.items() if note not in own)
    return (*own, *named)


def _example(label: LabelReport, example: Example, inputs: Inputs, same: bool, shown: bool) -> ExampleView:
    view = ExampleView(() if same else inputs, same, None, None, example.got_words or "")
    if example.got is None:
        view = replace(view, got_words=example.got_words or "nothing")
        return replace(view, want=table(example.want)) if shown else view
    want, got = tables(example.want, example.got)
    if not shown:
        return replace(view, got=got)
    return replace(view, want=want, got=got, heat=heat_map(example.want, example.got, name=label.label))
