"""Classes that belong together stand together, in groups that do not overlap."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from classifier.metrics.ordering import GROUPS, alike, by_tree, clustered, linked
from classifier.spec import synsets
from classifier.spec.imagenet import IDS


def blocks(size: int, of: int, seed: int = 0) -> np.ndarray:
    """Counts of classes that are mixed up within blocks of so many, numbered so that no two of a block are neighbours."""
    counts = np.eye(size, dtype=np.int64) * 40
    block = np.arange(size) % (size // of)
    chance = np.random.default_rng(seed)
    for i, j in zip(*np.nonzero(block[:, None] == block[None, :]), strict=True):
        if i != j:
            counts[i, j] = chance.integers(1, 5)
    return counts


def test_classes_that_are_mixed_up_stand_together():
    order = clustered(blocks(40, 5)).classes
    assert [len({number % 8 for number in order[start : start + 5]}) for start in range(0, 40, 5)] == [1] * 8


def test_groups_are_what_is_mixed_up():
    found = clustered(blocks(40, 5))
    assert [{number % 8 for number in found.classes[group.first : group.last + 1]} for group in found.groups] == [
        {number % 8} for number in (found.classes[start] for start in range(0, 40, 5))
    ]


@given(arrays(np.int64, (9, 9), elements=st.integers(0, 5)))
def test_every_class_stands_once_and_groups_do_not_overlap(counts):
    found = clustered(counts)
    assert sorted(found.classes) == list(range(9))
    ends = [place for group in found.groups for place in (group.first, group.last)]
    assert ends == sorted(ends) and all(group.first < group.last for group in found.groups)


@pytest.mark.parametrize("seed", range(5))
def test_clusters_are_those_of_scipy(seed):
    start = alike(np.random.default_rng(seed).integers(1, 1_000_000, (30, 30)))
    merges, left = linked(start)

    def members(pairs):
        clusters = [frozenset([number]) for number in range(30)]
        for one, other in pairs:
            clusters.append(clusters[one] | clusters[other])
        return set(clusters[30:])

    theirs = linkage(squareform(1 - start - np.diag(1 - np.diag(start)), checks=False), "average")
    assert members(merges) == members(theirs[:, :2].astype(int).tolist()) and len(left) == 1


def test_a_matrix_without_mistakes_stays_as_it_is():
    found = clustered(np.eye(20, dtype=np.int64))
    assert found.classes == list(range(20)) and found.groups == []


def imagenet():
    """The tree with the classes of ImageNet-1K."""
    ids = IDS.split() if isinstance(IDS, str) else list(IDS)
    children: dict[str, dict[str, None]] = {}
    for path in map(synsets.path, ids):
        for above, node in pairwise(path):
            children.setdefault(above, {})[node] = None
    below = {node: sorted(some) for node, some in children.items()}
    return by_tree(below, [synsets.path(ids[0])[0]], {id: number for number, id in enumerate(ids)}), ids


def test_the_tree_holds_every_class_of_imagenet_once_in_named_groups():
    order, ids = imagenet()
    assert sorted(order.classes) == list(range(len(ids)))
    assert 10 < len(order.groups) <= GROUPS and all(synsets.tree()[group.name].name for group in order.groups)


def test_dogs_stand_together():
    order, ids = imagenet()
    dogs = [place for place, number in enumerate(order.classes) if "n02084071" in synsets.path(ids[number])]
    assert len(dogs) == 118 and dogs == list(range(dogs[0], dogs[0] + 118))


def test_an_id_that_is_no_synset_has_no_path():
    assert synsets.path("cat") == [] and synsets.path("n99999999") == []


def test_a_thousand_classes_are_ordered_in_no_time():
    counts = blocks(1000, 10)
    clustered(counts)
    began = time.process_time()
    clustered(counts)
    assert time.process_time() - began < 1.0
