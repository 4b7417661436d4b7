"""Judging tables: forms of a cell, rounding, follow-through, and what must not earn by agreeing with itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

import pytest

from grader.intake.numerals import Entry
from grader.intake.reading import TextCell
from grader.intake.tables import read_tables
from grader.judges.table_cells import agrees, filled, written
from grader.judges.table_names import is_value, words
from grader.judges.table_spec import Key, shares
from grader.model import LabelReport, QuestionReport, Status, tidy
from rubrics.backprop_by_hand import QUESTIONS, judge
from rubrics.backprop_by_hand.names import TEMPLATE
from rubrics.backprop_by_hand.steps import EXPECTED, LAYERS, key, loss_key
from rubrics.backprop_by_hand.variants import grid, markdown, one, pipes

CELL = 7 / 9
NO_TEMPLATE = re.compile(r"(?!)")


def reports(text: str | bytes, name: str = "hw.md") -> dict[str, QuestionReport]:
    data = text.encode() if isinstance(text, str) else text
    return {report.id: report for report in judge([read_tables(name, data)])}


def with_cells(changes: Mapping[Key, str]) -> str:
    """A right hand-in in the sheet's layout with some cells written otherwise."""
    marks = {wanted: f"@{n}@" for n, wanted in enumerate(changes)}
    order = iter(key(u, k, n, row) for u in (1, 2) for k in ("weight", "bias") for row in ROWS for n in LAYERS)

    def write(matrix: object) -> str:
        wanted = next(order)
        return marks.get(wanted, one(EXPECTED[wanted]))

    text = markdown(EXPECTED, write).decode()
    for wanted, mark in marks.items():
        text = text.replace(mark, changes[wanted])
    return text


ROWS = ("parameter", "gradient", "updated")


def label(found: Mapping[str, QuestionReport], wanted: Key) -> LabelReport:
    return next(label for label in found[wanted.question].labels if label.label == wanted.label)


def lost(found: Mapping[str, QuestionReport]) -> set[Key]:
    return {Key(q.id, label.label) for q in found.values() for label in q.labels if label.status is not Status.PASSED}


def score(found: Mapping[str, QuestionReport]) -> float:
    return tidy(sum(report.earned for report in found.values()))


@pytest.mark.parametrize("value", ["92", "0.08", "-0.73", "40.25", "0"])
@pytest.mark.parametrize(
    "form",
    [
        "{0}", "{0}.", "**{0}**", "`{0}`", "${0}$", "[{0}, {0}]", "[{0} {0}]", "[[{0}], [{0}]]",
        "({0}, {0})", "{0}, {0}", "{0}; {0}", "{0} and {0}", "{0} / {0}", "{0}<br>{0}", "{0} (both)",
        "{0} both", "{0} each", "{0} (x2)",
        "{0} for both units", "≈ {0}", "w1={0}; w2={0}", "$w_1 = w_2 = {0}$", "tensor([[{0}], [{0}]])", "({0})",
        "tensor([[{0}],\n        [{0}]], requires_grad=True)", "array([{0}, {0}])", "[[{0}],[{0}]]^T",
        "1 - 1 + 0 = {0}",
        "$\\begin{{bmatrix}} {0} \\\\ {0} \\end{{bmatrix}}$", "{0} (dead)",
    ],
)  # fmt: skip
def test_a_cell_is_read_in_every_form(form: str, value: str):
    read = written(TextCell(form.format(value)), NO_TEMPLATE)
    assert any({float(n.value) for n in numbers} == {float(value)} for numbers in read.readings), read


