"""Notebooks and scripts as they come: both formats, every encoding, damaged ones, notebook-only syntax."""

from __future__ import annotations

import json

import pytest

from grader.intake.choose import choose
from grader.intake.document import Unreadable
from grader.intake.magics import to_python
from grader.intake.notebook import read_notebook
from grader.intake.script import read_script
from grader.intake.text import decode

from .builders import IMPORT, LINEAR, chunk, code, heading, md, notebook, read, read_files, run, sheet

WORDS = "# Привет, 线性层, سلام, ñandú\n"


def test_format_3(tmp_path):
    cells = [
        {"cell_type": "heading", "level": 4, "source": ["Q1 (2 points)"]},
        {
            "cell_type": "code",
            "input": LINEAR.splitlines(True),
            "outputs": [{"output_type": "stream", "text": ["seen\n"]}],
            "language": "python",
        },
    ]
    tree = {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]}
    evidence = read_files(tmp_path, {"hw.ipynb": json.dumps(tree)})
    assert "Linear" in run(chunk(evidence)) and evidence.answers["Q1"].outputs == ("seen\n",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings(tmp_path, encoding):
    text = json.dumps({"cells": [heading("Q1"), code(WORDS + LINEAR)]}, ensure_ascii=False)
    evidence = read_files(tmp_path, {"hw.ipynb": text.encode(encoding)})
    assert evidence.unreadable is None and evidence.cells[1].source.startswith(WORDS)


@pytest.mark.parametrize(
    ("encoding", "words"), [("gb18030", "线性层的前向传播"), ("latin-1", "Übung für Größe, él niño")]
)
def test_older_encodings(encoding, words):
    assert decode(f"x = 1  # {words}\n".encode(encoding)) == f"x = 1  # {words}\n"


def test_coding_cookies_and_line_ends():
    source = "# -*- coding: cp1251 -*-\r\nname = 'Привет'\r\n"
    document = read_script("hw.py", source.encode("cp1251"))
    assert "name = 'Привет'" in document.blocks[-1].source.split("\n")
    assert read_script("hw.py", b"# coding: rot13\nx = 1\n").blocks, (
        "a cookie that names no text encoding is passed over"
    )
    assert read_script("hw.py", b"# coding: no-such\nx = 1\r").blocks


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b'{"cells": [{"cell_type": "code", "source": "x', "breaks off at line 1"),
        (b'{"cells": [\n{"cell_type": "code",', "breaks off at line 2"),
        (b'{"cells": [1 2]}', "damaged"),
        (b"<html>login please</html>", "does not begin like one at line 1"),
        (b"[1, 2]", "no list of cells"),
        (b'{"a": 1}', "no list of cells"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000, "nested too deeply"),
    ],
)
def test_an_unreadable_notebook_is_a_sentence(data, words):
    with pytest.raises(Unreadable) as caught:
        read_notebook("hw.ipynb", data)
    assert "hw.ipynb" in str(caught.value) and words in str(caught.value) and str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "cell",
    [
        None,
        3,
        "text",
        [],
        {},
        {"cell_type": "code"},
        {"cell_type": None, "source": 3},
        {"cell_type": "code", "source": [1, None, "x"]},
        {"cell_type": "code", "source": "x", "outputs": "none"},
        {"cell_type": "code", "source": "x", "outputs": [None, {"data": 3}, {"text": {}}]},
        {"cell_type": "markdown", "source": "x", "attachments": {"a.png": {"image/png": "!!!"}, "b": 3}},
        {"cell_type": "raw", "source": "x"},
        {"cell_type": "code", "source": "\ud800 = 1"},
        {"cell_type": "code", "source": "x\0y"},
        {"cell_type": "code", "outputs": [{"output_type": "error", "traceback": 3, "ename": None}]},
    ],
)
def test_missing_and_odd_parts_of_a_cell_cost_nothing(tmp_path, cell):
    evidence = read(tmp_path, heading("Q1"), cell, code(IMPORT), code(LINEAR))
    assert evidence.unreadable is None and "Linear" in run(chunk(evidence))
    json.dumps([c.source for c in evidence.cells], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5000,
        "-" * 100_000 + "1",
        "1+" * 20_000 + "1",
        "a" + ".b" * 20_000,
        "not " * 50_000 + "1",
        "x" + "[0]" * 20_000,
        "if a:\n pass\n" + "elif b:\n pass\n" * 1500,
        "f" + "()" * 20_000,
        "lambda:" * 20_000 + "1",
        "a if b else " * 20_000 + "1",
        "\n".join(" " * i + "if 1:" for i in range(300)),
        "9" * 10_000,
        "f'{" * 300,
        "'''",
        '"""' * 3,
        "x = 0x" + "f" * 200_000,
        "{a:" * 5000,
    ],
)
def test_no_source_breaks_the_reader(tmp_path, source):
    evidence = read(tmp_path, heading("Q1"), code(source), code(IMPORT), code(LINEAR))
    assert "Linear" in run(chunk(evidence))
    read_files(tmp_path, {"hw.py": source})


