"""Choosing: the definition that a question means, among copies, scratch cells, other questions and near misses."""

from __future__ import annotations

import pytest

from grader.intake.choose import choose

from .builders import (
    BACKWARD,
    BASE,
    FORWARD,
    IMPORT,
    INIT,
    LINEAR,
    code,
    heading,
    md,
    notebook,
    read,
    read_files,
    sheet,
    template,
)

STUB = f"""class Linear(Module):
{INIT}
    def forward(self, X):
        pass
    def backward(self, X, dY, lr=0.05):
        pass
"""
RELU = """class ReLU(Module):
    def forward(self, X):
        return np.maximum(X, 0)
    def backward(self, X, dY):
        return (X > 0) * dY
"""
L2 = LINEAR.replace("lr * X.T @ dY", "lr * (X.T @ dY + 2 * self.lam * self.W)").replace("n, k)", "n, k, lam=0.1)", 1)
AVOID = ("l2", "lambda", "lam", "reg", "weight_decay")


def chosen(evidence, entry="Linear", section="Q1", **more):
    return choose(evidence, entry, section, sheet(), **more)


def cell(choice):
    assert choice.definition is not None, choice
    return choice.definition.place.cell


def test_each_question_takes_the_class_of_its_own_section(tmp_path):
    evidence = read(tmp_path, heading("Q1"), code(LINEAR), heading("Q6"), code(L2))
    assert cell(chosen(evidence)) == 2
    assert cell(chosen(evidence, section="Q6")) == 4
    assert not chosen(evidence).notes


def test_an_empty_q6_does_not_spoil_q1_and_gets_no_marks_for_it(tmp_path):
    evidence = read(tmp_path, heading("Q1"), code(LINEAR), heading("Q6"), code(STUB))
    assert cell(chosen(evidence)) == 2
    sixth = chosen(evidence, section="Q6", prefer=AVOID)
    assert sixth.blank and cell(sixth) == 4
    assert chosen(evidence, section="Q6").notes, "a class from elsewhere is never taken without a word"


def test_q6_solved_in_the_first_class_counts(tmp_path):
    evidence = read(tmp_path, heading("Q1"), code(L2), heading("Q6"), code(STUB))
    assert cell(chosen(evidence, section="Q6", prefer=AVOID)) == 2


def test_the_last_filled_in_one_of_a_section(tmp_path):
    evidence = read(
        tmp_path, heading("Q1"), code(LINEAR), code(LINEAR + "    # better\n"), code(STUB), heading("Q6"), code(STUB)
    )
    choice = chosen(evidence)
    assert cell(choice) == 3
    assert any("2 times" in note for note in choice.notes)


def test_a_scratch_cell_elsewhere_comes_before_another_questions_class(tmp_path):
    evidence = read(tmp_path, heading("Q1"), code(STUB), heading("Q4"), code(LINEAR), heading("Q6"), code(L2))
    choice = chosen(evidence)
    assert cell(choice) == 4 and any("Q4" in note for note in choice.notes)


def test_another_questions_class_is_taken_with_a_note_when_there_is_no_other(tmp_path):
    evidence = read(tmp_path, heading("Q1"), code(STUB), heading("Q6"), code(L2))
    choice = chosen(evidence)
    assert cell(choice) == 4 and choice.notes


def test_a_script_without_headings(tmp_path):
    evidence = read_files(tmp_path, {"hw.py": f"{IMPORT}\n{BASE}\n{LINEAR}\n\n{L2}"})
    first, sixth = chosen(evidence, avoid=AVOID), chosen(evidence, section="Q6", prefer=AVOID)
    assert first.definition is not None and "self.lam" not in first.definition.source
    assert sixth.definition is not None and "self.lam" in sixth.definition.source


def test_the_keyword_lambda_is_no_regularisation(tmp_path):
    plain = LINEAR.replace("return X @", "f = lambda v: v\n        return X @")
    evidence = read_files(tmp_path, {"hw.py": f"{IMPORT}\n{LINEAR}\n{plain}\n{L2}"})
    choice = chosen(evidence, avoid=AVOID)
    assert choice.definition is not None and "lambda v" in choice.definition.source


@pytest.mark.parametrize(
    "comment",
    [
        "# Q{n}",
        "#Q{n} layer",
        "# ---- Question {n}: the layer",
        "# === Q {n} ===",
        "## Q{n} (2 points)",
        '"""Question {n}."""',
        "# %% Q{n}",
    ],
)
def test_script_comments_are_headings(tmp_path, comment):
    source = f"{IMPORT}\n{comment.format(n=1)}\n{LINEAR}\n\n{comment.format(n=6)}\n{L2}"
    evidence = read_files(tmp_path, {"hw.py": source})
    assert {d.section for d in evidence.definitions if d.kind == "class"} == {"Q1", "Q6"}
    assert "self.lam" in chosen(evidence, section="Q6").definition.source


