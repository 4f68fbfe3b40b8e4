"""Readers of published data sets, each on a small folder written in the published layout."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio

from diachron.data.files import read_colours
from diachron.data.nomenclature import nomenclature, nomenclatures, vocabulary_of
from diachron.data.readers import READERS, read_samples
from diachron.data.sample import IGNORED, Sample
from diachron.errors import UnusableInput, WrongUsage

SIDE = 16


def write(path: Path, values: np.ndarray, palette: dict[int, tuple[int, int, int]] | None = None) -> None:
    """Write bands uint8 [C, H, W], or one band [H, W]."""
    values = np.atleast_3d(values.T).T if values.ndim == 2 else values
    path.parent.mkdir(parents=True, exist_ok=True)
    driver = "GTiff" if path.suffix == ".tif" else "PNG"
    with rasterio.open(path, "w", driver, SIDE, SIDE, len(values), dtype="uint8") as dataset:
        dataset.write(values)
        if palette:
            dataset.write_colormap(1, palette)


def picture(value: int, bands: int = 3) -> np.ndarray:
    return np.full((bands, SIDE, SIDE), value, np.uint8)


def half(left: int, right: int) -> np.ndarray:
    """Return a map uint8 [H, W] of two halves."""
    values = np.full((SIDE, SIDE), left, np.uint8)
    values[:, SIDE // 2 :] = right
    return values


# -- the published layouts ----------------------------------------------------------------------


def fsc(root: Path) -> None:
    for version in ("11", "13"):
        write(root / f"IMG{version}/00/IMG_000001.tif", picture(90))
        label = np.stack([half(0, 255), half(10, 10), half(10, 1)])
        label[:, 0, 0] = 255, 0, 1  # a changed pixel whose first class nobody knows
        write(root / f"LBL{version}/00/LBL_000001.tif", label)
    write(root / "IMG/00/IMG_000001.tif", picture(60, bands=5))


def hi_ucd(root: Path) -> None:
    write(root / "train/image/2017/9/tile_1.png", picture(60))
    write(root / "train/image/2018/9/tile_1.png", picture(90))
    change = half(1, 2)
    change[0, 0] = 0
    write(root / "train/mask_merge/2017_2018/9/tile_1.png", np.stack([half(2, 9), half(2, 3), change]))
    write(root / "test/image/2018/9/tile_9.png", picture(60))


def described(root: Path, name: str, split: str, filename: str) -> None:
    entry = {
        "filepath": split, "split": split, "filename": filename, "imgid": 0, "changeflag": 1,
        "sentences": [{"raw": " a house is built .", "tokens": ["a"], "imgid": 0, "sentid": 0}, {"raw": "a new road"}],
    }  # fmt: skip
    (root / name).write_text(json.dumps({"images": [entry], "dataset": name}), encoding="utf-8")


def levir_mci(root: Path) -> None:
    for date, value in (("A", 60), ("B", 90)):
        write(root / f"images/val/{date}/val_000001.png", picture(value))
    label = half(0, 255)
    label[:4, :4] = 128
    write(root / "images/val/label/val_000001.png", np.stack([label] * 3))
    described(root, "LevirCCcaptions.json", "val", "val_000001.png")


def second_cc(root: Path) -> None:
    for date, value in (("A", 60), ("B", 90)):
        write(root / f"test/rgb/{date}/00001_0_0.png", picture(value))
    for date, colour in (("A", (0, 128, 0)), ("B", (208, 80, 80))):
        colours = np.full((3, SIDE, SIDE), 255, np.uint8)
        colours[:, :, SIDE // 2 :] = np.array(colour, np.uint8)[:, None, None]
        write(root / f"test/sem/{date}/00001_0_0.png", colours)
    described(root, "SECOND-CC-AUG.json", "test", "00001_0_0.png")


def xbd_images(split: Path) -> None:
    for date, value in (("pre", 60), ("post", 90)):
        write(split / f"images/guatemala-volcano_00000001_{date}_disaster.png", picture(value))


def xbd_targets(root: Path) -> None:
    xbd_images(root / "train")
    write(root / "train/targets/guatemala-volcano_00000001_pre_disaster_target.png", half(0, 1))
    after = half(0, 3)
    after[:2, -2:] = 4
    write(root / "train/targets/guatemala-volcano_00000001_post_disaster_target.png", after)


def xbd_polygons(root: Path) -> None:
    xbd_images(root / "tier3")

    def feature(corners: str, **properties: str) -> dict:
        return {"wkt": f"POLYGON (({corners}))", "properties": {"feature_type": "building", **properties}}

    standing = "8 0, 16 0, 16 16, 8 16, 8 0"
    for date, features in (
        ("pre", [feature(standing)]),
        (
            "post",
            [feature(standing, subtype="major-damage"), feature("0 0, 4 0, 4 4, 0 4, 0 0", subtype="un-classified")],
        ),
    ):
        path = root / f"tier3/labels/guatemala-volcano_00000001_{date}_disaster.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"features": {"xy": features, "lng_lat": []}, "metadata": {"gsd": 1.25}}))


LAYOUTS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "fsc_180k": ("fsc_180k", fsc),
    "hi_ucd": ("hi_ucd", hi_ucd),
    "levir_mci": ("levir_mci", levir_mci),
    "levir_cc": ("levir_cc", levir_mci),
    "second_cc": ("second_cc", second_cc),
    "xbd, pixels": ("xbd", xbd_targets),
    "xbd, polygons": ("xbd", xbd_polygons),
}


def read(layout: str, root: Path) -> list[Sample]:
    reader, write_layout = LAYOUTS[layout]
    write_layout(root)
    return list(read_samples(reader, root))


# -- what each yields -----------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_yields_a_pair_of_pictures_with_its_origin(layout, tmp_path):
    for sample in read(layout, tmp_path):
        assert sample.before.shape == sample.after.shape == (3, SIDE, SIDE)
        assert (int(sample.before.max()), int(sample.after.max())) == (60, 90)
        assert sample.licence and sample.source and sample.place and sample.name and sample.gsd_m > 0
        known = {0, *nomenclature(sample.nomenclature).ids}
        for labels in (sample.classes_before, sample.classes_after):
            assert labels is None or set(np.unique(labels).tolist()) <= known


def test_fsc_180k(tmp_path):
    samples = read("fsc_180k", tmp_path)
    assert [sample.name for sample in samples] == ["IMG_000001-11", "IMG_000001-13"]
    assert len({sample.place for sample in samples}) == 1, "copies of one real image are one place"
    assert samples[0].change[5, 2] == 0 and samples[0].change[5, 12] == 1 and samples[0].change[0, 0] == IGNORED
    assert (samples[0].classes_before[5, 12], samples[0].classes_after[5, 12]) == (10, 1)


def test_hi_ucd(tmp_path):
    (sample,) = read("hi_ucd", tmp_path)
    names = nomenclature("hi_ucd").name
    assert [names(int(labels[5, 12])) for labels in (sample.classes_before, sample.classes_after)] == [
        "woodland",
        "building",
    ]
    assert [int(sample.change[at]) for at in ((0, 0), (5, 2), (5, 12))] == [IGNORED, 0, 1]
    assert sample.gsd_m == 0.1


def test_levir_mci(tmp_path):
    (sample,) = read("levir_mci", tmp_path)
    assert sample.captions == ("a house is built .", "a new road") and sample.flagged is True
    assert [int(sample.classes_after[at]) for at in ((0, 0), (8, 2), (8, 12))] == [108, 0, 1]
    assert [int(sample.change[at]) for at in ((0, 0), (8, 2), (8, 12))] == [1, 0, 1]
    assert sample.classes_before is None


def test_second_cc(tmp_path):
    (sample,) = read("second_cc", tmp_path)
    names = nomenclature("second").name
    seen = [names(int(labels[5, 12])) for labels in (sample.classes_before, sample.classes_after)]
    assert seen == ["low vegetation", "building"]
    assert sample.classes_before[5, 2] == 0 and sample.change[5, 2] == 0 and sample.change[5, 12] == 1


def test_xbd_as_pixels(tmp_path):
    (sample,) = read("xbd, pixels", tmp_path)
    assert np.unique(sample.damage).tolist() == [0, 3, 4]
    assert sample.classes_before[5, 12] == 1 and sample.classes_before[5, 2] == 0
    assert sample.classes_after[0, -1] == 0 and sample.classes_after[8, 12] == 1, "what is destroyed stands no more"


def test_xbd_as_polygons(tmp_path):
    (sample,) = read("xbd, polygons", tmp_path)
    assert [int(sample.damage[at]) for at in ((1, 1), (8, 2), (8, 12))] == [IGNORED, 0, 3]
    assert sample.classes_before[8, 12] == 1 and sample.gsd_m == 1.25


# -- what is not as published -----------------------------------------------------------------


@pytest.mark.parametrize(
    "layout, gone",
    [
        ("fsc_180k", "IMG/00/IMG_000001.tif"),
        ("fsc_180k", "LBL11/00/LBL_000001.tif"),
        ("hi_ucd", "train/image/2018/9/tile_1.png"),
        ("levir_mci", "LevirCCcaptions.json"),
        ("levir_mci", "images/val/label/val_000001.png"),
        ("levir_cc", "images/val/B/val_000001.png"),
        ("second_cc", "SECOND-CC-AUG.json"),
        ("second_cc", "test/sem/B/00001_0_0.png"),
        ("xbd, pixels", "train/images/guatemala-volcano_00000001_post_disaster.png"),
        ("xbd, pixels", "train/targets/guatemala-volcano_00000001_post_disaster_target.png"),
        ("xbd, polygons", "tier3/labels/guatemala-volcano_00000001_post_disaster.json"),
    ],
)
def test_what_is_missing_is_named(layout, gone, tmp_path):
    reader, write_layout = LAYOUTS[layout]
    write_layout(tmp_path)
    (tmp_path / gone).unlink()
    with pytest.raises(UnusableInput) as raised:
        list(read_samples(reader, tmp_path))
    assert str(tmp_path / gone) in raised.value.line() and "missing" in raised.value.what


@pytest.mark.parametrize("reader", READERS)
def test_an_empty_folder_is_no_data_set(reader, tmp_path):
    (tmp_path / reader).mkdir()
    with pytest.raises(UnusableInput) as raised:
        list(read_samples(reader, tmp_path / reader))
    assert str(tmp_path / reader) in raised.value.where


def test_a_reader_that_there_is_not(tmp_path):
    with pytest.raises(WrongUsage, match="hi_ucd"):
        read_samples("landsat", tmp_path)
    with pytest.raises(UnusableInput, match="nowhere"):
        read_samples("xbd", tmp_path / "nowhere")


def test_a_colour_that_is_no_class(tmp_path):
    second_cc(tmp_path)
    write(tmp_path / "test/sem/B/00001_0_0.png", picture(7))
    with pytest.raises(UnusableInput, match="#070707"):
        list(read_samples("second_cc", tmp_path))


def test_labels_of_another_size(tmp_path):
    fsc(tmp_path)
    with rasterio.open(tmp_path / "LBL11/00/LBL_000001.tif", "w", "GTiff", 8, 8, 3, dtype="uint8") as dataset:
        dataset.write(np.zeros((3, 8, 8), np.uint8))
    with pytest.raises(UnusableInput, match="8 x 8, 16 x 16"):
        list(read_samples("fsc_180k", tmp_path))


def test_a_file_that_is_no_image(tmp_path):
    fsc(tmp_path)
    (tmp_path / "IMG/00/IMG_000001.tif").write_text("words")
    with pytest.raises(UnusableInput, match="no image"):
        list(read_samples("fsc_180k", tmp_path))


def test_a_palette_is_read_as_colours(tmp_path):
    write(tmp_path / "map.png", half(0, 1), {0: (255, 255, 255), 1: (0, 128, 0)})
    assert read_colours(tmp_path / "map.png")[:, 0, -1].tolist() == [0, 128, 0]


# -- nomenclatures ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["flair", "dubai", "hi_ucd", "second", "levir_mci", "xbd"])
def test_a_nomenclature_is_whole(name):
    classes = nomenclature(name)
    assert len(set(classes.ids)) == len(classes.names) == len(classes.french) == len(classes.synonyms)
    assert set(classes.codes.values()) <= {0, IGNORED, 1, 2, 3, 4, *classes.ids}
    vocabulary = vocabulary_of(name)
    for number, words, french in zip(classes.ids, classes.names, classes.french, strict=True):
        assert [each.id for each in vocabulary.resolve(words)] == [number]
        assert [each.id for each in vocabulary.resolve(french)] == [number]


def test_flair_in_other_words():
    table = nomenclature("second").from_flair()
    names = nomenclature("second").name
    assert [names(int(table[number])) for number in (1, 5, 7, 10, 3)] == [
        "building", "water", "tree", "low vegetation", "non-vegetated ground surface",
    ]  # fmt: skip
    assert table[14] == 0, "no class of SECOND is snow"


def test_what_is_only_read_is_not_trained_with():
    assert set(nomenclatures()) == {"flair", "dubai"}
    with pytest.raises(KeyError):
        nomenclature("nothing")
