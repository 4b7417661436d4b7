"""Files written whole or not at all: beside the target first, then renamed. Also the file name of a student's page."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from grader.export.errors import ExportError

_MARKS = " ._-@+,()'"
_WINDOWS = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
_MOST_BYTES = 120


def write_atomically(path: Path, data: bytes, *, flush: bool = True) -> Path:
    """Write `data` to `path` by way of a temporary file in the same folder; the folder is made where it is missing.

    Without `flush` the disk may write it later: quicker for files that can be made again, such as pages.

    Raises:
        PermissionError: the target exists and may not be replaced (on Windows: it is open elsewhere).
        ExportError: the folder cannot be made or written to, or the disk is full.
    """
    beside = path.with_name(f".{path.name[:40]}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(data)
            if flush:
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        _discard(beside)
        raise ExportError(f"{path} cannot be written: {error.strerror or error}.") from error
    try:
        beside.replace(path)
    except OSError as error:
        _discard(beside)
        if isinstance(error, PermissionError):
            raise
        raise ExportError(f"{path} cannot be written: {error.strerror or error}.") from error
    return path


def _discard(beside: Path) -> None:
    with suppress(OSError):
        beside.unlink(missing_ok=True)


def write_or_step_aside(path: Path, data: bytes) -> Path:
    """Like `write_atomically`, but where the target may not be replaced, write `name (2).ext` and so on.

    Returns the path that was written, so that a sentence can say where the result is.
    """
    for number in range(1, 100):
        target = path if number == 1 else path.with_name(f"{path.stem} ({number}){path.suffix}")
        if is_open_elsewhere(target):
            continue
        try:
            return write_atomically(target, data)
        except PermissionError:
            continue
    raise ExportError(f"{path} cannot be replaced, nor can 98 others like it: are they open in another program?")


def keep_edited(path: Path) -> None:
    """Keep the file that stands there under another name, `name (edited 1).ext` and so on, unless that was done."""
    before, number = path.read_bytes(), 1
    while (kept := path.with_name(f"{path.stem} (edited {number}){path.suffix}")).exists():
        if kept.read_bytes() == before:
            return
        number += 1
    write_atomically(kept, before)


def is_open_elsewhere(path: Path) -> bool:
    """Whether a spreadsheet program says, by the lock file it keeps beside, that it has the workbook open."""
    return any(path.with_name(name).exists() for name in (f".~lock.{path.name}#", f"~${path.name}"))


def feedback_name(student_id: str) -> str:
    """The file name of a student's page: `<id>.html` for ordinary ids, otherwise escaped so that none collide.

    >>> feedback_name("amal"), feedback_name("Li Wei 李伟")
    ('amal.html', 'Li Wei 李伟.html')
    >>> feedback_name("../x")
    '___x~d6b96a97d147daaa.html'
    """
    if _ordinary(student_id):
        return f"{student_id}.html"
    readable = "".join(c if c.isascii() and c.isalnum() else "_" for c in student_id[:40])
    digest = hashlib.sha256(student_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{readable}~{digest}.html"  # no ordinary id holds a "~"


def feedback_link(student_id: str) -> str:
    """The page's address as seen from the class page, ready for an `href`."""
    return "feedback/" + quote(feedback_name(student_id))


def _ordinary(name: str) -> bool:
    return (
        0 < len(name.encode("utf-8", "surrogatepass")) <= _MOST_BYTES
        and all(c in _MARKS or unicodedata.category(c)[0] in "LNM" for c in name)
        and name == unicodedata.normalize("NFC", name)
        and name[0] not in " .-"
        and name[-1] not in " ."
        and name.split(".")[0].upper() not in _WINDOWS
    )
