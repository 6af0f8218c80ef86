/**
 * What the service says in each state of the gallery, and what is done in the widget afterwards. People and amounts are
 * made up. `play` lists frames that follow the welcome; a number is not used: everything comes at once.
 */

const AT = "2026-11-23T10:42:00.000Z";
let seq = 0;
const event = (type, fields) => ({ type, seq: ++seq, at: AT, ...fields });
const says = (from, text, fields = {}) => event("message", { from, text, lang: "en", ...fields });
const parent = (text, fields) => says("parent", text, { id: crypto.randomUUID(), ...fields });
const assistant = (text, fields) => says("assistant", text, fields);
const service = (text, fields) => says("service", text, fields);
const state = (name, owner, fields = {}) => event("state", { state: name, owner, version: 2, ...fields });

export const GREETING = {
  text: "Hello. This is an automatic assistant for questions about child maintenance. You can ask for a person at any time.\n\nIf anyone is in danger now, call 999.\n\nWhat would help most today?",
  lang: "en",
  choices: [{ label: "What are my options?" }, { label: "I have a question about paying or receiving" }, { label: "Something is worrying me" }],
};

const SHELTER = {
  id: "shelter-england", name: "Shelter (England)", helps_with: "Housing advice when you may lose your home, have nowhere to stay or are told to leave.",
  phone: "0808 800 4444", phone_how: null, more_phones: [], relay: null, text: null, webchat: "on the website, limited hours", email: null,
  website: "https://england.shelter.org.uk", hours: "Monday to Friday 8am to 8pm", open: true, cost: "free", languages: ["English"], as_of: "2026-10-01",
};
const ADVICE = {
  id: "citizens-advice", name: "Citizens Advice", helps_with: "Free advice on money, letters, work and family.", phone: "0800 144 8848", phone_how: null,
  more_phones: [{ name: "Advicelink Cymru", phone: "0800 702 2020", nation: "wales" }], relay: "Relay UK, 18001 before the number", text: null,
  webchat: null, email: "help@advice.example", website: "https://www.citizensadvice.org.uk", hours: null, open: null, cost: "free",
  languages: ["English", "Welsh"], as_of: "2026-10",
};
const SAMARITANS = {
  id: "samaritans", name: "Samaritans", helps_with: "Somebody who listens, day or night, whatever is going on.", phone: "116 123", more_phones: [],
  text: null, webchat: null, email: null, website: "https://www.samaritans.org", hours: "24 hours a day, every day", open: true, cost: "free",
  languages: ["English"], as_of: "2026-10-01",
};
const SHOUT = {
  id: "shout", name: "Shout", helps_with: "Support by text message at any hour.", phone: null, text: "Text SHOUT to 85258", website: "https://giveusashout.org",
  hours: "24 hours a day, every day", open: true, cost: "free", languages: ["English"], as_of: "2026-10-01",
};
const EMERGENCY = {
  id: "emergency-999", name: "Emergency services", helps_with: "Police, ambulance or fire when somebody is in danger now.", phone: "999", text: null,
  website: null, hours: "24 hours a day, every day", open: true, cost: "free", languages: ["English"], as_of: "2026-10-01",
};
const ESTIMATE = {
  rate: "basic", rate_name: "Basic rate", weekly: "55.23", monthly: "239.33", annual: "2871.96", range: null, homes: [{ name: "A", children: 1, weekly: "55.23" }],
  steps: [
    { key: "income_year", text: "£28,000 a year before tax, divided by 365 days and times 7, is £536.99 a week.", value: "536.99" },
    { key: "basic", text: "The basic rate for 1 child is 12% of £536.99: £64.44 a week.", value: "64.44" },
    { key: "nights_same", text: "60 nights a year with the parent who pays take one seventh off: £64.44 becomes £55.23.", value: "55.23" },
  ],
  assumptions: ["This is an estimate. The Child Maintenance Service decides, from tax records and from what both parents say.", "No pension contributions are taken off, because none were given."],
  could_change: ["If the nights went from 60 to 104 a year, the formula would give about £46.03 a week."],
  fees: { collection: "collect_and_pay", paying_total: "66.28", receiving_total: "53.02" }, as_of: "2026-11-21",
  options: "Parents can agree any amount, more or less than this, or help in other ways. Paying for clothes, trips or childcare are some. An estimate is one starting point.",
  input: { income: { amount: "28000.00", period: "year" }, receiving_parents: [{ name: "A", children: [{ nights_per_year: 60, equal_care: false }] }], other_children_at_home: 0 },
};
const SAFE = {
  ...ESTIMATE, safety: "Your safety comes first. Nothing here has to be shared with the other parent.",
  options: "An estimate is one starting point. The Child Maintenance Service can act without any word between parents, and a person can go through it with you.",
};

