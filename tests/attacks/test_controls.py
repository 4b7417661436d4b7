"""The harness sees an attack that gets through: the same hand-ins, with the layer that stops them switched off."""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from corpus import escaping, patching
from corpus.attack import Attack
from corpus.range import Range

from grader import batch, client
from grader.cli import main
from grader.client import Worker
from grader.worker.wire import Answer, decode_reply

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the layers are Linux's")

BY_NAME = {attack.name: attack for module in (escaping, patching) for attack in module.ATTACKS}
# Name, and the words in which the range tells of it (None: the score alone does).
STOPPED_BY_LANDLOCK = {
    "reads-a-secret": None,
    "reads-the-users": None,
    "lists-the-root": None,
    "reads-the-rubric": None,
}
STOPPED_BY_SECCOMP = {
    "sends-a-datagram": "a datagram was sent",
    "connects-to-a-path": "a Unix connection was made",
    "forks": None,
    "forks-by-system-call": None,
    "starts-a-thread": None,
    "file-in-memory": None,
}
STOPPED_BY_EITHER = {
    "connects": "a TCP connection was made",
    "writes-in-the-range": "written",
    "makes-a-folder": "made",
    "makes-a-link": "link",
    "changes-a-mode": "victim.txt",
    "starts-a-program": None,
    "kills-the-parent": None,
}


def graded(folder: Path, names: list[str], layers: tuple[str, ...] | None) -> tuple[dict[str, float], list[str]]:
    """Scores by attack, and what the range saw. `layers` None: as the command has them."""
    klass = folder / "class"
    klass.mkdir()
    with Range(folder) as range_, pytest.MonkeyPatch.context() as patch:
        for name in names:
            BY_NAME[name].build(klass)
            source = klass / f"{name}.py"
            source.write_text(range_.filled_in(source.read_text("utf-8")), "utf-8")
        if layers is not None:
            patch.setattr(batch, "Worker", functools.partial(Worker, layers=layers))
        arguments = [str(klass), "--homework", "numpy_layers", "--out", str(folder / "out")]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        lines = (folder / "out" / "numpy_layers" / "results.jsonl").read_text("utf-8").splitlines()
        return {d["student"]["id"]: d["score"] for d in map(json.loads, lines)}, range_.breaches()


def seen(breaches: list[str], words: str | None) -> bool:
    return words is None or any(words in breach for breach in breaches)


@pytest.mark.parametrize(
    ("layers", "through"),
    [
        (("seccomp",), STOPPED_BY_LANDLOCK),
        (("landlock",), STOPPED_BY_SECCOMP),
        ((), STOPPED_BY_LANDLOCK | STOPPED_BY_SECCOMP | STOPPED_BY_EITHER),
    ],
    ids=["without Landlock", "without seccomp", "without any layer"],
)
def test_without_its_layer_the_attack_is_seen(
    tmp_path: Path, layers: tuple[str, ...], through: dict[str, str | None]
) -> None:
    scores, breaches = graded(tmp_path, list(through), layers)
    unseen = [name for name, words in through.items() if scores[name] != 4.0 or not seen(breaches, words)]
    assert unseen == []


def test_with_all_layers_the_same_attacks_are_stopped(tmp_path: Path) -> None:
    names = [*STOPPED_BY_LANDLOCK, *STOPPED_BY_SECCOMP, *STOPPED_BY_EITHER]
    scores, breaches = graded(tmp_path, names, None)
    assert set(scores.values()) == {2.0}
    assert breaches == []


def test_without_fresh_children_one_question_mends_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "swaps-the-interpreter"

    def trusting(*arguments: Any) -> Answer:
        return dataclasses.replace(decode_reply(*arguments), spoiled=False)

    (tmp_path / "on").mkdir()
    (tmp_path / "off").mkdir()
    assert graded(tmp_path / "on", [name], None)[0] == {name: 2.0}
    monkeypatch.setattr(client, "decode_reply", trusting)
    assert graded(tmp_path / "off", [name], None)[0] == {name: 3.0}


def test_attacks_name_no_place_that_the_range_does_not_have(tmp_path: Path) -> None:
    def text(attack: Attack) -> str:
        attack.build(tmp_path)
        return (tmp_path / f"{attack.name}.py").read_text("utf-8")

    with Range(tmp_path) as range_:
        assert not [a.name for a in escaping.ATTACKS if "@" in range_.filled_in(text(a)).replace("X @ self", "")
                    .replace("dY @ self", "").replace("X.T @ dY", "")]  # fmt: skip