@pytest.mark.parametrize(
    "line",
    [
        "Q7",
        "**Q7.** Loss",
        "Question 7",
        "### Question 7: loss",
        "#### Q7 (2 points): Implement",
        "# q 7",
        "<h4>Q7</h4>",
        "## **Q7**",
        "Q7:",
    ],
)
def test_markdown_headings(line):
    assert sheet().heading(line, False) == "Q7"


@pytest.mark.parametrize(
    "line",
    [
        "Q7 was harder than I thought because the logits are large",
        "See Q7",
        "### Background for Q9 & Q10",
        "Q77",
        "# Quiz 7",
        "",
        "#",
        "Q1.5 x",
    ],
)
def test_no_headings(line):
    assert sheet().heading(line, False) is None


@pytest.mark.parametrize("name", ["linear", "LINEAR", "Linear_", "_linear"])
def test_other_spellings_of_the_class_are_judged(tmp_path, name):
    choice = chosen(read(tmp_path, heading("Q1"), code(LINEAR.replace("Linear", name))))
    assert cell(choice) == 2 and any(name in note for note in choice.notes)


def test_a_variable_is_not_the_class(tmp_path):
    evidence = read(tmp_path, heading("Q1"), code(LINEAR), code("linear = Linear(2, 2)\nrelu = linear"))
    assert chosen(evidence).definition.kind == "class"
    assert chosen(evidence, "ReLU", "Q3").definition is None


@pytest.mark.parametrize("name", ["Lineer", "LinearLayer", "Liner"])
def test_near_names_are_said(tmp_path, name):
    choice = chosen(read(tmp_path, heading("Q1"), code(LINEAR.replace("Linear", name))))
    assert choice.definition is None and choice.near == name


def test_far_names_are_not(tmp_path):
    choice = chosen(read(tmp_path, heading("Q1"), code(LINEAR.replace("Linear", "Dense"))))
    assert choice.definition is None and choice.near is None


@pytest.mark.parametrize(
    ("wrote", "wanted"),
    [
        ("foward", "forward"),
        ("backword", "backward"),
        ("__int__", "__init__"),
        ("init", "__init__"),
        ("Forward", "forward"),
        ("back_ward", "backward"),
    ],
)
def test_misspelt_methods_are_said(tmp_path, wrote, wanted):
    source = LINEAR.replace(f"def {wanted}(", f"def {wrote}(")
    choice = chosen(read(tmp_path, heading("Q1"), code(source)))
    assert choice.misspelt == ((wrote, wanted),)
    assert not chosen(
        read(tmp_path, heading("Q1"), code(LINEAR + "    def reset(self):\n        self.W[:] = 0\n"))
    ).misspelt


def test_a_variant_by_name_serves_q6(tmp_path):
    evidence = read(
        tmp_path, heading("Q1"), code(LINEAR), heading("Q6"), code(STUB), code(L2.replace("Linear", "LinearL2"))
    )
    choice = chosen(evidence, section="Q6", prefer=AVOID)
    assert choice.definition is not None and choice.definition.names == ("LinearL2",)
    assert cell(chosen(evidence)) == 2


def test_a_broken_class_is_a_problem_with_its_place(tmp_path):
    broken = LINEAR.replace("class Linear(Module):", "class Linear(Module)")
    choice = chosen(read(tmp_path, heading("Q1"), code(broken)))
    assert choice.definition is None and "cell 2" in choice.problem and "line 1" in choice.problem


def test_a_broken_method_leaves_the_other_one(tmp_path):
    broken = f"class Linear(Module):\n{INIT}{FORWARD}{BACKWARD.replace('dY @ self.W.T', '(dY @ self.W.T')}"
    choice = chosen(read(tmp_path, heading("Q1"), code("x = 1"), code(broken)))
    assert choice.definition is not None
    assert "never closed" in choice.problem and "line 9" in choice.problem
    assert choice.definition.method("forward").line == 6


def test_a_broken_cell_costs_no_other_class(tmp_path):
    source = f"x = = 3\n{RELU}\nlayers = [\n# first\nReLU(),\n]\n{LINEAR}\nprint 'done'\nsizes = [\n1,\n]"
    evidence = read(tmp_path, heading("Q1"), code(source))
    assert chosen(evidence).definition is not None and chosen(evidence, "ReLU", "Q3").definition is not None
    assert {"layers", "sizes"} <= {name for d in evidence.definitions if d.kind == "assign" for name in d.names}
    assert next(d.problem for d in evidence.definitions if d.kind == "broken").startswith("line 1")


def test_files_named_by_their_question(tmp_path):
    evidence = read_files(tmp_path, {"Q1.py": IMPORT + LINEAR, "Q6.py": IMPORT + L2})
    assert chosen(evidence).definition.place.file == "Q1.py"
    assert chosen(evidence, section="Q6").definition.place.file == "Q6.py"


