"""The engine's end of the pipe: lines in, events out, and nothing else on the real stdout."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

from diachron.service.protocol import LONGEST_LINE_BYTES, BadRequest, event_line

_READ_BYTES = 65536


class Channel:
    """Reads lines from one file descriptor and writes events to another, from any thread."""

    def __init__(self, in_fd: int, out_fd: int) -> None:
        self._in_fd, self._out_fd = in_fd, out_fd
        self._writing = threading.Lock()

    def send(self, id: str | None, event: str, **fields: Any) -> None:
        """Write one event.

        Raises
        ------
        BrokenPipeError: nobody reads any more.
        """
        rest = memoryview(event_line(id, event, fields).encode("ascii"))
        with self._writing:
            while rest:
                rest = rest[os.write(self._out_fd, rest) :]

    def lines(self) -> Iterator[bytes | BadRequest]:
        """Yield each line as it arrives, until the other end closes; for a line that is too long, what is wrong.

        ``os.read`` rather than ``sys.stdin``: a thread that waits in the latter holds a lock that the interpreter
        needs to end.
        """
        pending, skipping = b"", False
        while chunk := os.read(self._in_fd, _READ_BYTES):
            *whole, pending = (pending + chunk).split(b"\n")
            for line in whole:
                if not skipping and line.strip():
                    yield line
                skipping = False
            if len(pending) > LONGEST_LINE_BYTES:
                if not skipping:
                    yield BadRequest("a line is too long", advice=f"send at most {LONGEST_LINE_BYTES} bytes")
                pending, skipping = b"", True


def take_standard_streams() -> Channel:
    """Keep stdin and stdout for the protocol, and give everything else stderr in their place.

    File descriptor 1 itself is pointed at stderr, because libraries written in C print past ``sys.stdout``; so this
    comes before they are imported.
    """
    sys.stdout.flush()
    in_fd, out_fd = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    if sys.platform == "win32":
        import msvcrt

        for each in (in_fd, out_fd):
            msvcrt.setmode(each, os.O_BINARY)
    return Channel(in_fd, out_fd)