@pytest.mark.parametrize("form", ["[{0}; {0}]", "[[{0}], [{0}]]", "$\\begin{{bmatrix}}{0} \\\\ {0}\\end{{bmatrix}}$"])
@pytest.mark.parametrize("value", ["0,08", "-0,73", "0,07"])
def test_a_decimal_comma_may_stand_in_brackets(form: str, value: str):
    readings = written(TextCell(form.format(value)), NO_TEMPLATE).readings
    assert {float(value.replace(",", "."))} in [{float(n.value) for n in numbers} for numbers in readings]
    assert len(written(TextCell(form.format("92")), NO_TEMPLATE).readings) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("23/2", 11.5),
        ("11½", 11.5),
        ("-11\\frac{1}{2}", -11.5),
        ("1e-2", 0.01),
        ("−0,73", -0.73),
        ("1 - 0.01*92", 0.08),
    ],
)
def test_numbers_as_people_write_them(text: str, value: float):
    readings = written(TextCell(text), NO_TEMPLATE).readings
    assert float(readings[0][0].value) == value


@pytest.mark.parametrize("text", ["", " ", "-", "—", "…", "...", "NaN", "n/a", "None", "?", "TODO", "/"])
def test_a_blank_is_no_zero(text: str):
    assert written(TextCell(text), NO_TEMPLATE).kind == "blank"


@pytest.mark.parametrize(
    "text", ["92?", "92 or 46", "about ninety", "9 2 foo 3", "[92", "1.5.2", "92!", "![](scan.png)", "5 of 92"]
)
def test_what_is_not_certain_is_unreadable(text: str):
    assert written(TextCell(text), NO_TEMPLATE).kind == "unreadable"


@pytest.mark.parametrize("text", ["value_layer1", "grad_layer3", "`update_layer2`", "**value_layerX**"])
def test_the_templates_words_are_no_answer(text: str):
    assert written(TextCell(text), TEMPLATE).kind == "template"


@pytest.mark.parametrize(
    ("text", "want", "right"),
    [
        ("0.5975", "0.5975", True),
        ("0.597", "0.5975", True),  # a tie, either way
        ("0.598", "0.5975", True),
        ("0.6", "0.5975", False),
        ("0.60", "0.5975", False),
        ("0.08", "0.08", True),
        ("0.080", "0.08", True),
        ("0.07999999821186066", "0.08", True),  # float32
        ("0.0801", "0.08", False),
        ("0.079", "0.08", False),
        ("66.1", "66.125", True),
        ("66", "66.125", False),
        ("1.3", "1.3041125", True),  # 1.30 without its last zero
        ("1.31", "1.3041125", False),
        ("-0.5988", "-0.59885", True),
        ("-0.598", "-0.59885", True),  # cut off
        ("-0.597", "-0.59885", False),
        ("0", "0", True),
        ("0.00", "0", True),
        ("0.001", "0", False),
        ("-1e-6", "0", False),
        ("-92", "92", False),
        ("91", "92", False),
        ("92.4", "92", False),
    ],
)
def test_numbers_agree_to_the_digits_written_three_at_least(text: str, want: str, right: bool):
    number = written(TextCell(text), NO_TEMPLATE).readings[0][0]
    assert agrees(number, Fraction(want)) is right


def test_one_number_stands_for_all_entries_and_several_for_each():
    a, b = Entry(Fraction(1), 0), Entry(Fraction(2), 0)
    assert filled([a], 2, 2) == ((a, a), (a, a))
    assert filled([a, b], 2, 2) == ((a, a), (b, b))
    assert filled([a, b], 1, 2) == ((a, b),)
    assert filled([a, b, a], 2, 2) is None


def test_labels_and_values_are_told_apart():
    assert not is_value("Layer 1", TEMPLATE)
    assert not is_value("1st layer", TEMPLATE)
    assert all(
        is_value(text, TEMPLATE) for text in ("w1=92; w2=92", "$\\frac{23}{2}$", "[92, 92]", "-.5", "value_layer1")
    )
    assert words("Layer1_W") == "layer 1 w"


def test_marks_are_even_and_add_up_exactly():
    for question in QUESTIONS:
        assert sum(round(100 * mark) for mark in question.marks.values()) == round(100 * question.points)
    assert max(QUESTIONS[0].marks.values()) - min(QUESTIONS[0].marks.values()) < 0.011
    assert sum(shares(7, [str(n) for n in range(9)]).values()) == pytest.approx(7)
    assert sum(question.points for question in QUESTIONS) == 30


