"""What this machine can confine: tries to escape from a confined child and says, in plain words, what got through.

What counts is what the child could not do, never what a version number promises.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader import escapes
from grader.client import Failure, Worker, torch_available
from grader.worker.program import Program
from grader.worker.request import QuestionRequest, Source
from grader.worker.sandbox import LAYERS

WORDS = {
    "rlimits": "limits on CPU time, memory, files and processes",
    "nobody": "the student's process runs as the user nobody, without the rights of root",
    "landlock": "Landlock: only the standard library, numpy and the worker's own files can be read",
    "seccomp": "seccomp: no network, no new processes or threads, no programs, no signals to others",
}
MISSING = {
    "rlimits": "This system keeps no limits for processes; a submission may use all memory.",
    "nobody": "Not needed: the grader was not started as root.",
    "landlock": "Landlock needs Linux 5.13 or later with Landlock switched on.",
    "seccomp": "seccomp needs Linux on x86-64 or ARM64; some containers forbid it.",
}
KNOWN_HARMLESS = frozenset({"learn whether a known path exists"})
STEPS = (
    ["name", 0, "try_all"],
    ["call", 1, 0, None, [{"value": str(Path(__file__).resolve())}], {}],
    ["yield", "open", {"handle": 1}],
)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `kind` is "layer", "escape", "level" or "torch"; `good` whether it is as wished."""

    kind: str
    name: str
    good: bool
    words: str


def open_escapes(worker: Worker) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The attempts that got through in a child of `worker`, and the layers that the child had on.

    Raises RuntimeError when the child did not answer.
    """
    piece = Source("escapes.py", Path(escapes.__file__).read_text(encoding="utf-8"))
    question = QuestionRequest("escapes", (piece,), (("all", Program(STEPS, (), ()), {}),))
    session = worker.run([question])
    reply = session.replies["escapes"]
    if isinstance(reply, Failure):
        raise RuntimeError(reply.message)
    outcome = reply.runs["all"].outcomes["open"]
    if outcome.value is None:
        error = outcome.error or reply.load_error
        raise RuntimeError(f"The attempts did not run: {error.message if error else outcome.refused}.")
    names = [name for name, _ in escapes.attempts("")]
    return tuple(name for name, got in zip(names, outcome.value, strict=True) if got), session.confinement


def examine() -> tuple[Finding, ...]:
    """Try everything on this machine. Takes about a second; never raises."""
    try:
        with Worker() as worker:
            through, layers = open_escapes(worker)
    except RuntimeError as error:
        return (Finding("level", "none", False, f"Nothing can be graded here: {error}"),)
    findings = [
        Finding(
            "layer", layer, layer in layers or layer == "nobody", WORDS[layer] if layer in layers else MISSING[layer]
        )
        for layer in LAYERS
    ]
    for name, _ in escapes.attempts(""):
        good = name not in through
        findings.append(Finding("escape", name, good, f"A submission {'cannot' if good else 'CAN'} {name}."))
    findings.append(_level(layers, [name for name in through if name not in KNOWN_HARMLESS]))
    findings.append(
        Finding("torch", "torch", torch_available(), "PyTorch is installed." if torch_available() else _NO_TORCH)
    )
    return tuple(findings)


_NO_TORCH = (
    "PyTorch is not installed: answers that use it run on a small stand-in, and what it cannot do is left pending."
)


def _level(layers: tuple[str, ...], through: list[str]) -> Finding:
    if not through:
        return Finding("level", "full", True, "Full confinement: every attempt that matters was refused.")
    listed = "; ".join(through)
    if "seccomp" in layers or "landlock" in layers:
        return Finding("level", "partial", False, f"Partial confinement. A submission can: {listed}.")
    words = (
        f"Basic confinement only. Grade here only what you trust, or inside a container. A submission can: {listed}."
    )
    return Finding("level", "basic", False, words)
