"""Which nets are tried on a submission, what each is evidence for, and what may come of it. Runs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from grader.client import Failure
from grader.intake.evidence import Definition
from grader.model import QuestionReport, Status
from grader.training import Departure, Net, departure
from grader.worker.program import Run
from rubrics.numpy_layers.training import nets
from rubrics.numpy_layers.training.parts import OWN, Chain

IMAGES: tuple[Mapping[str, str], ...] = (
    {"X": "float32", "y": "float32"},  # what the sheet's own loop passes to the classifier
    {},
    {"y": "float32"},
    {"X": "float64", "y": "float32"},
    {"X": "float64", "y": "float64"},
)


@dataclass(frozen=True)
class Course:
    """One net to be tried: the questions that it is evidence for, and those whose layers it is made of.

    `linear` with `lambda_` is Q6's: the Linear that stands under it, and the λ that was solved for. `whole` is the
    whole training that it stands for, by the name of its frozen outcome, if there is one by that name. `if_changed`
    names a class that the sheet gives: where the student left it as it is, the net says nothing that the others do not.
    """

    questions: tuple[str, ...]
    net: Net
    needs: tuple[str, ...]
    flavours: tuple[Mapping[str, str], ...] = ({},)
    linear: Definition | None = None
    lambda_: float | None = None
    whole: str = ""
    if_changed: str = ""

    @property
    def name(self) -> str:
        return self.net.name if self.lambda_ is None else f"sine net with L2 (λ = {self.lambda_:.4g})"

    @cached_property
    def reference(self) -> Run:
        """The reference's own course."""
        return nets.reference(self.net) if self.lambda_ is None else nets.l2_reference(self.net, self.lambda_)


@dataclass(frozen=True)
class Found:
    """What came of one net, trained with the student's own classes (`run`, which `departs` from the reference or not).

    `cured` is the chain through which the same layers take the reference's course, where their own does not; `named`
    says in words which known slip of a chain gives the student's course, `design` what makes the student's SimpleNN
    another one on purpose, `flavour` what the net's inputs were offered as. With `failure` nothing came back. With
    `tensors` the layers work with PyTorch, with `standin` with a stand-in for it, which may be to blame.
    """

    course: Course
    departs: Departure | None
    run: Run | None = None
    cured: Chain | None = None
    named: str = ""
    design: str = ""
    flavour: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    tensors: bool = False
    standin: bool = False

    @property
    def fails(self) -> bool:
        """Whether the student's own net trains otherwise, and neither the sheet's chain nor a failure is the reason."""
        theirs = self.cured is None or bool(self.cured.given) or not self.cured.patient
        excused = self.failure is not None or self.standin or self.own_ways or self.only_reports
        return self.departs is not None and theirs and not excused

    @property
    def own_ways(self) -> bool:
        """Whether the student's SimpleNN is no slip but another design."""
        return bool(self.design) and not self.named and self.only_the_chain

    @property
    def only_the_chain(self) -> bool:
        """Whether the layers take the reference's course once the sheet's SimpleNN stands for the student's."""
        return self.cured is not None and self.cured.given == ("SimpleNN",)

    @property
    def only_reports(self) -> bool:
        """Whether the student's SimpleNN trains as it should and only its `loss_value` is another."""
        if self.run is None or self.departs is None or not self.only_the_chain:
            return False
        return departure(self.run, self.course.reference, labels=self.course.net.parameters) is None

    @property
    def chain(self) -> Chain:
        """The chain to be trained with: the student's own, unless another one suits the layers and it is no slip."""
        return self.cured if self.cured is not None and not self.fails else OWN

    @property
    def layers_fit(self) -> bool:
        """Whether the layers take the reference's course, through whichever chain."""
        return self.departs is None or self.cured is not None


def courses(seed: int, linear: Definition | None = None, lambda_: float | None = None) -> tuple[Course, ...]:
    """The nets of the sheet, moved by the run's seed; Q6's where its λ is known and lets the net settle."""
    relu = nets.sine_net("ReLU", seed)
    regularised = []
    if linear is not None and lambda_ is not None and nets.settles(nets.l2_reference(relu, lambda_)):
        regularised = [
            Course(("Q6",), relu, ("Q1", "Q3"), linear=linear, lambda_=lambda_, whole=f"Q6 lambda {lambda_:g}")
        ]
    return (
        Course(("Q4",), relu, ("Q1", "Q3"), whole="Q4 ReLU 100"),
        Course(("Q4",), nets.sine_net("Sigmoid", seed), ("Q1",), whole="Q4 Sigmoid 100", if_changed="Sigmoid"),
        Course(("Q5",), nets.sine_net("", seed), ("Q1",), whole="Q5 none 100"),
        *regularised,
        Course(("Q7", "Q8"), nets.classifier(seed), ("Q1", "Q3", "Q7"), IMAGES, whole="Q8 lr 0.01"),
        Course(("Q10",), nets.conv_net(seed), ("Q1", "Q3", "Q10"), whole="Q10"),
    )


def worth_running(reports: Mapping[str, QuestionReport], candidates: Sequence[Course]) -> tuple[Course, ...]:
    """The courses of questions that are asked, whose layers are right (or were not judged in this run)."""
    return tuple(
        course
        for course in candidates
        if any(question in reports for question in course.questions) and all(right(q, reports) for q in course.needs)
    )


def worth_training(reports: Mapping[str, QuestionReport], candidates: Sequence[Course]) -> tuple[Course, ...]:
    """The courses whose layers come to an end at all, right or wrong: what a whole training may be asked of."""
    judged = {Status.PASSED, Status.PARTIAL, Status.FAILED, Status.NEEDS_HUMAN}
    return tuple(
        course
        for course in candidates
        if any(question in reports for question in course.questions)
        and all(q not in reports or reports[q].status in judged for q in course.needs)
    )


def right(question: str, reports: Mapping[str, QuestionReport]) -> bool:
    """Whether nothing speaks against a question's layer."""
    return question not in reports or reports[question].status is Status.PASSED
