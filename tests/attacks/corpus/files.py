"""Bad input: zips, notebooks, links and neighbours that are broken, huge or out to be imported."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from corpus.attack import HONEST, LINEAR, NUMPY, RELU, Attack, script

UNREADABLE = "unreadable"


def notebook(*sources: str) -> bytes:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}, ensure_ascii=False).encode()


def zipped(members: Mapping[str, bytes | str], level: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", level) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def one_file(name: str, suffix: str, data: bytes | Callable[[], bytes], score: float, status: str = "judged") -> Attack:
    def build(at: Path) -> None:
        (at / f"{name}{suffix}").write_bytes(data if isinstance(data, bytes) else data())

    return Attack(name, build, score, status)


def folder(name: str, files: Mapping[str, str | bytes], score: float, status: str = "judged") -> Attack:
    def build(at: Path) -> None:
        (at / name).mkdir()
        for file, data in files.items():
            (at / name / file).write_bytes(data if isinstance(data, bytes) else data.encode())

    return Attack(name, build, score, status)


def linked(name: str, build: Callable[[Path, Path], object], score: float, status: str = "judged") -> Attack:
    """`build` gets the student's folder and the path of a file outside the class."""

    def made(at: Path) -> None:
        (at / name).mkdir()
        outside = at.parent / "outside.py"
        outside.write_text(HONEST, "utf-8")
        build(at / name, outside)

    return Attack(name, made, score, status)


def encrypted() -> bytes:
    """A zip whose members say that they are encrypted."""
    data = bytearray(zipped({"hw.py": HONEST}, zipfile.ZIP_STORED))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark)
        (flags,) = struct.unpack_from("<H", data, at + offset)
        struct.pack_into("<H", data, at + offset, flags | 1)
    return bytes(data)


def linking_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("secret.py")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
        archive.writestr("hw.py", HONEST)
    return buffer.getvalue()


def nested_zip() -> bytes:
    data = zipped({"hw.py": HONEST})
    for _ in range(20):
        data = zipped({"inner.zip": data})
    return data


