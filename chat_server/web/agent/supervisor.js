/** For supervisors: who waits, who has whom, and the records of who did and read what. */

import { button, el, freshId, Part } from "../widget/dom.js";
import { agentCall } from "./api.js";
import { dialog, field, inWords, select } from "./dialog.js";
import { keep, put } from "./keyed.js";
import { DANGER, dangerLabel, lasted, OUTCOME, ROLE, STATE, STATUS, topicLabel } from "./labels.js";
import { passOn } from "./talk-dialogs.js";

export class Board extends Part {
  constructor(client, desk) {
    super();
    Object.assign(this, { client, desk });
    this.hidden = true;
    const since = (entry) => lasted(client.now - Date.parse(entry.since));
    const act = (label, run) => (entry) => {
      const one = button(label, { class: "small-button", "aria-label": `${label} ${entry.conversation}` });
      one.addEventListener("click", () => run(entry.conversation));
      return one;
    };
    const assign = act("Assign", (ref) => passOn(client, ref, "assign"));
    const look = act("Watch", (ref) => desk.open(ref));
    const open = act("Look", (ref) => desk.open(ref));
    const codesOff = ({ agent, name }) => {
      const one = button("Codes off", { class: "small-button", "aria-label": `Codes off for ${name}` });
      one.addEventListener("click", () => takeCodesOff(agent, name));
      return one;
    };
    const what = (entry) => [topicLabel(entry.topic), entry.urgent.length ? dangerLabel(entry.urgent) : ""].filter(Boolean).join(". ");
    this.tables = [
      new Table("Waiting", ["Conversation", "About", "Waiting", "Do"], () => client.desk.queue, (e) => [e.conversation, what(e), `${since(e)}${e.lost_agent ? ", lost their agent" : ""}`], [assign, open]),
      new Table("With an agent", ["Conversation", "About", "Agent", "For", "Do"], () => client.desk.held, (e) => [e.conversation, what(e), e.name, since(e)], [look]),
      new Table("Messages and call-backs", ["Conversation", "About", "Left", "Do"], () => client.desk.call_backs, (e) => [e.conversation, what(e), `${since(e)} ago`], [assign, open]),
      new Table("Agents", ["Name", "Role", "Status", "Places taken", "Do"], () => client.desk.agents,
        (e) => [e.name, ROLE[e.role], e.here ? STATUS[e.status] : "Not here", `${e.holds} of ${e.places}`], [codesOff], (e) => e.agent),
    ];
    this.append(el("main", { class: "board" }, el("h2", { class: "unseen" }, "Board"), ...this.tables.map((one) => one.node)));
  }

  show() {
    for (const table of this.tables) table.show();
  }
}

/** For a colleague who has lost the phone that makes their codes. */
function takeCodesOff(agent, name) {
  return dialog({
    title: "Codes off", submit: "Take them off", danger: true,
    content: [el("p", {}, `${name} signs in with the password alone from then on, and every sign-in of theirs ends now. Be sure that it is ${name} who asks.`)],
    act: () => agentCall("POST", `/agents/${agent}/totp/reset`),
  });
}

/** A table that is kept up in place, with words where it is empty. */
class Table {
  constructor(title, heads, entries, cells, acts, key = (e) => e.conversation) {
    Object.assign(this, { entries, cells, acts, key });
    const id = freshId("table");
    this.count = el("span", { class: "count" });
    this.body = el("tbody", {});
    this.table = el("table", { "aria-labelledby": id }, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))), this.body);
    this.none = el("p", { class: "quiet" }, "None now.");
    this.frame = el("div", { class: "table-frame", tabindex: "0", role: "group", "aria-labelledby": id }, this.table);
    this.node = el("section", {}, el("h3", { id }, title, " ", this.count), this.frame, this.none);
  }

  show() {
    const entries = this.entries();
    keep(this.body, entries, {
      key: this.key,
      make: (entry) => {
        const cells = this.cells(entry).map((_, at) => el(at ? "td" : "th", at ? {} : { scope: "row" }));
        return el("tr", {}, ...cells, this.acts.length ? el("td", {}, el("div", { class: "row-actions" }, ...this.acts.map((act) => act(entry)))) : null);
      },
      update: (row, entry) => this.cells(entry).forEach((text, at) => put(row.children[at], text)),
    });
    put(this.count, String(entries.length));
    this.frame.hidden = !entries.length;
    this.none.hidden = entries.length > 0;
  }
}

const CAUSES = {
  "": "Anything", watched: "Opened on the desk", read: "Read as a transcript", claimed: "Taken", released: "Given back to the queue", returned: "Returned to the assistant",
  transferred: "Transferred", offered: "Offered", declined: "Declined", withdrawn: "Offer taken back", wrapped: "Wrapped up", recorded: "Outcome recorded", lease_lost: "Agent lost",
  danger: "Danger marked", danger_lifted: "Danger mark taken off", handover: "Handed over", ended: "Ended", erased: "Erased", reopened: "Opened again",
  totp_on: "Codes of an app on", totp_off: "Codes of an app off", totp_reset: "Codes of an app taken off", recovery_code_used: "Recovery code used",
  agent_added: "Added by the organisation", role_changed: "Role changed by the organisation",
};

