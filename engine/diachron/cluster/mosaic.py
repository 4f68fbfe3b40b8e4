"""One large pair of rasters through many workers: the main job, with its maps made part by part."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from diachron.ask import ask
from diachron.cluster.parts import Part, PartOf, cut, is_whole, put_together
from diachron.cluster.tables import CHANGES_FILE, changes_crs, write_changes
from diachron.cluster.workers import Crew, CrewInterpreter
from diachron.errors import Failed, WrongUsage
from diachron.model.vocabulary import Vocabulary
from diachron.progress import Progress
from diachron.rasters.stack import Stack
from diachron.request import AskRequest
from diachron.results.export import ANSWER_FILE, Answer
from diachron.results.maps import Maps

if TYPE_CHECKING:
    from diachron.model.interpreter import Interpreter, Reading

ASKED_FILE = "asked.json"


@dataclass(frozen=True)
class PartsFolder:
    """Where the maps of a mosaic's parts are kept until its answer is written: beside the answer's folder.

    ``asked`` tells what they are parts of.
    """

    path: Path
    asked: dict[str, Any]

    @classmethod
    def beside(cls, out: Path, asked: dict[str, Any]) -> PartsFolder:
        """Return the folder for an answer at ``out``."""
        return cls(out.with_name(f"{out.name}.parts"), json.loads(json.dumps(asked)))

    def open(self) -> None:
        """Make it, or go on with it.

        Raises
        ------
        WrongUsage: it holds the parts of something else.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        file = self.path / ASKED_FILE
        if file.is_file():
            before = json.loads(file.read_text(encoding="utf-8"))
            differing = sorted(name for name in self.asked if before.get(name) != self.asked[name])
            if differing:
                advice = "ask the same again to go on with it, or remove it"
                raise WrongUsage(f"these are parts of something else (other: {', '.join(differing)})", str(self.path),
                                 advice)  # fmt: skip
            return
        if any(self.path.iterdir()):
            raise WrongUsage("the folder for the parts holds other files", str(self.path), "name another folder")
        self._keep_asked(self.path)

    def close(self, out: Path) -> None:
        """Keep with the answer at ``out`` what was asked, and remove the parts."""
        self._keep_asked(out)
        shutil.rmtree(self.path, ignore_errors=True)

    def answered(self, out: Path) -> str | None:
        """Return the text of the answer at ``out`` where just this was asked, else None."""
        try:
            asked = json.loads((out / ASKED_FILE).read_text(encoding="utf-8"))
            text = json.loads((out / ANSWER_FILE).read_text(encoding="utf-8"))["text"]
        except (OSError, ValueError, KeyError):
            return None
        return str(text) if asked == self.asked else None

    def _keep_asked(self, folder: Path) -> None:
        draft = folder / f".{ASKED_FILE}"
        draft.write_text(json.dumps(self.asked, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(draft, folder / ASKED_FILE)


def asked_of(request: AskRequest, model: str, part_km: float) -> dict[str, Any]:
    """Return all that an answer depends on; a raster counts as another when its size or time of writing changed."""
    return {
        "question": request.question, "rasters": [_stamp(path) for path in request.rasters], "area": request.area,
        "gsd": request.gsd, "vocabulary": request.vocabulary, "look": request.look and request.look.line(),
        "model": model, "part_km": part_km, "threshold": request.threshold, "language": request.language,
        "normalise": request.normalise,
        "dates": request.dates,
    }  # fmt: skip


def _stamp(path: str) -> list[Any]:
    file = Path(path)
    return [path, file.stat().st_size, file.stat().st_mtime_ns] if file.is_file() else [path]


def answer_mosaic(request: AskRequest, crew: Crew, parts: PartsFolder, part_km: float, progress: Progress) -> Answer:
    """Answer a question about one large pair; the same as `ask` on one machine, polygon by polygon.

    Its polygons are written as ``changes.parquet`` too.

    Raises
    ------
    DiachronError: as `ask`; and where a part could not be looked at.
    """
    parts.open()
    by_parts = _ByParts(request, crew, parts.path, part_km)
    answer = ask(request, CrewInterpreter.of(crew), progress, by_parts)  # type: ignore[arg-type]
    write_changes(request.out / CHANGES_FILE, [(request.out.name, request.out)], changes_crs(request.out))
    parts.close(request.out)
    return answer


@dataclass(frozen=True)
class _ByParts:
    """Makes the maps of a stack part by part, passing over those that are there already."""

    request: AskRequest
    crew: Crew
    folder: Path
    part_km: float

    def __call__(
        self, stack: Stack, interpreter: Interpreter, reading: Reading, vocabulary: Vocabulary, progress: Progress
    ) -> Maps:
        sees_damage = cast(CrewInterpreter, interpreter).sees_damage
        of = PartOf(self.request.rasters, self.request.area, self.request.gsd, reading, vocabulary, sees_damage,
                    self.request.normalise)  # fmt: skip
        windows = cut(stack.grid, interpreter.card, self.part_km)
        name = "damage" if sees_damage else "part"
        parts = [Part(of, each, self.folder / f"{name}_{each.row}_{each.col}.tif") for each in windows]
        self._look([part for part in parts if not is_whole(part, len(stack.dates))], progress)
        return put_together(parts, stack.grid, len(stack.dates))

    def _look(self, missing: Sequence[Part], progress: Progress) -> None:
        progress.progress(0, len(missing))
        for done, fault in enumerate(self.crew.each("look", missing, lambda _, reason: reason), 1):
            if fault:
                raise Failed(fault, "a part of the rasters", "mend that, then run the same command to go on")
            progress.progress(done, len(missing))
