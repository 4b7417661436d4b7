"""Names in a formula: their fonts and accents, their indices in every spelling, their transposes, their derivatives.

The closed symbol list decides: W^1 is a layer's index where "W1" is known, and a power where it is not.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace

from grader.formula.stream import PAIRS, Stream
from grader.formula.symbols import Symbols
from grader.formula.tokens import Token
from grader.formula.tree import Apply, Expr, Identity, Power, Stop, Transpose, Unreadable, Variable

MAX_SCRIPTS = 8
MAX_EXPONENT = 8
_TRANSPOSES = frozenset({"T", "t", "tr", "transpose", "top", "intercal"})


@dataclass(frozen=True)
class Name:
    """A name whose scripts are still open: `\\boldsymbol{W}` before its `^{(1)}`."""

    key: str
    offset: int
    length: int
    prime: bool = False

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True)
class Script:
    """One sub- or superscript: an index, a bare superscript number, a transpose, a +, or a name's suffix."""

    kind: str
    value: str
    offset: int
    end: int


Part = Name | Expr


class Names(Stream):
    """Reads names; brackets and products are the parser's."""

    def __init__(self, tokens: tuple[Token, ...], symbols: Symbols) -> None:
        super().__init__(tokens)
        self.symbols = symbols
        self.differentiating = False

    @abstractmethod
    def primary(self) -> Part: ...

    @abstractmethod
    def group(self) -> Part: ...

    @abstractmethod
    def starts_factor(self) -> bool: ...

    def name(self) -> Part:
        """The longest run of letters that begins a known name."""
        start, text, best = self.at, "", 0
        run = self.tokens[start : start + 24]
        for i, token in enumerate(run):
            if token.kind != "letter" or (i and token.gap):
                break
            text += token.text
            if text in self.symbols.stems or self.function(text):
                best = i + 1
        first = self.token
        if not best:
            if first.text == "I" and self.symbols.identity:
                self.take()
                return Identity(first.offset, first.length)
            end = start
            while start and not self.tokens[start].gap and self.tokens[start - 1].kind == "letter":
                start -= 1
            first = self.tokens[start]
            while self.tokens[end].kind == "letter" and (end == start or not self.tokens[end].gap):
                end += 1
            last = self.tokens[end - 1].end
            self.unknown("".join(token.text for token in self.tokens[start:end]), first.offset, last)
        self.at += best
        key = "".join(token.text for token in run[:best])
        return Name(self.function(key) or key, first.offset, run[best - 1].end - first.offset)

    def function(self, text: str) -> str | None:
        table = self.symbols.function_names
        if text in table:
            return text
        return text.lower() if len(text) > 2 and text.lower() in table else None

    def bracketed_index(self, part: Name) -> bool:
        """W[1] and W(1), where W alone is no symbol."""
        if not self.sees("open", "[", "(") or self.token.gap or part.key in self.symbols.spellings:
            return False
        digit, closing = self.ahead().text, self.ahead(2).text
        return part.key + digit in self.symbols.spellings and digit.isdigit() and closing == PAIRS[self.token.text]

    def free(self, letter: str) -> bool:
        """Whether the question has no symbol of its own that begins with this letter."""
        return letter not in self.symbols.stems

    def accented(self) -> Part:
        accent = self.take()
        part = self.group() if self.sees("open", "{") else self.primary()
        if not isinstance(part, Name):
            raise Stop(Unreadable("Only a name can carry this mark.", accent.offset, accent.length))
        return replace(part, key=part.key + accent.text, offset=accent.offset, length=part.end - accent.offset)

    def solid(self, part: Part) -> Expr:
        """A name, all its scripts read, as a symbol."""
        if isinstance(part, Expr):
            return part
        known = self.symbols.spellings.get(part.key)
        if known is None or known not in self.symbols.table:
            if part.key in self.symbols.function_names:
                words = f"{part.key} stands here without its argument."
                raise Stop(Unreadable(words, part.offset, part.length))
            self.unknown(part.key, part.offset, part.end)
        return Variable(part.offset, part.length, known)

    def scripts(self, part: Part) -> list[Script]:
        found: list[Script] = []
        while len(found) <= MAX_SCRIPTS:
            token = self.token
            if token.kind == "script":
                self.take_script(token, part, found)
            elif token.kind == "method":
                self.take()
                found.append(Script("transpose", "T", token.offset, token.end))
            elif token.kind == "mark":
                self.take()
                found.append(Script("prime" if token.text == "'" else "transpose", "", token.offset, token.end))
            elif isinstance(part, Name) and not token.gap and token.kind == "number" and token.text.isdigit():
                if found and found[-1].kind != "suffix":
                    break
                self.take()
                found.append(Script("index", token.text, token.offset, token.end))
            elif isinstance(part, Name) and not found and self.bracketed_index(part):
                self.at += 3
                found.append(Script("index", self.tokens[self.at - 2].text, token.offset, self.tokens[self.at - 1].end))
            elif isinstance(part, Name) and not token.gap and self.sees("letter", "T") and self.free("T"):
                self.take()
                found.append(Script("transpose", "T", token.offset, token.end))
            else:
                break
        if len(found) > MAX_SCRIPTS:
            self.refuse("There are too many marks on this.")
        return found

    def take_script(self, mark: Token, part: Part, found: list[Script]) -> None:
        tokens = self.script_tokens()
        end = self.tokens[self.at - 1].end
        i = 0
        if not tokens:
            raise Stop(Unreadable("This index is empty.", mark.offset, max(1, end - mark.offset)))
        while i < len(tokens):
            token = tokens[i]
            kind, value = "", token.text
            if token.kind == "number" and token.text.isdigit():
                kind = "number" if mark.text == "^" else "index"
            elif token.kind == "open" and i + 2 < len(tokens) and tokens[i + 1].text.isdigit():
                kind, value = "index", tokens[i + 1].text
                i += 2
            elif token.kind == "open" and i + 2 < len(tokens) and tokens[i + 1].text == "T":
                kind = "transpose"
                i += 2
            elif token.kind == "mark":
                kind = "prime" if token.text == "'" else "transpose"
            elif token.kind == "letter":
                word = token.text
                while i + 1 < len(tokens) and tokens[i + 1].kind == "letter":
                    i += 1
                    word += tokens[i].text
                kind, value = ("transpose" if mark.text == "^" and word in _TRANSPOSES else "suffix"), word
            elif token.kind == "op" and token.text == "+":
                kind = "plus"
            elif token.kind == "op" and token.text == "," and i:
                i += 1
                continue
            if not kind:
                raise Stop(Unreadable("What this index or power means is not clear.", mark.offset, end - mark.offset))
            found.append(Script(kind, value, mark.offset, end))
            i += 1

    def script_tokens(self) -> list[Token]:
        """The tokens of one script without fonts and inner braces: after ^ or _, a group, a bracket or one token."""
        mark = self.take()
        while self.sees("font"):
            self.take()
        opened = self.token
        if opened.kind != "open":
            if opened.kind == "letter":
                return self.script_letters(mark)
            if opened.kind in ("end", "close", "frac", "accent", "d"):
                self.refuse()
            return [self.take()]
        level = 0
        inner: list[Token] = []
        while True:
            token = self.take()
            if token.kind == "end":
                raise Stop(Unreadable(f"This {opened.text!r} is never closed.", opened.offset, max(1, opened.length)))
            level += (token.kind == "open") - (token.kind == "close")
            keep = token.text not in ("{", "}") and token.kind != "font" and not (token.kind == "script" and inner)
            if keep:
                inner.append(token)
            if not level:
                return inner

    def script_letters(self, mark: Token) -> list[Token]:
        """Unbraced letters: y_hat and l_MSE whole where the list knows them, else one letter as LaTeX has it."""
        before = self.tokens[max(0, self.at - 2)]
        run: list[Token] = []
        while self.tokens[self.at + len(run)].kind == "letter" and len(run) < 12:
            if run and self.tokens[self.at + len(run)].gap:
                break
            run.append(self.tokens[self.at + len(run)])
        for size in range(len(run), 1, -1):
            word = "".join(token.text for token in run[:size])
            if any(key.endswith(before.text + word) for key in self.symbols.spellings) or word in _TRANSPOSES:
                self.at += size
                return run[:size]
        return [self.take()]

    def attach(self, part: Part, scripts: list[Script]) -> Part:
        """Indices first, whatever their order in the text (W^T_1), then transposes and powers."""
        if isinstance(part, Name):
            rest: list[Script] = []
            for script in scripts:
                longer = part.key + script.value
                if script.kind in ("index", "suffix"):
                    if longer not in self.symbols.stems:
                        self.unknown(longer, part.offset, script.end)
                elif not (script.kind == "number" and longer in self.symbols.spellings):
                    rest.append(script)
                    continue
                part = Name(longer, part.offset, script.end - part.offset)
            scripts = rest
            if not scripts:
                return part
            if part.key in self.symbols.function_names and [s.kind for s in scripts] == ["prime"]:
                return replace(part, length=scripts[0].end - part.offset, prime=True)
        expr = self.solid(part)
        for script in scripts:
            length = script.end - expr.offset
            if script.kind in ("transpose", "prime"):
                expr = Transpose(expr.offset, length, expr)
            elif script.kind == "plus":
                expr = Apply(expr.offset, length, "relu", expr)
            elif script.kind == "number" and len(script.value) < 3 and int(script.value) <= MAX_EXPONENT:
                expr = Power(expr.offset, length, expr, int(script.value))
            else:
                words = "What this index or power means is not clear."
                raise Stop(Unreadable(words, script.offset, script.end - script.offset))
        return expr
