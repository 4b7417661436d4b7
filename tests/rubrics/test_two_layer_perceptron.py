"""Sheet 003 graded: faults named, right answers of every kind kept whole, doubtful ones left to a human."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.catalogue import homework
from grader.client import Worker, torch_available
from grader.course import Course, open_course
from grader.grade import grade_submission
from grader.intake.discover import submission_at
from grader.model import LabelReport, Place, Status, SubmissionReport
from grader.runner import Runner
from reference_solutions.two_layer_perceptron import Mazur, Perceptron
from rubrics.two_layer_perceptron.claims import FORMATS, VARIANTS, markdown_table, saved_outputs
from rubrics.two_layer_perceptron.documents import figures_of_output
from rubrics.two_layer_perceptron.faults import FAULTS, Fault
from rubrics.two_layer_perceptron.meanings import Answers
from rubrics.two_layer_perceptron.tables import table_lines
from rubrics.two_layer_perceptron.verdicts import judge_source

KEY = "two_layer_perceptron"
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "submissions_example" / KEY
STUDENTS = sorted(path.name.removesuffix(".expected.json") for path in EXAMPLES.glob("*.expected.json"))
RIGHT = Perceptron().outcomes()
needs_torch = pytest.mark.skipif(not torch_available(), reason="PyTorch is not installed")


@pytest.fixture(scope="module")
def course() -> Course:
    return open_course(homework(KEY), seed=0)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    torch = "torch" if torch_available() else "standin"
    with Worker(torch="auto" if torch == "torch" else "standin") as worker:
        yield Runner(worker, torch)


@pytest.fixture
def grade(course: Course, runner: Runner, tmp_path: Path) -> Any:
    def grade(text: str, name: str = "hand_in.ipynb", **more: str) -> SubmissionReport:
        """One file, or a folder of files where there are `more` (``net_py="…"``)."""
        folder = tmp_path / "hand_in" if more else tmp_path
        folder.mkdir(exist_ok=True)
        for file, content in {
            name: text,
            **{file.replace("_", "."): content for file, content in more.items()},
        }.items():
            (folder / file).write_text(content, encoding="utf-8")
        return grade_submission(submission_at(folder if more else folder / name), course, runner)

    return grade


def notebook(*cells: str | tuple[str, str]) -> str:
    """A notebook: a text that begins with # and a space is Markdown, a pair is code and what it printed."""
    made: list[dict[str, Any]] = []
    for cell in cells:
        source, printed = cell if isinstance(cell, tuple) else (cell, "")
        if source.startswith("# "):
            made.append({"cell_type": "markdown", "metadata": {}, "source": source})
            continue
        outputs = [{"output_type": "stream", "name": "stdout", "text": printed}] if printed else []
        made.append({"cell_type": "code", "metadata": {}, "execution_count": 1, "source": source, "outputs": outputs})
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def labels(report: SubmissionReport) -> dict[str, LabelReport]:
    return {f"{question.id}.{label.label}": label for question in report.questions for label in question.labels}


def variant(name: str) -> str:
    return (VARIANTS / name).read_text(encoding="utf-8")


# -- the example class


@pytest.mark.parametrize("student", STUDENTS)
def test_example_student_gets_what_is_due(student: str, course: Course, runner: Runner) -> None:
    due = json.loads((EXAMPLES / f"{student}.expected.json").read_text(encoding="utf-8"))
    path = next(path for path in EXAMPLES.iterdir() if path.stem == student and path.suffix != ".json")
    report = grade_submission(submission_at(path), course, runner)
    assert (report.status.value, report.score, report.pending) == (due["status"], due["score"], due["pending"])
    for question in report.questions:
        want = due["questions"][question.id]
        assert (question.status.value, question.earned) == (want["status"], want["earned"]), question.id
        for label in question.labels:
            mark = want["labels"][label.label]
            assert (label.status.value, label.earned) == (mark["status"], mark["earned"]), (question.id, label)
            assert list(label.faults[:1]) == mark["faults"], (question.id, label)
    assert len(report.flags) == len(due["flags"])
    assert all(came.startswith(flag) for came, flag in zip(report.flags, due["flags"], strict=True))


def test_points_add_up_to_ten() -> None:
    assert sum(question.points for question in homework(KEY).questions) == 10
    assert [question.id for question in homework(KEY).questions] == [
        "forward", "update1", "update2", "training", "prediction", "gradient",
    ]  # fmt: skip


