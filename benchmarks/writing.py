"""Writing with `2b`'s sizes on a device: time to the first token, and tokens a second after it, in several ways."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from benchmarks.device import Bench

if TYPE_CHECKING:
    from diachron.model.change_model import ChangeModel
    from diachron.model.decoding import Decoding

PAIR, WORDS = "a pair and a question", "a question"


def random_2b(bench: Bench) -> ChangeModel:
    """Return a model of VideoLLaMA3-2B's sizes with the image decoder, weights drawn on the device."""
    from diachron.model.backend import Qwen2Config, VideoLlama3VisionConfig
    from diachron.model.change_model import ChangeModel
    from diachron.model.configuration import DiachronConfig

    words, wide, layers = (20_000, 192, (2, 2)) if bench.small else (151_936, 1536, (28, 27))
    text = Qwen2Config(
        vocab_size=words, hidden_size=wide, intermediate_size=8960 * wide // 1536, num_hidden_layers=layers[0],
        num_attention_heads=12, num_key_value_heads=2, max_position_embeddings=32_768, tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
    )  # fmt: skip
    vision = VideoLlama3VisionConfig(
        hidden_size=wide * 3 // 4, intermediate_size=4304 * wide // 1536, num_hidden_layers=layers[1],
        num_attention_heads=16 * wide // 1536 or 1, patch_size=14,
    )  # fmt: skip
    config = DiachronConfig(
        text_config=text.to_dict(), vision_config=vision.to_dict(), tie_word_embeddings=True, image_token_id=1,
        video_token_id=2,
    )  # fmt: skip
    torch.set_default_dtype(torch.bfloat16 if bench.gpu else torch.float32)
    try:
        with torch.device(bench.device):
            return ChangeModel(config).eval()
    finally:
        torch.set_default_dtype(torch.float32)


def open_2b(bench: Bench) -> ChangeModel:
    if bench.large is None:
        begun = time.perf_counter()
        bench.large = random_2b(bench)
        bench.wait()
        bench.tell("2b", made_in_s=time.perf_counter() - begun, language_parameters=language_parameters(bench.large))
    return bench.large


def language_parameters(model: ChangeModel) -> int:
    return sum(each.numel() for each in model.model.language_model.parameters())


def text(bench: Bench) -> None:
    from diachron.model.decoding import GrowingDecoding, StaticDecoding

    model = open_2b(bench)
    measure_text(bench, "growing cache", lambda length: GrowingDecoding(model))
    measure_text(bench, "static cache", lambda length: StaticDecoding(model, length))
    measure_text(bench, "static cache, compiled", lambda length: StaticDecoding(model, length, compiled=True))
    library_text(bench, model)


def tuned_text(bench: Bench) -> None:
    """Tell the speed with a compiled step whose kernels are tried in several shapes."""
    import torch._dynamo
    import torch._inductor.config

    from diachron.model.decoding import StaticDecoding

    model = open_2b(bench)
    torch._dynamo.reset()
    with torch._inductor.config.patch(max_autotune_pointwise=True):
        measure_text(
            bench, "static cache, compiled and tuned", lambda n: StaticDecoding(model, n, compiled=True), [PAIR]
        )


def starts(bench: Bench, model: ChangeModel) -> dict[str, Callable[[], Tensor]]:
    """Return what makes a prompt's embeddings [1, L, C], from pixels in the processor's memory or from words alone."""
    torch.manual_seed(0)
    side = 56 if bench.small else 512
    pair = torch.randint(0, 256, (1, 2, 3, side, side), dtype=torch.uint8)
    places = model.see(pair.to(bench.device)).tokens.shape[1]
    words = torch.randint(10, 10_000, (1, 26)).tolist()[0]
    prompt = torch.tensor([[8, *[1] * (places // 2), 8, *[1] * (places // 2), *words]], device=bench.device)
    return {
        PAIR: lambda: model.embed(prompt, model.see(pair.to(bench.device))),
        WORDS: lambda: model.get_input_embeddings()(prompt[:, -26:]),
    }


def measure_text(
    bench: Bench, way: str, make: Callable[[int], Decoding], prompts: Sequence[str] = (PAIR, WORDS)
) -> None:
    """Tell the speed after each prompt; what makes a decoding is given the tokens that it must hold."""
    makers = starts(bench, open_2b(bench))
    for after in prompts:
        try:
            measure_prompt(bench, way, after, make, makers[after])
        except TimeoutError:
            raise
        except Exception as error:
            bench.tell("text", way=way, after=after, failed=f"{type(error).__name__}: {str(error)[:300]}")
            bench.wait()


def measure_prompt(
    bench: Bench, way: str, after: str, make: Callable[[int], Decoding], start: Callable[[], Tensor]
) -> None:
    from diachron.model.decoding import StaticDecoding, fixed_length

    count = 6 if bench.small else 128
    begun, embedded = time.perf_counter(), start()
    decoding = make(fixed_length(embedded.shape[1] + count))
    bench.wait()
    ready_s = time.perf_counter() - begun
    first_s = bench.time_s(partial(first_token, decoding, start), 3, 1)
    took_s, told = written(bench, decoding, embedded, count if "static" in way else min(count, 24))
    limit_s = token_bytes(open_2b(bench), embedded.shape[1] + len(told) / 2) / bench.bytes_s
    same = sum(a == b for a, b in zip(told, bench.written.setdefault(after, told)))
    steps_s = 0.0
    if isinstance(decoding, StaticDecoding):  # the steps alone, none waited for
        decoding.begin(embedded)
        steps_s = bench.time_s(decoding.step, count - 2)
    bench.tell("text", way=way, after=after, ready_s=ready_s, first_token_ms=1e3 * first_s,
               tokens_a_second=1 / took_s, of_bandwidth=limit_s / took_s,
               steps_alone_of_bandwidth=limit_s / (steps_s or took_s), as_the_first_way=same)  # fmt: skip


def first_token(decoding: Decoding, start: Callable[[], Tensor]) -> int:
    return int(decoding.begin(start()).argmax())


def token_bytes(model: ChangeModel, read: float) -> float:
    """Return the bytes that a token must read: the language model's weights, and the cache of what was read."""
    config = model.model.language_model.config
    kept = 2 * config.num_hidden_layers * config.num_key_value_heads * config.hidden_size / config.num_attention_heads
    return (language_parameters(model) + kept * read) * model.dtype.itemsize


def written(bench: Bench, decoding: Decoding, embedded: Tensor, count: int) -> tuple[float, list[int]]:
    """Return the time a token of greedy writing as the engine does it, and the tokens."""
    told = [int(decoding.begin(embedded).argmax())]
    told.append(int(decoding.follow(told[-1]).argmax()))
    bench.wait()
    begun = time.perf_counter()
    for _ in range(count - 2):
        told.append(int(decoding.follow(told[-1]).argmax()))
    return (time.perf_counter() - begun) / (count - 2), told


def library_text(bench: Bench, model: ChangeModel) -> None:
    """Tell the speed of the library's own `generate` with its static cache, not compiled."""
    embedded, count = starts(bench, model)[PAIR](), 4 if bench.small else 24

    def generated(tokens: int) -> Any:
        return model.generate(
            inputs_embeds=embedded, attention_mask=torch.ones(embedded.shape[:2], device=bench.device).long(),
            max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False, cache_implementation="static",
            disable_compile=True,
        )  # fmt: skip

    one_s, all_s = (bench.time_s(partial(generated, tokens), 1, 1) for tokens in (1, count))
    bench.tell("text", way="the library's generate, static cache", tokens_a_second=(count - 1) / (all_s - one_s))
