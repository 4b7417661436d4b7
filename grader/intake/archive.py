"""Files of a hand-in as names and bytes, on disk or inside zips. A zip is read in memory and never extracted."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path, PurePosixPath

from grader.intake.text import clean

MAX_FILE = 100_000_000
MAX_MEMBERS = 50_000
MAX_TOTAL = 2_000_000_000
_MAX_RATIO, _RATIO_FREE = 300, 1_000_000
_IGNORED_FOLDERS = frozenset({"__pycache__", "__MACOSX", ".ipynb_checkpoints"})
_IGNORED_SUFFIXES = frozenset({".json", ".pyc", ".pyo", ".tmp", ".lock", ".sqlite", ".toml"})


class BadFile(Exception):
    """A file or zip that cannot be read; the message is a whole sentence that names it."""


@dataclass(frozen=True)
class FileBytes:
    """One file: `name` as a human sees it, `path` on disk, `members` the names on the way through nested zips."""

    name: str
    path: Path
    members: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix.lower()

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    def read(self) -> bytes:
        """The bytes. Raises BadFile."""
        try:
            if self.path.stat().st_size > (MAX_TOTAL if self.members else MAX_FILE):
                raise BadFile(f"{self.name} is larger than {MAX_FILE // 1_000_000} MB.")
            if not self.members:
                return self.path.read_bytes()
        except OSError as error:
            raise BadFile(f"{self.name} cannot be read: {error.strerror or error}.") from None
        data = _member(self.path, self.path.name, self.members[0])
        for outer, member in pairwise(self.members):
            data = _member(io.BytesIO(data), outer, member)
        return data


def members(zipped: FileBytes) -> tuple[FileBytes, ...]:
    """The files in a zip, sorted; system files and members with unsafe names left out. Raises BadFile."""
    try:
        source = io.BytesIO(zipped.read()) if zipped.members else zipped.path
        with zipfile.ZipFile(source) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        NotImplementedError,
        EOFError,
        RuntimeError,
        UnicodeError,
        MemoryError,
    ):
        raise BadFile(
            f"{zipped.name} is not a zip that can be opened; it may have been cut off while uploading."
        ) from None
    if len(infos) > MAX_MEMBERS:
        raise BadFile(f"{zipped.name} holds {len(infos):,} files; at most {MAX_MEMBERS:,} are read.")
    if sum(info.file_size for info in infos) > MAX_TOTAL:
        raise BadFile(f"{zipped.name} would unpack to more than {MAX_TOTAL // 1_000_000} MB.")
    found = {}
    for info in infos:
        name = _shown(info)
        if is_safe(name) and not is_ignored(PurePosixPath(name)):
            found[name] = FileBytes(name, zipped.path, (*zipped.members, info.filename))
    if infos and not any(is_safe(_shown(info)) for info in infos):
        raise BadFile(
            f"{zipped.name} holds only names that lead out of it ({_shown(infos[0])[:80]}). Zip the files again, "
            "without the folders above them."
        )
    return tuple(found[name] for name in sorted(found))


def is_safe(name: str) -> bool:
    """Whether a member's name stays within its zip."""
    parts = name.split("/")
    return bool(name) and not name.startswith("/") and ".." not in parts and ":" not in parts[0] and "\0" not in name


def is_ignored(path: PurePosixPath) -> bool:
    """Hidden and system files, caches, plain JSON and readmes are nobody's hand-in."""
    if any(part.startswith(".") or part in _IGNORED_FOLDERS for part in path.parts):
        return True
    name = path.name.lower()
    return path.suffix.lower() in _IGNORED_SUFFIXES or name.startswith("readme") or name in ("thumbs.db", "desktop.ini")


def _member(source: Path | io.BytesIO, zip_name: str, member: str) -> bytes:
    try:
        archive = (
            _opened(source, source.stat().st_mtime_ns, os.getpid())
            if isinstance(source, Path)
            else zipfile.ZipFile(source)
        )
        info = archive.getinfo(member)
        if info.flag_bits & 1:
            raise BadFile(f"{zip_name} is protected by a password. Hand it in again without one.")
        ratio = info.file_size / max(info.compress_size, 1)
        if info.file_size > MAX_FILE or (info.file_size > _RATIO_FREE and ratio > _MAX_RATIO):
            raise BadFile(f"{member} in {zip_name} would unpack to {info.file_size // 1_000_000} MB.")
        with archive.open(info) as stream:
            data = stream.read(MAX_FILE + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        KeyError,
        ValueError,
        NotImplementedError,
        EOFError,
        RuntimeError,
        MemoryError,
    ):
        raise BadFile(f"{member} in {zip_name} cannot be unpacked: the zip is damaged.") from None
    if len(data) > MAX_FILE:
        raise BadFile(f"{member} in {zip_name} would unpack to more than {MAX_FILE // 1_000_000} MB.")
    return data


@lru_cache(maxsize=2)
def _opened(path: Path, changed: int, process: int) -> zipfile.ZipFile:
    """A class's zip, opened once for all its students: its table of contents may be long. Never shared by processes."""
    return zipfile.ZipFile(path)


def _shown(info: zipfile.ZipInfo) -> str:
    """A member's name; zips made on Chinese Windows say nothing of their encoding."""
    name = info.filename.replace("\\", "/")
    if not name.isascii() and not info.flag_bits & 0x800:
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            return clean(name)
        for encoding in ("utf-8", "gb18030"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    return clean(name)