# -- faults


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_a_fault_loses_what_it_declares_and_is_named(fault: Fault, grade: Any) -> None:
    report = labels(grade(saved_outputs(fault.outcomes, 8)))
    lost = {name for name, label in report.items() if label.status is not Status.PASSED}
    assert lost == set(fault.labels)
    named = {label.faults[0] for label in report.values() if label.faults}
    assert named == {fault.id}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_with_four_digits_in_a_table_a_fault_costs_nothing_else(fault: Fault, grade: Any) -> None:
    report = labels(grade(markdown_table(fault.outcomes, 4), "hand_in.md"))
    lost = {name for name, label in report.items() if label.status is not Status.PASSED}
    assert lost and lost <= set(fault.labels)
    assert next(label.faults[0] for label in report.values() if label.faults) == fault.id


@pytest.mark.parametrize("digits", [4, 5, 8])
@pytest.mark.parametrize(("way", "name", "write"), FORMATS)
def test_the_reference_keeps_every_mark(way: str, name: str, write: Any, digits: int, grade: Any) -> None:
    report = grade(write(RIGHT, digits), name)
    assert (report.score, report.flags) == (10, ())


# -- right answers written differently


@pytest.mark.parametrize("path", sorted(VARIANTS.iterdir()), ids=lambda path: path.name)
def test_a_right_variant_keeps_every_mark(path: Path, grade: Any) -> None:
    if "torch" in path.name and not torch_available():
        pytest.skip("PyTorch is not installed")
    report = grade(path.read_text(encoding="utf-8"), path.name)
    assert {name: label for name, label in labels(report).items() if label.status is not Status.PASSED} == {}


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("every", [1, 5, 20, 25])
def test_any_epochs_may_be_printed(start: int, every: int, grade: Any) -> None:
    lines = [f"Epoch {e + start} loss={RIGHT.losses[e]:.6f}" for e in range(0, 100, every)]
    report = labels(grade(notebook(("", "\n".join(lines)))))
    assert report["training.losses"].status is Status.PASSED


