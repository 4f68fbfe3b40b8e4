"""The messages of ``diachron serve``: requests as types, events as lines of JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from diachron.errors import DiachronError, WrongUsage
from diachron.model.look import ANY, DATES, REGIONS, TASKS, Look
from diachron.service.fields import Fields

PROTOCOL = 1
LONGEST_LINE_BYTES = 4 * 1024 * 1024
"""A line longer than this is refused: nothing the protocol holds comes near it."""


@dataclass(frozen=True)
class Hello:
    """Asks who the engine is."""


@dataclass(frozen=True)
class Shutdown:
    """Asks the engine to end once the requests before this one are done."""


@dataclass(frozen=True)
class Cancel:
    """Asks that the request ``target`` be stopped."""

    target: str


@dataclass(frozen=True)
class Read:
    """Asks for the reading of a question without images."""

    question: str
    language: str | None = None


@dataclass(frozen=True)
class CheckRasters:
    """Asks for the preflight of rasters; ``gsd`` in metres per pixel."""

    rasters: tuple[str, ...]
    area: str | None = None
    gsd: float | None = None
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ask:
    """Asks a question about rasters; the fields are the command line's."""

    rasters: tuple[str, ...]
    question: str
    out: Path
    dates: tuple[str, ...] = ()
    area: str | None = None
    gsd: float | None = None
    threshold: float | None = None
    language: str | None = None
    vocabulary: str | None = None
    model: str | None = None
    adapter: str | None = None
    look: Look | None = None
    minimum_area: float | None = None


@dataclass(frozen=True)
class Rerun:
    """Asks that a recipe be made again; ``rasters`` where they are now, none for where the recipe says."""

    recipe: Path
    out: Path
    rasters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Export:
    """Asks for a result folder in another format, the changes of some statuses (none for all but the rejected)."""

    folder: Path
    format: str
    out: Path
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Remeasure:
    """Asks that the changes of a result folder be drawn anew; ``minimum_area`` in m², or pixels without a size."""

    folder: Path
    threshold: float
    minimum_area: float


Params: TypeAlias = Hello | Shutdown | Cancel | Read | CheckRasters | Ask | Rerun | Export | Remeasure


@dataclass(frozen=True)
class Request:
    """One request; its events carry its ``id``."""

    id: str
    params: Params


class BadRequest(WrongUsage):
    """A line that is no request; ``id`` is the request's where the line tells it."""

    def __init__(self, what: str, where: str = "", advice: str = "", id: str | None = None) -> None:
        super().__init__(what, where, advice)
        self.id = id


def parse_request(line: bytes | str) -> Request:
    """Read one line.

    Raises
    ------
    BadRequest: it is not a JSON object with an id, a method and that method's parameters.
    """
    message = _message(line)
    id = message.get("id")
    if not isinstance(id, str) or not id:
        raise BadRequest("a request has no id", advice='give each request an "id" of text')
    method, params = message.get("method"), message.get("params", {})
    try:
        if not isinstance(method, str) or method not in _METHODS:
            raise WrongUsage(f"no method {method!r}", advice=f"methods are {', '.join(_METHODS)}")
        if not isinstance(params, dict):
            raise WrongUsage("the parameters are not an object", method, 'give "params": {...}')
        return Request(id, _params(method, params))
    except WrongUsage as error:
        raise BadRequest(error.what, error.where, error.advice, id) from error


def _params(method: str, values: dict[str, Any]) -> Params:
    fields = Fields(method, values)
    params = _METHODS[method](fields)
    fields.all_known()
    return params


def _message(line: bytes | str) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRequest("a line is not JSON", advice="write one JSON object a line, in UTF-8") from error
    if not isinstance(message, dict):
        raise BadRequest("a line is not a JSON object", advice='write {"id": ..., "method": ..., "params": {...}}')
    return message


def event_line(id: str | None, event: str, fields: Mapping[str, Any]) -> str:
    """Return an event as one line of ASCII, ended; a number that JSON cannot hold becomes null."""
    return json.dumps(_finite({"id": id, "event": event, **fields}), allow_nan=False) + "\n"


def error_fields(error: BaseException) -> dict[str, Any]:
    """Return the fields of an ``error`` event."""
    if not isinstance(error, DiachronError):
        told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return {"error": _error("failed", f"the engine failed ({told})", "", "see the engine's log", 1)}
    return {"error": _error(error.kind, error.what, error.where, error.advice, error.exit_status)}


def _error(kind: str, what: str, where: str, advice: str, exit_status: int) -> dict[str, Any]:
    return {"kind": kind, "what": what, "where": where, "advice": advice, "exit_status": exit_status}


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value


def look_from_json(value: Any) -> Look:
    """Read a corrected reading.

    Raises
    ------
    WrongUsage: it is not an object of the protocol's ``look``.
    """
    if not isinstance(value, dict):
        raise WrongUsage("the reading is not an object", "look", 'give {"task": ..., "from": [...], "to": [...]}')
    fields = Fields("look", value)
    look = Look(
        fields.choice("task", TASKS),
        source=fields.phrases("from") or (ANY,),
        target=fields.phrases("to") or (ANY,),
        classes=fields.phrases("classes"),
        date=fields.choice("date", DATES, "both"),
        reason=fields.text("reason", "") or "",
        region=fields.choice("region", ("", *REGIONS), ""),
    )
    fields.all_known()
    return look


def _adapter(fields: Fields) -> str | None:
    """Return a shipped adapter's name, or the path of a folder."""
    text = fields.text("adapter")
    return text if text and Path(text).name == text else fields.path("adapter", text)


def _ask(fields: Fields) -> Ask:
    look = fields.anything("look")
    return Ask(
        rasters=fields.rasters(),
        question=fields.needed_text("question"),
        out=Path(str(fields.path("out", fields.needed_text("out")))),
        dates=fields.texts("dates"),
        area=fields.text("area"),
        gsd=fields.number("gsd"),
        threshold=fields.number("threshold"),
        language=fields.text("language"),
        vocabulary=fields.path("vocabulary", fields.text("vocabulary")),
        model=fields.text("model"),
        adapter=_adapter(fields),
        look=None if look is None else look_from_json(look),
        minimum_area=fields.number("minimum_area"),
    )


def _rerun(fields: Fields) -> Rerun:
    paths = tuple(str(fields.path("rasters", each)) for each in fields.texts("rasters"))
    return Rerun(_path(fields, "recipe"), _path(fields, "out"), paths)


def _export(fields: Fields) -> Export:
    format = fields.needed_text("format")
    return Export(_path(fields, "folder"), format, _path(fields, "out"), fields.texts("statuses"))


def _path(fields: Fields, name: str) -> Path:
    return Path(str(fields.path(name, fields.needed_text(name))))


def _remeasure(fields: Fields) -> Remeasure:
    folder = Path(str(fields.path("folder", fields.needed_text("folder"))))
    return Remeasure(folder, fields.needed_number("threshold"), fields.needed_number("minimum_area"))


_METHODS: dict[str, Callable[[Fields], Params]] = {
    "hello": lambda fields: Hello(),
    "read": lambda fields: Read(fields.needed_text("question"), fields.text("language")),
    "preflight": lambda fields: CheckRasters(
        fields.rasters(), fields.text("area"), fields.number("gsd"), fields.texts("dates")
    ),
    "ask": _ask,
    "rerun": _rerun,
    "export": _export,
    "remeasure": _remeasure,
    "cancel": lambda fields: Cancel(fields.needed_text("target")),
    "shutdown": lambda fields: Shutdown(),
}
