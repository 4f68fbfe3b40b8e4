"""VideoLLaMA3 with an image decoder: the one model class of the three sizes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diachron.model.backend import AttentionInterface, VideoLlama3ForConditionalGeneration
from diachron.model.configuration import DiachronConfig
from diachron.model.decoder import ImageDecoder, PixelEmbeddings, upsample_convex
from diachron.model.pyramid import ConvPyramid


@dataclass(frozen=True)
class Sight:
    """What the model sees in a batch of pairs, before any question.

    ``pyramid``: five maps, finest first, float [B, 2, C_i, H/2^i, W/2^i]; ``vision``: float [B, 2, gh, gw, C], the
    vision
    encoder's output on its raw grid; ``tokens``: float [B, 2 * gh * gw, C'], the projected image tokens.
    """

    pyramid: list[Tensor]
    vision: Tensor
    tokens: Tensor

    def turned(self) -> Sight:
        """Return what is seen of the pairs with their dates exchanged: each date is seen alone."""
        tokens = self.tokens.unflatten(1, (2, -1)).flip(1).flatten(1, 2)
        return Sight([level.flip(1) for level in self.pyramid], self.vision.flip(1), tokens)


@dataclass(frozen=True)
class PairLogits:
    """Logits of a batch of pairs: change [B, H, W] at full resolution, classes [B, 2, K, H/4, W/4]."""

    change: Tensor
    classes: Tensor


def _images_together(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, *_: object, images: int, scaling: float, **__: object
) -> tuple[Tensor, None]:
    """Let each image's patches attend to one another: [1, heads, images * L, C] -> [1, images * L, heads, C].

    All images here are of one size, so they are a batch. The library would take them one by one, which on a GPU costs
    more than the attention.
    """
    query, key, value = (part[0].unflatten(1, (images, -1)).transpose(0, 1) for part in (query, key, value))
    attended = F.scaled_dot_product_attention(query, key, value, scale=scaling)
    return attended.transpose(1, 2).flatten(0, 1)[None], None


IMAGES_TOGETHER = "images_together"
AttentionInterface.register(IMAGES_TOGETHER, _images_together)


class ChangeModel(VideoLlama3ForConditionalGeneration):
    """VideoLLaMA3 whose ``<image_latent>`` token drives an image decoder.

    The language side (`forward`, `generate`) is VideoLLaMA3's own. `see` encodes the images once; `states` runs the
    language model over image tokens and text; `look` decodes change and classes from both.
    """

    config: DiachronConfig
    config_class = DiachronConfig

    def __init__(self, config: DiachronConfig) -> None:
        super().__init__(config)
        self.config.vision_config._attn_implementation = IMAGES_TOGETHER
        self.begin_decoder()

    def begin_decoder(self) -> None:
        """Make the parts that VideoLLaMA3 lacks, untrained."""
        config = self.config
        language, size = config.text_config.hidden_size, config.embedding_size
        self.pyramid = ConvPyramid(config.pyramid)
        self.decoder = ImageDecoder(config)
        self.class_text = nn.Sequential(nn.Linear(language, language), nn.GELU(), nn.Linear(language, size))
        self.query = nn.Sequential(nn.Linear(language, language), nn.GELU(), nn.Linear(language, size + 1))
        self.class_scale = nn.Parameter(torch.tensor(2.3))

    # -- seeing -------------------------------------------------------------------------------

    def see(self, images: Tensor) -> Sight:
        """Encode uint8 images [B, 2, 3, H, W] (H and W multiples of 32), each date alone, in one batch."""
        batch, dates = images.shape[:2]
        levels = self.pyramid(images.flatten(0, 1))
        rows, columns, patches = self._patches(images, levels)
        count, device = batch * dates, images.device
        places = torch.cartesian_prod(torch.arange(rows, device=device), torch.arange(columns, device=device))
        seen = self.model.vision_model(  # all images as one tall one, each with places and attention of its own
            pixel_values=patches,
            grid_thw=torch.tensor([[1, count * rows, columns]]),  # read by the processor: on a GPU each look is a wait
            merge_sizes=torch.ones(1, dtype=torch.long),
            position_ids=places.repeat(count, 1),
            images=count,
        ).last_hidden_state
        vision = seen.view(batch, dates, rows, columns, -1)
        tokens = self.model.projector(seen).view(batch, dates * rows * columns, -1)
        return Sight([level.unflatten(0, (batch, dates)) for level in levels], vision, tokens)

    def _patches(self, images: Tensor, levels: list[Tensor]) -> tuple[int, int, Tensor]:
        """Return the vision grid's rows and columns, and its patches [N * rows * columns, C * p * p]."""
        config = self.config.vision_config
        if config.num_channels != 3:
            rows, columns = levels[-1].shape[-2:]
            return rows, columns, levels[-1].flatten(2).transpose(1, 2).flatten(0, 1)
        side = config.patch_size
        pixels = images.flatten(0, 1).float() / 127.5 - 1.0
        rows, columns = pixels.shape[-2] // side, pixels.shape[-1] // side
        pixels = F.interpolate(pixels, size=(rows * side, columns * side), mode="bilinear", align_corners=False)
        patches = pixels.unfold(2, side, side).unfold(3, side, side).permute(0, 2, 3, 1, 4, 5)
        return rows, columns, patches.reshape(-1, 3 * side * side)

    # -- reading ------------------------------------------------------------------------------

    def embed(self, tokens: Tensor, sight: Sight | None) -> Tensor:
        """Return input embeddings [B, L, C'] of token ids [B, L], image places filled from ``sight``."""
        embedded = self.get_input_embeddings()(tokens)
        if sight is None:
            return embedded
        places = (tokens == self.config.image_token_id).unsqueeze(-1)
        return embedded.masked_scatter(places, sight.tokens.to(embedded.dtype))

    def states(self, tokens: Tensor, present: Tensor, sight: Sight | None = None) -> Tensor:
        """Run the language model: ids and mask [B, L] -> last hidden states [B, L, C']."""
        return self.model.language_model(
            inputs_embeds=self.embed(tokens, sight), attention_mask=present.long(), use_cache=False
        ).last_hidden_state

    def class_embeddings(self, tokens: Tensor, present: Tensor) -> Tensor:
        """Embed class phrases: ids and mask [K, L] (right padded) -> unit vectors [K, D]."""
        states = self.states(tokens, present)
        last = present.long().sum(dim=1) - 1
        return F.normalize(self.class_text(states[torch.arange(len(last)), last]), dim=-1)

    # -- looking ------------------------------------------------------------------------------

    def look(self, sight: Sight, states: Tensor, tokens: Tensor, present: Tensor, classes: Tensor) -> PairLogits:
        """Decode change for the query at ``<image_latent>`` and both dates' classes.

        Parameters
        ----------
        states, tokens, present: the language states of [B, L] tokens, each row with one ``<image_latent>``.
        classes: class-text embeddings [K, D].
        """
        pixels = self.decoder(sight.vision, sight.pyramid, states, present)
        places = (tokens == self.config.latent_token_id).long().argmax(dim=1)
        latent = states[torch.arange(len(states), device=states.device), places]
        return PairLogits(self._change(pixels, latent), self._classes(pixels, classes))

    def _change(self, pixels: PixelEmbeddings, latent: Tensor) -> Tensor:
        query = self.query(latent)
        logits = torch.einsum("bdhw,bd->bhw", pixels.change, query[:, :-1]) / self.config.embedding_size**0.5
        return upsample_convex(logits + query[:, -1, None, None], pixels.upsampling)

    def _classes(self, pixels: PixelEmbeddings, classes: Tensor) -> Tensor:
        return torch.einsum("bndhw,kd->bnkhw", pixels.classes, classes) * self.class_scale.exp()
