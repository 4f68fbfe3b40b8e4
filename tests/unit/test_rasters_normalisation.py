"""The colours of the dates brought together, without taking change for light."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diachron.cluster.parts import PartOf, Placed
from diachron.model.interpreter import Reading
from diachron.model.look import Look
from diachron.model.vocabulary import load_vocabulary
from diachron.rasters.normalisation import NOT_FOUND, compare_colours
from diachron.rasters.radiometry import Stretch
from diachron.rasters.stack import open_stack
from small_rasters import write

ALL = np.ones((256, 256), bool)


def land(seed: int = 0, side: int = 256) -> np.ndarray:
    """Return fields and roofs of many colours, uint8 [3, side, side], none near the ends of the range."""
    random = np.random.default_rng(seed)
    scene = np.full((3, side, side), 110, np.uint8)
    for _ in range(250):
        row, col = random.integers(0, side, 2)
        tall, wide = random.integers(8, 40, 2)
        scene[:, row : row + tall, col : col + wide] = random.integers(50, 190, (3, 1, 1))
    return scene


def lit(scene: np.ndarray, gain: tuple[float, ...], offset: tuple[float, ...], noise: float = 3.0) -> np.ndarray:
    """Return a scene as another sensor, or another light, shows it."""
    gains, offsets = (np.array(values)[:, None, None] for values in (gain, offset))
    return (
        (scene * gains + offsets + np.random.default_rng(9).normal(0, noise, scene.shape)).clip(0, 255).astype(np.uint8)
    )


def rebuilt(scene: np.ndarray, share: float, seed: int = 5) -> np.ndarray:
    """Return a scene of which at least a share shows something else."""
    random = np.random.default_rng(seed)
    changed = scene.copy()
    done = np.zeros(scene.shape[1:], bool)
    while done.mean() < share:
        row, col = random.integers(0, scene.shape[1] - 30, 2)
        changed[:, row : row + 30, col : col + 30] = random.integers(50, 190, (3, 1, 1))
        done[row : row + 30, col : col + 30] = True
    return changed


@settings(max_examples=30, deadline=None)
@given(
    gain=st.tuples(*[st.floats(0.6, 1.3)] * 3),
    offset=st.tuples(*[st.floats(-20, 20)] * 3),
    share=st.floats(0, 0.4),
    seed=st.integers(0, 50),
)
def test_the_light_is_found_whatever_has_changed(
    gain: tuple[float, ...], offset: tuple[float, ...], share: float, seed: int
):
    before = land(seed)
    found = compare_colours(before, lit(rebuilt(before, share, seed), gain, offset), ALL)
    assert found.found
    # Told by what it does to the colours in between, not by gain and offset, which can make up for each other.
    for colour in (60, 120, 180):
        wanted = np.array(gain) * colour + np.array(offset)
        if wanted.min() > 5 and wanted.max() < 250:
            told = np.array(found.gain) * colour + np.array(found.offset)
            assert told == pytest.approx(wanted, abs=4)


def test_what_has_not_changed_agrees_afterwards_and_what_has_keeps_its_difference(tmp_path: Path):
    before, gain, offset = land(), (0.7, 0.8, 0.65), (30, 10, 40)
    after = before.copy()
    after[:, 60:140, 60:140] = np.array([180, 60, 50])[:, None, None]  # a large red roof
    paths = [write(tmp_path / "a.tif", before), write(tmp_path / "b.tif", lit(after, gain, offset))]
    with open_stack(paths, normalise=True) as stack:
        block = stack.read(stack.grid.whole)
        (done,) = stack.preflight.radiometry
        (note,) = [each for each in stack.preflight.notes if each.about == "radiometry"]
    assert done.corrected and note.what.startswith("colours of date 1 brought to the last date's: gain 0.7")
    difference = block.images[1].astype(float) - block.images[0]
    roof = np.zeros((256, 256), bool)
    roof[60:140, 60:140] = True
    assert np.abs(difference[:, ~roof]).mean() < 5
    wanted = (lit(after, gain, offset, 0).astype(float) - lit(before, gain, offset, 0))[:, roof]
    assert np.abs(wanted).mean() > 20 and np.abs(difference[:, roof] - wanted).mean() < 6


@pytest.mark.parametrize("normalise", [False, True])
def test_dates_that_agree_are_left_as_they_are(tmp_path: Path, normalise: bool):
    before = land()
    after = rebuilt(lit(before, (1, 1, 1), (0, 0, 0), 2), 0.2)
    paths = [write(tmp_path / "a.tif", before), write(tmp_path / "b.tif", after)]
    with open_stack(paths, normalise=normalise) as stack:
        block = stack.read(stack.grid.whole)
        (found,) = stack.preflight.radiometry
        told = [note.what for note in stack.preflight.notes if note.about == "radiometry"]
    assert found.found and found.agrees and not found.corrected
    assert (block.images == [before, after]).all()
    assert told == (["colours of date 1 agree with the last date's"] if normalise else [])


def test_pictures_of_other_places_are_left_as_they_are(tmp_path: Path):
    before, after = land(1), lit(land(2), (0.7, 0.7, 0.7), (40, 40, 40))
    paths = [write(tmp_path / "a.tif", before), write(tmp_path / "b.tif", after)]
    with open_stack(paths, normalise=True) as stack:
        block = stack.read(stack.grid.whole)
        told = [(note.what, bool(note.advice)) for note in stack.preflight.notes if note.about == "radiometry"]
    assert (block.images == [before, after]).all()
    assert told == [("colours of date 1 left as they are", True)]


def test_colours_are_left_unless_asked_for(tmp_path: Path):
    before = land()
    paths = [write(tmp_path / "a.tif", before), write(tmp_path / "b.tif", lit(before, (0.7,) * 3, (40,) * 3))]
    with open_stack(paths) as stack:
        block = stack.read(stack.grid.whole)
        (found,) = stack.preflight.radiometry
    assert (block.images[0] == before).all() and found.found and not found.agrees and not found.corrected


def test_a_worker_reads_its_part_in_the_colours_of_the_whole(tmp_path: Path):
    before = land()
    paths = (write(tmp_path / "a.tif", before), write(tmp_path / "b.tif", lit(before, (0.7,) * 3, (40,) * 3)))
    reading = Reading("What changed?", "en", Look("list"), "")
    plain = PartOf(paths, None, None, reading, load_vocabulary(None))
    asked = replace(plain, normalise=True)
    assert not asked.same_place(plain) and asked.same_place(replace(asked, sees_damage=True))
    placed = Placed.open(asked)
    with placed.stack as part, open_stack(paths, normalise=True) as whole:
        assert part.preflight.radiometry[0].corrected
        assert (part.read(part.grid.whole).images == whole.read(whole.grid.whole).images).all()


def test_each_of_several_dates_is_brought_to_the_last(tmp_path: Path):
    scene = land()
    lights = [((0.7,) * 3, (40,) * 3), ((1.2,) * 3, (-20,) * 3), ((1.0,) * 3, (0,) * 3)]
    paths = [write(tmp_path / f"{k}.tif", lit(scene, *light)) for k, light in enumerate(lights)]
    with open_stack(paths, normalise=True) as stack:
        images = stack.read(stack.grid.whole).images.astype(float)
        assert [each.corrected for each in stack.preflight.radiometry] == [True, True]
    assert np.abs(images[0] - images[2]).mean() < 6 and np.abs(images[1] - images[2]).mean() < 6


def test_dates_of_16_bits_that_lie_apart_are_brought_together_where_they_meet(tmp_path: Path):
    """The first date's image lies six pixels aside, and its stretch is of its own."""
    scene = land(3, 300).astype(np.uint16) * 40
    before, after = scene[:, 20:276, 20:276], (scene[:, 20:276, 14:270] * 0.6 + 2500).astype(np.uint16)
    after[:, 200:, 200:] = 9000  # which stretches the second date otherwise
    paths = [write(tmp_path / "a.tif", before), write(tmp_path / "b.tif", after)]
    with open_stack(paths, normalise=True) as stack:
        block = stack.read(stack.grid.whole)
        assert stack.preflight.shift_px[0].corrected and stack.preflight.radiometry[0].corrected
    both = block.valid.all(axis=0)
    both[190:, 190:] = False
    difference = np.abs(block.images[0].astype(float) - block.images[1])[:, both]
    assert np.median(difference) < 3


