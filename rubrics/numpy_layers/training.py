"""Trajectories of sheet 004: the student's layers are trained for 50 steps in SimpleNN and held against the reference.

The sheet gives no points for training, so what is found is evidence beside Q4, Q5, Q6, Q7 and Q10: a note where the course
is right, a flag for the instructor where a chain fails although every layer in it is right. Q6's marks live in `l2`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.client import QuestionReply
from grader.intake.evidence import Definition
from grader.material import Material
from grader.model import QuestionReport, Status
from grader.training import Departure, Net, departure
from grader.worker.program import Run
from grader.worker.request import Limits, QuestionRequest
from rubrics.numpy_layers import nets
from rubrics.numpy_layers.faults import simple_nn
from rubrics.numpy_layers.parts import Parts

LIMITS = Limits(seconds=4.0)
TENSORS: Mapping[str, str] = {"X": "float32", "y": "float32"}  # what the sheet's own loop passes to the classifier


@dataclass(frozen=True)
class Course:
    """One net to be tried: which question it is evidence for, and which questions' layers it is made of."""

    question: str
    net: Net
    needs: tuple[str, ...]
    group: str  # nets of one group travel together
    flavours: tuple[Mapping[str, str], ...] = ({},)


@dataclass(frozen=True)
class Found:
    """What came of one net. `departs` is None where the course is the reference's; `chain` says through which chain.

    `first` is how the student's own course departed where another chain was needed.
    """

    course: Course
    departs: Departure | None
    chain: str = "own"
    first: Departure | None = None
    standin: bool = False
    named: str | None = None  # the known chain fault that gives the same course

    @property
    def good(self) -> bool:
        return self.departs is None and self.chain == "own"


def courses() -> tuple[Course, ...]:
    """The nets of the sheet, each with what it says."""
    return (
        Course("Q4", nets.sine_net("ReLU"), ("Q1", "Q3"), "sine"),
        Course("Q4", nets.sine_net("Sigmoid"), ("Q1",), "sine"),
        Course("Q5", nets.sine_net(""), ("Q1",), "sine"),
        Course("Q7", nets.classifier(), ("Q1", "Q3", "Q7"), "classifier", (TENSORS, {})),
        Course("Q10", nets.conv_net(), ("Q1", "Q3", "Q10"), "conv"),
    )


def worth_running(material: Material, reports: Mapping[str, QuestionReport]) -> tuple[Course, ...]:
    """The courses of questions that are asked and answered, whose layers are right (or were not judged in this run)."""

    def right(question: str) -> bool:
        return question not in reports or reports[question].status is Status.PASSED

    def answered(question: str) -> bool:
        return question in reports and reports[question].status is not Status.MISSING

    return tuple(
        course for course in courses() if answered(course.question) and all(right(needed) for needed in course.needs)
    )


def run_courses(material: Material, wanted: Sequence[Course], linear: Definition | None = None) -> tuple[Found, ...]:
    """Train every net, all in one child; what departs is tried again through the sheet's chain and a patient one.

    `linear` stands in for Q1's Linear.
    """
    parts = Parts(material, linear)
    possible = [course for course in wanted if parts.bring(course.net)]
    runs = _run(material, parts, possible, "own")
    found = []
    for course in possible:
        departs, standin = _best(course, runs.get(course.net.name))
        one = Found(course, departs, standin=standin)
        found.append(_look_closer(material, parts, one, runs) if departs is not None and not standin else one)
    return tuple(found)


def _run(
    material: Material, parts: Parts, wanted: Sequence[Course], chain: str
) -> dict[str, tuple[QuestionRequest, tuple[Run, ...]]]:
    """By the net's name: the request that it travelled in, and a run for every flavour."""
    requests: list[QuestionRequest] = []
    for group in dict.fromkeys(course.group for course in wanted):
        programs = {
            f"{course.net.name}/{number}": (course.net, nets.program(course.net), flavour)
            for course in wanted
            if course.group == group
            for number, flavour in enumerate(course.flavours)
        }
        requests.append(_without_doubles(parts.request(f"training: {group}", programs, chain=chain)))
    if not requests:
        return {}
    replies = material.runner.run(requests, LIMITS).replies
    runs: dict[str, tuple[QuestionRequest, tuple[Run, ...]]] = {}
    for request in requests:
        reply = replies[request.id]
        if isinstance(reply, QuestionReply):
            for course in wanted:
                mine = tuple(run for key, run in reply.runs.items() if key.rpartition("/")[0] == course.net.name)
                if mine:
                    runs[course.net.name] = (request, mine)
    return runs


