"""Writing on the grader's connection: early, late, twice, from wherever code may run after its turn."""

from corpus.attack import Attack, in_linear, in_relu

# A whole reply, as good as one can be made without the token.
FORGED = """
def forged(token="0" * 16, question="Q1"):
    import json, struct
    head = json.dumps({"type": "reply", "token": token, "id": question, "too_big": False, "spoiled": False,
                       "seconds": 0, "load_error": None, "runs": {}, "arrays": []}).encode()
    return struct.pack("<IQ", len(head), 0) + head
def everywhere(data):
    import os
    for d in range(3, 64):
        try: os.write(d, data)
        except OSError: pass
"""
# The token lies in a frame of the process that runs the code, for whoever looks.
TOKEN = """
def token():
    import sys
    frame = sys._getframe()
    while frame is not None:
        for name, value in list(frame.f_locals.items()):
            if name == "token" and isinstance(value, str):
                return value
        frame = frame.f_back
"""

ATTACKS: tuple[Attack, ...] = (
    in_linear("writes-garbage", "everywhere(b'garbage' * 99)", 2.0, FORGED, Q1="forbidden", Q3="passed"),
    in_linear("answers-early", "everywhere(forged())", 2.0, FORGED, Q1="forbidden", Q3="passed"),
    in_linear("answers-for-a-later-question", "everywhere(forged(question='Q3'))", 2.0, FORGED, Q1="forbidden"),
    in_linear("answers-twice-with-the-token", "everywhere(forged(token()))", 2.0, FORGED + TOKEN, Q1="forbidden"),
    in_linear("answers-with-the-token-and-leaves", "everywhere(forged(token())); import os; os._exit(0)", 2.0,
              FORGED + TOKEN, Q3="passed"),
    in_linear("announces-a-giant", "everywhere(b'\\xff' * 12)", 2.0, FORGED, Q1="forbidden"),
    in_linear("floods", "while True: everywhere(b'x' * 65536)", 2.0, FORGED, Q1="forbidden"),
    in_linear("forges-from-a-finaliser", "self.late = Late()", 2.0,
              FORGED + "class Late:\n    def __del__(self): everywhere(forged())\n", Q3="passed"),
    in_linear("forges-from-a-cycle", "late = Late(); late.itself = late", 4.0,
              FORGED + "class Late:\n    def __del__(self): everywhere(b'')\n"),
    in_linear("forges-at-exit", "import atexit; atexit.register(everywhere, forged())", 4.0, FORGED),
    in_linear("forges-from-a-thread", """
        try:
            import threading
            threading.Thread(target=lambda: [everywhere(forged()) for _ in iter(int, 1)], daemon=True).start()
        except RuntimeError: pass""", 4.0, FORGED),
    in_linear("forges-from-a-signal-handler", """
        import signal
        for n in range(1, 64):
            try: signal.signal(n, lambda *_: everywhere(forged()))
            except (OSError, ValueError): pass
        try: signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        except OSError: pass""", 4.0, FORGED),
    in_linear("forges-while-tracing", "import sys; sys.setprofile(lambda *_: everywhere(b'late'))", 2.0, FORGED,
              Q3="passed"),
    in_linear("reads-the-next-question", """
        import select
        ready = select.select(list(d for d in range(3, 64) if _open(d)), [], [], 0)[0]
        for d in ready: os.read(d, 1 << 20)""", 4.0,
              "import os\ndef _open(d):\n    try: os.fstat(d)\n    except OSError: return False\n    return True\n"),
    in_linear("closes-everything", "import os; os.closerange(0, 64)", 2.0, Q1="crashed", Q3="passed"),
    in_linear("leaves-at-once", "import os; os._exit(0)", 2.0, Q1="crashed", Q3="passed"),
    in_relu("a-result-that-leaves", "return Leaving()", 2.0,
            "class Leaving:\n    def __array__(self, *a, **k):\n        import os; os._exit(0)\n", Q3="crashed"),
)  # fmt: skip
