"""The wire between the parent and the student's process: length-prefixed frames of JSON and raw little-endian bytes.

A frame is a u32 header length, a u64 body length, the JSON header, the body. The header's array table says how the
body is cut: a dtype of a closed list and a shape for each array, the sizes to the byte. Both sides check all of it;
nothing is ever unpickled or evaluated.

    question   parent to child   one question, with a token that its reply must carry
    reply      child to parent   the answer to that question
    end        both ways         no more questions; nothing follows
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy import empty, frombuffer, ndarray, uint8
from numpy.typing import NDArray

from .program import Outcome, Program, Run, StepError
from .request import QuestionReply, QuestionRequest, Source

PREFIX = struct.Struct("<IQ")
DTYPES = {"f8": np.dtype("<f8"), "i8": np.dtype("<i8"), "b1": np.dtype("?"), "c16": np.dtype("<c16")}
CODES = {dtype: code for code, dtype in DTYPES.items()}
MOST_DIMENSIONS = 8
MOST_ARRAYS = 10_000
LARGEST_HEADER = 16 << 20
LARGEST_BODY = 256 << 20
LONGEST_WORDS = 1000

T = TypeVar("T")
Header = dict[str, Any]


class WireError(Exception):
    """What came over the wire is not what was agreed; the message is a sentence that says how."""


class TooBig(WireError):
    """The values are more bytes than may be sent."""


def _no_constant(name: str) -> None:
    raise ValueError(name)


# Bound once: in the student's process `json` is within reach of the student's code.
_to_json = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode
_from_json = json.JSONDecoder(parse_constant=_no_constant).decode


@dataclass(frozen=True)
class Answer:
    """A reply as it came: `spoiled` when the child found numpy or the like changed and should not go on."""

    reply: QuestionReply | None  # None: the values were too big to send
    spoiled: bool


# --- frames ---------------------------------------------------------------------------------------------------------


def encode_frame(header: Header, body: bytes = b"") -> bytes:
    """The bytes of one frame.

    >>> encode_frame({"type": "end"})[:4]
    b'\\x0e\\x00\\x00\\x00'
    """
    try:
        text = _to_json(header).encode("ascii")
    except (TypeError, ValueError, RecursionError) as error:
        raise WireError(f"This cannot be sent as JSON: {error}.") from None
    if len(text) > LARGEST_HEADER:
        raise TooBig(f"The header has {len(text)} bytes; at most {LARGEST_HEADER} may be sent.")
    return PREFIX.pack(len(text), len(body)) + text + body


def read_frame(
    read: Callable[[int], bytes], header_limit: int = LARGEST_HEADER, body_limit: int = LARGEST_BODY
) -> tuple[Header, bytes]:
    """One frame from `read(n)`, which returns exactly n bytes or raises.

    Raises WireError before anything is allocated when a length is beyond its limit.
    """
    header_length, body_length = PREFIX.unpack(read(PREFIX.size))
    if header_length > header_limit:
        raise WireError(f"A header of {header_length} bytes was announced; at most {header_limit} are accepted.")
    if body_length > body_limit:
        raise WireError(f"A body of {body_length} bytes was announced; at most {body_limit} are accepted.")
    text = read(header_length)
    body = read(body_length) if body_length else b""
    try:
        header = _from_json(text.decode("utf-8"))
    except (ValueError, RecursionError):
        raise WireError("The header is not JSON.") from None
    if not isinstance(header, dict):
        raise WireError("The header is not a JSON object.")
    return header, body


# --- arrays ---------------------------------------------------------------------------------------------------------


class ArrayTable:
    """Collects arrays for one body; `add` returns the index under which the header refers to it."""

    def __init__(self, limit: int = LARGEST_BODY) -> None:
        self.entries: list[list[Any]] = []
        self._chunks: list[bytes] = []
        self._limit = limit
        self._size = 0

    def add(self, array: NDArray[Any]) -> int:
        code = CODES.get(array.dtype) if type(array) is ndarray else None
        if code is None:
            raise WireError(f"An array of dtype {array.dtype} cannot be sent; only {', '.join(DTYPES)} can.")
        if array.ndim > MOST_DIMENSIONS:
            raise WireError(f"An array has {array.ndim} dimensions; at most {MOST_DIMENSIONS} can be sent.")
        self._size += array.nbytes
        if self._size > self._limit or len(self.entries) >= MOST_ARRAYS:
            raise TooBig(f"The values have more than {self._limit} bytes together.")
        self._chunks.append(array.tobytes())
        self.entries.append([code, list(array.shape)])
        return len(self.entries) - 1

    def body(self) -> bytes:
        return b"".join(self._chunks)


def decode_arrays(entries: Any, body: bytes) -> tuple[NDArray[Any], ...]:
    """The arrays that `entries` ([dtype, shape] each) cut out of `body`; together they must fill it exactly."""
    arrays, start = [], 0
    for entry in _list(entries, "the array table", MOST_ARRAYS):
        code, shape = _pair(entry, "an entry of the array table")
        dtype = DTYPES.get(code) if isinstance(code, str) else None
        if dtype is None:
            raise WireError("An array has a dtype that is not accepted.")
        sides = [_whole(side, "a side of an array", LARGEST_BODY) for side in _list(shape, "a shape", MOST_DIMENSIONS)]
        count = math.prod(sides)
        stop = start + count * dtype.itemsize
        if stop > len(body):
            raise WireError("An array is larger than the bytes that came with it.")
        flat = frombuffer(body, dtype, count, start) if count else empty(0, dtype)
        if code == "b1" and count and frombuffer(body, uint8, count, start).max() > 1:
            raise WireError("A truth value is neither 0 nor 1.")
        try:
            arrays.append(flat.reshape(sides).copy())
        except ValueError:
            raise WireError("An array has an impossible shape.") from None
        start = stop
    if start != len(body):
        raise WireError(f"{len(body) - start} bytes came that belong to no array.")
    return tuple(arrays)


# --- the question: parent to child ----------------------------------------------------------------------------------


def encode_question(request: QuestionRequest, token: str) -> bytes:
    """The frame that asks one question. Raises WireError when a program holds what cannot travel."""
    table = ArrayTable()
    programs = [
        {
            "key": key,
            "flavour": dict(flavour),
            "steps": list(program.steps),
            "names": list(program.names),
            "arrays": [table.add(array) for array in program.arrays],
        }
        for key, program, flavour in request.programs
    ]
    header = {
        "type": "question",
        "token": token,
        "id": request.id,
        "pieces": [[piece.name, piece.source, piece.first_line] for piece in request.pieces],
        "programs": programs,
        "arrays": table.entries,
    }
    return encode_frame(header, table.body())


def decode_question(header: Header, body: bytes) -> tuple[QuestionRequest, str]:
    """The question in a frame, and its token."""
    _keys(header, {"type", "token", "id", "pieces", "programs", "arrays"}, "a question")
    arrays = decode_arrays(header["arrays"], body)
    pieces = []
    for piece in _list(header["pieces"], "the pieces"):
        if not isinstance(piece, list) or len(piece) != 3:
            raise WireError("A piece is not a name, a source and a line.")
        first_line = _whole(piece[2], "a line", 10_000_000)
        pieces.append(Source(_string(piece[0], "a name"), _string(piece[1], "a source"), first_line))
    programs = tuple(_program(item, arrays) for item in _list(header["programs"], "the programs"))
    request = QuestionRequest(_string(header["id"], "an id"), tuple(pieces), programs)
    return request, _string(header["token"], "a token")


def _program(item: Any, arrays: Sequence[NDArray[Any]]) -> tuple[str, Program, Mapping[str, str]]:
    _keys(item, {"key", "flavour", "steps", "names", "arrays"}, "a program")
    steps = tuple(_list(step, "a step") for step in _list(item["steps"], "the steps"))
    used = tuple(_at(arrays, index) for index in _list(item["arrays"], "the arrays of a program"))
    names = tuple(_string(name, "a name") for name in _list(item["names"], "the names"))
    if len(names) != len(used):
        raise WireError("A program has more names than arrays, or fewer.")
    flavour = item["flavour"]
    if not isinstance(flavour, dict) or not all(isinstance(kind, str) for kind in flavour.values()):
        raise WireError("A flavour is not a mapping from names to words.")
    return _string(item["key"], "a key"), Program(steps, used, names), flavour


# --- the reply: child to parent -------------------------------------------------------------------------------------


def encode_reply(reply: QuestionReply, token: str, spoiled: bool, limit: int) -> bytes:
    """The frame that answers one question. Raises TooBig when the values are more than `limit` bytes."""
    table = ArrayTable(limit)
    runs = {
        key: {
            "edited": list(run.edited),
            "outcomes": {label: _outcome_header(outcome, table) for label, outcome in run.outcomes.items()},
        }
        for key, run in reply.runs.items()
    }
    header = {
        "type": "reply",
        "token": token,
        "id": reply.id,
        "too_big": False,
        "spoiled": spoiled,
        "seconds": reply.seconds,
        "load_error": _error_header(reply.load_error),
        "runs": runs,
        "arrays": table.entries,
    }
    return encode_frame(header, table.body())


def encode_too_big(id: str, token: str) -> bytes:
    """The frame that stands for a reply whose values are too many to send."""
    nothing: Header = {"too_big": True, "spoiled": True, "seconds": 0.0, "load_error": None, "runs": {}, "arrays": []}
    return encode_frame({"type": "reply", "token": token, "id": id, **nothing})


def decode_reply(header: Header, body: bytes, request: QuestionRequest, token: str) -> Answer:
    """The reply in a frame, as the answer to `request` and to nothing else. Raises WireError for anything odd."""
    wanted = {"type", "token", "id", "too_big", "spoiled", "seconds", "load_error", "runs", "arrays"}
    _keys(header, wanted, "a reply")
    if header["type"] != "reply" or header["token"] != token or header["id"] != request.id:
        raise WireError("What came is not the answer to the question that was asked.")
    if _flag(header["too_big"], "too_big"):
        return Answer(None, True)
    seconds = header["seconds"]
    if type(seconds) not in (int, float) or not 0 <= seconds < 1e9:
        raise WireError("The time in a reply is no time.")
    arrays = decode_arrays(header["arrays"], body)
    runs = header["runs"]
    _keys(runs, {key for key, _, _ in request.programs}, "the runs")
    decoded = {key: _run(runs[key], program, arrays) for key, program, _ in request.programs}
    reply = QuestionReply(request.id, _error(header["load_error"]), decoded, float(seconds))
    return Answer(reply, _flag(header["spoiled"], "spoiled"))


def _run(item: Any, program: Program, arrays: Sequence[NDArray[Any]]) -> Run:
    _keys(item, {"edited", "outcomes"}, "a run")
    edited = _list(item["edited"], "the edited inputs")
    if any(name not in program.names for name in edited):
        raise WireError("A run names an input that the program does not have.")
    labels = {step[1] for step in program.steps if step[0] == "yield"}
    _keys(item["outcomes"], labels, "the outcomes")
    return Run({label: _outcome(outcome, arrays) for label, outcome in item["outcomes"].items()}, tuple(edited))


def _outcome_header(outcome: Outcome, table: ArrayTable) -> Header:
    return {
        "value": None if outcome.value is None else table.add(outcome.value),
        "kind": outcome.kind[:LONGEST_WORDS],
        "refused": None if outcome.refused is None else outcome.refused[:LONGEST_WORDS],
        "error": _error_header(outcome.error),
        "after": _error_header(outcome.after),
    }


def _outcome(item: Any, arrays: Sequence[NDArray[Any]]) -> Outcome:
    _keys(item, {"value", "kind", "refused", "error", "after"}, "an outcome")
    value = None if item["value"] is None else _at(arrays, item["value"])
    refused = None if item["refused"] is None else _words(item["refused"], "a refusal")
    error = _error(item["error"])
    if (value is not None) + (refused is not None) + (error is not None) != 1:
        raise WireError("An outcome must be a value, a refusal or an error, and one of them only.")
    return Outcome(value, _words(item["kind"], "a kind"), refused, error, _error(item["after"]))


def _error_header(error: StepError | None) -> Header | None:
    if error is None:
        return None
    words = {name: value[:LONGEST_WORDS] for name, value in vars(error).items() if isinstance(value, str)}
    return {**vars(error), **words}


def _error(item: Any) -> StepError | None:
    if item is None:
        return None
    fields = {"step", "type", "message", "piece", "line", "text", "missing_name", "missing_module"}
    _keys(item, fields, "an error")
    return StepError(
        step=_words(item["step"], "a step"),
        type=_words(item["type"], "a type"),
        message=_words(item["message"], "a message"),
        piece=_maybe(item["piece"]),
        line=None if item["line"] is None else _whole(item["line"], "a line", 1 << 40),
        text=_words(item["text"], "a source line"),
        missing_name=_maybe(item["missing_name"]),
        missing_module=_maybe(item["missing_module"]),
    )


# --- checks ---------------------------------------------------------------------------------------------------------


def _keys(item: Any, keys: set[str], what: str) -> None:
    if not isinstance(item, dict) or item.keys() != keys:
        raise WireError(f"The parts of {what} are not the agreed ones.")


def _list(item: Any, what: str, most: int = 1_000_000) -> list[Any]:
    if not isinstance(item, list):
        raise WireError(f"What should be a list for {what} is none.")
    if len(item) > most:
        raise WireError(f"There are {len(item)} items in {what}; at most {most} are accepted.")
    return item


def _pair(item: Any, what: str) -> tuple[Any, Any]:
    if not isinstance(item, list) or len(item) != 2:
        raise WireError(f"What should be {what} is no pair.")
    return item[0], item[1]


def _whole(item: Any, what: str, most: int) -> int:
    if type(item) is not int or not 0 <= item <= most:
        raise WireError(f"What should be {what} is no whole number from 0 to {most}.")
    return item


def _flag(item: Any, what: str) -> bool:
    if not isinstance(item, bool):
        raise WireError(f"What should be yes or no for {what} is neither.")
    return item


def _string(item: Any, what: str) -> str:
    if not isinstance(item, str):
        raise WireError(f"What should be {what} is no text.")
    return item


def _words(item: Any, what: str) -> str:
    text = _string(item, what)
    if len(text) > LONGEST_WORDS:
        raise WireError(f"What should be {what} has {len(text)} characters; at most {LONGEST_WORDS} are accepted.")
    # Half of a surrogate pair is legal in JSON and in a Python string, and breaks every file it is written to.
    return text.encode("utf-8", "replace").decode("utf-8")


def _maybe(item: Any) -> str | None:
    return None if item is None else _words(item, "a name")


def _at(items: Sequence[T], index: Any) -> T:
    if type(index) is not int or not 0 <= index < len(items):
        raise WireError("An array is named that is not in the table.")
    return items[index]
