"""Answers: what the student wrote, printed and drew, without the sheet's own text."""

from __future__ import annotations

import base64
import copy

import pytest

from grader.intake.sheet import normal_text

from .builders import code, heading, md, notebook, read, read_files, sheet, template

PNG = base64.b64encode(b"\x89PNG one").decode()


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def filled(changes):
    """The sheet's notebook with some cells replaced: {cell number: source}."""
    tree = copy.deepcopy(template())
    for number, source in changes.items():
        tree["cells"][number - 1]["source"] = source
    return notebook(*tree["cells"])


def numbers():
    return {normal_text("".join(cell["source"]))[:40]: number for number, cell in enumerate(template()["cells"], 1)}


def cell_with(start):
    return next(
        number for number, cell in enumerate(template()["cells"], 1) if "".join(cell["source"]).startswith(start)
    )


def test_what_is_written_below_your_answer(tmp_path):
    q5 = cell_with("#### Q5")
    evidence = read_files(
        tmp_path, {"hw.ipynb": filled({q5 + 1: "*Your answer:* The net is **linear** then.\n\n- one\n- two"})}
    )
    assert evidence.answers["Q5"].text.strip() == "The net is **linear** then.\n\n- one\n- two"
    assert [str(place) for place in evidence.answers["Q5"].places] == [f"hw.ipynb, cell {q5 + 1}"]
    assert all(answer.empty for question, answer in evidence.answers.items() if question != "Q5")


def test_an_answer_within_the_questions_own_cell(tmp_path):
    q9 = cell_with("#### Q9")
    source = "".join(template()["cells"][q9 - 1]["source"]) + "\n\n$$\n\\frac{\\partial l}{\\partial b} = \\sum g\n$$\n"
    answer = read_files(tmp_path, {"hw.ipynb": filled({q9: source})}).answers["Q9"].text
    assert answer.strip() == "$$\n\\frac{\\partial l}{\\partial b} = \\sum g\n$$"


def test_an_answer_at_the_end_of_a_line_of_the_sheet(tmp_path):
    q5 = cell_with("#### Q5")
    source = "".join(template()["cells"][q5 - 1]["source"]).rstrip() + " Without them it is a line."
    assert (
        read_files(tmp_path, {"hw.ipynb": filled({q5: source})}).answers["Q5"].text.strip()
        == "Without them it is a line."
    )


def test_two_questions_in_one_cell(tmp_path):
    answers = read(
        tmp_path, md("#### Q4 (2 points)\nslow\n#### Q5 (2 points)\nlinear\n```\n#### Q8 no heading here\n```")
    ).answers
    assert answers["Q4"].text.strip() == "slow"
    assert (
        answers["Q5"].text.strip().startswith("linear")
        and "Q8 no heading" in answers["Q5"].text
        and answers["Q8"].empty
    )


def test_comments_and_prompts_are_no_answer(tmp_path):
    cells = [
        heading("Q4"),
        md("<!-- write\nhere -->\n**Your Answer:**\n\n---\n"),
        md("TODO"),
        {"cell_type": "raw", "source": "raw words"},
    ]
    assert read(tmp_path, *cells).answers["Q4"].text.strip() == "raw words"
    assert read(tmp_path / "b", *cells[:3]).answers["Q4"].empty


def test_outputs(tmp_path):
    outputs = [
        stream(["epoch 0\n", "epoch 1\n"]),
        {"output_type": "execute_result", "data": {"text/plain": "0.5", "image/png": PNG}, "metadata": {}},
        {
            "output_type": "error",
            "ename": "NameError",
            "evalue": "x",
            "traceback": ["---", "\x1b[0;31mNameError\x1b[0m: x"],
        },
    ]
    answer = read(tmp_path, heading("Q8"), code("train()", outputs)).answers["Q8"]
    assert answer.outputs == ("epoch 0\nepoch 1\n", "0.5", "NameError: x")
    assert [picture.data for picture in answer.pictures] == [b"\x89PNG one"]


def test_a_flood_of_output_keeps_its_ends(tmp_path):
    flood = "first\n" + "loss\n" * 100_000 + "last"
    (output,) = read(tmp_path, heading("Q8"), code("train()", [stream(flood)])).answers["Q8"].outputs
    assert len(output) < 10_000 and output.startswith("first") and output.endswith("last") and "left out" in output


