"""Every reader of labelled pairs by name: the published data sets, and the project's own folders of real imagery."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from diachron.data import real
from diachron.data.captioned import levir_cc_pairs, levir_mci_pairs, second_cc_pairs
from diachron.data.files import listed, missing
from diachron.data.fsc import fsc_pairs
from diachron.data.hi_ucd import hi_ucd_pairs
from diachron.data.sample import Sample
from diachron.data.unlabelled import consecutive_pairs
from diachron.data.xbd import DamageSource, damage_pairs
from diachron.errors import WrongUsage

Read = Callable[[Path], Iterator[Sample]]


@dataclass(frozen=True)
class Reader:
    """One layout: what it holds, in a few words, and how a folder in it is read."""

    about: str
    read: Read


def read_samples(name: str, folder: Path) -> Iterator[Sample]:
    """Yield the samples of a folder in the layout that ``name`` stands for.

    Raises
    ------
    WrongUsage: there is no such reader. UnusableInput: the folder lacks a file that the layout has.
    """
    if name not in READERS:
        raise WrongUsage(f"no reader {name!r}", advice=f"readers are {', '.join(READERS)}")
    if not folder.is_dir():
        raise missing(folder, "the folder")
    return READERS[name].read(folder)


def _pairs(name: str) -> Reader:
    return Reader("building change, or all change (dsifn): before, after, change", lambda at: real.every_pair(name, at))


def _damage(name: str) -> Reader:
    known = real.REAL_SOURCES[name]
    source = DamageSource(known.folder, known.licence, known.gsd_m)
    return Reader("buildings and their damage, pixels", lambda folder: damage_pairs(folder, source))


def _dates(name: str, files: Callable[[Path], list[Path]]) -> Reader:
    known = real.REAL_SOURCES[name]
    return Reader(
        "dates of one place, no labels",
        lambda folder: consecutive_pairs(files(folder), known.gsd_m, known.folder, known.licence),
    )


def _land_cover(folder: Path) -> Iterator[Sample]:
    return chain.from_iterable(real.land_cover_pairs(held_out, folder.parent) for held_out in (False, True))


def _dubai(folder: Path) -> Iterator[Sample]:
    return chain.from_iterable(real.dubai_images(held_out, folder) for held_out in (False, True))


READERS: dict[str, Reader] = {
    "fsc_180k": Reader("classes at both dates (FLAIR), inpainted change", fsc_pairs),
    "hi_ucd": Reader("classes at both dates (nine)", hi_ucd_pairs),
    "second_cc": Reader("classes where something changed (six), captions", second_cc_pairs),
    "xbd": Reader("buildings and their damage, pixels or polygons", damage_pairs),
    "levir_mci": Reader("new buildings and roads, captions", levir_mci_pairs),
    "levir_cc": Reader("captions", levir_cc_pairs),
    **{
        name: _pairs(name)
        for name in (
            "levir_cd_train", "levir_cd_train_native_jittered", "levir_cd_val", "levir_cd_val_native",
            "whu_cd", "fotbcd", "dsifn",
        )
    },
    "levir_cd_val_captions": Reader("described tiles of levir_cd_val", real.captioned_tiles),
    "land_cover_labels": Reader("classes at both dates (FLAIR)", _land_cover),
    "dubai_land_cover": Reader("classes of single dates (five)", _dubai),
    "xbd_harvey": _damage("xbd_harvey"),
    "ida_bd": _damage("ida_bd"),
    "joplin_2011": _dates("joplin_2011", lambda folder: [folder / "pre_naip.tif", folder / "post.tif"]),
    "naip_series": _dates("naip_series", listed),
}  # fmt: skip
