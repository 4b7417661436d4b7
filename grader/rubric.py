"""What a rubric is made of: homework, questions, cases and faults. Knows no homework, runs nothing.

A rubric author writes one `Homework` object with its questions; everything is checked on loading, and an error names
the question.
"""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.model import AnswerText, FaultInfo, LabelReport, QuestionInfo, QuestionReport, tidy
from grader.probe import Probe

if TYPE_CHECKING:
    from grader.material import Material


class RubricError(Exception):
    """A rubric that contradicts itself; says which question and what."""


@dataclass(frozen=True)
class Case:
    """One set of inputs for a probe; `case.X` is ``case.inputs["X"]``.

    `public` cases are small enough to redo by hand and may be shown; hidden ones are drawn from the run's seed.
    `square` cases are for diagnosis: there a forgotten transpose gives wrong numbers instead of an error.
    `costs` makes a special case: failing it alone costs that share of a label's mark (``{"dX": 0.1}``) and no more.
    `advice` makes a case that costs nothing: failing it gives this note.
    """

    name: str
    inputs: Mapping[str, Any]
    public: bool = False
    square: bool = False
    costs: Mapping[str, float] | None = None
    advice: str | None = None

    def __getattr__(self, name: str) -> Any:
        try:
            return self.inputs[name]
        except KeyError:
            raise AttributeError(f"case {self.name!r} has no input {name!r}") from None

    @property
    def ordinary(self) -> bool:
        return self.costs is None and self.advice is None


Cases = Callable[[np.random.Generator], Iterator[Case]]


@dataclass(frozen=True)
class Fault:
    """A reference with one thing wrong: what a misconception would return.

    `labels` are exactly those that it gets wrong. `words` say the misconception to the student ("W was updated
    before dX was computed"), `hint` what to try, `why` justifies it to the instructor. `make` is the faulty class.
    """

    id: str
    labels: tuple[str, ...]
    words: str
    hint: str
    why: str
    make: type


