"""Known functions and their arguments: ReLU(·), \\max(0, ·), diag(·), f'(·), transpose(·), norm(·)."""

from __future__ import annotations

from abc import abstractmethod

from grader.formula.derivatives import Derivatives
from grader.formula.names import Name, Part
from grader.formula.stream import PAIRS
from grader.formula.symbols import FUNCTIONS
from grader.formula.tree import Apply, Expr, Norm, Number, Product, Stop, Transpose, Unreadable


class Calls(Derivatives):
    """Applies the functions that the question knows."""

    bars: list[str]
    """The bars that are open at this place; "" where a bracket stands between."""

    @abstractmethod
    def postfix(self) -> Part: ...

    @abstractmethod
    def inside(self) -> Part: ...

    def application(self, name: Name) -> Part:
        function = self.symbols.function_names[name.key]
        if not self.sees("open"):
            if function in ("max", "matmul") or not self.starts_factor():
                self.refuse(f"After {name.key} a bracket was expected.")
            self.deeper()
            args = [self.solid(self.postfix())]
            self.depth -= 1
            if self.starts_factor() or self.sees("op", "·", "×", "*", "@", "/", "⊙"):
                self.refuse(f"How far {name.key} reaches is not clear: put its argument in brackets.")
        else:
            args = self.arguments()
        end = self.tokens[self.at - 1].end
        offset, length = name.offset, end - name.offset
        if function == "matmul" and len(args) == 2 and not name.prime:
            return Product(offset, length, tuple(args), ("@",))
        if function == "max" and len(args) == 2 and not name.prime:
            zeros = [isinstance(arg, Number) and arg.value == 0 for arg in args]
            if any(zeros):
                return Apply(offset, length, "relu", args[zeros.index(True) - 1])
            raise Stop(Unreadable("The maximum of what and 0?", offset, length, "meaning"))
        if len(args) != 1 or function in ("max", "matmul"):
            raise Stop(Unreadable(f"How many arguments {name.key} takes here is not clear.", offset, length))
        if function == "transpose" and not name.prime:
            return Transpose(offset, length, args[0])
        if function == "norm" and not name.prime:
            return Norm(offset, length, args[0])
        if name.prime and function not in FUNCTIONS:
            raise Stop(Unreadable(f"What {name.key}' means is not clear.", offset, length))
        return Apply(offset, length, function, args[0], name.prime)

    def arguments(self) -> list[Expr]:
        """(a), (a, b), also wrapped once more as in \\max{(0, x)}."""
        opened = self.take()
        self.bars.append("")
        if opened.text == "{" and self.sees("open", "("):
            args = self.arguments()
            if not self.sees("close"):
                self.refuse("Here a '}' was expected.")
        else:
            args = [self.solid(self.inside())]
            while self.sees("op", ",", ";"):
                self.take()
                args.append(self.solid(self.inside()))
        self.bars.pop()
        self.expect("close", PAIRS[opened.text], opened)
        return args
