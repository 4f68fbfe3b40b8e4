"""Who does the work: this process, or Ray actors. Each worker holds the model."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from diachron.cluster.manifest import Row
from diachron.cluster.parts import Part, PartOf, Placed, look_at_part
from diachron.cluster.record import Record
from diachron.cluster.rows import Asked, answer_row, unforeseen
from diachron.errors import DiachronError, Failed
from diachron.runtime import Loader, ModelChoice, keep_quiet, share_cores

if TYPE_CHECKING:
    from diachron.model.card import ModelCard
    from diachron.model.interpreter import Interpreter, Reading
    from diachron.model.vocabulary import Vocabulary
    from diachron.results.facts import Fact


@dataclass(frozen=True)
class Job:
    """What every worker is given: the question, and the model with the threads that it may use (None: its
    share of the cores).
    """

    asked: Asked
    choice: ModelChoice
    load: Loader
    threads: int | None = None


class Worker:
    """Holds a model and works with it; the same class works in this process and as a Ray actor.

    Nothing is raised across processes: what goes wrong is part of what is returned.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._placed: Placed | None = None

    def prepare(self) -> str:
        """Load the model; return why that cannot be done, "" where it is."""
        share_cores()
        keep_quiet()
        try:
            self.introduce()
        except DiachronError as error:
            return error.line()
        except Exception as error:
            return unforeseen(error)
        return ""

    def answer(self, row: Row) -> Record:
        """Answer one row."""
        return answer_row(row, self.job.asked, self._interpreter)

    def look(self, part: Part) -> str:
        """Look at one part of a mosaic and write its maps; return why that cannot be done, "" where it is."""
        try:
            interpreter = self._interpreter.damage if part.of.sees_damage else self._interpreter
            look_at_part(part, self._on_ground(part.of), interpreter or self._interpreter)
        except DiachronError as error:
            return error.line()
        except Exception as error:
            return unforeseen(error)
        return ""

    def introduce(self) -> tuple[ModelCard, tuple[ModelCard, Vocabulary] | None]:
        """Return the card of the model, and that of its damage adapter with the adapter's levels, None without one."""
        adapted = self._interpreter.damage
        return self._interpreter.card, None if adapted is None else (adapted.card, adapted.vocabulary)

    def read(self, question: str) -> Reading:
        """Read a question."""
        return self._interpreter.read(question)

    def tell(self, reading: Reading, facts: Sequence[Fact]) -> tuple[str, ...]:
        """Write an answer, in pieces."""
        return tuple(self._interpreter.tell(reading, facts, lambda: False))

    def call(self, what: tuple[str, tuple[Any, ...]]) -> Any:
        """Call a method with any number of arguments."""
        method, arguments = what
        return getattr(self, method)(*arguments)

    @cached_property
    def _interpreter(self) -> Interpreter:
        interpreter = self.job.load(self.job.choice)
        if self.job.threads is not None and "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(self.job.threads)
        return interpreter

    def _on_ground(self, of: PartOf) -> Placed:
        """Return the opened rasters; they stay open from part to part."""
        if self._placed is None or not self._placed.of.same_place(of):
            if self._placed is not None:
                self._placed.stack.close()
            self._placed = Placed.open(of)
        return self._placed


class Crew(Protocol):
    """Workers as a batch sees them."""

    size: int

    def each(self, method: str, items: Sequence[Any], lost: Callable[[Any, str], Any]) -> Iterator[Any]:
        """Yield what a worker's method returns for each item, in any order, once for each.

        Where an item cannot be done, ``lost`` makes of it, and of one line that says why, what is yielded instead.
        """

    def one(self, method: str, *arguments: Any) -> Any:
        """Return what a method returns, from any worker."""

    def close(self) -> None:
        """Let the workers go."""


class OneWorker:
    """A crew of this process alone."""

    size = 1

    def __init__(self, job: Job) -> None:
        """Load the model.

        Raises
        ------
        DiachronError: that cannot be done.
        """
        self.worker = Worker(job)
        self.worker.introduce()

    def each(self, method: str, items: Sequence[Any], lost: Callable[[Any, str], Any]) -> Iterator[Any]:
        """Do the items one after another."""
        return map(getattr(self.worker, method), items)

    def one(self, method: str, *arguments: Any) -> Any:
        """Call the worker."""
        return getattr(self.worker, method)(*arguments)

    def close(self) -> None:
        """There is nothing to let go."""


class CrewInterpreter:
    """A crew's model as the main job uses it, without loading it here: reading and telling are small calls."""

    def __init__(
        self, crew: Crew, card: ModelCard, vocabulary: Vocabulary | None = None, damage: CrewInterpreter | None = None
    ) -> None:
        self._crew, self.card, self.vocabulary, self.damage = crew, card, vocabulary, damage
        self.sees_damage = vocabulary is not None

    @classmethod
    def of(cls, crew: Crew) -> CrewInterpreter:
        """Ask a worker which model it holds."""
        card, adapted = crew.one("introduce")
        return cls(crew, card, damage=None if adapted is None else cls(crew, *adapted))

    def read(self, question: str) -> Reading:
        """Read a question."""
        return self._crew.one("read", question)

    def tell(self, reading: Reading, facts: Sequence[Fact], cancelled: Callable[[], bool]) -> Iterator[str]:
        """Write an answer."""
        yield from self._crew.one("tell", reading, facts)


def hire(job: Job, address: str | None, workers: int | None) -> Crew:
    """Return Ray workers where an address is given or a number of workers asked for, else this process.

    Raises
    ------
    DiachronError: the model cannot be loaded, Ray is not installed, or no cluster answers.
    """
    if address is None and workers is None:
        return OneWorker(job)
    try:
        import ray  # noqa: F401
    except ImportError as error:
        raise Failed("Ray is not installed", "diachron batch", "pip install 'diachron[cluster]'") from error
    from diachron.cluster.ray_crew import RayCrew

    return RayCrew(job, address, workers)
