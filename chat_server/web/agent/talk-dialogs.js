/** What an agent decides about a conversation: wrap up, pass on, give back, marks of danger. */

import { el } from "../widget/dom.js";
import { dialog, field, picked, radios, select } from "./dialog.js";
import { keep, put } from "./keyed.js";
import { DANGER, OUTCOME, ROLE, STATUS } from "./labels.js";

const noteBox = (client) => el("textarea", { rows: "3", maxlength: client.limits.note_max });

/** End the talk. The outcome can be recorded now or within ten minutes. */
export function wrapUp(client, ref) {
  const wrapping = client.where(ref)?.entry.state === "wrap_up";
  const later = wrapping ? [] : [["later", "Record it later, within ten minutes"]];
  const outcome = radios("What became of it?", "outcome", [...client.outcomes.map((one) => [one, OUTCOME[one] ?? one]), ...later]);
  const note = noteBox(client);
  return dialog({
    title: wrapping ? "Record the outcome" : "Wrap up", submit: wrapping ? "Record it" : "End the talk",
    content: [
      el("p", {}, wrapping ? "The talk is over." : "The parent is told that the talk is over. They can write again at any time."),
      outcome, field("Private note (if you like)", note, "The parent never sees it."),
    ],
    act: () => {
      const chosen = picked(outcome);
      if (!chosen) throw new Error("Choose one of the outcomes");
      return client.change("wrap", ref, { ...(chosen === "later" ? {} : { outcome: chosen }), ...(note.value.trim() ? { note: note.value } : {}) });
    },
  });
}

/** Offer a conversation to somebody who is here. `type` is `transfer` or, for supervisors, `assign`. */
export async function passOn(client, ref, type) {
  const own = type === "transfer";
  const whom = radios("To whom?", "to", []);
  const nobody = el("p", {}, "No colleague is here now.");
  const show = () => {
    const here = client.desk.agents.filter((one) => one.here && !(own && one.agent === client.me.agent));
    keep(whom.list, here, { key: (one) => one.agent, make: (one) => whom.option(one.agent, ""), update: (node, one) => put(node.lastChild, personInWords(one)) });
    nobody.hidden = here.length > 0;
  };
  const reason = noteBox(client);
  show();
  client.addEventListener("change", show);
  await dialog({
    title: own ? "Transfer to a colleague or supervisor" : "Assign to an agent", submit: "Offer it",
    content: [
      el("p", {}, own ? "It stays with you until they accept, for up to two minutes. The parent is told when they have." : "They have two minutes to accept. Until then it keeps its place."),
      whom, nobody, field("What they need to know (if you like)", reason, "Kept as a private note. The parent never sees it."),
    ],
    act: () => {
      const to = picked(whom);
      if (!to) throw new Error("Choose a colleague");
      return client.change(type, ref, { to, ...(reason.value.trim() ? { reason: reason.value } : {}) });
    },
  });
  client.removeEventListener("change", show);
}

const personInWords = (one) => `${one.name} (${ROLE[one.role].toLowerCase()}, ${STATUS[one.status].toLowerCase()}, ${one.holds} of ${one.places} places taken)`;

export function giveBack(client, ref) {
  if (client.talk(ref)?.card?.urgent.length) {
    return dialog({ title: "Return to the assistant", content: [el("p", {}, "Not while a danger mark is on. Take the mark off first, and say why.")] });
  }
  return dialog({
    title: "Return to the assistant", submit: "Return it",
    content: [el("p", {}, "The automatic assistant answers again, and the parent is told so. They can ask for a person at any time.")],
    act: () => client.change("return", ref),
  });
}

export function release(client, ref) {
  return dialog({
    title: "Back to the queue", submit: "Give it back",
    content: [el("p", {}, "The parent goes to the head of the queue, and is told that somebody else will come.")],
    act: () => client.change("release", ref),
  });
}

export function markDanger(client, ref) {
  const kind = select(Object.entries(DANGER));
  return dialog({
    title: "Mark danger", submit: "Mark it", danger: true,
    content: [el("p", {}, "The parent is shown emergency help for this at once."), field("What may be happening", kind)],
    act: () => client.change("mark", ref, { kind: kind.value }),
  });
}

export function liftDanger(client, ref) {
  const marks = client.talk(ref)?.card?.urgent ?? [];
  const kind = select(marks.map((one) => [one, DANGER[one] ?? one]));
  const reason = el("input", { type: "text", maxlength: "200", autocomplete: "off" });
  return dialog({
    title: "Take a danger mark off", submit: "Take it off",
    content: [field("Mark", kind), field("Why", reason, "Kept in the audit.")],
    act: () => {
      if (!reason.value.trim()) throw new Error("Say why, in a few words");
      return client.change("lift", ref, { kind: kind.value, reason: reason.value });
    },
  });
}
