"""The parent's side of the worker: questions go out, answers or failures come back, and nothing else gets through.

All questions of one submission run in one child. A question that hangs, dies or misbehaves ends that child; it alone
is then run again alone, and the others go on in a fresh one, so that no question costs another anything.
"""

from __future__ import annotations

import secrets
import signal
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

from grader.channel import Channel, Gone, Late
from grader.spawn import Ending, Zygote, ZygoteDied, torch_available
from grader.worker.library import asked_for
from grader.worker.request import Limits, QuestionReply, QuestionRequest
from grader.worker.sandbox import LAYERS
from grader.worker.wire import WireError, decode_reply, encode_frame, encode_question

READY_SECONDS = 120.0  # a zygote that has just been started imports numpy, and torch, first
RESTARTS = 2
EITHER = frozenset({"landlock", "seccomp"})  # without one of them student code could read and reach anything

__all__ = [
    "Failure",
    "Limits",
    "NotConfined",
    "QuestionReply",
    "QuestionRequest",
    "Session",
    "Worker",
    "torch_available",
]


class NotConfined(Exception):
    """This machine offers neither Landlock nor seccomp. Raised before any student code was run."""


@dataclass(frozen=True)
class Failure:
    """A question without an answer. `kind` is "timeout", "crashed", "too_big", "forbidden" or "grader_error"."""

    kind: str
    message: str


@dataclass(frozen=True)
class Session:
    """What came of all questions, by id, and the layers of confinement that every child of theirs had."""

    replies: Mapping[str, QuestionReply | Failure]
    confinement: tuple[str, ...]


@dataclass(frozen=True)
class _Stop:
    """Why a child went no further than question `index`. `foul`: what it answered before is not to be trusted."""

    index: int
    failure: Failure | None  # None: the next question needs a fresh child, and nobody is to blame
    foul: bool = False