def test_a_right_hand_in_gets_everything_and_no_remark():
    found = reports(with_cells({}))
    assert score(found) == 30
    assert all(not label.message and not label.notes for q in found.values() for label in q.labels)


@pytest.mark.parametrize("wanted", [wanted for wanted in EXPECTED if wanted.question != "loss"], ids=str)
def test_a_wrong_number_alone_costs_its_own_cell_alone(wanted: Key):
    found = reports(with_cells({wanted: "3.21"}))
    assert lost(found) == {wanted}
    assert score(found) == pytest.approx(30 - CELL, abs=0.01)
    assert "3.21" in label(found, wanted).message


def test_a_slip_is_charged_once_and_what_follows_is_kept_and_flagged():
    slip, updated = key(1, "weight", 1, "gradient"), key(1, "weight", 1, "updated")
    found = reports(with_cells({slip: "46", updated: "0.54", key(2, "weight", 1, "parameter"): "0.54"}))
    # the second update of a net with W1 = 0.54 would have live units; copying the reference's zeros there is right too
    assert lost(found) == {slip}
    assert label(found, slip).faults[0] == "by_hand.one-path"
    assert "Layer 1, gradient" in label(found, updated).notes[0]
    assert any(
        flag.startswith("2 cells of update1.weight, update2.weight follow") for flag in found["update1.weight"].flags
    )


def test_what_follows_must_follow():
    slip, updated = key(1, "weight", 1, "gradient"), key(1, "weight", 1, "updated")
    assert lost(reports(with_cells({slip: "46", updated: "0.55"}))) == {slip, updated}


def test_the_next_gradients_follow_from_the_students_own_parameters():
    """b3 updated to 0.385 by a slip of sign: y = 0.385 in the second pass, so its gradient is -0.615."""
    slip = key(1, "bias", 3, "updated")
    follow = {
        key(2, "bias", 3, "parameter"): "0.385",
        key(2, "bias", 3, "gradient"): "-0.615",
        key(2, "bias", 3, "updated"): "0.39115",
    }
    found = reports(with_cells({slip: "0.385", **follow}))
    assert lost(found) == {slip}
    assert all(label(found, wanted).notes for wanted in follow)


def test_numbers_rounded_on_the_way_still_follow():
    slip, updated = key(1, "weight", 3, "gradient"), key(1, "weight", 3, "updated")
    assert lost(reports(with_cells({slip: "81.3", updated: "0.187"}))) == {slip}  # 81.25 before rounding gives 0.1875


def test_blank_cells_are_missing_and_do_not_break_what_comes_after():
    blank = {key(1, "weight", 1, "gradient"): "", key(2, "bias", 1, "gradient"): "-", key(1, "bias", 2, "updated"): " "}
    found = reports(with_cells(blank))
    assert lost(found) == set(blank)
    assert all(label(found, wanted).status is Status.MISSING for wanted in blank)
    assert "written as 0" in label(found, key(2, "bias", 1, "gradient")).message


def test_an_unreadable_cell_waits_for_a_human_and_so_does_what_hangs_on_it():
    gradient, updated = key(1, "weight", 1, "gradient"), key(1, "weight", 1, "updated")
    found = reports(with_cells({gradient: "9Z", updated: "0.54"}))
    assert {label(found, wanted).status for wanted in (gradient, updated)} == {Status.NEEDS_HUMAN}
    assert score(found) + sum(q.pending for q in found.values()) == 30
    assert lost(reports(with_cells({gradient: "9Z"}))) == {gradient}


