"""Which file of a hand-in an import means."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

NEVER_SIBLINGS = frozenset({"numpy", "torch", "matplotlib", "torchvision", "tqdm", "scipy", "pandas", "sklearn"})


def sibling_file(module: str, user: str, files: Iterable[str]) -> str | None:
    """The file among `files` that `import module`, written in `user`, means.

    >>> sibling_file("layers", "hw.ipynb", ["hw.ipynb", "layers.py"])
    'layers.py'
    """
    if not module or module.partition(".")[0] in NEVER_SIBLINGS:
        return None
    stem = PurePosixPath(module.replace(".", "/"))
    places = [PurePosixPath(user).parent / stem, stem, PurePosixPath(stem.name)]
    known = {name.casefold(): name for name in files}
    for place in places:
        for suffix in (".py", "/__init__.py", ".ipynb"):
            found = known.get(f"{place}{suffix}".casefold())
            if found is not None and found != user:
                return found
    return next(
        (name for name in files if name != user and PurePosixPath(name).stem == stem.name and name.endswith(".py")),
        None,
    )
