"""Every schedule of a small cluster, within stated bounds: an explicit-state search that finds shortest runs.

``model`` says what a protocol must say of itself, ``search`` goes through the states, ``result`` says what came of
it; ``raft`` is Raft's own model. Another protocol needs only a :class:`~.model.Model` value.
"""

from raftstep.simulation.explore.model import Act, Effect, Model
from raftstep.simulation.explore.result import Exploration, ScheduledEvent, SearchProgress
from raftstep.simulation.explore.search import Limits, Search, explore

__all__ = ["Act", "Effect", "Exploration", "Limits", "Model", "ScheduledEvent", "Search", "SearchProgress", "explore"]
