"""Which modules a child has: the few that nearly every answer uses, and those that are added when a source names them.

A child may be unable to open any file, so whatever it imports must be there before it is confined. Every module makes
each fork slower, so the rarer ones wait until the words of a submission call for them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from types import ModuleType

COMMON = """
    abc array bisect cmath collections collections.abc contextlib copy dataclasses datetime enum functools heapq io
    itertools json linecache math numbers operator os pathlib pickle random re string struct sys textwrap time types
    typing warnings weakref encodings.ascii encodings.latin_1 numpy numpy.fft numpy.lib.stride_tricks numpy.linalg
    numpy.random
"""

# Nothing in here does anything when it is imported.
STANDARD = """
    argparse ast base64 calendar codecs colorsys copyreg csv ctypes decimal difflib dis doctest errno fractions gc
    getopt glob gzip hashlib html inspect keyword locale logging pdb pkgutil platform pprint queue reprlib sched secrets
    shutil signal statistics subprocess tempfile threading timeit token tokenize traceback unicodedata unittest uuid
    zipfile zlib
"""
ON_DEMAND: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in STANDARD.split()},
    "argparse": ("argparse", "locale", "shutil"),
    "concurrent": ("concurrent.futures",),
    "importlib": ("importlib", "importlib.util"),
    "mock": ("unittest.mock",),
    "multiprocessing": ("multiprocessing",),
    "urllib": ("urllib.request", "urllib.parse"),
    "xml": ("xml.etree.ElementTree",),
    "char": ("numpy.char",),
    "ctypeslib": ("numpy.ctypeslib",),
    "f2py": ("numpy.f2py",),
    "loadtxt": ("gzip", "bz2", "lzma"),
    "ma": ("numpy.ma",),
    "matlib": ("numpy.matlib",),
    "npt": ("numpy.typing",),
    "poly": ("numpy.polynomial",),
    "polynomial": ("numpy.polynomial",),
    "rec": ("numpy.rec",),
    "recfunctions": ("numpy.lib.recfunctions",),
    "savetxt": ("gzip", "bz2", "lzma"),
    "scimath": ("numpy.lib.scimath",),
    "strings": ("numpy.strings",),
    "testing": ("numpy.testing",),
}
"""By the word that calls for them in a source: modules that a child imports before it is confined."""
# A star import asks numpy for everything that it promises, the parts that it imports lazily included.
STAR_WORDS = frozenset({"char", "ctypeslib", "f2py", "ma", "npt", "polynomial", "rec", "strings", "testing"})
STAR = re.compile(r"^\s*from\s+numpy\s+import\s+\*", re.MULTILINE)

# Plots, progress bars and data sets: never part of an answer.
INERT = """
    IPython PIL altair bokeh cv2 d2l google graphviz h5py imageio ipywidgets matplotlib mpl_toolkits pandas plotly
    prettytable pylab requests seaborn skimage tabulate tensorboard tensorboardX torchaudio torchinfo torchsummary
    torchtext torchvision torchviz tqdm wandb
"""

# Names that numpy has dropped over the years, by what they meant.
ALIASES = {
    **{"float": "float64", "int": "int_", "bool": "bool_", "object": "object_", "complex": "complex128", "str": "str_"},
    **{"float_": "float64", "complex_": "complex128", "bool8": "bool_", "object0": "object_", "int0": "intp"},
    **{"uint0": "uintp", "cfloat": "complex128", "singlecomplex": "complex64", "longfloat": "longdouble"},
    **{"longcomplex": "clongdouble", "unicode_": "str_", "string_": "bytes_", "unicode": "str_", "long": "int_"},
    **{"Inf": "inf", "Infinity": "inf", "infty": "inf", "PINF": "inf", "NaN": "nan", "NAN": "nan"},
    **{"product": "prod", "cumproduct": "cumprod", "sometrue": "any", "alltrue": "all", "in1d": "isin"},
    **{"row_stack": "vstack", "trapz": "trapezoid", "round_": "round", "mat": "asmatrix"},
}


def asked_for(sources: Iterable[str]) -> tuple[str, ...]:
    """The words in `sources` that call for modules on demand, sorted.

    >>> asked_for(["import csv", "np.testing.assert_allclose(a, b)"])
    ('csv', 'testing')
    """
    found: set[str] = set()
    for source in sources:
        found |= ON_DEMAND.keys() & set(re.findall(r"[A-Za-z]\w*", source))
        if STAR.search(source):
            found |= STAR_WORDS
        if not source.isascii():
            found.add("unicodedata")  # Python itself asks for it to read a name such as `dériv`
    return tuple(sorted(found))


def restore_aliases(np: ModuleType) -> None:
    """Give numpy back the names that older student code uses, where it has none of that name."""
    for name, meaning in ALIASES.items():
        if name not in vars(np) and hasattr(np, meaning):
            setattr(np, name, getattr(np, meaning))
    for name, value in {"NINF": -math.inf, "PZERO": 0.0, "NZERO": -0.0}.items():
        if name not in vars(np):
            setattr(np, name, value)
