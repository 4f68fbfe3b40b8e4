"""The ``diachron`` command: arguments in, exit status out. Each subcommand imports what it needs when it runs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from diachron.errors import Cancelled, DiachronError, UnusableInput, WrongUsage
from diachron.runtime import Loader, ModelChoice, keep_quiet, load_model, share_cores, stay_offline
from diachron.version import engine_version

if TYPE_CHECKING:
    from diachron.data.sample import Sample
    from diachron.doctor import Finding
    from diachron.model.look import Look
    from diachron.request import AskRequest

DONE, FAILED, CANCELLED = 0, 1, Cancelled.exit_status


def main(arguments: Sequence[str] | None = None, load: Loader = load_model) -> int:
    """Run one command and return its exit status: 0 done, 1 failed, 2 wrong usage, 3 unusable input, 130 cancelled."""
    options = parser().parse_args(arguments)
    options.load = load
    stay_offline()
    share_cores()
    keep_quiet()
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except KeyboardInterrupt:
        return _say(Cancelled())
    except DiachronError as error:
        return _say(error)
    except BrokenPipeError:
        return FAILED


def _say(error: DiachronError) -> int:
    """Print an error as the one line it is."""
    print(f"diachron: {' '.join(error.line().split())}", file=sys.stderr)
    return error.exit_status


# -- what can be typed ------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    """Return the parser of every subcommand."""
    top = argparse.ArgumentParser(
        prog="diachron",
        description="Ask rasters of the same place what changed between their dates.",
        epilog="Exit status: 0 done, 1 failed, 2 wrong usage, 3 unusable input, 130 cancelled.",
    )
    top.add_argument("--version", action="version", version=f"diachron {engine_version()}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (
        _add_ask,
        _add_batch,
        _add_export,
        _add_remeasure,
        _add_read,
        _add_serve,
        _add_train,
        _add_evaluate,
        _add_synthesize,
        _add_questions,
        _add_models,
    ):
        add(commands)
    doctor = commands.add_parser("doctor", help="say what this installation consists of and what it lacks")
    doctor.set_defaults(run=_doctor)
    return top


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add_ask(commands: Commands) -> None:
    ask = commands.add_parser("ask", help="answer a question about two rasters or more")
    ask.add_argument("rasters", nargs="*", metavar="RASTER", help="rasters in order of date, the earliest first")
    told = ask.add_mutually_exclusive_group(required=True)
    told.add_argument("--question", help="the question, in English or French")
    told.add_argument("--recipe", type=Path, metavar="FILE", help="make this recipe.json again, as it was made")
    ask.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the answer and its layers")
    _add_model(ask)
    ask.add_argument("--area", help="a vector file, xmin,ymin,xmax,ymax, or WKT, in the last raster's coordinates")
    ask.add_argument("--gsd", type=float, metavar="METRES", help="metres per pixel, for rasters that do not say")
    ask.add_argument("--date", action="append", default=[], dest="dates", help="a raster's date; once for each raster")
    ask.add_argument("--vocabulary", metavar="FILE", help="classes to use instead of the default ones")
    ask.add_argument("--remote", action="store_true", help="read rasters over the network too (/vsicurl, /vsis3)")
    ask.add_argument("--language", choices=("en", "fr"), help="language of the answer (default: the question's)")
    ask.add_argument("--threshold", type=float, help="probability from which a pixel counts as changed, 0 to 1")
    ask.add_argument("--normalise", action="store_true", help="bring the colours of each date to the last one's first")
    ask.add_argument("--look", metavar="LINE", help="look for this and not for what the model reads, for example "
                     "'task=count change=any>building'")  # fmt: skip
    ask.set_defaults(run=_ask)


def _add_batch(commands: Commands) -> None:
    from diachron.cluster.command import add_arguments

    batch = commands.add_parser("batch", help="ask one question of many places, or of one by many workers")
    add_arguments(batch)
    _add_model(batch)
    batch.set_defaults(run=_batch)


def _add_export(commands: Commands) -> None:
    export = commands.add_parser("export", help="write an answer's changes, rasters or tables for other programs")
    export.add_argument("folder", type=Path, metavar="DIR", help="the folder of an answer")
    export.add_argument("--format", required=True, help="gpkg, geoparquet, flatgeobuf, geojson, shapefile (changes); "
                        "cog (rasters); csv, xlsx (transition matrix); recipe")  # fmt: skip
    export.add_argument("--out", required=True, type=Path, metavar="FILE", help="the file, or for cog the folder")
    export.add_argument("--status", action="append", default=[], dest="statuses", help="take changes that are so: "
                        "proposed, accepted, edited, rejected; repeatable (default: all but rejected)")  # fmt: skip
    export.set_defaults(run=_export)


def _add_remeasure(commands: Commands) -> None:
    again = commands.add_parser("remeasure", help="draw the changes of an answer anew, without asking the model")
    again.add_argument("folder", type=Path, metavar="DIR", help="the folder of an answer, which is changed")
    again.add_argument("--threshold", type=float, help="probability from which a pixel counts as changed, 0 to 1")
    again.add_argument("--minimum-area", type=float, metavar="M2", help="minimum mapping unit (pixels without a size)")
    again.set_defaults(run=_remeasure)


def _add_read(commands: Commands) -> None:
    read = commands.add_parser("read", help="print how the model reads questions, without images")
    read.add_argument("questions", nargs="*", metavar="TEXT")
    read.add_argument("--file", type=Path, metavar="LINES", help="a file with a question on each line")
    _add_model(read)
    read.set_defaults(run=_read)


def _add_serve(commands: Commands) -> None:
    serve = commands.add_parser("serve", help="answer requests, a JSON object a line, on the standard streams")
    _add_model(serve)
    serve.set_defaults(run=_serve)


def _add_train(commands: Commands) -> None:
    train = commands.add_parser("train", help="train a model by a recipe, going on where a run stopped")
    train.add_argument("config", type=Path, metavar="CONFIG", help="a recipe, such as resources/training/mini.toml")
    train.add_argument("--out", required=True, type=Path, metavar="RUN", help="the run's folder")
    train.add_argument("--model", metavar="FOLDER", help="tune this model of ours or VideoLLaMA3 checkpoint, and not "
                       "the recipe's")  # fmt: skip
    train.set_defaults(run=_train)


def _add_synthesize(commands: Commands) -> None:
    from diachron.synthesis.command import add_arguments

    synthesize = commands.add_parser("synthesize", help="write pairs of images with their truth: scenes, or hybrids")
    add_arguments(synthesize)
    synthesize.add_argument("--count", type=_count, default=1, help="how many pairs (default: 1)")
    synthesize.set_defaults(run=_synthesize)


def _add_questions(commands: Commands) -> None:
    questions = commands.add_parser("questions", help="print generated questions with their readings")
    questions.add_argument("--count", type=_count, default=10, help="how many (default: 10)")
    questions.add_argument("--seed", type=int, default=0, help="the same seed gives the same questions (default: 0)")
    questions.add_argument("--split", choices=("train", "held_out"), default="train", help="phrasings (default: train)")
    questions.add_argument("--from", type=Path, dest="folder", metavar="FOLDER",
                           help="ask about the labelled pairs of a data set, with answers and facts")  # fmt: skip
    questions.add_argument("--reader", metavar="NAME", help="the layout of the data set, such as hi_ucd or xbd")
    questions.add_argument("--masks", type=Path, metavar="DIR", help="write the masks of what is asked about there")
    questions.set_defaults(run=_questions)


def _count(text: str) -> int:
    """Read a number of things."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than one")
    return number


