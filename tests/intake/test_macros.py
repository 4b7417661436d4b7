"""LaTeX macros written out: what TeX would set is what is read, and nothing else is touched."""

from __future__ import annotations

import pytest

from grader.intake.macros import MAX_LENGTH, expanded, macros_in


def written_out(text: str) -> str:
    """Without the blanks, which mean nothing in a formula but for parting a command from a letter."""
    return expanded(text, macros_in(text)).replace(" ", "").strip()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}\pd{l}{W^{(1)}}", r"\frac{\partiall}{\partialW^{(1)}}"),
        (r"\newcommand\pd[2]{\frac{#1}{#2}} \pd l y", r"\frac{l}{y}"),
        (r"\def\pd#1#2{\frac{#1}{#2}}\pd{\hat y}{z}", r"\frac{\haty}{z}"),
        (r"\newcommand{\pd}[2][l]{\frac{#1}{#2}}\pd{x}\pd[L]{y}", r"\frac{l}{x}\frac{L}{y}"),
        (r"\newcommand{\g}{\d l}\newcommand{\d}{\partial}\g", r"\partiall"),
        (r"\DeclareMathOperator*{\relu}{ReLU}\relu(z)", r"\operatorname{ReLU}(z)"),
        (r"\renewcommand{\vec}[1]{\mathbf{#1}}\vec{x}_1", r"\mathbf{x}_1"),
        (r"\pdv{l}{\hat y}", r"\frac{\partiall}{\partial\haty}"),
        (r"\norm{y}^2", r"\Verty\Vert^2"),
        (r"{\partial l \over \partial y}", r"\frac{\partiall}{\partialy}"),
        (r"{1 \over {a \over b}}", r"\frac{1}{\frac{a}{b}}"),
    ],
)
def test_what_a_macro_stands_for(text: str, plain: str) -> None:
    assert written_out(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        r"\overline{y} \overset{a}{b} \unknown{x} a \over b",
        r"\norm without braces",
        r"\pdv{l}",
        r"{a \over b",
        r"\newcommand{\open}[1]{never closed \open",
        r"\\pdv{l}{y}",  # a line break, then letters
    ],
)
def test_the_rest_stays_as_it_is(text: str) -> None:
    assert expanded(text, macros_in(text)) == text


def test_lines_keep_their_numbers() -> None:
    text = "\\newcommand{\\x}{\n y\n}\nabove\n\\x"
    assert expanded(text, macros_in(text)).split("\n").index("above") == text.split("\n").index("above")


@pytest.mark.parametrize(
    "text",
    [
        r"\newcommand{\a}{\a\a}\a",
        r"\newcommand{\a}{\b\b\b\b\b\b\b\b\b\b}" * 1 + r"\newcommand{\b}{\a\a\a\a\a\a\a\a\a\a}" + r"\a" * 500,
        r"\newcommand{\a}[1]{#1#2}\a{x}",
        "{" * 3000 + r"\over" + "}" * 3000,
    ],
)
def test_endless_macros_end(text: str) -> None:
    assert len(expanded(text, macros_in(text))) <= max(MAX_LENGTH, len(text))