@pytest.mark.parametrize(
    "line",
    [
        "print({e: round(l, 6) for e, l in enumerate(losses) if e % 10 == 0})",
        "for e in range(0, 100, 10): print(f'{e:03d} --> {losses[e]:.6e}')",
        "for e in range(0, 100, 10): print(f'loss {losses[e]:.6f} at epoch {e}')",
        "for e in range(0, 100, 10): print('E[%d] = %.6f' % (e, losses[e]))",
        "for e in range(0, 100, 10): print('第', e, '轮, 损失:', losses[e])",
        "for e in range(0, 100, 10): print('Epoch:', e, '\\nLoss:', losses[e], '\\noutput:', [0.5, 0.7])",
    ],
)
def test_losses_in_any_print(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    for factor, kind in ((1.0, "right"), (1.5, "wrong")):
        exec(line, {"losses": [float(loss) * factor for loss in RIGHT.losses]})
        found = judge_source(Answers(figures_of_output(capsys.readouterr().out, Place("x")), strict=False))
        assert found["training.losses"].kind == kind


def test_a_training_gone_on_with_is_named_and_what_follows_from_it_kept(grade: Any) -> None:
    fault = next(known for known in FAULTS if known.id == "perceptron.not-reinitialised")
    report = labels(grade(saved_outputs(fault.outcomes, 8)))
    assert "own earlier numbers" in " ".join(report["prediction.prediction"].notes)


def test_too_short_a_curve_waits_and_a_shifting_one_is_wrong(grade: Any) -> None:
    short = [f"Epoch {e} loss={RIGHT.losses[e]:.6f}" for e in (0, 10)]
    assert labels(grade(notebook(("", "\n".join(short)))))["training.losses"].status is Status.NEEDS_HUMAN
    # the count slips by one in every line: no way of counting explains it
    wrong = [f"Epoch {e} loss={RIGHT.losses[e // 2]:.6f}" for e in range(0, 100, 10)]
    assert labels(grade(notebook(("", "\n".join(wrong)))))["training.losses"].status is Status.FAILED


# -- trust: the run before saved outputs before text


CODE = variant("functions.py")


def test_the_report_says_what_was_judged(grade: Any) -> None:
    ran = grade(notebook(CODE))
    assert ran.score == 10
    assert all("the notebook's run" in question.notes[0] for question in ran.questions)
    saved = grade(saved_outputs(RIGHT, 4))
    assert all("saved outputs" in question.notes[0] for question in saved.questions)
    table = grade(markdown_table(RIGHT, 4), "hand_in.md")
    assert all("text and tables" in question.notes[0] for question in table.questions)


def test_outputs_better_than_the_code_are_flagged_and_earn_nothing_by_themselves(grade: Any) -> None:
    wrong = CODE.replace("lr=0.5", "lr=0.05")
    assert wrong != CODE
    right_outputs = "\n".join(table_lines_of_right())
    report = grade(notebook((wrong, right_outputs)))
    assert report.score < 4
    assert any("disagree" in flag for flag in report.flags)
    assert labels(report)["update1.W2"].status is Status.NEEDS_HUMAN


def table_lines_of_right() -> list[str]:
    lines = list(table_lines("text"))
    return lines[: lines.index("Mazur's page: the biases are not updated")]


def test_stale_outputs_do_not_hurt_right_code(grade: Any) -> None:
    stale = "after 1 update: b1 = 0.3491, b2 = 0.5950"
    report = grade(notebook((CODE, stale)))
    assert report.score == 10
    assert any("disagree" in flag for flag in report.flags)


def test_text_that_claims_more_than_the_code_gives_counts_for_nothing(grade: Any) -> None:
    wrong = CODE.replace("lr=0.5", "lr=0.05")
    report = grade(notebook(wrong, f"# Results\n\n{markdown_table(RIGHT, 4)}"))
    assert labels(report)["update1.W2"].faults[0] == "perceptron.rate-tenth"
    assert labels(report)["training.losses"].status is Status.FAILED


def test_right_numbers_that_wrong_code_only_holds_earn_nothing(grade: Any) -> None:
    wrong = CODE.replace("lr=0.5", "lr=0.05")
    held = "W2_after_1 = [[0.3589, 0.4087], [0.5113, 0.5614]]\nprint('after 1 update: W2 =', W2_after_1)"
    report = labels(grade(notebook(f"{wrong}\n{held}")))
    assert report["update1.W2"].status is Status.NEEDS_HUMAN
    assert report["forward.loss"].status is Status.PASSED
    # computed as well, though nothing but rounded numbers is ever shown, beside those that were expected
    function = "def main():\n" + "\n".join(f"    {line}" for line in f"{CODE}\n{held}".split("\n")) + "\nmain()"
    honest = grade(notebook(function.replace('if __name__ == "__main__":', "if True:")))
    assert (honest.score, honest.flags) == (10, ())


def test_numbers_that_code_only_prints_are_flagged(grade: Any) -> None:
    report = grade(notebook('print("loss: 0.298371")\nprint("b1 after 1 update = 0.3406")'))
    assert any("does not compute" in flag for flag in report.flags)


def test_right_numbers_copied_into_code_that_gets_others_are_flagged(grade: Any) -> None:
    wrong = CODE.replace("lr=0.5", "lr=0.05")
    copied = 'print("after 1 update: W1 = [[0.1498, 0.1996], [0.2498, 0.2995]], b1 = 0.3406")'
    report = grade(notebook(f"{wrong}\n{copied}"))
    assert any("stand in the code itself (W1, b1)" in flag for flag in report.flags)
    honest = grade(notebook(f"{CODE}\nassert np.allclose(p1['W1'], [[0.1498, 0.1996], [0.2498, 0.2995]], atol=1e-4)"))
    assert (honest.score, honest.flags) == (10, ())


# -- code that is run


def test_mazurs_variant_is_recognised_and_named(grade: Any) -> None:
    fixed = CODE.replace(
        "return {k: p[k] - lr * g[k] for k in p}",
        "return {k: p[k] if k[0] == 'b' else p[k] - lr * g[k] for k in p}",
    )
    report = grade(notebook(fixed))
    lost = {name: label for name, label in labels(report).items() if label.status is not Status.PASSED}
    assert lost.keys() == {"update1.b1", "update1.b2"}
    assert {label.faults[0] for label in lost.values()} == {"perceptron.biases-fixed"}
    assert any("Mazur" in flag for flag in report.flags)


def test_mazurs_numbers_without_any_bias_are_recognised(grade: Any) -> None:
    lines = [
        line for line in markdown_table(Mazur().outcomes(), 5).split("\n") if not line.startswith(("| b1", "| b2"))
    ]
    report = labels(grade("\n".join(lines), "hand_in.md"))
    assert {name for name, label in report.items() if label.status is not Status.PASSED} == {"update1.b1", "update1.b2"}


def test_another_way_is_not_accepted_on_the_strength_of_an_unchanged_bias(grade: Any) -> None:
    """Negative control: the initial listing holds 0.35 and 0.60 too."""
    report = labels(grade(notebook(("", "W1 = [[0.15, 0.20], [0.25, 0.30]]\nb1 = 0.35\nloss: 0.298371"))))
    assert report["forward.loss"].status is Status.PASSED
    assert {label.status for name, label in report.items() if name != "forward.loss"} <= {
        Status.MISSING,
        Status.FAILED,
        Status.NEEDS_HUMAN,
    }


CLASS = variant("class_alone.py")


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("delta1.sum()", "delta1[0]", "bias-one-unit"),
        (
            "(self.output - targets) * self.output * (1 - self.output)",
            "(self.output - targets)",
            "output-slope-forgotten",
        ),
        ("self.weights2.T @ delta2", "self.weights2 @ delta2", "not-transposed"),
    ],
)
def test_a_class_alone_is_driven_and_its_slip_named(right: str, wrong: str, fault: str, grade: Any) -> None:
    if fault == "bias-one-unit":
        source = CLASS.replace("delta2.sum()", "delta2[0]").replace(right, wrong)
    else:
        source = CLASS.replace(right, wrong)
    assert source != CLASS
    report = grade(source, "hand_in.py")
    named = [label.faults[0] for label in labels(report).values() if label.faults]
    assert named and set(named) == {f"perceptron.{fault}"}
    assert labels(report)["forward.loss"].status is Status.PASSED


