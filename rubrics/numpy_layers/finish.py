"""What is judged once all other questions are: Q6, and evidence beside several questions. One call a concern."""

from __future__ import annotations

from collections.abc import Mapping

from grader.material import Material
from grader.model import QuestionReport
from rubrics.numpy_layers.l2 import report as l2_report
from rubrics.numpy_layers.reported import with_figures
from rubrics.numpy_layers.training import evidence as training


def finish(material: Material, reports: Mapping[str, QuestionReport]) -> Mapping[str, QuestionReport]:
    """The reports that are made or changed here; `reports` are those of the questions judged before."""
    finished = dict(reports)
    regularised = l2_report.judge(material, reports.get("Q1")) if l2_report.L2.id in material.wanted else None
    if regularised is not None:
        finished[l2_report.L2.id] = regularised.report
    linear, lambda_ = (regularised.definition, regularised.lambda_) if regularised is not None else (None, None)
    finished |= training.with_evidence(material, finished, linear, lambda_)
    return with_figures(material, finished)
