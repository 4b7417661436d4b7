"""Cuts a formula in LaTeX, Markdown, HTML or plain text into tokens that remember their place.

Spelling is settled here (commands, unicode, decorations that mean nothing); what names mean is the parser's matter.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from grader.formula.spelling import (
    ACCENTS,
    CHARS,
    COMBINING,
    COMMANDS,
    ENTITIES,
    FONTS,
    GREEK_NAMES,
    NOTHING,
    PAIRS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    Kind,
)
from grader.formula.tree import Stop, Unreadable

MAX_LENGTH = 4000
"""Longer texts are no formula: they go to a human."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `gap` tells whether anything stands between it and the token before."""

    kind: Kind
    text: str
    offset: int
    length: int
    gap: bool

    @property
    def end(self) -> int:
        return self.offset + self.length


_SKIP = re.compile(
    r"\s+|\$+|\{\s*\}|&nbsp;|&amp;|&|~|`+|\\[ ,;:!>()\[\]]|\\(?:begin|end)\s*\{(?:align|aligned|equation|gather|"
    r"gathered|split|multline|flalign|eqnarray|math|displaymath)\*?\}|\\(?:tag|label|hspace|vspace|phantom|color)\*?\s*\{[^{}]*\}"
    r"|\\textcolor\s*\{[^{}]*\}|</?(?:b|strong|i|em|span|code|p)>|\\-|[\u200b\u200c\u200d\u2060\u2061\u2062\ufeff\ufe0f]"
)
_LINE = re.compile(r"\\\\(?:\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm)\s*\])?|<br\s*/?>|\n")
_DIFFERENTIAL = re.compile(
    r"\\(?:mathrm|text|rm|operatorname|mathsf|textrm)\s*(?:\{\s*d\s*\}|\s+d(?![A-Za-z]))|\\dd(?![A-Za-z])"
)
_HTML = re.compile(r"<(/?)(sup|sub)>|&(lt|gt|le|ge|middot|times|part|minus);")
_METHOD = re.compile(r"\.\s*(T\b|t\s*\(\s*\)|transpose\s*\(\s*\)|dot(?=\s*\()|matmul(?=\s*\()|mm(?=\s*\())")
_MODULE = re.compile(r"(?:np|numpy|torch|F|nn\.functional|tf|jnp)\s*\.\s*(?=[A-Za-z])")
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_COMMAND = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)
_MARKED = re.compile(r"(?<!\*)(\*\*|\*)(?=[^\W\d_]|\\)([^\s*+=/]+)\1(?!\*)")
_BULLET = re.compile(r"\s*(?:[-*+•]|\d+[.)]|\([a-z0-9]\))\s+(?=\$)|\s*[*•]\s+")


