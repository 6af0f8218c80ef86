/** Who answers now, as a sign, a sentence's key and its blanks. Pure. */

export function whoAnswers(conversation, status) {
  if (conversation.state === "erased") return { sign: "done", key: "who.erased" };
  if (status.phase === "gone" && status.reason === "ended") return { sign: "done", key: "who.closed" };
  if (status.phase === "gone") return { sign: "lost", key: "who.gone" };
  if (!conversation.welcomed) return { sign: "lost", key: status.phase === "lost" ? "who.lost" : "who.connecting" };
  switch (conversation.state) {
    case "assistant":
      return { sign: "assistant", key: "who.assistant" };
    case "agent":
      return { sign: "person", key: "who.agent", name: conversation.owner };
    case "queued":
      return inTheQueue(conversation.queue);
    case "message_left":
      return { sign: "done", key: "who.message_left" };
    default:
      return { sign: "done", key: "who.closed" };
  }
}

function inTheQueue(queue) {
  if (!queue?.position) return { sign: "queue", key: "who.queued" };
  return { sign: "queue", key: "who.queued_at", position: queue.position, wait: queue.wait };
}

/** The sentence itself; the service's own words for the wait follow it. */
export function whoInWords({ key, name, position, wait }, words) {
  return [words.say(key, { name: name ?? words.say("from.someone"), position }), wait].filter(Boolean).join(" ");
}
