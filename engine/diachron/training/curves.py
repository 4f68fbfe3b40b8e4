"""What one can look at while a run trains: a line a step, TensorBoard's curves, and panels of examples."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as Picture
from torch import Tensor

from diachron.data.sample import IGNORED

MOST_ROWS = 6
GAP_PX = 4
_GREY, _WHITE = 110, 255


class Curves:
    """Writes a run's ``curve.jsonl``, its ``tensorboard`` folder (where that package is installed) and ``panels``."""

    def __init__(self, run: Path, step: int) -> None:
        self.run = run
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            print("no TensorBoard curves: install the package tensorboard for them", file=sys.stderr)
            self.board = None
        else:
            self.board = SummaryWriter(str(run / "tensorboard"), purge_step=step)

    def step(self, step: int, line: Mapping[str, object]) -> None:
        """Note what a step measured; ``step`` counts through all stages."""
        with (self.run / "curve.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if self.board is not None:
            for name, value in line.items():
                if isinstance(value, int | float):
                    self.board.add_scalar(f"{line['stage']}/{name}", float(value), step)

    def panel(self, step: int, name: str, picture: NDArray[np.uint8]) -> None:
        """Keep a panel as ``panels/NAME.png``."""
        path = self.run / "panels" / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        Picture.fromarray(picture).save(path)
        if self.board is not None:
            self.board.add_image("panel", picture, step, dataformats="HWC")
            self.board.flush()

    def close(self) -> None:
        """Finish writing."""
        if self.board is not None:
            self.board.close()


def panel(images: Tensor, change: Tensor, probability: Tensor) -> NDArray[np.uint8]:
    """Return a picture uint8 [rows, columns, 3] with a row a pair: before, after, truth, prediction.

    ``images`` uint8 [B, 2, 3, H, W]; ``change`` uint8 [B, H, W], grey where unknown; ``probability`` float [B, H, W].
    """
    rows = []
    for pair, truth, seen in zip(images[:MOST_ROWS], change[:MOST_ROWS], probability[:MOST_ROWS], strict=True):
        known = torch.where(truth == IGNORED, torch.full_like(truth, _GREY), truth * _WHITE)
        maps = (known, (seen.float() * _WHITE).to(torch.uint8))
        pictures = [date.permute(1, 2, 0).cpu() for date in pair]
        pictures += [each.cpu()[..., None].expand(-1, -1, 3) for each in maps]
        rows.append(np.concatenate([_framed(each.numpy()) for each in pictures], axis=1))
    return np.concatenate(rows)


def _framed(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.pad(picture, ((0, GAP_PX), (0, GAP_PX), (0, 0)), constant_values=_WHITE)