def test_pictures_of_every_kind(tmp_path):
    shown = md(
        f"![a](attachment:a.png) ![b](plots/b.png) <img src='c.png'> ![d](data:image/png;base64,{PNG}) ![](./fig1.png)",
        attachments={"a.png": {"image/png": PNG}},
    )
    files = {
        "hw.ipynb": notebook(heading("Q8"), shown),
        "plots/b.png": b"two",
        "c.png": b"three",
        "fig1.png": b"the sheet's",
        "d.png": b"unused",
    }
    pictures = [picture.data for picture in read_files(tmp_path, files).answers["Q8"].pictures]
    assert sorted(pictures) == sorted([b"\x89PNG one", b"\x89PNG one", b"three", b"two"])
    assert PNG not in read_files(tmp_path, files).answers["Q8"].text


def test_pictures_of_the_sheet_are_not_the_students(tmp_path):
    evidence = read_files(tmp_path, {"hw.ipynb": notebook(*template()["cells"]), "fig1.png": b"x", "conv1d.png": b"y"})
    assert all(answer.empty for answer in evidence.answers.values())


def test_words_in_code_cells_and_scripts(tmp_path):
    in_notebook = read(tmp_path, heading("Q4"), code("# ReLU is faster\n# by far"), code("x = 1  # no answer")).answers[
        "Q4"
    ]
    assert in_notebook.text.strip() == "ReLU is faster\nby far"
    script = "# Q4\n# ReLU is faster\nx = 1\n'''\nQuestion 5: the net is linear\nall the way\n'''\n"
    answers = read_files(tmp_path / "b", {"hw.py": script}).answers
    assert "ReLU is faster" in answers["Q4"].text
    assert (
        "all the way" in answers["Q5"].text
        and "linear" in answers["Q5"].text
        and "all the way" not in answers["Q4"].text
    )


def test_words_in_one_file_and_code_in_another(tmp_path):
    files = {
        "hw.py": "class ReLU:\n    def forward(self, X):\n        return X * (X > 0)\n",
        "answers.md": "## Q5\nlinear\n",
    }
    evidence = read_files(tmp_path, files)
    assert evidence.files[0] == "hw.py" and "linear" in evidence.answers["Q5"].text


def test_the_sheet_knows_itself():
    found = sheet()
    assert dict(found.to_fill) == {
        "Linear": ("Q1", "Q6"),
        "ReLU": ("Q3",),
        "CrossEntropyLoss": ("Q7",),
        "Conv1d": ("Q10",),
    }
    assert {"Module", "Sigmoid", "MSELoss", "SimpleNN", "np", "plt", "torch", "nn", "tqdm"} <= set(found.provided)
    assert not {"Linear", "ReLU", "model", "x"} & set(found.provided)


@pytest.mark.parametrize(
    "line",
    [
        "## Aufgabe 5", "### Задание 5: линейная сеть", "**Pregunta 5.**", "## سوال ۵", "## 题目 5：去掉激活层",
        "# 문제 5", "## Exercise 5",
        "**5)** Try to remove all the activation layers. Compare the results.",
        "Try to remove all the activation layers. Compare the results and analyze the role of activation layers.",
    ],
)  # fmt: skip
def test_headings_in_other_words(tmp_path, line):
    cells = [md(line), md("It is linear then.")]
    answers = read(tmp_path, heading("Q1"), *cells).answers
    assert "It is linear then." in answers["Q5"].text


@pytest.mark.parametrize(
    "line", ["Task 5 was hard", "## Task 1.5", "## Part 5", "My exercise 5", "We tried to remove 5"]
)
def test_lines_that_are_no_heading(tmp_path, line):
    assert read(tmp_path, heading("Q4"), md(line), md("It is linear then.")).answers["Q5"].empty


def test_answers_below_lost_headings_are_for_a_person(tmp_path):
    """Without headings everything may answer anything; where one is gone, what stands under the code before it."""
    loose = read(tmp_path, md("Y = [[8, 4], [14, 7]]"), code("x = 1"), md("The net is linear.")).answers
    assert all("[[8, 4]" in answer.text and "linear" in answer.text for answer in loose.values())
    lost = read(tmp_path, heading("Q3"), code("x = 1"), md("Sigmoid is slow."), heading("Q5"), md("linear")).answers
    assert lost["Q4"].text.strip() == "Sigmoid is slow." and lost["Q5"].text.strip() == "linear"
    assert lost["Q8"].empty, "what stands under Q5 is read there"


def test_no_words_are_no_answer_without_headings_either(tmp_path):
    bare = [c for c in template()["cells"] if not "".join(c["source"]).startswith("#### Q")]
    assert all(answer.empty for answer in read(tmp_path, *bare).answers.values())
    assert read_files(tmp_path, {"hw.py": "# my work\nx = 1\n"}).answers["Q4"].empty
