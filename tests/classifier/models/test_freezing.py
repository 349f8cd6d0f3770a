"""What of a network is frozen by depth."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from classifier.models.build import build, head_of
from classifier.models.freezing import NORMS, depth_of, freeze_backbone, freeze_stages, frozen_count, stages_of, told
from classifier.models.make_stages import stages_row
from classifier.models.unallocated import Unallocated
from classifier.spec.catalogue import MODELS, ModelEntry
from classifier.spec.config import TrainConfig
from classifier.spec.depth import frozen_in, share_at, thaws_in
from classifier.spec.errors import ConfigError
from classifier.spec.stages import STAGES
from classifier.training.optim import UNDECAYED


def net(name: str = "resnet18") -> nn.Module:
    return build(name, 3, image_size=MODELS[name].image_size)


def learning(model: nn.Module) -> set[str]:
    """The first part of the names of the parameters that learn."""
    return {name.split(".")[0] for name, parameter in model.named_parameters() if parameter.requires_grad}


@pytest.mark.parametrize("entry", MODELS.values(), ids=lambda entry: entry.name)
def test_each_weight_of_a_networks_backbone_is_in_exactly_one_stage(entry: ModelEntry):
    with Unallocated():
        model = build(entry.name, 7, image_size=entry.image_size)
    stages = stages_of(model)
    staged = [id(parameter) for stage in stages.values() for part in stage for parameter in part.parameters()]
    head = {id(parameter) for parameter in head_of(model)[1].parameters()}
    loose = [name for name, parameter in model.named_parameters() if id(parameter) not in {*staged, *head}]
    assert len(staged) == len(set(staged)) and not head & set(staged) and all(name.endswith(UNDECAYED) for name in loose)
    assert 4 <= len(stages) <= 40 and not any(isinstance(stage[0], NORMS) for stage in stages.values())


def test_the_stages_of_a_resnet_are_what_its_paper_calls_so():
    assert list(stages_of(net())) == ["conv1", "layer1", "layer2", "layer3", "layer4"]


def test_so_many_stages_are_frozen_from_the_image_on():
    model = net()
    freeze_stages(model, 3)
    assert learning(model) == {"layer3", "layer4", "fc"}


def test_a_norm_goes_with_the_stage_before_it():
    model = net()
    freeze_stages(model, 1)
    assert not model.bn1.train().training and not any(parameter.requires_grad for parameter in model.bn1.parameters())


def test_what_belongs_to_no_stage_is_frozen_with_the_first():
    model = net("vit_b_32")
    freeze_stages(model, 1)
    assert not model.class_token.requires_grad and not model.encoder.pos_embedding.requires_grad
    assert "encoder" in learning(model)


def test_thawed_stages_learn_again_with_their_norms():
    model = net()
    freeze_backbone(model)
    freeze_stages(model, 4)
    model.train()
    assert learning(model) == {"layer4", "fc"} and model.layer4[0].bn1.training and not model.layer3[0].bn1.training
    freeze_stages(model, 0)
    assert model.train().bn1.training and all(parameter.requires_grad for parameter in model.parameters())


def test_a_frozen_stage_stays_as_it_is_and_a_later_one_moves():
    model = build("resnet18", 3, image_size=32)
    freeze_stages(model, 4)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.train()(torch.rand(4, 3, 32, 32)).sum().backward()
    torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1).step()
    moved = {name.split(".")[0] for name, tensor in model.state_dict().items() if not torch.equal(before[name], tensor)}
    assert moved == {"layer4", "fc"}


@pytest.mark.parametrize(("freeze", "count"), [(None, 0), ("backbone", 5), (2, 2), (0.5, 2), (0.8, 4), (0.01, 1)])
def test_a_depth_is_a_number_of_stages_or_a_share_of_them(freeze, count):
    assert frozen_count(net(), freeze) == count


def test_more_stages_than_there_are_are_refused():
    with pytest.raises(ConfigError) as caught:
        frozen_count(net(), 6)
    assert "at most 5" in caught.value.fields["freeze"]


def test_stages_thaw_from_the_last_to_the_first():
    assert [frozen_in(3, 2, epoch) for epoch in range(1, 10)] == [3, 3, 2, 2, 1, 1, 0, 0, 0]
    assert frozen_in(3, None, 100) == 3


def test_the_epoch_in_which_a_stage_thaws_is_the_first_in_which_it_is_not_frozen():
    for place in range(4):
        first = next((epoch for epoch in range(1, 20) if frozen_in(3, 2, epoch) <= place), None)
        assert thaws_in(place, 3, 2) == first
    assert thaws_in(2, 3, None) is None and thaws_in(3, 3, None) == 1


@pytest.mark.parametrize("entry", MODELS.values(), ids=lambda entry: entry.name)
def test_the_stages_that_the_form_draws_are_the_networks_own(entry: ModelEntry):
    assert tuple(STAGES[entry.name]) == stages_row(entry.name)


def test_what_the_form_counts_as_frozen_is_what_is_frozen():
    model = net("vit_b_32")
    found = told(model, 3)
    assert found is not None and found["parameters"] == sum(size for _, size in STAGES["vit_b_32"].backbone[:3])


def test_a_depth_that_the_network_has_not_is_refused_with_the_configuration():
    with pytest.raises(ConfigError) as caught:
        TrainConfig.from_mapping({"model": "resnet18", "weights": "default", "freeze": 6})
    assert "at most 5" in caught.value.fields["freeze"]


def test_a_stage_learns_at_a_share_of_the_rate_of_the_one_behind_it():
    assert [share_at(depth, 0.5) for depth in range(3)] == [1.0, 0.5, 0.25] and share_at(4, None) == 1.0


def test_depth_counts_the_stages_between_a_weight_and_the_logits():
    depths = depth_of(net())
    assert (depths["fc.weight"], depths["layer4.0.conv1.weight"], depths["conv1.weight"], depths["bn1.bias"]) == (0, 1, 5, 5)


def test_what_is_frozen_is_told_by_name_and_size():
    model = net()
    found = told(model, 1)
    assert found is not None and (found["stages"], found["of"], found["parameters"]) == (["conv1"], 5, 64 * 3 * 49 + 2 * 64)
    assert told(model, 0) is None