def test_several_numbers_in_a_cell_must_all_be_right():
    wanted = key(1, "weight", 2, "gradient")
    assert lost(reports(with_cells({wanted: "[40.25, 40.25, 40.25, 40.25]"}))) == set()
    assert lost(reports(with_cells({wanted: "[40.25, 40.25]"}))) == set()
    assert lost(reports(with_cells({wanted: "[40.25, 40.25, 40.25, 4.25]"}))) == {wanted}
    odd = reports(with_cells({wanted: "[40.25, 40.25, 40.25]"}))
    assert label(odd, wanted).status is Status.NEEDS_HUMAN


def changed(text_of: Mapping[Key, str]) -> float:
    return score(reports(with_cells(text_of)))


def test_tables_of_zeros_earn_nothing():
    zeros = {wanted: "0" for wanted in EXPECTED if wanted.question != "loss"}
    found = reports(with_cells(zeros))
    assert {q: report.earned for q, report in found.items() if q != "loss"} == dict.fromkeys(
        ("update1.weight", "update1.bias", "update2.weight", "update2.bias"), 0
    )
    assert "nothing but zeros" in found["update1.weight"].flags[0]


def test_zeros_for_the_second_update_earn_nothing_although_its_gradients_are_zero():
    second = {wanted: "0" for wanted in EXPECTED if wanted.question.startswith("update2")}
    found = reports(with_cells(second))
    assert found["update2.weight"].earned == found["update2.bias"].earned == 0
    assert found["update1.weight"].earned == found["update1.bias"].earned == 7


def test_zero_gradients_and_parameters_that_never_move_earn_the_given_numbers_alone():
    still = {}
    for wanted in EXPECTED:
        if wanted.question != "loss":
            given = "1" if wanted.question.endswith("weight") else "-0.5"
            still[wanted] = "0" if wanted.label.endswith("gradient") else given
    found = reports(with_cells(still))
    passed = {Key(q.id, label.label) for q in found.values() for label in q.labels if label.earned and q.id != "loss"}
    assert passed == {key(1, kind, n, "parameter") for kind in ("weight", "bias") for n in LAYERS}


def test_a_copy_of_the_first_update_earns_nothing():
    copy = {
        w: one(EXPECTED[Key(w.question.replace("2", "1"), w.label)]) for w in EXPECTED if w.question[:7] == "update2"
    }
    found = reports(with_cells(copy))
    assert found["update2.weight"].earned == found["update2.bias"].earned == 0
    assert "repeats" in found["update2.weight"].flags[0]
    assert label(found, key(2, "weight", 1, "gradient")).faults[0] == "by_hand.second-from-start"


def test_the_weights_copied_into_the_bias_tables_earn_nothing_there():
    copy = {w: one(EXPECTED[Key("update1.weight", w.label)]) for w in EXPECTED if w.question == "update1.bias"}
    found = reports(with_cells(copy))
    assert found["update1.bias"].earned == 0
    assert found["update1.weight"].earned == 7


def test_real_zeros_beside_one_overlooked_gradient_keep_their_marks():
    found = reports(with_cells({key(2, "bias", 3, "gradient"): "0", key(2, "bias", 3, "updated"): "-0.615"}))
    assert lost(found) == {key(2, "bias", 3, "gradient")}


def test_one_gradient_taken_for_zero_is_one_slip():
    found = reports(with_cells({key(1, "weight", 1, "gradient"): "0", key(1, "weight", 1, "updated"): "1"}))
    assert lost(found) == {key(1, "weight", 1, "gradient")}


def test_columns_in_the_wrong_place_lose_the_gradients():
    turned = {}
    for kind in ("weight",):
        for row in ROWS:
            for n in LAYERS:
                turned[key(1, kind, n, row)] = one(EXPECTED[key(1, kind, n % 3 + 1, row)])
    found = reports(with_cells(turned))
    assert {key(1, "weight", n, "gradient") for n in LAYERS} <= lost(found)


