"""What `grade tables` prints: the reference's values for the public cases of every code question."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grader.prepared import prepare
from grader.rubric import CodeQuestion, Homework


def table_lines(homework: Homework) -> Iterator[str]:
    """The public cases, question by question: inputs, then what the reference returns."""
    yield f"{homework.key}: {homework.title}"
    if homework.tables is not None:
        yield from homework.tables("text")
    for question in homework.questions:
        if not isinstance(question, CodeQuestion):
            continue
        yield ""
        yield f"{question.id}  {question.title}"
        for case in prepare(question, seed=0).cases:
            if not case.case.public:
                continue
            yield f"  {case.case.name}"
            for name, value in case.case.inputs.items():
                yield _line(name, value)
            for label, value in case.want.items():
                yield _line(f"-> {label}", value)


def _line(name: str, value: object) -> str:
    text = np.array2string(np.asarray(value), precision=8, separator=", ", suppress_small=True).replace("\n", "")
    return f"    {name:12} {' '.join(text.split())}"
