"""Small questions for the worker's tests: a source, a class `Thing` with a method `go`, and what it hands back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.client import Failure, QuestionReply, Session
from grader.worker.program import Program
from grader.worker.request import QuestionRequest, Source

X = np.arange(6.0).reshape(2, 3)
GO = Program(
    steps=(
        ["name", 0, "Thing"],
        ["call", 1, 0, None, [], {}],
        ["call", 2, 1, "go", [{"array": 0}], {}],
        ["yield", "Y", {"handle": 2}],
    ),
    arrays=(X,),
    names=("X",),
)
HONEST = "import numpy as np\nclass Thing:\n    def go(self, X):\n        return 2 * X\n"


def thing(body: str, before: str = "") -> str:
    """A source whose `go` has `body`, one statement a line."""
    lines = "\n".join(f"        {line}" for line in body.strip().splitlines())
    return f"import numpy as np\n{before}\nclass Thing:\n    def go(self, X):\n{lines}\n"


def question(id: str, source: str = HONEST, torch: str = "plain", first_line: int = 1) -> QuestionRequest:
    return QuestionRequest(id, (Source("hw.py", source, first_line),), (("case", GO, {}),), torch)


def value(session: Session, id: str) -> NDArray[Any] | None:
    """What `go` handed back, when the question was answered at all."""
    reply = session.replies[id]
    assert isinstance(reply, QuestionReply), reply
    return reply.runs["case"].outcomes["Y"].value


def kind(session: Session, id: str) -> str | None:
    """What kind of failure the question met, or None."""
    reply = session.replies[id]
    return reply.kind if isinstance(reply, Failure) else None


def right(session: Session, id: str) -> bool:
    got = value(session, id)
    return got is not None and np.array_equal(got, 2 * X)
