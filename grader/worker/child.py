"""The student's process: executes pieces, runs programs, answers, and leaves.

It is forked from the zygote and confined before the first question comes. What it needs afterwards is bound before any
student code runs, because that code can replace everything in its own process. Nothing here judges.
"""

from __future__ import annotations
import __future__

import builtins
import io
import linecache
import os
import random
import re
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, NoReturn

import numpy as np

from .interpreter import execute, step_error
from .program import StepError
from .request import Piece, QuestionReply, QuestionRequest
from .sandbox import Prepared, confine
from .wire import TooBig, decode_question, encode_frame, encode_reply, encode_too_big, read_frame

MODULE = "submission"
# Annotations stay text: `def f(x: Tensor)` must not need Tensor.
FLAGS = __future__.annotations.compiler_flag
RECURSION_LIMIT = 1000
OUR_FAULT = 70  # exit status: the child's own machinery failed


@dataclass(frozen=True)
class Terms:
    """On what terms a child runs: whole CPU seconds, bytes of memory, bytes that one reply may hold."""

    cpu_seconds: float
    memory: int
    reply_bytes: int


# --- what a question runs in ------------------------------------------------------------------------------------------


class Silence(io.TextIOBase):
    """Standard output that forgets: 15,000 prints cost next to nothing."""

    encoding = "utf-8"

    def write(self, text: str, /) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


def _print(*values: object, sep: Any = None, end: Any = None, file: Any = None, flush: bool = False) -> None:
    if file is not None and not isinstance(file, Silence):
        _print_to(*values, sep=sep, end=end, file=file)


_print_to = builtins.print


def _input(prompt: object = "") -> NoReturn:
    raise EOFError("input() cannot be answered while grading")


def _leave(code: object = None) -> NoReturn:
    raise SystemExit(code)


def _nothing(*_values: object, **_named: object) -> None:
    """`display`, which notebooks have and Python has not."""


def quieten() -> None:
    """Silence what student code says, and give it what it may take for granted in a notebook."""
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = Silence()  # type: ignore[misc,assignment]
    sys.stdin = sys.__stdin__ = io.StringIO()  # type: ignore[misc,assignment]
    given = {"print": _print, "input": _input, "exit": _leave, "quit": _leave, "display": _nothing}
    for name, value in given.items():
        setattr(builtins, name, value)


def settle(torch: ModuleType | None) -> None:
    """Put back the settings that honest code changes: every question starts from the same ones, every run too."""
    np.seterr(divide="warn", over="warn", under="ignore", invalid="warn")
    np.random.seed(0)
    random.seed(0)
    sys.setrecursionlimit(RECURSION_LIMIT)
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    if torch is not None:
        for setting, value in (("manual_seed", 0), ("set_grad_enabled", True), ("set_default_dtype", torch.float32)):
            with suppress(Exception):  # the stand-in has not all of them
                getattr(torch, setting)(value)


def load(pieces: Sequence[Piece]) -> tuple[dict[str, Any], StepError | None]:
    """A fresh namespace with every piece executed in it, in order, and the first error that a piece raised.

    A piece that raises does not keep the next ones from running: one bad import line must not cost the file.
    """
    module, own = ModuleType(MODULE), ModuleType("builtins")
    namespace = module.__dict__
    vars(own).update(vars(builtins))  # whoever replaces a builtin replaces it for this question alone
    namespace["__builtins__"] = own
    sys.modules[MODULE] = module  # dataclasses and pickle look the module up by name
    sys.modules["builtins"] = own
    names = {piece.name for piece in pieces}
    first: StepError | None = None
    for piece in pieces:
        _remember(piece)
        try:
            # Empty lines before it make every line number the one in the student's file.
            text = "\n" * (piece.first_line - 1) + piece.source
            exec(compile(text, piece.name, "exec", flags=FLAGS, dont_inherit=True), namespace)
        except BaseException as error:
            first = first or step_error("loading the code", error, names)
    return namespace, first


def _remember(piece: Piece) -> None:
    """Register the source with linecache, so that a line in an error can be quoted."""
    known = linecache.cache.get(piece.name)
    lines: list[str] = list(known[2]) if known is not None and len(known) == 4 else []
    start = piece.first_line - 1
    new = [line + "\n" for line in piece.source.split("\n")]
    lines += ["\n"] * (start + len(new) - len(lines))
    lines[start : start + len(new)] = new
    linecache.cache[piece.name] = (0, None, lines, piece.name)


def answer(request: QuestionRequest) -> QuestionReply:
    """Load the pieces and run the programs of one question."""
    started = time.process_time()
    linecache.cache.clear()
    namespace, error = load(request.pieces)
    names = {piece.name for piece in request.pieces}
    runs = {key: execute(program, namespace, flavour, names) for key, program, flavour in request.programs}
    return QuestionReply(request.id, error, runs, max(0.0, time.process_time() - started))


# --- what one question must not leave to the next ---------------------------------------------------------------------


