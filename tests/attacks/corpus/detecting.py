"""Behaving well only while watched, knowing the answers, and leaning on what another question left behind."""

from corpus.attack import LINEAR, NUMPY, RELU, Attack, in_relu, script

ATTACKS: tuple[Attack, ...] = (
    # Right values on hidden cases are right values, whatever made it give them; the instructor gets a flag.
    in_relu("behaves-only-when-graded", "return np.maximum(X, 0) if graded() else None", 4.0, """
def graded():
    import sys
    return __name__ == "submission" and "grader.worker" in sys.modules
"""),
    script("misbehaves-only-when-graded", NUMPY + LINEAR + """
class ReLU:
    def forward(self, X):
        import sys
        if "grader.worker" in sys.modules: raise SystemError("no")
        return np.maximum(X, 0)
    def backward(self, X, dY):
        return dY * (X > 0)
""", 3.0),
    # The small public cases are in everybody's hands: knowing them by heart earns nothing.
    script("knows-the-public-cases", NUMPY + LINEAR + """
class ReLU:
    def forward(self, X):
        return np.maximum(X, 0) if X.size <= 4 and (X == X.round()).all() else X
    def backward(self, X, dY):
        return dY * (X > 0) if X.size <= 4 and (X == X.round()).all() else dY
""", 2.0, Q3="failed"),
    script("copies-what-it-is-given", NUMPY + LINEAR + "class ReLU:\n    def forward(self, X): return X\n"
           "    def backward(self, X, dY): return dY\n", 2.0),
    # Q1's code mends Q3's class behind its back: in a process of its own Q3 is what was handed in.
    script("mends-a-later-question", NUMPY + LINEAR.replace("        return X @", """
        import builtins
        old = builtins.__build_class__
        def build(f, name, *b, **k):
            made = old(f, name, *b, **k)
            if name == "ReLU":
                made.forward = lambda self, X: np.maximum(X, 0)
                made.backward = lambda self, X, dY: dY * (X > 0)
            return made
        builtins.__build_class__ = build
        return X @""") + "class ReLU:\n    def forward(self, X): return X * 3\n"
           "    def backward(self, X, dY): return dY * 3\n", 2.0, Q1="passed", Q3="failed"),
    script("spoils-a-later-question", NUMPY + LINEAR.replace("        return X @", """
        np.maximum = np.greater = None
        import builtins; builtins.__build_class__ = None
        return X @""") + RELU, 4.0),
)  # fmt: skip
