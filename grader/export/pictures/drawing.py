"""What all drawings share: the frame with its title and description, text that is escaped, numbers in short."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from markupsafe import Markup, escape

from grader.export.text import one_line

NO_DRAWING = Markup("")


def frame(kind: str, width: float, height: float, title: str, words: str, parts: Iterable[Markup]) -> Markup:
    """The whole drawing: an image with a name and a description for those who do not see it.

    The ids follow from the contents, so that equal pages stay equal and two drawings of a page differ.
    """
    inside = Markup("").join(parts)
    mark = hashlib.sha256(f"{kind}\n{title}\n{words}\n{inside}".encode("utf-8", "replace")).hexdigest()[:12]
    return Markup(
        f'<svg class="picture {kind}" width="{short(width)}" height="{short(height)}" '
        f'viewBox="0 0 {short(width)} {short(height)}" role="img" aria-labelledby="t{mark} d{mark}">'
        f'<title id="t{mark}">{escape(one_line(title))}</title><desc id="d{mark}">{escape(one_line(words))}</desc>'
        f"{inside}</svg>"
    )


def text(x: float, y: float, words: str, style: str = "") -> Markup:
    """Words at a place; `style` is a class of the style sheet.

    >>> text(1, 2, "<b>")
    Markup('<text x="1" y="2">&lt;b&gt;</text>')
    """
    return Markup(f'<text x="{short(x)}" y="{short(y)}"{_named(style)}>{escape(one_line(words))}</text>')


def line(x1: float, y1: float, x2: float, y2: float, style: str = "") -> Markup:
    """A straight line."""
    return Markup(f'<line x1="{short(x1)}" y1="{short(y1)}" x2="{short(x2)}" y2="{short(y2)}"{_named(style)}/>')


def rectangle(x: float, y: float, width: float, height: float, style: str = "") -> Markup:
    """A rectangle."""
    size = f'width="{short(width)}" height="{short(height)}"'
    return Markup(f'<rect x="{short(x)}" y="{short(y)}" {size}{_named(style)}/>')


def _named(style: str) -> str:
    return f' class="{escape(style)}"' if style else ""


def short(value: float) -> str:
    """A coordinate or a tick in a few characters.

    >>> short(12.345), short(3.0), short(1e-5)
    ('12.35', '3', '0')
    """
    shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown
