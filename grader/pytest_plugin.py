"""pytest for rubrics and for single submissions.

``pytest rubrics/`` proves every rubric found there: a test a reference, fault and variant, in this process and through
the worker. ``pytest --submission PATH`` gives one readable test a label and case for one student, for the instructor
at the desk.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.desk import Finding


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grader", "backpropagation homework")
    group.addoption("--submission", metavar="PATH", help="judge one submission: one test a label and case")
    group.addoption("--homework", metavar="KEY", help="the homework of --submission, where its files do not tell")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """A conftest.py beside a submission is a student's: with --submission none is loaded."""
    if getattr(early_config.known_args_namespace, "submission", None):
        early_config.known_args_namespace.noconftest = True


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--submission"):
        # pytest itself must never come near the hand-in (it would import a script): it is given this file instead
        config.args[:] = [__file__]


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    found = yield
    chosen = parent.config.getoption("--submission")
    if not chosen:
        return found
    return [SubmissionFile.from_parent(parent, path=file_path, name=Path(chosen).name, nodeid=Path(chosen).name)]


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if path.parent.name == "rubrics" and any(e.name == path.name for e in entry_points(group="grader.rubrics")):
        found: pytest.Collector = RubricDirectory.from_parent(parent, path=path)
        return found
    return None


class RubricDirectory(pytest.Directory):
    """A rubric: what it promises of references, faults and variants."""

    def collect(self) -> Iterator[pytest.Item]:
        from grader.catalogue import homework
        from grader.verify import Proof

        proof = Proof(homework(self.path.name))
        self.session.config.add_cleanup(proof.close)
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


class SubmissionFile(pytest.File):
    """One student's submission."""

    def collect(self) -> Iterator[pytest.Item]:
        from grader.desk import Desk

        desk = Desk.judge(Path(self.config.getoption("--submission")), self.config.getoption("--homework"))
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
