"""What all pages share: the templates with their escaping, the three faces, the words for each status."""

from __future__ import annotations

import base64
import hashlib
import re
from enum import StrEnum
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.export.files import feedback_link, feedback_name
from grader.export.text import clean, counted, one_line, percent, points
from grader.model import LabelReport, QuestionReport, Status

_CODE = re.compile(r"`([^`\n]+)`")
TEMPLATES = Path(__file__).parent / "templates"


class Face(StrEnum):
    """Right, wrong or waiting: what a mark looks like at a glance."""

    RIGHT = "right"
    WRONG = "wrong"
    WAITING = "waiting"


WORDS = {
    Status.PASSED: "right",
    Status.PARTIAL: "partly right",
    Status.FAILED: "not right yet",
    Status.MISSING: "no answer found",
    Status.BLOCKED: "needs another question first",
    Status.CRASHED: "stopped with an error",
    Status.TIMEOUT: "took too long",
    Status.TOO_BIG: "result too big",
    Status.FORBIDDEN: "used something that is not allowed",
    Status.NEEDS_HUMAN: "a person will read it",
    Status.GRADER_ERROR: "the grader failed here, not you",
}
"""Each status as a student reads it."""


def face(report: QuestionReport | LabelReport) -> Face:
    """Waiting while anything is pending, right with full points, wrong otherwise."""
    if report.pending > 0:
        return Face.WAITING
    return Face.RIGHT if report.earned >= report.possible - 1e-9 else Face.WRONG


def words(report: QuestionReport | LabelReport) -> str:
    """The status in words, so that no face stands alone."""
    if report.pending > 0:
        ours = report.status is Status.GRADER_ERROR
        return WORDS[Status.GRADER_ERROR] if ours else WORDS[Status.NEEDS_HUMAN]
    if 0 < report.earned < report.possible - 1e-9:
        return WORDS[Status.PARTIAL]
    if report.earned == 0 and report.status is Status.PARTIAL:
        return WORDS[Status.FAILED]
    return WORDS[report.status]


def script_digest(script: str) -> str:
    """The digest by which a page allows its own script and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def said(text: str) -> Markup:
    """A sentence of the grader, escaped, with what stands between backquotes set as code.

    >>> said("`W` < 1")
    Markup('<code>W</code> &lt; 1')
    """
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(clean(text)))))


def render(template: str, **values: object) -> bytes:
    """A page as bytes. Everything that is put into it is escaped."""
    return _environment().get_template(template).render(**values).encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clean=clean,
        said=said,
        one_line=one_line,
        points=points,
        counted=counted,
        percent=percent,
        feedback_name=feedback_name,
        feedback_link=feedback_link,
    )
    environment.globals.update(face=face, words=words)
    return environment
