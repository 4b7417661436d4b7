"""Which of several definitions a question is judged by, and what to say when there is none."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.intake.evidence import Choice, Definition, Evidence
from grader.intake.sheet import Sheet

_INIT = "__init__"
_INIT_LIKE = frozenset(
    {"__int__", "init", "_init_", "__init", "init__", "__inti__", "__ini__", "__initt__", "_init__", "__init_"}
)
_CLOSE = 0.78


@dataclass(frozen=True)
class _Fit:
    """A candidate: how many of the wanted methods it fills in, and whether under that very name."""

    definition: Definition
    filled: int
    exact: bool


def choose(
    evidence: Evidence,
    entry: str,
    section: str,
    sheet: Sheet,
    methods: Sequence[str] = ("forward", "backward"),
    avoid: Sequence[str] = (),
    prefer: Sequence[str] = (),
) -> Choice:
    """The last filled-in definition of `entry` in its own section, else the nearest fitting one.

    A definition under another question that defines the same entry is taken only when there is no other. Where sections
    do not tell, definitions that use the words of `avoid` come last, those that use the words of `prefer` first.
    """
    named = [d for d in evidence.definitions if _is_named(d, entry)]
    candidates = [
        _Fit(d, _filled(d, methods), entry in d.names) for d in named if d.kind in ("class", "assign", "function")
    ]
    if prefer and not any(fit.filled and fit.definition.section == section for fit in candidates):
        variants = [
            d
            for d in evidence.definitions
            if d.kind == "class" and d.section in (section, None) and _is_variant(d, entry, prefer)
        ]
        candidates += [_Fit(d, _filled(d, methods), False) for d in variants]
    filled = [fit for fit in candidates if fit.filled]
    if not filled:
        return _none_filled(evidence, entry, section, [fit.definition for fit in candidates], named)
    main = evidence.files[0] if evidence.files else ""
    rivals = {other for other in sheet.to_fill.get(entry, ()) if other != section}
    most = max(fit.filled for fit in filled)

    def rank(fit: _Fit) -> tuple[object, ...]:
        definition = fit.definition
        own = definition.section == section
        rival = definition.section in rivals
        in_main = definition.place.file == main
        place = (
            5
            if own and in_main
            else 4
            if in_main and not rival
            else 3
            if own
            else 2
            if not rival
            else 1
            if in_main
            else 0
        )
        words = 0 if own else _mentions(definition, prefer) - _mentions(definition, avoid)
        return (
            fit.filled == most or (own and in_main and fit.filled > 0),
            place,
            words,
            fit.filled,
            fit.exact,
            definition.order,
        )

    chosen = max(filled, key=rank).definition
    if prefer and chosen.section in rivals and not _mentions(chosen, prefer):
        return _none_filled(evidence, entry, section, [fit.definition for fit in candidates if not fit.filled], named)
    notes = list(_notes(chosen, entry, section, filled, named, main))
    misspelt = tuple(_misspelt(chosen, methods))
    notes += [
        f"The method {wrote} was read as {wanted}, which is what the sheet calls it." for wrote, wanted in misspelt
    ]
    return Choice(
        chosen, problem=chosen.problem, near=misspelt[0][0] if misspelt else None, notes=tuple(notes), misspelt=misspelt
    )


def _is_named(definition: Definition, entry: str) -> bool:
    """Whether a definition is meant for `entry`; only a class may be spelt otherwise (not `linear = Linear(2, 2)`)."""
    if entry in definition.names:
        return True
    is_class = definition.kind == "class" or (definition.kind == "broken" and definition.source.startswith("class"))
    return is_class and any(_normal(name) == _normal(entry) for name in definition.names)


def _filled(definition: Definition, methods: Sequence[str]) -> int:
    """How many of the wanted methods hold work; near misses count, and so does a class made by a call."""
    if definition.kind == "function":
        return (
            0
            if definition.blank
            else 1
            if isinstance(definition.tree, ast.FunctionDef) and _returns_class(definition.tree)
            else 0
        )
    if definition.kind == "assign" and not definition.methods:
        made = definition.tree
        return (
            len(methods)
            if isinstance(made, ast.Assign) and isinstance(made.value, ast.Call) and not definition.runs_work
            else 0
        )
    spelt = dict(_misspelt(definition, methods))
    wanted = {spelt.get(method.name, method.name) for method in definition.methods if not method.blank}
    count = sum(method in wanted for method in methods)
    if count == 0 and not definition.blank:  # methods of other names, or all of them inherited from a framework
        own = [method for method in definition.methods if not method.name.startswith("__")]
        return 1 if not own or not all(method.blank for method in own) else 0
    return count


def _returns_class(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.ClassDef) for node in function.body)


def _misspelt(definition: Definition, methods: Sequence[str]) -> list[tuple[str, str]]:
    """What the class calls a method, and what the sheet calls it."""
    if definition.kind != "class":
        return []
    own = [method.name for method in definition.methods]
    found = []
    for name in own:
        if name in methods or name == _INIT:
            continue
        if name.lower() in _INIT_LIKE:
            if _INIT not in own:
                found.append((name, _INIT))
            continue
        wanted = _closest(name, [method for method in methods if method not in own])
        if wanted and wanted not in [pair[1] for pair in found]:
            found.append((name, wanted))
    return found


def _closest(name: str, wanted: Sequence[str]) -> str | None:
    plain = _normal(name)
    exact = next((method for method in wanted if _normal(method) == plain), None)
    if exact:
        return exact
    scored = [(difflib.SequenceMatcher(None, plain, _normal(method)).ratio(), method) for method in wanted]
    score, method = max(scored, default=(0.0, ""))
    return method if score >= _CLOSE else None


def _is_variant(definition: Definition, entry: str, prefer: Sequence[str]) -> bool:
    """`LinearL2`, `L2Linear`, `Linear_reg`: the entry's name with one of the words to prefer."""
    left = _normal(definition.names[0])
    plain = _normal(entry)
    if plain not in left or left == plain:
        return False
    rest = left.replace(plain, "", 1)
    return any(_normal(word) in rest for word in (*prefer, "with"))


