"""The parent's side: whatever a question does, the others keep their answers, and nothing stays behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from questions import GO, HONEST, kind, question, right, thing, value

from grader.client import Limits, QuestionReply, Worker, torch_available
from grader.worker.request import QuestionRequest, Source

SHORT, AMPLE = Limits(seconds=1.0), Limits(seconds=60.0)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(torch="standin") as worker:
        yield worker


def test_all_questions_are_answered_in_order(worker: Worker) -> None:
    session = worker.run([question("Q3"), question("Q1")])
    assert list(session.replies) == ["Q3", "Q1"]
    assert right(session, "Q3") and right(session, "Q1")


def test_the_layers_obtained_are_reported(worker: Worker) -> None:
    session = worker.run([question("Q1")])
    assert "rlimits" in session.confinement
    with Worker(layers=()) as bare:
        assert bare.run([question("Q1")]).confinement == ()


STOPPERS = {
    "endless loop": ("while True: pass", "timeout"),
    "endless loop that catches everything": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "timeout",
    ),
    "ignores every signal": (
        "import signal\nfor n in range(1, 32):\n    try: signal.signal(n, signal.SIG_IGN)\n    except OSError: pass\n"
        "while True: pass",
        "timeout",
    ),
    "sleeps": ("import time\ntime.sleep(60)", "timeout"),
    "hangs in C": ("sum(range(10**12))", "timeout"),
    "leaves": ("import os\nos._exit(0)", "crashed"),
    "aborts": ("import os\nos.abort()", "crashed"),
    "segmentation fault": ("import ctypes\nctypes.string_at(0)", "crashed"),
    "closes every descriptor": ("import os\nos.closerange(0, 64)\nreturn 2 * X", "crashed"),
    "writes to every descriptor": (
        "import os\nfor d in range(64):\n    try: os.write(d, b'garbage' * 9)\n    except OSError: pass\nreturn 2 * X",
        "forbidden",
    ),
    "announces a giant": (
        "import os, struct\nfor d in range(3, 64):\n    try: os.write(d, struct.pack('<IQ', 9, 1 << 60))\n"
        "    except OSError: pass\nreturn 2 * X",
        "forbidden",
    ),
    "answers early, for itself": (
        "import os, json, struct\n"
        "h = json.dumps({'type': 'reply', 'id': 'Q2', 'token': '0' * 16, 'too_big': False, 'spoiled': False,\n"
        "    'seconds': 0, 'load_error': None, 'runs': {}, 'arrays': []}).encode()\n"
        "for d in range(3, 64):\n    try: os.write(d, struct.pack('<IQ', len(h), 0) + h)\n    except OSError: pass\n"
        "return 2 * X",
        "forbidden",
    ),
}


@pytest.mark.parametrize("name", STOPPERS)
def test_a_question_that_stops_the_child_costs_no_other_question_anything(worker: Worker, name: str) -> None:
    body, expected = STOPPERS[name]
    limits = SHORT if expected == "timeout" else AMPLE
    session = worker.run([question("Q1"), question("Q2", thing(body)), question("Q3")], limits)
    assert right(session, "Q1") and right(session, "Q3")
    assert kind(session, "Q2") == expected, session.replies["Q2"]


RAISERS = {
    "SystemExit": "raise SystemExit(0)",
    "exit": "exit()",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "GeneratorExit": "raise GeneratorExit",
    "recursion": "return self.go(X)",
    "no input": "return input('X?')",
    "memory": "return np.ones(1 << 40)",
    "thread": "import threading\nthreading.Thread(target=print).start()",
    "fork": "import os\nos.fork()",
    "group": "import os, signal\nos.killpg(0, signal.SIGKILL)",
}


@pytest.mark.parametrize("name", RAISERS)
def test_what_raises_in_a_method_is_an_error_of_that_step_alone(worker: Worker, name: str) -> None:
    session = worker.run([question("Q1", thing(RAISERS[name])), question("Q2")], AMPLE)
    reply = session.replies["Q1"]
    assert isinstance(reply, QuestionReply), reply
    error = reply.runs["case"].outcomes["Y"].error
    assert error is not None and error.piece == "hw.py" and error.step == "go"
    assert right(session, "Q2")


def test_a_memory_bomb_ends_with_a_MemoryError_not_with_the_machine(worker: Worker) -> None:
    body = "held = []\nwhile True: held.append(np.ones(1 << 20))"
    session = worker.run([question("Q1", thing(body)), question("Q2")], Limits(seconds=60.0, memory=64 << 20))
    reply = session.replies["Q1"]
    assert isinstance(reply, QuestionReply)
    error = reply.runs["case"].outcomes["Y"].error
    assert error is not None and "MemoryError" in error.type
    assert right(session, "Q2")


def test_a_value_too_big_to_send_is_that_and_no_more(worker: Worker) -> None:
    session = worker.run([question("Q1"), question("Q2", thing("return np.ones(9000)")), question("Q3")],
                         Limits(reply_bytes=8 * 8000))  # fmt: skip
    assert kind(session, "Q2") == "too_big"
    assert right(session, "Q1") and right(session, "Q3")
    assert value(worker.run([question("Q2", thing("return np.ones(9000)"))]), "Q2") is not None


def test_a_million_prints_cost_next_to_nothing(worker: Worker) -> None:
    loud = thing("for _ in range(1_000_000): print('loss', X)\nreturn 2 * X")
    session = worker.run([question("Q1", loud)], Limits(seconds=30.0))  # printing the array really takes some 100 s
    assert right(session, "Q1")


LEFT_BEHIND = {
    "numpy function": thing("np.multiply = np.add = np.array = None\nreturn 2 * X"),
    "numpy by the back door": thing("vars(np)['ascontiguousarray'] = lambda *a, **k: X\nreturn 2 * X"),
    "builtin": thing("import builtins\nbuiltins.isinstance = lambda *a: True\nreturn 2 * X"),
    "module table": thing("import sys\nsys.modules['numpy'] = sys.modules['math']\nreturn 2 * X"),
    "code of the worker": thing(
        "import sys\nm = sys.modules['grader.worker.convert']\n"
        "m.outcome_of.__code__ = (lambda value: None).__code__\nreturn 2 * X"
    ),
    "class of the worker": thing(
        "import sys\nm = sys.modules['grader.worker.interpreter']\nm._Execution._call = None\nreturn 2 * X"
    ),
    "settings": thing("np.seterr(all='raise')\nnp.random.seed(7)\nreturn 2 * X"),
}


@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_what_one_question_leaves_behind_does_not_reach_the_next(worker: Worker, name: str) -> None:
    probing = thing(
        "np.exp(X + 1e4), np.multiply(X, 2), np.array([1])\nreturn 2 * X if isinstance(X, np.ndarray) else 0"
    )
    session = worker.run([question("Q1", LEFT_BEHIND[name]), question("Q2", probing)])
    assert right(session, "Q2"), session.replies["Q2"]


def test_random_numbers_are_the_same_in_every_run_and_place(worker: Worker) -> None:
    drawing = thing("return np.random.randn(3) + len({'a', 'b'})")
    together = worker.run([question("Q1", drawing), question("Q2", drawing)])
    with Worker() as other:
        alone = other.run([question("Q2", drawing)])
    first, second, third = value(together, "Q1"), value(together, "Q2"), value(alone, "Q2")
    assert first is not None and second is not None and third is not None
    assert (first == second).all() and (second == third).all()


def test_a_forged_answer_to_a_later_question_is_not_taken(worker: Worker) -> None:
    forging = thing(
        """
