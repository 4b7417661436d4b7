"""The rubric's promises: every fault is caught and named where code makes it; right variants keep all their marks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from grader.bench import Bench
from grader.client import torch_available
from grader.model import Status, SubmissionReport
from grader.rubric import Claim, Homework, Row

VARIANTS: Final = Path(__file__).parent / "variants"
KEY: Final = "sigmoid_from_scratch"
# One line of the plain variant, what stands there instead, and the labels that this must cost.
_ALL1: Final = ("Q7.dW1", "Q7.db1")
_ALL2: Final = ("Q7.dW2", "Q7.db2")
_ALL3: Final = ("Q7.dW3", "Q7.db3")
_DZ2, _DZ1 = "dz2 = (W3.T @ dz3) * h2 * (1 - h2)", "dz1 = (W2.T @ dz2) * h1 * (1 - h1)"
EDITS: Final[tuple[tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]], ...]] = (
    ("no-derivative", ((_DZ2, "dz2 = W3.T @ dz3"), (_DZ1, "dz1 = W2.T @ dz2")), (*_ALL1, *_ALL2)),
    ("no-derivative-second", ((_DZ2, "dz2 = W3.T @ dz3"),), (*_ALL1, *_ALL2)),
    ("no-derivative-first", ((_DZ1, "dz1 = W2.T @ dz2"),), _ALL1),
    ("no-factor-two", (("dz3 = 2 * (p - y0)", "dz3 = p - y0"),), (*_ALL1, *_ALL2, *_ALL3)),
    ("negated", (("dz3 = 2 * (p - y0)", "dz3 = 2 * (y0 - p)"),), (*_ALL1, *_ALL2, *_ALL3)),
    ("negated-no-two", (("dz3 = 2 * (p - y0)", "dz3 = y0 - p"),), (*_ALL1, *_ALL2, *_ALL3)),
    ("loss-for-derivative", (("dz3 = 2 * (p - y0)", "dz3 = (p - y0) ** 2"),), (*_ALL1, *_ALL2, *_ALL3)),
    (
        "derivative-twice",
        (
            (_DZ2, "dz2 = (W3.T @ dz3) * sigmoid(h2) * (1 - sigmoid(h2))"),
            (_DZ1, "dz1 = (W2.T @ dz2) * sigmoid(h1) * (1 - sigmoid(h1))"),
        ),
        (*_ALL1, *_ALL2),
    ),
    (
        "derivative-from-z",
        ((_DZ2, "dz2 = (W3.T @ dz3) * z2 * (1 - z2)"), (_DZ1, "dz1 = (W2.T @ dz2) * z1 * (1 - z1)")),
        (*_ALL1, *_ALL2),
    ),
    (
        "sigmoid-for-derivative",
        ((_DZ2, "dz2 = (W3.T @ dz3) * h2"), (_DZ1, "dz1 = (W2.T @ dz2) * h1")),
        (*_ALL1, *_ALL2),
    ),
    ("output-derivative", (("dz3 = 2 * (p - y0)", "dz3 = 2 * (p - y0) * p * (1 - p)"),), (*_ALL1, *_ALL2, *_ALL3)),
    (
        "output-derivative-of-z",
        (("dz3 = 2 * (p - y0)", "dz3 = 2 * (p - y0) * sigmoid(p) * (1 - sigmoid(p))"),),
        (*_ALL1, *_ALL2, *_ALL3),
    ),
    (
        "wrong-order-derivatives",
        ((_DZ2, "dz2 = (W3.T @ dz3) * h1 * (1 - h1)"), (_DZ1, "dz1 = (W2.T @ dz2) * h2 * (1 - h2)")),
        (*_ALL1, *_ALL2),
    ),
    (
        "wrong-order-activations",
        (
            ("dW3 = np.outer(dz3, h2)", "dW3 = np.outer(dz3, h1)"),
            ("dW2 = np.outer(dz2, h1)", "dW2 = np.outer(dz2, h2)"),
        ),
        ("Q7.dW2", "Q7.dW3"),
    ),
    (
        "before-activation",
        (
            ("dW3 = np.outer(dz3, h2)", "dW3 = np.outer(dz3, z2)"),
            ("dW2 = np.outer(dz2, h1)", "dW2 = np.outer(dz2, z1)"),
        ),
        ("Q7.dW2", "Q7.dW3"),
    ),
    ("not-transposed", ((_DZ1, "dz1 = (W2 @ dz2) * h1 * (1 - h1)"),), _ALL1),
    ("skips-a-layer", ((_DZ1, "dz1 = (W3.T @ dz3) * h1 * (1 - h1)"),), _ALL1),
    (
        "weights-ignored",
        ((_DZ2, "dz2 = dz3.sum() * h2 * (1 - h2)"), (_DZ1, "dz1 = dz2.sum() * h1 * (1 - h1)")),
        (*_ALL1, *_ALL2),
    ),
    ("bias-summed", (("db2 = dz2", "db2 = dz2.sum()"), ("db1 = dz1", "db1 = dz1.sum()")), ("Q7.db1", "Q7.db2")),
    ("transposed", (("dW2 = np.outer(dz2, h1)", "dW2 = np.outer(h1, dz2)"),), ("Q7.dW2",)),
    ("scaled", (("dW1 = np.outer(dz1, x0)", "dW1 = 3 * np.outer(dz1, x0)"),), ("Q7.dW1",)),
    (
        "bias-missing",
        (("db3 = dz3", ""), ("db2 = dz2", ""), ("db1 = dz1", "")),
        ("Q7.db1", "Q7.db2", "Q7.db3"),
    ),
    ("not-halved", (("y = (x[:, 0] ** 2 + x[:, 1] ** 2) / 2", "y = x[:, 0] ** 2 + x[:, 1] ** 2"),), ("Q3.labels",)),
    ("square-of-sum", (("y = (x[:, 0] ** 2 + x[:, 1] ** 2) / 2", "y = (x[:, 0] + x[:, 1]) ** 2 / 2"),), ("Q3.labels",)),
    ("half-sum", (("y = (x[:, 0] ** 2 + x[:, 1] ** 2) / 2", "y = (x[:, 0] + x[:, 1]) / 2"),), ("Q3.labels",)),
    ("normal-data", (("x = rng.uniform(0, 1, (100, 2))", "x = rng.normal(0, 1, (100, 2)) # randn()"),), ("Q2.data",)),
    ("half-loss", (("return np.sum((p - y) ** 2)", "return 0.5 * np.sum((p - y) ** 2)"),), ("Q4.loss",)),
    ("other-rate", (("lr = 0.05", "lr = 0.5"),), ("Q5.rate",)),
)


def claims(homework: Homework) -> Iterator[Claim]:
    """Every right variant, and every fault written into the plain one."""
    bench = Bench(homework)
    try:
        for path in sorted(VARIANTS.iterdir()) if VARIANTS.is_dir() else ():
            if path.suffix in {".py", ".ipynb", ".md"}:
                text = path.read_text(encoding="utf-8")
                yield Claim(f"variant {path.name}", partial(_variant, bench, path.name, text), True)
        plain = (VARIANTS / "plain.py").read_text(encoding="utf-8")
        for fault, edits, labels in EDITS:
            yield Claim(f"fault {fault}", partial(_fault, bench, fault, edited(plain, edits), labels), True)
    finally:
        bench.close()


def edited(text: str, edits: tuple[tuple[str, str], ...]) -> str:
    """The text with each line replaced; raises ValueError where one is not there."""
    for old, new in edits:
        if text.count(old) != 1:
            raise ValueError(f"{old!r} stands {text.count(old)} times in the plain variant")
        text = text.replace(old, new)
    return text


def _lost(report: SubmissionReport) -> dict[str, Status]:
    """The labels without marks, but for those that ask for PyTorch and that a numpy hand-in has not."""
    return {
        f"{q.id}.{label.label}": label.status
        for q in report.questions
        for label in q.labels
        if label.status is not Status.PASSED and q.id not in ("Q6", "Q8")
    }


def _variant(bench: Bench, name: str, text: str) -> Row:
    report = bench.grade(name, text)
    lost = _lost(report)
    if "torch" in text:
        lost = {
            f"{q.id}.{x.label}": x.status for q in report.questions for x in q.labels if x.status is not Status.PASSED
        }
        if not torch_available() and all(status is Status.NEEDS_HUMAN for status in lost.values()):
            lost = {}
    said = report.error or ("" if report.questions else "there is no report")
    if not said and lost:
        said = f"loses {', '.join(lost)}"
    return Row(KEY, "variant", name, "worker", (), tuple(lost), (), said)


def _fault(bench: Bench, fault: str, text: str, labels: tuple[str, ...]) -> Row:
    report = bench.grade("hand_in.py", text)
    lost = _lost(report)
    first = {f"{q.id}.{label.label}": label.faults[0] for q in report.questions for label in q.labels if label.faults}
    named = tuple(dict.fromkeys(first.values()))
    said = report.error
    if not said and set(lost) != set(labels):
        said = f"declares {', '.join(labels)}, loses {', '.join(lost) or 'nothing'}"
    if not said and any(first.get(label) != f"sigmoid.{fault}" for label in labels):
        said = f"is named {', '.join(named) or 'nothing'}"
    return Row(KEY, "fault", fault, "worker", labels, tuple(lost), named, said)
