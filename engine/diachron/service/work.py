"""What each method of ``diachron serve`` does, with one model kept loaded between questions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from diachron.errors import WrongUsage
from diachron.progress import Progress, Step
from diachron.runtime import Loader, ModelChoice, load_model
from diachron.service.protocol import PROTOCOL, Ask, CheckRasters, Export, Params, Read, Remeasure, Rerun
from diachron.service.server import Reporter
from diachron.version import engine_version

if TYPE_CHECKING:
    from diachron.model.interpreter import Interpreter, Reading
    from diachron.rasters.preflight import Preflight
    from diachron.request import AskRequest
    from diachron.results.early import EarlyChanges
    from diachron.results.maps import Maps
    from diachron.results.remeasure import Kept


class Work:
    """Does requests; the model is loaded at the first that needs it, and again where another one is asked for."""

    def __init__(self, choice: ModelChoice, load: Loader = load_model) -> None:
        self.choice, self._load = choice, load
        self._loaded: tuple[ModelChoice, Interpreter] | None = None
        self._kept: tuple[int, Kept] | None = None

    def __call__(self, params: Params, report: Reporter) -> dict[str, Any]:
        """Do one request and return the fields of its ``done`` event."""
        if isinstance(params, Read):
            return self.read(params)
        if isinstance(params, CheckRasters):
            return self.preflight(params, report)
        if isinstance(params, Ask):
            return self.ask(params, report)
        if isinstance(params, Rerun):
            return self.rerun(params, report)
        if isinstance(params, Export):
            return self.export(params)
        if isinstance(params, Remeasure):
            return self.remeasure(params, report)
        raise WrongUsage(f"{type(params).__name__} is no work")

    def hello(self) -> dict[str, Any]:
        """Say who the engine is; this loads no model."""
        from diachron.model.folders import installed_models
        from diachron.model.vocabulary import load_vocabulary

        return {
            "protocol": PROTOCOL,
            "version": engine_version(),
            "model": self._card(),
            "models": installed_models(),
            "vocabulary": [
                {"id": each.id, "name": each.name, "fr": each.fr, "colour": each.colour, "groups": list(each.groups)}
                for each in load_vocabulary(None).classes
            ],
        }

    def _card(self) -> dict[str, Any] | None:
        from diachron.errors import UnusableInput
        from diachron.model.card import read_card
        from diachron.model.folders import model_folder

        try:
            card = read_card(model_folder(self.choice.name))
        except UnusableInput:
            return None
        return {"name": card.name, "version": card.version, "adapter": card.adapter, "licence": card.licence}

    def read(self, params: Read) -> dict[str, Any]:
        """Read a question without images."""
        from diachron.ask import read_question
        from diachron.request import check_question

        check_question(params.question)
        return reading_fields(read_question(self._interpreter(self.choice), params.question, params.language))

    def preflight(self, params: CheckRasters, report: Reporter) -> dict[str, Any]:
        """Compare rasters without asking anything."""
        from diachron.rasters.preflight import with_dates
        from diachron.rasters.stack import open_stack

        progress = EventProgress(report)
        progress.stage("align")
        progress.progress(0, 1)
        with open_stack(params.rasters, area=params.area, gsd=params.gsd, cancelled=report.cancelled) as stack:
            progress.progress(1, 1)
            return {"preflight": with_dates(stack.preflight, params.dates).as_json()}

    def ask(self, params: Ask, report: Reporter) -> dict[str, Any]:
        """Answer a question; the input is checked before the model is loaded."""
        from diachron.ask import ask
        from diachron.request import check_request

        request = ask_request(params)
        check_request(request)
        interpreter = self._interpreter(self._choice_of(params))
        interpreter.expect_questions()
        answer = ask(request, interpreter, EventProgress(report))
        return {"answer": answer.as_json(), "folder": str(request.out)}

    def rerun(self, params: Rerun, report: Reporter) -> dict[str, Any]:
        """Make a recipe again, with the model that it names and no other."""
        from diachron.ask import ask
        from diachron.recipe import check_model, read_recipe, rerun_request
        from diachron.request import check_request

        recipe = read_recipe(params.recipe)
        request = rerun_request(recipe, params.recipe.parent, params.out, params.rasters)
        check_request(request)
        named = replace(self.choice, name=recipe.model.name, adapter=recipe.model.adapter or None)
        interpreter = self._interpreter(named)
        check_model(recipe, interpreter.card)
        answer = ask(request, interpreter, EventProgress(report))
        return {"answer": answer.as_json(), "folder": str(request.out)}

    def export(self, params: Export) -> dict[str, Any]:
        """Write a result in another format."""
        from diachron.results.formats import export_result

        written = export_result(params.folder, params.format, params.out, params.statuses)
        return {"files": [str(each) for each in written.files], "notes": list(written.notes)}

    def remeasure(self, params: Remeasure, report: Reporter) -> dict[str, Any]:
        """Draw the changes of a result anew; the rasters of the last one stay in memory while a slider moves."""
        from diachron.results.remeasure import check_settings, maps_time, read_kept, remeasure

        check_settings(params.threshold, params.minimum_area)
        time_ns = maps_time(params.folder)
        if self._kept is None or self._kept[1].folder != params.folder or self._kept[0] != time_ns:
            self._kept = None
            self._kept = (time_ns, read_kept(params.folder))
        answer = remeasure(self._kept[1], params.threshold, params.minimum_area, report.cancelled)
        return {"answer": answer, "folder": str(params.folder)}

    def _choice_of(self, params: Ask) -> ModelChoice:
        if params.model is None:
            return replace(self.choice, adapter=params.adapter or self.choice.adapter)
        return replace(self.choice, name=params.model, adapter=params.adapter)

    def _interpreter(self, choice: ModelChoice) -> Interpreter:
        if self._loaded is None or self._loaded[0] != choice:
            self._loaded = None  # two large models need not fit in memory together
            self._loaded = (choice, self._load(choice))
        return self._loaded[1]


def ask_request(params: Ask) -> AskRequest:
    """Return the question that a request asks."""
    from diachron.request import AskRequest

    return AskRequest(
        rasters=params.rasters, question=params.question, out=params.out, dates=params.dates, area=params.area,
        gsd=params.gsd, vocabulary=params.vocabulary, language=params.language, threshold=params.threshold,
        look=params.look, minimum_area=params.minimum_area,
    )  # fmt: skip


def reading_fields(reading: Reading) -> dict[str, Any]:
    """Return a reading as events hold it."""
    return {"look": reading.look.as_json(), "language": reading.language, "line": reading.line}


class EventProgress(Progress):
    """Progress as events of one request."""

    def __init__(self, report: Reporter) -> None:
        super().__init__()
        self.report = report
        self._early: EarlyChanges | None = None

    def cancelled(self) -> bool:
        """Tell whether a ``cancel`` has come."""
        return self.report.cancelled()

    def on_stage(self, name: str) -> None:
        """Send ``stage``."""
        self.report.send("stage", stage=name)

    def on_step(self, step: Step) -> None:
        """Send ``progress``."""
        self.report.send("progress", stage=step.stage, done=step.done, total=step.total, remaining_s=step.remaining_s)

    def on_preflight(self, preflight: Preflight) -> None:
        """Send ``preflight``."""
        self.report.send("preflight", preflight=preflight.as_json())

    def on_reading(self, reading: Reading) -> None:
        """Send ``reading``."""
        self.report.send("reading", **reading_fields(reading))

    def draws_early(self, early: EarlyChanges) -> None:
        """Keep how changes are drawn before all is looked at."""
        self._early = early

    def mapped(self, maps: Maps, rows: int) -> None:
        """Send ``partial`` where there are changes to show."""
        found = self._early.draw(maps, rows) if self._early else None
        if found:
            self.report.send("partial", **found)

    def on_text(self, text: str) -> None:
        """Send ``text``."""
        self.report.send("text", text=text)