import gc, os, json, struct
h = json.dumps({"type": "reply", "id": "Q2", "token": "", "too_big": False, "spoiled": False, "seconds": 0,
                "load_error": None, "arrays": [["f8", []]],
                "runs": {"case": {"edited": [], "outcomes": {"Y": {"value": 0, "kind": "", "refused": None,
                                                                   "error": None, "after": None}}}}}).encode()
class Late:
    def __del__(self):
        for d in range(3, 64):
            try: os.write(d, struct.pack("<IQ", len(h), 8) + h + bytes(8))
            except OSError: pass
global keep
keep = Late()
return 2 * X
"""
    )
    session = worker.run([question("Q1", forging), question("Q2"), question("Q3")], AMPLE)
    assert right(session, "Q2") and right(session, "Q3")


def _children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_what_daemonises_is_gone_when_its_time_is_up() -> None:
    body = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: time.sleep(60)
    os._exit(0)
return 2 * X
"""
    with Worker(layers=()) as bare:  # with nothing that refuses the fork
        assert right(bare.run([question("Q1", thing(body))], AMPLE), "Q1")
        zygote = bare._zygote("plain")
        zygote._answers()
        assert _children(zygote.pid) == []


def test_a_zygote_that_dies_is_started_again(worker: Worker) -> None:
    worker.run([question("Q1")])
    os.kill(worker._zygote("plain").pid, signal.SIGKILL)
    assert right(worker.run([question("Q1"), question("Q2")]), "Q2")


