"""A small network with the student's numbers along its edges and at its units; wrong ones have a frame and a word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from grader.export.pictures.drawing import NO_DRAWING, frame, line, rectangle, short, text
from grader.model import DrawnNumber, Edge, Network, Node, Status

_GAP, _SPREAD, _RADIUS = 304, 270, 24
_LINE, _CHARACTER = 19, 8.2
_MARGIN_X, _MARGIN_Y = 88, 108
_MOST = 14  # characters of a number

_VERDICTS = {Status.PASSED: ("✓", "right"), Status.MISSING: ("–", "no number")}
_WAITING = ("?", "waits")
_WRONG = ("✗", "wrong")

Place = tuple[float, float]


def network_picture(network: Network) -> Markup:
    """The drawing; empty for a network without nodes. An edge whose ends are not among the nodes is left out."""
    places, high = _places(network)
    if not places:
        return NO_DRAWING
    edges = [edge for edge in network.edges if edge.start in places and edge.end in places]
    parts = [line(*places[edge.start], *places[edge.end], "edge") for edge in edges]
    for node in network.nodes:
        x, y = places[node.id]
        parts.append(Markup(f'<circle cx="{short(x)}" cy="{short(y)}" r="{_RADIUS}"/>'))
        parts.append(text(x, y + 5, node.name[:4], "name"))
        above = y < high / 2 - 1
        tall = _LINE * len(node.numbers)
        parts += _block(x, y - _RADIUS - 8 - tall / 2 if above else y + _RADIUS + 8 + tall / 2, node.numbers)
    for edge in edges:
        parts += _block(*_middle(places[edge.start], places[edge.end], high), edge.numbers)
    wide = 2 * _MARGIN_X + _GAP * max(node.layer for node in network.nodes)
    return frame("network", wide, high, network.title, _words(network, edges), parts)


def _places(network: Network) -> tuple[dict[str, Place], float]:
    layers: dict[int, list[Node]] = defaultdict(list)
    for node in network.nodes:
        layers[node.layer].append(node)
    most = max(map(len, layers.values()), default=0)
    high: float = 2 * _MARGIN_Y + _SPREAD * max(0, most - 1)
    places: dict[str, Place] = {}
    for layer, nodes in layers.items():
        top = high / 2 - _SPREAD * (len(nodes) - 1) / 2
        for at, node in enumerate(nodes):
            places[node.id] = (_MARGIN_X + _GAP * layer, top + _SPREAD * at)
    return places, high


def _middle(start: Place, end: Place, high: float) -> Place:
    """Where an edge's numbers stand: in its middle, but before the crossing where it leads to the other side.

    On the way to a unit that stands alone in the middle they keep clear of the numbers below that unit.
    """
    above, below = start[1] - high / 2, end[1] - high / 2
    share = 0.32 if above * below < 0 else 0.4 if abs(below) < 1 < abs(above) else 0.5
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _block(x: float, y: float, numbers: Sequence[DrawnNumber]) -> Iterator[Markup]:
    """A few lines of numbers around a place; each wrong one in a frame of its own."""
    if not numbers:
        return
    said = [_said(number) for number in numbers]
    width = max(map(len, said)) * _CHARACTER + 12
    top = y - _LINE * len(said) / 2
    yield rectangle(x - width / 2, top, width, _LINE * len(said), "back")
    for at, (number, words) in enumerate(zip(numbers, said, strict=True)):
        kind = _kind(number)
        if kind != "right":
            yield rectangle(x - width / 2, top + at * _LINE + 1, width, _LINE - 2, f"frame {kind}")
        yield text(x, top + at * _LINE + 14, words, f"number {kind}")


def _said(number: DrawnNumber) -> str:
    sign, word = _verdict(number)
    shown = number.text if len(number.text) <= _MOST else number.text[: _MOST - 1] + "…"
    if _kind(number) == "right":
        return f"{number.name} {shown} {sign}"
    return " ".join(part for part in (number.name, shown, sign, word) if part)


def _verdict(number: DrawnNumber) -> tuple[str, str]:
    if number.status in (Status.NEEDS_HUMAN, Status.GRADER_ERROR):
        return _WAITING
    return _VERDICTS.get(number.status, _WRONG)


def _kind(number: DrawnNumber) -> str:
    """The class in the style sheet."""
    if number.status in (Status.NEEDS_HUMAN, Status.GRADER_ERROR):
        return "waiting"
    return {Status.PASSED: "right", Status.MISSING: "none"}.get(number.status, "wrong")


def _words(network: Network, edges: Sequence[Edge]) -> str:
    names = {node.id: node.name for node in network.nodes}
    said = [f"{node.name}: {_listed(node.numbers)}." for node in network.nodes if node.numbers]
    said += [f"{names[e.start]} to {names[e.end]}: {_listed(e.numbers)}." for e in edges if e.numbers]
    return " ".join(said) or "It has no numbers."


def _listed(numbers: Sequence[DrawnNumber]) -> str:
    return ", ".join(f"{n.name} {n.text} {_verdict(n)[1]}".replace("  ", " ") for n in numbers)
