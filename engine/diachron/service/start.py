"""The start of ``diachron serve``."""

from __future__ import annotations

from diachron.runtime import Loader, ModelChoice, load_model
from diachron.service.channel import take_standard_streams
from diachron.service.server import Server
from diachron.service.work import Work


def serve(choice: ModelChoice, load: Loader = load_model) -> None:
    """Serve requests on the standard streams until they end. Nothing may have imported torch yet."""
    channel = take_standard_streams()
    work = Work(choice, load)
    Server(channel, work, work.hello).run()
