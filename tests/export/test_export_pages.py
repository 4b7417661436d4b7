"""The student's page and the class page: what they say, and that nothing in them comes alive."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest

from grader.export.class_page import class_page, write_class_page
from grader.export.feedback import feedback_page, write_feedback
from grader.export.files import feedback_name
from grader.model import (
    AnswerText,
    Example,
    Gradebook,
    LabelReport,
    Picture,
    Place,
    QuestionReport,
    Status,
    SubmissionReport,
)


class Page(HTMLParser):
    """The page as a browser sees it: its visible text, its tags, its attributes."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._inside = ""
        self.feed(data.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def count(self, tag: str, **attributes: str) -> int:
        return sum(t == tag and all(a.get(k.rstrip("_")) == v for k, v in attributes.items()) for t, a in self.tags)


def of(gradebook: Gradebook, student: str) -> SubmissionReport:
    return next(report for report in gradebook.reports if report.student.id == student)


def page(gradebook: Gradebook, student: str) -> Page:
    return Page(feedback_page(of(gradebook, student), gradebook))


def with_label(gradebook: Gradebook, label: LabelReport) -> Page:
    """The page of a student who has one question with this one label."""
    question = QuestionReport("Q1", "Linear", label.possible, False, label.status, (label,))
    report = replace(of(gradebook, "bea"), questions=(question,), notes=())
    return Page(feedback_page(report, gradebook))


def test_a_lost_mark_says_what_came_what_was_expected_why_where_and_what_to_try(gradebook: Gradebook):
    text = page(gradebook, "bea").text
    assert "7.5 of 10 points so far" in text
    assert "2 more points wait" in text
    assert "hw3.ipynb, cell 4, line 12" in text
    assert "Likely cause: W was updated before dX was computed." in text
    assert "To try: Compute dX from the W that forward used" in text
    assert "lr = 0.05" in text
    # dX = dY Wᵀ: with the old W every entry is 3, with the updated one 1.85 + 0.85 and 1.6 + 0.6
    assert re.search(r"Expected 2 × 2 3 3 3 3 Yours 2 × 2 (differs: ≠ 2\.7 differs: ≠ 2\.2 ?){2}", text), text
    assert "Two notebooks were found" in text
    assert "linear.updates-before-dX" not in text  # ids are for the instructor


def test_every_question_has_a_face_and_a_word_for_it(gradebook: Gradebook):
    for report in gradebook.reports:
        if report.questions:
            shown = Page(feedback_page(report, gradebook))
            assert shown.count("use", href="#right") + shown.count("use", href="#wrong") + shown.count(
                "use", href="#waiting"
            ) >= len(report.questions)
    text = page(gradebook, "elif").text
    for word in ("stopped with an error", "needs another question first", "took too long", "result too big",
                 "used something that is not allowed", "right"):  # fmt: skip
        assert word in text
    assert "a person will read it" in page(gradebook, "chidi").text
    assert "no answer found" in page(gradebook, "dmitri").text


def test_full_marks_are_warm_and_short(gradebook: Gradebook):
    shown = page(gradebook, "amal")
    assert "10.5 of 10 points" in shown.text
    assert "Well done" in shown.text
    assert "look at again" not in shown.text
    assert "Well done" not in page(gradebook, "bea").text
    left = page(gradebook, "李伟").text  # all but the bonus
    assert "10 of 10 points" in left
    assert "bonus is below" in left
    assert "X.T @ dY says the same" in left  # advice costs nothing but is there
    assert "torch.nn.Linear" not in left  # a flag is for the instructor


def test_our_own_fault_and_an_unreadable_file_are_said_kindly(gradebook: Gradebook):
    ours = page(gradebook, "gina").text
    assert "our fault, not yours" in ours
    assert "so far" in ours
    unread = page(gradebook, "farid")
    assert "could not be read" in unread.text
    assert "ends in the middle of line 812" in unread.text
    assert "0 of" not in unread.text


def test_the_same_reason_is_told_once(gradebook: Gradebook):
    text = page(gradebook, "dmitri").text
    assert text.count("the template is untouched") == 6  # once a question, not once a label
    assert "look at again" not in text
    assert "Y, dX, W, b 0 of 2 points, stopped with an error" in page(gradebook, "elif").text


def test_backquotes_are_code_and_nothing_else(gradebook: Gradebook):
    message = "`backward` returned `<b>`, and a lone ` stays"
    shown = with_label(gradebook, LabelReport("Y", Status.FAILED, 0, 1, message=message))
    assert shown.count("code") == 2
    assert not shown.count("b")
    assert "backward returned <b> , and a lone ` stays" in shown.text


def test_a_zero_without_a_reason_is_never_silent(gradebook: Gradebook):
    bare = QuestionReport("Q1", "Linear", 2.0, False, Status.FAILED)
    report = replace(of(gradebook, "bea"), questions=(bare,))
    assert "No reason was recorded" in Page(feedback_page(report, gradebook)).text


def test_the_inputs_of_a_shared_example_stand_once(gradebook: Gradebook):
    text = page(gradebook, "chidi").text
    assert text.count("lr =") == 1
    assert "On the same small example" in text


def test_only_what_waits_is_shown_of_the_answer_with_its_pictures(gradebook: Gradebook):
    shown = page(gradebook, "bea")
    assert "sigmoid's derivative is at most 1/4" in shown.text
    assert "iteration 4000" in shown.text
    (picture,) = [attrs for tag, attrs in shown.tags if tag == "img"]
    assert str(picture["src"]).startswith("data:image/png;base64,iVBOR")
    assert picture["alt"] == "Your picture, hw3.ipynb, cell 17"
    odd = AnswerText(
        pictures=(
            Picture('text/html"><script>', b"<script>", Place("a")),
            Picture("image/png", b"0" * 4_000_000, Place("b")),
        )
    )
    question = replace(of(gradebook, "bea").questions[3], answer=odd)
    report = replace(of(gradebook, "bea"), questions=(question,))
    data = Page(feedback_page(report, gradebook))
    assert not data.count("img")
    assert "cannot show" in data.text
    assert "too large" in data.text


@pytest.mark.parametrize("student", ["=cmd|' /C calc'!A0", "<script>alert(1)<", "007"])
def test_hostile_names_and_answers_stay_text(gradebook: Gradebook, student: str):
    for data in (feedback_page(of(gradebook, student), gradebook), class_page(gradebook)):
        shown = Page(data)
        assert not [attrs for _, attrs in shown.tags if any(name.startswith("on") for name in attrs)]
        assert all("\u202e" not in words and "\x07" not in words and "\x1b" not in words for words in shown.words)
        for _, attrs in shown.tags:
            for name in ("href", "src", "action", "srcset"):
                value = attrs.get(name) or ""
                assert not re.match(r"(?i)(https?:|//|javascript:|file:)", value), value
    assert not Page(feedback_page(of(gradebook, student), gradebook)).count("script")
    assert Page(class_page(gradebook)).count("script") == 1
    text = Page(class_page(gradebook)).text
    assert "<script>alert('name')</script>" in text
    assert "gnp.evil James Bond" in text


def test_the_pages_allow_no_network_and_no_script_but_their_own(gradebook: Gradebook):
    student = feedback_page(of(gradebook, "bea"), gradebook).decode()
    assert "default-src 'none'" in student
    assert "script-src" not in student
    whole = class_page(gradebook).decode()
    script = re.search(r"<script>(.*)</script>\n</body>", whole, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script.group(1).encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in re.sub("&#43;|&#x2b;", "+", whole)
    for text in (student, whole):
        assert "http://" not in text.replace("http://example.org", "")
        assert "https://" not in text


def test_the_class_page_counts_and_links(gradebook: Gradebook, tmp_path: Path):
    write_class_page(gradebook, tmp_path / "index.html")
    for report in gradebook.reports:
        write_feedback(report, gradebook, tmp_path / "feedback" / feedback_name(report.student.id))
    shown = Page((tmp_path / "index.html").read_bytes())
    assert "12 hand-ins" in shown.text
    # the ten hand-ins that were read: 8.5 8.5 10 8.5 10.5 7.5 4.1 0 2 10
    assert "6.96 mean" in shown.text
    assert "8.5 median" in shown.text
    assert "21 points still open" in shown.text
    assert "W was updated before dX was computed." in shown.text
    links = [str(attrs["href"]) for tag, attrs in shown.tags if tag == "a" and "feedback" in str(attrs.get("href"))]
    assert len({*links}) == 12
    assert all((tmp_path / unquote(link)).is_file() for link in links)
    bars = [attrs for tag, attrs in shown.tags if tag == "svg" and attrs.get("role") == "img"]
    assert bars[0]["aria-label"] is not None
    assert "80–90 percent: 3" in bars[0]["aria-label"]
    assert "90–100 percent: 3" in bars[0]["aria-label"]


def test_an_empty_class_has_a_page(gradebook: Gradebook):
    assert "0 hand-ins" in Page(class_page(replace(gradebook, reports=()))).text


def test_equal_input_gives_equal_pages(gradebook: Gradebook):
    again = replace(gradebook, reports=tuple(reversed(gradebook.reports)))
    assert class_page(again) == class_page(gradebook)
    assert feedback_page(of(gradebook, "chidi"), again) == feedback_page(of(gradebook, "chidi"), gradebook)


def test_a_large_array_is_abbreviated_around_the_first_difference(gradebook: Gradebook):
    want = np.zeros((40, 50))
    got = want.copy()
    got[20, 31] = 7.25
    shown = with_label(gradebook, LabelReport("Y", Status.FAILED, 0, 1, example=Example((), want, got)))
    assert "differs: ≠ 7.25" in shown.text
    assert shown.count("td") < 200
    assert {"20", "31", "39", "49"} <= set(shown.text.split())  # the numbers of rows and columns


def test_a_small_difference_is_shown_with_enough_digits(gradebook: Gradebook):
    example = Example((), np.array([1.0, 0.123456789]), np.array([1.0, 0.123498]))
    text = with_label(gradebook, LabelReport("Y", Status.FAILED, 0, 1, example=example)).text
    assert "0.12346" in text
    assert "≠ 0.1235" in text.replace("0.12350", "0.1235")


@pytest.mark.parametrize(
    ("want", "got", "words"),
    [
        (1.5, np.array([[1.5]]), "Expected a single number"),
        (np.array([1.0, 2.0]), np.array([[1.0, 3.0]]), "differs: ≠ 3"),
        (np.ones((2, 2)), np.array([[1.0, np.nan], [np.inf, 1.0]]), "≠ nan"),
        (np.ones((2, 3, 4)), np.ones((2, 3, 4)) * 2, "2 × 3 × 4"),
        (np.ones((9, 2, 2)), np.ones((9, 2, 2)) * 2, "more of these are not shown"),
        (np.ones(3), np.zeros((0, 3)), "It is empty"),
        (np.ones(2), np.array([1 + 2j, 1]), "1+2j"),
        (np.array([True, False]), np.array([True, True]), "≠ True"),
        (np.ones((2, 2)), np.ones((2, 3)), "cannot be compared one by one"),
    ],
)
def test_odd_values_are_shown(gradebook: Gradebook, want, got, words: str):
    text = with_label(gradebook, LabelReport("Y", Status.FAILED, 0, 1, example=Example((), want, got))).text
    assert words in text, text


def test_words_stand_where_no_array_came(gradebook: Gradebook):
    example = Example((), np.ones(2), None, "nothing (None)")
    assert "nothing (None)" in with_label(gradebook, LabelReport("Y", Status.FAILED, 0, 1, example=example)).text
