"""The cases, faults and right variants of sheet 004 against each other, in process.

The reference is held against finite differences on these very cases; then every variant must equal it, every fault
must differ on exactly its declared labels, and no two faults may be indistinguishable.
"""

from __future__ import annotations
import __future__

import itertools
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import rubrics.numpy_layers
from grader.probe import record
from grader.rubric import Case, CodeQuestion, Fault
from grader.worker.interpreter import execute
from grader.worker.program import Outcome, Program
from reference_solutions import oracles

SEEDS = range(3)
VARIANTS = Path(rubrics.numpy_layers.__file__).parent / "variants"
FOLDERS = {"Q1": "linear", "Q3": "relu", "Q7": "crossentropyloss", "Q10": "conv1d"}
QUESTIONS = {
    q.id: q for q in rubrics.numpy_layers.homework.questions if isinstance(q, CodeQuestion) and q.id in FOLDERS
}
FAULTS = [(question, fault) for question in QUESTIONS.values() for fault in question.faults]


@cache
def programs(id: str) -> tuple[tuple[Case, Program], ...]:
    """The cases of all seeds, recorded."""
    q = QUESTIONS[id]
    cases = [case for seed in SEEDS for case in q.draw(seed)]
    return tuple((case, record(q.probe, [q.entry], case, case.inputs, q.spellings)) for case in cases)


@cache
def wanted(id: str) -> tuple[dict[str, Outcome], ...]:
    return tuple(run(id, QUESTIONS[id].reference))


def run(id: str, make: Any, flavour: Mapping[str, str] | None = None) -> Iterator[dict[str, Outcome]]:
    for _, program in programs(id):
        with np.errstate(all="ignore"):
            outcomes = execute(program, {QUESTIONS[id].entry: make}, flavour).outcomes
        yield outcomes


@cache
def fault_runs(id: str, fault: str) -> tuple[dict[str, Outcome], ...]:
    return tuple(run(id, next(known.make for known in QUESTIONS[id].faults if known.id == fault)))


def equal(q: CodeQuestion, label: str, got: Outcome, want: Outcome) -> bool:
    """Within the question's tolerance; shapes exact but for the squeezed labels."""
    if got.value is None or want.value is None:
        return False
    a, b = got.value, want.value
    if label in q.squeezed:
        a, b = a.squeeze(), b.squeeze()
    return a.shape == b.shape and bool(np.all(np.abs(a - b) <= q.rtol.get(label, 1e-5) * np.abs(b).max(initial=0)))


def raised(outcome: Outcome) -> bool:
    return outcome.error is not None or outcome.after is not None


def ids(pairs: list[Any]) -> list[str]:
    return [str(getattr(thing, "id", getattr(thing, "stem", thing))) for _, thing in pairs]


# -- the cases and the reference


@pytest.mark.parametrize("id", FOLDERS)
def test_a_ladder_of_cases(id: str) -> None:
    """Public ones stay the same from seed to seed; hidden ones, square and ragged, do not."""
    first, second = QUESTIONS[id].draw(0), QUESTIONS[id].draw(1)

    def same(a: Case, b: Case) -> bool:
        return all(np.array_equal(a.inputs[name], b.inputs[name]) for name in a.inputs)

    for a, b in zip(first, second, strict=True):
        assert same(a, b) == (
            a.public or (not a.ordinary and a.name in {"inputs that are exactly 0", "logits near 1000"})
        )
    assert sum(case.public for case in first) >= 3
    assert sum(case.square and not case.public for case in first) >= 2
    assert sum(case.ordinary and not case.public and not case.square for case in first) >= 3
    assert len({case.name for case in first}) == len(first) <= 20


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sharp_edges_of_the_cases(seed: int) -> None:
    for case in QUESTIONS["Q3"].draw(seed):
        if case.ordinary:
            assert np.abs(case.X).min() >= 0.002, f"{case.name}: too near to 0"
    for case in QUESTIONS["Q7"].draw(seed):
        assert set(np.unique(case.y)) <= {0.0, 1.0} and (case.y.sum(axis=1) == 1).all()
        if case.ordinary:
            p = np.exp(case.logits) / np.exp(case.logits).sum(axis=1, keepdims=True)
            assert p.min() > 0.005, f"{case.name}: a constant inside the logarithm would show"
    for case in QUESTIONS["Q1"].draw(seed):
        if not case.public and not case.square:
            assert len({case.X.shape[0], case.n, case.k}) == 3
    conv1d = [case for case in QUESTIONS["Q10"].draw(seed) if case.ordinary]
    assert {case.half_width for case in conv1d} == {0, 1, 2, 3}
    assert {np.sign(case.pad - case.half_width) for case in conv1d} == {-1, 0, 1}
    assert any(case.pad == 0 and case.half_width > 0 for case in conv1d)
    for case in conv1d:
        assert case.pad <= 2 * case.half_width and case.dY.shape[1] > 0
    for id in FOLDERS:
        for case in QUESTIONS[id].draw(seed):
            assert all(array.dtype == np.float64 for array in case.inputs.values() if isinstance(array, np.ndarray))