/** The audit and the readings report. */
export class Records extends Part {
  #asked = 0;

  constructor(client) {
    super();
    this.client = client;
    this.hidden = true;
    this.ref = el("input", { type: "text", maxlength: "16", autocomplete: "off", autocapitalize: "characters" });
    this.who = el("select", {});
    this.cause = select(Object.entries(CAUSES));
    this.since = el("input", { type: "date" });
    this.until = el("input", { type: "date" });
    this.form = el("form", { class: "search", novalidate: true }, field("Reference", this.ref), field("Who", this.who), field("What", this.cause),
      field("From", this.since), field("To", this.until), button("Search", { type: "submit", class: "main-button" }));
    this.said = el("p", { class: "quiet", role: "status" });
    this.body = el("tbody", {});
    this.older = button("Show older", { class: "small-button", hidden: true });
    this.reports = el("tbody", {});
    const head = (...names) => el("thead", {}, el("tr", {}, ...names.map((name) => el("th", { scope: "col" }, name))));
    this.append(el("main", { class: "board" },
      el("section", {}, el("h2", { id: "audit-title" }, "Audit"), el("p", { class: "hint" }, "Who did or read what. It holds no words of parents."), this.form, this.said,
        el("div", { class: "table-frame", tabindex: "0", role: "group", "aria-labelledby": "audit-title" }, el("table", { "aria-labelledby": "audit-title" }, head("When", "Conversation", "Who", "What", "State", "More"), this.body)), this.older),
      el("section", {}, el("h2", { id: "readings-title" }, "Readings"), el("p", { class: "hint" }, "How often each agent opened conversations, in the time chosen above."),
        el("div", { class: "table-frame", tabindex: "0", role: "group", "aria-labelledby": "readings-title" }, el("table", { "aria-labelledby": "readings-title" }, head("Agent", "Openings", "Conversations"), this.reports)))));
  }

  wire(signal) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.show();
    }, { signal });
    this.older.addEventListener("click", () => this.#find(this.next), { signal });
  }

  async show() {
    this.#people();
    await Promise.all([this.#find(), this.#read()]);
  }

  #people() {
    const chosen = this.who.value;
    const options = [["", "Anybody"], ...Object.entries(ACTORS), ...this.client.desk.agents.map((one) => [one.agent, one.name])];
    this.who.replaceChildren(...options.map(([value, label]) => el("option", { value, selected: value === chosen }, label)));
  }

  get #time() {
    const day = (input, later) => {
      if (!input.value) return null;
      const at = new Date(`${input.value}T00:00:00`);
      at.setDate(at.getDate() + later);
      return at.toISOString();
    };
    return { since: day(this.since, 0), until: day(this.until, 1) };
  }

  async #find(before = null) {
    const asked = ++this.#asked; // an answer to an earlier question comes too late
    try {
      const query = { conversation: this.ref.value.trim().toUpperCase(), agent: this.who.value, cause: this.cause.value, ...this.#time, before };
      const { lines, next } = await agentCall("GET", "/audit", { query });
      if (asked !== this.#asked) return;
      if (before === null) this.body.replaceChildren();
      this.body.append(...lines.map(auditRow));
      this.next = next;
      this.older.hidden = next === null;
      this.said.textContent = this.body.children.length ? `Lines shown: ${this.body.children.length}` : "Nothing was found.";
    } catch (problem) {
      this.said.textContent = inWords(problem);
    }
  }

  async #read() {
    try {
      const { agents } = await agentCall("GET", "/readings", { query: this.#time });
      this.reports.replaceChildren(...agents.map((one) => el("tr", {}, el("th", { scope: "row" }, one.name), el("td", {}, String(one.readings)), el("td", {}, String(one.conversations)))));
    } catch (problem) {
      this.said.textContent = inWords(problem);
    }
  }
}

const ACTORS = { parent: "The parent", service: "The service", screen: "The danger screen", command: "The command line" };

function detailInWords([key, value]) {
  if (key === "waited_s") return `waited ${lasted(value * 1000)}`;
  if (key === "kind") return DANGER[value] ?? value;
  if (key === "outcome") return OUTCOME[value] ?? value;
  return `${key.replaceAll("_", " ")}: ${value}`;
}

function auditRow({ at, conversation, actor, actor_name: name, cause, from_state: from, to_state: to, detail }) {
  const moved = from === to ? STATE[to] ?? to : `${STATE[from] ?? from} → ${STATE[to] ?? to}`;
  const more = Object.entries(detail ?? {}).map(detailInWords).join("; ");
  return el("tr", {}, el("td", {}, el("time", { datetime: at }, new Date(at).toLocaleString("en-GB"))), el("td", {}, conversation), el("td", {}, name ?? ACTORS[actor] ?? actor),
    el("td", {}, CAUSES[cause] ?? cause.replaceAll("_", " ")), el("td", {}, moved), el("td", {}, more));
}