const housing = () => [
  parent("my wife has told me to leave my home, and she wants £200 a week"),
  assistant("Being told to leave your home, with a sum of money on top, is a lot at once. You do not have to agree to anything today.\n\nWhich nation do you live in, so that I can name the right help for the house?", {
    topic: "housing", choices: [{ id: "c1", label: "England" }, { id: "c2", label: "Wales" }, { id: "c3", label: "Scotland" }, { id: "c4", label: "Northern Ireland" }],
  }),
];
const answered = () => [
  parent("What are my options?"),
  assistant("There are three ways, and none of them is the goal. Parents can agree between themselves, use the Child Maintenance Service, or ask a court in some cases.\n\nWould it help to look at one of them, or at something else?", {
    topic: "options.overview", sources: [{ title: "GOV.UK: making a child maintenance arrangement", as_of: "2025-01" }],
    choices: [{ id: "c1", label: "Agree between ourselves" }, { id: "c2", label: "The statutory service" }],
  }),
];
const waiting = () => [
  ...answered(), parent("I would rather talk to a person", { button: "human" }), state("queued", "queue", { topic: "human_request" }),
  service("A person from the team will join you in this chat. Your place is kept, also if this page closes.\n\nYou can go on writing here.", {
    choices: [{ id: "c1", label: "Stop waiting" }, { id: "c2", label: "Leave a message instead" }],
  }),
];
const withAgent = () => [
  ...waiting(), state("agent", "Sam"), says("agent", "Hello, I am Sam. I have read what you wrote about the letter and the house, so you do not need to repeat it.", { name: "Sam" }),
  parent("thank you. the letter gives me two weeks"),
];
const urgentTurn = () => [
  parent("i cant see a way through this any more"),
  event("urgent", {
    kind: "self_harm", lang: "en", organisations: [EMERGENCY, SAMARITANS, SHOUT], in_reply_to: seq,
    text: "Thank you for telling me this. You do not have to get through tonight alone.\n\nHere is who can be with you on the phone now. A person from the team is being brought in.",
  }),
  state("queued", "queue", { urgent: ["self_harm"] }),
];

