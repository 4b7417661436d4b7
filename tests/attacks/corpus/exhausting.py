"""Using up time, memory, processes, descriptors, output and patience. Few endless loops: each costs its time limits."""

from corpus.attack import LINEAR, NUMPY, RELU, Attack, in_linear, in_relu, script

# Graded with short limits. Three are different for whoever has to end them, the rest hang in odd places.
ENDLESS: tuple[Attack, ...] = (
    in_relu("never-ends-and-heeds-no-signal", """
        import signal
        for n in range(1, 65):
            try: signal.signal(n, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True:
            try:
                while True: pass
            except BaseException: pass""", 2.0, Q1="passed", Q3="timeout"),
    in_relu("never-ends-in-c", "return sum(range(10 ** 15))", 2.0, Q3="timeout"),
    in_relu("sleeps", "import time; time.sleep(10 ** 6)", 2.0, Q3="timeout"),
    script("never-ends-when-loaded", NUMPY + LINEAR + RELU + "    while True: pass\n", 2.0, Q1="passed", Q3="timeout"),
    in_relu("never-ends-in-a-finaliser", "self.x = Never(); return np.maximum(X, 0)", 2.0,
            "import time\nclass Never:\n    def __del__(self): time.sleep(10 ** 6)\n"),
    in_relu("never-ends-in-an-attribute", "return Never()", 2.0,
            "import time\nclass Never:\n    def __getattr__(self, name): time.sleep(10 ** 6)\n"),
    in_relu("never-ends-in-its-text", "raise Never", 2.0,
            "import time\nclass Never(Exception):\n    def __str__(self): time.sleep(10 ** 6)\n"),
    in_relu("recursion-below-python", """
        import sys; sys.setrecursionlimit(1 << 30)
        f = lambda g: g(g); return f(f)""", 2.0),
)  # fmt: skip
ATTACKS: tuple[Attack, ...] = (
    # Honest, however long it says it is.
    in_relu("repr-that-never-ends", "return Never(X)", 4.0, """
class Never:
    def __init__(self, X): self.X = X
    def __array__(self, *a, **k): return np.maximum(self.X, 0)
    def __repr__(self):
        while True: pass
    __str__ = __format__ = __repr__
"""),
    in_relu("eats-memory", "while True: held.append(np.empty(1 << 22))", 3.0, "held = []\n"),
    in_relu("eats-memory-at-once", "return np.ones(1 << 50)", 3.0),
    in_relu("eats-memory-in-python", "return list(range(1 << 40))", 3.0),
    in_relu("eats-memory-as-text", "return 'x' * (1 << 40)", 3.0),
    in_relu("fork-bomb", "import os\nwhile True: os.fork()", 3.0),
    in_relu("threads-without-end", "import threading\nwhile True: threading.Thread(target=int).start()", 3.0),
    in_relu("endless-recursion", "return self.forward(X)", 3.0),
    in_relu("deep-pickle", "import pickle\nl = []\nfor _ in range(99999): l = [l]\nreturn pickle.dumps(l)", 3.0),
    in_relu("segmentation-fault", "import ctypes; ctypes.string_at(0)", 2.0, Q3="crashed"),
    in_relu("aborts", "import os; os.abort()", 2.0, Q3="crashed"),
    in_linear("exhausts-descriptors", """
        import os
        held = []
        try:
            while True: held.append(os.open('.', os.O_RDONLY))
        except OSError: pass
        try:
            while True: held.append(os.dup(0))
        except OSError: pass""", 4.0),
    in_linear("prints-without-end", "for _ in range(5_000): print(X)", 4.0),
    in_linear("writes-on-standard-output",
              "import os, sys; os.write(1, b'x' * 9999); sys.stderr.write('x' * 10 ** 7)", 4.0),
    in_linear("logs-without-end",
              "import warnings, logging\nfor n in range(99): warnings.warn(str(n)); logging.error(n)", 4.0),
    in_relu("raises-SystemExit", "raise SystemExit(0)", 3.0),
    in_relu("raises-KeyboardInterrupt", "raise KeyboardInterrupt", 3.0),
    in_relu("raises-what-cannot-be-told", "raise Hostile", 3.0, """
class Hostile(BaseException):
    def __str__(self): raise SystemExit
    __repr__ = __str__
    name = property(__str__)
"""),
    in_relu("raises-a-megabyte", "raise ValueError('x' * (1 << 24))", 3.0),
    in_relu("raises-a-page", "raise ValueError('</p><script>alert(1)</script>')", 3.0),
    in_relu("raises-terminal-escapes", "raise ValueError('\\x1b]0;owned\\x07\\x1b[2J\\u202egnp\\r\\n=1+1')", 3.0),
    in_relu("raises-a-name-without-end", "error = NameError(); error.name = 'n' * (1 << 24); raise error", 3.0),
    in_relu("raises-a-chain", "try: self.deeper(999)\nexcept Exception as e: raise ValueError('end') from e", 3.0),
    in_relu("raises-half-a-character", "raise ValueError('\\ud800')", 3.0),
)  # fmt: skip
