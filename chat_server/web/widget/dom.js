/** Building elements from values: text only ever becomes text, links only go to known kinds of address. */

const SAFE_LINK = /^(https?:|tel:|sms:|mailto:)/i;
const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  chat: "M4 5h16v11H9l-5 4V5Z",
  close: "M6 6l12 12M18 6 6 18",
  minimise: "M5 9l7 7 7-7",
  back: "M15 5l-7 7 7 7",
  menu: "M4 7h16M4 12h16M4 17h16",
  leave: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21c0-4.4 3.6-7 8-7s8 2.6 8 7",
  assistant: "M5 8h14v10H5V8Zm7-4v4M9 12v2M15 12v2",
  queue: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.5 2",
  done: "M5 12.5l4.5 4.5L19 7.5",
  alert: "M12 4 3 20h18L12 4Zm0 6v4.5M12 17.2v.3",
  send: "M4 12h15M13 6l6 6-6 6",
  phone: "M6 3h4l1.5 5-2.5 2a12 12 0 0 0 5 5l2-2.5 5 1.5v4c0 1-1 2-2 2C10.500 20 4 13.500 4 5c0-1 1-2 2-2Z",
  lost: "M4 4l16 16M5 10a10 10 0 0 1 4-2.500M19 10a10 10 0 0 0-6-3M8.500 14a5 5 0 0 1 5-1.300M12 18.500v.1",
};

/** An element with attributes and children; `null`, `undefined` and `false` leave something out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A drawn sign beside words; hidden from screen readers, since the words say it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button with words, and perhaps a sign before them. */
export function button(label, { sign, ...attributes } = {}) {
  return el("button", { type: "button", ...attributes }, sign && icon(sign), el("span", {}, label));
}

/** A button that shows a sign only; its name is for those who do not see it, and for those who point at it. */
export function signButton(label, sign, attributes = {}) {
  return el("button", { type: "button", class: "sign-button", "aria-label": label, title: label, ...attributes }, icon(sign));
}

/** A link, or its words alone where the address is of no known kind. */
export function link(address, label, attributes = {}) {
  const href = String(address ?? "").trim();
  if (!SAFE_LINK.test(href)) return el("span", {}, label);
  const away = /^http/i.test(href) ? { target: "_blank", rel: "noopener noreferrer" } : {};
  return el("a", { href, ...away, ...attributes }, label);
}

/** A telephone number as a link that dials it. */
export function telephone(number, attributes = {}) {
  return link(`tel:${number.replace(/[^\d+]/g, "")}`, number, attributes);
}

/* Addresses and British numbers inside a sentence; an amount such as £999 is no number to dial. */
const ADDRESS_OR_NUMBER =
  /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])|(?<![\d£.,])(0\d{2,4} ?\d{3} ?\d{3,4}|0800 ?\d{4,7}|116 ?(?:123|111|000)|999)(?![\d%]|[.,]\d)/g;

/** Text with its web addresses and telephone numbers as links. */
export function linked(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(ADDRESS_OR_NUMBER)) {
    parts.push(text.slice(from, found.index));
    parts.push(found[1] ? link(found[1], found[1].replace(/^https?:\/\//, "")) : telephone(found[2]));
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part !== "");
}

/** Text as paragraphs, cut at blank lines. */
export function paragraphs(text, { links = true } = {}) {
  return String(text ?? "").split(/\n\s*\n/).map((part) => part.trim()).filter(Boolean)
    .map((part) => el("p", {}, links ? linked(part) : part));
}

let last = 0;
/** An id that is unique on the page, to tie a label or a description to its field. */
export const freshId = (name) => `${name}-${++last}`;

/** An element that hears events while it is on the page and stops hearing all of them when it leaves. */
export class Part extends HTMLElement {
  connectedCallback() {
    this.ears = new AbortController();
    this.wire(this.ears.signal);
  }

  disconnectedCallback() {
    this.ears.abort();
  }

  /** Add listeners; each takes the signal. */
  wire(_signal) {}

  /** Tell the frame what was asked for, as an event named `chat-<what>`. */
  ask(what, detail) {
    this.dispatchEvent(new CustomEvent(`chat-${what}`, { detail, bubbles: true, composed: true }));
  }
}
