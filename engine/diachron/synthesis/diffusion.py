"""The diffusion inpainter: Stable Diffusion inpainting, with a ControlNet that sees the new semantic map in colours.

It runs where ``diffusers`` is installed and a local folder is given: a pipeline as `diffusers` saves it, with the
ControlNet in its folder ``controlnet`` (HySCDG publishes both parts). Nothing is downloaded, and pickles are refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image as Picture

from diachron.data.sample import Image
from diachron.errors import UnusableInput
from diachron.model.torchvision_shim import declare_missing_operators
from diachron.model.vocabulary import load_vocabulary
from diachron.synthesis.inpainting import Scene

STEPS = 20
SIDE_MULTIPLE = 8
FEATHER_PX = 3


class DiffusionInpainter:
    """Paints all masks of a scene at once, guided by its classes and its prompt."""

    def __init__(self, folder: Path, device: torch.device, steps: int = STEPS) -> None:
        self.pipeline, self.steps = _pipeline(folder).to(device), steps
        self.pipeline.set_progress_bar_config(disable=True)
        self.device = device

    def __call__(self, scene: Scene, rng: Generator) -> Image:
        """Paint; pixels outside the masks keep their values."""
        painted = np.zeros(scene.classes.shape, bool)
        for fill in scene.fills:
            painted |= fill.masks.painted
        height, width = scene.image.shape[1:]
        size = (_multiple(width), _multiple(height))
        made = self.pipeline(
            prompt=scene.prompt, image=_picture(scene.image.transpose(1, 2, 0), size),
            mask_image=_picture(painted.astype(np.uint8) * 255, size),
            control_image=_picture(class_colours(scene.classes), size, Picture.Resampling.NEAREST),
            width=size[0], height=size[1], num_inference_steps=self.steps,
            generator=torch.Generator(self.device).manual_seed(int(rng.integers(2**31))), output_type="np",
        ).images[0]  # fmt: skip
        content = cv2.resize(np.rint(made * 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_AREA)
        return _mixed(scene.image, content, painted)


def _multiple(side_px: int) -> int:
    return -(-side_px // SIDE_MULTIPLE) * SIDE_MULTIPLE


def class_colours(classes: Image) -> NDArray[np.uint8]:
    """Return a class map uint8 [H, W] in the vocabulary's colours, uint8 [H, W, 3], black where unknown."""
    table = np.zeros((256, 3), np.uint8)
    for each in load_vocabulary(None).classes:
        table[each.id] = [int(each.colour[at : at + 2], 16) for at in (1, 3, 5)]
    return table[classes]


def _mixed(image: Image, content: NDArray[np.uint8], painted: NDArray[np.bool_]) -> Image:
    """Return the image with the content inside the masks, which fades in over their edge."""
    share = np.clip(cv2.distanceTransform(painted.astype(np.uint8), cv2.DIST_L2, 3) / FEATHER_PX, 0, 1)
    mixed = image * (1 - share) + content.transpose(2, 0, 1) * share
    return np.where(painted, np.rint(mixed), image).astype(np.uint8)


def _picture(
    values: NDArray[np.uint8], size: tuple[int, int], how: Picture.Resampling = Picture.Resampling.BICUBIC
) -> Any:
    return Picture.fromarray(np.ascontiguousarray(values)).resize(size, how)


def _pipeline(folder: Path) -> Any:
    """Load the pipeline of a folder.

    Raises
    ------
    UnusableInput: `diffusers` is not installed, or the folder holds no inpainting pipeline with a ControlNet.
    """
    declare_missing_operators()  # diffusers imports torchvision too
    try:
        from diffusers import ControlNetModel, StableDiffusionControlNetInpaintPipeline
    except ImportError as error:
        raise UnusableInput(
            "diffusion needs a package that is missing", "diffusers", "pip install diffusers"
        ) from error
    if not (folder / "model_index.json").is_file():
        advice = "name a folder with model_index.json, as diffusers saves a pipeline"
        raise UnusableInput("no diffusion pipeline is there", str(folder), advice)
    local = {"local_files_only": True, "use_safetensors": True}
    try:
        return StableDiffusionControlNetInpaintPipeline.from_pretrained(
            folder, controlnet=ControlNetModel.from_pretrained(folder / "controlnet", **local),
            safety_checker=None, requires_safety_checker=False, **local,
        )  # fmt: skip
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise UnusableInput(
            f"the diffusion pipeline cannot be read ({reason})", str(folder), "copy it again"
        ) from error
