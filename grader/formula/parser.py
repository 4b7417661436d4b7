"""Tokens to trees: a recursive descent over sums, products and brackets; names are read in `names`.

Only known function names apply to a bracket; everything else beside a bracket is a product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from grader.formula.calls import Calls
from grader.formula.names import MAX_SCRIPTS, Name, Part
from grader.formula.stream import PAIRS
from grader.formula.symbols import Symbols
from grader.formula.tokens import Token, tokenize
from grader.formula.tree import (
    Elementwise,
    Expr,
    Identity,
    Indicator,
    Norm,
    Number,
    Problem,
    Product,
    Reciprocal,
    Stop,
    Sum,
    Transpose,
    Unreadable,
)


def parse(text: str, symbols: Symbols) -> Expr | Problem:
    """One formula without a relation sign. What cannot be read comes back as a `Problem`, never as an exception.

    >>> from grader.formula.symbols import Symbol
    >>> known = Symbols((Symbol("W1", ("h", "n")), Symbol("x", ("n", 1))))
    >>> type(parse(r"\\boldsymbol{W^{(1)}}\\boldsymbol{x}", known)).__name__
    'Product'
    """
    try:
        return parse_tokens(tokenize(text), symbols)
    except Stop as stop:
        return stop.problem


def parse_tokens(tokens: tuple[Token, ...], symbols: Symbols, tight: bool = False) -> Expr:
    """As `parse`, on tokens closed by "end". `tight` lets ⊙ bind before the product. Raises `Stop`."""
    return Parser(tokens, symbols, tight).whole()


class Parser(Calls):
    def __init__(self, tokens: tuple[Token, ...], symbols: Symbols, tight: bool = False) -> None:
        super().__init__(tokens, symbols)
        self.tight = tight
        self.bars: list[str] = []
        self.numpy_style = any(token.kind == "op" and token.text == "@" for token in tokens)

    def whole(self) -> Expr:
        expr = self.solid(self.inside())
        if not self.sees("end"):
            self.refuse()
        return expr

    def inside(self) -> Part:
        """What may stand in a bracket: a sum, or a comparison (then it is an indicator)."""
        left = self.sum()
        if not self.sees("compare"):
            return left
        relation = self.take().text
        a, b = self.solid(left), self.solid(self.sum())
        return Indicator(a.offset, b.end - a.offset, a, relation, b)

    def sum(self) -> Part:
        self.deeper()
        start = self.token.offset
        sign, signed = self.signs()
        first = self.operand()
        if self.sees("op", "+", "-") or signed:
            signs, terms = [sign], [self.solid(first)]
            while self.sees("op", "+", "-"):
                sign, _ = self.signs()
                signs.append(sign)
                terms.append(self.solid(self.operand()))
            first = Sum(start, terms[-1].end - start, tuple(signs), tuple(terms))
            if signs == [1]:
                first = terms[0]
        self.depth -= 1
        return first

    def signs(self) -> tuple[int, bool]:
        sign, seen = 1, False
        while self.sees("op", "+", "-"):
            sign, seen = (-sign if self.take().text == "-" else sign), True
        return sign, seen

    def operand(self) -> Part:
        """The product binds before ⊙, or the other way round."""
        if self.tight:
            return self.product(lambda: self.elementwise(self.factor))
        return self.elementwise(lambda: self.product(self.factor))

    def elementwise(self, read: Callable[[], Part]) -> Part:
        first = read()
        if not self.circled():
            return first
        parts = [self.solid(first)]
        while self.circled():
            self.take()
            parts.append(self.solid(read()))
        return Elementwise(parts[0].offset, parts[-1].end - parts[0].offset, tuple(parts))

    def circled(self) -> bool:
        if self.sees("op", "⊗") and self.symbols.otimes is None:
            words = "⊗ has several meanings. Write ⊙ for entry by entry, or a product with a transpose."
            raise Stop(Unreadable(words, self.token.offset, self.token.length, "meaning"))
        return self.sees("op", "⊙") or (self.symbols.otimes == "elementwise" and self.sees("op", "⊗"))

    def product(self, read: Callable[[], Part]) -> Part:
        first = read()
        factors: list[Expr] = []
        joins: list[str] = []
        while True:
            if self.sees("op", "·", "×", "*", "@"):
                join = self.take().text
                join = ".*" if join == "*" and self.numpy_style else join
                part = self.solid(read())
            elif self.sees("op", "/"):
                join = ""
                slash = self.take()
                divisor = self.solid(self.factor())
                part = Reciprocal(slash.offset, divisor.end - slash.offset, divisor)
            elif self.symbols.otimes == "outer" and self.sees("op", "⊗"):
                join = self.take().text
                right = self.solid(read())
                part = Transpose(right.offset, right.length, right)
            elif self.starts_factor():
                join, part = "", self.solid(read())
            else:
                break
            factors = factors or [self.solid(first)]
            factors.append(part)
            joins.append(join)
        if not factors:
            return first
        start = factors[0].offset
        return Product(start, factors[-1].end - start, tuple(factors), tuple(joins))

    def starts_factor(self) -> bool:
        token = self.token
        if token.kind == "bar":
            return not (self.bars and self.bars[-1] == token.text)
        return token.kind in ("letter", "number", "open", "font", "accent", "frac", "d")

    def factor(self) -> Part:
        if self.sees("op", "+", "-"):
            start = self.token.offset
            sign, _ = self.signs()
            part = self.solid(self.postfix())
            return Sum(start, part.end - start, (sign,), (part,)) if sign < 0 else part
        return self.postfix()

    def postfix(self) -> Part:
        part = self.scripted(self.primary())
        for _ in range(MAX_SCRIPTS):
            if not (isinstance(part, Name) and part.key in self.symbols.function_names) or self.sees("close", "}"):
                break
            part = self.scripted(self.application(part))
        return part

    def scripted(self, part: Part) -> Part:
        if isinstance(part, Number | Identity) and self.sees("script", "_"):
            start = self.at
            if isinstance(part, Identity) and all(t.kind in ("letter", "number") for t in self.script_tokens()):
                return part
            self.at = start
            part = self.indicator(part)
        if isinstance(part, Number) and part.value == 1 and self.sees("open", "(", "[", "\\{") and not self.token.gap:
            inner = self.primary()
            if not isinstance(inner, Indicator):
                raise Stop(Unreadable("What this 1 is applied to is not clear.", part.offset, inner.end - part.offset))
            part = replace(inner, offset=part.offset, length=inner.end - part.offset)
        scripts = self.scripts(part)
        return self.attach(part, scripts) if scripts else part

    def indicator(self, part: Expr) -> Expr:
        """1_{z > 0}"""
        if self.ahead().kind != "open":
            self.refuse()
        self.take()
        inner = self.solid(self.group())
        if not isinstance(inner, Indicator):
            raise Stop(Unreadable("What this index means is not clear.", inner.offset, inner.length))
        return replace(inner, offset=part.offset, length=inner.end - part.offset)

    def primary(self) -> Part:
        self.deeper()
        part = self.atom()
        self.depth -= 1
        return part

    def atom(self) -> Part:
        token = self.token
        match token.kind:
            case "number":
                self.take()
                if len(token.text) > 20:
                    raise Stop(Unreadable("This number is too long.", token.offset, token.length, "token"))
                return Number(token.offset, token.length, float(token.text))
            case "font":
                self.take()
                part = self.group() if self.sees("open", "{") else self.primary()
                if token.text in ("underbrace", "overbrace") and self.sees("script"):
                    self.script_tokens()
                if token.text.startswith("mathbb") and isinstance(part, Identity) and self.sees("open"):
                    part = Number(part.offset, part.length, 1.0)  # an indicator function, not the identity matrix
                return self.widened(part, token.offset)
            case "accent":
                return self.accented()
            case "open":
                return (self.bracketed_derivative() if self.ahead().kind == "d" else None) or self.bracket()
            case "bar":
                return self.norm()
            case "frac":
                return self.fraction()
            case "d":
                return self.derivative()
            case "letter":
                found = None
                if token.text in ("d", "delta") and not self.differentiating:
                    found = self.plain_derivative() or self.try_derivative()
                return found or self.name()
            case _:
                return self.refuse()

    def group(self) -> Part:
        """{…}, which leaves a lone name open for the scripts behind it."""
        opened = self.take()
        self.bars.append("")
        part = self.inside()
        self.bars.pop()
        self.expect("close", PAIRS[opened.text], opened)
        return part

    def bracket(self) -> Part:
        opened = self.token
        part = self.group()
        return self.widened(part if opened.text == "{" else self.solid(part), opened.offset)

    def widened(self, part: Part, offset: int) -> Part:
        """The part with the brackets or the font around it, for its place in the text."""
        return replace(part, offset=offset, length=self.tokens[self.at - 1].end - offset)

    def norm(self) -> Expr:
        opened = self.take()
        self.bars.append(opened.text)
        arg = self.solid(self.sum())
        self.bars.pop()
        end = self.expect("bar", opened.text, opened).end
        raised: tuple[Token, ...] = ()
        if self.sees("script", "^") and self.ahead().kind == "number" and self.ahead(2).text == "_":
            raised = (self.take(), self.take())  # ^2_2 is _2^2
        if self.sees("script", "_"):
            tokens = self.script_tokens()
            self.tokens = (*self.tokens[: self.at], *raised, *self.tokens[self.at :])
            if "".join(t.text for t in tokens if t.kind in ("number", "letter")) not in ("2", "F"):
                place = tokens[0] if tokens else opened
                raise Stop(Unreadable("This is another norm than the question's.", place.offset, place.length))
            end = self.tokens[self.at - 1].end
        return Norm(opened.offset, end - opened.offset, arg)

    def fraction(self) -> Expr:
        start = self.take()
        if self.differential(1 if self.sees("open", "{") else 0):
            braced = self.sees("open", "{")
            opened = self.take() if braced else self.token
            top = self.differential_name()
            if braced:
                self.expect("close", "}", opened)
            opened = self.token
            braced = self.sees("open", "{")
            if braced:
                self.take()
            bottom = self.differential_name()
            end = (self.expect("close", "}", opened) if braced else self.tokens[self.at - 1]).end
            return self.pair(top, bottom, start.offset, end)
        top_expr, bottom_expr = self.half(), self.half()
        end = self.tokens[self.at - 1].end
        below = Reciprocal(bottom_expr.offset, bottom_expr.length, bottom_expr)
        return Product(start.offset, end - start.offset, (top_expr, below), ("",))

    def half(self) -> Expr:
        """The numerator or denominator of \\frac: a group, or the next digit or letter."""
        if self.sees("open", "{"):
            return self.solid(self.group())
        token = self.token
        if token.kind == "number" and len(token.text) > 1 and token.text.isdigit():
            head = Token("number", token.text[0], token.offset, 1, token.gap)
            tail = Token("number", token.text[1:], token.offset + 1, token.length - 1, False)
            self.tokens = (*self.tokens[: self.at], head, tail, *self.tokens[self.at + 1 :])
        if not self.starts_factor():
            self.refuse()
        return self.solid(self.primary())

    def derivative(self) -> Expr:
        top = self.differential_name()
        if not self.sees("op", "/"):
            self.refuse("A derivative such as ∂l/∂y was expected here.")
        self.take()
        bottom = self.differential_name()
        return self.pair(top, bottom, top.offset, bottom.end)
