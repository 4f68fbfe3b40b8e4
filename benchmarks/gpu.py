"""What a GPU makes of the model: looks, a text, and a large pair, each beside what the device itself can do.

    PYTHONPATH=engine python3 benchmarks/gpu.py [--seconds 80] [--json FILE] [--device cuda] [--small] [--only PART ...]

**ceilings**: TFLOP/s of an 8192 x 8192 x 8192 bfloat16 product, and bytes a second of a copy on the device, read and
written counted. All limits below are made of these two, measured in the same run.

**look**: `mini`'s look (see, states, look) at pairs of 512 px that are in the device's memory. Its roofline adds up
the least time of each product, convolution and attention: the larger of its floating-point operations over the
product's ceiling, and of its inputs, weights and output, each moved once, over the copy's. All that stands between
them (norms, activations, softmax, copies) counts as nothing, as if it were part of them. ``arithmetic`` is the share
of the product's ceiling alone, as if no map between two layers were ever written.

**text**: `2b`'s sizes with random weights: time from a pair of 512 px in the processor's memory to the first token, and
tokens a second after it. The limit is the language model's weights (its matrix of words once) and the cache's keys and
values so far, read once a token at the copy's speed.

**area**: a pair in memory through the engine's tiles, looks and blending, as for a raster, but for reading and writing.

**tuned text**, **compiled look**: the step's kernels tried in several shapes; the look with measured convolutions, then
with pyramid and decoder compiled as well; in what time is left.

A part that fails or takes too long is told, and the next one begins; ``--json`` is written after each.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch import Tensor

from benchmarks.device import BEGUN, Bench, Layers, let_rasters_be_missing
from benchmarks.writing import text, tuned_text

if TYPE_CHECKING:
    from diachron.model.interpreter import Interpreter, Reading

QUESTION = "How many buildings are new?"


# -- ceilings ---------------------------------------------------------------------------------


def ceilings(bench: Bench) -> None:
    size, numbers = (512, 1 << 20) if bench.small else (8192, 1 << 31)
    dtype = torch.bfloat16 if bench.gpu else torch.float32
    one, other = (torch.randn(size, size, device=bench.device, dtype=dtype) for _ in range(2))
    bench.flops = 2 * size**3 / bench.time_s(lambda: one @ other, 20, 5)
    source = torch.zeros(numbers, dtype=torch.uint8, device=bench.device)
    copy = torch.empty_like(source)
    bench.bytes_s = 2 * numbers / bench.time_s(lambda: copy.copy_(source), 20, 3)
    name = torch.cuda.get_device_name() if bench.gpu else "cpu"
    bench.tell("ceilings", device=name, torch=torch.__version__, product_tflops=bench.flops / 1e12,
               copy_gb_s=bench.bytes_s / 1e9)  # fmt: skip


# -- look -------------------------------------------------------------------------------------


def open_mini(bench: Bench) -> Interpreter:
    """Return `mini` as shipped, or of its sizes with random weights where it is not here."""
    from diachron.errors import UnusableInput
    from diachron.model.loading import load_interpreter

    if bench.interpreter is None:
        try:
            bench.interpreter, weights = load_interpreter("mini", device=str(bench.device)), "shipped"
        except (UnusableInput, OSError) as error:
            bench.interpreter, weights = random_mini(bench), f"random ({error})"
        model = bench.interpreter.model
        bench.tell("mini", weights=weights, dtype=str(model.dtype), tiles_at_once=bench.interpreter.batch)
    return bench.interpreter


def random_mini(bench: Bench) -> Interpreter:
    from diachron.model.card import ModelCard
    from diachron.model.folding import fold_normalisation
    from diachron.model.interpreter import Interpreter
    from diachron.model.vocabulary import load_vocabulary
    from diachron.training.config import ModelConfig
    from diachron.training.start import new_model
    from diachron.training.tokenizer import train_tokenizer

    vocabulary = load_vocabulary(None)
    tokenizer = train_tokenizer([QUESTION, *(each.name for each in vocabulary.classes)] * 9, 3072)
    model = new_model(ModelConfig(pyramid_weights=""), tokenizer).eval()
    fold_normalisation(model)
    card = ModelCard("mini", "0", "", "", (), 0.5, 512, 64, finest_gsd_m=0.5, sha256={})
    model = model.to(bench.device, torch.bfloat16 if bench.gpu else torch.float32)
    return Interpreter(model, tokenizer, card, vocabulary)


def asked() -> Reading:
    from diachron.model.interpreter import Reading
    from diachron.model.look import Look

    return Reading(QUESTION, "en", Look("count", ("any",), ("building",)), "")


def looking(bench: Bench, pairs: Tensor) -> Callable[[], Any]:
    """Return a look at pairs as the engine takes it."""
    interpreter, reading = open_mini(bench), asked()
    classes = interpreter._embeddings(tuple(each.name for each in interpreter.vocabulary.classes))
    return lambda: interpreter._look(pairs, reading, classes)


def pairs_of(bench: Bench, count: int) -> Tensor:
    side = 128 if bench.small else 512
    return torch.randint(0, 256, (count, 2, 3, side, side), dtype=torch.uint8, device=bench.device)


def least_s(bench: Bench, pairs: Tensor) -> tuple[float, float]:
    """Return the roofline's time for pairs, and the arithmetic's alone."""
    look = looking(bench, pairs)
    look()
    # Outside inference mode, where the library's compound operators come apart into those that are counted.
    with torch.inference_mode(False), torch.no_grad(), Layers() as layers:
        looking(bench, pairs.clone())()
    works = [(flops / bench.flops, moved / bench.bytes_s) for flops, moved in layers.works]
    flops, moved = (sum(part) for part in zip(*layers.works))
    megapixels = pairs.shape[0] * pairs.shape[-1] ** 2 / 1e6
    bench.tell("roofline", layers=len(works), gflop_a_megapixel=flops / 1e9 / megapixels,
               megabytes_a_megapixel=moved / 1e6 / megapixels)  # fmt: skip
    return sum(max(each) for each in works) / megapixels, flops / bench.flops / megapixels


def look(bench: Bench) -> None:
    batches = (1, 2) if bench.small else (8, 32, 64, 128)
    limit_s, arithmetic_s = least_s(bench, pairs_of(bench, batches[1]))
    for count in batches:
        measure_look(bench, "look", count, limit_s, arithmetic_s, {"eager": looking(bench, pairs_of(bench, count))})


def measure_look(
    bench: Bench, part: str, count: int, limit_s: float, arithmetic_s: float, ways: dict[str, Callable[[], Any]]
) -> None:
    """Tell a look's speed each way, then as a CUDA graph."""
    megapixels = count * (128 if bench.small else 512) ** 2 / 1e6
    if bench.gpu:
        torch.cuda.reset_peak_memory_stats()
    for way in [*ways, *(["graph"] if bench.gpu else [])]:
        try:
            work = ways[way] if way in ways else bench.captured(next(iter(ways.values())))
            took_s = bench.time_s(work) / megapixels
        except RuntimeError as error:
            bench.tell(part, pairs=count, way=way, failed=str(error)[:200])
            bench.wait()
            continue
        peak = torch.cuda.max_memory_allocated() / 1e9 if bench.gpu else 0.0
        bench.tell(part, pairs=count, way=way, megapixels_a_second=1 / took_s, of_roofline=limit_s / took_s,
                   arithmetic=arithmetic_s / took_s, peak_gb=peak)  # fmt: skip
        del work
    bench.out = None


