"""pytest for rubrics and for single submissions.

``pytest rubrics/`` proves every rubric found there: a test a reference, fault and variant, in this process and through
the worker. ``pytest --submission PATH`` gives one readable test a label and case for one student, for the instructor
at the desk.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.desk import Desk, Finding


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grader", "backpropagation homework")
    group.addoption("--submission", metavar="PATH", help="judge one submission: one test a label and case")
    group.addoption("--homework", metavar="KEY", help="the homework of --submission, where its files do not tell")


def pytest_configure(config: pytest.Config) -> None:
    chosen = config.getoption("--submission")
    if chosen:
        config.args[:] = [str(Path(chosen).resolve())]


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    return _submission(path, parent)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if parent.config.getoption("--submission"):
        return _submission(file_path, parent)
    if file_path.name == "__init__.py" and file_path.parent.parent.name == "rubrics":
        key = file_path.parent.name
        if any(entry.name == key for entry in entry_points(group="grader.rubrics")):
            return RubricFile.from_parent(parent, path=file_path, name=f"{key}.rubric")
    return None


def _submission(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    chosen = parent.config.getoption("--submission")
    if chosen and path == Path(chosen).resolve():
        return SubmissionFile.from_parent(parent, path=path, name=path.name)
    return None


class RubricFile(pytest.File):
    """A rubric: what it promises of references, faults and variants."""

    def collect(self) -> Iterator[pytest.Item]:
        from grader.catalogue import homework
        from grader.verify import Proof

        proof = Proof(homework(self.path.parent.name))
        self.addfinalizer(proof.close)
        for claim in proof.claims():
            yield ClaimItem.from_parent(self, name=claim.name, claim=claim)


class ClaimItem(pytest.Item):
    """One claim of a rubric."""

    def __init__(self, *, claim: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.claim = claim

    def runtest(self) -> None:
        row = self.claim.check()
        if not row.ok:
            raise Unproven(f"{row.name} loses {', '.join(row.lost) or 'nothing'}: {row.said}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, Unproven) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name


class Unproven(Exception):
    """A rubric does not keep a promise."""


class SubmissionFile(pytest.Directory, pytest.File):  # a hand-in is a folder or a file
    """One student's submission."""

    def collect(self) -> Iterator[pytest.Item]:
        from grader.desk import Desk

        desk: Desk = Desk.judge(self.path, self.config.getoption("--homework"))
        for finding in desk.findings:
            yield FindingItem.from_parent(self, name=finding.name, finding=finding)


class FindingItem(pytest.Item):
    """One label on one case, or one answer that is read."""

    def __init__(self, *, finding: Finding, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.finding = finding

    def runtest(self) -> None:
        if self.finding.waits:
            pytest.skip(self.finding.words)
        if self.finding.words:
            raise Lost(self.finding.words)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, Lost) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name


class Lost(Exception):
    """A label that a submission lost."""