def _without_doubles(request: QuestionRequest) -> QuestionRequest:
    """Without tensors all flavours are the same: one is enough."""
    if request.torch != "plain":
        return request
    first = {task[0].rpartition("/")[0]: task for task in reversed(request.programs)}
    return replace(request, programs=tuple(first.values()))


def _best(course: Course, came: tuple[QuestionRequest, tuple[Run, ...]] | None) -> tuple[Departure | None, bool]:
    """How the best flavour departs from the reference, and whether it ran under the stand-in for PyTorch."""
    if came is None:
        return Departure("the training", refused="nothing: it did not come to an end"), False
    request, runs = came
    departures = [departure(run, nets.reference(course.net)) for run in runs]
    if None in departures:
        return None, False
    return max((d for d in departures if d is not None), key=lambda d: d.step or 0), request.torch == "standin"


def _look_closer(
    material: Material, parts: Parts, found: Found, runs: Mapping[str, tuple[QuestionRequest, tuple[Run, ...]]]
) -> Found:
    """Is it the chain or the layers? The sheet's chain, then the patient one, say; a known chain fault gets its name."""
    course = found.course
    for chain in ("sheet", "patient") if parts.own_chain else ("patient",):
        departs, _ = _best(course, _run(material, parts, [course], chain).get(course.net.name))
        if departs is None:
            came = runs.get(course.net.name)
            named = simple_nn.name_of(course.net, came[1]) if came and chain == "sheet" else None
            return replace(found, departs=None, chain=chain, first=found.departs, named=named)
    return found


def shared_fails(material: Material) -> Departure | None:
    """How a net departs whose activations are one object, where the student builds one like that; else None."""
    parts = Parts(material)
    net = nets.shared(nets.sine_net("ReLU"))
    if not (parts.bring(net) and parts.shares_an_activation()):
        return None
    request = parts.request("training: shared", {"shared": (net, nets.program(net), {})}, chain="sheet")
    reply = material.runner.run([request], LIMITS).replies[request.id]
    if not isinstance(reply, QuestionReply) or request.torch == "standin":
        return None
    return departure(reply.runs["shared"], nets.reference(nets.sine_net("ReLU")))


# -- in words


def with_evidence(
    reports: Mapping[str, QuestionReport], found: Iterable[Found], shared: Departure | None = None
) -> dict[str, QuestionReport]:
    """The reports with what training showed: a note for everybody, a flag where the chain fails."""
    told = dict(reports)
    for one in found:
        note, flag = words(one, {q for q in one.course.needs if q in reports})
        told[one.course.question] = _told(told[one.course.question], note, flag)
    if shared is not None and "Q4" in told:
        told["Q4"] = _told(told["Q4"], SHARED, f"{SHARED} ({shared.words()})")
    return told


SHARED = (
    "One activation object stands in several places of the net, and it keeps what its latest forward saw: the earlier "
    "places get the wrong gradient, although the layer is right by itself. Make one object for each place."
)


def words(found: Found, judged: set[str]) -> tuple[str, str]:
    """(note, flag) on one net; either may be empty. `judged` are the questions known to be right."""
    net, steps = found.course.net.name, found.course.net.steps
    if found.good:
        return f"Training checked: over {steps} steps from a given start your {net} takes the reference's course.", ""
    if found.standin:
        return "", ""
    if found.departs is None and found.first is not None:
        why = found.first.words()
        if found.chain == "sheet":
            named = f" {found.named}" if found.named else ""
            note = (
                f"Your layers are right, but your own SimpleNN does not train them as the sheet's does: in the {net} {why}."
                f"{named}"
            )
            return note, f"the chain fails although every layer is right: {note}"
        note = (
            f"Your layers are right, but they do not fit the sheet's SimpleNN: in the {net} {why}. What they return is "
            "right for each by itself; the chain hands it on as it is."
        )
        return note, f"the chain fails although every layer is right: {note}"
    if found.departs is None:
        return "", ""
    if set(found.course.needs) <= judged:
        note = f"Each layer is right by itself, but together they do not train as the reference does: in the {net} "
        note += f"{found.departs.words()}."
        return note, f"the chain fails although every layer is right: {note}"
    return "", f"in the {net} {found.departs.words()} (its layers were not judged in this run)"