def test_the_main_file_first_then_the_others(tmp_path):
    files = {
        "hw.ipynb": notebook(heading("Q1"), code(LINEAR), heading("Q3"), code(RELU)),
        "old.py": LINEAR,
        "conv.py": "class Conv1d:\n    def forward(self, X):\n        return X\n",
    }
    evidence = read_files(tmp_path, files)
    assert chosen(evidence).definition.place.file == "hw.ipynb"
    other = chosen(evidence, "Conv1d", "Q10")
    assert other.definition.place.file == "conv.py" and any("conv.py" in note for note in other.notes)


def test_markdown_can_carry_the_heading_and_the_answer(tmp_path):
    evidence = read(
        tmp_path, md("Some text\n\n#### Q1 (2 points). x\n\nmine"), code(LINEAR), md("text\n\n**Q6.** more"), code(L2)
    )
    assert [d.section for d in evidence.definitions] == ["Q1", "Q6"]


def test_the_line_of_a_problem_in_a_script_counts_from_its_top(tmp_path):
    evidence = read_files(
        tmp_path, {"hw.py": f"{IMPORT}\n# Q1\n{LINEAR.replace('Linear(Module):', 'Linear(Module)')}\n# Q3\nx = 1\n"}
    )
    assert "line 4" in chosen(evidence).problem


CONSTRUCTOR = """{before}class Linear(Module):
    def __init__(self, n, k):
        self.W, self.b = np.zeros((n, k)), np.zeros((1, k))
        {given}
"""
FUNCTIONS = """def forth(X):
    return np.maximum(X, 0)
def back(X, dY, lr=0.05):
    return dY
def todo(X):
    pass
"""


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ("self.forward = lambda X: X @ self.W + self.b", True),
        ("self.forward, self.backward = forth, back", True),
        ("self.forward = types.MethodType(forth, self)", True),
        ("def inner(X):\n            return X @ self.W\n        self.forward = inner", True),
        ("self.forward = lambda X: None", False),
        ("self.forward = None", False),
        ("self.forward, self.scale = todo, n", False),
        ("self.EPS, self.n = EPS, n", False),
    ],
)
def test_methods_given_in_the_constructor(tmp_path, given, filled):
    """A class filled in that way is judged, and not Q6's in its place; one that gets nothing stays blank."""
    source = CONSTRUCTOR.format(before=FUNCTIONS, given=given)
    evidence = read(tmp_path, code(IMPORT + BASE), heading("Q1"), code(source), heading("Q6"), code(L2))
    assert cell(chosen(evidence)) == (3 if filled else 5)
    alone = read(tmp_path, code(IMPORT + BASE), heading("Q1"), code(source))
    assert chosen(alone).blank == (not filled)


def test_a_class_made_by_a_function(tmp_path):
    made = "def make(base):\n    class Linear(base):\n        {body}\n    return Linear\nLinear = make(Module)"
    full = made.format(body="def forward(self, X):\n            return X @ self.W")
    cells = [code(BASE), heading("Q1"), code(full), heading("Q6"), code(L2)]
    assert cell(chosen(read(tmp_path, *cells))) == 3
    cells[2] = code(made.format(body="def forward(self, X):\n            pass"))
    assert cell(chosen(read(tmp_path, *cells))) == 5


def test_a_layer_of_a_framework_is_what_was_handed_in(tmp_path):
    """It is not passed over in favour of Q6's class."""
    framework = "class Linear(nn.Linear):\n    def __init__(self, n, k):\n        super().__init__(n, k)\n"
    cells = [code("import torch.nn as nn"), heading("Q1"), code(framework), heading("Q6"), code(L2)]
    assert cell(chosen(read(tmp_path, *cells))) == 3
    cells[2] = code(framework.replace("nn.Linear", "nn.Module").replace("(n, k)\n", "()\n"))
    assert cell(chosen(read(tmp_path, *cells))) == 5


def sixth():
    """Q6's cell as the sheet has it, with L2 filled in."""
    source = next("".join(c["source"]) for c in template()["cells"] if c.get("id") == "q6-code")
    return code(L2 + "\nlayers = [" + source.split("layers = [", 1)[1])


@pytest.mark.parametrize("headings", [(), ("Q1",), ("Q1", "Q7")])
def test_the_sheets_own_lines_tell_where_a_heading_is_gone(tmp_path, headings):
    plain = L2.replace("lam", "strength")  # no word of it tells
    cells = {"Q1": code(LINEAR), "Q6": code(sixth()["source"].replace(L2, plain)), "Q7": code("x = 1")}
    shown = [c for q, c in cells.items() for c in ([heading(q), c] if q in headings else [c])]
    evidence = read(tmp_path, *shown)
    first = chosen(evidence)
    assert "strength" not in first.definition.source
    unknown = read(tmp_path, *shown[:-2], code(plain)) if headings else read(tmp_path, code(LINEAR), code(plain))
    assert "strength" in chosen(unknown).definition.source, "without those lines the last one counts, as ever"
