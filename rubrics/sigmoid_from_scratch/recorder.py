"""Runs inside the confined process: executes the student's cells and writes down which name holds which numbers, when.

The source of this module travels to that process, with those of `values`, `instrument` and `driving`; nothing else of
the project can be imported there. It holds no expected value. After every statement, in functions too, it looks at all
names; what has changed goes into a transcript of JSON lines, which leaves the process as numbers. With `scale` other
than 1 every gradient of PyTorch's automatic differentiation comes out multiplied by it: what a student computes without
it stays what it is.
"""

from __future__ import annotations

import ast
import json
import sys
import time
import types
from typing import Any

import numpy as np

from rubrics.sigmoid_from_scratch.instrument import BACK, HERE, Instrument, singly
from rubrics.sigmoid_from_scratch.libraries import OwnFiles, stand_in
from rubrics.sigmoid_from_scratch.values import MOST_ENTRIES, collect, is_module, leaves, plain

LONGEST = 3_000_000  # characters of the transcript
STATEMENT, WHOLE = 2.0, 5.0  # CPU seconds that a statement may loop, and all of them together
VISITS = 5  # how often one and the same statement is looked at
MOMENTS = 3_000
PASSES = 12  # backward passes of one statement that are written down


class TooLong(BaseException):
    """Ends a loop that takes too long: training that is cut short; what stands below it still runs."""