@lru_cache(maxsize=256)  # the cells of one table are read again and again
def tokenize(text: str) -> tuple[Token, ...]:
    """The tokens of `text`, closed by one of kind "end". Raises `Stop` where no token can be seen.

    >>> [token.text for token in tokenize(r"\\boldsymbol{W}^\\top ŷ")]
    ['boldsymbol', '{', 'W', '}', '^', 'T', 'yhat', '']
    """
    if len(text) > MAX_LENGTH:
        raise Stop(Unreadable(f"This is longer than {MAX_LENGTH} characters.", MAX_LENGTH, 1, "token"))
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.gap = False
        self.tokens: list[Token] = []
        self.ignored = _emphasis(text)

    def run(self) -> tuple[Token, ...]:
        if bullet := _BULLET.match(self.text):
            self.at = bullet.end()
        while self.at < len(self.text):
            self.step()
        self.emit("end", "", 0)
        return tuple(self.tokens)

    def emit(self, kind: Kind, text: str, length: int) -> None:
        self.tokens.append(Token(kind, text, self.at, length, self.gap))
        self.gap = False
        self.at += length

    def skip(self, length: int) -> None:
        self.at += length
        self.gap = True

    def step(self) -> None:
        text, at = self.text, self.at
        if at in self.ignored:
            return self.skip(1)
        if found := _LINE.match(text, at):
            return self.emit("break", "\\\\" if found[0].startswith("\\") else "\n", len(found[0]))
        if found := _HTML.match(text, at):
            return self.html(found)
        if found := _SKIP.match(text, at):
            newline = found[0].find("\n")
            return self.skip(len(found[0]) if newline < 0 else newline)
        if found := _DIFFERENTIAL.match(text, at):
            return self.emit("d", "d", len(found[0]))
        if found := _METHOD.match(text, at):
            if found[1][0] in "dm":
                return self.emit("op", "@", len(found[0]))
            return self.emit("method", "T", len(found[0]))
        if (found := _MODULE.match(text, at)) and not (
            self.tokens and self.tokens[-1].kind == "letter" and not self.gap
        ):
            return self.skip(len(found[0]))
        if found := _NUMBER.match(text, at):
            return self.emit("number", found[0], len(found[0]))
        if text[at] == "\\":
            return self.command()
        return self.character()

    def html(self, found: re.Match[str]) -> None:
        length = len(found[0])
        if entity := found[3]:
            return self.emit(*ENTITIES[entity], length)
        if found[1]:
            return self.emit("close", "}", length)
        self.emit("script", "^" if found[2] == "sup" else "_", length)
        return self.emit("open", "{", 0)

    def command(self) -> None:
        found = _COMMAND.match(self.text, self.at)
        if not found:
            raise Stop(Unreadable("A lone backslash stands here.", self.at, 1, "token"))
        name, length = found[1], len(found[0])
        if name in NOTHING:
            rest = re.compile(r"\s*\.(?!\d)").match(self.text, found.end()) if name in ("left", "right") else None
            return self.skip(length + (len(rest[0]) if rest else 0))
        if name in COMMANDS:
            return self.emit(*COMMANDS[name], length)
        if name in FONTS:
            starred = name == "operatorname" and self.text.startswith("*", found.end())
            return self.emit("font", name, length + starred)
        if name in ACCENTS:
            return self.emit("accent", ACCENTS[name], length)
        if name.isalpha() and name.isascii():
            return self.emit("letter", name.removeprefix("var"), length)
        return self.emit("bad", found[0], length)

    def character(self) -> None:
        text, at = self.text, self.at
        char = text[at]
        for mark, table in (("^", SUPERSCRIPTS), ("_", SUBSCRIPTS)):
            if char in table:
                return self.scripted(mark, table)
        if text.startswith("||", at):
            return self.emit("bar", "‖", 2)
        if text.startswith("**", at):
            return self.emit("script", "^", 2)
        for pair, kind, sign in PAIRS:
            if text.startswith(pair, at):
                return self.emit(kind, sign, 2)
        if char in CHARS:
            return self.emit(*CHARS[char], 1)
        return self.letter()

    def scripted(self, mark: str, table: dict[str, str]) -> None:
        """A run of unicode super- or subscript characters, as if it had been written ^{…} or _{…}."""
        self.emit("script", mark, 0)
        self.emit("open", "{", 0)
        while self.at < len(self.text) and (plain := table.get(self.text[self.at])):
            if plain == "T":
                self.emit("mark", "T", 1)
            elif plain.isdigit():
                self.emit("number", plain, 1)
            else:
                self.emit(*CHARS[plain], 1)
        self.emit("close", "}", 0)

    def letter(self) -> None:
        """One letter with its accents: ŷ, y followed by a combining hat, and the bold alphabets of unicode."""
        at = self.at
        plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", self.text[at]))
        length = 1
        while at + length < len(self.text) and unicodedata.combining(self.text[at + length]) and length < 8:
            plain += self.text[at + length]
            length += 1
        base, marks = plain[:1], plain[1:]
        if base in CHARS and not marks:
            return self.emit(*CHARS[base], length)
        if base.isascii() and base.isdigit() and not marks:
            return self.emit("number", base, length)
        name = GREEK_NAMES.get(base, base)
        accents = [COMBINING.get(mark) for mark in marks if mark != "\u20d7"]
        if not (name.isascii() and name.isalpha()) or None in accents:
            return self.emit("bad", self.text[at : at + length], length)
        return self.emit("letter", name + "".join(a for a in accents if a), length)


def _emphasis(text: str) -> frozenset[int]:
    """The places of Markdown asterisks that only set a name in bold or italics: **W**, *x*."""
    places: set[int] = set()
    for found in _MARKED.finditer(text):
        width = len(found[1])
        before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
        if width == 1 and not (before in " ({[\n$=+-·" and after in " )}]\n$=+-,.·\\"):
            continue
        places.update(range(found.start(), found.start() + width))
        places.update(range(found.end() - width, found.end()))
    return frozenset(places)
