"""`--mnist`: MNIST's own files in place of the small sample, from the command line to whoever trains on digits."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import cast

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner

from grader import session
from grader.batch import fingerprint
from grader.catalogue import homework
from grader.cli import main
from grader.course import open_course
from grader.grade import grade_submission
from grader.intake.discover import Submission, discover
from grader.material import Material
from grader.model import QuestionReport
from grader.rubric import Homework
from grader.runner import Runner
from reference_solutions import training

EXAMPLE = Path(__file__).parent.parent / "submissions_example" / "numpy_layers" / "kwame.py"


@pytest.fixture(scope="module")
def mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files laid out as MNIST's, with 50 and 20 noisy images of each digit that a net can tell apart."""
    folder = tmp_path_factory.mktemp("digits") / "raw"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for part, each in (("train", 50), ("t10k", 20)):
        labels = rng.permutation(np.repeat(np.arange(10), each))
        images = rng.integers(0, 60, (len(labels), 28, 28))
        images[np.arange(len(labels)), 2 * labels] += 190
        for name, array, magic in (("images-idx3", images, 0x803), ("labels-idx1", labels, 0x801)):
            head = struct.pack(f">I{array.ndim}I", magic, *array.shape)
            (folder / f"{part}-{name}-ubyte").write_bytes(head + array.astype(np.uint8).tobytes())
    return folder.parent


def command(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    return result.exit_code, result.output


def test_the_tables_print_the_outcomes_and_the_command_that_computed_them(tmp_path: Path) -> None:
    for style in ("text", "markdown"):
        code, printed = command("tables", "numpy_layers", "--as", style)
        assert code == 0
        for text in ("python -m reference_solutions.training --freeze", "3974 to 4310", "0.2032", "73.5 to 77", "Q10"):
            assert text in printed
    code, printed = command("tables", "numpy_layers", "--as", "xlsx", "--out", tmp_path)
    sheet = openpyxl.load_workbook(Path(printed.strip())).active
    assert sheet is not None
    rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    row = next(row for row in rows if row[:1] == ["Q5 none 100"])
    assert row[1] == 100
    assert row[-1] == pytest.approx(0.2032)


def test_the_tables_train_anew_on_the_files_given(mnist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = ((training.Classification("Q7", 0.03, 2), 2),)
    monkeypatch.setattr(training, "CLASSIFICATIONS", quick)
    monkeypatch.setattr("rubrics.numpy_layers.tables.CLASSIFICATIONS", quick)
    code, printed = command("tables", "numpy_layers", "--mnist", mnist)
    assert code == 0
    assert "MNIST's own files" in printed
    recognised = printed.split("% of the validation digits")[1].splitlines()[2].split()
    assert recognised[:3] == ["Q7", "0.03", "1"]  # set-up, learning rate, seeds
    assert float(recognised[-1]) > 50


@pytest.mark.parametrize(
    "arguments", [("tables", "numpy_layers"), ("submissions", EXAMPLE, "--homework", "numpy_layers")]
)
def test_a_folder_without_the_files_is_wrong_use(arguments: tuple[str, ...], tmp_path: Path) -> None:
    code, printed = command(*arguments, "--mnist", tmp_path)
    assert code == 2
    assert "train-images-idx3-ubyte" in printed
    assert "Traceback" not in printed


def test_a_homework_without_digits_takes_no_mnist(mnist: Path) -> None:
    code, printed = command("tables", "matrix_calculus", "--mnist", mnist)
    assert (code, "uses no digits" in printed) == (2, True)


def test_the_folder_reaches_the_judge_and_changes_the_fingerprint(mnist: Path) -> None:
    seen: list[Path | None] = []

    def judge(material: Material) -> tuple[QuestionReport, ...]:
        seen.append(material.mnist)
        return ()

    own = Homework("own", "Own", sheet=None, sources=[], judge=judge)
    for folder in (None, mnist):
        grade_submission(discover(EXAMPLE)[0], open_course(own, 0, mnist=folder), cast(Runner, None))
    assert seen == [None, mnist]
    digests = {fingerprint(open_course(own, 0, mnist=folder), []) for folder in (None, mnist, mnist.parent)}
    assert len(digests) == 3
    assert fingerprint(open_course(own, 0, mnist=mnist), []) in digests


def test_the_plan_carries_the_wish(mnist: Path) -> None:
    plan = session.plan(EXAMPLE, session.Wishes(key="numpy_layers", mnist=mnist))
    assert plan.runs[0].wishes.mnist == mnist
    assert isinstance(plan.runs[0].submissions[0], Submission)
    assert homework("numpy_layers").digits is not None
