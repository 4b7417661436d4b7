"""What one confined child costs: fork, confine, one question, end. Prints milliseconds, median and best of N.

python benchmarks/worker_cost.py [N]
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np

from grader.client import Worker
from grader.worker.program import Program
from grader.worker.request import QuestionRequest, Source

SOURCE = "class Linear:\n    def forward(self, X):\n        return X @ X.T\n"
STEPS = (
    ["name", 0, "Linear"],
    ["call", 1, 0, None, [], {}],
    ["call", 2, 1, "forward", [{"array": 0}], {}],
    ["yield", "Y", {"handle": 2}],
)


def measure(times: int, layers: tuple[str, ...] | None) -> list[float]:
    """Milliseconds of each run."""
    program = Program(STEPS, (np.ones((3, 2)),), ("X",))
    question = QuestionRequest("Q1", (Source("hw.py", SOURCE),), (("case", program, {}),))
    with Worker(layers=layers) as worker:
        worker.run([question])
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            worker.run([question])
            taken.append((time.perf_counter() - began) * 1e3)
    return taken


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    for name, layers in (("unconfined", ()), ("confined", None)):
        taken = measure(count, layers)
        print(f"{name:11} median {statistics.median(taken):.2f} ms   best {min(taken):.2f} ms")
