"""What preflight measures: shifts, cloud, shares, and the notes about them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diachron.rasters.clouds import cloud_share
from diachron.rasters.placement import Image
from diachron.rasters.preflight import Preflight, with_dates, write_notes
from diachron.rasters.registration import (
    LEAST_SHIFT_PX,
    UNKNOWN,
    Shift,
    correlate,
    edges,
    find_peak,
    measure_shift,
    noise_level,
    weighted_median,
)
from diachron.rasters.stack import open_stack
from small_rasters import PLACE, ground, write


def town(height: int = 420, width: int = 420, seed: int = 0, fine: int = 4) -> np.ndarray:
    """Return roofs and fields with sharp edges, uint8 [3, height * fine, width * fine], ``fine`` times as fine."""
    random = np.random.default_rng(seed)
    scene = np.full((3, height * fine, width * fine), 90, np.uint8)
    for _ in range(400):
        row, col = random.integers(0, height * fine), random.integers(0, width * fine)
        tall, wide = random.integers(5 * fine, 30 * fine, 2)
        scene[:, row : row + tall, col : col + wide] = random.integers(20, 240, (3, 1, 1))
    return scene


def seen(
    scene: np.ndarray, dx: float, dy: float, fine: int = 4, margin: int = 30, noise: float = 4.0, seed: int = 1
) -> np.ndarray:
    """Return what a sensor sees, uint8 [3, h, w], of a scene that lies (dx, dy) pixels to the right and down."""
    rows = slice(round((margin - dy) * fine), scene.shape[1] - round((margin + dy) * fine))
    columns = slice(round((margin - dx) * fine), scene.shape[2] - round((margin + dx) * fine))
    part = scene[:, rows, columns]
    pixels = part.reshape(3, part.shape[1] // fine, fine, part.shape[2] // fine, fine).mean(axis=(2, 4))
    return (pixels + np.random.default_rng(seed).normal(0, noise, pixels.shape)).clip(1, 255).astype(np.uint8)


TOWN = town()


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (0.5, -0.25), (1.5, 2.25), (-7.75, 4), (12, -15)])
def test_a_known_shift_is_measured_and_corrected(tmp_path: Path, dx: float, dy: float):
    before, after = seen(TOWN, 0, 0), seen(TOWN, dx, dy, seed=2)
    after //= 2  # another sensor, of half the contrast
    with open_stack([write(tmp_path / "a.tif", before), write(tmp_path / "b.tif", after)]) as stack:
        (shift,) = stack.preflight.shift_px
        block = stack.read(stack.grid.whole)
        copied = [each.is_copied for each in stack.placed]
    assert shift.dx_px == pytest.approx(dx, abs=0.05) and shift.dy_px == pytest.approx(dy, abs=0.05)
    assert shift.confidence > 0.8
    assert shift.corrected == bool(dx or dy) and copied == [not shift.corrected, True]
    # After the correction both dates show the same thing at the same pixel.
    inner = block.valid.all(axis=0)
    inner[:20], inner[-20:], inner[:, :20], inner[:, -20:] = False, False, False, False
    both = np.abs(block.images[0].astype(float) / 2 - block.images[1])[:, inner]
    assert inner.mean() > 0.5 and both.mean() < 6


@cache
def fine_town() -> tuple[np.ndarray, np.ndarray]:
    """Return a town, eight times as fine, and the same one after years: a tenth of it rebuilt, another season's light
    and colours, which differ from place to place, and a sensor of less contrast.
    """
    before = town(460, 460, seed=11, fine=8)
    random = np.random.default_rng(12)
    after = before.copy()
    for _ in range(60):
        row, col = random.integers(0, before.shape[1], 2)
        tall, wide = random.integers(80, 240, 2)
        after[:, row : row + tall, col : col + wide] = random.integers(20, 240, (3, 1, 1))
    down, across = (np.linspace(0, 1, side, dtype=np.float32) for side in before.shape[1:])
    light = (0.8 + 0.2 * np.sin(5 * down)[:, None] * np.cos(4 * across)[None, :]).astype(np.float32)
    for band, (gain, offset) in enumerate([(0.6, 40), (0.9, 5), (0.7, 20)]):
        after[band] = after[band] * light * gain + offset
    return before, after


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(-40, 40), st.integers(-40, 40), st.integers(0, 1000))
def test_a_shift_is_measured_to_a_tenth_of_a_pixel_through_change_season_and_noise(
    tmp_path: Path, right: int, down: int, seed: int
):
    before, after = fine_town()
    dx, dy = right / 8, down / 8
    first = seen(before, 0, 0, fine=8, noise=8, seed=seed)
    second = seen(after, dx, dy, fine=8, noise=8, seed=seed + 1)
    with open_stack([write(tmp_path / "a.tif", first), write(tmp_path / "b.tif", second)]) as stack:
        (shift,) = stack.preflight.shift_px
    assert (shift.dx_px, shift.dy_px) == pytest.approx((dx, dy), abs=0.1)
    assert shift.corrected == (shift.length_px > LEAST_SHIFT_PX) and shift.confidence > 0.8


def test_a_window_that_shows_something_else_does_not_pull_the_others_away():
    random, valid = np.random.default_rng(2), np.ones((96, 96), bool)
    pairs = []
    for number in range(5):
        scene = town(120, 120, seed=number)
        there = (0.75, -0.5) if number else (4.0, 3.0)  # the first window's ground slid
        first, second = (seen(scene, *place, margin=12, seed=int(random.integers(99))) for place in ((0, 0), there))
        pairs.append((edges(first, valid), edges(second, valid)))
    shift = measure_shift(pairs)
    assert (shift.dx_px, shift.dy_px) == pytest.approx((0.75, -0.5), abs=0.1)
    assert shift.confidence < 1


def test_windows_that_disagree_by_more_than_they_could_mend_correct_nothing():
    valid, pairs = np.ones((96, 96), bool), []
    for number, right in enumerate((-0.5, 1.25, -0.5, 1.25)):  # no one shift fits all of the ground
        scene = town(120, 120, seed=number)
        first, second = (seen(scene, dx, 0, margin=12, seed=k) for k, dx in enumerate((0.0, right)))
        pairs.append((edges(first, valid), edges(second, valid)))
    shift, half = measure_shift(pairs), measure_shift(pairs[1::2] * 2)
    assert half.corrected and half.confidence > 0.8
    assert not shift.corrected and shift.confidence < 0.5


@pytest.mark.parametrize("noise", [2.0, 8.0, 20.0])
def test_noise_is_told_from_the_edges_of_roofs(noise: float):
    grey = seen(TOWN, 0, 0).mean(axis=0) + np.random.default_rng(4).normal(0, noise, (360, 360))
    own = 4 / 3**0.5  # what `seen` adds, in the mean of three bands
    assert noise_level(grey.astype(np.float32), np.ones(grey.shape, bool)) == pytest.approx(
        np.hypot(noise, own), rel=0.15
    )


def test_the_last_date_stays_and_shifts_add_up(tmp_path: Path):
    places = [(0.0, 0.0), (2.0, 1.0), (2.0, -3.0)]
    paths = [write(tmp_path / f"{k}.tif", seen(TOWN, *place, seed=k)) for k, place in enumerate(places)]
    with open_stack(paths) as stack:
        first, second = stack.preflight.shift_px
        block = stack.read(stack.grid.whole)
        assert [each.is_copied for each in stack.placed] == [False, False, True]
    assert (first.dx_px, first.dy_px) == pytest.approx((2, 1), abs=0.15)
    assert (second.dx_px, second.dy_px) == pytest.approx((0, -4), abs=0.15)
    middle = block.images[:, :, 40:-40, 40:-40].astype(int)
    assert np.abs(middle[0] - middle[2]).mean() < 6 and np.abs(middle[1] - middle[2]).mean() < 6


def test_a_shift_across_resolutions_is_corrected(tmp_path: Path):
    fine = seen(TOWN, 3, -2)
    coarse = seen(TOWN, 0, 0, fine=8, margin=15)
    paths = [write(tmp_path / "a.tif", fine), write(tmp_path / "b.tif", coarse, PLACE * PLACE.scale(2))]
    with open_stack(paths) as stack:
        (shift,) = stack.preflight.shift_px
        block = stack.read(stack.grid.whole)
    assert (shift.dx_px, shift.dy_px) == pytest.approx((-1.5, 1), abs=0.15) and shift.corrected
    middle = block.images[:, :, 20:-20, 20:-20].astype(int)
    assert np.abs(middle[0] - middle[1]).mean() < 10


def test_unlike_pictures_have_no_shift(tmp_path: Path):
    paths = [
        write(tmp_path / "a.tif", seen(town(seed=3), 0, 0)),
        write(tmp_path / "b.tif", seen(town(seed=4), 0, 0, seed=2)),
    ]
    with open_stack(paths) as stack:
        assert not stack.preflight.shift_px[0].corrected and all(each.is_copied for each in stack.placed)
        assert any("not measured" in note.what for note in stack.preflight.notes)


def test_a_flat_picture_has_no_shift(tmp_path: Path):
    path = write(tmp_path / "a.tif", np.full((3, 64, 64), 80, np.uint8))
    with open_stack([path, path]) as stack:
        assert stack.preflight.shift_px == (UNKNOWN,)


@settings(max_examples=25, deadline=None)
@given(st.integers(-20, 20), st.integers(-20, 20))
def test_whole_shifts_are_found_with_their_sign(dx: int, dy: int):
    scene = np.random.default_rng(5).integers(0, 255, (3, 200, 200)).astype(np.uint8)
    valid = np.ones((128, 128), bool)
    first, second = scene[:, 30:158, 30:158], scene[:, 30 - dy : 158 - dy, 30 - dx : 158 - dx]
    peak = find_peak(correlate(edges(first, valid), edges(second, valid)))
    assert (peak.dx_px, peak.dy_px) == pytest.approx((dx, dy), abs=0.1)


def test_no_windows_no_shift():
    assert measure_shift([]) == UNKNOWN


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=20))
def test_equal_weights_give_the_plain_median(values: list[float]):
    assert weighted_median(np.array(values), np.ones(len(values))) == pytest.approx(np.median(values))


def picture(brightness: int, size: int = 200) -> Image:
    colours = np.random.default_rng(0).integers(40, 120, (3, size, size)).astype(np.uint8)
    colours[:, 50:150, 50:150] = brightness
    return Image(colours, np.ones((size, size), bool))


def test_a_large_bright_smooth_square_may_be_cloud():
    assert cloud_share(picture(235), 1.0) == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize(("brightness", "gsd_m"), [(150, 1.0), (235, 0.2)])
def test_a_dull_field_and_a_white_roof_are_not(brightness: int, gsd_m: float):
    assert cloud_share(picture(brightness), gsd_m) == 0


def test_bright_rubble_is_not_cloud():
    image = picture(235)
    image.colours[:] = 240 // np.random.default_rng(1).integers(1, 3, (1, 200, 200))
    assert cloud_share(image, 1.0) == 0


def test_clouds_are_told_by_share_and_date(tmp_path: Path):
    clear = np.random.default_rng(0).integers(40, 120, (3, 400, 400)).astype(np.uint8)
    cloudy = clear.copy()
    cloudy[:, 100:300, 100:300] = np.random.default_rng(1).integers(232, 240, (1, 200, 200))
    with open_stack([write(tmp_path / "a.tif", clear), write(tmp_path / "b.tif", cloudy)]) as stack:
        assert stack.preflight.cloud_share == pytest.approx((0, 0.25), abs=0.01)
        told = [note for note in stack.preflight.notes if note.about == "cloud"]
    assert [(note.level, note.what) for note in told] == [("warning", "perhaps cloud, snow or glare in 25% of date 2")]


def measured(**changes: object) -> Preflight:
    fine = {
        "overlap": 1.0, "gsd_m": (0.2, 0.2), "shift_px": (Shift(0, 0, 0.9, False),),
        "nodata_share": (0.0, 0.0), "cloud_share": (0.0, 0.0),
    }  # fmt: skip
    return Preflight(**{**fine, **changes})


def test_a_good_pair_has_nothing_to_warn_of():
    assert {note.level for note in write_notes(measured(), 0.2)} == {"fine"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"overlap": 0.3}, "overlap 30%"),
        ({"gsd_m": (0.2, 1.0)}, "0.2 m / 1 m"),
        ({"gsd_m": (None, None)}, "resolution unknown"),
        ({"shift_px": (Shift(1, 1, 0.9, True),)}, "shift 1.4 px, corrected"),
        ({"shift_px": (Shift(1, 1, 0.1, False),)}, "not measured"),
        ({"shift_px": (Shift(22, 1, 0.9, False),)}, "too large"),
        ({"nodata_share": (0.0, 0.24)}, "no image in 24% of date 2"),
        ({"cloud_share": (0.1, 0.0)}, "cloud, snow or glare in 10% of date 1"),
    ],
)
def test_each_fault_has_a_warning_with_advice(changes: dict, words: str):
    warnings = [note for note in write_notes(measured(**changes), 0.2) if note.level == "warning"]
    assert any(words in note.what for note in warnings) and all(note.advice for note in warnings)


def test_a_preflight_is_plain_json(tmp_path: Path):
    path = write(tmp_path / "a.tif", ground())
    with open_stack([path, path]) as stack:
        read = json.loads(json.dumps(stack.preflight.as_json()))
    assert set(read) == {"overlap", "gsd_m", "shift_px", "nodata_share", "cloud_share", "notes", "radiometry"}
    assert set(read["shift_px"][0]) == {"dx_px", "dy_px", "confidence", "corrected", "residual_px"}


@pytest.mark.parametrize(
    ("dates", "level", "mend"),
    [
        (("2018", "2023-06-30"), "fine", ""),
        (("2023", "2018-06-30"), "warning", "swap_dates"),
        (("2018-06", "2018"), "warning", ""),
        (("2018", "2020", "2019"), "warning", "swap_dates"),
    ],
)
def test_dates_that_run_backwards_are_told_with_what_mends_them(dates: tuple[str, ...], level: str, mend: str):
    (note,) = with_dates(Preflight(1.0, (), (), (), ()), dates).notes
    assert (note.level, note.about, note.mend) == (level, "dates", mend)


@pytest.mark.parametrize("dates", [(), ("", ""), ("2018", "")])
def test_dates_that_nobody_gave_are_not_told(dates: tuple[str, ...]):
    assert with_dates(Preflight(1.0, (), (), (), ()), dates).notes == ()


def test_what_a_correction_leaves_is_measured_again(tmp_path: Path):
    paths = [write(tmp_path / f"{k}.tif", seen(TOWN, k * 1.5, k * 2.25, seed=k)) for k in (0, 1)]
    with open_stack(paths) as stack:
        (shift,) = stack.preflight.shift_px
    assert shift.corrected and shift.length_px == pytest.approx(np.hypot(1.5, 2.25), abs=0.15)
    assert shift.residual_px is not None and shift.residual_px < 0.25
    (note,) = [note for note in stack.preflight.notes if note.about == "shift"]
    assert note.what == f"shift {shift.length_px:.1f} px, corrected to {shift.residual_px:.1f} px"


def test_every_note_says_what_it_is_about_and_mends_are_known():
    from diachron.rasters.preflight import MENDS, SUBJECTS

    measured = Preflight(0.3, (0.2, 1.0), (Shift(1, 1, 0.9, True), Shift(22, 1, 0.9, False)), (0.2, 0.01), (0.3, 0.01))
    notes = [*write_notes(measured, 5.0, ("EPSG:2154", None)), *write_notes(measured, None, ("EPSG:2154", "EPSG:4326"))]
    assert {note.about for note in notes} == set(SUBJECTS) - {"dates", "radiometry"}
    assert {note.mend for note in notes} - {""} <= set(MENDS)
    assert any(note.what == "CRS EPSG:2154 / EPSG:4326, laid on one grid" for note in notes)


def test_what_was_looked_for_and_not_found_is_said_too():
    clear = Preflight(1.0, (0.2, 0.2), (Shift(0, 0, 0.9, False),), (0.0, 0.001), (0.0, 0.0))
    told = [note.what for note in write_notes(clear, 0.2, ("EPSG:2154", "EPSG:2154"))]
    assert told == ["overlap 100%", "resolution 0.2 m / 0.2 m", "CRS EPSG:2154", "no shift", "no gaps", "no cloud"]
