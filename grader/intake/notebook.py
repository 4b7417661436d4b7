"""Jupyter notebooks, format 3 and 4, whole or damaged, to cells with their outputs and pictures."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from grader.intake.document import Block, Document, Unreadable
from grader.intake.text import clean, decode, printed
from grader.model import Picture, Place

MAX_BYTES = 60_000_000
MAX_CELLS = 5_000
_MAX_PICTURE = 8_000_000
_MAX_PICTURES = 60
_DATA_URI = re.compile(r"data:(image/[\w.+-]+);base64,([A-Za-z0-9+/=\s]+)")
_PICTURE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/svg+xml", "image/webp")
_RESAVE = "Open it in Jupyter, save it again and hand in the new file."


def read_notebook(name: str, data: bytes) -> Document:
    """The cells of a notebook. Raises Unreadable with a sentence; missing parts of a cell are tolerated."""
    if len(data) > MAX_BYTES:
        raise Unreadable(
            f"{name} is larger than {MAX_BYTES // 1_000_000} MB. "
            "Clear its outputs (Kernel, Restart & Clear Output) and save it again."
        )
    tree = _parse(name, decode(data))
    cells = list(_cells(tree))
    if not isinstance(tree, Mapping) or not ("cells" in tree or "worksheets" in tree):
        raise Unreadable(f"{name} is not a notebook: it holds no list of cells. {_RESAVE}")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"{name} has {len(cells):,} cells; at most {MAX_CELLS:,} are read.")
    blocks = []
    pictures_left = _MAX_PICTURES
    for number, cell in enumerate(cells, start=1):
        block = _block(name, number, cell)
        if len(block.pictures) > pictures_left:
            block = Block(block.kind, block.source, number, 1, block.outputs, block.pictures[:pictures_left])
        pictures_left -= len(block.pictures)
        blocks.append(block)
    return Document(name, "notebook", tuple(blocks))


def looks_like_notebook(data: bytes) -> bool:
    """Whether a file holds a notebook, whatever its name."""
    head = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"{") and (b'"cells"' in data or b'"worksheets"' in data)


def _parse(name: str, text: str) -> Any:
    if not text.strip():
        raise Unreadable(f"{name} is empty.")
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated"):
            what = "its JSON breaks off"
        elif not text.lstrip().startswith("{"):
            what = "it does not begin like one"
        else:
            what = f"its JSON is damaged ({error.msg.lower()})"
        raise Unreadable(
            f"{name} is not a readable notebook: {what} at line {error.lineno}, column {error.colno}. {_RESAVE}"
        ) from None
    except (RecursionError, MemoryError):  # the scanner counts its own depth and stops well before the stack ends
        raise Unreadable(f"{name} is not a notebook: its JSON is nested too deeply. {_RESAVE}") from None
    except ValueError as error:
        raise Unreadable(f"{name} is not a readable notebook: {error}. {_RESAVE}") from None


def _cells(tree: Any) -> Iterator[Mapping[str, Any]]:
    """The cells of a format 4 notebook, or of every worksheet of a format 3 one; anything else is skipped."""
    if not isinstance(tree, Mapping):
        return
    worksheets = tree.get("worksheets")
    sheets = [tree, *(worksheets if isinstance(worksheets, list) else [])]
    for sheet in sheets:
        cells = sheet.get("cells") if isinstance(sheet, Mapping) else None
        for cell in cells if isinstance(cells, list) else ():
            if isinstance(cell, Mapping):
                yield cell


def _block(name: str, number: int, cell: Mapping[str, Any]) -> Block:
    kind = cell.get("cell_type")
    place = Place(name, number)
    if kind == "code":
        source = _text(cell.get("source", cell.get("input")))
        outputs = [output for output in _list(cell.get("outputs")) if isinstance(output, Mapping)]
        texts = tuple(text for output in outputs if (text := _output_text(output)))
        pictures = tuple(picture for output in outputs for picture in _output_pictures(output, place))
        return Block("code", source, number, 1, texts, pictures)
    source = _text(cell.get("source", cell.get("input")))
    if kind == "heading":
        level = cell.get("level")
        source = "#" * (level if isinstance(level, int) and 0 < level < 7 else 1) + " " + source
    attachments = cell.get("attachments")
    pictures = tuple(
        picture
        for bundle in (attachments.values() if isinstance(attachments, Mapping) else ())
        if isinstance(bundle, Mapping)
        for picture in _bundle_pictures(bundle, place)
    )
    return Block("markdown", source, number, 1, (), pictures + inline_pictures(source, place))


def inline_pictures(source: str, place: Place) -> tuple[Picture, ...]:
    """Images that Markdown carries in itself as data URIs."""
    if "data:image/" not in source:
        return ()
    return tuple(picture for found in _DATA_URI.finditer(source) for picture in _picture(found[1], found[2], place))


def _output_text(output: Mapping[str, Any]) -> str:
    """What one output says: a stream, a text result or an error."""
    if output.get("output_type") in ("pyerr", "error"):
        trace = [_text(line) for line in _list(output.get("traceback"))]
        last = trace[-1] if trace else f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
        return printed(last)
    data = output.get("data")
    if isinstance(data, Mapping):
        return printed(_text(data.get("text/plain")))
    return printed(_text(output.get("text")))


def _output_pictures(output: Mapping[str, Any], place: Place) -> Iterator[Picture]:
    data = output.get("data")
    if isinstance(data, Mapping):
        yield from _bundle_pictures(data, place)
    for old, mime in (("png", "image/png"), ("jpeg", "image/jpeg"), ("svg", "image/svg+xml")):
        if old in output:
            yield from _picture(mime, output[old], place)


def _bundle_pictures(bundle: Mapping[str, Any], place: Place) -> Iterator[Picture]:
    for mime in _PICTURE_TYPES:
        if mime in bundle:
            yield from _picture(mime, bundle[mime], place)


def _picture(mime: str, value: Any, place: Place) -> Iterable[Picture]:
    text = _text(value)
    if not text or len(text) > _MAX_PICTURE:
        return ()
    if mime == "image/svg+xml" and text.lstrip().startswith("<"):
        return (Picture(mime, text.encode("utf-8"), place),)
    try:
        return (Picture(mime, base64.b64decode(text), place),)
    except (binascii.Error, ValueError):
        return ()


def _text(value: Any) -> str:
    """A multi-line string of a notebook: one string, or a list of lines; anything else is nothing."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    if not isinstance(value, str):
        return ""
    text = clean(value)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text and "\n" in text else text


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
