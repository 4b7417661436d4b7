"""Results that are not what they seem. Each is turned into plain numbers once, and judged or refused in words."""

from corpus.attack import Attack, in_relu

RIGHT = "np.maximum(X, 0)"
ALWAYS = """
class Always:
    def __eq__(self, other): return True
    def __le__(self, other): return True
    def __ge__(self, other): return True
    def __sub__(self, other): return 0
    def __rsub__(self, other): return 0
    def __bool__(self): return True
    __hash__ = None
"""


def result(name: str, expression: str, score: float, before: str = "", backward: str = "return dY * (X > 0)") -> Attack:
    """`ReLU.forward` returns `expression`."""
    return in_relu(name, f"return {expression}", score, before, backward)


ATTACKS: tuple[Attack, ...] = (
    result("equal-to-everything", "Always()", 3.0, ALWAYS),
    result("array-of-equal-to-everything", "np.full(X.shape, Always(), dtype=object)", 3.0, ALWAYS),
    result("subclass-that-lies", "X.view(Liar)", 3.0, """
class Liar(np.ndarray):
    def __eq__(self, other): return True
    def __array_ufunc__(self, *a, **k): return True
    def __array_function__(self, *a, **k): return True
    def __sub__(self, other): return 0
"""),
    result("subclass-that-is-right", f"{RIGHT}.view(Honest)", 4.0, "class Honest(np.ndarray): pass\n"),
    result("array-protocol-answers-twice", "Twice(X)", 3.0, """
class Twice:
    def __init__(self, X): self.X, self.asked = X, 0
    def __array__(self, *a, **k):
        self.asked += 1
        return self.X if self.asked == 1 else np.maximum(self.X, 0)
"""),
    result("array-interface-to-nowhere", "Nowhere()", 2.0, """
class Nowhere:
    __array_interface__ = {"shape": (4, 3), "typestr": "<f8", "data": (16, False), "version": 3}
"""),
    result("says-that-it-is-an-array", "Says()", 3.0, """
class Says:
    @property
    def __class__(self): return np.ndarray
    dtype, shape, size, ndim = np.dtype(float), (2, 2), 4, 2
"""),
    result("right-numbers-as-objects", f"{RIGHT}.astype(object)", 4.0),
    result("complex-without-imaginary-part", f"{RIGHT} + 0j", 4.0),
    result("complex", f"{RIGHT} + 1j", 3.0),
    result("text", f"{RIGHT}.astype(str)", 3.0),
    result("bytes", f"{RIGHT}.tobytes()", 3.0),
    result("long-doubles", f"{RIGHT}.astype(np.longdouble)", 4.0),
    result("structured", "np.zeros(X.shape, dtype=[('a', float), ('b', 'O')])", 3.0),
    result("dates", "np.zeros(X.shape, dtype='datetime64[s]')", 3.0),
    result("all-masked", "np.ma.masked_all(X.shape)", 3.0),
    result("memory-map", "mapped(X.shape)", 3.0, """
def mapped(shape):
    try:
        return np.memmap("/dev/zero", mode="r", shape=shape)
    except ImportError:
        raise ValueError("no map") from None
"""),
    result("negative-strides", f"{RIGHT}[::-1, ::-1].copy()[::-1, ::-1]", 4.0),
    result("without-dimensions", "np.array(0.0)", 3.0),
    result("broadcast", "np.broadcast_to(0.0, X.shape)", 3.0),
    result("beyond-its-end", "np.lib.stride_tricks.as_strided(X, shape=(1 << 20, 900), strides=(4096, 8))", 3.0),
    result("a-window-on-the-input", "X.__imul__(X > 0)", 4.0),
    result("not-a-number", "X * np.nan", 3.0),
    result("infinite", "X + np.inf", 3.0),
    result("holds-itself", "itself()", 3.0, "def itself():\n    l = []; l.append(l); return l\n"),
    result("nested-lists", "nested()", 3.0,
           "def nested():\n    l = 0\n    for _ in range(99999): l = [l]\n    return l\n"),
    result("ragged", "[[1.0], [1.0, 2.0]]", 3.0),
    result("a-generator", "(row for row in X)", 3.0),
    result("a-giant-number", "[[10 ** 999] * X.shape[1]] * X.shape[0]", 3.0),
    result("pretends-to-be-long", "Long()", 3.0, """
class Long:
    def __len__(self): return 1 << 60
    def __getitem__(self, i): raise SystemExit
"""),
    result("a-giant-that-takes-no-room", "np.broadcast_to(0.0, (1 << 20, 1 << 20))", 3.0),
    in_relu("right-only-later", "self.buffer = X - 7\nreturn self.buffer", 3.0,
            backward="self.buffer[:] = np.maximum(X, 0)\nreturn dY * (X > 0)"),
    in_relu("right-only-at-first", "self.buffer = np.maximum(X, 0)\nreturn self.buffer", 4.0,
            backward="self.buffer[:] = -7\nreturn dY * (X > 0)"),
    in_relu("a-type-with-a-name-of-a-page", "return type('<script>alert(1)</script>' * 999, (), {})()", 3.0),
    in_relu("a-type-whose-name-raises", "return Meta('T', (), {})()", 3.0, """
class Meta(type):
    @property
    def __name__(cls): raise SystemExit
"""),
)  # fmt: skip