/** A state: its name for people, the frames that are played, how the socket behaves, what is then done. */
export const STATES = {
  launcher: { title: "Floating button", closed: true },
  unread: { title: "Floating button, new message", closed: true, play: () => answered(), then: (w) => { w.open(); w.close(); }, later: () => [assistant("Is there anything else that would help?")] },
  connecting: { title: "Connecting", socket: "mute" },
  greeting: { title: "First words and starters" },
  conversation: { title: "A conversation with the assistant", play: answered },
  choices: { title: "Choices", play: housing },
  sending: { title: "A message on its way", play: answered, socket: "deaf", then: (w) => w.client.say("Is the money the only thing to agree on?") },
  typing: { title: "The assistant is writing", play: () => [...answered(), parent("and how is it worked out?"), { type: "typing", who: "assistant", on: true }] },
  "still-working": { title: "Still working", limits: { notice_after_ms: 0 }, play: () => [...answered(), parent("and how is it worked out?"), { type: "typing", who: "assistant", on: true }] },
  failed: { title: "A message that was not sent", play: answered, refuse: { code: "not_allowed", message: "not now" }, then: (w) => w.client.say("Can you help with the letter?") },
  "too-fast": { title: "Too many messages", play: answered, refuse: { code: "slow_down", message: "slow", retry_after_ms: 600_000 }, then: (w) => w.client.say("and another thing") },
  "too-long": { title: "Text longer than one message", play: answered, then: (w) => { w.form.text = "The letter says that I have to leave. ".repeat(56); } },
  cut: { title: "A message of which a part was kept", play: () => [parent("The letter says that I have to leave.", { cut: true })] },
  "empty-message": { title: "Nothing was written", play: answered, then: (w) => w.form.form.requestSubmit() },
  queue: { title: "Waiting for a person, with a place", play: () => [...waiting(), { type: "queue", position: 2, wait: { words: "Lately this took 2 to 5 minutes.", seconds: 300 } }] },
  agent: { title: "A person answers", play: () => [...withAgent(), { type: "receipt", who: "agent", seq }] },
  "agent-typing": { title: "A person is writing", play: () => [...withAgent(), { type: "typing", who: "agent", on: true }] },
  "message-left": { title: "A message was left", play: () => [...waiting(), state("message_left", null), service("Your message is with the team. Is there a safe way to reach you?")] },
  organisations: { title: "Organisations", play: () => [parent("who can help with the house?"), assistant("Here is who can help with the house:", { organisations: [SHELTER, ADVICE], outcome: "signpost" })] },
  urgent: { title: "Urgent help", play: urgentTurn },
  estimate: { title: "Estimate", play: () => [parent("28000 a year, 60 nights"), assistant("Here is what the formula gives.", { estimate: ESTIMATE, topic: "estimate.start", outcome: "estimate" })] },
  "estimate-open": {
    title: "Estimate with its steps", play: () => [assistant("Here is what the formula gives.", { estimate: { ...ESTIMATE, range: { low: "50.10", high: "60.20" }, homes: [...ESTIMATE.homes, { name: "B", children: 1, weekly: "20.00" }] } })],
    then: (w) => { for (const one of w.shadowRoot.querySelectorAll("details")) one.open = true; },
  },
  "estimate-safe": { title: "Estimate after a mention of fear", play: () => [assistant("Here is what the formula gives, for you alone.", { estimate: SAFE })] },
  "other-language": { title: "A message in the other language", play: () => [parent("Ydych chi'n siarad Cymraeg?", { lang: "cy" }), assistant("Ydw. Gallwch ysgrifennu yn Gymraeg.", { lang: "cy" })] },
  lost: { title: "Connection lost", play: answered, socket: "breaks", then: (w) => { w.form.text = "What I was about to say"; } },
  restarting: { title: "The service restarts", play: answered, socket: "restarts" },
  closed: { title: "The conversation was closed by the team", play: () => [...withAgent(), state("wrap_up", null), state("closed", null)] },
  ended: { title: "The parent ended it", play: answered, socket: "ends" },
  "not-found": { title: "A conversation that is gone", socket: "unknown" },
  origin: { title: "A page that may not use the chat", socket: "origin" },
  erased: { title: "Erased", play: answered, then: (w) => w.client.erase() },
  menu: { title: "Menu", play: answered, sheets: ["menu"] },
  copy: { title: "Copy of the conversation", play: answered, sheets: ["menu", "copy"] },
  nation: { title: "Nation", play: answered, sheets: ["menu", "nation"] },
  contact: { title: "Safe contact", play: answered, sheets: ["menu", "contact"] },
  "contact-saved": { title: "Safe contact, saved", play: answered, sheets: ["menu", "contact"], then: (w) => { w.sheet.querySelector("input[type=text]").value = "weekday mornings"; w.sheet.querySelector("form").requestSubmit(); } },
  safe: { title: "Staying safe", play: answered, sheets: ["menu", "safe"] },
  rating: { title: "Rating", play: answered, sheets: ["menu", "rate"], then: (w) => { w.sheet.querySelector("details").open = true; } },
  end: { title: "Ending, asked back", play: answered, sheets: ["menu", "end"] },
  erase: { title: "Erasing, asked back", play: answered, sheets: ["menu", "erase"] },
  "erase-refused": { title: "An action that failed", play: answered, refuse: { code: "unavailable", message: "not now" }, sheets: ["menu", "erase"], then: (w) => w.sheet.querySelector("form").requestSubmit() },
};

/** The frames of a state, numbered from 1. */
export function framesOf(name) {
  seq = 0;
  return STATES[name].play?.() ?? [];
}

export const laterFrames = (name) => STATES[name].later?.() ?? [];
