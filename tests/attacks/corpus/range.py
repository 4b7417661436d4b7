"""Where the attacks run: what they are after, and what lies in wait to see whether they got it."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[3]


class Range:
    """A folder with a secret, a victim and open doors. `breaches()` says what an attack has left behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "range"
        self.folder.mkdir()
        self.folder.chmod(0o777)
        self.secret, self.victim = self.folder / "secret.txt", self.folder / "victim.txt"
        self.secret.write_text("the answers", "utf-8")
        self.victim.write_text("untouched", "utf-8")
        self.victim.chmod(0o644)
        os.utime(self.victim, (1_000_000_000, 1_000_000_000))
        self.tcp, self.udp = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.unix_path = f"/tmp/grader-range-{os.getpid()}.sock"  # the path of a socket must be short
        Path(self.unix_path).unlink(missing_ok=True)
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(self.unix_path)
        self.unix.listen()
        for door in (self.tcp, self.udp, self.unix):
            door.setblocking(False)
        self.at_first = self._listing()

    def filled_in(self, source: str) -> str:
        """A source with the places of this range in it."""
        places = {
            **{"SECRET": self.secret, "VICTIM": self.victim, "FOLDER": self.folder, "PARENT": os.getpid()},
            **{"TCP": self.tcp.getsockname()[1], "UDP": self.udp.getsockname()[1], "UNIX": self.unix_path},
            **{"ROOT": ROOT, "RUBRIC": ROOT / "rubrics" / "numpy_layers" / "__init__.py"},
        }
        for name, value in places.items():
            source = source.replace(f"@{name}@", str(value))
        return source

    def breaches(self) -> list[str]:
        """Every trace of an attack that got through, in words; taken away, so that the next look is a new one."""
        found = []
        for name, door in (("TCP", self.tcp), ("Unix", self.unix)):
            with contextlib.suppress(BlockingIOError):
                door.accept()[0].close()
                found.append(f"a {name} connection was made")
        with contextlib.suppress(BlockingIOError):
            self.udp.recv(99)
            found.append("a datagram was sent")
        found += [f"{path} is new, gone or changed" for path in sorted(self._listing() ^ self.at_first)]
        return found

    def _listing(self) -> set[tuple[str, int, int, int]]:
        entries = ((path, path.lstat()) for path in self.folder.iterdir())
        return {(path.name, at.st_mode, at.st_size, int(at.st_mtime)) for path, at in entries}

    def __enter__(self) -> Range:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for door in (self.tcp, self.udp, self.unix):
            door.close()
        Path(self.unix_path).unlink(missing_ok=True)


def processes_in(folder: Path) -> Iterator[int]:
    """Processes whose working folder is, or was, below `folder`."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if str((entry / "cwd").readlink()).startswith(f"{folder}{os.sep}"):
                    yield int(entry.name)
