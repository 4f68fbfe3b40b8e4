"""A device to measure on: what a piece of work must cost on it, and parts of a run that may fail or take too long."""

from __future__ import annotations

import json
import signal
import sys
import time
import traceback
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

if TYPE_CHECKING:
    from diachron.model.change_model import ChangeModel
    from diachron.model.interpreter import Interpreter

BEGUN = time.perf_counter()
RASTERS = ("rasterio", "affine", "pyproj", "pyogrio", "shapely", "cv2")


class Anything(type):
    """Gives a class any attribute."""

    def __getattr__(cls, name: str) -> type[Nothing]:
        return nothing(name)


class Nothing(metaclass=Anything):
    """Stands for what is in a library that is missing."""

    def __init__(self, *_: object, **__: object) -> None:
        """Take whatever the class would."""


def nothing(name: str) -> type[Nothing]:
    """Return a stand-in by name, but for what Python itself asks for."""
    if name.startswith("__"):
        raise AttributeError(name)
    return Nothing


class Missing(MetaPathFinder, Loader):
    """Lets the engine be imported where libraries for rasters are missing; nothing measured here calls them."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in RASTERS else None

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        module = types.ModuleType(spec.name)
        vars(module)["__getattr__"] = nothing
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to run."""


def let_rasters_be_missing() -> None:
    """Make imports of libraries for rasters succeed where they are not installed."""
    sys.meta_path.append(Missing())


def attention_flops(queries: Tensor, keys: Tensor, values: Tensor) -> int:
    """Return the operations of two products, [B, H, S, D] by [B, h, T, D] and back; the library's own count refuses
    keys and values that heads share (h < H).
    """
    batch, heads, length, width = queries.shape
    return 2 * batch * heads * length * keys.shape[-2] * (width + values.shape[-1])


class Layers(TorchDispatchMode):
    """Counts floating-point operations and bytes of each product, convolution and attention."""

    def __init__(self) -> None:
        super().__init__()
        self.works: list[tuple[float, float]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        count = flop_registry.get(func._overloadpacket)
        if count is not None:
            moved = [each.numel() * each.itemsize for each in tree_leaves((args, kwargs, out)) if torch.is_tensor(each)]
            flops = (
                attention_flops(*args[:3]) if "attention" in str(func) else count(*args, **(kwargs or {}), out_val=out)
            )
            self.works.append((flops, sum(moved)))
        return out


def out_of_time(*_: object) -> None:
    raise TimeoutError("the part took too long")


class Bench:
    """The run: device, sizes, ceilings, and what was found so far."""

    def __init__(self, device: str, *, small: bool, seconds: float, json_file: Path | None) -> None:
        self.device, self.small, self.json_file = torch.device(device), small, json_file
        self.gpu = self.device.type == "cuda"
        self.end_s = BEGUN + seconds
        self.flops, self.bytes_s = 1e12, 1e10
        self.found: dict[str, Any] = {}
        self.interpreter: Interpreter | None = None
        self.large: ChangeModel | None = None
        self.written: dict[str, list[int]] = {}
        self.out: Any = None

    def tell(self, part: str, **values: Any) -> None:
        """Print figures and write all there are."""
        kept = {name: float(f"{each:.4g}") if isinstance(each, float) else each for name, each in values.items()}
        self.found.setdefault(part, []).append(kept)
        told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in kept.items())
        print(f"[{time.perf_counter() - BEGUN:5.1f} s] {part}: {told}", flush=True)
        if self.json_file:
            self.json_file.write_text(json.dumps(self.found, indent=1) + "\n", encoding="utf-8")

    def wait(self) -> None:
        if self.gpu:
            torch.cuda.synchronize()

    def time_s(self, work: Callable[[], object], rounds: int = 5, warm_up: int = 2) -> float:
        """Return the mean time of a piece of work, the device's waited for."""
        for _ in range(warm_up):
            work()
        self.wait()
        begun = time.perf_counter()
        for _ in range(rounds):
            work()
        self.wait()
        return (time.perf_counter() - begun) / rounds

    @contextmanager
    def part(self, name: str, most_s: float) -> Iterator[None]:
        """Guard a part: what it raises is told, and it may take so long, or what is left."""
        left_s = self.end_s - time.perf_counter()
        left_s = left_s if self.small else min(most_s, left_s)
        try:
            if left_s < 1:
                raise TimeoutError("no time was left")
            signal.signal(signal.SIGALRM, out_of_time)
            signal.setitimer(signal.ITIMER_REAL, left_s)
            with torch.inference_mode():
                yield
        except Exception as error:
            self.tell(name, failed=f"{type(error).__name__}: {str(error)[:300]}")
            traceback.print_exc(limit=-4)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            if self.gpu:
                torch.cuda.empty_cache()

    def captured(self, work: Callable[[], Any]) -> Callable[[], Any]:
        """Return a piece of work as a CUDA graph that is launched again and again."""
        torch.cuda.empty_cache()  # what is captured takes memory of its own
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            work()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.out = work()
        return graph.replay
