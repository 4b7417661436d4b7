"""The hand-in's code in the confined worker: once as it is, and once with crooked automatic differentiation.

In the second run every gradient that PyTorch computes comes out multiplied by CROOKED. What is then still right was
computed without it; what is off by that factor was copied, under whatever name and by whatever way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np

from grader.client import Failure
from grader.intake.evidence import Cell, Evidence, Piece
from grader.intake.siblings import NEVER_SIBLINGS
from grader.model import Place
from grader.runner import Runner
from grader.worker.program import Program
from grader.worker.request import Limits, QuestionRequest
from reference_solutions.sigmoid_from_scratch import labels, random_net
from rubrics.sigmoid_from_scratch.trace import Trace, read_trace

CROOKED: Final = 1.75
LIMITS: Final = Limits(seconds=12.0)
_PROGRAM: Final = Program(
    (
        ["name", 0, "_recorder"],
        ["call", 1, 0, "transcript", [], {}],
        ["yield", "transcript", {"handle": 1}],
    ),
    (),
    (),
)
_TORCH: Final = re.compile(r"^\s*(?:import|from)\s+torch\b|\btorch\.", re.MULTILINE)
# The recorder gets a module of its own, so that no name of the student's can stand in its way.
_PREPARED: Final = """
import sys
_module = type(sys)("recorder")
for _source in {sources!r}:
    exec(compile(_source, "recorder", "exec"), _module.__dict__)
_recorder = _module.record({cells!r}, globals(), {scale!r}, {start!r}, {files!r})
"""


@dataclass(frozen=True, eq=False)
class Ran:
    """Both runs. `failure` says why nothing came back; `standin`: PyTorch is used and not installed."""

    straight: Trace | None = None
    crooked: Trace | None = None
    failure: Failure | None = None
    standin: bool = False


def code_cells(evidence: Evidence) -> list[Cell]:
    """The code of the judged file, in order."""
    main = evidence.files[0] if evidence.files and not evidence.unreadable else ""
    return [c for c in evidence.cells if c.kind == "code" and c.file == main and c.source.strip() and not c.problem]


def own_files(evidence: Evidence) -> dict[str, str]:
    """The sources of the other Python files by the names under which the judged one may import them."""
    found: dict[str, str] = {}
    base = PurePosixPath(evidence.files[0]).parent if evidence.files else PurePosixPath()
    for name in evidence.files[1:]:
        path = PurePosixPath(name)
        cells = [c.source for c in evidence.cells if c.file == name and c.kind == "code" and not c.problem]
        if path.suffix == ".py" and path.stem not in NEVER_SIBLINGS and cells:
            inner = path.relative_to(base) if path.is_relative_to(base) else path
            for module in (".".join(inner.with_suffix("").parts), path.stem):
                found.setdefault(module.removesuffix(".__init__"), "\n".join(cells))
    return found


def run_code(evidence: Evidence, runner: Runner) -> Ran:
    """Run every code cell of the judged file in order, in a fresh process for each of the two runs."""
    cells = code_cells(evidence)
    if not cells:
        return Ran()
    files = own_files(evidence)
    wants_torch = any(_TORCH.search(source) for source in (*(cell.source for cell in cells), *files.values()))
    if wants_torch and runner.torch != "torch":
        return Ran(standin=True)
    mode = runner.torch if wants_torch else "plain"
    straight = _run(cells, files, runner, mode, 1.0)
    if isinstance(straight, Failure):
        return Ran(failure=straight)
    if not wants_torch:
        return Ran(straight, straight)
    crooked = _run(cells, files, runner, mode, CROOKED)
    return Ran(straight, crooked if isinstance(crooked, Trace) else None)


def _run(cells: list[Cell], files: dict[str, str], runner: Runner, mode: str, scale: float) -> Trace | Failure:
    sources = [(cell.number or position, cell.first_line, cell.source) for position, cell in enumerate(cells, 1)]
    text = _PREPARED.format(sources=_recorder(), cells=sources, scale=scale, start=start_values(), files=files)
    piece = Piece("the hand-in", text, 1, Place("the hand-in"))
    request = QuestionRequest("run", (piece,), (("run", _PROGRAM, {}),), mode)
    reply = runner.run([request], LIMITS).replies["run"]
    if isinstance(reply, Failure):
        return reply
    said = reply.runs["run"].outcomes["transcript"].value
    if said is None or said.dtype != np.int64:
        return Failure("crashed", "The code replaced what records its values, so nothing of the run could be read.")
    return read_trace(said.tobytes().decode("ascii", "replace"))


@cache
def _recorder() -> list[str]:
    """The sources that make up the recorder; what one imports from another is there already."""
    names = ("values.py", "instrument.py", "libraries.py", "recorder.py", "driving.py")
    texts = [Path(__file__).with_name(name).read_text(encoding="utf-8") for name in names]
    return [re.sub(r"^from rubrics\..*$", "", text, flags=re.MULTILINE) for text in texts]


@cache
def start_values() -> dict[str, object]:
    """Made-up weights and a sample for functions that nothing in the hand-in calls."""
    net = random_net(np.random.default_rng(11))
    x = np.array([0.9861, 0.6680])
    start: dict[str, object] = {"x": x.tolist(), "y": float(labels(x)), "lr": 0.05}
    for layer, (weight, bias) in enumerate(zip(net.weights, net.biases, strict=True), start=1):
        assert bias is not None
        start |= {f"W{layer}": weight.tolist(), f"b{layer}": bias.tolist()}
    return start
