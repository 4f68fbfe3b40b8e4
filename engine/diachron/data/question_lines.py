"""Questions from annotations as JSON lines, and their masks as images."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning

from diachron.data.annotated import AnnotatedQuestion
from diachron.data.truth import Mask


def question_lines(asked: Iterable[AnnotatedQuestion], masks: Path | None = None) -> Iterator[dict[str, Any]]:
    """Yield a line for each question, numbered from 1; ``follows`` is the number of the one before it.

    ``masks`` is a folder for the masks (PNG, 0 or 255), one for each question, named by its number.
    """
    for number, each in enumerate(asked, 1):
        line: dict[str, Any] = {
            "id": number, "source": each.sample.source, "sample": each.sample.name, "place": each.sample.place,
            "question": each.question, "language": each.language, "look": each.look.as_json(), "kind": each.kind,
            "follows": number - 1 if each.follows else None, "text": each.text,
            "facts": [_fact(asdict(fact)) for fact in each.facts], "mask_px": int(each.mask.sum()),
        }  # fmt: skip
        if each.look.task in ("caption", "report") and each.sample.captions:
            line["captions"] = list(each.sample.captions)
        if masks is not None:
            line["mask"] = f"{number:06d}.png"
            _write(masks / line["mask"], each.mask)
        yield line


def _fact(fact: dict[str, Any]) -> dict[str, Any]:
    """Return a fact as ``answer.json`` has it."""
    return {{"source": "from", "target": "to"}.get(key, key): value for key, value in fact.items()}


def _write(path: Path, mask: Mask) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = mask.shape
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, "w", "PNG", width, height, 1, dtype="uint8") as dataset:
            dataset.write(mask.astype(np.uint8) * 255, 1)
