# SPDX-License-Identifier: Apache-2.0
"""Weights come from a folder, as safetensors, and nothing is asked of anybody."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from generation.recipes.flux2 import Flux2, loading
from generation.recipes.flux2.loading import Loaded
from generation.recipes.places import MissingWeights
from generation.recipes.specs import Spec
from tests.generation.recipes.flux2.conftest import PROMPTS

pytestmark = pytest.mark.xdist_group("torch")


def test_a_recipe_without_its_weights_says_so(spec: Spec, folder: Path) -> None:
    with pytest.raises(MissingWeights, match="no part 'base'"):
        loading.load(spec, {}, PROMPTS, "cpu")
    with pytest.raises(MissingWeights, match="no part 'base'"):
        loading.load(replace(spec, parts=()), {"base": folder}, PROMPTS, "cpu")


def test_the_networks_do_not_learn_and_draw_in_what_the_device_can(loaded: Loaded) -> None:
    for network in (loaded.pipeline.transformer, loaded.pipeline.vae):
        assert not network.training
        assert not any(one.requires_grad for one in network.parameters())
        assert network.dtype == torch.float32
    assert loading.dtype_of("cuda:0") == torch.bfloat16


def test_only_the_sampler_that_the_weights_were_made_for_is_known(loaded: Loaded) -> None:
    config = loaded.pipeline.scheduler.config
    one, two = (loading.scheduler("flow-euler", config) for _ in range(2))
    assert one is not two
    with pytest.raises(ValueError, match="expected the scheduler flow-euler, got 'euler'"):
        loading.scheduler("euler", config)


def test_the_machine_is_named_with_its_libraries(spec: Spec, folder: Path) -> None:
    machine = Flux2(spec, {"base": folder}, device="cpu", scenarios=PROMPTS).machine
    assert (machine.device, machine.dtype) == ("cpu", "float32")
    assert set(machine.versions) == set(loading.LIBRARIES)