def _add_evaluate(commands: Commands) -> None:
    evaluate = commands.add_parser("evaluate", help="measure a model on suites with known truth")
    evaluate.add_argument("suites", nargs="*", metavar="SUITE")
    evaluate.add_argument("--list", action="store_true", dest="listed", help="say which suites and readers there are")
    evaluate.add_argument("--every", type=_count, metavar="N", help="look at one sample in N, to save time")
    evaluate.add_argument("--from", type=Path, dest="folder", metavar="FOLDER", help="measure on this data set instead")
    evaluate.add_argument("--reader", metavar="NAME", help="the layout of the data set, such as second_cc")
    evaluate.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well (-: print them)")
    _add_model(evaluate)
    evaluate.set_defaults(run=_evaluate)


def _add_models(commands: Commands) -> None:
    told = "list the installed models and adapters, check their files, and say which are used"
    models = commands.add_parser("models", help=told)
    models.add_argument("--use", metavar="MODEL", help="use this model from now on (a name, or a folder)")
    models.add_argument("--adapter", metavar="ADAPTER", help="with --use: and this adapter (a name, or a folder)")
    models.set_defaults(run=_models)


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", help="a model's name, or a folder (default: what `diachron models` says)")
    command.add_argument("--adapter", help="an adapter's name, or a folder with one, for the model")
    command.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")


