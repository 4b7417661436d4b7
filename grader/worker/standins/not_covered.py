"""How the stand-in for PyTorch says that it cannot answer."""

from __future__ import annotations

from typing import Any, NoReturn


class NotCovered(Exception):
    """Asked for a part of PyTorch that the stand-in lacks: nothing can be concluded about the student's code.

    >>> str(NotCovered("torch.fft"))
    'the stand-in for PyTorch does not cover torch.fft'
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"the stand-in for PyTorch does not cover {what}")


def _refuse(self: Any, *_args: object, **_kwargs: object) -> NoReturn:
    raise NotCovered(object.__getattribute__(self, "_what"))


class Missing:
    """A name of PyTorch that can be imported and passed over, and raises `NotCovered` as soon as it is used.

    So ``from torch import optim`` costs nothing; ``optim.SGD(...)`` or ``class Mine(nn.Linear)`` says what is missing.
    """

    def __init__(self, what: str) -> None:
        object.__setattr__(self, "_what", what)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        raise NotCovered(f"{object.__getattribute__(self, '_what')}.{name}")

    def __repr__(self) -> str:
        return f"<{object.__getattribute__(self, '_what')}: not covered by the stand-in for PyTorch>"


_USES = """
    setattr delattr call mro_entries instancecheck subclasscheck bool eq ne lt le gt ge hash len iter getitem setitem
    contains enter exit float int index array add radd sub rsub mul rmul truediv rtruediv matmul rmatmul pow rpow neg
    or ror
"""
for _name in _USES.split():
    setattr(Missing, f"__{_name}__", _refuse)
