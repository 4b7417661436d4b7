"""The wire: what goes in comes out, and nothing but what was agreed comes out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from questions import GO, X, question

from grader.worker.program import Outcome, Program, Run, StepError
from grader.worker.request import QuestionReply, QuestionRequest, Source
from grader.worker.wire import (
    LARGEST_HEADER,
    PREFIX,
    Answer,
    ArrayTable,
    TooBig,
    WireError,
    decode_arrays,
    decode_question,
    decode_reply,
    encode_frame,
    encode_question,
    encode_reply,
    encode_too_big,
    read_frame,
)

ASKED = question("Q1")


def reader(data: bytes) -> Callable[[int], bytes]:
    stream = io.BytesIO(data)

    def exactly(count: int) -> bytes:
        got = stream.read(count)
        if len(got) < count:
            raise EOFError
        return got

    return exactly


def replied(outcome: Outcome, **reply: Any) -> Answer:
    frame = encode_reply(QuestionReply("Q1", runs={"case": Run({"Y": outcome})}, **reply), "t", False, 1 << 20)
    return decode_reply(*read_frame(reader(frame)), ASKED, "t")


@pytest.mark.parametrize(
    "array",
    [
        np.array(3.5),
        np.arange(6.0).reshape(1, 2, 3),
        np.arange(12.0).reshape(3, 4).T,
        np.array([[1, -2]]),
        np.array([True, False, True]),
        np.array([1 + 2j]),
        np.array([np.nan, np.inf, -np.inf, -0.0]),
        np.empty((0, 4)),
        np.zeros((1,) * 8),
    ],
)
def test_an_array_arrives_as_it_left(array: np.ndarray) -> None:
    table = ArrayTable()
    table.add(array)
    (back,) = decode_arrays(json.loads(json.dumps(table.entries)), table.body())
    assert back.dtype == array.dtype and back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert (back.flags.writeable and back.base is None) or back.base.flags.owndata


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(2, np.float32),
        np.zeros(2, ">f8"),
        np.zeros(2, object),
        np.zeros(2, "U3"),
        np.zeros(2, [("a", "f8")]),
        np.zeros(2, np.longdouble),
        np.zeros((1,) * 9),
        np.ma.zeros(2),
        np.zeros(2).view(type("Sub", (np.ndarray,), {})),
    ],
)
def test_an_array_of_another_kind_is_not_sent(array: np.ndarray) -> None:
    with pytest.raises(WireError):
        ArrayTable().add(array)


@pytest.mark.parametrize(
    ("entries", "body"),
    [
        ([["f8", [2]]], b"x" * 15),
        ([["f8", [2]]], b"x" * 17),
        ([["f8", [-1]]], b""),
        ([["f8", [True]]], b"x" * 8),
        ([["f8", [2.0]]], b"x" * 16),
        ([["f8", [1 << 60, 1 << 60]]], b""),
        ([["f8", [0, 1 << 28, 1 << 28, 1 << 28]]], b""),
        ([["f8", [1] * 9]], b"x" * 8),
        ([["O", [1]]], b"x" * 8),
        ([[["f8"], [1]]], b"x" * 8),
        ([["b1", [2]]], b"\x00\x02"),
        ([["f8"]], b""),
        ({"f8": [1]}, b"x" * 8),
        ([], b"x"),
    ],
)
def test_a_table_that_does_not_fit_its_bytes_is_refused(entries: Any, body: bytes) -> None:
    with pytest.raises(WireError):
        decode_arrays(entries, body)


def test_a_question_arrives_as_it_left() -> None:
    asked = QuestionRequest(
        "Q7", (Source("hw.ipynb, cell 3", "x = '\u00fc\u6f22'\n", 12),), (("a", GO, {"X": "tensor"}), ("b", GO, {}))
    )
    back, token = decode_question(*read_frame(reader(encode_question(asked, "secret"))))
    assert token == "secret" and back.id == "Q7" and back.pieces == asked.pieces
    assert [key for key, _, _ in back.programs] == ["a", "b"] and back.programs[0][2] == {"X": "tensor"}
    assert back.programs[0][1].steps == GO.steps and back.programs[0][1].names == ("X",)
    assert np.array_equal(back.programs[1][1].arrays[0], X)


def test_a_program_with_what_cannot_travel_is_refused() -> None:
    for value in (object(), float("nan"), b"bytes", np.int64(3)):
        program = Program((["yield", "Y", {"value": value}],), (), ())
        with pytest.raises(WireError):
            encode_question(QuestionRequest("Q", (), (("a", program, {}),)), "t")


def test_every_kind_of_outcome_arrives_as_it_left() -> None:
    error = StepError("forward", "ValueError", "shapes \ud800 differ", "hw.py", 3, "return X @ W", "W", None)
    for outcome in (
        Outcome(value=X, kind="ndarray", after=error),
        Outcome(refused="nothing (None)", kind="None"),
        Outcome(error=error),
    ):
        answer = replied(outcome, load_error=error, seconds=0.25)
        assert answer.reply is not None and not answer.spoiled
        back = answer.reply.runs["case"].outcomes["Y"]
        assert (back.refused, back.kind) == (outcome.refused, outcome.kind)
        assert (back.value is None) == (outcome.value is None)
        assert answer.reply.load_error is not None
        assert answer.reply.load_error.message == "shapes ? differ"  # half a surrogate pair breaks every file
        assert answer.reply.load_error.line == 3 and answer.reply.load_error.missing_name == "W"


def test_long_words_are_cut_before_they_are_sent() -> None:
    answer = replied(Outcome(error=StepError("forward", "E", "x" * 10_000_000)))
    assert answer.reply is not None
    error = answer.reply.runs["case"].outcomes["Y"].error
    assert error is not None and len(error.message) == 1000


def test_values_beyond_the_limit_are_not_sent() -> None:
    reply = QuestionReply("Q1", runs={"case": Run({"Y": Outcome(value=np.zeros(100))})})
    assert encode_reply(reply, "t", False, 800)
    with pytest.raises(TooBig):
        encode_reply(reply, "t", False, 799)
    answer = decode_reply(*read_frame(reader(encode_too_big("Q1", "t"))), ASKED, "t")
    assert answer.reply is None


def good() -> dict[str, Any]:
    frame = encode_reply(QuestionReply("Q1", runs={"case": Run({"Y": Outcome(value=X)})}), "t", False, 1 << 20)
    return read_frame(reader(frame))[0]


SPOILS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another question": lambda h: h.update(id="Q2"),
    "another token": lambda h: h.update(token="u"),
    "another type": lambda h: h.update(type="end"),
    "a part more": lambda h: h.update(score=14),
    "a part less": lambda h: h.pop("seconds"),
    "a run more": lambda h: h["runs"].update(other=h["runs"]["case"]),
    "a run less": lambda h: h["runs"].clear(),
    "a label more": lambda h: h["runs"]["case"]["outcomes"].update(dX=h["runs"]["case"]["outcomes"]["Y"]),
    "a label less": lambda h: h["runs"]["case"]["outcomes"].clear(),
    "an edited input that is not there": lambda h: h["runs"]["case"].update(edited=["Z"]),
    "an array that is not there": lambda h: h["runs"]["case"]["outcomes"]["Y"].update(value=1),
    "an array named by yes": lambda h: h["runs"]["case"]["outcomes"]["Y"].update(value=False),
    "a value and a refusal": lambda h: h["runs"]["case"]["outcomes"]["Y"].update(refused="no"),
    "neither": lambda h: h["runs"]["case"]["outcomes"]["Y"].update(value=None),
    "words without end": lambda h: h["runs"]["case"]["outcomes"]["Y"].update(kind="x" * 1001),
    "negative time": lambda h: h.update(seconds=-1),
    "time that is text": lambda h: h.update(seconds="1"),
    "an error of another shape": lambda h: h.update(load_error={"step": "x"}),
    "a list for a mapping": lambda h: h.update(runs=[]),
    "a number for yes or no": lambda h: h.update(spoiled=1),
}


def test_the_reply_that_is_spoiled_below_is_good() -> None:
    assert decode_reply(good(), X.tobytes(), ASKED, "t").reply is not None


@pytest.mark.parametrize("name", SPOILS)
def test_a_reply_that_is_not_the_agreed_answer_is_refused(name: str) -> None:
    header = good()
    SPOILS[name](header)
    with pytest.raises(WireError):
        decode_reply(header, X.tobytes(), ASKED, "t")


@pytest.mark.parametrize(
    "data",
    [
        PREFIX.pack(LARGEST_HEADER + 1, 0),
        PREFIX.pack(2, 1 << 60) + b"{}",
        PREFIX.pack(2, 0) + b"[]",
        PREFIX.pack(3, 0) + b"\xff\xfe\xfd",
        PREFIX.pack(9, 0) + b'{"a":NaN}',
        PREFIX.pack(200_000, 0) + b"[" * 200_000,
        PREFIX.pack(8001, 0) + b'{"a":' + b"9" * 7995 + b"}",
    ],
)
def test_bytes_that_are_no_frame_are_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        read_frame(reader(data))


def test_limits_are_checked_before_anything_is_read() -> None:
    asked_for: list[int] = []

    def read(count: int) -> bytes:
        asked_for.append(count)
        return PREFIX.pack(10, 100)

    with pytest.raises(WireError):
        read_frame(read, body_limit=99)
    assert asked_for == [PREFIX.size]


def test_a_frame_holds_header_and_body() -> None:
    header, body = read_frame(reader(encode_frame({"type": "end"}, b"abc")))
    assert header == {"type": "end"} and body == b"abc"


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
anything = st.recursive(leaves, lambda s: st.lists(s, max_size=3) | st.dictionaries(st.text(), s, max_size=3))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_reply_whatsoever_raises_anything_but_WireError(data: st.DataObject) -> None:
    header = good()
    path = data.draw(st.sampled_from(sorted(header)))
    header[path] = data.draw(anything)
    body = data.draw(st.binary(max_size=64))
    try:
        decode_reply(header, body, ASKED, "t")
    except WireError as refused:
        assert str(refused)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_whatsoever_raise_anything_but_WireError(data: bytes) -> None:
    with suppress(WireError, EOFError):
        read_frame(reader(data))