# -- what each does ---------------------------------------------------------------------------


def _ask(options: argparse.Namespace) -> int:
    if options.recipe is not None:
        return _rerun(options)
    from diachron.request import AskRequest

    if len(options.rasters) < 2:
        raise WrongUsage("one raster is not enough", "".join(options.rasters), "give one for each of two dates or more")
    request = AskRequest(
        rasters=tuple(options.rasters), question=options.question, out=options.out, dates=tuple(options.dates),
        area=options.area, gsd=options.gsd, vocabulary=options.vocabulary, language=options.language,
        threshold=options.threshold, look=_look(options.look), normalise=options.normalise,
    )  # fmt: skip
    return _answer(request, options, _choice(options))


def _rerun(options: argparse.Namespace) -> int:
    """Make a recipe again; it says everything but where the rasters are now."""
    from diachron.recipe import check_model, read_recipe, rerun_request

    said = ("area", "gsd", "dates", "vocabulary", "language", "threshold", "look", "normalise")
    given = next((name for name in said if getattr(options, name)), None)
    if given is not None:
        raise WrongUsage("the recipe says that already", f"--{given.rstrip('s')}", "leave it out, or ask anew")
    recipe = read_recipe(options.recipe)
    request = rerun_request(recipe, options.recipe.parent, options.out, options.rasters)
    named = options.model or recipe.model.name
    choice = ModelChoice(named, options.adapter or recipe.model.adapter or None, options.device)
    return _answer(request, options, choice, lambda interpreter: check_model(recipe, interpreter.card))


def _answer(
    request: AskRequest, options: argparse.Namespace, choice: ModelChoice, check: Callable[..., None] | None = None
) -> int:
    """Answer a request and print the answer; ``check`` may refuse the model that was loaded."""
    from diachron.ask import ask
    from diachron.progress import ConsoleProgress
    from diachron.request import check_request

    check_request(request)
    interpreter = options.load(choice)
    if check is not None:
        check(interpreter)
    if options.remote:
        from diachron.rasters.opening import allow_remote

        allow_remote()
    progress = ConsoleProgress()
    try:
        answer = ask(request, interpreter, progress)
    finally:
        progress.close()
    print(answer.text)
    return DONE


def _export(options: argparse.Namespace) -> int:
    from diachron.results.formats import export_result

    written = export_result(options.folder, options.format, options.out, options.statuses)
    for file in written.files:
        print(file)
    for note in written.notes:
        print(f"diachron: {note}", file=sys.stderr)
    return DONE


def _remeasure(options: argparse.Namespace) -> int:
    from diachron.results.remeasure import read_kept, remeasure

    kept = read_kept(options.folder)
    threshold, minimum_area = kept.drawn_with
    chosen = threshold if options.threshold is None else options.threshold
    least = minimum_area if options.minimum_area is None else options.minimum_area
    print(remeasure(kept, chosen, least)["text"])
    return DONE


def _batch(options: argparse.Namespace) -> int:
    from diachron.cluster.command import run_batch

    return run_batch(options, _look(options.look), _choice(options))


def _look(line: str | None) -> Look | None:
    """Read ``--look``, with or without the grammar's own first word."""
    if line is None:
        return None
    from diachron.model.look import TASKS, parse_look

    words = line.split()
    look = parse_look(" ".join(words if words[:1] == ["look"] else ["look", *words]))
    if look is None:
        advice = f"write for example 'task=count change=any>building'; tasks are {', '.join(TASKS)}"
        raise WrongUsage("that is no reading", f"--look {line!r}", advice)
    return look


