"""Workers as Ray actors: one a GPU or a share of the cores, replaced when they die, their work done again."""

from __future__ import annotations

import os
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from typing import Any

from diachron.cluster.workers import Job, Worker
from diachron.errors import Failed, UnusableInput, WrongUsage
from diachron.runtime import usable_cores

# Ray would report its use to its makers.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray.exceptions import RayError, RayTaskError

ATTEMPTS = 3
MOST_DEATHS = 3
"""An item on which so many workers died is given up."""
CORES_A_WORKER = 2
LOCAL_STORE_BYTES = 200_000_000
"""Pixels pass as files; what passes through Ray's store are rows and records."""


@dataclass(frozen=True)
class Share:
    """What each of ``workers`` actors gets of a cluster."""

    workers: int
    cpus: float
    gpus: float

    @property
    def threads(self) -> int:
        """Threads for the model, where it runs on the cores."""
        return max(1, int(self.cpus))


def share_of(cpus: float, gpus: float, workers: int | None) -> Share:
    """Divide a cluster: a GPU a worker where there are any, else two cores; or all of it among ``workers``."""
    count = workers or int(gpus) or max(1, int(cpus) // CORES_A_WORKER)
    cpus_each = cpus / count
    return Share(count, float(int(cpus_each)) if cpus_each >= 1 else cpus_each, min(1.0, gpus / count))


class RayCrew:
    """Actors on a Ray cluster, or on one that is begun here and ends with the batch.

    Parameters
    ----------
    address: the cluster's, such as ``auto`` or ``ray://host:10001``; None begins one on this machine.
    workers: how many; None for one a GPU, or one for every two cores where there is no GPU.
    """

    def __init__(self, job: Job, address: str | None, workers: int | None) -> None:
        # Ray prints what it notices on stdout, which is the answer's.
        self._aside = redirect_stdout(sys.stderr)
        self._aside.__enter__()
        try:
            self._begin(job, address, workers)
        except BaseException:
            self.close()
            raise

    def _begin(self, job: Job, address: str | None, workers: int | None) -> None:
        _connect(address)
        resources = ray.cluster_resources()
        gpus = 0.0 if job.choice.device == "cpu" else float(resources.get("GPU", 0.0))
        self.share = share_of(float(resources.get("CPU", 1.0)), gpus, workers)
        self.size = self.share.workers
        self._job = replace(job, threads=job.threads or self.share.threads)
        self._actor = ray.remote(Worker).options(
            num_cpus=self.share.cpus, num_gpus=self.share.gpus, max_restarts=0, max_concurrency=1
        )
        self._starting: dict[Any, Any] = {}
        self._dead_starts = 0
        self._free: list[Any] = []
        for _ in range(self.size):
            self._start()
        self._await_first()

    def each(self, method: str, items: Sequence[Any], lost: Callable[[Any, str], Any]) -> Iterator[Any]:
        """Yield what is made of each item, as it is done. A worker that dies is replaced and its item done again."""
        waiting = deque(enumerate(items))
        running: dict[Any, tuple[Any, tuple[int, Any]]] = {}
        deaths: Counter[int] = Counter()
        while waiting or running:
            while self._free and waiting:
                worker, entry = self._free.pop(), waiting.popleft()
                running[getattr(worker, method).remote(entry[1])] = worker, entry
            ready, _ = ray.wait([*running, *self._starting], num_returns=1)
            for reference in ready:
                if reference in self._starting:
                    self._welcome(reference)
                    continue
                worker, entry = running.pop(reference)
                try:
                    result = ray.get(reference)
                except RayTaskError as error:
                    self._free.append(worker)
                    yield lost(entry[1], _line(error))
                    continue
                except RayError as error:
                    self._replace(worker)
                    deaths[entry[0]] += 1
                    if deaths[entry[0]] < MOST_DEATHS:
                        waiting.appendleft(entry)
                    else:
                        yield lost(entry[1], f"{MOST_DEATHS} workers died on it, the last one thus: {_line(error)}")
                    continue
                self._free.append(worker)
                yield result

    def one(self, method: str, *arguments: Any) -> Any:
        """Return what a method returns, from a worker that is free; one that dies of it is replaced.

        Raises
        ------
        Failed: three workers died of it.
        """
        for result in self.each("call", [(method, arguments)], lambda _, reason: Failed(reason, method)):
            if isinstance(result, Failed):
                raise result
            return result
        raise AssertionError("each item yields once")

    def close(self) -> None:
        """End the actors, and the cluster where it was begun here."""
        ray.shutdown()
        self._aside.__exit__(None, None, None)

    def _start(self) -> None:
        worker = self._actor.remote(self._job)
        self._starting[worker.prepare.remote()] = worker

    def _replace(self, worker: Any) -> None:
        # A worker that is only unreachable must not go on beside the one in its place.
        ray.kill(worker)
        self._start()

    def _welcome(self, reference: Any) -> None:
        """Let a worker that has started take work; one that died while it started is replaced.

        Raises
        ------
        UnusableInput: the model cannot be loaded. Failed: three workers in a row died before they were ready.
        """
        worker = self._starting.pop(reference)
        try:
            fault = ray.get(reference)
        except RayError as error:
            self._dead_starts += 1
            if self._dead_starts >= MOST_DEATHS:
                advice = "see Ray's logs, or ask for fewer workers"
                raise Failed(f"workers die as they start ({_line(error)})", "Ray", advice) from error
            self._replace(worker)
            return
        self._dead_starts = 0
        if fault:
            raise UnusableInput(fault, "a worker")
        self._free.append(worker)

    def _await_first(self) -> None:
        while not self._free:
            ready, _ = ray.wait(list(self._starting), num_returns=1)
            for reference in ready:
                self._welcome(reference)


def _connect(address: str | None) -> None:
    """Join a cluster, or begin one here.

    Raises
    ------
    WrongUsage: no cluster answers at the address. Failed: none could be begun.
    """
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "CRITICAL"}
    if address is None:
        _begin_here(quiet)
        return
    try:
        ray.init(address=address, **quiet)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise WrongUsage(
            f"no Ray cluster answers ({_line(error)})", f"--cluster {address}", "check the address"
        ) from error


def _begin_here(quiet: dict[str, Any]) -> None:
    """Begin a cluster of this machine; Ray gives itself half a minute, which a machine that is busy may need twice."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            cores, store = usable_cores(), LOCAL_STORE_BYTES
            ray.init("local", num_cpus=cores, include_dashboard=False, object_store_memory=store, **quiet)
            return
        except Exception as error:  # Ray raises no class of its own here
            ray.shutdown()
            if attempt == ATTEMPTS:
                advice = "try again when the machine is less busy"
                raise Failed(f"Ray does not start here ({_line(error)})", "--workers", advice) from error


def _line(error: Exception) -> str:
    """Return what matters of an error of Ray's, which are pages long: what was raised in a worker, or how it died."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return (lines[-1] if any("Traceback" in line or "::" in line for line in lines) else lines[0])[:200]
