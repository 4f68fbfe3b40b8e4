"""A recipe: everything that an answer was made of, so that anyone can make it again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rasterio.crs import CRS

from diachron.errors import UnusableInput, WrongUsage
from diachron.model.card import ModelCard
from diachron.model.look import Look
from diachron.rasters.area import read_area
from diachron.request import AskRequest
from diachron.runtime import SEED
from diachron.service.fields import Fields
from diachron.service.protocol import look_from_json
from diachron.version import engine_version

RECIPE = 1
LARGEST_HASHED_BYTES = 1 << 29
"""A file larger than this is told by its size alone: to hash it would take longer than to look at it."""
_CHUNK_BYTES = 1 << 20
_ADVICE = "name a recipe.json that Diachron wrote"


@dataclass(frozen=True)
class FileRecord:
    """A file as it was used: ``bytes`` is None where it is no local file, ``sha256`` where it was not hashed."""

    path: str
    bytes: int | None = None
    sha256: str | None = None
    date: str = ""


@dataclass(frozen=True)
class ModelRecord:
    """The model that answered, as its card has it; ``weights_sha256`` tells its weights."""

    name: str
    version: str
    adapter: str
    licence: str
    sources: tuple[str, ...]
    threshold: float
    finest_gsd_m: float
    weights_sha256: str

    @classmethod
    def of(cls, card: ModelCard) -> ModelRecord:
        """Take what a recipe keeps of a card."""
        weights = card.sha256.get("model.safetensors", "")
        return cls(
            card.name,
            card.version,
            card.adapter,
            card.licence,
            card.sources,
            card.threshold,
            card.finest_gsd_m,
            weights,
        )


@dataclass(frozen=True)
class Recipe:
    """One question and all that its answer depends on.

    ``area`` is WKT or ``xmin,ymin,xmax,ymax`` in the last raster's CRS; ``threshold`` the one in use; ``minimum_area``
    the minimum mapping unit in m² (or pixels where nothing tells metres), None for the usual one; ``look`` a reading
    that a person corrected, None where the model read the question; ``normalise`` whether colours were
    brought together.
    """

    engine: str
    question: str
    language: str | None
    look: Look | None
    rasters: tuple[FileRecord, ...]
    area: str | None
    gsd_m: float | None
    threshold: float
    minimum_area: float | None
    vocabulary: FileRecord | None
    model: ModelRecord
    seed: int = SEED
    normalise: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the recipe as ``resources/schemas/recipe.schema.json`` has it."""
        return {
            "recipe": RECIPE, "engine": self.engine, "question": self.question, "language": self.language,
            "look": self.look.as_json() if self.look else None,
            "rasters": [asdict(each) for each in self.rasters],
            "area": self.area, "gsd_m": self.gsd_m, "threshold": self.threshold, "minimum_area": self.minimum_area,
            "vocabulary": asdict(self.vocabulary) if self.vocabulary else None,
            "model": {**asdict(self.model), "sources": list(self.model.sources)}, "seeds": {"torch": self.seed},
            "normalise": self.normalise,
        }  # fmt: skip


def recipe_of(request: AskRequest, card: ModelCard, crs: CRS | None) -> Recipe:
    """Return the recipe of a request; an area that is a file becomes its polygon in ``crs``, the last raster's."""
    dates = request.dates or ("",) * len(request.rasters)
    area = request.area
    if area and os.path.isfile(area):  # pathlib refuses a WKT that is longer than a file name may be
        area = read_area(area, crs).wkt
    return Recipe(
        engine_version(), request.question, request.language, request.look,
        tuple(_record(path, date) for path, date in zip(request.rasters, dates, strict=True)),
        area, request.gsd, card.threshold if request.threshold is None else request.threshold, request.minimum_area,
        _record(request.vocabulary) if request.vocabulary else None, ModelRecord.of(card), normalise=request.normalise,
    )  # fmt: skip


# -- making it again --------------------------------------------------------------------------


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises
    ------
    UnusableInput: there is none, or it is not one that this engine knows.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnusableInput("the recipe cannot be read", str(path), _ADVICE) from error
    except ValueError as error:
        raise UnusableInput("that is no recipe", str(path), _ADVICE) from error
    if not isinstance(values, dict) or values.get("recipe") != RECIPE:
        found = values.get("recipe") if isinstance(values, dict) else None
        raise UnusableInput(f"that is no recipe of kind {RECIPE} (found {found!r})", str(path), _ADVICE)
    try:
        return _recipe(values)
    except (WrongUsage, KeyError, TypeError, ValueError) as error:
        raise UnusableInput(f"the recipe is damaged ({error})", str(path), _ADVICE) from error


