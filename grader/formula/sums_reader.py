"""Reads index formulas with sums: Σ_b Σ_i ∂l/∂y_{bi} x_{b,i+k}, in LaTeX or plain text, with any index names."""

from __future__ import annotations

from grader.formula.stream import PAIRS
from grader.formula.sums_cells import SUMS, CellReader
from grader.formula.sums_tree import Cell, Constant, Divided, Linear, Over, Plus, SumNode, Times, cells
from grader.formula.tree import Stop, UnknownSymbol, Unreadable


class SumReader(CellReader):
    """Reads one side of an equation."""

    def whole(self) -> SumNode:
        """The side as a tree. Raises `Stop`."""
        node = self.plus()
        if self.token.kind != "end":
            self.refuse()
        return node

    # -- sums and products ----------------------------------------------------------------------------------------

    def plus(self) -> SumNode:
        self.deeper()
        start = self.token
        signs, terms = [], []
        while True:
            sign = 1
            while self.sees("op", "+", "-"):
                sign = -sign if self.take().text == "-" else sign
            signs.append(sign)
            terms.append(self.times())
            if not self.sees("op", "+", "-"):
                break
        self.depth -= 1
        if signs == [1]:
            return terms[0]
        return Plus(start.offset, self.before() - start.offset, tuple(signs), tuple(terms))

    def times(self) -> SumNode:
        start = self.token.offset
        factors = [self.factor()]
        while True:
            if self.sees("op", "·", "×", "*"):
                self.take()
                factors.append(self.factor())
            elif self.sees("op", "/"):
                place = self.take()
                below = self.factor()
                factors.append(Divided(place.offset, self.before() - place.offset, below))
            elif self.token.kind in ("letter", "number", "open", "frac", "d") or self.sees("bad", "∑"):
                factors.append(self.factor())
            else:
                break
        return factors[0] if len(factors) == 1 else Times(start, self.before() - start, tuple(factors))

    def factor(self) -> SumNode:
        self.deeper()
        node = self.atom()
        self.depth -= 1
        return node

    def atom(self) -> SumNode:
        token = self.token
        if token.kind == "number":
            self.take()
            if len(token.text) > 20:
                raise Stop(Unreadable("This number is too long.", token.offset, token.length, "token"))
            return Constant(token.offset, token.length, float(token.text))
        if self.at_sum():
            return self.sum()
        if token.kind == "frac":
            return self.fraction()
        if self.at_differential():
            return self.derivative()
        if token.kind == "open":
            return self.bracket()
        if token.kind == "letter":
            return self.named()
        self.refuse()
        raise AssertionError

    def bracket(self) -> SumNode:
        opened = self.take()
        node = self.plus()
        self.expect("close", PAIRS[opened.text], opened)
        if isinstance(node, Cell) and not node.indices and self.ranks[node.array]:
            return self.indexed(node.array, opened)
        return node

    def named(self) -> SumNode:
        token = self.token
        name = self.name()
        if name in self.arrays:
            return self.indexed(self.arrays[name], token)
        if name in self.sizes:
            return Constant(token.offset, self.before() - token.offset, 0.0, name)
        words = f"The question does not know a symbol {name!r}."
        raise Stop(UnknownSymbol(words, token.offset, self.before() - token.offset, name))

    # -- sums -----------------------------------------------------------------------------------------------------

    def sum(self) -> SumNode:
        self.deeper()
        start = self.token
        self.at += 1 if start.text in SUMS else 3
        binders: list[tuple[str, Linear | None]] = []
        high: Linear | None = None
        while self.sees("script"):
            if self.take().text == "_":
                binders += self.binders()
            else:
                high = self.high()
        before, self.whole_allowed = self.whole_allowed, True
        body = self.times()
        self.whole_allowed = before
        self.depth -= 1
        length = self.before() - start.offset
        bare = [cell for cell in cells(body) if not cell.indices and self.ranks[cell.array]]
        if bare or not binders:
            whole = isinstance(body, Cell) and bare and len(binders) in (0, self.ranks[body.array]) and high is None
            if not whole or any(low for _, low in binders):
                raise Stop(Unreadable("What this sum runs over is not clear.", start.offset, length, "meaning"))
            return body
        if len(binders) > 1:
            high = None
        for index, low in reversed(binders):
            body = Over(start.offset, length, index, body, low, high)
        return body

    def binders(self) -> list[tuple[str, Linear | None]]:
        """The indices below a sum sign: b; b,i; bi; i=0; i ∈ …"""
        if not self.sees("open", "{"):
            return [(self.name(), None)]
        opened = self.take()
        found: list[tuple[str, Linear | None]] = []
        while not self.sees("close"):
            index, low = self.name(), None
            if self.sees("rel"):
                self.take()
                low = self.linear()
            elif self.sees("letter", "in") or self.sees("bad", "∈"):
                level = 0
                while not self.sees("end") and (level or not self.sees("close")):
                    token = self.take()
                    level += (token.kind == "open") - (token.kind == "close")
            found.append((index, low))
            if self.sees("op", ",", ";"):
                self.take()
        self.expect("close", "}", opened)
        return found

    def high(self) -> Linear | None:
        """The upper end of a sum; None where it is no sum of known sizes."""
        if not self.sees("open", "{"):
            token = self.take()
            name = token.text + (self.primes() if token.kind == "letter" else "")
            return Linear((), int(name)) if name.isdigit() and len(name) < 5 else Linear(((name, 1),))
        opened, start = self.take(), self.at
        try:
            bound = self.linear()
            if self.sees("close", "}"):
                self.take()
                return bound
        except Stop:
            pass
        self.at, level = start, 1
        while level and not self.sees("end"):
            token = self.take()
            level += (token.kind == "open") - (token.kind == "close")
        if level:
            raise Stop(Unreadable(f"This {opened.text!r} is never closed.", opened.offset, opened.length))
        return None

    def fraction(self) -> SumNode:
        ahead = self.tokens[self.at + 1 : self.at + 4]
        inner = ahead[1:] if ahead and ahead[0].kind == "open" else ahead
        letters = len(inner) > 1 and inner[0].text == "d" and inner[1].kind == "letter"
        if inner and (inner[0].kind == "d" or letters):
            return self.derivative()
        start = self.take()
        above, below = self.factor(), self.factor()
        divided = Divided(below.offset, below.length, below)
        return Times(start.offset, self.before() - start.offset, (above, divided))