@pytest.mark.parametrize(
    "text",
    [
        "Loss 1 = 66.125, Loss 2 = 1.3041125",
        "The first loss is 66.125 and the second loss is 1.304.",
        "losses: [66.125, 1.3041]",
        "Loss before the first update: ½·(12.5 - 1)² = 66.125\n\nLoss before the second update: 1.3041",
        "$$L_1 = \\frac{1}{2}(12.5-1)^2 = 66.125$$\n\n$$L_2 = \\frac{1}{2}(-0.615-1)^2 = 1.3041125$$",
        "## Iteration 1\n\nloss = 66.125\n\n## Iteration 2\n\nloss = 1.3041125",
        "| | Iteration 1 | Iteration 2 |\n|---|---|---|\n| Loss | 66.125 | 1.3041125 |",
        "| Iteration | Loss |\n|---|---|\n| 1 | 66.125 |\n| 2 | 1.3041125 |",
        "Iters 0, loss: 66.125\n\nIters 1, loss: 1.3041125",
        "Loss\n\n66.125\n\nLoss\n\n1.304",
        "第一次損失 = 66.125\n\n第二次損失 = 1.3041125",
    ],
)
def test_losses_are_read_from_text_and_tables(text: str):
    assert reports(text)["loss"].earned == 2


def test_a_wrong_loss_is_named_and_an_unclear_one_waits():
    found = reports("Loss 1 = 132.25, Loss 2 = 1.3041125")
    assert found["loss"].earned == 1
    assert label(found, Key("loss", "update1")).faults[0] == "by_hand.loss-without-half"
    assert reports("Loss 1: 66.125 or 132.25, I am not sure")["loss"].labels[0].status is not Status.PASSED
    assert reports("Loss 1: ½(12.5-1)²")["loss"].labels[0].status is Status.NEEDS_HUMAN


def test_nothing_about_losses_is_missing():
    assert reports("The learning rate is 0.01 and the input 4.")["loss"].status is Status.MISSING


def test_a_table_that_fits_nowhere_waits_for_a_human():
    found = reports("| A | B |\n|---|---|\n| 92 | 40.25 |\n| 0.08 | 0.5975 |")
    assert found["update1.weight"].status is Status.NEEDS_HUMAN
    assert found["update1.weight"].pending == 7
    assert "not clear which is which" in found["update1.weight"].labels[0].message


def test_a_value_given_twice_in_one_table_waits():
    text = "**First update - weight**\n\n| | Layer 1 |\n|---|---|\n| Gradient | 92 |\n| dW | 46 |"
    assert label(reports(text), key(1, "weight", 1, "gradient")).status is Status.NEEDS_HUMAN


def test_a_heading_copied_without_renaming_is_seen_by_the_parameters():
    text = markdown(EXPECTED).decode().replace("Second update -", "First update -")
    found = reports(text)
    assert score(found) == 30
    assert any("order" in flag for flag in found["update2.weight"].flags)


def test_of_two_versions_the_last_counts_and_the_instructor_is_told():
    right = markdown(EXPECTED).decode()
    draft = right[: right.index("**Second")].replace("| 92 |", "| 46 |")
    found = reports(draft + "\n\nCorrected:\n\n" + right)
    assert score(found) == 30
    assert any("Different numbers" in flag for flag in found["update1.weight"].flags)


def test_a_label_that_names_two_layers_names_none():
    text = "**First update - weight**\n\n| | Layer 1 Layer 2 | x |\n|---|---|---|\n| Gradient | 92 | 40.25 |"
    found = reports(text)
    assert not any(label.status is Status.FAILED for label in found["update1.weight"].labels)
    assert found["update1.weight"].pending > 0


def test_symbols_give_way_to_the_heading():
    """dL/dW in the bias's table, copied from the weight's: the heading says what the table is."""
    text = markdown(EXPECTED).decode().replace("| Gradient |", "| $\\frac{\\partial L}{\\partial W}$ |")
    assert score(reports(text)) == 30