def rerun_request(recipe: Recipe, beside: Path, out: Path, rasters: Sequence[str] = ()) -> AskRequest:
    """Return the request that makes a recipe again.

    Parameters
    ----------
    beside: the recipe's folder: a raster that is not where it was is looked for there by its name.
    rasters: where the rasters are now, in the recipe's order; none for where the recipe says.

    Raises
    ------
    WrongUsage: another number of rasters. UnusableInput: a file is missing, or is not the one that was used.
    """
    if rasters and len(rasters) != len(recipe.rasters):
        counts = f"{len(rasters)} for {len(recipe.rasters)}"
        raise WrongUsage("the recipe has another number of rasters", counts, "give as many, in its order, or none")
    given: Sequence[str | None] = rasters or [None] * len(recipe.rasters)
    paths = tuple(_found(record, beside, path) for record, path in zip(recipe.rasters, given, strict=True))
    return AskRequest(
        rasters=paths, question=recipe.question, out=out, dates=tuple(each.date for each in recipe.rasters),
        area=recipe.area, gsd=recipe.gsd_m, language=recipe.language, threshold=recipe.threshold, look=recipe.look,
        minimum_area=recipe.minimum_area, normalise=recipe.normalise,
        vocabulary=_found(recipe.vocabulary, beside) if recipe.vocabulary else None,
    )  # fmt: skip


def check_model(recipe: Recipe, card: ModelCard) -> None:
    """Refuse to make a recipe again with another model.

    Raises
    ------
    UnusableInput: name, version, adapter or weights differ.
    """
    wanted, found = recipe.model, ModelRecord.of(card)
    if (wanted.name, wanted.version, wanted.adapter) != (found.name, found.version, found.adapter):
        names = [" ".join(part for part in (each.name, each.version, each.adapter) if part) for each in (wanted, found)]
        raise UnusableInput(
            f"the recipe was made with the model {names[0]}", f"loaded is {names[1]}", "name that model with --model"
        )
    if wanted.weights_sha256 != found.weights_sha256:
        raise UnusableInput(
            "the recipe was made with other weights of this model", wanted.weights_sha256[:12], "install those weights"
        )


def _found(record: FileRecord, beside: Path, now: str | None = None) -> str:
    """Return where a recipe's file is, proven to be the same."""
    places = [record.path, str(beside / Path(record.path).name)] if now is None else [now]
    if record.bytes is None:
        return places[0]
    path = next((each for each in places if Path(each).is_file()), None)
    if path is None:
        advice = "put it there or beside the recipe, or name it on the command line"
        raise UnusableInput("a file of the recipe is missing", places[0], advice)
    if Path(path).stat().st_size != record.bytes or (record.sha256 and _sha256(Path(path)) != record.sha256):
        raise UnusableInput("a file is not the one that the recipe was made with", path, "name that very file")
    return path


def _record(path: str, date: str = "") -> FileRecord:
    file = Path(path)
    if not file.is_file():
        return FileRecord(path, date=date)
    size = file.stat().st_size
    return FileRecord(str(file.absolute()), size, _sha256(file) if size <= LARGEST_HASHED_BYTES else None, date)


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _recipe(values: dict[str, Any]) -> Recipe:
    fields = Fields("recipe", values)
    model = {**fields.anything("model"), "sources": tuple(values["model"]["sources"])}
    look, vocabulary = fields.anything("look"), fields.anything("vocabulary")
    threshold = fields.number("threshold")
    recipe = Recipe(
        engine=fields.needed_text("engine"),
        question=fields.needed_text("question"),
        language=fields.text("language"),
        look=None if look is None else look_from_json(look),
        rasters=tuple(FileRecord(**each) for each in fields.anything("rasters")),
        area=fields.text("area"),
        gsd_m=fields.number("gsd_m"),
        threshold=ModelRecord(**model).threshold if threshold is None else threshold,
        minimum_area=fields.number("minimum_area"),
        vocabulary=FileRecord(**vocabulary) if vocabulary else None,
        model=ModelRecord(**model),
        seed=int(fields.anything("seeds")["torch"]),
        normalise=fields.anything("normalise") is True,
    )
    fields.anything("recipe")
    fields.all_known()
    return recipe
