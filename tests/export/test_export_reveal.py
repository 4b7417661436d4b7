"""`--reveal never` against a whole rubric: no page of a wrong hand-in of sheet 000 holds a number that it lacks."""

from __future__ import annotations

import re
from html import unescape

import pytest

from grader.catalogue import homework
from grader.export.feedback import feedback_page
from grader.gradebook import Gradebook, Reveal
from grader.intake.tables import read_tables
from grader.model import Overall, Student, SubmissionReport
from rubrics.backprop_by_hand import judge, number
from rubrics.backprop_by_hand.faults import FAULTS, Misconception
from rubrics.backprop_by_hand.steps import EXPECTED
from rubrics.backprop_by_hand.variants import markdown

_NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d+(?![\w.])")


def numbers(reveal: Reveal, fault: Misconception) -> set[str]:
    """Every decimal number that a reader of the page can find, in its text, its drawings and their descriptions."""
    chosen = homework("backprop_by_hand")
    report = SubmissionReport(
        Student("s", "S"), chosen.key, Overall.JUDGED, judge([read_tables("hand-in.md", markdown(fault.tables))])
    )
    book = Gradebook(chosen.key, chosen.title, chosen.info(), chosen.fault_info(), (report,), reveal=reveal)
    page = feedback_page(report, book).decode()
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return set(_NUMBER.findall(unescape(re.sub(r"<[^>]*>", " ", body))))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.info.words[:50])
def test_no_expected_number_is_on_the_page_of_one_who_lacks_it(fault: Misconception):
    own = {number(matrix) for matrix in fault.tables.values()}
    # "0.5" and the like also stand in the sheet itself and among points
    wanted = {text for text in map(number, EXPECTED.values()) if len(text.lstrip("-")) >= 5} - own
    assert not wanted & numbers(Reveal.NEVER, fault)
    if wanted:
        assert wanted & numbers(Reveal.ALWAYS, fault)  # so that there is something to hide
