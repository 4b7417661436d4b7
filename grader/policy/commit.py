"""The date of the last commit in a hand-in that is a git repository of its own, as GitHub Classroom leaves them.

A hand-in's `.git` is untrusted: its settings can name programs that git would run. So git never opens that repository.
The commit's name is read from the text files HEAD, refs and packed-refs; the commit itself is read by git from an
empty repository of ours, to which only the folder of objects is lent.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

_SECONDS = 10
_MOST_TEXT = 10_000_000
_MOST_COMMIT = 100_000
_NAME = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REF = re.compile(r"ref: (refs/[A-Za-z0-9][\w./+@-]{0,200})")
_COMMITTER = re.compile(rb"^committer [^\n]*> (\d{1,11}) [+-]\d{4}$", re.MULTILINE)


def commit_time(folder: Path) -> datetime | None:
    """When the last commit of the branch that is checked out was made, in UTC; None where that cannot be told."""
    repository = folder / ".git"
    objects = repository / "objects"
    if repository.is_symlink() or objects.is_symlink() or not objects.is_dir():
        return None
    if (objects / "info" / "alternates").exists():  # objects from elsewhere: not this hand-in's own
        return None
    name = _commit_name(repository)
    commit = _commit(name, objects) if name else None
    found = _COMMITTER.search(commit.partition(b"\n\n")[0]) if commit else None
    try:
        return datetime.fromtimestamp(int(found[1]), UTC) if found else None
    except (ValueError, OverflowError, OSError):
        return None


def _commit_name(repository: Path) -> str | None:
    """The name of the commit that HEAD stands for."""
    head = _text(repository, "HEAD")
    for _ in range(5):  # a reference may name another
        if _NAME.fullmatch(head):
            return head
        found = _REF.fullmatch(head)
        if found is None or ".." in found[1]:
            return None
        head = _text(repository, found[1]) or _packed(repository, found[1])
    return None


def _packed(repository: Path, reference: str) -> str:
    for line in _text(repository, "packed-refs").splitlines():
        name, _, of = line.partition(" ")
        if of == reference:
            return name
    return ""


def _text(repository: Path, name: str) -> str:
    """A small ordinary file of the repository; empty where it is missing, a link or anything else."""
    path = repository / name
    try:
        if path.resolve(strict=True) != repository.resolve() / name or not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_MOST_TEXT).decode("utf-8", "replace").strip()
    except (OSError, RuntimeError):
        return ""


def _commit(name: str, objects: Path) -> bytes | None:
    git = shutil.which("git")
    if git is None:
        return None
    with tempfile.TemporaryDirectory() as made:
        ours = Path(made)
        (ours / "refs").mkdir()
        (ours / "objects").mkdir()
        (ours / "HEAD").write_text("ref: refs/heads/none\n")
        form = "\tobjectFormat = sha256\n" if len(name) == 64 else ""
        (ours / "config").write_text(
            f"[core]\n\trepositoryFormatVersion = {1 if form else 0}\n\tbare = true\n"
            + (f"[extensions]\n{form}" if form else "")
        )
        environment = {
            "PATH": os.defpath,
            "HOME": made,
            "LC_ALL": "C",
            "GIT_DIR": made,
            "GIT_OBJECT_DIRECTORY": str(objects.resolve()),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_TERMINAL_PROMPT": "0",
        }
        command = [git, "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "--no-pager", "cat-file"]

        def run(*arguments: str) -> bytes | None:
            try:
                done = subprocess.run(
                    [*command, *arguments],
                    env=environment,
                    cwd=made,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=_SECONDS,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired):
                return None
            return done.stdout if done.returncode == 0 else None

        size = run("-s", name)  # before the whole: a small pack can hold a huge object
        if size is None or not size.strip().isdigit() or int(size) > _MOST_COMMIT:
            return None
        return run("commit", name)