@pytest.mark.parametrize(
    ("name", "right", "wrong", "fault"),
    [
        ("spanish_functions.py", ".sum(), pesos_2=", ".mean(), pesos_2=", None),
        ("spanish_functions.py", "* salida * (1 - salida)", "* sigmoide(salida) * (1 - sigmoide(salida))", None),
        ("chinese_script.py", "np.sum(dZ", "(dZ", "bias-per-unit"),
        ("bias_in_a_column.py", "B.T @ d2", "B[:, :2] @ d2", "not-transposed"),
        ("biases_in_one_list.py", "* d2.sum()", "* d2[0]", None),
        ("biases_in_one_list.py", "red = Perceptron()\nerrores", "errores", "not-reinitialised"),
        ("columns_printed.py", "b[0] - 0.5 * sum(e), b[1] - 0.5 * sum(d)", "b[0], b[1]", "biases-fixed"),
        ("json_printed.py", "- 0.5 * g[k]", "- 0.05 * g[k]", "rate-tenth"),
        (
            "json_printed.py",
            "for k in p}\n        if",
            'for k in p} | {"b1": p["b1"]}\n        if',
            "hidden-bias-fixed",
        ),
        ("named_tuples.py", "range(100)", "range(99)", None),
        ("named_tuples.py", "lr=0.5", "lr=0.1", "rate-fifth"),
        ("named_tuples.py", "((fwd(p, x)[1] - t) ** 2).mean()", "((fwd(p, x)[1] - t) ** 2).sum()", "loss-shown-summed"),
    ],
)
def test_the_same_styles_with_one_slip(name: str, right: str, wrong: str, fault: str | None, grade: Any) -> None:
    """Negative control of the variants: a style that is read is not waved through."""
    source = variant(name).replace(right, wrong)
    assert source != variant(name)
    report = labels(grade(source, name))
    lost = {label for label, one in report.items() if one.status is not Status.PASSED}
    assert lost
    if fault is not None:
        declared = next(set(known.labels) for known in FAULTS if known.id == f"perceptron.{fault}")
        assert lost <= declared
        assert next(label.faults[0] for label in report.values() if label.faults) == f"perceptron.{fault}"


def test_a_missing_library_that_nothing_needs_costs_nothing(grade: Any) -> None:
    report = grade(notebook("from sklearn import datasets\nimport seaborn as sns, mycourse.helpers\n" + CODE))
    assert report.score == 10


def test_a_missing_library_that_is_needed_waits_for_a_human(grade: Any) -> None:
    report = grade(notebook("from scipy.special import expit\ny = expit(0.3)\nprint('loss', y)"))
    assert {label.status for label in labels(report).values()} == {Status.NEEDS_HUMAN}


def test_a_crash_names_the_students_own_line(grade: Any) -> None:
    report = grade(notebook("import numpy as np\nx = np.array([0.05, 0.1])\nsigmoid(x)"))
    label = labels(report)["forward.loss"]
    assert label.status is Status.CRASHED
    assert "`sigmoid(x)`" in label.message and "_recorder" not in label.message


def test_names_of_the_students_own_cannot_stand_in_the_way(grade: Any) -> None:
    report = grade(notebook("drive = numbers_in = written = np = Recorder = None\nimport numpy as np\n" + CODE))
    assert report.score == 10


@needs_torch
@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("nn.MSELoss()", "nn.MSELoss(reduction='sum')", "loss-summed"),
        ("optimizer.zero_grad()", "pass", "gradients-accumulated"),
        ("torch.Tensor([0.35])", "torch.Tensor([0.35, 0.35])", "bias-per-unit"),
    ],
)
def test_pytorch_notebooks_with_one_slip(right: str, wrong: str, fault: str, grade: Any) -> None:
    source = variant("torch_as_on_the_sheet.ipynb").replace(right, wrong)
    if fault == "bias-per-unit":
        source = source.replace("torch.Tensor([0.60])", "torch.Tensor([0.60, 0.60])")
    report = labels(grade(source))
    declared = next(set(known.labels) for known in FAULTS if known.id == f"perceptron.{fault}")
    assert {name for name, label in report.items() if label.status is not Status.PASSED} <= declared
    assert next(label.faults[0] for label in report.values() if label.faults) == f"perceptron.{fault}"


