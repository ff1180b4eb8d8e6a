"""Small models with attributes: effects and features; as in ``models``."""

import torch
from torch import Tensor, nn

from .models import Delay


class Effect(nn.Module):
    """Sound to sound, with a setting of every type, and a rate it does not know."""

    def __init__(self) -> None:
        super().__init__()
        self.gain, self.steps, self.is_on, self.mode = (0.5,), (3,), (True,), ("soft",)
        self.curve = torch.tensor([0.0, 1.0])
        self.pair = (0.25, 7)
        self.register_buffer("forward_params", torch.tensor([1, 1, 2, 1]))
        self.register_buffer("gain_params", torch.tensor([2]))
        self.register_buffer("steps_params", torch.tensor([1]))
        self.register_buffer("is_on_params", torch.tensor([0]))
        self.register_buffer("mode_params", torch.tensor([3]))
        self.register_buffer("curve_params", torch.tensor([4]))
        self.register_buffer("pair_params", torch.tensor([2, 1]))
        self.forward_input_labels = ["in"]
        self.forward_output_labels = ["left", "right"]

    @torch.jit.export
    def get_methods(self) -> list[str]:
        return ["forward"]

    @torch.jit.export
    def get_attributes(self) -> list[str]:
        return ["gain", "steps", "is_on", "mode", "curve", "pair", "none"]

    @torch.jit.export
    def get_sample_rate(self) -> int:
        return -1

    @torch.jit.export
    def get_gain(self) -> list[float]:
        return [self.gain[0]]

    @torch.jit.export
    def get_steps(self) -> int:
        return self.steps[0]

    @torch.jit.export
    def get_is_on(self) -> tuple[bool]:
        return self.is_on

    @torch.jit.export
    def get_mode(self) -> str:
        return self.mode[0]

    @torch.jit.export
    def get_curve(self) -> Tensor:
        return self.curve

    @torch.jit.export
    def get_pair(self) -> tuple[float, int]:
        return self.pair

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, x * self.gain[0]], 1)


class Box(nn.Module):
    """An effect and a feature extractor: two channels in, one out; loudness of blocks of 128 samples."""

    def __init__(self, rate: int = 44_100) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.rate, self.gain, self.mode = rate, 1.0, "soft"
        self.echo = Delay(1, 100)
        self.register_buffer("forward_params", torch.tensor([2, 1, 1, 1]))
        self.register_buffer("loudness_params", torch.tensor([1, 1, 2, 128]))
        self.register_buffer("gain_params", torch.tensor([2]))
        self.register_buffer("mode_params", torch.tensor([3]))
        self.loudness_output_labels = ["rms", "peak"]

    @torch.jit.export
    def get_methods(self) -> list[str]:
        return ["forward", "loudness"]

    @torch.jit.export
    def get_attributes(self) -> list[str]:
        return ["gain", "mode"]

    @torch.jit.export
    def get_sample_rate(self) -> int:
        return self.rate

    @torch.jit.export
    def get_gain(self) -> list[float]:
        return [self.gain]

    @torch.jit.export
    def set_gain(self, gain: float) -> int:
        if gain < 0.0:
            return -1
        self.gain = gain
        return 0

    @torch.jit.export
    def get_mode(self) -> list[str]:
        return [self.mode]

    @torch.jit.export
    def set_mode(self, mode: str) -> int:
        self.mode = mode
        return 0

    def forward(self, x: Tensor) -> Tensor:
        mono = (x[:, :1] + 0.5 * x[:, 1:]) * self.gain
        wet = mono + 0.5 * self.echo(mono)
        return torch.tanh(wet) if self.mode == "soft" else wet

    @torch.jit.export
    def loudness(self, x: Tensor) -> Tensor:
        blocks = x.reshape(x.shape[0], -1, 128)
        return torch.stack([blocks.square().mean(-1).sqrt(), blocks.abs().amax(-1)], 1)


class Table:
    """What a model keeps in a buffer: a sound, its rate, and how long it may be (nn~ 1.6)."""

    def __init__(self) -> None:
        self.value = torch.zeros(0, 0)
        self.rate = -1
        self.most = 4096

    def fill(self, sound: Tensor, rate: int) -> int:
        if sound.size(-1) > self.most:
            return -1
        self.value, self.rate = sound.clone(), rate
        return 0


class Shaper(nn.Module):
    """Sound times the mean of a curve, plus the first sample of a buffer: attributes of types tensor and buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.curve = (torch.tensor([1.0, 1.0]), 1.0)
        self.table = Table()
        self.register_buffer("forward_params", torch.tensor([1, 1, 1, 1]))
        self.register_buffer("curve_params", torch.tensor([4, 2]))
        self.register_buffer("table_params", torch.tensor([5]))

    @torch.jit.export
    def get_methods(self) -> list[str]:
        return ["forward"]

    @torch.jit.export
    def get_attributes(self) -> list[str]:
        return ["curve", "table"]

    @torch.jit.export
    def get_buffer_attributes(self) -> list[str]:
        return ["table#0"]

    @torch.jit.export
    def get_curve(self) -> tuple[Tensor, float]:
        return self.curve

    @torch.jit.export
    def set_curve(self, curve: Tensor, gain: float) -> int:
        self.curve = (curve, gain)
        return 0

    @torch.jit.export
    def get_table(self) -> str:
        return f"{self.table.value.size(-1)} at {self.table.rate}"

    @torch.jit.export
    def set_table(self, name: str) -> int:
        return 0

    @torch.jit.export
    def set_buffer_attribute(self, name: str, sound: Tensor, rate: int) -> int:
        return self.table.fill(sound, rate) if name == "table#0" else -1

    @torch.jit.export
    def clear_buffer_attribute(self, name: str) -> None:
        self.table.value = torch.zeros(0, 0)

    @torch.jit.export
    def get_sample_rate(self) -> int:
        return 48_000

    def forward(self, x: Tensor) -> Tensor:
        made = x * self.curve[0].mean() * self.curve[1]
        if self.table.value.numel() > 0:
            made = made + self.table.value.flatten()[0]
        return made
