"""JSON in a text or a printout, written out line by line, every value behind the names that lead to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

_OPENING: Final = re.compile(r'\{\s*"')
_DECODER: Final = json.JSONDecoder(parse_float=str, parse_int=str)  # the digits stay as they are written
_MOST: Final = 100  # objects that are looked at


def unnested(text: str) -> str:
    """The text with its JSON objects written out.

    >>> print(unnested('{"final": {"W1": [[0.17, 0.25]]}, "losses": {"0": 0.2984, "10": 0.1752}}').strip())
    final W1: [[0.17, 0.25]]
    losses epoch 0: 0.2984
    losses epoch 10: 0.1752
    """
    parts: list[str] = []
    at = 0
    for _ in range(_MOST):
        opening = _OPENING.search(text, at)
        if opening is None:
            break
        try:
            found, end = _DECODER.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            parts.append(text[at : opening.end()])
            at = opening.end()
            continue
        parts += [text[at : opening.start()], "\n", *(f"{line}\n" for line in _lines(found, ""))]
        at = end
    return "".join([*parts, text[at:]])


def _lines(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        counted = len(value) > 1 and all(str(key).isdecimal() for key in value)
        for key, inner in value.items():
            yield from _lines(inner, " ".join(part for part in (path, f"epoch {key}" if counted else key) if part))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for item in value:
            yield from _lines(item, path)
    else:
        yield f"{path}: {_written(value)}"


def _written(value: Any) -> str:
    return f"[{', '.join(map(_written, value))}]" if isinstance(value, list) else str(value)
