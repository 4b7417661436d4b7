"""Right numbers in lists, wikis, other languages and crowded print; each is read again with a slip that must be seen.

The tables are those of `test_odd_tables`, which are the sheet's own printout.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.intake.tables import read_tables
from rubrics.backprop_by_hand import judge

from .test_odd_tables import HEADS, LOSSES, ROWS, TABLES, graded, pending
from .test_odd_wordings import SLIP, Tables, lost, notebook, slipped, written


def dotted(tables: Tables) -> str:
    """ "Layer 1: w = 1 → 0.08 (grad 92)" under each heading."""
    parts = []
    for n, (head, table) in enumerate(zip(HEADS, tables, strict=True)):
        lines = (
            f"- Layer {at}: {'wb'[n % 2]} = {a} → {c} (grad {b})"
            for at, (a, b, c) in enumerate(zip(*table, strict=True), 1)
        )
        parts.append("\n".join([f"## {head}", *lines]))
    return "\n\n".join(parts) + LOSSES


def indented(tables: Tables) -> str:
    """A list in three levels: layer, kind, number."""
    lines = []
    for update in (0, 1):
        lines.append(f"# Update {update + 1}\n")
        for layer in range(3):
            lines.append(f"* Layer {layer + 1}")
            for kind, table in zip(("Weight", "Bias"), tables[2 * update : 2 * update + 2], strict=True):
                lines.append(f"  * {kind}")
                lines += [f"    * {name}: {row[layer]}" for name, row in zip(ROWS, table, strict=True)]
    return "\n".join(lines) + LOSSES


def callouts(tables: Tables) -> str:
    return written(tables, lambda number, count: f"=={number}==").replace("### ", "> [!info] ").replace("\n|", "\n> |")


def asciidoc(tables: Tables) -> str:
    """Blank lines in a table, and no pipe at the end of a row."""
    text = written(tables).replace("### ", ".").replace("|---|---|---|---|", "").replace(" |\n", "\n")
    return (
        text.replace("\n\n| | Layer", "\n|===\n| | Layer")
        .replace("\n\n.", "\n|===\n\n.")
        .replace(LOSSES, "|===" + LOSSES)
    )


def wiki(tables: Tables) -> str:
    return written(tables).replace("|---|---|---|---|", "").replace("\n\n|", "\n|").replace("|", "||")


def dutch(tables: Tables) -> str:
    heads = [f"{nth} update - {kind}" for nth in ("Eerste", "Tweede") for kind in ("gewicht", "bias")]
    columns = ("Laag 1", "Laag 2", "Laag 3")
    text = written(tables, rows=("Parameter", "Gradiënt", "Bijgewerkt"), columns=columns, heads=tuple(heads))
    return text.replace("Loss", "Verlies")


def japanese(tables: Tables) -> str:
    heads = [f"{n}回目の更新 - {kind}" for n in (1, 2) for kind in ("重み", "バイアス")]
    columns = ("第1層", "第2層", "第3層")
    text = written(tables, rows=("パラメータ", "勾配", "更新後"), columns=columns, heads=tuple(heads))
    return text.replace("Loss", "損失")


@pytest.mark.parametrize("write", [dotted, indented, callouts, asciidoc, wiki, dutch, japanese])
def test_lists_and_tables_of_other_hands(write: Callable[[Tables], str]) -> None:
    assert lost(write(TABLES)) == []
    assert lost(write(slipped())) == [SLIP]


@pytest.mark.parametrize("suffix", ["org", "rst", "adoc"])
def test_other_kinds_of_plain_text_are_read(suffix: str) -> None:
    assert lost(written(TABLES), f"hw.{suffix}") == []
    assert lost(written(slipped()), f"hw.{suffix}") == [SLIP]


def titled_frames(tables: Tables) -> str:
    """Frames with a title inside, one right below the other, as prettytable prints them."""
    rule = "+-----------+---------+---------+---------+"
    lines = []
    for head, table in zip(HEADS, tables, strict=True):
        rows = [f"| {n:^9} | " + " | ".join(f"{c:^7}" for c in row) + " |" for n, row in zip(ROWS, table, strict=True)]
        names = "|           | Layer 1 | Layer 2 | Layer 3 |"
        lines += [rule.replace("-+-", "---"), f"|{head:^41}|", rule, names, rule, *rows, rule]
    return "\n".join(lines)


def three_levels(tables: Tables) -> str:
    """A wide frame with three levels of columns, each set to the right, as pandas prints it."""
    widths = [10, 9, 8] * 4
    levels = [[""] * 12 for _ in range(2)]
    for at in range(4):
        levels[0][6 * (at // 2)] = f"Update {at // 2 + 1}"
        levels[1][3 * at] = ("Weight", "Bias")[at % 2]
    rows = [("", *levels[0]), ("", *levels[1]), ("", *ROWS * 4)]
    rows += [(f"Layer {n + 1}", *(f"{float(table[r][n]):.4f}" for table in tables for r in range(3))) for n in range(3)]
    return "\n".join(
        f"{row[0]:<7}" + "".join(f"{c:>{w}}" for c, w in zip(row[1:], widths, strict=True)) for row in rows
    )


@pytest.mark.parametrize("write", [titled_frames, three_levels])
def test_frames_printed_close_together(write: Callable[[Tables], str]) -> None:
    assert lost(notebook(printed=write(TABLES), said=LOSSES), "hw.ipynb") == []
    assert lost(notebook(printed=write(slipped()), said=LOSSES), "hw.ipynb") == [SLIP]


def latex_source(tables: Tables) -> str:
    rows = [
        f"{head}\n\\begin{{tabular}}{{lrrr}}\n & Layer 1 & Layer 2 & Layer 3 \\\\\n"
        + "".join(f"{n} & {' & '.join(row)} \\\\\n" for n, row in zip(ROWS, table, strict=True))
        + "\\end{tabular}\n"
        for head, table in zip(HEADS, tables, strict=True)
    ]
    return "\n".join(rows)


def test_tables_printed_as_source() -> None:
    assert lost(notebook(printed=latex_source(TABLES), said=LOSSES), "hw.ipynb") == []
    assert lost(notebook(printed=latex_source(slipped()), said=LOSSES), "hw.ipynb") == [SLIP]


def test_numbers_that_are_in_the_text_and_in_no_table_wait() -> None:
    """The first tables as such, the second update as matrices over several lines: not missing."""
    first = written(TABLES).split("### Second update", 1)[0] + LOSSES
    told = [f"Layer {n} weight gradient:\n[[0.0 0.0]\n [0.0 0.0]]" for n in (1, 2, 3)]
    assert pending(graded("\n\n".join([first, "## Second update", *told]))) == 14.0
    assert pending(graded("\n\n".join([first, "## First update", *told]))) == 0.0  # control: of another round


@pytest.mark.parametrize(("loss", "right"), [("66,125", 1.0), ("66,521", 0.0)])
def test_losses_in_a_sheet_of_their_own(loss: str, right: float) -> None:
    readings = [
        read_tables(name, text.encode())
        for name, text in (
            ("a.md", written(TABLES).removesuffix(LOSSES)),
            ("Loss.csv", f"Loss;\nUpdate 1;{loss}\nUpdate 2;1,3041"),
        )
    ]
    reports = {report.id: report for report in judge(readings)}
    assert reports["loss"].earned == right + 1


def to_the_left(tables: Tables) -> str:
    """Columns set to the left: a word may end by chance where a number does."""
    parts = []
    for head, table in zip(HEADS, tables, strict=True):
        rows = [("", "Couche 1", "Couche 2", "Couche 3"), *((n, *row) for n, row in zip(ROWS, table, strict=True))]
        parts.append("\n".join([head, *("".join(f"{entry:<14}" for entry in row).rstrip() for row in rows), ""]))
    return "\n".join(parts) + LOSSES


def test_columns_set_to_the_left() -> None:
    assert lost(to_the_left(TABLES), "hw.txt") == []
    assert lost(to_the_left(slipped()), "hw.txt") == [SLIP]


def test_an_untouched_template_is_missing_whatever_the_sheet_prints() -> None:
    empty = written(tuple(tuple(("value_layer1",) * 3 for _ in table) for table in TABLES)).removesuffix(LOSSES)
    printed = "\n".join(f"Layer{n} weight Gradient\ntensor([[92.],\n        [92.]])" for n in (1, 2, 3))
    assert pending(graded(notebook(said=empty, printed=printed), "hw.ipynb")) == 0.0
    assert pending(graded(notebook(printed=printed), "hw.ipynb")) > 0  # control: no table at all