class Faults:
    """The catalogue of one layer's faults, in order; a decorator adds a class to it.

    >>> faults = Faults("relu")
    >>> @faults.add("passes-all", labels=("dX",), words="The gradient passes where the input was negative.",
    ...             hint="Which entries of X let anything through?")
    ... class PassesAll:
    ...     pass
    >>> faults.all[0].id
    'relu.passes-all'
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.all: tuple[Fault, ...] = ()

    def add(self, name: str, *, labels: Sequence[str], words: str, hint: str, why: str = "") -> Callable[[type], type]:
        def decorate(make: type) -> type:
            fault = Fault(f"{self.prefix}.{name}", tuple(labels), words, hint, why or inspect.getdoc(make) or "", make)
            if any(other.id == fault.id for other in self.all):
                raise RubricError(f"two faults are called {fault.id!r}")
            self.all = (*self.all, fault)
            return make

        return decorate


@dataclass(frozen=True)
class CodeQuestion:
    """A class to be implemented, judged by a probe.

    `marks` are points a label. `squeezed` labels ignore axes of length 1 when shapes are compared; `rtol` overrides
    the tolerance of a label. `flavours` are offered in turn (each maps input names to a tensor type); the best counts.
    `frameworks` are names whose use hands the work to a framework: flagged for a human. `avoid` are words that speak
    against a definition where several stand in a file without sections.
    """

    id: str
    title: str
    points: float
    bonus: bool
    entry: str
    methods: tuple[str, ...]
    probe: Probe
    reference: type
    marks: Mapping[str, float]
    cases: Cases
    faults: tuple[Fault, ...] = ()
    method_of: Mapping[str, str] = field(default_factory=dict)  # label -> method that produces it
    squeezed: frozenset[str] = frozenset()
    rtol: Mapping[str, float] = field(default_factory=dict)
    flavours: tuple[Mapping[str, str], ...] = ({},)
    spellings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    frameworks: frozenset[str] = frozenset()
    avoid: tuple[str, ...] = ()
    prefer: tuple[str, ...] = ()

    def draw(self, seed: int) -> tuple[Case, ...]:
        """All cases, each with a name of its own: public ones are the same in every run, hidden ones follow `seed`."""
        rng = np.random.default_rng([seed, zlib.crc32(self.id.encode())])
        seen: dict[str, int] = {}
        drawn = []
        for case in self.cases(rng):
            seen[case.name] = seen.get(case.name, 0) + 1
            drawn.append(case if seen[case.name] == 1 else replace(case, name=f"{case.name} ({seen[case.name]})"))
        return tuple(drawn)


@dataclass(frozen=True)
class AnswerQuestion:
    """An answer that is read, not run: numbers by hand, a formula, a table.

    `judge` gets the student's own text and returns one report a label; what it cannot read waits for a human.
    """

    id: str
    title: str
    points: float
    bonus: bool
    marks: Mapping[str, float]
    judge: Callable[[AnswerQuestion, AnswerText], tuple[LabelReport, ...]]
    faults: tuple[FaultInfo, ...] = ()


@dataclass(frozen=True)
class HumanQuestion:
    """Prose, plots, training reports: extracted and shown to a human. `look_for` says what the sheet asks."""

    id: str
    title: str
    points: float
    bonus: bool
    look_for: str = ""

    @property
    def marks(self) -> Mapping[str, float]:
        return {"answer": self.points}


@dataclass(frozen=True)
class WholeQuestion:
    """A question that the homework's own `judge` or `finish` judges, because it hangs together with others.

    `look_for` says what the sheet asks of the part that a human judges.
    """

    id: str
    title: str
    points: float
    bonus: bool
    marks: Mapping[str, float]
    faults: tuple[FaultInfo, ...] = ()
    look_for: str = ""


Finish = Callable[["Material", Mapping[str, QuestionReport]], Mapping[str, QuestionReport]]
Question = CodeQuestion | AnswerQuestion | HumanQuestion | WholeQuestion


@dataclass(frozen=True)
class Row:
    """One line of the kill matrix: a reference, fault or variant, how it was tried ("here", "worker"), what it lost.

    `said` is what is not as declared, empty where all is well.
    """

    question: str
    kind: str  # "reference", "fault", "variant"
    name: str
    way: str
    declared: tuple[str, ...]
    lost: tuple[str, ...]
    named: tuple[str, ...]
    said: str = ""

    @property
    def ok(self) -> bool:
        return not self.said


@dataclass(frozen=True)
class Claim:
    """One promise of a rubric; `check` tries it, in the confined worker where `confined` says so."""

    name: str
    check: Callable[[], Row]
    confined: bool = False


class Homework:
    """One homework sheet: its questions in order, checked as they are added.

    `sheet` is the blank template as a notebook file, where there is one; `sources` the folders that its verdicts depend
    on (a change there makes earlier results stale); `fingerprint` words that tell this homework from another one;
    `errata` what the sheet gets wrong, in sentences for the instructor.

    A homework whose questions hang together gives `judge` (and declares its questions as `WholeQuestion`). `finish`
    gets the reports of all other questions and gives back those that it judges itself (a `WholeQuestion` among others)
    or adds evidence to. `claims` are further promises for `grade verify` and pytest, `tables` the lines of `grade
    tables` in a style ("text" or "markdown"); `oracles` say what the reference was verified by. A homework that trains
    on MNIST gives `digits`, which reads the files in a folder or raises a ValueError with a sentence; its `tables` take
    that folder too, as a second argument.
    """

    def __init__(
        self,
        key: str,
        title: str,
        *,
        sheet: Path | None,
        sources: Sequence[Path],
        fingerprint: Sequence[str] = (),
        errata: Sequence[str] = (),
        judge: Callable[[Material], tuple[QuestionReport, ...]] | None = None,
        finish: Finish | None = None,
        claims: Callable[[], Iterator[Claim]] | None = None,
        tables: Callable[..., Iterator[str]] | None = None,
        digits: Callable[[Path], object] | None = None,
        oracles: Sequence[str] = (),
    ) -> None:
        self.key = key
        self.title = title
        self.sheet = sheet
        self.sources = tuple(sources)
        self.fingerprint = tuple(fingerprint)
        self.errata = tuple(errata)
        self.judge = judge
        self.finish = finish
        self.claims = claims
        self.tables = tables
        self.digits = digits
        self.oracles = tuple(oracles)
        self.questions: tuple[Question, ...] = ()

    def add(self, question: Question) -> Question:
        """Append a question; raises RubricError when its marks or labels do not fit together."""
        where = f"{self.key} {question.id}"
        if any(other.id == question.id for other in self.questions):
            raise RubricError(f"{where}: there are two questions of this name")
        if abs(sum(question.marks.values()) - question.points) > 1e-9:
            raise RubricError(
                f"{where}: the labels' marks add up to {sum(question.marks.values())}, not {question.points}"
            )
        self.questions = (*self.questions, question)
        return question

    def question(
        self,
        id: str,
        *,
        points: float,
        entry: str,
        reference: type,
        marks: Mapping[str, float],
        cases: Cases,
        faults: Faults | None = None,
        bonus: bool = False,
        methods: Sequence[str] = ("forward", "backward"),
        method_of: Mapping[str, str] | None = None,
        squeezed: Sequence[str] = (),
        rtol: Mapping[str, float] | None = None,
        flavours: Sequence[Mapping[str, str]] = ({},),
        spellings: Mapping[str, Sequence[str]] | None = None,
        frameworks: Sequence[str] = (),
        avoid: Sequence[str] = (),
        prefer: Sequence[str] = (),
    ) -> Callable[[Probe], Probe]:
        """Declare a code question by its probe; `marks` are shares of the points, the docstring its title.

        The probe, the reference and the faults are checked against each other by `grader.verify`.
        """

        def decorate(probe: Probe) -> Probe:
            title = inspect.getdoc(probe)
            if not title:
                raise RubricError(f"{self.key} {id}: the probe needs a docstring: it is what the student reads")
            whole = sum(marks.values())
            question = CodeQuestion(
                id=id,
                title=title,
                points=points,
                bonus=bonus,
                entry=entry,
                methods=tuple(methods),
                probe=probe,
                reference=reference,
                marks={label: tidy(points * share / whole) for label, share in marks.items()},
                cases=cases,
                faults=faults.all if faults else (),
                method_of=dict(method_of or {}),
                squeezed=frozenset(squeezed),
                rtol=dict(rtol or {}),
                flavours=tuple(flavours),
                spellings=dict(spellings or {}),
                frameworks=frozenset(frameworks),
                avoid=tuple(avoid),
                prefer=tuple(prefer),
            )
            for fault in question.faults:
                for label in fault.labels:
                    if label not in marks:
                        raise RubricError(f"{self.key} {id}: fault {fault.id} declares {label!r}, which is no label")
            self.add(question)
            return probe

        return decorate

    def info(self) -> tuple[QuestionInfo, ...]:
        return tuple(
            QuestionInfo(q.id, q.title, q.points, q.bonus, tuple(q.marks.items()), getattr(q, "look_for", ""))
            for q in self.questions
        )

    def fault_info(self) -> tuple[FaultInfo, ...]:
        known: list[FaultInfo] = []
        for question in self.questions:
            for fault in getattr(question, "faults", ()):
                known.append(FaultInfo(fault.id, question.id, fault.labels, fault.words, fault.hint, fault.why))
        return tuple(known)
