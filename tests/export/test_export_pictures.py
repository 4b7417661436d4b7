"""The drawings of a feedback page: what they show, what they say in words, and that nothing in them comes alive."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from markupsafe import Markup

from grader.export.archive import report_from_store, report_to_store
from grader.export.pictures.curves import curve_picture
from grader.export.pictures.heat_map import heat_map
from grader.export.pictures.network import network_picture
from grader.model import Curve, Network, Node

from .rich import CURVE, HOSTILE, network, rich_gradebook


def parsed(drawing: Markup) -> ElementTree.Element:
    """The drawing as XML: it has to be well-formed, and inert."""
    root = ElementTree.fromstring(str(drawing))
    for element in root.iter():
        assert element.tag in {"svg", "title", "desc", "line", "rect", "circle", "text", "polyline"}
        assert not [name for name in element.attrib if name.startswith("on") or "href" in name]
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == [root[0].attrib["id"], root[1].attrib["id"]]
    assert root[0].text
    assert root[1].text
    return root


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter("text")]


def line(root: ElementTree.Element, kind: str) -> list[tuple[float, float]]:
    (found,) = [e for e in root.iter("polyline") if e.attrib["class"] == kind]
    return [(float(x), float(y)) for x, y in (point.split(",") for point in found.attrib["points"].split())]


def test_an_exponential_is_a_straight_line_where_the_scale_is_logarithmic():
    root = parsed(curve_picture(CURVE))
    assert "logarithmic scale" in texts(root)
    points = line(root, "reference")
    assert len(points) == 50
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(points)]
    assert max(slopes) - min(slopes) < 0.01 * abs(slopes[0])
    assert line(root, "yours")[-1][1] < points[-1][1]  # the student's loss ends higher, so nearer to the top
    words = root[1].text or ""
    assert "from 2 to 0.173" in words  # 2 e^(-0.05·49)
    assert "from 2 to 0.00129" in words  # 2 e^(-0.15·49)


def test_a_curve_within_two_decades_keeps_an_even_scale():
    root = parsed(curve_picture(Curve("loss", (1.0, 0.9, 0.5), (1.0, 0.5, 0.25))))
    assert "logarithmic scale" not in texts(root)
    (_, top), (_, middle), (_, low) = line(root, "reference")
    assert (middle - top) == pytest.approx(2 * (low - middle), abs=0.05)


def test_a_curve_that_stops_being_a_number_breaks_off_and_says_where():
    curve = Curve("loss", (1.0, 2.0, 8.0, math.inf, math.nan), (1.0, 0.5, 0.4, 0.3, 0.2))
    root = parsed(curve_picture(curve))
    assert len(line(root, "yours")) == 3
    assert "from step 3 on it is no longer a finite number" in (root[1].text or "")


def test_a_long_curve_is_thinned_out_and_keeps_its_spike():
    got = [1.0] * 20_000
    got[12_345] = 7.0
    drawing = curve_picture(Curve("loss", tuple(got), tuple([1.0] * 20_000)))
    assert len(drawing) < 20_000
    heights = [y for _, y in line(parsed(drawing), "yours")]
    assert heights.count(min(heights)) == 1
    assert min(heights) < heights[0]


@pytest.mark.parametrize(
    "curve", [Curve("none", (), ()), Curve("nan", (math.nan,) * 3, ()), Curve("one", (1.0,), (1.0,))]
)
def test_where_nothing_can_be_drawn_nothing_is(curve: Curve):
    assert curve_picture(curve) == ""


def test_a_constant_curve_can_be_drawn():
    parsed(curve_picture(Curve("loss", (0.0, 0.0), (0.0, 0.0))))


def test_the_reference_can_be_left_out():
    root = parsed(curve_picture(CURVE, reference=False))
    assert not [e for e in root.iter("polyline") if e.attrib["class"] == "reference"]
    assert "the reference" not in texts(root)
    assert "0.00129" not in str(root[1].text)


def cells(drawing: Markup) -> list[str]:
    return [e.attrib["class"].split()[1] for e in parsed(drawing).iter("rect")]


def test_a_heat_map_marks_each_entry_by_its_sign():
    want = np.arange(6.0).reshape(2, 3)
    got = want + np.array([[1, 0, -0.5], [np.nan, 0, 0]])
    drawing = heat_map(want, got, name="dX")
    assert cells(drawing) == ["more", "same", "less", "odd", "same", "same"]
    assert texts(parsed(drawing)) == ["+", "−", "!"]
    words = parsed(drawing)[1].text or ""
    assert "3 of 6 entries differ" in words
    assert "1 are too large, 1 are too small, 1 are no finite numbers" in words


@pytest.mark.parametrize(
    ("want", "got"),
    [
        (np.zeros((2, 2)), np.ones((2, 2))),  # as few as can be read at a glance
        (np.zeros((3, 3)), np.zeros((3, 3))),  # equal
        (np.zeros((3, 3)), np.zeros((3, 2))),  # of another shape
        (1.0, 2.0),
    ],
)
def test_no_heat_map_where_it_says_nothing(want, got):
    assert heat_map(want, got) == ""
    assert heat_map(np.zeros((3, 3)), np.eye(3)) != ""


def test_a_large_heat_map_is_drawn_in_blocks_and_loses_no_difference():
    want = np.zeros((100, 300))
    got = want.copy()
    got[57, 211] = -3.0
    drawing = heat_map(want, got)
    assert len(cells(drawing)) < 2000
    assert cells(drawing).count("less") == 1
    assert "block of 7 × 7 of the 100 × 300 entries" in str(parsed(drawing)[1].text)


def test_of_a_stack_the_first_matrix_that_differs_is_drawn():
    want = np.zeros((3, 2, 2))
    got = want.copy()
    got[2, 0, 1] = 1
    assert cells(heat_map(want, got)) == ["same", "more", "same", "same"]
    assert "[2]" in str(parsed(heat_map(want, got))[1].text)


def test_the_network_has_each_number_with_a_sign_and_wrong_ones_with_a_word():
    root = parsed(network_picture(network()))
    found = texts(root)
    assert found.count("w 1 ✓") == 3
    assert "∂w 46.125 ✗ wrong" in found
    assert "new w – no number" in found
    assert any(text.startswith("∂b <img src=x") and text.endswith("? waits") for text in found)
    assert len(list(root.iter("circle"))) == 4
    assert "x to h1a: w 1 right, ∂w 46.125 wrong." in str(root[1].text)


def test_an_odd_network_does_no_harm():
    assert network_picture(Network("none", (), ())) == ""
    stray = replace(network(), nodes=(Node("x", "x", 0),))
    assert not list(parsed(network_picture(stray)).iter("line"))


def test_titles_are_text():
    for drawing in (curve_picture(CURVE), heat_map(np.zeros((3, 3)), np.ones((3, 3)), name=HOSTILE)):
        assert HOSTILE in str(parsed(drawing)[0].text)
        assert not re.search("<(img|script)", drawing)


def test_the_store_keeps_a_network():
    report = next(one for one in rich_gradebook().reports if one.student.id == "chidi")
    again = report_from_store(report_to_store(report))
    assert again.questions[0].networks == (network(),)
    assert again.questions[3].curves == (CURVE,)