@pytest.mark.parametrize("id", FOLDERS)
def test_the_reference_agrees_with_finite_differences(id: str) -> None:
    q = QUESTIONS[id]
    for (case, _), outcomes in zip(programs(id), wanted(id), strict=True):
        if case.advice is not None or (case.costs == {"dX": 0.1} and id == "Q3"):
            continue  # a kink at 0, logits near 1000, an input that forward did not see
        got = {label: outcome.value for label, outcome in outcomes.items()}
        if id == "Q7":
            by_hand = oracles.cross_entropy_by_hand(case.logits.tolist(), case.y.tolist())
            assert abs(float(got["loss"]) - by_hand["loss"]) < 1e-12  # type: ignore[arg-type]
            want = oracles.loss_by_differences(q.reference(), case.logits, case.y)
        else:
            arguments = {"Q1": ("n", "k"), "Q3": (), "Q10": ("half_width", "pad")}[id]
            layer = q.reference(*(case.inputs[name] for name in arguments))
            if arguments:
                layer.W, layer.b = case.W, case.b
            want = oracles.layer_by_differences(layer, case.X, case.dY, case.inputs.get("lr", 0.0))
        assert not oracles.compare(got, want, rtol=1e-6), case.name


@pytest.mark.parametrize("id", ["Q1", "Q3", "Q10"])
def test_the_reference_agrees_with_the_sheet_s_sums(id: str) -> None:
    for (case, _), outcomes in zip(programs(id), wanted(id), strict=True):
        if case.advice is not None:
            continue
        X, dY = case.X.tolist(), case.dY.tolist()
        if id == "Q3":
            want = oracles.relu_by_hand(X, dY)
        elif id == "Q1":
            want = oracles.linear_by_hand(X, case.W.tolist(), case.b.tolist(), dY, case.lr)
        else:
            want = oracles.conv1d_by_hand(X, case.W.tolist(), case.b.tolist(), dY, case.lr, case.pad)
        assert not oracles.compare({label: out.value for label, out in outcomes.items()}, want), case.name


# -- the faults


@pytest.mark.parametrize(("q", "fault"), FAULTS, ids=ids(FAULTS))
def test_a_fault_is_wrong_on_exactly_its_labels(q: CodeQuestion, fault: Fault) -> None:
    """A label that is lost because an earlier line raised counts as right where it is right on every square case."""
    wrong, lost = set(), set()
    for (case, _), got, want in zip(programs(q.id), fault_runs(q.id, fault.id), wanted(q.id), strict=True):
        if case.advice is not None:
            continue
        for label in q.marks:
            if raised(got[label]):
                lost.add(label)
                assert not case.square, f"{fault.id} raises on {case.name}: {got[label]}"
            elif not equal(q, label, got[label], want[label]):
                wrong.add(label)
    assert wrong == set(fault.labels)
    assert not lost or wrong & lost, f"{fault.id} raises, but nothing that it declares is lost by it"


