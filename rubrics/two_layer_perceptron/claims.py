"""The rubric's promises: every fault is caught and named in every format, every right hand-in keeps all its marks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from grader.bench import Bench
from grader.client import torch_available
from grader.model import Status
from grader.rubric import Claim, Homework, Row
from reference_solutions.two_layer_perceptron import Outcomes
from rubrics.two_layer_perceptron.faults import FAULTS, Fault, reference
from rubrics.two_layer_perceptron.tables import listing, markdown

VARIANTS = Path(__file__).parent / "variants"
KEY = "two_layer_perceptron"


def saved_outputs(found: Outcomes, digits: int) -> str:
    """A notebook that holds nothing but what its cells once printed."""
    text = "\n".join(listing(found, digits))
    blocks = text.split("\n\n")
    cells: list[dict[str, object]] = []
    for block in blocks:
        title, _, body = block.partition("\n")
        printed = body or title
        cells.append(
            {"cell_type": "markdown", "metadata": {}, "source": f"### {title}" if body else "### Forward pass"}
        )
        output = {"output_type": "stream", "name": "stdout", "text": printed + "\n"}
        cells.append({"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "", "outputs": [output]})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def markdown_table(found: Outcomes, digits: int) -> str:
    return "\n".join(markdown(found, digits))


FORMATS: tuple[tuple[str, str, Callable[[Outcomes, int], str]], ...] = (
    ("saved outputs", "hand_in.ipynb", saved_outputs),
    ("table", "hand_in.md", markdown_table),
)


def claims(homework: Homework) -> Iterator[Claim]:
    """The reference, every fault and every variant, as hand-ins."""
    bench = Bench(homework)
    try:
        for way, name, write in FORMATS:
            for digits in (4, 8):
                text = write(reference(), digits)
                row = partial(_row, bench, "reference", f"{way}, {digits} digits", way, name, text, None, digits)
                yield Claim(f"reference in {way} with {digits} digits", row, True)
                for fault in FAULTS:
                    text = write(fault.outcomes, digits)
                    row = partial(_row, bench, "fault", fault.id, way, name, text, fault, digits)
                    yield Claim(f"{fault.id} in {way} with {digits} digits", row, True)
        for path in sorted(VARIANTS.iterdir()) if VARIANTS.is_dir() else ():
            if path.suffix in {".py", ".md", ".ipynb", ".csv"}:
                text = path.read_text(encoding="utf-8")
                row = partial(_row, bench, "variant", path.name, "run", path.name, text, None, 8)
                yield Claim(f"variant {path.name}", row, True)
    finally:
        bench.close()


def _row(bench: Bench, kind: str, name: str, way: str, file: str, text: str, fault: Fault | None, digits: int) -> Row:
    """Grade one hand-in. With four digits a fault may hide in some of its labels; it never costs another."""
    report = bench.grade(file, text)
    labels = {f"{q.id}.{label.label}": label for q in report.questions for label in q.labels}
    lost = tuple(key for key, label in labels.items() if label.status is not Status.PASSED)
    named = tuple(dict.fromkeys(label.faults[0] for label in labels.values() if label.faults))
    declared = fault.labels if fault else ()
    said = report.error
    torchless = kind == "variant" and "torch" in text and not torch_available()
    if torchless and all(labels[key].status is Status.NEEDS_HUMAN for key in lost):
        lost = ()
    if not said and not labels:
        said = "there is no report"
    if not said and set(lost) - set(declared):
        said = (
            f"declares {', '.join(declared) or 'nothing'}, loses {', '.join(sorted(set(lost) - set(declared)))} as well"
        )
    if not said and fault is not None and (not lost or (digits > 4 and set(lost) != set(declared))):
        said = f"does not lose {', '.join(sorted(set(declared) - set(lost)))}"
    if not said and fault is not None and named[:1] != (fault.id,):
        said = f"is named {', '.join(named) or 'nothing'}"
    return Row(KEY, kind, name, way, declared, lost, named, said)