REACHING = re.compile(
    r"(?<![\w.])(?!self\.\w+\s*[^\s.\w])\w+(\.\w+)+\s*((:[^\n=]*|[-+*/%@&|^]{0,2})=(?!=)|,[^()\n]*=(?!=))"
    r"|\b(as|del|for)\s+([\w.]+\s*,\s*)*[(\[]*(?!self\.\w+\s*[^\s.\w])\w+\.\w"
    r"|__(builtins|class|code|defaults|delattr|dict|globals|import|setattr|subclasses)__"
    r"|\b(builtins|ctypes|delattr|eval|exec|gc|globals|importlib|setattr|sys|vars)\b"
)


def reaching(pieces: Sequence[Piece]) -> bool:
    """Whether the source could change anything outside itself: sets another object's attribute, or names the means.

    The look at every name of numpy that this saves would cost a millisecond.
    """
    return any(REACHING.search(piece.source) for piece in pieces)


class Watch:
    """Knows what the modules held before any student code ran, and sees when a name now means something else.

    It runs beside student code and can be fooled; then the student has spoiled their own values and nothing else.
    """

    NAMES = ("math", "numpy", "numpy.linalg", "numpy.random", "random")

    def __init__(self, extra: Sequence[str] = ()) -> None:
        ours = [name for name in sys.modules if name.startswith(f"{__package__}.")]
        self._modules = {name: sys.modules[name] for name in (*self.NAMES, *extra, *ours) if name in sys.modules}
        spaces: list[Mapping[str, Any]] = [vars(builtins), *(vars(module) for module in self._modules.values())]
        spaces += [vars(value) for name in ours for value in vars(sys.modules[name]).values() if type(value) is type]
        self._before = [(space, dict(space)) for space in spaces]
        self._codes = [(value, value.__code__) for space in spaces for value in _functions(space)]

    def spoiled(self) -> bool:
        try:
            return not (
                all(before.items() <= now.items() for now, before in self._before)
                and self._modules.items() <= sys.modules.items()
                and all(function.__code__ is code for function, code in self._codes)
            )
        except BaseException:  # a replaced value whose == raises
            return True


def _functions(space: Mapping[str, Any]) -> list[FunctionType]:
    """The Python functions in a module's names, the methods of its classes among them."""
    found = []
    for value in space.values():
        inside = vars(value).values() if isinstance(value, type) else (value,)
        found += [item for item in inside if isinstance(item, FunctionType)]
    return found


# --- the process ------------------------------------------------------------------------------------------------------


def serve(channel: int, prepared: Prepared, terms: Terms, watch: Watch, torch: ModuleType | None) -> NoReturn:
    """Confine this process, then answer questions on descriptor `channel` until the end. Never returns."""
    # Bound here, before any student code: it may replace the attributes of os and of this module.
    leave = os._exit
    try:
        _serve(_reader(channel), _writer(channel), prepared, terms, watch, torch)
    except BaseException:
        leave(OUR_FAULT)
    leave(0)


def _serve(
    read: Callable[[int], bytes],
    write: Callable[[bytes], None],
    prepared: Prepared,
    terms: Terms,
    watch: Watch,
    torch: ModuleType | None,
    *,
    receive: Callable[..., tuple[dict[str, Any], bytes]] = read_frame,
    decode: Callable[..., tuple[QuestionRequest, str]] = decode_question,
    encode: Callable[..., bytes] = encode_reply,
    work: Callable[[QuestionRequest], QuestionReply] = answer,
    too_big: Callable[[str, str], bytes] = encode_too_big,
    oversized: tuple[type[BaseException], ...] = (TooBig, MemoryError),
) -> None:
    obtained = confine(prepared, terms.cpu_seconds, terms.memory)
    write(encode_frame({"type": "ready", "confinement": list(obtained)}))
    first = True
    while True:
        header, body = receive(read)
        if header.get("type") == "end":
            write(encode_frame(header))
            return
        request, token = decode(header, body)
        del header, body
        if not first:  # the zygote has settled them for the first question
            settle(torch)
        first = False
        reply = work(request)
        try:
            frame = encode(reply, token, reaching(request.pieces) and watch.spoiled(), terms.reply_bytes)
        except oversized:
            frame = too_big(request.id, token)
        write(frame)
        del reply, frame


def _reader(channel: int, read: Callable[[int, int], bytes] = os.read) -> Callable[[int], bytes]:
    def exactly(count: int) -> bytes:
        chunks = []
        while count:
            chunk = read(channel, min(count, 1 << 20))
            if not chunk:
                raise EOFError
            chunks.append(chunk)
            count -= len(chunk)
        return b"".join(chunks)

    return exactly


def _writer(channel: int, write: Callable[[int, Any], int] = os.write) -> Callable[[bytes], None]:
    def everything(frame: bytes) -> None:
        rest = memoryview(frame)
        while rest:
            rest = rest[write(channel, rest) :]

    return everything
