"""What hangs together through pairs."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def components(pairs: Iterable[tuple[Node, Node]]) -> dict[Node, Node]:
    """For every node of the pairs one node of its component, the same for all of them."""
    parent: dict[Node, Node] = {}

    def root(node: Node) -> Node:
        while (above := parent.setdefault(node, node)) != node:
            parent[node] = parent[above]
            node = above
        return node

    for one, other in pairs:
        parent[root(other)] = root(one)
    return {node: root(node) for node in list(parent)}
