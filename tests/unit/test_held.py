"""Questions alone train, and what the decoder takes from the language model stays where it was."""

from dataclasses import replace

import pytest
import torch

from diachron.training import held
from diachron.training.held import decoder_states, held_loss
from tiny_training import STAGE, config, tiny_model, trainer

BATCHES = 6
WORDS = replace(STAGE, steps=12, vision_batch=0, text_every=1, rate_language=5e-3, held_batch=2)


@pytest.fixture(autouse=True)
def few_batches_and_one_thread(monkeypatch):
    monkeypatch.setattr(held, "HELD_BATCHES", BATCHES)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def gone(tmp_path, weight: float) -> float:
    """Train on questions and return how far the states have gone."""
    model = tiny_model()
    begun = trainer(config(stages=(WORDS,)), tiny_model(), tmp_path / "begun").held
    trainer(config(stages=(replace(WORDS, weight_held=weight),)), model, tmp_path / str(weight)).train()
    with torch.no_grad():
        return float(sum(held_loss(model, batch) for batch in begun)) / BATCHES


def test_states_that_are_held_go_less_far(tmp_path):
    free, kept = gone(tmp_path, 0.0), gone(tmp_path, 20.0)
    assert free > 0.005
    assert kept < free / 2


def test_what_is_held_is_what_the_run_began_with(tmp_path):
    model = tiny_model()
    begun = trainer(config(stages=(WORDS,)), model, tmp_path).held
    assert len(begun) == BATCHES
    with torch.no_grad():
        for batch in begun[:3]:
            assert float(held_loss(model, batch)) == pytest.approx(0.0, abs=1e-6)
        batch = begun[0]
        states = decoder_states(model, batch.images, batch.requests, batch.phrases)
    width = model.config.text_config.hidden_size
    assert states.attended.shape == (int(batch.requests.present.sum()), width)
    assert states.latents.shape == (2, width)
    assert states.classes.shape == (len(batch.phrases.ids), width)


def test_a_run_that_goes_on_holds_what_it_began_with(tmp_path):
    stage = replace(WORDS, steps=4)
    straight = tiny_model()
    trainer(config(stages=(stage,)), straight, tmp_path / "straight").train()
    trainer(config(stages=(replace(stage, steps=2),)), tiny_model(), tmp_path / "cut").train()
    place = tmp_path / "cut" / "checkpoint" / "place.json"
    place.write_text(place.read_text().replace('"stage": 1', '"stage": 0').replace('"step": 0', '"step": 2'))
    resumed = tiny_model()
    trainer(config(stages=(stage,)), resumed, tmp_path / "cut").train()
    for name, weight in straight.named_parameters():
        assert torch.equal(weight, dict(resumed.named_parameters())[name]), name


def test_stages_that_hold_nothing_read_nothing(tmp_path):
    assert trainer(config(), tiny_model(), tmp_path).held == []
