"""Calls to the action server that cost little: one kept connection, a short body, a check that is made once.

Stock Rasa opens a connection for each call, sends the whole tracker and domain, and checks each answer with a schema
that jsonschema itself checks again every time: more than half of a turn. The classes here use the places where Rasa
lets one in (the endpoint, the action, the form), so Rasa's own files stay as they are.
"""

from __future__ import annotations

import functools
import itertools
import logging
from typing import Any, Dict, List, Optional, Text, Union

import aiohttp
import jsonschema
import rasa
from rasa.core.actions.action import Action, RemoteAction, action_for_name_or_text
from rasa.core.actions.forms import FormAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from dialogue import tracing

logger = logging.getLogger(__name__)

CALL_LIMIT_S = 5.0
"""An action that takes longer has failed; the turn as a whole has 8 seconds."""


class KeptConnection(EndpointConfig):
    """The action server, spoken to over connections that stay open."""

    _session: Optional[aiohttp.ClientSession] = None

    @classmethod
    def to(cls, endpoint: EndpointConfig) -> "KeptConnection":
        """The same endpoint with kept connections."""
        return cls(endpoint.url, endpoint.params, endpoint.headers, endpoint.basic_auth, endpoint.token)

    def session(self) -> aiohttp.ClientSession:
        """The one session; made on first use, when the event loop runs."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                headers=self.headers, timeout=aiohttp.ClientTimeout(total=CALL_LIMIT_S)
            )
        return self._session

    async def request(
        self,
        method: Text = "post",
        subpath: Optional[Text] = None,
        content_type: Optional[Text] = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Send one request, return its JSON."""
        kwargs.pop("timeout", None)
        with tracing.span(f"call {kwargs.get('json', {}).get('next_action', '')}"):
            async with self.session().request(
                method, self.url, params=self.combine_parameters(kwargs), compress=compress or None, headers=tracing.headers(), **kwargs
            ) as response:
                if response.status >= 400:
                    raise ClientResponseError(response.status, response.reason, await _refusal(response))
                return await response.json()

    async def answers(self) -> bool:
        """Whether the action server says that it is well."""
        if not self.url:
            return False
        health = self.url.rsplit("/", 1)[0] + "/health"
        try:
            async with self.session().get(health, timeout=aiohttp.ClientTimeout(total=1)) as response:
                return response.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False
        except Exception as broken:  # asyncio.TimeoutError is no TimeoutError in Python 3.10
            logger.debug("Action server is not well: %r", broken)
            return False

    async def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()


async def _refusal(response: aiohttp.ClientResponse) -> bytes:
    """Why an action refused. What a broken one says repeats the request, so a parent's words: that goes into no log."""
    return await response.content.read() if response.status < 500 else b""


@functools.lru_cache(maxsize=1)
def _answer_schema() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(RemoteAction.action_response_format_spec())


class LeanRemoteAction(RemoteAction):
    """A custom action, called with what our actions need: slots, the last message and what happened since."""

    def _action_call_format(self, tracker: DialogueStateTracker, domain: Domain) -> Dict[Text, Any]:
        return {
            "next_action": self.name(),
            "sender_id": tracker.sender_id,
            "version": rasa.__version__,
            "tracker": {
                "sender_id": tracker.sender_id,
                "slots": tracker.current_slot_values(),
                "latest_message": _message(tracker),
                "latest_action_name": tracker.latest_action_name,
                "active_loop": _loop(tracker),
                "events": _events_of_turn(tracker),
                "paused": False,
                "followup_action": None,
            },
            "domain": _domain_for(self.name(), domain),
        }

    def _validate_action_result(self, result: Any) -> bool:
        problem = next(_answer_schema().iter_errors(result), None)
        if problem is not None:
            raise RasaException(f"Action '{self.name()}' answered in a form that is not known: {problem.message}")
        return True

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> List[Event]:
        """Call the action. A failure is told to the channel: half an answer must not look like one."""
        try:
            return await super().run(output_channel, nlg, tracker, domain)
        except Exception as broken:
            # ActionExecutionRejection is an answer, not a failure.
            if not _is_rejection(broken):
                tell = getattr(output_channel, "action_failed", None)
                if tell is not None:
                    tell(self.name(), broken)
            raise


class LeanForm(FormAction):
    """A form whose checks go through LeanRemoteAction."""

    async def validate_slots(
        self,
        slot_candidates: Dict[Text, Any],
        tracker: DialogueStateTracker,
        domain: Domain,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
    ) -> List[Union[SlotSet, Event]]:
        """Ask `validate_<form>` about the candidates, as the stock form does."""
        validate = f"validate_{self.name()}"
        if validate not in domain.action_names_or_texts:
            return []
        candidates: List[Event] = [SlotSet(name, value) for name, value in slot_candidates.items()]
        asked = self._temporary_tracker(tracker, candidates, domain)
        return await LeanRemoteAction(validate, self.action_endpoint).run(output_channel, nlg, asked, domain)

    async def _ask_for_slot(
        self,
        domain: Domain,
        nlg: NaturalLanguageGenerator,
        output_channel: OutputChannel,
        slot_name: Text,
        tracker: DialogueStateTracker,
    ) -> List[Event]:
        name = self._name_of_utterance(domain, slot_name)
        if not name:
            return []
        return await lean_action(name, domain, self.action_endpoint).run(output_channel, nlg, tracker, domain)


def lean_action(name: Text, domain: Domain, endpoint: Optional[EndpointConfig]) -> Action:
    """The action with this name, in its lean kind where there is one."""
    action = action_for_name_or_text(name, domain, endpoint)
    if type(action) is RemoteAction:
        return LeanRemoteAction(name, endpoint)
    if type(action) is FormAction:
        return LeanForm(name, endpoint)
    return action


def _is_rejection(error: Exception) -> bool:
    from rasa.core.actions.action import ActionExecutionRejection

    return isinstance(error, ActionExecutionRejection)


def _message(tracker: DialogueStateTracker) -> Dict[Text, Any]:
    message = tracker.latest_message
    if message is None:
        return {}
    return {
        "text": message.text,
        "intent": message.intent,
        "entities": message.entities,
        "intent_ranking": (message.parse_data or {}).get("intent_ranking", []),
    }


def _loop(tracker: DialogueStateTracker) -> Dict[Text, Any]:
    loop = tracker.active_loop
    return {"name": loop.name, "rejected": loop.rejected} if loop else {}


def _events_of_turn(tracker: DialogueStateTracker) -> List[Dict[Text, Any]]:
    since: List[Event] = list(
        itertools.takewhile(lambda event: not isinstance(event, UserUttered), reversed(tracker.events))
    )
    return [event.as_dict() for event in reversed(since)]


def _domain_for(action: Text, domain: Domain) -> Dict[Text, Any]:
    """The part of the domain that rasa_sdk reads: a form's slots, for the action that checks them."""
    form = action[len("validate_") :] if action.startswith("validate_") else None
    if form not in domain.form_names:
        return {}
    required = domain.required_slots_for_form(form)
    mappings = {slot.name: {"mappings": slot.mappings} for slot in domain.slots if slot.name in required}
    return {"forms": {form: {"required_slots": required}}, "slots": mappings}
