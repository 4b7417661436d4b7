"""One thread for products of matrices: in the grader's own process, and in every worker's.

The matrices here are small: a second thread gains nothing alone, and on a busy machine the first waits for it, which
makes a training some twenty times slower. NumPy looks at these variables once, so this is imported before it.
"""

import os

_LIBRARIES = ("OPENBLAS", "OMP", "MKL")
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in _LIBRARIES} | {"VECLIB_MAXIMUM_THREADS": "1"}

for _name, _count in ONE_THREAD.items():
    os.environ.setdefault(_name, _count)
