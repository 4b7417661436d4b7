"""Names that steer terminals, formulas, pages and file systems; and two students of one name."""

from __future__ import annotations

from pathlib import Path

from corpus.attack import HONEST, Attack


def named(name: str) -> Attack:
    def build(at: Path) -> None:
        (at / name).mkdir()
        (at / name / "hw.py").write_text(HONEST, "utf-8")

    return Attack(name, build, 4.0)


ATTACKS: tuple[Attack, ...] = tuple(
    named(name)
    for name in (
        "=cmd|' C calc'!A0",
        '=HYPERLINK("http:example")',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "new\nline",
        "back\rup",
        "\x1b]0;owned\x07\x1b[2J\x1b[31mred",
        "gro.elpmaxe\u202egnp",
        "<script>alert(1)<\u2215script>",
        "<img src=x onerror=alert(1)>",
        '"onmouseover=alert(1) x="',
        "{{ 7*7 }}",
        "%s%n${jndi}",
        "n" * 255,
        "é" * 120,
        "zero\u200bwidth",
        "CON",
        "name~1",
        "trailing.",
        " spaces ",
        "Amal Twice",
        "amal twice",
        "results.jsonl",
        "grades.xlsx",
        "'quoted'",
        "\\\\server\\share",
        "-rf",
        "--out",
    )
)
