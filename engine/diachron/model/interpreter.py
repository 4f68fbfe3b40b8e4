"""The model as the rest of the engine sees it: read a question, look at a tile, tell the facts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from diachron.errors import Cancelled, UnusableInput
from diachron.model.backend import PreTrainedTokenizerFast
from diachron.model.card import CELL_PX, CLASS_PX, ModelCard
from diachron.model.change_model import ChangeModel, Sight
from diachron.model.decoding import Decoding, GrowingDecoding, StaticDecoding, fixed_length
from diachron.model.look import Look
from diachron.model.memory import Seen, SightMemory, cache_folder
from diachron.model.naming import NameGuide, Naming
from diachron.model.prompts import fact_lines, looks_back, parse_reading, plain_request, reading_target
from diachron.model.sequences import SequenceBuilder, TokenSequence
from diachron.model.vocabulary import Vocabulary
from diachron.results.facts import Fact

LONGEST_READING = 64
LONGEST_ANSWER = 160
CELL = 32


@dataclass(frozen=True)
class Reading:
    """A question as the model reads it. ``line`` is what the model wrote, ``look`` its value."""

    question: str
    language: str
    look: Look
    line: str


@dataclass(frozen=True)
class TileMaps:
    """Probabilities of one tile: ``change`` float32 [T-1, H/s, W/s]; ``cells`` float32 [T, K, H/4s, W/4s], those of the
    classes (K in vocabulary order) as the model tells them, one place for each `CLASS_PX` places of change a side.

    ``side_px``: s, 1 but where the model saw the images reduced (`ModelCard.kept_px`).
    """

    change: NDArray[np.float32]
    cells: NDArray[np.float32]
    side_px: int = 1

    @cached_property
    def pixels(self) -> NDArray[np.float32]:
        """The change at full resolution, float32 [T-1, H, W]."""
        return _enlarged(torch.from_numpy(self.change), self._size).numpy()

    @cached_property
    def classes(self) -> NDArray[np.float32]:
        """The classes at full resolution, float32 [T, K, H, W]."""
        return _enlarged(torch.from_numpy(self.cells), self._size).numpy()

    @property
    def _size(self) -> tuple[int, int]:
        height, width = self.change.shape[-2:]
        return height * self.side_px, width * self.side_px


class Interpreter:
    """One loaded model with its tokenizer, card and default vocabulary."""

    def __init__(
        self, model: ChangeModel, tokenizer: PreTrainedTokenizerFast, card: ModelCard, vocabulary: Vocabulary
    ) -> None:
        self.model, self.card, self.vocabulary = model, card, vocabulary
        self.sequences = SequenceBuilder(tokenizer)
        self.naming = Naming(tokenizer, vocabulary)
        self.damage: Interpreter | None = None
        """The same model seeing damage of buildings, where an adapter for it is loaded."""
        self.batch = 1
        """How many tiles are looked at together, as one batch."""
        self.side_by_side = 1
        """How many batches are looked at side by side, each by a thread of its own."""
        self.memory: SightMemory | None = None
        """What was seen, kept for the next question where one is expected."""
        self._class_embeddings: dict[tuple[str, ...], Tensor] = {}
        self._rows: dict[tuple[int, ...], Tensor] = {}
        self._decodings: dict[int, Decoding] = {}
        digits = [
            i
            for text, i in tokenizer.get_vocab().items()
            if any(c.isdigit() for c in text) and not text.startswith("<fact_")
        ]
        self._digits = torch.tensor(digits, dtype=torch.long, device=model.device)

    def expect_questions(self) -> None:
        """Begin a question after which more may come on the same images: what is seen of them is kept from now on."""
        if self.memory is None:
            card = self.card
            weights = f"{sorted(card.sha256.items())} {self.model.dtype}"
            identity = f"{card.name} {card.version} {card.adapter} {weights}"
            self.memory = SightMemory(identity, cache_folder())
        self.memory.begin()

    # -- read ---------------------------------------------------------------------------------

    @torch.inference_mode()
    def read(self, question: str) -> Reading:
        """Read a question; where the model writes no valid reading, it abstains with the reason ``unreadable``."""
        prompt = self.sequences.question(question)
        written = list(self._generate(prompt, LONGEST_READING, guide=self.naming.guide(question)))
        line = self.sequences.decode(written).strip()
        parsed = parse_reading(line)
        if parsed is None:
            return Reading(question, "en", Look("unanswerable", reason="unreadable"), line)
        return Reading(question, parsed[0], parsed[1].renamed(self.vocabulary.named), line)

    # -- look ---------------------------------------------------------------------------------

    @torch.inference_mode()
    def maps(
        self, images: NDArray[np.uint8], reading: Reading, vocabulary: Vocabulary, gsd_m: float | None = None
    ) -> TileMaps:
        """Look at one tile: images uint8 [T, 3, H, W], H and W multiples of 32; consecutive dates are compared.

        Images finer than the model was trained at are reduced for it, for a roof that fills a tile looks like no roof
        it has seen; its maps are enlarged again.
        """
        return self.maps_together([images], reading, vocabulary, gsd_m)[0]

    @torch.inference_mode()
    def maps_together(
        self, tiles: Sequence[NDArray[np.uint8]], reading: Reading, vocabulary: Vocabulary, gsd_m: float | None = None
    ) -> list[TileMaps]:
        """Look at tiles of one shape, each as `maps` does, up to ``batch`` of them at once.

        Where the device's memory does not hold so many, ``batch`` is halved for good.

        Raises
        ------
        UnusableInput: it does not hold one.
        """
        classes = self._embeddings(tuple(each.name for each in vocabulary.classes))
        seen: list[TileMaps] = []
        while len(seen) < len(tiles):
            some = tiles[len(seen) : len(seen) + self.batch]
            try:
                seen += self._maps_of(np.stack(some), reading, classes, gsd_m)
            except torch.OutOfMemoryError as error:
                if self.batch == 1:
                    device = str(self.model.device)
                    raise UnusableInput("the memory is too small for one tile", device, "use --device cpu") from error
                self.batch = max(1, min(self.batch, len(some)) // 2)
                torch.cuda.empty_cache()
        return seen

    def _maps_of(
        self, tiles: NDArray[np.uint8], reading: Reading, classes: Tensor, gsd_m: float | None
    ) -> list[TileMaps]:
        """Look at tiles uint8 [N, T, 3, H, W] at once."""
        count, dates, _, height, width = tiles.shape
        frames = torch.from_numpy(tiles).flatten(0, 1).to(self.model.device)
        frames = _reduced(frames, self.card.reduction(gsd_m)).unflatten(0, (count, dates))
        pairs = torch.stack([frames[:, :-1], frames[:, 1:]], dim=2).flatten(0, 1)
        back = looks_back(reading.look)
        change, cells = self._look(pairs.flip(1) if back else pairs, reading, classes)
        cells = cells.flip(1) if back else cells
        side_px = self.card.kept_px(gsd_m)
        rows, columns = height // side_px, width // side_px
        change, cells = _enlarged(change, (rows, columns)), _enlarged(cells, (rows // CLASS_PX, columns // CLASS_PX))
        change, cells = change.unflatten(0, (count, -1)), cells.unflatten(0, (count, -1))
        each_date = torch.cat([cells[:, :1, 0], cells[:, :, 1]], dim=1)
        maps = zip(change.float().cpu().numpy(), each_date.float().cpu().numpy(), strict=True)
        return [TileMaps(*each, side_px) for each in maps]

    def _look(self, pairs: Tensor, reading: Reading, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Return change [P, H, W] and class probabilities [P, 2, K, H/4, W/4] of pairs uint8 [P, 2, 3, H, W]."""
        seen = self._seen(pairs)
        asked = self._repeated(self._asked(reading), len(pairs))
        text = self.model.model.language_model(
            inputs_embeds=self.model.embed(asked, None), past_key_values=seen.cache(), use_cache=True
        )
        states = torch.cat([seen.states, text.last_hidden_state], dim=1)
        ids = torch.cat([self._repeated(self._image_places(seen.sight), len(pairs)), asked], dim=1)
        logits = self.model.look(seen.sight, states, ids, torch.ones_like(ids, dtype=torch.bool), classes)
        return logits.change.sigmoid(), logits.classes.softmax(dim=2)

    def _seen(self, pairs: Tensor) -> Seen:
        """Return what the model sees of pairs before it reads a question, from memory where it has seen them."""
        key = self.memory.key(pairs) if self.memory else ""
        found = self.memory.find(key, pairs.device) if self.memory else None
        if found is not None:
            return found
        turned = self.memory.find(self.memory.key(pairs.flip(1)), pairs.device) if self.memory else None
        sight = turned.sight.turned() if turned else self.model.see(pairs)
        places = self._repeated(self._image_places(sight), len(pairs))
        read = self.model.model.language_model(inputs_embeds=self.model.embed(places, sight), use_cache=True)
        layers = tuple((layer.keys, layer.values) for layer in read.past_key_values.layers)
        seen = Seen(sight, read.last_hidden_state, layers)
        if self.memory:
            self.memory.keep(key, seen)
        return seen

    def _image_places(self, sight: Sight) -> TokenSequence:
        places = sight.tokens.shape[1] // 2
        return self.sequences.images([places, places])

    def _asked(self, reading: Reading) -> TokenSequence:
        """Return question and reading, up to and with ``<image_latent>``, in the one wording of this look."""
        return self.sequences.request(*plain_request(reading.look), "en")

    def _repeated(self, sequence: TokenSequence, count: int) -> Tensor:
        """Return so many rows of a sequence; it goes to the device once, for a GPU waits for what is sent to it."""
        if sequence.ids not in self._rows:
            self._rows[sequence.ids] = torch.tensor([sequence.ids], device=self.model.device)
        return self._rows[sequence.ids].expand(count, -1)

    def tile_sequence(self, sight: Sight, reading: Reading) -> TokenSequence:
        """Return images, question and reading, up to and with ``<image_latent>``: what training saw."""
        return self._image_places(sight) + self._asked(reading)

    def _embeddings(self, names: tuple[str, ...]) -> Tensor:
        if names not in self._class_embeddings:
            batch = self.sequences.batch([self.sequences.class_phrase(name) for name in names])
            device = self.model.device
            self._class_embeddings[names] = self.model.class_embeddings(batch.ids.to(device), batch.present.to(device))
        return self._class_embeddings[names]

    # -- tell ---------------------------------------------------------------------------------

    def tell(
        self, reading: Reading, facts: Sequence[Fact], cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[str]:
        """Write the answer piece by piece, with ``<fact_N>`` where a measured value goes; no digit can be written."""
        build = self.sequences
        prompt = build.question(reading.question) + build.reading(reading_target(reading.language, reading.look))
        prompt = prompt + build.facts(fact_lines(facts))
        written: list[int] = []
        told = ""
        for token in self._generate(prompt, LONGEST_ANSWER):
            if cancelled():
                raise Cancelled
            written.append(token)
            text = build.decode(written)
            if not text.endswith("\ufffd"):
                yield text[len(told) :]
                told = text

    @torch.inference_mode()
    def _generate(self, prompt: TokenSequence, most: int, guide: NameGuide | None = None) -> Iterator[int]:
        """Write greedily with the key-value cache until ``<eos>``: a reading by its guide; an answer without digits."""
        written: list[int] = []
        tokens = torch.tensor([prompt.ids], device=self.model.device)
        decoding = self._decoding(len(prompt.ids) + most)
        end = self.sequences.special["<eos>"]
        while len(written) < most:
            embedded = self.model.get_input_embeddings()
            logits = decoding.follow(written[-1]) if written else decoding.begin(embedded(tokens))
            if guide is None:
                logits[self._digits] = -torch.inf
            token = _best(logits, guide)
            if token == end:
                return
            yield token
            written.append(token)
            if guide is not None:
                guide.follow(token, self.sequences.decode(written))

    def _decoding(self, tokens: int) -> Decoding:
        """Return what writes so many tokens, the prompt's included."""
        if self.model.device.type != "cuda":
            return GrowingDecoding(self.model)
        length = fixed_length(tokens)
        if length not in self._decodings:
            try:
                self._decodings[length] = StaticDecoding(self.model, length)
            except RuntimeError as error:  # a GPU or driver that captures no graph writes all the same
                print(f"texts are written step by step ({error})", file=sys.stderr)
                self._decodings[length] = GrowingDecoding(self.model)
        return self._decodings[length]


def _best(logits: Tensor, guide: NameGuide | None) -> int:
    """Return the likeliest token of logits [V], among those that the guide lets come next."""
    choices = guide.choices() if guide is not None else None
    return int(logits.argmax()) if not choices else choices[int(logits[choices].argmax())]


def _reduced(frames: Tensor, reduction: float) -> Tensor:
    """Return images uint8 [T, 3, H, W] about ``reduction`` times smaller (below 1: larger), sides multiples of 32."""
    if reduction == 1.0:
        return frames
    size = [max(CELL_PX, round(side / reduction / CELL_PX) * CELL_PX) for side in frames.shape[-2:]]
    small = F.interpolate(frames.float(), size=size, mode="bilinear", align_corners=False, antialias=True)
    return small.round().clamp(0, 255).to(torch.uint8)


def _enlarged(values: Tensor, size: tuple[int, int]) -> Tensor:
    """Return maps float32 [..., h, w] at another size, by bilinear interpolation."""
    if values.shape[-2:] == size:
        return values
    flat = values.reshape(1, -1, *values.shape[-2:])
    return F.interpolate(flat, size=size, mode="bilinear", align_corners=False).reshape(*values.shape[:-2], *size)
