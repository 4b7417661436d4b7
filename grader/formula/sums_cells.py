"""Entries of arrays in an index formula: x_{b,i+k}, y[b][i], ∂l/∂y_{bi}, with indices that are sums of names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.formula.stream import PAIRS, Stream
from grader.formula.sums_tree import Cell, Linear, SumNode
from grader.formula.tokens import Token
from grader.formula.tree import Stop, UnknownSymbol, Unreadable

SUMS = ("sum", "Sigma", "∑")


class CellReader(Stream):
    """`arrays` maps spellings ("x", "X", "∂y") to names, `ranks` the names to their numbers of axes."""

    def __init__(
        self,
        tokens: Sequence[Token],
        arrays: Mapping[str, str],
        ranks: Mapping[str, int],
        sizes: frozenset[str],
        losses: frozenset[str],
    ) -> None:
        super().__init__(_without_fonts(tokens))
        self.arrays, self.ranks, self.sizes, self.losses = arrays, ranks, sizes, losses
        self.whole_allowed = False

    def label(self) -> tuple[str, tuple[Linear, ...]] | None:
        """∂l/∂w_k as a left-hand side: what it is the derivative by, and its indices."""
        try:
            if self.sees("font"):
                self.take()
            name, indices = self.derivative_parts(ranked=False)
        except Stop:
            return None
        return (name, indices) if self.token.kind == "end" else None

    def at_sum(self) -> bool:
        if self.sees("letter", *SUMS) or self.sees("bad", "∑"):
            return True
        letters = self.tokens[self.at : self.at + 3]
        return [(token.kind, token.text) for token in letters] == [("letter", char) for char in "sum"]

    def primes(self) -> str:
        count = 0
        while self.sees("mark", "'") or (self.sees("script", "^") and self.ahead().text == "'" and count < 4):
            self.take()
            count += self.tokens[self.at - 1].text == "'"
        return "'" * count

    def name(self) -> str:
        """A letter with its primes, or the longest run of letters that is a known name (dY)."""
        if not self.sees("letter"):
            self.refuse()
        text, best = "", 1
        for i, token in enumerate(self.tokens[self.at : self.at + 8]):
            if token.kind != "letter" or (i and token.gap):
                break
            text += token.text
            best = i + 1 if text in self.arrays else best
        name = "".join(token.text for token in self.tokens[self.at : self.at + best])
        self.at += best
        return name + self.primes()

    def before(self) -> int:
        """Where the last token that was taken ends."""
        return self.tokens[self.at - 1].end

    def at_differential(self) -> bool:
        token, after = self.token, self.ahead()
        if token.kind == "letter" and token.text + after.text in self.arrays:
            return False
        return token.kind == "d" or (token.kind == "letter" and token.text == "d" and after.kind == "letter")

    def derivative(self) -> SumNode:
        start = self.token
        name, indices = self.derivative_parts()
        length = self.before() - start.offset
        key = f"∂{name}"
        if key not in self.arrays:
            words = f"The question does not know a symbol '∂l/∂{name}'."
            raise Stop(UnknownSymbol(words, start.offset, length, key))
        array = self.arrays[key]
        return self.indexed(array, start) if not indices else self.filled(array, start, indices)

    def derivative_parts(self, ranked: bool = True) -> tuple[str, tuple[Linear, ...]]:
        r"""\frac{∂l}{∂y_{bi}} or ∂l/∂y_{bi}: the name below and its indices."""
        fraction = self.sees("frac")
        if fraction:
            self.take()
        opened = self.token
        braced = fraction and self.sees("open", "{")
        if braced:
            self.take()
        if not self.at_differential():
            self.refuse("A derivative such as ∂l/∂y was expected here.")
        self.take()
        top = self.token
        loss = self.name()
        if self.sees("script", "_"):
            self.take()
            self.group_or_one()
        if loss not in self.losses:
            words = f"The question does not know a derivative of {loss!r}."
            raise Stop(UnknownSymbol(words, top.offset, self.before() - top.offset, loss))
        if braced:
            self.expect("close", "}", opened)
        if not fraction:
            if not self.sees("op", "/"):
                self.refuse("A derivative such as ∂l/∂y was expected here.")
            self.take()
        opened = self.token
        braced = fraction and self.sees("open", "{")
        if braced:
            self.take()
        if not self.at_differential():
            self.refuse("A derivative such as ∂l/∂y was expected here.")
        self.take()
        name = self.name()
        name = self.arrays.get(name, name)
        indices = self.indices(self.ranks.get(self.arrays.get(f"∂{name}", name), 2))
        if braced:
            self.expect("close", "}", opened)
        if not ranked and not indices:
            indices = self.indices(2)
        return name, indices

    def group_or_one(self) -> None:
        opened = self.take()
        if opened.kind == "open":
            while not self.sees("close") and not self.sees("end"):
                self.take()
            self.expect("close", PAIRS[opened.text], opened)

    def indexed(self, array: str, start: Token) -> SumNode:
        return self.filled(array, start, self.indices(self.ranks[array]))

    def filled(self, array: str, start: Token, indices: tuple[Linear, ...]) -> SumNode:
        length = self.before() - start.offset
        rank = self.ranks[array]
        closed = self.sees("close")
        if len(indices) != rank and not (not indices and (self.whole_allowed or closed)):
            words = f"{rank} {'index is' if rank == 1 else 'indices are'} needed here; {len(indices)} can be seen."
            raise Stop(Unreadable(words, start.offset, length, "meaning"))
        return Cell(start.offset, length, array, indices)

    def indices(self, rank: int) -> tuple[Linear, ...]:
        """_{b,i+k}, _{bi}, [b, i+k], [b][i+k], _b[i+k], ^{(b)}_{i+k}: at most `rank` of them."""
        found: list[Linear] = []
        while len(found) < rank:
            if self.sees("script", "_") or (self.sees("script", "^") and self.ahead().kind == "open"):
                self.take()
                if not self.sees("open"):
                    found += self.letters(rank - len(found))
                    continue
            elif not self.sees("open", "[", "("):
                break
            opened = self.take()
            while not self.sees("close") and not self.sees("end"):
                found.append(self.linear())
                if self.sees("op", ",", ";"):
                    self.take()
            self.expect("close", PAIRS[opened.text], opened)
        return tuple(found)

    def letters(self, most: int) -> list[Linear]:
        """Indices without braces: w_k, and y_bi in plain text."""
        found: list[Linear] = []
        while len(found) < most and (not found or not self.token.gap):
            if self.sees("number"):
                found.append(Linear((), self.whole_number()))
            elif self.sees("letter") and not self.at_sum():
                name = self.take().text + self.primes()
                found.append(Linear(((name, 1),)))
            else:
                break
        if not found:
            self.refuse()
        return found

    def linear(self) -> Linear:
        """i + k - 1, (T' - 1 - k), 2i; a name right behind a name begins the next index."""
        self.deeper()
        total: dict[str, int] = {}
        constant, sign, first = 0, 1, True
        while True:
            while self.sees("op", "+", "-"):
                sign = -sign if self.take().text == "-" else sign
            number = self.whole_number() if self.sees("number") else None
            if self.sees("letter") and (number is None or not self.at_sum()):
                name = self.take().text + self.primes()
                total[name] = total.get(name, 0) + sign * (1 if number is None else number)
            elif number is not None:
                constant += sign * number
            elif self.sees("open", "(", "{") and first:
                opened = self.take()
                inner = self.linear()
                self.expect("close", PAIRS[opened.text], opened)
                constant += sign * inner.constant
                for name, times in inner.terms:
                    total[name] = total.get(name, 0) + sign * times
            else:
                self.refuse()
            first, sign = False, 1
            if not self.sees("op", "+", "-"):
                break
            first = True
        self.depth -= 1
        return Linear(tuple((name, times) for name, times in total.items() if times), constant)

    def whole_number(self) -> int:
        token = self.take()
        if not token.text.isdigit() or len(token.text) > 4:
            raise Stop(Unreadable("A whole number was expected here.", token.offset, token.length))
        return int(token.text)


def _without_fonts(tokens: Sequence[Token]) -> tuple[Token, ...]:
    r"""The tokens without \mathbf{…} and its like, the braces gone as well."""
    kept: list[Token] = []
    closing: list[bool] = []
    font = False
    for token in tokens:
        if token.kind == "font":
            font = True
            continue
        if token.kind == "open":
            closing.append(font and token.text == "{")
            if closing[-1]:
                font = False
                continue
        elif token.kind == "close" and closing and closing.pop():
            continue
        font = False
        kept.append(token)
    return tuple(kept)