def _mentions(definition: Definition, words: Sequence[str]) -> int:
    """1 when one of the words stands in an identifier of the definition, else 0."""
    if not words or definition.tree is None:
        return 0
    wanted = [word.lower() for word in words]
    for name in _identifiers(definition.tree):
        parts = [part for part in re.split(r"_|(?<=[a-z])(?=[A-Z])", name) if part]
        for word in wanted:
            pieces = word.split("_")
            for start in range(len(parts) - len(pieces) + 1):
                slice_ = [part.lower() for part in parts[start : start + len(pieces)]]
                if slice_[:-1] == pieces[:-1] and (
                    slice_[-1] == pieces[-1] or (len(pieces[-1]) >= 3 and slice_[-1].startswith(pieces[-1]))
                ):
                    return 1
    return 0


def _identifiers(tree: ast.stmt) -> set[str]:
    """Each name, attribute and parameter in it, once."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                found.add(name)
    return found


def _notes(
    chosen: Definition,
    entry: str,
    section: str,
    filled: Sequence[_Fit],
    named: Sequence[Definition],
    main: str,
) -> list[str]:
    notes = []
    if entry not in chosen.names:
        notes.append(f"The sheet calls this {entry}; yours is called {chosen.names[0]}. It was judged all the same.")
    own = [
        fit for fit in filled if fit.definition.section == section and fit.definition.place.file == chosen.place.file
    ]
    if chosen.section == section and len(own) > 1:
        notes.append(f"{entry} is defined {len(own)} times under {section}; the one in {chosen.place} was judged.")
    elif chosen.section is not None and chosen.section != section:
        notes.append(
            f"No filled-in {entry} stands under {section}; the one under {chosen.section} ({chosen.place}) was judged."
        )
    if chosen.place.file != main and main:
        notes.append(f"{main} has no filled-in {entry} for {section}; the one in {chosen.place.file} was judged.")
    for definition in named:
        if definition.kind == "broken" and definition.section == chosen.section and definition.order > chosen.order:
            notes.append(
                f"A later {entry} ({definition.place}) does not parse ({definition.problem}) and was left aside."
            )
    return notes


def _none_filled(
    evidence: Evidence, entry: str, section: str, candidates: Sequence[Definition], named: Sequence[Definition]
) -> Choice:
    broken = [d for d in named if d.kind == "broken"] or [d for d in candidates if d.problem]
    if broken:
        own = [d for d in broken if d.section == section] or broken
        last = own[-1]
        where = f"{last.place.file}, cell {last.place.cell}" if last.place.cell is not None else last.place.file
        return Choice(None, problem=f"{entry} does not parse ({where}, {last.problem}).")
    if candidates:
        own = [d for d in candidates if d.section == section] or list(candidates)
        return Choice(own[-1], blank=True)
    known = dict.fromkeys(name for d in evidence.definitions if d.kind in ("class", "function") for name in d.names)
    plain = {_normal(name): name for name in known if not name.startswith("_")}
    close = difflib.get_close_matches(_normal(entry), [name for name in plain if name], n=1, cutoff=_CLOSE)
    holding = [name for name in plain if _normal(entry) in name and len(entry) > 3]
    near = plain[close[0]] if close else plain[holding[0]] if holding else None
    return Choice(None, near=near)


def _normal(name: str) -> str:
    return name.replace("_", "").lower()
