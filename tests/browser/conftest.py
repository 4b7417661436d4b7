"""A real browser for the pages: the system's Chromium, driven by Playwright. Without them these tests are skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from grader.export.class_page import write_class_page
from grader.export.feedback import feedback_name, write_feedback

from ..export.rich import rich_gradebook

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Visit:
    """An open page with everything that it should not have done: errors, requests, dialogs."""

    page: Any
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def text(self) -> str:
        return str(self.page.evaluate("document.body.innerText"))


class Visitor:
    """Opens pages of a folder and closes them again."""

    def __init__(self, browser: Any, folder: Path) -> None:
        self.browser = browser
        self.folder = folder
        self.open: list[Any] = []

    def __call__(self, name: str, width: int = 1000, *, folder: Path | None = None, **settings: Any) -> Visit:
        page = self.browser.new_page(viewport={"width": width, "height": 800}, **settings)
        self.open.append(page)
        visit = Visit(page)
        page.on("console", lambda said: visit.errors.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: visit.errors.append(str(error)))
        page.on("request", lambda request: visit.requests.append(request.url))
        page.on("dialog", lambda dialog: (visit.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(((folder or self.folder) / name).as_uri())
        return visit


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="no browser tests: Playwright (extra `browser`) is missing")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser tests: none of {', '.join(BROWSERS)} is installed")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a class with hostile names and everything that a page can show."""
    folder = tmp_path_factory.mktemp("class")
    gradebook = rich_gradebook()
    for report in gradebook.reports:
        write_feedback(report, gradebook, folder / "feedback" / feedback_name(report.student.id))
    write_class_page(gradebook, folder / "index.html")
    return folder


@pytest.fixture
def visit(browser: Any, pages: Path) -> Iterator[Visitor]:
    visitor = Visitor(browser, pages)
    yield visitor
    for page in visitor.open:
        page.close()
