"""The memory of a conversation travels with each turn; nothing is kept here between turns.

`Memory` is what the gateway stores for us: the slots that were filled and the form that is open, a few hundred bytes
however long the conversation is. `TurnMemory` is Rasa's tracker store for the one turn that is being answered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, Mapping, Optional, Text

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, DEFAULT_SLOT_NAMES, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, ActiveLoop, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

FORMAT = 1
OF_ONE_TURN = ("open_question",)
"""Slots that say something about the turn alone."""
LONGEST_VALUE = 2000
"""Characters of JSON that one slot may take in the memory; a longer value is forgotten rather than carried."""


class MalformedMemory(ValueError):
    """The memory that came with a turn is not one that we gave out."""


@dataclass(frozen=True)
class Memory:
    """What the dialogue knows at the end of a turn."""

    slots: Mapping[Text, Any] = field(default_factory=dict)
    loop: Optional[Text] = None
    requested: Optional[Text] = None
    rejected: bool = False

    @classmethod
    def from_json(cls, raw: Any) -> "Memory":
        """Read what `as_json` wrote. None is a new conversation. Raises MalformedMemory for anything else."""
        if raw is None:
            return cls()
        if not isinstance(raw, dict) or raw.get("format") != FORMAT or not isinstance(raw.get("slots"), dict):
            raise MalformedMemory("memory: not in the form that a turn returns")
        loop, requested = raw.get("loop"), raw.get("requested")
        if not all(name is None or isinstance(name, str) for name in (loop, requested)):
            raise MalformedMemory("memory: loop and requested are names or null")
        return cls(raw["slots"], loop, requested, raw.get("rejected") is True)

    @classmethod
    def of(cls, tracker: DialogueStateTracker, given: Mapping[Text, Any]) -> "Memory":
        """The memory after a turn. Slots `given` by the gateway with each turn, and unchanged, are not carried twice."""
        slots = {
            name: slot.value
            for name, slot in tracker.slots.items()
            if name not in DEFAULT_SLOT_NAMES
            and name not in OF_ONE_TURN
            and slot.value != slot.initial_value
            and not (name in given and given[name] == slot.value)
            and len(json.dumps(slot.value, default=str)) <= LONGEST_VALUE
        }
        loop = tracker.active_loop_name
        return cls(slots, loop, tracker.get_slot(REQUESTED_SLOT) if loop else None, tracker.is_active_loop_rejected)

    def as_json(self) -> Dict[Text, Any]:
        """Plain JSON for the gateway to store."""
        return {
            "format": FORMAT,
            "slots": dict(self.slots),
            "loop": self.loop,
            "requested": self.requested,
            "rejected": self.rejected,
        }

    def events(self, given: Mapping[Text, Any], domain: Domain) -> List[Event]:
        """Events that bring a new tracker to where the conversation stands, listening for the next message.

        What the model does not know any more, an older model's slot or form, is left out. `given` wins over what is
        remembered; a given null means that the gateway does not know, and takes nothing away.
        """
        known = {slot.name for slot in domain.slots}
        slots = {**self.slots, **{name: value for name, value in given.items() if value is not None}}
        events: List[Event] = [SlotSet(name, value) for name, value in slots.items() if name in known]
        if self.loop in domain.form_names:
            events += [ActiveLoop(self.loop), SlotSet(REQUESTED_SLOT, self.requested)]
            if self.rejected:
                events.append(ActionExecutionRejected(self.loop))
        events.append(ActionExecuted(ACTION_LISTEN_NAME))
        return events


class TurnMemory(TrackerStore):
    """Holds the trackers of turns in progress, and forgets each when the turn is taken out."""

    def __init__(self, domain: Optional[Domain] = None, event_broker: Any = None, **kwargs: Any) -> None:
        super().__init__(domain, None)
        self._trackers: Dict[Text, DialogueStateTracker] = {}

    @classmethod
    def create_tracker_store(cls, domain: Optional[Domain] = None, **kwargs: Any) -> "TurnMemory":
        """A store that keeps nothing on disk."""
        return cls(domain)

    def begin(self, turn_id: Text, events: Iterable[Event]) -> DialogueStateTracker:
        """Open a turn with the events of its memory."""
        tracker = DialogueStateTracker.from_events(turn_id, list(events), self.domain.slots, domain=self.domain)
        self._trackers[turn_id] = tracker
        return tracker

    def end(self, turn_id: Text) -> Optional[DialogueStateTracker]:
        """Close a turn: its tracker, which is not kept any longer."""
        return self._trackers.pop(turn_id, None)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the newest state of a turn until it ends."""
        self._trackers[tracker.sender_id] = tracker

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """The tracker of a turn in progress."""
        return self._trackers.get(sender_id)

    async def keys(self) -> Iterable[Text]:
        """The turns in progress."""
        return list(self._trackers)
