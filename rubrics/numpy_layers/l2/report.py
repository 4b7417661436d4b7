"""Q6 in marks and words: half a point for the update, half a point that waits for whoever reads the answer."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace

from grader.code_questions import FAILURES, source_digest
from grader.frameworks import framework_use
from grader.intake.evidence import Choice, Definition
from grader.judges.code import STANDIN, status_of
from grader.material import Material
from grader.messages import stopped
from grader.model import AnswerText, LabelReport, QuestionReport, Status
from grader.reaching import reaches
from grader.rubric import WholeQuestion
from rubrics.numpy_layers.faults.l2 import faults, infos
from rubrics.numpy_layers.l2.trial import QUESTION, Trial, candidates, decays_in_q1, try_all
from rubrics.numpy_layers.l2.ways import GIVEN_LAMBDA
from rubrics.numpy_layers.l2.words import decay_elsewhere, uses_lambda

L2 = WholeQuestion(
    QUESTION,
    "L2 regularisation for the linear layer, and what it changes",
    points=1.0,
    bonus=False,
    marks={"update": 0.5, "answer": 0.5},
    faults=infos(QUESTION),
    look_for="training ends at a higher loss, weights stay smaller, the curve is smoother; the update itself (2λW "
    "added to dW, the old W, b left alone) is judged by solving for λ",
)
NONE = "No `Linear` with L2 regularisation is filled in under Q6."
FRAMEWORKS = ("Linear", "LazyLinear", "Bilinear", "linear", "addmm", "Dense", "SGD", "Adam")


@dataclass(frozen=True)
class Verdict:
    """Q6's report; `definition` and `lambda_` are set where a training can go on with them."""

    report: QuestionReport
    definition: Definition | None = None
    lambda_: float | None = None


@dataclass(frozen=True)
class _Update:
    """What the update came to."""

    label: LabelReport
    definition: Definition | None = None
    lambda_: float | None = None
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # the code that it was judged by


def judge(material: Material, first: QuestionReport | None = None) -> Verdict:
    """Q6: `update` by λ, `answer` for a human. `first` is Q1's report, where it was judged in this run."""
    answer = material.evidence.answers.get(QUESTION, AnswerText())
    update = _update(material, L2.marks["update"], first)
    labels = (update.label, _answer(answer, L2.marks["answer"]))
    places = [update.definition.place] if update.definition else list(answer.places[:1])
    report = QuestionReport(
        id=L2.id,
        title=L2.title,
        possible=L2.points,
        bonus=L2.bonus,
        status=status_of(labels),
        labels=labels,
        place=places[0] if places else None,
        notes=update.notes,
        flags=update.flags,
        answer=answer,
        source_digest=source_digest(update.sources),
    )
    known = update.lambda_ is not None
    return Verdict(report, update.definition if known else None, update.lambda_)


def _answer(answer: AnswerText, marks: float) -> LabelReport:
    """Words, prints or plots wait for a human; a class alone says nothing about what difference it makes."""
    if answer.text.strip() or any(o.strip() for o in answer.outputs) or answer.pictures or _has_comment(answer):
        message = "A human reads this answer; its points are not in the score yet."
        return LabelReport("answer", Status.NEEDS_HUMAN, 0.0, marks, marks, message=message)
    message = "There are no words on what difference L2 regularisation makes."
    return LabelReport("answer", Status.MISSING, 0.0, marks, message=message)


def _has_comment(answer: AnswerText) -> bool:
    """Whether a comment or a string of the student's own is long enough to be an answer."""
    forms = r"#(.*)", r'(?s)"""(.*?)"""', r"(?s)'''(.*?)'''", r'"([^"\n]*)"', r"'([^'\n]*)'"
    found = [part for code in answer.code for form in forms for part in re.findall(form, code)]
    return any(len(re.findall(r"[^\W\d_]{2,}", part)) >= 5 or _wide(part) >= 6 for part in found)


def _wide(text: str) -> int:
    """Characters of scripts that need few of them for a sentence."""
    return sum(0x3040 <= ord(character) <= 0x9FFF or 0xAC00 <= ord(character) <= 0xD7AF for character in text)


def _update(material: Material, marks: float, q1: QuestionReport | None) -> _Update:
    choice, definitions = candidates(material)
    trial = try_all(material, definitions) if definitions else None
    asked = choice.definition is not None and not choice.blank
    if trial is None or not (asked or trial.right):
        return _nothing_to_run(material, choice, marks, q1)
    sources = tuple(piece.source for piece in trial.chunk.pieces)
    flags = tuple(f"reaches outside its task: {sign}" for sign in reaches(sources))
    chosen = trial.definition is choice.definition
    notes = choice.notes if chosen else (f"Of the classes under Q6 the one in {trial.definition.place} was judged.",)
    if trial.right:
        passed = _passed(trial, marks, notes, flags, framework_use(sources, FRAMEWORKS))
        return replace(passed, sources=sources)
    return _Update(_lost(material, trial, marks), trial.definition, None, notes, flags, sources)


def _passed(
    trial: Trial, marks: float, notes: tuple[str, ...], flags: tuple[str, ...], frameworks: tuple[str, ...]
) -> _Update:
    assert trial.finding is not None and trial.finding.lambda_ is not None
    lambda_, way = trial.finding.lambda_, trial.way
    ours = way.gives or bool(trial.given)
    given = f", where {trial.given or 'λ'} was given as {GIVEN_LAMBDA:g}" if ours else ""
    said = f"The update is W - lr (dW + 2λW) with λ = {lambda_:.4g}{given}."
    usable = None if ours or way.rate else lambda_
    label = LabelReport("update", Status.PASSED, marks, marks)
    forward = trial.definition.method("forward")
    if frameworks:
        label = _for_a_human(marks, "The values are right, but a framework does the work; a human decides about that.")
        flags = (*flags, *(f"uses a framework's own work: {name}" for name in frameworks))
    elif forward is not None and forward.blank:
        label = _for_a_human(marks, "The update is right, but `forward` is not filled in; a human decides about that.")
    if trial.beside_q1:
        said = f"{said} What is wrong beside it is so in Q1 already and is not charged again."
    return _Update(label, trial.definition, usable, (*notes, said), flags)


