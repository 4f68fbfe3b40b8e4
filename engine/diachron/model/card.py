"""The model card as data: what a set of weights is, where it comes from, and how it is to be used."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from diachron.errors import UnusableInput

CARD_FILE = "card.json"
CELL_PX = 32
"""The model takes images whose sides are multiples of this."""
CLASS_PX = 4
"""The model's class maps have one place for so many pixels a side."""
MOST_ENLARGED = 2.0
"""Images coarser than the model knows are enlarged by no more than this: more takes time and shows nothing new."""


@dataclass(frozen=True)
class ModelCard:
    """What ``card.json`` beside the weights says; ``sha256`` maps file names to checksums.

    ``threshold`` is the change probability above which a pixel counts as changed; ``tile_px`` and ``overlap_px`` are
    the tiles the model is run on; ``finest_gsd_m`` and ``coarsest_gsd_m`` are the ground sample distances (m) that it
    was trained at: finer images are looked at reduced to the one, coarser ones enlarged to the other, but no more than
    `MOST_ENLARGED` times (0: as they are); ``sources`` name every data set with its licence.
    """

    name: str
    version: str
    adapter: str
    licence: str
    sources: tuple[str, ...]
    threshold: float
    tile_px: int
    overlap_px: int
    finest_gsd_m: float
    sha256: dict[str, str]
    coarsest_gsd_m: float = 0.0

    def reduction(self, gsd_m: float | None) -> float:
        """Return by how much images of ``gsd_m`` (m; None where unknown) are reduced to be looked at.

        It is above 1 where they are finer than the model knows, below 1 (they are enlarged) where they are coarser.
        """
        if not gsd_m:
            return 1.0
        if self.coarsest_gsd_m and gsd_m > self.coarsest_gsd_m:
            return max(1 / MOST_ENLARGED, self.coarsest_gsd_m / gsd_m)
        return max(1.0, self.finest_gsd_m / gsd_m)

    def kept_px(self, gsd_m: float | None) -> int:
        """Return the side, in pixels of images of ``gsd_m``, of the places of which maps are kept until they are whole.

        What the model saw reduced is not worth keeping finer: the largest power of two that is no more than the
        reduction, so that tiles are made of whole places.
        """
        return min(CELL_PX // CLASS_PX, 2 ** int(math.log2(max(1.0, self.reduction(gsd_m)))))


def read_card(folder: Path) -> ModelCard:
    """Read a folder's card.

    Raises
    ------
    UnusableInput: there is none, or it is not a card.
    """
    path = folder / CARD_FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return ModelCard(**{**values, "sources": tuple(values["sources"])})
    except FileNotFoundError as error:
        raise UnusableInput("the model has no card", str(path), "name a folder made by `diachron train`") from error
    except (ValueError, TypeError, KeyError) as error:
        raise UnusableInput(
            f"the model's card cannot be read ({error})", str(path), "install the weights again"
        ) from error


def write_card(folder: Path, card: ModelCard) -> None:
    """Write a folder's card."""
    (folder / CARD_FILE).write_text(json.dumps(asdict(card), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
