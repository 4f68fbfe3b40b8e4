"""The loop: guards, accumulation, exact resume, class weights, what one can look at, and two processes."""

from __future__ import annotations

import json
import math
import os
import socket
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from diachron.data.sample import IGNORED
from diachron.resources import resource
from diachron.training.batches import inverse_shares
from diachron.training.config import read_config
from diachron.training.curves import GAP_PX, panel
from diachron.training.loop import SETTLED, StepLosses, Trainer
from diachron.training.losses import class_loss
from diachron.training.processes import clip_gradients
from diachron.training.recipe import made, synthetic_pairs
from tiny_training import STAGE, config, tiny_model, tiny_sample, trainer


class Rigged(Trainer):
    """Trains one number towards 1; ``factors`` multiply the loss of a step, by its part where a step has several."""

    factors: dict[int, float] = {}

    def _draw_part(self, stage, step, part):
        return None, float(1 + part)

    def _losses(self, stage, vision, text):
        factor = self.factors.get(self.place.step, 1.0)
        return (self.model.class_scale * text) * factor, StepLosses(change=float(text))


def lines(run: Path) -> list[dict]:
    return [json.loads(line) for line in (run / "curve.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("factor", [math.nan, math.inf, 1e6], ids=["nan", "infinite", "spike"])
def test_a_step_whose_loss_or_gradient_is_out_of_range_is_skipped_counted_and_reported(factor, tmp_path, capsys):
    model = tiny_model()
    settings = config(
        stages=(replace(STAGE, steps=SETTLED + 4, warmup=1),), panels_every=10_000, checkpoint_every=10_000
    )
    rigged = trainer(settings, model, tmp_path, kind=Rigged)
    rigged.factors = {SETTLED + 1: factor}
    scales: list[float] = []
    rigged.mean.update = lambda _: scales.append(model.class_scale.item())
    rigged.train()
    told = lines(tmp_path)
    assert [line["step"] for line in told if not line["kept"]] == [SETTLED + 2]
    assert told[-1]["skipped"] == 1 and len(told) == SETTLED + 4
    assert len(scales) == SETTLED + 3 and all(math.isfinite(scale) for scale in scales)
    assert "SKIPPED" in capsys.readouterr().err
    assert json.loads((tmp_path / "checkpoint" / "place.json").read_text())["skipped"] == 1


def test_a_large_gradient_is_kept_before_there_is_a_median_to_compare_with(tmp_path):
    rigged = trainer(config(stages=(replace(STAGE, steps=3),)), tiny_model(), tmp_path, kind=Rigged)
    rigged.factors = {1: 1e6}
    rigged.train()
    assert all(line["kept"] for line in lines(tmp_path))


def test_accumulated_batches_count_as_one_with_their_mean(tmp_path):
    model = tiny_model()
    rigged = trainer(config(stages=(replace(STAGE, steps=1, accumulate=4),)), model, tmp_path, kind=Rigged)
    rigged.train()
    assert float(model.class_scale.grad) == pytest.approx((1 + 2 + 3 + 4) / 4)
    assert lines(tmp_path)[0]["change"] == pytest.approx(2.5)


def test_the_clip_bounds_the_norm_and_returns_what_it_was():
    weight = torch.nn.Parameter(torch.zeros(2))
    weight.grad = torch.tensor([3.0, 4.0])
    assert clip_gradients([weight], 1.0) == pytest.approx(5.0)
    assert float(weight.grad.norm()) == pytest.approx(1.0, abs=1e-4)


def test_a_run_that_was_cut_goes_on_as_if_it_had_not_been(tmp_path):
    stage = replace(STAGE, steps=4, vision_batch=1)
    straight = tiny_model()
    trainer(config(stages=(stage,)), straight, tmp_path / "straight").train()
    settings = config(stages=(stage,), checkpoint_every=2)
    cut = trainer(settings, tiny_model(), tmp_path / "cut")
    steps = iter(range(2))

    def stop() -> None:
        if next(steps, None) == 1:
            raise KeyboardInterrupt

    saved = cut._save
    cut._save = lambda: (saved(), stop())
    cut._panel = lambda stage: None
    cut.config = replace(settings, checkpoint_every=1)
    with pytest.raises(KeyboardInterrupt):
        cut.train()
    resumed = tiny_model(seed=5)
    trainer(settings, resumed, tmp_path / "cut").train()
    for name, weight in straight.named_parameters():
        assert torch.equal(weight, dict(resumed.named_parameters())[name]), name
    means = [load_file(tmp_path / name / "checkpoint" / "mean.safetensors") for name in ("straight", "cut")]
    assert all(torch.equal(means[0][name], means[1][name]) for name in means[0])


def test_batches_that_workers_draw_are_those_that_a_thread_draws(tmp_path):
    stage = replace(STAGE, steps=4, vision_batch=1)
    for workers in (0, 2):
        trainer(config(stages=(stage,), workers=workers), tiny_model(), tmp_path / str(workers)).train()
    one, other = (load_file(tmp_path / name / "checkpoint" / "model.safetensors") for name in ("0", "2"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_samples_that_workers_make_are_those_that_one_process_makes():
    make = partial(synthetic_pairs, 3)
    alone, together = made(make, 3, workers=0), made(make, 3, workers=2)
    assert [each.name for each in together] == ["0", "1", "2"]
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one.after, other.after) and np.array_equal(one.change, other.change)


def test_rare_classes_count_by_the_inverse_of_their_share():
    sample = tiny_sample()
    classes = np.full((100, 100), 10, np.uint8)
    classes[:10] = 1
    pool = [replace(sample, classes_before=classes, classes_after=classes)]
    weights = inverse_shares([pool], 1.0)
    assert weights[1] / weights[10] == pytest.approx(0.88 / 0.12, rel=0.05)
    shares = {1: 3 * 25 / 625, 10: 22 * 25 / 625}
    assert sum(shares[number] * weights[number] for number in shares) == pytest.approx(1.0)
    assert inverse_shares([pool], 0.0)[1] == pytest.approx(1.0)
    logits, targets = torch.zeros(1, 2, 2, 1, 2), torch.tensor([[[[0, 1]], [[0, -1]]]])
    logits[:, :, 0] = 2.0
    plain, weighed = (class_loss(logits, targets, w) for w in (None, torch.tensor([1.0, 10.0])))
    assert weighed > plain > 0


def test_a_run_leaves_curves_checkpoints_and_a_panel_that_shows_its_pairs(tmp_path):
    trainer(config(), tiny_model(), tmp_path).train()
    told = lines(tmp_path)
    assert len(told) == STAGE.steps and all(line["kept"] and line["change"] > 0 for line in told)
    assert [line["text"] is not None for line in told] == [True, False, True]
    assert list((tmp_path / "tensorboard").iterdir())
    picture = np.asarray(Image.open(tmp_path / "panels" / "1-tiny-00003.png"))
    assert picture.shape == (2 * (64 + GAP_PX), 4 * (64 + GAP_PX), 3)
    assert picture[:64, :64].std() > 5


def test_a_panel_shows_truth_and_prediction_beside_the_dates():
    images = torch.zeros(1, 2, 3, 8, 8, dtype=torch.uint8)
    images[0, 1] = 200
    change = torch.zeros(1, 8, 8, dtype=torch.uint8)
    change[0, :4], change[0, 4] = 1, IGNORED
    picture = panel(images, change, torch.full((1, 8, 8), 0.5))
    starts = [column * (8 + GAP_PX) for column in range(4)]
    assert [int(picture[0, start, 0]) for start in starts] == [0, 200, 255, 127]
    assert int(picture[4, starts[2], 0]) == 110 and int(picture[6, starts[2], 0]) == 0


@pytest.mark.slow
def test_two_processes_train_as_one_with_twice_the_batch(tmp_path):
    """Gradients of two processes (gloo), with whole weights and with parted ones, are those of one that accumulates."""
    alone = tiny_model()
    begun = {name: weight.detach().clone() for name, weight in alone.named_parameters()}
    settings = config(stages=(replace(STAGE, accumulate=2),))
    children = started_processes(tmp_path)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as theirs: other sums of the same terms lead the first steps of Adam apart
    trainer(settings, alone, tmp_path / "alone").train()
    torch.set_num_threads(threads)
    for child in children:
        output, _ = child.communicate(timeout=400)
        assert child.returncode == 0, output
    assert json.loads((tmp_path / "done.json").read_text())["count"] == 2
    first = lines(tmp_path / "alone")
    for name in ("whole", "parted"):
        state = load_file(tmp_path / name / "checkpoint" / "model.safetensors")
        moved = sum(float((weight - begun[key]).norm()) ** 2 for key, weight in alone.named_parameters()) ** 0.5
        apart = sum(float((state[key] - weight).norm()) ** 2 for key, weight in alone.named_parameters()) ** 0.5
        assert apart < 0.02 * moved, (name, apart, moved)
        for one, two in zip(first, lines(tmp_path / name), strict=True):
            assert two["kept"] and one["step"] == two["step"]


def test_every_recipe_can_be_read():
    recipes = sorted(resource("training").glob("*.toml"))
    assert {"mini", "2b", "7b", "adapter-damage"} <= {path.stem for path in recipes}
    for path in recipes:
        assert read_config(path).stages, path


def started_processes(folder: Path) -> list[subprocess.Popen]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    tests = Path(__file__).resolve().parents[1]
    common = {**os.environ, "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
    return [
        subprocess.Popen(
            [sys.executable, str(tests / "tiny_training.py"), str(folder)],
            env={**common, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        for rank in (0, 1)
    ]
