"""Inert stand-ins for packages that a graded answer never needs: plots, progress bars, pictures, data sets.

Importing them works, whatever is asked of them gives another inert object, and nothing is drawn, shown or loaded. An
inert object never passes for a number. Progress bars hand their items through, for loops around training run on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import Any, NoReturn

USUAL = ("matplotlib", "torchvision", "tqdm", "IPython", "seaborn", "PIL")
# How many values a call gives, where students unpack them: ``fig, ax = plt.subplots()``.
_UNPACKED = {"subplots": 2, "hist": 3, "hist2d": 4, "plot": 1, "pie": 2, "xticks": 2, "yticks": 2}
_BAR_MODULES = ("std", "auto", "autonotebook", "notebook", "asyncio", "gui", "rich")


class Inert:
    """Any attribute, item or call of an inert package. False, empty, and an error where a number is wanted.

    >>> plt = Inert("matplotlib.pyplot")
    >>> fig, ax = plt.subplots(figsize=(8, 4))
    >>> float(ax.get_ylim()[0])
    Traceback (most recent call last):
    ...
    TypeError: matplotlib.pyplot.subplots()[1].get_ylim()[0] has no value here: plots are not drawn, pictures and \
data sets not loaded, while grading
    """

    def __init__(self, name: str, length: int = 0) -> None:
        object.__setattr__(self, "_inert", (name, length))

    def __getattr__(self, name: str) -> Inert:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Inert(f"{_name(self)}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and isinstance(args[0], FunctionType | type):
            return args[0]  # a decorator leaves the student's function as it is
        name = _name(self)
        return Inert(f"{name}()", _UNPACKED.get(name.rpartition(".")[2], 0))

    def __getitem__(self, key: Any) -> Inert:
        return Inert(f"{_name(self)}[{key!r}]")

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __delattr__(self, name: str) -> None:
        pass

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __delitem__(self, key: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Inert]:
        return iter([self[place] for place in range(len(self))])

    def __len__(self) -> int:
        length: int = object.__getattribute__(self, "_inert")[1]
        return length

    def __bool__(self) -> bool:
        return False

    def __contains__(self, item: Any) -> bool:
        return False

    def __enter__(self) -> Inert:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        return ()

    def __instancecheck__(self, instance: Any) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<{_name(self)}: not run while grading>"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def _no_number(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError(
            f"{_name(self)} has no value here: plots are not drawn, pictures and data sets not loaded, while grading"
        )

    __array__ = __float__ = __int__ = __index__ = __complex__ = __round__ = _no_number
    __lt__ = __le__ = __gt__ = __ge__ = __neg__ = __pos__ = __abs__ = __invert__ = _no_number
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _no_number
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = _no_number


def _name(inert: Inert) -> str:
    name: str = object.__getattribute__(inert, "_inert")[0]
    return name


class Bar:
    """`tqdm(iterable)`: the items as they are. Everything else that a progress bar can do does nothing."""

    def __init__(self, iterable: Iterable[Any] | None = None, *_args: Any, **_kwargs: Any) -> None:
        self.iterable = () if iterable is None else iterable

    def __iter__(self) -> Iterator[Any]:
        return iter(self.iterable)

    def __len__(self) -> int:
        items: Any = self.iterable
        return len(items)

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert(f"tqdm.{name}")

    @staticmethod
    def write(*_args: Any, **_kwargs: Any) -> None:
        """Nothing is shown."""


def trange(*bounds: Any, **_options: Any) -> range:
    """`trange(n)`: the numbers below n."""
    return range(*bounds)


class InertModule(ModuleType):
    """A package of which every name is an inert object; of tqdm, the bars are real enough to loop over."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if self.__name__.split(".")[0] == "tqdm":
            if name in _BARS:
                return _BARS[name]
            if name in _BAR_MODULES:
                return InertModule(f"{self.__name__}.{name}")
        return Inert(f"{self.__name__}.{name}")


_BARS: dict[str, Callable[..., Any]] = {"tqdm": Bar, "tqdm_notebook": Bar, "trange": trange, "tnrange": trange}


class InertFinder(MetaPathFinder, Loader):
    """For `sys.meta_path`: finds the packages named, and everything below them, as inert modules."""

    def __init__(self, names: Iterable[str] = USUAL) -> None:
        self.names = frozenset(names)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.split(".")[0] not in self.names:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return InertModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""
