"""What all pages share: the templates with their escaping, the three faces, the words for each status."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from enum import StrEnum
from functools import cache
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.export.files import feedback_link, feedback_name
from grader.export.text import clean, counted, one_line, percent, points
from grader.model import Figure, LabelReport, QuestionReport, Status

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


def face_of(earned: float, possible: float, pending: float) -> Face:
    """Waiting while anything is pending, right with full points, wrong otherwise."""
    if pending > 0:
        return Face.WAITING
    return Face.RIGHT if earned >= possible - 1e-9 else Face.WRONG


def face(report: QuestionReport | LabelReport) -> Face:
    """The face of what the machine judged."""
    return face_of(report.earned, report.possible, report.pending)


def words_of(report: QuestionReport | LabelReport) -> str:
    """The status in words, so that no face stands alone."""
    if report.pending > 0:
        ours = report.status is Status.GRADER_ERROR
        return WORDS[Status.GRADER_ERROR] if ours else WORDS[Status.NEEDS_HUMAN]
    if 0 < report.earned < report.possible - 1e-9:
        return WORDS[Status.PARTIAL]
    if report.earned == 0 and report.status is Status.PARTIAL:
        return WORDS[Status.FAILED]
    return WORDS[report.status]


def figures_of(question: QuestionReport) -> tuple[Figure, ...]:
    """What a question's answer reports, each number once though it stands in several places."""
    return tuple({replace(figure, place=None): figure for figure in question.figures}.values())


def script_digest(script: str) -> str:
    """The digest by which a page allows its own script and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def said(text: str) -> Markup:
    """A sentence of the grader, escaped, with what stands between backquotes set as code.

    Lines that begin with four spaces are quoted from the hand-in, with marks below: they keep their columns.

    >>> said("`W` < 1")
    Markup('<code>W</code> &lt; 1')
    >>> said("The bias is missing.\\n    W x\\n    ^^^")
    Markup('The bias is missing.<span class="quoted">W x\\n^^^</span>')
    """
    parts = []
    for quoted, group in groupby(clean(text).split("\n"), key=lambda row: row.startswith("    ")):
        rows = [str(escape(row)) for row in group]
        if quoted:
            parts.append(f'<span class="quoted">{chr(10).join(row[4:] for row in rows)}</span>')
        else:
            parts.append(_CODE.sub(r"<code>\1</code>", "\n".join(rows)))
    return Markup("".join(parts))


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
    environment.globals.update(face=face, words=words_of, figures_of=figures_of)
    return environment
