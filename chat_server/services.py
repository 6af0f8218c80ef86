"""What the use cases work with: chosen once in `app`, passed to whoever needs it; tests pass their own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chat_server.assistant import Assistant
from chat_server.bus import Bus, Hub
from chat_server.core.opening import Opening
from chat_server.core.wording import Wording
from chat_server.danger_screen import DangerScreen
from chat_server.oidc import Provider
from chat_server.precedence import Precedence
from chat_server.rates import Rates
from chat_server.settings import Settings
from chat_server.store.unit_of_work import Store


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """The collaborators of the gateway. `worker` names this process where work is claimed."""

    settings: Settings
    store: Store
    bus: Bus
    hub: Hub
    assistant: Assistant
    wording: Wording
    opening: Opening
    rates: Rates
    worker: str
    provider: Provider | None = None
    clock: Callable[[], datetime] = now
    screen: DangerScreen = field(default_factory=DangerScreen)
    precedence: Precedence = field(default_factory=Precedence)
