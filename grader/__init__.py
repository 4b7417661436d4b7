"""An auto-grader for backpropagation homework. The names that rubric authors use are here; the rest is the engine."""

import grader.threads  # noqa: F401 (before anything that imports numpy)
from grader.model import AnswerText, FaultInfo, LabelReport, Status
from grader.rubric import AnswerQuestion, Case, CodeQuestion, Fault, Faults, Homework, HumanQuestion, RubricError

__version__ = "0.1.0"

__all__ = [
    "AnswerQuestion",
    "AnswerText",
    "Case",
    "CodeQuestion",
    "Fault",
    "FaultInfo",
    "Faults",
    "Homework",
    "HumanQuestion",
    "LabelReport",
    "RubricError",
    "Status",
    "__version__",
]
