"""The stream of tokens that the readers of this package walk along, and the words they stop with."""

from __future__ import annotations

from typing import NoReturn

from grader.formula.spelling import Kind
from grader.formula.tokens import Token
from grader.formula.tree import Stop, UnknownSymbol, Unreadable

PAIRS = {"(": ")", "[": "]", "{": "}", "\\{": "\\}"}
MAX_DEPTH = 24
"""Brackets, marks and fonts inside one another: deeper ones go to a human."""


class Stream:
    """Tokens closed by "end", a place among them, and the depth of nesting so far."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tuple(token for token in tokens if token.kind != "break")
        self.at = 0
        self.depth = 0

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.refuse("This formula is nested too deeply.")

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def ahead(self, steps: int = 1) -> Token:
        return self.tokens[min(self.at + steps, len(self.tokens) - 1)]

    def sees(self, kind: Kind, *texts: str) -> bool:
        return self.token.kind == kind and (not texts or self.token.text in texts)

    def take(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.at += 1
        return token

    def expect(self, kind: Kind, text: str, opened: Token) -> Token:
        if not self.sees(kind, text):
            if self.sees("close"):
                self.refuse(f"Here a {text!r} was expected.")
            raise Stop(Unreadable(f"This {opened.text!r} is never closed.", opened.offset, max(1, opened.length)))
        return self.take()

    def refuse(self, words: str | None = None) -> NoReturn:
        token = self.token
        if words is None:
            ended = "The formula stops here, but something is missing."
            words = ended if token.kind == "end" else f"What {token.text!r} means here is not clear."
        raise Stop(Unreadable(words, token.offset, max(1, token.length)))

    def unknown(self, name: str, offset: int, end: int) -> NoReturn:
        raise Stop(UnknownSymbol(f"The question does not know a symbol {name!r}.", offset, max(1, end - offset), name))