@pytest.mark.parametrize(
    "headings",
    [
        ("Update 1 (weights)", "Update 1 (bias)", "Update 2 (weights)", "Update 2 (bias)"),
        ("1st iteration weight", "1st iteration bias", "2nd iteration weight", "2nd iteration bias"),
        ("W, iteration 1", "b, iteration 1", "W, iteration 2", "b, iteration 2"),
        ("weight_update_1", "bias_update_1", "weight_update_2", "bias_update_2"),
        ("1. Weight", "2. Bias", "3. Weight", "4. Bias"),
        ("Epoch 0 weight", "Epoch 0 bias", "Epoch 1 weight", "Epoch 1 bias"),
        ("FIRST UPDATE – WEIGHTS", "FIRST UPDATE – BIASES", "SECOND UPDATE – WEIGHTS", "SECOND UPDATE – BIASES"),
    ],
    ids=lambda headings: headings[0],
)
def test_headings_in_other_words(headings: tuple[str, ...]):
    text = markdown(EXPECTED).decode()
    sheet = ("First update - weight", "First update - bias", "Second update - weight", "Second update - bias")
    for old, new in zip(sheet, headings, strict=True):
        text = text.replace(old, new)
    assert score(reports(text)) == 30
    swapped = text.replace(headings[0], "@").replace(headings[2], headings[0]).replace("@", headings[2])
    assert headings[0] == "1. Weight" or score(reports(swapped)) < 25


@pytest.mark.parametrize(
    "names",
    [
        ("L1", "L2", "L3"), ("layer_1", "layer_2", "layer_3"), ("Hidden 1", "Hidden 2", "Output"),
        ("fc1", "fc2", "fc3"),
        ("$W^{(1)}$", "$W^{(2)}$", "$W^{(3)}$"), ("1st layer", "2nd layer", "3rd layer"), ("1", "2", "3"),
        ("Layer 0", "Layer 1 ", "Layer 2 "), ("第1層", "第2層", "第3層"), ("in", "mid", "out"),
        ("Layer 1 (1→2)", "Layer 2 (2→2)", "Layer 3 (2→1)"),
    ],
    ids=lambda names: names[0],
)  # fmt: skip
def test_columns_in_other_words(names: tuple[str, ...]):
    text = markdown(EXPECTED).decode().replace("|  | Layer 1 | Layer 2 | Layer 3 |", f"|  | {' | '.join(names)} |")
    assert f"| {names[0]} |" in text
    assert score(reports(text)) == 30


@pytest.mark.parametrize(
    "names",
    [
        ("value", "grad", "update"), ("old", "gradient", "new"), ("W", "dW", "W_new"), ("w", "∂L/∂w", "w'"),
        ("θ", "∇θ", "θ_new"),
        ("Before", "Gradient", "After"), ("W(t)", "dL/dW", "W(t+1)"), ("Parameters", "Gradients", "Updates"),
        ("$W_t$", "$g_t$", "$W_{t+1}$"), ("parameter value", "gradient value", "updated parameter"),
        ("$w$", "$\\frac{\\partial L}{\\partial w}$", "$w - \\eta \\nabla$"), ("參數", "梯度", "更新後"),
    ],
    ids=lambda names: names[0],
)  # fmt: skip
def test_rows_in_other_words(names: tuple[str, ...]):
    text = markdown(EXPECTED).decode()
    for old, new in zip(("Parameter", "Gradient", "Updated"), names, strict=True):
        text = text.replace(f"| {old} |", f"| {new} |")
    assert score(reports(text)) == 30


def rounds(write: Callable[[int], str]) -> str:
    return "\n\n".join(write(update) for update in (1, 2))


def cells(update: int, *wanted: tuple[str, int, str]) -> list[str]:
    return [one(EXPECTED[key(update, *cell)]) for cell in wanted]


