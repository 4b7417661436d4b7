"""The student's page and the class page: what they say, and that nothing in them comes alive."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest

from grader.export.class_page import class_page, write_class_page
from grader.export.feedback import feedback_page, write_feedback
from grader.export.files import feedback_name
from grader.export.items import Item, items
from grader.export.lost_marks import LostMark, lost_marks, waiting_marks
from grader.gradebook import WHOLE_HAND_IN, Extent, Gradebook, HumanMark, Reveal
from grader.model import (
    AnswerText,
    Example,
    FaultInfo,
    LabelReport,
    Picture,
    Place,
    QuestionReport,
    Status,
    SubmissionReport,
)

from .rich import rich_gradebook

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


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


def rich(student: str, **changes: object) -> Page:
    book = replace(rich_gradebook(), **changes)  # type: ignore[arg-type]
    return Page(feedback_page(of(book, student), book, NOON))


def test_a_persons_mark_stands_on_the_page_and_counts():
    bea = rich("bea")
    assert "Marked by your instructor: 1.5 of 2: Say why the derivative matters." in bea.text
    # 7.5 judged and 1.5 by hand are 9; a day late takes 10 %
    assert "8.1 of 10 points" in bea.text
    assert "9 points for your answers. 1 day late (due 2026-03-01 23:59): 10 % off." in bea.text
    assert "so far" not in bea.text
    chidi = rich("chidi")
    assert "Marked by your instructor: 1.75 of 2 (given for an earlier version of your answer): Nearly." in chidi.text
    assert "1.75 / 2" in chidi.text
    assert "Your instructor writes: Come to my office hours." in chidi.text
    # 1.75 by hand in place of Q1's 1, Q2 2, Q3 1.1; Q4 and Q9 wait
    assert "4.85 of 10 points so far" in chidi.text
    assert not chidi.count("img", src="x")
    assert not chidi.count("script")


def test_without_a_persons_mark_nothing_of_it_is_there(gradebook: Gradebook):
    assert "instructor:" not in page(gradebook, "bea").text


def test_figures_stand_beside_the_references():
    text = rich("chidi").text
    assert "loss after 1000 iterations, ReLU 0.2031 0.20313 to 0.20334 ✓ agrees" in text
    assert "0.30771 to 0.30992 ≠ differs" in text
    assert text.count("0.42 s no statement") == 1
    book = rich_gradebook()
    question = of(book, "chidi").questions[3]
    elsewhere = tuple(replace(figure, place=Place("hw3.ipynb", 11)) for figure in question.figures)
    twice = replace(question, figures=question.figures + elsewhere)
    report = replace(of(book, "chidi"), questions=(twice,))
    assert Page(feedback_page(report, book)).text.count("0.42 s no statement") == 1


def test_drawings_stand_where_something_is_lost_or_waits_and_only_once():
    shown = rich("chidi")
    kinds = [str(attrs.get("class")) for tag, attrs in shown.tags if tag == "svg"]
    assert kinds.count("picture network") == 1
    assert kinds.count("picture curves") == 1
    assert kinds.count("picture heat") == 1  # dX of Q3 is 8 × 8; the others are small, or of another shape
    book = rich_gradebook()
    report = of(book, "chidi")
    first, _, *others = report.questions
    twice = replace(report, questions=(first, replace(first, id="Q2"), *others))
    drawn = feedback_page(twice, book).decode()
    assert drawn.count('class="picture network"') == 1


# numbers that stand nowhere but among what was expected
SECRETS = ("0.045015", "0.04501", "0.122364", "0.1224", "0.16738", "0.1674", "0.20313", "0.20334", "0.30771", "0.00129")


@pytest.mark.parametrize("reveal", [Reveal.NEVER, Reveal.AFTER_DUE])
def test_hidden_expected_values_leave_no_trace(reveal: Reveal):
    book = rich_gradebook()
    shown, hidden = (
        feedback_page(of(book, "chidi"), replace(book, reveal=wish), NOON).decode() for wish in (Reveal.ALWAYS, reveal)
    )
    assert all(secret in shown for secret in ("0.04501", "0.1224", "0.1674", "0.20313", "0.30771", "0.00129"))
    assert [secret for secret in SECRETS if secret in hidden] == []
    text = Page(hidden.encode()).text
    assert "Expected values are" in text
    assert not re.search(r"\bExpected \d|was expected", text)
    assert 'class="picture heat"' not in hidden  # own numbers and the distances together tell the expected ones
    # what helps without telling stays: status, misconception, hint, place, the student's own numbers
    assert "Likely cause: W was updated before dX was computed." in text
    assert "To try: Compute dX from the W that forward used" in text
    assert "hw3.ipynb, cell 4, line 12" in text
    assert "differs: ≠ 2.7" in text
    assert "46.125 ✗ wrong" in text


def test_a_message_with_the_answer_in_words_is_left_out_when_it_is_hidden(gradebook: Gradebook):
    told = LabelReport(
        "Y",
        Status.FAILED,
        0,
        1,
        message="Layer 1: 92.75 was expected; “80” stands there.",
        hint="Look at layer 2.",
        notes=("17.125 was expected; “5” is right for your own earlier numbers.", "Your loop is right."),
    )
    stopped = LabelReport("W", Status.CRASHED, 0, 1, message="`forward` stopped with ValueError (hw.py, line 7).")
    question = QuestionReport("Q1", "Linear", 2.0, False, Status.FAILED, (told, stopped))
    report = replace(of(gradebook, "bea"), questions=(question,))
    open_, hidden = (
        Page(feedback_page(report, replace(gradebook, reveal=reveal))).text for reveal in (Reveal.ALWAYS, Reveal.NEVER)
    )
    assert "92.75" in open_
    assert "17.125" in open_
    assert "92.75" not in hidden
    assert "17.125" not in hidden
    assert "not right yet" in hidden
    assert "Look at layer 2." in hidden
    assert "Your loop is right." in hidden
    assert "forward stopped with ValueError (hw.py, line 7)" in hidden


def test_expected_values_come_out_after_the_due_date():
    due = NOON.replace(hour=11)
    later = NOON.replace(hour=13)
    assert "0.20313" in rich("chidi", reveal=Reveal.AFTER_DUE, due=due).text
    early = rich("chidi", reveal=Reveal.AFTER_DUE, due=later).text
    assert "0.20313" not in early
    assert "shown when everybody's due date has passed, after 2026-03-02 13:00 UTC" in early
    assert "none is set so far" in rich("chidi", reveal=Reveal.AFTER_DUE).text


def test_the_class_page_counts_a_persons_marks():
    shown = Page(class_page(rich_gradebook()))
    assert "1 day late (due 2026-03-01 23:59): 10 % off." in shown.text
    assert "8.1" in shown.text
    assert "19 points still open" in shown.text  # 21 without the 2 of bea's Q4
    assert "4.85" in shown.text


def test_lines_quoted_from_the_hand_in_keep_their_columns(gradebook: Gradebook):
    message = "The bias is missing.\n    $z_1 = W_1 <x>$\n           ^^^^"
    shown = with_label(gradebook, LabelReport("Y", Status.FAILED, 0, 1, message=message))
    assert "$z_1 = W_1 <x>$\n       ^^^^" in shown.words


def test_an_unreadable_hand_in_that_a_person_marked_says_so():
    book = rich_gradebook()
    given = HumanMark("farid", WHOLE_HAND_IN, 6.0, Extent.PENDING, "Read on paper.")
    shown = rich("farid", marks=(*book.marks, given))
    assert "could not be read" in shown.text
    assert "Marked by your instructor: 6 of 10.5: Read on paper." in shown.text
    assert "instructor:" not in rich("farid").text
    listed = Page(class_page(replace(book, marks=(*book.marks, given)))).text
    before, after = (
        text.split("What waits for you")[1].split("Students")[0] for text in (Page(class_page(book)).text, listed)
    )
    assert "Farid Rahimi" in before
    assert "Farid Rahimi" not in after


def test_marks_of_a_person_count_in_the_difficulty_of_a_question(gradebook: Gradebook):
    def q4(book: Gradebook) -> Item:
        return next(item for item in items(book) if item.question.id == "Q4")

    plain, marked = q4(gradebook), q4(rich_gradebook())
    assert marked.waiting == plain.waiting - 1
    assert marked.judged == plain.judged + 1
    # bea adds 1.5 of 2
    assert marked.mean == pytest.approx((plain.mean * plain.judged + 0.75) / marked.judged)  # type: ignore[operator]


def test_blank_answers_alone_make_no_figures_while_the_others_wait(gradebook: Gradebook):
    """Seventeen essays to be read and two blank ones are not a mean of 0 %."""

    def q4(waiting: int, blank: int, right: int) -> Item:
        info = next(info for info in gradebook.questions if info.id == "Q4")
        amal = next(report for report in gradebook.reports if report.student.id == "amal")
        kinds = [(Status.NEEDS_HUMAN, 0.0, 2.0)] * waiting + [(Status.MISSING, 0.0, 0.0)] * blank
        kinds += [(Status.PASSED, 2.0, 0.0)] * right
        reports = tuple(
            replace(
                amal,
                student=replace(amal.student, id=f"s{number:02}"),
                questions=(
                    QuestionReport(
                        "Q4", info.title, 2.0, False, status, (LabelReport("a", status, earned, 2.0, pending),)
                    ),
                ),
            )
            for number, (status, earned, pending) in enumerate(kinds)
        )
        book = replace(gradebook, questions=(info,), reports=reports, marks=())
        return items(book)[0]

    hidden = q4(17, 2, 0)
    assert (hidden.judged, hidden.waiting) == (2, 17)
    assert (hidden.mean, hidden.full, hidden.zero, hidden.discrimination) == (None,) * 4
    assert sum(hidden.tenths) == 0
    assert q4(2, 6, 1).mean is None
    # once nothing waits, or as many are judged as wait, a blank answer is the zero that it is
    assert q4(0, 2, 2).mean == pytest.approx(0.5)
    assert q4(1, 2, 1).mean == pytest.approx(1 / 3)
    assert (q4(0, 3, 0).mean, q4(0, 3, 0).zero) == (0, 1)


def test_flags_of_one_kind_stand_together_and_sentences_apart(gradebook: Gradebook):
    elif_ = next(report for report in gradebook.reports if report.student.id == "elif")
    flags = (
        "Q1: reaches outside its task: replaces np.isclose",
        "Q3: reaches outside its task: replaces np.isclose",
        "Q3: reaches outside its task: calls open",
        "Q2: L1.gradient: 92 was expected; “46” is right.",
        "Q3: L1.gradient: 0 was expected; “-1” is right.",
    )
    book = replace(gradebook, reports=(replace(elif_, flags=flags),))
    text = Page(class_page(book)).text
    assert "Q1, Q3: reaches outside its task: replaces np.isclose, calls open" in text
    assert "Q2: L1.gradient: 92 was expected; “46” is right." in text
    assert text.count("reaches outside its task") == 1


def test_what_waits_for_one_reason_is_said_once():
    scan = "A scan was handed in; a person reads it."
    labels = tuple(
        LabelReport(f"L{n}", Status.NEEDS_HUMAN, 0.0, 1.0, 1.0, message=f"Layer {n}, gradient: {scan}")
        for n in (1, 2, 3)
    )
    other = LabelReport("sum", Status.NEEDS_HUMAN, 0.0, 1.0, 1.0, message="The sum waits for a human: it is in words.")
    question = QuestionReport("Q1", "", 4.0, False, Status.NEEDS_HUMAN, (*labels, other))
    found = waiting_marks(question)
    assert [(one.labels, one.pending, one.words) for one in found] == [
        (("L1", "L2", "L3"), 3.0, scan),
        (("sum",), 1.0, other.message),
    ]
    # with one label alone its name stays in the sentence
    assert waiting_marks(replace(question, labels=labels[:1]))[0].words == f"Layer 1, gradient: {scan}"


def test_one_misconception_in_many_cells_is_told_once_with_every_cell():
    faults = {name: FaultInfo(name, "Q1", (), f"Words of {name}.", "Look again.") for name in ("same", "other")}

    def cell(number: int, fault: str = "same", earned: float = 0.0) -> LabelReport:
        message = f"Layer {number}: {number} stands there. This table repeats another."
        return LabelReport(f"L{number}", Status.FAILED, earned, 1.0, faults=(fault,), message=message)

    def told(*labels: LabelReport) -> tuple[LostMark, ...]:
        return lost_marks(QuestionReport("Q1", "", 4.0, False, Status.FAILED, labels), faults)

    (mark,) = told(cell(1), cell(2), cell(3))
    assert (mark.labels, mark.earned, mark.possible) == (("L1", "L2", "L3"), 0.0, 3.0)
    assert mark.messages == tuple(f"Layer {n}: {n} stands there." for n in (1, 2, 3))
    assert mark.ending == "This table repeats another."
    assert (mark.cause, mark.hint) == ("Words of same.", "Look again.")
    # another fault, or a cell that kept part of its mark, is told apart
    assert [one.labels for one in told(cell(1), cell(2, "other"))] == [("L1",), ("L2",)]
    assert [one.labels for one in told(cell(1), cell(2, earned=0.5))] == [("L1",), ("L2",)]
    assert told(cell(1))[0].messages == ("Layer 1: 1 stands there. This table repeats another.",)


def test_a_note_names_its_label_and_stands_once_for_several_questions(gradebook: Gradebook):
    amal = next(report for report in gradebook.reports if report.student.id == "amal")
    first, second, *rest = amal.questions
    noted = replace(first.labels[0], notes=("46 is right for your own earlier numbers.",))
    first = replace(first, notes=("Judged by the run.",), labels=(noted, *first.labels[1:]))
    second = replace(second, notes=("Judged by the run.",))
    page = Page(feedback_page(replace(amal, questions=(first, second, *rest)), gradebook)).text
    assert page.count("Judged by the run.") == 1
    assert f"{first.id}, {second.id}" in page
    assert re.search(rf"{noted.label}\s*: 46 is right for your own earlier numbers\.", page)


def test_what_is_marked_by_now_does_not_wait_any_more(gradebook: Gradebook):
    chidi = next(report for report in gradebook.reports if report.student.id == "chidi")
    first, *_ = (question for question in chidi.questions if question.pending == question.possible)
    mark = HumanMark("chidi", first.id, 1.0, Extent.WHOLE, "Fine.", "2026-03-02T08:00:00", "Review")
    text = Page(feedback_page(chidi, replace(gradebook, marks=(mark,)))).text
    waiting, read = text.split("What waits for a person")[1].split("What your instructor read")
    assert first.title not in waiting
    assert first.title in read
    assert "Marked by your instructor: 1 of" in read


def test_code_is_not_called_printed_and_what_waits_is_no_zero(gradebook: Gradebook):
    chidi = next(report for report in gradebook.reports if report.student.id == "chidi")
    waiting = next(question for question in chidi.questions if question.pending and not question.earned)
    answered = replace(waiting, answer=AnswerText("words", code=("train(net)",), outputs=("loss 0.1",)))
    questions = tuple(answered if question is waiting else question for question in chidi.questions)
    page = Page(feedback_page(replace(chidi, questions=questions), replace(gradebook, marks=()))).text
    assert re.search(r"Your code:\s*train\(net\)\s*Printed by your cell:\s*loss 0\.1", page)
    assert re.search(rf"– / {waiting.possible:g}\s+a person will read it", page)


def test_labels_lost_for_one_reason_stand_together_wherever_they_stand():
    def label(name: str, fault: str, status: Status, message: str, hint: str) -> LabelReport:
        return LabelReport(name, status, 0.0, 1.0, faults=(fault,) if fault else (), message=message, hint=hint)

    def told(*labels: LabelReport) -> list[tuple[str, ...]]:
        return [mark.labels for mark in lost_marks(QuestionReport("Q1", "", 9.0, False, Status.FAILED, labels), {})]

    half = [label(f"dW{n}", "half", Status.FAILED, f"dW{n} came to {n}.", "Differentiate.") for n in (1, 2)]
    bias = [label(f"db{n}", "no-bias", Status.MISSING, f"b{n}: There is no gradient.", "What is it?") for n in (1, 2)]
    assert told(half[0], bias[0], half[1], bias[1]) == [("dW1", "dW2"), ("db1", "db2")]
    # without a named misconception one hint holds them together, and so does having no answer at all
    zeros = [label(f"L{n}", "", Status.FAILED, f"Layer {n}: {n} was expected.", "Again.") for n in (1, 2)]
    blank = [label(f"x{n}", "", Status.MISSING, f"x{n} is not filled in.", "") for n in (1, 2)]
    assert told(*zeros, *blank) == [("L1", "L2"), ("x1", "x2")]
    # wrong values that nothing connects stay apart
    assert told(*(replace(one, hint="") for one in zeros)) == [("L1",), ("L2",)]


def test_what_several_labels_say_alike_is_said_once_without_their_names():
    labels = tuple(
        LabelReport(f"L{n}", Status.MISSING, 0.0, 1.0, message=f"Layer {n}: the cell is empty. Write a zero as 0.")
        for n in (1, 2, 3)
    )
    question = QuestionReport("Q1", "", 3.0, False, Status.MISSING, labels)
    (mark,) = lost_marks(question, {})
    assert (mark.labels, mark.messages, mark.ending) == (
        ("L1", "L2", "L3"),
        (),
        "The cell is empty. Write a zero as 0.",
    )
    (alone,) = lost_marks(replace(question, labels=labels[:1]), {})
    assert alone.messages == (labels[0].message,)
    # a file's name keeps its letters, and a sentence that all have whole keeps its beginning
    waiting = tuple(
        LabelReport(f"L{n}", Status.NEEDS_HUMAN, 0.0, 1.0, 1.0, message=message)
        for n, message in enumerate(("W: page1.png is a picture.", "b: page1.png is a picture."))
    )
    assert [one.words for one in waiting_marks(replace(question, labels=waiting))] == ["page1.png is a picture."]
    stopped = tuple(replace(label, message="The run stopped with NameError: x is not defined.") for label in waiting)
    (whole,) = waiting_marks(replace(question, labels=stopped))
    assert whole.words == "The run stopped with NameError: x is not defined."


def test_a_hand_in_without_any_answer_is_told_so_in_few_lines(gradebook: Gradebook):
    labels = tuple(
        LabelReport(f"L{n}", Status.MISSING, 0.0, 1.0, message=f"The placeholder v{n} stands there.") for n in range(9)
    )
    blank = QuestionReport("Q1", "Linear", 9.0, False, Status.MISSING, labels)
    text = Page(feedback_page(replace(of(gradebook, "bea"), questions=(blank,), notes=()), gradebook)).text
    assert "No answer was found in what you handed in." in text
    assert "what went well" not in text
    assert text.count("stands there.") == 3
    assert "and 6 more like these" in text
    # where nothing is right but something was answered, nobody is told that it went well
    wrong = with_label(gradebook, LabelReport("dX", Status.FAILED, 0.0, 1.0, message="It is 1, expected 2."))
    assert "what went well" not in wrong.text
    assert "for every lost mark what was expected and what came" in wrong.text
    partly = with_label(gradebook, LabelReport("dX", Status.PARTIAL, 0.5, 1.0, message="One entry is wrong."))
    assert "what went well" in partly.text


def test_an_example_without_inputs_is_not_the_one_before(gradebook: Gradebook):
    example = Example((), np.array([1.0, 2.0]), np.array([1.0, 3.0]))
    labels = tuple(
        LabelReport(name, Status.FAILED, 0.0, 1.0, message=f"{name} is wrong.", example=example) for name in "Wb"
    )
    question = QuestionReport("Q2", "By hand", 2.0, False, Status.FAILED, labels)
    text = Page(feedback_page(replace(of(gradebook, "bea"), questions=(question,), notes=()), gradebook)).text
    assert text.count("Expected") == text.count("Yours") == 2
    assert "same small example" not in text


def test_many_notes_are_folded_and_few_are_not(gradebook: Gradebook):
    right = LabelReport("Y", Status.PASSED, 1.0, 1.0)
    notes = tuple(f"Note number {n}." for n in range(5))
    many = with_label(gradebook, replace(right, notes=notes))
    few = with_label(gradebook, replace(right, notes=notes[:4]))
    assert (many.count("details"), few.count("details")) == (1, 0)
    assert "5 notes" in many.text
    assert all(note in many.text for note in notes)


def test_a_misconception_is_explained_with_the_first_mark_that_it_cost():
    faults = {"slip": FaultInfo("slip", "Q1", (), "The biases were left as they were.", "They learn too.")}
    example = Example((), np.array([1.0]), np.array([2.0]))

    def told(*messages: str) -> list[tuple[str, str]]:
        labels = tuple(
            LabelReport(f"b{n}", Status.FAILED, 0.0, 1.0, faults=("slip",), message=message, example=example)
            for n, message in enumerate(messages)
        )
        marks = lost_marks(QuestionReport("Q1", "", 2.0, False, Status.FAILED, labels), faults)
        return [(mark.cause, mark.hint) for mark in marks]

    words = ("The biases were left as they were.", "They learn too.")
    assert told("b0 came to 2.", "b1 came to 2: the same slip.") == [words, ("", "")]
    # a mark that would be left without a word keeps them
    assert told("", "") == [words, words]
