"""The parent's end of a socket to a process that may not be trusted: everything has a deadline and a limit."""

from __future__ import annotations

import socket
import time
from typing import Any

from grader.worker.wire import LARGEST_HEADER, Header, read_frame


class Late(Exception):
    """The deadline passed."""


class Gone(Exception):
    """The other side has closed its end, or died."""


class Channel:
    """Frames over one socket, each before a deadline on `time.monotonic`."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def close(self) -> None:
        self._end.close()

    def send(self, frame: bytes, deadline: float, descriptors: tuple[int, ...] = ()) -> None:
        """Send a frame, with descriptors attached to its first bytes. Raises Late or Gone."""
        try:
            self._end.settimeout(_left(deadline))
            if descriptors:
                sent = socket.send_fds(self._end, [frame], list(descriptors))
                frame = frame[sent:]
            self._end.sendall(frame)
        except TimeoutError:
            raise Late from None
        except OSError:
            raise Gone from None

    def receive(self, deadline: float, body_limit: int = 0, header_limit: int = LARGEST_HEADER) -> tuple[Header, bytes]:
        """The next frame. Raises Late or Gone, and WireError when it is none or beyond its limits."""

        def exactly(count: int) -> bytes:
            buffer = bytearray(count)
            view = memoryview(buffer)
            while view:
                try:
                    self._end.settimeout(_left(deadline))
                    got = self._end.recv_into(view)
                except TimeoutError:
                    raise Late from None
                except OSError:
                    raise Gone from None
                if not got:
                    raise Gone
                view = view[got:]
            return bytes(buffer)

        return read_frame(exactly, header_limit, body_limit)

    def waiting(self) -> bool | None:
        """True when bytes wait that nobody asked for, False when there are none, None when the other side is gone."""
        self._end.setblocking(False)
        try:
            return True if self._end.recv(1, socket.MSG_PEEK) else None
        except BlockingIOError:
            return False
        except OSError:
            return None

    def __enter__(self) -> Channel:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Late
    return left