def _lost(material: Material, trial: Trial, marks: float) -> LabelReport:
    """The label of an update that was not found right: lost where it is wrong for sure, else for a human."""
    if trial.failure is not None:
        status, message = FAILURES[trial.failure.kind]
        pending = marks if status is Status.GRADER_ERROR else 0.0
        return LabelReport("update", status, 0.0, marks, pending, message=message)
    backward, forward = trial.definition.method("backward"), trial.definition.method("forward")
    elsewhere = decay_elsewhere(material.evidence, trial.definition, QUESTION)
    if backward is not None and backward.blank:
        if elsewhere:
            return _for_a_human(marks, f"`backward` is not filled in under Q6, but {elsewhere} seems to have L2.")
        return LabelReport("update", Status.MISSING, 0.0, marks, message="`backward` is not filled in under Q6.")
    if trial.standin:
        return _for_a_human(marks, STANDIN)
    finding = trial.finding
    assert finding is not None
    lambda_ = uses_lambda(trial.definition)
    if not elsewhere and not lambda_ and (trial.is_q1 or (finding.plain and trial.definition.section != QUESTION)):
        return LabelReport("update", Status.MISSING, 0.0, marks, message=NONE)
    if trial.is_q1:
        return _for_a_human(marks, "One Linear stands for Q1 and for Q6, and it is not right; a human looks at it.")
    if finding.error is not None:
        return _stopped(trial, marks)
    wrong = finding.wrong
    message = f"{wrong if wrong.startswith('λ') else wrong[0].upper() + wrong[1:]}."
    if finding.doubtful:
        return _for_a_human(marks, f"{message} {finding.hint} A human decides about that.")
    if forward is not None and forward.blank:
        return _for_a_human(marks, f"`forward` is not filled in under Q6. {message} A human decides about that.")
    if trial.unexplained and elsewhere:
        return _for_a_human(marks, f"{message} But {elsewhere} seems to have L2; a human looks at it.")
    if finding.plain and lambda_:
        return _for_a_human(marks, f"{message} But its code speaks of a λ; a human looks at it.")
    fault = next((known for known in faults.all if known.id == finding.fault), None)
    if fault is None:
        hint = "The update is W ← W - lr (dW + 2λW) with the W from before, and b as in Q1."
        return LabelReport("update", Status.FAILED, 0.0, marks, message=message, hint=finding.hint or hint)
    words = f"{message} {fault.words}"
    return LabelReport("update", Status.FAILED, 0.0, marks, 0.0, (fault.id,), words, fault.hint)


def _stopped(trial: Trial, marks: float) -> LabelReport:
    """A class that raises: lost where its own code does, unless nobody can tell whose fault that is."""
    assert trial.finding is not None and trial.finding.error is not None
    error = trial.finding.error
    message = stopped(error, lambda e: f"{e.piece}, line {e.line}" if e.piece else "", show=False)
    if error.type == "NotImplementedError" and trial.definition.method(error.step) is not None:
        message = f"`{error.step}` is not filled in under Q6."
        return LabelReport("update", Status.MISSING, 0.0, marks, message=message)
    refused = error.text.startswith(("assert", "raise"))  # our learning rates are no ordinary ones
    asks = error.step.startswith("creating") and _takes_anything(trial.definition)  # for what we cannot know
    if error.missing_module is not None or error.missing_name is not None or error.piece is None or refused or asks:
        return _for_a_human(marks, f"{message} A human looks at it.")
    if trial.as_in_q1:
        return _for_a_human(marks, f"{message} The Linear of Q1 stops as well; a human decides about that.")
    return LabelReport("update", Status.CRASHED, 0.0, marks, message=message)


def _takes_anything(definition: Definition) -> bool:
    """Whether the constructor has ``*args`` or ``**kwargs``."""
    nodes = [] if definition.tree is None else list(ast.walk(definition.tree))
    made = [node for node in nodes if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    return any(node.args.vararg is not None or node.args.kwarg is not None for node in made)


def _nothing_to_run(material: Material, choice: Choice, marks: float, q1: QuestionReport | None) -> _Update:
    elsewhere = decay_elsewhere(material.evidence, choice.definition, QUESTION)
    plain = q1 is not None and any(label.label == "W" and label.status is Status.PASSED for label in q1.labels)
    first = None if elsewhere or plain else decays_in_q1(material)
    if first is not None:
        elsewhere = f"the Linear of Q1 ({first.place})"
    if elsewhere:
        message = f"No Linear with L2 is filled in under Q6, but {elsewhere} seems to have it; a human looks at it."
        return _Update(_for_a_human(marks, message), choice.definition)
    if choice.problem:
        message = f"`Linear` cannot be run: {choice.problem}"
        return _Update(LabelReport("update", Status.CRASHED, 0.0, marks, message=message), choice.definition)
    return _Update(LabelReport("update", Status.MISSING, 0.0, marks, message=NONE), choice.definition)


def _for_a_human(marks: float, message: str) -> LabelReport:
    return LabelReport("update", Status.NEEDS_HUMAN, 0.0, marks, marks, message=message)