def test_a_script_that_is_no_text(tmp_path):
    evidence = read_files(tmp_path, {"hw.py": b"\x7fELF\0\0\1\0\0\xff\xfe\0" * 50})
    assert evidence.unreadable is not None and "hw.py" in evidence.unreadable


def test_a_notebook_by_another_name(tmp_path):
    assert "Linear" in run(chunk(read_files(tmp_path, {"hw.py": notebook(heading("Q1"), code(LINEAR))})))


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\nx = 1",
        "!pip install torch\nx = 1",
        "pip install torch\nx = 1",
        "!wget http://a.b \\\n  -O c\nx = 1",
        "%%time\nx = 1",
        "\n%%capture out\nx = 1",
        "np.zeros?\nx = 1",
        "?np.zeros\nx = 1",
        "    x = 1\n    y = 2",
        "files = !ls\nx = 1",
        "now = %pwd\nx = 1",
        "if True:\n    !ls\nx = 1",
        "%time x = 1",
        "%load_ext autoreload\n%autoreload 2\ny = (7\n     % 4)\nx = 1",
    ],
)
def test_notebook_only_syntax(source):
    namespace = {"get_ipython": lambda: __import__("unittest.mock").mock.MagicMock()}
    python = to_python(source)
    assert python.count("\n") == source.count("\n"), "lines stay where they are"
    exec(python, namespace)
    assert namespace["x"] == 1


@pytest.mark.parametrize(
    "source", ["x = 7 % 4", "x = (7\n% 4)", "text = '''\n%matplotlib inline\n!ls\n'''", "ls = [1]\ncd = ls"]
)
def test_ordinary_python_is_left_alone(source):
    assert to_python(source) == source


def test_other_languages_in_a_cell_are_no_code():
    assert to_python("%%bash\nrm -rf /\nls") == "\n\n"


def test_ipython_is_not_imported_for_plain_magics():
    import subprocess
    import sys

    program = (
        "import sys; from grader.intake.magics import to_python as t;"
        "t('%matplotlib inline\\nx=1'); t('!ls'); t('class A:\\n  x = \\n');"
        "assert 'IPython' not in sys.modules; t('for i in x:\\n  a = (\\n !ls'); assert 'IPython' in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_magic_in_the_cell_of_the_class(tmp_path):
    evidence = read(tmp_path, heading("Q1"), code(f"%%time\n{IMPORT}\n!ls\n{LINEAR}"))
    definition = choose(evidence, "Linear", "Q1", sheet()).definition
    assert definition is not None and definition.place.line == 5
    run(chunk(evidence))


def test_exported_scripts(tmp_path):
    text = (
        "#!/usr/bin/env python\n# coding: utf-8\n\n# # Programming Assignment 3\n\n# In[1]:\n\n\n"
        f"get_ipython().run_line_magic('matplotlib', 'inline')\n{IMPORT}\n"
        f"# #### Q1 (2 points). Implement\n\n# In[2]:\n\n\n{LINEAR}\n\n"
        "# #### Q4 (2 points). In the training\n\n# Sigmoid saturates.\n\n# In[ ]:\n\n\nx = 1\n"
    )
    evidence = read_files(tmp_path, {"hw.py": text})
    definition = choose(evidence, "Linear", "Q1", sheet()).definition
    assert definition is not None and definition.section == "Q1"
    assert text.split("\n")[definition.place.line - 1] == "class Linear(Module):"
    assert evidence.answers["Q4"].text.strip() == "Sigmoid saturates."
    assert "Linear" in run(chunk(evidence))


def test_percent_scripts(tmp_path):
    text = (
        f"# %%\n{IMPORT}# %% [markdown]\n# #### Q1 (2 points)\n# %%\n{LINEAR}"
        "# %% [markdown]\n# #### Q5 (2 points)\n# It is linear then.\n"
    )
    evidence = read_files(tmp_path, {"hw.py": text})
    assert [d.section for d in evidence.definitions if d.kind == "class"] == ["Q1"]
    assert evidence.answers["Q5"].text.strip() == "It is linear then."


def test_a_comment_in_the_first_column_does_not_split_a_class(tmp_path):
    source = IMPORT + LINEAR.replace("    def backward", "# ---- Q3 is below\n    def backward")
    for name, text in (("hw.py", source), ("broken.py", source + "\nx = = 1\n")):
        evidence = read_files(tmp_path / name, {name: text})
        definition = choose(evidence, "Linear", "Q1", sheet()).definition
        assert definition is not None and definition.method("backward") is not None
        run(chunk(evidence))


def test_tabs(tmp_path):
    source = IMPORT + LINEAR.replace("    ", "\t")
    mixed = IMPORT + LINEAR.replace("        return X", "\treturn X")
    for text in (source, mixed):
        assert "Linear" in run(chunk(read_files(tmp_path, {"hw.py": text})))


def test_places_in_a_script_count_from_its_top(tmp_path):
    evidence = read_files(tmp_path, {"hw.py": f"# one\n\n{IMPORT}\n'''Q1'''\n\n{LINEAR}"})
    definition = choose(evidence, "Linear", "Q1", sheet()).definition
    assert str(definition.place) == "hw.py, line 7" and definition.method("__init__").line == 8
    assert md("x")["cell_type"] == "markdown"