def compiled_look(bench: Bench) -> None:
    count = 1 if bench.small else 32
    model, pairs = open_mini(bench).model, pairs_of(bench, count)
    limits = least_s(bench, pairs)
    torch.backends.cudnn.benchmark = True  # each convolution's algorithm is the one measured as the fastest
    measure_look(bench, "compiled look", count, *limits, {"cudnn benchmark": looking(bench, pairs)})
    for module in (model.pyramid, model.decoder):
        module.compile(dynamic=False)
    begun = time.perf_counter()
    looking(bench, pairs)()
    bench.wait()
    bench.tell("compiled look", compiling_s=time.perf_counter() - begun)
    measure_look(bench, "compiled look", count, *limits, {"compiled": looking(bench, pairs)})


# -- area -------------------------------------------------------------------------------------


def area(bench: Bench) -> None:
    import numpy as np

    from diachron.mapping import map_tiles
    from diachron.progress import Progress
    from diachron.rasters.grid import Window
    from diachron.rasters.stack import Block

    side = 300 if bench.small else 4096
    images = np.random.default_rng(0).integers(0, 256, (2, 3, side, side), np.uint8)
    valid = np.ones((2, side, side), bool)

    def read(window: Any) -> Any:
        rows, columns = window.slices
        return Block(images[:, :, rows, columns], valid[:, rows, columns])

    grid = types.SimpleNamespace(width=side, height=side, gsd_m=0.5, whole=Window(0, 0, side, side))
    stack: Any = types.SimpleNamespace(grid=grid, dates=(0, 1), read=read)
    interpreter, spent = open_mini(bench), [0.0]
    look_at = interpreter.maps_together

    def maps_together(*rest: Any) -> Any:
        begun = time.perf_counter()
        maps = look_at(*rest)
        spent[0] += time.perf_counter() - begun
        return maps

    vars(interpreter)["maps_together"] = maps_together
    for batch in (1, 2) if bench.small else (16, 16, 64):
        interpreter.batch, spent[0] = batch, 0.0
        took_s = bench.time_s(lambda: map_tiles(stack, interpreter, asked(), interpreter.vocabulary, Progress()), 1, 0)
        bench.tell("area", side_px=side, tiles_at_once=batch, seconds=took_s, of_it_looks_s=spent[0],
                   megapixels_a_second=side**2 / 1e6 / took_s)  # fmt: skip


# ---------------------------------------------------------------------------------------------

PARTS: dict[str, tuple[Callable[[Bench], None], float]] = {
    "ceilings": (ceilings, 12), "look": (look, 30), "text": (text, 45), "area": (area, 25),
    "tuned text": (tuned_text, 40), "compiled look": (compiled_look, 60),
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=80)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--small", action="store_true", help="tiny sizes, to see that all of it runs")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS), metavar="PART")
    options = parser.parse_args()
    let_rasters_be_missing()
    bench = Bench(options.device, small=options.small, seconds=options.seconds, json_file=options.json)
    with bench.part("imports", 40):
        importlib.import_module("diachron.model.loading")
        bench.tell("imports", seconds=time.perf_counter() - BEGUN)
    for name in options.only:
        work, most_s = PARTS[name]
        with bench.part(name, most_s):
            work(bench)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
