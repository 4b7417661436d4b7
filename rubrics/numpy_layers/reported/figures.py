"""The figures of one submission: what its cells printed and its answers say, each number beside the reference's.

Numbers are read in `readings`, code in `trained`, the reference in `expectations`; here they meet, and too many are
thinned out. Evidence only: no mark and no status is changed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from grader.intake.evidence import Cell, Evidence
from grader.material import Material
from grader.model import AnswerText, Figure, Place, QuestionReport
from rubrics.numpy_layers.reported import expectations
from rubrics.numpy_layers.reported.expectations import Expectation, Run
from rubrics.numpy_layers.reported.readings import MOST_TEXT, Reading, readings
from rubrics.numpy_layers.reported.trained import Trained, trained

QUESTIONS = {"Q4": "sine", "Q5": "sine", "Q6": "sine", "Q7": "classifier", "Q8": "classifier", "Q10": "conv"}
MOST_FIGURES, MOST_PER_SOURCE = 40, {"loss": 10, "accuracy": 8, "iterations": 4, "seconds": 3}
MOST_PRINTED = 400_000  # characters of output that are read in one submission
_RATES = re.compile(
    r"\b(?:lrs?|learning_?rates?|rates|etas|alphas)\w{0,6}\s*=\s*(?:np\.array\()?[\[(]([^\])]{1,200})[\])]", re.I
)
_NUMBER = re.compile(r"\d+(?:\.\d*)?(?:[eE]-?\d{1,3})?|\.\d+")
_DRAWN = re.compile(r"^[ \t]*\w{1,40}[ \t]*=[^\n]{0,200}\brandom\b", re.MULTILINE)  # points at random, or noise on them
_PLOT_WANTED = {"Q8": "at least one plot of accuracy or loss against the learning rate"}


def with_figures(material: Material, reports: Mapping[str, QuestionReport]) -> dict[str, QuestionReport]:
    """The reports of Q4 to Q8 and Q10 with the numbers that the student reports; all others as they are."""
    wanted = [question for question in QUESTIONS if question in reports]
    if not wanted or material.evidence.unreadable:
        return dict(reports)
    found = figures(material.evidence)
    return {
        id: replace(report, figures=(*report.figures, *found[id])) if found.get(id) else report
        for id, report in reports.items()
    }


def figures(evidence: Evidence) -> dict[str, tuple[Figure, ...]]:
    """The figures by question: printed ones first, then written ones, then plots and learning rates tried."""
    nets = trained(evidence.cells)
    sheet_step, sheet_data = _sheets_step(nets), _sheets_data(evidence.cells)
    gathered: dict[str, list[Figure]] = {question: [] for question in QUESTIONS}
    rates: set[float] = set()
    left = MOST_PRINTED
    for cell, net in zip(evidence.cells, nets, strict=True):
        question = _question(cell, net)
        if question is None or cell.kind != "code":
            continue
        if question == "Q8":
            rates |= _rates(cell.source)
        place = _place(cell)
        for output in cell.outputs:
            found = readings(output) if left > 0 else ()
            left -= min(len(output), MOST_TEXT)
            fresh = net.as_sheet and _fresh(found, net)
            runs = [expectations.run_of(one, net, fresh, sheet_step, sheet_data) for one in found]
            gathered[question] += _thinned(_constant_or_not(found, runs, _figures(found, runs, question, place), net))
    for question, kind in QUESTIONS.items():
        answer = evidence.answers.get(question, AnswerText())
        found = readings(answer.text)
        net = Trained(kind, lambda_=None if question == "Q6" else 0.0)
        runs = [expectations.run_of(one, net, False, sheet_step, sheet_data) for one in found]
        made = _figures(found, runs, question, None)
        placed = zip(made, found, strict=True)
        gathered[question] += _thinned([replace(one, place=_written_at(evidence, answer, r)) for one, r in placed])
        if question == "Q8":
            rates |= {one.words.lr for one in found if one.words.lr is not None}
        gathered[question] += _plots(question, answer)
    if len(rates) > 1:
        gathered["Q8"].append(
            Figure("learning rates tried", _listed(rates), "several, from too small to too large", True)
        )
    return {question: tuple(some[:MOST_FIGURES]) for question, some in gathered.items()}


# -- what a number belongs to


def _question(cell: Cell, net: Trained) -> str | None:
    """The question that a cell's outputs are evidence for: its heading's, else that of the net which it trains."""
    if cell.section == "Q6" and net.kind == "classifier":
        return "Q7"  # the digits are loaded before Q7's heading
    if cell.section in QUESTIONS:
        return cell.section
    return {"sine": "Q4", "conv": "Q10", "classifier": "Q7"}.get(net.kind or "")


def _sheets_step(nets: Sequence[Trained]) -> bool:
    """Whether every net for the sine is trained from the sheet's start with the sheet's step size."""
    sine = [net for net in nets if net.kind == "sine"]
    return bool(sine) and all(net.lr == 0.05 for net in sine) and any(net.as_sheet for net in sine)


def _sheets_data(cells: Sequence[Cell]) -> bool:
    """Whether every cell that makes points of the sine makes the sheet's, and says so where it stands."""
    made = [cell.source[:20_000] for cell in cells if cell.kind == "code" and "sin(" in cell.source]
    if any(_DRAWN.search(source) for source in made):
        return False
    packed = [re.sub(r"\s", "", source) for source in made]
    return all(0 < code.count("linspace(") == code.count("linspace(-np.pi,np.pi,") for code in packed)


