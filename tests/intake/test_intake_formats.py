"""Other ways to hand in cells: marimo, R Markdown, Quarto, Markdown with code; syntax of a later Python."""

from __future__ import annotations

import textwrap

import numpy as np
import pytest

from grader.intake.choose import choose
from grader.intake.marimo import unwrapped
from grader.intake.newer import older

from .builders import BASE, IMPORT, LINEAR, chunk, code, heading, notebook, read_files, run, sheet

RELU = """class ReLU(Module):
    def forward(self, X):
        return np.maximum(X, 0)
    def backward(self, X, dY):
        return (X > 0) * dY
"""
ANSWER = "Without activations the net is one line."
MARIMO = f'''import marimo

__generated_with = "0.14.0"
app = marimo.App(width="medium")

with app.setup:
    import marimo as mo
    import numpy as np

{textwrap.indent(BASE, "    ")}

@app.cell(hide_code=True)
def _():
    mo.md(r"""## Q1""")
    return


@app.class_definition
{LINEAR}

@app.cell
async def _(Module):
{textwrap.indent(RELU, "    ")}
    return (ReLU,)


@app.cell
def _(mo):
    mo.md(
        f"""
    ## Q5

    {ANSWER}
    """
    )
    return
'''


def works(evidence) -> None:
    """Linear and ReLU of the hand-in compute what the sheet prints."""
    made = run(chunk(evidence))["Linear"](2, 2)
    made.W = np.array([[2.0, 1.0], [2.0, 1.0]])
    assert made.forward(np.array([[1.0, 3.0], [2.0, 5.0]])).tolist() == [[8, 4], [14, 7]]
    relu = run(chunk(evidence, "ReLU", "Q3"))["ReLU"]()
    assert relu.forward(np.array([[2.0, -2.0]])).tolist() == [[2, 0]]


def test_a_marimo_notebook(tmp_path):
    evidence = read_files(tmp_path, {"pa3.py": MARIMO})
    works(evidence)
    assert evidence.answers["Q5"].text.strip() == ANSWER
    line = choose(evidence, "ReLU", "Q3", sheet()).definition.place.line
    assert MARIMO.split("\n")[line - 1].strip() == "class ReLU(Module):", "places are those of the student's own file"


def test_only_marimo_is_unwrapped():
    plain = MARIMO.replace("import marimo\n", "import flask\n", 1).replace("import marimo as mo", "import os as mo")
    assert unwrapped(plain) == plain
    broken = MARIMO + "\n(((\n"
    assert unwrapped(broken) == broken


@pytest.mark.parametrize(
    ("name", "opening"),
    [
        ("pa3.Rmd", "```{python}"),
        ("pa3.Rmd", "```{python echo=FALSE}"),
        ("pa3.qmd", "```{python}\n#| echo: true"),
        ("pa3.md", "```{code-cell} ipython3\n:tags: [hide-input]"),
        ("pa3.md", "~~~python"),
    ],
)
def test_markdown_with_code(tmp_path, name, opening):
    fence = opening[:3]
    cells = [f"{opening}\n{source}\n{fence}" for source in (IMPORT + BASE, LINEAR, RELU)]
    text = "\n\n".join([cells[0], "#### Q1", cells[1], "#### Q3", cells[2], f"#### Q5\n{ANSWER}"])
    evidence = read_files(tmp_path, {name: text})
    works(evidence)
    assert evidence.answers["Q5"].text.strip() == ANSWER


def test_code_quoted_in_a_report_is_not_what_is_judged(tmp_path):
    quoted = f"#### Q1\n```python\n{LINEAR.replace('X @ self.W', 'X')}\n```\n"
    files = {"report.md": quoted, "a_long_name.ipynb": notebook(code(IMPORT + BASE), heading("Q1"), code(LINEAR))}
    evidence = read_files(tmp_path, files)
    assert [d.place.file for d in evidence.definitions if "Linear" in d.names] == ["a_long_name.ipynb"]
    for text in ("#### Q5\nNo code.", "```r\nx <- 1\n```", "```\nx = 1\n```"):
        assert "no notebook" in (read_files(tmp_path, {"report.md": text}).unreadable or "")


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("d = {'a': 1}\nvalue = f\"{d[\"a\"]} and {d[\"a\"]:.1f}\"", "1 and 1.0"),
        ("d = {'a': 1}\nvalue = f'{d['a']}' + \"it's\" + f\"{d['a']}\"", "1it's1"),
        ("value = f\"{\", \".join(f\"{i}\" for i in (1, 2))}\"", "1, 2"),
        ("def first[T](xs):\n    return xs[0]\nvalue = first([3])", 3),
        ("class Box[T: int]:\n    held = 4\nvalue = Box().held", 4),
        ("type Number = int\nvalue = Number(5)", 5),
    ],
)  # fmt: skip
def test_a_later_python_in_the_words_of_this_one(source, value):
    """What each line is worth in Python 3.12 was written down by hand."""
    namespace = {}
    exec(older(source), namespace)
    assert namespace["value"] == value
    assert older(source).count("\n") == source.count("\n")


@pytest.mark.parametrize(
    "source", ['x = f"{a}" + "b{" + "c"', 'd = {"a": f"{y}", "b": 1}', "type = 3", "x[0](1)", "def f(x=[1]): pass"]
)
def test_what_every_python_reads_is_left_alone(source):
    assert older(source) == source


def test_a_class_in_a_later_python_is_read(tmp_path):
    newer = LINEAR.replace("def forward(self, X)", "def forward[T](self, X: T) -> T")
    cells = [code(IMPORT + BASE), heading("Q1"), code(newer), code(RELU)]
    works(read_files(tmp_path, {"hw.ipynb": notebook(*cells)}))
    broken = newer.replace("X @ self.W", "X @ @ self.W")
    evidence = read_files(tmp_path, {"hw.ipynb": notebook(cells[0], cells[1], code(broken))})
    assert choose(evidence, "Linear", "Q1", sheet()).problem, "what no Python reads stays broken"
