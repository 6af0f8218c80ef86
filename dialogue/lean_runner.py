"""Runs the parts of the model in their order, one after the other.

Stock Rasa prunes the graph, hands it to dask and formats the whole tracker for a debug line at each run, three times a
turn; dask then runs the few parts in the same thread anyway.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Text, Tuple

from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner


class LeanRunner(DaskGraphRunner):
    """A graph runner that remembers which parts lead to which targets."""

    def run(
        self, inputs: Optional[Dict[Text, Any]] = None, targets: Optional[List[Text]] = None
    ) -> Dict[Text, Any]:
        """The outputs of the targets (see parent class)."""
        done: Dict[Text, Any] = dict(inputs or {})
        wanted = targets or self._graph_schema.target_names
        for name in self._order(tuple(wanted), frozenset(done)):
            node = self._instantiated_nodes[name]
            needs = self._graph_schema.nodes[name].needs.values()
            done[name] = node(*((need, done[need]) for need in needs if need in done))[1]
        return {name: done[name] for name in wanted}

    def _order(self, targets: Tuple[Text, ...], given: "frozenset[Text]") -> List[Text]:
        """The parts that the targets need, each after what it needs itself."""
        known: Dict[Any, List[Text]] = self.__dict__.setdefault("_orders", {})
        if (targets, given) not in known:
            order: List[Text] = []
            for target in targets:
                self._visit(target, given, order, ())
            known[targets, given] = order
        return known[targets, given]

    def _visit(self, name: Text, given: "frozenset[Text]", order: List[Text], path: Tuple[Text, ...]) -> None:
        if name in given or name in order or name not in self._graph_schema.nodes:
            return
        if name in path:
            raise GraphRunError(f"The parts of the model need each other: {' -> '.join((*path, name))}")
        for need in self._graph_schema.nodes[name].needs.values():
            self._visit(need, given, order, (*path, name))
        order.append(name)
