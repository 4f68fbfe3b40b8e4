"""The arguments of ``diachron synthesize``: procedural scenes, or hybrid pairs of real images."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from diachron.errors import WrongUsage

if TYPE_CHECKING:
    from diachron.synthesis.hybrid import HybridPair
    from diachron.synthesis.inpainting import Inpainter

LEAST_SCENE_PX = 64
INPAINTERS = ("exemplar", "diffusion")


def add_arguments(synthesize: argparse.ArgumentParser) -> None:
    """Add the command's arguments but ``--count``."""
    synthesize.add_argument("--out", required=True, type=Path, metavar="DIR", help="a folder: of procedural pairs each "
                            "gets one in it, hybrid ones are put as FSC-180k has them")  # fmt: skip
    synthesize.add_argument("--seed", type=int, default=0, help="the same seed gives the same pairs (default: 0)")
    synthesize.add_argument("--size", type=int, default=512, metavar="PIXELS", help="a side's length (default: 512)")
    synthesize.add_argument("--gsd", type=float, default=0.5, metavar="METRES", help="metres per pixel (default: 0.5)")
    hybrid = synthesize.add_argument_group("hybrid pairs: real images in which objects are painted anew")
    hybrid.add_argument("--inpaint", choices=INPAINTERS, help="make hybrid pairs, by real exemplars blended in, or by "
                        "diffusion (needs diffusers and --diffusion)")  # fmt: skip
    hybrid.add_argument("--images", type=Path, metavar="DIR", help="images to change (default: those of the land-cover "
                        "labels in DIACHRON_DATA)")  # fmt: skip
    hybrid.add_argument("--labels", type=Path, metavar="DIR", help="their classes, FLAIR ids, files of the same stem")
    hybrid.add_argument("--footprints", type=Path, metavar="FILE", help="a vector layer: change these objects first")
    hybrid.add_argument("--diffusion", type=Path, metavar="DIR", help="a pipeline as diffusers saves it, with its "
                        "ControlNet in DIR/controlnet")  # fmt: skip


def run_synthesize(options: argparse.Namespace) -> Iterator[Path]:
    """Write pairs and yield where each is.

    Raises
    ------
    WrongUsage: arguments that do not go together. UnusableInput: files that cannot be used.
    """
    return _hybrid(options) if options.inpaint else _scenes(options)


def _scenes(options: argparse.Namespace) -> Iterator[Path]:
    from diachron.synthesis.scene import stream_pairs, write_pair

    for name in ("images", "labels", "footprints", "diffusion"):
        if getattr(options, name) is not None:
            raise WrongUsage("procedural scenes are made of nothing", f"--{name}", "leave it out, or add --inpaint")
    if options.gsd <= 0 or options.size < LEAST_SCENE_PX:
        found, advice = f"{options.size} px of {options.gsd} m", f"give at least {LEAST_SCENE_PX} px, above 0 m"
        raise WrongUsage("no scene has that size", found, advice)
    for number, pair in enumerate(islice(stream_pairs(options.seed, options.size, options.gsd), options.count)):
        yield write_pair(pair, options.out / f"{options.seed}-{number:05d}").before.parent


def _hybrid(options: argparse.Namespace) -> Iterator[Path]:
    from diachron.synthesis.hybrid import write_hybrid

    for number, pair in enumerate(_hybrid_pairs(options)):
        yield write_hybrid(pair, options.out, number)


def _hybrid_pairs(options: argparse.Namespace) -> Iterator[HybridPair]:
    from diachron.data.real import land_cover_pairs
    from diachron.synthesis.exemplars import ExemplarBank
    from diachron.synthesis.hybrid import HybridMaker
    from diachron.synthesis.sources import footprint_ids, labelled_images, with_footprints

    if (options.images is None) != (options.labels is None):
        raise WrongUsage("images and their labels go together", "--images, --labels", "give both, or neither")
    if options.footprints is not None and options.images is None:
        raise WrongUsage("footprints lie on images", "--footprints", "name these with --images and --labels")
    if options.images is None:
        samples = list(land_cover_pairs(held_out=False))
    else:
        samples = labelled_images(options.images, options.labels, options.gsd)
    outlines = footprint_ids(options.footprints, options.images, samples) if options.footprints else None
    if outlines is not None:
        samples = [with_footprints(sample, ids) for sample, ids in zip(samples, outlines, strict=True)]
    maker = HybridMaker(ExemplarBank(samples), _inpainter(options))
    for number in range(options.count):
        rng = np.random.default_rng([options.seed, number])
        at = int(rng.integers(len(samples)))
        yield maker.make(samples[at], rng, outlines[at] if outlines is not None else None)


def _inpainter(options: argparse.Namespace) -> Inpainter:
    if options.inpaint == "exemplar":
        from diachron.synthesis.inpainting import ExemplarInpainter

        return ExemplarInpainter()
    if options.diffusion is None:
        raise WrongUsage("diffusion needs a pipeline", "--inpaint diffusion", "name its folder with --diffusion")
    from diachron.model.loading import device_for
    from diachron.synthesis.diffusion import DiffusionInpainter

    return DiffusionInpainter(options.diffusion, device_for("auto"))