def test_without_pytorch_saved_outputs_count_and_the_rest_waits(course: Course, tmp_path: Path) -> None:
    bare = tmp_path / "bare.ipynb"
    bare.write_text(variant("torch_as_on_the_sheet.ipynb"), encoding="utf-8")
    with Worker(torch="standin") as worker:
        runner = Runner(worker, "standin")
        waits = grade_submission(submission_at(bare), course, runner)
        suffices = grade_submission(submission_at(EXAMPLES / "amara.ipynb"), course, runner)
    assert (waits.score, waits.pending) == (0, 10)
    assert (suffices.score, suffices.pending) == (10, 0)


def test_functions_that_only_train_and_go_forward_are_asked_for_the_prediction(grade: Any) -> None:
    source = """import numpy as np


def forward_pass(x, params):
    h = 1 / (1 + np.exp(-(params["W1"] @ x + params["b1"])))
    return h, 1 / (1 + np.exp(-(params["W2"] @ h + params["b2"])))


def train(x, target, params, lr=0.5, epochs=100):
    for _ in range(epochs):
        h, y = forward_pass(x, params)
        d2 = (y - target) * y * (1 - y)
        d1 = params["W2"].T @ d2 * h * (1 - h)
        steps = {"W1": np.outer(d1, x), "b1": d1.sum(), "W2": np.outer(d2, h), "b2": d2.sum()}
        params = {name: value - lr * steps[name] for name, value in params.items()}
    return params
"""
    report = labels(grade(source, "hand_in.py"))
    assert report["prediction.prediction"].status is report["training.W2"].status is Status.PASSED
    wrong = labels(grade(source.replace("h, 1 / (1 + ", "h, 1 / (2 + "), "hand_in.py"))
    assert wrong["prediction.prediction"].status is not Status.PASSED


def test_a_class_that_nobody_can_drive_waits_and_a_stub_is_missing(grade: Any) -> None:
    alone, _, _ = variant("biases_in_one_list.py").partition("\nred = ")
    assert {label.status for label in labels(grade(alone, "hand_in.py")).values()} == {Status.NEEDS_HUMAN}
    stub = "import math\n\n\ndef sigmoid(z):\n    return 1 / (1 + math.exp(-z))\n\n\ndef backward():\n    pass\n"
    assert {label.status for label in labels(grade(stub, "hand_in.py")).values()} == {Status.MISSING}


# -- several files

SETUP, _, USED = CODE.partition("x, t = ")
UPDATES, _, TRAINING = f"x, t = {USED}".partition('if __name__ == "__main__":')


def test_two_notebooks_are_one_hand_in(grade: Any) -> None:
    second = f"{SETUP}\nx, t = np.array([0.05, 0.1]), np.array([0.01, 0.99])\nif True:{TRAINING}"
    right = grade(notebook(f"{SETUP}\n{UPDATES}"), "part1.ipynb", part2_ipynb=notebook(second))
    assert (right.score, right.pending) == (10, 0)
    assert any("part2.ipynb" in note for question in right.questions for note in question.notes)
    slip = labels(
        grade(notebook(f"{SETUP}\n{UPDATES}"), "part1.ipynb", part2_ipynb=notebook(second.replace("lr=0.5", "lr=0.1")))
    )
    assert {name for name, label in slip.items() if label.status is Status.PASSED and label.label != "prediction"} == {
        "forward.loss", *(f"{step}.{part}" for step in ("update1", "update2") for part in ("W1", "b1", "W2", "b2")),
    }  # fmt: skip


def test_a_second_notebook_cannot_mend_what_the_first_gives(grade: Any) -> None:
    wrong = CODE.replace("lr=0.5", "lr=0.05")
    report = labels(grade(notebook(wrong), "a.ipynb", later_ipynb=notebook(CODE)))
    assert report["update1.W2"].faults[0] == "perceptron.rate-tenth"


@pytest.mark.parametrize("line", ["from net import *", "import net\nfrom net import init, forward, grads, step, np"])
def test_a_module_of_the_students_own_is_found(line: str, grade: Any) -> None:
    report = grade(f"{line}\n\n{UPDATES}\nif __name__ == '__main__':{TRAINING}", "main.py", net_py=SETUP)
    assert (report.score, report.pending) == (10, 0)
    wrong = SETUP.replace("d1.sum()", "d1.mean()").replace("d2.sum()", "d2.mean()")
    slip = grade(f"{line}\n\n{UPDATES}\nif __name__ == '__main__':{TRAINING}", "main.py", net_py=wrong)
    assert labels(slip)["update1.b1"].faults[0] == "perceptron.bias-averaged"


