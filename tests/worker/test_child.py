"""In the student's process: what a question may take for granted, and how errors are placed."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from questions import GO, HONEST, question, right, thing, value

from grader.client import QuestionReply, Worker
from grader.worker.child import load, reaching
from grader.worker.request import QuestionRequest, Source


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(torch="standin") as worker:
        yield worker


def reply(worker: Worker, request: QuestionRequest) -> QuestionReply:
    got = worker.fresh(request)
    assert isinstance(got, QuestionReply), got
    return got


def test_an_error_is_placed_in_the_students_own_lines(worker: Worker) -> None:
    source = "class Thing:\n    def go(self, X):\n        return X @ X  # here\n"
    got = reply(worker, question("Q1", source, first_line=41))
    error = got.runs["case"].outcomes["Y"].error
    assert error is not None
    assert (error.piece, error.line, error.text, error.type) == ("hw.py", 43, "return X @ X  # here", "ValueError")


def test_pieces_of_one_name_keep_their_own_lines(worker: Worker) -> None:
    pieces = (
        Source("cell 3", "def double(X):\n    raise ValueError('no')\n", 10),
        Source("cell 3", "class Thing:\n    def go(self, X):\n        return double(X)\n", 1),
    )
    error = reply(worker, QuestionRequest("Q1", pieces, (("case", GO, {}),))).runs["case"].outcomes["Y"].error
    assert error is not None
    assert (error.line, error.text) == (11, "raise ValueError('no')")


def test_a_missing_name_and_a_missing_module_are_named(worker: Worker) -> None:
    got = reply(worker, question("Q1", "x = lr * 2\n" + HONEST))
    assert got.load_error is not None and got.load_error.missing_name == "lr" and got.load_error.line == 1
    got = reply(worker, question("Q1", "import sklearn.datasets\n" + HONEST))
    assert got.load_error is not None and got.load_error.missing_module == "sklearn"
    assert reply(worker, question("Q1")).load_error is None


def test_a_piece_that_fails_does_not_keep_the_next_from_running(worker: Worker) -> None:
    pieces = (Source("a", "import sklearn"), Source("b", "1/0"), Source("c", "def ("), Source("d", HONEST))
    session = worker.run([QuestionRequest("Q1", pieces, (("case", GO, {}),))])
    got = session.replies["Q1"]
    assert right(session, "Q1")
    assert isinstance(got, QuestionReply)
    assert got.load_error is not None and got.load_error.missing_module == "sklearn"


def test_a_syntax_error_is_placed(worker: Worker) -> None:
    got = reply(worker, question("Q1", "x = 1\ndef (:\n", first_line=5))
    assert got.load_error is not None
    assert (got.load_error.type, got.load_error.piece, got.load_error.line) == ("SyntaxError", "hw.py", 6)


def test_annotations_never_run(worker: Worker) -> None:
    source = """
from dataclasses import dataclass
@dataclass
class Config:
    rate: Tensor = 0.1
class Thing:
    size: Missing
    def go(self, X: np.ndarray) -> Tensor:
        y: Unknown = Config().rate
        return 2 * X
"""
    session = worker.run([question("Q1", source)])
    assert right(session, "Q1"), session.replies["Q1"]


def test_the_names_numpy_dropped_are_back(worker: Worker) -> None:
    body = "return np.array(X, dtype=np.float) * np.int(2) + np.float_(0) * np.product([1]) + (0 if np.Inf > 1 else 1)"
    session = worker.run([question("Q1", thing(body))])
    assert right(session, "Q1"), session.replies["Q1"]


def test_plots_bars_and_data_sets_do_nothing(worker: Worker) -> None:
    before = "import matplotlib.pyplot as plt\nfrom tqdm import tqdm\nimport torchvision.datasets as d\nimport seaborn"
    body = "fig, ax = plt.subplots()\nax.plot(X)\nplt.show()\nfor i in tqdm(range(2)): X = X if i else 2 * X\nreturn X"
    session = worker.run([question("Q1", thing(body, before))])
    assert right(session, "Q1"), session.replies["Q1"]


def test_what_a_notebook_has_is_there(worker: Worker) -> None:
    body = "display(X)\nprint(X, file=None)\nimport sys\nsys.stdout.write('x')\nsys.stdout.flush()\nreturn 2 * X"
    assert right(worker.run([question("Q1", thing(body))]), "Q1")


def test_print_to_a_file_of_ones_own_still_prints(worker: Worker) -> None:
    body = "import io\nf = io.StringIO()\nprint(1, 'c', sep='-', file=f)\nassert f.getvalue() == '1-c\\n'\nreturn 2 * X"
    assert right(worker.run([question("Q1", thing(body))]), "Q1")


def test_the_main_guard_does_not_run(worker: Worker) -> None:
    got = reply(worker, question("Q1", HONEST + "if __name__ == '__main__':\n    raise SystemExit\n"))
    assert got.load_error is None


def test_every_question_has_a_namespace_of_its_own(worker: Worker) -> None:
    first = question("Q1", "leak = 7\nimport numpy as np\nnp.leak = 7\n" + HONEST)
    second = question("Q2", thing("return X * (2 + ('leak' in globals()))"))
    session = worker.run([first, second])
    assert right(session, "Q1") and right(session, "Q2")


def test_modules_come_when_their_name_is_used(worker: Worker) -> None:
    body = "import statistics, csv, decimal\nnp.testing.assert_allclose(1, 1)\nreturn statistics.mean([2, 2]) * X"
    assert right(worker.run([question("Q1", thing(body))]), "Q1")


def test_the_environment_and_the_folder_are_empty(worker: Worker) -> None:
    body = "import os\nreturn np.array([len(os.environ), os.getcwd().count('grader-empty-')])"
    got = value(worker.run([question("Q1", thing(body))]), "Q1")
    assert got is not None and np.array_equal(got, [0, 1])


def test_standard_output_is_nowhere(worker: Worker) -> None:
    body = "import os\nos.write(1, b'x')\nos.write(2, b'x')\nreturn np.array([len(os.read(0, 10))])"
    got = value(worker.run([question("Q1", thing(body))]), "Q1")
    assert got is not None and got.tolist() == [0]


@pytest.mark.parametrize(
    "line",
    [
        *("np.maximum = f", "np.pi += 1", "self.np.maximum = f", "a, np.maximum = 1, f", "np.e: float = 3"),
        *("for np.pi in [3]: pass", "with f as np.pi: pass", "del np.maximum", "setattr(np, 'pi', 3)"),
        *("import builtins", "x.__class__ = Liar", "sys.modules['numpy'] = None"),
    ],
)
def test_a_source_that_could_change_what_others_use_is_noticed(line: str) -> None:
    assert reaching([Source("hw.py", line)])


@pytest.mark.parametrize(
    "line",
    [
        *("self.W -= lr * dW", "self.W, self.b = W, b", "X[i] += self.W[0]", "for i in range(self.n): pass"),
        *("if X.shape == dY.shape: pass", "np.sum(X, axis=0, keepdims=True)", "x = self.W == 3", "a = X.T @ dY"),
    ],
)
def test_an_ordinary_layer_is_not(line: str) -> None:
    assert not reaching([Source("hw.py", line)])


def test_a_replaced_builtin_is_replaced_for_that_question_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "builtins", builtins)  # put back afterwards
    before = dict(vars(builtins))
    namespace, error = load([Source("hw.py", "import builtins\nbuiltins.len = lambda x: 7\nseen = len('')")])
    assert error is None
    assert namespace["seen"] == 7
    assert dict(vars(builtins)) == before
    assert load([Source("hw.py", "seen = len('')")])[0]["seen"] == 0
