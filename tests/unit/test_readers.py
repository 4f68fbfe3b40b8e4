"""Readers of published data sets, each on a small folder written in the published layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

from diachron.data.files import read_colours
from diachron.data.nomenclature import nomenclature, nomenclatures, vocabulary_of
from diachron.data.readers import READERS, read_samples
from diachron.data.sample import IGNORED, Sample
from diachron.errors import UnusableInput, WrongUsage
from published_layouts import LAYOUTS, SIDE, fsc, half, picture, second_cc, write


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
