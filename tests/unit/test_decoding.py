"""Writing with a cache of fixed length: the same text as with one that grows, whatever was written before."""

from __future__ import annotations

import copy

import pytest
import torch

from diachron.model.card import ModelCard
from diachron.model.change_model import ChangeModel
from diachron.model.decoding import Decoding, GrowingDecoding, StaticDecoding, fixed_length
from diachron.model.interpreter import Interpreter
from diachron.model.vocabulary import load_vocabulary
from diachron.training.config import ModelConfig
from diachron.training.start import new_model
from diachron.training.tokenizer import train_tokenizer

SIZES = ModelConfig(
    vocabulary_size=400, hidden_size=48, language_layers=3, language_mlp=64, language_heads=6, key_value_heads=2,
    vision_size=24, vision_layers=1, vision_mlp=48, vision_heads=2, pyramid_weights="",
)  # fmt: skip
QUESTION = "where are new buildings?"


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    torch.manual_seed(0)
    tokenizer = train_tokenizer([QUESTION, "12 m² of soil"] * 20, SIZES.vocabulary_size)
    model = new_model(SIZES, tokenizer).eval()
    for name, each in model.model.language_model.named_parameters():
        each.data.normal_(1.0 if "norm" in name else 0.0, 0.1)  # untrained, all tokens are about as likely
    card = ModelCard("tiny", "0", "", "for tests", (), 0.5, 512, 64, finest_gsd_m=0.5, sha256={})
    return Interpreter(model, tokenizer, card, load_vocabulary())


@torch.inference_mode()
def written(
    model: ChangeModel, decoding: Decoding, prompt: list[int], count: int = 20
) -> tuple[list[int], torch.Tensor]:
    embedded = model.get_input_embeddings()(torch.tensor([prompt], device=model.device))
    logits = decoding.begin(embedded)
    tokens = [int(logits.argmax())]
    for _ in range(count):
        logits = decoding.follow(tokens[-1])
        tokens.append(int(logits.argmax()))
    return tokens, logits.clone()


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_cache_of_fixed_length_writes_what_one_that_grows_does(interpreter: Interpreter, compiled: bool):
    model = interpreter.model
    growing, static = GrowingDecoding(model), StaticDecoding(model, 64, compiled=compiled)
    for prompt in ([5, 9, 11, 30], list(range(10, 40)), [7]):
        (wanted, last), (told, same) = (written(model, each, prompt) for each in (growing, static))
        assert told == wanted and len(set(told)) > 1
        torch.testing.assert_close(same, last, atol=1e-4, rtol=1e-4)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize("compiled", [False, True])
def test_a_step_as_a_cuda_graph_writes_the_same(interpreter: Interpreter, compiled: bool):
    model = copy.deepcopy(interpreter.model).cuda()
    for prompt in ([5, 9, 11, 30], [7]):
        ways = (GrowingDecoding(model), StaticDecoding(model, 64, compiled=compiled))
        (wanted, last), (told, same) = (written(model, each, prompt) for each in ways)
        assert told == wanted
        torch.testing.assert_close(same, last, atol=1e-3, rtol=1e-3)


def test_the_interpreter_writes_the_same_with_either(interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch):
    prompt = interpreter.sequences.question(QUESTION)
    plain = list(interpreter._generate(prompt, 12))
    made: list[int] = []

    def static(tokens: int) -> Decoding:
        made.append(fixed_length(tokens))
        return StaticDecoding(interpreter.model, made[-1])

    monkeypatch.setattr(interpreter, "_decoding", static)
    assert list(interpreter._generate(prompt, 12)) == plain and plain
    assert made == [256] and fixed_length(256) == 256 and fixed_length(257) == 512


@torch.inference_mode()
def test_more_than_the_cache_holds_is_refused(interpreter: Interpreter):
    decoding = StaticDecoding(interpreter.model, 8)
    with pytest.raises(ValueError, match="9 tokens in a cache of 8"):
        decoding.begin(torch.zeros(1, 9, SIZES.hidden_size))
    decoding.begin(torch.zeros(1, 7, SIZES.hidden_size))
    decoding.follow(3)
    with pytest.raises(ValueError, match="full"):
        decoding.follow(3)
