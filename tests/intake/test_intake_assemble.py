"""Assembling: what a definition needs comes along, in an order that runs, and nothing that works comes with it."""

from __future__ import annotations

import numpy as np
import pytest

from grader.intake.assemble import assemble
from grader.intake.choose import choose

from .builders import (
    BACKWARD,
    BASE,
    FORWARD,
    IMPORT,
    INIT,
    LINEAR,
    chunk,
    code,
    heading,
    notebook,
    read,
    read_files,
    run,
    sheet,
)

X = np.array([[1.0, 3.0], [2.0, 5.0]])
SHEET_DX = [[3, 3], [3, 3]]


def works(namespace):
    """The sheet's own numbers of Q2."""
    layer = namespace["Linear"](2, 2)
    layer.W = np.array([[2.0, 1.0], [2.0, 1.0]])
    assert layer.forward(X).tolist() == [[8, 4], [14, 7]]
    assert layer.backward(X, np.ones((2, 2)), lr=0.05).tolist() == SHEET_DX
    np.testing.assert_allclose(layer.W, [[1.85, 0.85], [1.6, 0.6]])


def test_the_class_runs_with_its_imports_and_its_base(tmp_path):
    assembled = chunk(read(tmp_path, code(IMPORT), code(BASE), heading("Q1"), code(LINEAR)))
    works(run(assembled))
    assert assembled.modules == {"numpy"} and not assembled.unresolved


def test_the_sheet_fills_in_what_the_student_deleted(tmp_path):
    works(run(chunk(read(tmp_path, heading("Q1"), code(LINEAR)))))


def test_the_students_own_base_class_goes_before_the_sheets(tmp_path):
    own = BASE + "    mark = 'own'\n"
    assert run(chunk(read(tmp_path, code(IMPORT), code(own), heading("Q1"), code(LINEAR))))["Module"].mark == "own"


def test_helpers_constants_and_tables_come_along(tmp_path):
    cells = [
        code(IMPORT + "import math, this_is_not_installed\nfrom nowhere import a, b"),
        code(
            "SCALE = 2.0\nHALF = 1 / SCALE\nTABLE = {}\nfor k in range(3):\n    TABLE[k] = k * HALF\n"
            "LAST = []\nLAST.append(7)"
        ),
        code("def times(A, B):\n    return A @ B * TABLE[2] * LAST[0] / 7"),
        heading("Q1"),
        code(f"class Linear(Module):\n{INIT}{FORWARD.replace('X @ self.W', 'times(X, self.W)')}{BACKWARD}"),
    ]
    assembled = chunk(read(tmp_path, *cells))
    works(run(assembled))
    assert "this_is_not_installed" not in assembled.modules and "nowhere" not in assembled.modules


def test_work_is_never_taken(tmp_path):
    cells = [
        code(IMPORT + "raise SystemExit"),
        heading("Q1"),
        code(LINEAR),
        code("name = input()\nopen('grades.csv', 'w').write(name)\nwhile True:\n    Linear(2, 2)\n"),
        code("if __name__ == '__main__':\n    Linear = None\n"),
        code("import matplotlib.pyplot as plt\nplt.plot([1])\nLinear(1, 1).forward(X)"),
    ]
    assembled = chunk(read(tmp_path, *cells))
    works(run(assembled))
    text = "\n".join(piece.source for piece in assembled.pieces)
    for never in ("SystemExit", "input(", "open(", "while", "plt", "__main__"):
        assert never not in text


def test_the_nearest_binding_above_wins(tmp_path):
    sources = ["FACTOR = 5", "FACTOR = 1", None, "FACTOR = 9"]
    cells = [code(IMPORT)]
    for source in sources:
        cells.append(code(source) if source else code(LINEAR.replace("X @ self.W", "FACTOR * X @ self.W")))
    works(run(chunk(read(tmp_path, heading("Q1"), *cells))))


def test_what_stands_below_is_moved_up(tmp_path):
    """Cells are run in any order; a base class or a decorator may stand below."""
    works(run(chunk(read(tmp_path, heading("Q1"), code(LINEAR), code(BASE), code(IMPORT)))))


