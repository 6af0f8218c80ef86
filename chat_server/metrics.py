"""Every metric, declared once with what it means. Names and durations; never what anybody wrote."""

from prometheus_client import Counter, Gauge, Histogram

# --- parents
ACCEPTED = Counter("chat_frames_accepted_total", "Durable frames of parents that were stored", ["type"])
REFUSED = Counter("chat_frames_refused_total", "Frames of parents that were refused", ["code"])
ACKNOWLEDGED_SECONDS = Histogram("chat_acknowledge_seconds", "From a parent's durable frame to its acknowledgement", buckets=(
    0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5))
URGENT = Counter("chat_urgent_total", "Times that emergency help was shown", ["kind", "found_by"])
EYE = Counter("chat_danger_eye_total", "Looks of the danger screen's eye, by how they ended: only when it looked did it add to the patterns", ["result"])
EYE_SECONDS = Histogram("chat_danger_eye_seconds", "How long a message waited for the eye", buckets=(
    0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5))
HANDOVERS = Counter("chat_handovers_total", "Conversations that went into the queue", ["topic"])
SOCKETS = Gauge("chat_sockets", "Open sockets of parents")
CLOSED = Counter("chat_sockets_closed_total", "Sockets that the service closed, by code", ["code"])

# --- the assistant
TURNS = Counter("chat_turns_total", "Turns of the assistant, by how they ended", ["result"])
TURN_SECONDS = Histogram("chat_turn_seconds", "From a parent's message to the assistant's answer", buckets=(
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 4, 8))

# --- agents
AGENT_SOCKETS = Gauge("chat_agent_sockets", "Open sockets of agents")
AGENT_ACTS = Counter("chat_agent_acts_total", "Acts of agents that were stored", ["type"])
AGENT_REFUSED = Counter("chat_agent_refused_total", "Frames of agents that were refused", ["code"])
WAITED = Histogram("chat_waited_seconds", "From the handover to an agent's claim", buckets=(
    15, 30, 60, 120, 300, 600, 1200, 3600))
LOST_AGENTS = Counter("chat_lost_agents_total", "Conversations whose agent was lost")
SIGN_INS = Counter("chat_sign_ins_total", "Tries of agents to sign in, by how they ended", ["result"])

# --- what the store says of the whole service: every gateway tells the same, so take the highest, never the sum
QUEUE = Gauge("chat_queue_waiting", "Conversations that wait for an agent", ["urgent"])
LONGEST_WAIT = Gauge("chat_queue_longest_wait_seconds", "How long the conversation that came first has waited", ["urgent"])
MESSAGES_LEFT = Gauge("chat_messages_left", "Messages and call-backs that nobody has taken up")
TURNS_WAITING = Gauge("chat_turns_waiting", "Messages of parents that the assistant has not answered yet")
OLDEST_TURN = Gauge("chat_turns_oldest_seconds", "How long the oldest of them has waited")
AGENTS_HERE = Gauge("chat_agents_here", "Agents whose console is open, by what they say of themselves", ["status"])

# --- the parts
UP = Gauge("chat_part_up", "Whether a part answers this gateway: store, bus, dialogue, actions, danger_eye", ["part"])
STORE_ERRORS = Counter("chat_store_errors_total", "Times that the database failed a unit of work or a reading")
BUS_LOST = Counter("chat_bus_lost_total", "Times that the bus lost a frame or its connection; the store has what was lost")
DRAINING = Gauge("chat_draining", "Whether this gateway says goodbye and takes nobody new")
BUILD = Gauge("chat_build_info", "1, with the version of the gateway and of the dialogue model", ["version", "model"])

# --- retention
RETENTION_RUNS = Counter("chat_retention_runs_total", "Runs of the retention rule, by how they ended", ["result"])
RETENTION_FORGOTTEN = Counter("chat_retention_forgotten_total", "Conversations whose words were deleted by the rule")
RETENTION_OVERDUE = Gauge("chat_retention_overdue", "Conversations whose words are past their time")
