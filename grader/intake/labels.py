r"""What a label means: the words a rubric declares for it, and how a student's wording is compared with them.

Wordings are brought to one form first: ``\frac{\partial L}{\partial X}``, ``dL/dX``, ``grad_X`` and "gradient with
respect to X" are all ``dx``; ``W_{new}`` and ``W^{new}`` are ``w_new``; case does not count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from grader.intake.plain import ROW, SOFT, plain
from grader.model import Array

_D: Final = r"(?:∂|d|δ)"
_OF: Final = r"(?:\\?(?:loss|cost|ell|err|error|[lejcfy])\b)?"
_FRACTION: Final = re.compile(
    rf"\\[dtc]?frac[ {{]{{0,4}}{_D}[ {{]{{0,4}}(?:\\?[a-z]{{1,5}})?"
    rf"[ }}]{{0,4}}[ {{]{{0,4}}{_D}[ {{]{{0,4}}([a-z]{{1,10}}(?:_\w+)?)[ }}]{{0,4}}"
)
_SLASH: Final = re.compile(
    rf"\(?(?<![a-z]){_D}[ {{]{{0,4}}{_OF}[ }}]{{0,4}}\)?[ ]?/[ ]?\(?[ ]?{_D}[ {{]{{0,4}}([a-z]{{1,10}}(?:_\w+)?)"
    r"(?![a-z])[ }]{0,4}\)?"
)
_JOINED: Final = re.compile(r"\bd(?:loss|[lje])_?d_?(x|y|z|w|b|inputs?|outputs?|weights?|bias(?:es)?)\b")
_NABLA: Final = re.compile(r"∇[ ]?_?[ ]?\{?[ ]?([a-z]{1,10})\b[ ]?\}?(?:[ ]?\(?\\?\b(?:l|j|e|loss|ell)\b\)?)?")
_GRAD_CALL: Final = re.compile(r"\bgrad(?:ient)?[ ]?(?:\(|_\{?)[ ]?([a-z]{1,10})[ ]?[)}]?")
_GRAD_AFTER: Final = re.compile(r"\b([a-z]{1,10})(?:_|\.)grad(?:ient)?\b")
_DELTA: Final = re.compile(r"(?:\\delta|δ)[ ]?_?[ ]?\{?([a-z])\b\}?")
_NESTED: Final = re.compile(r"\{[ ]{0,3}\{([^{}]{0,30})\}[ ]{0,3}\}")
_BASE: Final = re.compile(r"\{[ ]{0,3}(\w{1,20})[ ]{0,3}\}(?=[ ]?[_^'])")
_STAR: Final = re.compile(r"\^[ ]?\{?[ ]?\*[ ]?\}?")
_SUB: Final = re.compile(r"[ ]?([_^])[ ]?\{[ ]?\(?[ ]?([\w+*'\-]{1,20})[ ]?\)?[ ]?\}|(\^)[ ]?\(?(\w+)\)?")
_TOKEN: Final = re.compile(r"[^\W_][\w']*(?:\^t\b|\[\d)?|[-+*/@]")
_OPERATORS: Final = frozenset("+-*/@")
_BETWEEN: Final = """of the loss l function fn cost error with respect to wrt for on in its our final total respective
regarding about by is layer s matrix vector"""
_FILLERS: Final = frozenset(_BETWEEN.split())  # what may stand between "gradient" and the name it belongs to
_GRADIENT: Final = frozenset({"gradient", "gradients", "grad", "grads", "derivative", "partial"})
_NOUNS: Final = frozenset(
    {"input", "inputs", "output", "weight", "weights", "bias", "biases", "x", "y", "w", "b", "upstream"}
)


@dataclass(frozen=True)
class LabelWords:
    """The words for one label of a question.

    `names` name it by themselves ("Y", "XW+b", "output"; a name that ends in … stands for every formula that begins
    so); `headings` may stand above it or be shared with another label ("updated parameters"); `never` name something
    else that looks alike ("dW", "W_old"). `given` is the value that the question itself states under the same name; it
    is an answer only where a word of `fresh` ("new", "updated") says so. `number`: the value is a single number.
    """

    names: tuple[str, ...]
    headings: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    given: Array | float | None = None
    fresh: tuple[str, ...] = ()
    number: bool = False


@dataclass(frozen=True)
class Hit:
    """What a wording means. `strength` 2: a name, 1: a heading, 0: nothing known.

    `labels` are those meant; empty with strength 2 means something that is known to be none of them. `formula`: the
    wording calculates something unknown. `sure`: it can mean nothing else.
    """

    strength: int = 0
    labels: tuple[str, ...] = ()
    formula: bool = False
    sure: bool = True


@lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[str, ...]:
    """A wording as a sequence of words and signs, in one form.

    >>> tokens("gradient w.r.t. the weights"), tokens("W_{new} = W - lr * dL/dW")
    (('dweights',), ('w_new', 'w', '-', 'lr', '*', 'dw'))
    """
    text = text[-300:].casefold().replace(SOFT, " ").replace(ROW, " ").replace("&", " ")
    text = re.sub(r"\bw\.?[ ]?r\.?[ ]?t\b\.?", "wrt", text)
    for _ in range(2):
        text = _NESTED.sub(r"{\1}", text)
    text = _FRACTION.sub(r" d\1 ", text)
    text = _JOINED.sub(r" d\1 ", _SLASH.sub(r" d\1 ", text))
    text = _DELTA.sub(r" d\1 ", _NABLA.sub(r" d\1 ", text))
    text = _GRAD_AFTER.sub(r" d\1 ", _GRAD_CALL.sub(r" d\1 ", text))
    text = re.sub(r"∂[ ]?([a-z])\b", r"d\1", text)
    text = _SUB.sub(_suffix, _STAR.sub("", _BASE.sub(r"\1", text)))
    text = re.sub(r"\b(?:self|layer|linear|test_linear|model|lin|l1|fc)\.", " ", text)
    text = re.sub(r"(?<=[^\W\d_]{3})-(?=[^\W\d_]{3})", " ", text)
    text = re.sub(r"\\(?:eta|alpha|lambda|mathrm)\b|η|α", " lr ", text).replace("\\", " ")
    return _gradients([word.strip("_") or word for word in _TOKEN.findall(text)])


def _suffix(match: re.Match[str]) -> str:
    """An index or exponent as part of the name; a transpose keeps its mark."""
    mark, inner = match[1] or "^", match[2] or match[4]
    inner = inner.replace("+", "plus").replace("-", "minus").replace("*", "star")
    return "^t" if mark == "^" and inner == "t" else f"_{inner}"


def _gradients(words: list[str]) -> tuple[str, ...]:
    """ "gradient of the loss with respect to X" and "input gradient" as one word each."""
    result: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word not in _GRADIENT:
            result.append(word)
            at += 1
            continue
        if words[at + 1 : at + 2] == ["descent"]:
            result.append("update")
            at += 2
            continue
        ahead = at + 1
        while ahead < len(words) and (words[ahead] in _FILLERS or words[ahead] in _GRADIENT):
            ahead += 1
        if ahead < len(words) and ahead > at + 1 and words[ahead] not in _OPERATORS:
            inner = words[ahead]
            result.append(inner if len(inner) == 2 and inner[0] == "d" else f"d{inner}")
            at = ahead + 1
        elif result and result[-1] in _NOUNS:
            result[-1] = f"d{result[-1]}"
            at += 1
        elif ahead < len(words) and words[ahead] in _NOUNS:
            result.append(f"d{words[ahead]}")
            at = ahead + 1
        else:
            result.append(word)
            at += 1
    return tuple(result)


def _compact(words: tuple[str, ...]) -> str:
    """A formula without spaces and product signs: ``X @ W + b`` is ``xw+b``."""
    bare = "".join(word for word in words if word not in ("*", "@", "np", "dot", "matmul"))
    return bare.replace("^t", "t")


@lru_cache(maxsize=4096)
def _phrase(text: str) -> tuple[str, ...]:
    return tokens(plain(text))


def recognise(text: str, words: Mapping[str, LabelWords]) -> Hit:
    """What `text` (one side of an equal sign, or a heading) means among the labels of `words`."""
    label = tokens(text)
    if not label:
        return Hit()
    formula = any(word in _OPERATORS for word in label)
    if formula:
        return _recognise_formula(label, words)
    spans: list[tuple[int, int, int, str]] = []  # start, end, strength, label
    present = frozenset(label)
    for name, declared in words.items():
        for strength, phrases in ((2, declared.names), (1, declared.headings), (-2, declared.never)):
            for phrase in phrases:
                if not phrase.isascii() and (at := text.find(phrase)) >= 0:
                    spans.append((1000 + at, 1000 + at + len(phrase), strength, name))
                wanted = _phrase(phrase)
                if wanted and wanted[0] in present:
                    spans += [(at, at + len(wanted), strength, name) for at in _places(wanted, label)]
    kept = [s for s in spans if not any(o[0] <= s[0] and s[1] <= o[1] and o[1] - o[0] > s[1] - s[0] for o in spans)]
    named = {(s[0], s[1]) for s in kept if s[2] == 2}
    others = {(s[0], s[1]) for s in kept if s[2] == -2} - named
    strong = tuple(dict.fromkeys(s[3] for s in sorted(kept) if s[2] == 2))
    weak = tuple(name for name in words if any(s[2] == 1 and s[3] == name for s in kept))
    if strong:
        return Hit(2, strong, sure=len(strong) == 1 and not others)
    if others:
        return Hit(2, ())
    return Hit(1, weak, sure=len(weak) == 1) if weak else Hit()


def _recognise_formula(label: tuple[str, ...], words: Mapping[str, LabelWords]) -> Hit:
    whole = _compact(label)
    for name, declared in words.items():
        if any(_is_formula(whole, phrase) for phrase in declared.names):
            return Hit(2, (name,))
    if any(_is_formula(whole, phrase) for declared in words.values() for phrase in declared.never):
        return Hit(2, ())
    return Hit(formula=True)


def _is_formula(whole: str, phrase: str) -> bool:
    wanted = _phrase(phrase.rstrip("…"))
    compact = _compact(wanted)
    return len(wanted) > 1 and (whole.startswith(compact) if phrase.endswith("…") else whole == compact)


def says(text: str, phrases: tuple[str, ...]) -> bool:
    """Whether one of `phrases` stands in `text`."""
    label = tokens(text)
    return any(phrase in text if not phrase.isascii() else _places(_phrase(phrase), label) for phrase in phrases)


def _places(wanted: tuple[str, ...], label: tuple[str, ...]) -> list[int]:
    """Where the words `wanted` stand in a row in `label`."""
    if not wanted or wanted[0] not in label:
        return []
    return [at for at in range(len(label) - len(wanted) + 1) if label[at : at + len(wanted)] == wanted]