def test_q6_does_not_leak_into_q1(tmp_path):
    l2 = LINEAR.replace("lr * X.T @ dY", "lr * (X.T @ dY + 2 * LAM * self.W)")
    evidence = read(tmp_path, code(IMPORT), heading("Q1"), code(LINEAR), heading("Q6"), code("LAM = 0.1\n" + l2))
    first, sixth = run(chunk(evidence)), run(chunk(evidence, section="Q6"))
    works(first)
    assert "LAM" not in first and sixth["LAM"] == 0.1


@pytest.mark.parametrize(
    "late",
    [
        "def fwd(self, X):\n    return X @ self.W + self.b\nLinear.forward = fwd",
        "def fwd(self, X):\n    return X @ self.W + self.b\nsetattr(Linear, 'forward', fwd)",
        "Linear.forward = lambda self, X: X @ self.W + self.b",
        "class Linear(Linear):\n    def forward(self, X):\n        return X @ self.W + self.b",
        "class Better(Linear):\n    def forward(self, X):\n        return X @ self.W + self.b\nLinear = Better",
        "def whole(cls):\n    cls.forward = lambda self, X: X @ self.W + self.b\n    return cls\n"
        "Linear = whole(Linear)",
    ],
)
def test_a_class_finished_later(tmp_path, late):
    init = INIT.replace("super(Linear, self)", "super()")
    stub = f"class Linear(Module):\n{init}    def forward(self, X):\n        pass\n{BACKWARD}"
    works(run(chunk(read(tmp_path, code(IMPORT), heading("Q1"), code(stub), code(late)))))


def test_a_patch_after_the_next_definition_is_not_for_this_one(tmp_path):
    cells = [code(IMPORT), heading("Q1"), code(LINEAR), heading("Q6"), code(LINEAR), code("Linear.forward = None")]
    works(run(chunk(read(tmp_path, *cells))))


@pytest.mark.parametrize(("section", "reaches"), [("Q6", False), ("Q4", True)])
def test_a_patch_under_another_question_that_asks_for_the_class_is_not_for_this_one(tmp_path, section, reaches):
    cells = [code(IMPORT), heading("Q1"), code(LINEAR), heading(section), code("Linear.forward = None")]
    assert (run(chunk(read(tmp_path, *cells)))["Linear"].forward is None) == reaches


def test_settings_stay(tmp_path):
    assembled = chunk(read(tmp_path, code(IMPORT + "np.seterr(all='ignore')\nprint(1)"), heading("Q1"), code(LINEAR)))
    assert [p.source for p in assembled.pieces if "seterr" in p.source] and not [
        p for p in assembled.pieces if "print" in p.source
    ]


def test_a_name_of_another_spelling_is_bound(tmp_path):
    evidence = read(tmp_path, code(IMPORT), heading("Q1"), code(LINEAR.replace("Linear", "linear")))
    works(run(chunk(evidence)))


def test_annotations_and_the_bodies_of_unused_functions_need_nothing(tmp_path):
    source = LINEAR.replace("def forward(self, X)", "def forward(self, X: NDArray) -> Tensor")
    assembled = chunk(read(tmp_path, code(IMPORT), heading("Q1"), code(source)))
    assert not assembled.unresolved
    works(run(assembled))


def test_unknown_names_are_told_and_work_is_taken_only_when_asked(tmp_path):
    source = LINEAR.replace("X @ self.W", "X @ self.W * one")
    cells = [code(IMPORT), code("for one in range(2):\n    print(one)"), heading("Q1"), code(source)]
    evidence = read(tmp_path, *cells)
    assert chunk(evidence).unresolved == {"one"}
    generous = chunk(evidence, generous=True)
    assert not generous.unresolved
    works(run(generous))


def test_star_imports_are_the_last_resort(tmp_path):
    source = LINEAR.replace("X @ self.W", "X @ self.W * cos(0)")
    assembled = chunk(read(tmp_path, code(IMPORT + "from math import *"), heading("Q1"), code(source)))
    works(run(assembled))
    assert "math" in assembled.modules


