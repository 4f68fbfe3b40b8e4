"""Pairs that people described: LEVIR-CC, LEVIR-MCI and SECOND-CC, whose caption files have one form.

LEVIR-MCI's folder holds ``LevirCCcaptions.json`` and ``images/{train,val,test}/{A,B,label}/*.png`` (label: 128 a new
road, 255 a new building); LEVIR-CC's has no ``label``. SECOND-CC's holds ``SECOND-CC-AUG.json`` and
``{train,val,test}/{rgb,sem}/{A,B}/*.png``, the semantic maps in SECOND's colours, white where nothing changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from diachron.data.files import read_colours, read_image, read_json, the_same_size
from diachron.data.nomenclature import nomenclature
from diachron.data.sample import Image, Sample
from diachron.errors import UnusableInput

LEVIR_GSD_M, SECOND_GSD_M = 0.5, 1.0
"""SECOND's images are of 0.5 to 3 m and do not say which."""
LEVIR_LICENCE = "LEVIR-CD, LEVIR-CC and LEVIR-MCI: academic, non-commercial"
SECOND_LICENCE = "SECOND and SECOND-CC: academic, non-commercial"


def levir_cc_pairs(folder: Path) -> Iterator[Sample]:
    """Yield LEVIR-CC's pairs: captions and flags, no masks."""
    for entry in _captions(folder / "LevirCCcaptions.json"):
        yield _described(entry, *_dates(folder / "images" / _split(entry), entry), "levir_cc")


def levir_mci_pairs(folder: Path) -> Iterator[Sample]:
    """Yield LEVIR-MCI's pairs: LEVIR-CC's, with what each changed pixel became.

    Raises
    ------
    UnusableInput: a file that the layout has is missing.
    """
    codes = nomenclature("levir_mci").code_table()
    for entry in _captions(folder / "LevirCCcaptions.json"):
        place = folder / "images" / _split(entry)
        before, after = _dates(place, entry)
        label = codes[read_image(place / "label" / entry["filename"])[0]]
        the_same_size((before, after, label), place / "label" / entry["filename"])
        sample = _described(entry, before, after, "levir_mci")
        yield replace(sample, change=(label > 0).astype(np.uint8), classes_after=label, nomenclature="levir_mci")


def second_cc_pairs(folder: Path) -> Iterator[Sample]:
    """Yield SECOND-CC's pairs: captions, flags, and the classes of changed pixels at both dates.

    Raises
    ------
    UnusableInput: a file that the layout has is missing, or a semantic map has a colour that is no class.
    """
    colours = _colour_table()
    for entry in _captions(folder / "SECOND-CC-AUG.json"):
        place = folder / entry.get("filepath", entry["split"])
        before, after = _dates(place / "rgb", entry)
        first, last = (_classes(place / "sem" / date / entry["filename"], colours) for date in ("A", "B"))
        the_same_size((before, after, first, last), place / "sem" / "A" / entry["filename"])
        sample = _described(entry, before, after, "second_cc")
        yield replace(
            sample, change=(first != last).astype(np.uint8), classes_before=first, classes_after=last,
            nomenclature="second", gsd_m=SECOND_GSD_M, licence=SECOND_LICENCE,
        )  # fmt: skip


def _captions(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = read_json(path)["images"]
    return entries


def _split(entry: dict[str, Any]) -> str:
    return str(entry.get("filepath") or entry["split"])


def _dates(folder: Path, entry: dict[str, Any]) -> tuple[Image, Image]:
    before, after = (read_image(folder / date / entry["filename"]) for date in ("A", "B"))
    the_same_size((before, after), folder / "A" / entry["filename"])
    return before, after


def _described(entry: dict[str, Any], before: Image, after: Image, source: str) -> Sample:
    stem = Path(entry["filename"]).stem
    sentences = tuple(each["raw"].strip() for each in entry.get("sentences", ()))
    flag = entry.get("changeflag")
    return Sample(
        before, after, None, 0, None, None, "flair",
        LEVIR_GSD_M, source, LEVIR_LICENCE, stem, stem,
        captions=sentences, flagged=None if flag is None else bool(flag),
    )  # fmt: skip


def _colour_table() -> dict[int, int]:
    codes = nomenclature("second").codes
    return {int(code[1:], 16): number for code, number in codes.items()}


def _classes(path: Path, colours: dict[int, int]) -> Image:
    """Return the class ids uint8 [H, W] of a map in colours."""
    red, green, blue = read_colours(path).astype(np.int32)
    values, where = np.unique(red << 16 | green << 8 | blue, return_inverse=True)
    unknown = next((value for value in values.tolist() if value not in colours), None)
    if unknown is not None:
        raise UnusableInput(
            f"the colour #{unknown:06x} is no class of SECOND",
            str(path),
            "add it to nomenclatures/published/second.json",
        )
    return np.array([colours[value] for value in values.tolist()], np.uint8)[where].reshape(red.shape)
