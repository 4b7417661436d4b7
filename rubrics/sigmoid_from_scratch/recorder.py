"""Runs inside the confined process: executes the student's cells and writes down which name holds which numbers, when.

The source of this module travels to that process; nothing else of the project can be imported there. It holds no
expected value. After every statement, in functions too, it looks at all names; what has changed goes into a transcript
of JSON lines, which leaves the process as numbers. With `scale` other than 1 every gradient of PyTorch's automatic
differentiation comes out multiplied by it: what a student computes without it stays what it is.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import json
import re
import sys
import time
import types
from typing import Any

import numpy as np

LONGEST = 3_000_000  # characters of the transcript
MOST_ENTRIES = 2_400  # of an array that is written down
STATEMENT, WHOLE = 2.0, 5.0  # CPU seconds that a statement may loop, and all of them together
VISITS = 5  # how often one and the same statement is looked at
MOMENTS = 3_000
PASSES = 12  # backward passes of one statement that are written down
HERE, BACK, MODULE = "_recorder_here", "_recorder_back", "submission"


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
        _collect("shown", value, held, 0)
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

    def run(self, cells: list[tuple[int, int, str]], namespace: dict[str, Any]) -> None:
        """Execute cells (number, first line, source) in `namespace`, statement by statement."""
        self.namespace = namespace
        namespace |= {"print": self.print, "__name__": "__main__", HERE: self.here, BACK: self.back}
        stream = types.SimpleNamespace(write=self.write, flush=lambda: None, isatty=lambda: False, encoding="utf-8")
        sys.stdout = stream
        _seed_all()
        self.watch_torch()
        for number, first, source in cells:
            self.cell = number
            try:
                tree = ast.parse(source)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            for statement in _singly(tree.body):
                ast.increment_lineno(statement, first - 1)
                self.statement(statement)

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
            framework = module or _is_module(owner)
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
                    _collect(name, value, held, 0)
                    if _is_module(value):
                        self.net(name, value)
                    elif not scope:
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
        plain = type(module).__name__ == "Sequential"
        said = json.dumps([parts, plain, type(module).__name__])
        if self.seen_nets.get(name) != said:
            self.seen_nets[name] = said
            self.say("net", cell=self.cell, name=name, parts=parts, sequential=plain, type=type(module).__name__)

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
            leaves = _leaves(roots)
            before = [None if leaf.grad is None else leaf.grad.detach().clone() for leaf in leaves]
            result = original_backward(scaled(roots), grad_tensors, *args, **named)
            self.event(roots, leaves, before, [leaf.grad for leaf in leaves])
            return result

        def grad(outputs: Any, inputs: Any, grad_outputs: Any = None, *args: Any, **named: Any) -> Any:
            roots = (outputs,) if isinstance(outputs, torch.Tensor) else tuple(outputs)
            result = original_grad(scaled(roots), inputs, grad_outputs, *args, **named)
            self.passes += 1
            asked = (inputs,) if isinstance(inputs, torch.Tensor) else tuple(inputs)
            self.event(roots, list(asked), [None] * len(asked), list(result))
            return result

        torch.autograd.backward, torch.autograd.grad = backward, grad

    def event(self, roots: Any, leaves: list[Any], before: list[Any], after: list[Any]) -> None:
        if self.passes > PASSES:
            return
        self.look("", self.namespace, 0)
        said = []
        for leaf, old, new in zip(leaves, before, after, strict=True):
            if new is None or leaf.numel() > MOST_ENTRIES:
                continue
            own = new.detach() - (old if old is not None else 0)
            said.append([_plain(leaf), _plain(own), _plain(new)])
        losses = [float(root.detach()) for root in roots if root.numel() == 1]
        self.say("backward", cell=self.cell, losses=losses, leaves=said)

    # --- what nothing in the hand-in calls ----------------------------------------------------------------------------

    def probe_losses(self) -> None:
        """Call whatever may be the loss function with given numbers, as tensors and as arrays."""
        torch = sys.modules.get("torch")
        cases = ([[0.3], [0.1]], [[0.3, -0.7, 0.9], [0.1, 0.4, 0.2]])
        for name, function in list(self.namespace.items()):
            wanted = re.search(r"loss|cost|criterion|mse|sse|error|squared", name.lower()) or name in (
                "L",
                "l",
                "J",
                "E",
            )
            if not wanted or isinstance(function, type) or not callable(function) or _is_tensor(function):
                continue
            for make in ([torch.tensor] if torch is not None and hasattr(torch, "autograd") else []) + [np.array]:
                try:
                    values = [_plain(function(*(make(side) for side in case))) for case in cases]
                except BaseException:
                    continue
                if all(value is not None for value in values):
                    self.say("loss", name=name, cases=[list(case) for case in cases], values=values)
                    break

    def drive(self, start: dict[str, Any]) -> None:
        """Call functions and classes for a backward pass that nothing has called, with made-up weights and a sample."""
        called = {scope.rstrip("!") for scope in self.known}
        functions = {
            name: value
            for name, value in list(self.namespace.items())
            if inspect.isfunction(value) and not name.startswith("_")
        }
        for name, function in functions.items():
            if re.search(r"back|grad|prop|forward|train|scratch|fit|step", name.lower()) and name not in called:
                self.attempt(function, start)
        for name, make in list(self.namespace.items()):
            if not isinstance(make, type) or _is_module_class(make) or make.__module__ != "__main__":
                continue
            methods = [m for m in vars(make) if f"{name}.{m}" not in called and not m.startswith("__")]
            if not any(re.search(r"back|grad", m.lower()) for m in methods):
                continue
            built = None
            for without in (True, False):
                try:
                    built = make() if without else make(**(_bound(make.__init__, start, True) or {"": 0}))  # type: ignore[misc]
                    break
                except BaseException:
                    continue
            if built is None:
                continue
            for wanted in (r"^forward|feed|predict", r"loss", r"back|grad"):
                for method in methods:
                    if re.search(wanted, method.lower()):
                        self.attempt(getattr(built, method), start)

    def attempt(self, function: Any, start: dict[str, Any]) -> None:
        try:
            bound = _bound(function, start, False)
            if bound is not None:
                function(**bound)
        except BaseException:
            pass


MEANINGS = (
    (r"^(x|xi|x0|x_?sample|sample|inputs?|inp|data|data_?point|point|features?|a0|x_?in|x_?input)$", "x"),
    (r"^(y|y0|yi|targets?|labels?|y_?true|t|y_?label|truth)$", "y"),
    (r"^(w_?1|weights?_?1|theta_?1|w_?h1|fc1_?w)$", "W1"),
    (r"^(w_?2|weights?_?2|theta_?2|w_?h2|fc2_?w)$", "W2"),
    (r"^(w_?3|weights?_?3|theta_?3|w_?o|w_?out|fc3_?w)$", "W3"),
    (r"^(b_?1|bias_?1|biases_?1)$", "b1"),
    (r"^(b_?2|bias_?2|biases_?2)$", "b2"),
    (r"^(b_?3|bias_?3|biases_?3|b_?o|b_?out)$", "b3"),
    (r"^(lr|learning_?rate|eta|alpha|rate)$", "lr"),
    (r"^(params?|parameters|weights|p)$", "params"),
)


def _bound(function: Any, start: dict[str, Any], creating: bool) -> dict[str, Any] | None:
    """Arguments by the meaning of their names; None where one that is needed is not understood."""
    bound: dict[str, Any] = {}
    for position, (name, parameter) in enumerate(inspect.signature(function).parameters.items()):
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) or (creating and position == 0):
            continue
        what = next((meant for pattern, meant in MEANINGS if re.match(pattern, name.lower())), None)
        if what == "params":
            bound[name] = {key: np.array(value) for key, value in start.items() if key[0] in "Wb"}
        elif what is not None and what in start:
            bound[name] = np.array(start[what]) if isinstance(start[what], list) else start[what]
        elif parameter.default is parameter.empty:
            return None
    return bound


class Instrument(ast.NodeTransformer):
    """Puts a look at the names after every statement of functions, loops and branches, and around what is returned."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.scope: list[str] = []
        self.in_function = 0
        self.framework = [False]

    def visit_FunctionDef(self, node: Any) -> Any:
        self.scope.append(node.name)
        self.in_function += 1
        held, self.scope = self.scope, self.scope[-2:]
        node.body = self.block(node.body)
        self.scope = held
        self.in_function -= 1
        self.scope.pop()
        return node

    def visit_AsyncFunctionDef(self, node: Any) -> Any:
        return self.visit_FunctionDef(node)

    def visit_ClassDef(self, node: Any) -> Any:
        bases = {getattr(base, "attr", getattr(base, "id", "")) for base in node.bases}
        self.framework.append(bool(bases & {"Module", "Sequential", "Function"}))
        self.scope.append(node.name)
        node.body = [self.visit(item) for item in node.body]
        self.scope.pop()
        self.framework.pop()
        return node

    def visit_Lambda(self, node: Any) -> Any:
        return node

    def visit_Return(self, node: Any) -> Any:
        if node.value is not None:
            node.value = self.call(BACK, node.lineno, [node.value, _call("locals")], with_module=False)
        return node

    def generic_visit(self, node: Any) -> Any:
        if isinstance(node, ast.expr):
            return node
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(node, field, None)
            if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
                setattr(node, field, self.block(inner))
        for holder in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            holder.body = self.block(holder.body)
        return node

    def block(self, statements: list[Any]) -> list[Any]:
        done: list[Any] = []
        for statement in statements:
            done.append(self.visit(statement))
            if isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue):
                continue
            if not isinstance(statement, ast.Global | ast.Nonlocal):
                local: Any = _call("locals") if self.in_function else ast.Constant(None)
                line = statement.lineno
                done.append(ast.copy_location(ast.Expr(self.call(HERE, line, [local], with_module=True)), statement))
        return done

    def call(self, what: str, line: int, more: list[Any], with_module: bool) -> Any:
        scope = ".".join(self.scope)
        arguments = [ast.Constant(self.name), ast.Constant(line), ast.Constant(scope)]
        if with_module:
            arguments.append(ast.Constant(self.framework[-1]))
        return ast.Call(ast.Name(what, ast.Load()), [*arguments, *more], [])


