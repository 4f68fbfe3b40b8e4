"""Token sequences: how images, question, reading, facts and answer stand in the model's context.

``<date>`` image tokens ``<date>`` image tokens ``<user>`` question ``<diachron>`` reading ``<image_latent><eos>``
``<facts>`` fact
lines ``<diachron>`` answer ``<eos>``. Images come first, so that their states serve every question on the pair;
reading without images leaves them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from diachron.model.backend import PreTrainedTokenizerFast
from diachron.model.look import IMAGE_LATENT, Look
from diachron.model.prompts import question_text, reading_target

FACT_TOKENS = tuple(f"<fact_{n}>" for n in range(1, 25))
SPECIAL_TOKENS = (
    "<pad>",
    "<image>",
    "<video>",
    IMAGE_LATENT,
    "<eos>",
    "<user>",
    "<diachron>",
    "<facts>",
    "<date>",
    "<class>",
    *FACT_TOKENS,
)


@dataclass(frozen=True)
class TokenSequence:
    """Token ids and which of them the model is taught to write."""

    ids: tuple[int, ...]
    taught: tuple[bool, ...]

    def __add__(self, other: TokenSequence) -> TokenSequence:
        return TokenSequence(self.ids + other.ids, self.taught + other.taught)


@dataclass(frozen=True)
class TokenBatch:
    """Right-padded ids int64 [B, L], ``present`` bool [B, L], ``taught`` bool [B, L]."""

    ids: Tensor
    present: Tensor
    taught: Tensor


class SequenceBuilder:
    """Builds token sequences with one tokenizer."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        self.tokenizer = tokenizer
        self.special = {token: tokenizer.convert_tokens_to_ids(token) for token in SPECIAL_TOKENS}
        self.fact_ids = {self.special[token]: token for token in FACT_TOKENS}

    def images(self, counts: Sequence[int]) -> TokenSequence:
        """Return the places of ``counts[i]`` image tokens for each date i."""
        ids: list[int] = []
        for count in counts:
            ids += [self.special["<date>"], *[self.special["<image>"]] * count]
        return _given(ids)

    def question(self, question: str) -> TokenSequence:
        """Return the question up to where the model begins to write."""
        return _given([self.special["<user>"], *self._text(question_text(question)), self.special["<diachron>"]])

    def reading(self, reading: str) -> TokenSequence:
        """Return a reading (see `model.prompts`) as the model writes it, ended."""
        return _taught([*self._text(reading), self.special["<eos>"]])

    def request(self, question: str, look: Look, language: str) -> TokenSequence:
        """Return a question and its reading, up to and with ``<image_latent>``, as images are looked at."""
        asked = self.question(question) + self.reading(reading_target(language, look))
        return TokenSequence(asked.ids[:-1], asked.taught[:-1])

    def facts(self, lines: str) -> TokenSequence:
        """Return the fact table up to where the model begins to write the answer."""
        return _given([self.special["<facts>"], *self._text(lines), self.special["<diachron>"]])

    def answer(self, text: str) -> TokenSequence:
        """Return an answer with fact tokens, ended."""
        return _taught([*self._text(text), self.special["<eos>"]])

    def class_phrase(self, phrase: str) -> TokenSequence:
        """Return a class phrase, whose last state becomes the class-text embedding."""
        return _given([self.special["<class>"], *self._text(phrase.lower())])

    def batch(self, sequences: Sequence[TokenSequence]) -> TokenBatch:
        """Pad sequences on the right into one batch."""
        length = max(len(sequence.ids) for sequence in sequences)
        ids = torch.full((len(sequences), length), self.special["<pad>"])
        present, taught = torch.zeros(ids.shape, dtype=torch.bool), torch.zeros(ids.shape, dtype=torch.bool)
        for row, sequence in enumerate(sequences):
            n = len(sequence.ids)
            ids[row, :n] = torch.tensor(sequence.ids)
            present[row, :n] = True
            taught[row, :n] = torch.tensor(sequence.taught)
        return TokenBatch(ids, present, taught)

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of token ids, without ``<eos>`` and padding; fact and latent tokens are kept."""
        skipped = (self.special["<eos>"], self.special["<pad>"])
        return str(self.tokenizer.decode([i for i in ids if i not in skipped], skip_special_tokens=False))

    def _text(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])


def _given(ids: list[int]) -> TokenSequence:
    return TokenSequence(tuple(ids), (False,) * len(ids))


def _taught(ids: list[int]) -> TokenSequence:
    return TokenSequence(tuple(ids), (True,) * len(ids))
