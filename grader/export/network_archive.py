"""A drawn network as the store keeps it, and back."""

from __future__ import annotations

from typing import Any

from grader.model import DrawnNumber, Edge, Network, Node, Status

Json = dict[str, Any]


def network_to_dict(network: Network) -> Json:
    """The network as JSON.

    >>> network_from_dict(network_to_dict(Network("empty", (), ())))
    Network(title='empty', nodes=(), edges=())
    """
    nodes = [
        {"id": node.id, "name": node.name, "layer": node.layer, "numbers": _numbers(node.numbers)}
        for node in network.nodes
    ]
    edges = [{"start": edge.start, "end": edge.end, "numbers": _numbers(edge.numbers)} for edge in network.edges]
    return {"title": network.title, "nodes": nodes, "edges": edges}


def network_from_dict(part: Json) -> Network:
    """The network that `network_to_dict` was given; KeyError, TypeError or ValueError for another document."""
    return Network(
        part["title"],
        tuple(Node(node["id"], node["name"], node["layer"], _numbers_from(node["numbers"])) for node in part["nodes"]),
        tuple(Edge(edge["start"], edge["end"], _numbers_from(edge["numbers"])) for edge in part["edges"]),
    )


def _numbers(numbers: tuple[DrawnNumber, ...]) -> list[list[str]]:
    return [[number.name, number.text, number.status.value] for number in numbers]


def _numbers_from(part: list[list[str]]) -> tuple[DrawnNumber, ...]:
    return tuple(DrawnNumber(name, text, Status(status)) for name, text, status in part)
