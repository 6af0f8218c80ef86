/** Names in plain words for what the protocol names by keys. */

export const DANGER = { self_harm: "Self-harm", domestic_abuse: "Domestic abuse", child_safety: "Child safety" };
export const NATION = { england: "England", wales: "Wales", scotland: "Scotland", northern_ireland: "Northern Ireland" };
export const STATUS = { available: "Available", busy: "Busy", away: "Away" };
export const ROLE = { agent: "Agent", supervisor: "Supervisor" };
export const STATE = {
  assistant: "With the assistant", queued: "Waiting for a person", agent: "With an agent", message_left: "Message left",
  wrap_up: "To wrap up", closed: "Closed", erased: "Erased",
};
export const OUTCOME = {
  helped: "Helped in the chat", signposted: "Pointed to other help", called_back: "Called back", not_reached: "Could not be reached",
  parent_left: "The parent left", other: "Something else",
};

/** `housing.told_to_leave` as "Housing: told to leave". */
export function topicLabel(topic) {
  if (!topic) return "No topic yet";
  if (topic in DANGER) return DANGER[topic];
  if (topic === "human_request") return "Asked for a person";
  const [family, rest] = topic.split(".");
  const words = (key) => key.replaceAll("_", " ");
  const begin = words(family)[0].toUpperCase() + words(family).slice(1);
  return rest ? `${begin}: ${words(rest)}` : begin;
}

export const dangerLabel = (kinds) => `Danger: ${kinds.map((kind) => (DANGER[kind] ?? kind).toLowerCase()).join(", ")}`;

/** A duration in a few letters. */
export function lasted(ms) {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  if (minutes < 1) return "under 1 min";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} days`;
}

/** Clock time today, with the date before that. */
export function clock(at) {
  const moment = new Date(at);
  const time = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (moment.toDateString() === new Date().toDateString()) return time;
  return `${moment.toLocaleDateString("en-GB", { day: "numeric", month: "short" })}, ${time}`;
}
