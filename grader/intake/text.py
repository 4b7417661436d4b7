"""Bytes to text, whatever the encoding, and text made safe to print and to store."""

from __future__ import annotations

import codecs
import re

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD_KEPT, _TAIL_KEPT = 6000, 2000


def decode(data: bytes, cookie: bool = False) -> str:
    """Text with "\\n" line ends: by byte order mark, coding cookie, UTF-8, UTF-16, GB18030, Windows-1252, Latin-1.

    >>> decode("σ = 1".encode("utf-16"))
    'σ = 1'
    """
    text = _decode(data, cookie)
    return clean(text.replace("\r\n", "\n").replace("\r", "\n"))


def _decode(data: bytes, cookie: bool) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    if cookie:
        for line in data.split(b"\n", 2)[:2]:
            found = _COOKIE.match(line)
            if found:
                try:
                    if codecs.lookup(found[1].decode("ascii"))._is_text_encoding:
                        return data.decode(found[1].decode("ascii"))
                except (LookupError, ValueError):
                    break
    zeros = data[:2000].count(0)  # looked for first: ASCII letters in UTF-16 are good UTF-8 as well
    if zeros > len(data[:2000]) // 4:
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    runs = _HIGH_RUN.findall(data)
    if sum(len(run) % 2 == 0 for run in runs) >= 0.8 * len(runs):
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            pass
    replaced = data.decode("utf-8", errors="replace")
    if replaced.count("\ufffd") * 5 < len(runs):
        return replaced
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def clean(text: str) -> str:
    """Text without lone surrogates, which no file could hold."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def printed(text: str) -> str:
    """What a cell printed, for a human: colours taken out, the middle of a flood left out."""
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    text = text.replace("\r\n", "\n").replace("\0", "")
    if len(text) <= _HEAD_KEPT + _TAIL_KEPT:
        return text
    left_out = len(text) - _HEAD_KEPT - _TAIL_KEPT
    return f"{text[:_HEAD_KEPT]}\n… ({left_out:,} characters left out) …\n{text[-_TAIL_KEPT:]}"
