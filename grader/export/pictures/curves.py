"""Two courses of one quantity over the same steps: the student's as a full line, the reference's as a dashed one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from markupsafe import Markup

from grader.export.pictures.drawing import NO_DRAWING, frame, line, short, text
from grader.model import Curve

WIDTH, HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 88, 14, 34, 46  # room for the large letters of a narrow screen
_DECADES = 2.0  # a logarithmic scale from this many on
_MOST = 400  # points of a line that a page needs


def curve_picture(curve: Curve, *, reference: bool = True) -> Markup:
    """The drawing; without the reference's line where `reference` is False. Empty where no number can be drawn."""
    lines = {"yours": curve.got, "reference": curve.want if reference else ()}
    drawn = [value for values in lines.values() for value in values if math.isfinite(value)]
    steps = max(len(values) for values in lines.values())
    if not drawn or steps < 2:
        return NO_DRAWING
    logarithmic = min(drawn) > 0 and math.log10(max(drawn) / min(drawn)) >= _DECADES
    ticks = _decades(min(drawn), max(drawn)) if logarithmic else _even(min(drawn), max(drawn))
    low, high = min(ticks[0], min(drawn)), max(ticks[-1], max(drawn))
    scale: Callable[[float], float] = math.log10 if logarithmic else float

    def y(value: float) -> float:
        share = (scale(value) - scale(low)) / ((scale(high) - scale(low)) or 1.0)
        return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)

    def x(step: int) -> float:
        return _LEFT + step / (steps - 1) * (WIDTH - _LEFT - _RIGHT)

    parts = [line(_LEFT, y(tick), WIDTH - _RIGHT, y(tick), "grid") for tick in ticks]
    parts += [text(_LEFT - 8, y(tick) + 5, _value(tick), "left") for tick in ticks]
    parts += [
        text(x(step), HEIGHT - _BOTTOM + 20, str(step), "first" if step == 0 else "last" if step == steps - 1 else "")
        for step in dict.fromkeys((0, (steps - 1) // 2, steps - 1))
    ]
    parts.append(text((WIDTH + _LEFT) / 2, HEIGHT - 6, "step"))
    for name in ("reference", "yours"):  # the student's on top
        for piece in _pieces(lines[name]):
            points = " ".join(f"{short(x(step))},{short(y(value))}" for step, value in piece)
            parts.append(Markup(f'<polyline class="{name}" points="{points}"/>'))
    parts += _legend(reference and bool(curve.want))
    if logarithmic:
        parts.append(text(WIDTH - _RIGHT, 19, "logarithmic scale", "last"))
    return frame("curves", WIDTH, HEIGHT, curve.title, _words(curve, reference, logarithmic), parts)


def _legend(reference: bool) -> Iterator[Markup]:
    yield line(_LEFT, 14, _LEFT + 34, 14, "yours")
    yield text(_LEFT + 40, 19, "yours", "right")
    if reference:
        yield line(_LEFT + 122, 14, _LEFT + 156, 14, "reference")
        yield text(_LEFT + 162, 19, "the reference", "right")


def _words(curve: Curve, reference: bool, logarithmic: bool) -> str:
    """The drawing for those who do not see it: where each line begins and ends, and where it breaks off."""
    said = [_course("Yours", curve.got)]
    if reference:
        said.append(_course("The reference's", curve.want))
    return " ".join([*said, "The scale is logarithmic." if logarithmic else ""]).strip()


def _course(whose: str, values: Sequence[float]) -> str:
    if not values:
        return f"{whose} has no values."
    broken = next((step for step, value in enumerate(values) if not math.isfinite(value)), None)
    course = f"{whose} goes from {_value(values[0])} to {_value(values[-1])} in {len(values)} values"
    return f"{course}." if broken is None else f"{course}; from step {broken} on it is no longer a finite number."


def _pieces(values: Sequence[float]) -> Iterator[list[tuple[int, float]]]:
    """The stretches of finite numbers, thinned out so that the highest and the lowest of each stretch stay."""
    stride = max(1, math.ceil(len(values) / (_MOST / 2)))
    piece: list[tuple[int, float]] = []
    for start in range(0, len(values), stride):
        block = [(start + at, value) for at, value in enumerate(values[start : start + stride])]
        finite = [point for point in block if math.isfinite(point[1])]
        if finite:
            ends = {min(finite, key=lambda point: point[1]), max(finite, key=lambda point: point[1])}
            piece += sorted(ends)
        if len(finite) < len(block) and piece:
            yield _visible(piece)
            piece = []
    if piece:
        yield _visible(piece)


def _visible(piece: list[tuple[int, float]]) -> list[tuple[int, float]]:
    return piece * 2 if len(piece) == 1 else piece  # a line of one point would not be drawn


def _decades(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    stride = max(1, math.ceil((last - first) / 6))
    return [10.0**power for power in range(first, last + stride, stride)]


def _even(low: float, high: float) -> list[float]:
    """About five round ticks that take in both ends."""
    span = high - low or abs(high) or 1.0
    unit = 10.0 ** math.floor(math.log10(span / 4))
    step = next(unit * factor for factor in (1, 2, 5, 10) if span / (unit * factor) <= 5)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * at for at in range(first, max(last, first + 1) + 1)]


def _value(value: float) -> str:
    return f"{value:.3g}"
