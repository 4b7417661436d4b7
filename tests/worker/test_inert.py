"""Inert packages: importing and calling them does nothing, and nothing of them passes for a number."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.worker.standins.inert import USUAL, Inert, InertFinder


@pytest.fixture(autouse=True)
def finder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The finder in front, and none of the packages loaded, before and after."""
    for name in [name for name in sys.modules if name.split(".")[0] in USUAL]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [InertFinder(USUAL), *sys.meta_path])
    yield
    for name in [name for name in sys.modules if name.split(".")[0] in USUAL]:
        del sys.modules[name]


def run(code: str, **given: Any) -> dict[str, Any]:
    space: dict[str, Any] = {"np": np, **given}
    exec(code, space)
    return space


IMPORTS = """
import matplotlib
import matplotlib.pyplot as plt
import matplotlib.animation, matplotlib.colors as mcolors
from matplotlib import pyplot, cm
from matplotlib.ticker import MaxNLocator
import torchvision
import torchvision.transforms as T
import torchvision.transforms.functional as TF
from torchvision import datasets, transforms
from torchvision.datasets import MNIST
from tqdm import tqdm, trange
from tqdm.notebook import tqdm as tqdm2
from tqdm.auto import tqdm as tqdm3, trange as trange3
from tqdm import tqdm_notebook, notebook
import tqdm as whole
import IPython.display as ipd
from IPython.display import display, clear_output, HTML
from IPython import get_ipython, display as show
import seaborn as sns
import PIL
from PIL import Image
"""


@pytest.mark.parametrize("line", IMPORTS.strip().splitlines())
def test_every_usual_import_works(line: str) -> None:
    run(line)


USES = """
plt.figure(figsize=(15, 8)); plt.plot([1], [2], label="init"); plt.legend(); plt.show()
fig, ax = plt.subplots(); ax.set_title("x"); fig.savefig("x.png")
fig, axes = plt.subplots(2, 2); axes[0, 1].plot([1]); axes.flat; [a.grid() for a in axes]
line, = plt.plot([1]); line.set_data([1], [2])
counts, edges, patches = plt.hist([1, 2, 3])
plt.rcParams["font.size"] = 12; plt.rcParams.update({"axes.grid": True}); plt.rc("font", size=3)
plt.style.use("ggplot"); plt.gca().xaxis.label.size = 3
for image, label in T.Compose([T.ToTensor()]): raise ValueError
if plt.get_fignums(): raise ValueError
assert len(MNIST("./data", download=False)) == 0
with plt.style.context("dark"): pass
text = f"{plt.gca()!r} {plt.gca():.2f} {plt.gca()}"
assert not isinstance(3, plt.Axes)
assert 3 not in plt.get_fignums()
import copy; copy.copy(plt.gca()); copy.deepcopy(plt.gca())
del plt.rcParams["font.size"]
""".strip().splitlines()


@pytest.mark.parametrize("line", USES)
def test_using_them_is_harmless(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(
        "import matplotlib.pyplot as plt\nimport torchvision.transforms as T\nfrom torchvision.datasets import MNIST\n"
        + line
    )
    assert capsys.readouterr().out == ""


NUMBERS = """
float(x)
int(x)
complex(x)
round(x)
np.asarray(x)
np.array([1.0]) + x
np.sin(x)
np.zeros(3)[x]
x + 1
2 * x
x - x
-x
x ** 2
x < 1
x >= 1
np.ones((2, 2)) @ x
range(x)
[1, 2][x]
abs(x)
sum([x, 1])
np.array([1.0, 2.0]) * x
np.allclose(x, 0)
""".strip().splitlines()


@pytest.mark.parametrize("expression", NUMBERS)
def test_none_of_them_is_a_number(expression: str) -> None:
    space = run("import matplotlib.pyplot as plt\nx = plt.gca().get_ylim()[0]")
    with pytest.raises(TypeError, match="plots are not drawn"):
        eval(expression, space)


def test_an_array_of_inert_objects_is_no_array_of_numbers() -> None:
    x = Inert("torchvision.datasets.MNIST")
    assert isinstance(np.sum(x), Inert)
    for values in ([x, 1.0], [x, x]):
        with pytest.raises(TypeError, match="while grading"):
            np.array(values, dtype=float)


def test_progress_bars_hand_their_items_through() -> None:
    space = run(
        """
from tqdm import tqdm, trange, notebook
from tqdm.notebook import tqdm as tqdm2
from tqdm.auto import trange as trange2
import tqdm as whole
seen = [list(bar) for bar in (tqdm([1, 2]), tqdm2(range(3), desc="x"), trange(2), trange2(1, 3), whole.tqdm("ab"))]
seen.append(list(notebook.tqdm([7])))
loop = tqdm(enumerate("ab"), total=2)
for number, letter in loop:
    loop.set_description(letter)
    loop.set_postfix(loss=number)
with tqdm(total=3) as bar:
    bar.update(1)
tqdm.write("nothing")
length = len(tqdm([1, 2, 3]))
"""
    )
    assert space["seen"] == [[1, 2], [0, 1, 2], [0, 1], [1, 2], ["a", "b"], [7]]
    assert (space["number"], space["letter"], space["length"]) == (1, "b", 3)
    assert space["trange"](4) == range(4)


def test_a_decorator_and_a_base_class_leave_the_student_s_code_alone() -> None:
    space = run(
        """
import IPython, torchvision
@IPython.core.magic.register
def f(x):
    return x + 1
class Data(torchvision.datasets.VisionDataset):
    def size(self):
        return 3
result = f(1), Data().size()
"""
    )
    assert space["result"] == (2, 3)


def test_only_the_packages_named_are_found() -> None:
    finder = InertFinder(["matplotlib"])
    assert finder.find_spec("matplotlib.pyplot") is not None
    assert finder.find_spec("matplotlibrary") is None
    assert finder.find_spec("numpy") is None
    assert finder.find_spec("tqdm") is None


def test_dunders_are_not_invented() -> None:
    x = Inert("x")
    assert not hasattr(x, "__array_interface__")
    assert not hasattr(x, "__wrapped__")
    assert hasattr(x, "anything")
