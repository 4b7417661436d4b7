"""Whose hand-in is whose: students of a roster and hand-ins, matched by id, login, email and name, never by a guess."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.model import Student
from grader.people.roster import RosterStudent

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@dataclass(frozen=True)
class Match:
    """`found` is the roster's student by the hand-in's student id; `missing` are those without any hand-in.

    `unmatched` are the ids of hand-ins that stayed without a student, each with a sentence that says why.
    """

    found: Mapping[str, RosterStudent] = field(default_factory=dict)
    missing: tuple[RosterStudent, ...] = ()
    unmatched: Mapping[str, str] = field(default_factory=dict)


Keys = Callable[[RosterStudent], Iterable[str]]


def match(
    students: Sequence[RosterStudent], handins: Sequence[Student], lms: Mapping[str, Mapping[str, str]] | None = None
) -> Match:
    """Match in rounds, the surest first: the LMS's own ids, then ids and logins, email names, full names.

    A hand-in that fits two students in the first round in which it fits any, or a student whom two hand-ins fit in
    one round, stays unmatched. `lms` holds a hand-in's ids by kind (`Submission.lms`), by student id.
    """
    found: dict[str, RosterStudent] = {}
    unmatched: dict[str, str] = {}
    for of_student, of_handin in _rounds(lms or {}):
        taken = {one.row for one in found.values()}
        open_handins = [one for one in handins if one.id not in found and one.id not in unmatched]
        by_key: dict[str, list[RosterStudent]] = defaultdict(list)
        for student in students:
            for key in set(of_student(student)):
                by_key[key].append(student)
        claims: dict[int, list[tuple[Student, RosterStudent]]] = defaultdict(list)
        for handin in open_handins:
            fits = {one.row: one for key in set(of_handin(handin)) for one in by_key.get(key, ())}
            if len(fits) > 1:
                people = " and ".join(sorted(one.label for one in fits.values())[:5])
                unmatched[handin.id] = (
                    f"{_called(handin)} could be {people} of the roster, so it stays without a match."
                )
            for row, one in fits.items():
                if len(fits) == 1:
                    claims[row].append((handin, one))
        for row, claimed in claims.items():
            if len(claimed) == 1 and row not in taken:
                found[claimed[0][0].id] = claimed[0][1]
                continue
            for handin, one in claimed:
                others = [other.id for other, _ in claimed if other is not handin]
                others += [known for known, person in found.items() if person.row == row]
                unmatched[handin.id] = (
                    f"{_called(handin)} and {' and '.join(sorted(others))} would both be {one.label} of the roster; "
                    f"{handin.id} stays without a match."
                )
    for handin in handins:
        if handin.id not in found and handin.id not in unmatched:
            unmatched[handin.id] = f"{_called(handin)} is not on the roster."
    there = {one.row for one in found.values()}
    return Match(found, tuple(one for one in students if one.row not in there), unmatched)


def _called(handin: Student) -> str:
    return handin.id if handin.name.casefold() == handin.id.casefold() else f"{handin.id} ({handin.name})"


def _rounds(lms: Mapping[str, Mapping[str, str]]) -> tuple[tuple[Keys, Callable[[Student], Iterable[str]]], ...]:
    def by_kind(handin: Student) -> Iterable[str]:
        known = lms.get(handin.id, {})
        alike = {"sid": "id"}
        return (f"{alike.get(kind, kind)} {value.casefold()}" for kind, value in known.items())

    def repository(handin: Student) -> Iterable[str]:
        name = lms.get(handin.id, {}).get("repository", handin.id).casefold()
        return (name[at + 1 :] for at, sign in enumerate(name) if sign == "-")

    def generic(handin: Student) -> Iterable[str]:
        # what a layout says for certain is not tried as another kind of id
        return () if lms.get(handin.id, {}).keys() & {"canvas", "moodle"} else (handin.id.casefold(),)

    return (
        (lambda one: (f"{kind} {value.casefold()}" for kind, value in one.keys.items()), by_kind),
        (lambda one: (value.casefold() for value in one.keys.values()), generic),
        (lambda one: (one.keys["github"].casefold(),) if "github" in one.keys else (), repository),
        (_email_names, lambda handin: (handin.id.casefold(), *_local(lms.get(handin.id, {}).get("email", "")))),
        (lambda one: name_forms(one.name), lambda handin: {*name_forms(handin.name), *name_forms(handin.id)}),
    )


def _email_names(one: RosterStudent) -> Iterable[str]:
    return (name for kind in ("email", "login", "id") for name in _local(one.keys.get(kind, "")))


def _local(address: str) -> tuple[str, ...]:
    """What stands before the @ of an address."""
    return (address.partition("@")[0].casefold(),) if "@" in address else ()


def name_forms(name: str) -> frozenset[str]:
    """Spellings under which a name is the same name: order, case, accents and what separates the words aside.

    Canvas's download writes last and first name in one word, so the words are compared without a gap as well.

    >>> name_forms("Haddad, Amal") & name_forms("amal haddad") & name_forms("Amal_Haddad") != frozenset()
    True
    >>> "haddadamal" in name_forms("Haddad, Amal")
    True
    """
    forms = set()
    for text in {name.casefold(), name.casefold().translate(_UMLAUTS)}:
        spread = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        plain = "".join(c for c in spread if not unicodedata.combining(c))
        words = re.findall(r"[^\W_]+", plain)
        last, comma, first = plain.partition(",")
        sortable = re.findall(r"[^\W_]+", f"{first} {last}") if comma else words
        if words:
            forms |= {" ".join(sorted(words)), "".join(words), "".join(sortable)}
            if not comma and len(words) > 1:  # "Amal Haddad" is "haddadamal" in a list sorted by last names
                forms.add(words[-1] + "".join(words[:-1]))
    return frozenset(forms)
