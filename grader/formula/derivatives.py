"""Derivatives as single symbols: \\frac{∂l}{∂ŷ}, ∂l/∂ŷ, dl/dyhat, dl_dyhat, looked up in the closed list."""

from __future__ import annotations

from dataclasses import replace

from grader.formula.names import Name, Names
from grader.formula.stream import PAIRS
from grader.formula.tokens import Token
from grader.formula.tree import Expr, Stop, UnknownSymbol, Unreadable, Variable


class Derivatives(Names):
    """Reads derivatives; a transpose inside one is not guessed at."""

    def differential(self, steps: int = 0) -> bool:
        token = self.ahead(steps)
        if token.kind == "d":
            return True
        after = self.ahead(steps + 1).kind
        return token.kind == "letter" and token.text in ("d", "delta") and after in ("letter", "font", "accent", "open")

    def differential_name(self) -> Name:
        """∂z_1 or d(z1): the sign and one name with its index."""
        if not self.differential():
            self.refuse("A derivative such as ∂l/∂y was expected here.")
        sign = self.take()
        if self.sees("open", "("):
            opened = self.take()
            inner = self.differentiated(sign)
            end = self.expect("close", ")", opened).end
            return replace(inner, length=end - sign.offset)
        return self.differentiated(sign)

    def differentiated(self, sign: Token) -> Name:
        if not self.starts_factor() or self.sees("number", "frac"):
            self.refuse("Here the name of what is differentiated is missing.")
        self.differentiating, before = True, self.differentiating
        try:
            part = self.primary()
        finally:
            self.differentiating = before
        for script in self.scripts(part):
            longer = f"{part.key}{script.value}" if isinstance(part, Name) else ""
            if script.kind not in ("index", "suffix", "number"):
                words = "Whether the whole derivative is transposed here is not clear: put it in brackets."
                raise Stop(Unreadable(words, script.offset, script.end - script.offset, "meaning"))
            part = Name(longer, part.offset, script.end - part.offset)
        if not isinstance(part, Name):
            raise Stop(Unreadable("A derivative of a single name was expected here.", part.offset, part.length))
        if self.sees("open", "(") and self.tokens[self.at - 1].kind != "op":
            self.skip_arguments()
        return replace(part, offset=sign.offset, length=part.end - sign.offset)

    def skip_arguments(self) -> None:
        """l(y, ŷ) names the same l: a bracket with a comma is passed over."""
        start, level, comma = self.at, 0, False
        while not self.sees("end"):
            token = self.take()
            level += (token.kind == "open") - (token.kind == "close")
            comma = comma or (token.kind == "op" and token.text == ",")
            if not level:
                break
        if not comma:
            self.at = start

    def bracketed_derivative(self) -> Expr | None:
        """(∂l)/(∂ŷ) and {∂l}/{∂ŷ}"""
        before = (self.at, self.tokens, self.depth)
        try:
            opened = self.take()
            top = self.differential_name()
            self.expect("close", PAIRS[opened.text], opened)
            if self.take().text == "/" and self.sees("open") and self.ahead().kind == "d":
                second = self.take()
                bottom = self.differential_name()
                end = self.expect("close", PAIRS[second.text], second).end
                return self.pair(top, bottom, opened.offset, end)
        except Stop:
            pass
        self.at, self.tokens, self.depth = before
        return None

    def try_derivative(self) -> Expr | None:
        """dl/dyhat, dl_dyhat, dldyhat: without the slash only where the list knows the derivative."""
        before = (self.at, self.tokens, self.depth)
        slash = False
        try:
            top = self.differential_name()
            slash = self.sees("op", "/")
            if slash or self.sees("script", "_"):
                self.take()
            bottom = self.differential_name()
            return self.pair(top, bottom, top.offset, bottom.end)
        except Stop as stop:
            problem = stop.problem
            unknown_pair = isinstance(problem, UnknownSymbol) and "∂" in problem.name
            if slash and (unknown_pair or (isinstance(problem, Unreadable) and problem.kind == "meaning")):
                raise
            self.at, self.tokens, self.depth = before
            return None

    def plain_derivative(self) -> Expr | None:
        """dl_dyhat and dldyhat, letters and digits with nothing between but an underscore."""
        text, found, start = "", None, self.at
        for i, token in enumerate(self.tokens[start : start + 24]):
            if token.kind not in ("letter", "number") and (token.kind, token.text) != ("script", "_"):
                break
            if i and token.gap:
                break
            text += token.text if token.kind != "script" else ""
            if text in self.symbols.plain_derivatives:
                found = (self.symbols.plain_derivatives[text], i + 1)
        if found is None:
            return None
        name, width = found
        first, last = self.tokens[start], self.tokens[start + width - 1]
        self.at += width
        return Variable(first.offset, last.end - first.offset, name)

    def pair(self, top: Name, bottom: Name, offset: int, end: int) -> Expr:
        known = self.symbols.spellings
        pair = (known.get(top.key, top.key), known.get(bottom.key, bottom.key))
        found = self.symbols.derivatives.get(pair)
        if found is None:
            self.unknown(f"∂{top.key}/∂{bottom.key}", offset, end)
        return Variable(offset, end - offset, found)