EVIL = "raise SystemExit('imported')\n"
ATTACKS: tuple[Attack, ...] = (
    one_file("zip-climbing-out", ".zip",
             zipped({"../../up.py": EVIL, "/abs.py": EVIL, "C:\\drive.py": EVIL, "hw.py": HONEST}), 4.0),
    one_file("zip-with-links", ".zip", linking_zip(), 4.0),
    one_file("zip-of-two-cases", ".zip", zipped({"HW.py": HONEST, "hw.py": HONEST}), 4.0),
    one_file("zip-bomb", ".zip", lambda: zipped({"hw.ipynb": b" " * 90_000_000}), 0.0, UNREADABLE),
    one_file("zip-of-many", ".zip", lambda: zipped({f"{n}.txt": "" for n in range(50_001)}, 0), 0.0, UNREADABLE),
    one_file("zip-encrypted", ".zip", encrypted(), 0.0, UNREADABLE),
    one_file("zip-in-zip-in-zip", ".zip", nested_zip(), 0.0, UNREADABLE),
    one_file("zip-cut-off", ".zip", zipped({"hw.py": HONEST})[:-40], 0.0, UNREADABLE),
    one_file("zip-of-nothing", ".zip", zipped({}), 0.0, UNREADABLE),
    one_file("not-json", ".ipynb", b'{"cells": [', 0.0, UNREADABLE),
    one_file("all-bytes", ".ipynb", bytes(range(256)) * 99, 0.0, UNREADABLE),
    one_file("sixty-megabytes", ".ipynb", lambda: b" " * 60_000_001, 0.0, UNREADABLE),
    one_file("deep-json", ".ipynb", b'{"cells": ' + b"[" * 300_000 + b"]" * 300_000 + b"}", 0.0, UNREADABLE),
    one_file("deep-json-objects", ".ipynb", b'{"cells": ' * 100_000, 0.0, UNREADABLE),
    one_file("no-keys", ".ipynb", b"{}", 0.0, UNREADABLE),
    one_file("keys-of-other-types", ".ipynb", b'{"cells": {"a": 1}, "worksheets": 7, "metadata": []}', 0.0),
    one_file("cells-of-other-types", ".ipynb", b'{"cells": [1, null, [], {"cell_type": 3, "source": {"a": 1}}]}', 0.0),
    one_file("deep-brackets", ".ipynb", notebook(NUMPY + LINEAR, RELU, "x = " + "(" * 90_000 + ")" * 90_000), 4.0),
    one_file("deep-minus", ".ipynb", notebook(NUMPY + LINEAR, RELU, "x = " + "-" * 90_000 + "1"), 4.0),
    one_file("deep-attributes", ".ipynb", notebook(NUMPY + LINEAR, RELU, "x = a" + ".b" * 90_000), 4.0),
    one_file("deep-calls", ".ipynb", notebook(NUMPY + LINEAR, RELU, "x = a" + "()" * 90_000), 4.0),
    one_file("deep-sums", ".ipynb", notebook(NUMPY + LINEAR, RELU, "x = 1" + " + 1" * 90_000), 4.0),
    one_file("deep-elifs", ".ipynb", notebook(NUMPY + LINEAR, RELU, "if a: pass\n" + "elif a: pass\n" * 20_000), 4.0),
    one_file("deep-indents", ".ipynb",
             notebook(NUMPY + LINEAR, RELU, "".join(" " * n + "if a:\n" for n in range(300))), 4.0),
    one_file("deep-strings", ".ipynb", notebook(NUMPY + LINEAR, RELU, "x = f'{" * 2_000 + "1" + "}'" * 2_000), 4.0),
    one_file("deep-relu", ".ipynb",
             notebook(NUMPY + LINEAR, RELU.replace("return dY", "return dY" + " * 1" * 20_000)), 2.0),
    one_file("endless-number", ".ipynb", notebook(NUMPY + LINEAR, RELU, "x = " + "9" * 900_000), 4.0),
    one_file("null-bytes", ".ipynb", notebook(NUMPY + LINEAR, RELU, "x = 1\0"), 4.0),
    one_file("marked-utf-8", ".ipynb", b"\xef\xbb\xbf" + notebook(HONEST), 4.0),
    one_file("marked-utf-16", ".ipynb", notebook("# 反向传播\n" + HONEST).decode().encode("utf-16"), 4.0),
    one_file("unmarked-utf-16", ".py", HONEST.encode("utf-16-be"), 4.0),
    one_file("gb18030", ".py", ("# 反向传播作业\n" + HONEST).encode("gb18030"), 4.0),
    one_file("strange-cookie", ".py", b"# -*- coding: unicode_escape -*-\n" + HONEST.encode(), 4.0),
    one_file("cookie-of-bytes", ".py", b"# coding: hex\n" + HONEST.encode(), 4.0),
    script("half-a-page", "x = '</script><script>alert(1)</script><img src=x onerror=alert(1)>'\n" + HONEST, 4.0),
    linked("link-to-a-file", lambda at, outside: (at / "hw.py").symlink_to(outside), 0.0, UNREADABLE),
    linked("link-to-the-system", lambda at, _: (at / "hw.py").symlink_to("/etc/passwd"), 0.0, UNREADABLE),
    linked("link-to-a-folder", lambda at, outside: (at / "all").symlink_to(outside.parent), 0.0, UNREADABLE),
    linked("link-to-itself", lambda at, _: (at / "hw.py").symlink_to("hw.py"), 0.0, UNREADABLE),
    linked("pipe", lambda at, _: os.mkfifo(at / "hw.py"), 0.0, UNREADABLE),
    folder("neighbours-to-import", {"hw.py": HONEST, **dict.fromkeys(
        ("numpy.py", "torch.py", "conftest.py", "sitecustomize.py", "usercustomize.py", "grader.py", "os.py"),
        EVIL)}, 4.0),
    folder("neighbours-of-data", {"hw.py": HONEST, "pytest.ini": "[pytest]\naddopts = --x\n",
                                  "x.pth": "import os\n", "hw.pkl": b"cos\nsystem\n(S'touch pwned'\ntR.",
                                  "w.npz": zipped({"a.npy": b"x"})}, 4.0),
    folder("a-folder-named-like-a-file.py", {"hw.py": HONEST}, 4.0),
    folder("empty", {}, 0.0, UNREADABLE),
)  # fmt: skip
