"""What Rasa asks for when a rule or form needs knowledge: slots in, `chat_server.core` called, keys and signals out.

An action names a key of `domain/wording/` and fills its blanks; it never says a sentence of its own.
"""

from actions import tracing

tracing.offer()