class Recorder:
    """The transcript of a run."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.lines: list[str] = []
        self.size = 0
        self.moments = 0
        self.visits: dict[tuple[str, int], int] = {}
        self.known: dict[str, dict[str, str]] = {}
        self.namespace: dict[str, Any] = {}
        self.cell = 0
        self.seen_nets: dict[str, str] = {}
        self.texts: list[str] = []
        self.passes = 0
        self.busy = False
        self.calls = 0
        self.began = self.started = time.process_time()

    def say(self, kind: str, **said: Any) -> None:
        if self.size < LONGEST:
            line = json.dumps({"k": kind, **said})
            self.lines.append(line)
            self.size += len(line) + 1

    def transcript(self) -> Any:
        """The transcript, eight ASCII characters an integer."""
        self.flush()
        text = "\n".join(self.lines).encode("ascii")
        return np.frombuffer(text + b"\n" * (8 + -len(text) % 8), dtype=np.int64)

    # --- what is printed ----------------------------------------------------------------------------------------------

    def print(self, *values: Any, sep: Any = None, end: Any = None, file: Any = None, flush: bool = False) -> None:
        self.texts.append((" " if sep is None else sep).join(map(str, values)) + ("\n" if end is None else end))
        for value in values:
            self.shown(value)

    def shown(self, value: Any) -> None:
        """What was printed as it is, unnamed: deviations often have no name."""
        held: dict[str, Any] = {}
        collect("shown", value, held, 0)
        if held:
            self.say("shown", cell=self.cell, held=held)

    def write(self, text: str) -> int:
        self.texts.append(text)
        return len(text)

    def flush(self) -> None:
        text, self.texts = "".join(self.texts), []
        if text.strip():
            self.say("print", cell=self.cell, text=text[:4000])

    # --- running ------------------------------------------------------------------------------------------------------

    def run(self, cells: list[tuple[int, int, str]], namespace: dict[str, Any], files: dict[str, str]) -> None:
        """Execute cells (number, first line, source) in `namespace`, statement by statement."""
        self.namespace = namespace
        namespace |= {"print": self.print, "__name__": "__main__", HERE: self.here, BACK: self.back}
        stream = types.SimpleNamespace(write=self.write, flush=lambda: None, isatty=lambda: False, encoding="utf-8")
        sys.stdout = sys.stderr = stream
        _seed_all()
        self.watch_torch()
        stand_in()
        sys.meta_path.append(OwnFiles(files, self.own_file))
        for number, first, source in cells:
            self.cell = number
            try:
                tree = ast.parse(source)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            for statement in singly(tree.body):
                ast.increment_lineno(statement, first - 1)
                self.statement(statement)

    def own_file(self, name: str, source: str, names: dict[str, Any]) -> None:
        """Execute a file that was handed in beside the judged one, where that imports it."""
        names |= {"print": self.print, HERE: self.here, BACK: self.back}
        for statement in singly(ast.parse(source).body):
            module = ast.fix_missing_locations(ast.Module([Instrument(name).visit(statement)], []))
            try:
                exec(compile(module, name, "exec"), names)
            except ImportError:
                continue  # what needs it says so

    def statement(self, statement: ast.stmt) -> None:
        name = f"cell {self.cell}"
        line = statement.lineno
        self.passes = 0
        self.started = time.process_time()
        try:
            if isinstance(statement, ast.Expr):
                compiled = compile(ast.Expression(statement.value), name, "eval")
                value = eval(compiled, self.namespace)
                if value is not None:
                    self.texts.append(f"{value!r}\n")
                    self.shown(value)
            else:
                traced = Instrument(name).visit(statement)
                module = ast.fix_missing_locations(ast.Module([traced], []))
                exec(compile(module, name, "exec"), self.namespace)
        except BaseException as error:
            missing = str(getattr(error, "name", "") or "")
            self.flush()
            where = line
            trace = error.__traceback__
            while trace is not None:
                if trace.tb_frame.f_code.co_filename == name:
                    where = trace.tb_lineno
                trace = trace.tb_next
            self.say(
                "error", cell=self.cell, line=line, at=where, type=type(error).__name__,
                message=str(error)[:300], name=missing,
            )  # fmt: skip
            if isinstance(error, KeyboardInterrupt | MemoryError):
                raise
        self.flush()
        self.look("", self.namespace, line)
        self.say("end", cell=self.cell, line=line)

    def here(self, name: str, line: int, scope: str, module: bool, local: dict[str, Any] | None) -> None:
        """Called after every statement inside functions and loops."""
        self.calls += 1
        if not self.calls % 16:
            now = time.process_time()
            if now - self.started > STATEMENT or (now - self.began > WHOLE and now - self.started > 0.2):
                raise TooLong("it takes long")
        visits = self.visits.get((name, line), 0)
        if visits >= VISITS or self.busy:
            return
        self.visits[name, line] = visits + 1
        self.look("", self.namespace, line)
        if local is not None and local is not self.namespace:
            owner = local.get("self")
            framework = module or is_module(owner)
            self.look(f"{scope}!" if framework else scope, local, line)

    def back(self, name: str, line: int, scope: str, value: Any, local: dict[str, Any]) -> Any:
        """Called with what a function returns."""
        self.here(name, -line, scope, False, {**local, "return": value})
        return value

    def look(self, scope: str, names: dict[str, Any], line: int) -> None:
        if self.moments >= MOMENTS or self.busy:
            return
        self.busy = True
        try:
            held: dict[str, Any] = {}
            for name, value in list(names.items()):
                if not name.startswith("_") and name != "print":
                    collect(name, value, held, 0)
                    if is_module(value):
                        self.net(name, value)
                    else:
                        self.optimizer(name, value)
            new = {path: json.dumps(value) for path, value in held.items()}
            old = self.known.get(scope, {})
            changed = {path: held[path] for path, text in new.items() if old.get(path) != text}
            gone = [path for path in old if path not in new]
            if changed or gone:
                self.moments += 1
                self.known[scope] = new
                self.say("held", cell=self.cell, line=line, scope=scope, held=changed, gone=gone)
        except Exception:
            pass
        finally:
            self.busy = False

    # --- PyTorch ------------------------------------------------------------------------------------------------------

    def net(self, name: str, module: Any) -> None:
        """The parts of a network, once."""
        parts = [
            f"{type(part).__name__}({part.in_features},{part.out_features},{part.bias is not None})"
            if hasattr(part, "in_features")
            else type(part).__name__
            for part in module.modules()
            if part is not module and not list(part.children())
        ]
        sequential = type(module).__name__ == "Sequential"
        said = json.dumps([parts, sequential, type(module).__name__])
        if self.seen_nets.get(name) != said:
            self.seen_nets[name] = said
            self.say("net", cell=self.cell, name=name, parts=parts, sequential=sequential, type=type(module).__name__)

    def optimizer(self, name: str, value: Any) -> None:
        groups = getattr(value, "param_groups", None)
        if isinstance(groups, list) and groups and isinstance(groups[0], dict) and "lr" in groups[0]:
            rate = float(groups[0]["lr"])
            if self.seen_nets.get(name) != repr(rate):
                self.seen_nets[name] = repr(rate)
                self.say("rate", cell=self.cell, name=name, rate=rate)

    def watch_torch(self) -> None:
        """Write down every backward pass: its loss, and each leaf before and after."""
        torch = sys.modules.get("torch")
        if torch is None or not hasattr(torch, "autograd") or not hasattr(torch.autograd, "backward"):
            return
        try:
            # An optimiser asks PyTorch's compiler whether to leave it alone; to import that would cost seconds.
            compiler = sys.modules.setdefault("torch._dynamo", types.ModuleType("torch._dynamo"))
            compiler.disable = lambda function=None, *_, **__: function  # type: ignore[attr-defined]
            compiler.graph_break = lambda *_, **__: None  # type: ignore[attr-defined]
            torch.set_printoptions(precision=8)
        except Exception:
            pass
        original_backward, original_grad = torch.autograd.backward, torch.autograd.grad
        scale = self.scale

        def scaled(roots: Any) -> Any:
            # Scaling the roots themselves, not the seeds, keeps PyTorch from importing what is not there.
            return roots if scale == 1 else tuple(root * scale for root in roots)

        def backward(tensors: Any, grad_tensors: Any = None, *args: Any, **named: Any) -> Any:
            roots = (tensors,) if isinstance(tensors, torch.Tensor) else tuple(tensors)
            self.passes += 1
            if self.passes > PASSES:
                return original_backward(scaled(roots), grad_tensors, *args, **named)
            reached = leaves(roots)
            before = [None if leaf.grad is None else leaf.grad.detach().clone() for leaf in reached]
            result = original_backward(scaled(roots), grad_tensors, *args, **named)
            self.event(roots, reached, before, [leaf.grad for leaf in reached])
            return result

        def grad(outputs: Any, inputs: Any, grad_outputs: Any = None, *args: Any, **named: Any) -> Any:
            roots = (outputs,) if isinstance(outputs, torch.Tensor) else tuple(outputs)
            result = original_grad(scaled(roots), inputs, grad_outputs, *args, **named)
            self.passes += 1
            asked = (inputs,) if isinstance(inputs, torch.Tensor) else tuple(inputs)
            self.event(roots, list(asked), [None] * len(asked), list(result))
            return result

        torch.autograd.backward, torch.autograd.grad = backward, grad

    def event(self, roots: Any, reached: list[Any], before: list[Any], after: list[Any]) -> None:
        if self.passes > PASSES:
            return
        self.look("", self.namespace, 0)
        said = []
        for leaf, old, new in zip(reached, before, after, strict=True):
            if new is None or leaf.numel() > MOST_ENTRIES:
                continue
            own = new.detach() - (old if old is not None else 0)
            said.append([plain(leaf), plain(own), plain(new)])
        losses = [float(root.detach()) for root in roots if root.numel() == 1]
        self.say("backward", cell=self.cell, losses=losses, leaves=said)


def _seed_all() -> None:
    """What a student leaves unseeded gets a seed, so that every run of a hand-in gives the same numbers."""
    original, reseed = np.random.default_rng, np.random.seed
    count = [0]

    def default_rng(seed: Any = None) -> Any:
        count[0] += seed is None
        return original(count[0] if seed is None else seed)

    def seed(value: Any = None) -> None:
        reseed(0 if value is None else value)

    np.random.default_rng, np.random.seed = default_rng, seed  # type: ignore[assignment]