def test_options_of_a_script_are_read(grade: Any) -> None:
    parsed = (
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--lr', type=float, default=0.5)\n"
    )
    report = grade(f"{parsed}options = parser.parse_args()\n{CODE.replace('lr=0.5', 'lr=options.lr')}", "hand_in.py")
    assert (report.score, report.pending) == (10, 0)


# -- what is shown, and what only stands there


@pytest.mark.parametrize("shown", ['g["W1"].round(5)', '(-g["W2"]).round(5)'])
def test_a_wrong_gradient_that_is_shown_outweighs_a_right_one_that_is_held(shown: str, grade: Any) -> None:
    assert labels(grade(CODE, "hand_in.py"))["gradient.gradient"].status is Status.PASSED
    report = labels(grade(CODE.replace('g["W2"].round(5)', shown), "hand_in.py"))
    assert [name for name, label in report.items() if label.status is not Status.PASSED] == ["gradient.gradient"]
    silent = labels(grade(CODE.replace('    print("dE/dW2 =", g["W2"].round(5))', ""), "hand_in.py"))
    assert silent["gradient.gradient"].status is Status.PASSED


def test_gradients_of_the_first_steps_are_not_taken_for_the_last_one(grade: Any) -> None:
    text = markdown_table(RIGHT, 4)
    code = f"{SETUP}\n{UPDATES}\ndW1, dW2 = (grads(p1, x, t)[name] for name in ('W1', 'W2'))"
    report = labels(grade(notebook(code, f"# Training\n\n{text[text.index('| epoch') :]}")))
    assert report["gradient.gradient"].status is report["training.losses"].status is Status.PASSED


HELD = """import base64, json, zlib
import numpy as np
x = np.array([0.05, 0.10])
W = np.array([[0.15, 0.20], [0.25, 0.30]])
print("hidden", 1 / (1 + np.exp(-(W @ x + 0.35))))
D = json.loads(zlib.decompress(base64.b64decode("{blob}")))
for name, value in D.items():
    print("after 1 update", name, value)
"""


def test_right_numbers_held_in_another_form_earn_nothing(grade: Any) -> None:
    state = {part: np.asarray(getattr(RIGHT.update1, part)).tolist() for part in ("W1", "b1", "W2", "b2")}
    blob = base64.b64encode(zlib.compress(json.dumps(state).encode())).decode()
    report = grade(HELD.replace("{blob}", blob), "hand_in.py")
    assert {labels(report)[f"update1.{part}"].status for part in state} == {Status.NEEDS_HUMAN}
    assert any("stand in the code itself" in flag for flag in report.flags)


# -- text and tables


@pytest.mark.parametrize(
    ("name", "right", "wrong", "lost"),
    [
        ("matrix_blocks.csv", "0.24975,0.29950", "0.24975,0.29590", "update1.W1"),
        ("matrix_blocks.csv", "-0.00759,-0.00761", "0.00759,-0.00761", "gradient.gradient"),
        ("matrix_blocks.csv", "0.030484", "0.034084", "training.losses"),
        ("latex_layers.md", "0.4991", "0.4911", "update2.b2"),
    ],
)
def test_the_same_layouts_with_one_slip(name: str, right: str, wrong: str, lost: str, grade: Any) -> None:
    text = variant(name)
    assert right in text
    report = labels(grade(text.replace(right, wrong), name))
    assert {label for label, one in report.items() if one.status is not Status.PASSED} == {lost}


def _under(heading: str, table: str) -> str:
    text = markdown_table(RIGHT, 4)
    at = {"Prediction": text.index("Prediction for"), "Gradient": text.index("Gradient of")}[heading]
    rest = text[text.index("Gradient of") :] if heading == "Prediction" else ""
    return f"{text[:at]}## {heading}\n\n{table}\n\n{rest}"


@pytest.mark.parametrize(
    ("heading", "table", "wrong"),
    [
        ("Prediction", "| x1 | x2 | o1 | o2 |\n|-|-|-|-|\n| 0.06 | 0.12 | 0.1111 | 0.8918 |", "0.1118"),
        ("Prediction", "| input | out 1 | out 2 |\n|-|-|-|\n| (0.06, 0.12) | 0.1111 | 0.8918 |", "0.1118"),
        ("Gradient", "| 0.0080 | 0.0080 |\n|-|-|\n| -0.0076 | -0.0076 |", None),
        ("Gradient", "| | h1 | h2 |\n|-|-|-|\n| o1 | 0.0080 | 0.0080 |\n| o2 | -0.0076 | -0.0076 |", None),
    ],
)
def test_a_result_in_a_table_of_its_own(heading: str, table: str, wrong: str | None, grade: Any) -> None:
    report = grade(_under(heading, table), "hand_in.md")
    assert (report.score, report.pending) == (10, 0)
    slip = table.replace("0.1111", wrong) if wrong else table.replace("-0.0076 | -0.0076", "0.0076 | -0.0076")
    lost = {name for name, label in labels(grade(_under(heading, slip), "hand_in.md")).items() if not label.earned}
    assert lost == {f"{heading.lower()}.{heading.lower()}"}