def _singly(statements: list[Any]) -> list[Any]:
    """The statements, imports one by one: a library that is not installed costs nothing but what uses it."""
    parted: list[Any] = []
    for statement in statements:
        if isinstance(statement, ast.Import) and len(statement.names) > 1:
            parted += [ast.copy_location(ast.Import([alias]), statement) for alias in statement.names]
        else:
            parted.append(statement)
    return parted


def _call(name: str) -> Any:
    return ast.Call(ast.Name(name, ast.Load()), [], [])


# --- values -----------------------------------------------------------------------------------------------------------


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _is_module(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and hasattr(torch, "nn") and isinstance(value, torch.nn.Module)


def _is_module_class(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and hasattr(torch, "nn") and isinstance(value, type) and issubclass(value, torch.nn.Module)


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


def _leaves(roots: Any) -> list[Any]:
    """The leaf tensors that a backward pass from `roots` reaches."""
    found: dict[int, Any] = {}
    seen: set[Any] = set()
    waiting = [root.grad_fn for root in roots if root.grad_fn is not None]
    while waiting and len(seen) < 5000:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            found[id(node.variable)] = node.variable
        waiting += [following for following, _ in node.next_functions if following is not None]
    return list(found.values())


def _plain(value: Any) -> Any:
    """A value as nested lists of floats, or None."""
    try:
        if _is_tensor(value):
            value = value.detach().cpu().numpy()
        array = np.asarray(value)
        if array.dtype.kind not in "fiu" or array.size > MOST_ENTRIES or not array.size:
            return None
        return array.astype(float).tolist()
    except Exception:
        return None


def _collect(path: str, value: Any, held: dict[str, Any], depth: int) -> None:
    """Every array and number that `value` holds, by path: ``net.0.weight``, ``grads['W1']``, ``cache[2]``."""
    if len(held) > 400 or isinstance(value, str | bytes | type) or value is None:
        return
    if isinstance(value, bool | np.bool_):
        held[path] = [float(value), "bool"]
        return
    if isinstance(value, types.ModuleType) or inspect.isroutine(value):
        return
    try:
        if _is_tensor(value):
            tag = "parameter" if type(value).__name__ == "Parameter" else "tensor"
            plain = _plain(value)
            if plain is not None:
                held[path] = [plain, tag]
            if value.is_leaf and value.grad is not None:
                held[f"{path}.grad"] = [_plain(value.grad), "autograd"]
        elif isinstance(value, int | float | np.generic | np.ndarray):
            plain = _plain(value)
            if plain is not None:
                held[path] = [plain, "number" if isinstance(value, int | float) else "array"]
        elif isinstance(value, dict):
            for key, inner in list(value.items())[:40] if depth < 3 else ():
                _collect(f"{path}[{key!r}]", inner, held, depth + 1)
        elif isinstance(value, list | tuple):
            _collect_list(path, value, held, depth)
        elif _is_module(value):
            for name, inner in value.named_parameters():
                held[f"{path}.{name}"] = [_plain(inner), "module"]
                if inner.grad is not None:
                    held[f"{path}.{name}.grad"] = [_plain(inner.grad), "autograd"]
            for name, inner in list(vars(value).items()):
                if not name.startswith("_") and name != "training":
                    _collect(f"{path}.{name}", inner, held, depth + 1)
        elif hasattr(value, "__dict__") and depth < 3 and type(value).__module__ == "__main__":
            for name, inner in list(vars(value).items())[:60]:
                _collect(f"{path}.{name}", inner, held, depth + 1)
    except Exception:
        return


def _collect_list(path: str, value: Any, held: dict[str, Any], depth: int) -> None:
    if not any(_is_tensor(item) or isinstance(item, np.ndarray) for item in value):
        plain = _plain(value)
        if plain is not None:
            held[path] = [plain, "array"]
            return
    for index, inner in enumerate(value[:30]) if depth < 3 else ():
        _collect(f"{path}[{index}]", inner, held, depth + 1)


def record(
    cells: list[tuple[int, int, str]], namespace: dict[str, Any], scale: float, start: dict[str, Any]
) -> Recorder:
    """Run everything there is to run."""
    recorder = Recorder(scale)
    namespace["__builtins__"] = builtins
    sys.modules[MODULE].__dict__.setdefault("__doc__", None)
    recorder.run(cells, namespace)
    recorder.cell = 0
    recorder.probe_losses()
    recorder.say("drive")
    recorder.drive(start)
    return recorder
