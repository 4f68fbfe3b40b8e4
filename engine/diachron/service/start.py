"""The start of ``diachron serve``."""

from __future__ import annotations

import os
import threading

from diachron.runtime import Loader, ModelChoice, load_model
from diachron.service.channel import take_standard_streams
from diachron.service.server import Server
from diachron.service.work import Work

GRACE_S = 5.0
"""How long a job may take to stop once the other end has closed the pipe."""


def serve(choice: ModelChoice, load: Loader = load_model) -> None:
    """Serve requests on the standard streams until they end. Nothing may have imported torch yet."""
    channel = take_standard_streams()
    work = Work(choice, load)
    Server(channel, work, work.hello, _end_soon).run()


def _end_soon() -> None:
    """End the process where a job does not stop in time: nobody would hear its answer."""
    last = threading.Timer(GRACE_S, os._exit, args=(0,))
    last.daemon = True
    last.start()
