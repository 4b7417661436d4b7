"""Markdown with code in fences (R Markdown, Quarto, MyST, a plain report) as the cells of a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.intake.document import Block, Document

_OPENING = re.compile(
    r"[ ]{0,3}(?P<fence>`{3,}|~{3,})[ ]*\{?(?:code-cell\}?[ ]*)?\.?(?:i?python3?|py)\b[^`]*$",
    re.IGNORECASE,
)
_OPTION = re.compile(r"\s*:[\w-]+:")  # of a MyST cell


def as_cells(prose: Document) -> Document | None:
    """The same file as a notebook, or None where no fence holds Python.

    >>> text = "# Q1\\n```{python}\\nx = 1\\n```\\nDone."
    >>> cells = as_cells(Document("hw.Rmd", "prose", (Block("markdown", text),)))
    >>> [(block.kind, block.source) for block in cells.blocks]
    [('markdown', '# Q1'), ('code', 'x = 1'), ('markdown', 'Done.')]
    """
    parts = [part for block in prose.blocks for part in _parts(block.source.split("\n")) if part[1].strip()]
    if not any(kind == "code" for kind, _ in parts):
        return None
    blocks = tuple(Block(kind, source, number) for number, (kind, source) in enumerate(parts, start=1))
    return Document(prose.name, "notebook", blocks, prose.notes)


def _parts(lines: list[str]) -> Iterator[tuple[str, str]]:
    fence: str | None = None
    gathered: list[str] = []
    for line in lines:
        opening = _OPENING.match(line) if fence is None else None
        if opening:
            yield "markdown", "\n".join(gathered)
            fence, gathered = opening["fence"], []
        elif fence is not None and line.strip() == fence:
            yield "code", "\n".join(gathered)
            fence, gathered = None, []
        elif fence is None or gathered or not _OPTION.match(line):
            gathered.append(line)
    yield ("markdown" if fence is None else "code"), "\n".join(gathered)
