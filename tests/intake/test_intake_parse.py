"""Source text is parsed or refused with a SyntaxError, whatever it is and however many threads parse."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest

from grader.intake.repair import parse


@pytest.mark.parametrize(
    "source", ["x = (", "\0", "(" * 5000 + ")" * 5000, "x = " + "-" * 200_000 + "1", "a" * 3_000_000]
)
def test_what_cannot_be_parsed_is_a_syntax_error(source: str) -> None:
    with pytest.raises(SyntaxError):
        parse(source)


def failing(times: int) -> Callable[[str], ast.Module]:
    """`ast.parse` as CPython 3.11 has it where two threads parse at once: it fails so many times."""
    errors: Iterator[None] = iter([None] * times)
    right = ast.parse

    def attempt(source: str) -> ast.Module:
        for _ in errors:
            raise SystemError("AST constructor recursion depth mismatch (before=62, after=48)")
        return right(source)

    return attempt


def test_another_thread_s_parsing_is_no_fault_of_the_student(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ast, "parse", failing(3))
    assert isinstance(parse("x = 1").body[0], ast.Assign)


def test_what_never_parses_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ast, "parse", failing(100))
    with pytest.raises(SystemError):
        parse("x = 1")
