"""Language states that stay where they were while questions alone train.

The image decoder attends to the language model's states of images and request, and class phrases become embeddings by
theirs. What a run of questions alone changes in them the decoder has never seen, and masks get worse. So images and
requests are read with the weights that the run begins from, once; each step some of them are read again, and where
their states have gone is a loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from diachron.model.change_model import ChangeModel, Sight
from diachron.model.sequences import TokenBatch
from diachron.training.batches import VisionBatches
from diachron.training.config import StageConfig

HELD_BATCHES = 32
"""So many batches are read at the beginning; the steps take turns with them."""
_SEED = 4_001


@dataclass(frozen=True)
class DecoderStates:
    """What the decoder takes from the language model, normalised as it normalises it: ``attended`` float [N, C'], the
    states of every real token; ``latents`` [B, C'], those at ``<image_latent>``; ``classes`` [K, C'], of each phrase's
    last token.
    """

    attended: Tensor
    latents: Tensor
    classes: Tensor


@dataclass(frozen=True)
class HeldBatch:
    """Image tokens float [B, L, C'], requests and class phrases, and their states at the beginning."""

    images: Tensor
    requests: TokenBatch
    phrases: TokenBatch
    begun: DecoderStates


@torch.no_grad()
def held_batches(model: ChangeModel, vision: VisionBatches, stage: StageConfig, seed: int) -> Iterator[HeldBatch]:
    """Read ``stage.held_batch`` crops and their requests at a time, with the model as it is."""
    model.eval()  # batch normalisation by its running statistics, as in use
    for number in range(HELD_BATCHES):
        rng = np.random.default_rng([seed, _SEED, number])
        drawn = vision.draw(stage.held_batch, stage.crop_px, rng, plain=True)
        images = model.see(drawn.images.to(model.device)).tokens
        requests, phrases = (_on(model, tokens) for tokens in (drawn.tokens, drawn.phrases))
        yield HeldBatch(images, requests, phrases, decoder_states(model, images, requests, phrases))


def held_loss(model: ChangeModel, batch: HeldBatch) -> Tensor:
    """Return how far the states have gone: mean squared differences in units of their own deviation, of all that is
    attended to, of the queries and of the classes, summed.
    """
    now, begun = decoder_states(model, batch.images, batch.requests, batch.phrases), batch.begun
    parts = ((now.attended, begun.attended), (now.latents, begun.latents), (now.classes, begun.classes))
    return sum((F.mse_loss(ours, theirs) for ours, theirs in parts), torch.zeros((), device=model.device))


def decoder_states(model: ChangeModel, images: Tensor, requests: TokenBatch, phrases: TokenBatch) -> DecoderStates:
    """Read requests about image tokens, and class phrases."""
    sight = Sight([], images, images)  # the language model reads tokens alone
    states = _normalised(model.states(requests.ids, requests.present, sight))
    named = _normalised(model.states(phrases.ids, phrases.present))
    latents = states[requests.ids == model.config.latent_token_id]
    last = phrases.present.long().sum(dim=1) - 1
    return DecoderStates(states[requests.present], latents, named[torch.arange(len(last), device=last.device), last])


def _normalised(states: Tensor) -> Tensor:
    return F.layer_norm(states.float(), states.shape[-1:])


def _on(model: ChangeModel, tokens: TokenBatch) -> TokenBatch:
    return TokenBatch(*(part.to(model.device) for part in (tokens.ids, tokens.present, tokens.taught)))