def test_black_white_and_what_is_no_image_have_no_say():
    before = land()
    after = lit(before, (0.8,) * 3, (20,) * 3)
    valid = ALL.copy()
    before[:, :100], after[:, :100], valid[:100] = 0, 255, False
    assert compare_colours(before, after, valid).gain == pytest.approx((0.8,) * 3, abs=0.03)
    assert compare_colours(before, after, np.zeros_like(valid)) == NOT_FOUND


@given(st.tuples(*[st.floats(0.4, 2.5)] * 3), st.tuples(*[st.floats(-60, 60)] * 3), st.booleans())
def test_an_adjusted_stretch_is_the_stretch_and_then_the_line(
    gain: tuple[float, float, float], offset: tuple[float, float, float], stretched: bool
):
    low, high = np.array([10, 20, 30], np.float32), np.array([200, 240, 250], np.float32)
    stretch = Stretch(low, high) if stretched else Stretch()
    values = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3).transpose(2, 0, 1)
    plain = values.astype(float)
    if stretched:
        plain = (plain - low[:, None, None]) * 255 / (high - low)[:, None, None]
    wanted = (plain * np.array(gain)[:, None, None] + np.array(offset)[:, None, None]).clip(0, 255)
    assert np.abs(stretch.adjusted(gain, offset).apply(values) - wanted).max() <= 0.51
