"""The main job: rasters and a question in, an answer and its layers out.

align -> look -> map -> measure -> tell -> write. Each stage is a function of what the stages before it made.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from diachron.damage import LookOver, asked_maps, look_at_damage, note_damage, with_levels
from diachron.errors import UnusableInput
from diachron.mapping import map_tiles
from diachron.model.look import Look
from diachron.model.phrases import untested_phrases, with_phrases
from diachron.model.vocabulary import Vocabulary, load_vocabulary
from diachron.progress import Progress
from diachron.rasters.preflight import Note, Preflight, with_dates
from diachron.rasters.scratch import give_back
from diachron.rasters.stack import Stack, open_stack
from diachron.recipe import recipe_of
from diachron.request import AskRequest, check_language, check_preflight, check_request, check_room
from diachron.results.answer import abstention
from diachron.results.early import EarlyChanges
from diachron.results.export import Answer, InputRecord, Layers, Settings, write_folder
from diachron.results.maps import Maps
from diachron.results.measures import measure
from diachron.results.polygons import default_minimum_area, draw_changes
from diachron.results.regions import within
from diachron.telling import tell

if TYPE_CHECKING:
    from diachron.model.card import ModelCard
    from diachron.model.interpreter import Interpreter, Reading


def ask(
    request: AskRequest, interpreter: Interpreter, progress: Progress | None = None, look_over: LookOver = map_tiles
) -> Answer:
    """Answer a question and write its folder, all of it or nothing; ``look_over`` makes the maps of a stack.

    Raises
    ------
    UnusableInput, WrongUsage: what `check_request` finds, rasters that cannot be compared, an unknown language.
    Cancelled: the person stopped it.
    """
    progress = progress or Progress()
    check_request(request)
    vocabulary = load_vocabulary(Path(request.vocabulary) if request.vocabulary else None)

    progress.stage("align")
    with open_stack(
        request.rasters, area=request.area, gsd=request.gsd, normalise=request.normalise, cancelled=progress.cancelled
    ) as stack:
        check_preflight(stack.preflight)
        check_room(request.out, stack)
        preflight = _note_sight(
            with_dates(stack.preflight, [each.date for each in _inputs(request, stack)]),
            stack.grid.gsd_m,
            interpreter.card,
        )
        progress.on_preflight(preflight)

        progress.stage("look")
        reading = _read(request, interpreter)
        preflight = note_damage(preflight, reading.look, interpreter)
        preflight, vocabulary = _flag_untested(preflight, reading.look, vocabulary, progress)
        progress.on_reading(reading)
        answer = _unanswered(request, reading, preflight, interpreter, stack)
        if reading.look.abstains:
            return _abstain(request, answer, _layers(None, stack, vocabulary), progress)

        progress.stage("map")
        progress.draws_early(_early(reading.look, vocabulary, stack, answer.settings))
        maps = look_over(stack, interpreter, reading, vocabulary, progress)
        damage = look_at_damage(stack, interpreter, progress, look_over)
        maps = asked_maps(maps, reading.look, damage)

    progress.stage("measure")
    asked_of = within(maps, reading.look.region)
    settings = answer.settings
    changes = draw_changes(
        asked_of, reading.look, vocabulary, stack.grid,
        threshold=settings.threshold, minimum_area=settings.minimum_area,
    )  # fmt: skip
    changes = with_levels(changes, damage, reading.look, vocabulary, stack.grid)
    dates = tuple(each.date for each in answer.inputs)
    facts = measure(reading.look, changes, asked_of, vocabulary, stack.grid, dates)
    give_back()

    progress.stage("tell")
    text, spans = tell(interpreter, reading, facts, vocabulary, progress)
    answer = replace(answer, text=text, spans=spans, facts=facts, timings=progress.timings_s())

    progress.stage("write")
    levels = None if damage is None else damage.classes[-1]
    layers = replace(_layers(maps, stack, vocabulary), changes=changes, levels=levels)
    write_folder(request.out, answer, layers, recipe_of(request, answer.model, stack.output_crs).as_json())
    return answer


# -- look -------------------------------------------------------------------------------------


def read_question(interpreter: Interpreter, question: str, language: str | None = None) -> Reading:
    """Return the model's reading of a question; ``language`` overrides the one it tells.

    Raises
    ------
    WrongUsage: there is no such language.
    """
    check_language(language)
    reading = interpreter.read(question)
    return replace(reading, language=language) if language else reading


def _read(request: AskRequest, interpreter: Interpreter) -> Reading:
    """Return the reading to work with: the model's, or the person's correction of it.

    A correction does not say the language of the question, so the model is asked for that alone where nobody tells it.
    """
    if request.look is None:
        reading = read_question(interpreter, request.question, request.language)
        if reading.look.abstains and reading.look.reason == "language":
            what = "the question is in a language Diachron does not speak"
            raise UnusableInput(what, _short(request.question), "ask in English or French")
        return reading
    from diachron.model.interpreter import Reading

    language = request.language or interpreter.read(request.question).language
    return Reading(request.question, language, request.look, request.look.line())


def _short(question: str) -> str:
    return question if len(question) <= 60 else f"{question[:59]}…"


def _note_sight(preflight: Preflight, gsd_m: float | None, card: ModelCard) -> Preflight:
    """Say where the model looks at images reduced or enlarged."""
    reduction = card.reduction(gsd_m)
    if gsd_m is None or reduction == 1:
        return preflight
    return replace(preflight, notes=(*preflight.notes, Note("fine", f"the model looks at {gsd_m * reduction:.3g} m")))


def _flag_untested(
    preflight: Preflight, look: Look, vocabulary: Vocabulary, progress: Progress
) -> tuple[Preflight, Vocabulary]:
    """Add phrases that the vocabulary lacks as classes of their own, and a warning for each."""
    phrases = untested_phrases(look, vocabulary)
    if not phrases:
        return preflight, vocabulary
    advice = "the vocabulary does not have it; check by eye what was found"
    warnings = tuple(Note("warning", f"untested phrase \u201c{phrase}\u201d", advice) for phrase in phrases)
    preflight = replace(preflight, notes=(*preflight.notes, *warnings))
    progress.on_preflight(preflight)
    return preflight, with_phrases(vocabulary, phrases)


# -- the answer -------------------------------------------------------------------------------


def _early(look: Look, vocabulary: Vocabulary, stack: Stack, settings: Settings) -> EarlyChanges:
    return EarlyChanges(
        look, vocabulary, stack.grid, stack.output_crs, settings.threshold, settings.minimum_area,
    )  # fmt: skip


def _layers(maps: Maps | None, stack: Stack, vocabulary: Vocabulary) -> Layers:
    return Layers(maps, (), stack.grid, stack.output_crs, vocabulary)


def _unanswered(
    request: AskRequest, reading: Reading, preflight: Preflight, interpreter: Interpreter, stack: Stack
) -> Answer:
    """Return the answer as far as it is known before the model has looked."""
    return Answer(
        question=request.question, language=reading.language, look=reading.look, text="", spans=(), facts=(),
        abstained=reading.look.abstains, reason=reading.look.reason, preflight=preflight, model=interpreter.card,
        inputs=_inputs(request, stack), timings={}, settings=_settings(request, interpreter, stack),
    )  # fmt: skip


def _settings(request: AskRequest, interpreter: Interpreter, stack: Stack) -> Settings:
    threshold = interpreter.card.threshold if request.threshold is None else request.threshold
    unit = "px" if stack.grid.gsd_m is None else "m2"
    least = default_minimum_area(stack.grid) if request.minimum_area is None else request.minimum_area
    return Settings(threshold, least, unit, stack.grid.gsd_m, request.vocabulary or "")


def _inputs(request: AskRequest, stack: Stack) -> tuple[InputRecord, ...]:
    """Return the rasters as they were used; a date that the person does not give is the one in the file's name."""
    given = request.dates or ("",) * len(request.rasters)
    return tuple(
        InputRecord(each.path, date or each.date, each.crs or "", each.gsd_m, each.width, each.height)
        for each, date in zip(stack.dates, given, strict=True)
    )


def _abstain(request: AskRequest, answer: Answer, layers: Layers, progress: Progress) -> Answer:
    """Say why there is no answer; nothing was looked at, so there are no maps."""
    text = abstention(answer.reason, answer.language)
    progress.on_text(text)
    answer = replace(answer, text=text, timings=progress.timings_s())
    progress.stage("write")
    write_folder(request.out, answer, layers, recipe_of(request, answer.model, layers.output_crs).as_json())
    return answer