@pytest.mark.parametrize("id", FOLDERS)
def test_no_two_faults_look_the_same(id: str) -> None:
    q = QUESTIONS[id]
    runs = {fault.id: fault_runs(id, fault.id) for fault in q.faults}
    counted = [index for index, (case, _) in enumerate(programs(id)) if case.advice is None]
    for one, other in itertools.combinations(q.faults, 2):
        if set(one.labels) == set(other.labels):
            assert any(
                raised(a) != raised(b) or (not raised(a) and not equal(q, label, a, b))
                for label in one.labels
                for a, b in ((runs[one.id][index][label], runs[other.id][index][label]) for index in counted)
            ), f"{one.id} and {other.id} give the same values"


@pytest.mark.parametrize("id", FOLDERS)
def test_every_fault_shows_within_one_seed(id: str) -> None:
    """On every single seed each fault is caught; a run of the grader has only one."""
    q = QUESTIONS[id]
    per_seed = len(q.draw(0))
    for fault in q.faults:
        runs = fault_runs(id, fault.id)
        for seed in SEEDS:
            here = range(seed * per_seed, (seed + 1) * per_seed)
            for label in fault.labels:
                assert any(
                    not equal(q, label, runs[i][label], wanted(id)[i][label])
                    for i in here
                    if programs(id)[i][0].advice is None
                ), f"seed {seed} does not show {label} of {fault.id}"


@pytest.mark.parametrize(("q", "fault"), FAULTS, ids=ids(FAULTS))
def test_a_fault_has_words(q: CodeQuestion, fault: Fault) -> None:
    for text in (fault.words, fault.hint, fault.why):
        assert text == text.strip() and text[-1] in ".?!" and 10 <= len(text) <= 200
    assert fault.why not in {cls.__doc__ for cls in fault.make.__mro__[1:]}, "the docstring is the reference's own"
    assert issubclass(fault.make, q.reference)


def test_the_sheet_s_own_example_is_weak() -> None:
    """Some faults pass Q2's numbers; the ragged cases are there for them."""
    q = QUESTIONS["Q1"]
    example = next(i for i, (case, _) in enumerate(programs("Q1")) if case.name == "the sheet's example")

    def passes(fault: Fault) -> bool:
        got = fault_runs("Q1", fault.id)[example]
        return all(equal(q, label, got[label], wanted("Q1")[example][label]) for label in q.marks)

    passing = {fault.id for fault in q.faults if passes(fault)}
    assert {"linear.fixed-lr", "linear.ignores-dY", "linear.forward-without-b"} <= passing
    assert "linear.adds-the-gradient" not in passing


def capped(id: str, above: float, cap: float) -> Any:
    """The reference with an upper end: a ReLU that is flat outside (above, cap), or gradients cut before the step."""

    class CappedReLU(QUESTIONS["Q3"].reference):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return np.minimum(x * (x > above), cap).clip(0)

        def backward(self, x: Any, g: Any) -> Any:
            return g * (x > above) * (x < cap)

    class CappedStep(QUESTIONS[id].reference):  # type: ignore[misc, name-defined]
        def gradients(self, X: Any, dY: Any) -> Any:
            dX, dW, db = super().gradients(X, dY)
            return dX, np.clip(dW, -cap, cap), np.clip(db, -cap, cap)

    return CappedReLU if id == "Q3" else CappedStep


@pytest.mark.parametrize(
    ("id", "above", "cap", "lost"),
    [
        ("Q3", 0, 6, {"Y", "dX"}),
        ("Q3", 0, 20, {"Y", "dX"}),
        ("Q3", 0.05, np.inf, {"Y", "dX"}),
        ("Q1", 0, 5, {"W", "b"}),
        ("Q1", 0, 20, {"W", "b"}),
        ("Q10", 0, 5, {"W", "b"}),
        ("Q1", 0, 1e6, set()),
        ("Q3", 0, 1e6, set()),
        ("Q10", 0, 1e6, set()),
    ],
)
def test_numbers_of_other_sizes_show_thresholds_and_caps(id: str, above: float, cap: float, lost: set[str]) -> None:
    """Faults that training cannot show, and so none of the catalogue; on every seed. The last three are controls."""
    q = QUESTIONS[id]
    per_seed = len(q.draw(0))
    runs = list(run(id, capped(id, above, cap)))
    for seed in SEEDS:
        here = range(seed * per_seed, (seed + 1) * per_seed)
        wrong = {m for m in q.marks for i in here if not equal(q, m, runs[i][m], wanted(id)[i][m])}
        assert wrong == lost


