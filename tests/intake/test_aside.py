"""PDF and Office files are read aside: the same text comes back, and what takes too much costs its own file alone."""

from __future__ import annotations

import os
import signal
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.intake.aside import Aside
from grader.intake.document import Unreadable
from grader.intake.packaged import Unpacked, unpack
from grader.intake.reading import Line, Table, TextCell
from grader.intake.unpacked_wire import decode_unpacked, encode_unpacked
from grader.model import Picture, Place
from grader.worker.wire import WireError, read_frame
from rubrics.backprop_by_hand.variants import docx, pdf

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="read aside only where processes can fork")
WORDS = docx(["First update", [["", "Layer 1"], ["Parameter", "1"]]])


@pytest.fixture(scope="module")
def aside() -> Iterator[Aside]:
    aside = Aside(memory=96 << 20)
    yield aside
    aside.close()


def drawn(content: bytes) -> bytes:
    """A PDF of one page with this content stream, compressed."""
    packed = zlib.compress(content, 9)
    return b"".join(
        (
            b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
            b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n",
            b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << ",
            b"/F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>\nendobj\n",
            b"4 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed),
            packed,
            b"\nendstream\nendobj\ntrailer\n<< /Size 5 /Root 1 0 R >>\n%%EOF",
        )
    )


def test_what_was_read_survives_the_way_back() -> None:
    place = Place("hw.pdf, page 2", None, 1)
    read = Unpacked(
        (
            Line("Überschrift ∂L/∂w", place, True),
            Table(((TextCell("a"), TextCell("", "is a picture")), (TextCell("1"),)), place, "First update", False),
        ),
        (Picture("image/png", b"\x89PNG\x00", place), Picture("image/jpeg", b"", Place("hw.pdf", 3))),
        ("only the first pages were read.",),
    )
    frame = encode_unpacked(read)
    position = 0

    def exactly(count: int) -> bytes:
        nonlocal position
        position += count
        return frame[position - count : position]

    assert decode_unpacked(*read_frame(exactly)) == read


@pytest.mark.parametrize("header", [{}, {"parts": [3], "pictures": [], "notes": []}, {"parts": [], "pictures": 1}])
def test_what_is_no_document_is_refused(header: dict[str, object]) -> None:
    with pytest.raises(WireError):
        decode_unpacked(header, b"")


def test_the_same_comes_back_as_from_a_reader_in_place(aside: Aside) -> None:
    pytest.importorskip("pdfplumber")
    page = pdf([[(60.0, 60.0, "First update"), (60.0, 90.0, "Parameter"), (160.0, 90.0, "1")]])
    blank = pdf([[]], [(10.0, 10.0, 100.0, 100.0)])
    for name, data in (("hw.docx", WORDS), ("hw.pdf", page), ("scan.pdf", blank)):
        read = aside.unpack(name, data)
        assert read == unpack(name, data), name
        assert read.parts or read.pictures


def test_a_damaged_file_is_said_in_the_same_words(aside: Aside) -> None:
    for name, data in (("hw.docx", WORDS[:200]), ("hw.xlsx", b"PK no zip")):
        with pytest.raises(Unreadable) as here:
            unpack(name, data)
        with pytest.raises(Unreadable) as there:
            aside.unpack(name, data)
        assert str(there.value) == str(here.value)


def test_a_small_file_that_unpacks_to_very_much_costs_itself_alone(aside: Aside) -> None:
    pytest.importorskip("pdfplumber")
    text = b"BT /F1 12 Tf 50 750 Td (Layer 1) Tj ET "
    assert aside.unpack("plain.pdf", drawn(text)).parts
    bomb = drawn(text + bytes(200 << 20))
    assert len(bomb) < 1 << 20
    with pytest.raises(Unreadable, match=r"^bomb\.pdf "):
        aside.unpack("bomb.pdf", bomb)
    assert aside.unpack("plain.pdf", drawn(text)).parts


def test_what_takes_too_long_is_given_up() -> None:
    pytest.importorskip("pdfplumber")
    hasty = Aside(cpu_seconds=1.0)
    try:
        with pytest.raises(Unreadable, match="time and memory"):
            hasty.unpack("plot.pdf", drawn(b"1 1 2 2 re f\n" * 500_000))
        assert hasty.unpack("hw.docx", WORDS).parts
    finally:
        hasty.close()


def test_it_starts_again_when_it_was_killed_and_ends_when_closed(aside: Aside) -> None:
    aside.unpack("hw.docx", WORDS)
    first = aside.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    assert aside.unpack("hw.docx", WORDS).parts
    second = aside.pid
    assert second not in (None, first)
    aside.close()  # until the next file comes
    assert aside.pid is None
    assert not Path(f"/proc/{second}").exists()


def test_threads_get_each_their_own_file(aside: Aside) -> None:
    def heading(number: int) -> str:
        part = aside.unpack("hw.docx", docx([f"Student {number}"])).parts[0]
        return part.text if isinstance(part, Line) else ""

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(heading, range(40))) == [f"Student {number}" for number in range(40)]
