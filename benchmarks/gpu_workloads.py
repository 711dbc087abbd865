# SPDX-License-Identifier: Apache-2.0
"""What `gpu_portraits` measures: workloads, ways of running them, and the figures to reach."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

#: millions of parameters of the full-size networks; another number is another network
MILLIONS: Final[Mapping[str, float]] = {"unet": 2567.5, "vae": 83.7, "small vae": 2.45}
#: TFLOP of one forward pass of one row, counted on meta tensors: UNet, VAE, small VAE
TFLOP: Final[Mapping[int, tuple[float, float, float]]] = {
    1024: (6.761, 10.470, 0.565),
    512: (1.589, 2.515, 0.141),
}
#: of the UNet's operations at 1024, those of linear layers, which 8 bits may make twice as fast
LINEAR: Final = 4.354 / 6.761


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is drawn: size, steps, guidance. Units: pixels a side."""

    px: int
    steps: int
    guidance: float
    adapter: str = "faceid"

    @property
    def passes(self) -> int:
        """Count the UNet's rows a picture: guidance doubles them."""
        return self.steps * (2 if self.guidance > 1 else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One measurement: how many rows a pass, which decoder, which switches, what was hoped for."""

    work: Work
    rows: int
    way: str
    small: bool = False
    #: img/s to reach on one H200, and times the stock loop
    target: float | None = None
    times: float | None = None

    @property
    def tflop(self) -> float:
        """Say how many operations one picture takes. Units: TFLOP."""
        net, full, small = TFLOP[self.work.px]
        return net * self.work.passes + (small if self.small else full)

    @property
    def name(self) -> str:
        """Say what is measured, for a table."""
        work, decoder = self.work, "small" if self.small else "full"
        guided = f"guidance {work.guidance:g}" if work.guidance > 1 else "no guidance"
        rows = "one a call" if self.way == "stock" else f"{self.rows} a pass"
        drawn = f"{work.px} px, {work.steps} steps, {guided}, {decoder} decoder"
        return f"{drawn}, {work.adapter}, {self.way}, {rows}"


FEW_1024: Final = Work(px=1024, steps=4, guidance=1.0)
FEW_512: Final = Work(px=512, steps=4, guidance=1.0)
TWENTY: Final = Work(px=1024, steps=20, guidance=8.0)
#: `generation.recipes.sdxl.speed` options by name
WAYS: Final[dict[str, dict[str, Any]]] = {
    "eager": {},
    "blocks": {"channels_last": True, "fused_qkv": True, "compile": "blocks"},
    "deep": {"channels_last": True, "fused_qkv": True, "compile": "deep"},
    "cudnn": {
        "channels_last": True,
        "fused_qkv": True,
        "compile": "deep",
        "attention": "cudnn",
    },
    "fp8": {"channels_last": True, "fused_qkv": True, "compile": "deep", "eight_bit": "fp8"},
    "int8": {"channels_last": True, "fused_qkv": True, "compile": "deep", "eight_bit": "int8"},
}


def cases(part: str) -> Iterator[Case]:
    """List what a part measures, the figures that have a target first."""
    if part == "1024":
        yield from _few(FEW_1024, rows=(8, 1, 4, 16), full=8.0, small=12.0, times=1.8)
    elif part == "512":
        yield from _few(FEW_512, rows=(16, 1, 8, 32), full=None, small=None, times=4.0)
    elif part == "twenty":
        yield Case(work=TWENTY, rows=8, way="deep", target=1.25)
        yield Case(work=TWENTY, rows=8, way="fp8", target=1.7)
        yield Case(work=TWENTY, rows=8, way="int8", target=1.7)
        yield Case(work=TWENTY, rows=8, way="eager")
    else:
        for way in ("eager", "deep"):
            yield Case(work=replace(FEW_1024, adapter="plusface"), rows=8, way=way)


PARTS: Final = ("1024", "512", "twenty", "faces")


def _few(
    work: Work,
    *,
    rows: Sequence[int],
    full: float | None,
    small: float | None,
    times: float,
) -> Iterator[Case]:
    for way in ("deep", "fp8", "eager", "cudnn", "blocks", "int8"):
        own = rows if way in {"deep", "eager"} else rows[:1]
        for n in own:
            yield Case(work=work, rows=n, way=way, target=full, times=times)
            yield Case(work=work, rows=n, way=way, small=True, target=small, times=times)


SMOKE: Final = tuple(
    Case(work=Work(px=64, steps=2, guidance=guidance, adapter=adapter), rows=rows, way=way)
    for way, rows, guidance, adapter in (
        ("eager", 2, 8.0, "faceid"),
        ("int8", 2, 8.0, "faceid"),
        ("eager", 2, 1.0, "plusface"),
    )
)
