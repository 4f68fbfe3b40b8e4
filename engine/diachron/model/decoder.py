"""The image decoder: language states and vision features become per-pixel embeddings.

Queries are both dates' vision features and their difference on the raw vision grid; they attend to the language
model's states, go back to two dimensions, and climb U-Net blocks with skips from the convolutional
pyramid. The climb is shared by the dates (siamese), so swapping the dates swaps the semantic maps, and any single
dated label trains it. A mixer over both dates' finest features gives the change embedding.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diachron.model.backend import UnetDecoderBlock
from diachron.model.configuration import DiachronConfig

UPSAMPLING = 4


@dataclass(frozen=True)
class PixelEmbeddings:
    """Embeddings at a quarter of the resolution, h = H/4, w = W/4.

    ``classes`` float [B, 2, D, h, w], unit length along D; ``change`` float [B, D, h, w];
    ``upsampling`` float [B, 9, 4, 4, h, w]: convex weights of a cell's 3 x 3 neighbours for each of its 16 pixels
    (after RAFT, Teed and Deng 2020), which bring the change map to full resolution along the image's edges.
    """

    classes: Tensor
    change: Tensor
    upsampling: Tensor


class LanguageAttention(nn.Module):
    """One pre-norm block: queries attend to language states, then an MLP."""

    def __init__(self, width: int, language_width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_queries = nn.LayerNorm(width)
        self.norm_states = nn.LayerNorm(language_width)
        self.to_query = nn.Linear(width, width)
        self.to_key_value = nn.Linear(language_width, 2 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )

    def forward(self, queries: Tensor, states: Tensor, present: Tensor) -> Tensor:
        """Attend: queries [B, Q, C], states [B, L, C'], present bool [B, L] -> [B, Q, C]."""
        query = self._split(self.to_query(self.norm_queries(queries)))
        key, value = (self._split(part) for part in self.to_key_value(self.norm_states(states)).chunk(2, dim=-1))
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=present[:, None, None, :])
        queries = queries + self.out(attended.transpose(1, 2).flatten(2))
        return queries + self.mlp(queries)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class GuideConvolution(nn.Conv2d):
    """A 1 x 1 convolution over a map and over squares of 2 x 2 places of both dates' finest maps, which are as many of
    its input's channels, in the order of `torch.nn.functional.pixel_unshuffle`.

    The squares are convolved where they lie: to lay them out as channels would take longer than the convolution.
    """

    def forward(self, both: Tensor, finest: Tensor | None = None) -> Tensor:
        """Convolve: [B, C, H, W] and [B, 2, C', 2H, 2W] -> [B, C'', H, W]."""
        assert finest is not None
        rest, squares = self.weight.split([both.shape[1], self.in_channels - both.shape[1]], dim=1)
        squares = squares.reshape(self.out_channels, 2, -1, 2, 2)
        guide = F.conv2d(both, rest, self.bias)
        for date in range(2):
            guide = guide + F.conv2d(finest[:, date], squares[:, date], stride=2)
        return guide


class UpsamplingWeights(nn.Conv2d):
    """A 1 x 1 convolution to the convex weights of `PixelEmbeddings`, as a product: it writes them place after place,
    as what is done with them reads them, and not channel after channel, from where they would have to be copied.
    """

    def forward(self, guide: Tensor) -> Tensor:
        """Return weights [B, 9, 4, 4, H, W] of a map [B, C, H, W], which sum to 1 over the nine."""
        assert self.bias is not None
        alike = (len(guide), -1, -1)  # one for each pair of the batch
        weights = torch.baddbmm(
            self.bias[:, None].expand(*alike), self.weight.flatten(1).expand(*alike), guide.flatten(2)
        )
        return weights.unflatten(2, guide.shape[-2:]).unflatten(1, (9, UPSAMPLING, UPSAMPLING)).softmax(dim=1)