# -- the right variants

SCRIPTS = [(QUESTIONS[id], path) for id, folder in FOLDERS.items() for path in sorted((VARIANTS / folder).glob("*.py"))]


@pytest.fixture(autouse=True)
def torch_as_it_was() -> Iterator[None]:
    """A script that switches gradients off does so for its own test alone."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_grad_enabled(True)


def load(source: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The script's names; run as the worker runs it: a module of its own, annotations unread."""
    if "import torch" in source:
        pytest.importorskip("torch")
    module = ModuleType("submission")
    monkeypatch.setitem(sys.modules, "submission", module)
    exec(
        compile(source, "submission", "exec", flags=__future__.annotations.compiler_flag, dont_inherit=True),
        vars(module),
    )
    return vars(module)


def failures(q: CodeQuestion, make: Any, flavour: Mapping[str, str]) -> list[str]:
    """What is wrong, in words; nothing for a right answer."""
    return [
        f"{case.name}, {label}: {got[label]}, but should be {want[label].value}"
        for (case, _), got, want in zip(programs(q.id), run(q.id, make, flavour), wanted(q.id), strict=True)
        for label in q.marks
        if case.advice is None and not equal(q, label, got[label], want[label])
    ]


@pytest.mark.parametrize(("q", "path"), SCRIPTS, ids=[f"{q.id}-{path.stem}" for q, path in SCRIPTS])
def test_a_right_variant_is_right(q: CodeQuestion, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = path.read_text(encoding="utf-8")
    make = load(source, monkeypatch)[q.entry]
    found = [failures(q, make, flavour) for flavour in q.flavours if "import torch" in source or not flavour]
    assert [] in found, "\n".join(min(found, key=len)[:3])


@pytest.mark.parametrize("id", FOLDERS)
def test_there_are_variants_in_a_dozen_styles(id: str) -> None:
    sources = [path.read_text(encoding="utf-8") for q, path in SCRIPTS if q.id == id]
    assert len(sources) >= 12 and len(set(sources)) == len(sources)


def test_the_variants_are_held_to_the_same_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control: a variant with one sign changed does not pass."""
    q = QUESTIONS["Q1"]
    source = (VARIANTS / "linear" / "loops.py").read_text(encoding="utf-8")
    assert source.count("- lr * g") == 1
    changed = load(source.replace("- lr * g", "+ lr * g"), monkeypatch)["Linear"]
    assert failures(q, changed, {})
    assert not failures(q, load(source, monkeypatch)["Linear"], {})


@pytest.mark.parametrize("above", [7, 22])
def test_a_step_that_is_wrong_for_many_samples_alone_loses_W_and_b(above: int) -> None:
    class Scaled(QUESTIONS["Q1"].reference):  # type: ignore[misc, name-defined]
        def update(self, dW: Any, db: Any, lr: float) -> None:
            super().update(dW, db, lr * self.scale)

        def forward(self, X: Any) -> Any:
            self.scale = 1.001 if len(X) > above else 1.0
            return super().forward(X)

    def differ(make: Any) -> set[str]:
        pairs = zip(run("Q1", make), wanted("Q1"), strict=True)
        return {
            label
            for got, want in pairs
            for label in want
            if not np.allclose(got[label].value, want[label].value, rtol=1e-5)
        }

    assert differ(Scaled) == {"W", "b"}
    assert differ(QUESTIONS["Q1"].reference) == set()