@pytest.mark.parametrize(
    "words", [("Époque", "perte"), ("época", "pérdida"), ("Epoche", "Verlust"), ("Iteration", "cost")]
)
def test_a_curve_in_another_language(words: tuple[str, str], grade: Any) -> None:
    text = markdown_table(RIGHT, 4).replace("| epoch | loss |", f"| {words[0]} | {words[1]} |")
    assert labels(grade(text, "hand_in.md"))["training.losses"].status is Status.PASSED


def test_losses_without_epochs_wait(grade: Any) -> None:
    text = markdown_table(RIGHT, 4)
    begin, end = text.index("| epoch"), text.index("Prediction for")
    values = "\n".join(f"- then the loss was {loss:.5f}" for loss in RIGHT.losses[0:100:10])
    report = labels(grade(f"{text[:begin]}\n{values}\n\n{text[end:]}", "hand_in.md"))
    assert report["training.losses"].status is Status.NEEDS_HUMAN
    turned = "\n".join(reversed(values.split("\n")))
    wrong = labels(grade(f"{text[:begin]}\n{turned}\n\n{text[end:]}", "hand_in.md"))
    assert wrong["training.losses"].status is Status.MISSING


def test_a_long_paragraph_is_read_to_its_end(grade: Any) -> None:
    words = "Every hidden unit feeds both outputs, so two paths lead back to it. " * 20
    text = f"# Answers\n\n{words} After 1 update W2 = [[0.3589, 0.4087], [0.5113, 0.5614]], b2 = 0.5498."
    report = labels(grade(notebook(text)))
    assert report["update1.W2"].status is report["update1.b2"].status is Status.PASSED


def test_a_slip_in_a_table_costs_its_own_cell(grade: Any) -> None:
    text = markdown_table(RIGHT, 4)
    assert text.count("0.5498") == 1
    report = grade(text.replace("0.5498", "0.5489"), "hand_in.md")
    assert {name for name, label in labels(report).items() if label.status is not Status.PASSED} == {"update1.b2"}


def test_one_wrong_loss_of_ten_costs_a_tenth_of_the_curve(grade: Any) -> None:
    text = markdown_table(RIGHT, 4)
    assert "| 50 | 0.030484 |" in text
    label = labels(grade(text.replace("| 50 | 0.030484 |", "| 50 | 0.031484 |"), "hand_in.md"))["training.losses"]
    assert (label.status, label.earned) == (Status.PARTIAL, 1.8)


def test_a_second_update_that_is_right_for_the_students_own_first_one_is_not_charged_again(grade: Any) -> None:
    net = Perceptron()
    first = replace(RIGHT.update1, b2=np.array(0.5894))  # a slip by hand
    x, t = np.array([0.05, 0.10]), np.array([0.01, 0.99])
    second = net.update(first, net.gradients(first, x, t))
    report = labels(grade(markdown_table(replace(RIGHT, update1=first, update2=second), 5), "hand_in.md"))
    assert {name for name, label in report.items() if label.status is not Status.PASSED} == {"update1.b2"}
    assert "own earlier numbers" in " ".join(report["update2.b2"].notes)


@pytest.mark.parametrize("turned", [False, True])
def test_weights_written_the_other_way_round_are_followed_too(turned: bool, grade: Any) -> None:
    net = Perceptron()
    first = replace(RIGHT.update1, b2=np.array(0.5894))
    x, t = np.array([0.05, 0.10]), np.array([0.01, 0.99])
    second = net.update(first, net.gradients(first, x, t))
    lines = []
    for step, state in ((1, first), (2, second)):
        W1, W2 = (W.T if turned else W for W in (state.W1, state.W2))
        values = f"W1 = {W1.round(5).tolist()}, b1 = {state.b1:.5f}, W2 = {W2.round(5).tolist()}, b2 = {state.b2:.5f}"
        lines.append(f"After {step} update: {values}\n")
    report = labels(grade("\n".join(lines), "hand_in.md"))
    lost = {name for name, label in report.items() if name.startswith("update") and label.status is not Status.PASSED}
    assert lost == {"update1.b2"}


def test_steps_may_be_counted_from_zero(grade: Any) -> None:
    text = "## Iteration 0\n\nb1 = 0.3406, W2 = [[0.3589, 0.4087], [0.5113, 0.5614]]\n\n## Iteration 1\n\nb1 = 0.3327"
    report = labels(grade(text, "hand_in.md"))
    assert [report[name].status for name in ("update1.W2", "update1.b1", "update2.b1")] == [Status.PASSED] * 3
    start = "## Iteration 0\n\nb1 = 0.35, W2 = [[0.40, 0.45], [0.50, 0.55]]\n\n## Iteration 1\n\nb1 = 0.3327"
    assert labels(grade(start, "hand_in.md"))["update2.b1"].status is not Status.PASSED