class ImageDecoder(nn.Module):
    """From vision features, language states and pyramid maps to `PixelEmbeddings`."""

    def __init__(self, config: DiachronConfig) -> None:
        super().__init__()
        width, size = config.decoder_width, config.embedding_size
        vision, language = config.vision_config.hidden_size, config.text_config.hidden_size
        finest, *skips, _ = config.pyramid_channels
        self.to_query = nn.Linear(3 * vision, width)
        self.attention = LanguageAttention(width, language, config.decoder_heads)
        widths = [width + config.pyramid_channels[-1], *config.decoder_channels]
        self.blocks = nn.ModuleList(
            UnetDecoderBlock(widths[i], skip, widths[i + 1], interpolation_mode="bilinear")
            for i, skip in enumerate(reversed(skips))
        )
        top = widths[-1]
        self.to_class = nn.Conv2d(top, size, 1)
        self.mixer = nn.Sequential(
            nn.Conv2d(3 * top, size, 1),
            nn.GELU(),
            nn.Conv2d(size, size, 3, padding=1),
            nn.GELU(),
            nn.Conv2d(size, size, 1),
        )
        self.guide = nn.Sequential(
            GuideConvolution(3 * top + 8 * finest, size, 1), nn.GELU(), UpsamplingWeights(size, 9 * 16, 1)
        )

    def forward(self, vision: Tensor, pyramid: list[Tensor], states: Tensor, present: Tensor) -> PixelEmbeddings:
        """Decode a batch of pairs.

        Parameters
        ----------
        vision: float [B, 2, gh, gw, C], the vision encoder's output on its raw grid.
        pyramid: five maps, finest first, each [B, 2, C_i, H_i, W_i].
        states, present: language states [B, L, C'] and which of them are real (bool [B, L]).
        """
        context = self._context(vision, states, present)
        climbed = self._climb(context.flatten(0, 1), [level.flatten(0, 1) for level in pyramid])
        classes = F.normalize(self.to_class(climbed), dim=1).unflatten(0, (-1, 2))
        first, second = climbed.unflatten(0, (-1, 2)).unbind(1)
        both = torch.cat([first, second, (second - first).abs()], dim=1)
        guide, activation, weights = self.guide
        return PixelEmbeddings(classes, self.mixer(both), weights(activation(guide(both, pyramid[0]))))

    def _context(self, vision: Tensor, states: Tensor, present: Tensor) -> Tensor:
        """Return [B, 2, C, gh, gw]: each date's cells after they have attended to the language states."""
        batch, _, rows, columns, _ = vision.shape
        first, second = vision[:, 0], vision[:, 1]
        seen = torch.stack(
            [torch.cat([first, second, second - first], -1), torch.cat([second, first, first - second], -1)], dim=1
        )
        queries = self.to_query(seen).flatten(1, 3)
        attended = self.attention(queries, states, present)
        return attended.unflatten(1, (2, rows, columns)).permute(0, 1, 4, 2, 3)

    def _climb(self, context: Tensor, pyramid: list[Tensor]) -> Tensor:
        coarsest = pyramid[-1]
        if context.shape[-2:] != coarsest.shape[-2:]:
            context = F.interpolate(context, size=coarsest.shape[-2:], mode="bilinear", align_corners=False)
        x = torch.cat([context, coarsest], dim=1).contiguous(memory_format=torch.channels_last)
        for block, skip in zip(self.blocks, reversed(pyramid[1:-1]), strict=True):
            x = block(x, skip.shape[-2], skip.shape[-1], skip)
        return x


def upsample_convex(logits: Tensor, weights: Tensor) -> Tensor:
    """Bring logits [B, h, w] to [B, 4h, 4w] with the weights of `PixelEmbeddings.upsampling`."""
    batch, height, width = logits.shape
    padded = F.pad(logits[:, None], (1, 1, 1, 1), mode="replicate")
    neighbours = F.unfold(padded, 3).view(batch, 9, 1, 1, height, width)
    full = (neighbours * weights).sum(dim=1)
    return full.permute(0, 3, 1, 4, 2).reshape(batch, UPSAMPLING * height, UPSAMPLING * width)
