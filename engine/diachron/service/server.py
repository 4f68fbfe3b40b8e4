"""The loop of ``diachron serve``: requests done one after another, cancelled at once, never ended by an error."""

from __future__ import annotations

import queue
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from diachron.errors import Cancelled, DiachronError
from diachron.service.channel import Channel
from diachron.service.protocol import BadRequest, Cancel, Hello, Params, Request, Shutdown, error_fields, parse_request


@dataclass(frozen=True)
class Job:
    """A request that waits or runs, with its stop sign."""

    request: Request
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Reporter:
    """Sends the events of one request."""

    channel: Channel
    job: Job

    def send(self, event: str, **fields: Any) -> None:
        """Send one event of this request."""
        self.channel.send(self.job.request.id, event, **fields)

    def cancelled(self) -> bool:
        """Tell whether this request has been asked to stop."""
        return self.job.stop.is_set()


Answerer = Callable[[Params, Reporter], dict[str, Any]]
"""Does one request, reporting on the way, and returns the fields of its ``done`` event."""


class Server:
    """Reads requests in a thread of its own and does them in the calling thread.

    Parameters
    ----------
    answer: does the requests that take time, one after another.
    hello: what ``hello`` returns; it is answered by the reading thread, in the middle of a job too.
    at_end: called by the reading thread when the input has ended.
    """

    def __init__(
        self,
        channel: Channel,
        answer: Answerer,
        hello: Callable[[], dict[str, Any]],
        at_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.channel, self.answer, self.hello, self.at_end = channel, answer, hello, at_end
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._jobs: dict[str, Job] = {}
        self._jobs_lock = threading.Lock()

    def run(self) -> None:
        """Serve until ``shutdown`` or the end of the input."""
        threading.Thread(target=self._read, name="requests", daemon=True).start()
        while (job := self._waiting.get()) is not None:
            try:
                self._do(job)
            except BrokenPipeError:
                return
            finally:
                with self._jobs_lock:
                    del self._jobs[job.request.id]
            if isinstance(job.request.params, Shutdown):
                return

    # -- the reading thread -------------------------------------------------------------------

    def _read(self) -> None:
        try:
            for line in self.channel.lines():
                self._take(line)
        except BrokenPipeError:
            pass
        self._stop_everything()

    def _take(self, line: bytes | BadRequest) -> None:
        try:
            if isinstance(line, BadRequest):
                raise line
            request = parse_request(line)
            if isinstance(request.params, Hello):
                self.channel.send(request.id, "done", **self.hello())
            elif isinstance(request.params, Cancel):
                self._cancel(request.params.target)
                self.channel.send(request.id, "done")
            else:
                self._enqueue(request)
        except BrokenPipeError:
            raise
        except BadRequest as error:
            self.channel.send(error.id, "error", **error_fields(error))
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            self.channel.send(request.id, "error", **error_fields(error))

    def _enqueue(self, request: Request) -> None:
        with self._jobs_lock:
            if request.id in self._jobs:
                raise BadRequest("a request with this id is not done yet", request.id, "give each request its own id")
            job = self._jobs[request.id] = Job(request)
        self._waiting.put(job)

    def _cancel(self, target: str) -> None:
        """Put up the stop sign; a target that is done, or never was, is nothing to stop."""
        with self._jobs_lock:
            if target in self._jobs:
                self._jobs[target].stop.set()

    def _stop_everything(self) -> None:
        """End the loop: the jobs that run and wait stop at their next check."""
        with self._jobs_lock:
            for job in self._jobs.values():
                job.stop.set()
        self._waiting.put(None)
        self.at_end()

    # -- the calling thread -------------------------------------------------------------------

    def _do(self, job: Job) -> None:
        """Do one request and send the one event that ends it."""
        report = Reporter(self.channel, job)
        try:
            if job.stop.is_set():
                raise Cancelled
            result = {} if isinstance(job.request.params, Shutdown) else self.answer(job.request.params, report)
            report.send("done", **result)
        except Cancelled:
            report.send("cancelled")
        except BrokenPipeError:
            raise
        except DiachronError as error:
            report.send("error", **error_fields(error))
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            report.send("error", **error_fields(error))