def test_zygotes_that_keep_dying_are_the_graders_fault(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.spawn.BOOTSTRAP", "raise SystemExit(1)")
    with Worker() as broken:
        session = broken.run([question("Q1"), question("Q2")])
    assert kind(session, "Q1") == kind(session, "Q2") == "grader_error"


def test_a_zygote_lives_through_a_large_class() -> None:
    """Answers that nobody reads must not fill its socket: some 280 did, and every 280th session took two minutes."""
    with Worker(torch="standin") as worker:
        first = worker.run([question("Q1")]) and worker._zygote("plain").pid
        for _ in range(320):
            assert right(worker.run([question("Q1")]), "Q1")
        assert worker._zygote("plain").pid == first


def test_nothing_is_left_when_the_worker_closes() -> None:
    with Worker() as worker:
        worker.run([question("Q1")])
        zygote = worker._zygote("plain")
        pid, folder = zygote.pid, Path(zygote._folder)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not folder.exists()


def test_the_stand_in_answers_where_torch_is_asked_for(worker: Worker) -> None:
    source = "import torch\nclass Thing:\n    def go(self, X):\n        return 2 * torch.as_tensor(X)\n"
    assert right(worker.run([question("Q1", source, torch="torch")]), "Q1")
    plain = worker.run([question("Q1", source)]).replies["Q1"]
    assert isinstance(plain, QuestionReply)
    assert plain.load_error is not None and plain.load_error.missing_module == "torch"


@pytest.mark.skipif(not torch_available(), reason="PyTorch is not installed")
def test_the_real_torch_works_inside_the_confinement() -> None:
    source = """
import torch
class Thing:
    def go(self, X):
        x = torch.tensor(X, requires_grad=True)
        (x ** 2).sum().backward()
        big = torch.ones(300, 300) @ torch.ones(300, 300)
        assert torch.nn.functional.softmax(big, dim=1).shape == (300, 300)
        return x.grad
"""
    with Worker() as worker:
        session = worker.run([question("Q1", source, torch="torch"), question("Q2")])
    assert right(session, "Q1"), session.replies["Q1"]
    assert right(session, "Q2")


def test_a_question_that_cannot_be_sent_is_our_fault_and_costs_no_other_anything(worker: Worker) -> None:
    odd = QuestionRequest("Q1", (Source("hw.py", HONEST),), (("case", GO, {"X": object()}),))  # type: ignore[dict-item]
    session = worker.run([odd, question("Q2")])
    assert kind(session, "Q1") == "grader_error" and right(session, "Q2")