LAYOUTS: dict[str, Callable[[int], str]] = {
    "a table for each layer": lambda u: "\n\n".join(
        [f"## Update {u}"]
        + [
            f"### Layer {n}\n\n"
            + pipes([["", "weight", "bias"], *([r, *cells(u, ("weight", n, r), ("bias", n, r))] for r in ROWS)])
            for n in LAYERS
        ]
    ),
    "a table for each row": lambda u: "\n\n".join(
        f"{row.capitalize()} values, iteration {u}\n\n"
        + pipes([["", "L1", "L2", "L3"], *([k, *cells(u, *((k, n, row) for n in LAYERS))] for k in ("weight", "bias"))])
        for row in ROWS
    ),
    "W1 to b3 as rows": lambda u: (
        f"Iteration {u}\n\n"
        + pipes(
            [["", "Parameter", "Gradient", "Updated"]]
            + [
                [f"{k[0].replace('w', 'W')}{n}", *cells(u, *((k, n, r) for r in ROWS))]
                for k in ("weight", "bias")
                for n in LAYERS
            ]
        )
    ),
    "prose between the tables": lambda u: "\n\n".join(
        f"{u}. update of the {k}:\n\n{pipes(grid(EXPECTED, u, k))}\n\nThe first layer has two units.\n\nNext."
        for k in ("weight", "bias")
    ),
    "captions below the tables": lambda u: "\n\n".join(
        f"{pipes(grid(EXPECTED, u, k))}\n\n*Table: {['first', 'second'][u - 1]} update, {k}*"
        for k in ("weight", "bias")
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_other_layouts(name: str):
    found = reports(rounds(LAYOUTS[name]))
    assert {q: report.earned for q, report in found.items() if q != "loss"} == dict.fromkeys(
        ("update1.weight", "update1.bias", "update2.weight", "update2.bias"), 7
    )


def test_headings_mixed_up_are_for_a_human():
    text = (
        markdown(EXPECTED)
        .decode()
        .replace("First update - weight", "@")
        .replace("First update - bias", "First update - weight")
    )
    found = reports(text.replace("@", "First update - bias"))
    assert not any(label.status is Status.FAILED for q in found.values() for label in q.labels)
    assert "mixed up" in found["update1.weight"].labels[0].message


def test_a_rounded_slip_is_as_blurred_where_it_is_taken_over() -> None:
    """Gradient ascent worked through exactly and written with three digits: only the updated values are wrong."""
    half = Fraction(1, 2)
    own, weights, biases = {}, [Fraction(1)] * 3, [-half] * 3
    for update in (1, 2):
        into = [Fraction(4)]
        for layer in range(3):  # two units feed each unit but those of the first layer; all of a layer are equal
            into.append(weights[layer] * into[-1] * (2 if layer else 1) + biases[layer])
        deltas = [into[3] - 1] * 3
        deltas[1] = weights[2] * deltas[2]
        deltas[0] = 2 * weights[1] * deltas[1]
        own[loss_key(update)] = half * deltas[2] ** 2
        for kind, values in (("weight", weights), ("bias", biases)):
            for layer in range(3):
                slope = deltas[layer] * (into[layer] if kind == "weight" else 1)
                own[key(update, kind, layer + 1, "parameter")] = values[layer]
                own[key(update, kind, layer + 1, "gradient")] = slope
                values[layer] += slope / 100
                own[key(update, kind, layer + 1, "updated")] = values[layer]
    cells = {
        wanted: f"{float(value):#.3g}" if abs(value) < 100 else f"{float(value):.0f}"
        for wanted, value in own.items()
        if wanted.question != "loss"
    }
    text = with_cells(cells).split("Loss before", 1)[0]
    for update in (1, 2):
        text += f"Loss before update {update}: {float(own[loss_key(update)]):.1f}\n\n"
    updated = {wanted for wanted in cells if wanted.label.endswith(".updated")}
    assert lost(reports(text)) == updated
    wrong = cells | {key(2, "weight", 1, "gradient"): f"{float(own[key(2, 'weight', 1, 'gradient')]) * 1.02:.0f}"}
    assert key(2, "weight", 1, "gradient") in lost(reports(with_cells(wrong)))