def _fresh(found: Sequence[Reading], net: Trained) -> bool:
    """Whether a loop's first loss is that of an untrained net: else it went on from an earlier run."""
    first = next((one for one in found if one.quantity == "loss" and one.at == 0), None)
    if first is None:
        return False
    return net.kind != "sine" or 0.47 <= first.value <= 0.53


def _figures(found: Sequence[Reading], runs: Sequence[Run], question: str, place: Place | None) -> list[Figure]:
    return [_figure(one, run, question, place) for one, run in zip(found, runs, strict=True)]


def _figure(reading: Reading, run: Run, question: str, place: Place | None) -> Figure:
    expected: Expectation
    if reading.quantity == "loss":
        expected = expectations.of_loss(reading, run, question)
    elif reading.quantity == "accuracy":
        expected = expectations.of_accuracy(reading, run)
    elif reading.quantity == "iterations":
        expected = expectations.of_iterations(reading, run)
    else:
        expected = Expectation("not compared: it depends on the machine")
    return Figure(_what(reading, run), _got(reading), expected.want, expected.agrees, place)


def _what(reading: Reading, run: Run) -> str:
    unit = "epochs" if run.kind == "classifier" else "iterations"
    name = {"seconds": "running time", "iterations": "iterations", "accuracy": "accuracy", "loss": "loss"}[
        reading.quantity
    ]
    parts = [f"{name} after {reading.at:,} {unit}" if reading.at is not None else name]
    if run.kind == "conv":
        parts.append("convolutional net")
    elif run.kind != "classifier" and run.activation is not None:
        parts.append("no activations" if run.activation == "none" else run.activation)
    if run.kind == "sine" and run.samples is not None:
        parts.append(f"{run.samples} samples")
    if reading.words.lr is not None:
        parts.append(f"learning rate {reading.words.lr:g}")
    if run.kind == "sine" and run.lambda_:
        parts.append(f"λ {run.lambda_:g}")
    return ", ".join(parts)


def _got(reading: Reading) -> str:
    if reading.quantity == "seconds":
        return f"{reading.value:.3g} s"
    if reading.quantity == "accuracy":
        return f"{reading.value:.4g} %"
    return reading.written if len(reading.written) <= 9 else f"{reading.value:.6g}"


# -- Q10: does the loss stand still?


def _constant_or_not(found: Sequence[Reading], runs: Sequence[Run], made: list[Figure], net: Trained) -> list[Figure]:
    """For a convolutional net: losses of the later iterations agree with one another where no kernel moves."""
    if net.kind != "conv":
        return made
    later = [
        n for n, one in enumerate(found) if one.quantity == "loss" and one.at and one.at >= 500 and 0 <= one.value < 10
    ]
    if len(later) < 2:
        return made
    values = [found[n].value for n in later]
    still = max(values) - min(values) <= 1e-3 * max(values) + max(found[n].step for n in later)
    certain = runs[later[0]].certain and net.lr is not None and 0.01 <= net.lr <= 0.5
    agrees = True if still else False if certain and max(values) <= 1.1 else None
    return [replace(one, agrees=agrees) if n in later else one for n, one in enumerate(made)]


# -- which are shown, and where they stand


def _thinned(made: list[Figure]) -> list[Figure]:
    """Of every kind a few, evenly chosen, the first and the last among them; those that disagree go first."""
    kept: set[int] = set()
    for kind, most in MOST_PER_SOURCE.items():
        name = "running time" if kind == "seconds" else kind
        some = [n for n, one in enumerate(made) if one.what.startswith(name)]
        wrong = [n for n in some if made[n].agrees is False][: most // 2]
        step = max((len(some) - 1) / (most - 1), 1)
        kept |= set(wrong) | {some[round(k * step)] for k in range(most) if round(k * step) < len(some)}
    return [made[n] for n in sorted(kept)]


def _place(cell: Cell) -> Place:
    return Place(cell.file, cell.number, None if cell.number is not None else cell.first_line)


def _written_at(evidence: Evidence, answer: AnswerText, reading: Reading) -> Place | None:
    """The cell of an answer in which a number is written."""
    for cell in evidence.cells:
        place = _place(cell)
        if cell.kind == "markdown" and not cell.template and place in answer.places and reading.written in cell.source:
            return place
    return answer.places[0] if answer.places else None


def _plots(question: str, answer: AnswerText) -> list[Figure]:
    count = len(answer.pictures)
    if not count and question not in _PLOT_WANTED:
        return []
    place = answer.pictures[0].place if count else None
    return [Figure("pictures", f"{count}", _PLOT_WANTED.get(question, "none asked for"), None, place)]


def _rates(source: str) -> set[float]:
    lists = [_NUMBER.findall(some) for some in _RATES.findall(source[:20_000])]
    return {value for some in lists for text in some if math.isfinite(value := float(text)) and value > 0}


def _listed(rates: Iterable[float]) -> str:
    some = sorted(rates)
    return f"{len(some)}: {', '.join(f'{rate:g}' for rate in some[:12])}{' …' if len(some) > 12 else ''}"