@pytest.mark.parametrize("wrong", [False, True])
def test_a_long_table_with_a_column_of_steps(wrong: bool, grade: Any) -> None:
    rows = ["step,parameter,value"]
    for step, state in ((1, RIGHT.update1), (2, RIGHT.update2), (100, RIGHT.final)):
        rows += [f"{step},w{n},{w:.5f}" for n, w in enumerate([*state.W1.ravel(), *state.W2.ravel()], start=1)]
        rows += [f"{step},b1,{state.b1:.5f}", f"{step},b2,{state.b2:.5f}"]
    text = "\n".join(rows)
    report = labels(grade(text.replace("1,w5,0.35892", "1,w5,0.35982") if wrong else text, "hand_in.csv"))
    lost = {name for name, label in report.items() if label.status not in (Status.PASSED, Status.MISSING)}
    assert lost == ({"update1.W2"} if wrong else set())


def test_several_values_under_one_name_earn_nothing_unseen(grade: Any) -> None:
    text = "# Answers\n\nLoss 0.298371 or loss 0.596742\n\nAfter 1 update: b1 = 0.3406, b1 = 0.3313\n"
    report = labels(grade(text, "hand_in.md"))
    assert report["forward.loss"].status is report["update1.b1"].status is Status.NEEDS_HUMAN


def test_swapped_columns_are_wrong(grade: Any) -> None:
    text = markdown_table(RIGHT, 4).replace("after 1 update ", "A").replace("after 2 updates ", "after 1 update ")
    report = labels(grade(text.replace("A|", "after 2 updates |"), "hand_in.md"))
    assert report["update1.W2"].status is report["update2.W2"].status is Status.FAILED


@pytest.mark.parametrize(
    "text",
    [
        "I got first 0,298 as E. Then the w's became .1498/.1996/.2498/.2995 and so on; the last ones were 0.1731 ff.",
        "## After one update\n\nW1 = [[0.15, 0.20],[0.25,0.30]], b1=0.34, W2=[[0.36,0.41],[0.51,0.56]], b2=0.55",
        "See the attached photo.",
    ],
)
def test_what_cannot_be_read_is_never_a_zero(text: str, grade: Any) -> None:
    report = labels(grade(text, "hand_in.md"))
    assert report["update1.b1"].status is Status.NEEDS_HUMAN
    assert not any(label.status is Status.FAILED for label in report.values())


def test_the_blank_sheet_is_missing(grade: Any) -> None:
    sheet = homework(KEY).sheet.read_text(encoding="utf-8")
    report = grade(sheet)
    assert {label.status for label in labels(report).values()} == {Status.MISSING}
    assert (report.score, report.pending) == (0, 0)


def test_an_empty_notebook_is_missing(grade: Any) -> None:
    assert {label.status for label in labels(grade(notebook("", "pass"))).values()} == {Status.MISSING}


def test_a_derivation_in_mazurs_style_is_read_by_its_last_values(grade: Any) -> None:
    steps = [
        r"$E_{o1} = \frac{1}{2}(0.01 - 0.75136507)^2 = 0.274811083$ and $E_{o2} = 0.023560026$",
        r"$E_{total} = 0.274811083 + 0.023560026 = 0.298371109$",
        "## Output layer",
        r"$\frac{\partial E}{\partial w_5} = 0.74136507 * 0.186815602 * 0.593269992 = 0.082167041$",
        r"$w_5^{+} = w_5 - \eta \frac{\partial E}{\partial w_5} = 0.4 - 0.5 * 0.082167041 = 0.35891648$",
        "Similarly",
        "$w_6^{+} = 0.408666186$, $w_7^{+} = 0.511301270$, $w_8^{+} = 0.561370121$",
        "## Hidden layer",
        "$w_1^{+} = 0.15 - 0.5 * 0.000438568 = 0.149780716$, $w_2^{+} = 0.19956143$",
        "$w_3^{+} = 0.24975114$, $w_4^{+} = 0.29950229$",
    ]
    report = labels(grade("\n\n".join(steps), "hand_in.md"))
    assert {name for name, label in report.items() if label.status is Status.PASSED} == {
        "forward.loss", "update1.W1", "update1.W2",
    }  # fmt: skip
    slip = "\n\n".join(steps).replace("0.35891648", "0.43108352")  # the step taken uphill
    assert labels(grade(slip, "hand_in.md"))["update1.W2"].status is not Status.PASSED
