"""Numbers that stand in the text under a name of their own ("Loss 1 = 66.125"), not in a table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from grader.intake.boxes import BOX, boxed
from grader.intake.numerals import Entry
from grader.intake.plain import SOFT, plain
from grader.intake.reading import Line, Reading, Table, TextCell
from grader.judges.table_cells import Written, unwrapped, written
from grader.judges.table_names import Said, said
from grader.judges.table_spec import Facet
from grader.model import Place

_CUT: Final = re.compile(
    r";|,(?=\s*[^\W\d])|,\s(?=\s*[-+]?\d)|\band\b|\bund\b|\by\b|\bet\b|→|⇒|\bthen\b|[、，；]|\(?i+\)"
    r"|(?<=\d)\.\s+(?=[^\W\d])"
)
_SIGN: Final = r"(?:[=≈:]|\b(?:is|are|was|were|of|to)\b)"
_RESULT: Final = re.compile(rf"{_SIGN}(?!.*{_SIGN})(.*)$", re.DOTALL)
_NUMBER: Final = re.compile(r"[-+−]?\s*\d+(?:[.,]\d*)?(?:e[-+]?\d+)?")
_EXACT: Final = r"[-+−]?\d+[.,]\d+(?:e[-+]?\d+)?"  # a number that is no counter
_LIST: Final = re.compile(rf"\D*?({_EXACT}(?:(?:\s*[/|]\s*|,?\s+){_EXACT})+)\W*", re.IGNORECASE)
_FROM_TO: Final = re.compile(rf"\bfrom\s+({_EXACT}\s+(?:down\s+)?to\s+{_EXACT})", re.IGNORECASE)
_COUNTER: Final = re.compile(
    r"\b\d\s?(?:st|nd|rd|th|er|re|e|\.)(?=\s|$)|[^\W\d]+[\s_#(.\[]{0,2}\d(?![\d.,])[)\]]?|第?\s?[一二12]\s?[次輪轮]"
)
_BULLET: Final = re.compile(r"^\s*(?:\d[.)]|[-*•+])\s+")
_NEXT: Final = re.compile(r"(?<=\d)\s+(?=\{?[^\W\d]+[\s_^({})]{0,4}\d[)}]{0,2}\s*[=:])")  # "L_1 = 66.125 L_2 = …"
_AFTER: Final = re.compile(r"\bafter\b|\bnach\b|\baprès\b|\bdespués\b|\bfollowing\b", re.IGNORECASE)
_INITIAL: Final = re.compile(r"\binitial\b|\bstarting\b|初始", re.IGNORECASE)
_NEVER: Final = re.compile(r"(?!)")


@dataclass(frozen=True)
class Mention:
    """A number under the name that was looked for. `round` counts from 0, None where nothing tells it."""

    written: Written
    round: int | None
    place: Place
    after: bool = False  # it is called the loss after that round


@dataclass(frozen=True)
class Mentions:
    """All of them in order; `unsure` is where the name stands beside numbers that could not be made out."""

    found: tuple[Mention, ...]
    unsure: tuple[Place, ...] = ()


def mentions(readings: Sequence[Reading], name: re.Pattern[str], rounds: Facet) -> Mentions:
    """Numbers called `name` in the lines of a hand-in; `rounds` tells which of several each of them is."""
    found: list[Mention] = []
    unsure: list[Place] = []
    for reading in readings:
        heading: int | None = None
        told: list[tuple[Said | None, Written, Place]] = []
        late: set[int] = set()
        inherited: list[int] = []  # which of them have their round from a heading alone
        waiting = False  # the name alone on a line: its number may stand on the next
        for part in _by_line(reading.parts):
            if not isinstance(part, Line):
                waiting = False
                told += [(own, value, part.place) for own, value in _in_rows(part, name, rounds)]
                continue
            text = unicodedata.normalize("NFKC", part.text)  # "Loss₁" is "Loss1"
            around = _round(text, rounds)
            named = name.search(text)
            if not named and not waiting:
                if around and (part.title or len(part.text) < 60):
                    heading = round_index(around, rounds)
                continue
            bare = _NEXT.sub("; ", _BULLET.sub("", unwrapped(plain(part.text).replace(SOFT, " "))))
            numbers = _numbers(bare, name, rounds, fallback=around)
            if numbers:
                if _AFTER.search(re.sub(r"\([^()]*\)", " ", part.text)):
                    late |= set(range(len(told), len(told) + len(numbers)))
                told += [(own, value, part.place) for own, value in numbers]
                for at in range(len(told) - len(numbers), len(told)):
                    if told[at][0] is None and heading is not None and len(numbers) == 1:
                        told[at] = (Said(rounds.name, rounds.values[heading], None, True), *told[at][1:])
                        inherited.append(at)
                waiting = (
                    waiting
                    and not named
                    and (bool(re.fullmatch(rf"\W*{_EXACT}\W*", bare, re.IGNORECASE)) or around is not None)
                )
            elif named and (_promises(bare) or re.search(r"\d[.,]\d", bare)):
                unsure.append(part.place)
            else:
                waiting = bool(named) and len(part.text) < 60 and not re.search(r"\d.*\d", part.text)
                if around and named:
                    heading = round_index(around, rounds)
        for at in _unlikely(told, inherited):
            told[at] = (None, *told[at][1:])
        zero_based = any(own is not None and own.number == 0 for own, *_ in told)
        found += [
            Mention(value, round_index(own, rounds, zero_based), place, at in late)
            for at, (own, value, place) in enumerate(told)
        ]
    return Mentions(tuple(found), tuple(unsure))


def _by_line(parts: Sequence[Line | Table]) -> Iterator[Line | Table]:
    """The parts, and behind each table its lines of one cell: in a spreadsheet, sentences stand between the rows."""
    for part in parts:
        yield part
        if isinstance(part, Line):
            continue
        for row in part.rows:
            filled = [cell.text for cell in row if not cell.empty]
            yield Line(filled[0], part.place) if len(filled) == 1 else replace(part, rows=())


def _round(text: str, rounds: Facet) -> Said | None:
    """Which round a text speaks of; what stands in brackets only explains: "the second update (after the first)"."""
    outside = said(re.sub(r"\([^()]*\)", " ", text), [rounds]).get(rounds.name)
    if outside is None and _INITIAL.search(text):
        return Said(rounds.name, rounds.values[0], None, False)
    return outside or said(text, [rounds]).get(rounds.name)


def _unlikely(told: Sequence[tuple[Said | None, Written, Place]], inherited: Sequence[int]) -> list[int]:
    """Numbers under the heading of one round that cannot all be of that round: another number says that it is."""
    wrong = []
    for at in inherited:
        fact, number, _ = told[at]
        rivals = [
            n
            for n, (other, rival, _) in enumerate(told)
            if other is not None
            and fact is not None
            and other.value == fact.value
            and value_of(rival).value != value_of(number).value
        ]
        if rivals:
            wrong.append(at)
    return wrong


def round_index(fact: Said | None, rounds: Facet, zero_based: bool = False) -> int | None:
    """Which round a label speaks of, from 0; None where it says none that there is."""
    if fact is None:
        return None
    if fact.value is not None:
        return rounds.values.index(fact.value) if fact.value in rounds.values else None
    at = (fact.number or 0) - (0 if zero_based else 1)
    return at if 0 <= at < len(rounds.values) else None


def _numbers(
    text: str, name: re.Pattern[str], rounds: Facet, fallback: Said | None
) -> list[tuple[Said | None, Written]]:
    """The results in a line: each piece's last number after "=", ":" or "is", or the whole piece.

    A piece counts where the name stands in it, or before it if it says no more than a number and which round it is.
    """
    box = boxed(text)
    whole = [matrix for char in re.findall(BOX, box.text) if (matrix := box[char].numbers) is not None]
    if len(whole) == 1 and whole[0].value.size == len(rounds.values):
        values = [str(v) for v in whole[0].value.ravel().tolist()]
        texts = re.findall(_NUMBER, text[text.find("[") :])
        exact = texts[: len(values)] if len(texts) >= len(values) else values
        return [(Said(rounds.name, rounds.values[n], None, False), _read(t)) for n, t in enumerate(exact)]
    row = _LIST.fullmatch(text) or _FROM_TO.search(text)
    if row and len(numbers := re.findall(_EXACT, row[1], re.IGNORECASE)) == len(rounds.values):
        return [(Said(rounds.name, rounds.values[n], None, False), _read(t)) for n, t in enumerate(numbers)]
    found: list[tuple[Said | None, Written]] = []
    named = not name.search(text)  # the name stood on the line before
    for piece in _CUT.split(text):
        here = name.search(piece) is not None
        named = named or here
        result = _RESULT.search(piece) or _behind(piece, name)
        tail = (result[1] if result else piece).strip(" .\n")
        own = _round(piece, rounds)
        tail = re.sub(r"\([^()]{1,40}\)", lambda m: " " if said(m.group(), [rounds]) else m.group(), tail)
        short = re.match(r"\W*[^\W\d]{1,10}\s*[_(\[#]?\s*(\d)\s*[)\]]?\s*[=:]", piece)
        if own is None and short:
            own = Said(rounds.name, None, int(short[1]), False)
        tail = re.sub(r"\((?:[^()\d]|\d\s?(?:st|nd|$))*\)", " ", tail).strip(" .")
        if re.fullmatch(rf"{_NUMBER.pattern}\)", tail):  # "Update 1 (loss = 66.125)"
            tail = tail[:-1]
        if not re.fullmatch(_NUMBER, tail) and not re.search(r"[=≈]", tail):
            tail = _alone(tail)
        if not named or (not result and not re.fullmatch(_NUMBER, tail)):
            continue
        if not here and own is None and not re.fullmatch(_NUMBER, tail):
            continue
        read = _read(tail)
        if read.kind == "numbers":
            found.append((own, read))
    if len(found) == 1 and found[0][0] is None:
        found = [(fallback, found[0][1])]
    return found


def _behind(piece: str, name: re.Pattern[str]) -> re.Match[str] | None:
    """The number right behind the name, where the piece ends with it: "Iteration 1 (loss 66.125)"."""
    found = name.search(piece)
    return re.compile(rf"\s*({_EXACT})\W*$", re.IGNORECASE).match(piece, found.end()) if found else None


def _alone(text: str) -> str:
    """The one number among words and counters ("1.3041 in the 2nd pass"); anything else as it is."""
    if re.search(r"\b(?:or|not|oder|maybe)\b|[?<>≠±*^+()]", text, re.IGNORECASE):
        return text
    bare = re.sub(r"[^\W\d]+|[\s,:]+$", " ", _COUNTER.sub(" ", text)).strip(" ,:.")
    return bare if re.fullmatch(_EXACT, bare, re.IGNORECASE) else text


def _in_rows(table: Table, name: re.Pattern[str], rounds: Facet) -> list[tuple[Said | None, Written]]:
    """The numbers of a table's rows that begin with the name, or with a round under the name alone."""
    found: list[tuple[Said | None, Written]] = []
    headed = False
    for row in table.rows:
        filled = [cell for cell in row if not cell.empty]
        if len(filled) == 1:
            headed = name.fullmatch(filled[0].text.strip()) is not None
        elif filled and name.match(filled[0].text.strip()):
            found += [(None, read) for cell in filled[1:] if (read := _read(cell.text)).kind == "numbers"]
        elif headed and len(filled) == 2 and (own := _round(filled[0].text, rounds)):
            found += [(own, read)] if (read := _read(filled[1].text)).kind == "numbers" else []
    return found


def _read(text: str) -> Written:
    return written(TextCell(text), _NEVER)


def _promises(text: str) -> bool:
    """Whether a line gives a result that could not be read: digits behind the last sign, and no variables."""
    result = _RESULT.search(text)
    return bool(result and re.search(r"\d", result[1]) and not re.search(r"[^\W\d]{1}", result[1]))


def value_of(read: Written) -> Entry:
    """The number of a mention."""
    return read.readings[0][0]