@pytest.mark.parametrize(
    ("line", "use"),
    [
        ("from layers import Linear", ""),
        ("from layers import *", ""),
        ("from .layers import Linear", ""),
        ("import layers as L", "class Linear(L.Linear):\n    def more(self):\n        return 1"),
        ("import layers", "Linear = layers.Linear"),
        ("from layers import Linear as Lin", "class Linear(Lin):\n    def more(self):\n        return 1"),
    ],
)
def test_sibling_files_are_read_through(tmp_path, line, use):
    main = notebook(code(f"import numpy as np\n{line}"), heading("Q1"), code(use))
    layers = f"{IMPORT}print('work')\n{BASE}\n{LINEAR.replace('super(Linear, self)', 'super()')}"
    works(run(chunk(read_files(tmp_path, {"hw.ipynb": main, "layers.py": layers}))))


def test_a_file_that_hides_numpy_never_counts(tmp_path):
    main = notebook(code(IMPORT), heading("Q1"), code(LINEAR))
    evidence = read_files(tmp_path, {"hw.ipynb": main, "numpy.py": "def zeros(*_):\n    raise SystemExit\n"})
    assert evidence.files[0] == "hw.ipynb"
    works(run(chunk(evidence)))


def test_pieces_say_where_they_stand(tmp_path):
    evidence = read(tmp_path, code(IMPORT), heading("Q1"), code("# one\n\n" + LINEAR))
    piece = chunk(evidence).pieces[-1]
    assert (piece.name, piece.first_line) == ("hw.ipynb, cell 3", 3)


def test_a_class_within_a_block(tmp_path):
    indented = "".join(f"    {line}\n" for line in LINEAR.splitlines())
    for head, tail in (
        ("if True:\n", ""),
        ("try:\n", "except ImportError:\n    pass\n"),
        ("with np.errstate():\n", ""),
    ):
        works(run(chunk(read(tmp_path, code(IMPORT), heading("Q1"), code(head + indented + tail)))))


def test_conditional_imports_run_whole(tmp_path):
    source = "try:\n    import cupy_of_nowhere as xp\nexcept ImportError:\n    import numpy as xp\n"
    cells = [code(IMPORT + source), heading("Q1"), code(LINEAR.replace("X @ self.W", "xp.dot(X, self.W)"))]
    works(run(chunk(read(tmp_path, *cells))))


def test_the_choice_is_what_the_name_means(tmp_path):
    """A scratch redefinition below never replaces the class that was chosen."""
    evidence = read(
        tmp_path, code(IMPORT), heading("Q1"), code(LINEAR), heading("Q4"), code("class Linear(Module):\n    pass")
    )
    choice = choose(evidence, "Linear", "Q1", sheet())
    assert choice.definition is not None and choice.definition.place.cell == 3
    works(run(chunk(evidence)))


def test_star_imports_replace_builtins_too(tmp_path):
    source = LINEAR.replace("dY.sum(0, keepdims=True)", "sum(dY, axis=0, keepdims=True)")
    works(run(chunk(read(tmp_path, code("from numpy import *\n" + IMPORT), heading("Q1"), code(source)))))


def test_a_file_written_by_a_cell(tmp_path):
    written = f"%%writefile layers.py\n{IMPORT}def times(A, B):\n    return A @ B\n"
    cells = [
        code(written),
        code("from layers import times"),
        heading("Q1"),
        code(LINEAR.replace("X @ self.W", "times(X, self.W)")),
    ]
    works(run(chunk(read(tmp_path, *cells))))


def test_another_name_beside_the_real_one(tmp_path):
    """The earlier class calls `super(Linear, self)`: binding the name anew must not make that go round in circles."""
    child = "class LinearL2(Linear):\n    def forward(self, X):\n        return super().forward(X)\n"
    evidence = read(tmp_path, code(IMPORT), heading("Q1"), code(LINEAR), heading("Q6"), code(child))
    choice = choose(evidence, "Linear", "Q6", sheet(), prefer=("l2",))
    assert choice.definition is not None and choice.definition.names == ("LinearL2",)
    works(run(assemble(evidence, {"Linear": choice.definition}, sheet())))