def _read(options: argparse.Namespace) -> int:
    questions = [*options.questions, *(_question_lines(options.file) if options.file else [])]
    if not questions:
        raise WrongUsage("there is no question", "diachron read", "give questions, or a file of them with --file")
    from diachron.ask import read_question
    from diachron.request import check_question

    for question in questions:
        check_question(question)
    interpreter = options.load(_choice(options))
    for question in questions:
        look = read_question(interpreter, question).look
        line = {"question": question, "look": look.as_json(), "abstained": look.abstains}
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return DONE


def _question_lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput("the questions cannot be read", str(path), "name a text file in UTF-8") from error
    return [line.strip() for line in lines if line.strip()]


def _serve(options: argparse.Namespace) -> int:
    from diachron.service.start import serve

    serve(_choice(options), options.load)
    return DONE


def _train(options: argparse.Namespace) -> int:
    from diachron.training.recipe import train

    train(options.config, options.out, options.model)
    return DONE


def _synthesize(options: argparse.Namespace) -> int:
    from diachron.synthesis.command import run_synthesize

    for place in run_synthesize(options):
        print(place, flush=True)
    return DONE


def _questions(options: argparse.Namespace) -> int:
    _check_reader(options)
    if options.folder is not None:
        return _annotated_questions(options)
    if options.masks is not None:
        raise WrongUsage("no masks without labels", advice="name a labelled data set with --from and --reader")
    from diachron.data.questions import QuestionGenerator

    generator = QuestionGenerator(options.seed, options.split)
    for _ in range(options.count):
        asked = generator.sample_read()
        line = {"question": asked.question, "language": asked.language, "look": asked.look.as_json()}
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return DONE


def _annotated_questions(options: argparse.Namespace) -> int:
    from itertools import islice

    from diachron.data.annotated import questions_of
    from diachron.data.question_lines import question_lines
    from diachron.data.readers import read_samples

    asked = questions_of(lambda: read_samples(options.reader, options.folder), options.seed, options.split)
    count = 0
    for line in question_lines(islice(asked, options.count), options.masks):
        print(json.dumps(line, ensure_ascii=False), flush=True)
        count += 1
    if not count:
        raise UnusableInput("no labels to ask about", str(options.folder), "name a data set with change or classes")
    return DONE


def _evaluate(options: argparse.Namespace) -> int:
    from diachron.evaluation.suites import SUITES, evaluate, suite_list

    if options.listed:
        print(suite_list())
        return DONE
    if not options.suites:
        raise WrongUsage("no suite is named", "diachron evaluate", f"name some of {', '.join(SUITES)}")
    _check_reader(options)
    interpreter = options.load(_choice(options))
    to_screen = options.json == Path("-")
    results = []
    for suite in options.suites:
        results.append(evaluate(suite, interpreter, options.every, _named_samples(options)))
        if not to_screen:
            print(results[-1].markdown(), end="\n\n", flush=True)
    text = json.dumps({result.suite: result.as_json() for result in results}, indent=2, ensure_ascii=False)
    if to_screen:
        print(text)
    elif options.json is not None:
        options.json.write_text(text + "\n", encoding="utf-8")
    return DONE


def _check_reader(options: argparse.Namespace) -> None:
    """A folder and the reader of its layout are named together."""
    if (options.folder is None) != (options.reader is None):
        raise WrongUsage("--from and --reader go together", advice="name a folder and the reader of its layout")


def _named_samples(options: argparse.Namespace) -> Iterator[Sample] | None:
    """Return the samples that ``--from`` names; None where it names none."""
    from diachron.data.readers import read_samples

    return None if options.folder is None else read_samples(options.reader, options.folder)


def _models(options: argparse.Namespace) -> int:
    from diachron.model.command import run_models

    return _print(run_models(options))


def _doctor(options: argparse.Namespace) -> int:
    from diachron.doctor import examine

    return _print(examine())


def _print(findings: list[Finding]) -> int:
    for finding in findings:
        print(finding.line())
    return DONE if all(finding.sound for finding in findings) else FAILED


def _choice(options: argparse.Namespace) -> ModelChoice:
    """Return the model that is named, or the one that was set for all commands."""
    if options.model is not None:
        return ModelChoice(options.model, options.adapter, options.device)
    from diachron.settings import read_settings

    usual = read_settings()
    return ModelChoice(usual.model, options.adapter or usual.adapter or None, options.device)


if __name__ == "__main__":
    sys.exit(main())
