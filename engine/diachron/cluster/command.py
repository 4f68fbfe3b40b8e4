"""The arguments of ``diachron batch``."""

from __future__ import annotations

import argparse
from pathlib import Path

from diachron.errors import WrongUsage
from diachron.model.look import Look
from diachron.runtime import ModelChoice

PART_KM = 2.0


def add_arguments(batch: argparse.ArgumentParser) -> None:
    """Add all but the model's arguments."""
    batch.add_argument("sources", nargs="+", metavar="MANIFEST", help="a CSV with columns id, before, after (and gsd); "
                       "or two large rasters or more, in order of date, to be looked at part by part")  # fmt: skip
    batch.add_argument("--question", required=True, help="the question, in English or French")
    batch.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the answers; the same "
                       "command goes on where it stopped")  # fmt: skip
    batch.add_argument("--cluster", metavar="ADDRESS", help="work on this Ray cluster, for example auto")
    batch.add_argument("--workers", type=int, metavar="N", help="as many workers, on Ray; without --cluster on this "
                       "machine (default: this process alone)")  # fmt: skip
    batch.add_argument("--vocabulary", metavar="FILE", help="classes to use instead of the default ones")
    batch.add_argument("--language", choices=("en", "fr"), help="language of the answers (default: the question's)")
    batch.add_argument("--threshold", type=float, help="probability from which a pixel counts as changed, 0 to 1")
    batch.add_argument(
        "--normalise", action="store_true", help="bring the colours of each date to the last one's first"
    )
    batch.add_argument("--look", metavar="LINE", help="look for this and not for what the model reads")
    large = batch.add_argument_group("of large rasters alone")
    large.add_argument("--tile-km", type=float, metavar="KM", help=f"side of a part (default: {PART_KM:g}); with "
                       "larger ones less is looked at twice")  # fmt: skip
    large.add_argument("--area", help="a vector file, xmin,ymin,xmax,ymax, or WKT, in the last raster's coordinates")
    large.add_argument("--gsd", type=float, metavar="METRES", help="metres per pixel, for rasters that do not say")
    large.add_argument("--date", action="append", default=[], dest="dates", help="a raster's date; once for each")


def run_batch(options: argparse.Namespace, look: Look | None, choice: ModelChoice) -> int:
    """Run the command; return its exit status.

    Raises
    ------
    DiachronError: arguments that do not go together, or nothing could be begun.
    """
    from diachron.cluster.batch import Hands, answer_large, answer_manifest
    from diachron.cluster.rows import Asked
    from diachron.request import AskRequest

    if options.workers is not None and options.workers < 1:
        raise WrongUsage("that is no number of workers", f"--workers {options.workers}", "give 1 or more")
    hands = Hands(choice, options.load, options.cluster, options.workers)
    if len(options.sources) > 1:
        request = AskRequest(
            rasters=tuple(options.sources), question=options.question, out=options.out, dates=tuple(options.dates),
            area=options.area, gsd=options.gsd, vocabulary=options.vocabulary, language=options.language,
            threshold=options.threshold, look=look, normalise=options.normalise,
        )  # fmt: skip
        return answer_large(request, _part_km(options.tile_km), hands)
    for name in ("tile_km", "area", "gsd", "dates"):
        if getattr(options, name):
            advice = "give two rasters, or leave it out: a manifest has columns for it"
            raise WrongUsage("this is for large rasters, not for a manifest", f"--{name.replace('_', '-')}", advice)
    asked = Asked(
        options.question, options.out, options.language, options.threshold, options.vocabulary, look,
        options.normalise,
    )  # fmt: skip
    return answer_manifest(Path(options.sources[0]), asked, hands)


def _part_km(given: float | None) -> float:
    if given is not None and not given > 0:
        raise WrongUsage("that is no length", f"--tile-km {given}", "give kilometres, above 0")
    return PART_KM if given is None else given
