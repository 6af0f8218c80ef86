/** The left side: own conversations, what is offered, who waits, messages and call-backs. */

import { button, el, freshId, icon, Part } from "../widget/dom.js";
import { keep, put } from "./keyed.js";
import { dangerLabel, lasted, NATION, topicLabel } from "./labels.js";

export class Rail extends Part {
  constructor(client) {
    super();
    this.client = client;
    this.sections = {
      offers: new Section(this, "Offered", offerRow, { empty: null }),
      own: new Section(this, "Yours", ownRow, { empty: "Nobody yet. Take the next parent who waits." }),
      queue: new Section(this, "Waiting", queueRow, { empty: "Nobody waits." }),
      call_backs: new Section(this, "Messages and call-backs", callBackRow, { empty: "None are left." }),
    };
    this.next = button("Take the next", { class: "main-button", sign: "person" });
    this.sections.queue.head.append(this.next);
    this.tabIndex = -1;
    this.append(...Object.values(this.sections).map((section) => section.node));
  }

  wire(signal) {
    this.next.addEventListener("click", () => this.takeNext(), { signal });
  }

  takeNext() {
    const [first] = this.client.desk.queue;
    if (first) this.ask("take", first.conversation);
  }

  show() {
    const hadFocus = this.contains(document.activeElement);
    const { desk, me } = this.client;
    const holds = desk.own.filter((one) => one.state === "agent").length;
    for (const [name, section] of Object.entries(this.sections)) section.show(desk[name], this.client);
    put(this.sections.own.count, `${holds} of ${me.places}`);
    this.next.hidden = desk.queue.length === 0;
    if (hadFocus && !this.contains(document.activeElement)) (this.querySelector(".row-main") ?? this).focus();
  }
}

/** One list with its heading. */
class Section {
  constructor(rail, title, row, { empty }) {
    const id = freshId("section");
    this.rail = rail;
    this.row = row;
    this.count = el("span", { class: "count" });
    this.head = el("div", { class: "section-head" }, el("h2", { id }, title, " ", this.count));
    this.list = el("ul", { class: "rows", "aria-labelledby": id });
    this.empty = empty === null ? null : el("p", { class: "quiet" }, empty);
    this.node = el("section", { class: "section", "aria-labelledby": id }, this.head, this.list, this.empty);
  }

  show(entries, client) {
    keep(this.list, entries, {
      key: (entry) => entry.conversation,
      make: (entry) => makeRow(this.rail, entry, this.row),
      update: (node, entry) => updateRow(node, entry, this.row, client),
    });
    put(this.count, String(entries.length));
    this.list.hidden = entries.length === 0;
    if (this.empty) this.empty.hidden = entries.length > 0;
    else this.node.hidden = entries.length === 0;
  }
}

function makeRow(rail, { conversation: ref }, row) {
  const parts = {
    title: el("span", { class: "row-title" }, icon("alert"), el("span", {})), badge: el("span", { class: "badge" }), meta: el("span", { class: "row-meta" }),
    danger: el("span", { class: "row-danger" }, icon("alert"), el("span", {})), warn: el("span", { class: "row-warn" }),
  };
  const main = el("button", { type: "button", class: "row-main" },
    el("span", { class: "row-top" }, parts.title, parts.badge), parts.danger, parts.warn, parts.meta);
  main.addEventListener("click", () => rail.ask("open", ref));
  const actions = row.actions.map(([what, label]) => {
    const one = button(label, { class: "small-button", "aria-label": `${label} ${ref}` });
    one.addEventListener("click", () => rail.ask(what, ref));
    return one;
  });
  const node = el("li", { class: "row" }, main, actions.length ? el("div", { class: "row-actions" }, ...actions) : null);
  node.parts = { ...parts, main };
  return node;
}

function updateRow(node, entry, row, client) {
  const { main, title, badge, meta, danger, warn } = node.parts;
  const said = row.say(entry, client);
  const current = client.shown === entry.conversation;
  const isDanger = entry.urgent.includes(entry.topic);
  put(title.lastChild, isDanger ? dangerLabel(entry.urgent) : topicLabel(entry.topic));
  title.toggleAttribute("data-danger", isDanger);
  put(badge, said.badge ?? "");
  badge.hidden = !said.badge;
  put(danger.lastChild, entry.urgent.length ? dangerLabel(entry.urgent) : "");
  danger.hidden = isDanger || !entry.urgent.length;
  put(warn, said.warn ?? "");
  warn.hidden = !said.warn;
  put(meta, [entry.conversation, ...said.meta].filter(Boolean).join(" · "));
  node.toggleAttribute("data-urgent", entry.urgent.length > 0);
  if (current) main.setAttribute("aria-current", "true");
  else main.removeAttribute("aria-current");
  const actions = node.querySelector(".row-actions");
  if (actions && row.acts) actions.hidden = !row.acts(entry, client);
}

const place = (entry) => [entry.nation && NATION[entry.nation], entry.lang === "cy" && "Welsh"];
const since = (entry, client) => lasted(client.now - Date.parse(entry.since));

const ownRow = {
  actions: [],
  say(entry, client) {
    const { conversation: ref } = entry;
    const unread = client.unread(ref);
    const talk = client.talk(ref);
    const doing = entry.state === "wrap_up" ? `wrap up within ${lasted(Date.parse(entry.wrap_up_until) - client.now)}`
      : talk?.parentTyping ? "writing now" : entry.parent === "left" ? "left the page" : talk?.connected === false ? "not connected now" : `with you ${since(entry, client)}`;
    return { badge: unread ? `${unread} new` : null, meta: [doing, ...place(entry)] };
  },
};

const queueRow = {
  actions: [["take", "Take"]],
  say: (entry, client) => ({
    warn: entry.lost_agent ? "Lost their agent: first in line" : null,
    meta: [`waiting ${since(entry, client)}`, ...place(entry), entry.parent === "left" && "left the page", entry.safe_contact && "safe contact set"],
  }),
};

const callBackRow = {
  actions: [["take", "Take"]],
  say: (entry, client) => ({
    warn: contactWarning(entry.safe_contact),
    meta: [`left ${since(entry, client)} ago`, entry.safe_contact?.when && `safe: ${entry.safe_contact.when}`, ...place(entry)],
  }),
};

const offerRow = {
  actions: [["accept", "Accept"], ["decline", "Decline"]],
  acts: (entry, client) => entry.to.agent === client.me.agent,
  say(entry, client) {
    const left = Math.max(0, Math.round((Date.parse(entry.until) - client.now) / 1000));
    const mine = entry.to.agent === client.me.agent;
    const who = mine ? `from ${entry.from.name}` : `to ${entry.to.name}, not yet accepted`;
    return { meta: [who, `${left} s left`] };
  },
};

/** What must not happen when somebody calls; voicemail only where the parent said yes. */
export function contactWarning(contact) {
  if (!contact) return "No safe contact given: ask before you call";
  return contact.voicemail === true || contact.voicemail === "yes" ? null : "No voicemail";
}