class Worker:
    """Runs student code in confined processes.

    `torch` "auto" gives questions that ask for torch the real one where it is installed; "standin" never does.
    `confined` False leaves resource limits alone (`layers` names single ones, for tests of what each one stops);
    True refuses to run anything where neither Landlock nor seccomp is to be had.
    One worker serves one thread; give every job its own. Use it as a context manager: leaving ends its processes.
    """

    def __init__(self, torch: str = "auto", confined: bool = True, layers: Collection[str] | None = None) -> None:
        self._real_torch = torch == "auto" and torch_available()
        self._layers = tuple(layers) if layers is not None else LAYERS if confined else ("rlimits",)
        self._must_confine = confined and layers is None
        self._zygotes: dict[str, Zygote] = {}
        self._stopped = False

    def __enter__(self) -> Worker:
        with suppress(ZygoteDied):  # what hinders it is said when there is something to run
            self._zygote("plain")  # starts importing numpy while the parent still reads the submission
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every process of this worker."""
        while self._zygotes:
            self._zygotes.popitem()[1].close()

    def stop(self) -> None:
        """Kill every process, from whatever thread: what runs now fails, and nothing new is begun."""
        self._stopped = True
        for zygote in list(self._zygotes.values()):
            zygote.kill()

    def run(self, questions: Sequence[QuestionRequest], limits: Limits = Limits()) -> Session:  # noqa: B008 (frozen)
        """Run all questions of one submission; every id gets a reply or a failure. Never raises for student code.

        Raises NotConfined where there is nothing that could confine it.
        """
        replies: dict[str, QuestionReply | Failure] = {}
        obtained: list[frozenset[str]] = []
        for mode in dict.fromkeys(question.torch for question in questions):
            batch = tuple(question for question in questions if question.torch == mode)
            replies |= self._run_all(batch, mode, limits, obtained)
        common = frozenset.intersection(*obtained) if obtained else frozenset()
        ordered = {question.id: replies[question.id] for question in questions}
        return Session(ordered, tuple(layer for layer in LAYERS if layer in common))

    def fresh(self, question: QuestionRequest, limits: Limits = Limits()) -> QuestionReply | Failure:  # noqa: B008
        """Run one question alone, in a child that nothing else has touched."""
        return self.run([question], limits).replies[question.id]

    def _run_all(
        self, questions: tuple[QuestionRequest, ...], mode: str, limits: Limits, obtained: list[frozenset[str]]
    ) -> dict[str, QuestionReply | Failure]:
        replies: dict[str, QuestionReply | Failure] = {}
        batches = [questions]
        restarts = 0
        while batches:
            batch = batches.pop(0)
            answered: dict[str, QuestionReply | Failure] = {}
            try:
                stop = self._run_batch(batch, mode, limits, obtained, answered)
            except ZygoteDied as died:
                self._drop(mode)
                restarts += 1
                rest = tuple(question for question in batch if question.id not in answered)
                if restarts <= RESTARTS and not self._stopped:
                    batches.insert(0, rest)
                else:
                    lost = [*rest, *(question for later in batches for question in later)]
                    answered |= {question.id: Failure("grader_error", str(died)) for question in lost}
                    batches = []
                replies |= answered
                continue
            except BaseException:  # Ctrl-C, for one: what the child was doing is unknown
                self._drop(mode)
                raise
            if stop is not None:
                alone, rest = _again(batch, stop, answered)
                batches = [*((question,) for question in alone), *([rest] if rest else []), *batches]
            replies |= answered
        return replies

    def _run_batch(
        self,
        batch: tuple[QuestionRequest, ...],
        mode: str,
        limits: Limits,
        obtained: list[frozenset[str]],
        answered: dict[str, QuestionReply | Failure],
    ) -> _Stop | None:
        """Ask one child all questions in turn, filling `answered`; None when it answered them all."""
        zygote = self._zygote(mode)
        cpu = limits.seconds * len(batch) + 1
        modules = asked_for(piece.source for request in batch for piece in request.pieces)
        with zygote.start(cpu, limits.memory, limits.reply_bytes, modules) as channel:
            layers = _greeting(channel)
            if self._must_confine and not layers & EITHER:
                raise NotConfined(NOT_CONFINED)
            obtained.append(layers)
            for index, request in enumerate(batch):
                stop = _ask(channel, zygote, request, index, limits, answered)
                if stop is not None:
                    break
            else:
                stop = _farewell(channel, len(batch) - 1, limits)
            zygote.dismiss()
        return stop

    def _kind(self, mode: str) -> str:
        return "standin" if mode == "torch" and not self._real_torch else mode

    def _zygote(self, mode: str) -> Zygote:
        kind = self._kind(mode)
        if self._stopped:
            raise ZygoteDied("The run was stopped.")
        if kind not in self._zygotes:
            self._zygotes[kind] = Zygote(kind, self._layers)
        return self._zygotes[kind]

    def _drop(self, mode: str) -> None:
        zygote = self._zygotes.pop(self._kind(mode), None)
        if zygote is not None:
            zygote.close()


def _again(
    batch: tuple[QuestionRequest, ...], stop: _Stop, answered: dict[str, QuestionReply | Failure]
) -> tuple[tuple[QuestionRequest, ...], tuple[QuestionRequest, ...]]:
    """After a stop: the questions to run again alone, and those that go on together. Fills in what is final."""
    rest = batch[stop.index + 1 :]
    if stop.failure is None:
        return (), rest
    if stop.index == 0 and (len(batch) == 1 or not stop.foul):
        # It was the first in a fresh child: nothing before it can be to blame.
        answered[batch[0].id] = stop.failure
        return (), rest
    if not stop.foul:
        return (batch[stop.index],), rest
    for question in batch[: stop.index + 1]:
        answered.pop(question.id, None)
    return batch[: stop.index + 1], rest


def _greeting(channel: Channel) -> frozenset[str]:
    """The layers that the child put on, said before any student code ran."""
    try:
        header, _ = channel.receive(time.monotonic() + READY_SECONDS)
        return frozenset(header["confinement"])
    except (Late, Gone, WireError, KeyError, TypeError):
        raise ZygoteDied("A worker process did not get ready.") from None


def _ask(
    channel: Channel,
    zygote: Zygote,
    request: QuestionRequest,
    index: int,
    limits: Limits,
    answered: dict[str, QuestionReply | Failure],
) -> _Stop | None:
    token = secrets.token_hex(8)
    try:
        frame = encode_question(request, token)
    except WireError as error:
        answered[request.id] = Failure("grader_error", f"The question could not be sent. {error}")
        return None
    unasked = channel.waiting()
    if unasked is None:  # it ended between two questions, and this one has not begun
        return _Stop(index - 1, None) if index else _Stop(index, _crash(zygote.reap(), limits))
    if unasked:
        return _Stop(max(index - 1, 0), FORBIDDEN, foul=True)
    deadline = time.monotonic() + limits.seconds
    try:
        channel.send(frame, deadline)
        header, body = channel.receive(deadline, limits.reply_bytes)
        answer = decode_reply(header, body, request, token)
    except Late:
        return _Stop(index, _timeout(limits))
    except Gone:
        return _Stop(index, _crash(zygote.reap(), limits))
    except WireError:
        return _Stop(index, FORBIDDEN, foul=True)
    if answer.reply is None:
        return _Stop(index, _too_big(f"The values handed back are more than {limits.reply_bytes >> 20} MB."))
    answered[request.id] = answer.reply
    return _Stop(index, None) if answer.spoiled else None


def _farewell(channel: Channel, last: int, limits: Limits) -> _Stop | None:
    """Make sure that the child sent nothing but its answers."""
    token = secrets.token_hex(8)
    deadline = time.monotonic() + min(limits.seconds, 2.0)
    try:
        channel.send(encode_frame({"type": "end", "token": token}), deadline)
        header, _ = channel.receive(deadline)
    except (Late, Gone):  # it ended or hangs after its last answer: that costs nobody anything
        return None
    except WireError:
        return _Stop(last, FORBIDDEN, foul=True)
    return None if header == {"type": "end", "token": token} else _Stop(last, FORBIDDEN, foul=True)


# --- what is said -----------------------------------------------------------------------------------------------------

NOT_CONFINED = (
    "This machine cannot confine what students' code does: it has neither Landlock nor seccomp (see: grade doctor). "
    "Grade under Linux or in a container of its own; --unconfined runs the code all the same, with all that you may do."
)
FORBIDDEN = Failure(
    "forbidden",
    "While this ran, something was written to the connection between the grader and the process that runs the "
    "submission. Only the grader may use it, so the values that came over it cannot be trusted.",
)


def _timeout(limits: Limits) -> Failure:
    return Failure(
        "timeout",
        f"This did not finish within {limits.seconds:g} seconds. Look for a loop that never ends, or for training that "
        "starts when the class is defined or called.",
    )


def _too_big(what: str) -> Failure:
    return Failure("too_big", f"{what} Look for an array that grows without end or has one side too many.")


def _crash(ending: Ending, limits: Limits) -> Failure:
    """What the end of a child that did not answer means."""
    status = ending.status
    if status is None:
        raise ZygoteDied("A worker process could not be forked.")
    if ending.killed:
        return Failure(
            "crashed", "The code closed the connection to the grader, so what it returned could not be read."
        )
    number = status & 0x7F
    if number == signal.SIGXCPU or (number == signal.SIGKILL and ending.seconds >= limits.seconds):
        return _timeout(limits)
    if number == signal.SIGKILL:
        return _too_big("The system ended the process for want of memory.")
    if number:
        name = signal.strsignal(number) or f"signal {number}"
        return Failure("crashed", f"Python itself crashed ({name}) while this ran: often an endless recursion.")
    code = status >> 8
    return Failure("crashed", f"The code ended the Python process (exit status {code}) before anything was returned.")
